"""Which revision a ticket was validated at, and each broken rule with its place.

Revision 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; older results keep what they have."""
    for column in (
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("content_hash", sa.String(64), nullable=True),
        sa.Column("violations", sa.Text(), nullable=False, server_default="[]"),
    ):
        op.add_column("validation_results", column)
