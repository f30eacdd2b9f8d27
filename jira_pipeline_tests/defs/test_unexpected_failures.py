"""A run that fails in Dagster's own code, or beside what its steps do, says by which error."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy.exc import OperationalError

from jira_pipeline.cli.console import ExitCode, exit_code_of
from jira_pipeline.context.logs import logged_about
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.dagster_port.dagster_runs import DagsterRuns
from jira_pipeline.dagster_port.partitions import PARTITION_TAG, register_partition
from jira_pipeline.dagster_port.steps import (
    PipelineResource,
    in_process,
    session_step,
    with_traces,
)
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run

pytestmark = pytest.mark.small_site
CANARY = "canary-token-7f3a"
FAILURE_TAG = "failure"


def _cannot_be_serialized(context: dg.OpExecutionContext) -> None:
    """Have Dagster write an event that its own serializer refuses."""
    context.add_output_metadata({CANARY: SessionStage.PROCESSING})


def _finds_no_database(_context: dg.OpExecutionContext) -> None:
    raise OperationalError(CANARY, None, ConnectionError(CANARY))


def _is_mistaken(_context: dg.OpExecutionContext) -> None:
    raise KeyError(CANARY)


FAILURES: Mapping[str, Callable[[dg.OpExecutionContext], None]] = {
    function.__name__: function
    for function in (_cannot_be_serialized, _finds_no_database, _is_mistaken)
}


@dg.op
def step(context: dg.OpExecutionContext, pipeline: PipelineResource) -> None:
    """Show the session at work, then fail as a tag of the run says."""
    opened = pipeline.opened()
    with session_step(context, opened, stage=SessionStage.PROCESSING) as session:
        opened.store.sessions.set_stage(
            session.key,
            stage=SessionStage.PROCESSING,
            status=SessionStatus.RUNNING,
            at=opened.clock.now(),
            run_id=context.run_id,
        )
        if FAILURE_TAG not in context.run.tags:
            message = "It is broken."
            raise ConfigurationError(message, recovery_actions=("Mend it.",))
    FAILURES[context.run.tags[FAILURE_TAG]](context)


@dg.job(executor_def=in_process, resource_defs={"pipeline": PipelineResource()})
def work() -> None:
    """Run the step by our executor, as `dagster job execute` does."""
    step()


@pytest.fixture
def uploaded(project: Path, sheets: Path, pipeline: Pipeline) -> Pipeline:
    projects.upload(project, sheets)
    return pipeline


@pytest.fixture
def instance(uploaded: Pipeline) -> Iterator[dg.DagsterInstance]:  # noqa: ARG001 - its home
    """The instance of the project, since the job is found again by its name."""
    with dg.DagsterInstance.get() as opened:
        register_partition(opened, projects.SESSION)
        yield opened


def _run_failing(
    instance: dg.DagsterInstance, fail: Callable[[dg.OpExecutionContext], None] | None
) -> str:
    tags = {PARTITION_TAG: projects.SESSION}
    if fail is not None:
        tags[FAILURE_TAG] = fail.__name__
    with dg.execute_job(
        dg.reconstructable(work), instance, tags=tags, raise_on_error=False
    ) as result:
        assert not result.success
        return result.run_id


@pytest.mark.parametrize(
    ("fail", "words"),
    [
        pytest.param(_cannot_be_serialized, r"SerializationError at serdes\.py:\d+", id="Dagster"),
        pytest.param(
            _is_mistaken, r"KeyError at test_unexpected_failures\.py:\d+", id="beside a step"
        ),
    ],
)
def test_a_run_that_fails_outside_of_its_steps_names_the_error_and_is_not_temporary(
    uploaded: Pipeline,
    instance: dg.DagsterInstance,
    fail: Callable[[dg.OpExecutionContext], None],
    words: str,
) -> None:
    """It "failed without saying why", ended with 75, and `resume` failed alike each time."""
    run_id = _run_failing(instance, fail)

    (error,) = uploaded.store.errors.list_all(projects.SESSION)
    said = rf"Step step of run {run_id} failed unexpectedly: {words}\."
    assert re.fullmatch(said, error.message)
    assert (error.code, error.run_id) == ("unexpected", run_id)
    assert exit_code_of(error) == ExitCode.FAILED
    assert CANARY not in str(error)
    assert "resume" not in " ".join(map(action_text, error.recovery_actions))
    assert uploaded.store.sessions.get(projects.SESSION).status is SessionStatus.FAILED


def test_a_run_that_cannot_read_the_settings_leaves_no_line_of_the_log_about_it(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dagster ends no resource that did not begin."""
    monkeypatch.setenv("LOG_FORMAT", "morse")

    failed = dg.execute_job(dg.reconstructable(work), instance, raise_on_error=False)

    assert not failed.success
    assert logged_about() == {}


def test_a_database_that_went_away_is_named_and_temporary(
    uploaded: Pipeline, instance: dg.DagsterInstance
) -> None:
    _run_failing(instance, _finds_no_database)

    (error,) = uploaded.store.errors.list_all(projects.SESSION)
    assert (error.code, exit_code_of(error)) == ("run_died", ExitCode.TEMPORARY)
    assert "its database could not be used (" in error.message
    assert CANARY not in str(error)


def test_an_error_that_a_step_stored_is_the_only_one(
    uploaded: Pipeline, instance: dg.DagsterInstance
) -> None:
    run_id = _run_failing(instance, None)

    (error,) = uploaded.store.errors.list_all(projects.SESSION)
    assert error.code == ConfigurationError.code
    assert DagsterRuns(instance, uploaded).unexpected_failure(run_id) is None


def test_a_run_that_fails_before_its_first_step_names_the_error(
    uploaded: Pipeline, instance: dg.DagsterInstance
) -> None:
    @dg.resource
    def broken(_context: dg.InitResourceContext) -> None:
        raise KeyError(CANARY)

    @dg.op(required_resource_keys={"broken"})
    def never_begun() -> None:
        """Do nothing: its resource is not there."""

    @dg.job(resource_defs={"broken": broken})
    def failing() -> None:
        never_begun()

    with_traces()
    result = failing.execute_in_process(instance=instance, raise_on_error=False)

    failure = DagsterRuns(instance, uploaded).unexpected_failure(result.run_id)
    assert failure is not None
    assert (failure.step, failure.kind) == ("", "KeyError")
    assert failure.place.startswith("test_unexpected_failures.py:")


@pytest.mark.usefixtures("uploaded")
def test_a_command_whose_run_fails_in_dagsters_own_code_ends_as_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Schedulers repeat what ends with 75: it never ended."""
    write = dg.DagsterInstance.handle_new_event

    def refuse(self: dg.DagsterInstance, event: dg.EventLogEntry, **given: object) -> None:
        of_dagster = event.dagster_event
        if of_dagster is not None and of_dagster.is_step_materialization:
            raise LookupError(CANARY)
        write(self, event, **given)  # type: ignore[arg-type] # as it was given

    with monkeypatch.context() as patched:
        patched.setattr(dg.DagsterInstance, "handle_new_event", refuse)
        answers = [run("generate", projects.SESSION), run("resume", projects.SESSION)]
    status = run("status", projects.SESSION)

    for answer in answers:
        assert answer.exit_code == ExitCode.FAILED
        assert "failed unexpectedly: LookupError at test_unexpected_failures.py:" in answer.words
        assert "nothing is repeated" not in answer.words
    assert "LookupError" in status.words
