"""Tickets whose rows are gone are proposed for withdrawal, and withdrawn when people agree.

Revision 0011, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

_TICKETS = sa.table(
    "tickets",
    sa.column("ticket_id", sa.Text),
    sa.column("session_key", sa.Text),
    sa.column("number", sa.Integer),
    sa.column("is_withdrawn", sa.Boolean),
    sa.column("withdrawal", sa.Text),
)


def upgrade() -> None:
    """Take what was withdrawn without asking as agreed; numbers become unique in the session."""
    op.add_column("tickets", sa.Column("withdrawal", sa.String(64), nullable=True))
    op.add_column("tickets", sa.Column("withdrawn_by", sa.Text(), nullable=True))
    op.add_column(
        "tickets",
        sa.Column("withdrawal_reason", sa.Text(), nullable=False, server_default=""),
    )
    _number_behind_the_others()
    op.execute(
        _TICKETS.update().where(_TICKETS.c.is_withdrawn.is_(True)).values(withdrawal="agreed")
    )
    op.drop_column("tickets", "is_withdrawn")


def _number_behind_the_others() -> None:
    connection = op.get_bind()
    known = connection.execute(
        sa.select(
            _TICKETS.c.ticket_id,
            _TICKETS.c.session_key,
            _TICKETS.c.number,
            _TICKETS.c.is_withdrawn,
        ).order_by(_TICKETS.c.is_withdrawn, _TICKETS.c.number, _TICKETS.c.ticket_id)
    ).all()
    last: dict[str, int] = {}
    for ticket in known:
        number = ticket.number
        if ticket.is_withdrawn:
            number = last.get(ticket.session_key, 0) + 1
            connection.execute(
                _TICKETS.update()
                .where(_TICKETS.c.ticket_id == ticket.ticket_id)
                .values(number=number)
            )
        last[ticket.session_key] = max(number, last.get(ticket.session_key, 0))
