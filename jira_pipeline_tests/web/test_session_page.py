"""The page of a session: what is next, what is at work, findings, withdrawals."""

import csv
import io
from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.errors import UnavailableError
from jira_pipeline.model.people import Role
from jira_pipeline.review.open_session import open_session
from jira_pipeline.web.context import LateDagster, Web
from jira_pipeline_tests.projects import EXAMPLE_TICKETS
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, signed_in, texts

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

    assert "Nobody has begun." in texts(nobody, ".next p")[0]
    assert texts(page, "#review .totals")[1] == "Approved by R reviewer@example.org 4"
    assert "at the pace so far" in texts(page, ".next p")[0]
    assert "Nobody has a link to them yet." in texts(page, "#waiting .who")[0]


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
