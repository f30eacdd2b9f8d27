"""Who asked for a run: the tag that says it, and the header in which Dagster learns it.

Belongs here: what both sides of that header share, without Dagster, which is slow to import. Does
not: setting the tag (`defs/queue`), finding out who asks (`web/access`).
"""

from collections.abc import Mapping
from urllib.parse import quote, unquote

from jira_pipeline.model.records import PIPELINE

PERSON_TAG = "jira_pipeline/person"
REQUESTED_BY_TAG = "requested_by"
"""Of a run that the daemon started: who asked for it before, or the schedule."""
PERSON_HEADER = "x-jira-pipeline-person"
"""Percent-encoded: a header holds no other letters safely."""


def person_header_of(name: str) -> str:
    """Return a name as the header carries it."""
    return quote(name, safe="")


def person_in(header: str | None) -> str | None:
    """Return the name in the header; None where no web program sent it."""
    return unquote(header) if header else None


def person_of(tags: Mapping[str, str]) -> str:
    """Return who asked for a run of these tags, or the name of what did."""
    return tags.get(PERSON_TAG) or tags.get(REQUESTED_BY_TAG) or PIPELINE
