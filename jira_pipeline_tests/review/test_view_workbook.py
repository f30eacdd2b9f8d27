"""The forms of all views go out as one sheet of displays, and come back as one."""

import io

import openpyxl

from jira_pipeline.kernel.entities import Specification
from jira_pipeline.kernel.forms_in_text import FORM_COLUMNS
from jira_pipeline.review.view_workbook import count_of_forms, views_workbook
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files
from jira_pipeline_tests.sheets.made_specifications import display, files_of, specification_of, view
from jira_pipeline_tests.writing.claims.claimed import ticket_of

SHEETS = {
    "views": [view("News", "news"), view("Press", "press")],
    "displays": [
        display("News", "page_1", Notes="Path: /news", Pager="10"),
        display("News", "feed_1", "Feed", "x"),
    ],
}


def test_a_filled_in_workbook_is_the_sheet_of_displays_and_its_form_is_gone() -> None:
    workbook = openpyxl.load_workbook(io.BytesIO(views_workbook(specification_of(**SHEETS), ())))
    (sheet,) = workbook.worksheets
    head = [str(cell.value) for cell in sheet[1]]
    for column in head:
        cell = sheet.cell(2, head.index(column) + 1)
        cell.value = cell.value or "Filled in"
    filled = io.BytesIO()
    workbook.save(filled)
    files = {**files_of(SHEETS), "filled.xlsx": filled.getvalue()}
    del files["displays.csv"]

    reading = read_files(files)

    assert [c for c in head if c in FORM_COLUMNS] == [
        c
        for c in FORM_COLUMNS
        if c != "Items per page"  # the sheet has it as Pager
    ]
    assert sheet.cell(2, head.index("Path or place") + 1).value == "/news"
    assert [finding for finding in reading.findings if finding.column in FORM_COLUMNS] == []
    specification = Specification(entities=read_entities(reading.tables).entities)
    assert ticket_of(specification, "Configure view: News").claims.form == ()


def test_a_view_without_displays_has_a_row_for_them_and_what_is_there_nothing_to_fill_in() -> None:
    specification = specification_of(**SHEETS)

    (sheet,) = openpyxl.load_workbook(io.BytesIO(views_workbook(specification, ()))).worksheets

    head = [str(cell.value) for cell in sheet[1]]
    rows = [dict(zip(head, row, strict=True)) for row in sheet.iter_rows(2, values_only=True)]
    assert [(row["View"], row["Machine name"] or "") for row in rows] == [
        ("News", "page_1"),
        ("News", "feed_1"),
        ("Press", ""),
    ]
    assert {row["Sort"] or "" for row in rows} == {""}
    assert count_of_forms(specification, ()) == 2
