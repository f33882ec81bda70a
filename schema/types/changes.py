"""What readers are told of while they watch."""

import graphene
from django.db.models import Case, CharField, F, When

from knowledge import models
from schema.planner.declare import Planned, PlannedUnion
from schema.planner.needs import OneOf, Value
from schema.planner.sql import GlobalId
from schema.types import enums
from schema.types.base import PlannedType
from schema.types.challenges import Challenge, Solution
from schema.types.entries import Entry
from schema.types.scalars import DateTime

SUBJECTS = {"Entry": "entry_key", "Challenge": "challenge_key", "Solution": "solution_key"}


class ChangeSubject(PlannedUnion):
    """What a change is about."""

    class Meta:
        types = (Entry, Challenge, Solution)


class KnowledgeChange(PlannedType):
    """Something that happened to what the viewer may see."""

    class Meta:
        model = models.Change

    kind = Planned(enums.KnowledgeChangeKind, Value(lambda _reading: F("kind")), "What happened.")
    at = Planned(DateTime, Value("created_at"), "When it happened.")
    subject_id = Planned(
        graphene.ID,
        Value(
            lambda _reading: Case(
                *(When(subject_type=name, then=GlobalId(name, F("subject_id"))) for name in SUBJECTS),
                output_field=CharField(),
            )
        ),
        "The id of what it happened to.",
    )
    subject = Planned(
        ChangeSubject,
        OneOf(SUBJECTS),
        "What it happened to, as it is now; null once it is gone or no longer visible.",
        required=False,
    )
