"""Settling without exporting: finds, absences, what a person decided, what is gone or twice."""

import httpx
import pytest

from jira_pipeline.export.settle import SettleOutcome
from jira_pipeline.jira.sandbox_http import SandboxTransport
from jira_pipeline.model.errors import OrphanIssueError
from jira_pipeline.model.exports import FixState, FixType, ManualFix
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import after
from jira_pipeline_tests.crash.export_faults import DOUBTS, StrikeOnce, is_creation
from jira_pipeline_tests.crash.export_world import Crash, DiesAt, ExportWorld, outcomes
from jira_pipeline_tests.crash.sessions import SESSION_KEY


def crash_at(world: ExportWorld, point: str, *, nth: int = 1) -> None:
    """Export until the process ends at one of the points of that name."""
    with pytest.raises(Crash):
        world.export(DiesAt(point, nth=nth))


def orphans_of(world: ExportWorld) -> list[ManualFix]:
    """Return the manual fixes about issues nobody is sure of."""
    with open_in(world.folder) as store:
        fixes = store.manual_fixes.list_all(SESSION_KEY)
    return [fix for fix in fixes if fix.fix_type is FixType.ORPHAN_ISSUE]


def test_an_issue_that_was_never_sent_is_absent_and_created_later(world: ExportWorld) -> None:
    crash_at(world, "before POST /rest/api/3/issue$", nth=2)

    report = world.settle()

    assert list(outcomes(report).values()) == ["absent"]
    assert len(world.titles()) == 1
    world.export()
    assert world.violations() == []


def test_what_only_a_person_can_decide_waits_for_that_person(world: ExportWorld) -> None:
    """Sent twice and found nowhere: after somebody looked, it may be sent once more."""
    lost = DOUBTS["read timeout before commit"]
    world.answering = StrikeEvery(lost)
    with pytest.raises(OrphanIssueError):
        world.export()
    world.answering = None
    undecided = world.settle()
    (fix, *_) = orphans_of(world)
    with open_in(world.folder) as store:
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


class StrikeEvery:
    """The same fault at every creation of a ticket."""

    def __init__(self, fault: object) -> None:
        self._fault = fault

    def __call__(self, request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if is_creation(request):
            assert callable(self._fault)
            answer = self._fault(request, site)
            assert isinstance(answer, httpx.Response)
            return answer
        return site.handle_request(request)


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
