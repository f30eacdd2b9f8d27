"""Tables in the metadata of assets, whatever their columns are called."""

from typing import Any

import dagster as dg
import pandas as pd

from jira_pipeline.defs.previews import Metadata, framed, tables_metadata
from jira_pipeline.model.entities import SourceTable
from jira_pipeline.sources.sheets.reading.folders import read_files


def records_of(metadata: Metadata, name: str) -> list[dict[str, Any]]:
    """The rows of a table in metadata."""
    value = metadata[name]
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]


def table_of(text: str, name: str = "custom.csv") -> SourceTable:
    """Read the text of one sheet."""
    (found,) = read_files({name: text.encode()}).tables
    return found


def test_a_sheet_may_have_a_column_named_line() -> None:
    """It failed the asset: "cannot insert line, already exists"."""
    metadata = tables_metadata([table_of("line,Thing\nU4,Metro\nU5,Metro\n")])

    assert records_of(metadata, "preview") == [
        {"line": 2, "line (2)": "U4", "Thing": "Metro"},
        {"line": 3, "line (2)": "U5", "Thing": "Metro"},
    ]


def test_columns_of_one_name_are_distinguished() -> None:
    frame = pd.DataFrame([["a", "b", "c", "d"]], columns=["x", "x", "x (2)", "x"])

    assert records_of({"t": framed(frame)}, "t") == [
        {"x": "a", "x (2)": "b", "x (2) (2)": "c", "x (3)": "d"}
    ]
