"""What lists of the API are made of: the shapes of their entries.

Belongs here: shapes that are only ever part of an answer. Does not: answers (the module of each).
More fields than are named may come with each.
"""

from pydantic import BaseModel, ConfigDict, Field

from jira_pipeline.web.api.shapes import like

_OPEN = ConfigDict(extra="allow")


class FileShown(BaseModel):
    """A file that was read."""

    model_config = _OPEN

    name: str
    sheet: str
    rows: int
    sha256: str


class FindingShown(BaseModel):
    """What a rule found in the sheets."""

    model_config = _OPEN

    severity: str
    code: str
    file: str | None
    line: int | None
    record: int | None
    column: str | None
    value: str | None
    message: str
    advice: str


class UnknownHeaderShown(BaseModel):
    """A header that nobody knows."""

    model_config = _OPEN

    sheet: str
    header: str
    examples: list[str]
    proposed: str | None


class QuestionFound(BaseModel):
    """A question that sheets leave open, before any ticket is written."""

    model_config = _OPEN

    ticket_title: str
    file: str
    line: int
    column: str
    quote: str
    question: str
    suggested_answer: str | None
    suggested_because: str | None


class CellChange(BaseModel):
    """A cell that differs in newer sheets."""

    model_config = _OPEN

    file: str
    line: int
    column: str
    before: str | None
    after: str | None


class TicketChange(BaseModel):
    """What newer sheets do to a ticket."""

    model_config = _OPEN

    becomes: str
    title: str
    number: int | None
    ticket_id: str | None
    worked_on: bool
    cells: list[CellChange]


class VanishedTicket(BaseModel):
    """A ticket whose rows are no longer in the sheets."""

    model_config = _OPEN

    ticket_id: str
    number: int
    title: str


class SameSpecificationShown(BaseModel):
    """Another session that has issues of the same specification."""

    model_config = _OPEN

    session_key: str
    tickets: int
    shared: int
    issues: list[str]
    as_new: bool


class IssueChange(BaseModel):
    """A ticket that changed after its issue was created."""

    model_config = _OPEN

    ticket_id: str
    number: int
    title: str
    jira_key: str | None
    content_hash: str


class CancelledRunShown(BaseModel):
    """What became of a run."""

    model_config = ConfigDict(extra="allow", from_attributes=True)

    run_id: str
    became: str
    user_message: str


class GraphNode(BaseModel):
    """A ticket in the graph."""

    model_config = _OPEN

    ticket_id: str
    number: int
    title: str
    entity_group: str
    action: str
    state: str
    ready: bool
    skipped: bool
    jira_key: str | None


class GraphEdge(BaseModel):
    """A link between two tickets, by their numbers."""

    model_config = _OPEN

    before: int = Field(alias="from")
    to: int
    kind: str


class JudgedTicket(BaseModel):
    """What somebody has to know of a ticket before signing it."""

    model_config = like(
        {
            "ticket_id": "t0a1b2c3d4e5f607",
            "number": 12,
            "title": "Configure view: Clocks",
            "writer": "template/6",
            "signable": False,
            "waiting_for_answers": True,
            "questions": 1,
            "reasons": ["waits for answers: its form is empty"],
        },
        is_open=True,
    )

    ticket_id: str
    number: int
    title: str
    signable: bool
    waiting_for_answers: bool
    questions: int
    reasons: list[str]


class HoursOfSome(BaseModel):
    """The hours of some tickets."""

    model_config = _OPEN

    name: str | None
    hours_low: int | float
    hours_high: int | float
    tickets: int
    without_estimate: int


class RunShown(BaseModel):
    """A run, and the task it belongs to."""

    model_config = _OPEN

    run_id: str
    task_id: str
    job: str
    status: str
    created_at: str
    is_finished: bool


class AuditEntryShown(BaseModel):
    """Who did what, once."""

    model_config = _OPEN

    sequence: int
    at: str
    actor: str
    action: str
    details: dict[str, object]
    hash: str


class TableShown(BaseModel):
    """A table of a ticket, from rows of the sheets."""

    model_config = _OPEN

    title: str
    columns: list[str]
    rows: list[list[str]]
    lines: list[list[int]]
    same_for_all: dict[str, str]


class SourceRow(BaseModel):
    """A row as it is in the sheet."""

    model_config = _OPEN

    file: str
    line: int
    record: int
    cells: dict[str, str]


class RevisionListed(BaseModel):
    """A revision without its text."""

    model_config = _OPEN

    number: int
    origin: str
    author: str
    at: str
    content_hash: str


class PartDifference(BaseModel):
    """What differs in one part."""

    model_config = _OPEN

    part: str
    lines: list[str]
