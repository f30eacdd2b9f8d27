"""What Dagster does about ShareDo: interrupted exports."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.model.sharedo_jobs import ExportJob, JobError
from jira_pipeline.sharedo.definitions import recovery_wanted
from jira_pipeline.sharedo.jobs.tools import lock_name
from jira_pipeline_tests.sharedo.export_world import MATTER


@pytest.fixture
def waiting(pipeline: Pipeline) -> ExportJob:
    """A job whose process was gone before it sent anything, two minutes ago."""
    return pipeline.store.sharedo_jobs.open_job(
        ExportJob(
            job_id="a1",
            parameters=MATTER,
            created_at=pipeline.clock.now() - timedelta(minutes=2),
            estimated_seconds=5.0,
        )
    )


@pytest.mark.usefixtures("waiting")
def test_an_interrupted_export_is_carried_on_with(project: Path, pipeline: Pipeline) -> None:
    [request] = recovery_wanted(pipeline)
    definitions = build_definitions(project_path=project)
    recovered = definitions.resolve_job_def("recover_sharedo_exports").execute_in_process()

    job = pipeline.store.sharedo_jobs.get("a1")
    assert request.job_name == "recover_sharedo_exports"
    assert recovered.success
    assert job is not None
    assert job.package is not None
    assert recovery_wanted(pipeline) == ()


def test_a_component_that_is_not_there_does_not_fail_the_recovering_run(
    project: Path, pipeline: Pipeline
) -> None:
    """A comparison asks both environments for the same: that one lacks it is its answer."""
    lacking = replace(MATTER, environment="test", system_name="employment-tribunal")
    for number, wanted in enumerate((lacking, replace(lacking, includes_dependencies=True))):
        pipeline.store.sharedo_jobs.open_job(
            ExportJob(
                job_id=f"a{number}",
                parameters=wanted,
                created_at=pipeline.clock.now() - timedelta(minutes=2),
                estimated_seconds=5.0,
            )
        )

    definitions = build_definitions(project_path=project)
    recovered = definitions.resolve_job_def("recover_sharedo_exports").execute_in_process()

    assert recovered.success
    jobs = pipeline.store.sharedo_jobs.list_all()
    assert [(job.state, job.error and job.error.code) for job in jobs] == [
        ("failed", "EXPORT_001")
    ] * 2


def test_an_export_that_a_process_works_on_is_left_to_it(
    pipeline: Pipeline, waiting: ExportJob
) -> None:
    with pipeline.store.run_locks.hold(lock_name(waiting)):
        assert recovery_wanted(pipeline) == ()


def test_a_doubt_that_a_person_has_to_decide_is_left_alone(
    pipeline: Pipeline, waiting: ExportJob
) -> None:
    sent = replace(waiting, intent_count=1, sent_at=pipeline.clock.now())
    pipeline.store.sharedo_jobs.commit_intent(sent)
    named = JobError(code="EXPORT_001", message="?", is_recoverable=False)
    pipeline.store.sharedo_jobs.record(replace(sent, error=named))

    assert recovery_wanted(pipeline) == ()


def test_an_export_that_was_just_asked_for_is_left_to_who_asked(pipeline: Pipeline) -> None:
    pipeline.store.sharedo_jobs.open_job(
        ExportJob(
            job_id="b2", parameters=MATTER, created_at=pipeline.clock.now(), estimated_seconds=5.0
        )
    )

    assert recovery_wanted(pipeline) == ()
