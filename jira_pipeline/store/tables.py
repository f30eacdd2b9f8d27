"""The tables of the store.

Belongs here: which value a table keeps, what is beside it in a row, keys and references. Does not:
what a field means (the dataclass says), how it becomes a column (`mapping`), how tables come
into being and change (`versions`).

Times are aware and in UTC, kept as ISO 8601 text; money is a whole number of picodollars. A column
that is not of a value says what null means in it.

What has `_of_session` is deleted with its session. What outlives it has no reference to it: runs at
work, the ledger, its targets, errors, the audit trail, answers of models, export jobs of ShareDo,
people, folders of the inbox, what people decided about its tickets (`kept_reviews`), layouts, and
for a day requests with keys.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.schema import SchemaItem

from jira_pipeline.model.client_links import ClientLink
from jira_pipeline.model.differences import FiledComparison, IssueDifference
from jira_pipeline.model.entity_groups import GroupAction
from jira_pipeline.model.export_steps import MeasuredStep
from jira_pipeline.model.exports import Destination, LedgerEntry, Target
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.kept_reviews import KeptReview
from jira_pipeline.model.keyed_requests import KeyedRequest
from jira_pipeline.model.layouts import LayoutChange, LayoutDraft, UsedLayout
from jira_pipeline.model.manual_fixes import ManualFix
from jira_pipeline.model.model_requests import KeptAnswer, LearnedForm, RequestReceipt
from jira_pipeline.model.open_questions import OpenQuestion, ProposedAnswer, QuestionRoute
from jira_pipeline.model.people import Credential, KnownPerson
from jira_pipeline.model.records import AuditEntry, Comment, ReviewEvent, StoredError
from jira_pipeline.model.revisions import ProseParts, Revision
from jira_pipeline.model.runs import RunRequest
from jira_pipeline.model.search_words import Passage
from jira_pipeline.model.sessions import HandledFolder, UploadSession
from jira_pipeline.model.sharedo_jobs import ExportJob
from jira_pipeline.model.site_verifications import KeptVerification
from jira_pipeline.model.source_tables import SourceFile, SourceWord
from jira_pipeline.model.ticket_validations import TicketValidation, Validation
from jira_pipeline.model.tickets import Answer, Ticket
from jira_pipeline.model.upload_readings import UploadReading
from jira_pipeline.model.waiting_uploads import WaitingUpload
from jira_pipeline.model.webhook_deliveries import WebhookDelivery
from jira_pipeline.model.written_from import WrittenFrom
from jira_pipeline.store.mapping import (
    ENTRY_TEXT,
    PICO_DOLLARS,
    UTC_TIME,
    StoredString,
    StoredText,
    columns_of,
    enum_text,
    json_text,
)

# Every constraint has a name: steps between versions address it by that name on both dialects.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite counts only in a column of exactly the type INTEGER.
_COUNTER = BigInteger().with_variant(Integer, "sqlite")


def _table(
    name: str, value: type | None, *more: SchemaItem, key: Sequence[str], but: Collection[str] = ()
) -> Table:
    """Make a table of the fields of a value and of more columns, which take the place of fields.

    A number that is the whole key is given by the database, and never twice.
    """
    columns: dict[str, Column[Any]] = {}
    if value is not None:
        columns = {column.name: column for column in columns_of(value, but=but)}
    constraints: list[SchemaItem] = []
    for part in more:
        if isinstance(part, Column):
            columns[part.name] = part
        else:
            constraints.append(part)
    is_counted = False
    first = columns[key[0]]
    if len(key) == 1 and isinstance(first.type, Integer):
        first.type = _COUNTER
        first.default = None
        is_counted = first.autoincrement is not False
    constraints.insert(0, PrimaryKeyConstraint(*key))
    return Table(name, metadata, *columns.values(), *constraints, sqlite_autoincrement=is_counted)


def _column(name: str, kind: Any = StoredText, *, null: bool = False, **more: Any) -> Column[Any]:
    return Column(name, kind, nullable=null, **more)


def _owned(name: str, owner: str, *, kind: Any = StoredText, index: bool = False) -> Column[Any]:
    refers = ForeignKey(owner, ondelete="CASCADE")
    return Column(name, kind, refers, nullable=False, index=index)


def _of_session(*, index: bool = True) -> Column[str]:
    return _owned("session_key", "sessions.session_key", index=index)


def _of_ticket(name: str = "ticket_id", *, index: bool = False) -> Column[str]:
    return _owned(name, "tickets.ticket_id", index=index)


installation = _table(
    "installation",
    None,
    # The one row has the number 1.
    _column("number", Integer, autoincrement=False),
    # Made when the store is initialised, never changed: part of every issue's identity.
    _column("installation_id"),
    CheckConstraint("number = 1", name="one_row"),
    key=["number"],
)
sessions = _table(
    "sessions",
    UploadSession,
    # Null: nobody asks the current run to stop. It concerns the run named beside it only (null:
    # a run without an id), so that a request cannot stop a later run.
    _column("cancel_requested_at", UTC_TIME, null=True),
    _column("cancel_requested_by", null=True),
    _column("cancel_run_id", null=True),
    key=["session_key"],
    but=["source_word", "waiting_sha256"],
)
source_files = _table(
    "source_files", SourceFile, _of_session(index=False), key=["session_key", "name"]
)
# What each upload of a session was read to; the files themselves are kept as they came.
upload_readings = _table(
    "upload_readings",
    UploadReading,
    _of_session(index=False),
    Index(None, "state"),
    key=["session_key", "content_sha256"],
)
# The upload of a session that waits for its layout; the row goes when any upload is registered.
waiting_uploads = _table(
    "waiting_uploads", WaitingUpload, _of_session(index=False), key=["session_key"]
)
# Replaced by each generation, in the transaction that stores its tickets.
written_from = _table("written_from", WrittenFrom, _of_session(index=False), key=["session_key"])
findings = _table(
    "findings",
    Finding,
    _of_session(index=False),
    _column("position", Integer),  # in the order of `sorted_findings`, from 0
    key=["session_key", "position"],
)
tickets = _table(
    "tickets",
    Ticket,
    _of_session(index=False),
    _column("current_revision", Integer),  # the newest one
    Index(None, "session_key", "number"),
    key=["ticket_id"],
    but=["revision", "depends_on", "relates_to", "answers", "written_questions"],
)
# Rows are inserted and never updated (trigger).
revisions = _table(
    "revisions",
    Revision,
    _of_ticket(),
    *columns_of(ProseParts),  # HTML fragments
    _column("open_questions", json_text(tuple[OpenQuestion, ...])),
    key=["ticket_id", "number"],
    but=["parts", "questions"],
)
# The newest answer to each question; it stays when the tickets are written again.
answers = _table(
    "answers",
    Answer,
    _of_session(),
    _of_ticket(),
    key=["ticket_id", "question_id"],
    but=["is_of_site"],
)
# The newest answer to each question about all views: reading a ticket finds the cells it fills.
site_answers = _table(
    "site_answers",
    Answer,
    _of_session(index=False),
    key=["session_key", "question_id"],
    but=["is_of_site", "row_key", "row_label"],
)
# Whom people sent a question to, where that is not whom its kind goes to; it stays like an answer.
question_routes = _table(
    "question_routes", QuestionRoute, _of_session(), _of_ticket(), key=["ticket_id", "question_id"]
)
dependencies = _table(
    "dependencies",
    None,
    _of_session(),
    _of_ticket(),
    _of_ticket("other_ticket_id"),
    # `blocks`: the other one must be done before. `relates`: it is named beside it.
    _column("kind"),
    # `computed` is replaced by every generation, `manual` stays; `released`: people took a computed
    # one away, and a generation leaves it out.
    _column("origin"),
    CheckConstraint("kind IN ('blocks', 'relates')", name="kind"),
    CheckConstraint("origin IN ('computed', 'manual', 'released')", name="origin"),
    CheckConstraint("ticket_id <> other_ticket_id", name="not_itself"),
    key=["ticket_id", "other_ticket_id", "kind", "origin"],
)
# What the sheets hold for each ticket, so that one of them is rendered without reading a sheet.
ticket_rows = _table(
    "ticket_rows",
    None,
    _column("ticket_id"),  # of none yet, before the tickets of an upload are written
    _of_session(),
    _column("group_key"),
    _column("title"),
    _column("action", enum_text(GroupAction)),
    _column("is_hollow", Boolean),
    _column("rows", Text),  # the whole entity group as JSON
    # Machine names of fields whose storage it creates: other tickets with them reuse it.
    _column("creates", json_text(tuple[str, ...])),
    key=["ticket_id"],
)
# Each ticket as Jira would get it. A ticket without one says something else since it was made.
documents = _table(
    "documents",
    None,
    _of_ticket(),
    _of_session(index=False),
    _column("rendered_hash"),
    _column("approved_hash"),
    _column("whole_characters", Integer),  # of the whole ticket where its body is a part, else 0
    _column("verdict", json_text(TicketValidation)),
    _column("document", Text),  # canonical JSON, as it is hashed
    # Null: the body holds everything.
    _column("attachment_name", Text, null=True),
    _column("attachment_text", Text, null=True),
    # The hashes of a session are read without its documents.
    Index(None, "session_key", "ticket_id", "rendered_hash", "approved_hash"),
    key=["ticket_id"],
)
# What a search finds a ticket by: there with its document, gone with it. Rows are inserted and
# deleted, never updated: the index of words beside it, `search_words`, follows both by itself.
search_texts = _table(
    "search_texts",
    None,
    _column("search_id", Integer),  # SQLite's index of words names rows by it
    _of_session(),
    _owned("ticket_id", "documents.ticket_id"),
    _column("passages", json_text(tuple[Passage, ...])),  # each a list of its fields
    _column("words"),  # each once, as `model/search_words` writes them; parted by spaces
    UniqueConstraint("ticket_id"),
    key=["search_id"],
)
validations = _table(
    "validations",
    Validation,
    _column("validation_id", Integer),
    _of_session(),
    key=["validation_id"],
    but=["results"],
)
validation_results = _table(
    "validation_results",
    TicketValidation,
    _owned("validation_id", "validations.validation_id", kind=_COUNTER),
    _column("position", Integer),  # among the results, from 0
    key=["validation_id", "position"],
)
targets = _table(
    "targets",
    Target,
    _column("first_used_at", UTC_TIME),
    _column("last_used_at", UTC_TIME),
    key=["target_id"],
)
# What settings name, and the target that was found there when they were last used.
destinations = _table(
    "destinations",
    Destination,
    Column("target_id", StoredText, ForeignKey("targets.target_id"), nullable=False),
    key=["address", "project_key"],
)
# Rows are inserted, never updated or deleted (triggers).
ledger = _table(
    "ledger",
    LedgerEntry,
    _column("ticket_id", StoredString(64)),
    Column("target_id", StoredText, ForeignKey("targets.target_id"), nullable=False),
    Index(None, "session_key", "target_id"),
    Index(None, "remote_key"),
    key=["sequence"],
)
manual_fixes = _table(
    "manual_fixes",
    ManualFix,
    _of_session(),
    UniqueConstraint("target_id", "ticket_id", "fix_type", "subject"),
    key=["fix_id"],
)
# What each step of an export that ended took: for people and for estimates, never for decisions.
export_steps = _table(
    "export_steps",
    MeasuredStep,
    _of_session(index=False),
    Index(None, "session_key", "target_id"),
    key=["step_id"],
)
# No row: nobody retried this, `generation` or `export`, since it began.
retries = _table(
    "retries",
    None,
    _of_session(index=False),
    _column("what"),
    _column("count", Integer),
    key=["session_key", "what"],
)
# Runs people asked for, in the web or by `export --queue`; a sensor launches them.
run_requests = _table(
    "run_requests",
    RunRequest,
    _of_session(),
    _column("run_config", json_text(dict[str, Any])),
    # Who last set out to launch its run, and when; a claim without a run ends after a minute.
    _column("claimed_at", UTC_TIME, null=True),
    _column("claimed_by", null=True),
    _column("started_at", UTC_TIME, null=True),  # null: its run was not seen yet
    key=["request_id"],
)
# What people changed in a review and Dagster does not know yet; a row goes once it was.
review_events = _table("review_events", ReviewEvent, _of_session(), key=["event_id"])
# Messages to the team's webhook: those that wait to be delivered, and the log of the last 30 days.
webhook_deliveries = _table(
    "webhook_deliveries",
    WebhookDelivery,
    _of_session(),
    Index(None, "next_attempt_at"),
    key=["delivery_id"],
)
# Requests of the last 24 hours that programs sent with a key, and how each was answered.
keyed_requests = _table(
    "keyed_requests", KeyedRequest, Index(None, "received_at"), key=["scope_sha256"]
)
# What the last comparison of ledger and Jira found. No row: none was made.
comparisons = _table(
    "comparisons",
    FiledComparison,
    _of_session(index=False),
    _column("findings", json_text(tuple[IssueDifference, ...]), key="differences"),
    key=["session_key"],
    but=["differences"],
)
# What models answered about facts of the sheets. The first answer of a key stays.
written_answers = _table(
    "written_answers",
    KeptAnswer,
    # To the day: when a ticket was made from it. What is not used for long is forgotten.
    _column("last_used_at", UTC_TIME, index=True),
    key=["answer_key"],
)
# What servers refused of the form of a request; after a week it is found out again.
request_forms = _table("request_forms", LearnedForm, key=["address", "model"])
# Every request to a model, written before it is sent: what was spent. Its outcome is `unseen`, and
# its cost the most it can be, until its receipt is noted.
model_requests = _table(
    "model_requests",
    RequestReceipt,
    _column("request_id", Integer),
    _of_session(),
    _column("group_key"),
    _column("model"),
    _column("cost_pico_usd", PICO_DOLLARS, null=True),  # null: nobody knows the model's price
    _column("at", UTC_TIME),
    key=["request_id"],
    but=["cost_usd"],
)
errors = _table(
    "errors", StoredError, _column("session_key", null=True, index=True), key=["error_id"]
)
# Rows are inserted, never updated or deleted (triggers).
audit = _table(
    "audit",
    AuditEntry,
    # Counted by us without gaps, from 1: a gap is a missing row.
    _column("sequence", Integer, autoincrement=False),
    _column("session_key", null=True, index=True),
    _column("details", ENTRY_TEXT),
    key=["sequence"],
)
# Exports from ShareDo; they belong to no session.
sharedo_jobs = _table(
    "sharedo_jobs",
    ExportJob,
    _column("environment"),
    _column("parameters_hash", index=True),  # at most one open job has it
    key=["job_id"],
)
people = _table(
    "people",
    KnownPerson,
    _column("person_id"),  # the name in lower case: `Anna` and `anna` are one person
    key=["person_id"],
)
credentials = _table(
    "credentials",
    Credential,
    # Of the secret, which nobody can guess: 32 random bytes. The secret itself is not kept.
    _column("secret_sha256"),
    _owned("person_id", "people.person_id", index=True),
    key=["secret_sha256"],
    but=["name"],
)
# The links for the client of a session: one for each person, and for each card a colleague is asked.
client_links = _table(
    "client_links",
    ClientLink,
    _of_session(),
    _column("secret_sha256"),  # as in `credentials`
    key=["secret_sha256"],
)
# What was proposed by such a link, which may be revoked since: no answer, and in no ticket.
proposed_answers = _table(
    "proposed_answers",
    ProposedAnswer,
    _of_session(),
    _of_ticket(index=True),
    key=["answer_id"],
)
# The layout that people work on for a session; an empty one was confirmed or discarded.
layout_drafts = _table("layout_drafts", LayoutDraft, key=["session_key"])
# The last changes of that draft, each with the draft it was made to, so that it can be undone.
layout_changes = _table("layout_changes", LayoutChange, key=["session_key", "revision"])
# Layouts that people confirmed, for the next upload of the session and for the team's next site.
used_layouts = _table("used_layouts", UsedLayout, key=["session_key", "layout_sha256"])
# Folders of the inbox, with or without a session. A row stays when its folder goes.
handled_folders = _table("handled_folders", HandledFolder, key=["name"])
comments = _table("comments", Comment, _of_session(), _of_ticket(index=True), key=["comment_id"])
# What people decided about a ticket of a session that was removed: it returns with the key of the
# session, for the same kind of source. It has no reference, since there is no such session.
kept_reviews = _table(
    "kept_reviews",
    None,
    _column("session_key"),
    _column("source_word", enum_text(SourceWord)),
    _column("group_key"),  # empty: of the session as a whole
    _column("kept_at", UTC_TIME),
    _column("review", json_text(KeptReview)),
    key=["session_key", "source_word", "group_key"],
)
# Sites compared with the sheets of a session; the cells that are met are left out.
site_verifications = _table(
    "site_verifications", KeptVerification, _of_session(), key=["verification_id"]
)
# What works on a run, or on an export job of ShareDo, on PostgreSQL. A row counts while its session of
# the server holds the advisory lock of that key; without it the process is gone, whatever the row says.
runs_at_work = _table(
    "runs_at_work",
    None,
    _column("run_id"),
    _column("lock_key", BigInteger),
    # For people: the host and the process, and since when, by the clock of the server.
    _column("host"),
    _column("process", Integer),
    _column("since", UTC_TIME),
    _column("is_left", Boolean),  # it let go and could not store how it ended
    key=["run_id"],
)
# With PostgreSQL: the bytes of files, written with the row of what they belong to.
kept_files = _table(
    "kept_files",
    None,
    _column("place"),  # a relative path, such as uploads/museum/3f2a…
    _column("name"),
    _column("sha256"),
    _column("content", LargeBinary),
    _column("kept_at", UTC_TIME),  # or sent again
    key=["place", "name"],
)
