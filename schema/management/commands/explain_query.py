"""Shows how a query would be answered."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from knowledge.management.viewers import viewer_named
from knowledge.models import Role
from knowledge.policy import ANONYMOUS, Viewer
from schema.documents import InvalidDocument, read_document
from schema.execution import Caller, begin
from schema.explaining import explanation, priced
from schema.presentation import coded

ROLES = [role.value for role in Role]


class Command(BaseCommand):
    """Prints a query's plan: its tree, its price, its SQL, and what PostgreSQL makes of that."""

    help = "Show how a query is answered: tree, price, SQL, and PostgreSQL's plan. Runs nothing without --analyze."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Takes the document, what it is asked with, and by whom."""
        parser.add_argument("file", metavar="FILE", type=Path, help="the document")
        parser.add_argument("--variables", default="{}", metavar="JSON", help="the operation's variables")
        parser.add_argument("--operation", metavar="NAME", help="which one, where there are several")
        parser.add_argument(
            "--as", dest="as_", metavar="WHO", help=f"a username, or a role ({', '.join(ROLES)}); else nobody"
        )
        parser.add_argument("--analyze", action="store_true", help="run it, and show what it took")

    def handle(
        self, *args: Any, file: Path, variables: str, operation: str | None, as_: str | None, **options: Any
    ) -> None:
        """Prints it. Raises CommandError where the query is none, or would be refused."""
        try:
            given = _variables(variables)
            document = read_document(file.read_text("utf-8"))
            viewer = _viewer(as_)
            running = begin(document, operation, given, Caller(identify=lambda: viewer, now=timezone.now()))
            nodes, cost = priced(running)
            found = explanation(running, viewer, *(["ANALYZE", "BUFFERS"] if options["analyze"] else []))
        except (InvalidDocument, OSError, UnicodeDecodeError, orjson.JSONDecodeError) as error:
            raise CommandError(str(error)) from None
        except CommandError:
            raise
        except Exception as error:
            raise CommandError(coded(error).message) from error
        estimate = f"PostgreSQL estimates {found.estimated_cost:,.2f} units of its own and {found.estimated_rows} row"
        self.stdout.write(f"{found.tree}\n\n{nodes} nodes, price {cost}; {estimate}.\n")
        self.stdout.write(f"{found.sql}\n\n" + "\n".join(found.postgresql))


def _variables(text: str) -> dict[str, Any]:
    given = orjson.loads(text)
    if not isinstance(given, dict):
        raise CommandError("--variables must be a JSON object.")
    return given


def _viewer(who: str | None) -> Viewer:
    """Who asks. The role alone stands for somebody of whom nothing is."""
    if who is None:
        return ANONYMOUS
    if who in ROLES:
        return Viewer(id=0, role=Role(who))
    viewer = viewer_named(who)
    if viewer is None:
        raise CommandError(f"There is nobody called {who}, and no such role.")
    return viewer
