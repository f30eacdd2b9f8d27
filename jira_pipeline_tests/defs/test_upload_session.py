"""Uploading with nothing but Dagster: the job `upload_session`."""

from pathlib import Path

import dagster as dg

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.defs.sensors import upload_sensor


def upload(
    instance: dg.DagsterInstance, project: Path, **config: object
) -> dg.ExecuteInProcessResult:
    job = build_definitions(project_path=project).resolve_job_def("upload_session")
    return job.execute_in_process(
        instance=instance,
        run_config={"ops": {"register_session": {"config": config}}},
        raise_on_error=False,
    )


def test_a_folder_becomes_a_session_and_a_partition_and_its_tickets_follow(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    result = upload(instance, project, folder=str(sheets), session_key="clocks")

    assert result.success
    assert instance.get_dynamic_partitions("upload_sessions") == ["clocks"]
    assert not pipeline.store.sessions.get("clocks").manifest.auto_approve
    with dg.build_sensor_context(instance=instance) as context:
        followed = upload_sensor(context)
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.tags["dagster/partition"] == "clocks"
    assert isinstance(followed, dg.SensorResult)
    assert [(one.job_name, one.partition_key) for one in followed.run_requests or ()] == [
        ("generate_tickets", "clocks")
    ]


def test_a_failed_upload_ends_with_its_reason(
    project: Path, tmp_path: Path, instance: dg.DagsterInstance
) -> None:
    result = upload(instance, project, folder=str(tmp_path / "nowhere"))

    (event,) = result.get_step_failure_events()
    error = event.step_failure_data.error
    assert error is not None
    assert "is neither a folder nor a workbook" in error.to_string()
