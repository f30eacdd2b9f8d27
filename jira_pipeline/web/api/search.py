"""Tickets found by what they say, over all sessions or within one.

Does not: filters of a list (`tickets`), what a hit is (`flow/search`).
"""

from typing import Annotated

from fastapi import Query
from pydantic import AliasPath, BeforeValidator, ConfigDict, Field

from jira_pipeline.flow.search import HITS_MAX, QUERY_MAX, search
from jira_pipeline.kernel.search_words import NameRole, PlaceKind
from jira_pipeline.web.access import AnyReader
from jira_pipeline.web.api.shapes import JsonObject, Shape, new_router
from jira_pipeline.web.context import TheWeb

router = new_router("sessions", prefix="/api/search")
Marks = Annotated[
    list[tuple[int, int]],
    Field(description="What was searched for: first character, and the one after the last."),
]


EXAMPLE: JsonObject = {
    "query": "field_lending_desk",
    "hits": [
        {
            "session_key": "my_site",
            "site_name": "My site",
            "ticket_id": "t0a1b2c3d4e5f607",
            "number": 12,
            "title": "Configure content type: Clock",
            "title_marks": [],
            "role": "creates",
            "places": [
                {
                    "kind": "name",
                    "part": "",
                    "text": "field_lending_desk",
                    "marks": [[0, 18]],
                    "file": "Fields.csv",
                    "line": 12,
                    "record": 12,
                }
            ],
        }
    ],
    "has_more": False,
    "not_indexed": [],
}


class FoundPlace(Shape):
    """Where a ticket says what was searched for."""

    kind: PlaceKind = Field(validation_alias=AliasPath("passage", "kind"))
    part: str = Field(
        validation_alias=AliasPath("passage", "part"),
        description="Of a cell its column, of prose its part, of an answer the question.",
    )
    text: str = Field(
        validation_alias="excerpt", description="Or the part of it around the first match."
    )
    marks: Marks
    file: Annotated[str | None, BeforeValidator(lambda file: file or None)] = Field(
        validation_alias=AliasPath("passage", "file")
    )
    line: int | None = Field(validation_alias=AliasPath("passage", "line"))
    record: int | None = Field(
        validation_alias=AliasPath("passage", "record"),
        description="The row a spreadsheet program shows.",
    )


class FoundTicket(Shape):
    """A ticket that was found."""

    session_key: str
    site_name: str
    ticket_id: str
    number: int
    title: str
    title_marks: Marks
    role: NameRole | None = Field(
        description="What it does with the machine name that was searched for."
    )
    places: list[FoundPlace]


class NotIndexed(Shape):
    """Tickets of a session whose texts were not looked through."""

    session_key: str
    site_name: str
    ticket_count: int


class SearchResult(Shape):
    """What was found, the nearest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    query: str
    hits: list[FoundTicket]
    has_more: bool
    not_indexed: list[NotIndexed] = Field(
        description="A search within one of these sessions looks through them, too."
    )


@router.get("")
def search_tickets(
    web: TheWeb,
    person: AnyReader,
    *,
    q: Annotated[str, Query(max_length=QUERY_MAX, examples=["field_title"])],
    session_key: Annotated[
        str | None, Query(max_length=64, description="Without it, over all sessions.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=HITS_MAX)] = HITS_MAX,
) -> SearchResult:
    """Find tickets by number, issue, machine names, title, questions, answers, prose and cells.

    Every word of `q` must begin a word of the ticket, or a part of a machine name, in any order.
    """
    found = search(web.pipeline, q, session_key=session_key, of=person.membership, most=limit)
    return SearchResult.model_validate(found)
