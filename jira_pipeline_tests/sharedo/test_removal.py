"""What becomes of exports: removed by time, never what is in use."""

from dataclasses import replace
from datetime import datetime, timedelta

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.sharedo_jobs import ExportJob, JobState, Package
from jira_pipeline.sharedo.export_jobs import forget_exports
from jira_pipeline_tests.sharedo.export_world import MATTER


def kept(
    pipeline: Pipeline,
    job_id: str,
    *,
    days: float,
    state: JobState = JobState.COMPLETED,
    environment: str = "development",
) -> ExportJob:
    """Keep a job of some days ago with a package."""
    at = ago(pipeline, days)
    job = ExportJob(
        job_id=job_id,
        parameters=replace(MATTER, environment=environment),
        state=state,
        created_at=at,
        finished_at=None if state is JobState.RUNNING else at,
        estimated_seconds=30.0,
        package=Package(file_name=f"export_{job_id}.zip", sha256="0" * 64, size_bytes=1),
    )
    pipeline.settings.sharedo_path.mkdir(parents=True, exist_ok=True)
    (pipeline.settings.sharedo_path / f"export_{job_id}.zip").write_bytes(b"x")
    return pipeline.store.sharedo_jobs.open_job(job)


def ago(pipeline: Pipeline, days: float) -> datetime:
    return pipeline.clock.now() - timedelta(days=days)


def left(pipeline: Pipeline) -> tuple[list[str], list[str]]:
    ids = [job.job_id for job in pipeline.store.sharedo_jobs.list_all()]
    return ids, sorted(path.stem for path in pipeline.settings.sharedo_path.iterdir())


def _limited(pipeline: Pipeline) -> Pipeline:
    """The same with RETENTION_DAYS=7."""
    settings = pipeline.settings.model_copy(update={"retention_days": 7.0})
    return replace(pipeline, settings=settings)


def test_no_export_goes_where_nobody_set_how_long_they_are_kept(pipeline: Pipeline) -> None:
    kept(pipeline, "a1", days=4_000)

    assert forget_exports(pipeline) == ()
    assert left(pipeline) == (["a1"], ["export_a1"])


def test_old_exports_go_with_their_packages(pipeline: Pipeline) -> None:
    pipeline = _limited(pipeline)
    kept(pipeline, "a1", days=20)
    kept(pipeline, "f1", days=9, state=JobState.FAILED)
    kept(pipeline, "t1", days=1, environment="test")

    removed = forget_exports(pipeline)

    assert sorted(removed) == ["a1", "f1"]
    assert left(pipeline) == (["t1"], ["export_t1"])


def test_an_open_export_stays_however_old_it_is(pipeline: Pipeline) -> None:
    pipeline = _limited(pipeline)
    kept(pipeline, "a1", days=20, state=JobState.RUNNING)

    assert forget_exports(pipeline) == ()
