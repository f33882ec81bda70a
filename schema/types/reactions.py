"""What can be voted on and what can be kept."""

from schema.planner.declare import PlannedUnion, connection_type
from schema.types.challenges import Challenge, Solution
from schema.types.entries import Entry


class VoteSubject(PlannedUnion):
    """What can be voted on."""

    class Meta:
        types = (Entry, Challenge, Solution)


class BookmarkSubject(PlannedUnion):
    """What can be kept."""

    class Meta:
        types = (Entry, Challenge)


BookmarkConnection = connection_type("Bookmark", lambda: BookmarkSubject, "bookmarks")
