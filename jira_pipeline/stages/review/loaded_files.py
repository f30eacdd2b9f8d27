"""What files of tickets were loaded into: kept beside them, so that they can be loaded again.

Belongs here: which revision a file became, and the JSON that remembers it. Does not: reading the
files themselves (`exchange`), writing any (`cli`).

A file says which revision it was written from, and whoever edits it may have it open: `load` leaves
it alone. Loaded once, it is older than its ticket; loaded again, it is compared with what it became.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from jira_pipeline.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A state of a ticket that a file was written from, or became."""

    revision: int
    fields: str = ""
    """Hash of the fields; empty in files that hold none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """What the file of one ticket became when it was loaded last."""

    written_from: FileState
    """As the file says itself."""
    became: FileState


LoadedFiles = Mapping[str, LoadedFile]
"""By ticket id; what was never loaded is not there."""
_JSON = TypeAdapter(dict[str, LoadedFile])


def memory_path_of(path: Path) -> Path:
    """Return where it is kept what a folder, or a CSV file, was loaded into."""
    is_file = path.suffix.lower() == ".csv"
    return path.with_name(f".{path.name}.loaded.json") if is_file else path / ".loaded.json"


def loaded_files_json(loaded: LoadedFiles) -> str:
    """Write it as JSON."""
    return _JSON.dump_json(dict(loaded), indent=1).decode("utf-8") + "\n"


def read_loaded_files(content: bytes, *, name: str) -> LoadedFiles:
    """Read it back.

    Raises:
        InputError: It is not what was written.
    """
    try:
        return _JSON.validate_json(content)
    except ValidationError as error:
        raise InputError(
            f"{name} does not say what these files were loaded into: {error.error_count()} faults.",
            recovery_actions=("Remove it: the files then count as never loaded.",),
        ) from error


def state_now(written_from: FileState, loaded: LoadedFile | None) -> FileState:
    """Return the state a file is compared with: what it became, or else what it was written from."""
    if loaded is not None and loaded.written_from == written_from:
        return loaded.became
    return written_from
