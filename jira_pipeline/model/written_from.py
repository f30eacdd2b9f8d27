"""What the tickets of a session were written from, as the store keeps it.

Belongs here: the value. Does not: what its bytes say (`tickets/reads_of_tickets`), its row
(`store/written_from`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFrom:
    """What the last generation of a session said its tickets from."""

    session_key: str
    code: str
    """Names the rules and the words that it was said with."""
    reads: bytes
    """Which facts each ticket was said from, with their digests."""
