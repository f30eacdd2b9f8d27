"""It is kept what a model changed of the template's ticket.

Revision 0024, after 0023.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; revisions that are there were written whole, by a model or by the template."""
    op.add_column("revisions", sa.Column("changes", sa.Text, nullable=False, server_default="[]"))
