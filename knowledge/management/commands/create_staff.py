"""The first account of staff, and any that the operator needs later."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from knowledge.errors import Rejected
from knowledge.models import User
from knowledge.policy import COMMAND_LINE
from knowledge.services import accounts, members
from knowledge.services.credentials import is_text


class Command(BaseCommand):
    """Registers somebody and makes them STAFF; who has an account already is made STAFF, and active, as they are.

    The password is asked for at a terminal, twice, and else read from the first line of standard input: a command's
    arguments can be read by everybody on the machine.
    """

    help = "Make somebody staff; registers them where there is no such user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Takes a name and, for who is new, an address."""
        parser.add_argument("username")
        parser.add_argument("--email", default="", help="the address of who is new")

    def handle(self, *args: Any, username: str, email: str, **options: Any) -> None:
        """Makes it so, or says what is wrong."""
        now = timezone.now()
        known = _is_known(username)
        password = "" if known else _password()
        try:
            with transaction.atomic():
                if not known:
                    accounts.register(username=username, email=email, password=password, now=now)
                user = members.appoint_staff(COMMAND_LINE, username=username.strip(), now=now)
        except Rejected as rejection:
            raise CommandError("\n".join(mistake.message for mistake in rejection.mistakes)) from None
        self.stdout.write(f"{user.username} is staff.")


def _is_known(username: str) -> bool:
    if not is_text(username):
        return False
    try:
        User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        return False
    return True


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise CommandError("These are two passwords.")
    return password
