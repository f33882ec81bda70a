"""Orders that lists have, as indexes hold them."""

from typing import Any

from django.db import models


class Latest(models.Func):
    """A time to order by, the latest first and null last: as a time that is never null, so that rows compare by it.

    The planner writes orders in the same form (schema.planner.sql.NullsLast); else no index would serve them.
    """

    template = "COALESCE(%(expressions)s, '-infinity'::timestamptz)"
    output_field = models.DateTimeField()


class Earliest(Latest):
    """A time to order by, the earliest first and null last."""

    template = "COALESCE(%(expressions)s, 'infinity'::timestamptz)"


def latest_first(time: str, key: str = "id") -> tuple[Any, Any]:
    """The order by a time that may be null, then by the primary key."""
    return Latest(time).desc(), models.F(key).desc()


def earliest_first(time: str, key: str = "id") -> tuple[Any, Any]:
    """The same order the other way round, but for null, which is last as well."""
    return Earliest(time).asc(), models.F(key).asc()
