"""What each step of an export took, and how often people retried an export.

Revision 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = sa.String(32)


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "export_steps",
        sa.Column("step_id", _COUNTER, nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("target_id", sa.String(255), nullable=False),
        sa.Column("step", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(255), nullable=True),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("done_count", sa.Integer(), nullable=False),
        sa.Column("requests", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_export_steps_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_export_steps")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_export_steps_session_key_target_id"),
        "export_steps",
        ["session_key", "target_id"],
        unique=False,
    )
    op.create_table(
        "export_retries",
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_export_retries_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_key", name=op.f("pk_export_retries")),
    )
