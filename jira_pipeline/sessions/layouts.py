"""The layout of a session: what people say of its worksheets, as a draft, and confirmed.

Belongs here: which layout people start from, saving a draft, confirming one, layouts that were used
before. Does not: what a layout says and what it makes of worksheets (`sheets/layouts`), keeping
drafts (`store/layout_store`), registering the upload (`sheets/kept_uploads`).

A draft changes nothing. To confirm one is to upload the same files with it: `layout.yaml` is put
beside the sheets, and the session is registered anew.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from typing_extensions import override

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import (
    EditConflictError,
    GateError,
    GateRule,
    InputError,
    LayoutRefusedError,
    WrongUseError,
)
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.kept_files import upload_place
from jira_pipeline.model.layouts import LayoutChange, LayoutDraft, UndoneChange, UsedLayout
from jira_pipeline.model.line_numbers import format_count
from jira_pipeline.model.sessions import ConfirmedFiles, SessionManifest, UploadSession
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.specification_source import SpecificationSource
from jira_pipeline.sheets.kept_uploads import (
    LayoutConfirmation,
    readable_contents,
    refuse_missing_copy,
    register_upload,
)
from jira_pipeline.sheets.layout_beside import layout_beside
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.choices import SetRows
from jira_pipeline.sheets.layouts.choices_applied import with_choice
from jira_pipeline.sheets.layouts.coverage import (
    LayoutFinding,
    Unsettled,
    texts_left_out,
    without_accepted,
)
from jira_pipeline.sheets.layouts.folder_reading import read_grids_by_layout
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.known_headers import without_known
from jira_pipeline.sheets.layouts.layout import (
    LIST_MAX_COUNT,
    TEXT_MAX_CHARACTERS,
    Accepted,
    Confirmation,
    Layout,
    SheetLayout,
)
from jira_pipeline.sheets.layouts.layout_checks import AppliedLayout, check_layout, folder_grids
from jira_pipeline.sheets.layouts.layout_files import (
    layout_sha256,
    layout_yaml,
    read_layout,
    unconfirmed,
)
from jira_pipeline.sheets.layouts.layout_reading import UploadGrids
from jira_pipeline.sheets.layouts.proposing import propose
from jira_pipeline.sheets.manifest import read_manifest
from jira_pipeline.sheets.quoted_rows import WorksheetRow, tickets_by_quoted_row
from jira_pipeline.sheets.reading.limits import ReadingLimits
from jira_pipeline.sheets.sources import reading_limits
from jira_pipeline.sheets.ticket_outlines import (
    TicketCounts,
    TicketOutline,
    ticket_counts,
    ticket_outline,
)
from jira_pipeline.sheets.upload_reading import (
    SpecificationReading,
    UploadOutcome,
    group_tables,
    read_specification,
    refuse_errors,
)
from jira_pipeline.sheets.version_changes import (
    VersionChange,
    VersionThing,
    version_changes,
    version_things,
)

_SHOWN_MAX_CHARACTERS = 300
USED_TRIED_MAX = 20
"""Layouts used before that are tried on a workbook; each takes some 40 ms."""


class LayoutOrigin(StrEnum):
    """Where the layout comes from that people see."""

    DRAFT = "draft"
    """Somebody saved it."""
    UPLOADED = "uploaded"
    """It lies beside the sheets."""
    USED_BEFORE = "used before"
    """It was confirmed for earlier sheets of the session; what it does not name is proposed."""
    PROPOSED = "proposed"
    """By exact headers, names of worksheets and the dictionary alone."""
    BY_MODEL = "proposed by a model"
    """A model that a session is written with pointed at cells; nobody saved it."""
    CHECKED = "checked"
    """Somebody only wants to know what it would do."""


@json_fields(
    "session_key=session.session_key origin revision saved_by=draft.saved_by? "
    "saved_at=draft.saved_at? sheets_shown=session.sheets_shown is_settled layout=layout_json "
    "unsettled=unsettled_json findings=checks.findings"
)
@dataclass(frozen=True, kw_only=True)
class LayoutWork(AppliedLayout):
    """The worksheets of a session, and the layout that people work on."""

    session: UploadSession
    origin: LayoutOrigin
    revision: int
    """Of the draft, for whoever saves or confirms."""
    draft: LayoutDraft | None
    """Who saved it, and when; None where the layout is no draft."""
    last_change: LayoutChange | None
    """What can be undone."""
    refusals: tuple[Finding, ...]
    """Errors of rows, for which the sheets would be refused if it were confirmed now."""
    version_changes: tuple[VersionChange, ...]
    """Things of the sheets in force that would be gone, renamed or narrower if it were confirmed now."""
    tickets: TicketCounts | None
    """What would become of the tickets there are; None where the session has no sheets yet."""
    quoting_tickets: Mapping[WorksheetRow, Sequence[str]]
    """The titles of the tickets that would quote a row beside their own."""

    @property
    @override
    def is_settled(self) -> bool:
        """It leaves nothing to settle, and nothing of its rows would be refused."""
        return not self.checks.unsettled and not self.refusals


def open_layout(pipeline: Pipeline, session_key: str) -> LayoutWork:
    """Return the worksheets of a session with the draft of their layout, or what people start from.

    Raises:
        WrongUseError: Its files are packages, which have no worksheets.
        StoreError: The kept copy of the session is gone.
    """
    draft = pipeline.store.layouts.draft(session_key)
    used = pipeline.store.layouts.used_by(session_key)
    candidates = {
        LayoutOrigin.DRAFT: None if draft is None else draft.layout.encode(),
        LayoutOrigin.UPLOADED: layout_beside(_worksheets_folder(pipeline, session_key)),
        LayoutOrigin.USED_BEFORE: None if used is None else used.layout.encode(),
    }
    return _opened(pipeline, session_key, candidates)


def propose_layout(pipeline: Pipeline, session_key: str) -> LayoutWork:
    """Return what is proposed for the worksheets of a session, whatever anybody said of them.

    Raises:
        WrongUseError: Its files are packages, which have no worksheets.
    """
    return _opened(pipeline, session_key, {})


def apply_layout(pipeline: Pipeline, session_key: str, layout: Layout) -> LayoutWork:
    """Return what a layout would make of the worksheets of a session; nothing is saved.

    Raises:
        WrongUseError: The files of the session are packages, which have no worksheets.
    """
    content = layout_yaml(layout).encode()
    return _opened(pipeline, session_key, {LayoutOrigin.CHECKED: content})


def _opened(
    pipeline: Pipeline, session_key: str, candidates: Mapping[LayoutOrigin, bytes | None]
) -> LayoutWork:
    """Return the worksheets of a session with the first of these layouts that there is."""
    session = pipeline.store.sessions.get(session_key)
    folder = _worksheets_folder(pipeline, session_key)
    limits = reading_limits(pipeline.settings)
    read = pipeline.source.run_in_subprocess(partial(_read_work, folder, limits, candidates))
    draft = None
    if read.origin is LayoutOrigin.DRAFT:
        draft = pipeline.store.layouts.draft(session_key)
    changes: tuple[VersionChange, ...] = ()
    tickets: TicketCounts | None = None
    contents = readable_contents(pipeline, session) if session.has_sheets else None
    if contents is not None:
        changes = version_changes(version_things(contents.specification.entities), read.things)
        tickets = ticket_counts(ticket_outline(contents.groups), read.outline)
    return LayoutWork(
        session=session,
        upload=read.upload,
        layout=read.layout,
        origin=read.origin,
        revision=pipeline.store.layouts.revision(session_key),
        draft=draft,
        last_change=pipeline.store.layouts.last_change(session_key),
        checks=read.checks,
        refusals=read.refusals,
        version_changes=changes,
        tickets=tickets,
        quoting_tickets=read.quoting_tickets,
    )


@dataclass(frozen=True, kw_only=True)
class _FolderLayout(AppliedLayout):
    """The layout of a folder that counts, of those there are for it."""

    origin: LayoutOrigin
    refusals: tuple[Finding, ...]
    things: tuple[VersionThing, ...]
    """What worksheets read by it describe."""
    outline: TicketOutline
    """The tickets that they would have."""
    quoting_tickets: Mapping[WorksheetRow, Sequence[str]]


def _read_work(
    folder: Path,
    limits: ReadingLimits,
    candidates: Mapping[LayoutOrigin, bytes | None],
    source: SpecificationSource,
) -> _FolderLayout:
    """Read the worksheets of a folder, and the first of these layouts that there is."""
    upload = folder_grids(folder, limits=limits)
    for origin, content in candidates.items():
        if content is None:
            continue
        layout = read_layout(content)
        if origin is LayoutOrigin.USED_BEFORE:
            layout = with_proposals(layout, upload.divided_by(layout).grids)
        break
    else:
        layout = propose(upload.grids, columns=upload.columns, owner_blank=upload.owner_blank)
        origin = LayoutOrigin.PROPOSED
    checks = check_layout(layout, upload)
    reading = _read_as_uploaded(layout, upload, read_manifest(folder), source)
    return _FolderLayout(
        upload=checks.upload,
        layout=layout,
        origin=origin,
        checks=checks,
        refusals=_errors_in(reading),
        things=version_things(reading.specification.entities),
        outline=ticket_outline(reading.groups),
        quoting_tickets=tickets_by_quoted_row(
            reading.groups, {file.sheet_name: title for title, file in upload.files.items()}
        ),
    )


def _errors_in(reading: SpecificationReading) -> tuple[Finding, ...]:
    return tuple(finding for finding in reading.findings if finding.severity is Severity.ERROR)


def _read_as_uploaded(
    layout: Layout, upload: UploadGrids, manifest: SessionManifest, source: SpecificationSource
) -> SpecificationReading:
    """Read worksheets as an upload with the layout is read."""
    declared = without_known(layout, upload)
    folder = read_grids_by_layout(
        upload, declared, columns=manifest.columns, owner_blank=manifest.owner_blank
    )
    return group_tables(folder, manifest, source)


def with_proposals(layout: Layout, grids: Sequence[Grid]) -> Layout:
    """Return what a layout says of worksheets, with proposals for those that it does not name.

    What it says of a worksheet that is gone stays: it may be called otherwise now.
    """
    declared_by_title = {grid.title: sheet_layout_of(layout, grid.title) for grid in grids}
    still_named: list[SheetLayout] = []
    for sheet in layout.sheets:
        is_present = any(declared is sheet for declared in declared_by_title.values())
        if is_present or sheet.ignore is None:
            still_named.append(sheet)
    others = [grid for grid in grids if declared_by_title[grid.title] is None]
    return layout.model_copy(update={"sheets": (*still_named, *propose(others).sheets)})


def save_layout(
    pipeline: Pipeline,
    session_key: str,
    layout: Layout,
    *,
    revision: int,
    by: str,
    description: str = "",
) -> LayoutDraft:
    """Keep a layout as the draft of a session; nothing changes until somebody confirms it.

    `revision` is that of the draft it was made of, as `open_layout` says; 0 where nobody saved one.
    `description` is what somebody chose, in words.

    Raises:
        EditConflictError: Somebody else saved, confirmed or discarded it meanwhile.
        LayoutRefusedError: It is larger than a layout may be.
    """
    text = layout_yaml(layout.model_copy(update={"confirmed": None}))
    read_layout(text.encode())  # as a page or a program made it, it may be larger than any file
    return pipeline.store.layouts.save_draft(
        session_key,
        text,
        revision=revision,
        by=by,
        at=pipeline.clock.now(),
        description=description,
    )


def layout_leaving(work: LayoutWork, findings: Collection[LayoutFinding]) -> Layout:
    """Return the layout that says of places that they are known, and stay as they are.

    A row of one text is left out: as a row of its table it would be a thing that nobody meant.

    Raises:
        WrongUseError: None of them can stay so.
    """
    lone = [finding for finding in findings if finding.code is Unsettled.LONE_TEXT]
    layout = _without_rows(work, lone) if lone else work.layout
    accepted = [*layout.accepted]
    left = [*(layout.left or ())]
    can_stay = bool(lone)
    for finding in findings:
        if finding.code is Unsettled.LONE_TEXT:
            continue
        if finding.accepted_as is not None:
            accepted.append(finding.accepted_as)
            can_stay = True
        elif finding.code is Unsettled.NEWLY_LEFT_OUT:
            left.append(finding.text)
            can_stay = True
    if not can_stay:
        raise WrongUseError("This cannot stay as it is: say what it is, or correct the sheet.")
    changes: dict[str, object] = {"accepted": tuple(accepted)}
    if layout.left is not None:
        changes["left"] = tuple(left)
    return layout.model_copy(update=changes)


def _without_rows(work: LayoutWork, findings: Collection[LayoutFinding]) -> Layout:
    """Return the layout that leaves out the rows that findings are about, by their first text."""
    grids = {grid.title: grid for grid in work.grids}
    texts_by_worksheet: dict[str, dict[str, None]] = defaultdict(dict)
    for finding in findings:
        if finding.place is not None:
            texts = grids[finding.worksheet].texts_by_row[finding.place.row]
            texts_by_worksheet[finding.worksheet][next(iter(texts.values()))] = None
    layout = work.checks.effective
    for worksheet, first_texts in texts_by_worksheet.items():
        for choice in _choices_leaving_out(worksheet, [*first_texts]):
            layout = with_choice(layout, work.grids, choice)
    return without_known(layout, work.upload)


def _choices_leaving_out(worksheet: str, texts: Sequence[str]) -> Iterator[SetRows]:
    """Yield what leaves out the rows of a worksheet that have one of some texts, and no other."""
    leave_out = partial(
        SetRows,
        worksheet=worksheet,
        become="left_out",
        reason="a row of one text, which is known to build nothing",
    )
    short = [text for text in texts if len(text) <= TEXT_MAX_CHARACTERS]
    # One rule names many texts: a table takes no more rules than a rule takes texts.
    for start in range(0, len(short), LIST_MAX_COUNT):
        first, *others = short[start : start + LIST_MAX_COUNT]
        yield leave_out(rows="alone_text", text=first, further_texts=tuple(others))
    for text in texts:
        if len(text) > TEXT_MAX_CHARACTERS:  # its beginning says which it is
            yield leave_out(rows="starts", text=text[:TEXT_MAX_CHARACTERS])


def undo_layout_change(
    pipeline: Pipeline, session_key: str, *, revision: int, by: str
) -> UndoneChange:
    """Take the draft of a session again that the last change was made to; return that change.

    Raises:
        EditConflictError: Somebody else saved, confirmed or discarded it meanwhile.
        WrongUseError: No change is kept.
    """
    at = pipeline.clock.now()
    undone = pipeline.store.layouts.undo_change(session_key, revision=revision, by=by, at=at)
    if undone is None:
        raise WrongUseError(
            f"No change of the layout of session {session_key} is kept, so nothing was undone."
        )
    return undone


def refuse_other_revision(pipeline: Pipeline, session_key: str, revision: int) -> None:
    """Stop where somebody changed the layout of a session since it had a revision.

    Raises:
        EditConflictError: Somebody did.
    """
    now = pipeline.store.layouts.revision(session_key)
    if now != revision:
        raise EditConflictError(
            f"The layout of session {session_key} is now at revision {now}; the page showed "
            f"revision {revision}. No model was asked.",
            recovery_actions=("Look at the layout as it is now.",),
        )


def revision_to_change(
    pipeline: Pipeline, session_key: str, revision: int | None, *, by: str
) -> int:
    """Return the revision that a change is made to: the one named, else the newest.

    Raises:
        EditConflictError: None is named, and somebody else saved the draft.
    """
    if revision is not None:
        return revision
    draft = pipeline.store.layouts.draft(session_key)
    if draft is not None and draft.saved_by != by:
        raise EditConflictError(
            f"{draft.saved_by} saved revision {draft.revision} of the layout of session "
            f"{session_key} at {draft.saved_at:%Y-%m-%d %H:%M} UTC; nothing was overwritten.",
            recovery_actions=(
                Action.of(ActionKind.SHOW_LAYOUT, "Look at it: {}.", session_key=session_key),
                f"To save yours in its place, name that revision (--revision {draft.revision}).",
            ),
        )
    return pipeline.store.layouts.revision(session_key)


def discard_layout(pipeline: Pipeline, session_key: str, *, revision: int, by: str) -> None:
    """Take the draft of a session away: what people start from counts again.

    Raises:
        EditConflictError: Somebody else saved, confirmed or discarded it meanwhile.
        WrongUseError: There is no draft.
    """
    if pipeline.store.layouts.draft(session_key) is None:
        raise WrongUseError(
            f"Session {session_key} has no draft of a layout, so nothing was discarded."
        )
    at = pipeline.clock.now()
    pipeline.store.layouts.discard_draft(session_key, revision=revision, by=by, at=at)


def confirm_layout(
    pipeline: Pipeline,
    session_key: str,
    *,
    revision: int,
    by: str,
    accepting: Collection[str] = (),
    sheets_shown: str = "",
    replaces_all: bool = False,
) -> UploadOutcome:
    """Confirm the layout of a session as it is shown: its files are uploaded again with it.

    `accepting` are cells that are left to settle and are known not to be read, such as
    `Fields!B12`. `sheets_shown` are the sheets that the person saw.

    Raises:
        EditConflictError: Somebody else saved or confirmed it meanwhile, or there are other sheets.
        GateError: Something is left to settle, or no ticket would stay.
        SessionLockedError: The session is being exported.
    """
    work = open_layout(pipeline, session_key)
    work.session.refuse_others(sheets_shown)
    _refuse_other_revision(work, revision)
    accepted = _accepted(work, accepting)
    _refuse_unsettled(work, accepted)
    at = pipeline.clock.now()
    confirmed = _confirmed_layout(work, accepted, by=by, at=at)
    _refuse_confirmed_before(work, confirmed)
    content = layout_yaml(confirmed)
    session = work.session
    folder = _worksheets_folder(pipeline, session_key)
    manifest = read_manifest(folder)
    waiting = pipeline.store.sessions.waiting_upload(session_key)
    asked = session.manifest if waiting is None else waiting.manifest
    reading = read_specification(
        folder,
        manifest=manifest,
        source=pipeline.source,
        layout=content.encode(),
    )
    refuse_errors(reading.findings, source=session_key, files=reading.files)
    used = UsedLayout(
        session_key=session_key,
        layout_sha256=layout_sha256(confirmed),
        layout=content,
        site_name=session.site_name,
        confirmed_by=by,
        confirmed_at=at,
    )
    return register_upload(
        pipeline,
        folder,
        session_key=session_key,
        auto_approve=asked.auto_approve,
        as_new=asked.as_new,
        replaces_all=replaces_all or (waiting is not None and waiting.replaces_all),
        site_name=asked.site_name,
        manifest=manifest,
        reading=reading,
        confirmation=LayoutConfirmation(
            used=used,
            revision=revision,
            files=ConfirmedFiles(waiting_sha256=work.session.waiting_sha256),
        ),
        is_of_settings=waiting is not None and waiting.is_of_settings,
        actor=by,
    )


def remember_layout(pipeline: Pipeline, session: UploadSession, content: bytes, *, by: str) -> None:
    """Remember the layout that a session was uploaded with, as if it had been confirmed then."""
    declared = read_layout(content)
    used = pipeline.store.layouts.used_by(session.session_key)
    sha256 = layout_sha256(declared)
    if used is not None and used.layout_sha256 == sha256:
        return
    work = _opened(pipeline, session.session_key, {LayoutOrigin.UPLOADED: content})
    now = pipeline.clock.now()
    confirmation = declared.confirmed or Confirmation(by=by, at=now.isoformat())
    texts_left = texts_left_out(work.checks.reading.checked.applied, work.grids)
    remembered = declared.model_copy(update={"confirmed": confirmation, "left": texts_left})
    used_now = UsedLayout(
        session_key=session.session_key,
        layout_sha256=sha256,
        layout=layout_yaml(remembered),
        site_name=session.site_name,
        confirmed_by=by,
        confirmed_at=now,
    )
    pipeline.store.layouts.remember(used_now)


def layouts_used_before(pipeline: Pipeline, upload: UploadGrids) -> tuple[UsedLayout, ...]:
    """Return the layouts of the team that leave nothing to settle in these worksheets, newest first.

    What was left out or accepted elsewhere does not count: whoever confirms one agrees to that anew.
    """
    fitting: list[UsedLayout] = []
    for used in pipeline.store.layouts.used_layouts(most=USED_TRIED_MAX):
        layout = layout_to_reuse(used)
        if layout is not None and not check_layout(layout, upload).unsettled:
            fitting.append(used)
    return tuple(fitting)


def layout_to_reuse(used: UsedLayout) -> Layout | None:
    """Return what a layout says of worksheets, for others; None where this program cannot read it."""
    try:
        layout = read_layout(used.layout.encode())
    except LayoutRefusedError:
        return None  # of an older program, whose words are no longer known
    return unconfirmed(layout)


def _worksheets_folder(pipeline: Pipeline, session_key: str) -> Path:
    """Return the folder with the files that a layout is to be confirmed for: those that wait first.

    Raises:
        WrongUseError: They are packages, which have no worksheets.
    """
    session = pipeline.store.sessions.get(session_key)
    waiting = pipeline.store.sessions.waiting_upload(session_key)
    if waiting is None and session.source_word is SourceWord.PACKAGES:
        raise WrongUseError(
            f"Session {session_key} has packages, not worksheets, so there is no layout of it.",
            recovery_actions=("Name a session of sheets.",),
        )
    upload_path = session.upload_path if waiting is None else waiting.upload_path
    folder = pipeline.store.files.folder(upload_place(upload_path))
    refuse_missing_copy(session, folder)
    return folder


def _refuse_other_revision(work: LayoutWork, revision: int) -> None:
    if work.revision != revision:
        raise EditConflictError(
            f"The layout of session {work.session.session_key} is now at revision {work.revision}; "
            f"revision {revision} was confirmed. Nothing was done.",
            recovery_actions=("Look at the layout as it is now, then confirm that.",),
        )


def _accepted(work: LayoutWork, accepting: Collection[str]) -> tuple[Accepted, ...]:
    """Return what a layout says of cells that somebody knows not to be read.

    Raises:
        InputError: Nothing of a cell is left to settle, or its layout has to change.
    """
    accepted: list[Accepted] = []
    wrong = set(accepting)
    for finding in work.checks.unsettled:
        if finding.where not in accepting or finding.accepted_as is None:
            continue
        accepted.append(finding.accepted_as)
        wrong.discard(finding.where)
    if wrong:
        raise InputError(
            f"{', '.join(sorted(wrong))}: nothing of this can be confirmed as not read, so nothing "
            "was confirmed.",
            recovery_actions=("Name cells that are left to settle, such as `Fields!B12`.",),
        )
    return tuple(accepted)


def _refuse_unsettled(work: LayoutWork, accepted: Collection[Accepted]) -> None:
    """Stop where something is left to settle that nobody accepted."""
    left = [*without_accepted(work.checks.unsettled, accepted)]
    if not left:
        return
    key = work.session.session_key
    first = f"{left[0].where}: {left[0].text}" if left[0].where else left[0].text
    raise GateError(
        f"The layout of session {key} was not confirmed: {format_count(len(left), 'thing')} left to "
        f"settle. The first: {first[:_SHOWN_MAX_CHARACTERS]}",
        rule=GateRule.LAYOUT_UNSETTLED,
        session_key=key,
    )


def _confirmed_layout(
    work: LayoutWork, accepted: Collection[Accepted], *, by: str, at: datetime
) -> Layout:
    """Return the layout with who answers for it, and with all that it does not read."""
    applied = work.checks.reading.checked.applied
    return without_known(work.layout, work.upload).model_copy(
        update={
            "confirmed": Confirmation(by=by, at=at.isoformat()),
            "left": texts_left_out(applied, work.grids),
            "accepted": (*work.layout.accepted, *accepted),
        }
    )


def _refuse_confirmed_before(work: LayoutWork, confirmed: Layout) -> None:
    """Stop where the session has just this layout already, confirmed by somebody."""
    if work.origin is not LayoutOrigin.UPLOADED or work.layout.confirmed is None:
        return
    before = work.layout
    if before.model_copy(update={"confirmed": confirmed.confirmed}) == confirmed:
        raise WrongUseError(
            f"The layout of session {work.session.session_key} was confirmed by "
            f"{work.layout.confirmed.by} before, so nothing was done.",
            recovery_actions=("Save a change of it first.",),
        )
