"""Contestants are measured alike."""

import re
import runpy

import pytest
from django.db import connection

# What limits a session, or is about other questions than those that are asked.
NOT_MEASURED = {"statement_timeout", "pg_trgm.word_similarity_threshold"}


def session(options: str) -> dict[str, str]:
    """What a connection sets, but for what no answer's time depends on."""
    found = dict(re.findall(r"-c ([\w.]+)=(\S+)", options))
    return {name: value for name, value in found.items() if name not in NOT_MEASURED and "keepalives" not in name}


def test_all_have_the_sessions_that_nexus_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_CONTESTANT", "bench.contestants.limit.urls")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    theirs = runpy.run_module("bench.contestants.settings")["DATABASES"]["default"]
    ours = connection.settings_dict

    assert session(theirs["OPTIONS"]["options"]) == session(ours["OPTIONS"]["options"])
    assert session(ours["OPTIONS"]["options"]) == {"timezone": "UTC", "jit": "off", "work_mem": "32MB"}
    assert theirs["CONN_MAX_AGE"] == ours["CONN_MAX_AGE"]
