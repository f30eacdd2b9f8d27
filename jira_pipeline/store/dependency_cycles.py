"""Which tickets would wait for each other if a further one waited, so that none of them can begin.

Belongs here: finding them. Does not: refusing what a person asks for (`reviews`), the order of an
export.
"""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter

from sqlalchemy import Connection

from jira_pipeline.store.ticket_rows import others_of


def find_cycle(
    connection: Connection, session_key: str, ticket_id: str, other_ticket_id: str
) -> Sequence[str]:
    """Return the tickets that wait for each other once a ticket waits for another one, by their ids.

    The ticket itself is the first, and each waits for the next; empty where nothing stands against it.
    """
    others = others_of(connection, session_key)
    waits_for = {waiting: on for (waiting, kind), on in others.items() if kind == "blocks"}
    waits_for[ticket_id] = (*waits_for.get(ticket_id, ()), other_ticket_id)
    try:
        TopologicalSorter(waits_for).prepare()
    except CycleError as error:
        cycle = error.args[1][:0:-1]  # whoever waits comes first, and once
        begin = cycle.index(ticket_id)
        return (*cycle[begin:], *cycle[:begin])
    return ()
