"""The source besides sheets: a room that no other imports, so that it can be taken out.

Belongs here: finding its modules by name. Does not: what it brings (`sharedo`), and where that is
joined with the rest (`sheets/sources`, `cli/app`, `defs/build`).
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

ROOM = "jira_pipeline.sharedo"


def has_other_source() -> bool:
    """Tell whether the room is there; a folder without modules is what remains of one."""
    spec = find_spec(ROOM)
    return spec is not None and spec.origin is not None


def other_source(module: str) -> Any:
    """Return a module of the room, which is there.

    Raises:
        ModuleNotFoundError: The room is not there.
    """
    return import_module(f"{ROOM}.{module}")
