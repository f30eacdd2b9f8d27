"""What a person wants a model to do with a ticket, kept until somebody says otherwise.

Belongs here: what may be said, and which remark counts. Does not: having tickets written with it
(`writing/generation`), what a model is told (`writing/completion/prompt`).

Remarks live in the audit trail, which says who said what and when; the last one of a ticket counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.errors import InputError
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.records import AuditAction, AuditEntry

REMARKED = AuditAction.TICKETS_REMARKED
REMARK_MAX_CHARACTERS = 500
"""Some four sentences: more is for the notes of a sheet, where people look for it."""


@json_fields("text by at")
@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What somebody wants of a ticket."""

    text: str
    by: str
    at: datetime


def checked_remark(text: str) -> str:
    """Return a remark as one paragraph; empty takes back what was said.

    Raises:
        InputError: It is too long.
    """
    remark = " ".join(text.split())
    if len(remark) > REMARK_MAX_CHARACTERS:
        raise InputError(
            f"The remark has {len(remark)} characters; the limit is {REMARK_MAX_CHARACTERS}.",
            recovery_actions=("Shorten it, or put it in the sheet's notes.",),
        )
    return remark


def remarks_in(entries: Iterable[AuditEntry]) -> Mapping[str, Remark]:
    """Return the remarks that count by ticket id, from the entries of `REMARKED`, oldest first."""
    found: dict[str, Remark] = {}
    for entry in entries:
        remark = Remark(text=str(entry.details["remark"]), by=entry.actor, at=entry.at)
        found |= dict.fromkeys(entry.ticket_ids, remark)
    return {ticket_id: remark for ticket_id, remark in found.items() if remark.text}
