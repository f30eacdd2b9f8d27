"""An upload that needs a layout waits for it; a session keeps the sheets it has until then."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.retention import OpenMatter
from jira_pipeline.context.session_memory import SessionMemory
from jira_pipeline.context.states import Step, refuse_without_tickets
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import (
    EditConflictError,
    GateError,
    LayoutNeededError,
    SheetsRefusedError,
)
from jira_pipeline.model.kept_files import upload_place
from jira_pipeline.model.sessions import (
    ColumnMeanings,
    OwnerBlank,
    SessionStage,
    SessionStatus,
    UploadSession,
)
from jira_pipeline.model.source_tables import FolderReading, SourceTable
from jira_pipeline.model.specification_source import EntityReading, SpecificationSource
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import incoming, upload as uploading
from jira_pipeline.sessions.layouts import apply_layout, confirm_layout, open_layout, save_layout
from jira_pipeline.sessions.listing import list_sessions
from jira_pipeline.sessions.retention import retention_facts
from jira_pipeline.sessions.status import status
from jira_pipeline.sheets.kept_uploads import contents_of
from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline.sheets.upload_reading import UploadOutcome
from jira_pipeline.sheets.version_changes import ChangeOfThing
from jira_pipeline.writing import generation

KEY = "shop"
KNOWN = "Name,Machine name,Type,URL alias pattern,X\nWatch,watch,Content type,,a\n"
KINDS = "What,Code\nWatch,watch\n"
DECLARED = """
version: 1
sheets:
- worksheets: Bundles
  regions:
  - name: kinds
    records:
    - into: bundle
      columns: {Name: What, Machine name: Code, Type: {text: Content type}}
"""
UNSETTLED = """
version: 1
sheets: []
"""
"""It names no worksheet, and the headers of the sheet are not known."""


def folder_of(tmp_path: Path, kinds: str = KINDS, layout: str = UNSETTLED) -> Path:
    folder = tmp_path / KEY
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "Bundles.csv").write_text(kinds, encoding="utf-8")
    if layout:
        (folder / "layout.yaml").write_text(layout, encoding="utf-8")
    return folder


def upload(
    pipeline: Pipeline, folder: Path, *, auto_approve: bool = False, replaces_all: bool = False
) -> UploadOutcome:
    return uploading.upload(
        pipeline,
        folder,
        session_key=KEY,
        auto_approve=auto_approve,
        replaces_all=replaces_all,
        actor="ada",
    )


def known_sheets(pipeline: Pipeline, tmp_path: Path) -> UploadSession:
    """A session with known sheets and written tickets."""
    outcome = upload(pipeline, folder_of(tmp_path, KNOWN, ""))
    assert not outcome.needs_layout
    generation.generate(open_session(pipeline, KEY), run_id=None)
    return pipeline.store.sessions.get(KEY)


def confirm(pipeline: Pipeline, declared: str = DECLARED) -> UploadOutcome:
    work = open_layout(pipeline, KEY)
    draft = save_layout(
        pipeline, KEY, read_layout(declared.encode()), revision=work.revision, by="bert"
    )
    return confirm_layout(
        pipeline,
        KEY,
        revision=draft.revision,
        sheets_shown=work.session.sheets_shown,
        replaces_all=True,
        by="bert",
    )


def actions_of(pipeline: Pipeline) -> Sequence[AuditAction]:
    return [AuditAction(entry.action) for entry in pipeline.store.audit.entries(KEY)]


def test_a_new_session_waits_and_says_so_everywhere(pipeline: Pipeline, tmp_path: Path) -> None:
    outcome = upload(pipeline, folder_of(tmp_path))

    stored = pipeline.store.sessions.get(KEY)
    session = open_session(pipeline, KEY)
    report = status(session)
    (row,) = list_sessions(pipeline)
    assert (outcome.needs_layout, outcome.groups, stored.has_sheets) == (True, (), False)
    assert (stored.stage, stored.status) == (SessionStage.UPLOAD, SessionStatus.WAITING)
    assert (report.next.step, report.needs_layout) == (Step.LAYOUT, True)
    assert row.needs.what == "confirm the layout"
    assert session.tickets == ()
    with pytest.raises(LayoutNeededError, match="Session shop needs a layout"):
        refuse_without_tickets(stored)
    with pytest.raises(LayoutNeededError):
        _ = session.groups
    with pytest.raises(LayoutNeededError):
        generation.generate(session, run_id=None)


def test_a_confirmed_layout_makes_the_sheets_of_a_session_of_those_that_wait(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    upload(pipeline, folder_of(tmp_path), auto_approve=True)

    outcome = confirm(pipeline)

    session = outcome.session
    later = replace(pipeline, memory=SessionMemory())
    assert (outcome.needs_layout, session.has_sheets, session.waiting_sha256) == (False, True, None)
    assert session.status is SessionStatus.IDLE
    assert session.manifest.auto_approve
    assert len(contents_of(later, session).groups) == 1
    assert status(open_session(pipeline, KEY)).next.step is Step.WRITE


def test_a_replacement_leaves_the_sheets_in_force_until_its_layout_is_confirmed(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    before = known_sheets(pipeline, tmp_path)
    newer = KINDS + "Maker,maker\n"

    outcome = upload(pipeline, folder_of(tmp_path, newer), replaces_all=True)
    waiting = pipeline.store.sessions.get(KEY)
    session = open_session(pipeline, KEY)
    report = status(session)
    matters = {reason.matter for reason in retention_facts(session).open}
    shown = session.contents.groups
    confirmed = confirm(pipeline)

    assert outcome.needs_layout
    assert replace(waiting, waiting_sha256=None) == before
    assert (report.next.step, report.next.obstacle) == (Step.LAYOUT, "")
    assert "newer upload" in report.next.action.sentence
    assert len(shown) == 1
    assert OpenMatter.NOT_COMPLETED in matters
    assert confirmed.replaced is not None
    assert confirmed.session.waiting_sha256 is None
    assert len(contents_of(pipeline, confirmed.session).groups[0].heads) == 2
    assert [*actions_of(pipeline)][-1] is not AuditAction.UPLOAD_WAITS


def test_the_same_files_wait_once_and_their_copy_is_restored(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path)
    first = upload(pipeline, folder)
    copy = pipeline.settings.uploads_path / first.session.upload_path
    shutil.rmtree(copy)

    again = upload(pipeline, folder)
    asked_more = upload(pipeline, folder, auto_approve=True)

    waiting = pipeline.store.sessions.waiting_upload(KEY)
    assert (again.is_unchanged, again.is_restored, again.needs_layout) == (True, True, True)
    assert copy.is_dir()
    assert (asked_more.is_unchanged, asked_more.needs_layout) == (False, True)
    assert waiting is not None
    assert waiting.manifest.auto_approve


def test_the_sheets_in_force_uploaded_again_end_the_wait(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """Waiting, then the same known sheets again: whoever sends them wants those."""
    before = known_sheets(pipeline, tmp_path)
    upload(pipeline, folder_of(tmp_path))

    again = upload(pipeline, folder_of(tmp_path, KNOWN, ""))

    assert (again.is_unchanged, again.session) == (True, before)
    assert AuditAction.WAITING_UPLOAD_DISCARDED in actions_of(pipeline)


def test_newer_known_sheets_take_the_place_of_what_waits(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    upload(pipeline, folder_of(tmp_path))

    outcome = upload(pipeline, folder_of(tmp_path, KNOWN, ""))

    assert (outcome.needs_layout, outcome.session.waiting_sha256) == (False, None)
    assert outcome.session.has_sheets
    assert pipeline.store.sessions.waiting_upload(KEY) is None


def test_a_layout_is_not_confirmed_for_files_that_nobody_looked_at(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    upload(pipeline, folder_of(tmp_path))
    work = open_layout(pipeline, KEY)
    draft = save_layout(pipeline, KEY, read_layout(DECLARED.encode()), revision=0, by="bert")
    upload(pipeline, folder_of(tmp_path, KINDS + "Maker,maker\n"))

    with pytest.raises(EditConflictError, match="Other sheets"):
        confirm_layout(
            pipeline,
            KEY,
            revision=draft.revision,
            sheets_shown=work.session.sheets_shown,
            by="bert",
        )

    assert not pipeline.store.sessions.get(KEY).has_sheets


def test_a_session_that_waits_is_removed_whole(pipeline: Pipeline, tmp_path: Path) -> None:
    upload(pipeline, folder_of(tmp_path))

    pipeline.store.sessions.remove(KEY, at=pipeline.clock.now(), by="retention")

    assert pipeline.store.sessions.waiting_upload(KEY) is None
    assert upload(pipeline, folder_of(tmp_path)).needs_layout


class ForgetfulSource(SpecificationSource):
    """The real source, but for what it knows: newer sheets without a layout need one."""

    def __init__(self, source: SpecificationSource) -> None:
        self._source = source

    @override
    def read_folder(
        self,
        folder: Path,
        *,
        columns: ColumnMeanings,
        owner_blank: OwnerBlank | None = None,
        encoding: str | None = None,
        layout: bytes | None = None,
    ) -> FolderReading:
        reading = self._source.read_folder(folder, columns=columns, layout=layout)
        if layout is None:
            return replace(reading, findings=(), needs_layout=True)
        return reading

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        return self._source.read_entities(tables)


def test_a_layout_of_the_session_is_taken_again_where_it_leaves_nothing_to_settle(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    forgetful = replace(pipeline, source=ForgetfulSource(pipeline.source))
    upload(forgetful, folder_of(tmp_path, layout=""))
    confirm(forgetful)

    more_rows = upload(forgetful, folder_of(tmp_path, KINDS + "Maker,maker\n", ""))
    other_header = upload(forgetful, folder_of(tmp_path, "Which,Code\nWatch,watch\n", ""))

    assert (more_rows.needs_layout, len(more_rows.groups)) == (False, 1)
    assert (other_header.needs_layout, other_header.session.has_sheets) == (True, True)


def test_settings_of_a_session_that_no_reader_knows_any_more_are_changed_all_the_same(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """Its sheets are the same, so they are taken as they were read; other ones wait."""
    known_sheets(pipeline, tmp_path)
    later = replace(pipeline, memory=SessionMemory(), source=ForgetfulSource(pipeline.source))
    folder = folder_of(tmp_path, KNOWN, "")
    same = upload(later, folder)
    asked_more = upload(later, folder, auto_approve=True)
    (folder / "session.yaml").write_text("site_name: Watches\n", encoding="utf-8")
    with (folder / "Bundles.csv").open("rb") as sheet:
        sent = incoming.receive(later, [("Bundles.csv", sheet)], by="ada")
    looked = incoming.preview(later, sent.upload_id, session_key=KEY)
    changed = upload(later, folder)
    other = upload(later, folder_of(tmp_path, KNOWN + "Maker,maker,Content type,,a\n", ""))

    assert (same.is_unchanged, same.needs_layout) == (True, False)
    assert (looked.lint.needs_layout, looked.changes) == (False, ())
    assert asked_more.session.manifest.auto_approve
    assert (changed.needs_layout, changed.session.site_name) == (False, "Watches")
    assert changed.session.has_sheets
    assert (other.needs_layout, other.session.has_sheets) == (True, True)


def test_a_damaged_copy_of_sheets_that_no_reader_knows_any_more_is_restored(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """The sheets in force do not wait: sending them again is how people mend their copy."""
    before = known_sheets(pipeline, tmp_path)
    copy = pipeline.settings.uploads_path / before.upload_path
    shutil.rmtree(copy)
    with pipeline.store.database.writing() as connection:
        connection.execute(
            text("UPDATE upload_readings SET state = 'unreadable', reading = :no"), {"no": b""}
        )
    later = replace(pipeline, memory=SessionMemory(), source=ForgetfulSource(pipeline.source))

    again = upload(later, folder_of(tmp_path, KNOWN, ""))

    assert (again.is_unchanged, again.is_restored, again.needs_layout) == (True, True, False)
    assert again.session == before
    with pytest.raises(LayoutNeededError):
        contents_of(later, again.session)


def test_no_session_is_replaced_by_another_site_that_waited(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    known_sheets(pipeline, tmp_path)
    upload(pipeline, folder_of(tmp_path, "What,Code\nBoat,boat\n"))
    work = open_layout(pipeline, KEY)
    draft = save_layout(
        pipeline, KEY, read_layout(DECLARED.encode()), revision=work.revision, by="bert"
    )

    with pytest.raises(GateError, match="not one is about the same"):
        confirm_layout(pipeline, KEY, revision=draft.revision, by="bert")

    assert pipeline.store.sessions.waiting_upload(KEY) is not None


def test_a_session_keeps_its_name_whatever_the_file_of_its_next_version_is_called(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """The site was renamed “next version”, after the file, and was told so once it was done."""
    folder = folder_of(tmp_path, KNOWN, "")
    uploading.upload(
        pipeline, folder, session_key=KEY, site_name="Watch shop", auto_approve=False, actor="ada"
    )
    (folder / "Bundles.csv").rename(folder / "final version.csv")
    (folder / "final version.csv").write_text(KNOWN + "Strap,strap,Content type,,a\n")

    outcome = upload(pipeline, folder)

    assert (outcome.is_replaced, outcome.session.site_name) == (True, "Watch shop")


def test_a_name_given_to_a_site_that_waits_is_its_name_once_its_layout_is_confirmed(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    uploading.upload(
        pipeline,
        folder_of(tmp_path),
        session_key=KEY,
        site_name="Watch shop",
        auto_approve=False,
        actor="ada",
    )

    assert confirm(pipeline).session.site_name == "Watch shop"


def test_a_layout_that_loses_things_says_so_before_it_is_confirmed(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    known_sheets(pipeline, tmp_path)
    upload(pipeline, folder_of(tmp_path, "What,Code\nStrap,strap\n"))

    before = [change.sentence for change in open_layout(pipeline, KEY).version_changes]
    declared = apply_layout(pipeline, KEY, read_layout(DECLARED.encode())).version_changes

    assert before == ["The content type “Watch” is gone."], "nothing is read yet"
    assert [change.what for change in declared] == [ChangeOfThing.RENAMED], "the strap in its place"


def test_a_cell_without_a_result_refuses_its_worksheet_and_not_the_workbook(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """One such cell refused eight worksheets, before anybody could say that its own is none of it."""
    folder = folder_of(tmp_path, layout="")
    (folder / "Bundles.csv").unlink()
    workbook = openpyxl.Workbook()
    for title, rows in {
        "Kinds": [["What", "Code"], ["Watch", "watch"]],
        "Sums": [["=A1+1"]],
    }.items():
        worksheet = workbook.create_sheet(title)
        for row in rows:
            worksheet.append(row)
    workbook.save(folder / "shop.xlsx")
    declared = DECLARED.replace("Bundles", "Kinds")
    left_out = "- worksheets: Sums\n  ignore: sums of ours\n"

    outcome = upload(pipeline, folder)

    assert outcome.needs_layout
    with pytest.raises(SheetsRefusedError):
        confirm(pipeline, declared)
    assert not confirm(pipeline, declared + left_out).needs_layout


def test_a_refusal_names_what_refuses_and_no_cell_that_does_not(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    """It counted a cell without a result, and named it first, though that refused nothing."""
    folder = folder_of(tmp_path, "What,Code\nStrap,strap\n", layout="")
    workbook = openpyxl.Workbook()
    workbook.worksheets[0]["A1"] = "=A2+1"
    workbook.save(folder / "sums.xlsx")
    (folder / "torn.xlsx").write_bytes((folder / "sums.xlsx").read_bytes()[:900])

    with pytest.raises(SheetsRefusedError) as refused:
        upload(pipeline, folder)

    assert str(refused.value).startswith("shop: 1 blocking error. torn.xlsx: ")


def test_a_layout_is_shown_though_the_sheets_in_force_are_damaged(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    stored = known_sheets(pipeline, tmp_path)
    upload(pipeline, folder_of(tmp_path, "What,Code\nStrap,strap\n"))
    copy = pipeline.store.files.folder(upload_place(stored.upload_path))
    (copy / "Bundles.csv").chmod(0o600)
    (copy / "Bundles.csv").write_text(KINDS, encoding="utf-8")

    work = open_layout(replace(pipeline, memory=SessionMemory()), KEY)

    assert work.version_changes == (), "there is nothing to compare with"
