"""An undo keeps what people logged work on, and is not stopped where nobody can log any."""

import pytest

from jira_pipeline_tests.crash.export_world import DRAFTS, Crash, ExportWorld
from jira_pipeline_tests.crash.undo_world import (
    SOMEBODY,
    DiesAt,
    ask,
    keys_by_title,
    titles,
    undo,
    violations_of_undo,
)
from jira_pipeline_tests.export.whole_exports import set_rules

WORKED_ON = DRAFTS[1].title


def test_an_undo_takes_everything_back_where_time_tracking_is_off(world: ExportWorld) -> None:
    set_rules(world, is_time_tracking_on=False)
    world.export()

    report = undo(world)

    assert report.kept == ()
    assert violations_of_undo(world) == []


def test_work_logged_before_time_tracking_was_switched_off_still_counts(world: ExportWorld) -> None:
    world.export()
    path = f"/rest/api/3/issue/{keys_by_title(world)[WORKED_ON]}/worklog"
    assert ask(world, "POST", path, {"timeSpentSeconds": 3600}, account=SOMEBODY) == 201
    set_rules(world, is_time_tracking_on=False)

    [kept] = undo(world).kept

    assert kept.reasons == ("its field timespent was changed",)
    assert violations_of_undo(world, commented=[WORKED_ON]) == []


def test_an_undo_that_was_killed_does_not_take_refused_worklogs_for_a_deletion(
    world: ExportWorld,
) -> None:
    """The issue is there: only its worklogs answer 404, as an issue does that is gone."""
    set_rules(world, is_time_tracking_on=False)
    world.export()
    with pytest.raises(Crash):
        undo(world, DiesAt("after removal_intent"))
    there = titles(world)

    undo(world)

    assert len(there) == len(DRAFTS)
    assert titles(world) == []
