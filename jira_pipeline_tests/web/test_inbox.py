"""What concerns somebody, over all sessions: on a page, counted on every page, and over HTTP."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.flow import people
from jira_pipeline.flow.open_session import open_session
from jira_pipeline.kernel.people import Membership, Role
from jira_pipeline.review import decisions, drafting
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import NAMES, SOCKET_ORIGIN, signed_in

pytestmark = pytest.mark.small_site

ME = NAMES[Role.REVIEWER]
HERE = f"/sessions/{SESSION}"


@pytest.fixture
def concerned(fresh_web: Web) -> Web:
    """A session in which others assigned tickets to a reviewer, mentioned them, and edited theirs."""
    opened = open_session(fresh_web.pipeline, SESSION)
    decisions.mark_ready(opened, [3], by=ME)
    decisions.assign(opened.again(), [3, 4, 5, 6], fields={"assignee": ME}, by="anna")
    ticket_id = opened.again().ticket(5).ticket_id
    drafting.add_comment(opened.again(), ticket_id, "@reviewer: a secret of the site", by="ben")
    return fresh_web


def texts(page: str, selector: str) -> list[str]:
    """The texts of what a selector finds."""
    found = LexborHTMLParser(page).css(selector)
    return [" ".join(node.text(separator=" ").split()) for node in found]


def test_the_page_says_who_did_what_and_leads_there_without_the_text(concerned: Web) -> None:
    page = signed_in(concerned, Role.REVIEWER).get("/inbox").text

    rows = texts(page, "#inbox td.main")
    title = open_session(concerned.pipeline, SESSION).ticket(5).title
    assert rows[0] == f"mentioned Not read: ben mentioned you in a comment on ticket 5. 5 · {title}"
    assert rows[1].startswith("assigned Not read: anna assigned 4 tickets to you.")
    assert rows[1].endswith("and 1 more")
    assert rows[2].startswith(
        "approval lost Not read: Ticket 3, which you marked ready, waits again: anna set fields. 3 · "
    )
    assert "secret" not in page
    links = [a.attributes["href"] for a in LexborHTMLParser(page).css("#inbox td.main a")]
    assert links[0] == f"{HERE}/tickets/5#comments"


def test_forms_mark_what_is_read_and_done_and_nothing_that_came_later(concerned: Web) -> None:
    client = signed_in(concerned, Role.REVIEWER)
    seen = LexborHTMLParser(client.get("/inbox").text)
    newest = seen.css("input[name=up_to]")[0].attributes["value"]
    opened = open_session(concerned.pipeline, SESSION)
    drafting.add_comment(opened, opened.ticket(4).ticket_id, "@reviewer", by="ben")

    done = client.post("/inbox", data={"mark": "done", "up_to": newest})
    one = client.post(f"/inbox/{newest}?done=1", data={"mark": "open"})

    assert (done.status_code, one.headers["location"]) == (303, "/inbox?done=1")
    assert len(texts(client.get("/inbox").text, "#inbox tbody tr")) == 2
    assert len(texts(client.get("/inbox?done=1").text, "#inbox tbody tr")) == 2
    assert texts(client.get("/inbox").text, ".masthead .count") == ["1 not read"]


def test_programs_list_and_mark_what_concerns_whoever_asks(concerned: Web) -> None:
    client, other = signed_in(concerned, Role.REVIEWER), signed_in(concerned, Role.EXPORTER)

    listed = client.get("/api/inbox", params={"limit": 2})
    first = listed.json()[0]
    marking = {"mark": "done", "notification_ids": [first["notification_id"]]}
    by_other = other.post("/api/inbox/marks", json=marking).json()
    changed = client.post("/api/inbox/marks", json=marking).json()

    assert (first["kind"], first["ticket_numbers"], first["by"]) == ("mentioned", [5], "ben")
    assert (len(listed.json()), 'rel="next"' in listed.headers["link"]) == (2, True)
    assert (by_other["changed"], changed["changed"]) == (0, 1)
    assert [one["is_done"] for one in client.get("/api/inbox?done=1").json()] == [True]
    assert client.post("/api/inbox/marks", json={"mark": "read"}).status_code == 422


def test_who_may_read_a_session_can_be_mentioned_there(fresh_web: Web) -> None:
    here = Membership(frozenset({SESSION}))
    people.add_person(fresh_web.pipeline, "asked", Role.RESPONDENT, membership=here, by="test")

    names = signed_in(fresh_web, Role.READER).get(f"/api/sessions/{SESSION}/people").json()["names"]

    assert ME in names
    assert "asked" not in names


def test_a_comment_that_calls_nobody_who_is_here_says_so(fresh_web: Web) -> None:
    client, address = signed_in(fresh_web, Role.REVIEWER), f"{HERE}/tickets/5"
    ticket_id = open_session(fresh_web.pipeline, SESSION).ticket(5).ticket_id

    def said(text: str) -> list[str]:
        client.post(f"{address}/comments", data={"ticket_id": ticket_id, "text": text})
        return texts(client.get(address).text, "#notices .notice.warn")

    assert said("@reviewer, write to somebody@example.org.") == []
    assert said("@nobody, @Reviewer: look.") == [
        "Nobody here is called @nobody : nobody was told by that."
    ]


def test_a_ticket_says_who_else_has_it_open_and_writes_in_it_until_they_leave(
    fresh_web: Web,
) -> None:
    mine, other = signed_in(fresh_web, Role.REVIEWER), signed_in(fresh_web, Role.EXPORTER)
    address = f"{SOCKET_ORIGIN}{HERE}/tickets/5/here"

    with mine.websocket_connect(address) as socket:
        alone = socket.receive_json()
        with other.websocket_connect(address) as its, other.websocket_connect(address):
            both = its.receive_json(), socket.receive_json()
            its.send_text("notes nothing")
            writing = socket.receive_json()
        left = socket.receive_json()

    name = NAMES[Role.EXPORTER]
    assert alone == left == {"others": [], "writing": {}}
    assert both == ({"others": [ME], "writing": {}}, {"others": [name], "writing": {}})
    assert writing == {"others": [name], "writing": {"notes": [name]}}
    assert fresh_web.presence.at(f"{SESSION}/5").names == frozenset()
