"""What Dagster does about ShareDo: interrupted exports."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.model.sharedo_jobs import ExportJob
from jira_pipeline_tests.sharedo.export_world import MATTER


def test_an_interrupted_export_is_carried_on_with(project: Path, pipeline: Pipeline) -> None:
    """Its process was gone before it sent anything."""
    pipeline.store.sharedo_jobs.open_job(
        ExportJob(
            job_id="a1",
            parameters=MATTER,
            created_at=pipeline.clock.now() - timedelta(minutes=2),
            estimated_seconds=5.0,
        )
    )

    definitions = build_definitions(project_path=project)
    recovered = definitions.resolve_job_def("recover_sharedo_exports").execute_in_process()

    job = pipeline.store.sharedo_jobs.get("a1")
    assert recovered.success
    assert job is not None
    assert job.package is not None


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
