"""What is forgotten is found when the schema is built: a scope, a need, a rule who may."""

from typing import Any

import graphene
import pytest
from django.db.models import DateTimeField, Q, TextField

from knowledge import models, policy
from knowledge.policy import VISIBLE
from schema.mutations.base import Mutation
from schema.planner.catalogue import Catalogue, UndeclaredError
from schema.planner.declare import Planned, connection, connection_type
from schema.planner.needs import (
    Connection,
    Filter,
    Links,
    Listing,
    Many,
    One,
    OneOf,
    Order,
    Search,
    Searched,
    Value,
)
from schema.schema import planner
from schema.types import listings
from schema.types.base import PlannedType
from schema.types.enums import described
from schema.types.inputs import Input


def catalogue_of(**roots: Any) -> Catalogue:
    """The catalogue of a schema with these roots."""
    query = type("Query", (graphene.ObjectType,), roots)
    return Catalogue.of(graphene.Schema(query=query).graphql_schema, VISIBLE)


def planned(called: str, model: Any, /, **fields: Any) -> Any:
    return type(called, (PlannedType,), {"Meta": type("Meta", (), {"model": model}), **fields})


def test_a_type_without_a_scope_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Vote has no scope: say in the policy"):
        planned("Vote", models.Vote)
    with pytest.raises(TypeError, match="Rootless has no scope"):
        type("Rootless", (PlannedType,), {})


def test_a_type_may_bring_its_scope() -> None:
    class Vote(PlannedType):
        class Meta:
            model = models.Vote
            scope = policy.own_rows

    viewer = policy.Viewer(id=5, role=models.Role.CONTRIBUTOR)
    assert Vote.scope(viewer) == policy.own_rows(viewer)


def test_a_field_that_does_not_say_what_it_needs_is_refused() -> None:
    tag = planned("Tag", models.Tag, name=graphene.String(description="Its name."))
    with pytest.raises(UndeclaredError, match=r"Tag\.name does not say what it needs"):
        catalogue_of(tag=Planned(tag, One("Tag"), "A tag."))
    silent = planned("Tag", models.Tag, name=Planned(graphene.String, None, "Its name."))
    with pytest.raises(UndeclaredError, match=r"Tag\.name does not say what it needs"):
        catalogue_of(tag=Planned(silent, One("Tag"), "A tag."))


KEPT = Links(models.Bookmark, OneOf({"Tag": "tag_id", "Entry": "entry_id"}))


@pytest.mark.parametrize(
    "need",
    [
        One("Entry"),
        Many("Entry", at_most=1),
        Connection("Entry", listings.ENTRIES),
        KEPT.to,
        Connection(KEPT, listings.BOOKMARKS),
    ],
    ids=["One", "Many", "Connection", "OneOf", "Links"],
)
def test_a_need_of_a_type_that_is_not_planned_is_refused(need: Any) -> None:
    tag = planned("Tag", models.Tag, name=Planned(graphene.String, need, "Its name."))
    with pytest.raises(UndeclaredError, match=r"Tag\.name needs Entry, which declares no scope"):
        catalogue_of(tag=Planned(tag, One("Tag"), "A tag."))


def test_links_whose_rows_have_no_scope_are_refused() -> None:
    votes = Links(models.Vote, OneOf({"Tag": "tag_id"}))
    tag = planned("Tag", models.Tag, name=Planned(graphene.String, Connection(votes, listings.BOOKMARKS), "Its votes."))
    with pytest.raises(UndeclaredError, match=r"Vote has no scope: say in the policy"):
        catalogue_of(tag=Planned(tag, One("Tag"), "A tag."))


class TagOrder(Input):
    field = graphene.Field(graphene.Enum("TagOrderField", [("NAME", "NAME"), ("SCORE", "SCORE")]))


class NameOrder(Input):
    field = graphene.Field(graphene.Enum("NameOrderField", [("NAME", "NAME")]))


class During(Input):
    from_ = graphene.String(name="from")
    until = graphene.String()


class NameWhere(Input):
    AND = graphene.List(lambda: NameWhere, name="AND")
    NOT = graphene.Field(lambda: NameWhere, name="NOT")
    name = graphene.String()


class SizeWhere(NameWhere):
    size = graphene.Int()


class TimeWhere(NameWhere):
    made_at = graphene.Field(During)


BY_NAME = Order("name", TextField(), str)
OF_NAME = Filter(lambda value: Q(name=value), TextField())
MADE_FROM = Filter(lambda value: Q(created_at__gte=value), DateTimeField())
NAMED = Listing(filters={"name": OF_NAME}, orders={"NAME": BY_NAME})
TIMED = Listing(filters={"name": OF_NAME, "made_at.from_": MADE_FROM}, orders={"NAME": BY_NAME})


def only_some(_viewer: policy.Viewer) -> bool:
    return False


@pytest.mark.parametrize(
    ("need", "offered", "message"),
    [
        (Connection("Tag", NAMED), {"order_by": TagOrder}, "is ordered by SCORE, which its listing does not have"),
        (Connection("Tag", NAMED), {"order_by": NameOrder}, None),
        (Connection("Tag", NAMED, default=(("SCORE", "ASC"),)), {}, "is ordered by SCORE, which its listing does not"),
        (Connection("Tag", NAMED, default=(("NAME", "ASC"),)), {}, None),
        (Connection("Tag", NAMED), {"where": SizeWhere}, "is filtered by size, which its listing does not have"),
        (Connection("Tag", NAMED), {"where": NameWhere}, None),
        (Connection("Tag", TIMED), {"where": TimeWhere}, r"is filtered by made_at\.until, which its listing does not"),
        (Connection("Tag", NAMED, only_for=only_some), {}, "is null for some, so it must be nullable"),
        (Connection("Tag", NAMED, only_for=only_some), {"required": False}, None),
    ],
)
def test_a_connection_that_offers_what_it_has_not_is_refused(
    need: Connection, offered: dict[str, Any], message: str | None
) -> None:
    tag = planned("Tag", models.Tag, name=Planned(graphene.String, Value("name"), "Its name."))
    page = connection_type("Tag", lambda: tag, "tags")
    roots = {"tags": connection(page, need, "Tags.", **offered), "tag": Planned(tag, One("Tag"), "A tag.")}
    if message is None:
        assert set(catalogue_of(**roots).roots) == {"tag", "tags"}
    else:
        with pytest.raises(UndeclaredError, match=rf"Query\.tags {message}"):
            catalogue_of(**roots)


def test_a_search_that_offers_a_filter_that_a_type_has_not_is_refused() -> None:
    tag = planned("Tag", models.Tag, name=Planned(graphene.String, Value("name"), "Its name."))
    engine: Any = None
    searched = tuple(Searched("Tag", choice, listing, (), "") for choice, listing in (("A", TIMED), ("B", NAMED)))
    where = {"where": graphene.Argument(TimeWhere)}
    found = Planned(graphene.List(tag), Search(searched, engine, {}), "What is found.", args=where)
    with pytest.raises(UndeclaredError, match=r"Query\.found is filtered by made_at\.until"):
        catalogue_of(found=found)


def test_a_root_that_is_not_planned_is_left_to_graphql_core() -> None:
    tag = planned("Tag", models.Tag, name=Planned(graphene.String, Value("name"), "Its name."))
    found = catalogue_of(tag=Planned(tag, One("Tag"), "A tag."), version=graphene.String(description="Ours."))
    assert set(found.roots) == {"tag"}
    assert set(found.types) == {"Tag"}


def test_a_mutation_that_does_not_say_who_may_is_refused() -> None:
    with pytest.raises(TypeError, match="EntryForget does not say who may"):
        type("EntryForget", (Mutation,), {})


def test_an_enum_describes_each_of_its_values() -> None:
    with pytest.raises(TypeError, match=r"TagCategory: .*TOOL.* must each be described"):
        described(models.TagCategory, "What sort.", TECHNOLOGY="A language.")


def test_every_planned_type_has_the_scope_of_its_model() -> None:
    types = planner.catalogue.types
    assert {"Entry", "Challenge", "Solution", "Tag", "User", "Source", "Digest", "EntryRevision"} <= set(types)
    own = {name for name, needs in types.items() if needs.scope is not VISIBLE.get(needs.model)}
    # The viewer's own row is nobody else's, whatever everyone may know of users.
    assert own == {"Viewer"}
