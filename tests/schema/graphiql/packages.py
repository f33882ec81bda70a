"""A folder of npm packages for tests that shall pass where npm never ran."""

from pathlib import Path

import pytest

from schema.graphiql.assets import PACKAGES, PackagesMissing, bundle


def installed_or_skip() -> Path:
    """The real packages; skips the test where they are not installed."""
    try:
        bundle(PACKAGES)
    except PackagesMissing as missing:
        pytest.skip(f"npm packages are not installed (`npm ci` in schema/graphiql): {missing}")
    return PACKAGES
