"""Results of checking rendered tickets against the rules of ADF and Jira (S3-7)."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketValidation:
    """What was found about one ticket."""

    ticket_id: str
    title: str
    is_passed: bool
    rendered_hash: str
    """Hash over everything Jira would get: title, document, attachment, fields."""
    adf_size_bytes: int
    """Compact JSON in UTF-8."""
    character_reduction: int
    """Characters of text moved out of the body into the attachment."""
    error_message: str = ""
    """JSON path, rule and text around it; empty when passed."""
    suggested_fix: str = ""
    is_attachment_checked: bool = False
    attachment_status: str = "none"
    """`none`, `ok` or `too_large`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One validation of a whole session."""

    session_key: str
    at: datetime
    results: tuple[TicketValidation, ...]

    @property
    def is_passed(self) -> bool:
        """No ticket failed; where nothing is to be built, there is none that could."""
        return all(r.is_passed for r in self.results)
