"""Modules that take seconds to import, imported when a test first uses them.

Every worker imports every test module to collect it; one of them runs the tests that use these.
"""

from importlib import import_module
from typing import Any


class Late:
    """A module that is imported when something of it is asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        """Import it, and return what it has; whoever collects tests asks for names like `__test__`."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(import_module(self._name), name)
