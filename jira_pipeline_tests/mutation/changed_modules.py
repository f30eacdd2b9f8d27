"""A loaded module with a changed guard, and as it was again afterwards.

Belongs here: putting changed code into the functions that exist, forgetting what followed from other
code. Does not: changing the code (`guards`), noticing it (`rules`).
"""

import functools
import gc
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

from jira_pipeline_tests.mutation.guards import Change, compiled_with

Found = TypeVar("Found")
ROOM_IMPORTED: Final = "jira_pipeline.drupal."
NO_KINDS: Final = frozenset({"site", "meaning"})
"""Folders of the room that are of no kind of thing."""


class ChangedModule:
    """A loaded module with the code of a changed one, and with its own again afterwards.

    Its functions stay the same objects: whoever imported one, and each rule that holds one, has the
    changed code at once, and no class is made anew.
    """

    def __init__(self, import_name: str) -> None:
        self._module = importlib.import_module(import_name)
        self._functions: dict[tuple[str, int], list[FunctionType]] = {}
        for function in _objects_of(FunctionType):
            if function.__globals__ is vars(self._module):
                self._functions.setdefault(_place(function.__code__), []).append(function)
        self._kept = KeptResults(import_name)

    @contextmanager
    def having(self, change: Change) -> Iterator[None]:
        """Have a guard of the module decided until the block ends."""
        code = compiled_with(change, str(self._module.__file__))
        is_of_function = any(_place(part) in self._functions for part in _codes_in(code))
        self._kept.forget()
        try:
            with self._having_functions(code) if is_of_function else self._having_constants(code):
                yield
        finally:
            self._kept.forget()

    @contextmanager
    def _having_functions(self, code: CodeType) -> Iterator[None]:
        originals: list[tuple[FunctionType, CodeType]] = []
        for part in _codes_in(code):
            for function in self._functions.get(_place(part), ()):
                originals.append((function, function.__code__))
                function.__code__ = part
        try:
            yield
        finally:
            for function, original in originals:
                function.__code__ = original

    @contextmanager
    def _having_constants(self, code: CodeType) -> Iterator[None]:
        """Compute anew what is computed when the module is imported; its functions see it."""
        originals = dict(vars(self._module))
        try:
            exec(code, vars(self._module))  # noqa: S102 - our own code
            yield
        finally:
            vars(self._module).update(originals)


def _place(code: CodeType) -> tuple[str, int]:
    return (code.co_qualname, code.co_firstlineno)


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of each function in some code, those in functions as well."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes_in(constant)


def _objects_of(kind: type[Found]) -> list[Found]:
    return [each for each in gc.get_objects() if type(each) is kind]


class KeptResults:
    """What functions keep that follows from a rule: its code may not be there any more."""

    def __init__(self, import_name: str) -> None:
        self._clear: list[Callable[[], None]] = []
        for caching in _objects_of(functools._lru_cache_wrapper):
            if caching.__module__ == import_name or is_of_kind(caching.__module__):
                self._clear.append(caching.cache_clear)
        for function in _objects_of(FunctionType):
            if str(function.__module__).startswith(ROOM_IMPORTED):
                for cell in function.__closure__ or ():
                    if isinstance(cell.cell_contents, WeakKeyDictionary):
                        self._clear.append(cell.cell_contents.clear)

    def forget(self) -> None:
        for clear in self._clear:
            clear()


def is_of_kind(module: str) -> bool:
    """Tell whether a module is in the folder of a kind of thing: rules know no others."""
    if not module.startswith(ROOM_IMPORTED):
        return False
    folder, _, name = module.removeprefix(ROOM_IMPORTED).partition(".")
    return name != "" and folder not in NO_KINDS
