"""Files: in folders of the home with SQLite, as rows with PostgreSQL.

Belongs here: keeping them, and bringing rows to this machine. Does not: what the files say, which
of them belong together (`sheets/kept_uploads`, `sessions/incoming`, `sharedo/jobs`).

Rows are read through a folder of this machine, compared with them by hash each time. That folder
is bounded, and may be deleted at any time.
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
from jira_pipeline.store.transactions import Database, lock_for_transaction, repeated

CACHE_MAX_BYTES = 500_000_000
CACHE_MAX_PLACES = 1_000
"""What is in the cache is listed when something is fetched: so many take 0.05 s."""
IN_USE = timedelta(minutes=10)
"""Whoever reads a folder of the cache, does so within this time of asking for it."""
KEPT_UNUSED = timedelta(days=7)
"""Also removes from a machine what another machine removed from the store."""
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
        """What was there and differs goes the way of the copy's folder, which is temporary."""
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
        destination = self._path / place / path.name
        try:
            # packages hold the secrets of configurations: they are for this account alone
            destination.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.replace(destination)
        except OSError as error:
            raise _not_kept(destination, error) from error
        return {}

    @override
    def places(self, below: str) -> Sequence[KeptPlace]:
        # what somebody moves or removes meanwhile is passed over; `rglob` fails at it
        folders = {Path(path) for path, _, names in os.walk(self._path / below) if names}
        places = []
        for folder in sorted(folders):
            with suppress(FileNotFoundError):  # somebody removes it just now
                kept_at = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
                place = folder.relative_to(self._path).as_posix()
                places.append(KeptPlace(place=place, kept_at=kept_at))
        return places

    @override
    def remove(self, place: str, name: str | None = None) -> None:
        path = self._path / place / (name or "")
        try:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            with suppress(OSError):  # the last one below a session, or of an upload
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
        contents = _contents_of(copy)
        here = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
        of_bytes = func.encode(func.sha256(_FILES.content), "hex").label("sha256")
        query = select(_FILES.name, of_bytes).where(_FILES.place == place)
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"files {place}")
            if here == {row.name: row.sha256 for row in connection.execute(query)}:
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
        of_place = _FILES.place == place
        is_meant = of_place & (_FILES.name == name) if name else of_place | _is_below(place)
        with self._database.writing() as connection:
            delete_rows(connection, tables.kept_files, is_meant)
        self._cache.remove(place, name)

    def _hashes(self, place: str, name: str | None = None) -> dict[str, str]:
        cells = {"place": place} | ({} if name is None else {"name": name})
        query = select(_FILES.name, _FILES.sha256).where(has_cells(tables.kept_files, **cells))
        return {row.name: row.sha256 for row in self._database.fetch(query)}

    @contextmanager
    def _fetched(self, place: str, hashes: Mapping[str, str]) -> Iterator[Path]:
        """Write rows, one after the other, into a folder from which the cache takes them."""
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
        # what was used longest ago, beyond the bounds of the cache, is removed
        used = sorted(self._cache.places(""), key=lambda held: held.kept_at, reverse=True)
        size_bytes = 0
        for number, held in enumerate(used, start=1):
            folder = self._cache.folder(held.place)
            with suppress(FileNotFoundError):
                size_bytes += sum(path.stat().st_size for path in folder.iterdir())
            unused = used[0].kept_at - held.kept_at  # the first was fetched just now
            is_beyond = size_bytes > CACHE_MAX_BYTES or number > CACHE_MAX_PLACES
            if unused > KEPT_UNUSED or (is_beyond and unused > IN_USE):
                with suppress(StoreError):
                    self._cache.remove(held.place)


def insert_files(
    connection: Connection, place: str, contents: Mapping[str, bytes], *, at: datetime
) -> None:
    """Write files in the transaction of what they belong to, in place of those of the same names."""
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
    """Delete the files of a place and below it, in the transaction of what they belonged to."""
    delete_rows(connection, tables.kept_files, (_FILES.place == place) | _is_below(place))


def _is_below(place: str) -> ColumnElement[bool]:
    return _FILES.place.startswith(f"{place}/", autoescape=True)


def _contents_of(folder: Path) -> dict[str, bytes]:
    try:
        return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    except OSError as error:
        raise _not_kept(folder, error) from error


def _hashes_of(folder: Path) -> dict[str, str]:
    """Hash the files of a folder; one that cannot be read whole has none."""
    try:
        return file_hashes_of(folder)
    except OSError:
        return {}


def _is_same(copy: Path, destination: Path) -> bool:
    """Tell whether two folders hold the same names and bytes; a missing one holds nothing."""
    return destination.is_dir() and _hashes_of(copy) == _hashes_of(destination)


def _not_kept(destination: Path, error: OSError) -> StoreError:
    return StoreError.because(
        error,
        f"Files could not be copied to {destination}: {system_message(error)}.",
        recovery_actions=(
            "Check that the disk has space and that the folder is writable, then start again.",
        ),
    )
