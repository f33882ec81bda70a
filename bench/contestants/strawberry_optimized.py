"""strawberry-django with its query optimizer: relay connections, its own view."""

from datetime import datetime
from typing import Any

import strawberry
import strawberry_django
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, QuerySet
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from strawberry import auto, relay
from strawberry.django.views import GraphQLView
from strawberry_django.optimizer import DjangoOptimizerExtension
from strawberry_django.relay import DjangoListConnection

from bench.contestants.writing import create_entry
from knowledge import models

LATEST = F("published_at").desc(nulls_last=True)


@strawberry_django.order_type(models.Tag)
class TagOrder:
    """By name."""

    slug: auto


@strawberry_django.type(models.User)
class User:
    """A person."""

    username: auto
    display_name: auto


@strawberry_django.type(models.Tag)
class Tag:
    """A subject."""

    name: auto
    slug: auto
    entry_count: auto
    challenge_count: auto

    @classmethod
    def get_queryset(cls, queryset: QuerySet[Any], _info: Any, **_: Any) -> QuerySet[Any]:
        """By name, where no order was given."""
        return queryset if queryset.query.order_by else queryset.order_by("slug")


@strawberry_django.type(models.Solution)
class Solution(relay.Node):
    """An answer."""

    body: auto
    score: auto
    is_accepted: auto
    author: User | None

    @classmethod
    def get_queryset(cls, queryset: QuerySet[Any], _info: Any, **_: Any) -> QuerySet[Any]:
        """The accepted one first."""
        return queryset.order_by("-is_accepted", "-score", "-id")


@strawberry_django.type(models.Challenge)
class Challenge(relay.Node):
    """A difficulty."""

    title: auto
    body: auto
    status: str
    author: User | None
    tags: list[Tag]
    solutions: DjangoListConnection[Solution] = strawberry_django.connection()

    @classmethod
    def get_queryset(cls, queryset: QuerySet[Any], _info: Any, **_: Any) -> QuerySet[Any]:
        """The newest first."""
        return queryset.order_by("-created_at", "-id")


@strawberry_django.type(models.Entry)
class Entry(relay.Node):
    """A piece of knowledge."""

    slug: auto
    kind: str
    status: str
    title: auto
    summary: auto
    body: auto
    score: auto
    created_at: datetime
    published_at: datetime | None
    author: User | None
    tags: list[Tag]
    challenges: DjangoListConnection[Challenge] = strawberry_django.connection()


def _published() -> QuerySet[Any]:
    return models.Entry.objects.filter(status="PUBLISHED").order_by(LATEST, "-id")


@strawberry.type
class Query:
    """What is read."""

    @strawberry_django.connection(DjangoListConnection[Entry])
    def entries(self) -> QuerySet[Any]:
        """The latest first."""
        return _published()

    @strawberry_django.field
    def entry(self, slug: str) -> Entry | None:
        """By its slug."""
        found: Any = _published().filter(slug=slug)
        # The extension adds what is needed, and the first is taken.
        return found

    @strawberry_django.field
    def found(self, tag: str, kind: str, text: str) -> list[Entry]:
        """Those with a tag, of a kind, by rank."""
        query = SearchQuery(text, config="nexus")
        matching: Any = models.Entry.objects.filter(status="PUBLISHED", kind=kind, tags__slug=tag, search=query)
        return matching.order_by(SearchRank(F("search"), query).desc(), "-id")[:20]

    @strawberry_django.field
    def tags(self) -> list[Tag]:
        """The most used first."""
        used: Any = models.Tag.objects.order_by("-entry_count", "-id")[:100]
        return used


@strawberry.type
class Mutation:
    """What is written."""

    @strawberry_django.mutation
    def entry_create(self, kind: str, title: str, summary: str, body: str, tags: list[str]) -> Entry:
        """The new entry."""
        made: Entry = create_entry("strawberry", kind=kind, title=title, summary=summary, body=body, tags=tags)
        return made


SCHEMA = strawberry.Schema(Query, Mutation, extensions=[DjangoOptimizerExtension])
urlpatterns = [path("", csrf_exempt(GraphQLView.as_view(schema=SCHEMA)))]
