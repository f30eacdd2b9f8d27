"""Cells of words that begin with an equals sign: texts, though a program took them for formulas."""

import io
import re

import openpyxl
import pytest

from jira_pipeline.sheets.layouts.grid import Place
from jira_pipeline.sheets.layouts.grid_reading import read_grids
from jira_pipeline.sheets.reading.formula_texts import text_taken_for_formula
from jira_pipeline_tests.sheets.made_workbooks import (
    changed_part,
    open_document,
    open_row,
    workbook_of,
)

ROLES = [["Role", "Rights"], ["Keeper", "may open"], ["Guest", "= not signed in"]]


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (" not signed in", "= not signed in"),
        ("same as Keeper", "=same as Keeper"),
        ("of:= keeper, guest - and crew", "= keeper, guest - and crew"),
        ("A1", ""),
        ("Sheet2!B4 & Total", ""),
        ("SUM(B2:B9)", ""),
        ("1+1", ""),
        ('"Keeper"', ""),
        ("TRUE", ""),
        ("Rate total", ""),
        ("", ""),
    ],
)
def test_words_that_name_nothing_of_a_workbook_are_a_text(formula: str, text: str) -> None:
    assert text_taken_for_formula(formula, {"rate"}) == text


def test_a_text_with_an_equals_sign_is_read_as_people_see_it_and_refuses_nothing() -> None:
    """One such cell refused a workbook of eight worksheets, and saving it again mended nothing."""
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    for row in ROLES:
        workbook.active.append(row)
    content = io.BytesIO()
    workbook.save(content)

    reading = read_grids(content.getvalue(), file_name="Roles.xlsx")

    assert reading.grids[0].cells[Place(2, 1)] == "= not signed in"
    assert reading.findings == ()


def test_a_text_that_failed_as_a_formula_is_read_and_a_formula_that_failed_is_not() -> None:
    failed = '<c r="{}" t="e"><f>{}</f><v>#NAME?</v></c>'

    def with_formulas(part: str) -> str:
        text = re.sub(r'<c r="B2".*?</c>', failed.format("B2", " same as crew"), part)
        return re.sub(r'<c r="B3".*?</c>', failed.format("B3", "UNKNOWN(A1)"), text)

    content = changed_part(workbook_of({"Roles": ROLES}), "xl/worksheets/sheet1.xml", with_formulas)

    (grid,) = read_grids(content, file_name="Roles.xlsx").grids

    assert grid.cells[Place(1, 1)] == "= same as crew"
    assert grid.cells[Place(2, 1)] == "#NAME?"


def test_such_a_text_of_an_open_document_is_read_too() -> None:
    failed = (
        '<table:table-cell table:formula="of:= same as crew" office:value-type="string" '
        'office:string-value="" calcext:value-type="error"><text:p>Err:509</text:p></table:table-cell>'
    )
    content = open_document(open_row("Role", "Rights"), open_row("Guest", failed))

    (grid,) = read_grids(content, file_name="Roles.ods").grids

    assert grid.cells[Place(1, 1)] == "= same as crew"
