"""A browser at the admin: keeps cookies, sends forms with the token of the page that they stand on."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from importlib import import_module
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver

from knowledge.models import Session, User
from tests.cast import PASSWORD

NOTHING: Mapping[str, Any] = MappingProxyType({})
LOGIN = "/admin/login/"
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_TEXT = re.compile(r"<[^>]*>")


class Visitor:
    """Checks of forms are on, as in production."""

    def __init__(self) -> None:
        self.http = Client(enforce_csrf_checks=True)

    def signed_in(self, username: str, password: str = PASSWORD) -> "Visitor":
        """Who signed in by the form."""
        answer = self.sign_in(username, password)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/"), said(answer)
        return self

    def sign_in(self, username: str, password: str, **more: str) -> Any:
        """The answer to the form."""
        return self.send(LOGIN, {"username": username, "password": password, **more})

    def get(self, address: str, **parameters: str) -> Any:
        """A page."""
        return self.http.get(address, parameters)

    def send(self, address: str, fields: Mapping[str, Any] = NOTHING) -> Any:
        """The answer to the form on the page at the address, with what it hides and the fields."""
        return self.http.post(address, {**hidden(self.http.get(address)), **fields})

    def count(self, address: str) -> int:
        """How many statements the page takes."""
        with CaptureQueriesContext(connection) as captured:
            assert self.get(address).status_code == 200
        return len(captured)

    @property
    def cookie(self) -> str | None:
        """What the admin had the browser keep."""
        kept = self.http.cookies.get(settings.SESSION_COOKIE_NAME)
        return kept.value if kept else None


def hidden(answer: Any) -> dict[str, str]:
    """What the last form of the page hides."""
    fields = {name: unescape(value) for name, value in _FIELD.findall(answer.text)}
    tokens = _TOKEN.findall(answer.text)
    return fields | ({"csrfmiddlewaretoken": tokens[-1]} if tokens else {})


def said(answer: Any) -> str:
    """The text of the page, one space between words."""
    return " ".join(unescape(_TEXT.sub(" ", answer.text)).split())


def forged(user: User, row: Session, **more: Any) -> Visitor:
    """A browser with a cookie that was signed for any session of anybody: our own mistake, not an attack."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store.update({"session": row.pk, "proof": user.get_session_auth_hash(), **more})
    store.save()
    visitor = Visitor()
    visitor.http.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return visitor


def addresses(key: Mapping[str, int]) -> Iterator[str]:
    """Every address of the admin; `key` has, by model, the row that those about a row are about."""
    admin = next(each for each in get_resolver().url_patterns if str(each.pattern) == "admin/")
    yield from _below(admin, "/admin/", key)


def _below(part: URLPattern | URLResolver, prefix: str, key: Mapping[str, int]) -> Iterator[str]:
    if isinstance(part, URLResolver):
        for each in part.url_patterns:
            yield from _below(each, prefix + str(each.pattern), key)
    else:
        model = prefix.removeprefix("/admin/knowledge/").split("/")[0]
        yield prefix.replace("<int:key>", str(key.get(model))).replace("<path:url>", "nowhere")
