"""What everybody does who keeps files; what rows do for a second machine."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from jira_pipeline.model.errors import StoreError
from jira_pipeline.store import files as files_module, tables
from jira_pipeline.store.files import FolderFiles, RowFiles, insert_files
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_postgres
from jira_pipeline_tests.contracts.stored_values import START, an_upload

PLACE = "uploads/site/0123"
SHEETS = {"a.csv": b"ID\n1\n", "session.yaml": b"\xff\0"}
FolderOf = Callable[[Mapping[str, bytes]], Path]


@pytest.fixture
def folder_of(tmp_path: Path) -> FolderOf:
    """Make a folder of files, in a temporary folder of its own."""
    made: list[Path] = []

    def folder_of(contents: Mapping[str, bytes]) -> Path:
        folder = tmp_path / "made" / str(len(made)) / "files"
        folder.mkdir(parents=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
        made.append(folder)
        return folder

    return folder_of


def contents_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_files_are_kept_once_replaced_listed_and_removed(store: Store, folder_of: FolderOf) -> None:
    files = store.files

    first = files.keep(PLACE, folder_of(SHEETS), at=START)
    again = files.keep(PLACE, folder_of(SHEETS), at=START)
    kept = contents_of(files.folder(PLACE))
    other = files.keep(PLACE, folder_of({"b.csv": b""}), at=START)

    assert (first, again, other) == (True, False, True)
    assert kept == SHEETS
    assert contents_of(files.folder(PLACE)) == {"b.csv": b""}
    assert [one.place for one in files.places("uploads/site")] == [PLACE]
    assert files.places("uploads/sit") == files.places("uploads/s_te") == []

    for _ in range(2):
        files.remove("uploads/site")

    assert not files.folder(PLACE).exists()
    assert files.places("uploads") == []


def test_a_folder_that_another_process_moves_meanwhile_is_passed_over(
    tmp_path: Path, folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, scandir = files_module.FolderFiles(tmp_path / "kept"), os.scandir
    files.keep(PLACE, folder_of(SHEETS))
    files.keep("uploads/moved/4567", folder_of(SHEETS))

    def meanwhile(path: str | Path) -> Any:
        if str(path).endswith("4567"):
            raise FileNotFoundError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", meanwhile)

    assert [one.place for one in files.places("")] == [PLACE]


def test_one_file_is_kept_beside_others_and_removed_alone(
    store: Store, folder_of: FolderOf
) -> None:
    for name in ("a.zip", "b.zip"):
        path = folder_of({name: name.encode()}) / name
        contents = store.files.placed_file("sharedo", path)
        with store.database.writing() as connection:
            files_module.insert_files(connection, "sharedo", contents, at=START)

    store.files.remove("sharedo", "a.zip")

    assert not store.files.file("sharedo", "a.zip").exists()
    assert store.files.file("sharedo", "b.zip").read_bytes() == b"b.zip"


def test_the_files_of_an_upload_come_and_go_with_its_session(
    store: Store, folder_of: FolderOf
) -> None:
    place = f"uploads/{an_upload().upload_path}"

    contents = store.files.placed(place, folder_of(SHEETS), at=START)
    store.sessions.register(an_upload(contents=contents), at=START, actor="ab")

    assert contents_of(store.files.folder(place)) == SHEETS
    store.sessions.remove("site", at=START, by="ab")
    with store.database.reading() as connection:
        assert connection.execute(tables.kept_files.select()).all() == []


@pytest.mark.postgres
def test_another_machine_reads_what_is_kept_and_looks_whether_its_own_copy_is_whole(
    postgres_store: Store, postgres_url: str, tmp_path: Path, folder_of: FolderOf
) -> None:
    postgres_store.files.keep(PLACE, folder_of(SHEETS), at=START)

    with open_postgres(postgres_url, tmp_path / "other") as other:
        folder = other.files.folder(PLACE)
        whole = {path.name: path.stat().st_ino for path in other.files.folder(PLACE).iterdir()}
        assert {path.name: path.stat().st_ino for path in folder.iterdir()} == whole
        (folder / "a.csv").chmod(0o600)
        (folder / "a.csv").write_bytes(b"ID\n2\n")
        (folder / "added.csv").write_bytes(b"")

        assert contents_of(other.files.folder(PLACE)) == SHEETS
    assert folder.is_relative_to(tmp_path / "other" / "cache")


@pytest.mark.postgres
def test_bytes_that_changed_in_the_store_are_never_read(
    postgres_store: Store, folder_of: FolderOf
) -> None:
    """`keep` puts them right: uploading again is what people are asked to do."""
    postgres_store.files.keep(PLACE, folder_of(SHEETS), at=START)
    with postgres_store.database.writing() as connection:
        connection.execute(update(tables.kept_files).values(content=b"other"))

    with pytest.raises(StoreError, match="damaged"):
        postgres_store.files.folder(PLACE)

    assert postgres_store.files.keep(PLACE, folder_of(SHEETS), at=START)
    assert contents_of(postgres_store.files.folder(PLACE)) == SHEETS


@pytest.mark.postgres
def test_the_folder_of_a_machine_is_bounded_and_what_is_in_use_stays(
    postgres_store: Store, folder_of: FolderOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_module, "CACHE_MAX_PLACES", 2)
    folders = []
    for number in range(6):
        place = f"uploads/site/{number}"
        postgres_store.files.keep(place, folder_of({"a.csv": b"%d" % number}), at=START)
        folders.append(postgres_store.files.folder(place))
        if number < 3:
            ago = folders[-1].stat().st_mtime - (number + 1) * 3600
            os.utime(folders[-1], (ago, ago))

    assert [folder.exists() for folder in folders] == [False, False, False, True, True, True]


def test_a_file_in_use_is_not_the_one_used_longest_ago(store: Store, tmp_path: Path) -> None:
    """A package that a machine had fetched a week before went while it was being compared."""
    package, sheets = ("sharedo", {"a.zip": b"PK"}), (PLACE, SHEETS)
    with store.database.writing() as connection:
        for place, contents in (package, sheets):
            insert_files(connection, place, contents, at=START)
    files = RowFiles(store.database, cache=FolderFiles(tmp_path))
    path = files.file("sharedo", "a.zip")
    os.utime(path.parent, (0, 0))

    again = files.file("sharedo", "a.zip")
    files.folder(PLACE)

    assert again.read_bytes() == b"PK"
