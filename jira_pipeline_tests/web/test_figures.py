"""What pages count is the same on each, and the same as what commands print."""

import re
from collections.abc import Iterator

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.open_session import open_session
from jira_pipeline.web.context import Web
from jira_pipeline_tests.cli.terminal import run_json
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import signed_in, text_of, texts

HERE = f"/sessions/{SESSION}"
NUMBER = re.compile(r"\d[\d,]*")


def number_in(text: str) -> int:
    [found] = NUMBER.findall(text)
    return int(found.replace(",", ""))


@pytest.fixture
def pages(fresh_web: Web) -> Iterator[dict[str, str]]:
    with signed_in(fresh_web, Role.REVIEWER) as client:
        places = ("", "/tickets", "/questions", "/findings", "/export?plan=1", "/history")
        found = {place: client.get(f"{HERE}{place}").text for place in places}
        yield found | {"sessions": client.get("/").text}


def test_every_page_counts_tickets_questions_and_findings_alike(
    fresh_web: Web, pages: dict[str, str]
) -> None:
    """168 tickets for 84, 24 warnings beside 25 findings, tabs that counted something else."""
    session = open_session(fresh_web.pipeline, SESSION)
    total, asked, found = len(session.tickets), session.asked.left, session.ranked_findings
    questions = LexborHTMLParser(pages["/questions"])
    tabs = {
        str(one.attributes["data-left"]): number_in(one.text())
        for one in questions.css(".seg [data-left]")
    }

    of_tabs = {tuple(texts(page, ".tabs span")[:2]) for page in pages.values()}
    assert of_tabs == {(str(total), str(asked.count)), ()}, "the list of sessions has no tabs"
    assert tabs["open"] == asked.count == tabs["agency"] + tabs["client"] + tabs["developer"]
    assert str(asked.count - asked.view_count) in text_of(pages["/questions"], ".heading .legend")
    assert texts(pages["/tickets"], "#tickets tbody tr")[total:] == []
    listed = LexborHTMLParser(pages["sessions"])
    assert [number_in(one.text()) for one in listed.css("td.number a")] == [total, asked.count]
    assert number_in(text_of(pages[""], "#findings + p")) == len(found)
    assert sum(number_in(one) for one in texts(pages["/findings"], ".group .tag")) == len(found)
    status = run_json("status", SESSION)
    assert status["tickets_total"] == total
    assert len(run_json("questions", SESSION, "--open")) >= asked.count


def test_the_number_of_a_link_is_what_its_page_shows(fresh_web: Web) -> None:
    """16 questions led to 45, 74 to 64, and 83 tickets stood beside 84."""
    session = open_session(fresh_web.pipeline, SESSION)
    decide(session, "request-changes", {"numbers": [3], "reason": "Which?"}, by="ben")
    decide(session.reload(), "ready", {"numbers": [2, 5], "with_questions": True}, by="ben")
    places = ("", "/graph", "/tickets", "/questions?only=client", "/export?plan=1")
    wrong = {}
    with signed_in(fresh_web, Role.REVIEWER) as client:
        for place in ("/", *(f"{HERE}{one}" for one in places)):
            for link in LexborHTMLParser(client.get(place).text).css("main a[href]"):
                said = NUMBER.match(link.text().strip())
                address = str(link.attributes["href"])
                path, _, query = address.partition("?")
                if said is None or path.removeprefix(HERE) not in {"/tickets", "/questions"}:
                    continue
                page = client.get(address).text
                shown = {len(texts(page, "#tickets tbody tr"))}
                if path.endswith("questions"):
                    [listed] = texts(page, ".pager span:first-child")
                    counts = [int(one) for one in NUMBER.findall(listed.partition(", page")[0])]
                    shown = {counts[0], sum(counts)}
                if int(said[0]) not in shown:
                    wrong[place, link.text().strip(), query] = shown

    assert wrong == {}


def test_how_far_the_review_is_is_counted_alike(fresh_web: Web) -> None:
    """2 of 83 approved on one page, 2/84 on another."""
    session = open_session(fresh_web.pipeline, SESSION)
    decide(session, "request-changes", {"numbers": [3], "reason": "Which?"}, by="ben")
    decide(session.reload(), "ready", {"numbers": [2], "with_questions": True}, by="ben")
    total = len(session.tickets) - 1
    with signed_in(fresh_web, Role.REVIEWER) as client:
        pages = {
            place: client.get(place).text
            for place in ("/", HERE, f"{HERE}/tickets/4", f"{HERE}/export?plan=1")
        }

    assert f"1 of {total} approved" in text_of(pages["/"], "tbody")
    assert f"1/{total} approved" in text_of(pages[f"{HERE}/tickets/4"], ".along")
    assert f"1 of {total}" in text_of(pages[f"{HERE}/export?plan=1"], ".facts")
    rows = re.findall(
        r"(\d+) of (\d+)",
        text_of(pages[HERE], "#review > .scroll:first-of-type td[data-label=Approved]"),
    )
    assert [sum(map(int, each)) for each in zip(*rows, strict=True)] == [1, total]


def test_tickets_that_were_changed_twice_count_once(fresh_web: Web) -> None:
    for sprint in ("UHR Sprint 1", "UHR Sprint 2"):
        session = open_session(fresh_web.pipeline, SESSION)
        decide(session, "assign", {"numbers": [1, 2], "sprint": sprint}, by="ben")

    with signed_in(fresh_web, Role.READER) as client:
        said = text_of(client.get(f"{HERE}/history").text, ".log summary")

    assert said.startswith("ben set properties of 2 tickets")
