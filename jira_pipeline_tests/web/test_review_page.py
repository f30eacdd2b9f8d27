"""The way through a review by forms alone: where a decision leads, what it asks, how it is undone."""

from typing import Any

from fastapi.testclient import TestClient
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION, rename_ticket
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import (
    NAMES,
    ClientOf,
    address_of,
    one,
    page_at,
    signed_in,
    text_of,
    texts,
    value_of,
)

HERE = f"/sessions/{SESSION}"
VIEWS = "?group=Views"
"""Tickets 19 to 22 and 24; all but the last have open questions."""
WITH_QUESTIONS = {"do": "ready", "with_questions": "1"}


def decide(client: TestClient, web: Web, address: str, **form: str) -> str:
    """Send the form of a ticket that decides, and return where it leads."""
    number = int(address.partition("?")[0])
    path, _, query = address.partition("?")
    ticket_id = web.pipeline.store.tickets.get(SESSION, number).ticket_id
    answer = client.post(f"{HERE}/tickets/{path}?{query}", data={"ticket_id": ticket_id, **form})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"]).removeprefix(HERE)


def details_of_mark(web: Web) -> dict[str, Any]:
    entries = web.pipeline.store.audit.entries(SESSION, actions={AuditAction.TICKETS_MARKED_READY})
    return dict(entries[-1].details)


def test_decisions_lead_through_the_list_one_came_from_to_its_end(fresh_web: Web) -> None:
    id_of = {t.number: t.ticket_id for t in fresh_web.pipeline.store.tickets.listed(SESSION)}
    with signed_in(fresh_web, Role.REVIEWER) as client:
        first = client.get(f"{HERE}/review{VIEWS}&sort=title").headers["location"]
        passed_over = decide(client, fresh_web, "20?group=Views", **WITH_QUESTIONS)
        skipped = decide(client, fresh_web, "21?group=Views", do="skip", reason="Built already")
        page = client.get(f"{HERE}{skipped}").text
        for number in (22, 24):
            decide(client, fresh_web, f"{number}{VIEWS}", **WITH_QUESTIONS)
        last = decide(client, fresh_web, f"19{VIEWS}", **WITH_QUESTIONS)
        end = client.get(f"{HERE}{last}").text

    assert first == f"{HERE}/tickets/19?group=Views&sort=title"
    assert passed_over == f"/tickets/21?group=Views&did=ready-{id_of[20]}"
    assert skipped == f"/tickets/22?group=Views&did=skipped-{id_of[21]}"
    assert "1/4 approved" in text_of(page, ".along")
    assert "left at your pace" not in text_of(page, ".along"), "one decision is no pace"
    assert text_of(page, ".decided p") == "21 · Update view: Events skipped."
    assert LexborHTMLParser(page).css_first("h1[autofocus]") is not None
    assert last == f"/review?group=Views&did=ready-{id_of[19]}"
    assert text_of(end, "h1") == "Nothing left to review in this list"
    assert "3 approved with open questions" in text_of(end, ".totals")
    assert text_of(end, ".next h2") == "19 tickets in other lists to review"


def test_the_last_decision_is_taken_back_where_it_led_to(fresh_web: Web) -> None:
    tickets = fresh_web.pipeline.store.tickets
    with signed_in(fresh_web, Role.REVIEWER) as client:
        after = decide(client, fresh_web, "24", do="ready")
        page = page_at(client, f"{HERE}{after}")
        back = decide(client, fresh_web, "24", do=value_of(page, ".decided button"))
        again = client.get(f"{HERE}{after}").text

    assert one(page, ".decided form").attributes["action"] == f"{HERE}/tickets/24"
    assert (back, tickets.get(SESSION, 24).is_ready) == ("/tickets/24", False)
    assert text_of(again, ".decided") == "", "it does not hold any more"


def test_changes_are_requested_of_a_cell_listed_and_answered(fresh_web: Web) -> None:
    tickets = fresh_web.pipeline.store.tickets
    request = {"reason": "Say which roles", "about": "workflows.csv, row 2", "to": "bob"}
    with signed_in(fresh_web, Role.REVIEWER) as client:
        decide(client, fresh_web, "24", do="ready")
        after = decide(client, fresh_web, "24", do="request-changes", **request)
        toast = text_of(client.get(f"{HERE}{after}").text, ".decided p")
        page = client.get(f"{HERE}/tickets/24").text
        listed = client.get(f"{HERE}/tickets?sent_back=1").text
        overview = client.get(HERE).text
        is_ready = tickets.get(SESSION, 24).is_ready
        decide(client, fresh_web, "24", do="resolve", answer="Editors, as in row 3")
        answered = client.get(f"{HERE}/tickets/24").text
        decide(client, fresh_web, "24", do="ready")
        approved = client.get(f"{HERE}/tickets/24").text

    assert toast.endswith("sent back.")
    assert not is_ready
    assert "of bob" in text_of(page, "#requested")
    assert "workflows.csv, row 2" in text_of(page, ".notice .legend")
    assert texts(listed, "#tickets .name-only")[-1] == "bob: Say which roles"
    assert "1 ticket sent back" in text_of(overview, "aside .who")
    assert "Say which roles" in text_of(answered, ".notice")
    assert "Editors, as in row 3" in text_of(answered, ".notice")
    assert "Say which roles" not in text_of(approved, ".notice")


def test_words_that_a_decision_replaces_are_named_where_it_leads_to(fresh_web: Web) -> None:
    with signed_in(fresh_web, Role.REVIEWER) as client:
        decide(client, fresh_web, "24", do="request-changes", reason="Say which roles", to="bob")
        after = decide(client, fresh_web, "24", do="skip", reason="Later")
        page = client.get(f"{HERE}{after}").text

    named = "Replaced on ticket 24, sent back: “Say which roles”; asked: bob."
    assert named in text_of(page, ".notice.warn")


def test_a_request_that_is_undone_leaves_the_ticket_approved(fresh_web: Web) -> None:
    tickets = fresh_web.pipeline.store.tickets
    with signed_in(fresh_web, Role.REVIEWER) as client:
        decide(client, fresh_web, "24", do="ready")
        request = {"do": "request-changes", "number": "24", "reason": "Why?"}
        led = client.post(f"{HERE}/tickets", data=request).headers["location"]
        sent = tickets.get(SESSION, 24)
        undo = {"undo": value_of(page_at(client, led), "input[name=undo]")}
        client.post(f"{HERE}/tickets/undo", data=undo)

    assert (sent.sent_back, sent.is_ready) == ("Why?", False)
    assert (tickets.get(SESSION, 24).sent_back, tickets.get(SESSION, 24).is_ready) == (None, True)


def test_open_questions_are_asked_about_once_and_on_record(fresh_web: Web) -> None:
    ticket = fresh_web.pipeline.store.tickets.get(SESSION, 16)
    open_questions = len(ticket.revision.questions)
    with signed_in(fresh_web, Role.REVIEWER) as client:
        page = client.get(f"{HERE}/tickets/16").text
        refused = decide(client, fresh_web, "16", do="ready")
        said = text_of(client.get(f"{HERE}{refused}").text, "#notices")
        decide(client, fresh_web, "16", **WITH_QUESTIONS)
        with_questions = details_of_mark(fresh_web)
        listed = client.get(f"{HERE}/tickets").text
        home = client.get("/").text
        decide(client, fresh_web, "15", do="ready")

    assert text_of(page, "#asking h2") == f"{open_questions} questions of this ticket are open"
    assert refused == "/tickets/16"
    assert "1 ticket has open questions and is not ready: 16." in said
    assert with_questions["open_questions"] == {ticket.ticket_id: open_questions}
    assert "1 approved with open questions" in text_of(listed, ".filters .end")
    assert f"approved ticket 16 with {open_questions} open questions" in " ".join(home.split())
    assert "open_questions" not in details_of_mark(fresh_web)


def test_what_changed_while_somebody_read_is_not_approved(fresh_web: Web) -> None:
    with signed_in(fresh_web, Role.REVIEWER) as client:
        page = page_at(client, f"{HERE}/tickets/15")
        rename_ticket(fresh_web.pipeline, SESSION, 15, "Configure another thing")
        seen = value_of(page, "form[data-decides] input[name=seen]")
        where = decide(client, fresh_web, "15", do="ready", seen=seen)
        said = text_of(client.get(f"{HERE}{where}").text, "#notices")

    assert where == "/tickets/15"
    assert "Ticket 15 changed while you read it" in said
    assert not fresh_web.pipeline.store.tickets.get(SESSION, 15).is_ready


def test_an_approval_in_a_second_window_says_that_there_is_one(fresh_web: Web) -> None:
    """It approved again without a word, and went on; later the first approval said so of itself."""
    with signed_in(fresh_web, Role.REVIEWER) as client:
        first = decide(client, fresh_web, "4", do="ready")
        at_first = text_of(client.get(f"{HERE}{first}").text, "#notices")
        led = decide(client, fresh_web, "4", do="ready")
        said = text_of(client.get(f"{HERE}{led}").text, "#notices")

    assert at_first == ""
    assert said == f"4 was approved already, by {NAMES[Role.REVIEWER]}."


def test_the_next_ticket_is_fetched_ahead_as_it_will_be(fresh_web: Web) -> None:
    with signed_in(fresh_web, Role.REVIEWER) as client:
        ahead = address_of(page_at(client, f"{HERE}/tickets/4"), "link[rel=prefetch]")
        fetched = client.get(ahead, headers={"sec-purpose": "prefetch"})
        led = decide(client, fresh_web, "4", do="ready")
        asked = client.get(ahead)
        last = client.get(f"{HERE}/tickets/4").text

    assert ahead == HERE + led
    for part in (".decided", ".review-progress"):
        assert text_of(fetched.text, part) == text_of(asked.text, part)
    assert fetched.headers["cache-control"] == "private, max-age=300"
    assert asked.headers["cache-control"] == "no-store"
    assert "rel=prefetch" not in last, "who decided already does not go on by deciding"


@each("did", ["ready-nobody", "skipped-nobody"])
def test_an_address_says_only_what_is_so(client_of: ClientOf, did: str) -> None:
    page = client_of(Role.REVIEWER).get(f"{HERE}/tickets/2?did={did}").text

    assert text_of(page, ".decided") == ""


def test_who_plans_after_the_review_takes_no_approval_away(fresh_web: Web) -> None:
    """What is decided about a text stays while assignee, sprint, priority, labels and order change."""
    numbers = [str(n) for n in range(1, 25)]
    fields = {"assignee": "ada@sandbox.example", "sprint": "UHR Sprint 2", "priority": "High"}
    planned = {"do": "assign labels", "number": numbers, "added": "late", **fields}
    with signed_in(fresh_web, Role.EXPORTER) as client:
        for form in ({**WITH_QUESTIONS, "number": numbers}, planned, {"do": "move:2:1"}):
            client.post(f"{HERE}/tickets", data=form)
        plan = client.get(f"{HERE}/export").text

    tickets = fresh_web.pipeline.store.tickets.list_all(SESSION)
    assert all(one.is_ready and one.assignee == fields["assignee"] for one in tickets)
    assert "late" in tickets[0].labels
    assert "Create 24 issues" in text_of(plan, "form button")
    assert "validat" not in text_of(plan, ".notice").lower()
