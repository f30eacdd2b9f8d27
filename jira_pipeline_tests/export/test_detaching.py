"""What of ours is taken off issues: only what no ticket asks for, where the issue says so, by its id."""

from dataclasses import replace
from typing import Any

import pytest

from jira_pipeline.export.detaching import (
    NO_ID,
    Detaching,
    links_at,
    obsolete_files,
    obsolete_links,
)
from jira_pipeline.export.ledger_page import WriteSubject, file_identity
from jira_pipeline.export.links import Linking, links_of
from jira_pipeline.model.exports import LedgerEvent, LedgerSubject, Origin, SentContent, WrittenText
from jira_pipeline.model.issue_tracker import Created
from jira_pipeline.model.manual_fixes import FixState
from jira_pipeline.model.rendered_tickets import hashed_file_name
from jira_pipeline_tests.export.small_site import SmallSite, a_ticket

OLD, NEW = ("all.md", "The old text."), ("all.md", "The new text.")
BLOCKS = "10000"


def say(site: SmallSite, of: int, *, was: str = "now") -> Created:
    created = site.export(of)
    text = WrittenText(wanted_hash="", before_hash="", last_change="")
    sent = SentContent(rendered_hash=was, revision=1, content_sha256="", text=text)
    site.write(of, LedgerEvent.UPDATED, remote_id=created.remote_id, sent=sent)
    return created


def ours(
    site: SmallSite,
    subject: LedgerSubject,
    identity: str,
    remote_id: str | None,
    *,
    origin: Origin | None = None,
) -> None:
    what = WriteSubject(ticket_id="t01", subject=subject, identity=identity)
    site.run.page.write(what, LedgerEvent.RECEIPT, remote_id=remote_id, origin=origin)


def linked(site: SmallSite, *, is_known: bool = True) -> str:
    """Link the issues of the first two tickets, which no ticket asks for any more; return its id."""
    first, second = (say(site, of) for of in (1, 2))
    site.client.create_link(
        link_type_id=BLOCKS, inward_issue_id=second.remote_id, outward_issue_id=first.remote_id
    )
    [issue] = site.client.bulk_fetch([first.remote_id], fields=("issuelinks",)).issues
    [link] = issue.links
    identity = f"Blocks/{site.identity(2)}/{site.identity(1)}"
    ours(site, LedgerSubject.LINK, identity, link.link_id if is_known else None)
    return link.link_id


def tickets(**first: Any) -> tuple[Any, ...]:
    """Return two tickets as they are now; the first is changed."""
    one, two = (replace(a_ticket(of), rendered_hash="now") for of in (1, 2))
    return replace(one, **first), two


def there(site: SmallSite, link_id: str) -> bool:
    with site.sandbox.state.reading() as rows:
        return bool(rows.execute("SELECT 1 FROM issue_link WHERE id = ?", (link_id,)).fetchall())


@pytest.mark.parametrize("now", ["now", "later"])
def test_a_link_goes_where_the_issue_says_what_its_ticket_says(site: SmallSite, now: str) -> None:
    site.tickets = tickets(rendered_hash=now)
    link_id = linked(site)

    Detaching(site.run, obsolete_links(site.run)).carry_out()

    assert there(site, link_id) is (now == "later")
    assert [one.subject.subject for one in obsolete_links(site.run, planned=[1])] == (
        [LedgerSubject.LINK] if now == "later" else []
    )


@pytest.mark.parametrize("waiting", [1, 2], ids=["as it is", "the other way"])
def test_a_link_stays_where_a_ticket_asks_for_it_in_this_direction(
    site: SmallSite, waiting: int
) -> None:
    link_id, one = linked(site), {1: "t02", 2: "t01"}
    site.tickets = tuple(
        replace(ticket, ticket=replace(ticket.ticket, depends_on=(one[waiting],)))
        if ticket.ticket.number == waiting
        else ticket
        for ticket in tickets()
    )

    Detaching(site.run, obsolete_links(site.run)).carry_out()

    assert there(site, link_id) is (waiting == 1)


def test_a_link_of_somebody_else_that_got_the_id_of_ours_stays(site: SmallSite) -> None:
    """A site that was restored from a backup gives ids again."""
    site.tickets = tickets()
    link_id, theirs = linked(site), site.create_by_hand()
    change = "UPDATE issue_link SET inward_issue_id = ? WHERE id = ?"
    site.change(change, int(theirs.remote_id), int(link_id))

    Detaching(site.run, obsolete_links(site.run)).carry_out()

    assert there(site, link_id)
    assert obsolete_links(site.run) == []


def test_an_issue_that_is_given_back_keeps_the_links_that_people_made(site: SmallSite) -> None:
    site.tickets = tickets()
    linked(site)
    issue = site.run.page.receipt(site.identity(1))
    assert issue is not None
    made = links_at(site.run, issue)
    identity = f"Blocks/{site.identity(2)}/{site.identity(1)}"
    ours(site, LedgerSubject.LINK, identity, "77", origin=Origin.FOUND)

    assert len(made) == 1
    assert links_at(site.run, issue) == []


def test_what_has_no_id_or_is_on_a_hidden_issue_is_left_to_people(site: SmallSite) -> None:
    site.tickets = tickets()
    link_id = linked(site, is_known=False)
    Detaching(site.run, obsolete_links(site.run)).carry_out()

    fixes, target_id = site.store.manual_fixes, site.target.target_id
    [unknown] = fixes.list_all("site", target_id=target_id)

    hidden = [replace(one, remote_id=link_id, issue_id="999") for one in obsolete_links(site.run)]
    fixes.set_state("site", unknown.fix_id, FixState.OBSOLETE, by="a test", at=unknown.created_at)
    Detaching(site.run, hidden).carry_out()
    [unseen] = fixes.list_all("site", target_id=target_id)

    assert NO_ID in unknown.recommended_action
    assert "does not show the issue" in unseen.recommended_action
    assert there(site, link_id)


@pytest.mark.parametrize(
    ("now", "is_attached", "is_obsolete"),
    [("now", True, True), ("now", False, False), ("later", True, False)],
    ids=["replaced", "before the new one is there", "the ticket changed again"],
)
def test_an_old_file_goes_once_the_issue_has_the_one_of_its_text(
    site: SmallSite, now: str, *, is_attached: bool, is_obsolete: bool
) -> None:
    site.tickets = tickets(rendered_hash=now, attachment=NEW)
    say(site, 1)
    for number, file in enumerate((OLD, NEW) if is_attached else (OLD,)):
        name = file_identity(site.identity(1), hashed_file_name(*file))
        ours(site, LedgerSubject.ATTACHMENT, name, str(number))

    found = [one.name for one in obsolete_files(site.run)]

    assert found == ([hashed_file_name(*OLD)] if is_obsolete else [])


def test_a_link_that_was_there_before_ours_is_not_ours(site: SmallSite) -> None:
    site.tickets = (a_ticket(1, depends_on=("t02",)), a_ticket(2))
    first, second = (site.export(of) for of in (1, 2))
    site.client.create_link(
        link_type_id=BLOCKS, inward_issue_id=second.remote_id, outward_issue_id=first.remote_id
    )
    run = site.run

    Linking(run, links_of(site.order.in_build_order)).carry_out()

    [link] = run.page.receipts_of(LedgerSubject.LINK)
    assert link.origin is Origin.FOUND
