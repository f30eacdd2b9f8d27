"""One session from its upload to its removal, over two weeks of a clock that is moved.

After each step the store, the journal of the sandbox and Dagster are looked at as a whole: what a
step does not name has not changed.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from jira_pipeline.defs.sensors import dead_run_sensor, staleness_sensor
from jira_pipeline.errors import GateError
from jira_pipeline.flow.upload import files_of_session
from jira_pipeline_tests import projects
from jira_pipeline_tests.end_to_end.reading_back import read_issues, read_links
from jira_pipeline_tests.end_to_end.week import KEY, Week, WeekState

pytestmark = pytest.mark.xdist_group("processes")

EDITED, EXPORTED_EARLY = 18, 1
"""Numbers of the tickets whose rows are corrected: one edited before, one exported by then."""
KILLED_AT, KILLED_AGAIN_AT = 7, 16
"""Numbers of the issues whose receipt is not written any more."""
LINKS = 22


@pytest.fixture
def week(project: Path, sheets: Path) -> Iterator[Week]:
    """A project with a Dagster instance on disk, as processes share it."""
    with dg.DagsterInstance.get() as instance:
        yield Week(project=project, sheets=sheets, instance=instance)


def test_a_session_lives_through_its_week(week: Week) -> None:
    generated = _monday_uploads_and_generates(week)
    edited = _tuesday_edits_and_is_blocked(week, generated)
    validated = _tuesday_evening_validates_by_itself(week, edited)
    killed = _wednesday_exports_until_it_is_killed(week, validated)
    corrected = _thursday_corrects_the_sheets(week, killed)
    regenerated = _thursday_writes_again_what_changed(week, corrected)
    killed_again = _friday_exports_until_it_is_killed_again(week, regenerated)
    completed = _friday_resumes_and_completes(week, killed_again)
    _a_week_later_it_is_removed(week, completed)


def _monday_uploads_and_generates(week: Week) -> WeekState:
    week.upload()

    uploaded = week.state
    assert uploaded == WeekState(
        stage=("upload", "idle"),
        materialized={"source_files": 1},
        has_partition=True,
    )

    assert week.run("generate_tickets") == "SUCCESS"

    generated = week.state
    once = dict.fromkeys(("entities", "entity_groups", "tickets", "adf_validation"), 1)
    assert generated == replace(
        uploaded,
        stage=("review", "waiting"),
        states={"pending": 24},
        materialized={"source_files": 2, **once},
        runs=(("generate_tickets", "SUCCESS"),),
    )
    return generated


def _tuesday_edits_and_is_blocked(week: Week, generated: WeekState) -> WeekState:
    week.later(days=1).edit(EDITED, analysis="<p>By hand.</p>")

    edited = week.state
    assert edited == replace(
        generated,
        is_stale=True,
        shows_stale=True,
        materialized=generated.materialized | {"tickets": 2},
    )

    assert week.run("export_to_jira") == "FAILURE"

    blocked = week.state
    assert "Re-validation required" in week.last_error
    assert blocked == replace(edited, runs=(*edited.runs, ("export_to_jira", "FAILURE")))
    return blocked


def _tuesday_evening_validates_by_itself(week: Week, blocked: WeekState) -> WeekState:
    at_once = week.tick(staleness_sensor)
    (request,) = week.later(hours=1).tick(staleness_sensor)

    assert at_once == ()
    assert week.run_requested(request) == "SUCCESS"

    validated = week.state
    assert week.tick(staleness_sensor) == ()
    assert validated == replace(
        blocked,
        is_stale=False,
        shows_stale=False,
        materialized=blocked.materialized | {"adf_validation": 2},
        runs=(*blocked.runs, ("validate_adf", "SUCCESS")),
    )
    return validated


def _wednesday_exports_until_it_is_killed(week: Week, validated: WeekState) -> WeekState:
    assert week.later(days=1).run("export_to_jira") == "FAILURE"

    unready = week.state
    assert "24 tickets wait for review" in week.last_error
    assert unready == replace(validated, runs=(*validated.runs, ("export_to_jira", "FAILURE")))

    assert week.mark_ready() == 24

    ready = week.state
    assert ready == replace(unready, ready=24)

    assert week.export_until_killed(before_receipt=KILLED_AT) == -9

    killed = week.state
    assert killed == replace(
        ready,
        stage=("jira_export", "running"),
        materialized=ready.materialized | {"tickets": 3},  # the run reports the ready marks
        states={"exported": KILLED_AT - 1, "in_doubt": 1, "pending": 24 - KILLED_AT},
        site={"issue_created": KILLED_AT, "property_set": KILLED_AT},
        runs=(*ready.runs, ("export_to_jira", "STARTED")),
    )

    assert week.tick(dead_run_sensor) == ()

    closed = week.state
    assert closed == replace(
        killed,
        stage=("jira_export", "failed"),
        runs=(*ready.runs, ("export_to_jira", "FAILURE")),
    )
    return closed


def _thursday_corrects_the_sheets(week: Week, killed: WeekState) -> WeekState:
    week.later(days=1)
    roles = week.sheets / "Uhrenmuseum_UserRoles.csv"
    fields = week.sheets / "Uhrenmuseum_Fields.csv"
    projects.replace_in(roles, "Waits for the decision", "Waits for a decision")
    projects.replace_in(fields, "reduced 5 €", "reduced 6 €")

    week.upload()

    uploaded = week.state
    assert uploaded == replace(
        killed,
        stage=("upload", "idle"),
        is_stale=True,
        materialized=killed.materialized | {"source_files": 3},
    )
    assert "generate" in week.next_step
    assert week.tick(staleness_sensor) == ()
    with pytest.raises(GateError, match="No failed export to retry"):
        week.resume()

    assert week.run("export_to_jira") == "FAILURE"

    refused = week.state
    assert "the sheets changed after the tickets were generated" in week.last_error
    assert refused == replace(
        uploaded,
        stage=("review", "waiting"),
        runs=(*uploaded.runs, ("export_to_jira", "FAILURE")),
    )
    return refused


def _thursday_writes_again_what_changed(week: Week, refused: WeekState) -> WeekState:
    revisions = {number: week.ticket(number).revision.number for number in range(1, 25)}

    assert week.run("generate_tickets") == "SUCCESS"

    regenerated = week.state
    again = {"source_files": 4, "entities": 2, "entity_groups": 2}
    assert regenerated == replace(
        refused,
        is_stale=False,
        ready=22,
        materialized=refused.materialized | again | {"tickets": 4, "adf_validation": 3},
        runs=(*refused.runs, ("generate_tickets", "SUCCESS")),
    )
    edited = week.ticket(EDITED)
    (cell,) = edited.source_changes
    assert edited.revision.parts.analysis == "<p>By hand.</p>"
    assert (cell.column, "reduced 6 €" in str(cell.after)) == ("Help text", True)
    now = {number: week.ticket(number).revision.number for number in range(1, 25)}
    assert now == revisions | {EXPORTED_EARLY: revisions[EXPORTED_EARLY] + 1}
    assert week.changes() == {"UHR-1": ("Notes",)}

    assert week.run("export_to_jira") == "FAILURE"

    unready = week.state
    assert "2 tickets wait for review" in week.last_error
    assert unready == replace(regenerated, runs=(*regenerated.runs, ("export_to_jira", "FAILURE")))
    return unready


def _friday_exports_until_it_is_killed_again(week: Week, unready: WeekState) -> WeekState:
    """The first receipt is of the issue in doubt, which is looked up."""
    issues = read_issues(week.sandbox_path)

    assert week.later(days=1).mark_ready() == 2
    assert week.export_until_killed(before_receipt=KILLED_AGAIN_AT - KILLED_AT + 1) == -9
    assert week.tick(dead_run_sensor) == ()

    closed = week.state
    assert closed == replace(
        unready,
        stage=("jira_export", "failed"),
        materialized=unready.materialized | {"tickets": 5},
        ready=24,
        states={
            "exported": KILLED_AGAIN_AT - 1,
            "in_doubt": 1,
            "pending": 24 - KILLED_AGAIN_AT,
        },
        site={"issue_created": KILLED_AGAIN_AT, "property_set": KILLED_AGAIN_AT},
        runs=(*unready.runs, ("export_to_jira", "FAILURE")),
    )
    assert read_issues(week.sandbox_path)[:KILLED_AT] == issues
    assert "jira-pipeline resume" in week.next_step
    return closed


def _friday_resumes_and_completes(week: Week, killed: WeekState) -> WeekState:
    issues = read_issues(week.sandbox_path)

    resumed, status = week.resume()

    assert status == "SUCCESS"
    assert (resumed.retry_attempt, resumed.preserved_tickets, resumed.resuming_from) == (
        1,
        KILLED_AGAIN_AT - 1,
        KILLED_AGAIN_AT,
    )
    completed = week.state
    assert completed == replace(
        killed,
        stage=("completed", "completed"),
        states={"exported": 24},
        site={
            "issue_created": 24,
            "property_set": 24,
            "attachment_added": 3,
            "link_created": LINKS,
        },
        materialized=killed.materialized | {"jira_issues": 1, "export_report": 1},
        runs=(*killed.runs, ("export_to_jira", "SUCCESS")),
    )
    after = read_issues(week.sandbox_path)
    assert [replace(issue, attachments=()) for issue in after[:KILLED_AGAIN_AT]] == issues
    assert len(read_links(week.sandbox_path)) == LINKS
    assert {issue.summary for issue in after} == {week.ticket(n).title for n in range(1, 25)}
    assert week.changes() == {"UHR-1": ("Notes",)}
    return completed


def _a_week_later_it_is_removed(week: Week, completed: WeekState) -> None:
    early, late = ("remove_expired_sessions", "SUCCESS"), ("remove_expired_sessions", "SUCCESS")
    issues = read_issues(week.sandbox_path)

    assert week.later(days=6).run_unpartitioned("remove_expired_sessions") == "SUCCESS"

    assert week.state == replace(completed, runs=(*completed.runs, early))

    assert week.later(days=2).run_unpartitioned("remove_expired_sessions") == "SUCCESS"

    assert week.state == WeekState(
        site=completed.site,
        materialized=completed.materialized,
        runs=(*completed.runs, early, late),
    )
    store = week.pipeline().store
    assert files_of_session(week.pipeline(), KEY) == ()
    assert read_issues(week.sandbox_path) == issues
    assert len(store.ledger.targets_of(KEY)) == 1
    assert store.audit.entries(KEY)[-1].action == "session_removed"
