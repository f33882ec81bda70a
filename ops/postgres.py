"""A PostgreSQL of our own for machines that run none: a program on a loopback port, and whether it answers."""

import signal
import socket
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2.sql import SQL, Identifier

from ops import cluster
from ops.binaries import ServerBinaries
from ops.errors import CannotRun
from ops.processes import Program

NAME = "postgres"
DATABASE = "nexus"
LOOPBACK = "127.0.0.1"
CONNECT_SECONDS = 2
# Tests can be run again; what a person typed into a development server can't.
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class EmbeddedPostgres:
    """A cluster, the loopback port to serve it on, and whether it must survive a power cut."""

    cluster: cluster.Cluster
    port: int
    durable: bool

    @property
    def url(self) -> str:
        """The address of its database, for DATABASE_URL."""
        return f"postgresql://{cluster.ROLE}:{self.cluster.password}@{LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def program(self) -> Program:
        """The server. It is asked to end by SIGINT: connections are closed, nothing is left to recover."""
        settings = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": "",
            "lc_messages": "C",
            "log_checkpoints": "off",
            # A statement in the log would be as long as it likes, and hold what people wrote.
            "log_min_error_statement": "panic",
            "log_line_prefix": "",
            **({} if self.durable else FORGETFUL),
        }
        options = [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]
        return Program(
            name=NAME,
            argv=(str(self.cluster.server.folder / "postgres"), "-D", str(self.cluster.data), *options),
            environment=cluster.server_environment(),
            folder=self.cluster.data,
            stop_signal=signal.SIGINT,
            account=self.cluster.account,
        )

    def is_ready(self) -> bool:
        """Whether the server accepts connections; its database is made on the way if it is not there.

        Raises CannotRun where the password is not the cluster's.
        """
        # Asked too early it would answer as well, and log each time that somebody came too early.
        if not self.cluster.says_ready():
            return False
        try:
            connection = psycopg2.connect(
                host=LOOPBACK,
                port=self.port,
                user=cluster.ROLE,
                password=self.cluster.password,
                dbname="postgres",
                connect_timeout=CONNECT_SECONDS,
            )
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                data = self.cluster.data
                raise CannotRun(f"{data} has another password. {cluster.start_afresh(data)}") from None
            return False
        with closing(connection):
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.rowcount == 0:
                cursor.execute(SQL("CREATE DATABASE {}").format(Identifier(DATABASE)))
        return True


def embedded_postgres(
    folder: Path, *, durable: bool, server: ServerBinaries | None = None, patience: float = 10.0
) -> EmbeddedPostgres:
    """The PostgreSQL whose files lie under `folder`, made if they are not there; nothing runs yet.

    One that is shutting down there is given `patience` seconds. Raises CannotRun where the data can't be served.
    """
    return EmbeddedPostgres(cluster.prepare(folder, server, patience=patience), _free_port(), durable)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port
