"""Which real services the tests have: skips what needs one that is not there, and says so at the end.

Loaded as a plugin (pyproject.toml). `make test` finds the services and sets the variables.
"""

import os
from collections import Counter

import pytest

from ops.services import without_password

# marker → the variable that says where the service is, and how to provide it
NEEDS = {
    "rabbitmq": ("NEXUS_TEST_RABBITMQ_URL", "set RABBITMQ_URL, or start one on 127.0.0.1:5672"),
    "redis": ("NEXUS_TEST_REDIS_URL", "set CACHE_URL, or start one on 127.0.0.1:6379"),
    "memcached": ("NEXUS_TEST_MEMCACHED", "install memcached"),
    "node": ("NEXUS_TEST_NODE", "install Node.js with npm"),
    "pgbouncer": ("NEXUS_TEST_PGBOUNCER", "install pgbouncer"),
    "audit": (
        "NEXUS_TEST_AUDIT",
        "install Node.js with npm; `make test` then fetches what is in tests/http/package.json",
    ),
}
SKIP = "no {marker} here: {remedy}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip each test that needs a service which is not there."""
    for marker, (variable, remedy) in NEEDS.items():
        if os.environ.get(variable):
            continue
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=SKIP.format(marker=marker, remedy=remedy)))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which services the tests had, and what could not run for want of one."""
    skipped = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", []))
    terminalreporter.section("services")
    terminalreporter.line(f"postgresql: {without_password(os.environ.get('DATABASE_URL', 'none'))}")
    for marker, (variable, remedy) in NEEDS.items():
        place = os.environ.get(variable)
        missed = skipped[SKIP.format(marker=marker, remedy=remedy)]
        terminalreporter.line(
            f"{marker}: {without_password(place)}" if place else f"{marker}: none; {missed} tests not run ({remedy})"
        )


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Why the test was skipped, as its marker said."""
    return str(report.longrepr[2]).removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else ""
