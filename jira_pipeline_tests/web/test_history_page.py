"""Who did what to a session and its tickets, when and why: as pages and as a table."""

import csv
import io

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.model.records import AuditAction, EventKind
from jira_pipeline.review import answers, approvals, decisions
from jira_pipeline.review.history import events_of, history_of, history_of_ticket
from jira_pipeline.review.open_session import open_session
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import signed_in, texts

HERE = f"/sessions/{SESSION}"


@pytest.fixture
def decided(fresh_web: Web) -> Web:
    """A session in which two people decided: 3 and 4 skipped, 3 taken in and ready, 24 waits for 1."""
    opened = open_session(fresh_web.pipeline, SESSION)
    decisions.skip(opened, [3, 4], reason="Built already.", by="anna")
    decisions.unskip(opened.again(), [3], by="ben")
    decisions.depend(opened.again(), 24, [1], by="ben")
    answers.answer(opened.again(), [("16.2", "Nobody but editors.")], by="anna")
    approvals.mark_ready(opened.again(), [3], by="anna")
    return fresh_web


def test_the_history_is_newest_first_and_of_one_person_or_kind_where_asked(decided: Web) -> None:
    session = open_session(decided.pipeline, SESSION)

    everything = history_of(session)
    by_anna = history_of(session, person="anna", kind=EventKind.DECISION)
    of_three = history_of_ticket(session, session.ticket(3))

    sequences = [entry.sequence for entry in everything.entries]
    assert sequences == sorted(sequences, reverse=True)
    assert {"anna", "ben", "pipeline"} <= set(everything.people)
    assert [e.action for e in by_anna.entries] == ["tickets_marked_ready", "tickets_skipped"]
    assert [[t.number for t in e.tickets] for e in events_of(session, by_anna.entries)] == [
        [3],
        [3, 4],
    ]
    assert [event.entry.action for event in of_three][:3] == [
        *("tickets_marked_ready", "tickets_unskipped", "tickets_skipped")
    ]


def test_the_page_says_in_words_who_did_what_and_why_and_leads_to_the_tickets(decided: Web) -> None:
    client = signed_in(decided, Role.READER)

    page = client.get(f"{HERE}/history").text
    rows = texts(page, ".log > li > div")

    assert rows[0].startswith("anna approved ticket 3")
    assert "“Nobody but editors.”" in rows[1]
    assert rows[2].startswith("ben added a dependency of ticket 24")
    assert rows[2].endswith("waits for ticket 1")
    assert rows[4].startswith("anna skipped 2 tickets")
    assert rows[4].endswith("“Built already.”")
    addresses = [a.attributes["href"] for a in LexborHTMLParser(page).css(".log a")]
    assert f"{HERE}/tickets/4" in addresses
    filtered = client.get(f"{HERE}/history?by=ben&kind=dependencies").text
    assert len(texts(filtered, ".log > li")) == 1
    assert "Nothing matches" in client.get(f"{HERE}/history?by=nobody").text


def test_the_table_has_what_the_page_has(decided: Web) -> None:
    answer = signed_in(decided, Role.READER).get(f"{HERE}/history.csv?by=anna&kind=decisions")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["person"], row["tickets"], row["particulars"]) for row in rows] == [
        ("anna", "3", ""),
        ("anna", "3 4", "“Built already.”"),
    ]


def test_the_page_of_a_ticket_says_who_marked_it_ready_and_what_happened_to_it(
    decided: Web,
) -> None:
    page = signed_in(decided, Role.READER).get(f"{HERE}/tickets/3").text

    session = open_session(decided.pipeline, SESSION)
    at = history_of_ticket(session, session.ticket(3))[0].entry.at
    [time] = LexborHTMLParser(page).css(".props .state + .legend time")
    assert "Approved by anna, " in " ".join(texts(page, ".props .v"))
    assert time.attributes["title"] == f"{at:%Y-%m-%d %H:%M:%S} UTC"
    events = texts(page, "#history li")
    assert "anna approved ticket 3" in events[0]
    assert events[2].endswith("“Built already.”")


def test_what_has_words_is_in_the_history_and_all_that_is_in_it_has_words() -> None:
    assert [one for one in AuditAction if bool(one.label) != bool(one.kind)] == []
