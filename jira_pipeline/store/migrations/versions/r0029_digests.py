"""People get mail about what concerns them.

Revision 0029, after 0028.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; nobody gets mail who does not ask for it."""
    op.create_table(
        "mail_addresses",
        sa.Column("person_id", sa.String(100), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_mail_addresses"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.person_id"],
            name="fk_mail_addresses_person_id_people",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "digests",
        sa.Column("digest_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(100), nullable=False),
        sa.Column("made_at", sa.String(32), nullable=False),
        sa.Column("tried_at", sa.String(32)),
        sa.Column("sent_at", sa.String(32)),
        sa.Column("failure", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("digest_id", name="pk_digests"),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.person_id"],
            name="fk_digests_person_id_people",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_digests_person_id_made_at", "digests", ["person_id", "made_at"])
    op.add_column("notifications", sa.Column("digest_id", sa.String(32)))
