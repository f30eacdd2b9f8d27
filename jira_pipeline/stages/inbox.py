"""Which folders of the inbox have arrived whole, and which session each becomes.

Belongs here: looking at the inbox, the decision what to upload. Does not: uploading
(`upload_reading`), asking for runs (`defs/sensors`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.domain.tickets import canonical_hash
from jira_pipeline.errors import SessionKeyError
from jira_pipeline.stages.upload_reading import is_workbook, session_key_for

_PASSED_OVER = (".", "~$")
"""How names begin that are not finished, and those of the locks Office keeps beside a workbook."""


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


def list_inbox(inbox_path: Path) -> tuple[InboxFolder, ...]:
    """Look at every folder and workbook of the inbox, by name.

    Raises:
        OSError: The inbox cannot be listed; that is not the same as an empty inbox.
    """
    paths = [
        path
        for path in sorted(inbox_path.iterdir())
        if not path.name.startswith(_PASSED_OVER) and (path.is_dir() or is_workbook(path))
    ]
    keys = {path.name: session_key_for(path) for path in paths}
    return tuple(
        _look_at(path, session_key=keys[path.name], rivals=_rivals_of(path.name, keys))
        for path in paths
    )


def folders_to_upload(
    folders: Sequence[InboxFolder],
    *,
    handled: Mapping[str, str],
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


def inbox_standing(
    folders: Sequence[InboxFolder], *, handled: Mapping[str, str], refusals: Sequence[str]
) -> str:
    """Say why nothing is uploaded now: what was refused, what still changes, or that all is done.

    `handled` tells how each folder looked that was handled, those of this look among them.
    """
    waiting = [f"inbox/{folder.name}" for folder in folders if _is_new(folder, handled)]
    parts = list(refusals)
    if waiting:
        parts.append(f"Changed a moment ago, waiting for rest: {', '.join(waiting)}.")
    return " ".join(parts) or ("Nothing new in the inbox." if folders else "The inbox is empty.")


def _is_new(folder: InboxFolder, handled: Mapping[str, str]) -> bool:
    """Tell whether a folder looks different from when it was last handled."""
    return handled.get(folder.name) != folder.signature


def refuse_rivals(folder: InboxFolder) -> None:
    """Stop where several folders would become one session: neither may replace the other.

    Raises:
        SessionKeyError: There is another one; the message names all of them.
    """
    if folder.rivals:
        names = ", ".join(f"inbox/{name}" for name in sorted((folder.name, *folder.rivals)))
        raise SessionKeyError(
            f"{names} would all become session {folder.session_key}; none of them was uploaded.",
            recovery_actions=("Rename or remove all but one of these folders.",),
        )


def _rivals_of(name: str, keys: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(other for other in keys if other != name and keys[other] == keys[name])


def _look_at(folder: Path, *, session_key: str, rivals: tuple[str, ...]) -> InboxFolder:
    files = sorted(folder.iterdir()) if folder.is_dir() else [folder]
    stats = [(path.name, path.lstat()) for path in files]
    entries = [[name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns] for name, stat in stats]
    times = [folder.lstat().st_ctime, *(stat.st_ctime for _, stat in stats)]
    return InboxFolder(
        name=folder.name,
        session_key=session_key,
        signature=canonical_hash([entries, list(rivals)] if rivals else entries),
        newest_change_seconds=max(times),
        rivals=rivals,
    )
