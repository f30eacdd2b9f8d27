"""People are notified of what concerns them.

Revision 0028, after 0027.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_COUNTER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table; of what happened until now nobody is notified."""
    op.create_table(
        "notifications",
        sa.Column("notification_id", _COUNTER, nullable=False),
        sa.Column("person_id", sa.String(100), nullable=False),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("sequence", _COUNTER, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("read_at", sa.String(32)),
        sa.Column("done_at", sa.String(32)),
        sa.PrimaryKeyConstraint("notification_id", name="pk_notifications"),
        sa.UniqueConstraint("person_id", "sequence", "kind", name="uq_notifications_person_id"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.person_id"],
            name="fk_notifications_person_id_people",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name="fk_notifications_session_key_sessions",
            ondelete="CASCADE",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notifications_person_id", "notifications", ["person_id", "read_at"])
    op.create_index("ix_notifications_session_key", "notifications", ["session_key"])
