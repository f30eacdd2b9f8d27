"""What an issue was created from, in the entry of its intent.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("ledger", sa.Column("sent", sa.Text(), nullable=True))
