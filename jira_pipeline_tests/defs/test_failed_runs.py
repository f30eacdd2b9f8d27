"""What a failing run leaves: the findings, who can act, and nothing beyond the failure."""

import re
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.runs import new_run_id
from jira_pipeline.context.waits import WaitReporter, shown_waits
from jira_pipeline.dagster_port.dagster_runs import DagsterRuns
from jira_pipeline.dagster_port.launchpad import next_line
from jira_pipeline.dagster_port.partitions import register_partition, upload_sessions
from jira_pipeline.dagster_port.steps import (
    FIRST_WAIT_SECONDS,
    LEASE_RETRIES,
    LEASE_WAIT_SECONDS,
    LONGEST_LEASE_WAIT_SECONDS,
    LONGEST_RETRY_WAIT_SECONDS,
    MAX_STEP_RETRIES,
    session_step,
    wait_seconds_of,
)
from jira_pipeline.defs.build import build_definitions
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import (
    CancelledError,
    ConfigurationError,
    DagsterStartingError,
    LeaseBusyError,
    PipelineError,
    RateLimitedError,
    RefusedError,
    StoreBusyError,
    StoreError,
    UnavailableError,
    WriterUnavailableError,
)
from jira_pipeline.model.sessions import SessionStage, SessionStatus, TicketProgress, WaitTarget
from jira_pipeline.review.open_session import open_session
from jira_pipeline.sessions import status
from jira_pipeline.sessions.upload import upload_inbox_folder
from jira_pipeline_tests import projects
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.unwritable_stores import full_disk


@pytest.fixture
def uploaded(project: Path, sheets: Path, pipeline: Pipeline) -> Pipeline:
    """The pipeline of a project with uploaded sheets that nothing has been written from."""
    projects.upload(project, sheets)
    return pipeline


def failure_of(result: dg.ExecuteInProcessResult, step: str) -> dict[str, object]:
    data = next(e for e in result.get_step_failure_events() if e.step_key == step)
    failure = data.step_failure_data.user_failure_data
    assert failure is not None
    return {key: value.value for key, value in failure.metadata.items()}


def test_blocking_findings_stop_the_run_after_the_files_with_all_of_them_stored(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    upload_inbox_folder(pipeline, projects.blank_view_ids(sheets))

    result = projects.execute(instance, project, "csv_to_jira", raise_on_error=False)

    made = {
        e.materialization.asset_key.to_user_string()
        for e in result.get_asset_materialization_events()
    }
    findings = pipeline.store.sessions.findings("museum")
    (error,) = pipeline.store.errors.list_all("museum")
    (check,) = [c for c in result.get_asset_check_evaluations() if not c.passed]
    run = instance.get_run_by_id(result.run_id)
    assert not result.success
    assert made == {"source_files"}
    assert (check.check_name, check.metadata["errors"].value) == ("files_readable", 15)
    assert run is not None
    assert [f.column for f in findings if f.severity == "error"] == ["View ID"] * 15
    assert (error.code, error.category, error.run_id) == (
        "sheets_refused",
        "user_fixable",
        result.run_id,
    )
    assert pipeline.store.sessions.get("museum").status is SessionStatus.FAILED
    assert pipeline.store.tickets.list_all("museum") == ()


def test_no_ticket_is_written_from_sheets_that_came_broken_after_the_first_step(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    """A re-execution from failure skips the check of what it reads."""
    upload_inbox_folder(pipeline, projects.blank_view_ids(sheets))
    register_partition(instance, "museum")
    job = build_definitions(project_path=project).resolve_job_def("generate_tickets")

    result = job.execute_in_process(
        instance=instance,
        partition_key="museum",
        asset_selection=[dg.AssetKey("tickets")],
        raise_on_error=False,
    )

    assert failure_of(result, "tickets")["code"] == "sheets_refused"
    assert pipeline.store.tickets.list_all("museum") == ()


def test_half_a_folder_does_not_approve_itself(
    project: Path, sheets: Path, pipeline: Pipeline, instance: dg.DagsterInstance
) -> None:
    """A copy that stalled became real issues, because the manifest asked for no review."""
    for path in sorted(sheets.glob("*.csv"))[4:]:
        path.unlink()
    projects.upload(project, sheets, auto_approve=True)

    result = projects.execute(instance, project, "csv_to_jira")

    logged = [entry.user_message for entry in instance.all_logs(result.run_id)]
    (waiting,) = [message for message in logged if "tickets wait for review" in message]
    assert "`jira-pipeline status museum` says why" in waiting
    assert waiting.count("in the Dagster UI (the metadata of `adf_validation`)") == 1
    assert waiting.count("adf_validation") == 1
    assert pipeline.store.ledger.targets_of("museum") == ()
    report = status.status(open_session(pipeline, "museum"))
    assert report.left.missing_sheets == ("fields",)
    assert not report.situation.approves_itself


def test_nothing_approves_itself_where_nobody_can_read_a_status(
    project: Path, sheets: Path, pipeline: Pipeline
) -> None:
    """A word for rows that are to go was read as blank, and what has it became an issue."""
    (roles,) = sheets.glob("*oles.csv")
    lines = roles.read_text("utf-8").splitlines(keepends=True)
    at = lines[0].rstrip().split(",").index("X")
    cells = lines[1].split(",")
    words = [*cells[:at], "scuttle it", *cells[at + 1 :]]
    roles.write_text("".join([lines[0], ",".join(words), *lines[2:]]), "utf-8")
    projects.upload(project, sheets, auto_approve=True)

    report = status.status(open_session(pipeline, "museum"))

    assert report.left.unread_statuses == ("scuttle it",)
    assert not report.situation.approves_itself
    waiting = [action_text(action) for action in report.left.actions("museum")]
    assert any("Nobody can read the status “scuttle it”" in text for text in waiting)


def outcomes_of(
    pipeline: Pipeline, instance: dg.DagsterInstance, *errors: PipelineError
) -> list[Exception]:
    """Raise errors in a step, one after the other, and return what Dagster is told of each."""
    outcomes: list[Exception] = []

    @dg.op
    def step(context: dg.OpExecutionContext) -> None:
        for error in errors:
            try:
                with session_step(context, pipeline, stage=SessionStage.JIRA_EXPORT):
                    raise error
            except (dg.RetryRequested, dg.Failure) as outcome:
                outcomes.append(outcome)

    run_step(step, instance)
    return outcomes


def run_step(
    step: dg.OpDefinition, instance: dg.DagsterInstance, **of_run: Any
) -> dg.ExecuteInProcessResult:
    """Run one step for the session, in a run of this id or with these tags."""

    @dg.job(partitions_def=upload_sessions)
    def work() -> None:
        step()

    instance.add_dynamic_partitions("upload_sessions", ["museum"])
    return work.execute_in_process(
        instance=instance, partition_key="museum", raise_on_error=False, **of_run
    )


def run_raising(
    error: BaseException, pipeline: Pipeline, instance: dg.DagsterInstance, **of_run: Any
) -> dg.ExecuteInProcessResult:
    @dg.op
    def step(context: dg.OpExecutionContext) -> None:
        with session_step(context, pipeline, stage=SessionStage.JIRA_EXPORT):
            raise error

    return run_step(step, instance, **of_run)


def run_once_raising(
    error: PipelineError, pipeline: Pipeline, instance: dg.DagsterInstance
) -> dg.ExecuteInProcessResult:
    """Run a step that fails once; it does not wait for its next try."""

    @dg.op
    def step(context: dg.OpExecutionContext) -> None:
        with (
            suppress(dg.RetryRequested),
            session_step(context, pipeline, stage=SessionStage.JIRA_EXPORT),
        ):
            raise error

    return run_step(step, instance)


@pytest.mark.parametrize(("number", "is_known"), [(3, True), (99, False), (None, False)])
def test_an_error_of_an_export_names_the_ticket_it_stopped_at(
    reviewed: Path, instance: dg.DagsterInstance, number: int | None, is_known: bool
) -> None:
    error = RefusedError("Jira said no.")
    error.failed_at_ticket_number = number
    with projects.opened(reviewed) as pipeline:
        outcomes_of(pipeline, instance, error)

        (stored,) = pipeline.store.errors.list_all("museum")
        third = pipeline.store.tickets.get("museum", 3)

    assert stored.ticket_id == (third.ticket_id if is_known else None)


@each(
    ("error", "wait_seconds", "retries"),
    [
        (RateLimitedError("Jira", wait_seconds=17.0), 17.0, MAX_STEP_RETRIES),
        (RateLimitedError("Jira", wait_seconds=259_200.0), 3600.0, MAX_STEP_RETRIES),
        (LeaseBusyError(target="SBX", holder="x"), LEASE_WAIT_SECONDS, LEASE_RETRIES),
        (UnavailableError("Jira is away."), FIRST_WAIT_SECONDS, MAX_STEP_RETRIES),
    ],
    ids=["as Jira asks", "days", "lease", "first wait"],
)
def test_a_temporary_error_asks_for_the_same_step_again(
    uploaded: Pipeline,
    instance: dg.DagsterInstance,
    error: PipelineError,
    wait_seconds: float,
    retries: int,
) -> None:
    (request,) = outcomes_of(uploaded, instance, error)

    assert isinstance(request, dg.RetryRequested)
    assert (request.seconds_to_wait, request.max_retries) == (wait_seconds, retries)
    session = uploaded.store.sessions.get("museum")
    assert session.status is SessionStatus.WAITING
    if not isinstance(error, UnavailableError):
        assert session.progress_text.startswith(f"{error.sentence} Next attempt at ")
    assert uploaded.store.errors.list_all("museum") == ()


STORE_AWAY = StoreBusyError("The database does not answer.")


@each(
    ("error", "words"),
    [
        (RateLimitedError("Jira", wait_seconds=17.0), "17 s"),
        (STORE_AWAY, "It should pass by itself."),
        (
            WriterUnavailableError(model="m", reason="Gone.", progress="", has_begun=True),
            "Gone.",
        ),
    ],
    ids=["Jira", "the store", "a model"],
)
def test_a_wait_is_said_at_the_terminal_and_in_the_log_of_the_run(
    uploaded: Pipeline, instance: dg.DagsterInstance, error: PipelineError, words: str
) -> None:
    """A step that waited for its store looked hung for a minute."""
    heard = list[str]()

    with shown_waits(heard.append), full_disk(uploaded) if error is STORE_AWAY else nullcontext():
        result = run_once_raising(error, uploaded, instance)

    (said,) = heard
    logged = [entry.user_message for entry in instance.all_logs(result.run_id)]
    assert said in logged
    assert said.startswith(error.sentence)
    assert words in said
    assert re.search(r"Trying again in [\d.]+ s, at [\d:]{8} UTC\.", said)


def test_a_wait_within_a_step_is_progress_and_said_at_the_terminal(uploaded: Pipeline) -> None:
    heard = list[str]()
    projects.show_run(uploaded, SessionStatus.RUNNING)

    with shown_waits(heard.append):
        waits = WaitReporter(uploaded, WaitTarget.WRITER)
    waits.show("museum", "The service has too much load.", 34.0)
    waits.show("", "A check of a model is of no session.", 5.0)

    first, second = heard
    assert re.fullmatch(r"Waits 34 s, until [\d:]{8} UTC: The service has too much load\.", first)
    assert second.startswith("Waits 5 s")
    session = uploaded.store.sessions.get("museum")
    assert session.progress_text == first
    assert session.wait is not None
    assert (session.wait.waiting_for, session.wait.cause.code) == (
        WaitTarget.WRITER, "writer_unavailable",
    )  # fmt: skip


def test_an_outage_says_when_jira_is_asked_next_and_what_exists_and_guesses_no_end(
    uploaded: Pipeline, instance: dg.DagsterInstance
) -> None:
    sessions = uploaded.store.sessions
    projects.show_run(uploaded, SessionStatus.RUNNING)
    progress = TicketProgress(
        ticket_id=None, ticket_title=None, done=10, failed=0, total=24, remaining_seconds=13.0
    )
    sessions.set_progress(
        "museum", percentage=42.0, text="", at=uploaded.clock.now(), details=progress
    )

    away = UnavailableError("[Errno 111] Connection refused")
    outcomes_of(uploaded, instance, away)
    first = sessions.get("museum").progress_text
    outcomes_of(uploaded, instance, away)

    session = sessions.get("museum")
    said = re.fullmatch(
        r"Jira has not answered since ([\d:]{8}) UTC: tried once, last at [\d:]{8}; next attempt at "
        r"[\d:]{8}\. 10 of 24 issues exist, and none will be created twice\.",
        session.progress_text,
    )
    assert said is not None
    assert f"since {said[1]} UTC: tried once, last at" in first
    assert session.progress_details is not None
    assert session.progress_details.remaining_seconds is None
    assert session.wait is not None
    assert (session.wait.waiting_for, session.wait.cause.code) == (
        WaitTarget.JIRA, "jira_unavailable",
    )  # fmt: skip
    assert session.wait.retry_at > session.updated_at


def test_a_wait_that_nobody_knows_the_cause_of_is_not_called_sharedos(
    uploaded: Pipeline, instance: dg.DagsterInstance
) -> None:
    outcomes_of(uploaded, instance, DagsterStartingError())

    session = uploaded.store.sessions.get("museum")
    assert session.wait is not None
    assert session.wait.waiting_for is WaitTarget.UNKNOWN


def test_a_writer_that_is_not_there_ends_the_run_at_once(
    uploaded: Pipeline, instance: dg.DagsterInstance
) -> None:
    """Nothing has begun, so nobody waits for it; one that goes away while it writes is waited for."""
    absent, gone = (
        WriterUnavailableError(model="m", reason="Gone.", progress="", has_begun=has_begun)
        for has_begun in (False, True)
    )

    at_once, waited = outcomes_of(uploaded, instance, absent, gone)

    assert isinstance(at_once, dg.Failure)
    assert not at_once.allow_retries
    assert isinstance(waited, dg.RetryRequested)
    assert [e.code for e in uploaded.store.errors.list_all("museum")] == ["writer_unavailable"]


@each("error_class", [ConfigurationError, StoreError])
def test_an_error_for_an_administrator_fails_the_step_for_good(
    uploaded: Pipeline, instance: dg.DagsterInstance, error_class: type[PipelineError]
) -> None:
    error = error_class("It is broken.", recovery_actions=("Mend it.", "Run it again."))

    (failure,) = outcomes_of(uploaded, instance, error)

    assert isinstance(failure, dg.Failure)
    assert not failure.allow_retries
    assert failure.description == "It is broken.\n1. Mend it.\n2. Run it again."
    assert {key: value.value for key, value in failure.metadata.items()} == {
        "category": "admin_required",
        "code": error_class.code,
        "message": "It is broken.",
        "recovery_actions": "1. Mend it.\n2. Run it again.",
    }


FULL = StoreError("The disk is full." * 10_000, recovery_actions=("Make room.",))
REFUSED = RefusedError("No." * 10_000)


@pytest.mark.parametrize(
    ("error", "reason", "is_cancelled"),
    [
        pytest.param(FULL, FULL.message, False, id="ours"),
        pytest.param(REFUSED, REFUSED.message, False, id="another's"),
        pytest.param(KeyError("canary-token-7f3a"), "KeyError", False, id="a mistake: its kind"),
        pytest.param(
            dg.DagsterExecutionInterruptedError(),
            "DagsterExecutionInterruptedError",
            True,
            id="Ctrl-C",
        ),
    ],
)
def test_an_end_that_cannot_be_stored_is_reported_and_its_run_found_dead(
    uploaded: Pipeline,
    instance: dg.DagsterInstance,
    error: BaseException,
    reason: str | None,
    *,
    is_cancelled: bool,
) -> None:
    """On a full disk the export ended without a reason, and its session ran for ever.

    Ctrl-C in the middle of a transaction left the store locked for the step.
    """
    run_locks, run_id = uploaded.store.run_locks, new_run_id()

    with run_locks.hold(run_id), full_disk(uploaded):
        result = run_raising(error, uploaded, instance, run_id=run_id)

    outcome = DagsterRuns(instance, uploaded).outcome(result.run_id)
    assert outcome is not None
    assert (outcome.reason, outcome.is_cancelled) == (reason, is_cancelled)
    if isinstance(error, PipelineError):
        assert outcome.recovery_actions == tuple(map(action_text, error.recovery_actions))
        assert run_locks.find_dead_runs([run_id]) == {run_id: True}
        assert uploaded.store.errors.list_all("museum") == ()


def test_a_writing_that_broke_off_is_not_resumed_by_an_export(uploaded: Pipeline) -> None:
    """Dagster's log named the job `export_to_jira`, which refused a session without tickets."""
    projects.show_run(uploaded, SessionStatus.FAILED, stage=SessionStage.PROCESSING, run_id="r")

    line = next_line(open_session(uploaded, "museum"))

    assert line == "Next: Resume: the same job again."


def test_a_wait_that_cannot_be_stored_leaves_no_run_for_dead_that_ends_well(
    uploaded: Pipeline, instance: dg.DagsterInstance
) -> None:
    """PostgreSQL went and came back: 84 tickets were valid, and `status` said failed for ever."""
    run_locks = uploaded.store.run_locks

    @dg.op
    def step(context: dg.OpExecutionContext) -> None:
        is_away = context.retry_number == 0
        with (
            full_disk(uploaded) if is_away else nullcontext(),
            session_step(context, uploaded, stage=SessionStage.PROCESSING),
        ):
            if is_away:
                raise RateLimitedError("The store" * 10_000, wait_seconds=0.0)

    run_id = new_run_id()
    with run_locks.hold(run_id):
        result = run_step(step, instance, run_id=run_id)

    assert result.success
    assert not run_locks.is_dead(run_id)


def test_whoever_waits_for_its_turn_at_a_project_does_not_fail_by_waiting_long(
    uploaded: Pipeline, instance: dg.DagsterInstance
) -> None:
    """Of many sessions of one project, the later ones failed after some two minutes."""
    requests: list[dg.RetryRequested] = []

    @dg.op
    def step(context: dg.OpExecutionContext) -> None:
        is_busy = context.retry_number == MAX_STEP_RETRIES
        busy, asked = LeaseBusyError(target="SBX", holder="x"), RateLimitedError("", wait_seconds=0)
        try:
            with session_step(context, uploaded, stage=SessionStage.JIRA_EXPORT):
                raise busy if is_busy else asked
        except dg.RetryRequested as request:
            if not is_busy:
                raise
            requests.append(request)

    run_step(step, instance)

    assert [request.max_retries for request in requests] == [LEASE_RETRIES]
    assert requests[0].seconds_to_wait == LONGEST_LEASE_WAIT_SECONDS
    assert uploaded.store.sessions.get("museum").status is SessionStatus.WAITING
    assert uploaded.store.errors.list_all("museum") == ()


def test_a_wait_that_was_in_vain_is_stored_once(
    uploaded: Pipeline, instance: dg.DagsterInstance
) -> None:
    """Of two exports at once, both in the end done, one left an error."""
    result = run_raising(RateLimitedError("Jira", wait_seconds=0.0), uploaded, instance)

    (error,) = uploaded.store.errors.list_all("museum")
    assert not result.success
    assert (error.code, error.run_id) == ("rate_limited", result.run_id)
    assert uploaded.store.sessions.get("museum").status is SessionStatus.WAITING


@each(
    ("error", "status"),
    [
        pytest.param(CancelledError("Cancelled."), SessionStatus.CANCELLED, id="by request"),
        pytest.param(
            dg.DagsterExecutionInterruptedError(), SessionStatus.CANCELLED, id="by Terminate"
        ),
        pytest.param(KeyError("canary-token-7f3a"), SessionStatus.FAILED, id="a mistake of ours"),
    ],
)
def test_however_a_step_ends_its_session_does_not_stay_running(
    uploaded: Pipeline, instance: dg.DagsterInstance, error: BaseException, status: SessionStatus
) -> None:
    run_raising(error, uploaded, instance)

    session = uploaded.store.sessions.get("museum")
    errors = uploaded.store.errors.list_all("museum")
    assert (session.stage, session.status) == (SessionStage.JIRA_EXPORT, status)
    assert [e.message for e in errors if "canary" in e.message] == []


def test_the_wait_grows_and_is_capped() -> None:
    """Also of what failed after it had waited for its turn for hours: that number is a step's."""
    numbers = (*range(6), LEASE_RETRIES)

    waits = [wait_seconds_of(UnavailableError("Away."), retry_number=n) for n in numbers]

    assert waits == [2.0, 4.0, 8.0, 16.0, 32.0, *[LONGEST_RETRY_WAIT_SECONDS] * 2]


@each(("asked", "expected"), [(40.0, 40.0), (None, 8.0), (1e300, 900.0)])
def test_a_model_that_asks_to_wait_is_waited_for_as_long_as_is_sensible(
    asked: float | None, expected: float
) -> None:
    error = WriterUnavailableError(
        model="openai:small", reason="Too many requests.", progress="", wait_seconds=asked
    )

    assert wait_seconds_of(error, retry_number=2) == expected
