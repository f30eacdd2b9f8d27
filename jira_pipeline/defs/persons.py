"""Who asked for a run: the tag that says it, and the header in which Dagster learns it.

Belongs here: what both sides of that header share, without Dagster, which is slow to import. Does
not: setting the tag (`queue`), finding out who asks (`web/access`).
"""

from urllib.parse import quote, unquote

PERSON_TAG = "jira_pipeline/person"
PERSON_HEADER = "x-jira-pipeline-person"
"""Percent-encoded: a header holds no other letters safely."""


def person_header_of(name: str) -> str:
    """Return a name as the header carries it."""
    return quote(name, safe="")


def person_in(header: str | None) -> str | None:
    """Return the name in the header; None where no web program sent it."""
    return unquote(header) if header else None
