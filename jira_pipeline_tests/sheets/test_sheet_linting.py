"""What can be said of a folder: the same before a session exists and after it was registered."""

from pathlib import Path

import pytest

from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.kept_files import UPLOADS
from jira_pipeline.model.sessions import SessionManifest
from jira_pipeline.sheets.sheet_linting import lint_folder
from jira_pipeline.sheets.sources import UploadedSource
from jira_pipeline.sheets.upload_reading import read_specification
from jira_pipeline_tests.sheets.made_specifications import bundle, field, put_into

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
    return put_into(tmp_path / UPLOADS / "site", SHEETS)


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
    source = UploadedSource(settings=load_settings(folder.parents[1]))

    lint = lint_folder(folder, manifest=manifest, source=source)
    reading = read_specification(folder, manifest=manifest, source=source)

    assert lint.ticket_count == len(reading.groups) == ticket_count
    assert lint.findings == reading.findings
    assert [file.name for file in lint.files] == ["bundles.csv", "fields.csv"]
