"""Servers of a test's own, to be killed, paused and started again: a RabbitMQ node and a PostgreSQL."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kombu import Connection
from kombu.exceptions import KombuError

from ops.accounts import shelter
from ops.postgres import EmbeddedPostgres, embedded_postgres
from ops.processes import spawn
from tests.workers.programs import eventually

# Distributions put the node's own programs here, and wrappers that only root may call on the PATH.
DISTRIBUTION_FOLDER = Path("/usr/lib/rabbitmq/lib")
START_SECONDS = 120
LOOPBACK = "127.0.0.1"
LOWEST_PORT, PORTS = 12_000, 18_000


class Server(ABC):
    """A server in a process group of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def launch(self) -> subprocess.Popen[bytes]:
        """Starts the process."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether clients are let in."""

    def start(self) -> None:
        """Starts it; returns when it lets clients in."""
        self.process = self.launch()
        assert eventually(lambda: self._ended() or self.answers(), START_SECONDS), (
            f"{type(self).__name__} did not start: {self.folder}"
        )
        assert not self._ended(), (self.folder / "output").read_text()

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def kill(self) -> None:
        """Ends it at once, as a power cut would."""
        if self.process is not None:
            self.signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to all of its processes."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def end(self) -> None:
        """Ends it for good."""
        self.kill()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Meanwhile it does nothing, and its connections stay."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)


class RabbitNode(Server):
    """A RabbitMQ node with a name server and ports of its own, so that it meets no other node of the machine."""

    def __init__(self, folder: Path, programs: Path) -> None:
        super().__init__(folder)
        self._programs = programs
        self._port, distribution, self._names_port = free_port(), free_port(), free_port()
        self._names: subprocess.Popen[bytes] | None = None
        self.url = f"amqp://guest:guest@{LOOPBACK}:{self._port}/"
        plugins = folder / "plugins"
        folder.mkdir(parents=True)
        plugins.write_text("[].\n")
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "ERL_EPMD_PORT": str(self._names_port),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
            "RABBITMQ_NODENAME": "faults@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
            "RABBITMQ_NODE_PORT": str(self._port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface {127,0,0,1}",
        }

    def launch(self) -> subprocess.Popen[bytes]:
        """Starts the node, and before it the name server where that is not there."""
        if self._names is None:
            self._names = self._run("epmd", "-address", LOOPBACK, "-port", str(self._names_port))
        return self._run(str(self._programs / "rabbitmq-server"))

    def answers(self) -> bool:
        """Whether it lets us in."""
        try:
            with Connection(self.url, connect_timeout=2) as connection:
                connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=2)
        except (KombuError, OSError):
            return False
        return True

    def end(self) -> None:
        """Ends node and name server."""
        self.kill()
        if self._names is not None:
            self._names.kill()
            self._names.wait()

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


class Postgres(Server):
    """A PostgreSQL that keeps what it has committed, as in earnest."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        folder.mkdir(parents=True)
        # Its data may lie elsewhere, where the server's account can reach them: none of an earlier run's.
        shutil.rmtree(shelter(folder / "postgres"))
        self._server: EmbeddedPostgres = embedded_postgres(folder / "postgres", durable=True)
        self.url = self._server.url

    def launch(self) -> subprocess.Popen[bytes]:
        """Starts the server."""
        with (self.folder / "output").open("ab") as output:
            return spawn(self._server.program, output)

    def answers(self) -> bool:
        """Whether it lets us in."""
        return self._server.is_ready()

    def end(self) -> None:
        """Ends it for good, and removes what it kept."""
        super().end()
        shutil.rmtree(shelter(self.folder / "postgres"))


def rabbit_programs_folder() -> Path | None:
    """Where `rabbitmq-server` and Erlang's name server are on this machine; None where they are not."""
    if shutil.which("epmd") is None:
        return None
    found = sorted(DISTRIBUTION_FOLDER.glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    on_path = shutil.which("rabbitmq-server")
    if not found and on_path and os.access(on_path, os.X_OK):
        found = [Path(on_path).resolve()]
    return found[-1].parent if found else None


def free_port() -> int:
    """A port of loopback that nobody listens to, below those that the system takes for connections meanwhile."""
    while True:
        port = LOWEST_PORT + secrets.randbelow(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
