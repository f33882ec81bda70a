"""What scopes are made of, and those that say nothing of what the rows are."""

from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import Final

from django.db.models import Q

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


def among(field: str, values: Iterable[str]) -> Q:
    """The field is one of the values; sorted, so that one viewer's scope is always the same SQL."""
    return Q(**{f"{field}__in": sorted(values)})
