"""Who takes part: users with their roles, their sign-ins, their scripts' tokens, and the trail of what was done."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from knowledge.models.checks import at_most, not_blank, one_of

BIO_LENGTH = 2_000


class Role(models.TextChoices):
    """What a user may do; the table in `knowledge.policy` says what."""

    CONTRIBUTOR = "CONTRIBUTOR"
    REVIEWER = "REVIEWER"
    STAFF = "STAFF"


class UserManager(BaseUserManager["User"]):
    """Makes users; names are looked up without regard to case."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user. Without a password nobody can sign in as this user."""
        user: User = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """A saved user with the role STAFF (for `manage.py createsuperuser`)."""
        return self.create_user(username, password, **{"role": Role.STAFF, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user of that name, in whatever case it is written."""
        # The unique index is over LOWER; `iexact` would ask for UPPER and read the whole table.
        return self.alias(lowered=Lower("username")).get(lowered=Lower(models.Value(username or "")))


class User(AbstractBaseUser):
    """A person. `username` is unique without regard to case; an e-mail address only once it is confirmed."""

    username = models.CharField(max_length=50)
    display_name = models.CharField(max_length=100, blank=True, default="")
    bio = models.TextField(blank=True, default="")
    email = models.EmailField(max_length=254, blank=True, default="")
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    role = models.CharField(max_length=16, choices=Role, default=Role.CONTRIBUTOR)
    is_active = models.BooleanField(default=True)
    token_version = models.PositiveIntegerField(default=1)
    joined_at = models.DateTimeField(default=timezone.now)
    last_login: ClassVar[None] = None  # type: ignore[misc]  # sessions tell when a person was last here

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    objects = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("username"), name="user_username_unique"),
            models.UniqueConstraint(
                Lower("email"), condition=models.Q(email_confirmed_at__isnull=False), name="user_confirmed_email_unique"
            ),
            not_blank("username", name="user_username_not_blank"),
            at_most("bio", BIO_LENGTH, name="user_bio_length"),
            one_of("role", Role, name="user_role_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-joined_at", "-id"], name="user_joined"),
            models.Index(fields=["role", "-joined_at"], name="user_role"),
        ]

    def set_password(self, raw_password: str | None) -> None:
        """Sets the hash; saving the user then ends every sign-in that was made with the password before."""
        super().set_password(raw_password)
        if self.pk is not None:
            self.token_version += 1

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is the password; a hash of older parameters is made anew, which ends no sign-in."""
        return check_password(raw_password, self.password, self._renew_hash)

    def _renew_hash(self, raw_password: str | None) -> None:
        self.password = make_password(raw_password)
        self.save(update_fields=["password"])

    @property
    def is_staff(self) -> bool:
        """Whether the admin site lets this user in."""
        return self.is_active and self.role == Role.STAFF

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Staff may do in the admin site what it offers."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        """Staff may see every part of the admin site."""
        return self.is_staff


class Session(models.Model):
    """One sign-in on one device: the family of refresh tokens that came from it.

    It is open while `ended_at` is empty, its user is active, and `token_version` is still the user's.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    token_version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    user_agent = models.CharField(max_length=300, blank=True, default="")
    address = models.GenericIPAddressField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=30, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, end_reason="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(end_reason="")),
                name="session_end_has_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-last_used_at"], condition=models.Q(ended_at=None), name="session_open"),
        ]


class RefreshToken(models.Model):
    """A refresh token, stored as the SHA-256 of its text. `used_at` is set by the one exchange that it is good for."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="refresh_tokens")
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["session"], condition=models.Q(used_at=None), name="refresh_token_one_live_a_session"
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")), name="refresh_token_expires_later"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="refresh_token_expiry")]


class TokenScope(models.TextChoices):
    """What a personal access token is good for."""

    READ = "READ"
    WRITE = "WRITE"


class PersonalAccessToken(models.Model):
    """A script's token, stored as the SHA-256 of its text; `hint` keeps its last four characters."""

    user = models.ForeignKey(User, models.CASCADE, related_name="personal_access_tokens")
    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=8, choices=TokenScope)
    token_hash = models.BinaryField(max_length=32, unique=True)
    hint = models.CharField(max_length=4)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "name"], condition=models.Q(revoked_at=None), name="personal_access_token_name_unique"
            ),
            not_blank("name", name="personal_access_token_name_not_blank"),
            one_of("scope", TokenScope, name="personal_access_token_scope_known"),
        ]


class AuditEvent(models.Model):
    """Who did what, when, from where. Append-only: a trigger refuses updates and deletions."""

    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=60)
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="audit_events")
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.BigIntegerField(null=True, blank=True)
    address = models.CharField(max_length=45, blank=True, default="")
    detail = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            not_blank("action", name="audit_event_action_not_blank"),
            models.CheckConstraint(
                condition=models.Q(subject_type="", subject_id=None)
                | (~models.Q(subject_type="") & models.Q(subject_id__isnull=False)),
                name="audit_event_subject_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-at", "-id"], name="audit_event_newest"),
            models.Index(fields=["action", "-at"], name="audit_event_action"),
            models.Index(fields=["actor", "-at"], name="audit_event_actor"),
        ]
