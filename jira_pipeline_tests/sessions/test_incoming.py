"""Files that were sent: kept whole or not at all, compared with the session, taken, forgotten."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import InputError, NotFoundError
from jira_pipeline.model.kept_files import upload_place
from jira_pipeline.sessions import incoming
from jira_pipeline.sheets.upload_preview import Becomes
from jira_pipeline.sheets.upload_reading import UploadOutcome
from jira_pipeline_tests import projects
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.sheets.test_manifest import PICTURE

SESSION = projects.SESSION


def _sent(pipeline: Pipeline, folder: Path) -> str:
    files = [(path.name, BytesIO(path.read_bytes())) for path in sorted(folder.iterdir())]
    return incoming.receive(pipeline, files, by="kim").upload_id


def _taken(pipeline: Pipeline, upload_id: str) -> UploadOutcome:
    return incoming.take(
        pipeline, upload_id, session_key=SESSION, auto_approve=False, as_new=False, by="kim"
    )


@pytest.fixture
def reviewed_pipeline(reviewed: Path) -> Iterator[Pipeline]:
    with projects.opened(reviewed) as pipeline:
        yield pipeline


def test_the_same_files_are_the_same_upload(pipeline: Pipeline, sheets: Path) -> None:
    first, second = _sent(pipeline, sheets), _sent(pipeline, sheets)

    assert first == second
    assert {path.name for path in incoming.incoming_path(pipeline).iterdir()} == {first}


def test_files_are_read_once_however_often_somebody_looks(pipeline: Pipeline, sheets: Path) -> None:
    """Each reload of the page read 900 rows again: 4.4 s."""
    first, second = (
        incoming.preview(pipeline, _sent(pipeline, sheets), session_key="new") for _ in range(2)
    )
    projects.rename_a_field(sheets)
    other = incoming.preview(pipeline, _sent(pipeline, sheets), session_key="new")

    assert first.lint is second.lint
    assert other.lint is not first.lint


def test_the_same_sheets_change_nothing(reviewed_pipeline: Pipeline, sheets: Path) -> None:
    upload_id = _sent(reviewed_pipeline, sheets)

    found = incoming.preview(reviewed_pipeline, upload_id, session_key=SESSION)

    assert found.is_unchanged
    assert not found.is_new
    assert found.changes == ()


def test_a_corrected_upload_shows_what_it_changes_ticket_by_ticket(
    reviewed_pipeline: Pipeline, sheets: Path
) -> None:
    projects.rename_a_field(sheets)
    projects.orphan_fields(sheets)

    found = incoming.preview(
        reviewed_pipeline, _sent(reviewed_pipeline, sheets), session_key=SESSION
    )

    by_kind = {kind: [c for c in found.changes if c.becomes is kind] for kind in Becomes}
    cells = [cell for change in by_kind[Becomes.CHANGED] for cell in change.cells]
    assert any((cell.before, cell.after) == ("Chime", "Bells") for cell in cells)
    assert all(change.number for change in by_kind[Becomes.GONE])
    assert not any(change.is_worked_on for change in found.changes)


def test_a_corrected_sheet_keeps_the_manifest_it_was_sent_without(
    reviewed_pipeline: Pipeline, sheets: Path
) -> None:
    before = reviewed_pipeline.store.sessions.get(SESSION).manifest
    projects.rename_a_field(sheets)
    (sheets / "session.yaml").unlink()

    outcome = _taken(reviewed_pipeline, _sent(reviewed_pipeline, sheets))

    assert outcome.is_replaced
    assert before == outcome.session.manifest
    assert reviewed_pipeline.store.audit.entries(SESSION)[-1].actor == "kim"


def test_a_logo_stays_with_newer_sheets_that_come_without_it(
    reviewed_pipeline: Pipeline, sheets: Path
) -> None:
    logo, manifest = sheets / "logo.png", sheets / "session.yaml"
    logo.write_bytes(PICTURE)
    manifest.write_text(manifest.read_text("utf-8") + "\nlogo: logo.png\n", encoding="utf-8")
    first = _taken(reviewed_pipeline, _sent(reviewed_pipeline, sheets))
    logo.unlink()
    manifest.unlink()
    projects.rename_a_field(sheets)

    second = _taken(reviewed_pipeline, _sent(reviewed_pipeline, sheets))

    place = upload_place(second.session.upload_path)
    assert first.session.upload_path != second.session.upload_path
    assert second.session.manifest.logo == "logo.png"
    assert reviewed_pipeline.store.files.file(place, "logo.png").read_bytes() == PICTURE


@pytest.mark.parametrize(
    "name",
    ["../a.csv", "a/b.csv", "a\\b.csv", ".a.csv", "~$a.xlsx", "a.exe", " a.csv", "a\n.csv", "",
     "c:a.csv", "a" * 300 + ".csv", "\udce4.csv"],
)  # fmt: skip
def test_a_name_that_no_sheet_has_is_refused(pipeline: Pipeline, name: str) -> None:
    with pytest.raises(InputError):
        incoming.receive(pipeline, [(name, BytesIO(b"a,b\n"))], by="kim")

    assert list(incoming.incoming_path(pipeline).iterdir()) == []


def test_more_than_an_upload_holds_is_refused(pipeline: Pipeline) -> None:
    most = pipeline.settings.upload_max_file_bytes
    too_many = [
        (f"{n}.csv", BytesIO(b"a\n")) for n in range(pipeline.settings.upload_max_files + 2)
    ]

    with pytest.raises(InputError, match="too large"):
        incoming.receive(pipeline, [("a.csv", BytesIO(b"x" * (most + 1)))], by="kim")
    with pytest.raises(InputError, match="more than"):
        incoming.receive(pipeline, too_many, by="kim")
    with pytest.raises(InputError, match="two files"):
        incoming.receive(pipeline, [("a.csv", BytesIO(b"a")), ("A.csv", BytesIO(b"b"))], by="kim")
    with pytest.raises(InputError, match="No file"):
        incoming.receive(pipeline, [], by="kim")


def test_of_one_person_the_last_few_uploads_are_kept(pipeline: Pipeline) -> None:
    """Each may have 50 MB, and everybody who may upload could fill the disk."""

    def sent(number: int, by: str) -> str:
        upload = incoming.receive(pipeline, [("a.csv", BytesIO(b"a,%d\n" % number))], by=by)
        os.utime(upload.folder, (number, number))
        return upload.upload_id

    first, second, *rest = [sent(number, "Kim") for number in range(10)]
    sent(0, "ada")  # somebody else looks at these files, too

    newest = [sent(number, "kim") for number in (10, 11)]

    kept = {path.name for path in incoming.incoming_path(pipeline).iterdir()}
    assert kept == {first, *rest, *newest}
    assert second not in kept


@pytest.mark.parametrize("upload_id", ["..", "0" * 32, "0" * 31 + "/", "a b"])
def test_an_id_of_no_upload_leads_nowhere(pipeline: Pipeline, upload_id: str) -> None:
    with pytest.raises(NotFoundError):
        incoming.find_incoming(pipeline, upload_id)


def test_what_nobody_took_is_forgotten_after_a_day(pipeline: Pipeline, sheets: Path) -> None:
    upload_id = _sent(pipeline, sheets)
    half = incoming.incoming_path(pipeline) / ".receiving-dead"
    half.mkdir()
    os.utime(half, (0, 0))

    assert incoming.forget_incoming(pipeline) == 1
    later = replace(pipeline, clock=MovableClock(ahead=timedelta(days=1, seconds=5)))
    assert incoming.forget_incoming(later) == 1
    with pytest.raises(NotFoundError):
        incoming.find_incoming(pipeline, upload_id)
