"""Which user of the machine PostgreSQL runs as, what that user can reach, and a place where it can reach things."""

import os
import pwd
import subprocess
import zlib
from pathlib import Path

from ops.errors import CannotRun
from ops.processes import Account

# A user made for PostgreSQL where its package is installed, else the one made for owning nothing.
CANDIDATES = ("postgres", "nobody")
SHELTERS = Path("/var/tmp")  # noqa: S108 - survives a restart; shelter() sees to it that the folder in it is ours


def server_account(checkout: Path) -> Account | None:
    """The account to run PostgreSQL as, which refuses to run as root; None stands for our own.

    As root: the owner of `checkout` unless that is root, else the first candidate that exists.
    """
    if os.geteuid() != 0:
        return None
    accounts = {entry.pw_uid: entry for entry in reversed(pwd.getpwall())}
    names = {entry.pw_name: entry for entry in accounts.values()}
    owner = accounts.get(checkout.stat().st_uid)
    choices = [owner, *(names.get(name) for name in CANDIDATES)]
    for entry in choices:
        if entry is not None and entry.pw_uid != 0:
            return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise CannotRun(
        f"PostgreSQL does not run as root, and this machine has no user {' or '.join(CANDIDATES)}. "
        "Run this as another user, or set DATABASE_URL."
    )


def can_reach(account: Account | None, path: Path) -> bool:
    """Whether the account may enter the folder, or execute the file, at `path`."""
    if account is None:
        return os.access(path, os.X_OK)
    test = subprocess.run(
        ["test", "-x", path], user=account.uid, group=account.gid, extra_groups=[], cwd="/", check=False
    )
    return test.returncode == 0


def shelter(folder: Path) -> Path:
    """A folder outside the checkout that stands in for `folder` and that every user can enter, made if need be.

    Raises CannotRun where somebody else holds its name.
    """
    place = SHELTERS / f"nexus-{os.geteuid()}-{zlib.crc32(os.fsencode(folder)):08x}"
    place.mkdir(mode=0o755, exist_ok=True)
    status = place.lstat()
    if place.is_symlink() or status.st_uid != os.geteuid():
        raise CannotRun(f"{place} belongs to somebody else. Remove it, or set DATABASE_URL.")
    place.chmod(0o755)
    return place
