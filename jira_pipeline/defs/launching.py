"""Starts runs from the command line, in this process, visible in the Dagster UI.

Belongs here: one job for one session. Does not: what is told of it (`cli`), queued runs (sensors).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import dagster as dg
from filelock import FileLock

from jira_pipeline.defs.composition import Pipeline
from jira_pipeline.defs.partitions import PARTITIONS_NAME, register_partition
from jira_pipeline.defs.uploading import announce_upload
from jira_pipeline.settings import load_settings
from jira_pipeline.stages.upload_reading import UploadOutcome

_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """How a run ended."""

    run_id: str
    is_success: bool


def run_job(job_name: str, session_key: str) -> RunOutcome:
    """Run a job for one session and wait for its end."""
    from jira_pipeline.defs.build import build_definitions  # noqa: PLC0415 - a second to import

    with opened_instance() as instance:
        register_partition(instance, session_key)
        job = build_definitions().resolve_job_def(job_name)
        result = job.execute_in_process(
            instance=instance,
            partition_key=session_key,
            run_config=_QUIET,
            raise_on_error=False,
        )
    return RunOutcome(run_id=result.run_id, is_success=result.success)


def tell_of_upload(pipeline: Pipeline, outcome: UploadOutcome) -> None:
    """Tell this checkout's Dagster instance of an upload."""
    with opened_instance() as instance:
        announce_upload(instance, pipeline, outcome)


@contextmanager
def opened_instance() -> Iterator[dg.DagsterInstance]:
    """Open this checkout's Dagster instance.

    Under a lock: of several that make Dagster's databases at once, some die of half-made tables.
    """
    home_path = load_settings().home_path
    home_path.mkdir(parents=True, exist_ok=True)
    with FileLock(home_path / "dagster.lock"):
        instance = dg.DagsterInstance.get()
        instance.get_dynamic_partitions(PARTITIONS_NAME)
    with instance:
        yield instance
