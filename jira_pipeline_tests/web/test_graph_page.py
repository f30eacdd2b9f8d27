"""The page of dependencies: every ticket in its wave, the paths of one lit."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from jira_pipeline.model.people import Role
from jira_pipeline_tests.projects import EXAMPLE_TICKETS
from jira_pipeline_tests.web.browsers import ClientOf, texts

HERE = "/sessions/museum/graph"


def waves_in(client_of: ClientOf, query: str = "") -> list[list[LexborNode]]:
    page = client_of(Role.READER).get(f"{HERE}{query}").text
    return [wave.css("[data-waits]") for wave in LexborHTMLParser(page).css(".waves > li")]


def test_every_ticket_is_in_the_first_wave_after_all_that_it_waits_for(client_of: ClientOf) -> None:
    waves = waves_in(client_of)

    wave_of = {box.attributes["id"]: n for n, wave in enumerate(waves) for box in wave}
    waits = {
        box.attributes["id"]: (box.attributes["data-waits"] or "").split()
        for wave in waves
        for box in wave
    }
    [counted] = texts(
        client_of(Role.READER).get(HERE.removesuffix("/graph")).text, ".who [href$=graph]"
    )
    assert counted == f"{sum(map(len, waits.values()))} dependencies"
    assert len(wave_of) == EXAMPLE_TICKETS
    assert wave_of == {
        name: max((wave_of[other] + 1 for other in others), default=0)
        for name, others in waits.items()
    }


def test_what_a_ticket_waits_for_and_what_waits_for_it_is_lit_without_a_script(
    client_of: ClientOf,
) -> None:
    boxes = [box for wave in waves_in(client_of, "?ticket=2") for box in wave]

    lit = {box.attributes["id"] for box in boxes if "lit" in (box.attributes["class"] or "")}
    assert {"wave-1", "wave-2"} <= lit
    assert len(lit) < len(boxes)


def test_the_longest_chain_is_named_by_its_tickets(client_of: ClientOf) -> None:
    page = client_of(Role.READER).get(HERE).text

    [said] = texts(page, "#chain")
    assert said.startswith("Critical path: ")
    assert len(texts(page, "#chain a")) == len(texts(page, ".waves > li"))
