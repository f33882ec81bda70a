#!/usr/bin/env python
"""Django's command line for Nexus.

Settings come from the environment. Where it names no database, the one of a `make run` in this checkout is used, if
one is running.
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
    if "DATABASE_URL" not in os.environ and RUNNING.is_file():
        os.environ.update(json.loads(RUNNING.read_text("utf-8")))
    if command in WITHOUT_DATABASE:
        for name, value in STAND_INS.items():
            os.environ.setdefault(name, value)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nexus_gql.settings")
    prepare_environment(sys.argv[1] if len(sys.argv) > 1 else "help")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"nexus: {error}")
