"""What readers are shown: no way where they may not go."""

import re

from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import ClientOf

HERE = f"/sessions/{SESSION}"
PAGES = (
    *("/", "/account", HERE),
    *(f"{HERE}/{page}" for page in ("tickets", "tickets/16", "questions", "findings", "history")),
    *(f"{HERE}/{page}" for page in ("settings", "export", "results")),
)


def test_no_link_and_no_form_leads_to_a_wall(client_of: ClientOf, web: Web) -> None:
    client = client_of(Role.READER)
    links, forms = dict[str, str](), set[str]()

    for address in PAGES:
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
    assert f"{HERE}/questions?only=open" in walls
    assert web.pipeline.store.tickets.get(SESSION, 16).answers == ()
