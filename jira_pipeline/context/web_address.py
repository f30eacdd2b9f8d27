"""The address at which the web pages of a home are running, so that commands can print links.

Belongs here: finding it out without asking the server. Does not: writing it (`cli/serving`).
"""

import fcntl

from jira_pipeline.context.settings import Settings

ADDRESS_FILE = "web.address"
"""Where the web program that serves a home says its address."""
ADDRESS_LOCK = "web.lock"
"""Held by that program while it serves."""
DAGSTER_PATH = "/dagster"
"""Where `serve` has Dagster's pages; without it they are at the root."""


def running_address(settings: Settings) -> str:
    """Return the address of the web program that serves this home; empty where none runs.

    That counts while its lock is held, which the system takes back from a program that was killed.
    It is looked at without keeping anybody out: many runs ask at once.
    """
    try:
        with (settings.home_path / ADDRESS_LOCK).open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return (settings.home_path / ADDRESS_FILE).read_text(encoding="utf-8")
    except OSError:
        return ""  # nobody has served it yet, or one begins this moment
    return ""
