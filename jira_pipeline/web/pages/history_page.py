"""The history of a session: who did what, when and why, as a page and as a table.

Belongs here: how events are listed. Does not: which there are (`review/history`), their sentences
(`web/labels`).
"""

from collections.abc import Iterable, Mapping
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from jira_pipeline.export.left_in_jira import export_outcomes
from jira_pipeline.model.records import AuditAction, AuditEntry, EventKind
from jira_pipeline.review.cells import csv_text
from jira_pipeline.review.history import KINDS, acts_of, events_of, history_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import Opened
from jira_pipeline.web.labels import HISTORY_LABELS, change_of, particulars_of
from jira_pipeline.web.pages.list_addresses import BLANK_IS_NONE, PAGE_MAX, page_of
from jira_pipeline.web.pages.showing import csv_file, show

EVENTS_PER_PAGE = 100
COLUMNS = ("time", "person", "about", "what", "tickets", "particulars")
router = APIRouter(prefix="/sessions/{key}")
By = Annotated[str, Query(max_length=200)]
Kind = Annotated[EventKind | None, BLANK_IS_NONE, Query()]


@router.get("/history")
def history_page(
    request: Request,
    _person: Reader,
    opened: Opened,
    *,
    by: By = "",
    kind: Kind = None,
    page: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 1,
) -> Response:
    """List what happened to a session, newest first."""
    history = history_of(opened, person=by, kind=kind)
    listed = page_of(request, history.entries, number=page, size=EVENTS_PER_PAGE)
    query = urlencode({"by": by, "kind": kind.value if kind else ""})
    return show(
        request,
        "history.html",
        opened=opened,
        history=history,
        listed=listed,
        acts=acts_of(events_of(opened, listed.items)),
        outcomes=outcomes_of(opened, listed.items),
        csv_address=f"/sessions/{opened.key}/history.csv?{query}",
        kinds=list(EventKind),
        by=by,
        kind=kind,
        **HISTORY_LABELS,
    )


@router.get("/history.csv")
def history_csv(_person: Reader, opened: Opened, *, by: By = "", kind: Kind = None) -> Response:
    """Send the same as a table for spreadsheet programs."""
    entries = history_of(opened, person=by, kind=kind).entries
    rows = [
        {
            "time": event.entry.at.isoformat(timespec="seconds"),
            "person": event.entry.actor,
            "about": KINDS[event.entry.action].value,
            "what": change_of(event.entry, event.changed),
            "tickets": " ".join(str(one.number) for one in event.tickets),
            "particulars": "; ".join(particulars_of(event)),
        }
        for event in events_of(opened, entries)
    ]
    return csv_file(f"{opened.key}-history.csv", csv_text(COLUMNS, rows))


def outcomes_of(opened: OpenSession, entries: Iterable[AuditEntry]) -> Mapping[int, str]:
    """Say what the exports among these entries came to."""
    return export_outcomes(opened, [e for e in entries if e.action == AuditAction.EXPORT_STARTED])
