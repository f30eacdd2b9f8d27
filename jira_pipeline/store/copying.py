"""Copies of a store on SQLite: backups.

Belongs here: copying the file, and proving the copy. Does not: what is backed up beside it
(docs/operations.md), copying a store to PostgreSQL (`to_postgres`), PostgreSQL, which has means of
its own.
"""

import os
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from jira_pipeline.model.errors import StoreError

BUSY_TIMEOUT_SECONDS = 30.0
_OWNER_ONLY = 0o600


def copy_sqlite(source: Path, destination: Path) -> int:
    """Copy a database as it is at one moment; return the bytes of the copy.

    The copy is whole, whatever others write meanwhile, and it is on the disk when this returns. It
    is there once it is whole: where this breaks off, there is none.

    Raises:
        StoreError: The source cannot be read, the copy not be written, or it is damaged.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".copy-", dir=destination.parent) as folder:
            made = Path(folder, destination.name)
            made.touch(_OWNER_ONLY)
            url = f"file:{quote(str(source))}?mode=ro"
            with (
                closing(sqlite3.connect(url, uri=True, timeout=BUSY_TIMEOUT_SECONDS)) as here,
                closing(sqlite3.connect(made)) as there,
            ):
                here.backup(there)
                # One file is a back-up; the program turns WAL on again when it opens the store.
                there.execute("PRAGMA journal_mode=DELETE")
                faults = [row[0] for row in there.execute("PRAGMA integrity_check(5)")]
            if faults != ["ok"]:
                raise sqlite3.DatabaseError(f"the copy is damaged: {'; '.join(faults)}")
            _write_through(made)
            if destination.exists():
                raise FileExistsError(f"{destination.name} already exists")
            made.rename(destination)
        _write_through(destination.parent)
        return destination.stat().st_size
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{source.name} could not be copied to {destination}: {error}.",
            recovery_actions=("Check that the folder is writable and has space, then repeat.",),
        ) from error


def _write_through(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
