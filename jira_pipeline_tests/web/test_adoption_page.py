"""Issues that people made by hand, beside the tickets they may be for, adopted by page and API."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.trackers import opened_jira
from jira_pipeline.model.issue_tracker import Created
from jira_pipeline.model.people import Role
from jira_pipeline.review.open_session import open_session
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import signed_in, text_of, texts

pytestmark = pytest.mark.small_site

HERE = f"/sessions/{SESSION}"
PAGE = f"{HERE}/export/adopt"
API = f"/api/sessions/{SESSION}/adoption"


def make_by_hand(pipeline: Pipeline, *titles: str) -> None:
    """Make issues in the session's project as people do, numbered from 1."""
    session = open_session(pipeline, SESSION)
    with opened_jira(session) as jira:
        for title in titles:
            kind = {"id": "10002"}
            fields = {"project": {"key": "UHR"}, "issuetype": kind, "summary": title}
            assert isinstance(jira.create_issue(fields, {}), Created)


def titles_of(web: Web) -> list[str]:
    return [ticket.title for ticket in open_session(web.pipeline, SESSION).listed]


def issues_of(web: Web) -> dict[int, str]:
    session = open_session(web.pipeline, SESSION)
    places = session.places
    return {t.number: key for t in session.listed if (key := places[t.ticket_id].jira_key)}


def test_issues_with_titles_of_tickets_are_compared_and_adopted(fresh_web: Web) -> None:
    titles = titles_of(fresh_web)
    make_by_hand(fresh_web.pipeline, titles[0], "Fix the footer", "As people call it")
    client = signed_in(fresh_web, Role.EXPORTER)
    plan = client.get(f"{HERE}/export").text
    links = [a.attributes["href"] for a in LexborHTMLParser(plan).css(".who a")]
    asked = client.get(PAGE).text
    shown = client.get(f"{PAGE}?look=1").text
    boxes = LexborHTMLParser(shown).css("input[name=pair]")
    form = {"pair": ["1=UHR-1"], "ticket": ["1", "3", "4"], "another": ["", " uhr-3", "UHR-99"]}

    done = client.post(PAGE, data=form, follow_redirects=True).text

    assert f"{PAGE}?look=1" in links
    assert "1 issue in the project has the title of a ticket (UHR-1)" in text_of(plan, "#plan .who")
    assert "To do by hand" not in text_of(plan, "#plan .who")
    assert text_of(asked, ".act .button") == "Compare"
    assert [(b.attributes["value"], "checked" in b.attributes) for b in boxes] == [
        ("1=UHR-1", True)
    ]
    assert f"UHR-1 · {titles[0]}" in text_of(shown, "td[data-label=Issue]")
    assert "match the same name" in text_of(shown, "td[data-label=Why]")
    assert text_of(done, ".notice.warn") == (
        "2 issues adopted, 1 refused. Ticket 4: Jira does not show UHR-99."
    )
    assert issues_of(fresh_web) == {1: "UHR-1", 3: "UHR-3"}
    assert f"{len(titles) - 2} tickets without" in text_of(done, "summary")


def test_what_cannot_be_meant_is_refused_and_readers_only_look(fresh_web: Web) -> None:
    make_by_hand(fresh_web.pipeline, titles_of(fresh_web)[0])
    client, reader = signed_in(fresh_web, Role.EXPORTER), signed_in(fresh_web, Role.READER)
    twice = {"pair": ["1=UHR-1", "1=UHR-2"]}

    nothing = client.post(PAGE, follow_redirects=True).text
    double = client.post(PAGE, data=twice, follow_redirects=True).text
    seen = reader.get(f"{PAGE}?look=1").text

    assert "Tick a pair" in text_of(nothing, ".notice.error")
    assert "Ticket 1 is named twice: with UHR-1, UHR-2." in text_of(double, ".notice.error")
    assert texts(seen, "form[method=post][action$=adopt], input[name=pair]") == []
    assert "UHR-1" in text_of(seen, "td[data-label=Issue]")
    assert issues_of(fresh_web) == {}


def test_programs_adopt_by_the_same_verb(fresh_web: Web) -> None:
    make_by_hand(fresh_web.pipeline, titles_of(fresh_web)[0])
    client = signed_in(fresh_web, Role.EXPORTER)

    found = client.get(API).json()
    done = client.post(API, json={"pairs": ["1=UHR-1", "2=UHR-9"]})
    wrong = client.post(API, json={"pairs": ["one"]})

    [pair] = found["pairs"]
    assert (pair["number"], pair["jira_key"], pair["likeness"]) == (1, "UHR-1", "match")
    assert [(t["number"], t["jira_key"], t["refusal"]) for t in done.json()["tickets"]] == [
        (1, "UHR-1", None),
        (2, "UHR-9", "Jira does not show UHR-9"),
    ]
    assert wrong.status_code == 422
    assert issues_of(fresh_web) == {1: "UHR-1"}
