"""Doing once what is asked twice. What is refused of a key is tested where keys come in, as in digests."""

from datetime import timedelta
from functools import partial
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from knowledge.errors import Rejected
from knowledge.idempotency import expire, once
from knowledge.models import IdempotencyKey, Tag
from tests.cast import make_cast

pytestmark = pytest.mark.django_db


def made(name: str) -> Tag:
    return Tag.objects.create(name=name, slug=name)


def test_outside_a_transaction_nothing_is_done_once(transactional_db: None) -> None:
    with pytest.raises(RuntimeError):
        once(Tag, lambda: made("a"), user_id=1, operation="o", key="k", given={})
    assert not Tag.objects.exists()


def test_without_a_key_it_is_simply_done() -> None:
    user = make_cast().author
    for name in ("a", "b"):
        once(Tag, partial(made, name), user_id=user.pk, operation="o", key=None, given={})
    assert (Tag.objects.count(), IdempotencyKey.objects.count()) == (2, 0)


def test_a_key_is_its_owners_and_its_operations() -> None:
    cast = make_cast()
    answers = [
        once(Tag, partial(made, name), user_id=user.pk, operation=operation, key="k", given={"x": 1})
        for name, user, operation in (
            ("a", cast.author, "one"),
            ("b", cast.peer, "one"),
            ("c", cast.author, "two"),
            ("d", cast.author, "one"),
        )
    ]
    assert [answer.name for answer in answers] == ["a", "b", "c", "a"]


def test_what_was_made_and_is_gone_is_told_as_gone() -> None:
    user = make_cast().author
    once(Tag, lambda: made("a"), user_id=user.pk, operation="o", key="k", given={}).delete()

    with pytest.raises(Rejected) as refused:
        once(Tag, lambda: made("b"), user_id=user.pk, operation="o", key="k", given={})
    assert [(mistake.code, mistake.path) for mistake in refused.value.mistakes] == [("NOT_FOUND", ("idempotency_key",))]


def test_what_failed_leaves_no_key(transactional_db: None) -> None:
    user = make_cast().author

    def fail() -> Tag:
        raise ValueError

    with pytest.raises(ValueError), transaction.atomic():  # noqa: PT011 - its own
        once(Tag, fail, user_id=user.pk, operation="o", key="k", given={})
    with transaction.atomic():
        assert once(Tag, lambda: made("a"), user_id=user.pk, operation="o", key="k", given={}).name == "a"


def test_the_second_of_two_at_once_waits_for_the_first(transactional_db: None) -> None:
    user = make_cast().author
    answers: list[str] = []
    first_has_the_key = Event()

    def second() -> None:
        try:
            first_has_the_key.wait(5)
            with transaction.atomic():
                answers.append(once(Tag, lambda: made("b"), user_id=user.pk, operation="o", key="k", given={}).name)
        finally:
            connection.close()

    thread = Thread(target=second)
    thread.start()
    with transaction.atomic():
        answers.append(once(Tag, lambda: made("a"), user_id=user.pk, operation="o", key="k", given={}).name)
        first_has_the_key.set()
        thread.join(0.3)
        assert thread.is_alive()
    thread.join(5)

    assert answers == ["a", "a"]
    assert Tag.objects.count() == 1


def test_keys_are_forgotten_after_a_day() -> None:
    user = make_cast().author
    now = timezone.now()
    for key, age in (("old", 25), ("young", 23)):
        IdempotencyKey.objects.create(
            user=user, operation="o", key=key, request_hash=b"x", created_at=now - timedelta(hours=age)
        )
    assert expire(now) == 1
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]
