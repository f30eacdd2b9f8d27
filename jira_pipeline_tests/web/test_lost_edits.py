"""No edit is lost: two people, two windows of one person, tickets that vanish.

Judged from the revisions in the store and what the answer shows, whatever it says.
"""

from copy import copy
from dataclasses import replace
from typing import Any, cast

from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review import revisions
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import TicketEdit, markdown_of_part
from jira_pipeline.store.reviews import ReviewStore
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES, ClientOf, signed_in

REVIEWER, EXPORTER = NAMES[Role.REVIEWER], NAMES[Role.EXPORTER]


def a_ticket(web: Web, number: int) -> Ticket:
    return web.pipeline.store.tickets.get(SESSION, number)


def save(client: TestClient, ticket: Ticket, *, revision: int = 0, **texts: str) -> Any:
    """Send the form as it was shown with this ticket, or with an earlier revision of it."""
    sent = {"ticket_id": ticket.ticket_id, "revision": revision or ticket.revision.number}
    address = f"/sessions/{SESSION}/tickets/{ticket.number}/edit"
    return client.post(address, data=sent | texts, follow_redirects=True)


def fields_of(answer: Any) -> dict[str, str]:
    """What the form of a page holds: its parts, and the revision it goes on from."""
    page = LexborHTMLParser(answer.text)
    held = {str(one.attributes["name"]): one.text() for one in page.css(".part textarea")}
    revision = page.css_first("#editing input[name=revision]")
    assert revision is not None
    return held | {"revision": str(revision.attributes["value"])}


def markdown_of(ticket: Ticket, part: str) -> str:
    return markdown_of_part(getattr(ticket.revision.parts, part))


def authors_of(web: Web, ticket: Ticket) -> list[str]:
    return [one.author for one in web.pipeline.store.tickets.revisions(ticket.ticket_id)]


def test_what_a_form_says_is_one_revision_and_nothing_new_is_none(
    web: Web, client_of: ClientOf
) -> None:
    client, ticket = client_of(Role.REVIEWER), a_ticket(web, 1)

    kept = save(client, ticket, notes="One and two", analysis="- A point")
    same = save(client, a_ticket(web, 1), notes="One and two")
    save(client, a_ticket(web, 1), user_story="")

    now = a_ticket(web, 1)
    assert "Ticket 1 is now at revision 2." in kept.text
    assert "Nothing was changed." in same.text
    assert (markdown_of(now, "notes"), markdown_of(now, "analysis")) == ("One and two", "- A point")
    assert markdown_of(now, "user_story") == ""
    assert authors_of(web, ticket)[1:] == [REVIEWER] * 2


def test_two_people_in_different_parts_both_count(web: Web, client_of: ClientOf) -> None:
    one, other, ticket = client_of(Role.REVIEWER), client_of(Role.EXPORTER), a_ticket(web, 2)
    analysis = markdown_of(ticket, "analysis")

    save(one, ticket, notes="Notes of one", analysis=analysis)
    save(other, ticket, notes=markdown_of(ticket, "notes"), analysis="Of the other")

    now = a_ticket(web, 2)
    assert markdown_of(now, "notes") == "Notes of one"
    assert markdown_of(now, "analysis") == "Of the other"
    assert authors_of(web, ticket)[-2:] == [REVIEWER, EXPORTER]


def test_two_people_in_one_part_see_both_texts_and_decide(web: Web, client_of: ClientOf) -> None:
    """A second window of one person is as good as another person."""
    one, other, ticket = client_of(Role.REVIEWER), client_of(Role.EXPORTER), a_ticket(web, 3)
    save(one, ticket, notes="Text of one")

    refused = save(other, ticket, notes="Text of the other", analysis="Of the other")

    page = LexborHTMLParser(refused.text)
    conflict = page.css_first("#conflict-notes")
    assert refused.status_code == 409
    assert conflict is not None
    assert "Text of one" in conflict.text()
    held = fields_of(refused)
    assert (held["notes"], held["analysis"]) == ("Text of the other", "Of the other")
    assert markdown_of(a_ticket(web, 3), "notes") == "Text of one"
    assert authors_of(web, ticket)[1:] == [REVIEWER], "nothing is saved before it is decided"

    both = "Text of one, and of the other"
    save(other, ticket, revision=int(held["revision"]), notes=both, analysis=held["analysis"])

    now = a_ticket(web, 3)
    assert (markdown_of(now, "notes"), markdown_of(now, "analysis")) == (both, "Of the other")
    assert authors_of(web, ticket)[1:] == [REVIEWER, EXPORTER]


def test_a_text_typed_on_an_earlier_revision_counts_for_its_part_alone(
    web: Web, client_of: ClientOf
) -> None:
    """As a browser sends it that brought back what somebody typed days ago."""
    client, ticket = client_of(Role.REVIEWER), a_ticket(web, 4)
    save(client_of(Role.EXPORTER), ticket, analysis="Of somebody else")
    shown = fields_of(client.get(f"/sessions/{SESSION}/tickets/4?edit=1"))

    late = save(client, ticket, notes="Typed before", analysis=shown["analysis"])
    unknown = save(client, ticket, revision=99, notes="From nowhere")

    assert late.status_code == 200
    assert markdown_of(a_ticket(web, 4), "notes") == "Typed before"
    assert markdown_of(a_ticket(web, 4), "analysis") == "Of somebody else"
    assert (unknown.status_code, fields_of(unknown)["notes"]) == (409, "From nowhere")


def test_a_text_that_cannot_be_kept_says_why_and_nothing_is_lost(
    web: Web, client_of: ClientOf
) -> None:
    client, ticket = client_of(Role.REVIEWER), a_ticket(web, 8)

    refused = save(client, ticket, title="   ", notes="Kept here")

    assert refused.status_code == 422
    assert "A title must not be empty." in refused.text
    assert fields_of(refused)["notes"] == "Kept here"
    assert a_ticket(web, 8).revision == ticket.revision


def test_what_is_typed_for_a_ticket_that_vanished_is_shown(fresh_web: Web) -> None:
    """Somebody uploads sheets without its rows while another person writes."""
    client, ticket = signed_in(fresh_web, Role.REVIEWER), a_ticket(fresh_web, 5)
    store = fresh_web.pipeline.store
    store.tickets.save_generated(SESSION, [], at=fresh_web.pipeline.clock.now())

    refused = save(client, ticket, notes="Written before")

    assert refused.status_code == 409
    assert "no longer hold this ticket" in refused.text
    assert fields_of(refused)["notes"] == "Written before"
    assert store.tickets.revisions(ticket.ticket_id) == (ticket.revision,)


class Interrupted:
    """A store of reviews into which another person writes just before an edit."""

    def __init__(self, web: Web, number: int) -> None:
        self._web, self._number = web, number

    def routes(self, session_key: str) -> Any:
        return self._web.pipeline.store.reviews.routes(session_key)

    def edit(self, *args: Any, **kwargs: Any) -> Any:
        session = open_session(self._web.pipeline, SESSION)
        change = TicketEdit(parts={"notes": "<p>In the same moment</p>"})
        revisions.edit(session, session.ticket(self._number), change, by=EXPORTER)
        return session.store.reviews.edit(*args, **kwargs)


def test_an_edit_of_somebody_else_in_the_same_moment_is_not_overwritten(web: Web) -> None:
    ticket = a_ticket(web, 9)
    reviews = cast("ReviewStore", Interrupted(web, 9))
    store = copy(web.pipeline.store)
    vars(store)["reviews"] = reviews
    interrupted = replace(web, pipeline=replace(web.pipeline, store=store))

    late = save(signed_in(interrupted, Role.REVIEWER), ticket, notes="Mine")
    again = save(signed_in(web, Role.REVIEWER), ticket, notes="Mine")

    assert (late.status_code, again.status_code) == (409, 409)
    assert "save again" in late.text
    assert fields_of(late) | {"revision": "1"} == fields_of(late)
    assert fields_of(late)["notes"] == "Mine"
    assert "In the same moment" in again.text
    assert markdown_of(a_ticket(web, 9), "notes") == "In the same moment"
