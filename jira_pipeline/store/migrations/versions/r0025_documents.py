"""Documents are kept beside their tickets, and the rows they show beside their session.

Revision 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; the documents of tickets that are there are made at their next need."""
    op.add_column("sessions", sa.Column("rendering", sa.String(64)))
    op.create_table(
        "ticket_rows",
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("group_key", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("is_hollow", sa.Boolean, nullable=False),
        sa.Column("rows", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_ticket_rows"),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name="fk_ticket_rows_session_key_sessions",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_ticket_rows_session_key", "ticket_rows", ["session_key"])
    op.create_table(
        "documents",
        sa.Column("ticket_id", sa.String(64), nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("rendered_hash", sa.String(64), nullable=False),
        sa.Column("whole_characters", sa.Integer, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("attachment_name", sa.Text),
        sa.Column("attachment_text", sa.Text),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_documents"),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.ticket_id"],
            name="fk_documents_ticket_id_tickets",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name="fk_documents_session_key_sessions",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_documents_session_key_ticket_id_rendered_hash",
        "documents",
        ["session_key", "ticket_id", "rendered_hash"],
    )
