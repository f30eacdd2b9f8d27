"""The writes of a process, seen from outside: counted, named, and one of them deadly.

Belongs here: commits of any database and files that are put in place, without a change to what
makes them. Does not: what is run (`killed_generation`). It is put up once in a process of its own,
since a hook of the interpreter stays.
"""

import os
import re
import signal
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

WROTE = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
_WRITTEN = "table written last"
ANY = "any write"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlyWrite:
    """The write before which a process dies."""

    name: str = ANY
    """Such as `commit tickets` or `rename museum/report.html`."""
    occurrence: int
    """Which of that name, from 1."""


class WritePoints:
    """Counts the writes of this process before they happen, and kills it at one."""

    def __init__(self, deadly: DeadlyWrite | None = None, *, log_path: Path | None = None) -> None:
        """Die before one write; the names of all are told to a file, a line each."""
        self._deadly = deadly
        self._log = None if log_path is None else log_path.open("a", encoding="utf-8")
        self._counts: Counter[str] = Counter()
        self._is_logging = False

    def watch(self) -> None:
        sys.addaudithook(self._audit)
        event.listen(Engine, "before_cursor_execute", self._remember_table)
        event.listen(Engine, "commit", self._committing)
        event.listen(Engine, "rollback", _forget_table)

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Look at what the interpreter audits; a module it compiles is no write of the program."""
        if name == "os.rename" and not self._is_logging:
            path = Path(os.fsdecode(arguments[1]))
            if path.suffix != ".pyc":
                self._pass(f"rename {path.parent.name}/{path.name}")

    def _remember_table(
        self, connection: Connection, _cursor: object, statement: str, *_rest: object
    ) -> None:
        found = WROTE.match(statement)
        if found is not None:
            connection.info[_WRITTEN] = found[1]

    def _committing(self, connection: Connection) -> None:
        table = connection.info.pop(_WRITTEN, None)
        if table is not None:
            self._pass(f"commit {table}")

    def _pass(self, name: str) -> None:
        self._counts.update((name, ANY))
        if self._log is not None:
            self._is_logging = True
            self._log.write(f"{name}\n")
            self._log.flush()
            self._is_logging = False
        deadly = self._deadly
        if (
            deadly is not None
            and deadly.name in {name, ANY}
            and (self._counts[deadly.name] == deadly.occurrence)
        ):
            os.kill(os.getpid(), signal.SIGKILL)


def _forget_table(connection: Connection) -> None:
    connection.info.pop(_WRITTEN, None)
