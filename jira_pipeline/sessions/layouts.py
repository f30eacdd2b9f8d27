"""The layout of a session: which cells of its worksheets are which columns of ours.

People work on a draft, which has revisions and changes nothing. When nothing is left to settle they
confirm it: the same files are uploaded again with the layout as `layout.yaml`. Where there is no
draft, they start from the layout beside the sheets, from the one that the session used last, or from
a proposal. `LayoutWork` has the worksheets with the layout and all that it would change.

Belongs here: which layout people start from, saving a draft, confirming it, layouts used before. Does
not: what a layout says and what it makes of worksheets (`sheets/layouts`), storing drafts
(`store/layout_store`), registering the upload (`sheets/kept_uploads`).
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
"""How many layouts used before are tried on a workbook; each takes some 40 ms."""


class LayoutOrigin(StrEnum):
    """Where the layout that people see comes from."""

    DRAFT = "draft"
    """Somebody saved it."""
    UPLOADED = "uploaded"
    """It was uploaded with the sheets, as `layout.yaml`."""
    USED_BEFORE = "used before"
    """It was confirmed for earlier sheets of the session, with proposals for other worksheets."""
    PROPOSED = "proposed"
    """The program proposes it, by headers and names of worksheets that it knows."""
    BY_MODEL = "proposed by a model"
    """The model that writes the session's tickets proposes it; nobody saved it."""
    CHECKED = "checked"
    """Somebody only wants to know what it would do."""


@json_fields(
    "session_key=session.session_key origin revision saved_by=draft.saved_by? "
    "saved_at=draft.saved_at? sheets_shown=session.sheets_shown is_settled layout=layout_json "
    "unsettled=unsettled_json findings=checks.findings"
)
@dataclass(frozen=True, kw_only=True)
class LayoutWork(AppliedLayout):
    """The worksheets of a session with the layout that people work on, and its effects."""

    session: UploadSession
    origin: LayoutOrigin
    revision: int
    """The draft's revision, which whoever saves or confirms has to name; 0 without a draft."""
    draft: LayoutDraft | None
    """Who saved it, and when; None where the layout is no draft."""
    last_change: LayoutChange | None
    """The last change of the draft, which can be undone."""
    refusals: tuple[Finding, ...]
    """Errors for which the sheets would be refused if the layout were confirmed now."""
    version_changes: tuple[VersionChange, ...]
    """Things of the current sheets that would be gone, renamed or narrower after confirming."""
    tickets: TicketCounts | None
    """How many tickets would stay, change and go; None where the session has no sheets yet."""
    quoting_tickets: Mapping[WorksheetRow, Sequence[str]]
    """The titles of the tickets that would quote a row besides their own rows."""

    @property
    @override
    def is_settled(self) -> bool:
        """Whether it can be confirmed: nothing is left to settle, and no row would be refused."""
        return not self.checks.unsettled and not self.refusals


def open_layout(pipeline: Pipeline, session_key: str) -> LayoutWork:
    """Return the worksheets of a session with its draft, or else the layout that people start from.

    Raises:
        WrongUseError: Its files are packages, which have no worksheets.
        StoreError: The copy of the session's files is gone.
    """
    draft = pipeline.store.layouts.draft(session_key)
    used = pipeline.store.layouts.used_by(session_key)
    candidates = {
        LayoutOrigin.DRAFT: None if draft is None else draft.layout.encode(),
        LayoutOrigin.UPLOADED: layout_beside(_worksheets_folder(pipeline, session_key)),
        LayoutOrigin.USED_BEFORE: None if used is None else used.layout.encode(),
    }
    return _open_first(pipeline, session_key, candidates)


def propose_layout(pipeline: Pipeline, session_key: str) -> LayoutWork:
    """Return the worksheets of a session with the program's own proposal, even if there is a draft.

    Raises:
        WrongUseError: Its files are packages, which have no worksheets.
    """
    return _open_first(pipeline, session_key, {})


def apply_layout(pipeline: Pipeline, session_key: str, layout: Layout) -> LayoutWork:
    """Return the worksheets of a session with a given layout and its effects; nothing is saved.

    Raises:
        WrongUseError: The files of the session are packages, which have no worksheets.
    """
    content = layout_yaml(layout).encode()
    return _open_first(pipeline, session_key, {LayoutOrigin.CHECKED: content})


def _open_first(
    pipeline: Pipeline, session_key: str, candidates: Mapping[LayoutOrigin, bytes | None]
) -> LayoutWork:
    """Return the worksheets of a session with the first candidate that is not None.

    Without any, they have the program's own proposal.
    """
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
    """The worksheets of a folder with a layout, as another process reads them."""

    origin: LayoutOrigin
    refusals: tuple[Finding, ...]
    things: tuple[VersionThing, ...]
    """The things that the worksheets describe when read with the layout."""
    outline: TicketOutline
    """The tickets that these things would have."""
    quoting_tickets: Mapping[WorksheetRow, Sequence[str]]


def _read_work(
    folder: Path,
    limits: ReadingLimits,
    candidates: Mapping[LayoutOrigin, bytes | None],
    source: SpecificationSource,
) -> _FolderLayout:
    """Read a folder's worksheets with the first candidate that is not None, or with a proposal."""
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
    """Return the same reading as an upload of the worksheets with the layout would have."""
    declared = without_known(layout, upload)
    folder = read_grids_by_layout(
        upload, declared, columns=manifest.columns, owner_blank=manifest.owner_blank
    )
    return group_tables(folder, manifest, source)


def with_proposals(layout: Layout, grids: Sequence[Grid]) -> Layout:
    """Return a layout with proposals added for the worksheets that it does not name.

    Its part about a worksheet that is gone stays, as the worksheet may have another name now; only one
    that says to ignore the worksheet goes.
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
    """Save a layout as the draft of a session; nothing changes until somebody confirms it.

    `revision` is that of the draft which was changed, by `open_layout`; 0 where there was none.
    `description` tells people what was changed.

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
    """Return the layout with findings accepted, so that their cells stay unread.

    A row with a single text is left out by a rule instead: read as a row, it would be a thing that
    nobody meant.

    Raises:
        WrongUseError: None of the findings can be accepted.
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
    """Return the layout with rules that leave out the rows of findings, by each row's first text."""
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
    """Yield choices that leave out the rows of a worksheet whose only text is one of these."""
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
    """Undo the last change of a session's draft; return that change.

    Raises:
        EditConflictError: Somebody else saved, confirmed or discarded the draft meanwhile.
        WrongUseError: There is no change to undo.
    """
    at = pipeline.clock.now()
    undone = pipeline.store.layouts.undo_change(session_key, revision=revision, by=by, at=at)
    if undone is None:
        raise WrongUseError(
            f"No change of the layout of session {session_key} is kept, so nothing was undone."
        )
    return undone


def refuse_other_revision(pipeline: Pipeline, session_key: str, revision: int) -> None:
    """Refuse to go on where the layout of a session has another revision than a person saw.

    Raises:
        EditConflictError: It has another revision.
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
    """Return the revision that a change is based on: the given one, or else the newest.

    Raises:
        EditConflictError: None is given, and somebody else than `by` saved the draft.
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
    """Delete the draft of a session, so that people start again from what there was before it.

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
    """Confirm the layout of a session: upload its files again with the layout beside them.

    `accepting` names cells left to settle, such as `Fields!B12`, that the person accepts as not read.
    `sheets_shown` is the hash of the sheets that the person saw.

    Raises:
        EditConflictError: Somebody else saved or confirmed it meanwhile, or the sheets are newer.
        GateError: Something is left to settle, or no ticket would stay.
        SessionLockedError: The session is being exported.
    """
    work = open_layout(pipeline, session_key)
    work.session.refuse_others(sheets_shown)
    _refuse_other_revision(work, revision)
    accepted = _accepted_cells(work, accepting)
    _refuse_unsettled(work, accepted)
    at = pipeline.clock.now()
    confirmed = _confirmed_layout(work, accepted, by=by, at=at)
    _refuse_confirmed_before(work, confirmed)
    content = layout_yaml(confirmed)
    session = work.session
    folder = _worksheets_folder(pipeline, session_key)
    manifest = read_manifest(folder)
    waiting = pipeline.store.sessions.waiting_upload(session_key)
    upload_settings = session.manifest if waiting is None else waiting.manifest
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
        auto_approve=upload_settings.auto_approve,
        as_new=upload_settings.as_new,
        replaces_all=replaces_all or (waiting is not None and waiting.replaces_all),
        site_name=upload_settings.site_name,
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
    """Store the layout that a session was uploaded with, as if it had been confirmed then.

    Nothing is stored where it is the one that the session used last.
    """
    declared = read_layout(content)
    used = pipeline.store.layouts.used_by(session.session_key)
    sha256 = layout_sha256(declared)
    if used is not None and used.layout_sha256 == sha256:
        return
    work = _open_first(pipeline, session.session_key, {LayoutOrigin.UPLOADED: content})
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
    """Return layouts of all sessions that leave nothing to settle in these worksheets, newest first.

    They are tried without what people accepted for other worksheets: that has to be confirmed anew.
    """
    fitting: list[UsedLayout] = []
    for used in pipeline.store.layouts.used_layouts(most=USED_TRIED_MAX):
        layout = layout_to_reuse(used)
        if layout is not None and not check_layout(layout, upload).unsettled:
            fitting.append(used)
    return tuple(fitting)


def layout_to_reuse(used: UsedLayout) -> Layout | None:
    """Return a layout used before, without its confirmation; None where it cannot be read."""
    try:
        layout = read_layout(used.layout.encode())
    except LayoutRefusedError:
        return None  # an older program wrote it
    return unconfirmed(layout)


def _worksheets_folder(pipeline: Pipeline, session_key: str) -> Path:
    """Return the folder of the files that need the layout: a waiting upload, or the current files.

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


def _accepted_cells(work: LayoutWork, accepting: Collection[str]) -> tuple[Accepted, ...]:
    """Return the entries of a layout for the cells that somebody accepts as not read.

    Raises:
        InputError: Nothing is left to settle about a cell, or it cannot be accepted.
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
    """Refuse to confirm while something is left to settle that nobody accepted.

    Raises:
        GateError: Something is left; the message quotes the first.
    """
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
    """Return the layout with who confirmed it when, the texts it leaves out, and accepted cells."""
    applied = work.checks.reading.checked.applied
    return without_known(work.layout, work.upload).model_copy(
        update={
            "confirmed": Confirmation(by=by, at=at.isoformat()),
            "left": texts_left_out(applied, work.grids),
            "accepted": (*work.layout.accepted, *accepted),
        }
    )


def _refuse_confirmed_before(work: LayoutWork, confirmed: Layout) -> None:
    """Refuse to confirm the layout that the session has already.

    Raises:
        WrongUseError: It is the same, and somebody confirmed it.
    """
    if work.origin is not LayoutOrigin.UPLOADED or work.layout.confirmed is None:
        return
    before = work.layout
    if before.model_copy(update={"confirmed": confirmed.confirmed}) == confirmed:
        raise WrongUseError(
            f"The layout of session {work.session.session_key} was confirmed by "
            f"{work.layout.confirmed.by} before, so nothing was done.",
            recovery_actions=("Save a change of it first.",),
        )
