"""People belong to all sessions, or to those that are named.

Revision 0027, after 0026.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; whoever is there belongs to all sessions, as until now."""
    op.add_column(
        "people", sa.Column("is_of_all", sa.Boolean, nullable=False, server_default=sa.true())
    )
    op.create_table(
        "memberships",
        sa.Column("person_id", sa.String(100), nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.person_id"],
            name="fk_memberships_person_id_people",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name="fk_memberships_session_key_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "session_key", name="pk_memberships"),
    )
    op.create_index("ix_memberships_session_key", "memberships", ["session_key"])
