"""Files: in folders of the home with SQLite, as rows with PostgreSQL.

Belongs here: keeping them, and bringing rows to this machine. Does not: what the files say, which
of them belong together (`sheets/kept_uploads`, `sessions/incoming`, `sharedo/jobs`).

A place is a relative path that holds the files of one upload or package: `uploads/museum/3f2a…`.
`KeptFiles` says what each method does; here are its two forms. Files that are rows are read through
a cache, a folder of this machine, whose files are compared with the rows by hash each time. It is
bounded, and may be deleted at any time.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, func, select
from typing_extensions import override

from jira_pipeline.model.errors import StoreError, system_message
from jira_pipeline.model.kept_files import (
    UPLOADS,
    KeptFiles,
    KeptPlace,
    file_hashes_of,
    file_sha256,
)
from jira_pipeline.store import tables
from jira_pipeline.store.mapping import delete_rows, has_cells, insert_rows, update_rows
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import Database, repeated

CACHE_MAX_BYTES = 500_000_000
"""Beyond, what was used longest ago is removed from the cache."""
CACHE_MAX_PLACES = 1_000
"""The same of places: all are listed when something is fetched, which takes 0.05 s for so many."""
IN_USE = timedelta(minutes=10)
"""A place of the cache is not removed so soon after somebody asked for it: they may still read it."""
KEPT_UNUSED = timedelta(days=7)
"""After this time without use a place is removed in any case: the store may not have it any more."""
_READ_ONLY = 0o400

_FILES = tables.kept_files.c


class FolderFiles(KeptFiles):
    """Keeps files in folders below one folder, each under its place."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    @override
    def staging_path(self) -> Path:
        return self._path / UPLOADS

    @override
    def folder(self, place: str) -> Path:
        return self._path / place

    @override
    def file(self, place: str, name: str) -> Path:
        return self._path / place / name

    @override
    def keep(self, place: str, copy: Path, *, at: datetime | None = None) -> bool:
        """Move a folder to its place; False where the place has the same files already.

        Other files that are there are moved into the temporary folder that `copy` is in.
        """
        destination = self._path / place
        try:
            if _is_same(copy, destination):
                destination.touch()
                return False
            destination.parent.mkdir(parents=True, exist_ok=True)
            if destination.exists():
                destination.rename(copy.with_name("replaced"))
            copy.rename(destination)
        except OSError as error:
            if _is_same(copy, destination):  # another upload of the same files was faster
                return False
            raise _not_kept(destination, error) from error
        return True

    @override
    def placed(self, place: str, copy: Path, *, at: datetime) -> Mapping[str, bytes]:
        self.keep(place, copy)
        return {}

    @override
    def placed_file(self, place: str, path: Path) -> Mapping[str, bytes]:
        """Move a file to its place; nothing is left to be written with a row."""
        destination = self._path / place / path.name
        try:
            # Packages hold secrets of configurations: only this account may read them.
            destination.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.replace(destination)
        except OSError as error:
            raise _not_kept(destination, error) from error
        return {}

    @override
    def places(self, below: str) -> Sequence[KeptPlace]:
        """Return the folders below a place that hold files, by path."""
        # Others may move or remove folders meanwhile: `os.walk` skips those, `rglob` would fail.
        folders = {Path(path) for path, _, names in os.walk(self._path / below) if names}
        places = []
        for folder in sorted(folders):
            with suppress(FileNotFoundError):  # removed just now
                kept_at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
                place = folder.relative_to(self._path).as_posix()
                places.append(KeptPlace(place=place, kept_at=kept_at))
        return places

    @override
    def remove(self, place: str, name: str | None = None) -> None:
        """Remove a file of a place, or without a name the whole place, and folders left empty.

        Nothing happens where it does not exist.
        """
        path = self._path / place / (name or "")
        try:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            # Up to, and without, the first folder such as `uploads`; a folder with files stays.
            with suppress(OSError):
                for parent in path.relative_to(self._path).parents[:-2]:
                    (self._path / parent).rmdir()
        except FileNotFoundError:
            return
        except OSError as error:
            raise StoreError(
                f"{path} cannot be removed: {system_message(error)}.",
                recovery_actions=("Allow this account to remove it; this is tried again.",),
            ) from error


class RowFiles(KeptFiles):
    """Keeps files as rows of the store on PostgreSQL, for every machine that works on it."""

    def __init__(self, database: Database, *, cache: FolderFiles) -> None:
        self._database = database
        self._cache = cache

    @property
    @override
    def staging_path(self) -> Path:
        return self._cache.staging_path

    @override
    def folder(self, place: str) -> Path:
        """Return a folder with the files of a place, fetched where the cache has others or none.

        The folder need not exist where the store has no files of the place.
        """
        hashes = self._hashes(place)
        folder = self._cache.folder(place)
        if hashes and _hashes_of(folder) != hashes:
            with self._fetched(place, hashes) as copy:
                self._cache.keep(place, copy)
        elif hashes:
            folder.touch()
        return folder

    @override
    def file(self, place: str, name: str) -> Path:
        """Return the path of one file of a place, fetched where the cache has another or none.

        It need not exist where the store has no such file.
        """
        hashes = self._hashes(place, name)
        path = self._cache.file(place, name)
        if hashes and not (path.is_file() and file_sha256(path) == hashes[name]):
            with self._fetched(place, hashes) as copy:
                self._cache.placed_file(place, copy / name)
        elif hashes:
            path.parent.touch()
        return path

    @override
    @repeated
    def keep(self, place: str, copy: Path, *, at: datetime) -> bool:
        """Store the files of a folder in a place; False where it has the same files already."""
        contents = _contents_of(copy)
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        # Of the bytes themselves, not the stored hash: damaged ones are replaced by this, too.
        content_hash = func.encode(func.sha256(_FILES.content), "hex").label("sha256")
        query = select(_FILES.name, content_hash).where(_FILES.place == place)
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"files {place}")
            if hashes == {row.name: row.sha256 for row in connection.execute(query)}:
                update_rows(connection, tables.kept_files, {"kept_at": at}, place=place)
                return False
            delete_rows(connection, tables.kept_files, place=place)
            insert_files(connection, place, contents, at=at)
        return True

    @override
    def placed(self, place: str, copy: Path, *, at: datetime) -> Mapping[str, bytes]:
        return _contents_of(copy)

    @override
    def placed_file(self, place: str, path: Path) -> Mapping[str, bytes]:
        return {path.name: path.read_bytes()}

    @override
    def places(self, below: str) -> Sequence[KeptPlace]:
        """Return this place and those below it that hold files, by path."""
        query = (
            select(_FILES.place, func.max(_FILES.kept_at).label("kept_at"))
            .where((_FILES.place == below) | _is_below(below))
            .group_by(_FILES.place)
        )
        rows = self._database.fetch(query)
        return sorted(
            (KeptPlace(**row._asdict()) for row in rows), key=lambda kept_place: kept_place.place
        )

    @override
    def remove(self, place: str, name: str | None = None) -> None:
        """Remove a file of a place, or without a name the place and all below, in the cache too."""
        is_of_place = _FILES.place == place
        is_meant = is_of_place & (_FILES.name == name) if name else is_of_place | _is_below(place)
        with self._database.writing() as connection:
            delete_rows(connection, tables.kept_files, is_meant)
        self._cache.remove(place, name)

    def _hashes(self, place: str, name: str | None = None) -> dict[str, str]:
        cells = {"place": place} | ({} if name is None else {"name": name})
        query = select(_FILES.name, _FILES.sha256).where(has_cells(tables.kept_files, **cells))
        return {row.name: row.sha256 for row in self._database.fetch(query)}

    @contextmanager
    def _fetched(self, place: str, hashes: Mapping[str, str]) -> Iterator[Path]:
        """Yield a temporary folder with these files, which are read from their rows one by one.

        After the block ends, places of the cache beyond its bounds are removed.

        Raises:
            StoreError: A row does not have its hash, or the folder cannot be written.
        """
        try:
            self.staging_path.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self.staging_path) as temporary:
                copy = Path(temporary, "files")
                copy.mkdir()
                for name, sha256 in hashes.items():
                    is_that_row = has_cells(tables.kept_files, place=place, name=name)
                    (content,) = self._database.fetch(select(_FILES.content).where(is_that_row))[0]
                    if hashlib.sha256(content).hexdigest() != sha256:
                        raise StoreError(
                            f"{place}/{name} is damaged in the store: its hash does not match.",
                            recovery_actions=(
                                "Upload the same files again, or restore the store from its backup.",
                            ),
                        )
                    (copy / name).write_bytes(content)
                    (copy / name).chmod(_READ_ONLY)
                yield copy
        except OSError as error:
            raise _not_kept(self._cache.folder(place), error) from error
        self._remove_unused_from_cache()

    def _remove_unused_from_cache(self) -> None:
        """Remove places beyond the bounds of the cache, those used longest ago first."""
        cached_places = sorted(
            self._cache.places(""), key=lambda cached: cached.kept_at, reverse=True
        )
        size_bytes = 0
        for number, cached in enumerate(cached_places, start=1):
            folder = self._cache.folder(cached.place)
            with suppress(FileNotFoundError):
                size_bytes += sum(path.stat().st_size for path in folder.iterdir())
            # The first place was fetched just now: its time is that of this machine's file system.
            unused_for = cached_places[0].kept_at - cached.kept_at
            is_beyond = size_bytes > CACHE_MAX_BYTES or number > CACHE_MAX_PLACES
            if unused_for > KEPT_UNUSED or (is_beyond and unused_for > IN_USE):
                with suppress(StoreError):
                    self._cache.remove(cached.place)


def insert_files(
    connection: Connection, place: str, contents: Mapping[str, bytes], *, at: datetime
) -> None:
    """Insert files of a place in the caller's transaction, replacing those of the same names."""
    for name, content in contents.items():
        delete_rows(connection, tables.kept_files, place=place, name=name)
        cells = {
            "place": place,
            "name": name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "content": content,
            "kept_at": at,
        }
        insert_rows(connection, tables.kept_files, [cells])


def delete_files(connection: Connection, place: str) -> None:
    """Delete the files of a place and of all places below it, in the caller's transaction."""
    delete_rows(connection, tables.kept_files, (_FILES.place == place) | _is_below(place))


def _is_below(place: str) -> ColumnElement[bool]:
    return _FILES.place.startswith(f"{place}/", autoescape=True)


def _contents_of(folder: Path) -> dict[str, bytes]:
    try:
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    except OSError as error:
        raise _not_kept(folder, error) from error


def _hashes_of(folder: Path) -> dict[str, str]:
    """Return the hashes of the files in a folder by name; none where one of them cannot be read."""
    try:
        return file_hashes_of(folder)
    except OSError:
        return {}


def _is_same(copy: Path, destination: Path) -> bool:
    """Return whether two folders hold files of the same names and bytes; False: one is missing."""
    return destination.is_dir() and _hashes_of(copy) == _hashes_of(destination)


def _not_kept(destination: Path, error: OSError) -> StoreError:
    """Return the error for files that could not be copied."""
    return StoreError.because(
        error,
        f"Files could not be copied to {destination}: {system_message(error)}.",
        recovery_actions=(
            "Check that the disk has space and that the folder is writable, then start again.",
        ),
    )
