"""Sheets as strangers keep them: titles, second headers, merged owners, several sheets of a kind.

Their specifications in `../shared/cases` are read in place; others are invented here.
"""

from collections.abc import Mapping

import openpyxl
import pytest
from openpyxl.worksheet.table import Table
from xlsxwriter import Workbook

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.findings import Severity
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline_tests.sheets.made_readings import read_files, read_folder
from jira_pipeline_tests.sheets.made_workbooks import fill, written, written_by_openpyxl
from jira_pipeline_tests.sheets.test_spellings import CASES
from jira_pipeline_tests.tables import each

MOORINGS = [
    ["Style name", "Machine name", "X", "Notes"],
    ["Buoy", "buoy", "a", ""],
    ["Pier", "pier", "a", "wide"],
]


@pytest.mark.parametrize("cells", [["Total", "", "", "2 of all"], ["", "2", "2", "1"]])
def test_the_totals_row_of_a_table_is_no_row(cells: list[str]) -> None:
    """The advice made a style of the number; the file says what the row is."""

    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Styles")
        worksheet.add_table("A1:D4", {"total_row": True, "columns": [{"header": h} for h in MOORINGS[0]]})  # fmt: skip
        fill(worksheet, [*MOORINGS, cells])

    reading = read_files({"Spec.xlsx": written(write)})
    (table,) = reading.tables

    assert [row.cells[1] for row in table.rows] == ["buoy", "pier"]
    assert [(f.severity, f.code, f.line) for f in reading.findings if f.line == 4] == [
        (Severity.INFO, "totals_row", 4)
    ]


def test_the_formulas_of_a_totals_row_need_no_result() -> None:
    def write(workbook: openpyxl.Workbook) -> None:
        worksheet = workbook.create_sheet("Styles")
        for cells in [*MOORINGS, ["Total", "=SUBTOTAL(103,B2:B3)", "", 1234.5]]:
            worksheet.append(cells)
        worksheet["D4"].number_format = "# ?/?"
        table = Table(displayName="Styles", ref="A1:D4", totalsRowCount=1)
        worksheet.add_table(table)

    reading = read_files({"Spec.xlsx": written_by_openpyxl(write)})
    (table,) = reading.tables

    assert len(table.rows) == len(MOORINGS) - 1
    assert [f.code for f in reading.findings] == ["totals_row"]


IN_PLACE: Mapping[str, set[str]] = {
    "04_vals_became_dates": {"spelling_unknown"},
    "06_mojibake": {"text_damaged"},
    "07_ods_error_cells": {"error_value"},
    "08_names_decomposed": set(),
    "10_one_row_for_two_bundles": {"owners_listed"},
    "12_ods_line_breaks": set(),
    "13_dashes_autocorrected": set(),
    "14_totals_row": {"totals_row"},
    "18_csv_named_xlsx": {"file_is_text"},
    "21_lists_of_references": set(),
}


@pytest.mark.parametrize("case", IN_PLACE)
def test_what_strangers_reported_is_read_or_named(case: str) -> None:
    folder = CASES.with_name("cases5") / case / "sheets"
    if not folder.is_dir():
        pytest.skip("../shared/cases5 is not there")
    reading = read_folder(folder)

    found = [*reading.findings, *read_entities(reading.tables).findings]

    assert {finding.code for finding in found} == IN_PLACE[case]
    fields = [e for e in read_entities(reading.tables).entities if e.kind is EntityKind.FIELD]
    assert fields
    assert all(field.owner_key for field in fields)


ASKED_ABOUT = {
    "cases/08_second_header_german/german": "none of those that its columns hold",
    "cases5/09_type_in_its_own_column/sheets": "may be the type of what the fields belong to",
    "cases5/16_proposals_by_cells/entity_labels": "no layout says anything",
    "cases5/22_matrix/sheets": "no layout says anything",
}
"""Folders of CSV files of strangers about which somebody is asked, and what; all others are read."""


@each("group", ["cases", "cases5", "cases6", "cases6_sites"])
def test_sheets_of_strangers_are_read_or_somebody_is_asked(group: str) -> None:
    shared = CASES.parent
    if not (shared / group).is_dir():
        pytest.skip(f"../shared/{group} is not there")
    questions: dict[str, str] = {}
    for folder in sorted({path.parent for path in (shared / group).rglob("*.csv")}):
        manifest = read_manifest(folder)
        files = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
        reading = read_files(files, columns=manifest.columns, owner_blank=manifest.owner_blank)
        if reading.needs_layout:
            messages = [finding.message for finding in reading.findings]
            questions[str(folder.relative_to(shared))] = " ".join(messages)

    expected = {name: why for name, why in ASKED_ABOUT.items() if name.startswith(f"{group}/")}
    assert questions.keys() == expected.keys()
    assert [name for name, why in expected.items() if why not in questions[name]] == []
