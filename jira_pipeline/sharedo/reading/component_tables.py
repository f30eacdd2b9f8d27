"""A component as a table: one row for each value, in the order of the source.

Belongs here: what a row of such a table is, how it cites its place. Does not: which components a
session has (`reading`, `compared`), entities out of these rows (`reading`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from jira_pipeline.model.entities import (
    EntityKind,
    SourceFile,
    SourceRow,
    SourceTable,
    worksheet_name,
)
from jira_pipeline.sharedo.packages import (
    Component,
    ComponentDependency,
    JsonValue,
    PackageFile,
)
from jira_pipeline.sharedo.secret_masking import without_digits
from jira_pipeline.sharedo.sections import (
    field_path,
    item_label,
    item_path,
    key_parts_of,
    leaves,
    natural_key,
    shown_value,
)
from jira_pipeline.tickets.grouping.component_rows import is_guid

COLUMNS = ("Is", "Section", "Number", "Entry", "Path", "Value")
"""What a row is: a value of a section or of an entry, the component's name, or what it depends on."""
RowCells: TypeAlias = tuple[str, str, str, str, str, str]
FILES = "Files"
"""The section of the files that a component names."""
COMPONENT, VALUE = "component", "value"
_SELECTED = re.compile(r':\s*"([^"]*)"')


def table_of(
    component: Component,
    *,
    sha256: str,
    size_bytes: int,
    values: Sequence[RowCells] | None = None,
    dependencies: Sequence[ComponentDependency] | None = None,
) -> SourceTable:
    """Return one row for each value, in the order of the source, below the name and the needs.

    `values` and `dependencies` are shown instead of those of the component.
    """
    needs = [
        (COMPONENT, "", "", "", component.key, component.title),
        *(
            (d.strength.value, "", "", d.target_key, "; ".join(d.reasons), d.description or d.name)
            for d in (component.dependencies if dependencies is None else dependencies)
        ),
    ]
    if values is None:
        values = [*value_rows(component.payload), *file_rows(component.files)]
    name = component.name
    if name.startswith("{"):  # selected by several fields
        name = "-".join(_SELECTED.findall(name)) or name
    part = re.sub(r"[\s:]+", "-", f"{component.provider}/{name}")
    rows = tuple(
        SourceRow(line=number, record=number, cells=cells)
        for number, cells in enumerate((*needs, *values), start=1)
    )
    return SourceTable(
        file=SourceFile(
            name=worksheet_name(component.file, part),
            sheet=EntityKind.COMPONENT,
            row_count=len(values),
            sha256=sha256,
            size_bytes=size_bytes,
            encoding="utf-8",
            delimiter="",
        ),
        columns=COLUMNS,
        rows=rows,
    )


def value_rows(payload: Mapping[str, JsonValue]) -> Iterator[RowCells]:
    """Yield the values of entries below their list, the others by their whole path."""
    for section, value in _sections_of(payload):
        if not isinstance(value, list) or not _is_list_of_objects(value):
            for path, leaf in leaves(value, section=section, path=section):
                yield VALUE, section, "", "", path, text_of(leaf)
            continue
        parts = key_parts_of(section.rpartition(".")[2], value)
        names = {name.casefold() for alternatives in parts for name in alternatives}
        seen: dict[str, int] = {}
        for number, item in enumerate(value, start=1):
            label = item_label(natural_key(item, parts), number)
            seen[label] = seen.get(label, 0) + 1
            entry = f"{label} ({seen[label]})" if seen[label] > 1 else label
            found = [(path, text_of(leaf)) for path, leaf in leaves(item)]
            # What names an entry comes first, ids of the environment last.
            found.sort(key=lambda pair: (pair[0].casefold() not in names, is_guid(pair[1])))
            for path, text in found:
                yield VALUE, section, str(number), entry, path, text


def _sections_of(payload: Mapping[str, JsonValue]) -> Iterator[tuple[str, JsonValue]]:
    """Yield the sections of a payload.

    A list inside a section that is no list itself is a section too: `Definition.Steps`.
    """
    for section, value in payload.items():
        fields = value if isinstance(value, dict) else {}
        lists = {name: inner for name, inner in fields.items() if _is_list_of_objects(inner)}
        rest = {name: inner for name, inner in fields.items() if name not in lists}
        if rest or not lists:
            yield section, rest if lists else value
        yield from ((field_path(section, name), inner) for name, inner in lists.items())


def _is_list_of_objects(value: JsonValue) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def file_rows(files: Iterable[PackageFile]) -> Iterator[RowCells]:
    """Yield a value for each file that a component names, by which another one would be noticed."""
    for file in files:
        yield VALUE, FILES, "", "", item_path(FILES, file.name, {}), file.distinction


def text_of(value: JsonValue) -> str:
    """Return a value as text: nothing for null and for what is empty."""
    return "" if value in (None, "", [], {}) else without_digits(shown_value(value)).strip()
