"""A document that changed, under the same address."""

import re
from datetime import UTC, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.documents.importing import Report, import_document
from knowledge.models import (
    Bookmark,
    Challenge,
    ChallengeSource,
    Entry,
    EntryRevision,
    EntrySource,
    Solution,
    Source,
    Vote,
)
from knowledge.policy import Viewer
from knowledge.services.entries import update_entry
from knowledge.services.reactions import add_bookmark, cast_vote
from knowledge.services.reviews import review_entry
from tests.cast import Cast
from tests.snapshot import every_row

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "https://example.com/readme"

FIRST = "# One\n## Technologies\n- Django: old\n- Redis: same\n"
SECOND = "# Two\n\n## Technologies\n- Redis: same\n- Django: new, with Docker\n- Docker: more\n"


def taken(viewer: Viewer, markdown: str, now: datetime = LATER, url: str = URL) -> Report:
    return import_document(viewer, markdown=markdown, url=url, now=now)[1]


def outcomes(report: Report) -> dict[str, str]:
    return {item.title: item.outcome for item in report.items}


def states(title: str) -> list[tuple[int, int, str, str]]:
    revisions = EntryRevision.objects.filter(entry__title=title).order_by("number")
    return list(revisions.values_list("number", "version", "state", "body"))


def test_what_it_alone_brought_in_is_updated(cast: Cast) -> None:
    viewer = cast.viewer("reviewer")
    taken(viewer, FIRST, NOW)
    redis = Entry.objects.values().get(title="Redis")
    report = taken(viewer, SECOND)
    assert outcomes(report) == {"Redis": "UNCHANGED", "Django": "UPDATED", "Docker": "CREATED"}
    assert (report.entries_updated, report.entries_created, report.kept) == (1, 1, 0)
    source = Source.objects.get()
    assert (source.title, source.imported_at, source.updated_at) == ("Two", NOW, LATER)
    django = Entry.objects.get(title="Django")
    assert (django.body, django.summary, django.revision, django.updated_at, django.published_at) == (
        "new, with Docker",
        "new, with Docker",
        2,
        LATER,
        NOW,
    )
    assert states("Django") == [(1, 1, "SUPERSEDED", "old"), (2, 1, "APPROVED", "new, with Docker")]
    assert Entry.objects.values().get(title="Redis") == redis
    assert {row.entry.title: row.line for row in source.entrysource_set.all()} == {"Redis": 4, "Django": 5, "Docker": 6}


def test_changed_and_changed_back(cast: Cast) -> None:
    viewer = cast.viewer("reviewer")
    taken(viewer, FIRST, NOW)
    taken(viewer, SECOND)
    assert outcomes(taken(viewer, FIRST)) == {"Django": "UPDATED", "Redis": "UNCHANGED"}
    assert Entry.objects.get(title="Django").body == "old"
    assert Entry.objects.get(title="Docker").source_count == 1
    before = every_row()
    taken(viewer, FIRST)
    assert every_row() == before


def test_what_was_edited_by_hand_is_kept(cast: Cast) -> None:
    viewer = cast.viewer("reviewer")
    taken(viewer, FIRST, NOW)
    update_entry(cast.viewer("staff"), entry_id=Entry.objects.get(title="Django").pk, body="By hand.")
    edited = Entry.objects.values().get(title="Django")
    report = taken(viewer, SECOND)
    assert outcomes(report) == {"Redis": "UNCHANGED", "Django": "KEPT", "Docker": "CREATED"}
    assert report.kept == 1
    assert Entry.objects.values().get(title="Django") == edited


def test_tags_added_by_hand_stay_and_are_held_with_all_others(cast: Cast) -> None:
    viewer = cast.viewer("reviewer")
    taken(viewer, FIRST, NOW)
    entry = Entry.objects.get(title="Django")
    update_entry(cast.viewer("staff"), entry_id=entry.pk, tags=["Django", "Web"])
    with CaptureQueriesContext(connection) as captured:
        assert outcomes(taken(viewer, SECOND))["Django"] == "UPDATED"
    assert sorted(tag.name for tag in entry.tags.all()) == ["Django", "Web"]
    statements = [query["sql"] for query in captured]
    holds = [sql for sql in statements if "knowledge_tag" in sql and "FOR NO KEY UPDATE" in sql]
    first, *later = [set(re.findall(r"\d+", sql[sql.index("IN (") : sql.index("ORDER")])) for sql in holds]
    assert later
    assert all(held <= first for held in later)


def test_what_another_document_names_as_well_is_kept(cast: Cast) -> None:
    viewer = cast.viewer("reviewer")
    taken(viewer, FIRST, NOW)
    taken(cast.viewer("author"), "## Technologies\n- Django: mine", url=URL + "/other")
    before = Entry.objects.values().get(title="Django")
    assert outcomes(taken(viewer, SECOND))["Django"] == "KEPT"
    assert Entry.objects.values().get(title="Django") == before


def test_a_contributors_change_is_handed_in_again(cast: Cast) -> None:
    viewer = cast.viewer("author")
    taken(viewer, FIRST, NOW)
    assert outcomes(taken(viewer, SECOND))["Django"] == "UPDATED"
    assert states("Django") == [(1, 2, "PENDING", "new, with Docker")]
    entry = Entry.objects.get(title="Django")
    assert (entry.status, entry.body) == ("IN_REVIEW", "new, with Docker")


def test_a_contributors_change_of_what_was_published_waits(cast: Cast) -> None:
    viewer = cast.viewer("author")
    taken(viewer, FIRST, NOW)
    entry = Entry.objects.get(title="Django")
    review_entry(cast.viewer("reviewer"), entry_id=entry.pk, verdict="APPROVE", now=NOW)
    assert outcomes(taken(viewer, SECOND))["Django"] == "UPDATED"
    assert states("Django") == [(1, 1, "APPROVED", "old"), (2, 1, "PENDING", "new, with Docker")]
    entry.refresh_from_db()
    assert (entry.status, entry.body, entry.revision) == ("PUBLISHED", "old", 1)
    assert outcomes(taken(viewer, FIRST.replace("old", "newer")))["Django"] == "KEPT"
    assert states("Django") == [(1, 1, "APPROVED", "old"), (2, 1, "PENDING", "new, with Docker")]


def test_staff_leaves_a_contributors_unpublished_entry_alone(cast: Cast) -> None:
    taken(cast.viewer("author"), FIRST, NOW)
    before = Entry.objects.values().get(title="Django")
    assert outcomes(taken(cast.viewer("staff"), SECOND))["Django"] == "KEPT"
    assert Entry.objects.values().get(title="Django") == before


PAIR = "## Challenges\n- **Challenge:** {title}\n  - {more}\n  - **Solution:** {solution}\n"
OPEN = "## Challenges\n- **Challenge:** Slow\n"


def test_a_challenge_that_says_more_now_is_updated(cast: Cast) -> None:
    viewer = cast.viewer("author")
    taken(viewer, PAIR.format(title="Slow", more="Very.", solution="Cache."), NOW)
    report = taken(viewer, PAIR.format(title="Slow", more="Very, at noon.", solution="Cache it well."))
    assert (report.challenges_updated, report.challenges_created, report.solutions_created) == (1, 0, 0)
    challenge, solution = Challenge.objects.get(), Solution.objects.get()
    assert (challenge.body, challenge.revision, challenge.updated_at) == ("Very, at noon.", 2, LATER)
    assert (solution.body, solution.body_html, solution.revision, solution.is_accepted) == (
        "Cache it well.",
        "<p>Cache it well.</p>\n",
        2,
        True,
    )


def test_a_solution_that_came_later_solves_the_challenge(cast: Cast) -> None:
    viewer = cast.viewer("author")
    taken(viewer, OPEN, NOW)
    report = taken(viewer, OPEN + "  - **Solution:** Cache.\n")
    assert (report.challenges_updated, report.solutions_created) == (1, 1)
    challenge = Challenge.objects.get()
    assert (challenge.status, challenge.solved_at, challenge.solutions.get().is_accepted) == ("SOLVED", LATER, True)
    before = every_row()
    taken(viewer, OPEN + "  - **Solution:** Cache.\n")
    assert every_row() == before


def test_a_challenge_edited_by_hand_is_kept(cast: Cast) -> None:
    viewer = cast.viewer("author")
    taken(viewer, PAIR.format(title="Slow", more="Very.", solution="Cache."), NOW)
    Solution.objects.update(body="By hand.")
    report = taken(viewer, PAIR.format(title="Slow", more="Very.", solution="Cache it well."))
    assert outcomes(report) == {"Slow": "KEPT"}
    assert Solution.objects.get().body == "By hand."


def test_what_a_document_names_no_more_stays_with_all_that_hangs_on_it(cast: Cast) -> None:
    viewer = cast.viewer("reviewer")
    taken(viewer, FIRST + "\n" + PAIR.format(title="Slow", more="Very.", solution="Cache."), NOW)
    kept = (Entry.objects.get(title="Redis"), Challenge.objects.get(), Solution.objects.get())
    add_bookmark(cast.viewer("peer"), model=Entry, subject_id=kept[0].pk)
    cast_vote(cast.viewer("peer"), model=Solution, subject_id=kept[2].pk, value=Vote.UP)
    rows = {type(row): type(row)._default_manager.values().get(pk=row.pk) for row in kept}
    links = (EntrySource.objects.count(), ChallengeSource.objects.count())

    report = taken(viewer, "# One\n## Technologies\n- Django: old\n")
    assert outcomes(report) == {"Django": "UNCHANGED"}
    assert {type(row): type(row)._default_manager.values().get(pk=row.pk) for row in kept} == rows
    assert (EntrySource.objects.count(), ChallengeSource.objects.count()) == links
    assert (Bookmark.objects.count(), Vote.objects.count()) == (1, 1)


def test_of_a_shared_challenge_a_document_changes_its_own_solution_alone(cast: Cast) -> None:
    taken(cast.viewer("author"), PAIR.format(title="Slow", more="Very.", solution="Cache."), NOW)
    other = URL + "/other"
    taken(cast.viewer("peer"), PAIR.format(title="Slow", more="Very.", solution="Index."), NOW, url=other)
    before = Challenge.objects.values().get()
    report = taken(cast.viewer("peer"), PAIR.format(title="Slow", more="Very.", solution="Index it."), url=other)
    assert outcomes(report) == {"Slow": "UPDATED"}
    assert sorted(Solution.objects.values_list("body", "author__username")) == [
        ("Cache.", "author"),
        ("Index it.", "peer"),
    ]
    assert Challenge.objects.values().get() == before
