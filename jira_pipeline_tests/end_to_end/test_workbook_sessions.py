"""A workbook goes the way of a folder of exports: the same tickets, the copy kept, every door."""

import csv
import shutil
from pathlib import Path

import pytest

from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.review.open_session import open_session
from jira_pipeline.writing.generation import generate
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.sources.sheets.made_workbooks import (
    rows_of,
    workbook_of_folder,
    worksheet_of,
)

NAME = "Uhrenmuseum.xlsx"


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """The example as one workbook, without a manifest."""
    path = tmp_path / "received" / NAME
    path.parent.mkdir()
    path.write_bytes(workbook_of_folder(projects.EXAMPLE))
    return path


def one_line_each(folder: Path) -> Path:
    """Write the sheets without line breaks in cells: then lines are rows, as in a workbook."""
    for path in folder.glob("*.csv"):
        rows = [[" / ".join(cell.splitlines()) for cell in row] for row in rows_of(path)]
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
    return folder


def as_workbook(folder: Path, destination: Path) -> Path:
    """Copy a folder with its sheets as one workbook, the manifest as it is."""
    destination.mkdir()
    (destination / NAME).write_bytes(workbook_of_folder(folder))
    shutil.copy(folder / "session.yaml", destination)
    return destination


def tickets_of(project: Path, folder: Path) -> tuple[tuple[RenderedTicket, ...], UploadSession]:
    """Upload a folder, write its tickets and return them as Jira would get them."""
    projects.upload(project, folder)
    with projects.opened(project) as pipeline:
        session = open_session(pipeline, projects.SESSION)
        generate(session, run_id=None)
        written = session.again()
        return written.rendered, written.stored


def texts_of(rendered: RenderedTicket) -> tuple[str, ...]:
    """Return what Jira would get; an attachment is called after the hash of its text."""
    body = str(rendered.document)
    if rendered.attachment is None:
        return (body,)
    name, text = rendered.attachment
    return body.replace(name, "the whole text"), text


def with_file_names(text: str, folder: Path) -> str:
    for path in folder.glob("*.csv"):
        text = text.replace(path.name, f"{NAME}:{worksheet_of(path.name)}")
    return text


def test_the_same_sheets_give_the_same_tickets_as_files_and_as_workbook(
    empty_project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # a body is shortened by its bytes, and the names of the files differ in length
    monkeypatch.setenv("ADF_BODY_MAX_BYTES", "1000000")
    of_files, of_workbook = tmp_path / "files", tmp_path / "workbook"
    shutil.copytree(empty_project, of_files)
    shutil.copytree(empty_project, of_workbook)
    sheets = one_line_each(projects.copy_sheets(tmp_path / "museum"))

    monkeypatch.setenv("DAGSTER_HOME", str(of_files))
    expected, _ = tickets_of(of_files, sheets)
    monkeypatch.setenv("DAGSTER_HOME", str(of_workbook))
    made, session = tickets_of(of_workbook, as_workbook(sheets, tmp_path / "as_workbook"))

    assert len(made) == projects.EXAMPLE_TICKETS
    assert [(t.ticket.ticket_id, t.ticket.title) for t in made] == [
        (t.ticket.ticket_id, t.ticket.title) for t in expected
    ]
    assert [texts_of(t) for t in made] == [
        tuple(with_file_names(text, sheets) for text in texts_of(t)) for t in expected
    ]
    assert session.manifest.site_name == "Uhrenmuseum Möwenbrück"


def test_a_workbook_is_uploaded_by_its_name_and_kept_as_it_was(
    project: Path, workbook: Path
) -> None:
    answer = run_json("upload", workbook)

    assert answer["session_key"] == "uhrenmuseum"
    assert {file["name"] for file in answer["files"]} >= {f"{NAME}:Fields", f"{NAME}:Bundles"}
    (kept,) = (project / ".jira_pipeline" / "uploads").rglob(NAME)
    assert kept.read_bytes() == workbook.read_bytes()
    assert "unchanged" in run("upload", workbook).words
