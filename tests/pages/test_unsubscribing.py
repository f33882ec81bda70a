"""The way out: GET shows, POST ends, twice is fine, and a link that we did not make leads nowhere."""

import pytest
from django.test import Client
from pytest_django import Settings

from knowledge.deliveries.leaving import address_to_leave
from knowledge.models import DigestSubscription
from tests.knowledge.deliveries.rows import person, subscription
from tests.snapshot import every_row

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def subscribed() -> DigestSubscription:
    subscription(person("bob"))
    return subscription(person("ada"))


def path_of(subscription: DigestSubscription) -> str:
    return "/" + address_to_leave(subscription).split("/", 3)[3]


def active() -> dict[str, bool]:
    return dict(DigestSubscription.objects.values_list("user__username", "active"))


def test_get_shows_a_page_and_changes_nothing(client: Client, subscribed: DigestSubscription) -> None:
    before = every_row()
    response = client.get(path_of(subscribed))
    assert (response.status_code, client.head(path_of(subscribed)).status_code) == (200, 200)
    html = response.content.decode()
    assert "Unsubscribe from the weekly digest?" in html
    assert 'name="List-Unsubscribe" value="One-Click"' in html
    assert "ada" not in html
    assert every_row() == before
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_post_unsubscribes_and_twice_is_fine(subscribed: DigestSubscription, kind: str) -> None:
    client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        if kind == "multipart/form-data":
            response = client.post(path_of(subscribed), ONE_CLICK)
        else:
            response = client.post(path_of(subscribed), "List-Unsubscribe=One-Click", content_type=kind)
        assert (response.status_code, "You are unsubscribed" in response.content.decode()) == (200, True)
        assert active() == {"ada": False, "bob": True}
    assert "You are unsubscribed" in client.get(path_of(subscribed)).content.decode()


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "Other"}, {"one-click": "List-Unsubscribe"}])
def test_post_without_what_the_rfc_says_changes_nothing(
    client: Client, subscribed: DigestSubscription, body: dict[str, str]
) -> None:
    assert client.post(path_of(subscribed), body).status_code == 400
    assert active() == {"ada": True, "bob": True}


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path[:-1] + ("A" if path[-1] != "A" else "B"),
        lambda path: path.replace("unsubscribe/", "unsubscribe/1"),
        lambda path: path.rpartition(".")[0],
        lambda path: "/digests/unsubscribe/x",
        lambda path: "/digests/unsubscribe/%00%ff.%ed%a0%80",
        lambda path: f"{path}.{path.rpartition('.')[2]}",
    ],
)
def test_a_tampered_link_is_refused(client: Client, subscribed: DigestSubscription, change: object) -> None:
    assert callable(change)
    before = every_row()
    for response in (client.get(change(path_of(subscribed))), client.post(change(path_of(subscribed)), ONE_CLICK)):
        assert response.status_code == 404
        assert "There is no such subscription" in response.content.decode()
    assert every_row() == before


def test_a_link_outlives_the_change_of_the_key(
    client: Client, subscribed: DigestSubscription, settings: Settings
) -> None:
    path = path_of(subscribed)
    old = settings.SECRET_KEY
    settings.SECRET_KEY = "another secret of at least 32 characters"
    assert client.get(path).status_code == 404
    settings.SECRET_KEY_FALLBACKS = [old]
    assert client.post(path, ONE_CLICK).status_code == 200
    assert active()["ada"] is False


def test_who_is_gone_has_nothing_to_leave(client: Client, subscribed: DigestSubscription) -> None:
    path = path_of(subscribed)
    subscribed.delete()
    assert client.get(path).status_code == 404
