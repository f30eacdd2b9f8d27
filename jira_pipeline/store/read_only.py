"""A store whose folder this process may not write: opened for reading, without any lock.

Belongs here: telling that a store is such, and connecting to it. Does not: stores that may be
written (`engine`).
"""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine
from sqlalchemy.engine import make_url


def is_read_only(path: Path) -> bool:
    """Tell whether a SQLite file is there and neither it nor its folder can be written."""
    return path.exists() and not (_may_write(path) and _may_write(path.parent))


def is_store_read_only(engine: Engine) -> bool:
    """Tell whether an engine is of a SQLite file that cannot be written."""
    url = make_url(engine.url)
    return url.get_backend_name() == "sqlite" and is_read_only(Path(url.database or ""))


def connecting_read_only(
    path: Path, *, busy_timeout_seconds: float
) -> Callable[[], sqlite3.Connection]:
    """Return what connects to a SQLite file that cannot be written.

    In WAL mode SQLite makes two files beside it. Where they are there, somebody is at work or was
    killed at it: they are read with it. Where not, nothing but the file itself holds anything.
    """

    def connect() -> sqlite3.Connection:
        is_alone = not all(Path(f"{path}{suffix}").exists() for suffix in ("-wal", "-shm"))
        mode = "immutable=1" if is_alone else "mode=ro"
        return sqlite3.connect(
            f"file:{quote(str(path))}?{mode}",
            uri=True,
            timeout=busy_timeout_seconds,
            check_same_thread=False,
        )

    return connect


def _may_write(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
