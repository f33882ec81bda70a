"""What `make run` takes from its environment, and what it hands on."""

import json
import socket
import stat
from pathlib import Path

import pytest

from ops.errors import CannotRun
from ops.programs import Ports, first_steps, lasting
from ops.run import (
    bound_port,
    existing_documents,
    free_ports,
    program_environment,
    secret_key,
    told_to_commands,
)

PORTS = Ports(8000, 8001)


def listener(port: int = 0) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def free_run_of_ports(length: int) -> int:
    """The first of so many free ports in a row, below those that systems give to whoever asks for any."""
    return next(
        first
        for first in range(20_000, 32_000, length)
        if all(bound_port(port) is not None for port in range(first, first + length))
    )


@pytest.mark.parametrize("port", ["0", "65535", "-1", "eighty", "80.5"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(CannotRun, match=rf"^PORT is '{port}'\. It must be a number from 1 to 65534\.$"):
        free_ports(port)


def test_a_port_that_is_taken_is_refused() -> None:
    with listener() as server:
        port = server.getsockname()[1]
        with pytest.raises(CannotRun, match=rf"^Port {port} is taken\. .* make run PORT={port + 10}$"):
            free_ports(str(port))


def test_the_stream_takes_the_next_port_or_any_other() -> None:
    taken = free_run_of_ports(3) + 1
    with listener(taken):
        before = free_ports(str(taken - 1))
        assert before.web == taken - 1
        assert before.stream not in {taken, taken - 1}
    assert free_ports(str(taken)) == Ports(taken, taken + 1)
    assert free_ports(str(taken)).stream_url == f"http://127.0.0.1:{taken + 1}/graphql/stream"


def test_any_port_can_be_asked_for() -> None:
    assert bound_port(0) not in {None, 0}


def test_documents_must_exist(tmp_path: Path) -> None:
    assert existing_documents(None) is None
    assert existing_documents("") is None
    assert existing_documents(str(tmp_path)) == tmp_path
    with pytest.raises(CannotRun, match=r"^DOCS names .*/missing, and there is no such file or folder\.$"):
        existing_documents(str(tmp_path / "missing"))


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    key = secret_key(path)
    assert len(key) >= 50
    assert secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert secret_key(tmp_path / "other") != key


def test_programs_get_what_development_needs(tmp_path: Path) -> None:
    settings = program_environment({"PATH": "/bin", "SECRET_KEY": ""}, tmp_path, PORTS, "postgresql://there/nexus")
    assert settings == {
        "PATH": "/bin",
        "NEXUS_ENV": "development",
        "SECRET_KEY": (tmp_path / "secret-key").read_text(),
        "DATABASE_URL": "postgresql://there/nexus",
        "NEXUS_DATA_DIR": str(tmp_path),
        "PORT": "8000",
        "STREAM_URL": "http://127.0.0.1:8001/graphql/stream",
        "PYTHONUNBUFFERED": "1",
    }


def test_what_the_environment_says_goes_before(tmp_path: Path) -> None:
    said = {"NEXUS_ENV": "production", "SECRET_KEY": "mine", "RABBITMQ_URL": "amqp://there"}
    settings = program_environment(said, tmp_path, PORTS, "postgresql://there/nexus")
    assert said.items() <= settings.items()
    assert not (tmp_path / "secret-key").exists()


def test_documents_take_the_place_of_the_samples() -> None:
    assert [program.argv[2:] for program in first_steps({}, None)] == [
        ("migrate", "--verbosity", "1"),
        ("collectstatic", "--noinput", "--verbosity", "0"),
        ("seed_demo",),
    ]
    assert first_steps({}, Path("/learned"))[2].argv[2:] == ("seed_demo", "--documents", "/learned")


def test_the_web_is_stopped_first_and_the_worker_last() -> None:
    names = [program.name for program in lasting({}, PORTS)]
    assert names == ["worker", "relay", "beat", "stream", "web"]


def test_commands_are_told_while_it_runs_and_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "environment.json"
    with told_to_commands(path, {"SECRET_KEY": "s", "NEXUS_QUEUE_PREFIX": "q", "PATH": "/bin"}):
        assert json.loads(path.read_text()) == {"SECRET_KEY": "s", "NEXUS_QUEUE_PREFIX": "q"}
        assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()
