"""Back-ups of databases in files, taken while others write to them.

Belongs here: copying one SQLite file as it is at one moment, and proving the copy. Does not: which
files belong together (`cli`), back-ups of PostgreSQL, which has its own means.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from jira_pipeline.errors import StoreError

BUSY_TIMEOUT_SECONDS = 30.0
_OWNER_ONLY = 0o600


def copy_sqlite(source: Path, destination: Path) -> int:
    """Copy a database as it is at one moment; return the bytes of the copy.

    The copy is whole, whatever others write meanwhile, and it is on the disk when this returns.

    Raises:
        StoreError: The source cannot be read, the copy not be written, or it is damaged.
    """
    try:
        _copy(source, destination)
        _flush(destination)
        return destination.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{source.name} could not be copied to {destination}: {error}.",
            recovery_actions=("Check that the folder can be written and has room, then repeat.",),
        ) from error


def _copy(source: Path, destination: Path) -> None:
    url = f"file:{quote(str(source))}?mode=ro"
    destination.touch(_OWNER_ONLY, exist_ok=False)
    with (
        closing(sqlite3.connect(url, uri=True, timeout=BUSY_TIMEOUT_SECONDS)) as here,
        closing(sqlite3.connect(destination)) as there,
    ):
        here.backup(there)
        # One file is a back-up; the program turns WAL on again when it opens the store.
        there.execute("PRAGMA journal_mode=DELETE")
        faults = [row[0] for row in there.execute("PRAGMA integrity_check(5)")]
    if faults != ["ok"]:
        raise sqlite3.DatabaseError(f"the copy is damaged: {'; '.join(faults)}")


def _flush(path: Path) -> None:
    for what in (path, path.parent):
        descriptor = os.open(what, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
