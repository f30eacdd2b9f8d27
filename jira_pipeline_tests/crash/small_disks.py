"""Exports on disks that are too small, and two of them at once, each in a process of its own.

Belongs here: what such a child does and how it says how it ended. Does not: starting it
(`processes`), judging what came of it (`test_full_disk`, `test_two_exports`).
"""

import logging
import resource
import sys
from enum import IntEnum

from jira_pipeline.errors import LeaseBusyError, StoreError
from jira_pipeline_tests.crash.export_world import Tripwire
from jira_pipeline_tests.crash.processes import Place, export


class Ended(IntEnum):
    """How an export ended, as its exit code."""

    DONE = 0
    STORE_FAILED = 20
    """SQLite could not write: an input or output error."""
    STORE_FULL = 21
    REFUSED = 22
    """By the lease."""


def export_with_limit(place: Place, file_bytes_max: int) -> None:
    """Export where no file may grow beyond a size."""
    logging.disable(logging.CRITICAL)
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, hard))
    try:
        export(place, Tripwire())
    except StoreError as error:
        sys.exit(Ended.STORE_FAILED if "SQLITE_IOERR" in error.message else Ended.STORE_FULL)


def export_if_let(place: Place) -> None:
    """Export unless another process does."""
    logging.disable(logging.CRITICAL)
    try:
        export(place, Tripwire())
    except LeaseBusyError:
        sys.exit(Ended.REFUSED)
