"""The page on which the model of a session is asked for the layout of its sheets.

Before the model is asked, the page says what would be sent to which model and what that may cost. After
it, the page says what no cell of the answer proves. The answer itself is a draft of the layout like any
other: a person looks at it and confirms it, or does not.

Belongs here: both pages. Does not: asking (`sessions/model_layouts`), what people choose in the draft
(`layout_page`).
"""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.model_requests import spending_text
from jira_pipeline.sessions.layouts import open_layout, refuse_other_revision, save_layout
from jira_pipeline.sessions.model_layouts import estimate_model_layout, model_of, propose_by_model
from jira_pipeline.sheets.layouts.known_headers import without_known
from jira_pipeline.web.context import Opened, Reviewer, TheWeb
from jira_pipeline.web.pages.showing import Notice, go_to, notice_of, show

router = APIRouter(prefix="/sessions/{key}/layout/model")
Revision = Annotated[int, Form(ge=0, le=1_000_000_000)]


@router.get("")
def show_estimate(request: Request, web: TheWeb, _person: Reviewer, opened: Opened) -> Response:
    """Show what would be sent to which model, and what it may cost.

    Where the session has no model, the page says so, and has no estimate.
    """
    model = model_of(web.pipeline, opened.key)
    estimate = None
    if model is not None:
        try:
            estimate = estimate_model_layout(web.pipeline, opened.key)
        except PipelineError as error:
            return go_to(request, f"/sessions/{opened.key}/layout", notice_of(error))
    work = open_layout(web.pipeline, opened.key)
    return show(
        request,
        "model_layout.html",
        opened=opened,
        model=model,
        estimate=estimate,
        revision=work.revision,
        has_draft=work.draft is not None,
        proposed=None,
    )


@router.post("")
def ask_model(
    request: Request, web: TheWeb, person: Reviewer, opened: Opened, *, revision: Revision
) -> Response:
    """Ask the model, save the best of its answers as a draft, and show what no cell of it proves.

    The browser waits for the answers: a minute or two.
    """
    address = f"/sessions/{opened.key}/layout"
    try:
        refuse_other_revision(web.pipeline, opened.key, revision)
        proposed = propose_by_model(
            web.pipeline, opened.key, on_start=lambda _: None, on_round=lambda _: None
        )
        if proposed.round_count:
            draft = without_known(proposed.layout, proposed.upload)
            save_layout(web.pipeline, opened.key, draft, revision=revision, by=person.name)
    except PipelineError as error:
        return go_to(request, address, notice_of(error))
    if not proposed.round_count:  # nothing was asked, so there is nothing to save or show
        return go_to(
            request, address, Notice("The headers of all worksheets are known: no model was asked.")
        )
    return show(
        request,
        "model_layout.html",
        opened=opened,
        model=proposed.model,
        estimate=None,
        revision=revision + 1,
        has_draft=True,
        proposed=proposed,
        spending=spending_text(proposed.spending),
    )
