"""What a search finds, how well, and where: over rows that the caller scopes.

`asked` is an expression for what `typed` answers, an array of two texts; `query` is one for a tsquery, `exact` one for
the tsquery without the words that the last one only begins. They are dear enough to be worked out once for a statement
and not once for a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQueryField
from django.db.models import (
    BooleanField,
    Case,
    DecimalField,
    F,
    FloatField,
    Func,
    IntegerField,
    JSONField,
    Q,
    TextField,
    Value,
    When,
)
from django.db.models.lookups import GreaterThan

from knowledge.models import TagAlias

# Of the weights D to A. A title counts more than a summary or a tag (which has no weight of its own in the column, so
# it is D), and each of those more than any number of places in a body.
_WEIGHTS: Final = "{0.2, 0.02, 0.2, 1}"


class Matches(Func):
    """Whether a tsvector matches a tsquery."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = BooleanField()


def text_query(asked: Any) -> Func:
    """The tsquery of what was typed."""
    return Func(asked, function="nexus_search_query", output_field=SearchQueryField())


def exact_query(asked: Any) -> Func:
    """The same without the words that the last one only begins."""
    template = "nexus_search_query(ARRAY[(%(expressions)s)[1], ''])"
    return Func(asked, template=template, output_field=SearchQueryField())


def found(query: Any) -> Q:
    """Rows that match a query."""
    return Q(Matches(F("search"), query))


def matches(query: Any) -> Q:
    """The same rows, looked at one by one: for what so many match that an index is no help."""
    return Q(Func(F("search"), query, function="ts_match_vq", output_field=BooleanField()))


def is_common(table: str, query: Any) -> Func:
    """Whether so many rows of the table match, as PostgreSQL expects, that no index is any help."""
    return Func(Value(table), query, template="(SELECT nexus_is_common(%(expressions)s))", output_field=BooleanField())


def all_of(queries: Sequence[Any]) -> Any:
    """The tsquery of rows that match all of the queries."""
    if len(queries) == 1:
        return queries[0]
    # An empty query matches nothing, and to && it is nothing.
    nodes = Func(*(Func(query, function="numnode", output_field=IntegerField()) for query in queries), function="LEAST")
    both = Func(*queries, template="%(expressions)s", arg_joiner=" && ", output_field=SearchQueryField())
    return Case(When(GreaterThan(nodes, 0), then=both), default=Value("", SearchQueryField()))


def any_of(queries: Sequence[Any]) -> Func:
    """The tsquery of rows that match at least one of the queries."""
    return Func(*queries, template="(%(expressions)s)", arg_joiner=" || ", output_field=SearchQueryField())


def any_tag_query(slugs: Any) -> Func:
    """The tsquery of entries or challenges that carry a tag to which one of the slugs leads.

    By the marks in their search column: so one index finds words and tags together, and of a tag no row is read that
    the words leave out.
    """
    return _AnyMark(_tags(slugs))


def all_tags_query(slugs: Any) -> Func:
    """The tsquery of those that carry, for every slug, the tag to which it leads. The slugs are distinct."""
    return _AllMarks(_tags(slugs), slugs)


def kind_query(kinds: Any) -> Func:
    """The tsquery of entries of one of the kinds."""
    return _AnyMark(Func(kinds, template="%(expressions)s::text[]", output_field=ArrayField(TextField())))


def _tags(slugs: Any) -> ArraySubquery:
    return ArraySubquery(TagAlias.objects.filter(slug__any=_Unseen(slugs)).order_by().values("tag_id"))


def rank(query: Any, exact: Any, column: str = "search") -> Func:
    """How well a row matches, rounded to six digits so that it compares equal to itself.

    The beginning of a word counts a tenth of the whole word. By the column `search_head` without the body: that is the
    most of it, and needs no look at what is stored beside the row.
    """
    return Func(
        _Weight(F(column), query),
        _Weight(F(column), exact),
        template="round((%(expressions)s)::numeric, 6)",
        arg_joiner=" / 10 + ",
        output_field=DecimalField(max_digits=10, decimal_places=6),
    )


def highlights(query: Any, lines: Sequence[str], html: str) -> Func:
    """Where a row matches: a JSON array of plain texts. `lines` are columns of one line, `html` is one of HTML."""
    array = Func(*lines, template="ARRAY[%(expressions)s]::text[]", output_field=ArrayField(TextField()))
    return Func(query, array, F(html), function="nexus_highlights", output_field=JSONField())


class _AnyMark(Func):
    """A tsquery of marks by what they are of, of which one is enough. Of none it is empty, and nothing matches."""

    template = "(SELECT coalesce(string_agg('''#' || id || '''', '|'), '')::tsquery FROM unnest(%(expressions)s) AS id)"
    output_field = SearchQueryField()


class _AllMarks(Func):
    """A tsquery of the marks of tags by their ids, of which there is one for each slug; else it is empty."""

    template = """(SELECT CASE WHEN cardinality(ids) = cardinality(slugs)
        THEN '''#' || array_to_string(ids, ''' & ''#') || '''' ELSE '' END::tsquery
        FROM (SELECT %(expressions)s::text[]) AS named (ids, slugs))"""
    output_field = SearchQueryField()


class _Unseen(Func):
    """A list that PostgreSQL does not look at while it plans, since its names lead to one row each.

    Of a list that it sees it takes the length for the number of rows, of one yet to come ten: so it would think any
    plan for this very list the better one, and plan again each time, for a fifth of what the search takes.
    """

    template = "ARRAY(SELECT unnest(%(expressions)s::text[]))"


class _Weight(Func):
    """PostgreSQL's rank. For several words that is their nearness, unless one of them would be enough.

    So "or nothing" is added to the query: then each word counts by the weight of its places.
    """

    template = f"ts_rank('{_WEIGHTS}', %(expressions)s || '''#0'''::tsquery)"
    output_field = FloatField()
