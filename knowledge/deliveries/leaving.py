"""Ending a subscription by the link in a mail: who has the mail may, without signing in.

The link names the subscription under a signature, and stays good: a mail may be opened years later. It can end this one
subscription and nothing else.
"""

from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, Signer

from knowledge.models import DigestSubscription

PATH: Final = "/digests/unsubscribe/"


def address_to_leave(subscription: DigestSubscription) -> str:
    """Where the subscription is ended."""
    return f"{settings.PUBLIC_URL}{PATH}{_signer().sign(str(subscription.pk))}"


def subscription_of(token: str) -> DigestSubscription | None:
    """The subscription that the link's last part names; None where the signature is not ours, or it is gone."""
    try:
        named = _signer().unsign(token)
    except BadSignature:
        return None
    return DigestSubscription.objects.filter(pk=int(named)).first()


def leave(token: str) -> DigestSubscription | None:
    """Ends the subscription that the link names, and answers it; None as `subscription_of`. Twice is fine."""
    subscription = subscription_of(token)
    if subscription is not None:
        DigestSubscription.objects.filter(pk=subscription.pk).update(active=False, paused_reason="")
        subscription.active = False
    return subscription


def _signer() -> Signer:
    # Made when needed: it reads SECRET_KEY, and SECRET_KEY_FALLBACKS for links from before the key was changed.
    return Signer(sep=".", salt="nexus.digests.unsubscribe")
