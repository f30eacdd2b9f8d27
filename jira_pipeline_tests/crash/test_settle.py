"""Settling without exporting: finds, absences, what a person decided, what is gone or twice."""

import httpx
import pytest

from jira_pipeline.export.settle import SettleOutcome
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.errors import OrphanIssueError
from jira_pipeline.model.exports import FixState, FixType, ManualFix
from jira_pipeline_tests.contracts.stored_values import after
from jira_pipeline_tests.crash.export_faults import DOUBTS, StrikeOnce, is_creation
from jira_pipeline_tests.crash.export_world import ExportWorld, outcomes
from jira_pipeline_tests.crash.sessions import SESSION_KEY
from jira_pipeline_tests.export.whole_exports import where


def orphans_of(world: ExportWorld) -> list[ManualFix]:
    """Return the manual fixes about issues nobody is sure of."""
    return [fix for fix in world.fixes() if fix.fix_type is FixType.ORPHAN_ISSUE]


def test_an_issue_that_was_never_sent_is_absent_and_created_later(world: ExportWorld) -> None:
    world.die(ExportWorld.export, "before POST /rest/api/3/issue$", nth=2)

    report = world.settle()

    assert list(outcomes(report).values()) == ["absent"]
    assert len(world.titles()) == 1
    world.export()
    assert world.violations() == []


def test_what_only_a_person_can_decide_waits_for_that_person(world: ExportWorld) -> None:
    """Sent twice and found nowhere: after somebody looked, it may be sent once more."""
    world.answering = where(is_creation, DOUBTS["read timeout before commit"])
    with pytest.raises(OrphanIssueError):
        world.export()
    world.answering = None
    undecided = world.settle()
    (fix, *_) = orphans_of(world)
    with world.open_store() as store:
        for orphan in orphans_of(world):
            store.manual_fixes.set_state(
                SESSION_KEY, orphan.fix_id, FixState.DONE, by="ab", at=after(1)
            )

    decided = world.settle()

    assert set(outcomes(undecided).values()) == {"person_decides"}
    assert fix.recommended_action
    assert set(outcomes(decided).values()) == {"absent"}
    world.export()
    assert world.violations() == []


def test_a_double_that_came_after_the_export_was_done_is_listed(world: ExportWorld) -> None:
    """Jira was still working on it when a backup was restored that knew nothing of it."""
    late: list[httpx.Request] = []

    def kept(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        late.append(request)
        return site.handle_request(request)

    world.answering = StrikeOnce(kept, at=2)
    world.export()
    with httpx.Client(transport=SandboxTransport(world.sandbox)) as site:
        site.send(late[0])

    report = world.settle()

    assert [ticket.outcome for ticket in report.tickets] == [SettleOutcome.TWICE]
    assert [fix.jira_key for fix in orphans_of(world)] == [report.tickets[0].key]
