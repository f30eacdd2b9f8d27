"""What `columns` of `session.yaml` says in vain: of no sheet, of no column, or twice.

Belongs here: its findings. Does not: what a header that it names is read as (`sheet_kinds`,
`layouts/known_headers`).
"""

import difflib
from collections.abc import Sequence

from jira_pipeline.model.sessions import NO_COLUMN, ColumnMeanings
from jira_pipeline.model.source_tables import SourceTable
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.sheet_kinds import (
    SHEET_RULES,
    all_known_headers,
    is_sheet_meant,
    known_columns,
    mapping_key,
    normalised,
    rule_of,
)

MANIFEST_NAME = "session.yaml"
_LIKENESS_MIN = 0.6
"""Of a column that is named as the nearest to one that no sheet has."""


def cite_mappings(
    every: Sequence[SourceTable], mapped: ColumnMeanings, citations: Citations
) -> None:
    """Cite headers that are mapped to no column, twice, or in vain."""
    known = {
        normalised(name): name for rule in SHEET_RULES for name in known_columns(rule).values()
    }
    pairs = [("", header, column, every) for header, column in mapped.items()]
    for sheet, of_sheet in mapped.items():
        if isinstance(of_sheet, str):
            continue
        meant = [table for table in every if is_sheet_meant(sheet, table.file.name)]
        pairs += [(sheet, header, column, meant) for header, column in of_sheet.items() if meant]
        if not meant:
            citations.warn(
                "column_mapping_unused",
                f"`columns` names headers of the sheet “{sheet}”, but there is no such file or "
                "worksheet.",
                "Write the name of the file or worksheet, or remove it from `columns`.",
                column=sheet,
            )
    seen: dict[tuple[str, str], str] = {}
    for sheet, header, column, tables in pairs:
        if not isinstance(column, str):
            continue
        if normalised(column) not in {*all_known_headers(), NO_COLUMN}:
            near = difflib.get_close_matches(normalised(column), known, cutoff=_LIKENESS_MIN)
            nearest = f" Nearest: {', '.join(known[key] for key in near)}." if near else ""
            citations.error(
                "column_mapping_invalid",
                f"`columns` maps “{header}” to “{column}”, which no known sheet has.{nearest}",
                "Spell the column as in docs/sheets.md.",
                column=header,
                value=column,
            )
        elif (first := seen.setdefault((sheet, mapping_key(header)), header)) != header:
            citations.error(
                "column_mapping_invalid",
                f"`columns` names one header twice: “{first}” and “{header}” differ only in case "
                "or punctuation.",
                "Keep one of the two.",
                column=header,
                value=column,
            )
        elif not any(_is_applied(table, header, column) for table in tables):
            citations.warn(
                "column_mapping_unused",
                f"`columns` maps “{header}” to “{column}”, but no sheet has such a header"
                + (
                    " that it does not know."
                    if column == NO_COLUMN
                    else " in place of that column."
                ),
                "Correct the header, or remove it from `columns`.",
                column=header,
                value=column,
            )


def _is_applied(table: SourceTable, header: str, column: str) -> bool:
    if column == NO_COLUMN and is_sheet_meant(header, table.file.name):
        return True
    columns = known_columns(rule_of(table.file.sheet))
    name = columns.get(normalised(column))
    headers = table.shown_headers
    own = set(columns.values())
    return any(
        mapping_key(at) == mapping_key(header)
        and (known not in own if column == NO_COLUMN else known == name)
        for at, known in zip(headers, table.columns, strict=True)
    )
