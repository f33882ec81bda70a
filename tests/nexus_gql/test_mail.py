"""Where mail goes, by the environment."""

import os
import subprocess
import sys

import pytest

SHOW = """
from django.conf import settings as s
backend = s.EMAIL_BACKEND.split(".")[-2]
print(backend, s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD, end=" ")
print(s.EMAIL_USE_SSL, s.EMAIL_USE_TLS, s.MAIL_ENABLED)
"""


def shown(**variables: str) -> str:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "nexus_gql.settings", **variables}
    done = subprocess.run([sys.executable, "-c", SHOW], env=environment, capture_output=True, text=True, check=False)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"NEXUS_ENV": "production"}, "dummy localhost 25   False False False"),
        ({"NEXUS_ENV": "development"}, "console localhost 25   False False True"),
        ({"NEXUS_ENV": "production", "EMAIL_URL": "smtp://mail.example"}, "smtp mail.example 25   False False True"),
        (
            {"NEXUS_ENV": "development", "EMAIL_URL": "smtps://a:b%40c@m.example"},
            "smtp m.example 465 a b@c True False True",
        ),
        ({"NEXUS_ENV": "production", "EMAIL_URL": "smtp+starttls://m.example"}, "smtp m.example 587   False True True"),
    ],
)
def test_mail_goes_by_the_server_named_and_never_into_a_log(variables: dict[str, str], expected: str) -> None:
    assert shown(**variables) == expected


def test_a_wrong_address_stops_the_start() -> None:
    assert shown(EMAIL_URL="http://mail.example").endswith(
        "EMAIL_URL is wrong. It must be an address that starts with smtp:// or smtp+starttls:// or smtps://."
    )
