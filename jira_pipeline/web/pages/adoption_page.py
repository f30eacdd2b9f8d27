"""Page 6, Export, In Jira already: issues that people made for tickets, to be adopted.

Belongs here: what the page shows, its form. Does not: which issues seem to be whose
(`export/adoption`), what adopting one is (`export/adoption`).
"""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import Field
from starlette.responses import Response

from jira_pipeline.context.trackers import one_answer
from jira_pipeline.export import exporting
from jira_pipeline.export.adoption import pairs_in
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.web.access import Exporter, Reader
from jira_pipeline.web.context import Opened, TheWeb
from jira_pipeline.web.labels import sentence_of
from jira_pipeline.web.live import look_at
from jira_pipeline.web.pages.list_addresses import PAGE_MAX, page_of
from jira_pipeline.web.pages.session_page import at_work_of
from jira_pipeline.web.pages.showing import (
    SANDBOX_ROOT,
    Notice,
    asked_of_jira,
    go_to,
    refused_at,
    show,
)

PAIRS_SHOWN = 50
"""Fewer than are adopted within the time of one answer: two requests each, and as many typed in."""
Pair = Annotated[str, Field(pattern=r"^[0-9]{1,9}=[^=]{1,255}$")]
IssueKey = Annotated[str, Field(max_length=255)]
router = APIRouter(prefix="/sessions/{key}/export/adopt")


@router.get("")
def adoption_page(
    request: Request,
    web: TheWeb,
    _person: Reader,
    opened: Opened,
    *,
    look: bool = False,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """Show issues beside the tickets that they may be for; Jira is read where somebody wants it."""
    ask = partial(exporting.propose_adoption, opened, budget=one_answer())
    found, fault = asked_of_jira(ask) if look else (None, None)
    unmatched = frozenset(found.unmatched if found else ())
    return show(
        request,
        "adoption.html",
        opened=opened,
        at_work=at_work_of(look_at(web, opened.key)),
        found=found,
        pairs=page_of(request, found.pairs if found else (), number=page, size=PAIRS_SHOWN),
        unmatched=[t for t in opened.listed if t.number in unmatched],
        shown_max=PAIRS_SHOWN,
        site_url=opened.settings.jira_site_url or SANDBOX_ROOT,
        fault=fault,
        fault_actions=[sentence_of(a) for a in fault.recovery_actions] if fault else [],
    )


@router.post("")
def adopt(
    request: Request,
    person: Exporter,
    opened: Opened,
    *,
    pair: Annotated[list[Pair] | None, Form(max_length=PAIRS_SHOWN)] = None,
    ticket: Annotated[list[int] | None, Form(max_length=2 * PAIRS_SHOWN)] = None,
    another: Annotated[list[IssueKey] | None, Form(max_length=2 * PAIRS_SHOWN)] = None,
) -> Response:
    """Adopt the pairs that are ticked; a key typed in for a ticket takes the place of its pairs."""
    address = refused_at(request, f"/sessions/{opened.key}/export/adopt?look=1")
    typed = {n: k.strip() for n, k in zip(ticket or (), another or (), strict=False) if k.strip()}
    ticked = (one for one in pair or () if int(one.partition("=")[0]) not in typed)
    pairs = {**pairs_in(ticked), **typed}
    if not pairs:
        raise WrongUseError("Tick a pair, or type in the key of an issue.")
    adopted = exporting.adopt(opened, pairs=pairs, by=person.name, budget=one_answer())
    refused = [f"Ticket {one.number}: {one.refusal}." for one in adopted if one.refusal]
    count = counted(len(adopted) - len(refused), "issue")
    text = f"{count} adopted{f', {len(refused)} refused' if refused else ''}."
    return go_to(
        request, address, Notice(" ".join([text, *refused]), kind="warn" if refused else "ok")
    )
