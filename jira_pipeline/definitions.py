"""The one name Dagster loads.

The collector of reference cycles rests meanwhile and passes over what was imported, also in runs
that are forked: looking through it again and again was a tenth of the processor time of a start.
"""

import gc
import os

import dagster as dg

from jira_pipeline.defs.code_servers import start_runs_warm


def _built() -> dg.Definitions:
    """Import all rooms, and build what Dagster shows of them."""
    gc.disable()
    try:
        from jira_pipeline.defs.build import build_definitions  # noqa: PLC0415 - most of a start

        return build_definitions()
    finally:
        gc.freeze()
        gc.enable()


os.umask(0o077)  # whoever loads this keeps runs, events and cells
defs = _built()
start_runs_warm()
