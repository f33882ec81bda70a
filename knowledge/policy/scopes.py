"""What scopes are made of, and those that say nothing of what the rows are."""

from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from knowledge.policy.viewer import Viewer

Scope = Callable[[Viewer], Q]

EVERY_ROW: Final = Q()
# Not `pk__in=[]`: Django answers that without SQL, and a plan needs SQL.
NO_ROW: Final = Q(pk__isnull=True)


def everything(viewer: Viewer) -> Q:
    """For everyone to see."""
    return EVERY_ROW


def staff_only(viewer: Viewer) -> Q:
    """For staff alone."""
    return EVERY_ROW if viewer.staff else NO_ROW


def reviewers_only(viewer: Viewer) -> Q:
    """For reviewers and staff."""
    return EVERY_ROW if viewer.reviews else NO_ROW


def own_rows(viewer: Viewer) -> Q:
    """What belongs to the viewer alone."""
    return own(viewer, "user_id")


def own(viewer: Viewer, field: str) -> Q:
    """Those whose `field` is the viewer's id; none where nobody is signed in."""
    return Q(**{field: viewer.id}) if viewer.id is not None else NO_ROW


def either(*scopes: Q) -> Q:
    """Any of them. NO_ROW is left out: a condition that is never true would still keep an index from being used."""
    chosen = [scope for scope in scopes if scope is not NO_ROW]
    return reduce(or_, chosen) if chosen else NO_ROW


def one_of(rows: QuerySet[Any]) -> Q:
    """There is one of the rows, which the outer row is tied to.

    For a scope that is one of several: where EXISTS stands beside OR, PostgreSQL may read all such rows of all outer
    ones beforehand, though a page asks for a few; a single row's column it looks up, each time.
    """
    return Q(IsNull(Subquery(rows.values("pk")[:1]), False))  # noqa: FBT003 - Django's


def among(field: str, values: Iterable[str]) -> Q:
    """The field is one of the values; sorted, so that one viewer's scope is always the same SQL."""
    return Q(**{f"{field}__in": sorted(values)})
