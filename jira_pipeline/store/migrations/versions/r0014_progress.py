"""Progress says which ticket it is at, in fields; comparisons of ledger and Jira are kept.

Revision 0014, after 0013.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table; a session in the review shows that its tickets are written."""
    op.add_column("sessions", sa.Column("progress_details", sa.Text(), nullable=True))
    op.execute(
        "UPDATE sessions SET progress_percentage = 100.0"
        " WHERE stage = 'review' AND status <> 'running'"
    )
    op.create_table(
        "comparisons",
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("target_id", sa.String(255), nullable=False),
        sa.Column("compared_at", sa.String(32), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name="fk_comparisons_session_key_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_key", name="pk_comparisons"),
    )
