"""Which tickets would wait for each other if a further one waited, so that none of them can begin.

Belongs here: finding them. Does not: refusing what a person asks for (`reviews`), the order of an
export.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from jira_pipeline.model.dependencies import find_waiting_cycle
from jira_pipeline.store.ticket_rows import others_of


def find_cycle(
    connection: Connection, session_key: str, ticket_id: str, other_ticket_id: str
) -> Sequence[str]:
    """Return the tickets that wait for each other once a ticket waits for another one, by their ids.

    The ticket itself is the first, and each waits for the next; empty where nothing stands against it.
    """
    return find_waiting_cycle(waiting_tickets(connection, session_key), ticket_id, other_ticket_id)


def waiting_tickets(connection: Connection, session_key: str) -> Mapping[str, Sequence[str]]:
    """Return the ids of the tickets that each ticket waits for."""
    others = others_of(connection, session_key)
    return {waiting: on for (waiting, kind), on in others.items() if kind == "blocks"}
