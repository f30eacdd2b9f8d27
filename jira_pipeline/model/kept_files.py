"""The role of whoever keeps files: what a session was uploaded with, what was sent, packages.

Belongs here: the role, and the hashes files are kept under: of one, of the names and bytes of
several. A place is a relative path, as folders have: `uploads/museum/3f2a…`. Files are written
once.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

CACHE = "cache"
"""Below it, in the data folder: copies of files that are rows of the store."""
UPLOADS = "uploads"
"""Below it: the copies of what sessions were uploaded with, by session and content."""
INCOMING = "incoming"
"""Below it: files that were sent for a look, by their content and a hash of who sent them."""
PACKAGES = "sharedo"
"""The place of packages that were exported from ShareDo."""
NO_FILES: Mapping[str, bytes] = MappingProxyType({})


def upload_place(upload_path: str) -> str:
    return f"{UPLOADS}/{upload_path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlace:
    place: str
    kept_at: datetime
    """When they were kept, or last sent again."""


class KeptFiles(Protocol):
    """Keeps files where every process that works on this store can read them.

    What cannot be kept, removed or brought to this machine is a `StoreError`.
    """

    @property
    def staging_path(self) -> Path:
        """The folder beside which files are put together, so that keeping them is a rename."""

    def folder(self, place: str) -> Path:
        """Return a folder with the files of a place; where there are none, it is missing."""

    def file(self, place: str, name: str) -> Path:
        """Return one file of a place; where it is not kept, it is missing."""

    def keep(self, place: str, copy: Path, *, at: datetime) -> bool:
        """Make a place hold exactly the files of a folder, which is moved away; False: it did already."""

    def placed(self, place: str, copy: Path, *, at: datetime) -> Mapping[str, bytes]:
        """Put the files of a folder in their place now, or return their bytes by name.

        Bytes that are returned have to be written in the transaction that registers what the files
        belong to.
        """

    def placed_file(self, place: str, path: Path) -> Mapping[str, bytes]:
        """As `placed`, of one file beside the others of its place."""

    def places(self, below: str) -> Sequence[KeptPlace]:
        """Return the places below another one, by name."""

    def remove(self, place: str, name: str | None = None) -> None:
        """Remove the files of a place and those below it, or one file; gone already is no fault."""


def file_sha256(path: Path) -> str:
    """Hash the bytes of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def file_hashes_of(folder: Path) -> dict[str, str]:
    """Hash every file of a folder, by name."""
    return {path.name: file_sha256(path) for path in folder.iterdir()}


def content_sha256(hashes: Mapping[str, str]) -> str:
    """Hash the names of files with the hashes of their bytes, in order of name."""
    text = "".join(f"{name}\n{sha256}\n" for name, sha256 in sorted(hashes.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def folder_content_sha256(folder: Path) -> str:
    """Hash the names and bytes of all files of a folder, in order of name."""
    return content_sha256(file_hashes_of(folder))
