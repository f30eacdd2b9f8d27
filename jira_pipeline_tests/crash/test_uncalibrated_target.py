"""A target on which nothing of ours was ever seen: what is absent there may be hidden.

A creation whose answer is lost is not sent again before an issue of ours came back with its
marker. Source: docs/export.md, rule 6.
"""

import httpx
import pytest

from jira_pipeline.export.creation import UNSEEN_UNCONFIRMED_MAX
from jira_pipeline.model.errors import InDoubtError, OrphanIssueError
from jira_pipeline.model.exports import LedgerEvent, LedgerSubject
from jira_pipeline.model.manual_fixes import FixState
from jira_pipeline_tests.contracts.stored_values import a_draft, after
from jira_pipeline_tests.crash.export_faults import DOUBTS, StrikeOnce, is_creation
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import SESSION_KEY
from jira_pipeline_tests.export.whole_exports import where

CHAIN = (a_draft(1), a_draft(2, depends_on=("t01",)), a_draft(3, depends_on=("t02",)))
LONERS = tuple(a_draft(number) for number in range(1, 9))
LOST_BEFORE = DOUBTS["read timeout before commit"]


@pytest.fixture
def chain(world: ExportWorld) -> ExportWorld:
    """Three tickets, each of which waits for the one before."""
    world.fill(CHAIN)
    return world


@pytest.fixture
def loners(world: ExportWorld) -> ExportWorld:
    """Tickets none of which waits for another."""
    world.fill(LONERS)
    return world


def intents_of(world: ExportWorld) -> list[str]:
    """Return the tickets of all intents of issues, by sequence."""
    wanted = (LedgerSubject.ISSUE, LedgerEvent.INTENT)
    return [e.ticket_id for e in world.entries() if (e.subject, e.event) == wanted]


def test_a_person_who_found_none_lets_it_be_sent(chain: ExportWorld) -> None:
    chain.answering = StrikeOnce(LOST_BEFORE, at=1)
    with pytest.raises(OrphanIssueError):
        chain.export()
    chain.answering = None
    [fix] = chain.fixes()
    with chain.open_store() as store:
        store.manual_fixes.set_state(
            SESSION_KEY, fix.fix_id, FixState.DONE, by="a person", at=after(1)
        )

    report = chain.settle()
    chain.export()

    assert [ticket.outcome.value for ticket in report.tickets] == ["absent"]
    assert sorted(chain.titles()) == sorted(draft.title for draft in CHAIN)


def test_a_site_that_takes_nothing_is_not_sent_a_whole_session(loners: ExportWorld) -> None:
    """It answers each ticket once, with no; so the creations that are lost are not in a row."""

    def taking_nothing(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if b'"labels"' in request.read():
            return httpx.Response(400, json={"errors": {"labels": "No."}})
        return LOST_BEFORE(request, site)

    loners.answering = where(is_creation, taking_nothing)

    with pytest.raises(InDoubtError, match=r"tickets 1, 2, 3 exist.* 5 more wait"):
        loners.export()
    sent = set(intents_of(loners))
    loners.answering = None
    loners.export()

    assert len(sent) == UNSEEN_UNCONFIRMED_MAX
    assert sorted(loners.titles()) == sorted(draft.title for draft in LONERS)
