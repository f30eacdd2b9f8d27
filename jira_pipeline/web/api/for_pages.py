"""What scripts and links of our own pages ask for.

Belongs here: their addresses. Does not: what programs may count on (the other modules).
"""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from jira_pipeline.review.questions import asked_once, questions_csv, questions_workbook
from jira_pipeline.review.view_workbook import views_workbook
from jira_pipeline.web.access import Reader
from jira_pipeline.web.context import Opened
from jira_pipeline.writing.sentence_sources import sentence_sources

router = APIRouter(prefix="/api/sessions/{key}")
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/tickets/{number}/sentences")
def sentences(
    _person: Reader, session: Opened, number: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> list[dict[str, Any]]:
    """Say where each sentence of a ticket comes from."""
    return [one.to_json() for one in sentence_sources(session, session.ticket(number))]


class FileFormat(StrEnum):
    """What the questions are written as."""

    CSV = "csv"
    XLSX = "xlsx"


@router.get("/questions/file")
def questions_file(
    _person: Reader,
    session: Opened,
    *,
    open: bool = False,  # noqa: A002 - the name in the address
    format: FileFormat = FileFormat.CSV,  # noqa: A002 - as above
) -> Response:
    """Write the questions as CSV, or as a workbook to send to a client, to be filled in."""
    listed = asked_once(q for q in session.questions if q.is_open or not open)
    name = f"questions-{session.key}.{format.value}"
    is_workbook = format is FileFormat.XLSX
    return Response(
        questions_workbook(listed) if is_workbook else questions_csv(listed),
        media_type=WORKBOOK_TYPE if is_workbook else "text/csv",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.get("/questions/forms/file")
def forms_file(_person: Reader, session: Opened) -> Response:
    """Write the forms of all views as a workbook to send to a client, to be filled in."""
    return Response(
        views_workbook(session.contents.specification, session.cells),
        media_type=WORKBOOK_TYPE,
        headers={"content-disposition": f'attachment; filename="views-{session.key}.xlsx"'},
    )
