"""It is kept when a token was used last.

Revision 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the time; of tokens that are there it is not known."""
    op.add_column("credentials", sa.Column("last_used_at", sa.String(32)))
