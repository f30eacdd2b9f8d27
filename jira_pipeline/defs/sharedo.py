"""What Dagster does about ShareDo: environments are observed, interrupted exports carried on with.

Belongs here: the asset, the jobs, the sensor. Does not: which jobs are interrupted and how they go on
(`sessions/sharedo`), tickets of packages (the assets of `assets`).
"""

import hashlib

import dagster as dg

from jira_pipeline.defs.failures import final_failure
from jira_pipeline.defs.previews import listed
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.errors import ErrorCategory, PipelineError
from jira_pipeline.sessions import sharedo

RUN_KEY_DIGITS = 12
DATA_VERSION_TAG = "dagster/data_version"
"""Source: Dagster, concepts, asset versioning, 2026."""


sharedo_environments = dg.AssetSpec(
    "sharedo_environments",
    group_name="sharedo",
    kinds={"http"},
    owners=["team:web-development"],
    description="The ShareDo environments that are configured; observed, never made. Its version "
    "follows from the content of their last exports.",
)


@dg.op(description="Asks every ShareDo environment who we are, and looks at its last exports.")
def look_at_environments(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Report an observation; an environment that cannot be asked is shown as such."""
    seen = sharedo.observe_environments(pipeline.opened())
    hashed = hashlib.sha256("\n".join(one.content for one in seen).encode("utf-8"))
    metadata: dict[str, dg.MetadataValue] = {}
    for one in seen:
        name = one.environment.name
        metadata[f"{name}/account"] = dg.MetadataValue.text(one.account or one.problem)
        metadata[f"{name}/packages"] = dg.MetadataValue.int(one.package_count)
        metadata[f"{name}/open_jobs"] = dg.MetadataValue.int(one.open_count)
    context.log_event(
        dg.AssetObservation(
            asset_key=sharedo_environments.key,
            metadata=metadata,
            tags={DATA_VERSION_TAG: hashed.hexdigest()},
        )
    )


@dg.job(
    executor_def=dg.in_process_executor,
    description="Observes the ShareDo environments, as `sharedo environments --check` does.",
)
def observe_sharedo_environments() -> None:
    """Observe the environments."""
    look_at_environments()


@dg.op(description="Carries on with every export from ShareDo whose process is gone.")
def carry_on_with_exports(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Adopt interrupted jobs by their ids; none is created twice."""
    results = sharedo.recover_all(pipeline.opened(), listener=lambda _event: None)
    jobs = [job for result in results for job in result.jobs]
    failures = [failure for result in results for failure in result.errors]
    context.add_output_metadata(
        {
            "completed": listed([f"{job.job_id} {job.parameters.system_name}" for job in jobs]),
            "failed": listed([f"{one.item}: {one.error.message}" for one in failures]),
        }
    )
    lasting = [one.error for one in failures if one.error.category is not ErrorCategory.TEMPORARY]
    if lasting:
        raise final_failure(_first_of(lasting)) from None


def _first_of(errors: list[PipelineError]) -> PipelineError:
    """Return the first error, saying how many more there are."""
    first, others = errors[0], len(errors) - 1
    if others:
        first.message = (
            f"{first.message} ({others} more failed; the metadata of the step lists all)"
        )
    return first


@dg.job(
    executor_def=dg.in_process_executor,
    description="Carries on with interrupted exports from ShareDo, as `sharedo resume` does.",
)
def recover_sharedo_exports() -> None:
    """Recover exports."""
    carry_on_with_exports()


@dg.sensor(
    name="sharedo_recovery_sensor",
    job_name="recover_sharedo_exports",  # a job itself would be attached again, with a warning
    default_status=dg.DefaultSensorStatus.RUNNING,
    minimum_interval_seconds=10,
    description="Carries out exports from ShareDo that people asked for or whose process is gone.",
)
def sharedo_recovery_sensor(pipeline: PipelineResource) -> dg.RunRequest | dg.SkipReason:
    """Ask for a run where jobs wait that nobody works on and nobody has to decide about.

    The same jobs are tried once an hour: what keeps failing is not asked for all the time.
    """
    opened = pipeline.opened()
    waiting = sharedo.interrupted_exports(opened)
    if not waiting:
        return dg.SkipReason("No export was interrupted.")
    names = " ".join(f"{job.job_id}/{job.attempt}" for job in waiting)
    digits = hashlib.sha256(names.encode("utf-8")).hexdigest()[:RUN_KEY_DIGITS]
    return dg.RunRequest(run_key=f"sharedo-recovery:{digits}:{opened.clock.now():%Y-%m-%dT%H}")
