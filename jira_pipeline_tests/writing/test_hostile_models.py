"""Whatever a model answers, a ticket says what the sheets say, and is what the rules made of it.

pydantic-ai calls functions as models; everything from the channel on is the pipeline's own.
"""

import json
from dataclasses import replace
from functools import cache

import pytest

from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.model.ticket_drafts import TicketDraft
from jira_pipeline.model.tickets import PART_NAMES, TicketProse
from jira_pipeline.store.store import Store
from jira_pipeline.writing.model import ModelWriter
from jira_pipeline.writing.roles import TicketBrief
from jira_pipeline.writing.template import TemplateWriter
from jira_pipeline.writing.ticket_generation import draft_of
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.writing.asked_models import SESSION, register
from jira_pipeline_tests.writing.harbour import briefs_of_sheets
from jira_pipeline_tests.writing.hostile_models import (
    CANARY,
    IGNORED,
    INJECTION,
    REFUSED,
    Hostility,
    answer_text,
    hostile_sheets,
    hostile_writer,
)

pytestmark = pytest.mark.xdist_group("models")

ANCHOR, BOAT = "Configure content type: Anchor", "Configure content type: Boat"


@cache
def briefs() -> tuple[TicketBrief, ...]:
    """Return two briefs of the site whose cells give orders: of the cells, and of another type."""
    every = briefs_of_sheets(hostile_sheets())
    return tuple(brief for brief in every if brief.group.title in {ANCHOR, BOAT})


@cache
def by_template() -> dict[str, TicketProse]:
    """Return what the template writes, by title."""
    writer = TemplateWriter()
    return {brief.group.title: writer.write(brief) for brief in briefs()}


def written(writer: ModelWriter) -> dict[str, TicketProse]:
    """Write one ticket after the other, since many useless answers stop; return prose by title."""
    return {
        brief.group.title: ticket.prose
        for brief in briefs()
        for ticket in writer.write_all([brief], session_key=SESSION)
    }


def drafts(session: UploadSession, prose: dict[str, TicketProse]) -> list[TicketDraft]:
    nothing = by_template()[ANCHOR]
    found = [draft_of(session, brief, prose=prose[brief.group.title]) for brief in briefs()]
    return [replace(draft, prose=nothing) for draft in found]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TicketProse]:
    """What a model that is not hostile writes."""
    with open_in(tmp_path_factory.mktemp("good")) as store:
        register(store)
        return written(hostile_writer(store.writing, lambda _: answer_text()))


@pytest.mark.parametrize("hostility", REFUSED.values(), ids=REFUSED)
def test_nothing_a_hostile_model_says_reaches_a_ticket(
    store: Store, good: dict[str, TicketProse], hostility: Hostility
) -> None:
    session = store.sessions.get(SESSION)

    prose = written(hostile_writer(store.writing, hostility))

    for title, ticket in prose.items():
        allowed = (good[title].parts, by_template()[title].parts)
        for part in PART_NAMES:
            assert getattr(ticket.parts, part) in {getattr(parts, part) for parts in allowed}
    assert drafts(session, prose) == drafts(session, by_template())


@pytest.mark.parametrize("hostility", IGNORED.values(), ids=IGNORED)
def test_what_cannot_be_meant_is_left_out_of_prose_that_is_used(
    store: Store, hostility: Hostility
) -> None:
    session = store.sessions.get(SESSION)

    every = written(hostile_writer(store.writing, hostility))

    prose = every[ANCHOR]
    assert drafts(session, every) == drafts(session, by_template())
    assert prose.fallback_reason == ""
    assert prose.estimated_hours == by_template()[ANCHOR].estimated_hours
    assert CANARY not in json.dumps(prose.parts.user_story + prose.parts.analysis)


def test_the_cells_that_give_orders_are_asked_about_as_data(store: Store) -> None:
    asked: list[str] = []

    def remember(text: str) -> str:
        asked.append(text)
        return answer_text()

    written(hostile_writer(store.writing, remember))

    assert all(INJECTION in text for text in asked), "every ticket is asked about with all rows"
    assert {text.count("</specification>") for text in asked} == {1}
    assert all(text.endswith("</ticket>") for text in asked)
