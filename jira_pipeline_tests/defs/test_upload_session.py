"""Uploading with nothing but Dagster: the job `upload_session`."""

from collections import Counter
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.instance import opened_instance
from jira_pipeline.dagster_port.partitions import register_partition, remove_partition
from jira_pipeline.defs.build import build_definitions, job_named
from jira_pipeline.defs.sessions.automation import upload_sensor
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


def test_a_job_of_sessions_takes_a_folder(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    assert ran(instance, project, folder=str(sheets), session_key="clocks").success
    session = pipeline.store.sessions.get("clocks")
    assert session.generated_at is not None
    assert ran(instance, project, session_key="clocks").success
    [first, *_, last] = instance.get_run_records()
    assert {r.dagster_run.tags.get("dagster/partition") for r in (first, last)} == {"clocks", None}
    # of a lost process only the first is executed again, which finds the session and goes on
    retries = [r.dagster_run.tags.get("dagster/max_retries") for r in instance.get_run_records()]
    assert retries == ["0", None, "0", None]


def test_a_job_of_sessions_says_what_it_lacks(
    project: Path, tmp_path: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    folder = str(tmp_path / "nowhere")
    for config, words in (
        ({}, "the run names none. Known: none."),
        ({"folder": folder}, "is neither a folder nor a workbook"),
        ({"session_key": "clocks"}, "There is no session"),
    ):
        assert words in refusal_of(ran(instance, project, **config))
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
    result = ran(instance, project, "csv_to_jira", folder=str(sheets))

    assert result.success
    assert {record.dagster_run.status for record in instance.get_run_records()} == {
        dg.DagsterRunStatus.SUCCESS
    }
    session = pipeline.store.sessions.get("museum")
    assert (session.stage, session.status) == (SessionStage.REVIEW, SessionStatus.WAITING)
    assert pipeline.store.errors.list_all("museum") == ()
    (observed,) = instance.fetch_observations(dg.AssetKey("jira_issues"), limit=5).records
    assert observed.asset_observation is not None
    assert observed.asset_observation.metadata["waits_for"].value == "not_ready"


def test_an_export_of_what_waits_for_review_fails_with_its_reason(
    project: Path, sheets: Path, instance: dg.DagsterInstance
) -> None:
    projects.upload(project, sheets)
    projects.execute(instance, project, "generate_tickets")

    result = projects.execute(instance, project, "export_to_jira", raise_on_error=False)

    assert "tickets wait for review" in refusal_of(result)


def test_a_folder_is_said_to_be_there_already_changed_or_in_another_session(
    project: Path, sheets: Path, instance: dg.DagsterInstance
) -> None:
    def said(**config: str) -> list[str]:
        result = ran(instance, project, folder=str(sheets), **config)
        assert result.success
        logged = [one.user_message for one in instance.all_logs(result.run_id)]
        return [one for one in logged if one.startswith(("Session ", "Same specification"))]

    assert said() == ["Session museum registered."]
    assert said() == ["Session museum unchanged."]
    projects.rename_a_field(sheets)
    assert said() == ["Session museum replaced."]


ABOUT_ONE = ("csv_to_jira", "generate_tickets", "validate_adf", "export_to_jira", "session_action")
TOLD_WHAT = ("upload_session", "sharedo_to_tickets")
UPKEEP = ("compare_with_jira", "remove_expired_sessions", "recover_sharedo_exports")
LACKS = "This job works on one session, and the run names none. Known: museum.\n1. Choose a partition in the UI, or add `--partition KEY` to `dg launch`, or `--tags "


def executed(job_name: str, **tags: str) -> tuple[str, bool]:
    """Run a job as `dagster job execute` does: what it says, and whether a trace comes with it."""
    job = dg.build_reconstructable_job(job_named.__module__, job_named.__name__, (job_name,))
    try:
        with (
            opened_instance() as instance,
            dg.execute_job(job, instance=instance, tags=tags) as result,
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
    assert jobs == {*ABOUT_ONE, *TOLD_WHAT, *UPKEEP}

    told = {name: executed(name) for name in jobs}
    with opened_instance() as instance:
        remove_partition(instance, projects.SESSION)
    of_session = {"dagster/partition": projects.SESSION}
    deleted = {name: executed(name, **of_session) for name in ABOUT_ONE}
    unknown = {name: executed(name, **{"dagster/partition": "nonesuch"}) for name in ABOUT_ONE}
    with opened_instance() as instance:
        runs = [run for run in instance.get_runs() if run.job_name in ABOUT_ONE]

    assert [name for name in ABOUT_ONE if LACKS not in told[name][0]] == []
    assert [
        name for name in TOLD_WHAT if "Missing required config entry" not in told[name][0]
    ] == []
    assert [name for name in UPKEEP if told[name][0]] == []
    neither = "'nonesuch' is neither a session of this data folder nor a partition"
    assert [name for name in ABOUT_ONE if neither not in unknown[name][0]] == []
    gone = "its partition was deleted from this Dagster instance.\n1. To register it again, launch"
    assert [name for name in ABOUT_ONE if gone not in deleted[name][0]] == []
    told_of = (told, deleted, unknown)
    assert [name for said in told_of for name, (_, has_trace) in said.items() if has_trace] == []
    retries = [(run.job_name, run.tags.get("dagster/max_retries")) for run in runs]
    assert Counter(retries) == {(name, "0"): len(told_of) for name in ABOUT_ONE}
