"""Single tickets of a session for programs: where each sentence of one comes from.

Belongs here: what programs ask for and are answered. Does not: finding the sources
(`writing/sentence_sources`), the page (`pages/ticket_page`).
"""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from jira_pipeline.model.json_values import json_object
from jira_pipeline.web.api.repeatable_route import RepeatableRoute
from jira_pipeline.web.api.shapes import INTEGER_MAX, Shape, Time
from jira_pipeline.web.context import Opened, Reader
from jira_pipeline.writing.sentence_sources import sentence_sources

router = APIRouter(
    prefix="/api/sessions/{key}/tickets/{number}", tags=["tickets"], route_class=RepeatableRoute
)
TicketNumber = Annotated[int, Path(ge=1, le=INTEGER_MAX)]


class CellShown(Shape):
    """A cell that a sentence rests on."""

    file: str
    line: int
    record: int
    place: str = Field(description="File and row in words.")
    column: str = Field(description="Empty: the whole row.")


class SentenceShown(Shape):
    """A sentence of a ticket, and where it comes from: cells, a change of a model, or a person."""

    text: str
    cells: list[CellShown]
    change: int | None = Field(description="The number of the change of a model that brought it.")
    warning: str = Field(description="What no cell proves of a model's change.")
    by: str | None = Field(description="The person who wrote it.")
    at: Time | None


@router.get("/sentences")
def sentences(_person: Reader, session: Opened, number: TicketNumber) -> list[SentenceShown]:
    """Say where each sentence of a ticket comes from."""
    sources = sentence_sources(session, session.ticket(number))
    return [SentenceShown.model_validate(json_object(source)) for source in sources]
