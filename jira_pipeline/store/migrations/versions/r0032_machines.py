"""Machines, and who works on a run, are rows that people read; the locks are the server's.

Revision 0032, after 0031.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; until now locks of runs were files of one machine."""
    op.create_table(
        "machines",
        sa.Column("address", sa.String(255), nullable=False),
        sa.Column("lock_key", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.Column("is_draining", sa.Boolean(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_machines"),
    )
    op.create_table(
        "runs_at_work",
        sa.Column("run_id", sa.String(255), nullable=False),
        sa.Column("lock_key", sa.BigInteger(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("seen_at", sa.String(32), nullable=False),
        sa.Column("is_left", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_runs_at_work"),
    )
