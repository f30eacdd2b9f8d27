"""Small specifications for tests: rows as a person thinks of them, read by the real reader."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from jira_pipeline.model.entities import Specification
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.sessions import NO_COLUMN
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.grouping.grouping import GroupingResult, group_entities
from jira_pipeline_tests.sheets.made_readings import read_files

Row = dict[str, str]

HEADERS = {
    "bundles": "Name,Machine name,X,Description,Mod.,Meta,Sched.,Type,URL alias pattern,Settings/notes",
    "fields": (
        "Bundle,Field label,Machine name,Reused Field,X,Field type,Ref. bundle,Req'd,Vals.,Form widget,Trns.,"
        "Settings/notes,Help text"
    ),
    "views": "View name,Machine name,X,Base table,Notes",
    "displays": "View,Title,Machine name,X,Display plugin,Notes",
    "image_styles": "Style name,Machine name,X,Notes",
    "image_effects": "Image style,Effect,X,Summary",
    "responsive": "Responsive style,Machine name,Fallback Style,Image Style Group(s),X,Notes",
    "view_modes": "View Modes,Entity Type,X,Entities Used On,Notes",
    "roles": "Name,Machine name,X,Notes",
    "workflows": "Label,Machine name,X,Type,Notes",
    "states": "Workflow,Label,Machine name,X,Notes",
    "transitions": "Workflow,Label,Machine name,X,From state,To state,Notes",
    "migrations": "Migration,X,Notes",
    "mappings": "Migration,Source field,X,Destination field,Process",
    "custom": "Label,Machine name,X,Colour",
    "matrix": "Effect,X,Strength",
    "glossary": "We write,We mean",
}

OF_THEIR_OWN = frozenset({"custom", "matrix", "glossary"})
"""People say that these are none of the known sheets."""


def specification_of(**sheets: Sequence[Row]) -> Specification:
    """Read rows as the sheets named in `HEADERS`, one file for each."""
    of_their_own = {sheet: NO_COLUMN for sheet in sheets if sheet in OF_THEIR_OWN}
    read = read_entities(read_files(files_of(sheets), columns=of_their_own).tables)
    return Specification(entities=read.entities, captions=read.captions)


def files_of(sheets: Mapping[str, Sequence[Row]]) -> dict[str, bytes]:
    """Write rows as CSV files; what a row does not say is blank, what it says beside is a column."""
    files: dict[str, bytes] = {}
    for sheet, rows in sheets.items():
        text = io.StringIO()
        usual = next(csv.reader([HEADERS[sheet]]))
        columns = dict.fromkeys([*usual, *(column for row in rows for column in row)])
        writer = csv.DictWriter(text, fieldnames=list(columns), restval="")
        writer.writeheader()
        writer.writerows(rows)
        files[f"{sheet}.csv"] = text.getvalue().encode("utf-8")
    return files


def put_into(folder: Path, sheets: Mapping[str, Sequence[Row]]) -> Path:
    """Write the sheets into a folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files_of(sheets).items():
        (folder / name).write_bytes(content)
    return folder


def bundle(name: str, machine_name: str, type_: str = "Content type", x: str = "a") -> Row:
    """Make a bundle; add cells with `|`."""
    return {"Name": name, "Machine name": machine_name, "Type": type_, "X": x}


def field(
    bundle_label: str, machine_name: str, x: str = "a", *, ref: str = "", req: str = "n"
) -> Row:
    """Make a field; with `ref` it refers to a bundle."""
    return {
        "Bundle": bundle_label,
        "Field label": machine_name.removeprefix("field_").capitalize(),
        "Machine name": machine_name,
        "X": x,
        "Field type": "Entity reference" if ref else "Text (plain)",
        "Ref. bundle": ref,
        "Req'd": req,
        "Vals.": "1",
    }


def grouped(**sheets: Sequence[Row]) -> GroupingResult:
    return group_entities(specification_of(**sheets))


def titles_of(result: GroupingResult) -> list[str]:
    return [group.title for group in result.groups]


def group_titled(result: GroupingResult, title: str) -> EntityGroup:
    (group,) = (group for group in result.groups if group.title == title)
    return group


def view(name: str, machine_name: str, x: str = "a", **cells: str) -> Row:
    """Make a view that lists content; `_` in the name of a column is a blank."""
    known = {"Base table": "Content", "Status": "Enabled"}
    named = {column.replace("_", " "): cell for column, cell in cells.items()}
    return {"View name": name, "Machine name": machine_name, "X": x, **known, **named}


def display(
    view_name: str, machine_name: str, plugin: str = "Page", x: str = "a", **more: str
) -> Row:
    """Make a display; `more` are further columns."""
    row = {"View": view_name, "Title": plugin, "Machine name": machine_name, "X": x}
    return {**row, "Display plugin": plugin, **more}


def table(header: str, *rows: str) -> list[Row]:
    """Make rows of lines as a CSV file has them."""
    return list(csv.DictReader([header, *rows]))
