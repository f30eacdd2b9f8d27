"""Uploading with nothing but Dagster: the job `upload_session`."""

import logging
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.job_base import InMemoryJob  # noqa: TID251 - as a run's process does
from dagster._core.execution.api import execute_run  # noqa: TID251 - as a run's process does
from dagster._core.remote_origin import (  # noqa: TID251 - what a webserver gives a run
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.run_statuses import EndedRun, RunEnd, notification_for
from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.dagster_port.partitions import register_partition, remove_partition
from jira_pipeline.defs.build import build_definitions, job_named
from jira_pipeline.defs.sessions.upload_sensor import upload_sensor
from jira_pipeline.model.runs import RunEvent
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline_tests import projects
from jira_pipeline_tests.defs.looks import evaluated, requests_of


def ran(
    instance: dg.DagsterInstance,
    project: Path,
    job_name: str = "generate_tickets",
    *,
    op: str = "intake",
    partition_key: str | None = None,
    **config: object,
) -> dg.ExecuteInProcessResult:
    """Execute a job whose first step is told what people fill in: without a partition, a folder."""
    job = build_definitions(project_path=project).resolve_job_def(job_name)
    return job.execute_in_process(
        instance=instance,
        partition_key=partition_key,
        run_config={"ops": {op: {"config": config}}},
        raise_on_error=False,
    )


def uploaded(
    instance: dg.DagsterInstance, project: Path, **config: Any
) -> dg.ExecuteInProcessResult:
    """Execute the job that takes a folder, as `dagster job execute` does: of no code location."""
    return ran(instance, project, "upload_session", op="register_session", **config)


ASSETS = (
    "source_files",
    "entities",
    "entity_groups",
    "tickets",
    "adf_validation",
    "jira_issues",
    "export_report",
)
CHECKS = [
    "adf_valid",
    "files_readable",
    "issues_match_tickets",
    "ledger_matches_jira",
    "no_handmade_issues",
    "references_resolved",
    "tables_match_rows",
    "ticket_quality",
]


def test_a_folder_becomes_a_session_and_a_partition_and_its_tickets_follow(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    asked = {"folder": str(sheets), "session_key": "clocks"}

    result = ran(instance, project, "upload_session", op="register_session", **asked)

    assert result.success
    assert instance.get_dynamic_partitions("upload_sessions") == ["clocks"]
    assert not pipeline.store.sessions.get("clocks").manifest.auto_approve
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    assert run.tags["dagster/partition"] == "clocks"
    assert requests_of(evaluated(instance, upload_sensor)) == [("clocks", "generate_tickets")]


def refusal_of(result: dg.ExecuteInProcessResult) -> str:
    (event,) = result.get_step_failure_events()
    told, error = event.step_failure_data.user_failure_data, event.step_failure_data.error
    assert error is not None
    assert error.stack == []
    return (told and told.description) or ""


def test_a_folder_goes_to_issues_in_one_run(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    """A second run inside its step was queued by nobody, and could be neither ended nor executed again."""
    result = uploaded(instance, project, folder=str(sheets), auto_approve=True, then="export")

    assert result.success
    assert len(instance.get_run_records()) == 1
    session = pipeline.store.sessions.get("museum")
    assert session.stage is SessionStage.COMPLETED
    materialized = {
        name: instance.get_latest_materialization_event(dg.AssetKey(name)) for name in ASSETS
    }
    assert {
        name: event and event.dagster_event and event.dagster_event.partition
        for name, event in materialized.items()
    } == dict.fromkeys(ASSETS, "museum")
    logged = instance.all_logs(result.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    evaluated_checks = [
        record.dagster_event.asset_check_evaluation_data.check_name
        for record in logged
        if record.dagster_event is not None
    ]
    assert sorted(evaluated_checks) == CHECKS


def test_what_follows_an_upload_is_chosen(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    assert uploaded(instance, project, folder=str(sheets), then="nothing").success
    assert pipeline.store.sessions.get("museum").generated_at is None
    assert requests_of(evaluated(instance, upload_sensor)) == []

    assert uploaded(instance, project, session_key="museum", then="generate").success
    session = pipeline.store.sessions.get("museum")
    assert session.generated_at is not None
    assert (session.stage, session.status) == (SessionStage.REVIEW, SessionStatus.WAITING)
    assert pipeline.store.ledger.targets_of("museum") == ()


def test_under_a_code_location_an_upload_requests_the_run_that_follows(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    config = {"folder": str(sheets), "then": "export"}
    job = build_definitions(project_path=project).resolve_job_def("upload_session")
    run = instance.create_run_for_job(
        job,
        run_config={"ops": {"register_session": {"config": config}}},
        tags=job.tags,
        remote_job_origin=RemoteJobOrigin(
            repository_origin=RemoteRepositoryOrigin(
                code_location_origin=RegisteredCodeLocationOrigin("here"), repository_name="ours"
            ),
            job_name=job.name,
        ),
    )

    result = execute_run(InMemoryJob(job), run, instance)

    assert result.success
    (request,) = pipeline.store.run_requests.unstarted()
    assert (request.session_key, request.job_name) == ("museum", "csv_to_jira")
    assert pipeline.store.sessions.get("museum").generated_at is None


def test_an_upload_says_what_it_lacks(
    project: Path, tmp_path: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    folder = str(tmp_path / "nowhere")
    for config, words in (
        ({}, "names neither a folder nor a session"),
        ({"folder": folder}, "is neither a folder nor a workbook"),
        ({"session_key": "clocks"}, "There is no session"),
    ):
        assert words in refusal_of(uploaded(instance, project, **config))
    assert pipeline.store.sessions.list_all() == ()


def test_a_run_of_a_session_that_names_a_folder_says_which_job_takes_it(
    sheets: Path, pipeline: Pipeline
) -> None:
    """It ended with an error for each of its fourteen steps."""
    config = {"ops": {"intake": {"config": {"folder": str(sheets)}}}}

    refusal, has_trace = executed("csv_to_jira", run_config=config)

    assert "launch the job upload_session" in refusal
    assert "dagster job execute -m jira_pipeline.definitions -j upload_session" in refusal
    assert str(sheets) in refusal
    assert not has_trace
    with opened_instance() as instance:
        (run,) = instance.get_runs()
        logs = instance.all_logs(run.run_id)
    assert [entry.step_key for entry in logs if int(entry.level) >= logging.ERROR] == [None]
    assert pipeline.store.sessions.list_all() == ()


def test_a_folder_beside_a_partition_is_refused(
    project: Path, sheets: Path, instance: dg.DagsterInstance
) -> None:
    """It was left out without a word, and the job ran for the session of the partition."""
    projects.upload(project, sheets)
    register_partition(instance, projects.SESSION)

    result = ran(instance, project, partition_key=projects.SESSION, folder="/another")

    assert "its config names /another: nothing was read" in refusal_of(result)


def test_a_folder_that_waits_for_review_ends_as_done(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    """Nothing was wrong, and two runs failed with 22 lines of errors."""
    result = uploaded(instance, project, folder=str(sheets), then="export")

    assert result.success
    assert {record.dagster_run.status for record in instance.get_run_records()} == {
        dg.DagsterRunStatus.SUCCESS
    }
    session = pipeline.store.sessions.get("museum")
    assert (session.stage, session.status) == (SessionStage.REVIEW, SessionStatus.WAITING)
    assert pipeline.store.errors.list_all("museum") == ()
    ended = EndedRun(run_id=result.run_id, end=RunEnd.SUCCEEDED, ended_at=session.updated_at)
    assert notification_for(session, ended, is_validation=False) is RunEvent.READY_FOR_REVIEW
    (observed,) = instance.fetch_observations(dg.AssetKey("jira_issues"), limit=5).records
    assert observed.asset_observation is not None
    assert observed.asset_observation.metadata["waits_for"].value == "not_ready"


def test_an_export_of_what_waits_for_review_fails_with_its_reason(
    project: Path, sheets: Path, instance: dg.DagsterInstance
) -> None:
    """The log said what is exported before, and the reason named one place twice."""
    projects.upload(project, sheets)
    written = projects.execute(instance, project, "generate_tickets")
    validated = projects.execute(instance, project, "validate_adf")

    result = projects.execute(instance, project, "export_to_jira", raise_on_error=False)

    refusal = refusal_of(result)
    assert "tickets wait for review" in refusal
    assert refusal.count("adf_validation") == 1
    assert "Exporting" not in words_of(instance, result)
    assert " written anew, 0 rewritten." in words_of(instance, written)
    assert "rewritten" not in words_of(instance, validated)


def words_of(instance: dg.DagsterInstance, result: dg.ExecuteInProcessResult) -> str:
    """Return what the steps of a run logged."""
    logged = instance.all_logs(result.run_id)
    return "\n".join(one.user_message for one in logged if not one.is_dagster_event)


def test_a_folder_is_said_to_be_there_already_changed_or_in_another_session(
    project: Path, sheets: Path, instance: dg.DagsterInstance
) -> None:
    def said(**config: str) -> list[str]:
        result = uploaded(instance, project, folder=str(sheets), **config)
        assert result.success
        logged = [one.user_message for one in instance.all_logs(result.run_id)]
        return [one for one in logged if one.startswith(("Session ", "Same specification"))]

    assert said() == ["Session museum registered."]
    assert said() == ["Session museum unchanged."]
    projects.rename_a_field(sheets)
    assert said() == ["Session museum replaced."]


ABOUT_ONE = ("csv_to_jira", "generate_tickets", "validate_adf", "export_to_jira", "session_action")
TOLD_WHAT = ("sharedo_to_tickets",)
OF_FOLDERS = "upload_session"
UPKEEP = ("compare_with_jira", "remove_expired_sessions", "recover_sharedo_exports")
LACKS = "This job works on one session, and the run names none. Known: museum.\n1. Choose a partition in the UI, or add `--partition KEY` to `dg launch`, or `--tags "


def executed(
    job_name: str,
    *,
    tags: Mapping[str, str] | None = None,
    run_config: Mapping[str, Any] | None = None,
) -> tuple[str, bool]:
    """Run a job as `dagster job execute` does: what it says, and whether a trace comes with it."""
    job = dg.build_reconstructable_job(job_named.__module__, job_named.__name__, (job_name,))
    try:
        with (
            opened_instance() as instance,
            dg.execute_job(job, instance=instance, tags=tags, run_config=run_config) as result,
        ):
            failed = [one for one in result.all_events if one.is_failure or one.is_step_failure]
    except dg.DagsterInvalidConfigError as refused:
        return str(refused), False
    errors = [
        one.step_failure_data.error if one.is_step_failure else one.job_failure_data.error
        for one in failed
    ]
    told = [one for one in errors if one is not None]
    return "".join(one.message for one in told), any(one.stack for one in told)


@pytest.mark.usefixtures("reviewed")
def test_every_job_says_what_it_lacks_without_a_trace() -> None:
    """Dagster itself asks for the partition before a step begins, and ended in 140 lines."""
    jobs = {job.name for job in build_definitions().jobs or ()}
    assert jobs == {*ABOUT_ONE, *TOLD_WHAT, *UPKEEP, OF_FOLDERS}

    told = {name: executed(name) for name in jobs}
    with opened_instance() as instance:
        remove_partition(instance, projects.SESSION)
    of_session = {"dagster/partition": projects.SESSION}
    deleted = {name: executed(name, tags=of_session) for name in ABOUT_ONE}
    unknown = {name: executed(name, tags={"dagster/partition": "nonesuch"}) for name in ABOUT_ONE}
    with opened_instance() as instance:
        runs = [run for run in instance.get_runs() if run.job_name in ABOUT_ONE]

    assert [name for name in ABOUT_ONE if LACKS not in told[name][0]] == []
    assert [
        name for name in TOLD_WHAT if "Missing required config entry" not in told[name][0]
    ] == []
    assert "names neither a folder nor a session" in told[OF_FOLDERS][0]
    assert [name for name in UPKEEP if told[name][0]] == []
    neither = "'nonesuch' is neither a session of this data folder nor a partition"
    assert [name for name in ABOUT_ONE if neither not in unknown[name][0]] == []
    gone = "its partition was deleted from this Dagster instance.\n1. To register it again, launch"
    assert [name for name in ABOUT_ONE if gone not in deleted[name][0]] == []
    told_of = (told, deleted, unknown)
    assert [name for said in told_of for name, (_, has_trace) in said.items() if has_trace] == []
    retries = [(run.job_name, run.tags.get("dagster/max_retries")) for run in runs]
    assert Counter(retries) == {(name, "0"): len(told_of) for name in ABOUT_ONE}
