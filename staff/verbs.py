"""What staff can do: a page with a form, and one call of a service.

The page says what will happen; posting it does it. What the service refuses stands above the form, or beside the field
that it is about, and nothing is changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms

from knowledge.errors import KnowledgeError, Rejected
from knowledge.policy import Scope, Viewer, everything


@dataclass(frozen=True, slots=True)
class Deed:
    """Who does it to which row (None where there is none yet), with what the form was filled in with, and when."""

    viewer: Viewer
    row: Any
    given: Mapping[str, Any]
    now: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What to tell, and the key of the row to show next; None leads to the list."""

    said: str
    shown: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen, and what the form carries to the second step, in hidden fields."""

    said: str
    carried: Mapping[str, str]


def _nothing(row: Any) -> dict[str, Any]:
    return {}


def _always(row: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that can be done.

    `name` ends its address, `label` stands on its buttons, `what` says on its page what will happen. It is offered for
    rows in the scope `may` that meet `when`; the service decides. With a `preview` it takes two steps: the first one
    tells, the second one does.
    """

    name: str
    label: str
    what: str
    perform: Callable[[Deed], Done]
    form: type[forms.Form] = forms.Form
    initial: Callable[[Any], dict[str, Any]] = _nothing
    may: Scope = everything
    when: Callable[[Any], bool] = _always
    preview: Callable[[Deed], Preview] | None = None


def refuse(form: forms.Form, error: KnowledgeError) -> None:
    """Tells on the form what the domain refused."""
    if not isinstance(error, Rejected):
        form.add_error(None, str(error))
        return
    for mistake in error.mistakes:
        field = mistake.path[0] if mistake.path else None
        shown = field in form.fields and not form.fields[field].widget.is_hidden
        place = "" if len(mistake.path) < 2 or not mistake.path[1].isdigit() else f"No. {int(mistake.path[1]) + 1}: "  # noqa: PLR2004 - a field and a place in it
        form.add_error(field if shown else None, place + mistake.message)


class Lines(forms.CharField):
    """Several short texts, one a line."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 5_000, **options})

    def clean(self, value: Any) -> list[str]:
        """The lines that are not empty."""
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]
