"""What checking tickets against the rules of ADF and Jira found.

Belongs here: the result for one ticket, the result for a session, the contents that were checked.
Does not: the checks (`jira/adf`, `tickets/documents/adf_validation`), keeping results
(`store/validation_store`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from jira_pipeline.model.json_values import json_fields


class AttachmentStatus(StrEnum):
    """What checking an attachment found; nothing is uploaded for it."""

    NONE = "none"
    """The body holds everything."""
    OK = "ok"
    TOO_LARGE = "too_large"
    NOT_WRITABLE = "not_writable"
    """Its text or its name has no UTF-8 form."""
    NOT_NAMED = "not_named"
    """The body does not say which file holds the rest."""


@json_fields("path rule message suggested_fix")
@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRule:
    """One broken rule of a document, placed so that a person finds it and knows what to do."""

    path: str
    """JSON path of the place at fault, such as `$.content[2].attrs.level`."""
    rule: str
    """The keyword of the schema, such as `minLength`; `not_json` where it cannot be asked."""
    message: str
    suggested_fix: str


@json_fields(
    "ticket_id ticket_title=title status adf_size_bytes character_reduction error_message? "
    "suggested_fix? attachment_upload_tested=is_attachment_checked attachment_upload_status "
    "attachment_fault? revision content_hash violations"
)
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
    """Characters of text of the whole ticket less those of the body; 0 = the body is the whole."""
    error_message: str = ""
    """JSON path, rule and text around the fault; empty when passed."""
    suggested_fix: str = ""
    is_attachment_checked: bool = False
    attachment_status: str = AttachmentStatus.NONE
    """An `AttachmentStatus`."""
    revision: int | None = None
    """Number of the revision that was checked; None: an older version checked it."""
    content_hash: str | None = None
    """Content hash of that revision; None: an older version checked it."""
    violations: tuple[BrokenRule, ...] = ()
    """The broken rules of the document, the first of very many."""

    @property
    def status(self) -> str:
        return "passed" if self.is_passed else "failed"

    @property
    def attachment_upload_status(self) -> str:
        """`passed` or `failed`: whether its attachment could be uploaded; `skipped`: it has none."""
        if self.attachment_status == AttachmentStatus.NONE:
            return "skipped"
        return "passed" if self.attachment_status == AttachmentStatus.OK else "failed"

    @property
    def attachment_fault(self) -> str:
        """What is wrong with its attachment; empty where nothing is."""
        return self.attachment_status if self.attachment_upload_status == "failed" else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationVerdict:
    """What a validation of a whole session found, without what it found of each ticket."""

    at: datetime
    failed_count: int
    content_version: int | None
    rendering: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedContents:
    """What a validation of a whole session checked, as far as the gate needs it."""

    at: datetime
    rendered_hashes: Mapping[str, str]
    """By ticket id."""
    failures: Mapping[str, str]
    """Title and fault of each ticket that failed, by its id, in the order of the validation."""

    @property
    def passed_hashes(self) -> Mapping[str, str]:
        return {
            ticket_id: rendered_hash
            for ticket_id, rendered_hash in self.rendered_hashes.items()
            if ticket_id not in self.failures
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """One validation of a whole session."""

    session_key: str
    at: datetime
    results: tuple[TicketValidation, ...]
    content_version: int | None = None
    """That of the session when its tickets were read, or an earlier one; None: not known."""
    rendering: str | None = None
    """The rendering of the documents that were checked; None: not known."""

    @property
    def is_passed(self) -> bool:
        """No ticket failed; where nothing is to be built, there is none that could."""
        return all(r.is_passed for r in self.results)
