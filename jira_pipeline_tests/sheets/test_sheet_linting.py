"""What can be said of a folder: the same before a session exists and after it was registered."""

from pathlib import Path

import pytest

from jira_pipeline.kernel.findings import has_errors
from jira_pipeline.kernel.sessions import SessionManifest
from jira_pipeline.ports.files import UPLOADS
from jira_pipeline.settings import load_settings
from jira_pipeline.sheets.sheet_linting import lint_folder
from jira_pipeline.sheets.sources import DrupalCsvSource
from jira_pipeline.sheets.upload_reading import read_specification
from jira_pipeline_tests.sheets.made_specifications import bundle, field, files_of

SHEETS = {
    "bundles": [
        bundle("Page", "page"),
        bundle("Later", "later", x="w"),
        bundle("Gone", "gone", x="d"),
    ],
    "fields": [
        field("Page (Content type)", "field_a", ref="Lost (Vocabulary)"),
        field("Later (Content type)", "field_b"),
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two sheets."""
    path = tmp_path / UPLOADS / "site"
    path.mkdir(parents=True)
    for name, content in files_of(SHEETS).items():
        (path / name).write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("manifest", "ticket_count"),
    [
        (SessionManifest(), 2),
        (SessionManifest(removals=False), 1),
        (SessionManifest(include_waiting=True), 3),
    ],
    ids=["defaults", "no removals", "waiting too"],
)
def test_lint_counts_the_tickets_a_session_would_have(
    folder: Path, manifest: SessionManifest, ticket_count: int
) -> None:
    source = DrupalCsvSource(settings=load_settings(folder.parents[1]))

    lint = lint_folder(folder, manifest=manifest, source=source)
    reading = read_specification(folder, manifest=manifest, source=source)

    assert lint.ticket_count == len(reading.groups) == ticket_count
    assert lint.findings == reading.findings
    assert [file.name for file in lint.files] == ["bundles.csv", "fields.csv"]


def test_lint_asks_about_what_is_dangling_and_changes_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    source = DrupalCsvSource(settings=load_settings(folder.parents[1]))

    lint = lint_folder(folder, manifest=SessionManifest(), source=source)

    assert not has_errors(lint.findings)
    assert any(f.value == "Lost (Vocabulary)" for f in lint.findings)
    assert ("Configure content type: Page", "field_a") in [
        (title, name) for title, question in lint.questions for name in question.subjects
    ]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_with_errors_has_all_of_them_reported(tmp_path: Path) -> None:
    (tmp_path / "broken.csv").write_bytes(b'Name,Type\n"never closed')
    (tmp_path / "other.csv").write_bytes(b"\x00")

    lint = lint_folder(
        tmp_path,
        manifest=SessionManifest(),
        source=DrupalCsvSource(settings=load_settings(tmp_path)),
    )

    assert {f.file for f in lint.findings if f.severity.value == "error"} == {
        "broken.csv",
        "other.csv",
    }
