"""The words of people: those that the judge put in, and where it finds them.

Belongs here: what somebody said, and looking for it in the tables of the store and of the site. Does
not: who says what when (`home_world`), asking the program, which would believe itself.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from typing_extensions import override

DERIVED = frozenset(
    {"documents", "search_texts", "written_answers", "model_requests", "kept_files"}
)
"""Tables of the store whose rows are computed from others, or forgotten by the clock."""
AT_THE_SITE = frozenset({"issue", "comment"})
"""Tables of the site that people read; its journal and history do not bring a word back."""


class WordKind(StrEnum):
    """What somebody said, by where they said it."""

    ANSWER = "answer"
    CLIENT_ANSWER = "proposal"
    CHANGE_REQUEST = "request"
    COMMENT = "remark"
    NOTE = "note"
    TITLE = "title"
    SKIP = "skip"
    EDIT_IN_JIRA = "edit"
    COMMENT_IN_JIRA = "comment"


REPLACEABLE = frozenset(
    {WordKind.ANSWER, WordKind.CHANGE_REQUEST, WordKind.NOTE, WordKind.TITLE, WordKind.SKIP}
)
"""Of which a ticket has one: who gives another takes the former away."""
IN_JIRA = frozenset({WordKind.EDIT_IN_JIRA, WordKind.COMMENT_IN_JIRA})
"""What people say on the site; it belongs there."""


@dataclass(slots=True)
class Word:
    """What somebody said of a ticket, by letters that are nowhere else."""

    kind: WordKind
    bundle: str
    """Of the ticket."""
    text: str
    was_in_issue: bool = False
    """It reached the text of an issue."""

    def is_replaced_by(self, other: "Word") -> bool:
        """Tell whether a later word of the same person takes the place of this one."""
        is_same = (self.kind, self.bundle) == (other.kind, other.bundle)
        return is_same and self.kind in REPLACEABLE

    @override
    def __str__(self) -> str:
        return f"{self.text} of {self.bundle}"


def text_in_store(path: Path) -> str:
    """Return everything that the tables of a store say, but for what is derived."""
    with closing(sqlite3.connect(path)) as rows:
        return "\n".join(_texts(rows, _tables(rows) - DERIVED))


def text_at_site(path: Path) -> str:
    """Return everything that issues of a site say, with their comments."""
    with closing(sqlite3.connect(path)) as rows:
        return "\n".join(_texts(rows, AT_THE_SITE))


def text_in_issues(path: Path) -> str:
    """Return the titles and descriptions of the issues of a site."""
    with closing(sqlite3.connect(path)) as rows:
        asked = "SELECT summary, description FROM issue ORDER BY id"
        return "\n".join(f"{title} {text}" for title, text in rows.execute(asked))


def titles_at_site(path: Path) -> Sequence[str]:
    with closing(sqlite3.connect(path)) as rows:
        return [title for (title,) in rows.execute("SELECT summary FROM issue ORDER BY id")]


def _tables(rows: sqlite3.Connection) -> set[str]:
    asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
    return {name for (name,) in rows.execute(asked)}


def _texts(rows: sqlite3.Connection, tables: Collection[str]) -> Iterator[str]:
    for table in sorted(tables):
        for row in rows.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - a table of ours
            yield " ".join(value for value in row if isinstance(value, str))
