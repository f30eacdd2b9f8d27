"""Tables that a package declares in TOML beside its modules.

Belongs here: the one function. Does not: what a table means (the module that reads it).
"""

import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def toml_tables(package: str, name: str) -> dict[str, Any]:
    """Return the tables of a file of a package; it is read once in a process."""
    return tomllib.loads(resources.files(package).joinpath(name).read_text("utf-8"))
