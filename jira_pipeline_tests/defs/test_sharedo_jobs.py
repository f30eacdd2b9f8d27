"""What Dagster does about ShareDo: interrupted exports, sessions of packages and what follows."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.sessions.automation import upload_sensor
from jira_pipeline.model.sharedo_jobs import ExportJob, ExportParameters
from jira_pipeline.sharedo.export_jobs import export_environment, upload_packages
from jira_pipeline_tests.sharedo.export_world import MATTER

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


@pytest.mark.parametrize("against", [{}, {"against": "test"}], ids=["one", "two"])
def test_a_run_that_names_nothing_to_export_says_so(
    project: Path, instance: dg.DagsterInstance, against: dict[str, str]
) -> None:
    """It ended with `IndexError: tuple index out of range`."""
    with pytest.raises(dg.Failure, match="`items` is empty: name what to export as TYPE:NAME"):
        ran(project, instance, environment="development", items=[], **against)


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


def recovered(project: Path, pipeline: Pipeline, *wanted: ExportParameters) -> list[ExportJob]:
    """Have jobs carried on with whose process was gone before it sent anything."""
    for number, parameters in enumerate(wanted):
        job = ExportJob(
            job_id=f"a{number}",
            parameters=parameters,
            created_at=pipeline.clock.now() - timedelta(minutes=2),
            estimated_seconds=5.0,
        )
        pipeline.store.sharedo_jobs.open_job(job)
    definitions = build_definitions(project_path=project)
    assert definitions.resolve_job_def("recover_sharedo_exports").execute_in_process().success
    return [*pipeline.store.sharedo_jobs.list_all()]


def test_an_interrupted_export_is_carried_on_with(project: Path, pipeline: Pipeline) -> None:
    (job,) = recovered(project, pipeline, MATTER)

    assert job.package is not None


def test_a_component_that_is_not_there_does_not_fail_the_recovering_run(
    project: Path, pipeline: Pipeline
) -> None:
    """A comparison asks both environments for the same: that one lacks it is its answer."""
    lacking = replace(MATTER, environment="test", system_name="employment-tribunal")

    jobs = recovered(project, pipeline, lacking, replace(lacking, includes_dependencies=True))

    assert [(job.state, job.error and job.error.code) for job in jobs] == [
        ("failed", "EXPORT_001")
    ] * 2
