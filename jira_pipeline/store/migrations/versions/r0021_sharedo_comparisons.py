"""Comparisons of ShareDo environments that people asked for.

Revision 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; until now a comparison was answered at once or not at all."""
    op.create_table(
        "sharedo_comparisons",
        sa.Column("comparison_id", sa.String(64), nullable=False),
        sa.Column("first", sa.String(64), nullable=False),
        sa.Column("second", sa.String(64), nullable=False),
        sa.Column("first_job_ids", sa.Text(), nullable=False),
        sa.Column("second_job_ids", sa.Text(), nullable=False),
        sa.Column("ignored_fields", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("comparison_id", name="pk_sharedo_comparisons"),
    )
