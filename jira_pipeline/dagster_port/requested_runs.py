"""The run of a request, as Dagster knows it: by its run key.

Belongs here: that key, and which request a run is of. Does not: launching it (`requests_sensor` in
`defs/sessions/request_sensor`), that only one is queued (`queue`), the requests themselves
(`store/run_request_store`).
"""

from typing import Final

import dagster as dg

RUN_KEY_TAG: Final = "dagster/run_key"
_REQUEST = "request:"


def run_key_of_task(task_id: str) -> str:
    """Return the key under which the run of a request is started once."""
    return f"{_REQUEST}{task_id}"


def requested_task_id(run: dg.DagsterRun) -> str | None:
    """Return the id of the request that a run was made for; None where it was made for none.

    Whatever executes a run again has a copy of its tags: the request is not its own.
    """
    run_key = run.tags.get(RUN_KEY_TAG, "")
    if run.parent_run_id is not None or not run_key.startswith(_REQUEST):
        return None
    return run_key.removeprefix(_REQUEST)
