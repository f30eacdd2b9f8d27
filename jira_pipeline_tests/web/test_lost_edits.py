"""No edit is lost: two people, two windows of one person, late drafts, tickets that vanish.

Judged from the revisions and drafts in the store, whatever the pages say.
"""

from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from jira_pipeline.errors import EditConflictError
from jira_pipeline.flow.open_session import OpenSession, open_session
from jira_pipeline.kernel.people import Role
from jira_pipeline.kernel.tickets import Revision, Ticket
from jira_pipeline.review.drafting import ATTEMPTS_MAX, keep_drafts, save_draft
from jira_pipeline.review.editable_text import markdown_of_part
from jira_pipeline.review.editing import TicketEdit, edit_ticket
from jira_pipeline.store.reviews import ReviewStore
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES, ClientOf, signed_in

REVIEWER, EXPORTER = NAMES[Role.REVIEWER], NAMES[Role.EXPORTER]


def a_ticket(web: Web, number: int) -> Ticket:
    """The ticket as it is now."""
    return web.pipeline.store.tickets.get(SESSION, number)


def put(
    client: TestClient, ticket: Ticket, part: str, text: str, *, known: str = "", base: int = 0
) -> dict[str, object]:
    """Write a draft as the page does while somebody types."""
    answer = client.put(
        f"/api/sessions/{SESSION}/drafts/{ticket.ticket_id}/{part}",
        json={
            "text": text,
            "base_revision": base or ticket.revision.number,
            "known_hash": known,
        },
    )
    assert answer.status_code == 200, answer.text
    shown: dict[str, object] = answer.json()
    return shown


def leave(client: TestClient, ticket: Ticket) -> dict[str, object]:
    """Leave the ticket."""
    answer = client.post(
        f"/api/sessions/{SESSION}/drafts/{ticket.ticket_id}/keep", json={"parts": []}
    )
    assert answer.status_code == 200, answer.text
    left: dict[str, object] = answer.json()
    return left


def submit(client: TestClient, ticket: Ticket, **texts: str) -> str:
    """Send the form of the page without script, as it was shown with this ticket; return the page."""
    base = [f"{name} {ticket.revision.number} " for name in texts]
    answer = client.post(
        f"/sessions/{SESSION}/tickets/{ticket.number}/edit",
        data={"ticket_id": ticket.ticket_id, "base": base, **texts},
        follow_redirects=True,
    )
    return answer.text


def markdown_of(ticket: Ticket, part: str) -> str:
    """What a part says, as Markdown."""
    return markdown_of_part(getattr(ticket.revision.parts, part))


def drafts_of(web: Web, ticket: Ticket) -> dict[tuple[str, str], str]:
    """The drafts of a ticket by person and part."""
    return {
        (d.person, d.part): d.text for d in web.pipeline.store.drafts.of_ticket(ticket.ticket_id)
    }


def test_drafts_become_one_revision_when_a_person_leaves(web: Web, client_of: ClientOf) -> None:
    client, ticket = client_of(Role.REVIEWER), a_ticket(web, 1)
    first = put(client, ticket, "notes", "One")
    second = put(client, ticket, "notes", "One and two", known=str(first["text_hash"]))
    put(client, ticket, "analysis", "- A point")

    assert a_ticket(web, 1).revision == ticket.revision
    left = leave(client, ticket)

    now = a_ticket(web, 1)
    assert second["html"] == "<p>One and two</p>"
    assert (left["revision"], left["is_new"], left["conflicts"]) == (2, True, [])
    assert (markdown_of(now, "notes"), markdown_of(now, "analysis")) == ("One and two", "- A point")
    assert now.revision.author == REVIEWER
    assert drafts_of(web, ticket) == {}
    assert leave(client, ticket)["is_new"] is False


def test_two_people_in_different_parts_both_count(web: Web, client_of: ClientOf) -> None:
    one, other, ticket = client_of(Role.REVIEWER), client_of(Role.EXPORTER), a_ticket(web, 2)
    put(one, ticket, "notes", "Notes of one")
    put(other, ticket, "verification", "- [ ] Check of the other")

    assert leave(one, ticket)["conflicts"] == []
    assert leave(other, ticket)["conflicts"] == []

    now = a_ticket(web, 2)
    authors = [r.author for r in web.pipeline.store.tickets.revisions(ticket.ticket_id)]
    assert markdown_of(now, "notes") == "Notes of one"
    assert markdown_of(now, "verification") == "- [ ] Check of the other"
    assert authors[-2:] == [REVIEWER, EXPORTER]


def test_two_people_in_one_part_see_both_texts_and_decide(web: Web, client_of: ClientOf) -> None:
    one, other, ticket = client_of(Role.REVIEWER), client_of(Role.EXPORTER), a_ticket(web, 3)
    put(one, ticket, "notes", "Text of one")
    late = put(other, ticket, "notes", "Text of the other")
    put(other, ticket, "user_story", "As a keeper, I want clocks, so that they tick.")
    leave(one, ticket)

    again = put(other, ticket, "notes", "Text of the other", known=str(late["text_hash"]))
    left = leave(other, ticket)

    assert (late["changed_by"], again["changed_by"]) == ("", REVIEWER), "as soon as it is known"
    assert left["conflicts"] == ["notes"]
    now = a_ticket(web, 3)
    assert markdown_of(now, "notes") == "Text of one"
    assert markdown_of(now, "user_story") == "As a keeper, I want clocks, so that they tick."
    assert drafts_of(web, ticket) == {(EXPORTER, "notes"): "Text of the other"}
    page = other.get(f"/sessions/{SESSION}/tickets/3").text
    assert page.count("Text of one") >= 1
    assert "Text of the other" in page
    assert f'value="notes {now.revision.number} {late["text_hash"]}"' in page
    for place in ("", "/tickets", "/tickets/4"):
        assert "is still a draft" in other.get(f"/sessions/{SESSION}{place}").text
        assert "is still a draft" not in one.get(f"/sessions/{SESSION}{place}").text

    other.post(
        f"/sessions/{SESSION}/tickets/3/edit",
        data={
            "ticket_id": ticket.ticket_id,
            "base": [f"notes {now.revision.number} {late['text_hash']}"],
            "notes": "Text of one, and of the other",
        },
    )

    texts = [markdown_of_part(r.parts.notes) for r in revisions(web, ticket)]
    assert texts[-1] == "Text of one, and of the other"
    assert "Text of one" in texts
    assert drafts_of(web, ticket) == {}


def test_a_form_without_script_conflicts_alike(web: Web, client_of: ClientOf) -> None:
    one, other, ticket = client_of(Role.REVIEWER), client_of(Role.EXPORTER), a_ticket(web, 4)

    submit(one, ticket, notes="First", analysis=markdown_of(ticket, "analysis"))
    page = submit(other, ticket, notes="Second", analysis=markdown_of(ticket, "analysis"))

    assert "First" in page
    assert "Second" in page
    assert markdown_of(a_ticket(web, 4), "notes") == "First"
    assert drafts_of(web, ticket) == {(EXPORTER, "notes"): "Second"}
    assert len(revisions(web, ticket)) == 2


def test_a_second_window_of_one_person_overwrites_nothing(web: Web, client_of: ClientOf) -> None:
    client, ticket = client_of(Role.REVIEWER), a_ticket(web, 5)
    put(client, ticket, "notes", "Written in the first window")

    answer = put(client, ticket, "notes", "Written in the second window")

    assert answer["is_kept"] is False
    assert answer["text"] == "Written in the first window"
    assert drafts_of(web, ticket) == {(REVIEWER, "notes"): "Written in the first window"}
    page = submit(client, ticket, notes="Written in the second window")
    assert "Written in the first window" in page
    assert "Written in the second window" in page
    assert a_ticket(web, 5).revision == ticket.revision


def test_what_comes_with_the_leaving_of_a_second_window_is_named_where_it_is_not_kept(
    web: Web, client_of: ClientOf
) -> None:
    client, ticket = client_of(Role.REVIEWER), a_ticket(web, 11)
    put(client, ticket, "notes", "Of the first window")
    part = {"part": "notes", "text": "Of the second", "base_revision": 1, "known_hash": ""}

    answer = client.post(
        f"/api/sessions/{SESSION}/drafts/{ticket.ticket_id}/keep", json={"parts": [part]}
    )

    assert answer.json()["refused"] == ["notes"]
    assert markdown_of(a_ticket(web, 11), "notes") == "Of the first window"


def test_a_window_that_was_open_while_another_one_was_left_conflicts(
    web: Web, client_of: ClientOf
) -> None:
    """The same person, the same part: what the first window made a revision is not overwritten."""
    client, ticket = client_of(Role.REVIEWER), a_ticket(web, 6)
    put(client, ticket, "notes", "Of the window that was left")
    leave(client, ticket)

    put(client, ticket, "notes", "Of the window that is late", base=ticket.revision.number)

    assert leave(client, ticket)["conflicts"] == ["notes"]
    assert markdown_of(a_ticket(web, 6), "notes") == "Of the window that was left"
    assert drafts_of(web, ticket) == {(REVIEWER, "notes"): "Of the window that is late"}


def test_a_draft_the_ticket_says_already_is_settled(web: Web, client_of: ClientOf) -> None:
    """As after a crash between the revision and the end of the draft."""
    client, ticket = client_of(Role.REVIEWER), a_ticket(web, 7)
    put(client, ticket, "notes", "Said")
    leave(client, ticket)
    put(client, ticket, "notes", "Said", base=ticket.revision.number)

    assert leave(client, ticket) == {
        "revision": 2,
        "is_new": False,
        "conflicts": [],
        "unusable": [],
        "refused": [],
        "seen": "",
    }
    assert drafts_of(web, ticket) == {}


@pytest.mark.parametrize("is_alone", [True, False])
def test_ones_own_text_is_what_one_has_read_and_nobody_elses(
    fresh_web: Web, *, is_alone: bool
) -> None:
    client, ticket = signed_in(fresh_web, Role.REVIEWER), a_ticket(fresh_web, 7)
    address = f"/api/sessions/{SESSION}/drafts/{ticket.ticket_id}/keep"
    page = client.get(f"/sessions/{SESSION}/tickets/7").text
    shown = page.split('name="seen" value="')[1].split('"')[0]
    put(client, ticket, "notes", "Mine.")
    if not is_alone:
        other = signed_in(fresh_web, Role.EXPORTER)
        put(other, ticket, "analysis", "- Theirs.")
        leave(other, ticket)

    seen = client.post(address, json={"parts": [], "seen": shown}).json()["seen"]

    page = client.get(f"/sessions/{SESSION}/tickets/7").text
    now = page.split('name="seen" value="')[1].split('"')[0]
    assert now != shown
    assert seen == (now if is_alone else "")


def test_a_draft_that_cannot_be_kept_stays_and_does_not_hold_up_the_others(
    web: Web, client_of: ClientOf
) -> None:
    client, ticket = client_of(Role.REVIEWER), a_ticket(web, 8)
    put(client, ticket, "title", "   ")
    put(client, ticket, "notes", "Kept")

    left = leave(client, ticket)

    assert left["unusable"] == ["title"]
    assert markdown_of(a_ticket(web, 8), "notes") == "Kept"
    assert a_ticket(web, 8).title == ticket.title
    assert drafts_of(web, ticket) == {(REVIEWER, "title"): "   "}


def test_a_draft_on_a_ticket_that_vanished_is_kept_and_shown(fresh_web: Web) -> None:
    """Somebody uploads sheets without its rows while another person writes."""
    client, ticket = signed_in(fresh_web, Role.REVIEWER), a_ticket(fresh_web, 5)
    put(client, ticket, "notes", "Written before")
    store = fresh_web.pipeline.store
    store.tickets.save_generated(SESSION, [], at=fresh_web.pipeline.clock.now())

    late = put(client, ticket, "analysis", "- Written after")
    refused = client.post(
        f"/api/sessions/{SESSION}/drafts/{ticket.ticket_id}/keep", json={"parts": []}
    )
    page = client.get(f"/sessions/{SESSION}/tickets/{ticket.ticket_id}").text

    assert late["is_kept"] is True
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_ticket")
    assert set(drafts_of(fresh_web, ticket).values()) == {"Written before", "- Written after"}
    assert "Written before" in page
    assert "no longer hold this ticket" in page
    assert revisions(fresh_web, ticket) == (ticket.revision,)


@dataclass
class Interrupted:
    """A store of reviews into which another person writes just before an edit, so many times."""

    reviews: ReviewStore
    session: OpenSession
    number: int
    times: int

    def edit(self, *args: Any, **kwargs: Any) -> Revision:
        """Edit, after the other person did."""
        if self.times:
            self.times -= 1
            ticket = self.session.store.tickets.get(SESSION, self.number)
            change = TicketEdit(parts={"analysis": f"<p>{self.times} more</p>"})
            edit_ticket(
                ticket, change, reviews=self.reviews, by=EXPORTER, at=self.session.clock.now()
            )
        return self.reviews.edit(*args, **kwargs)


@pytest.mark.parametrize(("times", "is_kept"), [(ATTEMPTS_MAX - 1, True), (ATTEMPTS_MAX, False)])
def test_edits_of_others_at_the_worst_moment_are_merged_in(
    web: Web, times: int, is_kept: bool
) -> None:
    """They edit another part between reading and writing; where it goes on, the draft stays."""
    session, ticket = open_session(web.pipeline, SESSION), a_ticket(web, 9 if is_kept else 10)
    save_draft(
        session,
        ticket.ticket_id,
        "notes",
        text="Mine",
        base_revision=ticket.revision.number,
        known_hash="",
        by=REVIEWER,
    )
    reviews = Interrupted(web.pipeline.store.reviews, session, ticket.number, times)
    store = replace(web.pipeline.store, reviews=cast("ReviewStore", reviews))
    interrupted = open_session(replace(web.pipeline, store=store), SESSION)

    with nullcontext() if is_kept else pytest.raises(EditConflictError):
        keep_drafts(interrupted, ticket.ticket_id, by=REVIEWER)

    now = a_ticket(web, ticket.number)
    assert markdown_of(now, "analysis") == "0 more"
    assert markdown_of(now, "notes") == ("Mine" if is_kept else markdown_of(ticket, "notes"))
    assert drafts_of(web, ticket) == ({} if is_kept else {(REVIEWER, "notes"): "Mine"})


def revisions(web: Web, ticket: Ticket) -> tuple[Revision, ...]:
    """All revisions of a ticket."""
    return web.pipeline.store.tickets.revisions(ticket.ticket_id)
