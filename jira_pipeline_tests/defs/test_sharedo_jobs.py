"""Jobs that make sessions of ShareDo, the runs that follow, and the schedule of a comparison."""

from datetime import UTC, datetime, time
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.resources import PipelineResource
from jira_pipeline.defs.sensors import packages_sensor, schedules_at
from jira_pipeline.sessions.composition import Pipeline

NIGHT = datetime(2026, 3, 1, 2, tzinfo=UTC)
BOTH = {"first": "development", "second": "test", "items": ["worktype:matter"]}


def ran(
    project: Path, instance: dg.DagsterInstance, job: str, **config: object
) -> dg.ExecuteInProcessResult:
    """Run a job whose one op takes this config."""
    op = {"sharedo_to_tickets": "register_packages", "compare_environments": "register_differences"}
    return (
        build_definitions(project_path=project)
        .resolve_job_def(job)
        .execute_in_process(instance=instance, run_config={"ops": {op[job]: {"config": config}}})
    )


def followed(
    project: Path, instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult
) -> dg.RunRequest | dg.SkipReason:
    """What the sensor asks for after a run that succeeded."""
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    with dg.build_run_status_sensor_context(
        sensor_name="packages_sensor",
        dagster_event=result.all_events[-1],
        dagster_instance=instance,
        dagster_run=run,
        resources={"pipeline": PipelineResource(project_path=str(project))},
    ) as context:
        found = packages_sensor(context)
    assert isinstance(found, dg.RunRequest | dg.SkipReason)
    return found


@pytest.mark.parametrize(
    ("auto_approve", "job"), [(False, "generate_tickets"), (True, "csv_to_jira")]
)
def test_a_session_of_an_environment_gets_its_tickets(
    project: Path, instance: dg.DagsterInstance, *, auto_approve: bool, job: str
) -> None:
    result = ran(
        project,
        instance,
        "sharedo_to_tickets",
        environment="development",
        items=["matter"],
        auto_approve=auto_approve,
    )

    asked = followed(project, instance, result)

    assert isinstance(asked, dg.RunRequest)
    assert (asked.partition_key, asked.job_name) == ("development-matter", job)


def test_a_difference_becomes_a_session_and_none_becomes_nothing(
    project: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    alike = ran(
        project, instance, "compare_environments", **BOTH | {"items": ["option-set:outcome"]}
    )
    differing = ran(project, instance, "compare_environments", **BOTH)

    assert isinstance(followed(project, instance, alike), dg.SkipReason)
    asked = followed(project, instance, differing)
    assert isinstance(asked, dg.RunRequest)
    assert asked.partition_key == "development-to-test"
    assert [s.session_key for s in pipeline.store.sessions.list_all()] == ["development-to-test"]


def test_the_night_compares_what_is_set_and_nothing_without_a_time() -> None:
    unset = {s.name: s for s in schedules_at(export_at=None, timezone="UTC")}
    settings = "development test worktype:matter form:intake"
    at_two = schedules_at(export_at=None, timezone="UTC", compare_at=time(2, 30), compare=settings)
    [schedule] = [s for s in at_two if s.name == "sharedo_comparison_schedule"]
    context = dg.build_schedule_context(scheduled_execution_time=NIGHT)

    [request] = schedule.evaluate_tick(context).run_requests or ()
    nothing = unset["sharedo_comparison_schedule"].evaluate_tick(context)

    assert unset["sharedo_comparison_schedule"].default_status is dg.DefaultScheduleStatus.STOPPED
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert schedule.cron_schedule == "30 2 * * *"
    assert request.run_key == "sharedo-comparison:2026-03-01"
    assert request.run_config == {
        "ops": {
            "register_differences": {"config": BOTH | {"items": ["worktype:matter", "form:intake"]}}
        }
    }
    assert nothing.skip_message == "SHAREDO_COMPARE does not say what is compared."
