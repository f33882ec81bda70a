"""graphene-django as its documentation has it: DjangoObjectType, relay connections, its own view."""

from typing import Any

import graphene
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, QuerySet
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from graphene import relay
from graphene_django import DjangoConnectionField, DjangoObjectType
from graphene_django.views import GraphQLView

from bench.contestants.writing import create_entry
from knowledge import models

LATEST = F("published_at").desc(nulls_last=True)


class User(DjangoObjectType):
    """A person."""

    class Meta:
        model = models.User
        fields = ("username", "display_name")


class Tag(DjangoObjectType):
    """A subject."""

    class Meta:
        model = models.Tag
        fields = ("name", "slug", "entry_count", "challenge_count")


class Solution(DjangoObjectType):
    """An answer."""

    class Meta:
        model = models.Solution
        fields = ("body", "score", "is_accepted", "author")
        interfaces = (relay.Node,)


class Challenge(DjangoObjectType):
    """A difficulty."""

    tags = graphene.List(graphene.NonNull(Tag))
    solutions = DjangoConnectionField(Solution)

    class Meta:
        model = models.Challenge
        fields = ("title", "body", "status", "author")
        interfaces = (relay.Node,)
        convert_choices_to_enum = False

    def resolve_tags(self: Any, _info: Any) -> QuerySet[Any]:
        """By name."""
        return self.tags.order_by("slug")

    def resolve_solutions(self: Any, _info: Any, **_paging: Any) -> QuerySet[Any]:
        """The accepted one first."""
        return self.solutions.order_by("-is_accepted", "-score", "-id")


class Entry(DjangoObjectType):
    """A piece of knowledge."""

    tags = graphene.List(graphene.NonNull(Tag))
    challenges = DjangoConnectionField(Challenge)

    class Meta:
        model = models.Entry
        fields = (
            "slug", "kind", "status", "title", "summary", "body", "score", "created_at", "published_at", "author",
        )  # fmt: skip
        interfaces = (relay.Node,)
        convert_choices_to_enum = False

    def resolve_tags(self: Any, _info: Any) -> QuerySet[Any]:
        """By name."""
        return self.tags.order_by("slug")

    def resolve_challenges(self: Any, _info: Any, **_paging: Any) -> QuerySet[Any]:
        """The newest first."""
        return self.challenges.order_by("-created_at", "-id")


class Query(graphene.ObjectType):
    """What is read."""

    entries = DjangoConnectionField(Entry)
    entry = graphene.Field(Entry, slug=graphene.String(required=True))
    found = graphene.List(
        graphene.NonNull(Entry),
        tag=graphene.String(required=True),
        kind=graphene.String(required=True),
        text=graphene.String(required=True),
    )
    tags = graphene.List(graphene.NonNull(Tag))

    def resolve_entries(self: Any, _info: Any, **_paging: Any) -> QuerySet[Any]:
        """The latest first."""
        return models.Entry.objects.filter(status="PUBLISHED").order_by(LATEST, "-id")

    def resolve_entry(self: Any, _info: Any, slug: str) -> Any:
        """By its slug."""
        return models.Entry.objects.filter(status="PUBLISHED", slug=slug).first()

    def resolve_found(self: Any, _info: Any, tag: str, kind: str, text: str) -> QuerySet[Any]:
        """Those with a tag, of a kind, by rank."""
        query = SearchQuery(text, config="nexus")
        matching = models.Entry.objects.filter(status="PUBLISHED", kind=kind, tags__slug=tag, search=query)
        return matching.order_by(SearchRank(F("search"), query).desc(), "-id")[:20]

    def resolve_tags(self: Any, _info: Any) -> QuerySet[Any]:
        """The most used first."""
        return models.Tag.objects.order_by("-entry_count", "-id")[:100]


class Mutation(graphene.ObjectType):
    """What is written."""

    entry_create = graphene.Field(
        Entry,
        kind=graphene.String(required=True),
        title=graphene.String(required=True),
        summary=graphene.String(required=True),
        body=graphene.String(required=True),
        tags=graphene.List(graphene.NonNull(graphene.String), required=True),
    )

    def resolve_entry_create(self: Any, _info: Any, **content: Any) -> Any:
        """The new entry."""
        return create_entry("graphene", **content)


urlpatterns = [path("", csrf_exempt(GraphQLView.as_view(schema=graphene.Schema(Query, Mutation))))]
