"""Leases: one process at a time writes to a target.

Belongs here: taking and leaving a lease on one host. Does not: when one is needed
(`stages/jira_export`), leases of several machines (`advisory_leases`).

Whether a holder lives is told by the lock itself, never by a clock: the system takes it back when
the process ends, however it ends. The file beside the lock names its last holder, for people only;
it stays when the lease is left.
File locks over a network are not to be trusted.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from typing_extensions import override

from jira_pipeline.errors import LeaseBusyError, StoreError
from jira_pipeline.ports.export import TargetLease

_UNNAMED = "another process"


class FileTargetLease(TargetLease):
    """Keeps leases as file locks in one folder."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it is made when first needed."""
        self._folder = folder

    @override
    @contextmanager
    def hold(self, target_id: str, *, holder: str) -> Iterator[None]:
        """Hold the lease of a target.

        Raises:
            LeaseBusyError: Another live process, or another part of this one, holds it; the
                message names it.
            StoreError: The folder of leases cannot be written.
        """
        lock, name_path = self._files_of(target_id)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise LeaseBusyError(target=target_id, holder=_read_name(name_path)) from None
        except OSError as error:
            raise _unusable(self._folder, error) from error
        try:
            _write_name(name_path, holder)
            yield
        finally:
            lock.release()

    def _files_of(self, target_id: str) -> tuple[FileLock, Path]:
        """Name the files by hash: target ids hold addresses."""
        name = hashlib.sha256(target_id.encode("utf-8")).hexdigest()[:32]
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(self._folder, error) from error
        lock = FileLock(self._folder / f"{name}.lock", thread_local=False)
        return lock, self._folder / f"{name}.holder"


def _write_name(path: Path, holder: str) -> None:
    try:
        path.write_text(holder, encoding="utf-8")
    except OSError as error:
        raise _unusable(path.parent, error) from error


def _read_name(path: Path) -> str:
    """Return who wrote the name last; the holder may not have come to it yet."""
    try:
        return path.read_text(encoding="utf-8").strip() or _UNNAMED
    except OSError:  # a name that cannot be read must not hide that the lease is held
        return _UNNAMED


def _unusable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The leases in {folder} cannot be used: {error.strerror or error}.",
        recovery_actions=("Check the folder, its permissions and free space on the disk.",),
    )
