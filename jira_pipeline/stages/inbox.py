"""Which folders of the inbox have arrived whole.

Belongs here: looking at the inbox, the decision what to upload. Does not: uploading
(`upload_reading`), asking for runs (`defs/sensors`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.domain.tickets import canonical_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFolder:
    """One folder of the inbox as it looks now."""

    name: str
    signature: str
    """Hash over names, sizes and times of its files: changes when anything in it does."""
    newest_change_seconds: float
    """When this machine last changed a file, in seconds since 1970.

    Not the time of modification: copies that keep it (`cp -p`, archives) arrive with an old one,
    and other clocks with one to come.
    """


def list_inbox(inbox_path: Path) -> tuple[InboxFolder, ...]:
    """Look at every folder of the inbox, by name.

    Raises:
        OSError: The inbox cannot be listed; that is not the same as an empty inbox.
    """
    folders = [p for p in sorted(inbox_path.iterdir()) if p.is_dir() and not p.name.startswith(".")]
    return tuple(_look_at(folder) for folder in folders)


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
        if handled.get(folder.name) != folder.signature
        and now_seconds - folder.newest_change_seconds >= settle_seconds
    )


def _look_at(folder: Path) -> InboxFolder:
    stats = [(path.name, path.lstat()) for path in sorted(folder.iterdir())]
    entries = [[name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns] for name, stat in stats]
    times = [folder.lstat().st_ctime, *(stat.st_ctime for _, stat in stats)]
    return InboxFolder(
        name=folder.name, signature=canonical_hash(entries), newest_change_seconds=max(times)
    )
