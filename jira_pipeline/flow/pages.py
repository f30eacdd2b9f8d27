"""Writing the pages of a session: its review, its export report.

Belongs here: gathering what a page shows, putting the file in place. Does not: what a page says
(`export/pages`), where it is (`session/facts`).

With SQLite a page is a file that is written when what it shows changes. With a store on a server it
is made when somebody asks for it: any machine may have changed what it shows.
"""

import os
from datetime import datetime
from pathlib import Path

from jira_pipeline.errors import GateError, StoreError, system_words
from jira_pipeline.export.facts import ExportFacts
from jira_pipeline.export.left_in_jira import required_results
from jira_pipeline.export.pages import report_page, review_page
from jira_pipeline.export.results import ExportResults
from jira_pipeline.flow.status import what_is_next
from jira_pipeline.session.facts import REPORT_PAGE, REVIEW_PAGE

RENEWED_AFTER_SECONDS = 5.0
"""Who goes through tickets in the browser decides about several in that time: one page for all."""
RENEWED_MAX = 1_000
"""Tickets up to which a decision in the terminal writes the review page: some 8 ms a ticket."""


def has_page(session: ExportFacts, name: str) -> bool:
    """Tell whether there is a page of a session to be shown."""
    if not session.settings.is_store_on_server:
        return session.page_path(name).is_file()
    shown = session.verdict if name == REVIEW_PAGE else session.target
    return shown is not None


def made_page(session: ExportFacts, name: str) -> str:
    """Make a page of a session.

    Raises:
        GateError: There is nothing to show yet, or its sheets changed.
    """
    if name == REVIEW_PAGE:
        return _review_of(session.again(), as_of=session.clock.now())
    return _report_of(session, required_results(session))


def shown_page(session: ExportFacts, name: str) -> Path:
    """Return where a page of a session is, for somebody at a terminal.

    Raises:
        GateError: As `made_page`.
        StoreError: It cannot be written.
    """
    if session.settings.is_store_on_server:
        return _write(session, name, made_page(session, name))
    return session.page_path(name)


def write_review(session: ExportFacts) -> None:
    """Write the review page of a session; a process that serves does it behind its answer."""
    if not session.settings.is_store_on_server and not _is_soon(session):
        _write_review(session)


def _is_soon(session: ExportFacts) -> bool:
    background, key = session.pipeline.background, session.key
    if background is not None:
        name = f"{REVIEW_PAGE} of {key}"
        background.soon(name, lambda: _renewed(session), after_seconds=RENEWED_AFTER_SECONDS)
    return background is not None


def _write_review(session: ExportFacts) -> None:
    as_of = session.clock.now()
    session = session.again()  # the page must show what was there at that time
    path = _write(session, REVIEW_PAGE, _review_of(session, as_of=as_of))
    os.utime(path, (as_of.timestamp(), as_of.timestamp()))  # an edit may have come meanwhile


def _review_of(session: ExportFacts, *, as_of: datetime) -> str:
    return review_page(
        session.stored,
        session.rendered,
        contents=session.contents,
        findings=session.ranked_findings,
        vanished=session.vanished,
        validation=session.store.validations.latest(session.key),
        step=what_is_next(session),
        as_of=as_of,
    )


def renew_review(session: ExportFacts) -> str:
    """Show a decision in the review page, if there is one; return why it does not, for people.

    A process that serves does it behind its answer. Nothing becomes stale: no ticket says
    anything else.
    """
    if session.review_written_at is None:
        return ""
    if _is_soon(session):
        return ""
    if session.tally.total > RENEWED_MAX:
        return f"review.html is older than this: it has more than {RENEWED_MAX:,} tickets."
    return _renewed(session)


def _renewed(session: ExportFacts) -> str:
    try:
        _write_review(session)
    except (GateError, StoreError) as error:  # its sheets changed, or there is no room
        return f"review.html does not show it: {error.message}"
    return ""


def write_report(session: ExportFacts, found: ExportResults) -> None:
    """Write the export report of a session."""
    if not session.settings.is_store_on_server:
        _write(session, REPORT_PAGE, _report_of(session, found))


def _report_of(session: ExportFacts, found: ExportResults) -> str:
    return report_page(
        session.stored,
        session.tickets,
        vanished=session.vanished,
        results=found,
        places=session.places,
        findings=session.ranked_findings,
    )


def _write(session: ExportFacts, name: str, content: str) -> Path:
    """Put a page in place in one step and return its path."""
    path = session.page_path(name)
    incoming = path.with_name(f".{name}.{os.getpid()}.incoming")  # a run may write it too
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        incoming.write_text(content, encoding="utf-8")
        incoming.rename(path)
    except OSError as error:
        raise StoreError.because(
            error,
            f"{path} could not be written: {system_words(error)}.",
            recovery_actions=("Check that the disk has room, then run the job again.",),
        ) from error
    return path
