"""An undo keeps what people logged work on, and is not stopped where nobody can log any."""

from jira_pipeline_tests.crash.by_hand import SOMEBODY
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import DRAFTS
from jira_pipeline_tests.export.whole_exports import set_rules

WORKED_ON = DRAFTS[1].title


def test_work_logged_before_time_tracking_was_switched_off_still_counts(world: ExportWorld) -> None:
    world.export()
    path = f"/rest/api/3/issue/{world.keys_by_title()[WORKED_ON]}/worklog"
    assert world.ask("POST", path, {"timeSpentSeconds": 3600}, account=SOMEBODY) == 201
    set_rules(world, is_time_tracking_on=False)

    [kept] = world.undo().kept

    assert kept.reasons == ("its field timespent was changed",)
    assert world.violations_of_undo(commented=[WORKED_ON]) == []


def test_an_undo_that_was_killed_does_not_take_refused_worklogs_for_a_deletion(
    world: ExportWorld,
) -> None:
    """The issue is there: only its worklogs answer 404, as an issue does that is gone."""
    set_rules(world, is_time_tracking_on=False)
    world.export()
    world.die(ExportWorld.undo, "after removal_intent")
    there = world.titles()

    world.undo()

    assert len(there) == len(DRAFTS)
    assert world.titles() == []
