"""How many rows there are of what everybody counts."""

from django.db import models
from django.db.models.functions import Coalesce


class TallyOf(models.TextChoices):
    """What is counted: published entries, and all challenges."""

    ENTRIES = "ENTRIES"
    CHALLENGES = "CHALLENGES"


class Tally(models.Model):
    """A part of a number: how many rows there are is the sum of all parts. Triggers keep it, whoever writes what.

    Each change adds a part of its own, so that no writer waits for another one; `knowledge.tallies.fold` makes one of
    many.
    """

    of = models.CharField(max_length=16, choices=TallyOf)
    number = models.BigIntegerField()

    class Meta:
        indexes = (models.Index(fields=["of"], include=["number"], name="tally_of"),)

    def __str__(self) -> str:
        return f"{self.number:+} {self.of}"


def number_of(counted: TallyOf) -> Coalesce:
    """How many there are, as an expression; 0 where nothing was counted."""
    parts = Tally.objects.filter(of=counted).values("of")
    total = models.Subquery(parts.values(total=models.Sum("number")), output_field=models.BigIntegerField())
    return Coalesce(total, 0, output_field=models.BigIntegerField())
