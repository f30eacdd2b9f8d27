"""The place of the one program that starts runs on a database: Dagster's daemon, within `serve` or alone.

Two programs with homes of their own can share a database; each has a Dagster of its own, which knows
nothing of the other's runs, and both would start what the database asks for.

Belongs here: the name of a program in this place, who has it, the refusal of a second one. Does not:
holding it (`cli/serving`), its lock (`store/locks`), what the sensors start (`defs/sessions`).
"""

import os
import re
import socket
from datetime import datetime
from typing import Protocol

from jira_pipeline.model.actions import action_text, as_actions
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.model.runs import DAEMON

HOST_CHARACTERS_MAX = 16
"""PostgreSQL cuts the names of connections; the number of the process has to fit."""
_NAME = "serve on {host}:{port}, process {process_id}"
_PROCESS = re.compile(r"serve on (?P<host>.+):\d+, process (?P<process_id>\d+)")


class LeaseNames(Protocol):
    """Knows who holds a lease, in whatever process."""

    def holder_of(self, target_id: str, /) -> str | None:
        """Return the name of the holder; None where nobody holds it."""

    def held_since(self, target_id: str, /) -> datetime | None:
        """Return since when; None where nobody holds it, or that is not known."""


def name_of_server(port: int) -> str:
    """Return the name of this process as the one that serves at a port and runs the daemon."""
    return _NAME.format(host=_host(), port=port, process_id=os.getpid())


def second_launcher_refusal(leases: LeaseNames) -> ConfigurationError | None:
    """Return why this process may start no runs, naming the program that does.

    None: the place is free, or of this process, or of the `serve` that started it.
    """
    holder = leases.holder_of(DAEMON)
    if holder is None or _is_of_this_program(holder):
        return None
    return already_running(leases, holder)


def refusal_text(refusal: ConfigurationError) -> str:
    """Return a refusal with its way out as one text, for the tick of a sensor."""
    return " ".join((refusal.sentence, *map(action_text, as_actions(refusal.recovery_actions))))


def already_running(leases: LeaseNames, holder: str) -> ConfigurationError:
    """Return the refusal to start runs beside the program that has the place."""
    since = leases.held_since(DAEMON)
    when = "" if since is None else f", since {since:%Y-%m-%d %H:%M} UTC"
    return ConfigurationError(
        f"A daemon is already running on this database, as {holder}{when}; two would start every run "
        "twice. This one starts none.",
        recovery_actions=(
            "Use that one, or stop it first: its place is free as soon as its process has ended.",
        ),
    )


def _host() -> str:
    return socket.gethostname()[:HOST_CHARACTERS_MAX]


def _is_of_this_program(holder: str) -> bool:
    """Tell whether a holder is this process, or the one that started it, as `serve` does."""
    named = _PROCESS.match(holder)
    if named is None or named["host"] != _host():
        return False
    return int(named["process_id"]) in {os.getpid(), os.getppid()}
