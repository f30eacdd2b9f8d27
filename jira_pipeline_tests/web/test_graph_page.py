"""The page of the dependency graph: a picture that opens, parts of it, the same as a table."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.flow.open_session import open_session
from jira_pipeline.kernel.people import Role
from jira_pipeline.web.context import Web
from jira_pipeline_tests.projects import EXAMPLE_TICKETS
from jira_pipeline_tests.web.browsers import ClientOf
from jira_pipeline_tests.web.test_session_page import texts

HERE = "/sessions/museum/graph"


def boxes_of(client_of: ClientOf, query: str = "") -> list[LexborNode]:
    page = client_of(Role.READER).get(f"{HERE}{query}").text
    return LexborHTMLParser(page).css("svg a[data-node]")


def addresses(boxes: list[LexborNode]) -> set[str]:
    return {(box.attributes["href"] or "").rpartition("/")[2] for box in boxes}


def test_the_graph_is_cut_to_the_paths_of_one_ticket(client_of: ClientOf) -> None:
    paths = addresses(boxes_of(client_of, "?ticket=2"))

    assert "1" in paths
    assert paths < addresses(boxes_of(client_of))


def test_a_group_is_shown_with_what_it_has_a_line_to(client_of: ClientOf) -> None:
    boxes = boxes_of(client_of, "?group=Workflow")

    beside = {box for box in boxes if box.css("g.stub")}
    assert "1" in addresses([*beside])
    assert {"2", "3"} <= addresses(boxes) - addresses([*beside])


def test_a_closed_group_is_opened_in_place_by_its_head_or_step_by_step(
    client_of: ClientOf,
) -> None:
    closed = boxes_of(client_of, "?open=none")
    page = client_of(Role.READER).get(f"{HERE}?open=none").text
    heads = {a.attributes["data-lane"]: a for a in LexborHTMLParser(page).css("a[data-lane]")}
    [first, *_] = [box for box in closed if box.attributes.get("data-opens")]

    by_head = client_of(Role.READER).get(heads["Content"].attributes["href"] or "").text
    by_box = client_of(Role.READER).get(first.attributes["href"] or "").text

    counts = [len(LexborHTMLParser(one).css("svg a[data-node]")) for one in (by_head, by_box)]
    assert all(count > len(closed) for count in counts)
    assert any(text.startswith("▾ Content: ") for text in texts(by_head, "a[data-lane]"))


def test_the_table_has_every_ticket_and_the_links_of_the_picture(
    web: Web, client_of: ClientOf
) -> None:
    client = client_of(Role.READER)
    tree = LexborHTMLParser(client.get(f"{HERE}?view=table").text)
    listed = open_session(web.pipeline, "museum").listed
    numbers = {ticket.ticket_id: ticket.number for ticket in listed}

    rows = [row.css("td") for row in tree.css("tbody tr")]
    assert len(rows) == EXAMPLE_TICKETS
    waits = {(int(other.text()), int(row[0].text())) for row in rows for other in row[5].css("a")}
    assert waits == {
        (numbers[one], ticket.number) for ticket in listed for one in ticket.depends_on
    }
    assert {cell.text() for row in rows for cell in row[3:4]} <= {
        "not ready yet",
        "has open questions",
    }


def test_the_longest_chain_is_named_by_its_tickets(client_of: ClientOf) -> None:
    page = client_of(Role.READER).get(HERE).text

    [said] = texts(page, "#chain")
    assert said.startswith("Longest chain by hours: ")
    assert len(texts(page, "#chain a")) == len(texts(page, "svg g.chain"))
