"""Which runs live on this host: one file lock for each run that is at work.

Belongs here: showing that a process works on a run, and telling that it died. Does not: what
follows for its session (`stages/run_outcomes`).

The system takes the lock back when the process ends, however it ends; the file stays. A file
nobody holds is a run that died without a word. A process that could not store how its run ended renames the
file: that needs no room on a full disk. No file says nothing: the run may be on another host, or
may not have begun.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout
from typing_extensions import override

from jira_pipeline.errors import StoreError
from jira_pipeline.ports.runs import RunLiveness

HOLD_TIMEOUT_SECONDS = 1.0
"""Longer than somebody needs to look whether a run is dead, which takes the lock for a moment."""


class FileRunLocks(RunLiveness):
    """Keeps the locks of runs in one folder."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it is made when first needed."""
        self._folder = folder
        self._left: set[str] = set()

    @override
    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        """Show that this process works on a run, until the block or the process ends.

        Raises:
            StoreError: The folder cannot be written.
        """
        path = self._path_of(run_id)
        lock = FileLock(path, thread_local=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=HOLD_TIMEOUT_SECONDS)
        except Timeout:  # another process works on the same run and shows it
            yield
            return
        except OSError as error:
            raise StoreError(
                f"The locks in {self._folder} cannot be used: {error.strerror or error}.",
                recovery_actions=("Check the folder, its permissions and free space.",),
            ) from error
        try:
            yield
        finally:
            if run_id in self._left:
                with suppress(OSError):  # the file alone says that the run is dead
                    path.replace(self._left_path_of(run_id))
            else:
                path.unlink(missing_ok=True)
            lock.release()

    @override
    def leave(self, run_id: str) -> None:
        self._left.add(run_id)

    @override
    def was_left(self, run_id: str) -> bool:
        return self.is_dead(run_id) and self._left_path_of(run_id).is_file()

    @override
    def is_alive(self, run_id: str) -> bool:
        return self._is_held(run_id) is True

    @override
    def is_dead(self, run_id: str) -> bool:
        return self._is_held(run_id) is False

    def _is_held(self, run_id: str) -> bool | None:
        """Tell whether somebody holds the lock of a run; None where nothing is known of it."""
        path = self._path_of(run_id)
        if not path.is_file():
            return False if self._left_path_of(run_id).is_file() else None
        lock = FileLock(path, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        except OSError:  # it cannot be opened: nothing is known
            return None
        lock.release()
        return False if path.is_file() else None

    @override
    def forget(self, run_id: str) -> None:
        self._path_of(run_id).unlink(missing_ok=True)
        self._left_path_of(run_id).unlink(missing_ok=True)

    def _left_path_of(self, run_id: str) -> Path:
        return self._path_of(run_id).with_suffix(".left")

    def _path_of(self, run_id: str) -> Path:
        name = hashlib.sha256(run_id.encode("utf-8")).hexdigest()[:32]
        return self._folder / f"{name}.run"
