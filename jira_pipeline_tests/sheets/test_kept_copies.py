"""The kept copy of an upload: read only as it was registered, and restored by uploading again."""

import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.session_memory import SessionMemory
from jira_pipeline.model.errors import StoreError
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions import upload as uploading
from jira_pipeline_tests import projects

FIELDS = "Uhrenmuseum_Fields.csv"


def upload(pipeline: Pipeline, sheets: Path) -> Path:
    """Upload sheets and return where their copy is kept."""
    outcome = uploading.upload(
        pipeline, sheets, session_key="museum", auto_approve=False, actor="test"
    )
    return pipeline.settings.uploads_path / outcome.session.upload_path


def change_a_cell(copy: Path) -> None:
    path = copy / FIELDS
    path.chmod(0o644)
    projects.replace_in(path, ",Chime,field_chime", ",Bells,field_chime")


def remove_a_file(copy: Path) -> None:
    (copy / FIELDS).unlink()


def add_a_file(copy: Path) -> None:
    (copy / "Zz.csv").write_text("ID,Menu,Machine name,X\n,Main,main,a\n", encoding="utf-8")


def change_the_manifest(copy: Path) -> None:
    (copy / "session.yaml").chmod(0o644)
    (copy / "session.yaml").write_text("site_name: Other\n", encoding="utf-8")


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a changed cell": (change_a_cell, f"{FIELDS} differs"),
    "a missing file": (remove_a_file, f"{FIELDS} is missing"),
    "an added file": (add_a_file, "Zz.csv was added"),
    "another manifest": (change_the_manifest, "session.yaml differs"),
    "no copy": (shutil.rmtree, "is missing"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_copy_is_never_read_and_uploading_the_same_sheets_again_restores_it(
    pipeline: Pipeline, sheets: Path, name: str
) -> None:
    """Changed rows were validated and exported in silence."""
    damage, message = DAMAGES[name]
    copy = upload(pipeline, sheets)
    damage(copy)
    pipeline = replace(pipeline, memory=SessionMemory())  # of a process that did not upload them
    session = pipeline.store.sessions.get("museum")
    before = pipeline.store.sessions.files("museum")

    with pytest.raises(StoreError) as by_run:
        uploading.read_files(OpenSession(pipeline=pipeline, stored=session))
    with pytest.raises(StoreError) as by_contents:
        _ = OpenSession(pipeline=pipeline, stored=session).contents
    left = pipeline.store.sessions.files("museum")
    outcome = uploading.upload(
        pipeline, sheets, session_key="museum", auto_approve=False, actor="test"
    )

    assert str(by_run.value) == str(by_contents.value)
    assert message in by_run.value.message
    assert "session museum is not what was uploaded" in by_run.value.message
    assert by_run.value.recovery_actions[0].sentence.startswith("Upload the same sheets again")
    assert left == before
    assert (outcome.is_unchanged, outcome.is_restored) == (True, True)
    assert OpenSession(pipeline=pipeline, stored=outcome.session).contents.groups
    assert [path.name for path in copy.parent.iterdir()] == [copy.name]
    assert [p.name for p in copy.parent.parent.iterdir() if p.name.startswith(".")] == []


def test_a_whole_copy_is_left_alone(pipeline: Pipeline, sheets: Path) -> None:
    before = upload(pipeline, sheets).stat().st_ino

    outcome = uploading.upload(
        pipeline, sheets, session_key="museum", auto_approve=False, actor="test"
    )

    copy = pipeline.settings.uploads_path / outcome.session.upload_path
    assert (outcome.is_unchanged, outcome.is_restored) == (True, False)
    assert copy.stat().st_ino == before


def test_nobody_may_write_the_files_of_a_copy(pipeline: Pipeline, sheets: Path) -> None:
    copy = upload(pipeline, sheets)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in copy.iterdir()}

    assert modes == {0o400}


def test_a_copy_that_cannot_be_kept_is_reported(pipeline: Pipeline, sheets: Path) -> None:
    """The place of the session is taken by a file; a full disk is told the same way."""
    pipeline.settings.uploads_path.mkdir(parents=True, exist_ok=True)
    (pipeline.settings.uploads_path / "museum").write_text("in the way", encoding="utf-8")

    with pytest.raises(StoreError, match="could not be copied"):
        upload(pipeline, sheets)

    assert pipeline.store.sessions.find("museum") is None


VIEWS = "View,Display title,Display type,Path\nNews,Listing,Page,/news\nNews,Teaser,Block,\n"
SEVERAL_TABLES = {
    "a CSV file of views with their displays": {"views.csv": VIEWS},
    "a TSV file of views with their displays": {"views.tsv": VIEWS.replace(",", "\t")},
    "a CSV file with the name of a workbook": {"views.xlsx": VIEWS},
    "a name that has what comes between a sheet and its table": {"Museum · Views.csv": VIEWS},
    "a name that looks like that of a table": {"views.csv · Displays.csv": VIEWS},
    "two names with the same beginning": {
        "Museum · News.csv": VIEWS,
        "Museum · Events.csv": VIEWS.replace("News", "Events").replace("news", "events"),
    },
}
"""Files that are read as tables of other names."""


@pytest.mark.parametrize("name", SEVERAL_TABLES)
def test_a_file_is_copied_as_it_was_received_whatever_tables_it_is_read_as(
    pipeline: Pipeline, tmp_path: Path, name: str
) -> None:
    """`views.csv · Displays` was opened as a file, and the disk was blamed that there is none."""
    sheets = tmp_path / "received"
    sheets.mkdir()
    for file_name, text in SEVERAL_TABLES[name].items():
        (sheets / file_name).write_text(text, encoding="utf-8")

    copy = upload(pipeline, sheets)
    pipeline = replace(pipeline, memory=SessionMemory())  # of a process that did not upload them
    session = OpenSession(pipeline=pipeline, stored=pipeline.store.sessions.get("museum"))
    reading = uploading.read_files(session)

    assert {path.name for path in copy.iterdir()} == {*SEVERAL_TABLES[name]}
    assert {file.file_name for file in reading.files} == {*SEVERAL_TABLES[name]}
    assert reading.findings == session.reload().findings
