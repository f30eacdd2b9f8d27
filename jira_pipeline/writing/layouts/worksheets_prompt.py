"""What a model is asked about worksheets: their headers, first rows and merges, within bounds.

Belongs here: instructions, worksheets as text, the schema of the answer. Does not: what of an answer
is taken (`pointing`), asking again (`layout_rounds`).

Cells are JSON that no text in them can leave; nothing in them instructs the model, and what one of
them makes it do is judged like any other answer.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.model.hidden_characters import without_hidden
from jira_pipeline.sheets.layouts.grid import Grid, column_letters
from jira_pipeline.sheets.layouts.layout import CUSTOM, HELPER, KINDS, Layout
from jira_pipeline.writing.completion.prompt import as_data
from jira_pipeline.writing.models.conversation import WithoutTitles

ROWS_SHOWN = 14
"""The first of each worksheet: a title, two header rows, explaining rows and some things."""
LONE_ROWS_SHOWN = 8
"""Further rows with one filled cell: where blocks begin, headings, remarks."""
LAST_ROWS_SHOWN = 2
MERGES_SHOWN = 12
CELL_CHARACTERS_MAX = 160
WORKSHEETS_CHARACTERS_MAX = 60_000
"""Some 17,000 tokens; six workbooks of strangers have 4,000 to 10,000 characters."""
_VERSION_LINE = re.compile(r"\A<!-- version: \d+ -->\n")


def layout_instructions() -> str:
    """Read the prompt file, with the kinds of sheets, their columns, and the schema of the answer."""
    path = files("jira_pipeline.writing") / "prompts" / "layout.md"
    text = _VERSION_LINE.sub("", path.read_text(encoding="utf-8"), count=1)
    schema = json.dumps(layout_schema(), separators=(",", ":"))
    return f"{text}{_kinds_text()}\n\n## The JSON schema of the answer\n{schema}\n"


@cache
def _kinds_text() -> str:
    lines: list[str] = []
    for kind in KINDS:
        if kind not in {CUSTOM, HELPER}:
            names = ", ".join(column.name for column in columns_of(kind))
            lines.append(f"- {kind}: {names}")
    return "\n".join(lines)


@cache
def layout_schema() -> dict[str, Any]:
    """Return the schema of an answer: what a layout says of worksheets, without who confirmed it."""
    schema = Layout.model_json_schema(schema_generator=WithoutTitles)
    definitions = {
        name: definition
        for name, definition in schema["$defs"].items()
        if name not in {"Confirmation", "Accepted"}
    }
    return {
        "$defs": definitions,
        "type": "object",
        "properties": {"sheets": schema["properties"]["sheets"]},
        "required": ["sheets"],
        "additionalProperties": False,
    }


def worksheets_text(grids: Sequence[Grid], others: Sequence[Grid]) -> str:
    """Return worksheets as a model reads them; of others, whose layout is known, the names."""
    room = WORKSHEETS_CHARACTERS_MAX // max(len(grids), 1)
    parts = ["<worksheets>"]
    parts += ["\n".join(_within(_worksheet_lines(grid), room)) for grid in grids]
    parts.append("</worksheets>")
    if others:
        names = as_data([_shown(grid.title) for grid in others])
        parts.append(f"Worksheets that are read already, leave them out: {names}")
    return "\n".join(parts)


def _within(lines: Iterator[str], room: int) -> Iterator[str]:
    """Yield lines up to a number of characters, the first in any case."""
    left = room
    for at, line in enumerate(lines):
        left -= len(line) + 1
        if at > 0 and left < 0:
            return
        yield line


def _worksheet_lines(grid: Grid) -> Iterator[str]:
    rows = [*grid.texts_by_row]
    facts: dict[str, object] = {
        "worksheet": _shown(grid.title),
        "filled_rows": len(rows),
        "columns": f"A:{column_letters(max(grid.width - 1, 0))}",
    }
    merges = [f"{merge.first.address}:{merge.last.address}" for merge in grid.merges]
    if merges:
        facts["merges"] = merges[:MERGES_SHOWN]
        facts["merge_count"] = len(merges)
    if grid.comments:
        facts["cells_with_comments"] = len(grid.comments)
    if grid.colours:
        facts["fills"] = dict(Counter(grid.colours.values()).most_common(MERGES_SHOWN))
    if grid.struck:
        facts["struck_cells"] = len(grid.struck)
    if grid.is_hidden:
        facts["hidden"] = True
    yield as_data(facts)
    before = -1
    for row in _rows_shown(grid):
        if row > before + 1 and before >= 0:
            yield "…"
        before = row
        cells = {
            column_letters(column): _shown(text) for column, text in grid.texts_by_row[row].items()
        }
        yield as_data({"row": row + 1, **cells})


def _rows_shown(grid: Grid) -> list[int]:
    rows = [*grid.texts_by_row]
    shown = {*rows[:ROWS_SHOWN], *rows[-LAST_ROWS_SHOWN:]}
    lone = [row for row in rows[ROWS_SHOWN:] if len(grid.texts_by_row[row]) == 1]
    return sorted(shown.union(lone[:LONE_ROWS_SHOWN]))


def _shown(text: str) -> str:
    """Return a text as a model sees it: cut where it is long, which it is told."""
    seen = without_hidden(text)
    return seen if len(seen) <= CELL_CHARACTERS_MAX else f"{seen[:CELL_CHARACTERS_MAX]}…"
