"""Frames of sheets and entities, for what Dagster shows of them.

Belongs here: what groups and counts best as a frame. Does not: how it is shown (`previews`, which
imports this when it shows one: pandas takes half a second).
"""

from collections.abc import Sequence

import pandas as pd

from jira_pipeline.model.entities import Entity, SourceTable


def column_figures(tables: Sequence[SourceTable]) -> pd.DataFrame:
    """Count for each column of each sheet the cells that are filled, and how many differ."""
    figures = [pd.DataFrame(columns=["file", "column", "filled", "different"])]
    for source_table in tables:
        rows = [row.cells for row in source_table.rows]
        cells = pd.DataFrame(rows, columns=list(source_table.columns), dtype="object")
        filled = cells.where(cells != "")
        figures.append(
            pd.DataFrame(
                {
                    "file": source_table.file.name,
                    "column": list(source_table.columns),
                    "filled": filled.count().to_numpy(),
                    "different": filled.nunique().to_numpy(),
                }
            )
        )
    return pd.concat(figures, ignore_index=True)


def frame_of(source_table: SourceTable) -> pd.DataFrame:
    """Return a sheet as a frame of text; blank columns left out, line numbers first."""
    rows = [row.cells for row in source_table.rows]
    frame = pd.DataFrame(rows, columns=list(source_table.columns), dtype="object")
    frame = frame.loc[:, (frame != "").any()]
    lines = [row.line for row in source_table.rows]
    frame.insert(0, "line", lines, allow_duplicates=True)  # a sheet may have such a column itself
    return frame


def kinds_by_status(entities: Sequence[Entity]) -> pd.DataFrame:
    """Count entities: a row for each kind, a column for each status."""
    frame = pd.DataFrame(
        {"kind": [e.kind.value for e in entities], "status": [e.status.value for e in entities]}
    )
    return pd.crosstab(frame["kind"], frame["status"]).reset_index()
