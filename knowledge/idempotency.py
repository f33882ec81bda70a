"""Doing once what is asked twice: the same key and the same input get the first answer again."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, TypeVar

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from knowledge.errors import MistakeCode, Mistakes, Rejected
from knowledge.models import IdempotencyKey
from knowledge.text import clean_line

KEPT: Final = timedelta(hours=24)
KEY_LENGTH: Final = 200
PATH: Final = "idempotency_key"

M = TypeVar("M", bound=models.Model)


def once(
    model: type[M], make: Callable[[], M], *, user_id: int, operation: str, key: str | None, given: Mapping[str, Any]
) -> M:
    """What `make` answers, or what it answered the first time that this user sent this `key` for this `operation`.

    `given` is the input as far as it decides what is made: what JSON can hold, and moments. Without a key it is simply
    made; a key is kept until `expire` forgets it. Two at the same moment: the second waits for the first. Must be
    called inside a transaction, which holds the key as well as what is made (raises RuntimeError otherwise).

    Raises Rejected with CONFLICT when the key came with another input before, NOT_FOUND when what was made then is
    gone, REQUIRED, INVALID or TOO_LONG for a key that is none.
    """
    if not connection.in_atomic_block:
        raise RuntimeError(f"{operation} was to be done once, outside a transaction")
    if key is None:
        return make()
    key = _cleaned(key)
    digest = _digest(given)
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(user_id=user_id, operation=operation, key=key, request_hash=digest)
    except IntegrityError:
        first = IdempotencyKey.objects.get(user_id=user_id, operation=operation, key=key)
        return _first_answer(model, first, digest)
    made = make()
    row.subject_id = made.pk
    row.save(update_fields=["subject_id"])
    return made


def expire(now: datetime | None = None) -> int:
    """Forgets keys that are older than 24 hours; answers how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=(now or timezone.now()) - KEPT).delete()
    return deleted


def _cleaned(key: str) -> str:
    mistakes = Mistakes()
    cleaned = clean_line(key, mistakes, PATH, most=KEY_LENGTH)
    mistakes.settle()
    return cleaned


def _first_answer(model: type[M], first: IdempotencyKey, digest: bytes) -> M:
    if bytes(first.request_hash) != digest:
        raise Rejected.because(MistakeCode.CONFLICT, "This key was used before, with another input.", PATH)
    made = model._default_manager.filter(pk=first.subject_id).first()
    if made is None:
        raise Rejected.because(MistakeCode.NOT_FOUND, "What was made with this key is gone.", PATH)
    return made


def _digest(given: Mapping[str, Any]) -> bytes:
    return sha256(json.dumps(given, sort_keys=True, default=str).encode()).digest()
