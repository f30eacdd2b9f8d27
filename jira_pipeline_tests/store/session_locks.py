"""What tests do to sessions of PostgreSQL from outside: ask, wait, end them.

Belongs here: statements on connections of their own. Does not: what a store does.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text

from jira_pipeline.store.locks import lease_key

SESSIONS = (
    "SELECT pid, application_name FROM pg_stat_activity JOIN pg_locks USING (pid) "
    "WHERE locktype = 'advisory' AND datname = current_database()"
)
WAIT_SECONDS = 60.0


def until(condition: Callable[[], bool]) -> None:
    waited_since = time.monotonic()
    while not condition():
        assert time.monotonic() - waited_since < WAIT_SECONDS, "it never happened"
        time.sleep(0.01)


@contextmanager
def outside(url: str) -> Iterator[Connection]:
    """Open a connection that is none of a store's; every statement is a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def holder_names(url: str) -> list[str]:
    with outside(url) as connection:
        return [row.application_name for row in connection.execute(text(SESSIONS))]


def end_holders(url: str) -> int:
    """End the sessions that hold a lease, as an administrator can; return how many."""
    with outside(url) as connection:
        pids = [row.pid for row in connection.execute(text(SESSIONS))]
        for pid in pids:
            connection.execute(text("SELECT pg_terminate_backend(:pid, 30000)"), {"pid": pid})
    return len(pids)


def wait_until_free(url: str, target_id: str) -> None:
    """Wait until the server has taken a lease back: it is told of a killed process at once."""
    with outside(url) as connection:
        connection.execute(text("SET lock_timeout = '30s'"))
        for function in ("pg_advisory_lock", "pg_advisory_unlock"):
            connection.execute(text(f"SELECT {function}(:key)"), {"key": lease_key(target_id)})
