"""What respondents, clients and readers are shown: nothing internal, no way where they may not go."""

import re

from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.flow.open_session import open_session
from jira_pipeline.kernel.people import Role
from jira_pipeline.review import decisions
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.web.browsers import ClientOf, signed_in

HERE = f"/sessions/{SESSION}"
OF_RESPONDENTS = ("/", "/account", f"{HERE}/questions")
OF_CLIENTS = (*OF_RESPONDENTS, f"{HERE}/tickets", f"{HERE}/tickets/16")
OF_READERS = (
    *OF_CLIENTS,
    *(f"{HERE}{page}" for page in ("", "/findings", "/history", "/settings", "/export")),
    f"{HERE}/results",
)
PAGES = {
    Role.RESPONDENT: (*OF_RESPONDENTS, "/sessions/nowhere"),
    Role.CLIENT: OF_CLIENTS,
    Role.READER: OF_READERS,
}


@each("role", PAGES)
def test_no_link_and_no_form_leads_to_a_wall(client_of: ClientOf, web: Web, role: Role) -> None:
    client = client_of(role)
    links, forms = dict[str, str](), set[str]()

    for address in PAGES[role]:
        page = LexborHTMLParser(client.get(address, follow_redirects=True).text)
        for node in page.css("a[href]"):
            link = str(node.attributes["href"]).partition("#")[0]
            if link.startswith("/"):  # one of each kind, such as one ticket
                links.setdefault(re.sub(r"\d+|\?.*", "", link), link)
        forms |= {str(form.attributes["action"]) for form in page.css("form[method=post][action]")}
    walls = {link: client.get(link).status_code for link in links.values()}
    walls |= {
        action: client.post(action, data={}).status_code
        for action in forms - {"/sign-out", "/account/sign-out"}
    }

    assert {one for one, status in walls.items() if status in {401, 403, 404}} == set()
    assert f"{HERE}/questions" in walls
    assert web.pipeline.store.tickets.get(SESSION, 16).answers == ()


def test_clients_see_nothing_internal(client_of: ClientOf) -> None:
    reviewer, reader, client = map(client_of, (Role.REVIEWER, Role.READER, Role.CLIENT))
    api, ticket = f"/api{HERE}/tickets", f"{HERE}/tickets/15"
    ticket_id = reviewer.get(f"{api}/15").json()["ticket_id"]
    fields = {"numbers": [15], "assignee": "kim@example.org", "sprint": "Inner Sprint"}
    reviewer.post(f"{api}/assign", json=fields).raise_for_status()
    edit = {"parts": {"notes": {"markdown": "Now so."}}}
    reviewer.patch(f"{api}/15", json=edit, headers={"if-match": "*"}).raise_for_status()
    draft = {"text": "Unfinished", "base_revision": 2, "known_hash": ""}
    reviewer.put(f"/api{HERE}/drafts/{ticket_id}/notes", json=draft).raise_for_status()
    said = ("Cheap to build.", "Yes, it is.")
    for who, text in zip((reviewer, client), said, strict=True):
        who.post(f"{ticket}/comments", data={"ticket_id": ticket_id, "text": text})
    internal = {"hours", "kim@example.org", "Inner Sprint", "has a draft here"}
    internal |= {"Revisions", "History", "presence.js", "edited by", said[0]}
    pages = (f"{HERE}/tickets", ticket, f"{ticket}/description", "/", f"{HERE}/questions")
    asked = f"{HERE}/tickets?assignee=kim%40example.org"

    seen, known = ("".join(who.get(page).text for page in pages) for who in (client, reader))

    assert {words for words in internal if words in seen} == set()
    assert {words for words in internal if words not in known} == set()
    assert [text in seen for text in said] == [False, True]
    assert len(re.findall("data-row>", client.get(asked).text)) > 1
    for address in ("", "/15", "/15/revisions", "/15/sentences"):
        assert client.get(f"{api}{address}").status_code == 403
    for address in ("hours", "audit", f"drafts/{ticket_id}"):
        assert client.get(f"/api{HERE}/{address}").status_code == 403


@each("address", [f"{HERE}/export", f"{HERE}/tickets/999", "/nowhere"])
def test_a_closed_page_tells_a_client_whom_to_ask_without_commands_and_codes(
    client_of: ClientOf, address: str
) -> None:
    page = LexborHTMLParser(client_of(Role.CLIENT).get(address).text)
    (said,) = [node.text() for node in page.css("section.alone")]

    assert "ask whoever sent you your link" in said
    assert "Run " not in said
    assert not re.search(r"jira-pipeline|role_too_low|unknown|40[34]", said)


def test_what_the_client_is_asked_comes_first_and_set_apart(fresh_web: Web) -> None:
    session = open_session(fresh_web.pipeline, SESSION)
    day = session.clock.now().date()
    decisions.ask(session, ["17.2"], by="anna")
    decisions.ask(session.again(), ["17.1"], until=day, by="anna")

    page = LexborHTMLParser(signed_in(fresh_web, Role.CLIENT).get(f"{HERE}/questions").text)

    headings = [node.text(strip=True) for node in page.css(".asked > h2")]
    assert headings[:2] == [f"You are asked, until {day}", "You are asked"]
    asked = [node.text() for node in page.css(".question > .legend:first-child > b")]
    assert asked[:2] == ["17.1", "17.2"]
    assert len(asked) == len(set(asked)) == 16
