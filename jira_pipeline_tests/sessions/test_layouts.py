"""A layout of a session: a draft changes nothing, and to confirm it is to upload the files with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest
from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import (
    EditConflictError,
    GateError,
    InputError,
    SessionLockedError,
    WrongUseError,
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
from jira_pipeline.sessions import upload as uploading
from jira_pipeline.sessions.layouts import (
    LayoutOrigin,
    confirm_layout,
    discard_layout,
    layout_leaving,
    layouts_used_before,
    open_layout,
    save_layout,
)
from jira_pipeline.sheets.kept_uploads import contents_of
from jira_pipeline.sheets.layouts.layout import LIST_MAX_COUNT, Layout
from jira_pipeline.sheets.layouts.layout_files import read_layout

KEY = "shop"
KINDS = "Name,Machine name,Type,X\nWatch,watch,Content type,a\nMaker,maker,Content type,a\n"
REMARKS = "Made by,Asked\nAda,the client\n"
KINDS_LAYOUT = """
- worksheets: Bundles
  regions:
  - name: kinds
    header: [Name]
    records:
    - into: bundle
      columns: {Name: Name, Machine name: Machine name, Type: Type, X: X}
"""
LAYOUT = f"""
version: 1
sheets:
- {{worksheets: Remarks, ignore: notes of the workshop}}
{KINDS_LAYOUT}
"""


def layout(text: str = LAYOUT) -> Layout:
    return read_layout(text.encode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "Bundles.csv").write_text(KINDS, encoding="utf-8")
    (folder / "Remarks.csv").write_text(REMARKS, encoding="utf-8")
    return folder


@pytest.fixture
def session(pipeline: Pipeline, folder: Path) -> UploadSession:
    """A session whose sheets were read without a layout."""
    return upload(pipeline, folder)


def upload(pipeline: Pipeline, folder: Path) -> UploadSession:
    outcome = uploading.upload(pipeline, folder, session_key=KEY, auto_approve=False, actor="ada")
    return outcome.session


def kept_layout(pipeline: Pipeline) -> Layout:
    session = pipeline.store.sessions.get(KEY)
    folder = pipeline.store.files.folder(upload_place(session.upload_path))
    return read_layout((folder / "layout.yaml").read_bytes())


@pytest.mark.usefixtures("session")
def test_people_start_from_a_proposal_and_go_on_with_their_draft(pipeline: Pipeline) -> None:
    first = open_layout(pipeline, KEY)

    draft = save_layout(pipeline, KEY, layout(), revision=first.revision, by="ada")
    second = open_layout(pipeline, KEY)

    assert (first.origin, first.revision) == (LayoutOrigin.PROPOSED, 0)
    assert [finding.code for finding in first.checks.findings] == ["layout_needed"]
    assert (second.origin, second.revision, second.draft) == (LayoutOrigin.DRAFT, 1, draft)
    assert second.layout == layout()
    assert second.is_settled


def test_a_draft_changes_nothing_and_a_confirmed_layout_is_kept_with_the_sheets(
    pipeline: Pipeline, session: UploadSession
) -> None:
    save_layout(pipeline, KEY, layout(), revision=0, by="ada")
    with_draft = pipeline.store.sessions.get(KEY)

    outcome = confirm_layout(pipeline, KEY, revision=1, by="bob")

    assert with_draft.content_sha256 == session.content_sha256
    assert not session.has_sheets
    assert outcome.session.has_sheets
    confirmed = kept_layout(pipeline)
    assert confirmed.confirmed is not None
    assert confirmed.confirmed.by == "bob"
    assert confirmed.left == ()
    assert confirmed.sheets == layout().sheets
    assert [group.title for group in outcome.groups] == ["Create 2 content types"]
    assert not contents_of(pipeline, outcome.session).needs_layout
    assert pipeline.store.layouts.draft(KEY) is None
    actions = [entry.action for entry in pipeline.store.audit.entries(KEY)]
    assert actions[-2:] == [AuditAction.LAYOUT_CONFIRMED, AuditAction.UPLOAD_REPLACED]


@dataclass(frozen=True)
class OvertakingSource(SpecificationSource):
    """The real source, during whose reading somebody else does something."""

    source: SpecificationSource
    overtake: Callable[[], object]

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
        self.overtake()
        return self.source.read_folder(
            folder, columns=columns, owner_blank=owner_blank, encoding=encoding, layout=layout
        )

    @override
    def read_entities(self, tables: Sequence[SourceTable]) -> EntityReading:
        return self.source.read_entities(tables)


@pytest.mark.usefixtures("session")
def test_of_two_people_who_confirm_at_once_one_is_told_and_nothing_is_done_twice(
    pipeline: Pipeline,
) -> None:
    save_layout(pipeline, KEY, layout(), revision=0, by="ada")
    by_bob = partial(confirm_layout, pipeline, KEY, revision=1, by="bob")
    slow = replace(pipeline, source=OvertakingSource(pipeline.source, by_bob))

    with pytest.raises(EditConflictError, match="revision 2, by bob"):
        confirm_layout(slow, KEY, revision=1, by="ada")

    confirmed = kept_layout(pipeline).confirmed
    assert confirmed is not None
    assert confirmed.by == "bob"


@pytest.mark.usefixtures("session")
def test_what_is_left_to_settle_is_confirmed_cell_by_cell_or_not_at_all(
    pipeline: Pipeline, folder: Path
) -> None:
    lines = KINDS.splitlines()
    wider = [f"{lines[0]},When", f"{lines[1]},only in 2027", f"{lines[2]},"]
    (folder / "Bundles.csv").write_text("\n".join(wider), encoding="utf-8")
    upload(pipeline, folder)
    save_layout(pipeline, KEY, layout(), revision=0, by="ada")

    with pytest.raises(GateError, match=r"2 things left to settle\. The first: Bundles!E1"):
        confirm_layout(pipeline, KEY, revision=1, by="ada")
    with pytest.raises(InputError, match="Bundles!E9: nothing of this"):
        confirm_layout(pipeline, KEY, revision=1, by="ada", accepting=["Bundles!E9"])
    confirm_layout(pipeline, KEY, revision=1, by="ada", accepting=["Bundles!E1", "Bundles!E2"])

    accepted = [(one.worksheet, one.check, one.text) for one in kept_layout(pipeline).accepted]
    assert accepted == [
        ("Bundles", "not_read", "When"),
        ("Bundles", "not_read", "only in 2027"),
    ]
    work = open_layout(pipeline, KEY)
    assert work.is_settled
    assert work.origin is LayoutOrigin.UPLOADED


@pytest.mark.usefixtures("session")
def test_a_layout_is_not_confirmed_twice_nor_while_an_export_runs(pipeline: Pipeline) -> None:
    save_layout(pipeline, KEY, layout(), revision=0, by="ada")
    at = pipeline.clock.now()
    pipeline.store.sessions.set_stage(
        KEY, stage=SessionStage.JIRA_EXPORT, status=SessionStatus.RUNNING, at=at
    )
    with pytest.raises(SessionLockedError):
        confirm_layout(pipeline, KEY, revision=1, by="ada")
    pipeline.store.sessions.set_stage(
        KEY, stage=SessionStage.REVIEW, status=SessionStatus.IDLE, at=at
    )
    assert open_layout(pipeline, KEY).draft is not None

    confirm_layout(pipeline, KEY, revision=1, by="ada")

    with pytest.raises(WrongUseError, match="was confirmed by ada before"):
        confirm_layout(pipeline, KEY, revision=2, by="bob")


@pytest.mark.usefixtures("session")
def test_a_layout_of_the_team_is_offered_where_it_fits_and_only_there(
    pipeline: Pipeline, folder: Path
) -> None:
    save_layout(pipeline, KEY, layout(), revision=0, by="ada")
    confirm_layout(pipeline, KEY, revision=1, by="ada")
    (folder / "Remarks.csv").write_text("Other words\nof another site\n", encoding="utf-8")
    of_other_site = uploading.upload(
        pipeline, folder, session_key="other", auto_approve=False, actor="ada"
    )
    sheets = open_layout(pipeline, of_other_site.session.session_key).upload

    fitting = layouts_used_before(pipeline, sheets)
    not_fitting = layouts_used_before(pipeline, replace(sheets, grids=sheets.grids[:1]))

    assert [used.session_key for used in fitting] == [KEY]
    assert not_fitting == ()


def test_a_discarded_draft_gives_way_to_the_proposal(
    pipeline: Pipeline, session: UploadSession
) -> None:
    save_layout(pipeline, KEY, layout(), revision=0, by="ada")

    discard_layout(pipeline, KEY, revision=1, by="ada")

    work = open_layout(pipeline, KEY)
    assert (work.origin, work.revision) == (LayoutOrigin.PROPOSED, 2)
    with pytest.raises(WrongUseError, match="no draft"):
        discard_layout(pipeline, KEY, revision=2, by="ada")
    assert session.session_key == KEY


def test_the_next_upload_is_read_by_the_layout_that_was_confirmed_where_it_fits(
    pipeline: Pipeline, folder: Path, session: UploadSession
) -> None:
    save_layout(pipeline, KEY, layout(), revision=0, by="ada")
    confirmed = confirm_layout(pipeline, KEY, revision=1, by="ada").session

    again = upload(pipeline, folder)
    (folder / "Bundles.csv").write_text(f"{KINDS}Strap,strap,Content type,a\n", encoding="utf-8")
    longer = upload(pipeline, folder)
    (folder / "Bundles.csv").write_text(KINDS.replace("Name,", "Title,"), encoding="utf-8")
    renamed = upload(pipeline, folder)

    assert again.content_sha256 == confirmed.content_sha256 != session.content_sha256
    assert kept_layout(pipeline).sheets == layout().sheets
    assert longer.content_sha256 not in {confirmed.content_sha256, session.content_sha256}
    assert renamed.content_sha256 == longer.content_sha256
    assert renamed.waiting_sha256 is not None
    work = open_layout(pipeline, KEY)
    assert work.origin is LayoutOrigin.USED_BEFORE
    assert {finding.code for finding in work.checks.findings} >= {"layout_misfit"}


def test_what_becomes_of_the_tickets_is_counted_before_a_layout_is_confirmed(
    pipeline: Pipeline, folder: Path
) -> None:
    """A box about tickets that may not stay frightened four people, and all tickets stayed."""
    upload(pipeline, folder)
    save_layout(pipeline, KEY, layout(), revision=0, by="ada")
    confirm_layout(pipeline, KEY, revision=1, by="ada")
    newer = KINDS.replace("Maker,maker,Content type", "Maker,maker,Vocabulary").replace(",X", ",Y")
    (folder / "Bundles.csv").write_text(f"{newer}Strap,strap,Content type,a\n", encoding="utf-8")
    upload(pipeline, folder)
    changed = open_layout(pipeline, KEY).tickets
    (folder / "Bundles.csv").write_text(
        newer.replace("atch", "ell").replace("aker", "oat"), "utf-8"
    )
    upload(pipeline, folder)
    other = open_layout(pipeline, KEY).tickets

    assert changed is not None
    assert changed.sentence == "1 ticket is kept and changes, 1 is new."
    assert not changed.are_all_gone
    assert other is not None
    assert other.are_all_gone


def test_a_worksheet_that_is_gone_is_no_question_and_a_known_one_is_none_either(
    pipeline: Pipeline, folder: Path
) -> None:
    roles = "Name,Machine name,Description,X\nEditor,editor,Edits,a\n"
    (folder / "User roles.csv").write_text(roles, encoding="utf-8")
    upload(pipeline, folder)
    ours = layout().model_copy(
        update={"sheets": (*layout().sheets, *open_layout(pipeline, KEY).layout.sheets)}
    )
    save_layout(pipeline, KEY, ours, revision=0, by="ada")
    confirm_layout(pipeline, KEY, revision=1, by="ada")
    (folder / "Remarks.csv").unlink()
    wider = roles.replace("X\n", "X,Wireframe\n", 1).replace(",a\n", ",a,on paper\n")
    (folder / "User roles.csv").write_text(wider, encoding="utf-8")

    waiting = upload(pipeline, folder)
    work = open_layout(pipeline, KEY)

    named = {name for sheet in kept_layout(pipeline).sheets for name in sheet.worksheets}
    assert named == {"Remarks", "Bundles"}
    assert waiting.waiting_sha256 is not None
    assert work.is_settled
    outcome = confirm_layout(pipeline, KEY, revision=2, by="ada")
    assert {file.file_name for file in outcome.files} == {"Bundles.csv", "User roles.csv"}


def test_a_layout_that_came_with_the_sheets_is_remembered(pipeline: Pipeline, folder: Path) -> None:
    (folder / "layout.yaml").write_text(LAYOUT, encoding="utf-8")
    upload(pipeline, folder)
    (folder / "layout.yaml").unlink()

    upload(pipeline, folder)

    assert kept_layout(pipeline).sheets == layout().sheets
    used = pipeline.store.layouts.used_by(KEY)
    assert used is not None
    assert used.confirmed_by == "ada"


def test_more_rows_of_one_text_than_a_table_has_rules_are_left_as_they_are(
    pipeline: Pipeline, folder: Path
) -> None:
    """They were refused: a layout could not say this, a tuple should have at most 500 items."""
    lone = [f"see plan {number},," for number in range(LIST_MAX_COUNT + 1)]
    things = [f"Keeper {number},keeper_{number},all" for number in range(2 * LIST_MAX_COUNT)]
    rows = "\n".join(["Role,Key,Notes", *things, *lone])
    (folder / "Remarks.csv").write_text(rows, encoding="utf-8")
    upload(pipeline, folder)
    columns = "{Name: Role, Machine name: Key, Notes: Notes}"
    record = f"{{into: user_role, columns: {columns}}}"
    region = f"{{name: roles, header: [Role], records: [{record}]}}"
    text = f"version: 1\nsheets:\n- worksheets: Remarks\n  regions: [{region}]\n"
    save_layout(pipeline, KEY, layout(text), revision=0, by="ada")
    work = open_layout(pipeline, KEY)

    left = layout_leaving(work, work.checks.unsettled)
    save_layout(pipeline, KEY, left, revision=1, by="ada")

    assert len(work.checks.unsettled) == LIST_MAX_COUNT + 1
    assert open_layout(pipeline, KEY).checks.unsettled == ()
