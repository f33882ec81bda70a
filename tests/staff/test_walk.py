"""Every page of the admin, found by walking through its addresses: who gets in, what it costs, what browsers may do."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from knowledge.services.sessions import open_session
from staff.shield import HEADERS
from staff.urls import PAGES
from tests.cast import Cast
from tests.client import Client as Api
from tests.snapshot import every_row
from tests.staff import rows
from tests.staff.visitor import LOGIN, Visitor, addresses, forged, said

OPEN = {LOGIN, "/admin/jsi18n/"}
LISTS = ("user", "tag", "source", "digest", "digestdelivery", "auditevent")
VERBS = {
    ("user", "role"),
    ("user", "deactivate"),
    ("user", "reactivate"),
    ("tag", "edit"),
    ("tag", "merge"),
    ("tag", "remove"),
    ("source", "review"),
    ("digest", "retry"),
    ("digestdelivery", "retry"),
    ("digest", "request"),
}


def answered(visitor: Visitor, address: str) -> int:
    status: int = visitor.get(address).status_code
    return status


def test_the_pages_are_these(cast: Cast) -> None:
    assert [model._meta.model_name for model, _ in PAGES] == list(LISTS)
    keys = dict.fromkeys(LISTS, 7)
    expected = OPEN | {"/admin/", "/admin/logout/", "/admin/knowledge/", "/admin/nowhere"}
    for model in LISTS:
        expected |= {f"/admin/knowledge/{model}/", f"/admin/knowledge/{model}/7/change/"}
    for model, verb in VERBS:
        expected.add(f"/admin/knowledge/{model}/{'' if verb == 'request' else '7/'}{verb}/")
    assert set(addresses(keys)) == expected


@pytest.mark.parametrize("name", ["anonymous", "author", "peer", "reviewer"])
def test_nobody_but_staff_gets_in_anywhere(cast: Cast, name: str) -> None:
    visitor = Visitor()
    keys = rows.everything(cast.staff)
    if name != "anonymous":
        # What no sign-in gives them: a cookie that we signed for a session of theirs.
        user = getattr(cast, name)
        visitor = forged(user, open_session(user, user_agent="", address=None, now=datetime.now(UTC))[0])
    before = every_row()
    for address in addresses(keys):
        if address in OPEN:
            continue
        page = visitor.get(address)
        wanted = "/admin/" if address == "/admin/logout/" else f"{LOGIN}?next={address}"
        assert (page.status_code, page.headers["Location"]) == (302, wanted), address
        # Their own session may have ended meanwhile, and nothing else.
        posted = Client().post(address, {"role": "STAFF"})
        assert (posted.status_code, posted.headers["Location"]) == (302, wanted), address
    before.pop("knowledge_session")
    assert {table: kept for table, kept in every_row().items() if table != "knowledge_session"} == before


def test_staff_see_every_page(staff: Visitor, cast: Cast) -> None:
    special = {LOGIN: 302, "/admin/logout/": 405, "/admin/knowledge/": 302, "/admin/nowhere": 404}
    for address in addresses(rows.everything(cast.staff)):
        assert answered(staff, address) == special.get(address, 200), address


def test_every_answer_has_its_headers(staff: Visitor, visitor: Visitor, cast: Cast) -> None:
    for address in addresses(rows.everything(cast.staff)):
        for page in (staff.get(address), visitor.get(address), staff.http.post(address), staff.http.delete(address)):
            assert {name: page.headers.get(name) for name in HEADERS} == dict(HEADERS), address


def test_no_page_needs_what_its_policy_forbids(staff: Visitor, cast: Cast) -> None:
    for address in addresses(rows.everything(cast.staff)):
        page = staff.get(address)
        if page.headers.get("Content-Type", "").startswith("text/html") and page.status_code == 200:
            text = page.text.lower()
            assert "<style" not in text, address
            assert " style=" not in text, address
            assert text.count("<script") == text.count("<script src=") + text.count("<script id="), address
            assert "javascript:" not in text, address


@pytest.mark.parametrize("model", LISTS)
def test_a_list_costs_the_same_at_1_and_at_3_rows(staff: Visitor, cast: Cast, model: str) -> None:
    address = f"/admin/knowledge/{model}/"
    rows.everything(cast.staff, 1)
    one = staff.count(address)
    rows.everything(cast.staff, 2)
    rows.everything(cast.staff, 3)
    # Who is asking, how many there are, and the rows.
    assert (one, staff.count(address)) == (3, 3)


@pytest.mark.parametrize("model", LISTS)
def test_a_list_of_more_than_a_page_is_paged(staff: Visitor, cast: Cast, model: str) -> None:
    for number in range(51):
        rows.everything(cast.staff, number)
    address = f"/admin/knowledge/{model}/"
    first, second = (staff.get(address, p=page).context["cl"].result_list for page in ("1", "2"))
    assert len(first) == 50
    assert not {row.pk for row in first} & {row.pk for row in second}


@pytest.mark.parametrize("path", ["change", "role", "deactivate", "reactivate"])
@pytest.mark.parametrize("key", ["0", "999999999", "9" * 30])
def test_a_row_that_is_not_there(staff: Visitor, path: str, key: str) -> None:
    assert answered(staff, f"/admin/knowledge/user/{key}/{path}/") == (302 if path == "change" else 404)


def test_the_api_pays_nothing_for_the_admin(staff: Visitor, cast: Cast, api: Api) -> None:
    query = "{ viewer { user { username } } tags(first: 1) { nodes { name } } }"
    rows.everything(cast.staff)
    without = api.run(query)
    api.http.cookies = staff.http.cookies
    # A path that browsers would not send it to, so that only our own code could ignore it.
    for cookie in api.http.cookies.values():
        cookie["path"] = "/"
    beside = api.run(query)
    assert beside.data == without.data
    assert beside.data["viewer"] is None
    assert (beside.statements, without.statements) == (1, 1)
    assert not {"set-cookie", "Set-Cookie"} & set(beside.headers)
    assert "Cookie" not in beside.headers["Vary"]
    assert api.run(query, as_=cast.author).statements == 2


def test_a_page_elsewhere_that_is_not_there_asks_for_no_session(visitor: Visitor, db: None) -> None:
    page: Any = visitor.get("/nowhere")
    assert page.status_code == 404
    assert not page.cookies


def test_the_address_without_its_slash_leads_there(visitor: Visitor) -> None:
    assert visitor.get("/admin").headers["Location"] == "/admin/"


def test_another_host_is_refused(staff: Visitor, cast: Cast) -> None:
    for address in ("/admin/", LOGIN):
        page = staff.http.get(address, headers={"host": "evil.example"})
        assert page.status_code == 400
        assert "evil.example" not in page.text


def test_the_first_page_names_them_all(staff: Visitor) -> None:
    assert "Users View Tags View Sources View Digests View Failed deliveries View Audit trail View" in said(
        staff.get("/admin/")
    )
