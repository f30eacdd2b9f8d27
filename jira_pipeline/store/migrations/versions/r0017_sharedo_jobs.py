"""Export jobs of ShareDo.

Revision 0017, after 0016.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; there were no jobs before."""
    op.create_table(
        "sharedo_jobs",
        sa.Column("job_id", sa.String(64), nullable=False),
        sa.Column("environment", sa.String(64), nullable=False),
        sa.Column("parameters_hash", sa.String(64), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("estimated_seconds", sa.Float(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("route", sa.String(64), nullable=False),
        sa.Column("intent_count", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.String(32)),
        sa.Column("remote_id", sa.Text()),
        sa.Column("started_at", sa.String(32)),
        sa.Column("finished_at", sa.String(32)),
        sa.Column("stalled_at", sa.String(32)),
        sa.Column("cancel_requested_at", sa.String(32)),
        sa.Column("progress_percentage", sa.Float(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("result_url", sa.Text()),
        sa.Column("package", sa.Text()),
        sa.PrimaryKeyConstraint("job_id", name="pk_sharedo_jobs"),
    )
    op.create_index("ix_sharedo_jobs_parameters_hash", "sharedo_jobs", ["parameters_hash"])
