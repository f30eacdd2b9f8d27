"""Open questions of a session: the inbox, answers, accepted suggestions, as a spreadsheet."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from fastapi import File, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from jira_pipeline.errors import InputError, WrongUseError
from jira_pipeline.kernel.open_questions import CLIENT
from jira_pipeline.review import decisions
from jira_pipeline.review.cells import CSV_MAX_BYTES
from jira_pipeline.review.enquiry import NAME_MAX_CHARACTERS, enquiries_for
from jira_pipeline.review.forms import forms_of
from jira_pipeline.review.questions import (
    ANSWER_MAX_CHARACTERS,
    AskedOnce,
    asked_once,
    questions_csv,
    questions_workbook,
)
from jira_pipeline.review.view_workbook import views_workbook
from jira_pipeline.web.access import Reader, Respondent, Reviewer
from jira_pipeline.web.api.paging import Paged
from jira_pipeline.web.api.shapes import INTEGER_MAX, JsonObject, Shape, like, new_router
from jira_pipeline.web.context import Opened

router = new_router("questions", prefix="/api/sessions/{key}/questions")
PLACE_MAX = 300
Place = Annotated[str, Field(pattern=r"^[0-9]{1,9}\.[0-9]{1,9}$", examples=["12.1"])]


class QuestionShown(BaseModel, extra="allow"):
    """A question, once, wherever it is asked; the fields of `jira-pipeline questions --json`."""

    place: str
    also_in: list[str]
    is_open: bool
    ticket_number: int
    question: str
    answer: str | None
    choices: list[str] = Field(description="Answers that the rule which asks knows of.")
    answered_by: str | None
    answered_at: str | None
    enquiry: JsonObject | None = Field(
        description="Who is asked it: `of` (`client` or a person), `until`, `by`, `since`, `is_over`."
    )


class QuestionPage(BaseModel, extra="forbid"):
    """A part of the inbox."""

    total: int
    open: int = Field(description="Questions of the session that nobody answered.")
    offset: int
    questions: list[QuestionShown]


@router.get("")
def list_questions(
    person: Respondent,
    session: Opened,
    *,
    open: bool | None = None,  # noqa: A002 - the name in the address
    suggested: bool | None = None,
    asked_of: Annotated[str | None, Query(max_length=NAME_MAX_CHARACTERS)] = None,
    over: bool | None = None,
    ticket: Annotated[int | None, Query(ge=1, le=INTEGER_MAX)] = None,
    sheet: Annotated[str | None, Query(max_length=300)] = None,
    assignee: Annotated[str | None, Query(max_length=300)] = None,
    paging: Paged,
) -> QuestionPage:
    """List the questions the sheets leave open, each once.

    `asked_of` leaves those that the client (`client`) or a person is asked, `over` those whose day has passed.
    """
    now, enquiries = session.clock.now(), enquiries_for(person, session.enquiries)

    def is_asked(once: AskedOnce) -> bool:
        found = once.enquiry_in(enquiries)
        is_over = found is not None and found.is_over(now)
        return asked_of in (None, found and found.of) and over in (None, is_over)

    is_of_any = ticket is None and assignee is None
    listed = [
        once
        for once in session.asked.once
        if open in (None, once.asked.is_open)
        and suggested in (None, bool(once.asked.suggested_answer))
        and is_asked(once)
        and sheet in (None, once.asked.file)
        and (
            is_of_any
            or any(
                ticket in (None, asked.ticket.number)
                and assignee in (None, asked.ticket.assignee or "")
                for asked in (once.asked, *once.also)
            )
        )
    ]
    shown = paging.page_of(listed, key_of=lambda once: once.asked.place, usual_limit=100)
    return QuestionPage(
        total=len(listed),
        open=session.asked.left.count,
        offset=paging.offset,
        questions=[
            QuestionShown.model_validate(
                once.asked.to_json(enquiries, now=now)
                | {
                    "place": once.asked.place,
                    "also_in": [other.place for other in once.also],
                    "is_open": once.is_open,
                    "proposed_answers": [one.to_json() for one in session.proposed_to(once)],
                }
            )
            for once in shown
        ],
    )


class GivenAnswer(BaseModel):
    """An answer to a question, or in a cell of a form; an empty one takes it back."""

    model_config = like({"place": "12.page_1.Filters", "answer": "published only", "was": ""})

    place: Annotated[
        str,
        Field(
            max_length=PLACE_MAX,
            pattern=r"^[0-9]{1,9}\..",
            description="Of a question, such as `12.1`, or of a cell of a form.",
            examples=["12.1"],
        ),
    ]
    answer: str = Field(max_length=ANSWER_MAX_CHARACTERS)
    was: str | None = Field(
        default=None,
        max_length=ANSWER_MAX_CHARACTERS,
        description="The answer you saw there, empty where there was none: where somebody else "
        "answered since, nothing is kept.",
    )


class NotRelevant(BaseModel):
    """A question that needs no answer."""

    model_config = like({"place": "12.3", "reason": "The old site had no archive"})

    place: Place
    reason: str = Field(min_length=1, max_length=1_000)


class Answers(BaseModel):
    """Answers people give, suggestions they accept, what is not relevant: all are kept, or none."""

    model_config = like(
        {"answers": [{"place": "12.1", "answer": "Editors only"}], "accept": ["4.1"]}
    )

    answers: list[GivenAnswer] = Field(default=[], max_length=1_000)
    accept: list[Place] = Field(default=[], max_length=1_000)
    not_relevant: list[NotRelevant] | None = Field(
        default=None, max_length=1_000, description="Answered with why they need no answer."
    )
    only: bool = Field(
        default=False, description="In those tickets alone, not where else it is asked."
    )


class AnswersKept(BaseModel, extra="forbid"):
    """What became of answers."""

    session_key: str
    kept: int
    tickets: list[int]
    unmarked: list[int] = Field(
        default=[], description="Tickets that lost their ready mark: they are to be read again."
    )
    open: int
    proposed: int = Field(
        default=0, description="Those that wait for a reviewer, because you do not decide."
    )
    remark: str | None = Field(default=None, description="What was assumed of a file.")


@router.post("/answers")
def answer(person: Respondent, session: Opened, wanted: Answers) -> AnswersKept:
    """Answer questions, and accept suggested answers; each counts wherever it is asked.

    Of those below reviewer they are proposed, and change no ticket until a reviewer answers so,
    unless an admin lets their answers count at once.
    """
    if not wanted.answers and not wanted.accept and not wanted.not_relevant:
        raise WrongUseError(
            "Nothing is answered.",
            recovery_actions=("Send `answers`, `accept` or `not_relevant`.",),
        )
    given = [(one.place, one.answer) for one in wanted.answers]
    if not decisions.decides(person):
        said = decisions.propose_answers(session, given, accepted=wanted.accept, by=person)
        if said.answered:
            return AnswersKept.model_validate(
                {**said.answered.to_json(), "proposed": said.proposed}
            )
        return AnswersKept(
            session_key=session.key,
            kept=0,
            tickets=[],
            open=session.asked.left.count,
            proposed=said.proposed,
        )
    kept = decisions.answer(
        session,
        given,
        accepted=wanted.accept,
        not_relevant=[(one.place, one.reason) for one in wanted.not_relevant or ()],
        were={one.place: one.was for one in wanted.answers if one.was is not None},
        is_only=wanted.only,
        by=person.name,
    )
    return AnswersKept.model_validate(kept.to_json())


class Questions(BaseModel):
    """Questions by their places."""

    model_config = like({"places": ["12.1", "12.2"]}, is_open=True)

    places: list[Place] = Field(min_length=1, max_length=1_000)


class WantedEnquiry(Questions):
    """To whom questions are put."""

    model_config = like({"places": ["12.1"], "of": "client", "until": "2100-11-30"})

    of: str = Field(
        default=CLIENT,
        min_length=1,
        max_length=NAME_MAX_CHARACTERS,
        description="`client`, or the name of a person.",
    )
    until: date | None = Field(default=None, description="The day an answer is expected.")


class QuestionsPut(Shape):
    """Which questions were put to somebody, or to nobody any more."""

    session_key: str
    questions: list[str]
    tickets: list[int] = Field(description="Numbers of those that ask them.")


@router.post("/ask")
def ask(person: Reviewer, session: Opened, wanted: WantedEnquiry) -> QuestionsPut:
    """Put questions to the client or to a person, wherever they are asked."""
    put = decisions.ask(session, wanted.places, of=wanted.of, until=wanted.until, by=person.name)
    return QuestionsPut.model_validate(put.to_json())


@router.post("/unask")
def unask(person: Reviewer, session: Opened, wanted: Questions) -> QuestionsPut:
    """Put questions to nobody any more."""
    put = decisions.unask(session, wanted.places, by=person.name)
    return QuestionsPut.model_validate(put.to_json())


class FileFormat(StrEnum):
    """What the questions are written as."""

    CSV = "csv"
    XLSX = "xlsx"


WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get(
    "/file",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}, WORKBOOK_TYPE: {}}}},
)
def write_file(
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
        questions_workbook(listed, session.enquiries)
        if is_workbook
        else questions_csv(listed, session.enquiries),
        media_type=WORKBOOK_TYPE if is_workbook else "text/csv",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.post("/upload")
def read_file(
    person: Reviewer, session: Opened, file: Annotated[UploadFile, File()]
) -> AnswersKept:
    """Read the answers of a CSV or workbook that was filled in, of questions or of the forms of views.

    Of questions what somebody answered since is not overwritten.
    """
    content = file.file.read(CSV_MAX_BYTES + 1)
    if len(content) > CSV_MAX_BYTES:
        raise InputError(
            f"The file has more than {CSV_MAX_BYTES:,} bytes.",
            recovery_actions=("Send the file of this session.",),
        )
    name = (file.filename or "file")[:200]
    kept = decisions.answer_by_file(session, content, name=name, by=person.name)
    return AnswersKept.model_validate(kept.to_json())


class CellShown(BaseModel, extra="forbid"):
    """A cell to fill in."""

    place: str = Field(description="What `answers` takes.")
    column: str
    known: str = Field(description="What it says without an answer, to go on with.")
    is_open: bool = Field(description="Neither a person nor a model filled it in.")
    answer: str | None
    answered_by: str | None
    answered_at: str | None


class FormShown(BaseModel, extra="forbid"):
    """What is to be known of one display of a view."""

    ticket_id: str
    ticket_number: int
    ticket_title: str
    display: str
    open: int = Field(description="Cells that nobody filled in.")
    cells: list[CellShown]


class FormPage(BaseModel, extra="forbid"):
    """A part of the forms of views."""

    total: int
    open: int = Field(description="Cells of the session that nobody filled in.")
    offset: int
    forms: list[FormShown]


@router.get("/forms")
def list_forms(
    _person: Reader,
    session: Opened,
    *,
    open: bool | None = None,  # noqa: A002 - the name in the address
    ticket: Annotated[int | None, Query(ge=1, le=INTEGER_MAX)] = None,
    paging: Paged,
) -> FormPage:
    """List the forms of views: the cells that the sheets leave open, by display."""
    forms = forms_of(session.cells)
    listed = [
        form
        for form in forms
        if ticket in (None, form.ticket.number) and open in (None, form.open_count > 0)
    ]
    shown = paging.page_of(
        listed, key_of=lambda form: f"{form.ticket.number}.{form.display}", usual_limit=100
    )
    return FormPage(
        total=len(listed),
        open=sum(form.open_count for form in forms),
        offset=paging.offset,
        forms=[
            FormShown(
                ticket_id=form.ticket.ticket_id,
                ticket_number=form.ticket.number,
                ticket_title=form.ticket.title,
                display=form.display,
                open=form.open_count,
                cells=[CellShown.model_validate(cell.to_json()) for cell in form.cells],
            )
            for form in shown
        ],
    )


@router.get(
    "/forms/file", response_class=Response, responses={200: {"content": {WORKBOOK_TYPE: {}}}}
)
def write_forms(_person: Reader, session: Opened) -> Response:
    """Write the forms of all views as a workbook to send to a client, to be filled in.

    `upload` reads it; it is a sheet of displays, too.
    """
    return Response(
        views_workbook(session.contents.specification, session.cells),
        media_type=WORKBOOK_TYPE,
        headers={"content-disposition": f'attachment; filename="views-{session.key}.xlsx"'},
    )
