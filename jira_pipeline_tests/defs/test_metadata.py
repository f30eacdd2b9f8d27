"""Tables in the metadata of assets, whatever their columns are called."""

import re
from inspect import getsource
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.cli.serving import single_server
from jira_pipeline.dagster_port.metadata import results_metadata, tables_metadata, web_metadata
from jira_pipeline.dagster_port.reports import in_jobs
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.session_results import required_results
from jira_pipeline.model.sessions import NO_COLUMN
from jira_pipeline.model.source_tables import SourceTable
from jira_pipeline.review.open_session import open_session
from jira_pipeline_tests import projects
from jira_pipeline_tests.defs.looks import rows_of
from jira_pipeline_tests.sheets.made_readings import read_files


def table_of(text: str) -> SourceTable:
    (found,) = read_files({"custom.csv": text.encode()}, columns={"custom": NO_COLUMN}).tables
    return found


def test_a_sheet_may_have_a_column_named_line() -> None:
    """It failed the asset: "cannot insert line, already exists"."""
    metadata = tables_metadata([table_of("line,Thing\nU4,Metro\nU5,Metro\n")])

    assert rows_of(metadata, "preview") == [
        {"line of the file": 2, "line": "U4", "Thing": "Metro"},
        {"line of the file": 3, "line": "U5", "Thing": "Metro"},
    ]


def test_the_cells_of_a_column_are_counted_and_a_blank_one_is_not_shown() -> None:
    metadata = tables_metadata([table_of("Thing,Place,Note\nMetro,U4,\nMetro,U5,\n")])

    assert [tuple(row.values())[1:] for row in rows_of(metadata, "columns")] == [
        ("Thing", 2, 1),
        ("Place", 2, 2),
        ("Notes", 0, 0),
    ]
    assert rows_of(metadata, "preview")[0] == {"line": 2, "Thing": "Metro", "Place": "U4"}


@pytest.mark.small_site
def test_links_lead_to_what_answers_or_are_absent(exported: Path) -> None:
    """They led into Dagster's own pages, and to a port where nothing listened."""
    with projects.opened(exported) as pipeline:
        session = open_session(pipeline, projects.SESSION)

        alone = web_metadata(session, "/results")
        with single_server(pipeline.settings, "http://127.0.0.1:3123"):
            served = web_metadata(session, "/results")
        issues = results_metadata(required_results(session))

    assert alone == {}
    there = "http://127.0.0.1:3123/sessions/museum/results"
    assert served["in_web"] == dg.MetadataValue.url(there)
    assert "in_jira" not in issues
    assert all("url" not in row for row in rows_of(issues, "issues"))


def test_what_an_issue_needs_names_no_command_in_dagster() -> None:
    """The words are those of a terminal; one that is worded anew there needs its job here."""
    words = getsource(LaterChange)

    assert re.search(r"`(?:tickets|export) ", words)
    assert not re.search(r"`(?:tickets|export) ", in_jobs(words))
