"""Tables in the metadata of assets, whatever their columns are called."""

from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from jira_pipeline.cli.serving import only_one_here
from jira_pipeline.dagster_port.metadata import (
    Metadata,
    framed,
    results_metadata,
    tables_metadata,
    web_metadata,
)
from jira_pipeline.export.left_in_jira import required_results
from jira_pipeline.model.entities import SourceTable
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests import projects


def records_of(metadata: Metadata, name: str) -> list[dict[str, Any]]:
    value = metadata[name]
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]


def table_of(text: str) -> SourceTable:
    (found,) = read_files({"custom.csv": text.encode()}).tables
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


@pytest.mark.small_site
def test_links_lead_to_what_answers_or_are_absent(exported: Path) -> None:
    """They led into Dagster's own pages, and to a port where nothing listened."""
    with projects.opened(exported) as pipeline:
        session = open_session(pipeline, projects.SESSION)

        alone = web_metadata(session, "/results")
        with only_one_here(pipeline.settings, "http://127.0.0.1:3123"):
            served = web_metadata(session, "/results")
        issues = results_metadata(required_results(session))

    assert alone == {}
    there = "http://127.0.0.1:3123/sessions/museum/results"
    assert served["in_web"] == dg.MetadataValue.url(there)
    assert "in_jira" not in issues
    assert all("url" not in row for row in records_of(issues, "issues"))
