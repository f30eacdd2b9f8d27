"""How often what is rendered changed, and what of it a validation saw.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; older validations do not know what they saw."""
    op.add_column(
        "sessions",
        sa.Column("content_version", sa.Integer(), nullable=False, server_default="0"),
    )
    op.add_column("validations", sa.Column("content_version", sa.Integer(), nullable=True))
    op.add_column("validations", sa.Column("rendering", sa.String(64), nullable=True))
