"""What people do on the page of a ticket, by its forms; no edit is lost.

Two people, two windows of one person, tickets that vanish: judged from the revisions in the store and
what the answer shows, whatever it says.
"""

from copy import copy
from dataclasses import replace
from typing import Any, cast

import pytest
from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.review import decisions, revisions
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.revisions import TicketEdit, markdown_of_part
from jira_pipeline.store.reviews import ReviewStore
from jira_pipeline.web.context import Web
from jira_pipeline.web.pages import ticket_page
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import (
    NAMES,
    ClientOf,
    asked_of_store,
    one,
    page_at,
    signed_in,
    value_of,
)

HERE = f"/sessions/{SESSION}/tickets"
REVIEWER, EXPORTER = NAMES[Role.REVIEWER], NAMES[Role.EXPORTER]


def id_of(web: Web, number: int) -> str:
    return web.pipeline.store.tickets.get(SESSION, number).ticket_id


def post(
    client_of: ClientOf, web: Web, number: int, form: str, **fields: str | list[str]
) -> LexborHTMLParser:
    """Send a form of the page of a ticket, and return the page it leads to."""
    answer = client_of(Role.REVIEWER).post(
        f"{HERE}/{number}/{form}".rstrip("/"),
        data={"ticket_id": id_of(web, number), **fields},
        follow_redirects=True,
    )
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def shown(page: LexborHTMLParser, selector: str) -> str:
    return " ".join(node.text(strip=True, separator=" ") for node in page.css(selector))


def test_a_ticket_is_shown_as_jira_will_with_its_rows_beside(client_of: ClientOf) -> None:
    answer = client_of(Role.READER).get(f"{HERE}/7")
    page = LexborHTMLParser(answer.text)

    assert len(answer.content) < 200_000
    assert "View modes to build" in shown(page, "article.ticket h3")
    assert "line 3" in shown(page, "#rows [data-file='Uhrenmuseum_CustomViewModes.csv'] summary")
    assert page.css_first("#editing") is None, "readers do not edit"
    assert [a.attributes["href"] for a in page.css("nav a[rel]")] == [f"{HERE}/6", f"{HERE}/8"]


def test_what_was_found_in_the_rows_of_a_ticket_stands_beside_it(client_of: ClientOf) -> None:
    """A reviewer approved rows that the page of findings doubted, and named the ticket of."""
    client = client_of(Role.READER)
    rows = LexborHTMLParser(client.get("/sessions/museum/findings").text).css(
        "table.found tbody tr"
    )
    linked = [(link, row) for row in rows for link in row.css("a.ticket-link")]

    assert linked
    for link, row in linked:
        page = LexborHTMLParser(client.get(link.attributes["href"] or "").text)
        assert shown(LexborHTMLParser(row.html or ""), "td.text:nth-child(3)") in shown(
            page, "#findings li"
        )


def test_every_ticket_has_a_page_of_bounded_weight(client_of: ClientOf) -> None:
    for number in range(1, EXAMPLE_TICKETS + 1):
        answer = client_of(Role.REVIEWER).get(f"{HERE}/{number}?edit=1")

        assert (answer.status_code, len(answer.content) < 200_000) == (200, True), number


@each("place", ["", "/tickets", "/tickets/7", "/questions", "/findings"])
def test_no_page_asks_the_store_for_the_same_twice(
    client_of: ClientOf, web: Web, place: str
) -> None:
    """The one of a ticket reads that one, and no other, where the process keeps none."""
    client = client_of(Role.REVIEWER)
    client.get(f"/sessions/{SESSION}{place}")

    with asked_of_store(web) as asked:
        client.get(f"/sessions/{SESSION}{place}")

    assert [each for each in set(asked) if asked.count(each) > 1 and each[0] != "BEGIN"] == []
    assert not [sql for sql, _ in asked if "FROM tickets" in sql and "number = ?" not in sql]


@each("ticket", ["99", "0", "nowhere", "٣", "99999999999999999999"])
def test_what_is_no_ticket_is_not_found(client_of: ClientOf, ticket: str) -> None:
    assert client_of(Role.READER).get(f"{HERE}/{ticket}").status_code == 404


def test_comments_are_shown_as_text_and_removed_by_their_author(
    web: Web, client_of: ClientOf
) -> None:
    page = post(client_of, web, 11, "comments", text="Really?\n<b>Yes</b>")
    action = str(one(page, ".comment form").attributes["action"])

    client_of(Role.EXPORTER).post(action)
    other = page_at(client_of(Role.EXPORTER), f"{HERE}/11")
    client_of(Role.REVIEWER).post(action)

    assert "<b>Yes</b>" in shown(page, ".comment .lines")
    assert "Really?" in shown(other, ".comment .lines"), "it is not theirs"
    assert web.pipeline.store.comments.of_ticket(id_of(web, 11)) == ()


def test_fields_are_set_where_they_differ_from_what_was_shown(
    web: Web, client_of: ClientOf
) -> None:
    """Somebody else may have set another one since the page was loaded, or the same."""
    had, ada = "configuration, uhrenmuseum", "ada@sandbox.example"
    first: dict[str, str | list[str]] = {
        "do": "assign",
        "was": [f"assignee {ada}", "sprint ", f"labels {had}"],
        "labels": had,
    }
    post(client_of, web, 11, "", **first, assignee="anna@example.org", sprint="")
    post(client_of, web, 11, "", **first, assignee=ada, sprint="Sprint 2")
    second = post(client_of, web, 11, "", do="assign", was=[f"labels {had}"], labels=f"{had}, late")
    refused = post(client_of, web, 11, "", do="assign", was=["labels "], labels="two words")
    nothing = post(client_of, web, 11, "", do="assign", was=["sprint Sprint 2"], sprint="Sprint 2")
    theirs = post(client_of, web, 11, "", **first, assignee="ben@example.org", sprint="")
    older = post(client_of, web, 11, "", do="assign", was=[f"labels {had}"], labels="mine")

    ticket = web.pipeline.store.tickets.get(SESSION, 11)
    assert (ticket.assignee, ticket.sprint) == ("anna@example.org", "Sprint 2")
    assert ticket.labels == ("configuration", "late", "uhrenmuseum")
    assert "assignee changed in the meantime; nothing was saved" in shown(theirs, ".notice.error")
    assert "labels changed in the meantime; nothing was saved" in shown(older, ".notice.error")
    assert "1 ticket changed." in shown(second, ".notice")
    assert "without spaces" in shown(refused, ".notice.error")
    assert "Nothing was changed." in shown(nothing, ".notice")


def test_a_preview_without_script_is_by_the_real_converter(web: Web, client_of: ClientOf) -> None:
    page = post(client_of, web, 17, "edit", do="preview", revision="1", notes="**Loud** <i>x</i>")

    assert web.pipeline.store.tickets.get(SESSION, 17).revision.number == 1
    preview = one(page, ".part[data-part=notes] .preview")
    assert "<strong>Loud</strong>" in (preview.html or "")


@pytest.mark.parametrize("waits", [True, False])
def test_a_ticket_that_waits_for_answers_says_so(
    client_of: ClientOf, monkeypatch: pytest.MonkeyPatch, *, waits: bool
) -> None:
    monkeypatch.setattr(f"{ticket_page.__name__}.is_waiting_for_answers", lambda _analysis: waits)
    page = LexborHTMLParser(client_of(Role.READER).get(f"{HERE}/22").text)

    assert ("Waits for answers" in shown(page, ".state.changed")) == waits


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
    held = {str(part.attributes["name"]): part.text() for part in page.css(".part textarea")}
    return held | {"revision": value_of(page, "#editing input[name=revision]")}


def markdown_of(ticket: Ticket, part: str) -> str:
    return markdown_of_part(getattr(ticket.revision.parts, part))


def authors_of(web: Web, ticket: Ticket) -> list[str]:
    return [revision.author for revision in web.pipeline.store.tickets.revisions(ticket.ticket_id)]


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
    mine, other, ticket = client_of(Role.REVIEWER), client_of(Role.EXPORTER), a_ticket(web, 2)
    analysis = markdown_of(ticket, "analysis")

    save(mine, ticket, notes="Notes of one", analysis=analysis)
    save(other, ticket, notes=markdown_of(ticket, "notes"), analysis="Of the other")

    now = a_ticket(web, 2)
    assert markdown_of(now, "notes") == "Notes of one"
    assert markdown_of(now, "analysis") == "Of the other"
    assert authors_of(web, ticket)[-2:] == [REVIEWER, EXPORTER]


def test_two_people_in_one_part_see_both_texts_and_decide(web: Web, client_of: ClientOf) -> None:
    """A second window of one person is as good as another person."""
    mine, other, ticket = client_of(Role.REVIEWER), client_of(Role.EXPORTER), a_ticket(web, 3)
    save(mine, ticket, notes="Text of one")

    refused = save(other, ticket, notes="Text of the other", analysis="Of the other")

    assert refused.status_code == 409
    assert "Text of one" in shown(LexborHTMLParser(refused.text), "#conflict-notes")
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


def test_a_ticket_that_vanished_shows_what_people_decided_of_it(fresh_web: Web) -> None:
    """Its page broke off where changes had been requested of it, and was silent where it was skipped."""
    session = open_session(fresh_web.pipeline, SESSION)
    sent_back, skipped = (session.ticket(number).ticket_id for number in (5, 6))
    about = "column Help text"
    decisions.request_changes(session, [5], reason="Wrong", about=about, to="Kim", by=REVIEWER)
    decisions.skip(session, [6], reason="Built elsewhere", by=REVIEWER)
    tickets = fresh_web.pipeline.store.tickets
    tickets.save_generated(SESSION, [], at=fresh_web.pipeline.clock.now())
    client = signed_in(fresh_web, Role.REVIEWER)

    requested = page_at(client, f"{HERE}/{sent_back}")
    left_out = page_at(client, f"{HERE}/{skipped}")

    request = shown(requested, "section:has(#requested)")
    assert [word in request for word in ("Wrong", about, "of Kim")] == [True] * 3
    assert requested.css("button[value=resolve]") == []
    assert "Built elsewhere" in shown(left_out, ".notice")


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
    assert "at the same moment. Save again." in late.text
    assert fields_of(late) | {"revision": "1"} == fields_of(late)
    assert fields_of(late)["notes"] == "Mine"
    assert "In the same moment" in again.text
    assert markdown_of(a_ticket(web, 9), "notes") == "In the same moment"
