"""Metadata on assets: counts and tables for values of any size, none included."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from jira_pipeline.defs.previews import (
    FINDINGS_SHOWN,
    TEXT_CHARACTERS_SHOWN,
    Metadata,
    findings_metadata,
    framed,
    tables_metadata,
    tickets_text,
    web_metadata,
)
from jira_pipeline.export.results import ExportResults
from jira_pipeline.flow.open_session import open_session
from jira_pipeline.kernel.entities import SourceTable
from jira_pipeline.kernel.findings import Severity
from jira_pipeline.ports.tickets import GenerationOutcome
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests import projects
from jira_pipeline_tests.contracts.stored_values import (
    a_finding,
    a_target,
)
from jira_pipeline_tests.documents.made_tickets import made_tickets
from jira_pipeline_tests.sheets.made_specifications import bundle

NUMBERS = {"t00": 1, "t01": 2}
NOTHING_CHANGED = GenerationOutcome(created=0, rewritten=0, unchanged=0, withdrawals_proposed=0)


def records_of(metadata: Metadata, name: str) -> list[dict[str, Any]]:
    """The rows of a table in metadata."""
    value = metadata[name]
    assert isinstance(value, dg.TableMetadataValue)
    return [dict(record.data) for record in value.records]


def number_of(metadata: Metadata, name: str) -> object:
    """A number in metadata."""
    return metadata[name].value


def table_of(text: str, name: str = "custom.csv") -> SourceTable:
    """Read the text of one sheet."""
    (found,) = read_files({name: text.encode()}).tables
    return found


def results(*fixes: Any) -> ExportResults:
    """Results without issues."""
    return ExportResults(
        session_key="site",
        target=a_target(),
        jql='project = SITE AND labels = "jp-site" ORDER BY key',
        tickets=(),
        dependencies_created=0,
        manual_fixes=fixes,
        total_processing_time_minutes=0.0,
        requests={},
    )


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


def test_tickets_are_read_where_they_were_validated_and_of_many_the_first() -> None:
    made = made_tickets(bundles=[bundle("Topic", "topic", "Vocabulary"), bundle("Page", "page")])
    first, second = (one.rendered() for one in made)
    long = replace(second, summary="x" * TEXT_CHARACTERS_SHOWN)

    whole = str(tickets_text([second, first])["texts"].value)
    cut = str(tickets_text([first, long])["texts"].value)

    assert re.findall("(?m)^# .*", whole) == [f"# 1 · {first.summary}", f"# 2 · {second.summary}"]
    assert cut.startswith(f"# 1 · {first.summary}")
    assert cut.endswith("From ticket 2 on they are left out here.")


def test_findings_are_counted_whole_and_shown_in_part() -> None:
    findings = [a_finding(line=n) for n in range(FINDINGS_SHOWN + 10)]
    findings.append(a_finding(Severity.ERROR, line=None))

    metadata = findings_metadata(findings)

    assert (number_of(metadata, "errors"), number_of(metadata, "warnings")) == (1, 210)
    assert len(records_of(metadata, "findings")) == FINDINGS_SHOWN


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        (None, "/sessions/museum/tickets"),
        ("https://review.example/", "https://review.example/sessions/museum/tickets"),
    ],
    ids=["beside Dagster's pages", "behind a proxy"],
)
def test_an_asset_links_the_page_that_shows_the_same(
    reviewed_project: Path, base_url: str | None, expected: str
) -> None:
    with projects.opened(reviewed_project) as pipeline:
        settings = pipeline.settings.model_copy(update={"web_base_url": base_url})
        session = open_session(replace(pipeline, settings=settings), projects.SESSION)

        assert web_metadata(session, "/tickets") == {"in_web": dg.MetadataValue.url(expected)}
