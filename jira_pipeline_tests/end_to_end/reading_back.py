"""Reads sheets and issues with nothing of ours: what is in files, what is in Jira.

Belongs here: a second, simple way of reading, to compare with. Does not: any rule about tickets.
"""

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

JOINED_BY = ", "
ERROR_VALUES = {"#N/A", "#VALUE!", "#REF!", "#NAME?", "#DIV/0!"}
SECTIONS = {
    "to build": {"", "a", "c"},
    "lready there": {"x"},
    "n hold, do not build": {"w"},
    "emove, if present": {"d"},
}
"""How headings of tables end before their count, and which X their rows have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record of a file; the line is the first it is on, the header's is 1."""

    file: str
    line: int
    cells: dict[str, str]

    @property
    def values(self) -> list[str]:
        return [value for value in self.cells.values() if value]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTable:
    """One table of an issue, with the lines that are the same for all its rows."""

    heading: str
    same_for_all: tuple[str, ...]
    rows: tuple[tuple[frozenset[int] | None, tuple[str, ...]], ...]
    """Source lines (None for settings, whose one row is a column) and cells."""

    @property
    def statuses(self) -> set[str] | None:
        """Return the X its rows may have, None where the heading names none."""
        title = self.heading.partition(" (")[0].partition(":")[0]
        return next((x for end, x in SECTIONS.items() if title.endswith(end)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    issue_id: int
    key: str
    summary: str
    description: dict[str, Any]
    attachments: tuple[str, ...]


def read_rows(folder: Path) -> dict[tuple[str, int], Row]:
    """Read every record of every file, by file and line."""
    rows = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            header = [name.strip() for name in next(reader)]
            line = reader.line_num + 1
            for record in reader:
                cells = {
                    name: "" if cell.strip() in ERROR_VALUES else cell.strip()
                    for name, cell in zip(header, record, strict=False)
                }
                rows[path.name, line] = Row(file=path.name, line=line, cells=cells)
                line = reader.line_num + 1
    return rows


def read_issues(sandbox_path: Path) -> list[Issue]:
    with closing(sqlite3.connect(sandbox_path)) as tables:
        attached: dict[int, list[str]] = {}
        for issue_id, content in tables.execute("SELECT issue_id, content FROM attachment"):
            attached.setdefault(issue_id, []).append(content.decode())
        return [
            Issue(
                issue_id=issue_id,
                key=key,
                summary=summary,
                description=json.loads(description),
                attachments=tuple(attached.get(issue_id, ())),
            )
            for issue_id, key, summary, description in tables.execute(
                "SELECT id, key, summary, description FROM issue ORDER BY id"
            )
        ]


def read_links(sandbox_path: Path) -> set[tuple[str, int, int]]:
    with closing(sqlite3.connect(sandbox_path)) as tables:
        changes = tables.execute(
            "SELECT detail FROM journal_change WHERE change = 'link_created'"
        ).fetchall()
        ids = dict(tables.execute("SELECT key, id FROM issue").fetchall())
        stored = tables.execute("SELECT count(*) FROM issue_link").fetchone()[0]
    links = [json.loads(detail) for (detail,) in changes]
    assert len(links) == stored
    return {(link["type"], ids[link["inward"]], ids[link["outward"]]) for link in links}


def count_changes(sandbox_path: Path) -> dict[str, int]:
    """Count what the sandbox ever changed, by kind of change."""
    with closing(sqlite3.connect(sandbox_path)) as tables:
        return dict(
            tables.execute("SELECT change, count(*) FROM journal_change GROUP BY 1").fetchall()
        )


def sandbox_of(project: Path) -> Path:
    return project / ".jira_pipeline" / "sandbox.sqlite"


def issues_created(project: Path) -> int:
    """Count the issues the sandbox ever made; 0 while it cannot be read."""
    query = "SELECT count(*) FROM journal_change WHERE change = 'issue_created'"
    try:
        with closing(sqlite3.connect(f"file:{sandbox_of(project)}?mode=ro", uri=True)) as tables:
            return int(tables.execute(query).fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def read_tables(document: dict[str, Any]) -> list[ShownTable]:
    """Read the tables of rows below each heading of a document; a form to fill in is prose."""
    tables: list[ShownTable] = []
    heading = ""
    same: tuple[str, ...] = ()
    blocks = [*document["content"]]
    for node in blocks:  # what is folded is at the end
        blocks += node["content"] if node["type"] == "expand" else ()
        if node["type"] == "heading":
            heading, same = text_of(node), ()
        elif node["type"] == "paragraph" and text_of(node).startswith("Same for all: "):
            same = tuple(_values_between_labels(node))
        if node["type"] == "table" and heading != "Analysis":
            tables.append(
                ShownTable(heading=heading, same_for_all=same, rows=tuple(_rows_of(node)))
            )
    return tables


def text_of(node: dict[str, Any]) -> str:
    """Return the text below a node; a hard break is a line end."""
    if node["type"] == "hardBreak":
        return "\n"
    return str(node.get("text", "")) or "".join(text_of(n) for n in node.get("content", ()))


def cell_text(cell: dict[str, Any]) -> str:
    return "\n".join(text_of(block) for block in cell["content"])


def lines_of(text: str) -> frozenset[int]:
    """Read `2, 5–7` as 2, 5, 6, 7; rows beside them, `303 / 296`, are left out."""
    lines: set[int] = set()
    for part in filter(None, text.partition(" / ")[0].split(",")):
        first, _, last = part.strip().partition("–")
        lines.update(range(int(first), int(last or first) + 1))
    return frozenset(lines)


def parts_of(value: str) -> set[str]:
    return {value, *value.split(JOINED_BY)}


def _rows_of(table: dict[str, Any]) -> Iterator[tuple[frozenset[int] | None, tuple[str, ...]]]:
    rows = [row["content"] for row in table["content"]]
    names = [cell_text(cell) for cell in rows[0]]
    if names[-1] not in {"Line", "Line / row"}:
        yield None, tuple(cell_text(cell) for row in rows for cell in row[1:])
        return
    for row in rows[1:]:
        cells = [cell_text(cell) for cell in row]
        yield lines_of(cells[-1]), tuple(cell for cell in cells[:-1] if cell)


def _values_between_labels(paragraph: dict[str, Any]) -> Iterator[str]:
    value = ""
    for node in paragraph["content"][1:]:
        if node.get("marks"):
            if value:
                yield value
            value = ""
        else:
            value += text_of(node)
    yield value
