"""What the program calls itself to servers: its name and version.

Belongs here: the one text for every client. Does not: other headers (each client has its own).
"""

from functools import cache
from importlib import metadata

PROGRAM = "jira-pipeline"


@cache
def program_version() -> str:
    """Return the version of the program, as it was installed."""
    return metadata.version(PROGRAM)


def user_agent() -> str:
    """Return the header User-Agent, such as `jira-pipeline/0.2.0`, by which a server's log names us."""
    return f"{PROGRAM}/{program_version()}"
