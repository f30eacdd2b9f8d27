"""Runs started from the command line: which run a resume goes on with."""

import dagster as dg
import pytest

from jira_pipeline.defs.launching import can_reexecute
from jira_pipeline.stages.jira_export.pace import CREATE_STEP, LINK_STEP


@pytest.mark.parametrize(
    ("failed_step", "is_issue_missing", "is_continued"),
    [
        (CREATE_STEP, True, True),
        (LINK_STEP, False, True),
        pytest.param(LINK_STEP, True, False, id="it was at work on another site"),
    ],
)
def test_a_run_is_continued_where_what_is_behind_its_failure_is_done(
    instance: dg.DagsterInstance, *, failed_step: str, is_issue_missing: bool, is_continued: bool
) -> None:
    """Going on with the links of a site without issues asked for a resume, which did the same."""
    run_id = run_failing_at(failed_step, instance)

    parent = instance.get_run_by_id(run_id)

    assert parent is not None
    answer = can_reexecute(instance, parent, is_issue_missing=is_issue_missing)
    assert answer is is_continued


def run_failing_at(step_name: str, instance: dg.DagsterInstance) -> str:
    """Run an export that fails at a step; return the run's id."""

    @dg.op(name=step_name)
    def fail() -> None:
        raise dg.Failure(description="No.")

    @dg.job(name="export_to_jira")
    def work() -> None:
        fail()

    return work.execute_in_process(instance=instance, raise_on_error=False).run_id
