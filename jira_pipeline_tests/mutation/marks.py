"""The marks of defences in the source: comments `# defence: NAME`.

Belongs here: finding the marks. Does not: which defence a mark is of (`defences`), how a defence is
taken out (`removals`).

A mark is beside a line of a statement, or alone above it. Names are separated by commas where one
statement is several defences.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MARK: Final = re.compile(r"#\s*defence:\s*(?P<names>.+)")
NO_CODE: Final = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT})
"""Tokens that may be between a mark that has a line of its own and the line it is of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A name that a comment gives to a line of code."""

    name: str
    path: Path
    line: int
    """Of the code, from 1."""


def marks_below(folder: Path) -> Iterator[Mark]:
    """Yield the marks in all modules of a folder, module by module."""
    for path in sorted(folder.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        if MARK.search(source):
            yield from _marks_in(path, source)


def _marks_in(path: Path, source: str) -> Iterator[Mark]:
    waiting: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            mark = MARK.fullmatch(token.string)
            names = re.split(r",\s*", mark["names"].strip()) if mark else []
            if token.line.lstrip().startswith("#"):
                waiting += names
            else:
                yield from (Mark(name=name, path=path, line=token.start[0]) for name in names)
        elif waiting and token.type not in NO_CODE:
            yield from (Mark(name=name, path=path, line=token.start[0]) for name in waiting)
            waiting = []
