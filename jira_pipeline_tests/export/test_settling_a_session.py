"""What settling says of every ticket, in which order it looks, waits and writes."""

import httpx
import pytest

from jira_pipeline.export.settle import SettleReport, settle_session
from jira_pipeline.export.unconfirmed import list_possible_orphan
from jira_pipeline.model.actions import line_of
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.model.manual_fixes import FixState
from jira_pipeline_tests.crash.by_hand import SITE_URL
from jira_pipeline_tests.crash.export_world import outcomes
from jira_pipeline_tests.export.small_site import (
    ABSENT,
    INTENT,
    RECEIPT,
    UNKNOWN,
    SmallSite,
    a_ticket,
    failing,
)

GIVEN_UP = LedgerEvent.GIVEN_UP
PERSON = "a person"


def settled(site: SmallSite, *, is_waiting: bool = True) -> SettleReport:
    return settle_session(site.tools, site.order, is_waiting=is_waiting, by=PERSON)


def listed(site: SmallSite, of: int, key: str | None, *, state: FixState = FixState.OPEN) -> None:
    """List an issue of a ticket, or a doubt, for people."""
    list_possible_orphan(site.run, a_ticket(of), key=key, why="why")
    fix = site.fixes()[-1]
    site.store.manual_fixes.set_state("site", fix.fix_id, state, by=PERSON, at=fix.created_at)


def states(site: SmallSite) -> list[FixState]:
    """Return what became of all fixes, by number."""
    return [fix.state for fix in site.fixes()]


@pytest.fixture
def proven(site: SmallSite) -> SmallSite:
    """A site on which the issue of ticket 5 is there and shown."""
    site.export(5)
    return site


def test_what_is_found_at_once_needs_no_wait(proven: SmallSite) -> None:
    proven.horizon_seconds = 600.0
    proven.write(1, INTENT, UNKNOWN, low_bound=0)
    created = proven.create(1)

    report = settled(proven)

    [ticket] = report.tickets
    assert (ticket.title, ticket.key) == ("Create content type 1", created.remote_key)
    assert ticket.url == f"{SITE_URL}/browse/{created.remote_key}"
    assert line_of(ticket.advice).startswith("Nothing:")
    assert outcomes(report) == {1: "found"}
    assert (report.is_settled, report.is_conclusive) == (True, True)
    assert proven.time.slept == []
    assert proven.events(1) == [INTENT, UNKNOWN, RECEIPT]


def test_an_issue_nobody_knew_of_is_found_too(proven: SmallSite) -> None:
    """The ledger lost its end: nothing is in doubt, and the issue is there."""
    proven.create(1)

    assert outcomes(settled(proven, is_waiting=False)) == {1: "found"}


@pytest.mark.parametrize(
    ("is_waiting", "outcome", "command"),
    [(True, "absent", "resume site"), (False, "in_doubt", "settle site --wait")],
    ids=["waiting", "at once"],
)
def test_a_doubt_is_absent_past_the_horizon_and_one_before_it(
    proven: SmallSite, outcome: str, command: str, *, is_waiting: bool
) -> None:
    proven.horizon_seconds = 600.0
    proven.write(1, INTENT, low_bound=0)

    report = settled(proven, is_waiting=is_waiting)

    assert outcomes(report) == {1: outcome}
    assert report.is_settled is is_waiting
    assert f"jira-pipeline {command}" in line_of(report.tickets[0].advice)
    assert sum(proven.time.slept) == (600 if is_waiting else 0)
    assert proven.events(1) == [INTENT, *[ABSENT] * is_waiting]


def test_what_was_done_late_is_found_past_the_horizon(proven: SmallSite) -> None:
    def late(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if proven.time.seconds >= 600:
            proven.answering = lambda request, site: site.handle_request(request)
            proven.create(1)
        return site.handle_request(request)

    proven.horizon_seconds, proven.answering = 600.0, late
    proven.write(1, INTENT, low_bound=0)

    report = settled(proven)

    assert outcomes(report) == {1: "found"}
    assert proven.events(1) == [INTENT, RECEIPT]


def test_while_keys_cannot_be_read_a_doubt_stays_one(proven: SmallSite) -> None:
    proven.write(1, INTENT, low_bound=0)
    proven.answering = failing({"SBX-3"})

    report = settled(proven)

    assert outcomes(report) == {1: "in_doubt"}
    assert not report.is_conclusive
    assert "settle site --wait" in line_of(report.tickets[0].advice)


def test_what_a_person_has_to_decide_is_stated(proven: SmallSite) -> None:
    proven.write(1, INTENT, ABSENT, INTENT, low_bound=0)

    report = settled(proven)

    assert outcomes(report) == {1: "person_decides"}
    assert not report.is_settled
    assert "sent twice" in line_of(report.tickets[0].advice)
    assert "jira-pipeline fixes site --done ID" in line_of(report.tickets[0].advice)
    assert (report.tickets[0].key, report.tickets[0].url) == (None, None)


@pytest.mark.parametrize(
    ("key", "state", "unread", "is_accepted"),
    [
        (None, FixState.DONE, set(), True),
        (None, FixState.DONE, {"SBX-3"}, False),
        (None, FixState.OPEN, set(), False),
        (None, FixState.RESOLVED, set(), False),
        ("SBX-5", FixState.DONE, set(), False),
    ],
    ids=["looked", "keys unread", "did not look", "settled otherwise", "about an issue"],
)
def test_who_looked_and_found_none_lets_a_ticket_go_again(
    proven: SmallSite, key: str | None, state: FixState, unread: set[str], *, is_accepted: bool
) -> None:
    proven.write(1, INTENT, UNKNOWN, GIVEN_UP, low_bound=0)
    listed(proven, 1, key, state=state)
    proven.answering = failing(unread, times=99 * len(unread))

    report = settled(proven)

    assert outcomes(report)[1] == ("absent" if is_accepted else "person_decides")
    assert (proven.events(1)[-1] is ABSENT) is is_accepted


@pytest.mark.parametrize(
    ("before", "after"),
    [(FixState.OPEN, FixState.RESOLVED), (FixState.DONE, FixState.DONE)],
    ids=["open", "settled by a person"],
)
def test_a_find_resolves_the_open_manual_fix_of_the_doubt(
    proven: SmallSite, before: FixState, after: FixState
) -> None:
    proven.write(1, INTENT, UNKNOWN, GIVEN_UP, low_bound=0)
    created = proven.create(1)
    listed(proven, 1, None, state=before)
    listed(proven, 2, None)

    report = settled(proven)

    assert outcomes(report) == {1: "found"}
    assert report.tickets[0].key == created.remote_key
    assert states(proven) == [after, FixState.OPEN]


def test_an_issue_with_a_receipt_that_is_not_shown_is_gone(proven: SmallSite) -> None:
    gone = proven.export(1)
    proven.delete(gone)

    report = settled(proven)

    assert outcomes(report) == {1: "gone"}
    assert not report.is_settled
    assert report.tickets[0].key == gone.remote_key
    commands = line_of(report.tickets[0].advice).split("`")[1::2]
    decide = "jira-pipeline settle site"
    assert commands == [f"{decide} --create-again 1", f"{decide} --forget 1"]
    assert (report.comparison.there_count, report.comparison.issue_count) == (1, 2)
    assert proven.events(1) == [INTENT, RECEIPT]


def test_an_open_removal_is_named(proven: SmallSite) -> None:
    removed = proven.export(1)
    proven.write(1, LedgerEvent.REMOVAL_INTENT, remote_id=removed.remote_id)

    report = settled(proven)

    assert outcomes(report) == {1: "removal_open"}
    assert "jira-pipeline undo site" in line_of(report.tickets[0].advice)
    assert not report.is_settled


def test_an_issue_that_is_there_twice_is_named(proven: SmallSite) -> None:
    first, second = proven.export(1), proven.create(1)

    report = settled(proven)

    assert outcomes(report) == {1: "twice"}
    assert not report.is_settled
    assert report.tickets[0].key == second.remote_key
    assert report.tickets[0].url == f"{SITE_URL}/browse/{second.remote_key}"
    said = line_of(report.tickets[0].advice)
    assert said.startswith(f"We would keep {first.remote_key}: ")
    assert f"--adopt {second.remote_key}`" in said
    assert f"--forget {second.remote_key}`" in said
    assert states(proven) == [FixState.OPEN]


def test_a_double_that_people_deleted_is_settled(proven: SmallSite) -> None:
    proven.export(1)
    double = proven.create(1)
    settled(proven)
    proven.delete(double)

    report = settled(proven)

    assert report.tickets == ()
    assert report.is_settled
    assert states(proven) == [FixState.RESOLVED]


def test_a_double_that_people_accepted_is_not_named_again(proven: SmallSite) -> None:
    proven.export(1)
    double = proven.create_by_hand()
    listed(proven, 1, double.remote_key, state=FixState.DONE)

    report = settled(proven)

    assert report.tickets == ()
    assert states(proven) == [FixState.DONE]


def test_a_double_of_a_ticket_that_is_not_in_the_session_any_more_is_not_named(
    proven: SmallSite,
) -> None:
    left, gone = proven.create_by_hand(), "SBX-77"
    listed(proven, 8, left.remote_key)
    listed(proven, 9, gone)

    report = settled(proven)

    assert report.tickets == ()
    assert states(proven) == [FixState.OPEN, FixState.RESOLVED]


def test_while_doubles_cannot_be_read_nothing_is_stated_of_them(proven: SmallSite) -> None:
    proven.export(1)
    double = proven.create_by_hand()
    listed(proven, 1, double.remote_key)
    proven.answering = failing({double.remote_id})

    assert outcomes(settled(proven)) == {}
    assert states(proven) == [FixState.OPEN]


def test_what_people_saw_last_is_not_named_first(proven: SmallSite) -> None:
    proven.export(1)
    proven.export(3)
    for of in (3, 1, 1):
        proven.create(of)

    report = settled(proven)

    named = [(ticket.number, ticket.key) for ticket in report.tickets]
    assert named == [(1, "SBX-5"), (1, "SBX-6"), (3, "SBX-4")]
