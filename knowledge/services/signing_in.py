"""Signing in: throttled, and written to the audit trail, whichever door somebody comes to.

An attempt is counted before the password is checked, and taken back when it was right; so no number of attempts at once
slips through between the check and the count. A name that nobody has is counted, and costs, like any other.

Who guesses is stopped by the limits of an address, and of a name from one address. That a name was guessed at from many
addresses must not lock its owner out: from an address where they have been signed in, only the first two limits hold.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Lower

from knowledge import audit
from knowledge.errors import InvalidCredentials, TooManyAttempts
from knowledge.events import AuditAction
from knowledge.models import Role, Session, User
from knowledge.networks import network
from knowledge.policy import ANONYMOUS, Viewer
from knowledge.services import accounts, sessions
from knowledge.services.credentials import is_text
from knowledge.throttle import Attempt, Limit, allowed, counted, in_one_case, key_of, refusal, worth_noting

# A place where somebody was signed in is theirs for so long.
FAMILIAR_FOR: Final = timedelta(days=90)
_PLACES_LOOKED_AT: Final = 50
# What is written down in full in each window; of more only now and then one.
_FAILURES_NOTED: Final = 200
_SIGN_INS_NOTED: Final = 30


def _anybody(user: User) -> bool:
    return True


def sign_in(
    *, username: str, password: str, user_agent: str, address: str | None, now: datetime
) -> tuple[Session, str]:
    """A new session of the user of that name and password, and its first refresh token.

    Raises as `identify`.
    """
    user = _checked(username, password, address, now)
    with transaction.atomic():
        session, refresh_token = sessions.open_session(user, user_agent=user_agent, address=address, now=now)
        _note_success(user, address, now, session=session.pk)
    return session, refresh_token


def identify(
    *,
    username: str,
    password: str,
    address: str | None,
    door: str,
    admits: Callable[[User], bool] = _anybody,
    now: datetime,
) -> User:
    """The active user of that name and password, for a `door` that keeps sessions of its own, such as the admin site.

    `address` is where the caller is, as far as it can be trusted. Throttled together with every other door, and written
    to the audit trail. Costs one password check. Raises InvalidCredentials, which tells an unknown name neither from a
    wrong password nor from a deactivated account, nor from one that the door does not admit, and TooManyAttempts,
    before anything is checked. Not inside a transaction, or a failure leaves no trace.
    """
    user = _checked(username, password, address, now, admits)
    with transaction.atomic():
        _note_success(user, address, now, door=door)
    return user


def require_own_password(viewer: Viewer, user: User, password: str, *, now: datetime) -> None:
    """Raises InvalidCredentials when it is not the user's password, and TooManyAttempts; their own row of attempts.

    So who guesses within a session that is not theirs uses up no attempt to sign in. Not inside a transaction.
    """
    # No username begins with a #.
    own = Limit(f"sign-in:account:{key_of(f'#{user.pk}')}", settings.SIGN_IN_LIMIT_ACCOUNT, settings.SIGN_IN_WINDOW)
    with _throttled(user.username, viewer.address, [*_of_address(viewer.address), own], now):
        if not accounts.is_password(user, password):
            _note_failure(user, viewer.address, now, within="session")
            raise InvalidCredentials("This is not your password.")


def _checked(
    username: str, password: str, address: str | None, now: datetime, admits: Callable[[User], bool] = _anybody
) -> User:
    with _throttled(username, address, [*_of_address(address), _of_name_there(username, address)], now) as attempts:
        attempts.append(_counted_anywhere(username, address, now))
        user, right = accounts.check_credentials(username=username, password=password)
        # Who is not admitted fails like the others: else the count would tell that the password is right.
        if user is None or not right or not admits(user):
            _note_failure(user, address, now)
            raise InvalidCredentials
    return user


@contextmanager
def _throttled(username: str, address: str | None, limits: list[Limit], now: datetime) -> Iterator[list[Attempt]]:
    """What happens inside stays counted when it raises InvalidCredentials. The list holds what was counted."""
    attempts: list[Attempt] = []
    failed = False
    try:
        # In this order: who has to wait for one limit uses nothing up of the next.
        attempts.extend(allowed(limit, now=now) for limit in limits)
        yield attempts
    except TooManyAttempts as refused:
        failed = True
        if refused.first:
            _note(AuditAction.SIGN_IN_BLOCKED, _named(username), address, now, seconds=refused.retry_after)
        raise
    except InvalidCredentials:
        failed = True
        raise
    finally:
        if not failed:
            for attempt in attempts:
                attempt.take_back()


def _of_address(address: str | None) -> list[Limit]:
    if not address:
        return []
    return [Limit(f"sign-in:address:{network(address)}", settings.SIGN_IN_LIMIT_ADDRESS, settings.SIGN_IN_WINDOW)]


def _of_name_there(username: str, address: str | None) -> Limit:
    place = network(address) if address else ""
    return Limit(
        f"sign-in:name-there:{key_of(in_one_case(username), place)}",
        settings.SIGN_IN_LIMIT_ACCOUNT,
        settings.SIGN_IN_WINDOW,
    )


def _counted_anywhere(username: str, address: str | None, now: datetime) -> Attempt:
    limit = Limit(
        f"sign-in:name:{key_of(in_one_case(username))}", settings.SIGN_IN_LIMIT_ANYWHERE, settings.SIGN_IN_WINDOW
    )
    attempt = counted(limit.key, limit.window, now=now)
    if attempt.number > limit.most and not _is_familiar(username, address, now):
        raise refusal(attempt, limit, now=now)
    return attempt


def _is_familiar(username: str, address: str | None, now: datetime) -> bool:
    """Whether who has this name was signed in from there lately."""
    if not address or not is_text(username):
        return False
    places = (
        Session.objects.alias(name=Lower("user__username"))
        .filter(name=Lower(Value(username)), last_used_at__gt=now - FAMILIAR_FOR, address__isnull=False)
        .order_by("-last_used_at")
        .values_list("address", flat=True)[:_PLACES_LOOKED_AT]
    )
    return network(address) in {network(place) for place in places if place}


def _named(username: str) -> User | None:
    if not is_text(username):
        return None
    return User.objects.alias(name=Lower("username")).filter(name=Lower(Value(username))).first()


def _note_success(user: User, address: str | None, now: datetime, **detail: Any) -> None:
    number = worth_noting(f"audit:sign-ins:{user.pk}", _SIGN_INS_NOTED, settings.SIGN_IN_WINDOW, now=now)
    if number is not None:
        viewer = Viewer(id=user.pk, role=Role(user.role), address=address or "")
        audit.record(AuditAction.SIGNED_IN, viewer=viewer, subject=user, at=now, number=number, **detail)


def _note_failure(user: User | None, address: str | None, now: datetime, **detail: Any) -> None:
    """What was typed for a name is not written down: people type their passwords there."""
    _note(AuditAction.SIGN_IN_FAILED, user, address, now, **detail)


def _note(action: AuditAction, user: User | None, address: str | None, now: datetime, **detail: Any) -> None:
    number = worth_noting("audit:failures", _FAILURES_NOTED, settings.SIGN_IN_WINDOW, now=now)
    if number is not None:
        with transaction.atomic():
            audit.record(action, viewer=ANONYMOUS, subject=user, at=now, address=address or "", number=number, **detail)
