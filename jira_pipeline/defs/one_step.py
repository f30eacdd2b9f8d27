"""Jobs of one step: what a command does, for people who use nothing but Dagster.

Belongs here: making such a job. Does not: its step (`jobs`, `sharedo_assets`).
"""

from typing import Any

import dagster as dg

from jira_pipeline.defs.resources import PipelineResource

KIND_TAG = "kind"
"""What a job is about, by which lists of jobs and runs are filtered."""


def one_step_job(
    step: dg.OpDefinition, *, name: str, description: str, kind: str, **more: Any
) -> dg.JobDefinition:
    """Make a job of one step, which runs in the process of its run.

    It has its resource by itself: to give it one, Dagster would copy each sensor that starts it,
    with a warning of what is in beta.
    """

    def steps() -> None:
        step()

    made = dg.job(
        name=name,
        description=description,
        executor_def=dg.in_process_executor,
        tags={KIND_TAG: kind},
        resource_defs={"pipeline": PipelineResource()},
        **more,
    )
    return made(steps)
