"""A receipt names its issue, or nothing is written there: answers that name another one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.ledger_comparison import file_comparison
from jira_pipeline.export.links import link_issues
from jira_pipeline.export.lookups import check_receipts, is_issue_of, verify_receipts
from jira_pipeline.model.errors import GateError, UnavailableError
from jira_pipeline.model.exports import LedgerEvent, Origin
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import DRAFTS, entries_of
from jira_pipeline_tests.export.small_site import INTENT, RECEIPT, SmallSite, failing
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind, FaultPlan, FaultRule, Moment
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import SOMEBODY_ELSES

REFUTED = LedgerEvent.REFUTED
CREATION = r"/issue(/bulk)?$"


def theirs(world: ExportWorld) -> Sequence[tuple[int, int, int]]:
    """Return how much is on issues of others: files, links, properties."""
    chosen = (
        "SELECT (SELECT count(*) FROM attachment WHERE issue_id = issue.id), (SELECT count(*)"
        " FROM issue_link WHERE issue.id IN (inward_issue_id, outward_issue_id)), (SELECT"
        " count(*) FROM issue_property WHERE issue_id = issue.id) FROM issue WHERE summary = ?"
    )
    return [tuple(row) for row in world.rows(chosen, SOMEBODY_ELSES)]


def test_a_process_that_ended_before_it_read_an_answer_back_leaves_that_to_the_next(
    world: ExportWorld,
) -> None:
    """A re-execution from failure begins with the files, or with the links."""
    rule = FaultRule(kind=FaultKind.MISNAMED, moment=Moment.AFTER, method="POST", path=CREATION)
    world.sandbox.faults.set_plan(FaultPlan(rules=(rule,)))
    world.die(ExportWorld.export, "after receipt of issue t05")

    with world.process() as (tools, order):
        attach_files(tools, order)
    with world.process() as (tools, order), pytest.raises(GateError, match="have no issue"):
        link_issues(tools, order)
    before = theirs(world)
    world.export()

    assert before == theirs(world) == [(0, 0, 0)]
    assert world.keys_by_title().keys() - {SOMEBODY_ELSES} == {draft.title for draft in DRAFTS}


@pytest.mark.parametrize(
    ("title", "labels", "marker", "is_refuted"),
    [
        ("Create content type 1", ["jp-site"], {}, False),
        ("Create content type 1", ["jp-site"], {"identity": "another"}, True),
        ("Create content type 1", ["jp-site"], {"installation_id": "another"}, False),
        ("Renamed", ["jp-site"], None, False),
        ("Create content type 1", [], None, False),
        ("Somebody else's", [], None, True),
    ],
    ids=["ours", "another ticket's", "ours, by its identity", "renamed", "no label", "foreign"],
)
def test_an_issue_is_the_tickets_by_its_marker_or_else_by_label_or_title(
    site: SmallSite,
    title: str,
    labels: list[str],
    marker: dict[str, Any] | None,
    *,
    is_refuted: bool,
) -> None:
    """Where the site drops our markers, nothing else tells."""
    site.write(1, INTENT, low_bound=0)
    created = (
        site.create_by_hand(title=title, labels=labels)
        if marker is None
        else site.create(1, **marker)
    )
    site.receive(1, created)
    run = site.run

    read = verify_receipts(run, run.page.issue_receipts())

    assert site.events(1) == [INTENT, RECEIPT, *([REFUTED] if is_refuted else [])]
    assert [receipt.ticket_id for receipt in read.wrong] == ["t01"] * is_refuted
    assert (run.page.receipt(site.identity(1)) is None) is is_refuted


def test_an_issue_that_is_not_shown_keeps_its_receipt(site: SmallSite) -> None:
    """It may be hidden from our account."""
    hidden = site.export(1)
    site.delete(hidden)
    run = site.run

    check_receipts(run, site.tickets)

    assert site.events(1) == [INTENT, RECEIPT]
    assert not run.page.is_read(run.page.issue_receipts()[0])


def test_nothing_is_written_to_an_issue_that_could_not_be_read(site: SmallSite) -> None:
    unread = site.export(1)
    site.answering = failing({unread.remote_id})

    with pytest.raises(UnavailableError, match="nothing is written to them"):
        check_receipts(site.run, site.tickets)


def test_what_was_read_back_is_not_read_again(site: SmallSite) -> None:
    for of in (1, 2):
        site.export(of)
    run = site.run

    for _ in range(2):
        check_receipts(run, site.tickets)

    assert len(site.read_keys()) == 1


def test_an_issue_that_moved_has_its_new_key_from_then_on(site: SmallSite) -> None:
    moved = site.export(1)
    site.change("UPDATE issue SET key = 'OPS-7' WHERE id = ?", int(moved.remote_id))
    run = site.run

    verify_receipts(run, run.page.issue_receipts())

    (receipt,) = run.page.issue_receipts()
    first = next(e for e in entries_of(site.store) if e.event is RECEIPT)
    assert receipt.remote_key == "OPS-7"
    assert (receipt.remote_id, receipt.at) == (moved.remote_id, first.at)


def test_what_was_confirmed_or_adopted_is_not_refuted_whatever_became_of_it(
    site: SmallSite,
) -> None:
    site.export(1)
    site.export(2)
    run = site.run
    confirmed, sent = run.page.issue_receipts()
    adopted = replace(sent, origin=Origin.ADOPTED)
    file_comparison(run)
    site.change("UPDATE issue SET summary = 'theirs'")
    site.change("DELETE FROM issue_label")
    site.change("DELETE FROM issue_property WHERE issue_id = ?", int(confirmed.remote_id or ""))
    site.change("""UPDATE issue_property SET value = '{"identity": "x", "installation": "y",
        "session": "z", "sequence": 1}' WHERE key = 'jira_pipeline'""")

    read = verify_receipts(site.run, [confirmed], is_refuting=False)

    assert read.wrong == ()
    [found] = verify_receipts(site.run, [sent]).shown.values()
    assert is_issue_of(run, adopted, found)
    assert not is_issue_of(run, sent, found)
