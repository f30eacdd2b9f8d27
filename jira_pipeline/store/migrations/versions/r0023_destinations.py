"""It is kept which target settings mean: a site may call itself by another address.

Revision 0023, after 0022.
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

REHEARSED = re.compile(r".*R[0-9]+")
"""How rehearsals end the key of their project; they measure no step."""


def upgrade() -> None:
    """Add the table; each target is meant by its own address, save those of rehearsals."""
    destinations = op.create_table(
        "destinations",
        sa.Column("address", sa.String(2048), nullable=False),
        sa.Column("project_key", sa.String(255), nullable=False),
        sa.Column("target_id", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("address", "project_key", name="pk_destinations"),
        sa.ForeignKeyConstraint(
            ["target_id"], ["targets.target_id"], name="fk_destinations_target_id_targets"
        ),
    )
    connection = op.get_bind()
    measured = set(connection.execute(sa.text("SELECT target_id FROM export_steps")).scalars())
    found = connection.execute(
        sa.text(
            "SELECT target_id, base_url, project_key, is_sandbox FROM targets ORDER BY last_used_at"
        )
    )
    named = {}
    for target_id, base_url, project_key, is_sandbox in found:
        if is_sandbox and target_id not in measured and REHEARSED.fullmatch(project_key):
            continue
        named["" if is_sandbox else base_url, project_key] = target_id
    rows = [
        {"address": address, "project_key": project_key, "target_id": target_id}
        for (address, project_key), target_id in named.items()
    ]
    if rows:
        op.bulk_insert(destinations, rows)
