"""A base with everything that an export holds and everything that it must not hold, and a way back to none."""

from datetime import UTC, datetime
from typing import Any

from django.db import connection

from knowledge.documents.importing import import_document
from knowledge.models import Challenge, Entry, Solution, Source, Tag
from knowledge.policy import COMMAND_LINE
from knowledge.services.aliases import Alias, replace_aliases
from knowledge.services.archive import archive_entry
from knowledge.services.challenges import close_challenge, create_challenge
from knowledge.services.entries import create_entry, update_entry
from knowledge.services.merging import merge_tags
from knowledge.services.reactions import cast_vote
from knowledge.services.reviews import review_entry, review_source
from knowledge.services.solutions import accept_solution, create_solution
from knowledge.services.vocabulary import create_tag, update_tag
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 8, 30, 0, 7, tzinfo=UTC)
URL = "https://example.com/readme"
TOLD = """# My year
## Technologies
- Django: pages
- Redis
## Challenges
- **Challenge:** Mails block Django for a minute
  - **Solution:** Hand them to Celery.
- **Challenge:** Nobody knows why tests fail
"""
BODY = """  indented

# A heading
---
nexus: '1'
document: tag
---
```python
print("---")
```
<!-- solution -->

| a | b |
|---|---|
| – | é 🐍 |"""


def published(cast: Cast, **content: Any) -> Entry:
    """An entry that everyone sees."""
    given = {"kind": "GUIDE", "title": "Caching", "body": "Keep it.", **content}
    entry = create_entry(cast.viewer("author"), submit=True, now=NOW, **given)
    review_entry(cast.viewer("staff"), entry_id=entry.pk, verdict="APPROVE", now=LATER)
    return Entry.objects.get(pk=entry.pk)


def rich_base(cast: Cast) -> None:
    """Every kind of content, by all ways in which it comes about."""
    author, peer, staff = cast.viewer("author"), cast.viewer("peer"), cast.viewer("staff")
    twice: list[int] = []
    django = create_tag(
        staff, name="Django", description="A *framework*.\n\n- web", category="TECHNOLOGY", aliases=["Jango"], now=NOW
    )
    spelt = create_tag(staff, name="C++", aliases=["cpp"], now=NOW)
    update_tag(staff, tag_id=spelt.pk, name="C++ (language)", now=NOW)
    merge_tags(staff, source_ids=[create_tag(staff, name="Django web", now=NOW).pk], target_id=django.pk, now=NOW)
    import_document(staff, markdown=TOLD, url=URL, now=NOW)
    # The same text of two people, of whom neither saw the other's.
    for person in (author, peer):
        source, _ = import_document(person, markdown="# Twice\n## Tools\n- Twice told\n", now=NOW)
        assert source is not None
        twice.append(source.pk)
    for pk in twice:
        review_source(staff, source_id=pk, verdict="APPROVE", now=LATER)
    import_document(COMMAND_LINE, markdown="# Other\n## Technologies\n- Django: a\n", now=LATER)
    caching = published(
        cast,
        title="Caching: “keep” it?",
        summary="null",
        body=BODY,
        tags=["Django", "C++ (language)", "No"],
        resources=[{"title": "Yes: a page", "url": "https://example.com/a?b=c#d"}],
    )
    twin = published(cast, title="Caching: “keep” it?", body=BODY)
    update_entry(staff, entry_id=twin.pk, title="Caching", body=BODY + "\n\nmore", now=LATER)
    # What nobody but its author sees, named by what everyone sees.
    draft = create_entry(author, kind="TOOL", title="A secret draft", body="secret", tags=["secret"], now=NOW)
    import_document(staff, markdown="# Mixed\n## Tools\n- Secret of old\n- Docker\n", now=NOW)
    archive_entry(staff, entry_id=Entry.objects.get(title="Secret of old").pk, now=LATER)
    asked = create_challenge(
        author,
        title="Slow: page",
        body=BODY,
        difficulty="ADVANCED",
        tags=["Django"],
        entry_ids=[caching.pk, draft.pk],
        now=NOW,
    )
    for body in ("Me too", "Add an index.\n\n<!-- solution -->\n\n    CREATE INDEX", "Me too"):
        given = create_solution(peer, challenge_id=asked.pk, body=body, now=LATER)
        if body.startswith("Add"):
            accept_solution(author, solution_id=given.pk, now=LATER)
    closed = create_challenge(peer, title="Slow: page", body="Again", difficulty="BEGINNER", now=NOW)
    create_solution(author, challenge_id=closed.pk, body="See the other one.", now=NOW)
    close_challenge(staff, challenge_id=closed.pk, reason="Asked: before", now=LATER)
    # What nobody but its author, or a reviewer, sees.
    create_entry(author, kind="TOOL", title="A secret to review", body="secret", submit=True, now=NOW)
    archive_entry(staff, entry_id=published(cast, title="A secret of old", body="secret").pk, now=LATER)
    update_entry(peer, entry_id=caching.pk, body="a secret proposal", now=LATER)
    import_document(peer, markdown="# Secret notes\n## Tools\n- Secret tool\n", now=NOW)
    cast_vote(peer, model=Entry, subject_id=caching.pk, value=1, now=NOW)


def long_base(cast: Cast) -> None:
    """What does not fit into one document: solutions, entries of a challenge, what a source names."""
    author = cast.viewer("author")
    challenge = create_challenge(author, title="Long", body="é" * 90_000, now=NOW)
    for number in range(5):
        body = "Me too" if number % 2 else "ü" * 100_000
        create_solution(author, challenge_id=challenge.pk, body=body, now=NOW)
    tag = Tag.objects.create(name="Merged", slug="merged")
    replace_aliases(tag, [Alias(f"Alias {number}", f"alias-{number}", number) for number in range(100)])


def empty() -> None:
    """Deletes everything that an export holds or refers to."""
    connection.check_constraints()
    for model in (Source, Solution, Challenge, Entry, Tag):
        model._default_manager.all().delete()
