"""What Dagster does about ShareDo: interrupted exports, sessions of packages and what follows."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.sessions.upload_sensor import upload_sensor
from jira_pipeline.model.sharedo_jobs import ExportJob
from jira_pipeline.sharedo.export_jobs import export_environment, upload_packages
from jira_pipeline_tests.defs.looks import evaluated, requests_of
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


def followed(instance: dg.DagsterInstance) -> list[tuple[str | None, str | None]]:
    return requests_of(evaluated(instance, upload_sensor))


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
    build_definitions(project_path=project).resolve_job_def("generate_tickets").execute_in_process(
        instance=instance, partition_key="development-matter"
    )

    assert asked == [("development-matter", job)]
    assert instance.has_dynamic_partition("upload_sessions", "development-matter")
    assert followed(instance) == []


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

    assert followed(instance) == []


def test_a_difference_becomes_a_session_and_none_becomes_nothing(
    project: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    ran(project, instance, **BOTH | {"items": ["option-set:outcome"]})
    alike = followed(instance)
    ran(project, instance, **BOTH)
    asked = followed(instance)

    assert alike == []
    assert [session_key for session_key, _ in asked] == ["development-to-test"]
    assert [s.session_key for s in pipeline.store.sessions.list_all()] == ["development-to-test"]


def test_an_interrupted_export_is_carried_on_with_beside_what_is_not_there(
    project: Path, pipeline: Pipeline
) -> None:
    """A comparison asks both environments for the same: that one lacks it is its answer."""
    lacking = replace(MATTER, environment="test", system_name="employment-tribunal")
    wanted = (MATTER, lacking, replace(lacking, includes_dependencies=True))
    for number, parameters in enumerate(wanted):
        job = ExportJob(
            job_id=f"a{number}",
            parameters=parameters,
            created_at=pipeline.clock.now() - timedelta(minutes=2),
            estimated_seconds=5.0,
        )
        pipeline.store.sharedo_jobs.open_job(job)

    recovering = build_definitions(project_path=project).resolve_job_def("recover_sharedo_exports")

    assert recovering.execute_in_process().success
    jobs = sorted(pipeline.store.sharedo_jobs.list_all(), key=lambda job: job.job_id)
    assert [job.package is not None for job in jobs] == [True, False, False]
    assert [(job.state, job.error and job.error.code) for job in jobs[1:]] == [
        ("failed", "EXPORT_001")
    ] * 2
