"""The build order of a session as columns of waves; around one ticket, what its paths hold is lit.

Belongs here: what is lit. Does not: which wave a ticket is in (`sessions/pictures`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from jira_pipeline.review.hours import hours_of
from jira_pipeline.sessions.pictures import pictures_of
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import Opened
from jira_pipeline.web.pages.list_addresses import BLANK_IS_NONE
from jira_pipeline.web.pages.showing import show

router = APIRouter(prefix="/sessions/{key}")


@router.get("/graph")
def graph(
    request: Request,
    _person: Reader,
    opened: Opened,
    *,
    ticket: Annotated[int | None, BLANK_IS_NONE, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """Show what is built in which wave, and the paths through one ticket."""
    pictures = pictures_of(opened)
    shown = [one for wave in pictures.waves for one in wave]
    waits = {one.ticket.number: [other.number for other in one.waits_for] for one in shown}
    waited_for = defaultdict[int, list[int]](list)
    for number, before in waits.items():
        for other in before:
            waited_for[other].append(number)
    chosen = next((one for one in opened.listed if one.number == ticket), None)
    lit = set[int]()
    if chosen is not None:
        lit = _reached(chosen.number, waits) | _reached(chosen.number, waited_for)
    return show(
        request,
        "graph.html",
        opened=opened,
        pictures=pictures,
        chosen=chosen,
        lit=lit,
        chain_hours=hours_of(pictures.critical_path.tickets).hours,
        skipped=[one for one in opened.listed if one.exclusion is not None],
    )


def _reached(start: int, steps: Mapping[int, Sequence[int]]) -> set[int]:
    found, pending = {start}, [start]
    while pending:
        new = set(steps.get(pending.pop(), ())) - found
        found |= new
        pending += new
    return found
