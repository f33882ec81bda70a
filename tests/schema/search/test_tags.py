"""Names and aliases of tags are words; what is searched can be narrowed."""

from typing import Any

import pytest

from knowledge.models import Entry, EntryTag, Tag, TagAlias
from tests.client import Client
from tests.schema.rows import challenge, entry, solution, tag
from tests.schema.search.asking import found, search, titles

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(db: None) -> Entry:
    """An entry that says nothing of the tags that it carries."""
    return entry("Running things", tag("Kubernetes", "k8s"), tag("Continuous Integration", "CI"), body="In a cluster.")


@pytest.mark.parametrize(
    "query",
    [
        "kubernetes",
        "k8s",
        "K8",
        "kube",
        "continuous integration",
        "integration",
        "cluster k8s",
        '"continuous integration"',
        "ci",
    ],
)
def test_names_and_aliases_of_tags_are_words(api: Client, cluster: Entry, query: str) -> None:
    entry("Something else", tag("Docker"))
    answer = search(api, query)
    assert titles(answer) == ["Running things"]
    assert all("⟦" in part for part in answer["edges"][0]["highlights"])


@pytest.mark.parametrize(
    "query", ['"integration continuous"', "cluster -k8s", "k8s docker", '"cluster kubernetes"', "k9s"]
)
def test_words_of_tags_are_heeded_like_others(api: Client, cluster: Entry, query: str) -> None:
    assert found(api, query) == []


def test_what_becomes_of_a_tag_counts_at_once(api: Client, cluster: Entry) -> None:
    kubernetes = Tag.objects.get(name="Kubernetes")
    TagAlias.objects.create(tag=kubernetes, name="orchestrator", slug="orchestrator")
    assert found(api, "orchestrator") == ["Running things"]
    Tag.objects.filter(pk=kubernetes.pk).update(name="Helmsman", slug="helmsman")
    assert found(api, "helmsman") == ["Running things"]
    assert found(api, "kubernetes") == []
    other = tag("Nomad")
    EntryTag.objects.filter(entry=cluster, tag=kubernetes).delete()
    EntryTag.objects.create(entry=cluster, tag=other)
    assert found(api, "helmsman") == []
    assert found(api, "nomad") == ["Running things"]


def test_an_entry_saved_as_it_was_read_keeps_its_tags(api: Client) -> None:
    read = entry("Running things")
    EntryTag.objects.create(entry=read, tag=tag("Kubernetes"))
    assert read.tag_ids == []
    read.title = "Running other things"
    read.save()
    assert found(api, "kubernetes") == ["Running other things"]
    Entry.objects.filter(pk=read.pk).update(tag_ids=[])
    assert found(api, "kubernetes") == ["Running other things"]


def test_challenges_are_found_by_their_tags_too(api: Client) -> None:
    challenge("Why?", tag("Kubernetes", "k8s"))
    assert found(api, "k8s") == ["Why?"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "cest"),
        ({"types": None, "where": None}, "cest"),
        ({"types": ["ENTRY"]}, "et"),
        ({"types": ["CHALLENGE"]}, "c"),
        ({"types": ["SOLUTION"]}, "s"),
        ({"types": ["SOLUTION", "CHALLENGE"]}, "cs"),
        ({"types": []}, ""),
        ({"where": {"kind": ["TOOL"]}}, "t"),
        ({"where": {"kind": []}}, ""),
        ({"where": {"status": ["OPEN"]}}, "c"),
        ({"where": {"status": ["CLOSED"]}}, ""),
        ({"where": {"kind": ["TOOL"], "status": ["OPEN"]}}, ""),
        ({"where": {"tagsAny": ["py", "none"]}}, "cst"),
        ({"where": {"tagsAny": []}}, ""),
        ({"where": {"tagsAll": ["Python", "web"]}}, "cs"),
        ({"where": {"tagsAll": []}}, "cest"),
        ({"where": {"tagsAll": ["python"]}, "types": ["ENTRY"]}, "t"),
    ],
)
def test_what_is_searched_can_be_narrowed(api: Client, arguments: dict[str, Any], expected: str) -> None:
    python, web = tag("Python", "py"), tag("Web")
    entry("e docker")
    entry("t docker", python, kind="TOOL")
    solution(challenge("c docker", python, web), "s docker")
    answer = search(api, "docker", **arguments)
    assert "".join(sorted(title[0] for title in titles(answer))) == expected
    assert answer["totalCount"] == len(expected)
