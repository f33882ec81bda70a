"""documentImport: what a document becomes, told item by item, whoever imports it."""

from typing import Any

import pytest

from knowledge.models import Challenge, Entry, Source
from tests.cast import Cast
from tests.client import Client, Result
from tests.schema.rows import entry, id_of, tag
from tests.tables import row_counts

IMPORT = """mutation($input: DocumentImportInput!) { documentImport(input: $input) {
  source { title url importedBy { username } entries { nodes { title } } challenges { nodes { title } } }
  report {
    entriesCreated entriesMatched entriesUpdated tagsCreated challengesCreated challengesMatched challengesUpdated
    solutionsCreated kept
    items {
      line kind outcome title text
      subject { __typename ... on Entry { id status author { username } } ... on Challenge { id state: status } }
    }
    warnings { line message }
  }
  errors { path code } clientMutationId
} }"""
DOCUMENT = """# What I learned

## Technologies

- Django
- Celery

## Challenges and solutions

- **Challenge:** Workers lost their tasks.
  **Solution:** Acknowledge late.
"""
COUNTS = {
    "entriesCreated": 0,
    "entriesMatched": 0,
    "entriesUpdated": 0,
    "tagsCreated": 0,
    "challengesCreated": 0,
    "challengesMatched": 0,
    "challengesUpdated": 0,
    "solutionsCreated": 0,
    "kept": 0,
}


def imported(api: Client, who: Any, **given: Any) -> Any:
    return api.run(IMPORT, {"input": given}, as_=who).data["documentImport"]


@pytest.mark.parametrize(
    ("name", "status"), [("author", "IN_REVIEW"), ("reviewer", "PUBLISHED"), ("staff", "PUBLISHED")]
)
def test_a_document_becomes_entries_and_challenges(cast: Cast, api: Client, name: str, status: str) -> None:
    who = getattr(cast, name)
    url = "https://example.org/README.md"
    made = imported(api, who, markdown=DOCUMENT, url=url, clientMutationId="it")
    django, celery = Entry.objects.get(title="Django"), Entry.objects.get(title="Celery")
    lost = Challenge.objects.get()
    assert made["source"] == {
        "title": "What I learned",
        "url": url,
        "importedBy": {"username": name},
        "entries": {"nodes": [{"title": "Celery"}, {"title": "Django"}]},
        "challenges": {"nodes": [{"title": lost.title}]},
    }
    report = made["report"]
    created = {"entriesCreated": 2, "tagsCreated": 2, "challengesCreated": 1, "solutionsCreated": 1}
    assert {count: report[count] for count in COUNTS} == COUNTS | created
    subjects = [
        {"__typename": "Entry", "id": id_of(django), "status": status, "author": {"username": name}},
        {"__typename": "Entry", "id": id_of(celery), "status": status, "author": {"username": name}},
        {"__typename": "Challenge", "id": id_of(lost), "state": "SOLVED"},
    ]
    assert [(item["line"], item["kind"], item["outcome"], item["title"]) for item in report["items"]] == [
        (5, "TECHNOLOGY", "CREATED", "Django"),
        (6, "TECHNOLOGY", "CREATED", "Celery"),
        (10, "CHALLENGE", "CREATED", lost.title),
    ]
    assert [item["subject"] for item in report["items"]] == subjects
    assert [item["text"] for item in report["items"]][2] == "Acknowledge late."
    assert (report["warnings"], made["errors"], made["clientMutationId"]) == ([], [], "it")


def test_a_dry_run_shows_the_same_and_changes_nothing(cast: Cast, api: Client) -> None:
    api.authorization(cast.peer)
    before = row_counts()
    shown = imported(api, cast.peer, markdown=DOCUMENT, dryRun=True)
    assert row_counts() == before
    assert shown["source"] is None
    assert [item["subject"] for item in shown["report"]["items"]] == [None] * 3
    done = imported(api, cast.peer, markdown=DOCUMENT, dryRun=False)["report"]
    assert [item | {"subject": None} for item in done["items"]] == shown["report"]["items"]
    assert {count: done[count] for count in COUNTS} == {count: shown["report"][count] for count in COUNTS}


def test_the_same_document_twice_changes_nothing(cast: Cast, api: Client) -> None:
    first = imported(api, cast.peer, markdown=DOCUMENT)
    before = row_counts()
    again = imported(api, cast.peer, markdown=DOCUMENT)
    assert row_counts() == before
    assert again["source"] == first["source"]
    assert {count: again["report"][count] for count in COUNTS} == COUNTS
    assert {item["outcome"] for item in again["report"]["items"]} == {"UNCHANGED"}
    assert [item["subject"] for item in again["report"]["items"]] == [
        item["subject"] for item in first["report"]["items"]
    ]


def test_what_is_there_gains_a_source(cast: Cast, api: Client) -> None:
    django = entry("Django", tag("Django"))
    report = imported(api, cast.peer, markdown=DOCUMENT)["report"]
    assert (report["entriesMatched"], report["entriesCreated"]) == (1, 1)
    assert report["items"][0]["outcome"] == "MATCHED"
    assert report["items"][0]["subject"]["id"] == id_of(django)
    assert Entry.objects.filter(title="Django").count() == 1


def test_a_title_of_ones_own(cast: Cast, api: Client) -> None:
    assert imported(api, cast.peer, markdown=DOCUMENT, title="Mine")["source"]["title"] == "Mine"
    assert (
        imported(api, cast.peer, markdown=DOCUMENT + "\n", title=None, url=None)["source"]["title"] == "What I learned"
    )


def test_an_address_belongs_to_who_imported_it_first(cast: Cast, api: Client) -> None:
    url = "https://example.org/README.md"
    imported(api, cast.author, markdown=DOCUMENT, url=url)
    other = DOCUMENT.replace("Celery", "Redis")
    for who in (cast.peer, cast.reviewer):
        refused = imported(api, who, markdown=other, url=url)
        assert (refused["source"], refused["report"]) == (None, None)
        assert refused["errors"] == [{"path": ["input", "url"], "code": "CONFLICT"}]
    assert imported(api, cast.staff, markdown=other, url=url)["source"]["importedBy"] == {"username": "author"}
    assert Source.objects.count() == 1


def reads(answer: Result) -> int:
    """How many statements read what the payload asks of rows."""
    return sum(sql.startswith("SELECT json_build_object") for sql in answer.sql)


def test_the_subjects_of_all_items_are_read_by_one_statement(cast: Cast, api: Client) -> None:
    counts = []
    for number in (1, 12):
        listed = "\n".join(f"- Thing {number} {each}" for each in range(number))
        answer = api.run(IMPORT, {"input": {"markdown": f"# It\n\n## Technologies\n\n{listed}\n"}}, as_=cast.staff)
        assert len(answer.data["documentImport"]["report"]["items"]) == number
        assert all(item["subject"] for item in answer.data["documentImport"]["report"]["items"])
        counts.append((reads(answer), answer.statements))
    assert counts[0] == counts[1]
    assert counts[0][0] == 2


def test_subjects_asked_for_twice_are_read_as_each_place_asks(cast: Cast, api: Client) -> None:
    asked = """mutation($input: DocumentImportInput!) { documentImport(input: $input) { report {
      items { subject { ... on Entry { title } } other: subject { ... on Entry { kind } ... on Challenge { slug } } }
      again: items { title subject { __typename } }
    } } }"""
    report = api.run(asked, {"input": {"markdown": DOCUMENT}}, as_=cast.staff).data["documentImport"]["report"]
    assert report["items"][0] == {"subject": {"title": "Django"}, "other": {"kind": "TECHNOLOGY"}}
    assert report["items"][2] == {"subject": {}, "other": {"slug": Challenge.objects.get().slug}}
    assert report["again"][2]["subject"] == {"__typename": "Challenge"}


def test_what_waits_in_anothers_review_is_as_if_it_were_not_there(cast: Cast, api: Client) -> None:
    imported(api, cast.author, markdown=DOCUMENT)
    waiting = Entry.objects.get(title="Django")
    answer = imported(api, cast.peer, markdown="# Other\n\n## Technologies\n\n- Django\n")
    (item,) = answer["report"]["items"]
    assert (item["title"], item["outcome"]) == ("Django", "CREATED")
    assert item["subject"]["id"] != id_of(waiting)
    waiting.refresh_from_db()
    assert waiting.source_count == 1


def test_a_subject_that_the_importer_may_not_see_any_more_is_null(cast: Cast, api: Client) -> None:
    django = entry("Django", kind="TECHNOLOGY")
    page = {"url": "https://example.org/notes.md"}
    imported(api, cast.peer, markdown="# Notes\n\n## Technologies\n\n- Django\n", **page)
    Entry.objects.filter(pk=django.pk).update(status="ARCHIVED")
    report = imported(api, cast.peer, markdown="# Notes\n\n## Technologies\n\n- Django: old\n", **page)["report"]
    assert [(item["outcome"], item["subject"]) for item in report["items"]] == [("KEPT", None)]


def test_each_kind_of_item_with_its_tags_and_what_becomes_of_it(cast: Cast, api: Client) -> None:
    asked = """mutation($input: DocumentImportInput!) { documentImport(input: $input) { report {
      items { kind outcome title text tags }
    } } }"""
    text = """# Notes

## Technologies

- Django: the framework

## Tools

- Docker: {docker}

## Concepts

- Caching: kept answers

## Best practices

- Review all code

## Learnings

- Sleep more
"""

    def items(docker: str) -> list[tuple[str, ...]]:
        given = {"markdown": text.format(docker=docker), "url": "https://example.org/notes.md"}
        answer = api.run(asked, {"input": given}, as_=cast.reviewer).data["documentImport"]["report"]["items"]
        return [(each["kind"], each["outcome"], each["title"], *each["tags"]) for each in answer]

    assert items("containers") == [
        ("TECHNOLOGY", "CREATED", "Django", "Django"),
        ("TOOL", "CREATED", "Docker", "Docker"),
        ("CONCEPT", "CREATED", "Caching", "Caching"),
        ("BEST_PRACTICE", "CREATED", "Review all code", "Review all code"),
        ("LEARNING", "CREATED", "Sleep more"),
    ]
    assert [item[1] for item in items("small containers")] == ["UNCHANGED", "UPDATED", *["UNCHANGED"] * 3]
    Entry.objects.filter(title="Docker").update(summary="by hand", body="by hand")
    assert [item[1] for item in items("tiny containers")][1] == "KEPT"


def test_what_cannot_be_asked_of_a_subject_is_refused_before_anything_comes_in(cast: Cast, api: Client) -> None:
    asked = """mutation($input: DocumentImportInput!) { documentImport(input: $input) { report { items { subject {
      ... on Entry { sources(first: 0) { nodes { id } } }
    } } } } }"""
    answer = api.run(asked, {"input": {"markdown": DOCUMENT}}, as_=cast.staff)
    assert (answer.status, answer.codes) == (400, ["BAD_USER_INPUT"])
    assert not Entry.objects.exists()
