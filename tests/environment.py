"""The environment of a test run, loaded as a pytest plugin before the settings are read.

What is set already stays; the secret is made at run time.
"""

import os
import secrets

DEFAULTS = {
    "NEXUS_ENV": "test",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "DATABASE_URL": "postgresql://postgres@127.0.0.1:5432/nexus",
    "DJANGO_SETTINGS_MODULE": "nexus_gql.settings",
    # Making and dropping test databases takes its time on a busy machine.
    "STATEMENT_TIMEOUT_MS": "60000",
}

for _name, _value in DEFAULTS.items():
    os.environ.setdefault(_name, _value)
