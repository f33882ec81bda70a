#!/usr/bin/env python
"""Django's command line for Nexus.

Settings come from the environment. Where it names no database, or the one of a `make run` in this checkout, all of that
is used, if one is running.
"""

import json
import os
import secrets
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

# What `make run` says of itself while it runs.
RUNNING = Path(os.environ.get("NEXUS_DATA_DIR") or Path(__file__).parent / ".nexus") / "environment.json"
# These read files alone: any secret and any address will do.
WITHOUT_DATABASE = {"parse_documents"}
STAND_INS = {"SECRET_KEY": secrets.token_urlsafe(48), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}


def prepare_environment(command: str) -> None:
    """Fills in what is not set: from a running checkout, or with stand-ins for a command that needs no database."""
    if RUNNING.is_file():
        told = json.loads(RUNNING.read_text("utf-8"))
        if os.environ.get("DATABASE_URL", told["DATABASE_URL"]) == told["DATABASE_URL"]:
            os.environ.update(told)
    if command in WITHOUT_DATABASE:
        for name, value in STAND_INS.items():
            os.environ.setdefault(name, value)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")
    prepare_environment(sys.argv[1] if len(sys.argv) > 1 else "help")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        hint = "" if "DATABASE_URL" in os.environ else " Or start `make run`: while it runs, its settings are used."
        sys.exit(f"nexus: {error}{hint}")
