"""What scripts and links of our own pages ask for.

Belongs here: their addresses. Does not: what programs may count on (the other modules).
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from jira_pipeline.model.json_values import json_object
from jira_pipeline.review.questions import asked_once, questions_workbook
from jira_pipeline.web.context import Opened, Reader
from jira_pipeline.writing.sentence_sources import sentence_sources

router = APIRouter(prefix="/api/sessions/{key}")


@router.get("/tickets/{number}/sentences")
def sentences(
    _person: Reader, session: Opened, number: Annotated[int, Path(ge=1, le=2**31 - 1)]
) -> list[dict[str, Any]]:
    """Say where each sentence of a ticket comes from."""
    return [json_object(one) for one in sentence_sources(session, session.ticket(number))]


@router.get("/questions/file")
def questions_file(
    _person: Reader,
    session: Opened,
    *,
    open: bool = False,  # noqa: A002 - the name in the address
) -> Response:
    """Write the questions as a workbook to send to a client, to be filled in."""
    listed = asked_once(q for q in session.questions if q.is_open or not open)
    return Response(
        questions_workbook(listed),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"content-disposition": f'attachment; filename="questions-{session.key}.xlsx"'},
    )
