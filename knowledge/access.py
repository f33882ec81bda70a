"""The way from an id in a request to a row that a service may change."""

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import BigIntegerField, Model, Q

from knowledge.actions import Rule
from knowledge.errors import Forbidden, MistakeCode, Rejected
from knowledge.policy import VISIBLE, Scope, Viewer, everything

M = TypeVar("M", bound=Model)


def locked(model: type[M], pk: int, viewer: Viewer, *, may: Scope = everything, path: tuple[str, ...] = ("id",)) -> M:
    """The row, locked until the transaction ends.

    Raises Rejected with NOT_FOUND at `path` when it is not there or not visible to the viewer, and Forbidden when
    it is visible but outside the scope `may`. Must run inside a transaction.
    """
    row = model._default_manager.select_for_update(of=("self",)).filter(VISIBLE[model](viewer), pk=pk).first()
    if row is None:
        raise Rejected.because(MistakeCode.NOT_FOUND, f"There is no such {model._meta.verbose_name}.", *path)
    permit(row, viewer, may)
    return row


def permit(row: Model, viewer: Viewer, may: Scope) -> None:
    """Raises Forbidden when the row, which the viewer may see, is outside the scope `may`."""
    if not permitted(row, viewer, may):
        raise Forbidden


def permitted(row: Model, viewer: Viewer, may: Scope) -> bool:
    """Whether the row, which the viewer may see, is inside the scope `may`: to know before, as `permit` does then."""
    return may is everything or type(row)._default_manager.filter(may(viewer), pk=row.pk).exists()


def allow(row: Model, viewer: Viewer, rule: Rule) -> None:
    """Raises Forbidden when the viewer may not do it to the row, INVALID_STATE at ("id",) when it can't be done now."""
    permit(row, viewer, rule.may)
    if not type(row)._default_manager.filter(rule.when(viewer), pk=row.pk).exists():
        raise Rejected.because(MistakeCode.INVALID_STATE, rule.otherwise, "id")


def visible_ids(model: type[M], pks: Iterable[int], viewer: Viewer) -> set[int]:
    """Those of the primary keys that lead to a row which is visible to the viewer."""
    possible = {pk for pk in pks if 0 < pk <= BigIntegerField.MAX_BIGINT}
    return set(model._default_manager.filter(VISIBLE[model](viewer), pk__in=possible).values_list("pk", flat=True))


def visible(model: type[M], pk: int, viewer: Viewer, *, path: tuple[str, ...] = ("id",)) -> M:
    """The row, not locked; raises Rejected with NOT_FOUND at `path` when it is not there or not visible."""
    row = model._default_manager.filter(VISIBLE[model](viewer) & Q(pk=pk)).first()
    if row is None:
        raise Rejected.because(MistakeCode.NOT_FOUND, f"There is no such {model._meta.verbose_name}.", *path)
    return row


def expect(field: str, expected: int | None, actual: int | None) -> None:
    """Raises Rejected with CONFLICT at `field` when the caller expected another number than there is."""
    if expected is not None and expected != actual:
        now = "there is none" if actual is None else f"it is {actual} by now"
        raise Rejected.because(MistakeCode.CONFLICT, f"You expected {expected}, but {now}.", field)
