"""The run of a request, as Dagster knows it: by its tags, the same whoever launches it.

Belongs here: those tags, and which request a run is of. Does not: launching it (`webserver_launches`,
`defs/sessions/automation`), the requests themselves (`store/run_records`).
"""

from typing import Final

import dagster as dg

from jira_pipeline.dagster_port.partitions import PARTITION_TAG
from jira_pipeline.model.sessions import PERSON_TAG, RunRequest

RUN_KEY_TAG: Final = "dagster/run_key"
SENSOR_NAME_TAG: Final = "dagster/sensor_name"
REQUESTS_SENSOR: Final = "requests_sensor"
"""The sensor, and its name in claims."""
_REQUEST = "request:"


def run_key_of_task(task_id: str) -> str:
    """Return the key under which the run of a request is started once."""
    return f"{_REQUEST}{task_id}"


def tags_of_request(request: RunRequest) -> dict[str, str]:
    """Return the tags of the run of a request, which a launch by the sensor gives it, too.

    The daemon looks for a run by key and name of a sensor before it makes one for that sensor. So
    it finds what the webserver made, and queues it where the webserver could not any more.
    """
    return {
        PARTITION_TAG: request.session_key,
        PERSON_TAG: request.requested_by,
        RUN_KEY_TAG: run_key_of_task(request.task_id),
        SENSOR_NAME_TAG: REQUESTS_SENSOR,
    }


def requested_task_id(run: dg.DagsterRun) -> str | None:
    """Return the id of the request that a run was made for; None where it was made for none.

    Whatever executes a run again has a copy of its tags: the request is not its own.
    """
    run_key = run.tags.get(RUN_KEY_TAG, "")
    if run.parent_run_id is not None or not run_key.startswith(_REQUEST):
        return None
    return run_key.removeprefix(_REQUEST)
