"""What of the inbox has arrived whole, which session it is for, what became of it.

Belongs here: folders of sheets and exported configurations, the decision what to upload, the file
beside each folder. Does not: uploading (`upload_reading`), comparing a configuration
(`sessions/site_verifying`), asking for runs (`defs/intake/inbox_look`, by `defs/sessions/upload_sensor`).
"""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import InputError, PipelineError, SessionKeyError, system_message
from jira_pipeline.model.findings import Severity, has_errors
from jira_pipeline.model.same_specifications import SameSpecification
from jira_pipeline.model.sessions import HandledFolder
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.sheets.upload_reading import UploadOutcome, is_workbook, session_key_for

_PASSED_OVER = (".", "~$")
"""How names begin that are not finished, and those of the locks Office keeps beside a workbook."""
FINDINGS_SUFFIX = ".findings.txt"
"""A plain file, which `list_inbox` passes over."""
FINDINGS_LISTED = 500
_NAME_MAX_BYTES = 255
"""Of a file, where Linux keeps it. Source: limits.h, NAME_MAX."""
_HASH_DIGITS = 8

CONFIGURATION_SUFFIX = ".config.zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFolder:
    """One folder of the inbox, or one workbook in it, as it looks now."""

    name: str
    session_key: str
    """The session it becomes: its name as a slug, as the command line does."""
    signature: str
    """Hash over names, sizes and times of its files: changes when anything in it does, and when
    another folder begins or ceases to claim its session."""
    newest_change_seconds: float
    """When this machine last changed a file, in seconds since 1970.

    Not the time of modification: copies that keep it (`cp -p`, archives) arrive with an old one,
    and other clocks with one to come.
    """
    rivals: tuple[str, ...] = ()
    """Other folders of the inbox that would become the same session."""
    fault: str = ""
    """Why nothing in it can be looked at; empty where it can."""

    @property
    def shown_name(self) -> str:
        """The name as text: bytes that are not UTF-8 are escaped."""
        return _text_of(self.name)


def list_inbox(inbox_path: Path) -> tuple[InboxFolder, ...]:
    """Look at every folder and workbook of the inbox, by name.

    One that cannot be looked at is listed with its fault: the others go on. One that is taken
    away meanwhile is left out.

    Raises:
        OSError: The inbox cannot be listed; that is not the same as an empty inbox.
    """
    paths = [
        path
        for path in sorted(inbox_path.iterdir())
        if not path.name.startswith(_PASSED_OVER)
        and not path.name.endswith(CONFIGURATION_SUFFIX)
        and _is_folder_or_workbook(path)
    ]
    keys = {path.name: session_key_for(path) for path in paths}
    folders = []
    for path in paths:
        alike = (name for name, key in keys.items() if key == keys[path.name])
        rivals = tuple(name for name in alike if name != path.name)
        folders.append(_look_at(path, session_key=keys[path.name], rivals=rivals))
    return tuple(folder for folder in folders if folder is not None)


def _is_folder_or_workbook(path: Path) -> bool:
    try:
        return path.is_dir() or is_workbook(path)
    except OSError:
        return True  # `_look_at` says what is wrong with it


def folders_to_upload(
    folders: Sequence[InboxFolder],
    *,
    handled: Mapping[str, HandledFolder],
    now_seconds: float,
    settle_seconds: float,
) -> tuple[InboxFolder, ...]:
    """Choose folders that rest and look different from when they were last handled.

    A folder that is still being copied waits; one that was refused waits until it changes.
    """
    return tuple(
        folder
        for folder in folders
        if _is_new(folder, handled) and now_seconds - folder.newest_change_seconds >= settle_seconds
    )


def inbox_summary(
    folders: Sequence[InboxFolder],
    *,
    handled: Mapping[str, HandledFolder],
    refusals: Sequence[str],
) -> str:
    """Say why nothing is uploaded now: what was refused, what still changes, or that all is done.

    Folders that this look handled are among the `handled` ones.
    """
    waiting = [f"inbox/{folder.shown_name}" for folder in folders if _is_new(folder, handled)]
    parts = list(refusals)
    if waiting:
        parts.append(f"Changed a moment ago, waiting for rest: {', '.join(waiting)}.")
    return " ".join(parts) or ("Nothing new in the inbox." if folders else "The inbox is empty.")


def _is_new(folder: InboxFolder, handled: Mapping[str, HandledFolder]) -> bool:
    """Tell whether a folder looks different from when it was last handled."""
    before = handled.get(folder.shown_name)
    return before is None or before.signature != folder.signature


def refuse_unusable(folder: InboxFolder) -> None:
    """Stop where a folder cannot be read, or where several would become one session.

    Raises:
        InputError: Nothing in it can be looked at.
        SessionKeyError: Neither of several may replace the other; the message names all of them.
    """
    if folder.fault:
        raise InputError(
            f"inbox/{folder.shown_name}: {folder.fault}.",
            recovery_actions=(
                "Give the account of the daemon the right to read it, and a name in UTF-8.",
            ),
        )
    if folder.rivals:
        rivals = sorted((folder.name, *folder.rivals))
        names = ", ".join(f"inbox/{_text_of(name)}" for name in rivals)
        raise SessionKeyError(
            f"{names} would all become session {folder.session_key}; none of them was uploaded.",
            recovery_actions=("Rename or remove all but one of these folders.",),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxArrival:
    """A folder of the inbox that is taken now, beside what is remembered of it."""

    folder: InboxFolder
    before: HandledFolder | None
    """How it was when it was last taken or refused; None where nothing is known of it."""

    def is_changed_to(self, content_sha256: str) -> bool:
        """Tell whether its files are others than when it was handled, as far as that is known."""
        known = None if self.before is None else self.before.content_sha256
        return known is not None and known != content_sha256

    def handled(
        self,
        content_sha256: str | None,
        *,
        signature: str = "",
        awaited_run_key: str | None = None,
        at: datetime,
    ) -> HandledFolder:
        """Return what is to be remembered of it; without a signature it is looked at again."""
        return HandledFolder(
            name=self.folder.shown_name,
            session_key=self.folder.session_key,
            signature=signature,
            content_sha256=content_sha256,
            awaited_run_key=awaited_run_key,
            handled_at=at,
        )


def _look_at(folder: Path, *, session_key: str, rivals: tuple[str, ...]) -> InboxFolder | None:
    """Look at one folder; None where it is gone."""
    try:
        times = [folder.lstat().st_ctime]
    except OSError:
        return None
    entries: list[object] = []
    fault = "" if _text_of(folder.name) == folder.name else "its name is not UTF-8"
    try:
        for path in sorted(folder.iterdir()) if folder.is_dir() else [folder]:
            stat = path.lstat()
            entries.append([_text_of(path.name), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns])
            times.append(stat.st_ctime)
    except FileNotFoundError:
        return None  # whoever takes it away, or copies it, is not done
    except OSError as error:
        fault = f"it cannot be read: {system_message(error)}"
        entries = [fault, *times]
    return InboxFolder(
        name=folder.name,
        session_key=session_key,
        signature=canonical_hash([entries, list(map(_text_of, rivals))] if rivals else entries),
        newest_change_seconds=max(times),
        rivals=rivals,
        fault=fault,
    )


def _text_of(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()


def acceptance_text(
    folder: InboxFolder,
    outcome: UploadOutcome,
    *,
    job_name: str,
    text_of: Callable[[Action], str],
    at: datetime,
    same: Sequence[SameSpecification] = (),
    replaced_settings: Sequence[str] = (),
    project_warnings: Sequence[str] = (),
) -> str:
    """Say what became of a folder whose sheets were registered: session, counts, what is next.

    `same` are the sessions that have issues of the same specification; `replaced_settings` name the
    settings that the folder takes away; `project_warnings` say what keeps an export from the Jira
    project.
    """
    session = outcome.session
    findings = outcome.findings
    key = session.session_key
    if has_errors(findings):
        became = f"registered as session {key}, and refused for its errors: no ticket is written"
        following = f"Correct what is named below and put the {session.source_word} into the same folder again."
    elif outcome.needs_layout:
        became = f"received for session {key}, and needs a layout: no ticket is written of it"
        say_it = "Say what its worksheets hold, and confirm that: {}."
        following = text_of(Action.of(ActionKind.SHOW_LAYOUT, say_it, session_key=key))
    else:
        became = f"accepted as session {key}"
        following = f"job {job_name} continues with it."
    listed = [
        f"{f.severity.value}: {f.place}: {f.message} {f.advice}" for f in findings[:FINDINGS_LISTED]
    ]
    if (more := len(findings) - FINDINGS_LISTED) > 0:
        listed.append(text_of(Action.of(ActionKind.LINT, f"… and {more} more; {{}} shows all.")))
    counts = Counter(finding.severity for finding in findings)
    numbers = ", ".join(f"{severity.value} {counts[severity]}" for severity in Severity)
    rows = sum(file.row_count for file in outcome.files)
    return _written(
        f"inbox/{folder.shown_name} was {became}.",
        f"Read {at:%Y-%m-%d %H:%M} UTC: {len(outcome.files)} {session.source_word}, "
        f"{rows} {session.source_word.parts}. "
        f"Findings: {numbers}.",
        *(text_of(one.advice.on(session_key=key)) for one in same),
        *replaced_settings,
        *(f"No export yet: {warning}" for warning in project_warnings),
        f"Next: {following}",
        *listed,
    )


def refusal_text(
    folder: InboxFolder,
    error: PipelineError,
    *,
    text_of: Callable[[Action], str],
    at: datetime,
) -> str:
    """Say why a folder was not uploaded and what to do."""
    return _written(
        f"inbox/{folder.shown_name} was not uploaded: {error.message}",
        f"Read {at:%Y-%m-%d %H:%M} UTC. It is read again when something in it changes.",
        *(f"Next: {text_of(action)}" for action in error.recovery_actions),
    )


def _written(*lines: str) -> str:
    """Join lines; what a terminal would act on instead of showing it is replaced."""
    return "".join(
        "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line) + "\n"
        for line in lines
    )


def write_beside(inbox_path: Path, folder: InboxFolder, text: str) -> None:
    """Leave `NAME.findings.txt` beside a folder; a link of that name is replaced, not followed."""
    path = inbox_path / _findings_name(folder.name)
    unfinished = path.with_name(f".{path.name}")
    unfinished.unlink(missing_ok=True)
    with unfinished.open("x", encoding="utf-8") as stream:
        stream.write(text)
    unfinished.replace(path)


def _findings_name(name: str) -> str:
    """Return the name of the file beside a folder, which no longer fits where its own just does."""
    if len(os.fsencode(f".{name}{FINDINGS_SUFFIX}")) <= _NAME_MAX_BYTES:
        return f"{name}{FINDINGS_SUFFIX}"
    digits = canonical_hash(_text_of(name))[:_HASH_DIGITS]
    ending = f"-{digits}{FINDINGS_SUFFIX}"
    beginning = os.fsencode(name)[: _NAME_MAX_BYTES - len(f".{ending}")]
    return f"{beginning.decode('utf-8', 'ignore')}{ending}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxConfiguration:
    """One exported configuration of the inbox, as it looks now."""

    path: Path
    signature: str
    """Its time of modification and size: what tells one file from the next."""

    @property
    def session_key(self) -> str:
        """The session it is compared with."""
        return self.path.name.removesuffix(CONFIGURATION_SUFFIX)

    @property
    def run_key(self) -> str:
        """That of the run that compares it."""
        return f"verify_site:{self.session_key}:{self.signature}"

    def content_sha256(self) -> str:
        """Hash the file.

        Raises:
            OSError: It is gone, or cannot be read.
        """
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def settled_configurations(
    inbox_path: Path, *, now_seconds: float, settle_seconds: float
) -> tuple[InboxConfiguration, ...]:
    """Return the exported configurations that have rested, by name.

    One that is still being copied changes, and waits.
    """
    found = []
    for path in sorted(inbox_path.glob(f"*{CONFIGURATION_SUFFIX}")):
        status = path.stat()
        if now_seconds - status.st_mtime >= settle_seconds:
            signature = f"{status.st_mtime_ns}:{status.st_size}"
            found.append(InboxConfiguration(path=path, signature=signature))
    return tuple(found)
