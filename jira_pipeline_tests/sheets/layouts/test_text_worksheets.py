"""Worksheets of text: what their lines say of things is quoted or asked where these are."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from jira_pipeline.context.settings import load_limits
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.sessions import SessionManifest
from jira_pipeline.sheets.layouts.choices import choice_of
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_checks import folder_grids
from jira_pipeline.sheets.layouts.layout_files import layout_yaml
from jira_pipeline.sheets.layouts.proposing import propose
from jira_pipeline.sheets.layouts.text_worksheets import is_text
from jira_pipeline.sheets.sheet_linting import LintResult, lint_folder
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline_tests.sheets.layouts.made_grids import grid_of

TYPES = [
    ["Name", "Machine name", "Type", "URL alias pattern", "X"],
    ["Boat", "boat", "Content type", "boats/[title]", "a"],
    ["Harbour", "harbour", "Content type", "harbours/[title]", "a"],
]
FIELDS = [
    ["Bundle", "Field label", "Machine name", "Field type", "X"],
    ["Boat", "Length", "field_length", "Number (integer)", "a"],
    ["Harbour", "Berths", "field_berths", "Number (integer)", "a"],
]
POINTS = [
    ["Points for the next meeting"],
    ["No.", "Point", "Who"],
    ["1", "Do Boats show their owners to everybody?", "Ada"],
    ["2", "Who signs the contract with the port?", "Ben"],
    ["3", "We harbour doubts about the date", ""],
]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    for title, rows in {"Bundles": TYPES, "Fields": FIELDS, "Open points": POINTS}.items():
        worksheet = book.create_sheet(title)
        for row in rows:
            worksheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "ports.xlsx")
    return tmp_path


def linted(folder: Path, shape: str) -> LintResult:
    grids = folder_grids(folder).grids
    said = choice_of({"do": "set_shape", "worksheet": "Open points", "shape": shape})
    layout = with_choice(Layout(sheets=()), grids, said)
    return lint_folder(
        folder,
        manifest=SessionManifest(),
        source=UploadedSource(settings=load_limits()),
        layout=layout_yaml(layout).encode(),
    )


def beside(groups: Sequence[EntityGroup], label: str) -> list[str]:
    (group,) = [group for group in groups if group.label == label]
    return [caption.label.replace("\n", " | ") for caption in group.captions]


def test_a_worksheet_called_like_a_part_of_any_document_is_asked_about_and_not_left_out() -> None:
    """Eight questions of a client and “do not estimate” were left out unasked."""
    read_me = grid_of("Please do not estimate the second phase", "Read me first")

    assert is_text(read_me)
    assert propose([read_me]) == Layout(sheets=())


def test_rows_of_things_are_no_text_and_sentences_are() -> None:
    assert not is_text(grid_of("Name | Key\nBoat | boat", "Types"))
    assert is_text(grid_of("A boat has a name and a berth\nA harbour is where boats are", "Ports"))


def test_remarks_are_quoted_at_what_they_name(workbook: Path) -> None:
    result = linted(workbook, "remarks")

    assert not result.needs_layout
    assert beside(result.groups, "Boat") == ["1 | Do Boats show their owners to everybody? | Ada"]
    assert beside(result.groups, "Harbour") == [], "“harbour” is a verb there"
    rows = [row for group in result.groups for row in group.heads if "Remark" in row.cells]
    assert len(rows) == len(POINTS), "nothing of the worksheet is lost"


def test_open_questions_are_asked_in_the_tickets_of_what_they_name_or_in_their_own(
    workbook: Path,
) -> None:
    result = linted(workbook, "open_questions")

    titles = {group.label: group.title for group in result.groups}
    asked = [pair for pair in result.questions if pair[1].kind == "rows.asked_beside"]
    assert [(title, question.quote) for title, question in asked] == [
        (titles["Boat"], "1 Do Boats show their owners to everybody? Ada"),
        (titles["Open points"], "2 Who signs the contract with the port? Ben"),
        (titles["Open points"], "3 We harbour doubts about the date"),
    ]


def test_a_letter_that_is_two_when_folded_stops_no_reading(workbook: Path) -> None:
    """The words of a line were counted in two ways, and the workbook could not be read."""
    path = workbook / "ports.xlsx"
    book = openpyxl.load_workbook(path)
    book["Open points"].append(["4", "İzmir pays for it", "Boat"])
    book.save(path)

    result = linted(workbook, "remarks")

    assert "4 | İzmir pays for it | Boat" in beside(result.groups, "Boat")
