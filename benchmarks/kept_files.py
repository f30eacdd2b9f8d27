"""The files of a session at its limit, written and read: as rows of PostgreSQL, and in a folder.

Seconds of processor time of this process, the fastest of some rounds, and how many times that of
the folder; the server's own time is not in it. Read first is by a machine that has none of them,
read again by one that has, and compares them.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.databases import on_each_database
from jira_pipeline.context.pipeline import SystemClock
from jira_pipeline.model.kept_files import KeptFiles
from jira_pipeline.store.files import FolderFiles
from jira_pipeline.store.store import open_store

FILES, FILE_BYTES = 25, 2_000_000
ROUNDS = 5
PLACE = "uploads/site/0123456789abcdef"


def main() -> None:
    """Measure on PostgreSQL, beside a folder."""
    on_each_database("kept_files", _measure, is_smallest=ROUNDS == 1)


def _measure(database: str, url: str, folder: Path) -> None:
    if database == "SQLite":
        return  # its files are the folder that rows are compared with
    print(f"{FILES} files of {FILE_BYTES:,} bytes, fastest of {ROUNDS}")
    sheets = folder / "sheets"
    sheets.mkdir()
    for number in range(FILES):
        (sheets / f"{number}.csv").write_bytes(os.urandom(FILE_BYTES))
    in_folder = _times(FolderFiles(folder / "home"), sheets, forget=lambda: None)
    with open_store(url, lock_path=folder / "machine" / "store.lock") as store:
        cache = folder / "machine" / "cache"
        as_rows = _times(store.files, sheets, forget=lambda: shutil.rmtree(cache))
    for what, rows in as_rows.items():
        ratio = rows / in_folder[what]
        print(f"{what:11} {rows:6.2f} s as rows, {in_folder[what]:.2f} s folder: {ratio:.1f} times")


def _times(files: KeptFiles, sheets: Path, *, forget: Callable[[], None]) -> dict[str, float]:
    """Return the seconds of each step."""
    found: dict[str, list[float]] = {"write": [], "read first": [], "read again": []}
    for _ in range(ROUNDS):
        files.remove(PLACE)
        files.staging_path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=files.staging_path) as temporary:
            begun = time.process_time()
            copy = shutil.copytree(sheets, Path(temporary, "files"))
            files.keep(PLACE, copy, at=SystemClock().now())
            found["write"].append(time.process_time() - begun)
        forget()
        for name in ("read first", "read again"):
            begun = time.process_time()
            read = {path.name: len(path.read_bytes()) for path in files.folder(PLACE).iterdir()}
            found[name].append(time.process_time() - begun)
            if len(read) != FILES:
                sys.exit(f"{len(read)} files were read.")
    return {name: min(each) for name, each in found.items()}


if __name__ == "__main__":
    main()
