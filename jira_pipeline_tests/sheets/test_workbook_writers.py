"""What libraries and programs other than Excel write is read alike, or refused with the reason."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula
from xlsxwriter.workbook import Workbook

from jira_pipeline.kernel.entities import Entity
from jira_pipeline.kernel.findings import Severity
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_files, read_folder
from jira_pipeline_tests.sheets.made_workbooks import (
    fill,
    libreoffice,
    saved_by_libreoffice,
    workbook_of_folder,
    written,
    written_by_openpyxl,
)

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "uhrenmuseum"
HEADER = ["Name", "Machine name", "X", "Notes"]
FORMULAS = {2: '="a"&"b"', 3: "=1+1", 4: "=1-1", 5: "=1=1", 6: "=NA()", 7: '=""'}
"""One of each type of result, by row: text, number, nought, truth, error, empty text."""
COMPUTED = {2: "ab", 3: "2", 4: "0", 5: "TRUE", 6: "#N/A", 7: ""}


def formulas_of_openpyxl() -> bytes:
    def write(workbook: openpyxl.Workbook) -> None:
        worksheet = workbook.create_sheet("Roles")
        worksheet.append(HEADER)
        for row, formula in FORMULAS.items():
            worksheet.append([f"Role {row}", f"role_{row}", "a", formula])

    return written_by_openpyxl(write)


def formulas_of_xlsxwriter(results: Mapping[int, str | float | bool]) -> bytes:
    def write(workbook: Workbook) -> None:
        worksheet = workbook.add_worksheet("Roles")
        fill(worksheet, [HEADER, *([f"Role {row}", f"role_{row}", "a"] for row in FORMULAS)])
        for row, formula in FORMULAS.items():
            worksheet.write_formula(row - 1, 3, formula, None, results.get(row, 0))

    return written(write)


@pytest.fixture(scope="module")
def of_libreoffice() -> Mapping[str, bytes]:
    """The example and the formulas as LibreOffice saves them, in one start of it."""
    if libreoffice() is None:
        pytest.skip("LibreOffice (Debian: libreoffice-calc) is not installed")
    return saved_by_libreoffice(
        {"example.xlsx": workbook_of_folder(EXAMPLE), "formulas.xlsx": formulas_of_openpyxl()}
    )


def entities_of(content: bytes) -> list[Entity]:
    """Read the entities of a workbook that repeats the example; places have other names there."""
    reading = read_entities(read_files({"Spec.xlsx": content}).tables)
    return [replace(entity, source=replace(entity.source, file="")) for entity in reading.entities]


def notes_of(content: bytes) -> dict[int, str]:
    (table,) = read_files({"Spec.xlsx": content}).tables
    return {row.line: row.cells[3] if len(row.cells) > 3 else "" for row in table.rows}


def uncomputed_in(content: bytes) -> list[int | None]:
    findings = read_files({"Spec.xlsx": content}).findings
    assert {finding.severity for finding in findings} <= {Severity.ERROR}
    return [f.line for f in findings if f.code == "formula_not_computed"]


@pytest.fixture(scope="module")
def of_xlsxwriter() -> list[Entity]:
    return entities_of(workbook_of_folder(EXAMPLE))


def test_one_specification_has_the_entities_of_its_csv_files(of_xlsxwriter: list[Entity]) -> None:
    """Lines differ where cells hold several; a worksheet counts rows."""
    of_files = read_entities(read_folder(EXAMPLE).tables).entities

    assert [(e.key, e.status, e.cells) for e in of_xlsxwriter] == [
        (e.key, e.status, e.cells) for e in of_files
    ]


def test_libreoffice_writes_the_same_entities(
    of_libreoffice: Mapping[str, bytes], of_xlsxwriter: list[Entity]
) -> None:
    assert entities_of(of_libreoffice["example.xlsx"]) == of_xlsxwriter


def test_formulas_that_openpyxl_wrote_have_no_results() -> None:
    """Its `<v />` counted as a value: notes and flags were blank without a word."""
    assert uncomputed_in(formulas_of_openpyxl()) == list(FORMULAS)


def test_formulas_that_xlsxwriter_wrote_have_no_results_but_noughts() -> None:
    """It stores 0 and asks whoever opens the workbook to compute."""
    assert uncomputed_in(formulas_of_xlsxwriter({})) == list(FORMULAS)


def test_results_that_xlsxwriter_was_given_count() -> None:
    """An empty text is none to it: it then leaves the value blank."""
    content = formulas_of_xlsxwriter({2: "ab", 3: 2, 4: 7, 5: True, 6: "#N/A", 7: ""})

    assert uncomputed_in(content) == [7]
    assert notes_of(content) == {**COMPUTED, 4: "7"}


def test_libreoffice_computes_and_stores_every_type_of_result(
    of_libreoffice: Mapping[str, bytes],
) -> None:
    content = of_libreoffice["formulas.xlsx"]

    assert uncomputed_in(content) == []
    assert notes_of(content) == COMPUTED


def test_an_array_formula_without_results_names_all_cells_it_fills() -> None:
    def write(workbook: openpyxl.Workbook) -> None:
        worksheet = workbook.create_sheet("Roles")
        worksheet.append(HEADER)
        worksheet.append(["Keeper", "keeper", "a"])
        worksheet.append(["Guest", "guest", "a"])
        worksheet["D2"] = ArrayFormula("D2:D3", "=A2:A3")

    (finding,) = read_files({"Spec.xlsx": written_by_openpyxl(write)}).findings

    assert (finding.code, finding.line) == ("formula_not_computed", 2)
    assert "Cells D2:D3" in finding.message
