from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from knowledge.documents.importing import import_document
from knowledge.errors import MistakeCode, Rejected, Unauthenticated
from knowledge.models import (
    Challenge,
    ChallengeSource,
    Entry,
    EntryRevision,
    EntrySource,
    OutboxEvent,
    Solution,
    Source,
    Tag,
    TagAlias,
)
from knowledge.policy import ANONYMOUS, COMMAND_LINE
from knowledge.services.challenges import create_challenge
from knowledge.services.entries import create_entry
from knowledge.services.solutions import create_solution
from tests.cast import Cast
from tests.knowledge.documents.importing.given import DOCUMENT, NOW, URL, brief, mistakes, outcomes, taken
from tests.snapshot import every_row

# ── what comes in ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_everything_in_a_document_comes_in(cast: Cast) -> None:
    source, report = taken(cast.viewer("staff"))
    assert brief(report) == [
        (4, "TECHNOLOGY", "CREATED", "Django"),
        (5, "TECHNOLOGY", "CREATED", "Celery & RabbitMQ"),
        (8, "TOOL", "CREATED", "GitHub"),
        (9, "TOOL", "CREATED", "Trello / Notion"),
        (12, "CONCEPT", "CREATED", "Caching Strategies"),
        (15, "CHALLENGE", "CREATED", "Mails block Django for a minute"),
        (17, "CHALLENGE", "CREATED", "Nobody knows why tests fail"),
        (20, "BEST_PRACTICE", "CREATED", "Code Review"),
        (21, "BEST_PRACTICE", "CREATED", "Write tests before you mend a bug in Django"),
    ]
    assert (report.entries_created, report.challenges_created, report.solutions_created, report.tags_created) == (
        7,
        2,
        1,
        9,
    )
    assert (source.title, source.url, source.imported_by, source.imported_at) == ("My year", None, cast.staff, NOW)
    assert {
        entry.title: sorted(tag.name for tag in entry.tags.all()) for entry in Entry.objects.prefetch_related("tags")
    } == {
        "Django": ["Django"],
        "Celery & RabbitMQ": ["Celery", "RabbitMQ"],
        "GitHub": ["GitHub"],
        "Trello / Notion": ["Notion", "Trello"],
        "Caching Strategies": ["Caching Strategies"],
        "Code Review": ["Code Review"],
        "Write tests before you mend a bug in Django": ["Django", "Testing"],
    }
    assert dict(Tag.objects.values_list("name", "category")) == {
        "Django": "TECHNOLOGY",
        "Celery": "TECHNOLOGY",
        "RabbitMQ": "TECHNOLOGY",
        "GitHub": "TOOL",
        "Trello": "TOOL",
        "Notion": "TOOL",
        "Caching Strategies": "CONCEPT",
        "Code Review": "PRACTICE",
        "Testing": "PRACTICE",
    }
    django = Tag.objects.get(slug="django")
    assert (django.entry_count, django.challenge_count) == (2, 1)


def test_an_entry_says_what_the_document_says(cast: Cast) -> None:
    source, _ = taken(cast.viewer("staff"))
    entry = Entry.objects.get(slug="django")
    revision = entry.revisions.get()
    for row in (entry, revision):
        assert (row.kind, row.summary, row.body, row.body_html, row.author) == (
            "TECHNOLOGY",
            "the web framework",
            "the web framework",
            "<p>the web framework</p>\n",
            cast.staff,
        )
    assert (entry.status, entry.published_at, entry.source_count) == ("PUBLISHED", NOW, 1)
    assert (revision.number, revision.state, revision.reviewer) == (1, "APPROVED", cast.staff)
    assert list(EntrySource.objects.filter(entry=entry).values_list("source", "kind", "line")) == [
        (source.pk, "TECHNOLOGY", 4)
    ]


def test_a_challenge_with_a_solution_is_solved_and_one_without_is_open(cast: Cast) -> None:
    source, report = taken(cast.viewer("staff"))
    solved, asked = Challenge.objects.order_by("pk")
    solution = Solution.objects.get()
    assert (solved.status, solved.solved_at, solved.author) == ("SOLVED", NOW, cast.staff)
    assert sorted(tag.name for tag in solved.tags.all()) == ["Celery", "Django"]
    assert (solution.challenge, solution.body, solution.is_accepted, solution.author) == (
        solved,
        "Hand them to Celery.",
        True,
        cast.staff,
    )
    assert (asked.status, asked.solved_at, asked.solutions.count()) == ("OPEN", None, 0)
    assert list(ChallengeSource.objects.order_by("pk").values_list("source", "challenge", "solution", "line")) == [
        (source.pk, solved.pk, solution.pk, 15),
        (source.pk, asked.pk, None, 17),
    ]
    item = report.items[5]
    assert (item.text, item.tags, item.subject) == ("Hand them to Celery.", ("Django", "Celery"), solved)


def test_each_new_thing_has_its_event(cast: Cast) -> None:
    source, _ = taken(cast.viewer("staff"))
    told = list(OutboxEvent.objects.order_by("pk").values_list("type", flat=True))
    assert {event: told.count(event) for event in set(told)} == {
        "tag.created": 9,
        "entry.created": 7,
        "entry.published": 7,
        "challenge.created": 2,
        "challenge.solved": 1,
        "solution.created": 1,
        "document.imported": 1,
    }
    last = OutboxEvent.objects.latest("pk")
    assert (last.type, last.subject_type, last.subject_id) == ("document.imported", "Source", source.pk)


@pytest.mark.parametrize(
    ("name", "status", "state"),
    [
        ("author", "IN_REVIEW", "PENDING"),
        ("reviewer", "PUBLISHED", "APPROVED"),
        ("staff", "PUBLISHED", "APPROVED"),
        ("the command line", "PUBLISHED", "APPROVED"),
    ],
)
def test_whose_import_waits_for_a_review(cast: Cast, name: str, status: str, state: str) -> None:
    viewer = COMMAND_LINE if name == "the command line" else cast.viewer(name)
    taken(viewer)
    assert set(Entry.objects.values_list("status", "author")) == {(status, viewer.id)}
    assert set(EntryRevision.objects.values_list("state", "author")) == {(state, viewer.id)}
    assert set(Challenge.objects.values_list("status", "author")) == {("SOLVED", viewer.id), ("OPEN", viewer.id)}


def test_nobody_imports_unknown(db: None) -> None:
    before = every_row()
    with pytest.raises(Unauthenticated):
        import_document(ANONYMOUS, markdown=DOCUMENT)
    assert every_row() == before


def test_a_document_without_knowledge_is_a_source_all_the_same(cast: Cast) -> None:
    source, report = taken(markdown="Just a text.", title="Given")
    assert (source.title, report.items) == ("Given", ())


# ── what is there already ───────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_name_in_a_second_document_is_one_more_source(cast: Cast) -> None:
    taken(cast.viewer("staff"))
    source, report = taken(
        cast.viewer("reviewer"),
        "## Tools\n- django: I knew it\n- CELERY & RabbitMQ\n\n## Best practices\n- code review!",
    )
    assert outcomes(report) == {"django": "MATCHED", "CELERY & RabbitMQ": "MATCHED", "code review!": "MATCHED"}
    assert (report.entries_created, report.entries_matched, report.tags_created) == (0, 3, 0)
    assert Entry.objects.count() == 7
    django = Entry.objects.get(slug="django")
    assert (django.kind, django.summary, django.source_count, django.author) == (
        "TECHNOLOGY",
        "the web framework",
        2,
        cast.staff,
    )
    assert EntrySource.objects.get(entry=django, source=source).kind == "TOOL"


def test_another_name_of_a_tag_is_the_same_name(cast: Cast) -> None:
    taken(markdown="## Technologies\n- PostgreSQL")
    TagAlias.objects.create(tag=Tag.objects.get(), slug="elephant-db", name="Elephant DB")
    _, report = taken(markdown="## Technologies\n- Postgres (15)\n- PostgreSQL 15+")
    assert outcomes(report) == {"Postgres (15)": "MATCHED", "PostgreSQL 15+": "UNCHANGED"}
    assert (Entry.objects.count(), Tag.objects.count(), Entry.objects.get().source_count) == (1, 1, 2)


def test_an_entry_by_hand_is_matched_and_a_strangers_draft_is_not(cast: Cast) -> None:
    create_entry(cast.viewer("author"), kind="TECHNOLOGY", title="Django", body="By hand.")
    _, report = taken(cast.viewer("peer"), "## Technologies\n- Django")
    assert outcomes(report) == {"Django": "CREATED"}
    _, report = taken(cast.viewer("author"), "# Other\n## Technologies\n- Django")
    assert outcomes(report) == {"Django": "MATCHED"}
    assert Entry.objects.count() == 2


@pytest.mark.parametrize("status", ["IN_REVIEW", "ARCHIVED", "DRAFT"])
def test_what_is_hidden_from_the_importer_is_neither_found_nor_touched(cast: Cast, status: str) -> None:
    taken(cast.viewer("author"), "## Technologies\n- Django: mine")
    Entry.objects.update(status=status, published_at=NOW if status == "ARCHIVED" else None)
    before = Entry.objects.values().get()
    source, report = taken(cast.viewer("peer"), "# Other\n## Technologies\n- Django: theirs")
    assert outcomes(report) == {"Django": "CREATED"}
    assert (Entry.objects.count(), source.imported_by) == (2, cast.peer)
    assert Entry.objects.values().get(pk=before["id"]) == before
    # So its owner's own document goes on changing it.
    assert EntrySource.objects.filter(entry=before["id"]).count() == 1


def test_what_a_reviewer_sees_waiting_is_found(cast: Cast) -> None:
    taken(cast.viewer("author"), "## Technologies\n- Django: mine")
    _, report = taken(cast.viewer("reviewer"), "# Other\n## Technologies\n- Django: theirs")
    assert outcomes(report) == {"Django": "MATCHED"}


def test_the_same_text_as_a_hidden_document_is_a_document_of_its_own(cast: Cast) -> None:
    text = "## Technologies\n- Django: mine"
    first, _ = taken(cast.viewer("author"), text)
    second, report = taken(cast.viewer("peer"), text)
    assert (outcomes(report), first != second) == ({"Django": "CREATED"}, True)
    assert (first.imported_by, second.imported_by) == (cast.author, cast.peer)
    again, report = taken(cast.viewer("peer"), text)
    assert (again, outcomes(report)) == (second, {"Django": "UNCHANGED"})
    # What is published is everyone's.
    Entry.objects.update(status="PUBLISHED", published_at=NOW)
    assert taken(cast.viewer("reviewer"), text)[0] == first


def test_a_guide_of_the_same_title_is_another_thing(cast: Cast) -> None:
    create_entry(cast.viewer("author"), kind="GUIDE", title="Django", body="How to.", submit=True)
    _, report = taken(markdown="## Technologies\n- Django\n## Best practices\n- Django")
    assert [item.outcome for item in report.items] == ["CREATED", "CREATED"]


def test_the_same_challenge_gains_a_source_and_another_solution(cast: Cast) -> None:
    taken(cast.viewer("staff"))
    first = Solution.objects.get()
    _, same = taken(cast.viewer("author"), "# A\n" + DOCUMENT[DOCUMENT.index("## Challenges") :])
    assert (same.challenges_matched, same.challenges_created, same.solutions_created) == (2, 0, 0)
    text = "# B\n## Challenges\n- **Challenge:** mails block DJANGO for a minute.\n  - **Solution:** Use a cron job."
    _, other = taken(cast.viewer("author"), text)
    assert (other.challenges_matched, other.solutions_created) == (1, 1)
    challenge = Challenge.objects.get(slug="mails-block-django-for-a-minute")
    assert list(challenge.solutions.order_by("pk").values_list("body", "is_accepted", "author")) == [
        ("Hand them to Celery.", True, cast.staff.pk),
        ("Use a cron job.", False, cast.author.pk),
    ]
    assert challenge.solutions.get(is_accepted=True) == first
    assert challenge.sources.count() == 3


@pytest.mark.parametrize(("name", "status"), [("peer", "OPEN"), ("author", "SOLVED"), ("reviewer", "SOLVED")])
def test_an_open_challenge_is_solved_by_who_may_accept(cast: Cast, name: str, status: str) -> None:
    challenge = create_challenge(cast.viewer("author"), title="Why?", body="Why?")
    create_solution(cast.viewer("staff"), challenge_id=challenge.pk, body="Perhaps so.")
    taken(cast.viewer(name), "## Challenges\n- **Challenge:** Why?\n  - **Solution:** Because.")
    challenge.refresh_from_db()
    assert (challenge.status, challenge.solutions.count()) == (status, 2)


# ── trying it ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_dry_run_tells_the_same_and_keeps_nothing(cast: Cast) -> None:
    taken(cast.viewer("author"), "## Technologies\n- Django")
    before = every_row()
    source, dry = import_document(cast.viewer("author"), markdown=DOCUMENT, url=URL, dry_run=True)
    assert (source, every_row()) == (None, before)
    assert {item.subject for item in dry.items} == {None}
    _, real = taken(cast.viewer("author"), url=URL)
    assert [(item.line, item.outcome, item.title, item.text, item.tags) for item in dry.items] == [
        (item.line, item.outcome, item.title, item.text, item.tags) for item in real.items
    ]
    assert (dry.tags_created, dry.solutions_created) == (real.tags_created, real.solutions_created) == (8, 1)


# ── what is refused ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"markdown": ""}, [("markdown", MistakeCode.REQUIRED)]),
        ({"markdown": " \n\u200b\n"}, [("markdown", MistakeCode.REQUIRED)]),
        ({"markdown": "a\x00b"}, [("markdown", MistakeCode.INVALID)]),
        ({"markdown": b"\xff\xfe\xfd"}, [("markdown", MistakeCode.INVALID)]),
        ({"markdown": "a" * 1_000_001}, [("markdown", MistakeCode.TOO_LONG)]),
        ({"url": "javascript:alert(1)"}, [("url", MistakeCode.INVALID)]),
        (
            {"markdown": "", "title": "t" * 201, "url": ""},
            [("title", MistakeCode.TOO_LONG), ("url", MistakeCode.REQUIRED), ("markdown", MistakeCode.REQUIRED)],
        ),
    ],
)
def test_what_is_refused_leaves_nothing(cast: Cast, given: dict[str, Any], told: list[Any]) -> None:
    before = every_row()
    with pytest.raises(Rejected) as error:
        taken(cast.viewer("author"), **given)
    assert mistakes(error) == told
    assert every_row() == before


def test_long_and_odd_texts_fit(cast: Cast) -> None:
    long = "word " * 300
    _, report = taken(
        markdown=f"# {long}\n## Technologies\n- {'N' * 300}: {long}\n- B\x07ell\n## Challenges\n"
        f"- **Challenge:** {long}\n  - **Solution:** {long}"
    )
    assert len(report.items) == 3
    assert Source.objects.get().title.endswith("…")
    assert {len(entry.title) for entry in Entry.objects.all()} == {200, 4}
    assert Challenge.objects.get().body == long.strip()
    assert set(Tag.objects.values_list("name", flat=True)) == {"Bell"}


def test_statements_do_not_grow_with_what_is_found(cast: Cast) -> None:
    def statements(count: int) -> int:
        names = "\n".join(f"- Name {count}-{number}: text" for number in range(count))
        pairs = "\n".join(f"- **Challenge:** C {count}-{n}\n  - **Solution:** S {n}" for n in range(count))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            taken(markdown=f"## Technologies\n{names}\n## Challenges\n{pairs}")
        return len(captured)

    assert statements(3) == statements(60) < 45
