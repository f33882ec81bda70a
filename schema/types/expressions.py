"""Expressions that several types share."""

from typing import Any

from django.db.models import BooleanField, Case, CharField, F, Func, JSONField, Q, Value, When
from django.db.models.functions import NullIf

from knowledge import reads
from knowledge.actions import ENTRY_ACTIONS, possible
from knowledge.policy import EVERY_ROW, NO_ROW, Scope, Viewer
from schema.planner.needs import Reading
from schema.planner.needs import Value as ValueNeed


def holds(condition: Q) -> Any:
    """Whether a condition is true of the row."""
    if condition == EVERY_ROW:
        return Value(True, output_field=BooleanField())  # noqa: FBT003 - the value of an SQL expression
    # Not the bare condition: compared with a null column, it would be null.
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())  # noqa: FBT003 - as above


class TextList(Func):
    """Texts as a JSON array; those that are null are left out."""

    template = "to_json(array_remove(ARRAY[%(expressions)s]::text[], NULL))"
    output_field = JSONField()


def viewer_actions() -> ValueNeed:
    """What the viewer can do with the entry now, in the order of the table that the services enforce."""

    def expression(reading: Reading[Viewer]) -> Any:
        scopes = {action: possible(action, reading.viewer) for action in ENTRY_ACTIONS}
        return TextList(
            *(
                Case(When(scope, then=Value(action.value)), output_field=CharField())
                for action, scope in scopes.items()
                if scope is not NO_ROW
            )
        )

    return ValueNeed(expression)


def text_for(scope: Scope, column: str) -> ValueNeed:
    """A text of the rows in the scope; empty for others."""

    def expression(reading: Reading[Viewer]) -> Any:
        condition = scope(reading.viewer)
        if condition == EVERY_ROW:
            return F(column)
        return Case(When(condition, then=F(column)), default=Value(""), output_field=CharField())

    return ValueNeed(expression)


def viewer_may(scope: Scope) -> ValueNeed:
    """Whether the viewer may do to the row what `scope` permits: the rule that the services enforce."""
    return ValueNeed(lambda reading: holds(scope(reading.viewer)))


def unless_empty(column: str) -> ValueNeed:
    """A text, or null where it is empty."""
    return ValueNeed(lambda _reading: NullIf(F(column), Value("")))


def viewer_vote(subject: str) -> ValueNeed:
    """The viewer's vote on the row."""

    def expression(reading: Reading[Viewer]) -> Any:
        if not reading.viewer.signed_in:
            return Value(None, output_field=CharField())
        return reads.vote_of(reading.viewer.id, subject)

    return ValueNeed(expression)


def bookmarked(subject: str) -> ValueNeed:
    """Whether the viewer keeps the row, which is a `subject` (entry, challenge)."""

    def expression(reading: Reading[Viewer]) -> Any:
        if not reading.viewer.signed_in:
            return holds(NO_ROW)
        return reads.bookmarked_by(reading.viewer.id, subject)

    return ValueNeed(expression)


def for_self_and_staff(column: str) -> ValueNeed:
    """A column of a user for that user and for staff; null for others."""

    def expression(reading: Reading[Viewer]) -> Any:
        if reading.viewer.staff:
            return F(column)
        if not reading.viewer.signed_in:
            return Value(None, output_field=CharField())
        return Case(When(pk=reading.viewer.id, then=F(column)), default=None)

    return ValueNeed(expression)
