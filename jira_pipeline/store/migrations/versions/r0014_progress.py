"""Progress says which ticket it is at, in fields.

Revision 0014, after 0012.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; a session in the review shows that its tickets are written."""
    op.add_column("sessions", sa.Column("progress_details", sa.Text(), nullable=True))
    op.execute(
        "UPDATE sessions SET progress_percentage = 100.0"
        " WHERE stage = 'review' AND status <> 'running'"
    )
