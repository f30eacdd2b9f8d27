"""It is kept when a token was used last.

Revision 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the time; of tokens that are there it is not known."""
    op.add_column("credentials", sa.Column("last_used_at", sa.String(32)))
