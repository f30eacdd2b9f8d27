"""Retries are counted apart for the writing of tickets and for the export.

Revision 0013, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the new table; a count there is belongs to what the session was at."""
    op.create_table(
        "retries",
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name=op.f("fk_retries_session_key_sessions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_key", "what", name=op.f("pk_retries")),
    )
    op.execute(
        "INSERT INTO retries (session_key, what, count) SELECT r.session_key, "
        "CASE WHEN s.stage IN ('upload', 'processing') THEN 'generation' ELSE 'export' END, "
        "r.count "
        "FROM export_retries r JOIN sessions s ON s.session_key = r.session_key"
    )
    op.drop_table("export_retries")
