"""Documents of an export, brought back by everyone who may import: what is theirs to say, and what is not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.documents.exact.values import (
    Exact,
    ExactChallenge,
    ExactEntry,
    ExactSolution,
    ExactSource,
    ExactTag,
    Told,
)
from knowledge.documents.exact.writing import write_exact
from knowledge.documents.importing import Report, import_document
from knowledge.errors import Forbidden, MistakeCode, Rejected, Unauthenticated
from knowledge.models import Challenge, Entry, EntryKind, EntrySource, OutboxEvent, Solution, Source, Tag
from knowledge.policy import ANONYMOUS, COMMAND_LINE, Viewer
from knowledge.services.entries import create_entry
from tests.cast import Cast
from tests.knowledge.documents.importing.given import NOW, mistakes
from tests.snapshot import every_row

THEN = datetime(2024, 2, 29, 8, tzinfo=UTC)
HASH = "0123456789abcdef" * 4
TAG = ExactTag("c-plus-plus", "C++", "TECHNOLOGY", "A *language*.", ("cpp",))
ENTRY = ExactEntry("caching-7", "GUIDE", "Caching", "Keep it", "# Keep", ("c-plus-plus",), (), THEN, THEN, THEN)
SOLUTION = ExactSolution("Use a cache.", accepted=True, copy=1, created=THEN, updated=THEN)
CHALLENGE = ExactChallenge(
    slug="slow-7",
    title="Slow",
    body="It is.",
    difficulty="ADVANCED",
    status="CLOSED",
    close_reason="Done",
    tags=("c-plus-plus",),
    entries=("caching-7",),
    solutions=(SOLUTION,),
    created=THEN,
    updated=THEN,
    solved=THEN,
)
TOLD = (Told(3, "LEARNING", "caching-7", HASH), Told(9, "CHALLENGE", "slow-7", HASH))
SOURCE = ExactSource("My year", None, HASH, 1, THEN, THEN, TOLD)


def brought(value: Exact, viewer: Viewer = COMMAND_LINE) -> Report:
    return import_document(viewer, markdown=write_exact(value), now=NOW)[1]


def changed(value: Any, **fields: Any) -> Any:
    return type(value)(**{name: getattr(value, name) for name in value.__slots__} | fields)


@pytest.mark.parametrize("name", ["author", "reviewer", "staff"])
def test_an_entry_is_whose_import_it_is(cast: Cast, name: str) -> None:
    brought(TAG, cast.viewer(name))
    report = brought(ENTRY, cast.viewer(name))
    entry = Entry.objects.get()
    assert [(item.line, item.kind, item.outcome, item.title, item.text, item.tags) for item in report.items] == [
        (1, "LEARNING", "CREATED", "Caching", "Keep it", ("C++",))
    ]
    assert (entry.kind, entry.author, Source.objects.count()) == ("GUIDE", getattr(cast, name), 0)
    assert (entry.slug, entry.status, entry.created_at, entry.published_at) == {
        "author": ("caching", "IN_REVIEW", NOW, None),
        "reviewer": ("caching", "PUBLISHED", NOW, NOW),
        "staff": ("caching-7", "PUBLISHED", THEN, THEN),
    }[name]
    before = every_row()
    assert [item.outcome for item in brought(ENTRY, cast.viewer(name)).items] == ["UNCHANGED"]
    assert every_row() == before


@pytest.mark.parametrize("kind", EntryKind.values)
def test_a_report_tells_an_entrys_kind(db: None, kind: str) -> None:
    """But a guide's, for which reports have no word."""
    assert [item.kind for item in brought(changed(ENTRY, kind=kind)).items] == ["LEARNING" if kind == "GUIDE" else kind]


@pytest.mark.parametrize("name", ["author", "reviewer", "staff"])
def test_a_challenge_is_closed_by_who_may(cast: Cast, name: str) -> None:
    report = brought(CHALLENGE, cast.viewer(name))
    challenge = Challenge.objects.get()
    assert (challenge.slug, challenge.status, challenge.close_reason, challenge.created_at, challenge.solved_at) == {
        "author": ("slow", "SOLVED", "", NOW, NOW),
        "reviewer": ("slow", "CLOSED", "Done", NOW, NOW),
        "staff": ("slow-7", "CLOSED", "Done", THEN, THEN),
    }[name]
    assert [warning.message for warning in report.warnings] == [
        "There is no entry “caching-7” here: the challenge was not put to it."
    ]
    assert (report.solutions_created, report.tags_created) == (1, 1)
    before = every_row()
    assert [item.outcome for item in brought(CHALLENGE, cast.viewer(name)).items] == ["UNCHANGED"]
    assert every_row() == before


@pytest.mark.parametrize("name", ["author", "reviewer"])
def test_only_staff_bring_back_sources(cast: Cast, name: str) -> None:
    brought(ENTRY)
    before = every_row()
    with pytest.raises(Forbidden, match="Only staff"):
        brought(SOURCE, cast.viewer(name))
    assert every_row() == before


def test_nobody_brings_back_anything(db: None) -> None:
    with pytest.raises(Unauthenticated):
        brought(ENTRY, ANONYMOUS)


def test_a_source_names_what_is_there_and_tells_of_the_rest(cast: Cast) -> None:
    brought(ENTRY)
    source, report = import_document(cast.viewer("staff"), markdown=write_exact(SOURCE), now=NOW)
    assert source is not None
    assert (source.imported_by, source.imported_at, bytes(source.content_hash).hex()) == (cast.staff, THEN, HASH)
    assert [(item.line, item.outcome, item.title) for item in report.items] == [(12, "MATCHED", "Caching")]
    assert [(warning.line, warning.message) for warning in report.warnings] == [
        (13, "There is no challenge “slow-7” here: that the source names it was left out.")
    ]
    brought(CHALLENGE)
    assert [item.outcome for item in brought(SOURCE).items] == ["UNCHANGED", "MATCHED"]
    row = EntrySource.objects.get()
    assert (row.line, row.kind, bytes(row.written).hex(), Source.objects.count()) == (3, "LEARNING", HASH, 1)


def test_events_tell_of_what_came_back(db: None) -> None:
    for value in (TAG, ENTRY, CHALLENGE, SOURCE):
        brought(value)
    assert list(OutboxEvent.objects.order_by("pk").values_list("type", flat=True)) == [
        "tag.created",
        "entry.created",
        "entry.published",
        "challenge.created",
        "solution.created",
        "challenge.solved",
        "challenge.closed",
        "document.imported",
    ]


def test_what_is_there_and_says_something_else_is_kept(db: None) -> None:
    for value in (TAG, ENTRY, CHALLENGE):
        brought(value)
    before = every_row()
    assert [item.outcome for item in brought(changed(ENTRY, body="Other")).items] == ["KEPT"]
    assert [item.outcome for item in brought(changed(ENTRY, tags=())).items] == ["KEPT"]
    assert [item.outcome for item in brought(changed(CHALLENGE, title="Other")).items] == ["KEPT"]
    report = brought(changed(TAG, description="Other"))
    assert [warning.message for warning in report.warnings] == [
        "The tag “C++” is there already and says something else; it was left as it is."
    ]
    assert every_row() == before


def test_an_old_export_does_not_double_what_was_edited_since(db: None) -> None:
    brought(CHALLENGE)
    Challenge.objects.update(slug="slower", title="Slower")
    Solution.objects.update(body="Use two.", updated_at=NOW)
    before = every_row()
    assert [item.outcome for item in brought(CHALLENGE).items] == ["KEPT"]
    assert every_row() == before


def test_what_was_left_out_is_added(cast: Cast) -> None:
    brought(ENTRY)
    brought(changed(CHALLENGE, status="OPEN", close_reason="", solutions=(), solved=None, entries=()))
    other = changed(SOLUTION, body="Or not.", accepted=False)
    told = changed(CHALLENGE, status="SOLVED", close_reason="", solutions=(SOLUTION, other))
    report = brought(told)
    assert ([item.outcome for item in report.items], report.solutions_created) == (["UPDATED"], 2)
    challenge = Challenge.objects.get()
    assert (challenge.status, list(challenge.entries.values_list("slug", flat=True))) == ("SOLVED", ["caching-7"])
    assert list(challenge.solutions.order_by("pk").values_list("body", "is_accepted")) == [
        ("Use a cache.", True),
        ("Or not.", False),
    ]


def test_somebody_elses_challenge_gets_answers_and_no_more(cast: Cast) -> None:
    brought(ENTRY)
    told = changed(CHALLENGE, status="OPEN", close_reason="", solutions=(), solved=None, entries=())
    brought(told, cast.viewer("staff"))
    answered = changed(told, solutions=(SOLUTION,), entries=("caching-7",))
    report = brought(answered, cast.viewer("author"))
    challenge = Challenge.objects.get()
    assert ([item.outcome for item in report.items], report.solutions_created) == (["UPDATED"], 1)
    assert (challenge.status, challenge.entries.count(), challenge.solutions.get().author) == ("OPEN", 0, cast.author)


def test_a_closed_challenge_takes_answers_from_staff_alone(cast: Cast) -> None:
    brought(changed(CHALLENGE, solutions=(), solved=None))
    report = brought(CHALLENGE, cast.viewer("author"))
    assert [warning.message for warning in report.warnings] == ["The challenge is closed: its solutions were left out."]
    assert Solution.objects.count() == 0
    assert brought(CHALLENGE, cast.viewer("staff")).solutions_created == 1


def test_an_address_that_somebodys_draft_has_is_not_told_of(cast: Cast) -> None:
    draft = create_entry(cast.viewer("author"), kind="TOOL", title="Caching 7", body="Draft")
    assert draft.slug == "caching-7"
    assert [item.outcome for item in brought(ENTRY, cast.viewer("staff")).items] == ["CREATED"]
    assert Entry.objects.get(status="PUBLISHED").slug == "caching"
    before = every_row()
    assert [item.outcome for item in brought(ENTRY, cast.viewer("staff")).items] == ["UNCHANGED"]
    assert every_row() == before


def test_a_name_that_leads_to_another_tag_goes_on_doing_so(db: None) -> None:
    brought(ExactTag("cpp", "CPP", "OTHER"))
    report = brought(TAG)
    assert [warning.message for warning in report.warnings] == [
        "“cpp” leads to the tag “CPP” already, and goes on doing so."
    ]
    assert sorted(Tag.objects.values_list("slug", flat=True)) == ["c-plus-plus", "cpp"]


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        (changed(ENTRY, kind="PARTY"), ["INVALID"]),
        (changed(ENTRY, title="\u0007"), ["REQUIRED"]),
        (changed(ENTRY, title="x" * 201, summary="x" * 501, body="x" * 100_001), ["TOO_LONG"] * 3),
        (changed(CHALLENGE, difficulty="HARD", status="LOST"), ["INVALID"] * 2),
        (changed(CHALLENGE, solutions=(SOLUTION, changed(SOLUTION, body="b"))), ["INVALID"]),
        (changed(CHALLENGE, solutions=(changed(SOLUTION, body=" "),)), ["REQUIRED"]),
        (changed(TAG, category="?", name="x" * 61), ["INVALID", "TOO_LONG"]),
        (changed(SOURCE, url="javascript:alert(1)"), ["INVALID"]),
        (changed(SOURCE, told=(Told(1, "PARTY", "a", HASH),)), ["INVALID"]),
    ],
)
def test_what_no_row_can_hold_is_refused(db: None, value: Exact, codes: list[str]) -> None:
    before = every_row()
    with pytest.raises(Rejected) as error:
        brought(value)
    assert mistakes(error) == [("markdown", MistakeCode(code)) for code in codes]
    assert every_row() == before


def test_nobody_but_staff_brings_in_more_than_they_could_write(cast: Cast) -> None:
    many = changed(ENTRY, tags=tuple(f"t-{number}" for number in range(11)))
    with pytest.raises(Rejected) as error:
        brought(many, cast.viewer("reviewer"))
    assert mistakes(error) == [("markdown", MistakeCode.TOO_MANY)]
    assert brought(many, cast.viewer("staff")).tags_created == 11


def test_such_a_document_brings_its_own_title_and_address(cast: Cast) -> None:
    with pytest.raises(Rejected) as error:
        import_document(
            cast.viewer("staff"), markdown=write_exact(ENTRY), title="Mine", url="https://example.com/mine", now=NOW
        )
    assert mistakes(error) == [("title", MistakeCode.INVALID), ("url", MistakeCode.INVALID)]


def test_a_challenge_brought_back_is_met_in_nearly_its_words(cast: Cast) -> None:
    title = "Nightly imports lock the orders table"
    told = changed(CHALLENGE, title=title, body=title, status="SOLVED", close_reason="", tags=(), entries=())
    brought(told)
    markdown = "## Challenges\n- **Challenge:** Nightly bulk imports locking the orders table\n  - **Solution:** Celery"
    _, report = import_document(cast.viewer("author"), markdown=markdown, now=NOW)
    assert (report.challenges_matched, report.challenges_created) == (1, 0)
    assert list(Challenge.objects.get().solutions.order_by("pk").values_list("body", flat=True)) == [
        "Use a cache.",
        "Celery",
    ]
