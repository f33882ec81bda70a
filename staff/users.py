"""People: which role they have, and whether they may sign in."""

from typing import Any

from django import forms

from knowledge.models import Role, User
from knowledge.policy import manageable_users
from knowledge.services import members
from staff.filters import Choice, choice
from staff.pages import Page
from staff.verbs import Deed, Done, Verb


class RoleForm(forms.Form):
    """A role."""

    role = forms.ChoiceField(choices=Role.choices)


def _set_role(deed: Deed) -> Done:
    user = members.set_role(deed.viewer, user_id=deed.row.pk, role=Role(deed.given["role"]), now=deed.now)
    return Done(f"{user.username} is {user.role} from their next request on.", user.pk)


def _deactivate(deed: Deed) -> Done:
    user = members.deactivate(deed.viewer, user_id=deed.row.pk, now=deed.now)
    return Done(f"{user.username} may not sign in any more; their sessions have ended.", user.pk)


def _reactivate(deed: Deed) -> Done:
    user = members.reactivate(deed.viewer, user_id=deed.row.pk, now=deed.now)
    return Done(f"{user.username} may sign in again.", user.pk)


class Active(Choice):
    """Who may sign in, and who may not."""

    title = parameter_name = "active"
    field = "is_active"
    values = (("yes", "Yes"), ("no", "No"))

    def condition(self, value: str) -> dict[str, Any]:
        """Being active, or not."""
        return {self.field: value == "yes"}


class Users(Page):
    """Everybody who has an account."""

    title = "Users"
    list_display = ("username", "display_name", "email", "role", "is_active", "joined_at")
    list_filter = (choice("role", Role.choices), Active)
    search_fields = ("username", "display_name", "email")
    search_help_text = "A part of the username, the name shown, or the e-mail address."
    ordering = ("-joined_at", "-pk")
    fields = (
        "username",
        "display_name",
        "email",
        "email_confirmed_at",
        "role",
        "is_active",
        "joined_at",
        "time_zone",
        "bio",
    )
    verbs = (
        Verb(
            "role",
            "Change role",
            "The role holds from their next request on.",
            _set_role,
            form=RoleForm,
            initial=lambda user: {"role": user.role},
            may=manageable_users,
        ),
        Verb(
            "deactivate",
            "Deactivate",
            "All of their sessions end, and they can begin none until they are reactivated.",
            _deactivate,
            may=manageable_users,
            when=lambda user: user.is_active,
        ),
        Verb(
            "reactivate",
            "Reactivate",
            "They may sign in again.",
            _reactivate,
            may=manageable_users,
            when=lambda user: not user.is_active,
        ),
    )


PAGE = (User, Users)
