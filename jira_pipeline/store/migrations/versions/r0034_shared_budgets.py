"""Runs share what a service lets them ask.

Revision 0034, after 0033.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nothing was shared until now."""
    op.create_table(
        "shared_budgets",
        sa.Column("name", sa.String(512), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_shared_budgets"),
    )
