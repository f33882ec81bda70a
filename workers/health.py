"""Whether tasks and events can be handed to the broker."""

from pathlib import Path
from tempfile import TemporaryFile

from workers.broker import BrokerAway, check


def check_broker(rabbitmq_url: str | None, folder: Path, timeout: float) -> str | None:
    """None when the broker is there; otherwise what is wrong, in a few words and without addresses.

    Takes at most about `timeout` seconds. Without RabbitMQ the broker is a folder, which is made by whoever first
    uses it, so the folder that it will stand in counts as well.
    """
    if rabbitmq_url is None:
        return None if _writable(folder) else "folder not writable"
    try:
        check(rabbitmq_url, timeout)
    except BrokerAway:
        return "no connection"
    return None


def _writable(folder: Path) -> bool:
    try:
        existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
        with TemporaryFile(dir=existing):
            return True
    except OSError:
        return False
