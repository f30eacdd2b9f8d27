"""The search as a page; what is found is in `sessions/test_search`."""

from selectolax.lexbor import LexborHTMLParser

from jira_pipeline.model.people import Role
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import ClientOf

NAME = "field_object_name"


def test_the_page_marks_the_words_and_leads_to_the_ticket(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    page = LexborHTMLParser(client.get(f"/search?q={NAME}&session_key={SESSION}").text)

    first = page.css_first(".hits li")
    assert first is not None
    assert [node.text() for node in first.css(".tag, mark")] == ["creates", NAME]
    (link,), (box,) = first.css("a"), page.css(".search input[name=q]")
    ticket = client.get(str(link.attributes["href"]))
    assert NAME in ticket.text
    assert box.attributes["value"] == NAME


def test_a_number_and_words_nobody_wrote_are_answered(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    number = client.get(f"/search?q=%237&session_key={SESSION}", follow_redirects=False)
    none = client.get("/search?q=nowhere<b>")

    assert (number.status_code, number.headers["location"]) == (
        303,
        f"/sessions/{SESSION}/tickets/7",
    )
    assert "No ticket has all of these words." in none.text
    assert "nowhere<b>" not in none.text
