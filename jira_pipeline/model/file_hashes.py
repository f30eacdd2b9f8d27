"""Hashes of files, and of the names and bytes of several.

Belongs here: how they are taken. Does not: what is kept under them (`model/kept_files`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

_CHUNK_BYTES = 1_000_000


def file_sha256(path: Path) -> str:
    """Hash the bytes of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def file_hashes_of(folder: Path) -> dict[str, str]:
    """Hash every file of a folder, by name.

    Raises:
        OSError: It cannot be read whole.
    """
    return {path.name: file_sha256(path) for path in folder.iterdir()}


def content_sha256(hashes: Mapping[str, str]) -> str:
    """Hash the names of files with the hashes of their bytes, in order of name."""
    digest = hashlib.sha256()
    for name, sha256 in sorted(hashes.items()):
        digest.update(f"{name}\n{sha256}\n".encode())
    return digest.hexdigest()


def folder_content_sha256(folder: Path, file_names: Sequence[str]) -> str:
    """Hash the names and bytes of files, in order of name."""
    return content_sha256({name: file_sha256(folder / name) for name in file_names})
