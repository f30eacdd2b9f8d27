"""Incoming uploads: files that were sent to the web, and that nobody made sheets of a session yet.

`receive` stores the files; `preview` says what taking them as a session would change; `take` does it.
Otherwise they expire after a day. The id of an incoming upload is a hash of its content, so the same
files sent twice are one. Each sender has a copy, so that one person's uploads are bounded.

People may send a corrected workbook alone: without a `session.yaml`, that of the session is used.

Belongs here: receiving files, what taking them would change, taking them. Does not: rules of an
upload (`sheets/upload_reading`), the comparison itself (`sheets/upload_preview`).
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import (
    InputError,
    NotFoundError,
    NotFoundKind,
    StoreError,
    system_message,
)
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.kept_files import (
    INCOMING,
    content_sha256,
    file_hashes_of,
    folder_content_sha256,
    upload_place,
)
from jira_pipeline.model.new_findings import new_findings
from jira_pipeline.model.session_keys import checked_session_key
from jira_pipeline.model.sessions import (
    LOGO_SUFFIXES,
    SessionManifest,
    SessionStage,
    SessionStatus,
    UploadSession,
)
from jira_pipeline.model.sheet_names import (
    PACKAGE_SUFFIX,
    WORKBOOK_SUFFIXES,
    WORKBOOK_SUFFIXES_TEXT,
)
from jira_pipeline.model.specification_source import LAYOUT_NAME, LAYOUT_NAMES
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.homes import bundled_path, example_path, refuse_beside_real_jira
from jira_pipeline.sessions.upload import layout_used_last, upload
from jira_pipeline.sheets.kept_uploads import (
    reading_of_same_sheets,
    refuse_missing_copy,
    things_of_session,
)
from jira_pipeline.sheets.layout_beside import LAYOUT_MAX_BYTES, layout_beside
from jira_pipeline.sheets.manifest import (
    MANIFEST_MAX_BYTES,
    MANIFEST_NAMES,
    find_manifest,
    manifest_with,
    read_manifest,
)
from jira_pipeline.sheets.missing_sheets import missing_sheets
from jira_pipeline.sheets.sheet_linting import AskedInTickets, LintResult, lint_folder, lint_reading
from jira_pipeline.sheets.upload_preview import TicketChange, asked_rows, ticket_changes
from jira_pipeline.sheets.upload_reading import (
    UploadOutcome,
    refusing_findings,
    shares_no_ticket,
    site_name_of,
)
from jira_pipeline.sheets.version_changes import VersionChange, version_changes

KEPT_SECONDS = 24 * 60 * 60.0
"""How long incoming uploads are stored: whoever sends files decides about them the same day."""
NAME_MAX_BYTES = 200
"""The longest name of a file: file systems take 255, and a temporary name adds some."""
TAKEN_SUFFIXES = frozenset({".csv", ".tsv", PACKAGE_SUFFIX}) | WORKBOOK_SUFFIXES | LOGO_SUFFIXES
KEPT_OF_ONE_PERSON = 10
"""How many uploads of one sender are stored; each may have UPLOAD_MAX_SESSION_BYTES."""
SHEETS = "sheets"
"""The name of an upload's folder, as messages about all of its files show it."""
_WHAT_TO_SEND = (
    f"Send the CSV export of each sheet, one workbook ({WORKBOOK_SUFFIXES_TEXT}), or export packages "
    "(.zip) of ShareDo."
)
_TAKEN = f"a .csv, .tsv or .zip file, a picture (.png, .jpg), a workbook ({WORKBOOK_SUFFIXES_TEXT})"
_BESIDE_MAX_BYTES: Mapping[str, int] = {
    **dict.fromkeys(MANIFEST_NAMES, MANIFEST_MAX_BYTES),
    **dict.fromkeys(LAYOUT_NAMES, LAYOUT_MAX_BYTES),
}
"""The most bytes of the files that describe the sheets, by their names."""
_CHUNK_BYTES = 256_000
_MARKS_OF_PATHS = frozenset('/\\:*?"<>|')
"""Characters that no name of a file may have on Windows."""
_UPLOAD_ID = re.compile(r"[0-9a-f]{32}")
_UNFINISHED = ".receiving-"


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingUpload:
    """Files that were received whole."""

    upload_id: str
    folder: Path
    file_names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadPreview:
    """What taking an incoming upload as a session would do."""

    upload: IncomingUpload
    session_key: str
    is_new: bool
    """Whether there is no such session yet."""
    site_name: str
    """The name of the site: by `session.yaml`, else as before, else by the names of the files."""
    is_named_by_manifest: bool
    """Whether `session.yaml` has the name."""
    is_unchanged: bool
    """Whether the session has exactly these sheets, so that taking them changes nothing."""
    is_locked: bool
    """Whether the session is being exported, so that its sheets may not change now."""
    lint: LintResult
    """The findings and questions of these sheets."""
    new_findings: tuple[Finding, ...]
    """The findings that the session's present sheets do not have."""
    gone_findings: tuple[Finding, ...]
    """The findings of the present sheets that these do not have; none while these need a layout."""
    answered: tuple[AskedInTickets, ...]
    """The questions of these sheets that the session's tickets have an answer to."""
    missing_sheets: tuple[str, ...]
    changes: tuple[TicketChange, ...]
    """What would change, ticket by ticket."""
    version_changes: tuple[VersionChange, ...]
    """Things of the present sheets that are gone, renamed or narrower in these."""
    replaces_all: bool
    """Whether these share no ticket with a session that has some."""

    @property
    def is_refused(self) -> bool:
        """Whether findings block it."""
        lint = self.lint
        return bool(refusing_findings(lint.findings, needs_layout=lint.needs_layout))


def receive(
    pipeline: Pipeline,
    files: Iterable[tuple[str, BinaryIO]],
    *,
    by: str,
    texts: Mapping[str, str] | None = None,
) -> IncomingUpload:
    """Store files that somebody sent; they can be found only once all are complete.

    The oldest uploads of the same sender are removed, but stay for others who sent the same.
    `texts` are files of the program that are stored with them, by name.

    Raises:
        InputError: There is no file, or one has a name or size that is not allowed, or a name twice.
        StoreError: They cannot be written.
    """
    holder = incoming_path(pipeline)
    try:
        holder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=holder, prefix=_UNFINISHED) as unfinished:
            folder = Path(unfinished, SHEETS)
            folder.mkdir()
            _write_bounded(pipeline, folder, files)
            for name, text in (texts or {}).items():
                (folder / name).write_text(text, encoding="utf-8")
            upload_id = folder_content_sha256(folder)[:32]
            sender = _sender(by)
            place = f"{INCOMING}/{upload_id}/{sender}/{SHEETS}"
            pipeline.store.files.keep(place, folder, at=pipeline.clock.now())
        # The oldest uploads of this sender go; others have their own copies of the same files.
        uploads = pipeline.store.files.places(INCOMING)
        of_sender = [stored for stored in uploads if f"/{sender}/" in stored.place]
        of_sender.sort(key=lambda stored: stored.kept_at, reverse=True)
        for old in of_sender[KEPT_OF_ONE_PERSON:]:
            pipeline.store.files.remove(old.place)
    except OSError as error:
        raise StoreError.because(
            error,
            f"The files could not be saved in {holder}: {system_message(error)}.",
            recovery_actions=("Check that the disk has space and the folder is writable.",),
        ) from error
    return find_incoming(pipeline, upload_id)


def _sender(by: str) -> str:
    """Return the name of a sender's folder, a hash, as a person's name may not be a file name."""
    return hashlib.sha256(by.casefold().encode()).hexdigest()[:32]


def find_incoming(
    pipeline: Pipeline, upload_id: str, *, sent_by: str | None = None
) -> IncomingUpload:
    """Return an incoming upload; with `sent_by` only what that person sent.

    Raises:
        NotFoundError: There is none of that id, or it has expired.
    """
    files = pipeline.store.files
    within = f"{INCOMING}/{upload_id}"
    if sent_by is not None:
        within = f"{within}/{_sender(sent_by)}"
    uploads = files.places(within) if _UPLOAD_ID.fullmatch(upload_id) else ()
    if not uploads:
        raise NotFoundError(
            f"There are no files {upload_id[:40]!r} to take.", kind=NotFoundKind.UPLOAD
        )
    folder = files.folder(uploads[-1].place)
    names = tuple(sorted(path.name for path in folder.iterdir()))
    return IncomingUpload(upload_id=upload_id, folder=folder, file_names=names)


def preview(
    pipeline: Pipeline, upload_id: str, *, session_key: str, sent_by: str | None = None
) -> UploadPreview:
    """Return what taking an incoming upload as a session would do; nothing is stored.

    Raises:
        NotFoundError: There is no such upload, or it has expired.
    """
    key = checked_session_key(session_key)
    with _with_manifest(pipeline, upload_id, session_key=key, sent_by=sent_by) as whole:
        incoming, stored, folder = whole
        manifest = read_manifest(folder)
        used = layout_used_last(pipeline, folder, session_key=key)
        sha256 = _content_sha256(folder, used)
        read = partial(lint_folder, folder, manifest=manifest, source=pipeline.source, layout=used)
        lint = pipeline.memory.as_of(None, "look at an upload", sha256, read)
        if stored is not None and lint.needs_layout:
            lint = _lint_of_same_sheets(pipeline, stored, folder, manifest) or lint
        is_unchanged = stored is not None and sha256 == stored.content_sha256
    changes: Sequence[TicketChange] = ()
    answered: tuple[AskedInTickets, ...] = ()
    replaces_all = False
    changes_of_things: tuple[VersionChange, ...] = ()
    if stored is not None and stored.has_sheets and not is_unchanged:
        things_before = things_of_session(pipeline, stored)
        changes_of_things = version_changes(things_before, lint.things)
    if stored is not None and stored.has_sheets and not lint.needs_layout:
        session = OpenSession(pipeline=pipeline, stored=stored)
        keys = {group.title: group.key for group in lint.groups}
        questions = [(keys[title], question) for title, question in lint.questions]
        changes = ticket_changes(
            session.groups,
            lint.groups,
            tickets=session.tickets,
            asked_after=asked_rows(questions),
        )
        answered = _answered_questions(lint, session.tickets)
        replaces_all = shares_no_ticket(session.groups.values(), lint.groups)
    is_locked = stored is not None and not is_unchanged and _is_exporting(stored)
    before = pipeline.store.sessions.findings(key)
    return UploadPreview(
        upload=incoming,
        session_key=key,
        is_new=stored is None,
        site_name=_site_name(stored, folder, manifest) or key,
        is_named_by_manifest=manifest.site_name is not None,
        is_unchanged=is_unchanged,
        is_locked=is_locked,
        lint=lint,
        new_findings=new_findings(lint.findings, before),
        gone_findings=() if lint.needs_layout else new_findings(before, lint.findings),
        answered=answered,
        missing_sheets=missing_sheets(lint.files, lint.findings),
        changes=tuple(changes),
        version_changes=changes_of_things,
        replaces_all=replaces_all,
    )


def _is_exporting(stored: UploadSession) -> bool:
    return (stored.stage, stored.status) == (SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)


def _answered_questions(lint: LintResult, tickets: Iterable[Ticket]) -> tuple[AskedInTickets, ...]:
    """Return the questions of sheets that the tickets have answers to, for all their rows."""
    answered_rows: set[tuple[str, str]] = set()
    for ticket in tickets:
        for answer in ticket.answers:
            answered_rows.add((ticket.group_key, answer.question_id))
    return tuple(question for question in lint.asked_once if answered_rows >= question.row_ids)


def _site_name(stored: UploadSession | None, folder: Path, manifest: SessionManifest) -> str | None:
    """Return the name of a site, or a proposal for a new one; None where only its key is known."""
    if manifest.site_name is not None:
        return manifest.site_name
    return site_name_of(folder, is_named_so=False) if stored is None else stored.site_name


def _lint_of_same_sheets(
    pipeline: Pipeline, stored: UploadSession, folder: Path, manifest: SessionManifest
) -> LintResult | None:
    """Return the result for files whose sheets the session has already; None where they differ.

    Such files need no layout: the session's reading of them is used.
    """
    other_names = {*MANIFEST_NAMES, *LAYOUT_NAMES, manifest.logo}
    hashes = {}
    for name, sha256 in file_hashes_of(folder).items():
        if name not in other_names:
            hashes[name] = sha256
    reading = reading_of_same_sheets(
        pipeline, stored, hashes, layout=layout_beside(folder), manifest=manifest
    )
    return None if reading is None else lint_reading(reading)


def receive_with_settings(
    session: OpenSession,
    changes: Mapping[str, object],
    *,
    logo: tuple[str, BinaryIO] | None = None,
    by: str,
) -> IncomingUpload:
    """Receive the files of a session again, with settings of its `session.yaml` changed.

    `changes` are settings by name. A `logo`, its name and content, replaces the present one.

    Raises:
        InputError: The logo has a name that no file of an upload has.
        ManifestError: A setting is not valid, or the logo is no picture.
        StoreError: The session's copy is gone, or the files cannot be written.
    """
    folder = session.store.files.folder(upload_place(session.stored.upload_path))
    refuse_missing_copy(session.stored, folder)
    logo_setting = {} if logo is None else {"logo": logo[0]}
    manifest = manifest_with(folder, {**changes, **logo_setting})
    incoming = _receive_again(session.pipeline, folder, manifest, logo=logo, by=by)
    read_manifest(incoming.folder)  # raises where a setting is not valid
    return incoming


def receive_with_code_page(
    pipeline: Pipeline,
    upload_id: str,
    code_page: str,
    *,
    session_key: str,
    sent_by: str | None = None,
    by: str,
) -> IncomingUpload:
    """Receive the files of an incoming upload again, to be read in another code page.

    Raises:
        ManifestError: No code page is called so.
    """
    with _with_manifest(pipeline, upload_id, session_key=session_key, sent_by=sent_by) as whole:
        folder = whole[2]
        return _receive_again(
            pipeline, folder, manifest_with(folder, {"encoding": code_page}), by=by
        )


def receive_example(pipeline: Pipeline, *, by: str) -> IncomingUpload:
    """Receive the files of the example, set so that people approve its tickets.

    Raises:
        ConfigurationError: A real Jira is configured, or the example is not there.
    """
    refuse_beside_real_jira(pipeline.settings)
    folder = example_path(bundled_path())
    return _receive_again(pipeline, folder, manifest_with(folder, {"auto_approve": False}), by=by)


def _receive_again(
    pipeline: Pipeline,
    folder: Path,
    manifest: str,
    *,
    logo: tuple[str, BinaryIO] | None = None,
    by: str,
) -> IncomingUpload:
    """Receive the files of a folder again, with another `session.yaml`, and another logo if given."""
    names_left_out = {*MANIFEST_NAMES}
    if logo is not None:
        names_left_out.add(read_manifest(folder).logo or "")
    with ExitStack() as open_files:
        files: list[tuple[str, BinaryIO]] = []
        for path in sorted(folder.iterdir()):
            if path.name not in names_left_out:
                files.append((path.name, open_files.enter_context(path.open("rb"))))
        if logo is not None:
            files.append(logo)
        return receive(pipeline, files, by=by, texts={MANIFEST_NAMES[0]: manifest})


def take(
    pipeline: Pipeline,
    upload_id: str,
    *,
    session_key: str,
    auto_approve: bool,
    as_new: bool,
    replaces_all: bool = False,
    sheets_shown: str = "",
    site_name: str = "",
    is_of_settings: bool = False,
    sent_by: str | None = None,
    by: str,
) -> UploadOutcome:
    """Make an incoming upload the sheets of a session; the incoming files stay until they expire.

    `sheets_shown` is the hash of the sheets that the person saw the session have. `site_name` is the
    name of a new site. `is_of_settings` says that `receive_with_settings` stored the upload.

    Raises:
        EditConflictError: The session has other sheets by now than `sheets_shown`.
    """
    with _with_manifest(pipeline, upload_id, session_key=session_key, sent_by=sent_by) as whole:
        _, stored, folder = whole
        used = layout_used_last(pipeline, folder, session_key=session_key)
        content_now = _content_sha256(folder, used)
        if stored is not None and stored.content_sha256 != content_now:
            stored.refuse_others(sheets_shown)
        return upload(
            pipeline,
            folder,
            session_key=session_key,
            auto_approve=auto_approve,
            as_new=as_new,
            replaces_all=replaces_all,
            site_name=site_name,
            is_of_settings=is_of_settings,
            actor=by,
        )


def _content_sha256(folder: Path, used: bytes | None) -> str:
    """Return the hash that an upload of a folder would have, with its session's last layout."""
    hashes = file_hashes_of(folder)
    if used is not None:
        hashes[LAYOUT_NAME] = hashlib.sha256(used).hexdigest()
    return content_sha256(hashes)


def forget_incoming(pipeline: Pipeline) -> int:
    """Remove expired uploads, and unfinished ones as old as that; return how many."""
    since = pipeline.clock.now() - timedelta(seconds=KEPT_SECONDS)
    files = pipeline.store.files
    expired = [stored.place for stored in files.places(INCOMING) if stored.kept_at <= since]
    for unfinished in incoming_path(pipeline).glob(f"{_UNFINISHED}*"):
        if unfinished.stat().st_mtime <= since.timestamp():
            expired.append(f"{INCOMING}/{unfinished.name}")
    for place in expired:
        files.remove(place)
    return len(expired)


@contextmanager
def _with_manifest(
    pipeline: Pipeline, upload_id: str, *, session_key: str, sent_by: str | None
) -> Iterator[tuple[IncomingUpload, UploadSession | None, Path]]:
    """Give an incoming upload, its session if there is one, and a folder with all its files.

    The folder is a temporary copy with the session's manifest and logo where the upload has none.
    """
    incoming = find_incoming(pipeline, upload_id, sent_by=sent_by)
    stored = pipeline.store.sessions.find(checked_session_key(session_key))
    logo = stored.manifest.logo if stored is not None else None
    manifest = None
    if stored is not None:
        manifest = find_manifest(pipeline.store.files.folder(upload_place(stored.upload_path)))
    if manifest is None or find_manifest(incoming.folder) is not None:
        yield incoming, stored, incoming.folder
        return
    holder = incoming_path(pipeline)
    try:
        holder.mkdir(parents=True, exist_ok=True)
        joined = tempfile.TemporaryDirectory(dir=holder, prefix=_UNFINISHED)
        whole = Path(shutil.copytree(incoming.folder, Path(joined.name, SHEETS)))
        shutil.copyfile(manifest, whole / manifest.name)
        if logo and not (whole / logo).exists():
            shutil.copyfile(manifest.parent / logo, whole / logo)
    except OSError as error:
        raise StoreError.because(
            error,
            f"The files could not be read: {system_message(error)}.",
            recovery_actions=("Check that the disk has room, then send the files again.",),
        ) from error
    with joined:
        yield incoming, stored, whole


def incoming_path(pipeline: Pipeline) -> Path:
    """Return the folder of incoming uploads, which has one folder for each."""
    return pipeline.settings.home_path / INCOMING


def _write_bounded(pipeline: Pipeline, folder: Path, files: Iterable[tuple[str, BinaryIO]]) -> None:
    """Write files into a folder, within the limits of an upload.

    Raises:
        InputError: A limit is exceeded, a name is not allowed, or there is no file.
    """
    settings = pipeline.settings
    names = set[str]()
    bytes_left = settings.upload_max_session_bytes
    for name, content in files:
        beside_max_bytes = _BESIDE_MAX_BYTES.get(name)
        is_beside = beside_max_bytes is not None
        _refuse_name(name, earlier=names, most=settings.upload_max_files, is_beside=is_beside)
        most = settings.upload_max_file_bytes
        if beside_max_bytes is not None:
            most = beside_max_bytes
        elif Path(name).suffix.casefold() == PACKAGE_SUFFIX:
            most = settings.upload_max_session_bytes  # as where the reader finds one in a folder
        with (folder / name).open("xb") as file:
            size = 0
            while chunk := content.read(_CHUNK_BYTES):
                size += len(chunk)
                if size > most:
                    raise InputError(
                        f"{name} is too large: at most {most:,} bytes are allowed.",
                        recovery_actions=("Send a smaller file.",),
                    )
                if size > bytes_left:
                    raise InputError(
                        "The files are too large together: at most "
                        f"{settings.upload_max_session_bytes:,} bytes are allowed.",
                        recovery_actions=("Send fewer or smaller files.",),
                    )
                file.write(chunk)
        bytes_left -= size
        names.add(name.casefold())
    if not names:
        raise InputError("No file was sent.", recovery_actions=(_WHAT_TO_SEND,))


def _refuse_name(name: str, *, earlier: set[str], most: int, is_beside: bool) -> None:
    """Refuse a name that a file of an upload may not have, as it becomes a name on this disk.

    `earlier` are the names before it, in lower case; `most` is how many files there may be.
    `is_beside` says that it is a file that describes the sheets.

    Raises:
        InputError: It has a path or control characters, begins with a dot, has another suffix, is
            there already, or there are too many files.
    """
    fault = _fault_of_name(name)
    if not fault and not is_beside and Path(name).suffix.casefold() not in TAKEN_SUFFIXES:
        fault = f"it is neither {_TAKEN} nor session.yaml nor layout.yaml"
    if not fault and name.casefold() in earlier:
        fault = "there are two files of that name"
    if not fault and not is_beside and len(earlier - _BESIDE_MAX_BYTES.keys()) >= most:
        fault = f"there are more than {most} files"
    if fault:
        shown = name.encode("utf-8", "replace").decode("utf-8")[:NAME_MAX_BYTES]
        raise InputError(f"{shown!r} is not taken: {fault}.", recovery_actions=(_WHAT_TO_SEND,))


def _fault_of_name(name: str) -> str:
    """Return why some file system may not accept a name; empty where all do."""
    if not name.isprintable() or not _MARKS_OF_PATHS.isdisjoint(name):
        return "its name has characters that file names do not have everywhere"
    if name.startswith((".", "~$")) or name != name.strip():
        return "its name begins like that of a hidden file, or has spaces around it"
    if len(name.encode("utf-8", "surrogatepass")) > NAME_MAX_BYTES:
        return f"its name has more than {NAME_MAX_BYTES} bytes"
    return ""
