"""Check constraints that several models share."""

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual


def not_blank(field: str, *, name: str) -> models.CheckConstraint:
    """The text holds something beside white space."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__regex": r"\S"}), name=name)


def at_most(field: str, characters: int, *, name: str) -> models.CheckConstraint:
    """The text is not longer."""
    return models.CheckConstraint(condition=LessThanOrEqual(Length(field), characters), name=name)


def one_of(field: str, choices: type[models.TextChoices], *, name: str) -> models.CheckConstraint:
    """The value is one of the choices."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__in": choices.values}), name=name)


def exactly_one(*fields: str, name: str) -> models.CheckConstraint:
    """One of the nullable fields is set, and no other."""
    condition = models.Q()
    for chosen in fields:
        condition |= models.Q(**{f"{field}__isnull": field != chosen for field in fields})
    return models.CheckConstraint(condition=condition, name=name)
