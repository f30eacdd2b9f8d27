"""Metadata on assets: counts and tables for values of any size, none included."""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from jira_pipeline.defs.frames import frame_of
from jira_pipeline.defs.previews import (
    FINDINGS_SHOWN,
    PREVIEW_COLUMNS,
    PREVIEW_ROWS,
    TEXT_CHARACTERS_SHOWN,
    Metadata,
    entities_metadata,
    findings_metadata,
    framed,
    groups_metadata,
    listed,
    report_metadata,
    results_metadata,
    tables_metadata,
    tickets_metadata,
    tickets_text,
    validation_metadata,
    web_metadata,
)
from jira_pipeline.export.results import ExportResults
from jira_pipeline.flow.open_session import open_session
from jira_pipeline.kernel.entities import SourceTable
from jira_pipeline.kernel.findings import Severity
from jira_pipeline.kernel.tickets import Withdrawal
from jira_pipeline.kernel.validations import Validation
from jira_pipeline.ports.tickets import GenerationOutcome
from jira_pipeline.ports.writing import NOTHING_SPENT, Spending
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests import projects
from jira_pipeline_tests.contracts.stored_values import (
    START,
    a_finding,
    a_fix,
    a_target,
    a_validation,
)
from jira_pipeline_tests.documents.made_tickets import made_tickets, site_tickets
from jira_pipeline_tests.sheets.made_specifications import bundle, field, files_of
from jira_pipeline_tests.tables import each

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


@each(
    ("metadata", "tables"),
    [
        (lambda: tables_metadata([]), ("files", "columns", "preview")),
        (lambda: entities_metadata([]), ("by_kind_and_status",)),
        (lambda: groups_metadata([]), ("groups",)),
        (
            lambda: tickets_metadata(
                [], NOTHING_CHANGED, vanished=(), writer="template", spending=NOTHING_SPENT
            ),
            ("tickets",),
        ),
        (
            lambda: validation_metadata(
                Validation(session_key="site", at=START, results=()),
                numbers={},
            ),
            ("results",),
        ),
        (lambda: findings_metadata([]), ("findings",)),
        (lambda: results_metadata(results()), ("issues",)),
        (lambda: report_metadata(results(), report=Path("/report.html")), ("left_to_do",)),
    ],
    ids=["files", "entities", "groups", "tickets", "validation", "findings", "results", "report"],
)
def test_nothing_has_empty_tables(metadata: Any, tables: tuple[str, ...]) -> None:
    found = metadata()

    assert [records_of(found, name) for name in tables] == [[] for _ in tables]
    assert found.get("dagster/row_count", dg.MetadataValue.int(0)).value == 0


def test_files_are_counted_and_the_largest_is_shown() -> None:
    fields = [field("Page (Content type)", f"field_n{n}") for n in range(PREVIEW_ROWS + 5)]
    tables = read_files(files_of({"bundles": [bundle("Page", "page")], "fields": fields})).tables

    metadata = tables_metadata(tables)

    preview = records_of(metadata, "preview")
    assert number_of(metadata, "dagster/row_count") == PREVIEW_ROWS + 6
    assert [r["rows"] for r in records_of(metadata, "files")] == [1, PREVIEW_ROWS + 5]
    assert len(preview) == PREVIEW_ROWS
    assert len(preview[0]) == PREVIEW_COLUMNS
    assert (preview[0]["line"], preview[0]["Machine name"]) == (2, "field_n0")


def test_each_column_is_counted_by_filled_and_different_cells() -> None:
    metadata = tables_metadata([table_of("Thing,Blank,Number\na,,1\nb,,1\n,,NA\n")])

    figures = [(r["column"], r["filled"], r["different"]) for r in records_of(metadata, "columns")]
    assert figures == [("Thing", 2, 2), ("Blank", 0, 0), ("Number", 3, 2)]


def test_a_preview_leaves_out_blank_columns_and_converts_nothing() -> None:
    frame = frame_of(table_of("Thing,Blank,Number\na,,01.0\nb,,n/a\n"))

    assert list(frame.columns) == ["line", "Thing", "Number"]
    assert frame["Number"].tolist() == ["01.0", "n/a"]


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


def test_cells_are_text_or_numbers_and_what_is_missing_is_blank() -> None:
    frame = pd.DataFrame({"a": [None, "x"], "b": pd.array([1, 2], dtype="Int64")})
    frame["c"] = pd.to_datetime(["2026-01-01", "2026-01-02"])

    frame["d"] = [0.5, float("nan")]

    assert records_of({"t": framed(frame)}, "t") == [
        {"a": "", "b": 1, "c": "2026-01-01 00:00:00", "d": 0.5},
        {"a": "x", "b": 2, "c": "2026-01-02 00:00:00", "d": ""},
    ]


def test_entities_are_counted_by_kind_and_status() -> None:
    entities = [e for made in site_tickets("uhrenmuseum") for e in made.group.members]

    metadata = entities_metadata(entities)

    counted = sum(
        count
        for row in records_of(metadata, "by_kind_and_status")
        for column, count in row.items()
        if column != "kind"
    )
    assert number_of(metadata, "dagster/row_count") == len(entities) == counted


def test_groups_and_tickets_are_listed_in_build_order() -> None:
    made = site_tickets("uhrenmuseum")
    outcome = GenerationOutcome(created=1, rewritten=2, unchanged=3, withdrawals_proposed=4)

    groups = groups_metadata([m.group for m in made])
    tickets = tickets_metadata(
        [m.ticket for m in made],
        outcome,
        vanished=[replace(made[0].ticket, withdrawal=Withdrawal.PROPOSED)],
        writer="template",
        spending=NOTHING_SPENT,
    )

    assert [r["title"] for r in records_of(groups, "groups")] == [m.group.title for m in made]
    assert [r["number"] for r in records_of(tickets, "tickets")] == list(range(1, len(made) + 1))
    assert number_of(groups, "hollow") == 1
    names = ("created", "rewritten", "unchanged", "withdrawals_proposed")
    assert [number_of(tickets, name) for name in names] == [1, 2, 3, 4]
    assert made[0].ticket.title in str(tickets["waiting_for_agreement"].value)


def test_tickets_say_who_wrote_them_and_what_it_cost() -> None:
    first, second, *_ = (made.ticket for made in site_tickets("uhrenmuseum"))
    instead = replace(first, revision=replace(first.revision, fallback_reason="It refused."))
    spending = Spending(
        requests=3,
        tokens_in=4100,
        tokens_out=900,
        cost_usd=Decimal("0.0021"),
        unpriced_requests=1,
        unseen_requests=2,
        unseen_usd=Decimal("0.0016"),
    )

    metadata = tickets_metadata(
        [instead, second],
        NOTHING_CHANGED,
        vanished=(),
        writer="openai:small",
        spending=spending,
    )

    counts = ("model_requests", "tokens_in", "tokens_out", "unpriced_requests", "unseen_requests")
    assert [number_of(metadata, name) for name in counts] == [3, 4100, 900, 1, 2]
    assert metadata["cost_usd"].value == pytest.approx(0.0021)
    assert metadata["unseen_usd"].value == pytest.approx(0.0016)
    assert metadata["writer"].value == "openai:small"
    assert number_of(metadata, "by_template_instead") == 1
    reasons = [row["instead of a model, because"] for row in records_of(metadata, "tickets")]
    assert reasons == ["It refused.", ""]


def test_failed_tickets_come_first() -> None:
    metadata = validation_metadata(a_validation(is_passed=False), numbers=NUMBERS)

    rows = records_of(metadata, "results")
    assert [row["number"] for row in rows] == [2, 1]
    assert [row["status"] for row in rows] == ["failed", "passed"]
    assert rows[0]["message"] == "/content/0: unknown node"
    assert (number_of(metadata, "passed"), number_of(metadata, "failed")) == (1, 1)


def test_without_failed_tickets_there_is_no_column_for_what_failed() -> None:
    metadata = validation_metadata(a_validation(is_passed=True), numbers=NUMBERS)

    rows = records_of(metadata, "results")
    assert len(rows) == 2
    assert [{"message", "fix"} & set(row) for row in rows] == [set(), set()]


def test_tickets_are_read_where_they_were_validated_and_of_many_the_first() -> None:
    made = made_tickets(bundles=[bundle("Topic", "topic", "Vocabulary"), bundle("Page", "page")])
    first, second = (one.rendered() for one in made)
    long = replace(second, summary="x" * TEXT_CHARACTERS_SHOWN)

    whole = str(tickets_text([second, first])["texts"].value)
    cut = str(tickets_text([first, long])["texts"].value)

    assert re.findall("(?m)^# .*", whole) == [f"# 1 · {first.summary}", f"# 2 · {second.summary}"]
    assert cut.startswith(f"# 1 · {first.summary}")
    assert cut.endswith("From ticket 2 on they are left out here.")


def test_a_list_is_read_without_a_click() -> None:
    assert listed(["UHR-1", "UHR-2"]).value == "UHR-1; UHR-2"
    assert listed([]).value == "none"


def test_findings_are_counted_whole_and_shown_in_part() -> None:
    findings = [a_finding(line=n) for n in range(FINDINGS_SHOWN + 10)]
    findings.append(a_finding(Severity.ERROR, line=None))

    metadata = findings_metadata(findings)

    assert (number_of(metadata, "errors"), number_of(metadata, "warnings")) == (1, 210)
    assert len(records_of(metadata, "findings")) == FINDINGS_SHOWN


def test_what_is_left_to_do_is_in_the_report() -> None:
    metadata = report_metadata(results(a_fix(jira_key=None)), report=Path("/report.html"))

    (left,) = records_of(metadata, "left_to_do")
    assert left == {
        "type": "assignee_invalid",
        "issue": "",
        "original value": "ab@example.org",
        "what to do": "Assign it to somebody of the project.",
    }
    assert metadata["in_jira"].value == (
        "https://example.org/issues/"
        "?jql=project%20%3D%20SITE%20AND%20labels%20%3D%20%22jp-site%22%20ORDER%20BY%20key"
    )


def test_the_report_is_linked_where_the_web_makes_it() -> None:
    address = "https://review.example.org/sessions/museum/report.html"

    shown = report_metadata(results(), report=address)["report"]
    named = report_metadata(results(), report=Path("/report.html"))["report"]

    assert (type(shown), shown.value) == (dg.UrlMetadataValue, address)
    assert (type(named), named.value) == (dg.PathMetadataValue, "/report.html")


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
