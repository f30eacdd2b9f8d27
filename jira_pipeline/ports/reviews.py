"""What the store takes and gives of a review."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.tickets import FieldValue, ProseParts


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRework:
    """What is changed of one ticket together with others."""

    ticket_id: str
    expected_revision: int
    title: str
    parts: ProseParts
    expected_fields: Mapping[str, FieldValue]
    """What those fields held that are set."""
    fields: Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewEvent:
    """A change of tickets that Dagster does not know yet."""

    event_id: int
    session_key: str
    at: datetime
    action: str
    """What people did, in a word: that of the command."""
    by: str
