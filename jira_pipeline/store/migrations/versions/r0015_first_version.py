"""All tables of 0.2.0, the first version, with the append-only triggers and the installation's id.

Revision 0015: stores of the development before 0.2.0 ended at a revision of that id, with the same
tables. This file is never edited (a test keeps its hash); whatever changes later is a migration of
its own.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0015"
down_revision = None
branch_labels = None
depends_on = None

_APPEND_ONLY = {
    "ledger": ("UPDATE", "DELETE"),
    "audit": ("UPDATE", "DELETE"),
    "revisions": ("UPDATE",),
}
"""Tables and the statements they refuse; revisions are deleted with their session."""

_TABLES = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_CHOICE = sa.String(64)
_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.String(32)


def upgrade() -> None:
    """Make all tables and triggers, and give the installation its id."""
    _TABLES.create_all(op.get_bind(), checkfirst=False)
    for table, events in _APPEND_ONLY.items():
        for event in events:
            _refuse(table, event)
    op.execute(
        sa.insert(_TABLES.tables["installation"]).values(
            number=1, installation_id=context.config.attributes["installation_id"]
        )
    )


def _refuse(table: str, event: str) -> None:
    """Let the database itself refuse a statement on an append-only table."""
    name = f"{table}_refuses_{event.lower()}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only' "
        "USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
    if event == "DELETE":
        op.execute(
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def _of_session() -> sa.Column[str]:
    return sa.Column(
        "session_key",
        sa.String(64),
        sa.ForeignKey("sessions.session_key", ondelete="CASCADE"),
        nullable=False,
    )


def _of_ticket(name: str = "ticket_id") -> sa.Column[str]:
    return sa.Column(
        name, sa.String(64), sa.ForeignKey("tickets.ticket_id", ondelete="CASCADE"), nullable=False
    )


sa.Table(
    "installation",
    _TABLES,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("installation_id", sa.String(36), nullable=False),
    sa.CheckConstraint("number = 1", name="one_row"),
)

sa.Table(
    "sessions",
    _TABLES,
    sa.Column("session_key", sa.String(64), primary_key=True),
    sa.Column("content_sha256", sa.String(64), nullable=False),
    sa.Column("upload_path", sa.Text, nullable=False),
    sa.Column("manifest", sa.Text, nullable=False),
    sa.Column("stage", _CHOICE, nullable=False),
    sa.Column("status", _CHOICE, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("updated_at", _TIME, nullable=False),
    sa.Column("generated_at", _TIME),
    sa.Column("generated_from_sha256", sa.String(64)),
    sa.Column("last_validated_at", _TIME),
    sa.Column("last_invalidated_at", _TIME),
    sa.Column("run_id", sa.String(255)),
    sa.Column("progress_percentage", sa.Float, nullable=False),
    sa.Column("progress_text", sa.Text, nullable=False),
    sa.Column("progress_details", sa.Text),
    sa.Column("content_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("as_new", sa.Text, nullable=False, server_default="[]"),
    sa.Column("writer", sa.Text),
    sa.Column("failed_at_ticket_number", sa.Integer),
    sa.Column("cancel_requested_at", _TIME),
    sa.Column("cancel_requested_by", sa.Text),
    sa.Column("cancel_run_id", sa.String(255)),
)

sa.Table(
    "source_files",
    _TABLES,
    _of_session(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sheet", _CHOICE, nullable=False),
    sa.Column("row_count", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("encoding", sa.String(32), nullable=False),
    sa.Column("delimiter", sa.String(8), nullable=False),
    sa.PrimaryKeyConstraint("session_key", "name"),
)

sa.Table(
    "findings",
    _TABLES,
    _of_session(),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("severity", _CHOICE, nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("file", sa.Text),
    sa.Column("line", sa.Integer),
    sa.Column("record", sa.Integer),
    sa.Column("column", sa.Text),
    sa.Column("value", sa.Text),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("advice", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("session_key", "position"),
)

sa.Table(
    "tickets",
    _TABLES,
    sa.Column("ticket_id", sa.String(64), primary_key=True),
    _of_session(),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("group_key", sa.Text, nullable=False),
    sa.Column("display_group", _CHOICE, nullable=False),
    sa.Column("action", _CHOICE, nullable=False),
    sa.Column("current_revision", sa.Integer, nullable=False),
    sa.Column("source_lines", sa.Text, nullable=False),
    sa.Column("assignee", sa.Text),
    sa.Column("sprint", sa.Text),
    sa.Column("priority", sa.Text),
    sa.Column("labels", sa.Text, nullable=False),
    sa.Column("parent", sa.Text),
    sa.Column("ready_hash", sa.String(64)),
    sa.Column("ready_by", sa.Text),
    sa.Column("skipped_reason", sa.Text),
    sa.Column("withdrawal", _CHOICE),
    sa.Column("withdrawn_by", sa.Text),
    sa.Column("withdrawal_reason", sa.Text, nullable=False, server_default=""),
    sa.Column("position", sa.Integer),
    sa.Column("assigned_fields", sa.Text, nullable=False, server_default="[]"),
    sa.Column("source_changes", sa.Text, nullable=False, server_default="[]"),
    sa.Index(None, "session_key", "number"),
)

sa.Table(
    "revisions",
    _TABLES,
    _of_ticket(),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("origin", _CHOICE, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("user_story", sa.Text, nullable=False),
    sa.Column("analysis", sa.Text, nullable=False),
    sa.Column("questions", sa.Text, nullable=False),
    sa.Column("verification", sa.Text, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("open_questions", sa.Text, nullable=False),
    sa.Column("estimated_hours", sa.String(64), nullable=False),
    sa.Column("writer", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("facts_hash", sa.String(64)),
    sa.Column("rolled_back_to", sa.Integer),
    sa.Column("fallback_reason", sa.Text, nullable=False, server_default=""),
    sa.Column("suggestions", sa.Text, nullable=False, server_default="[]"),
    sa.PrimaryKeyConstraint("ticket_id", "number"),
)

sa.Table(
    "answers",
    _TABLES,
    _of_session(),
    _of_ticket(),
    sa.Column("question_id", sa.String(32), nullable=False),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("answered_by", sa.Text, nullable=False),
    sa.Column("answered_at", _TIME, nullable=False),
    sa.PrimaryKeyConstraint("ticket_id", "question_id"),
    sa.Index(None, "session_key"),
)

sa.Table(
    "dependencies",
    _TABLES,
    _of_session(),
    _of_ticket(),
    _of_ticket("other_ticket_id"),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.PrimaryKeyConstraint("ticket_id", "other_ticket_id", "kind", "origin"),
    sa.CheckConstraint("kind IN ('blocks', 'relates')", name="kind"),
    sa.CheckConstraint("ticket_id <> other_ticket_id", name="not_itself"),
    sa.CheckConstraint("origin IN ('computed', 'manual')", name="origin"),
    sa.Index(None, "session_key"),
)

sa.Table(
    "released_dependencies",
    _TABLES,
    _of_session(),
    _of_ticket(),
    _of_ticket("other_ticket_id"),
    sa.PrimaryKeyConstraint("ticket_id", "other_ticket_id"),
    sa.Index(None, "session_key"),
)

sa.Table(
    "validations",
    _TABLES,
    sa.Column("validation_id", _COUNTER, primary_key=True),
    _of_session(),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("content_version", sa.Integer),
    sa.Column("rendering", sa.String(64)),
    sa.Index(None, "session_key"),
    sqlite_autoincrement=True,
)

sa.Table(
    "validation_results",
    _TABLES,
    sa.Column(
        "validation_id",
        _COUNTER,
        sa.ForeignKey("validations.validation_id", ondelete="CASCADE"),
        nullable=False,
    ),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("is_passed", sa.Boolean, nullable=False),
    sa.Column("rendered_hash", sa.String(64), nullable=False),
    sa.Column("adf_size_bytes", sa.Integer, nullable=False),
    sa.Column("character_reduction", sa.Integer, nullable=False),
    sa.Column("error_message", sa.Text, nullable=False),
    sa.Column("suggested_fix", sa.Text, nullable=False),
    sa.Column("is_attachment_checked", sa.Boolean, nullable=False),
    sa.Column("attachment_status", sa.String(32), nullable=False),
    sa.Column("revision", sa.Integer),
    sa.Column("content_hash", sa.String(64)),
    sa.Column("violations", sa.Text, nullable=False, server_default="[]"),
    sa.PrimaryKeyConstraint("validation_id", "position"),
)

sa.Table(
    "targets",
    _TABLES,
    sa.Column("target_id", sa.String(255), primary_key=True),
    sa.Column("site_id", sa.Text, nullable=False),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("project_id", sa.Text, nullable=False),
    sa.Column("project_key", sa.Text, nullable=False),
    sa.Column("is_sandbox", sa.Boolean, nullable=False),
    sa.Column("first_used_at", _TIME, nullable=False),
    sa.Column("last_used_at", _TIME, nullable=False),
)

sa.Table(
    "ledger",
    _TABLES,
    sa.Column("sequence", _COUNTER, primary_key=True),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("target_id", sa.String(255), sa.ForeignKey("targets.target_id"), nullable=False),
    sa.Column("session_key", sa.String(64), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("subject", _CHOICE, nullable=False),
    sa.Column("event", _CHOICE, nullable=False),
    sa.Column("identity", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("low_bound", sa.Integer),
    sa.Column("remote_id", sa.Text),
    sa.Column("remote_key", sa.Text),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("sent", sa.Text),
    sa.Index(None, "session_key", "target_id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "manual_fixes",
    _TABLES,
    sa.Column("fix_id", _COUNTER, primary_key=True),
    _of_session(),
    sa.Column("target_id", sa.String(255), nullable=False),
    sa.Column("ticket_id", sa.String(64), nullable=False),
    sa.Column("fix_type", _CHOICE, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("original_value", sa.Text, nullable=False),
    sa.Column("recommended_action", sa.Text, nullable=False),
    sa.Column("jira_key", sa.Text),
    sa.Column("jira_url", sa.Text),
    sa.Column("state", _CHOICE, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.UniqueConstraint("target_id", "ticket_id", "fix_type", "subject"),
    sa.Index(None, "session_key"),
    sqlite_autoincrement=True,
)

sa.Table(
    "export_steps",
    _TABLES,
    sa.Column("step_id", _COUNTER, primary_key=True),
    _of_session(),
    sa.Column("target_id", sa.String(255), nullable=False),
    sa.Column("step", sa.String(64), nullable=False),
    sa.Column("run_id", sa.String(255)),
    sa.Column("started_at", _TIME, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("done_count", sa.Integer, nullable=False),
    sa.Column("requests", sa.Text, nullable=False),
    sa.Index(None, "session_key", "target_id"),
    sqlite_autoincrement=True,
)

sa.Table(
    "retries",
    _TABLES,
    _of_session(),
    sa.Column("what", sa.String(64), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("session_key", "what"),
)

sa.Table(
    "export_requests",
    _TABLES,
    sa.Column("request_id", _COUNTER, primary_key=True),
    _of_session(),
    sa.Column("requested_at", _TIME, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("started_at", _TIME),
    sa.Index(None, "session_key"),
    sqlite_autoincrement=True,
)

sa.Table(
    "comparisons",
    _TABLES,
    sa.Column(
        "session_key",
        sa.String(64),
        sa.ForeignKey("sessions.session_key", ondelete="CASCADE"),
        primary_key=True,
    ),
    sa.Column("target_id", sa.String(255), nullable=False),
    sa.Column("compared_at", _TIME, nullable=False),
    sa.Column("confirmed", sa.Integer, nullable=False),
    sa.Column("findings", sa.Text, nullable=False),
)

sa.Table(
    "written_answers",
    _TABLES,
    sa.Column("answer_key", sa.String(64), primary_key=True),
    sa.Column("writer", sa.Text, nullable=False),
    sa.Column("answer_json", sa.Text, nullable=False),
    sa.Column("fallback_reason", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("last_used_at", _TIME, nullable=False),
    sa.Index(None, "last_used_at"),
)

sa.Table(
    "model_requests",
    _TABLES,
    sa.Column("request_id", _COUNTER, primary_key=True),
    _of_session(),
    sa.Column("group_key", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("outcome", _CHOICE, nullable=False),
    sa.Column("tokens_in", sa.Integer, nullable=False),
    sa.Column("tokens_out", sa.Integer, nullable=False),
    sa.Column("cost_pico_usd", sa.BigInteger),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Index(None, "session_key"),
    sqlite_autoincrement=True,
)

sa.Table(
    "errors",
    _TABLES,
    sa.Column("error_id", _COUNTER, primary_key=True),
    sa.Column("session_key", sa.Text),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    sa.Column("category", sa.String(32), nullable=False),
    sa.Column("stage", sa.String(64), nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("recovery_actions", sa.Text, nullable=False),
    sa.Column("run_id", sa.String(255)),
    sa.Column("ticket_id", sa.String(64)),
    sa.Column("file", sa.Text),
    sa.Column("line", sa.Integer),
    sa.Index(None, "session_key"),
    sqlite_autoincrement=True,
)

sa.Table(
    "audit",
    _TABLES,
    sa.Column("sequence", _COUNTER, primary_key=True, autoincrement=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("session_key", sa.Text),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("entry_hash", sa.String(64), nullable=False),
    sa.UniqueConstraint("previous_hash"),
    sa.Index(None, "session_key"),
)
