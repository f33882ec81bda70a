"""From an Authorization header to a viewer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from pytest_django import DjangoAssertNumQueries

from knowledge.errors import TokenExpired, TokenInvalid
from knowledge.models import Role, Session, User
from knowledge.policy import ANONYMOUS, Viewer
from knowledge.services import sessions
from knowledge.services.members import set_role
from schema.identity import tokens
from schema.identity.authentication import authenticate_request
from tests.cast import Cast
from tests.schema.identity.forge import Moment, forged, session_of, token_of


def test_without_a_header_it_is_nobody_and_costs_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    assert authenticate_request(None) == ANONYMOUS


@pytest.mark.parametrize("name", ["author", "peer", "reviewer", "staff"])
@pytest.mark.parametrize("scheme", ["JWT", "jwt", "Bearer", "bearer", "BEARER"])
def test_knows_everyone_by_their_token_in_one_statement(
    cast: Cast, name: str, scheme: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user: User = getattr(cast, name)
    session = session_of(user)
    header = f"{scheme} {tokens.issue(session, Moment()).text}"
    with django_assert_num_queries(1):
        viewer = authenticate_request(header)
    assert viewer == Viewer(id=user.pk, role=Role(user.role), session_id=session.pk)


@pytest.mark.parametrize("form", ["JWT  {}", " JWT {} "])
def test_spaces_around_the_token_do_not_matter(cast: Cast, form: str) -> None:
    assert authenticate_request(form.format(token_of(cast.author))).id == cast.author.pk


@pytest.mark.parametrize(
    "form",
    [
        "",
        " ",
        "{}",
        "JWT",
        "JWT ",
        "Bearer",
        "Basic {}",
        "Token {}",
        "JWT JWT {}",
        "JWT\t{}",
        "JWT {0} {0}",
        "JWT {0}, JWT {0}",
    ],
)
def test_a_header_of_another_form_is_refused_without_a_statement(
    cast: Cast, form: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    header = form.format(token_of(cast.author))
    with django_assert_num_queries(0), pytest.raises(TokenInvalid):
        authenticate_request(header)


def test_a_bad_token_is_refused_without_a_statement(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    changed = "JWT " + forged(cast.author, key="a key that this installation has never had anything to do with")
    old = "JWT " + forged(cast.author, exp=1)
    with django_assert_num_queries(0):
        with pytest.raises(TokenInvalid):
            authenticate_request(changed)
        with pytest.raises(TokenExpired):
            authenticate_request(old)


def test_a_refresh_token_is_no_access_token(cast: Cast) -> None:
    _, refresh = sessions.open_session(cast.author, user_agent="", address=None, now=datetime.now(UTC))
    with pytest.raises(TokenInvalid):
        authenticate_request(f"JWT {refresh}")


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def change_password(user: User) -> None:
    user.set_password("another horse, another battery")
    user.save()


def count_up(user: User) -> None:
    User.objects.filter(pk=user.pk).update(token_version=2)


def end_session(user: User) -> None:
    Session.objects.filter(user=user).update(ended_at=datetime.now(UTC), end_reason="SIGNED_OUT")


def set_another_role(user: User) -> None:
    staff = Viewer(id=User.objects.get(role=Role.STAFF).pk, role=Role.STAFF)
    set_role(staff, user_id=user.pk, role=Role.REVIEWER, now=datetime.now(UTC))


def delete(user: User) -> None:
    User.objects.filter(pk=user.pk).delete()


@pytest.mark.parametrize("change", [deactivate, change_password, count_up, end_session, set_another_role, delete])
def test_what_was_changed_holds_from_the_next_request(cast: Cast, change: Callable[[User], None]) -> None:
    author, peer = f"JWT {token_of(cast.author)}", f"JWT {token_of(cast.peer)}"
    assert authenticate_request(author).id == cast.author.pk

    change(cast.author)

    with pytest.raises(TokenInvalid):
        authenticate_request(author)
    assert authenticate_request(peer).id == cast.peer.pk


def test_a_role_set_by_hand_holds_from_the_next_request(cast: Cast) -> None:
    header = f"JWT {token_of(cast.author)}"
    User.objects.filter(pk=cast.author.pk).update(role=Role.STAFF)
    assert authenticate_request(header).role is Role.STAFF
    User.objects.filter(pk=cast.author.pk).update(role=Role.CONTRIBUTOR)
    assert authenticate_request(header).role is Role.CONTRIBUTOR


def test_who_takes_over_a_name_is_not_who_had_it(cast: Cast) -> None:
    header = f"JWT {token_of(cast.author)}"
    User.objects.filter(pk=cast.author.pk).update(username="somebody.else")
    newcomer = User.objects.create(username="author", password=make_password(None))
    viewer = authenticate_request(header)
    assert viewer.id == cast.author.pk
    assert viewer.id != newcomer.pk


def test_who_takes_over_a_deleted_account_s_name_gets_none_of_its_tokens(cast: Cast) -> None:
    header = f"JWT {token_of(cast.author)}"
    delete(cast.author)
    User.objects.create(username="author", password=make_password(None))
    with pytest.raises(TokenInvalid):
        authenticate_request(header)


def test_a_session_is_its_own_user_s_alone(cast: Cast) -> None:
    peers = session_of(cast.peer)
    with pytest.raises(TokenInvalid):
        authenticate_request("JWT " + forged(cast.author, sid=str(peers.pk)))
    with pytest.raises(TokenInvalid):
        authenticate_request("JWT " + forged(cast.author, sub=str(cast.staff.pk)))


def test_keys_beyond_every_row_are_refused(cast: Cast) -> None:
    with pytest.raises(TokenInvalid):
        authenticate_request("JWT " + forged(cast.author, sid=str(2**63 - 1)))
    with pytest.raises(TokenInvalid):
        authenticate_request("JWT " + forged(cast.author, sid="9" * 19))
    with pytest.raises(TokenInvalid):
        authenticate_request("JWT " + forged(cast.author, tv=2**80))


def test_a_token_expires_by_the_clock(cast: Cast) -> None:
    issued_before = Moment(datetime.now(UTC) - timedelta(minutes=5, seconds=1))
    header = "JWT " + tokens.issue(session_of(cast.author), issued_before).text
    with pytest.raises(TokenExpired):
        authenticate_request(header)
