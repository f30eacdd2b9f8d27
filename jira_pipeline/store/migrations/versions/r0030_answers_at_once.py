"""Answers of some people count at once.

Revision 0030, after 0029.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a reviewer takes over whatever people answered, as until now."""
    op.add_column(
        "people", sa.Column("may_answer", sa.Boolean, nullable=False, server_default=sa.false())
    )
