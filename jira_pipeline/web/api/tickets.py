"""The tickets of a session: lists, one with its revisions, edits under a lock, decisions about many.

Belongs here: their addresses and shapes. Does not: rules (`review`), questions
(`questions`).
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from fastapi import Header, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from jira_pipeline.errors import EditConflictError, WrongUseError, unknown_ticket
from jira_pipeline.flow.open_session import OpenSession
from jira_pipeline.kernel.entity_groups import DisplayGroup
from jira_pipeline.kernel.tickets import (
    ASSIGNABLE_FIELDS,
    FieldValue,
    Revision,
    Ticket,
    TicketState,
)
from jira_pipeline.review import decisions
from jira_pipeline.review.decisions import Decided, Revised
from jira_pipeline.review.editing import TicketEdit, html_of_html, html_of_markdown
from jira_pipeline.review.ticket_reading import (
    compared_revisions,
    listed_objects,
    revision_object,
    whole_ticket,
)
from jira_pipeline.review.ticket_selection import (
    Readiness,
    TicketOrder,
    TicketQuery,
    selected_tickets,
)
from jira_pipeline.review.waiting import quality_of
from jira_pipeline.review.waiting import ticket_object as quality_json
from jira_pipeline.web.access import Reader, Reviewer
from jira_pipeline.web.api.paging import Paged
from jira_pipeline.web.api.parts import (
    JudgedTicket,
    PartDifference,
    RevisionListed,
    SourceRow,
    TableShown,
)
from jira_pipeline.web.api.shapes import (
    INTEGER_MAX,
    Changed,
    JsonObject,
    Line,
    Numbers,
    TicketNumber,
    like,
    new_router,
    problems,
)
from jira_pipeline.web.context import Opened
from jira_pipeline.web.problems import DetailedProblemError
from jira_pipeline.writing.sentence_sources import sentence_sources

router = new_router("tickets", prefix="/api/sessions/{key}/tickets")
TEXT_MAX_CHARACTERS = 200_000
"""Of one part as it is sent; `PART_MAX_BYTES` bounds its bytes."""
_ETAG = re.compile(r'(?:W/)?"r(\d{1,9})(?:-[0-9a-f]{16})?"')
PartName = Literal["user_story", "analysis", "questions", "verification", "notes"]


class TicketInList(BaseModel, extra="allow"):
    """A ticket in a list; the fields of `jira-pipeline tickets list --json`."""

    ticket_id: str
    number: int
    title: str
    entity_group: str
    action: str
    state: str
    ready: bool
    depends_on: list[str]
    relates_to: list[str]
    assignee: str | None
    sprint: str | None
    priority: str | None
    labels: list[str]
    jira_key: str | None
    jira_url: str | None
    revision: int
    open_questions: int


class TicketPage(BaseModel, extra="forbid"):
    """A part of a list."""

    total: int
    offset: int
    tickets: list[TicketInList]


Text = Annotated[str | None, Query(max_length=300)]


@router.get("")
def list_tickets(
    _person: Reader,
    session: Opened,
    *,
    text: Annotated[str, Query(max_length=300)] = "",
    group: Annotated[list[DisplayGroup], Query(max_length=20)] = [],  # noqa: B006 - FastAPI copies it
    state: Annotated[list[TicketState], Query(max_length=20)] = [],  # noqa: B006 - likewise
    readiness: Annotated[list[Readiness], Query(max_length=20)] = [],  # noqa: B006 - likewise
    assignee: Text = None,
    sprint: Text = None,
    priority: Text = None,
    label: Text = None,
    has_questions: bool | None = None,
    hollow: bool | None = None,
    source_changed: bool | None = None,
    fallback: bool | None = None,
    lost_mark: bool | None = None,
    revised_since: AwareDatetime | None = None,
    order: TicketOrder = TicketOrder.PLACE,
    descending: bool = False,
    paging: Paged,
) -> TicketPage:
    """List tickets; filters hold all together, an empty assignee, sprint or label means none."""
    places = session.places
    hollow_ids = frozenset[str]() if hollow is None else session.hollow_ids
    found = selected_tickets(
        session.listed,
        TicketQuery(
            text=text,
            groups=group,
            states=state,
            readiness=readiness,
            assignee=assignee,
            sprint=sprint,
            priority=priority,
            label=label,
            has_questions=has_questions,
            is_hollow=hollow,
            is_source_changed=source_changed,
            is_fallback=fallback,
            has_lost_mark=lost_mark,
            revised_since=revised_since,
            order=order,
            is_descending=descending,
        ),
        places=places,
        hollow_ids=hollow_ids,
        lost_ids=() if lost_mark is None else session.lost_marks,
    )
    shown = paging.page_of(found, key_of=lambda one: one.ticket_id, usual_limit=100)
    listed = map(TicketInList.model_validate, listed_objects(session, shown))
    return TicketPage(total=len(found), offset=paging.offset, tickets=[*listed])


class WholeTicket(TicketInList):
    """A ticket as Jira will show it; the fields of `jira-pipeline tickets show --json`."""

    description_html: str
    description_adf: JsonObject
    attachment: JsonObject | None
    parts: dict[str, str]
    tables: list[TableShown]
    source_rows: list[SourceRow]
    revisions: list[RevisionListed]


@router.get("/{number}")
def show_ticket(
    _person: Reader, session: Opened, number: TicketNumber, response: Response
) -> WholeTicket:
    """Show a ticket; its `ETag` names the revision that an edit is made on."""
    found = whole_ticket(session, number)
    response.headers["etag"] = _etag(found.ticket.revision)
    return WholeTicket.model_validate(found.to_json())


def _etag(revision: Revision) -> str:
    return f'"r{revision.number}"'


class EditedPart(BaseModel):
    """The new text of a part: Markdown, or HTML."""

    model_config = like({"markdown": "Ask the **museum** first."})

    markdown: str | None = Field(default=None, max_length=TEXT_MAX_CHARACTERS)
    html: str | None = Field(default=None, max_length=TEXT_MAX_CHARACTERS)


class Edit(BaseModel):
    """What changes about a ticket; what is not named stays."""

    model_config = like(
        {"title": "Configure clocks", "parts": {"notes": {"markdown": "Ask the museum."}}}
    )

    title: str | None = Field(default=None, max_length=2_000)
    parts: dict[PartName, EditedPart] = Field(default_factory=dict, max_length=5)


class RevisionKept(BaseModel, extra="forbid"):
    """The revision a ticket has now."""

    session_key: str
    number: int
    revision: int
    changed: bool


IfMatch = Annotated[
    str | None,
    Header(
        max_length=100, description="The `ETag` of the ticket as it was read.", examples=['"r1"']
    ),
]


@router.patch("/{number}", responses=problems(409, 412, 428))
def edit(
    person: Reviewer,
    session: Opened,
    number: TicketNumber,
    wanted: Edit,
    *,
    response: Response,
    if_match: IfMatch = None,
) -> RevisionKept:
    """Change the title or the prose of a ticket; where somebody else did, both texts are answered."""
    ticket = session.ticket(number)
    edit = TicketEdit(
        title=wanted.title,
        parts={name: _html_of(part, name=name) for name, part in wanted.parts.items()},
    )
    expected = _expected_revision(if_match, ticket)
    if edit.changes_nothing(ticket):  # sent again, after a connection that broke
        expected = ticket.revision.number
    with _conflict_answered(session, number):
        kept = decisions.edit(session, ticket, edit, revision=expected, by=person.name)
    return _kept(kept, response)


def _html_of(part: EditedPart, *, name: str) -> str:
    if (part.markdown is None) == (part.html is None):
        raise WrongUseError(
            f"The part {name} is given as Markdown or as HTML, one of both.",
            recovery_actions=("Send `markdown` or `html`.",),
        )
    if part.markdown is not None:
        return html_of_markdown(part.markdown, part=name)
    return html_of_html(part.html or "", part=name)


def _expected_revision(if_match: str | None, ticket: Ticket) -> int:
    """Return the revision a change is made on.

    Raises:
        ToldMoreError: `If-Match` is missing (428) or names no revision (412).
    """
    if if_match is None:
        error = WrongUseError(
            "A change names the revision it is made on.",
            recovery_actions=("Send the `ETag` of the ticket as `If-Match`.",),
        )
        raise DetailedProblemError(error, status=428)
    if if_match.strip() == "*":
        return ticket.revision.number
    found = _ETAG.fullmatch(if_match.strip())
    if found is None or not 0 < int(found[1]) <= INTEGER_MAX:
        error = WrongUseError(
            "`If-Match` names no revision.",
            recovery_actions=("Send the `ETag` of the ticket as `If-Match`.",),
        )
        raise DetailedProblemError(error, status=412)
    return int(found[1])


@contextmanager
def _conflict_answered(session: OpenSession, number: int) -> Iterator[None]:
    """Answer what the ticket says now; what was sent is still with whoever sent it."""
    try:
        yield
    except EditConflictError as error:
        now = session.again().ticket(number).revision
        raise DetailedProblemError(error, current=revision_object(now), etag=_etag(now)) from error


def _kept(kept: Revised, response: Response) -> RevisionKept:
    response.headers["etag"] = _etag(kept.revision)
    return RevisionKept.model_validate(kept.to_json())


class RevisionShown(BaseModel, extra="allow"):
    """A revision with its text."""

    number: int
    origin: str
    author: str
    at: str
    content_hash: str
    title: str
    parts: dict[str, str]


@router.get("/{number}/revisions")
def list_revisions(
    _person: Reader, session: Opened, number: TicketNumber, paging: Paged
) -> list[RevisionShown]:
    """List the revisions of a ticket, oldest first."""
    known = session.revisions(session.ticket(number))
    shown = paging.page_of(known, key_of=lambda revision: revision.number)
    return [RevisionShown.model_validate(revision_object(revision)) for revision in shown]


class RevisionDifference(BaseModel, extra="allow"):
    """What two revisions differ in."""

    to: int
    parts: list[PartDifference]


@router.get("/{number}/revisions/{after}/difference")
def difference(
    _person: Reader,
    session: Opened,
    number: TicketNumber,
    after: TicketNumber,
    *,
    before: Annotated[int | None, Query(ge=1, le=INTEGER_MAX)] = None,
) -> RevisionDifference:
    """Compare a revision with another one, or with the one before it."""
    first = max(1, after - 1) if before is None else before
    found = compared_revisions(session, number, before=first, after=after)
    return RevisionDifference.model_validate(found.to_json())


class RollBack(BaseModel):
    """The revision to bring back."""

    model_config = like({"to": 1})

    to: int = Field(ge=1, le=INTEGER_MAX)


@router.post("/{number}/rollback", responses=problems(409, 412, 428))
def roll_back(
    person: Reviewer,
    session: Opened,
    number: TicketNumber,
    wanted: RollBack,
    *,
    response: Response,
    if_match: IfMatch = None,
) -> RevisionKept:
    """Bring an earlier revision back, as a new one: nothing is lost."""
    ticket = session.ticket(number)
    expected = _expected_revision(if_match, ticket)
    with _conflict_answered(session, number):
        kept = decisions.roll_back(session, ticket, to=wanted.to, revision=expected, by=person.name)
    return _kept(kept, response)


@router.post("/{number}/changes/{change}/take-back", responses=problems(409, 412, 428))
def take_back(
    person: Reviewer,
    session: Opened,
    number: TicketNumber,
    change: Annotated[int, Path(ge=1, le=1_000)],
    *,
    response: Response,
    if_match: IfMatch = None,
) -> RevisionKept:
    """Take one change of a model back, as a new revision."""
    ticket = session.ticket(number)
    expected = _expected_revision(if_match, ticket)
    with _conflict_answered(session, number):
        kept = decisions.take_back(session, ticket, change, revision=expected, by=person.name)
    return _kept(kept, response)


@router.get("/{number}/quality")
def quality_of_ticket(_person: Reader, session: Opened, number: TicketNumber) -> JudgedTicket:
    """Say what stands against signing a ticket."""
    judged = next((t for t in quality_of(session.tickets).tickets if t.number == number), None)
    if judged is None:
        raise unknown_ticket(session_key=session.key, ticket=str(number))
    return JudgedTicket.model_validate(quality_json(judged))


class SentenceCell(BaseModel, extra="forbid"):
    """A cell that a sentence rests on; without a column, a row."""

    place: str
    """File and line, as people say them."""
    file: str
    line: int
    record: int
    column: str


class Sentence(BaseModel, extra="forbid"):
    """Where a sentence of a ticket comes from: cells, a change of a model, or a person."""

    text: str
    cells: list[SentenceCell]
    change: int | None
    """Number of the change of a model, as in the `changes` of the ticket."""
    warning: str
    """What of that change no cell proves."""
    by: str | None
    """The person who wrote it."""
    at: str | None


@router.get("/{number}/sentences")
def sentences(
    _person: Reader, session: Opened, number: TicketNumber, paging: Paged
) -> list[Sentence]:
    """Say where each sentence of a ticket comes from."""
    found = sentence_sources(session, session.ticket(number))
    shown = paging.page_of(found, key_of=found.index)
    return [Sentence.model_validate(one.to_json()) for one in shown]


class Chosen(BaseModel):
    """Which tickets are meant."""

    model_config = like({"numbers": [3, 7, 8]})

    numbers: Numbers


class ChosenOrAll(BaseModel):
    """Which tickets are meant; without numbers, all that are not skipped."""

    model_config = like({"numbers": [3, 7, 8]})

    numbers: Numbers | None = None


class Skip(Chosen):
    """Which tickets are left out, and why."""

    model_config = like({"numbers": [4], "reason": "Built already"})

    reason: str = Field(min_length=1, max_length=2_000)


class Assign(Chosen):
    """Fields that tickets get; null clears one, what is not named stays."""

    model_config = like({"numbers": [3, 7], "sprint": "SBX Sprint 2", "assignee": None})

    assignee: Line | None = None
    sprint: Line | None = None
    priority: Line | None = None
    labels: Annotated[list[Line], Field(max_length=50)] | None = None
    parent: Line | None = None


class Labels(Chosen):
    """Labels that tickets get and lose."""

    model_config = like({"numbers": [3, 7], "add": ["drupal"], "remove": []})

    add: list[Line] = Field(default=[], max_length=50)
    remove: list[Line] = Field(default=[], max_length=50)


def _changed(decided: Decided) -> Changed:
    return Changed.model_validate(decided.to_json())


@router.post("/ready")
def ready(person: Reviewer, session: Opened, wanted: ChosenOrAll | None = None) -> Changed:
    """Mark tickets ready, bound to what was validated."""
    numbers = None if wanted is None else wanted.numbers
    return _changed(decisions.mark_ready(session, numbers, by=person.name))


@router.post("/unready")
def unready(person: Reviewer, session: Opened, wanted: Chosen) -> Changed:
    """Take ready marks away."""
    return _changed(decisions.unmark_ready(session, wanted.numbers, by=person.name))


@router.post("/skip")
def skip(person: Reviewer, session: Opened, wanted: Skip) -> Changed:
    """Leave tickets out of exports, with a reason."""
    return _changed(decisions.skip(session, wanted.numbers, reason=wanted.reason, by=person.name))


@router.post("/unskip")
def unskip(person: Reviewer, session: Opened, wanted: Chosen) -> Changed:
    """Take skipped tickets in again."""
    return _changed(decisions.unskip(session, wanted.numbers, by=person.name))


@router.post("/assign")
def assign(person: Reviewer, session: Opened, wanted: Assign) -> Changed:
    """Set assignee, sprint, priority, labels or parent of tickets."""
    fields: dict[str, FieldValue] = {
        name: tuple(wanted.labels or ()) if name == "labels" else getattr(wanted, name)
        for name in wanted.model_fields_set & set(ASSIGNABLE_FIELDS)
    }
    return _changed(decisions.assign(session, wanted.numbers, fields=fields, by=person.name))


@router.post("/labels")
def labels(person: Reviewer, session: Opened, wanted: Labels) -> Changed:
    """Add labels to tickets and take labels away, of all or of none."""
    return _changed(
        decisions.change_labels(
            session, wanted.numbers, added=wanted.add, removed=wanted.remove, by=person.name
        )
    )


@router.post("/order")
def order(person: Reviewer, session: Opened, wanted: Chosen) -> Changed:
    """Put tickets of one display group into this order; what they wait for still comes first."""
    return _changed(decisions.order(session, wanted.numbers, by=person.name))


class Waiting(BaseModel):
    """The tickets that another one is to wait for."""

    model_config = like({"on": [5]})

    on: Annotated[
        list[Annotated[int, Field(ge=1, le=INTEGER_MAX)]], Field(min_length=1, max_length=100)
    ]


class Dependencies(BaseModel, extra="forbid"):
    """Which dependencies changed."""

    session_key: str
    number: int
    changed: list[int]


@router.post("/{number}/dependencies")
def depend(
    person: Reviewer, session: Opened, number: TicketNumber, wanted: Waiting
) -> Dependencies:
    """Make a ticket wait for others; a circle is refused by name, and those before it are kept."""
    waits = decisions.depend(session, number, wanted.on, by=person.name)
    return Dependencies.model_validate(waits.to_json())


@router.delete("/{number}/dependencies/{other}")
def undepend(
    person: Reviewer, session: Opened, number: TicketNumber, other: TicketNumber
) -> Dependencies:
    """Let a ticket no longer wait for another one."""
    waits = decisions.depend(session, number, [other], is_not=True, by=person.name)
    return Dependencies.model_validate(waits.to_json())


class Withdraw(Chosen):
    """Which tickets go whose rows are gone, and why."""

    model_config = like({"numbers": [25], "reason": "Not built in this phase"})

    reason: str = Field(default="", max_length=2_000)


@router.post("/withdraw")
def withdraw(person: Reviewer, session: Opened, wanted: Withdraw) -> Changed:
    """Agree that tickets go whose rows are no longer in the sheets; nothing is done in Jira."""
    return _changed(
        decisions.withdraw(session, wanted.numbers, reason=wanted.reason, by=person.name)
    )


@router.post("/unwithdraw")
def unwithdraw(person: Reviewer, session: Opened, wanted: Chosen) -> Changed:
    """Take the agreement back."""
    return _changed(decisions.unwithdraw(session, wanted.numbers, by=person.name))
