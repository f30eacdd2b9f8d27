"""The first tables, the append-only triggers, and the identity of the installation.

Revision 0001; there is none before it.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.String(32)

_REFUSED = {
    "ledger": ("UPDATE", "DELETE"),
    "audit": ("UPDATE", "DELETE"),
    "revisions": ("UPDATE",),
}
"""What is refused on the append-only tables; revisions go with their session."""


def upgrade() -> None:
    """Make everything."""
    _create_audit()
    _create_errors()
    _create_installation()
    _create_sessions()
    _create_targets()
    _create_findings()
    _create_ledger()
    _create_manual_fixes()
    _create_source_files()
    _create_tickets()
    _create_validations()
    _create_dependencies()
    _create_revisions()
    _create_validation_results()
    for table, events in _REFUSED.items():
        for event in events:
            _refuse(table, event)
    _name_installation()


def _refuse(table: str, event: str) -> None:
    """Let the database itself refuse to change what is append-only."""
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


def _name_installation() -> None:
    installation = sa.table(
        "installation", sa.column("number", sa.Integer), sa.column("installation_id", sa.String)
    )
    installation_id = context.config.attributes["installation_id"]
    op.execute(sa.insert(installation).values(number=1, installation_id=installation_id))


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", _COUNTER, autoincrement=False, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("session_key", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("entry_hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit")),
        sa.UniqueConstraint("previous_hash", name=op.f("uq_audit_previous_hash")),
    )
    op.create_index(op.f("ix_audit_session_key"), "audit", ["session_key"], unique=False)


def _create_errors() -> None:
    op.create_table(
        "errors",
        sa.Column("error_id", _COUNTER, nullable=False),
        sa.Column("session_key", sa.Text(), nullable=True),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("stage", sa.String(64), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("recovery_actions", sa.Text(), nullable=False),
        sa.Column("run_id", sa.String(255), nullable=True),
        sa.Column("ticket_id", sa.String(64), nullable=True),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("error_id", name=op.f("pk_errors")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_errors_session_key"), "errors", ["session_key"], unique=False)


def _create_installation() -> None:
    op.create_table(
        "installation",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("installation_id", sa.String(36), nullable=False),
        sa.CheckConstraint("number = 1", name=op.f("ck_installation_one_row")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_installation")),
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("upload_path", sa.Text(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("stage", sa.String(64), nullable=False),
        sa.Column("status", sa.String(64), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("generated_at", _TIME, nullable=True),
        sa.Column("generated_from_sha256", sa.String(64), nullable=True),
        sa.Column("last_validated_at", _TIME, nullable=True),
        sa.Column("last_invalidated_at", _TIME, nullable=True),
        sa.Column("run_id", sa.String(255), nullable=True),
        sa.Column("progress_percentage", sa.Float(), nullable=False),
        sa.Column("progress_text", sa.Text(), nullable=False),
        sa.Column("failed_at_ticket_number", sa.Integer(), nullable=True),
        sa.Column("cancel_requested_at", _TIME, nullable=True),
        sa.Column("cancel_requested_by", sa.Text(), nullable=True),
        sa.Column("cancel_run_id", sa.String(255), nullable=True),
        sa.PrimaryKeyConstraint("session_key", name=op.f("pk_sessions")),
    )


def _create_targets() -> None:
    op.create_table(
        "targets",
        sa.Column("target_id", sa.String(255), nullable=False),
        sa.Column("site_id", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("project_key", sa.Text(), nullable=False),
        sa.Column("is_sandbox", sa.Boolean(), nullable=False),
        sa.Column("first_used_at", _TIME, nullable=False),
        sa.Column("last_used_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("target_id", name=op.f("pk_targets")),
    )


def _create_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("record", sa.Integer(), nullable=True),
        sa.Column("column", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_findings_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_key", "position", name=op.f("pk_findings")),
    )


def _create_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("sequence", _COUNTER, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("target_id", sa.String(255), nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("low_bound", sa.Integer(), nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("remote_key", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.target_id"], name=op.f("fk_ledger_target_id_targets")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_ledger")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_ledger_session_key_target_id"),
        "ledger",
        ["session_key", "target_id"],
        unique=False,
    )


def _create_manual_fixes() -> None:
    op.create_table(
        "manual_fixes",
        sa.Column("fix_id", _COUNTER, nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("target_id", sa.String(255), nullable=False),
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("fix_type", sa.String(64), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("original_value", sa.Text(), nullable=False),
        sa.Column("recommended_action", sa.Text(), nullable=False),
        sa.Column("jira_key", sa.Text(), nullable=True),
        sa.Column("jira_url", sa.Text(), nullable=True),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_manual_fixes_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("fix_id", name=op.f("pk_manual_fixes")),
        sa.UniqueConstraint(
            "target_id",
            "ticket_id",
            "fix_type",
            "subject",
            name=op.f("uq_manual_fixes_target_id_ticket_id_fix_type_subject"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_manual_fixes_session_key"), "manual_fixes", ["session_key"], unique=False
    )


def _create_source_files() -> None:
    op.create_table(
        "source_files",
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sheet", sa.String(64), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("encoding", sa.String(32), nullable=False),
        sa.Column("delimiter", sa.String(8), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_source_files_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_key", "name", name=op.f("pk_source_files")),
    )


def _create_tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("display_group", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("current_revision", sa.Integer(), nullable=False),
        sa.Column("source_lines", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("sprint", sa.Text(), nullable=True),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("ready_hash", sa.String(64), nullable=True),
        sa.Column("ready_by", sa.Text(), nullable=True),
        sa.Column("skipped_reason", sa.Text(), nullable=True),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_tickets_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_tickets")),
    )
    op.create_index(
        op.f("ix_tickets_session_key_number"), "tickets", ["session_key", "number"], unique=False
    )


def _create_validations() -> None:
    op.create_table(
        "validations",
        sa.Column("validation_id", _COUNTER, nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_validations_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("validation_id", name=op.f("pk_validations")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_validations_session_key"), "validations", ["session_key"], unique=False
    )


def _create_dependencies() -> None:
    op.create_table(
        "dependencies",
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("other_ticket_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.CheckConstraint("kind IN ('blocks', 'relates')", name=op.f("ck_dependencies_kind")),
        sa.CheckConstraint("origin IN ('computed', 'manual')", name=op.f("ck_dependencies_origin")),
        sa.CheckConstraint("ticket_id <> other_ticket_id", name=op.f("ck_dependencies_not_itself")),
        sa.ForeignKeyConstraint(
            ["other_ticket_id"],
            ["tickets.ticket_id"],
            name=op.f("fk_dependencies_other_ticket_id_tickets"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_dependencies_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.ticket_id"],
            name=op.f("fk_dependencies_ticket_id_tickets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "ticket_id", "other_ticket_id", "kind", "origin", name=op.f("pk_dependencies")
        ),
    )
    op.create_index(
        op.f("ix_dependencies_session_key"), "dependencies", ["session_key"], unique=False
    )


def _create_revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("user_story", sa.Text(), nullable=False),
        sa.Column("analysis", sa.Text(), nullable=False),
        sa.Column("questions", sa.Text(), nullable=False),
        sa.Column("verification", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("open_questions", sa.Text(), nullable=False),
        sa.Column("estimated_hours", sa.String(64), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.ticket_id"],
            name=op.f("fk_revisions_ticket_id_tickets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_id", "number", name=op.f("pk_revisions")),
    )


def _create_validation_results() -> None:
    op.create_table(
        "validation_results",
        sa.Column("validation_id", _COUNTER, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("is_passed", sa.Boolean(), nullable=False),
        sa.Column("rendered_hash", sa.String(64), nullable=False),
        sa.Column("adf_size_bytes", sa.Integer(), nullable=False),
        sa.Column("character_reduction", sa.Integer(), nullable=False),
        sa.Column("error_message", sa.Text(), nullable=False),
        sa.Column("suggested_fix", sa.Text(), nullable=False),
        sa.Column("is_attachment_checked", sa.Boolean(), nullable=False),
        sa.Column("attachment_status", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["validation_id"],
            ["validations.validation_id"],
            name=op.f("fk_validation_results_validation_id_validations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("validation_id", "position", name=op.f("pk_validation_results")),
    )
