"""What a model is asked about worksheets: their headers, first rows and merges, within bounds.

A worksheet becomes lines of JSON: the first has its title and size, the others a row each, such as
`{"row": 3, "A": "Name", "C": "Required"}`. A text of a cell is always a JSON string, so it cannot
end the data and instruct the model; what it makes a model answer is judged like any other answer.

Belongs here: instructions, worksheets as text, the schema of the answer. Does not: what of an answer
is taken (`pointing`), asking again (`layout_rounds`).
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
from jira_pipeline.writing.answer_form import SchemaWithoutTitles
from jira_pipeline.writing.completion.prompt import as_data

ROWS_SHOWN = 14
"""The first rows of each worksheet: a title, two header rows, explaining rows and some things."""
LONE_ROWS_SHOWN = 8
"""Further rows with one filled cell, as they begin blocks, or are headings or remarks."""
LAST_ROWS_SHOWN = 2
"""The last rows of each worksheet."""
MERGES_SHOWN = 12
"""How many merges, and how many colours, are listed of each worksheet."""
CELL_CHARACTERS_MAX = 160
"""A longer text is cut, and ends with an ellipsis."""
WORKSHEETS_CHARACTERS_MAX = 60_000
"""Some 17,000 tokens; six workbooks of strangers have 4,000 to 10,000 characters."""
_VERSION_LINE = re.compile(r"\A<!-- version: \d+ -->\n")


def layout_instructions() -> str:
    """Return the prompt file, followed by our kinds of sheets with their columns, and the schema."""
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
    """Return the JSON schema of an answer: a layout without the parts that people confirm."""
    schema = Layout.model_json_schema(schema_generator=SchemaWithoutTitles)
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
    """Return worksheets as text for a model; of `others`, whose layout is known, only the names."""
    room = WORKSHEETS_CHARACTERS_MAX // max(len(grids), 1)
    parts = ["<worksheets>"]
    parts += ["\n".join(_cut_to_room(_worksheet_lines(grid), room)) for grid in grids]
    parts.append("</worksheets>")
    if others:
        names = as_data([_shown(grid.title) for grid in others])
        parts.append(f"Worksheets that are read already, leave them out: {names}")
    return "\n".join(parts)


def _cut_to_room(lines: Iterator[str], room: int) -> Iterator[str]:
    """Yield the lines that fit a number of characters, and the first one in any case."""
    room_left = room
    for index, line in enumerate(lines):
        room_left -= len(line) + 1
        if index > 0 and room_left < 0:
            return
        yield line


def _worksheet_lines(grid: Grid) -> Iterator[str]:
    """Yield a worksheet as JSON lines: first what is true of all of it, then the rows shown."""
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
    row_before = -1
    for row in _rows_shown(grid):
        if row > row_before + 1 and row_before >= 0:
            yield "…"
        row_before = row
        cells = {
            column_letters(column): _shown(text) for column, text in grid.texts_by_row[row].items()
        }
        yield as_data({"row": row + 1, **cells})


def _rows_shown(grid: Grid) -> list[int]:
    rows = [*grid.texts_by_row]
    first_and_last = {*rows[:ROWS_SHOWN], *rows[-LAST_ROWS_SHOWN:]}
    lone_rows = [row for row in rows[ROWS_SHOWN:] if len(grid.texts_by_row[row]) == 1]
    return sorted(first_and_last.union(lone_rows[:LONE_ROWS_SHOWN]))


def _shown(text: str) -> str:
    """Return a text without hidden characters; where it is long, its beginning and an ellipsis."""
    visible = without_hidden(text)
    if len(visible) <= CELL_CHARACTERS_MAX:
        return visible
    return f"{visible[:CELL_CHARACTERS_MAX]}…"
