"""The page of a session: what is next and at work, findings, withdrawals; its graph, its history."""

import csv
import io
import re
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.model.audit_actions import AuditAction, EventKind
from jira_pipeline.model.errors import UnavailableError
from jira_pipeline.model.people import Role
from jira_pipeline.review import answers, approvals, decisions, ticket_order
from jira_pipeline.review.open_session import open_session
from jira_pipeline.review.ticket_history import events_of, history_of, history_of_ticket
from jira_pipeline.sessions.build_order import BOX_WIDTH
from jira_pipeline.web.context import LateDagster, Web
from jira_pipeline_tests.projects import EXAMPLE_TICKETS, SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, page_at, signed_in, texts

HERE = "/sessions/museum"


def test_the_page_says_what_is_next_and_leads_there(client_of: ClientOf) -> None:
    page = client_of(Role.READER).get(HERE).text

    assert texts(page, ".next h2") == ["24 tickets to review"]
    assert texts(page, ".next p")[0].endswith(" questions · 4 views to describe")
    assert texts(page, ".next a.button") == ["Tickets"]
    next_of_reviewer = client_of(Role.REVIEWER).get(HERE).text
    assert texts(next_of_reviewer, ".next a.button") == ["Review 24"]
    addresses = [a.attributes["href"] for a in LexborHTMLParser(page).css(".totals a")]
    assert f"{HERE}/tickets?readiness=waiting" in addresses
    assert "POST" not in page
    assert "Upload corrected sheets" not in page


def test_every_ticket_is_a_shape_that_leads_to_it_and_questions_are_counted_as_on_their_page(
    client_of: ClientOf,
) -> None:
    """The overview had the client wait with 41 questions of which six were his."""
    client = client_of(Role.REVIEWER)
    page = LexborHTMLParser(client.get(HERE).text)

    shapes = {a.attributes["href"] for a in page.css("#review .shapes a")}
    owners = {a.attributes["href"]: a.text().split()[0] for a in page.css(".who a[href*=only]")}
    asked = LexborHTMLParser(client.get(f"{HERE}/questions").text).css(".seg a[href*=only]")
    tabs = {a.attributes["href"]: a.text().split()[-1] for a in asked}
    assert shapes == {f"{HERE}/tickets/{n}" for n in range(1, EXAMPLE_TICKETS + 1)}
    assert {address.partition("=")[2] for address in filter(None, owners)} == {
        "agency",
        "client",
        "developer",
    }
    assert owners.items() <= tabs.items()


def test_a_page_of_something_unknown_is_called_so_in_words_of_people(client_of: ClientOf) -> None:
    answer = client_of(Role.REVIEWER).get("/upload/expired")

    assert answer.status_code == 404
    assert texts(answer.text, "h1") == ["There is no such page"]


def test_an_unknown_session_is_a_page_that_says_so_and_leads_on(client_of: ClientOf) -> None:
    answer = client_of(Role.READER).get("/sessions/nowhere")

    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert texts(answer.text, "h1") == ["There is no such site"]
    assert texts(answer.text, "main a.button") == ["All sites"]
    assert texts(answer.text, ".alone p")[0] == "Nothing was found at /sessions/nowhere .", (
        "names no other"
    )
    assert "reader@example.org" in answer.text


def test_a_page_of_nobody_leads_nowhere(client_of: ClientOf) -> None:
    page = client_of(None).get("/sessions/nowhere").text

    assert texts(page, "h1") == ["You are not signed in"]
    assert texts(page, "main a, nav a, footer") == []


def test_errors_say_what_went_wrong_and_who_can_help(fresh_web: Web) -> None:
    fresh_web.pipeline.store.errors.record(
        UnavailableError("Jira does not answer.", recovery_actions=("Wait.",)),
        session_key="museum",
        stage="jira_export",
        at=fresh_web.pipeline.clock.now(),
        run_id="0123456789",
    )
    with signed_in(fresh_web, Role.READER) as client:
        page = client.get(HERE).text

    (row,) = texts(page, "#errors + .scroll tbody tr")
    assert "Jira does not answer. jira export, jira_unavailable , run 01234567 it may pass" in row


@each(
    ("query", "expected"),
    [
        ("severity=warning", 4),
        ("severity=info", 2),
        ("file=Uhrenmuseum_Bundles.csv", 1),
        ("text=partner+museum", 1),
        ("severity=&file=&text=", 6),
        ("text=nothing-like-it", 0),
    ],
)
def test_findings_are_filtered_by_the_address(
    client_of: ClientOf, query: str, expected: int
) -> None:
    page = client_of(Role.READER).get(f"{HERE}/findings?{query}").text

    assert len(LexborHTMLParser(page).css("main tbody tr:not(.group)")) == expected
    assert ("No finding matches" in page) == (expected == 0)


def test_the_overview_shows_the_review_by_group_and_person_and_what_happened_last(
    fresh_web: Web,
) -> None:
    with signed_in(fresh_web, Role.REVIEWER) as client:
        me = "reviewer@example.org"
        client.post(f"{HERE}/tickets", data={"do": "assign", "number": "3", "assignee": me})
        page = client.get(HERE).text
        links = LexborHTMLParser(page).css('#review .scroll a[href*="assignee=reviewer"]')
        mine = [client.get(str(a.attributes["href"])).status_code for a in links]

    rows = texts(page, "#review .scroll tbody tr")
    assert any(row.startswith("View ") for row in rows)
    assert any(f"{me} you 0 of 1" in row for row in rows)
    assert mine == [200, 303]
    assert texts(page, "#activity li > div")[0].startswith(f"{me} set properties of ticket 3")
    assert texts(page, "#findings ~ ul a") != []


def test_the_overview_says_who_approved_when_the_rest_is_done_and_who_has_a_link(
    fresh_web: Web,
) -> None:
    """A director found no name, no pace, and not whether the client had been asked."""
    with signed_in(fresh_web, Role.REVIEWER) as client:
        nobody = client.get(HERE).text
        for number in "1234":
            approved = {"do": "ready", "number": number, "with_questions": "1"}
            client.post(f"{HERE}/tickets", data=approved)
        page = client.get(HERE).text

    assert "No one has started." in texts(nobody, ".next p")[0]
    assert texts(page, "#review .totals")[1] == "Approved by R reviewer@example.org 4"
    assert "At the current pace the review ends at" in texts(page, ".next p")[0]
    assert "No one has a link to them yet." in texts(page, "#waiting .who")[0]


def test_findings_are_a_table_for_the_author_of_the_sheets(client_of: ClientOf) -> None:
    answer = client_of(Role.READER).get(f"{HERE}/findings.csv?severity=warning")

    rows = [*csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]
    assert {row["severity"] for row in rows} == {"warning"}
    assert ("Machine names that Drupal refuses" in {row["cause"] for row in rows}) == (
        "Machine names that Drupal refuses" in client_of(Role.READER).get(f"{HERE}/findings").text
    )
    assert rows[0]["file"].endswith(".csv")


def test_work_is_started_in_the_name_of_who_is_signed_in(fresh_web: Web) -> None:
    with signed_in(fresh_web, Role.REVIEWER) as client:
        validated = client.post(f"{HERE}/validate")
        nothing = client.post(f"{HERE}/stop")

    session = open_session(fresh_web.pipeline, "museum")
    run = fresh_web.runs.latest("museum")
    assert (validated.status_code, validated.headers["location"]) == (303, HERE)
    assert run is not None
    assert (run.job_name, session.stored.last_validated_at is not None) == ("validate_adf", True)
    assert nothing.status_code in {409, 422}


@pytest.mark.parametrize("form", ["generate", "validate"])
def test_work_that_dagster_cannot_start_yet_keeps_the_page(fresh_web: Web, form: str) -> None:
    early = replace(fresh_web, dagster=LateDagster())
    with signed_in(early, Role.REVIEWER) as client:
        answer = client.post(f"{HERE}/{form}")
        page = client.get(answer.headers["location"]).text

    assert (answer.status_code, answer.headers["location"]) == (303, HERE)
    [notice] = texts(page, ".notice[data-asked-again]")
    assert "Dagster is still starting" in notice
    assert texts(page, "form[data-starts] button") != []


def page_of(client_of: ClientOf, query: str = "") -> LexborHTMLParser:
    return page_at(client_of(Role.READER), f"{HERE}/graph{query}")


def waits_of(box: LexborNode) -> list[str]:
    return (box.attributes["data-waits"] or "").split()


def left_of(box: LexborNode) -> float:
    return float(box.css("svg")[0].attributes["x"] or "")


def test_every_ticket_is_drawn_right_of_all_that_it_waits_for_or_is_named_apart(
    client_of: ClientOf,
) -> None:
    page = page_of(client_of)
    boxes = {box.attributes["id"]: box for box in page.css(".drawing a")}
    columns = sorted({left_of(box) for box in boxes.values()})

    [counted] = texts(client_of(Role.READER).get(HERE).text, ".who [href$=graph]")
    assert counted == f"{sum(len(waits_of(box)) for box in boxes.values())} dependencies"
    assert len(boxes) + len(page.css(".apart a")) == EXAMPLE_TICKETS
    assert len(page.css(".waves [id]")) == EXAMPLE_TICKETS, "the list has them all"
    assert {name: columns.index(left_of(box)) for name, box in boxes.items()} == {
        name: max((columns.index(left_of(boxes[other])) + 1 for other in waits_of(box)), default=0)
        for name, box in boxes.items()
    }


def test_no_line_runs_behind_a_box(client_of: ClientOf) -> None:
    page = page_of(client_of)
    boxes = [
        (left_of(box), float(box.css("svg")[0].attributes["y"] or ""))
        for box in page.css(".drawing a")
    ]

    passing = [
        (float(right) - BOX_WIDTH, float(y))
        for line in page.css(".edge")
        for y, right in re.findall(r" (-?\d+)H(\d+)", line.attributes["d"] or "")
    ]
    hidden = [one for one in passing for x, y in boxes if one[0] == x and y < one[1] < y + 40]
    assert passing
    assert hidden == []


def test_what_a_ticket_waits_for_and_what_waits_for_it_is_lit_without_a_script(
    client_of: ClientOf,
) -> None:
    boxes = page_of(client_of, "?ticket=2").css(".drawing a")

    lit = {box.attributes["id"] for box in boxes if "lit" in (box.attributes["class"] or "")}
    assert {"box-1", "box-2"} <= lit
    assert len(lit) < len(boxes)


def test_the_longest_chain_is_named_by_its_tickets(client_of: ClientOf) -> None:
    page = client_of(Role.READER).get(f"{HERE}/graph").text

    [said] = texts(page, "#chain")
    assert said.startswith("Critical path: ")
    assert len(texts(page, "#chain a")) == len(texts(page, ".waves > li"))
    assert len(texts(page, ".drawing .critical rect")) == len(texts(page, "#chain a"))


@pytest.fixture
def decided(fresh_web: Web) -> Web:
    """A session in which two people decided: 3 and 4 skipped, 3 taken in and ready, 24 waits for 1."""
    opened = open_session(fresh_web.pipeline, SESSION)
    decisions.skip(opened, [3, 4], reason="Built already.", by="anna")
    decisions.unskip(opened.reload(), [3], by="ben")
    ticket_order.depend(opened.reload(), 24, [1], by="ben")
    answers.answer(opened.reload(), [("16.2", "Nobody but editors.")], by="anna")
    approvals.mark_ready(opened.reload(), [3], by="anna")
    return fresh_web


def test_the_history_is_newest_first_and_of_one_person_or_kind_where_asked(decided: Web) -> None:
    session = open_session(decided.pipeline, SESSION)

    everything, people = history_of(session)
    by_anna, _ = history_of(session, person="anna", kind=EventKind.DECISION)
    of_three = history_of_ticket(session, session.ticket(3))

    sequences = [entry.sequence for entry in everything]
    assert sequences == sorted(sequences, reverse=True)
    assert {"anna", "ben", "pipeline"} <= set(people)
    assert [e.action for e in by_anna] == ["tickets_marked_ready", "tickets_skipped"]
    numbers = [[t.number for t in e.tickets] for e in events_of(session, by_anna)]
    assert numbers == [[3], [3, 4]]
    happened = ["tickets_marked_ready", "tickets_unskipped", "tickets_skipped"]
    assert [event.entry.action for event in of_three][:3] == happened


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
