"""Fills a development database, so that there is something to explore."""

import json
import os
import secrets
from argparse import ArgumentParser
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from knowledge.management.intake import Intake, acting_for, documents_in
from knowledge.models import Role, User

ACCOUNTS: Final = (("ada", "Ada", Role.CONTRIBUTOR), ("grace", "Grace", Role.REVIEWER), ("linus", "Linus", Role.STAFF))
SAMPLES: Final = settings.BASE_DIR / "samples"


class Command(BaseCommand):
    """Demo accounts, one a role, and sample documents. Running it again changes nothing and prints the same passwords.

    Passwords are made by the first run and kept beside the development database's files, readable by their owner alone.
    """

    help = "Make demo accounts and import sample documents. For development only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Takes other documents than the samples."""
        parser.add_argument(
            "--documents", metavar="PATH", type=Path, default=SAMPLES, help="what to import instead of the samples"
        )

    def handle(self, *args: Any, documents: Path, **options: Any) -> None:
        """Makes the accounts, prints how to sign in, and imports the documents in their names by turns."""
        if settings.ENVIRONMENT not in {"development", "test"}:
            raise CommandError("Demo accounts are for development: set NEXUS_ENV=development to have them.")
        passwords = _passwords(settings.DATA_DIR / "demo-accounts.json")
        users = [_user(*account, password=passwords[account[0]]) for account in ACCOUNTS]
        for user in users:
            self.stdout.write(f"{user.role:<11}  username {user.username:<5}  password {passwords[user.username]}")
        intake = Intake(self.stdout, self.stderr)
        for author, file in zip(cycle(users), documents_in([documents]), strict=False):
            intake.take(file, acting_for(author))
        intake.sum_up()


def _passwords(kept: Path) -> dict[str, str]:
    """The demo accounts' passwords by name; made, and kept in the file, where it does not have them."""
    known: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    passwords = {name: known.get(name) or secrets.token_urlsafe(12) for name, _, _ in ACCOUNTS}
    if passwords != known:
        kept.parent.mkdir(parents=True, exist_ok=True)
        # Opened so that nobody else can read it at any moment.
        with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(passwords, file)
    return passwords


def _user(username: str, display_name: str, role: Role, *, password: str) -> User:
    """The demo account, made or, where its password is another one, given this one again."""
    try:
        user = User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        return User.objects.create_user(username, password, display_name=display_name, role=role)
    if not user.check_password(password):
        user.set_password(password)
        user.save()
    return user
