"""What an upload was read to, as the store keeps it beside the session.

Belongs here: the value. Does not: what the bytes say (`sheets/stored_readings`), which readings there
are (`sheets/kept_readings`), their rows (`store/upload_readings`).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReadingState(StrEnum):
    """What became of the reading of an upload."""

    PENDING = "pending"
    """The upload is from a program that kept no readings, and was not read since."""
    READ = "read"
    UNREADABLE = "unreadable"
    """Its files are damaged or gone; they are read once they were uploaded again."""
    NEEDS_LAYOUT = "needs_layout"
    """No reader of this program knows what its worksheets hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadReading:
    """What one upload of a session was read to: made once, and read by every process."""

    session_key: str
    content_sha256: str
    """Of the upload: its sheets, with what `session.yaml` and a layout say that they mean."""
    state: ReadingState
    unreadable_because: str = ""
    format_version: int = 0
    """Of the bytes; a program that does not know it does not read them."""
    reading: bytes = b""
    """Empty unless it was read."""
    read_at: datetime | None = None
    """When that was, or was tried last."""
