"""Where this checkout lies, and where what it makes at run time goes."""

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def data_folder(environment: Mapping[str, str]) -> Path:
    """The folder for what is made at run time: NEXUS_DATA_DIR, else `.nexus` in the checkout."""
    return Path(environment.get("NEXUS_DATA_DIR") or ROOT / ".nexus").resolve()
