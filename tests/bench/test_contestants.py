"""Contestants are measured alike."""

import re
import runpy
from pathlib import Path

import pytest
from django.db import connection

from bench import __main__ as bench
from bench.servers import NEXUS, rival
from ops.errors import CannotRun

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


def test_who_is_not_installed_is_left_out_of_what_is_shown_and_never_of_what_is_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = rival("an absent one", "absent.urls", python=Path("/nowhere/python"))
    monkeypatch.setattr(bench, "CONTESTANTS", {"nexus": NEXUS, "absent": absent})

    assert bench.chosen("nexus", all_of_them=True) == [NEXUS]
    assert capsys.readouterr().err == ""
    assert bench.chosen("nexus,absent") == [NEXUS]
    assert "Left out, as not installed: an absent one." in capsys.readouterr().err
    with pytest.raises(CannotRun, match=r"Not installed: an absent one\."):
        bench.chosen("nexus,absent", all_of_them=True)
