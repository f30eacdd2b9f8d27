"""The job that makes sessions of ShareDo, and the runs that follow."""

from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.sessions.sensors import upload_sensor
from jira_pipeline.sharedo.export_jobs import export_environment
from jira_pipeline.sharedo.upload import upload_packages

BOTH = {"environment": "development", "against": "test", "items": ["worktype:matter"]}


def ran(project: Path, instance: dg.DagsterInstance, **config: object) -> dg.ExecuteInProcessResult:
    return (
        build_definitions(project_path=project)
        .resolve_job_def("sharedo_to_tickets")
        .execute_in_process(
            instance=instance, run_config={"ops": {"register_packages": {"config": config}}}
        )
    )


def followed(instance: dg.DagsterInstance) -> dg.RunRequest | None:
    with dg.build_sensor_context(instance=instance) as context:
        found = upload_sensor(context)
    assert isinstance(found, dg.SensorResult)
    return next(iter(found.run_requests or ()), None)


@pytest.mark.parametrize(
    ("auto_approve", "job"), [(False, "generate_tickets"), (True, "csv_to_jira")]
)
def test_a_session_of_an_environment_gets_its_tickets(
    project: Path, instance: dg.DagsterInstance, *, auto_approve: bool, job: str
) -> None:
    """Though the run ended before the daemon first started."""
    ran(
        project,
        instance,
        environment="development",
        items=["matter"],
        auto_approve=auto_approve,
    )

    asked = followed(instance)
    assert asked is not None
    build_definitions(project_path=project).resolve_job_def("generate_tickets").execute_in_process(
        instance=instance, partition_key="development-matter"
    )

    assert (asked.partition_key, asked.job_name) == ("development-matter", job)
    assert instance.has_dynamic_partition("upload_sessions", "development-matter")
    assert followed(instance) is None


def test_packages_that_a_person_uploads_wait_for_a_person(
    project: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    ran(project, instance, environment="development", items=["matter"])
    side = export_environment(
        pipeline,
        "test",
        [("worktype", "matter")],
        includes_dependencies=False,
        listener=lambda _event: None,
    )
    upload_packages(
        pipeline, side, session_key="development-matter", auto_approve=False, actor="a person"
    )

    assert followed(instance) is None


def test_a_difference_becomes_a_session_and_none_becomes_nothing(
    project: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    ran(project, instance, **BOTH | {"items": ["option-set:outcome"]})
    alike = followed(instance)
    ran(project, instance, **BOTH)
    asked = followed(instance)

    assert alike is None
    assert asked is not None
    assert asked.partition_key == "development-to-test"
    assert [s.session_key for s in pipeline.store.sessions.list_all()] == ["development-to-test"]
