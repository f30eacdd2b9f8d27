"""The page of dependencies: every ticket in its wave, lines between boxes, the paths of one lit."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.model.people import Role
from jira_pipeline.sessions.pictures import BOX_WIDTH
from jira_pipeline_tests.projects import EXAMPLE_TICKETS
from jira_pipeline_tests.web.browsers import ClientOf, texts

HERE = "/sessions/museum/graph"


def page_of(client_of: ClientOf, query: str = "") -> LexborHTMLParser:
    return LexborHTMLParser(client_of(Role.READER).get(f"{HERE}{query}").text)


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

    [counted] = texts(
        client_of(Role.READER).get(HERE.removesuffix("/graph")).text, ".who [href$=graph]"
    )
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
    page = client_of(Role.READER).get(HERE).text

    [said] = texts(page, "#chain")
    assert said.startswith("Critical path: ")
    assert len(texts(page, "#chain a")) == len(texts(page, ".waves > li"))
    assert len(texts(page, ".drawing .critical rect")) == len(texts(page, "#chain a"))
