"""What models answered and what they cost; who stood in for them, and what they suggest.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add both columns of revisions and both tables; no older revision is by a model."""
    for column in (
        sa.Column("fallback_reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("suggestions", sa.Text(), nullable=False, server_default="[]"),
    ):
        op.add_column("revisions", column)
    op.create_table(
        "written_answers",
        sa.Column("answer_key", sa.String(64), nullable=False),
        sa.Column("writer", sa.Text(), nullable=False),
        sa.Column("answer_json", sa.Text(), nullable=False),
        sa.Column("fallback_reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("last_used_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("answer_key", name=op.f("pk_written_answers")),
    )
    _index("written_answers", "last_used_at")
    op.create_table(
        "model_requests",
        sa.Column("request_id", _COUNTER, nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("cost_pico_usd", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_model_requests_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_model_requests")),
        sqlite_autoincrement=True,
    )
    _index("model_requests", "session_key")


def _index(table: str, column: str) -> None:
    op.create_index(op.f(f"ix_{table}_{column}"), table, [column], unique=False)
