"""Exported configurations that arrive in the inbox, named after their sessions.

Belongs here: where one is, and when it has arrived. Does not: comparing it
(`sessions/site_verifying`), asking for a run (`defs/sensors`).
"""

from collections.abc import Mapping
from pathlib import Path

SUFFIX = ".config.zip"


def expected_at(inbox_path: Path, session_key: str) -> Path:
    """Return where the configuration for a session is to be put."""
    return inbox_path / f"{session_key}{SUFFIX}"


def settled_configurations(
    inbox_path: Path, *, now_seconds: float, settle_seconds: float
) -> Mapping[str, str]:
    """Return what tells one file from the next, by session key, of files that have rested.

    One that is still being copied changes, and waits.

    Raises:
        OSError: The inbox cannot be listed.
    """
    found = {}
    for path in sorted(inbox_path.glob(f"*{SUFFIX}")):
        status = path.stat()
        if now_seconds - status.st_mtime >= settle_seconds:
            found[path.name.removesuffix(SUFFIX)] = f"{status.st_mtime_ns}:{status.st_size}"
    return found
