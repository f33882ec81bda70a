"""Links that are mailed to an address and are good once."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from knowledge.models.checks import not_blank, one_of
from knowledge.models.people import User


class LinkPurpose(models.TextChoices):
    """What a link is good for."""

    CONFIRM_EMAIL = "CONFIRM_EMAIL"
    RESET_PASSWORD = "RESET_PASSWORD"  # noqa: S105 - a purpose, not a password


class MailedLink(models.Model):
    """A link that goes, or went, to an e-mail address; its secret exists from the sending on, stored as its SHA-256.

    `user` is whose address is to be confirmed; whose password is to be reset is found out only by who sends it, so that
    asking costs the same whether or not the address is known. `settled_at` is when it was sent or was found to be for
    nobody, `used_at` when it was used or a later step made it void.
    """

    purpose = models.CharField(max_length=20, choices=LinkPurpose)
    email = models.EmailField(max_length=254)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="mailed_links")
    token_hash = models.BinaryField(max_length=32, unique=True, null=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            one_of("purpose", LinkPurpose, name="mailed_link_purpose_known"),
            not_blank("email", name="mailed_link_email_not_blank"),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False) | models.Q(purpose=LinkPurpose.RESET_PASSWORD, token_hash=None),
                name="mailed_link_is_somebodys",
            ),
            models.CheckConstraint(
                condition=models.Q(token_hash=None) | models.Q(settled_at__isnull=False),
                name="mailed_link_secret_was_sent",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], condition=models.Q(settled_at=None), name="mailed_link_waiting"),
            models.Index(fields=["expires_at"], name="mailed_link_expiry"),
            models.Index(Lower("email"), name="mailed_link_email"),
        ]
