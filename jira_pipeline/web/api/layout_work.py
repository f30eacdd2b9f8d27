"""The layout of a session for programs: what `jira-pipeline layout` does at a terminal.

Belongs here: what programs ask for and are answered. Does not: working on a layout
(`sessions/layouts`), the page (`pages/layout_page`).
"""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from jira_pipeline.model.findings import Finding
from jira_pipeline.model.json_values import json_object
from jira_pipeline.model.layouts import UsedLayout
from jira_pipeline.sessions import layouts
from jira_pipeline.sheets.layout_beside import LAYOUT_MAX_BYTES
from jira_pipeline.sheets.layouts.layout import Layout
from jira_pipeline.sheets.layouts.layout_checks import AppliedLayout
from jira_pipeline.sheets.layouts.layout_files import layout_of, read_layout
from jira_pipeline.web.api.repeatable_route import RepeatableRoute
from jira_pipeline.web.api.shapes import AsJson, Flag, OfSession, Shape, Time
from jira_pipeline.web.context import Opened, Reader, Reviewer, TheWeb

router = APIRouter(
    prefix="/api/sessions/{key}/layout", tags=["layouts"], route_class=RepeatableRoute
)
Revision = Annotated[
    int, Field(ge=0, description="Of the layout that was read; 0 where nobody saved one.")
]


class LeftToSettle(Shape):
    """Something that a layout leaves to settle."""

    check: str
    where: str = Field(description="A worksheet, or a cell of it such as `Fields!B12`.")
    text: str
    can_be_accepted: bool = Field(description="It can be confirmed as not read.")


class LayoutChecked(Shape):
    """A layout, and what it leaves to settle in the worksheets of a session."""

    layout: dict[str, Any]
    is_settled: bool
    unsettled: list[LeftToSettle]
    findings: list[AsJson[Finding]] = Field(description="The same by file and row, with advice.")


class LayoutShown(LayoutChecked, OfSession):
    """The layout that people work on."""

    origin: layouts.LayoutOrigin
    revision: int
    saved_by: str | None
    saved_at: Time | None
    sheets_shown: str
    used_before: list[AsJson[UsedLayout]] = Field(
        description="Layouts that the team confirmed and that leave nothing to settle here."
    )


class LayoutText(Shape):
    """A layout, as JSON or as the text of a `layout.yaml`."""

    layout: dict[str, Any] | Annotated[str, Field(max_length=LAYOUT_MAX_BYTES)]

    @property
    def declared(self) -> Layout:
        """What it says.

        Raises:
            LayoutRefusedError: It cannot be used.
        """
        if isinstance(self.layout, str):
            return read_layout(self.layout.encode(), file_name="layout")
        return layout_of(self.layout, file_name="layout")


class LayoutToSave(LayoutText):
    """A layout, and the revision that it was made from."""

    revision: Revision


class LayoutToConfirm(Shape):
    """What was read, and what is known not to be read."""

    revision: Revision
    accepting: list[Annotated[str, Field(max_length=300)]] = Field(
        default=[], max_length=10_000, description="Cells such as `Fields!B12`."
    )
    sheets_shown: str = Field(default="", max_length=200)
    replaces_all: Flag = False


class LayoutSaved(OfSession):
    """A draft that was saved; it changes nothing until somebody confirms it."""

    revision: int
    saved_by: str
    saved_at: Time


class LayoutToUndo(Shape):
    """Which draft is meant."""

    revision: Revision


class LayoutUndone(OfSession):
    """A change of the draft that was taken back."""

    undone: str = Field(
        description="What somebody chose, in words; empty where a layout was saved."
    )
    revision: int


class LayoutConfirmed(OfSession):
    """What became of a session whose layout was confirmed."""

    is_replaced: bool
    tickets: int = Field(description="That its rows describe now.")


@router.get("")
def show_layout(_person: Reader, session: Opened, web: TheWeb) -> LayoutShown:
    """Show the draft of a session's layout, or what people start from where there is none."""
    work = layouts.open_layout(web.pipeline, session.key)
    used = () if work.is_settled else layouts.layouts_used_before(web.pipeline, work.upload)
    return LayoutShown.model_validate({**json_object(work), "used_before": [*used]})


@router.get("/proposal")
def propose_layout(_person: Reader, session: Opened, web: TheWeb) -> LayoutChecked:
    """Propose a layout by names and headers of worksheets alone, whatever anybody said of them."""
    return _checked(layouts.propose_layout(web.pipeline, session.key))


@router.post("/check")
def check_layout(
    _person: Reader, session: Opened, web: TheWeb, wanted: LayoutText
) -> LayoutChecked:
    """Say what a layout would leave to settle; nothing is saved."""
    return _checked(layouts.apply_layout(web.pipeline, session.key, wanted.declared))


@router.put("")
def save_layout(
    person: Reviewer, session: Opened, web: TheWeb, wanted: LayoutToSave
) -> LayoutSaved:
    """Save a layout as the draft; 409 where somebody else saved, confirmed or discarded it since."""
    draft = layouts.save_layout(
        web.pipeline, session.key, wanted.declared, revision=wanted.revision, by=person.name
    )
    return LayoutSaved.model_validate(json_object(draft))


@router.delete("", status_code=204)
def discard_layout(
    person: Reviewer, session: Opened, web: TheWeb, revision: Annotated[int, Query(ge=0)]
) -> None:
    """Discard the draft; what was confirmed stays as it is."""
    layouts.discard_layout(web.pipeline, session.key, revision=revision, by=person.name)


@router.post("/undo")
def undo_layout_change(
    person: Reviewer, session: Opened, web: TheWeb, wanted: LayoutToUndo
) -> LayoutUndone:
    """Take the last change of the draft back, also that it was discarded."""
    undone = layouts.undo_layout_change(
        web.pipeline, session.key, revision=wanted.revision, by=person.name
    )
    return LayoutUndone(session_id=session.key, undone=undone.description, revision=undone.revision)


@router.post("/confirm")
def confirm_layout(
    person: Reviewer, session: Opened, web: TheWeb, wanted: LayoutToConfirm
) -> LayoutConfirmed:
    """Confirm the layout as it is shown: the sheets of the session are read by it from now on."""
    outcome = layouts.confirm_layout(
        web.pipeline,
        session.key,
        revision=wanted.revision,
        accepting=wanted.accepting,
        sheets_shown=wanted.sheets_shown,
        replaces_all=wanted.replaces_all,
        by=person.name,
    )
    web.report_to_dagster(web.pipeline, outcome)
    return LayoutConfirmed(
        session_id=session.key, is_replaced=outcome.is_replaced, tickets=len(outcome.groups)
    )


def _checked(applied: AppliedLayout) -> LayoutChecked:
    fields: Mapping[str, object] = json_object(applied)
    return LayoutChecked.model_validate({name: fields[name] for name in LayoutChecked.model_fields})
