"""Small, complete values to put into a store.

Belongs here: builders that the contract suites and the tests of adapters share.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.entity_groups import DisplayGroup, GroupAction
from jira_pipeline.model.export_steps import MeasuredStep
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent, LedgerSubject, Target
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.manual_fixes import FixState, FixType, ManualFix
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.records import StoredError
from jira_pipeline.model.revisions import ProseParts, Revision, RevisionOrigin, TicketProse
from jira_pipeline.model.sessions import (
    IssueDefaults,
    SessionManifest,
    SessionStage,
    SessionStatus,
    UploadRecord,
    UploadSession,
)
from jira_pipeline.model.source_tables import SourceFile
from jira_pipeline.model.ticket_hashes import TicketHashes
from jira_pipeline.model.ticket_validations import TicketValidation, Validation
from jira_pipeline.model.tickets import (
    ISSUE_FIELDS,
    ListedTicket,
    SourceLines,
    Ticket,
    TicketDraft,
    content_hash_of,
)
from jira_pipeline.store.store import Store

START = datetime(2026, 3, 29, 0, 59, 59, 123456, tzinfo=UTC)
SHA = "a" * 64


APPROVALS_OF_VERSION_9 = (
    "ALTER TABLE tickets DROP COLUMN approved_hash",
    "DROP INDEX ix_documents_session_key_ticket_id_rendered_hash_approved_hash",
    "ALTER TABLE documents DROP COLUMN approved_hash",
    """CREATE INDEX ix_documents_session_key_ticket_id_rendered_hash
        ON documents (session_key, ticket_id, rendered_hash)""",
)
"""Leaves of a store what it had before approvals had a hash of their own."""

ROWS_OF_ANSWERS = (
    "ALTER TABLE answers DROP COLUMN row_key",
    "ALTER TABLE answers DROP COLUMN row_label",
)
"""Takes out of a store which rows answers were said of."""

ROWS_ELSEWHERE = ("ALTER TABLE tickets DROP COLUMN rows_elsewhere",)
"""Takes out of a store which rows of a ticket another one asks about."""

CLAIMS_OF_REQUESTS = (
    "ALTER TABLE run_requests DROP COLUMN run_id",
    "ALTER TABLE run_requests DROP COLUMN claimed_at",
    "ALTER TABLE run_requests DROP COLUMN claimed_by",
)
"""Takes out of a store who launches requested runs, and which run each has."""

TABLES_OF_LAYOUTS = (
    "DROP TABLE layout_drafts",
    "DROP TABLE layout_changes",
    "DROP TABLE used_layouts",
)
"""Takes out of a store the layouts that people work on, and those that they confirmed."""

TABLES_OF_READINGS = ("DROP TABLE upload_readings", "DROP TABLE waiting_uploads")
"""Takes out of a store what uploads were read to, and which wait for a layout."""

NEWEST_PARTS = (
    "DROP TABLE written_from",
    "ALTER TABLE sessions DROP COLUMN wait",
    "DROP TABLE keyed_requests",
    "DROP TABLE webhook_deliveries",
    "DROP TABLE request_forms",
)
"""Takes out of a store what tickets were written from, waits of runs, requests with keys, messages to
the team, what models refused."""

SINCE_VERSION_9 = (
    *NEWEST_PARTS,
    *APPROVALS_OF_VERSION_9,
    *ROWS_OF_ANSWERS,
    *CLAIMS_OF_REQUESTS,
    *ROWS_ELSEWHERE,
    *TABLES_OF_LAYOUTS,
    "ALTER TABLE source_files DROP COLUMN file_name",
    "DROP TABLE handled_folders",
    *TABLES_OF_READINGS,
    "DROP TABLE kept_reviews",
    "ALTER TABLE proposed_answers DROP COLUMN taken_at",
    "ALTER TABLE proposed_answers DROP COLUMN passed_over_at",
    "ALTER TABLE proposed_answers DROP COLUMN taken_by",
)
"""Takes out of a store what later versions than 9 have."""


def hashes_of(digest: str) -> TicketHashes:
    """Return the hashes of a ticket that says one thing, which an approval covers."""
    return TicketHashes(rendered=digest, approved=digest)


def after(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def a_file(name: str = "Bundles.csv", **changes: Any) -> SourceFile:
    file = SourceFile(
        name=name,
        file_name=name.partition(":")[0],
        sheet=EntityKind.BUNDLE,
        row_count=3,
        sha256=SHA,
        size_bytes=120,
        encoding="utf-8",
        delimiter=",",
    )
    return replace(file, **changes)


def a_finding(
    severity: Severity = Severity.WARNING, *, line: int | None = 4, **changes: Any
) -> Finding:
    finding = Finding(
        severity=severity,
        code="blank_status",
        file="Bundles.csv",
        line=line,
        record=line,
        column="X",
        value="ü – “quoted”",
        message="The status is blank.",
        advice="Fill it in.",
    )
    return replace(finding, **changes)


def an_error(error_id: int = 1, **changes: Any) -> StoredError:
    """Return an error of the first run of a session's export."""
    error = StoredError(
        error_id=error_id,
        session_key="site",
        at=START,
        code="jira_unavailable",
        category="temporary",
        stage="jira_export",
        message="It failed.",
        recovery_actions=(),
        run_id="run-1",
        ticket_id=None,
        file=None,
        line=None,
    )
    return replace(error, **changes)


def a_session(session_key: str = "site", **changes: Any) -> UploadSession:
    """A session whose tickets wait for a review."""
    session = UploadSession(
        session_key=session_key,
        content_sha256=SHA,
        upload_path=f"{session_key}/one",
        manifest=SessionManifest(),
        stage=SessionStage.REVIEW,
        status=SessionStatus.WAITING,
        created_at=START,
        updated_at=START,
    )
    return replace(session, **changes)


def an_upload(session_key: str = "site", **changes: Any) -> UploadRecord:
    upload = UploadRecord(
        session_key=session_key,
        content_sha256=SHA,
        upload_path=f"{session_key}/{SHA}",
        manifest=SessionManifest(
            site_name="Käsekuchen",
            people={"ab": "ab@example.org"},
            defaults=IssueDefaults(labels=("one", "two")),
        ),
        files=(a_file("Fields.csv"), a_file()),
        findings=(a_finding(), a_finding(Severity.ERROR, line=9)),
    )
    return replace(upload, **changes)


def a_draft(of: int = 1, **changes: Any) -> TicketDraft:
    draft = TicketDraft(
        ticket_id=f"t{of:02}",
        number=of,
        group_key=f"bundle:Content type/b{of}",
        display_group=DisplayGroup.CONTENT,
        action=GroupAction.CREATE,
        title=f"Create content type {of}",
        prose=a_prose(),
        depends_on=(),
        relates_to=(),
        source_lines=(SourceLines(file="Bundles.csv", lines=(2, 3)),),
        assignee=None,
        sprint=None,
        priority="High",
        labels=("drupal",),
        parent=None,
    )
    return replace(draft, **changes)


def a_ticket(of: int = 1, prose: TicketProse | None = None, **changes: Any) -> Ticket:
    """Return a ticket with its first revision, which waits for no other one and has no field set."""
    draft, prose = a_draft(of), prose or a_prose()
    title = changes.pop("title", draft.title)
    revision = Revision(
        number=1,
        origin=RevisionOrigin.GENERATED,
        title=title,
        parts=prose.parts,
        questions=prose.questions,
        assumptions=prose.assumptions,
        estimated_hours=prose.estimated_hours,
        writer=prose.writer,
        author="a test",
        created_at=START,
        content_hash=content_hash_of(
            title=title, parts=prose.parts, estimated_hours=prose.estimated_hours
        ),
        changes=prose.changes,
    )
    given: dict[str, Any] = dict.fromkeys(ISSUE_FIELDS) | {
        "ticket_id": draft.ticket_id,
        "session_key": "site",
        "number": of,
        "group_key": draft.group_key,
        "display_group": draft.display_group,
        "action": draft.action,
        **dict.fromkeys(("depends_on", "relates_to", "source_lines", "labels"), ()),
    }
    return Ticket(revision=revision, **(given | changes))


def a_listed_ticket(**changes: Any) -> ListedTicket:
    ticket = a_ticket()
    given: dict[str, Any] = {name: getattr(ticket, name, None) for name in ListedTicket._fields}
    given |= {"revision_number": 1, "unanswered_count": 0, "estimated_hours": "2-6"}
    given |= {"is_source_changed": False, "is_fallback": False, **changes}
    return ListedTicket(**given)


def a_prose(analysis: str = "<p>It holds people.</p>") -> TicketProse:
    return TicketProse(
        parts=ProseParts(
            user_story="<p>As an editor …</p>",
            analysis=analysis,
            questions="<p>Which?</p>",
            verification="<ul><li>It exists.</li></ul>",
        ),
        questions=(
            OpenQuestion(
                file="Bundles.csv",
                line=2,
                column="Description",
                quote="tbd",
                question="What is it for?",
                subjects=("bio",),
            ),
        ),
        estimated_hours="2-6",
        writer="template/1",
    )


def edit(
    store: Store,
    title: str | None = None,
    *,
    session_key: str = "site",
    number: int = 1,
    parts: Mapping[str, str] = {},
    **more: Any,
) -> Revision:
    """Give a ticket another title or text, ten minutes after it was written if nothing else is said."""
    ticket = store.tickets.get(session_key, number)
    asked = {"expected_revision": ticket.revision.number, "by": "cd", "at": after(10), **more}
    changed = replace(ticket.revision.parts, **parts)
    return store.reviews.edit(
        session_key, ticket.ticket_id, title=title or ticket.title, parts=changed, **asked
    )


def a_validation(at: datetime = START, *, is_passed: bool = True) -> Validation:
    result = TicketValidation(
        ticket_id="t01",
        title="Create content type 1",
        is_passed=is_passed,
        rendered_hash=SHA,
        adf_size_bytes=900,
        character_reduction=0,
        error_message="" if is_passed else "/content/0: unknown node",
        suggested_fix="" if is_passed else "Take it out.",
        is_attachment_checked=True,
        attachment_status="ok",
    )
    other = replace(result, ticket_id="t00", is_passed=True, error_message="", suggested_fix="")
    return Validation(session_key="site", at=at, results=(result, other))


def a_target(target_id: str = "https://example.org/10000", **changes: Any) -> Target:
    target = Target(
        target_id=target_id,
        site_id="https://example.org",
        base_url="https://example.org",
        project_id="10000",
        project_key="SITE",
        is_sandbox=True,
    )
    return replace(target, **changes)


def an_entry(event: LedgerEvent = LedgerEvent.INTENT, **changes: Any) -> LedgerEntry:
    entry = LedgerEntry(
        sequence=0,
        at=START,
        target_id=a_target().target_id,
        session_key="site",
        ticket_id="t01",
        subject=LedgerSubject.ISSUE,
        event=event,
        identity="c0ffee",
        attempt=1,
        low_bound=7 if event is LedgerEvent.INTENT else None,
        remote_id="10007" if event is LedgerEvent.RECEIPT else None,
        remote_key="SITE-8" if event is LedgerEvent.RECEIPT else None,
    )
    return replace(entry, **changes)


def a_fix(**changes: Any) -> ManualFix:
    fix = ManualFix(
        fix_type=FixType.ASSIGNEE_INVALID,
        session_key="site",
        target_id=a_target().target_id,
        ticket_id="t01",
        subject="assignee",
        title="Create content type 1",
        original_value="ab@example.org",
        recommended_action="Assign it to somebody of the project.",
        jira_key="SITE-8",
        jira_url="https://example.org/browse/SITE-8",
        state=FixState.OPEN,
        created_at=START,
    )
    return replace(fix, **changes)


STEP = MeasuredStep(
    session_key="site",
    target_id=a_target().target_id,
    step="create_issues",
    run_id="r1",
    started_at=START,
    seconds=1.5,
    done_count=3,
    requests={"POST /rest/api/3/issue": 3},
)
