"""A folder with a `layout.yaml` is read by it; what that leaves to settle is named, and awaited."""

from pathlib import Path

import pytest

from jira_pipeline.context.settings import Settings
from jira_pipeline.model.errors import LayoutRefusedError
from jira_pipeline.model.sessions import SessionManifest
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_checks import (
    check_layout,
    folder_grids,
    proposed_for_folder,
)
from jira_pipeline.sheets.sheet_linting import LintResult, lint_folder
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.sheets.upload_reading import SpecificationReading, read_specification

LAYOUT = """
version: 1
sheets:
- worksheets: Kinds
  regions:
  - name: kinds
    skip: [{starts: [Total], reason: totals}]
    records:
    - into: bundle
      columns:
        Name: What
        Machine name: Code
        Type: {text: Content type}
"""
KINDS = "What,Code\nWatch,watch\nMaker,maker\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Kinds.csv").write_text(KINDS, encoding="utf-8")
    (tmp_path / "layout.yaml").write_text(LAYOUT, encoding="utf-8")
    return tmp_path


def read(folder: Path, layout: bytes | None = None) -> SpecificationReading:
    source = UploadedSource(settings=Settings(home_path=folder))
    return read_specification(folder, manifest=SessionManifest(), source=source, layout=layout)


def lint(folder: Path) -> LintResult:
    source = UploadedSource(settings=Settings(home_path=folder))
    return lint_folder(folder, manifest=SessionManifest(), source=source)


def test_a_folder_is_read_by_the_layout_beside_its_sheets(folder: Path) -> None:
    reading = read(folder)

    assert [group.title for group in reading.groups] == ["Create 2 content types"]
    assert not reading.needs_layout
    assert reading.layout == LAYOUT.encode()


def test_a_declared_layout_goes_before_the_one_in_the_folder(folder: Path) -> None:
    other = LAYOUT.replace("Content type", "Vocabulary").encode()

    reading = read(folder, layout=other)

    assert [group.title for group in reading.groups] == ["Create 2 vocabularies"]
    assert reading.layout == other


def test_what_a_layout_does_not_read_is_named_by_its_cell_and_needs_a_layout(folder: Path) -> None:
    (folder / "Kinds.csv").write_text(KINDS + ',,"only in\n2027"\nTotal 2,\n', encoding="utf-8")
    (folder / "Extra.csv").write_text("Colour\nRed\n", encoding="utf-8")

    reading = lint(folder)

    assert reading.needs_layout
    found = [(f.code, f.file, f.line, f.column, f.value) for f in reading.findings]
    assert ("cell_unread", "Kinds.csv", 4, "C", "only in\n2027") in found
    assert ("layout_needed", "Extra.csv", None, None, None) in found
    assert not any(value == "Total 2" for *_, value in found)


def test_worksheets_with_known_headers_need_no_layout_beside_declared_ones(folder: Path) -> None:
    header = "Name,Machine name,Description,X\n"
    (folder / "User roles.csv").write_text(header + "Editor,editor,Edits,a\n", encoding="utf-8")

    reading = read(folder)

    assert not reading.needs_layout
    assert {file.sheet.value for file in reading.files} == {"bundle", "user_role"}


def test_a_layout_that_is_wrong_is_refused_with_its_path(folder: Path) -> None:
    (folder / "layout.yaml").write_text(LAYOUT.replace("Name:", "Title:"), encoding="utf-8")

    with pytest.raises(LayoutRefusedError) as refused:
        read(folder)

    assert "layout.yaml: `sheets.0.regions.0.records.0`: bundle has no column Title" in str(
        refused.value
    )


def test_two_layouts_and_a_link_are_refused(folder: Path) -> None:
    (folder / "layout.yml").symlink_to(folder / "layout.yaml")

    with pytest.raises(LayoutRefusedError, match="keep only one of them"):
        read(folder)

    (folder / "layout.yaml").unlink()
    with pytest.raises(LayoutRefusedError, match="not a regular file"):
        read(folder)


def test_what_session_yaml_says_of_headers_counts_where_a_layout_is_checked(tmp_path: Path) -> None:
    """The page asked about a worksheet whose headers the session maps."""
    (tmp_path / "session.yaml").write_text("columns: {Kennung: Machine name}", encoding="utf-8")
    (tmp_path / "Styles.csv").write_text("Style name,Kennung\nTiny,tiny\n", encoding="utf-8")

    checks = check_layout(Layout(sheets=()), folder_grids(tmp_path))
    proposed = proposed_for_folder(tmp_path)

    assert [finding.text for finding in checks.unsettled] == []
    assert [row.cells["Machine name"] for row in checks.reading.checked.applied.rows] == ["tiny"]
    assert proposed.is_settled
