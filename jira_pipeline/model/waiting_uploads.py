"""An upload that waits until somebody has said what its worksheets hold.

Belongs here: the value. Does not: what a layout is (`model/layouts`), who registers such an upload
(`sheets/kept_uploads`), keeping it (`store/session_store`), confirming its layout
(`sessions/layouts`).
"""

from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.sessions import SessionManifest


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingUpload:
    """Files that were uploaded for a session and are not its sheets yet, with what was said of them."""

    session_key: str
    content_sha256: str
    upload_path: str
    """Where they are kept, like those of any upload."""
    manifest: SessionManifest
    """With what the upload itself asked for: approval by itself, issues beside those of others."""
    replaces_all: bool = False
    """Whoever uploaded them agreed that no ticket of the session may stay."""
    is_of_settings: bool = False
    """A person changed the settings of the session on their page."""
    uploaded_by: str
    uploaded_at: datetime
