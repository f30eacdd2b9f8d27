"""What lists of the API are made of: the shapes of their entries.

Belongs here: shapes that are only ever part of an answer. Does not: answers (the module of each).
More fields than are named may come with each.
"""

from pydantic import BaseModel, Field

from jira_pipeline.web.api.shapes import Time


class FileShown(BaseModel, extra="allow"):
    """A file that was read."""

    name: str
    sheet: str
    rows: int
    sha256: str


class FindingShown(BaseModel, extra="allow"):
    """What a rule found in the sheets."""

    severity: str
    code: str
    file: str | None
    line: int | None
    record: int | None
    column: str | None
    value: str | None
    message: str
    advice: str


class UnknownHeaderShown(BaseModel, extra="allow"):
    """A header that nobody knows."""

    sheet: str
    header: str
    examples: list[str]
    proposed: str | None


class QuestionFound(BaseModel, extra="allow"):
    """A question that sheets leave open, before any ticket is written."""

    ticket_title: str
    file: str
    line: int
    column: str
    quote: str
    question: str
    suggested_answer: str | None
    suggested_because: str | None


class CellChange(BaseModel, extra="allow"):
    """A cell that differs in newer sheets."""

    file: str
    line: int
    column: str
    before: str | None
    after: str | None


class TicketChange(BaseModel, extra="allow"):
    """What newer sheets do to a ticket."""

    becomes: str
    title: str
    number: int | None
    ticket_id: str | None
    worked_on: bool
    cells: list[CellChange]


class VanishedTicket(BaseModel, extra="allow"):
    """A ticket whose rows are no longer in the sheets."""

    ticket_id: str
    number: int
    title: str


class SameSpecificationShown(BaseModel, extra="allow"):
    """Another session that has issues of the same specification."""

    session_key: str
    tickets: int
    shared: int
    issues: list[str]
    as_new: bool


class IssueChange(BaseModel, extra="allow"):
    """A ticket that changed after its issue was created."""

    ticket_id: str
    number: int
    title: str
    jira_key: str | None


class CancelledRunShown(BaseModel, extra="allow", from_attributes=True):
    """What became of a run."""

    run_id: str
    became: str
    user_message: str


class GraphNode(BaseModel, extra="allow"):
    """A ticket in the graph."""

    ticket_id: str
    number: int
    title: str
    entity_group: str
    action: str
    state: str
    ready: bool
    skipped: bool
    jira_key: str | None


class GraphEdge(BaseModel, extra="allow"):
    """A link between two tickets, by their numbers."""

    before: int = Field(alias="from")
    to: int
    kind: str


class JudgedTicket(BaseModel, extra="allow"):
    """What somebody has to know of a ticket before signing it."""

    ticket_id: str
    number: int
    title: str
    signable: bool
    waiting_for_answers: bool
    questions: int
    reasons: list[str]


class HoursOfSome(BaseModel, extra="allow"):
    """The hours of some tickets."""

    name: str | None
    hours_low: int | float
    hours_high: int | float
    tickets: int
    without_estimate: int


class RunShown(BaseModel, extra="allow", from_attributes=True):
    """A run, and the task it belongs to."""

    run_id: str
    task_id: str
    job: str = Field(validation_alias="job_name")
    status: str
    created_at: Time
    is_finished: bool


class AuditEntryShown(BaseModel, extra="allow"):
    """Who did what, once."""

    sequence: int
    at: str
    actor: str
    action: str
    details: dict[str, object]
    hash: str


class TableShown(BaseModel, extra="allow"):
    """A table of a ticket, from rows of the sheets."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    lines: list[list[int]]
    same_for_all: dict[str, str]


class SourceRow(BaseModel, extra="allow"):
    """A row as it is in the sheet."""

    file: str
    line: int
    record: int
    cells: dict[str, str]


class RevisionListed(BaseModel, extra="allow"):
    """A revision without its text."""

    number: int
    origin: str
    author: str
    at: str
    content_hash: str


class PartDifference(BaseModel, extra="allow"):
    """What differs in one part."""

    part: str
    lines: list[str]
