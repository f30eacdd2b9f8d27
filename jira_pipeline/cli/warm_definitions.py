"""What the code server of `serve` loads: the definitions, and runs that are forked.

Dagster starts a new Python for each run, and reading our modules and its own is most of what a
small run costs. So in that one process runs are forked from another, itself forked from this one
when everything is imported: they share that memory. It has one thread, and no database, file or
connection open, so this is imported before the code server begins. Where that is no code server of
Dagster's, or the system cannot fork so, a log says it and runs are new Pythons.

The collector of reference cycles passes over what was imported, also in runs that are forked.
"""

import gc
import logging
import os
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import entry_points
from multiprocessing import forkserver, get_all_start_methods, get_context, resource_tracker, util
from typing import Any

from jira_pipeline.defs.build import build_definitions

_CODE_SERVER = ["api", "grpc"]
"""What Dagster runs to answer for a code location."""
_RUN = ["api", "execute_run"]
"""What a launcher of other machines runs: it is one new Python by itself."""
_IMPORTED = (
    "jira_pipeline.definitions",
    # what steps load as they begin
    "jira_pipeline.dagster_port.home",
    "jira_pipeline.export.exporting",
    "jira_pipeline.sessions.export_report",
    "jira_pipeline.sessions.upload",
    "jira_pipeline.sheets.layouts.folder_reading",
    "jira_pipeline.sheets.reading.entities",
    "jira_pipeline.tickets.documents.adf_validation",
    "jira_pipeline.tickets.grouping.grouping",
    "jira_pipeline.writing.generation",
    "jira_pipeline.jira.sandbox_http",
)
_FORKED = "forkserver"
_SPAWN = util.spawnv_passfds
"""By which `multiprocessing` starts a new Python."""

logger = logging.getLogger(__name__)
defs = build_definitions()


def start_runs_warm() -> None:
    """Have the runs of this code server forked, by a process that imports from now on.

    Dagster takes the processes of its context for `spawn`.
    """
    if sys.argv[1:3] == _RUN:
        return
    if sys.argv[1:3] != _CODE_SERVER or _FORKED not in get_all_start_methods():
        logger.warning("Runs are not forked here: each reloads all modules and starts later.")
        return
    (program,) = entry_points(group="console_scripts", name="dagster")
    imported = [*_IMPORTED, program.module]  # the last is what Dagster runs a job with
    for module in imported:
        import_module(module)
    forked = get_context(_FORKED)
    forked.set_forkserver_preload(imported)  # by one that takes the place of a killed one
    gc.freeze()  # a look for garbage would copy what is shared
    resource_tracker.ensure_running()
    util.spawnv_passfds = _forked
    forkserver.ensure_running()
    util.spawnv_passfds = _SPAWN
    get_context("spawn").Process = forked.Process  # type: ignore[attr-defined,misc]


def _forked(path: bytes, args: Sequence[Any], passfds: Sequence[int]) -> int:  # noqa: ARG001 - names of `multiprocessing`
    """Do in a fork of this process what a new Python is told to do; only what is passed is open."""
    if pid := os.fork():
        return pid
    try:
        # Runs start processes of their own, to read what is uploaded. This one was forked under a
        # lock of `multiprocessing`, for which they would wait forever, and would fork with threads.
        util.spawnv_passfds = _SPAWN
        forkserver.ensure_running.__self__._lock = threading.Lock()  # type: ignore[attr-defined] # noqa: SLF001 - nothing else lets go of it
        first = 3
        for descriptor in sorted(passfds):
            os.closerange(first, descriptor)
            first = descriptor + 1
        os.closerange(first, os.sysconf("SC_OPEN_MAX"))
        exec(args[-1], {})  # noqa: S102 - what `multiprocessing` wrote
    finally:  # it ends by an exception, which is none of the code server's
        os._exit(0)


start_runs_warm()
