"""Questions the sheets leave open: found by rule, asked of people, never answered by guessing.

Belongs here: the value and the pure rules that find questions in rows. Does not: how they are
worded into a ticket part (`writers`), or their answers (`store`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenQuestion:
    """One question with the cell that raises it."""

    file: str
    line: int
    column: str
    quote: str
    """The cell, or the part of it that raises the question; literal."""
    question: str
    """One sentence a person can answer."""
    subjects: tuple[str, ...] = ()
    """Machine names it is about, in sheet order."""
