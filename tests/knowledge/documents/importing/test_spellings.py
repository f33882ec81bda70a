"""Spellings of one name, from one document or from several, are one tag and one entry."""

import pytest

from knowledge.documents.importing.vocabulary import OTHER_NAMES
from knowledge.models import Entry, OutboxEvent, Tag, TagAlias, TagCategory
from knowledge.services.aliases import MOST
from knowledge.services.merging import merge_tags
from knowledge.services.spellings import resolve_spelled, spelling
from knowledge.services.tags import resolve
from knowledge.services.vocabulary import create_tag, update_tag
from knowledge.text import slug_for
from tests.cast import Cast
from tests.knowledge.documents.importing.given import NOW, outcomes, taken


def told(name: str) -> str:
    return f"# {name}\n## Technologies\n- {name}\n"


@pytest.mark.parametrize(
    "spellings",
    [
        ("PostgreSQL", "Postgres", "postgre sql", "PSQL"),
        ("postgre sql", "PostgreSQL", "Postgres"),
        ("CI/CD Pipelines", "CI/CD", "CI-CD"),
        ("RESTful APIs", "REST API", "REST APIs", "Rest Api's"),
        ("Node JS", "Node.js", "NodeJS", "Node"),
        ("Load Balancers", "Load balancer", "load-balancer"),
        ("Web Sockets", "WebSockets", "web socket"),
        ("Message Queues", "message queue"),
    ],
)
def test_spellings_are_one_tag_and_one_entry(cast: Cast, spellings: tuple[str, ...]) -> None:
    for name in spellings:
        taken(cast.viewer("staff"), told(name))
    assert (Tag.objects.count(), Entry.objects.get().source_count) == (1, len(spellings))


@pytest.mark.parametrize(
    ("one", "other"),
    [("HTTP", "HTTPS"), ("Redis", "Redi"), ("Java", "JavaScript"), ("C", "CS"), ("HTTP 2", "HTTP/1.1"), ("Go", "Goo")],
)
def test_names_that_only_look_alike_are_two(cast: Cast, one: str, other: str) -> None:
    taken(cast.viewer("staff"), told(one))
    taken(cast.viewer("staff"), told(other))
    assert (Tag.objects.count(), Entry.objects.count()) == (2, 2)


def test_spellings_in_one_document_are_one_tag(cast: Cast) -> None:
    taken(cast.viewer("staff"), "## Technologies\n- Load Balancers\n- Nginx & Load Balancer\n- Postgres\n")
    assert set(Tag.objects.values_list("name", flat=True)) == {"Load Balancers", "Nginx", "PostgreSQL"}
    assert set(TagAlias.objects.filter(tag__slug="postgresql").values_list("name", "kind")) == {
        ("PostgreSQL", "CANONICAL"),
        ("Postgres", "ALIAS"),
        ("PSQL", "ALIAS"),
    }


def test_what_staff_decided_comes_first(cast: Cast) -> None:
    viewer = cast.viewer("staff")
    mine = create_tag(viewer, name="Elephants", aliases=["Postgres"])
    own = create_tag(viewer, name="JS")
    taken(viewer, told("PostgreSQL"))
    taken(viewer, told("JS"))
    assert list(Entry.objects.order_by("pk").values_list("title", "tags")) == [("PostgreSQL", mine.pk), ("JS", own.pk)]
    other = create_tag(viewer, name="Cockroach")
    update_tag(viewer, tag_id=mine.pk, aliases=[])
    update_tag(viewer, tag_id=other.pk, aliases=["Roach", "PostgreSQL"])
    _, report = taken(viewer, "# B\n## Technologies\n- Roach\n- PostgreSQL: a database\n")
    assert {item.tags for item in report.items} == {("Cockroach",)}
    assert "PostgreSQL" in outcomes(report)


@pytest.mark.parametrize("name", ["Snow goose", "Snowgoose", "Snow Geese", "Puffin", "Puffins", "Auk", "Auks", "Tern"])
def test_what_a_tag_was_called_before_is_the_tag_and_its_entry(cast: Cast, name: str) -> None:
    """Before it was renamed, and what a tag was called that was merged into it; spelt otherwise, too."""
    viewer = cast.viewer("staff")
    taken(viewer, told("Snow goose"))
    made = Tag.objects.get()
    merged = create_tag(viewer, name="Puffin", aliases=["Auk"])
    update_tag(viewer, tag_id=made.pk, name="Tern", aliases=["Snow Geese"])
    merge_tags(viewer, source_ids=[merged.pk], target_id=made.pk)
    taken(viewer, f"# Later\n## Technologies\n- {name}\n")
    assert (Tag.objects.get(), Entry.objects.get().source_count) == (made, 2)


def test_a_spelling_becomes_an_alias_and_is_told(cast: Cast) -> None:
    tag = create_tag(cast.viewer("staff"), name="Load balancer")
    OutboxEvent.objects.all().delete()
    taken(cast.viewer("author"), told("Load Balancers"))
    assert set(tag.names.values_list("slug", "kind")) == {("load-balancer", "CANONICAL"), ("load-balancers", "ALIAS")}
    told_of = OutboxEvent.objects.filter(type__startswith="tag.").values_list("type", "subject_id")
    assert list(told_of) == [("tag.updated", tag.pk)]


def test_a_tag_gets_no_more_aliases_than_staff_can_save(cast: Cast) -> None:
    tag = create_tag(cast.viewer("staff"), name="Load balancer", aliases=[f"Alias {n}x" for n in range(MOST)])
    taken(cast.viewer("author"), told("Load Balancers"))
    assert (tag.names.count(), Entry.objects.get().tags.get()) == (MOST + 1, tag)


def test_other_writers_tags_are_met(cast: Cast) -> None:
    (tag,) = resolve(["k8s"], now=NOW)
    taken(cast.viewer("author"), told("Kubernetes"))
    assert Tag.objects.get() == tag
    assert {alias.slug for alias in tag.names.all()} == {"k8s", "kubernetes"}


def test_the_vocabulary_contradicts_itself_nowhere() -> None:
    slugs = [slug_for(each) for name, others in OTHER_NAMES.items() for each in (name, *others)]
    spellings = {name: {spelling(slug_for(each)) for each in (name, *others)} for name, others in OTHER_NAMES.items()}
    assert len(slugs) == len(set(slugs))
    assert sum(map(len, spellings.values())) == len(set().union(*spellings.values())) == len(slugs)
    assert all(len(others) < MOST for others in OTHER_NAMES.values())


def test_each_name_of_the_vocabulary_leads_to_its_tag(cast: Cast) -> None:
    for name, others in OTHER_NAMES.items():
        found = resolve_spelled(dict.fromkeys((*others, name), TagCategory.OTHER), OTHER_NAMES, now=NOW)
        assert {tag.name for tag in found.tags.values()} == {name}
    assert Tag.objects.count() == len(OTHER_NAMES)
