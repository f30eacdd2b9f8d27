"""The build order of a session as columns of waves; around one ticket, what its paths hold is lit.

Belongs here: what is lit. Does not: which wave a ticket is in (`sessions/export_report`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from jira_pipeline.export.export_run import creation_order
from jira_pipeline.review.hours import hours_of, longest_chain
from jira_pipeline.sessions.export_report import STATES, waves_of
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
    listed = {one.ticket_id: one for one in opened.listed}
    waves = waves_of(opened.listed, opened.places)
    shown = [one for wave in waves for one in wave]
    waits = {one.ticket.number: [other.number for other in one.waits_for] for one in shown}
    waited_for = defaultdict[int, list[int]](list)
    for number, before in waits.items():
        for other in before:
            waited_for[other].append(number)
    chosen = next((one for one in opened.listed if one.number == ticket), None)
    lit = set[int]()
    if chosen is not None:
        lit = _reached(chosen.number, waits) | _reached(chosen.number, waited_for)
    chain = longest_chain(listed[name] for name in creation_order(opened.listed))
    return show(
        request,
        "graph.html",
        opened=opened,
        waves=waves,
        chosen=chosen,
        lit=lit,
        chain=chain,
        chain_hours=hours_of(chain).hours,
        skipped=[one for one in opened.listed if one.exclusion is not None],
        states=[state for state in STATES if any(one.state is state for one in shown)],
    )


def _reached(start: int, steps: Mapping[int, Sequence[int]]) -> set[int]:
    found, pending = {start}, [start]
    while pending:
        new = set(steps.get(pending.pop(), ())) - found
        found |= new
        pending += new
    return found
