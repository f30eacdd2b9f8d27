"""Tables in the metadata of assets, whatever their columns are called."""

import re
from enum import Enum
from importlib import import_module
from inspect import getsource
from pathlib import Path
from pkgutil import walk_packages

import dagster as dg
import pytest
from dagster._serdes import deserialize_value, serialize_value

import jira_pipeline
from jira_pipeline.cli.serving import only_one_here
from jira_pipeline.dagster_port.metadata import (
    plain_value,
    results_metadata,
    table,
    tables_metadata,
    web_metadata,
)
from jira_pipeline.dagster_port.reports import in_jobs
from jira_pipeline.export.later_changes import LaterChange
from jira_pipeline.export.left_in_jira import required_results
from jira_pipeline.model.entities import SourceTable
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests import projects
from jira_pipeline_tests.defs.looks import rows_of


def table_of(text: str) -> SourceTable:
    (found,) = read_files({"custom.csv": text.encode()}).tables
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


def _enumerations() -> list[type[Enum]]:
    """Return every enumeration of the program, in whichever module it is declared."""
    for module in walk_packages(jira_pipeline.__path__, "jira_pipeline."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    found = list[type[Enum]]()
    left = [Enum]
    while left:
        for below in left.pop().__subclasses__():
            left.append(below)
            if below.__module__.startswith("jira_pipeline."):
                found.append(below)
    return found


def test_members_of_every_enumeration_become_what_the_event_log_can_hold() -> None:
    """A model's question put an Audience into a table; the run failed after all was written."""
    members = [member for enumeration in _enumerations() for member in enumeration]

    shown = table({"member": member, "nothing": None} for member in members)
    deserialized = deserialize_value(serialize_value(shown), dg.TableMetadataValue)

    assert len(members) > 100
    assert [row.data for row in deserialized.records] == [
        {"member": plain_value(member), "nothing": ""} for member in members
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
    assert all("url" not in row for row in rows_of(issues, "issues"))


def test_what_an_issue_needs_names_no_command_in_dagster() -> None:
    """The words are those of a terminal; one that is worded anew there needs its job here."""
    words = getsource(LaterChange)

    assert re.search(r"`(?:tickets|export) ", words)
    assert not re.search(r"`(?:tickets|export) ", in_jobs(words))
