"""The files of a folder that may hold sheets, within limits: nothing of them is understood yet.

Belongs here: which files are read and which are left alone, limits of files and of all of them. Does
not: what is in a file (`csv_files`, `workbooks`), what is made of it (`layouts`).
"""

import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.model.errors import system_message
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.sessions import LOGO_SUFFIXES
from jira_pipeline.model.sheet_names import (
    OTHER_WORKBOOK_SUFFIXES,
    WORKBOOK_SUFFIXES,
    WORKBOOK_SUFFIXES_TEXT,
    containing_file,
)
from jira_pipeline.model.specification_source import LAYOUT_NAMES
from jira_pipeline.sheets.reading.citations import CitedFiles
from jira_pipeline.sheets.reading.file_formats import EXPORT_ADVICE
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits

SHEET_SUFFIXES = frozenset({".csv", ".tsv"}) | WORKBOOK_SUFFIXES
_LOCK_PREFIX = "~$"
"""Office keeps such a file beside a workbook that is open."""
_SILENT_NAMES = frozenset({"session.yaml", "session.yml", *LAYOUT_NAMES})
_SILENT_SUFFIXES = frozenset({".md"}) | LOGO_SUFFIXES


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files of a folder that may hold sheets."""

    contents: Mapping[str, bytes]
    """By name; none where the folder as a whole cannot be read."""
    findings: tuple[Finding, ...]


def files_of_folder(path: Path, limits: ReadingLimits = DEFAULT_LIMITS) -> FolderFiles:
    """Read the files of a folder, or one workbook, within limits; nothing of them is understood yet."""
    cited = CitedFiles()
    contents = folder_contents(path, limits, cited)
    return FolderFiles(contents=contents, findings=tuple(cited.findings))


def folder_contents(path: Path, limits: ReadingLimits, cited: CitedFiles) -> Mapping[str, bytes]:
    """Return the bytes of the files that are to be read, by name; say of the others why not."""
    citations = cited.of(None)
    is_workbook = path.suffix.casefold() in WORKBOOK_SUFFIXES and path.is_file()
    folder = path.parent if is_workbook else path
    entries: list[os.DirEntry[str]] = []
    if not folder.is_dir():
        citations.error(
            "folder_missing",
            f"{path.name or path} is not a readable folder.",
            "Name the folder with the exported sheets.",
        )
    else:
        try:
            listed = (e for e in os.scandir(folder) if not is_workbook or e.name == path.name)
            entries = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            citations.error(
                "folder_missing",
                f"{path.name or path} cannot be listed: {system_message(error)}.",
                "Check the permissions of the folder.",
            )
    if citations.findings:
        return {}
    sizes: dict[str, int] = {}
    for entry in entries:
        try:
            size = _size_to_read(entry, cited)
        except OSError as error:
            _cite_unreadable(entry.name, error, cited)
            continue
        if size is not None:
            sizes[entry.name] = size
    return _contents(folder, names_within_limits(sizes, limits, cited), limits, cited)


def _size_to_read(entry: os.DirEntry[str], cited: CitedFiles) -> int | None:
    """Return the size of a folder's entry if it is to be read; else say why not."""
    name = entry.name.casefold()
    suffix = Path(entry.name).suffix.casefold()
    is_note = suffix in _SILENT_SUFFIXES and not entry.is_symlink()
    if is_note or name in _SILENT_NAMES or name.startswith((".", _LOCK_PREFIX)):
        return None  # manifest, notes, what programs leave
    citations = cited.of(entry.name.encode("utf-8", "replace").decode("utf-8"))
    if citations.file != entry.name:
        citations.error(
            "file_name_invalid",
            "The file name has bytes that are not UTF-8.",
            "Rename the file using plain letters.",
        )
    elif containing_file(entry.name) != entry.name:
        citations.error(
            "file_name_invalid",
            "The file name looks like that of a worksheet in a workbook.",
            "Rename the file without the colon.",
        )
    elif entry.is_symlink():
        citations.error(
            "file_is_link",
            "The entry is a symbolic link; links are never followed.",
            "Put a copy of the file in the folder.",
        )
    elif entry.is_dir():
        citations.warn(
            "folder_ignored", "Subfolders are not read.", "Put all sheets directly in the folder."
        )
    elif not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
        citations.error(
            "file_not_regular",
            "The entry is a device, pipe or socket and cannot be a sheet.",
            "Remove it from the folder.",
        )
    elif suffix in SHEET_SUFFIXES:
        return entry.stat(follow_symlinks=False).st_size
    elif suffix in OTHER_WORKBOOK_SUFFIXES:
        citations.error(
            "file_is_workbook",
            f"The file is a workbook of the kind {suffix}, which is not read.",
            "Save it as .xlsx (Excel workbook) in the spreadsheet program, or export each sheet "
            "as CSV.",
        )
    else:
        citations.warn(
            "file_ignored",
            f"The file is neither a CSV export nor a workbook ({WORKBOOK_SUFFIXES_TEXT}) and was "
            "not read.",
            EXPORT_ADVICE,
        )
    return None


def names_within_limits(
    sizes: Mapping[str, int], limits: ReadingLimits, cited: CitedFiles
) -> list[str]:
    """Name the files that may be read, none of them if the folder as a whole is too much."""
    citations = cited.of(None)
    if not sizes:
        citations.error(
            "folder_empty",
            "There is no sheet.",
            f"Add the sheets, or name another folder. {EXPORT_ADVICE}",
        )
    if len(sizes) > limits.files_max_count:
        citations.error(
            "too_many_files",
            f"There are {len(sizes)} sheets; the limit per session is {limits.files_max_count}.",
            "Split the specification, or raise UPLOAD_MAX_FILES.",
        )
    if (total := sum(sizes.values())) > limits.session_max_bytes:
        citations.error(
            "session_too_large",
            f"The sheets have {total:,} bytes; the limit per session is "
            f"{limits.session_max_bytes:,}.",
            "Remove what is not part of the specification, or raise UPLOAD_MAX_SESSION_BYTES.",
        )
    small = [name for name in sorted(sizes) if sizes[name] <= limits.file_max_bytes]
    for name, size in sizes.items():
        if size > limits.file_max_bytes:
            _cite_large(name, size, limits, cited)
    return [] if citations.findings else small


def _cite_large(name: str, size: int, limits: ReadingLimits, cited: CitedFiles) -> None:
    cited.of(name).error(
        "file_too_large",
        f"The file has {size:,} bytes; the limit per sheet is {limits.file_max_bytes:,}.",
        "Remove what is not part of the sheet, or raise UPLOAD_MAX_FILE_BYTES.",
    )


def _contents(
    path: Path, names: Sequence[str], limits: ReadingLimits, cited: CitedFiles
) -> dict[str, bytes]:
    """Read files; one that cannot be read, or grew meanwhile, is an error of its own."""
    files: dict[str, bytes] = {}
    for name in names:
        try:
            with open(
                path / name,
                "rb",
                opener=lambda at, flags: os.open(at, flags | getattr(os, "O_NOFOLLOW", 0)),
            ) as file:  # no link, even if it became one after the folder was listed
                content = file.read(limits.file_max_bytes + 1)
        except OSError as error:
            _cite_unreadable(name, error, cited)
            continue
        if len(content) > limits.file_max_bytes:
            _cite_large(name, len(content), limits, cited)
        else:
            files[name] = content
    return files


def _cite_unreadable(name: str, error: OSError, cited: CitedFiles) -> None:
    cited.of(name).error(
        "file_unreadable",
        f"The file cannot be read: {system_message(error)}.",
        "Check its permissions, and that it still exists.",
    )
