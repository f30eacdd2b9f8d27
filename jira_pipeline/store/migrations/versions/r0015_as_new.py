"""People answer where other sessions have issues of the same specification.

Revision 0015, after 0014.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody answered yet."""
    op.add_column("sessions", sa.Column("as_new", sa.Text(), nullable=False, server_default="[]"))
