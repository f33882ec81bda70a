"""What staff, or whoever has their browser do it, could try in addresses and forms, and gets nothing from."""

from typing import Any

import pytest

from knowledge.models import Role, User
from tests.cast import Cast
from tests.snapshot import every_row
from tests.staff import rows
from tests.staff.visitor import Visitor

USERS = "/admin/knowledge/user/"


@pytest.mark.parametrize(
    "name",
    [
        "password__startswith",
        "password",
        "password__regex",
        "token_version__gt",
        "email__contains",
        "sessions__refresh_tokens__token_hash__startswith",
        "personal_access_tokens__hint",
        "role__startswith",
        "pk__in",
        "_to_field",
        "is_active__exact",
    ],
)
def test_no_column_can_be_guessed_at_by_filters(staff: Visitor, cast: Cast, name: str) -> None:
    assert staff.get(USERS, **{name: "argon2"}).status_code == 400


@pytest.mark.parametrize("page", ["digestdelivery", "source", "auditevent", "digest", "tag"])
@pytest.mark.parametrize("name", ["recipient__password__startswith", "imported_by__password", "actor__password", "pk"])
def test_nor_on_other_pages(staff: Visitor, cast: Cast, page: str, name: str) -> None:
    assert staff.get(f"/admin/knowledge/{page}/", **{name: "a"}).status_code == 400


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("q", "\x00"),
        ("q", "'; DROP TABLE knowledge_user; --"),
        ("q", "%_\\"),
        ("q", "x " * 3_000),
        ("q", '"'),
        ("o", "-1.2.999"),
        ("o", "password"),
        ("p", "0"),
        ("p", "-1"),
        ("p", "9" * 40),
        ("p", "9" * 5_000),
        ("role", "\x00"),
        ("role", "STAFF' OR 1=1"),
        ("active", "maybe"),
        ("_popup", "1"),
        ("all", ""),
        ("e", "1"),
        ("_facets", "1"),
    ],
)
def test_nothing_in_an_address_is_a_fault(staff: Visitor, cast: Cast, name: str, value: str) -> None:
    assert staff.http.get(USERS, {name: value}, follow=True).status_code == 200


def test_passwords_are_not_shown(staff: Visitor, cast: Cast) -> None:
    for address in (USERS, f"{USERS}{cast.author.pk}/change/"):
        page = staff.get(address)
        assert "argon2" not in page.text
        assert cast.author.password not in page.text


def test_no_form_of_djangos_changes_a_row(staff: Visitor, cast: Cast) -> None:
    keys = rows.everything(cast.staff)
    before = every_row()
    token = str(staff.get("/admin/").context["csrf_token"])
    fields: dict[str, Any] = {
        "csrfmiddlewaretoken": token,
        "role": "STAFF",
        "title": "New",
        "name": "New",
        "status": "SENT",
    }
    for model, key in keys.items():
        page = f"/admin/knowledge/{model}/"
        assert staff.http.post(f"{page}{key}/change/", fields).status_code == 403
        assert staff.http.post(f"{page}{key}/change/", {**fields, "_saveasnew": "1"}).status_code == 403
        for missing in ("add/", f"{key}/delete/", f"{key}/history/", f"{key}/password/"):
            assert staff.http.post(page + missing, fields).status_code == 404
            assert staff.get(page + missing).status_code == 404
        actions = {**fields, "action": "delete_selected", "_selected_action": key, "index": "0", "post": "yes"}
        assert staff.http.post(page, actions).status_code == 200
        editable = {**fields, "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": key, "_save": "1"}
        assert staff.http.post(page, editable).status_code == 200
    assert every_row() == before


def test_no_verb_is_done_without_the_token_of_its_form(staff: Visitor, cast: Cast) -> None:
    address = f"{USERS}{cast.author.pk}/role/"
    before = every_row()
    assert staff.http.post(address, {"role": "STAFF"}).status_code == 403
    assert staff.http.post(address, {"role": "STAFF", "csrfmiddlewaretoken": "x" * 64}).status_code == 403
    assert staff.get(address, role="STAFF").status_code == 200
    assert every_row() == before
    assert staff.send(address, {"role": "STAFF"}).status_code == 302
    assert User.objects.get(pk=cast.author.pk).role == Role.STAFF


def test_a_form_of_another_origin_is_refused(staff: Visitor, cast: Cast) -> None:
    address = f"{USERS}{cast.author.pk}/role/"
    token = str(staff.get(address).context["csrf_token"])
    fields = {"role": "STAFF", "csrfmiddlewaretoken": token}
    for origin in ("https://evil.example", "null", "http://testserver.evil.example"):
        assert staff.http.post(address, fields, headers={"origin": origin}).status_code == 403
    # The address that people know, also where TLS ends before us.
    known = {"origin": "http://127.0.0.1:8000"}
    assert staff.http.post(address, fields, headers=known).status_code == 302


def test_what_people_write_is_text(staff: Visitor, cast: Cast) -> None:
    evil = "<script>alert(1)</script>"
    User.objects.filter(pk=cast.author.pk).update(display_name=evil, bio=f"{evil} javascript:alert(1)")
    source = rows.source(evil, cast.author)
    source.url = "javascript:alert(1)"
    source.save()
    for address in (
        USERS,
        f"{USERS}{cast.author.pk}/change/",
        "/admin/knowledge/source/",
        f"/admin/knowledge/source/{source.pk}/change/",
        f"/admin/knowledge/source/{source.pk}/review/",
    ):
        page = staff.get(address)
        assert evil not in page.text
        assert 'href="javascript:' not in page.text
