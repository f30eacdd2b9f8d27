"""The page that says whether a site is built as its sheets say: tickets, causes, and rows that are not met.

A configuration that Drupal exported is sent as a zip and compared with the rows of the sheets; each row
has a verdict then (met, differs, missing, …), and each ticket one that follows from its rows.

Belongs here: the form that sends a configuration, filters, and how a verification is shown. Does not:
comparing and keeping it (`sessions/site_verifying`).
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, BinaryIO

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import Response

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.site_verifications import (
    TicketVerdict,
    Verdict,
    VerifiedRow,
    VerifiedTicket,
)
from jira_pipeline.model.source_tables import SHEET_NAMES
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.sessions.site_verifying import (
    changes_before,
    compared_again,
    find_verification,
    is_outdated,
    past_verifications,
    verify_sent_site,
)
from jira_pipeline.verification import reports
from jira_pipeline.web.context import Opened, Reader, Reviewer
from jira_pipeline.web.pages.showing import (
    BLANK_IS_NONE,
    PAGE_MAX,
    Notice,
    go_to,
    page_of,
    refused_at,
    show,
)

ROWS_PER_PAGE = 100
CAUSES_SHOWN = 200
ITEMS_SHOWN = 200
PAST_SHOWN = 20
router = APIRouter(prefix="/sessions/{key}")


@router.get("/site")
def site_page(
    request: Request,
    _person: Reader,
    opened: Opened,
    *,
    ticket: Annotated[TicketVerdict | None, BLANK_IS_NONE, Query()] = None,
    verdict: Annotated[Verdict | None, BLANK_IS_NONE, Query()] = None,
    kind: Annotated[EntityKind | None, BLANK_IS_NONE, Query()] = None,
    verification: Annotated[int | None, Query(ge=1, le=PAGE_MAX)] = None,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """Show the last comparison of a site with the sheets, or an earlier one."""
    past = past_verifications(opened, most=PAST_SHOWN)
    latest_id = past[0].verification_id if past else None
    is_latest = verification is None or verification == latest_id
    if is_latest:
        comparison = opened.site_verification
    else:
        comparison = find_verification(opened, verification or 0)
    rows: Sequence[VerifiedRow] = ()
    tickets: Sequence[VerifiedTicket] = ()
    again = None
    changes_text = ""
    numbers: Mapping[tuple[str, int], int] = {}
    if comparison is not None:
        verification_shown = comparison.verification
        rows_of_kind = [row for row in verification_shown.rows if kind in {None, row.kind}]
        rows = [row for row in rows_of_kind if _is_listed(row, verdict)]
        tickets = [
            verified
            for verified in verification_shown.tickets
            if ticket in {None, verified.verdict}
        ]
        again = compared_again(opened, comparison)
        changes_text = reports.changes_text(changes_before(opened, comparison))
        # The lines of other sheets than those compared may be in other tickets.
        if verification_shown.content_sha256 == opened.stored.generated_from_sha256:
            numbers = numbers_by_row(opened)
    return show(
        request,
        "site.html",
        opened=opened,
        kept=comparison,
        past=past,
        is_latest=is_latest,
        is_outdated=is_latest and is_outdated(opened),
        again=again,
        changed=changes_text,
        numbers=numbers,
        listed=page_of(request, rows, number=page, size=ROWS_PER_PAGE),
        tickets=tickets,
        ticket=ticket,
        verdict=verdict,
        kind=kind,
        verdict_labels=reports.VERDICT_LABELS,
        sheet_names=SHEET_NAMES,
        reports=reports,
        causes_max=CAUSES_SHOWN,
        items_max=ITEMS_SHOWN,
    )


def _is_listed(row: VerifiedRow, verdict: Verdict | None) -> bool:
    """Tell whether the list has a row: one of the verdict that is asked for, or without one, not met."""
    if verdict is None:
        return row.verdict is not Verdict.MET
    return row.verdict is verdict


def numbers_by_row(opened: OpenSession) -> dict[tuple[str, int], int]:
    """Return the number of the ticket that each row is in, by file and line."""
    return {
        (source.file, line): ticket.number
        for ticket in opened.tickets
        for source in ticket.source_lines
        for line in source.lines
    }


@router.post("/site")
def verify_site(
    request: Request,
    person: Reviewer,
    opened: Opened,
    config: Annotated[UploadFile, File()],
    *,
    anyway: Annotated[bool, Form()] = False,
) -> Response:
    """Compare a configuration that is sent with the sheets, and go to the page with the verdicts."""
    return compare(
        request, opened, config.filename or "", config.file, anyway=anyway, by=person.name
    )


def compare(
    request: Request,
    opened: OpenSession,
    name: str,
    content: BinaryIO,
    *,
    anyway: bool = False,
    by: str,
) -> Response:
    """Compare the sheets with a zipped configuration, and answer the form that sent it.

    `anyway`: the person knows that it may be partial, or of another site.
    """
    address = refused_at(request, f"/sessions/{opened.key}/site")
    verified = verify_sent_site(opened, content, config=name, anyway=anyway, by=by)
    text = reports.summary_of(verified.verification)
    return go_to(request, address, Notice(kind="ok", text=f"Compared: {text}."))
