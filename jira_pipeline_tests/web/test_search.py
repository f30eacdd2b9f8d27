"""The search as a page; what is found is in `sessions/test_search`."""

from jira_pipeline.model.people import Role
from jira_pipeline_tests.projects import SESSION
from jira_pipeline_tests.web.browsers import ClientOf, address_of, one, page_at, value_of

NAME = "field_object_name"


def test_the_page_marks_the_words_and_leads_to_the_ticket(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    page = page_at(client, f"/search?q={NAME}&session_key={SESSION}")

    first = one(page, ".hits li")
    assert [node.text() for node in first.css(".tag, mark")] == ["creates", NAME]
    assert NAME in client.get(address_of(first, "a")).text
    assert value_of(page, ".search input[name=q]") == NAME


def test_a_number_and_words_nobody_wrote_are_answered(client_of: ClientOf) -> None:
    client = client_of(Role.READER)

    number = client.get(f"/search?q=%237&session_key={SESSION}", follow_redirects=False)
    none = client.get("/search?q=nowhere<b>")

    assert number.status_code == 303
    assert number.headers["location"] == f"/sessions/{SESSION}/tickets/7"
    assert "No ticket has all of these words." in none.text
    assert "nowhere<b>" not in none.text
