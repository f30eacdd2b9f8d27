"""Where the pages of a session lie, and putting them there.

Belongs here: names, places and times of the files. Does not: what a page says (`stages/pages`),
gathering it (`session_steps`).
"""

import os
from datetime import UTC, datetime
from pathlib import Path

from jira_pipeline.domain.sessions import UploadSession
from jira_pipeline.errors import StoreError
from jira_pipeline.sessions.composition import Pipeline

REVIEW_PAGE = "review.html"
REPORT_PAGE = "report.html"


def page_path(pipeline: Pipeline, session: UploadSession, name: str) -> Path:
    """Return where a page of a session is written."""
    return pipeline.settings.pages_path / session.session_key / name


def page_link(pipeline: Pipeline, session: UploadSession, name: str) -> Path | str:
    """Return the address of a page where a server shows the pages, else its path."""
    base_url = pipeline.settings.pages_base_url
    if base_url is None:
        return page_path(pipeline, session, name)
    return f"{base_url.rstrip('/')}/{session.session_key}/{name}"


def write_page(pipeline: Pipeline, session: UploadSession, *, name: str, content: str) -> Path:
    """Put a page in place in one step and return its path."""
    path = page_path(pipeline, session, name)
    incoming = path.with_name(f".{name}.{os.getpid()}.incoming")  # a run may write it too
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        incoming.write_text(content, encoding="utf-8")
        incoming.rename(path)
    except OSError as error:
        raise StoreError(
            f"{path} could not be written: {error.strerror}.",
            recovery_actions=("Check that the disk has room, then run the job again.",),
        ) from error
    return path


def review_written_at(pipeline: Pipeline, session_key: str) -> datetime | None:
    """Return which time the review page of a session shows; None where there is none."""
    path = pipeline.settings.pages_path / session_key / REVIEW_PAGE
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
