"""Jobs of one step: what a command does, for people who use nothing but Dagster.

Belongs here: making such a job. Does not: its step (`jobs`, `sharedo_assets`).
"""

from typing import Any

import dagster as dg


def one_step_job(
    step: dg.OpDefinition, *, name: str, description: str, **more: Any
) -> dg.JobDefinition:
    """Make a job of one step, which runs in the process of its run."""

    def steps() -> None:
        step()

    made = dg.job(name=name, description=description, executor_def=dg.in_process_executor, **more)
    return made(steps)
