"""Sites are compared with the sheets of a session, and what came of it is kept.

Revision 0031, after 0030.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nothing was compared until now."""
    op.create_table(
        "site_verifications",
        sa.Column(
            "verification_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("session_key", sa.String(64), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("config_sha256", sa.String(64), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("verification", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_key"],
            ["sessions.session_key"],
            name="fk_site_verifications_session_key_sessions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("verification_id", name="pk_site_verifications"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_site_verifications_session_key", "site_verifications", ["session_key"])
