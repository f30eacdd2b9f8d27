"""What people do in a review: order, fields, answers, dependencies taken away.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and both tables."""
    for column in (
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("assigned_fields", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("source_changes", sa.Text(), nullable=False, server_default="[]"),
    ):
        op.add_column("tickets", column)
    for column in (
        sa.Column("facts_hash", sa.String(64), nullable=True),
        sa.Column("rolled_back_to", sa.Integer(), nullable=True),
    ):
        op.add_column("revisions", column)
    op.create_table(
        "answers",
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("question_id", sa.String(32), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.String(32), nullable=False),
        _reference("answers", "session_key", "sessions"),
        _reference("answers", "ticket_id", "tickets"),
        sa.PrimaryKeyConstraint("ticket_id", "question_id", name=op.f("pk_answers")),
    )
    op.create_index(op.f("ix_answers_session_key"), "answers", ["session_key"], unique=False)
    op.create_table(
        "released_dependencies",
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("other_ticket_id", sa.String(64), nullable=False),
        _reference("released_dependencies", "session_key", "sessions"),
        _reference("released_dependencies", "ticket_id", "tickets"),
        _reference("released_dependencies", "other_ticket_id", "tickets", key="ticket_id"),
        sa.PrimaryKeyConstraint(
            "ticket_id", "other_ticket_id", name=op.f("pk_released_dependencies")
        ),
    )
    op.create_index(
        op.f("ix_released_dependencies_session_key"),
        "released_dependencies",
        ["session_key"],
        unique=False,
    )


def _reference(
    table: str, column: str, other: str, *, key: str | None = None
) -> sa.ForeignKeyConstraint:
    """Delete rows with what they are about."""
    return sa.ForeignKeyConstraint(
        [column],
        [f"{other}.{key or column}"],
        name=op.f(f"fk_{table}_{column}_{other}"),
        ondelete="CASCADE",
    )
