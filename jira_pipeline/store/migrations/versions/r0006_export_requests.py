"""Exports that people asked for and a sensor starts.

Revision 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "export_requests",
        sa.Column("request_id", _COUNTER, nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("requested_at", sa.String(32), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.String(32), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_export_requests_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_export_requests")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_export_requests_session_key"), "export_requests", ["session_key"], unique=False
    )
