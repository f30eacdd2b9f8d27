"""Who writes the tickets of a session.

Revision 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was written so far is by the template writer, and stays with it."""
    op.add_column("sessions", sa.Column("writer", sa.Text(), nullable=True))
    op.execute("UPDATE sessions SET writer = 'template' WHERE generated_at IS NOT NULL")
