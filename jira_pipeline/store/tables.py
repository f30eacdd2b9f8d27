"""The tables of the store.

Belongs here: columns, constraints, and what time and null mean in them. Does not: how they come
into being and change (`versions`) or who writes them.

All times are aware and in UTC, kept as ISO 8601 text. A nullable column says what null means; all
others always have a value, and an empty string means that there is nothing to say.

Money is in US dollars, kept as a whole number of picodollars (`PicoDollars`): sums are exact, and
so is every published price of a token.

What is deleted with its session: source files, findings, tickets, revisions, answers,
dependencies, documents, search texts, validations, manual fixes, export steps, retries and requests, review events,
comparisons, requests to models, comments and kept files.
What outlives it, and so has no reference to it: runs at work, the ledger, its targets and what settings call them, errors, the audit
trail, answers of models, export jobs of ShareDo, people and their credentials, answers to requests.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
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

from jira_pipeline.kernel.entities import EntityKind
from jira_pipeline.kernel.entity_groups import DisplayGroup, GroupAction
from jira_pipeline.kernel.export_ledger import LedgerEvent, LedgerSubject, SentContent
from jira_pipeline.kernel.findings import Severity
from jira_pipeline.kernel.manual_fixes import FixState, FixType
from jira_pipeline.kernel.open_questions import OpenQuestion
from jira_pipeline.kernel.people import CredentialKind, Role
from jira_pipeline.kernel.sessions import (
    AsNew,
    SessionManifest,
    SessionStage,
    SessionStatus,
    TicketProgress,
)
from jira_pipeline.kernel.sharedo_jobs import (
    ExportItem,
    ExportParameters,
    ExportRoute,
    JobError,
    JobState,
    Package,
)
from jira_pipeline.kernel.site_verifications import Verification
from jira_pipeline.kernel.tickets import (
    ChangedCell,
    ModelChange,
    RevisionOrigin,
    SourceLines,
    Withdrawal,
)
from jira_pipeline.kernel.validations import BrokenRule, TicketValidation
from jira_pipeline.ports.writing import RequestOutcome
from jira_pipeline.store.column_types import (
    EnumText,
    JsonText,
    PicoDollars,
    StoredActions,
    StoredDifferences,
    StoredString,
    StoredText,
    UtcTime,
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
_SESSION_KEY = StoredString(64)
_TICKET_ID = StoredString(64)
_SHA256 = StoredString(64)
_PERSON_ID = StoredString(100)


def _of_session(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "session_key",
        _SESSION_KEY,
        ForeignKey("sessions.session_key", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


def _of_ticket(name: str = "ticket_id") -> Column[str]:
    return Column(
        name, _TICKET_ID, ForeignKey("tickets.ticket_id", ondelete="CASCADE"), nullable=False
    )


def _of_person(*, primary_key: bool = False) -> Column[str]:
    return Column(
        "person_id",
        _PERSON_ID,
        ForeignKey("people.person_id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
    )


installation = Table(
    "installation",
    metadata,
    # The one row has the number 1.
    Column("number", Integer, primary_key=True, autoincrement=False),
    # Made when the store is initialised, never changed: part of every issue's identity.
    Column("installation_id", StoredString(36), nullable=False),
    CheckConstraint("number = 1", name="one_row"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("session_key", _SESSION_KEY, primary_key=True),
    Column("content_sha256", _SHA256, nullable=False),
    # Folder of the immutable copy, relative to the home.
    Column("upload_path", StoredText, nullable=False),
    Column("manifest", JsonText(SessionManifest), nullable=False),
    Column("stage", EnumText(SessionStage), nullable=False),
    Column("status", EnumText(SessionStatus), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    # Null: no tickets were generated yet.
    Column("generated_at", UtcTime),
    Column("generated_from_sha256", _SHA256),
    # Null: never validated; nothing changed after the upload.
    Column("last_validated_at", UtcTime),
    Column("last_invalidated_at", UtcTime),
    # Null: no run has worked on it.
    Column("run_id", StoredString(255)),
    # 0 to 100 within the current stage; never falls within a stage.
    Column("progress_percentage", Float, nullable=False),
    Column("progress_text", StoredText, nullable=False),
    # Null: the stage goes through no tickets, or an older version wrote them in the text alone.
    Column("progress_details", JsonText(TicketProgress)),
    # Grows with every change of what Jira would get; equal numbers mean equal contents.
    Column("content_version", Integer, nullable=False, server_default="0"),
    # Names the code and the upload its documents and `ticket_rows` are made by. Where it is not
    # what it would be now, or null, they count as absent and are made at the next need.
    Column("rendering", _SHA256),
    # Sessions with issues of the same specification beside which people want its issues as new.
    Column("as_new", JsonText(tuple[AsNew, ...]), nullable=False, server_default="[]"),
    # `template` or a model. Null: the manifest or the settings decide at the next generation.
    Column("writer", StoredText),
    # Null: the last export did not fail at a ticket.
    Column("failed_at_ticket_number", Integer),
    # Null: nobody asks the current run to stop. It concerns the run named beside it only (null:
    # a run without an id), so that a request cannot stop a later run.
    Column("cancel_requested_at", UtcTime),
    Column("cancel_requested_by", StoredText),
    Column("cancel_run_id", StoredString(255)),
)

source_files = Table(
    "source_files",
    metadata,
    _of_session(),
    Column("name", StoredText, nullable=False),
    Column("sheet", EnumText(EntityKind), nullable=False),
    Column("row_count", Integer, nullable=False),
    Column("sha256", _SHA256, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("encoding", StoredString(32), nullable=False),
    Column("delimiter", StoredString(8), nullable=False),
    PrimaryKeyConstraint("session_key", "name"),
)

findings = Table(
    "findings",
    metadata,
    _of_session(),
    # Place in the order of `sorted_findings`, from 0.
    Column("position", Integer, nullable=False),
    Column("severity", EnumText(Severity), nullable=False),
    Column("code", StoredString(64), nullable=False),
    # Null: it is about the folder; the whole file; all columns; no cell.
    Column("file", StoredText),
    Column("line", Integer),
    Column("record", Integer),
    Column("column", StoredText),
    Column("value", StoredText),
    Column("message", StoredText, nullable=False),
    Column("advice", StoredText, nullable=False),
    PrimaryKeyConstraint("session_key", "position"),
)

tickets = Table(
    "tickets",
    metadata,
    Column("ticket_id", _TICKET_ID, primary_key=True),
    _of_session(),
    # Position in build order at the last generation; those whose rows are gone come last.
    # Unique in the session.
    Column("number", Integer, nullable=False),
    Column("group_key", StoredText, nullable=False),
    Column("display_group", EnumText(DisplayGroup), nullable=False),
    Column("action", EnumText(GroupAction), nullable=False),
    # Number of the newest revision: it is the current one.
    Column("current_revision", Integer, nullable=False),
    Column("source_lines", JsonText(tuple[SourceLines, ...]), nullable=False),
    # Null: left to Jira.
    Column("assignee", StoredText),
    Column("sprint", StoredText),
    Column("priority", StoredText),
    Column("labels", JsonText(tuple[str, ...]), nullable=False),
    Column("parent", StoredText),
    # Rendered hash and person of the ready mark. Null: not ready.
    Column("ready_hash", _SHA256),
    Column("ready_by", StoredText),
    # Null: not skipped.
    Column("skipped_reason", StoredText),
    # Null: its group was in the last generation.
    Column("withdrawal", EnumText(Withdrawal)),
    # Who agreed to the withdrawal. Null: nobody, or an older version did not ask.
    Column("withdrawn_by", StoredText),
    # Empty: nobody agreed, or without a reason.
    Column("withdrawal_reason", StoredText, nullable=False, server_default=""),
    # Null: where its number puts it.
    Column("position", Integer),
    # Names of the columns above that people set; a generation leaves them alone.
    Column("assigned_fields", JsonText(tuple[str, ...]), nullable=False, server_default="[]"),
    # Cells that changed since its prose was edited.
    Column(
        "source_changes", JsonText(tuple[ChangedCell, ...]), nullable=False, server_default="[]"
    ),
    Index(None, "session_key", "number"),
)

# Rows are inserted and never updated (trigger).
revisions = Table(
    "revisions",
    metadata,
    _of_ticket(),
    Column("number", Integer, nullable=False),
    Column("origin", EnumText(RevisionOrigin), nullable=False),
    Column("title", StoredText, nullable=False),
    # The prose parts: HTML fragments.
    Column("user_story", StoredText, nullable=False),
    Column("analysis", StoredText, nullable=False),
    Column("questions", StoredText, nullable=False),
    Column("verification", StoredText, nullable=False),
    Column("notes", StoredText, nullable=False),
    Column("open_questions", JsonText(tuple[OpenQuestion, ...]), nullable=False),
    # A range such as `2-6`, in hours.
    Column("estimated_hours", StoredString(64), nullable=False),
    Column("writer", StoredText, nullable=False),
    Column("author", StoredText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("content_hash", _SHA256, nullable=False),
    # What the sheets contained when it was written. Null: not known.
    Column("facts_hash", _SHA256),
    # Null: nothing was brought back.
    Column("rolled_back_to", Integer),
    # Of its writer, and in no hash: why the template wrote it instead of the model.
    Column("fallback_reason", StoredText, nullable=False, server_default=""),
    # What a model changed of the template's ticket, and what was refused of that.
    Column("changes", JsonText(tuple[ModelChange, ...]), nullable=False, server_default="[]"),
    PrimaryKeyConstraint("ticket_id", "number"),
)

# The newest answer to each question; it stays when the tickets are written again.
answers = Table(
    "answers",
    metadata,
    _of_session(),
    _of_ticket(),
    Column("question_id", StoredString(32), nullable=False),
    Column("question", StoredText, nullable=False),
    Column("answer", StoredText, nullable=False),
    Column("answered_by", StoredText, nullable=False),
    Column("answered_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("ticket_id", "question_id"),
    Index(None, "session_key"),
)

dependencies = Table(
    "dependencies",
    metadata,
    _of_session(),
    _of_ticket(),
    # `blocks`: it must be done before the ticket. `relates`: it is named beside it.
    _of_ticket("other_ticket_id"),
    Column("kind", StoredString(16), nullable=False),
    # `computed` is replaced by every generation, `manual` stays.
    Column("origin", StoredString(16), nullable=False),
    PrimaryKeyConstraint("ticket_id", "other_ticket_id", "kind", "origin"),
    CheckConstraint("kind IN ('blocks', 'relates')", name="kind"),
    CheckConstraint("origin IN ('computed', 'manual')", name="origin"),
    CheckConstraint("ticket_id <> other_ticket_id", name="not_itself"),
    Index(None, "session_key"),
)

# Computed dependencies that people took away; a generation leaves them out.
released_dependencies = Table(
    "released_dependencies",
    metadata,
    _of_session(),
    _of_ticket(),
    _of_ticket("other_ticket_id"),
    PrimaryKeyConstraint("ticket_id", "other_ticket_id"),
    Index(None, "session_key"),
)

# What the sheets hold for each ticket, so that one of them is rendered without reading a sheet.
ticket_rows = Table(
    "ticket_rows",
    metadata,
    # Of no ticket yet, before the tickets of an upload are written.
    Column("ticket_id", _TICKET_ID, primary_key=True),
    _of_session(),
    Column("group_key", StoredText, nullable=False),
    Column("title", StoredText, nullable=False),
    Column("action", EnumText(GroupAction), nullable=False),
    Column("is_hollow", Boolean, nullable=False),
    # The whole entity group as JSON.
    Column("rows", Text, nullable=False),
    # Machine names of fields whose storage it creates: other tickets with them reuse it.
    Column("creates", JsonText(tuple[str, ...]), nullable=False, server_default="[]"),
    Index(None, "session_key"),
)

# Each ticket as Jira would get it. A ticket without one says something else since it was made.
documents = Table(
    "documents",
    metadata,
    Column(
        "ticket_id",
        _TICKET_ID,
        ForeignKey("tickets.ticket_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    _of_session(),
    Column("rendered_hash", _SHA256, nullable=False),
    # Characters of the whole ticket where its body is a part of it, else 0.
    Column("whole_characters", Integer, nullable=False),
    Column("verdict", JsonText(TicketValidation), nullable=False),
    # Canonical JSON, as it is hashed.
    Column("document", Text, nullable=False),
    # Null: the body holds everything.
    Column("attachment_name", Text),
    Column("attachment_text", Text),
    # The hashes of a session are read without its documents.
    Index(None, "session_key", "ticket_id", "rendered_hash"),
)

# What a search finds a ticket by: there with its document, gone with it. Rows are inserted and
# deleted, never updated: the index of words beside it, `search_words`, follows both by itself. That
# is a virtual table with triggers on SQLite, a GIN index on PostgreSQL.
search_texts = Table(
    "search_texts",
    metadata,
    # SQLite's index of words names rows by it.
    Column("search_id", _COUNTER, primary_key=True),
    _of_session(),
    Column(
        "ticket_id",
        _TICKET_ID,
        ForeignKey("documents.ticket_id", ondelete="CASCADE"),
        nullable=False,
    ),
    # JSON, each a list of the fields of a passage; `store/search` reads those of few tickets.
    Column("passages", Text, nullable=False),
    # Each word once, as `kernel/search_words` writes them; parted by spaces.
    Column("words", StoredText, nullable=False),
    UniqueConstraint("ticket_id"),
    Index(None, "session_key"),
    sqlite_autoincrement=True,
)

validations = Table(
    "validations",
    metadata,
    Column("validation_id", _COUNTER, primary_key=True),
    _of_session(),
    Column("at", UtcTime, nullable=False),
    # Content version and rendering code of what was checked. Null: not known.
    Column("content_version", Integer),
    Column("rendering", _SHA256),
    Index(None, "session_key"),
    sqlite_autoincrement=True,
)

validation_results = Table(
    "validation_results",
    metadata,
    Column(
        "validation_id",
        _COUNTER,
        ForeignKey("validations.validation_id", ondelete="CASCADE"),
        nullable=False,
    ),
    # Place among the results, from 0.
    Column("position", Integer, nullable=False),
    Column("ticket_id", _TICKET_ID, nullable=False),
    Column("title", StoredText, nullable=False),
    Column("is_passed", Boolean, nullable=False),
    Column("rendered_hash", _SHA256, nullable=False),
    Column("adf_size_bytes", Integer, nullable=False),
    Column("character_reduction", Integer, nullable=False),
    Column("error_message", StoredText, nullable=False),
    Column("suggested_fix", StoredText, nullable=False),
    Column("is_attachment_checked", Boolean, nullable=False),
    Column("attachment_status", StoredString(32), nullable=False),
    # Null: checked before these columns were there.
    Column("revision", Integer),
    Column("content_hash", _SHA256),
    Column("violations", JsonText(tuple[BrokenRule, ...]), nullable=False, server_default="[]"),
    PrimaryKeyConstraint("validation_id", "position"),
)

targets = Table(
    "targets",
    metadata,
    Column("target_id", StoredString(255), primary_key=True),
    Column("site_id", StoredText, nullable=False),
    Column("base_url", StoredText, nullable=False),
    Column("project_id", StoredText, nullable=False),
    Column("project_key", StoredText, nullable=False),
    Column("is_sandbox", Boolean, nullable=False),
    Column("first_used_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime, nullable=False),
)

# What settings name, and the target that was found there when they were last used.
destinations = Table(
    "destinations",
    metadata,
    # Empty: the embedded sandbox.
    Column("address", StoredString(2048), nullable=False),
    Column("project_key", StoredString(255), nullable=False),
    Column("target_id", StoredString(255), ForeignKey("targets.target_id"), nullable=False),
    PrimaryKeyConstraint("address", "project_key"),
)

# Rows are inserted, never updated or deleted (triggers).
ledger = Table(
    "ledger",
    metadata,
    # Never given twice.
    Column("sequence", _COUNTER, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("target_id", StoredString(255), ForeignKey("targets.target_id"), nullable=False),
    Column("session_key", _SESSION_KEY, nullable=False),
    Column("ticket_id", _TICKET_ID, nullable=False),
    Column("subject", EnumText(LedgerSubject), nullable=False),
    Column("event", EnumText(LedgerEvent), nullable=False),
    Column("identity", StoredText, nullable=False),
    Column("attempt", Integer, nullable=False),
    # Null: not an intent of an issue.
    Column("low_bound", Integer),
    # Null: not a receipt, or the subject has no id or key.
    Column("remote_id", StoredText),
    Column("remote_key", StoredText),
    Column("detail", StoredText, nullable=False),
    # Null: no intent or update of an issue.
    Column("sent", JsonText(SentContent)),
    Index(None, "session_key", "target_id"),
    Index(None, "remote_key"),
    sqlite_autoincrement=True,
)

manual_fixes = Table(
    "manual_fixes",
    metadata,
    Column("fix_id", _COUNTER, primary_key=True),
    _of_session(),
    Column("target_id", StoredString(255), nullable=False),
    Column("ticket_id", _TICKET_ID, nullable=False),
    Column("fix_type", EnumText(FixType), nullable=False),
    Column("subject", StoredText, nullable=False),
    Column("title", StoredText, nullable=False),
    Column("original_value", StoredText, nullable=False),
    Column("recommended_action", StoredText, nullable=False),
    # Null: there is no issue to go to.
    Column("jira_key", StoredText),
    Column("jira_url", StoredText),
    Column("state", EnumText(FixState), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("target_id", "ticket_id", "fix_type", "subject"),
    Index(None, "session_key"),
    sqlite_autoincrement=True,
)

# What each step of an export that ended took: for people and for estimates, never for decisions.
export_steps = Table(
    "export_steps",
    metadata,
    Column("step_id", _COUNTER, primary_key=True),
    _of_session(),
    Column("target_id", StoredString(255), nullable=False),
    Column("step", StoredString(64), nullable=False),
    # Null: not of a Dagster run.
    Column("run_id", StoredString(255)),
    Column("started_at", UtcTime, nullable=False),
    Column("seconds", Float, nullable=False),
    # Issues, files or links it wrote.
    Column("done_count", Integer, nullable=False),
    # Counts by method and path template.
    Column("requests", JsonText(dict[str, int]), nullable=False),
    Index(None, "session_key", "target_id"),
    sqlite_autoincrement=True,
)

# No row: nobody retried this since it began.
retries = Table(
    "retries",
    metadata,
    _of_session(),
    # `generation` or `export`.
    Column("what", StoredString(64), nullable=False),
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("session_key", "what"),
)

# Exports people asked for (`export --queue`); a sensor starts them.
export_requests = Table(
    "export_requests",
    metadata,
    Column("request_id", _COUNTER, primary_key=True),
    _of_session(),
    Column("requested_at", UtcTime, nullable=False),
    Column("requested_by", StoredText, nullable=False),
    # Null: its run does not exist yet.
    Column("started_at", UtcTime),
    Index(None, "session_key"),
    sqlite_autoincrement=True,
)

# What people changed in a review and Dagster does not know yet; a row goes once it was.
review_events = Table(
    "review_events",
    metadata,
    Column("event_id", _COUNTER, primary_key=True),
    _of_session(),
    Column("at", UtcTime, nullable=False),
    Column("action", StoredString(64), nullable=False),
    Column("by", StoredText, nullable=False),
    Index(None, "session_key"),
    sqlite_autoincrement=True,
)

# What the last comparison of ledger and Jira found. No row: none was made.
comparisons = Table(
    "comparisons",
    metadata,
    _of_session(),
    Column("target_id", StoredString(255), nullable=False),
    Column("compared_at", UtcTime, nullable=False),
    Column("confirmed", Integer, nullable=False),
    # Named by an older version, whose rows still hold findings.
    Column("findings", JsonText(StoredDifferences), key="differences", nullable=False),
    PrimaryKeyConstraint("session_key"),
)

# What models answered about facts of the sheets, whatever session they came from. The first answer
# of a key stays.
written_answers = Table(
    "written_answers",
    metadata,
    Column("answer_key", _SHA256, primary_key=True),
    Column("writer", StoredText, nullable=False),
    # The answer in the closed schema; empty where `fallback_reason` says why there is none.
    Column("answer_json", StoredText, nullable=False),
    Column("fallback_reason", StoredText, nullable=False),
    Column("at", UtcTime, nullable=False),
    # To the day: when a ticket was made from it. What is not used for long is forgotten.
    Column("last_used_at", UtcTime, nullable=False),
    Index(None, "last_used_at"),
)

# Every request to a model, written before it is sent: what was spent. Its outcome is `unseen`, and
# its cost the most it can be, until its receipt is noted.
model_requests = Table(
    "model_requests",
    metadata,
    Column("request_id", _COUNTER, primary_key=True),
    _of_session(),
    Column("group_key", StoredText, nullable=False),
    Column("model", StoredText, nullable=False),
    Column("outcome", EnumText(RequestOutcome), nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    # Null: nobody knows the price of this model.
    Column("cost_pico_usd", PicoDollars),
    # 0 without a receipt.
    Column("seconds", Float, nullable=False),
    # When it was sent; by older versions, when its answer came.
    Column("at", UtcTime, nullable=False),
    Index(None, "session_key"),
    sqlite_autoincrement=True,
)

errors = Table(
    "errors",
    metadata,
    Column("error_id", _COUNTER, primary_key=True),
    # Null: it happened before a session was known. It may name a session that never came to be.
    Column("session_key", StoredText),
    Column("at", UtcTime, nullable=False),
    Column("code", StoredString(64), nullable=False),
    Column("category", StoredString(32), nullable=False),
    Column("stage", StoredString(64), nullable=False),
    Column("message", StoredText, nullable=False),
    Column("recovery_actions", JsonText(StoredActions), nullable=False),
    # Null: not of a run, a ticket, a file, a line.
    Column("run_id", StoredString(255)),
    Column("ticket_id", _TICKET_ID),
    Column("file", StoredText),
    Column("line", Integer),
    Index(None, "session_key"),
    sqlite_autoincrement=True,
)

# Rows are inserted, never updated or deleted (triggers).
audit = Table(
    "audit",
    metadata,
    # Counted by us without gaps, from 1: a gap is a missing row.
    Column("sequence", _COUNTER, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    # Null: not about a session.
    Column("session_key", StoredText),
    Column("actor", StoredText, nullable=False),
    Column("action", StoredString(64), nullable=False),
    # Canonical JSON.
    Column("details", Text, nullable=False),
    Index(None, "session_key"),
)

# Exports from ShareDo; they belong to no session.
sharedo_jobs = Table(
    "sharedo_jobs",
    metadata,
    Column("job_id", StoredString(64), primary_key=True),
    Column("environment", StoredString(64), nullable=False),
    # Hash of `parameters`: at most one open job has it.
    Column("parameters_hash", _SHA256, nullable=False),
    Column("parameters", JsonText(ExportParameters), nullable=False),
    Column("state", EnumText(JobState), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("estimated_seconds", Float, nullable=False),
    Column("items", JsonText(tuple[ExportItem, ...]), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("route", EnumText(ExportRoute), nullable=False),
    # Creations that were written down to be sent; only ever grows.
    Column("intent_count", Integer, nullable=False),
    # Null: no creation is under way or in doubt; ShareDo is not known to have the job.
    Column("sent_at", UtcTime),
    Column("remote_id", StoredText),
    # Null: it has not begun, has not ended, never stalled, nobody wants it cancelled.
    Column("started_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("stalled_at", UtcTime),
    Column("cancel_requested_at", UtcTime),
    Column("progress_percentage", Float, nullable=False),
    Column("step", StoredText, nullable=False),
    # Null: nothing went wrong; no package is ready there; none is here.
    Column("error", JsonText(JobError)),
    Column("result_url", StoredText),
    Column("package", JsonText(Package)),
    Index(None, "parameters_hash"),
)

sharedo_comparisons = Table(
    "sharedo_comparisons",
    metadata,
    Column("comparison_id", StoredString(64), primary_key=True),
    Column("first", StoredString(64), nullable=False),
    Column("second", StoredString(64), nullable=False),
    # Of `sharedo_jobs`, whose packages are compared.
    Column("first_job_ids", JsonText(tuple[str, ...]), nullable=False),
    Column("second_job_ids", JsonText(tuple[str, ...]), nullable=False),
    Column("ignored_fields", JsonText(tuple[str, ...]), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("asked_by", StoredText, nullable=False),
)

people = Table(
    "people",
    metadata,
    # The name in lower case: `Anna` and `anna` are one person.
    Column("person_id", _PERSON_ID, primary_key=True),
    Column("name", StoredString(100), nullable=False),
    Column("role", EnumText(Role), nullable=False),
    Column("added_at", UtcTime, nullable=False),
    Column("added_by", StoredText, nullable=False),
    # Null: never signed in.
    Column("last_seen_at", UtcTime),
    # Null: may come in.
    Column("revoked_at", UtcTime),
)

credentials = Table(
    "credentials",
    metadata,
    # Of the secret, which nobody can guess: 32 random bytes. The secret itself is not kept.
    Column("secret_sha256", _SHA256, primary_key=True),
    _of_person(),
    Column("kind", EnumText(CredentialKind), nullable=False),
    # The most it may do, whatever role the person has.
    Column("role", EnumText(Role), nullable=False),
    Column("label", StoredText, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    # Of tokens, to within an hour. Null: not used yet.
    Column("last_used_at", UtcTime),
    Index(None, "person_id"),
)

# The link for the client of a session: one, which opens the page of its open questions.
client_links = Table(
    "client_links",
    metadata,
    _of_session(primary_key=True),
    # As in `credentials`.
    Column("secret_sha256", _SHA256, nullable=False, unique=True),
    Column("made_by", StoredText, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

# What was proposed by such a link: no answer, and in no ticket.
proposed_answers = Table(
    "proposed_answers",
    metadata,
    Column("answer_id", Integer, primary_key=True),
    _of_session(),
    _of_ticket(),
    Column("question_id", StoredString(64), nullable=False),
    # Of the link, which may be revoked since.
    Column("secret_sha256", _SHA256, nullable=False),
    Column("text", StoredText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index(None, "session_key"),
    Index(None, "ticket_id"),
)

# What people say about tickets; Jira never gets it.
comments = Table(
    "comments",
    metadata,
    Column("comment_id", _COUNTER, primary_key=True),
    _of_session(),
    _of_ticket(),
    Column("author", StoredText, nullable=False),
    Column("text", StoredText, nullable=False),
    Column("at", UtcTime, nullable=False),
    Index(None, "session_key"),
    Index(None, "ticket_id"),
    sqlite_autoincrement=True,
)

# Sites compared with the sheets of a session; the cells that are met are left out.
site_verifications = Table(
    "site_verifications",
    metadata,
    Column("verification_id", _COUNTER, primary_key=True),
    _of_session(),
    Column("at", UtcTime, nullable=False),
    Column("by", StoredText, nullable=False),
    Column("config_sha256", _SHA256, nullable=False),
    # Of rows, cells and tickets by verdict, met cells included.
    Column("counts", JsonText(dict[str, dict[str, int]]), nullable=False),
    Column("verification", JsonText(Verification), nullable=False),
    Index(None, "session_key"),
    sqlite_autoincrement=True,
)

# What works on a run, or on an export job of ShareDo, on PostgreSQL. A row counts while its session of
# the server holds the advisory lock of that key; without it the process is gone, whatever the row says.
runs_at_work = Table(
    "runs_at_work",
    metadata,
    Column("run_id", StoredString(255), primary_key=True),
    Column("lock_key", BigInteger, nullable=False),
    # For people: the host and the process, and since when, by the clock of the server.
    Column("host", StoredText, nullable=False),
    Column("process", Integer, nullable=False),
    Column("since", UtcTime, nullable=False),
    # It let go and could not store how it ended.
    Column("is_left", Boolean, nullable=False),
)

# With PostgreSQL: the bytes of files, written with the row of what they belong to. With SQLite the
# table is empty, and files are in folders.
kept_files = Table(
    "kept_files",
    metadata,
    # A relative path, such as uploads/museum/3f2a…
    Column("place", StoredString(255), primary_key=True),
    Column("name", StoredString(255), primary_key=True),
    Column("sha256", _SHA256, nullable=False),
    Column("content", LargeBinary, nullable=False),
    # Or sent again.
    Column("kept_at", UtcTime, nullable=False),
)
