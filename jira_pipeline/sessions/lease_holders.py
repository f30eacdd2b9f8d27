"""Names who holds a lease, for people who find it taken."""

import os
import socket


def holder_name(who: str) -> str:
    """Return who is at work where: what it is, the host, the process."""
    return f"{who} on {socket.gethostname()}, process {os.getpid()}"
