"""What staff see where the database takes too long, or something is away: a page that says so."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.test import Client
from pytest_django import Settings

from knowledge.models import Tag
from staff.away import GONE, TOO_SLOW
from tests.cast import Cast
from tests.schema.rows import tag
from tests.staff.visitor import Visitor, said

PAGES = ("/admin/", "/admin/knowledge/tag/", "/admin/knowledge/user/", "/admin/knowledge/auditevent/")


@contextmanager
def sleeping() -> Iterator[None]:
    """Every statement about rows takes longer than it may."""

    def slowly(execute: object, sql: str, params: object, many: bool, context: object) -> object:
        if "knowledge_" in sql:
            sql, params = "SELECT pg_sleep(30)", None
        return execute(sql, params, many, context)  # type: ignore[operator]

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 20")
    try:
        with connection.execute_wrapper(slowly):
            yield
    finally:
        connection.rollback()
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 5000")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", PAGES)
def test_a_page_that_takes_too_long_says_so(staff: Visitor, address: str) -> None:
    with sleeping():
        answer = staff.get(address)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert TOO_SLOW in said(answer)
    assert "pg_sleep" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert staff.get(address).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_what_takes_too_long_to_change_is_not_changed(staff: Visitor, cast: Cast) -> None:
    row = tag("Slow")
    address = f"/admin/knowledge/tag/{row.pk}/remove/"
    assert staff.get(address).status_code == 200

    def late(execute: object, sql: str, params: object, many: bool, context: object) -> object:
        if sql.startswith("DELETE"):
            raise OperationalError("canceling statement due to statement timeout")
        return execute(sql, params, many, context)  # type: ignore[operator]

    with connection.execute_wrapper(late):
        answer = staff.send(address)
    assert (answer.status_code, GONE in said(answer)) == (503, True)
    assert Tag.objects.filter(pk=row.pk).exists()


def test_where_attempts_cannot_be_counted_nobody_gets_in(cast: Cast, settings: Settings) -> None:
    visitor = Visitor()
    away = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = {"default": away, "shared": away}
    answer = visitor.sign_in("staff", "wrong")
    assert (answer.status_code, GONE in said(answer)) == (503, True)


@pytest.mark.django_db
def test_what_is_a_fault_of_ours_is_still_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("staff.shield.identify", wrong)
    answer = Client(raise_request_exception=False).get("/admin/login/")
    assert answer.status_code == 500
