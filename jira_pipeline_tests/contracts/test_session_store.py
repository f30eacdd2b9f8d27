"""What every SessionStore does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

import pytest
from sqlalchemy import text, update

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.errors import NotFoundError, SessionLockedError, StoreError
from jira_pipeline.model.findings import sorted_findings
from jira_pipeline.model.sessions import (
    AsNew,
    Beside,
    SessionManifest,
    SessionStage,
    SessionStatus,
    TicketProgress,
)
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.model.ticket_validations import Validation
from jira_pipeline.store import tables
from jira_pipeline.store.session_store import SessionStore
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.stored_values import (
    SHA,
    START,
    a_draft,
    a_file,
    a_finding,
    a_fix,
    a_target,
    after,
    an_entry,
    an_upload,
    hashes_of,
)

pytestmark = pytest.mark.usefixtures("session")
HALF = TicketProgress(
    ticket_id="site-abc",
    ticket_title="Configure “Über” 🚀",
    done=5,
    failed=1,
    total=10,
    remaining_seconds=2.5,
)


def _start_export(sessions: SessionStore, *, at: datetime, run_id: str | None = None) -> None:
    sessions.set_stage(
        "site", stage=SessionStage.JIRA_EXPORT, status=SessionStatus.RUNNING, at=at, run_id=run_id
    )


def test_a_registered_session_is_returned_as_it_was_given(store: Store) -> None:
    registered = store.sessions.register(an_upload("new"), at=START, actor="ab")

    assert registered == store.sessions.get("new") == store.sessions.find("new")
    assert an_upload().manifest == registered.manifest
    assert (SHA, f"new/{SHA}") == (registered.content_sha256, registered.upload_path)
    assert (registered.stage, registered.status) == (SessionStage.UPLOAD, SessionStatus.IDLE)
    assert (registered.created_at, registered.updated_at) == (START, START)
    assert registered.last_invalidated_at is None
    assert registered.last_validated_at is None


def test_a_session_says_what_its_files_are_called(store: Store) -> None:
    packages = (replace(a_file("cases.zip"), sheet=EntityKind.COMPONENT),)

    first = store.sessions.register(an_upload(files=packages), at=START, actor="ab")
    store.sessions.register(an_upload("other"), at=START, actor="ab")
    words = {one.session_key: one.source_word for one in store.sessions.list_all()}
    again = store.sessions.register(an_upload(content_sha256="b" * 64), at=START, actor="ab")

    assert first.source_word is SourceWord.PACKAGES
    assert words == {"site": SourceWord.PACKAGES, "other": SourceWord.SHEETS}
    assert again.source_word is SourceWord.SHEETS


def test_files_and_findings_come_back_in_their_order_whatever_order_they_were_given_in(
    store: Store,
) -> None:
    other = replace(a_finding(line=7), code="another")
    upload = an_upload(
        files=(a_file("b.csv"), a_file("a.csv")), findings=(*an_upload().findings[::-1], other)
    )

    store.sessions.register(upload, at=START, actor="ab")

    assert (a_file("a.csv"), a_file("b.csv")) == store.sessions.files("site")
    assert sorted_findings(upload.findings) == store.sessions.findings("site")
    assert store.sessions.findings("site", code="another") == (other,)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.sessions.record_reading("x", files=(), findings=()),
        lambda s: s.sessions.set_stage(
            "x", stage=SessionStage.REVIEW, status=SessionStatus.IDLE, at=START
        ),
        lambda s: s.sessions.set_progress("x", percentage=1, text="", at=START),
        lambda s: s.sessions.mark_generated("x", from_sha256=SHA, at=START),
        lambda s: s.sessions.request_cancel("x", at=START, by="ab"),
        lambda s: s.sessions.is_cancel_requested("x"),
        lambda s: s.tickets.save_generated("x", [a_draft()], at=START),
        lambda s: s.manual_fixes.record(a_fix(session_key="x")),
        lambda s: s.validations.record(Validation(session_key="x", at=START, results=())),
    ],
    ids=[
        *("record_reading", "set_stage", "set_progress", "mark_generated", "request_cancel"),
        *("is_cancel_requested", "tickets", "a manual fix", "a validation"),
    ],
)
def test_changing_an_unknown_session_is_refused_and_leaves_no_audit_entry(
    store: Store, change: Callable[[Store], object]
) -> None:
    with pytest.raises(NotFoundError, match="'x'"):
        change(store)

    assert store.audit.entries("x") == ()


def test_sessions_are_listed_newest_first_and_named_where_another_is_asked_for(
    store: Store,
) -> None:
    for minute, key in enumerate(["a", "c", "b"], start=1):
        store.sessions.register(an_upload(key), at=after(minute), actor="ab")

    with pytest.raises(NotFoundError, match=r"'three'.*b, c, a, site") as caught:
        store.sessions.get("three")

    assert caught.value.recovery_actions
    assert store.sessions.find("three") is None
    assert [session.session_key for session in store.sessions.list_all()] == ["b", "c", "a", "site"]


def test_replacing_an_upload_invalidates_and_leaves_marks_bound_to_what_they_marked(
    store: Store,
) -> None:
    store.tickets.save_generated("site", [a_draft(1), a_draft(2)], at=START)
    store.tickets.mark_ready(
        "site", {"t01": hashes_of(SHA), "t02": hashes_of(SHA)}, by="ab", at=START
    )
    changed = an_upload(
        content_sha256="b" * 64, manifest=SessionManifest(), files=(a_file(),), findings=()
    )

    replaced = store.sessions.register(changed, at=after(5), actor="ab")

    assert (START, after(5)) == (replaced.created_at, replaced.last_invalidated_at)
    assert ("b" * 64, SessionManifest()) == (replaced.content_sha256, replaced.manifest)
    assert (a_file(),) == store.sessions.files("site")
    assert store.sessions.findings("site") == ()
    assert [ticket.ready_hash for ticket in store.tickets.list_all("site")] == [SHA, SHA]


def test_other_sheets_of_a_session_that_is_being_exported_are_refused(store: Store) -> None:
    """Whoever uploads looked before the export began; the store looks under its lock."""
    _start_export(store.sessions, at=after(1))
    before = store.sessions.get("site")

    with pytest.raises(SessionLockedError, match="Session site is being exported"):
        store.sessions.register(an_upload(content_sha256="b" * 64), at=after(2), actor="ab")

    assert before == store.sessions.get("site")


def test_other_sheets_of_a_session_that_was_exported_replace_its_upload(store: Store) -> None:
    store.ledger.record_target(a_target(), at=START)
    store.ledger.append(an_entry())

    replaced = store.sessions.register(an_upload(content_sha256="b" * 64), at=after(1), actor="ab")

    assert replaced.content_sha256 == "b" * 64


def test_a_stage_without_run_id_keeps_the_last_run_id(store: Store) -> None:
    _start_export(store.sessions, at=after(1), run_id="run-1")
    _start_export(store.sessions, at=after(2))

    session = store.sessions.get("site")
    assert ("run-1", after(2)) == (session.run_id, session.updated_at)
    assert (session.stage, session.status) == (SessionStage.JIRA_EXPORT, SessionStatus.RUNNING)


@pytest.mark.parametrize(
    ("stage", "is_undone", "expected"),
    [
        (SessionStage.PROCESSING, False, 7),
        (SessionStage.REVIEW, False, 7),
        (SessionStage.REVIEW, True, None),
        (SessionStage.JIRA_EXPORT, False, None),
        (SessionStage.COMPLETED, False, None),
    ],
)
def test_the_ticket_an_export_failed_at_is_kept_until_the_export_goes_on_or_is_over(
    store: Store, stage: SessionStage, *, is_undone: bool, expected: int | None
) -> None:
    """A validation forgot it while half of the issues existed."""
    store.sessions.set_stage(
        "site",
        stage=SessionStage.JIRA_EXPORT,
        status=SessionStatus.FAILED,
        at=after(1),
        failed_at_ticket_number=7,
    )
    failed = store.sessions.get("site")

    store.sessions.set_stage(
        "site", stage=stage, status=SessionStatus.WAITING, at=after(2), is_undone=is_undone
    )

    assert failed.failed_at_ticket_number == 7
    assert store.sessions.get("site").failed_at_ticket_number == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (SessionStatus.WAITING, "Next attempt at 16:46:34"),
        (SessionStatus.RUNNING, ""),
        (SessionStatus.FAILED, ""),
        (SessionStatus.CANCELLED, ""),
    ],
)
def test_what_a_session_waited_for_is_said_as_long_as_it_waits(
    store: Store, status: SessionStatus, expected: str
) -> None:
    """A failed session said for ever when the next attempt would be."""
    store.sessions.set_stage(
        "site", stage=SessionStage.JIRA_EXPORT, status=SessionStatus.WAITING, at=after(1)
    )
    text = "Next attempt at 16:46:34"
    store.sessions.set_progress("site", percentage=25.0, text=text, at=after(1))

    store.sessions.set_stage("site", stage=SessionStage.JIRA_EXPORT, status=status, at=after(2))

    session = store.sessions.get("site")
    assert (session.progress_text, session.progress_percentage) == (expected, 25.0)


def test_progress_never_goes_backwards_within_a_stage(store: Store) -> None:
    _start_export(store.sessions, at=START)
    store.sessions.set_progress("site", percentage=60.5, text="6 of 10", at=after(1))

    _start_export(store.sessions, at=after(2), run_id="again")
    store.sessions.set_progress("site", percentage=10, text="1 of 10", at=after(3))

    session = store.sessions.get("site")
    assert (session.progress_percentage, session.progress_text) == (60.5, "1 of 10")


def test_another_stage_starts_at_nothing_and_the_last_one_is_complete(store: Store) -> None:
    store.sessions.set_progress("site", percentage=50, text="half", at=START, details=HALF)
    details = store.sessions.get("site").progress_details

    _start_export(store.sessions, at=START)
    started = store.sessions.get("site")
    store.sessions.set_stage(
        "site", stage=SessionStage.COMPLETED, status=SessionStatus.COMPLETED, at=START
    )

    assert (details, started.progress_details) == (HALF, None)
    assert (started.progress_percentage, started.progress_text) == (0.0, "")
    assert store.sessions.get("site").progress_percentage == 100.0


@pytest.mark.parametrize(
    ("status", "expected"), [(SessionStatus.WAITING, 100.0), (SessionStatus.RUNNING, 0.0)]
)
def test_in_the_review_all_is_written_unless_something_is_at_work(
    store: Store, status: SessionStatus, expected: float
) -> None:
    """A session that waited for its review read 0 %."""
    store.sessions.set_stage("site", stage=SessionStage.REVIEW, status=status, at=START)

    assert store.sessions.get("site").progress_percentage == expected


@pytest.mark.parametrize("percentage", [-0.1, 100.1, float("nan")])
def test_what_is_no_percentage_is_refused(store: Store, percentage: float) -> None:
    with pytest.raises(ValueError, match="is not a percentage"):
        store.sessions.set_progress("site", percentage=percentage, text="", at=START)


def test_the_writer_of_a_session_is_chosen_and_audited_once(store: Store) -> None:
    for minute in (1, 2):
        store.sessions.choose_writer("site", "openai:small", by="cd", at=after(minute))

    chosen = [e for e in store.audit.entries("site") if e.action == "writer_chosen"]
    assert store.sessions.get("site").writer == "openai:small"
    assert [(e.actor, e.details) for e in chosen] == [("cd", {"from": None, "to": "openai:small"})]


def test_answers_about_issues_that_are_there_add_up_and_are_audited_once(store: Store) -> None:
    answer = partial(store.sessions.answer_as_new, "site", by="cd")
    of_another = AsNew(target_id="one/1", session_key="a")
    of_copies = AsNew(target_id="one/1", session_key="site", beside=Beside.COPIES)
    elsewhere = replace(of_another, target_id="two/1")

    answer([of_another, of_copies], at=after(1))
    answer([of_another], at=after(2))
    answer([elsewhere], at=after(3))
    answer([], at=after(4))

    session = store.sessions.get("site")
    entries = [e for e in store.audit.entries("site") if e.action == "as_new_answered"]
    assert session.as_new == (of_another, of_copies, elsewhere)
    assert [(e.actor, e.details) for e in entries] == [
        ("cd", {"target_id": "one/1", "sessions": ["a", "site"], "beside": ["session", "copies"]}),
        ("cd", {"target_id": "two/1", "sessions": ["a"], "beside": ["session"]}),
    ]


@pytest.mark.parametrize(
    ("named_before", "named_now", "expected"),
    [
        pytest.param(None, None, "openai:small", id="no manifest names one"),
        pytest.param("template", "template", "openai:small", id="both name the same"),
        pytest.param("template", "openai:large", None, id="another one is named"),
        pytest.param("template", None, None, id="none is named any more"),
    ],
)
def test_an_upload_leaves_the_writer_unless_its_manifest_names_another_one(
    store: Store, named_before: str | None, named_now: str | None, expected: str | None
) -> None:
    before = an_upload(manifest=SessionManifest(writer=named_before))
    store.sessions.register(before, at=START, actor="ab")
    store.sessions.choose_writer("site", "openai:small", by="ab", at=after(1))

    now = an_upload(manifest=SessionManifest(writer=named_now), content_sha256="b" * 64)
    session = store.sessions.register(now, at=after(2), actor="ab")

    assert session.writer == expected


@pytest.mark.parametrize(
    ("named", "next_run", "is_asked_at_once", "is_asked_then"),
    [
        pytest.param(None, "run-1", True, True, id="the run at work"),
        # One that was killed before it saw the request must not stop the one that resumes.
        pytest.param(None, "run-2", True, False, id="no later run"),
        pytest.param("run-2", "run-2", False, True, id="a run that is about to begin"),
    ],
)
def test_a_request_to_cancel_reaches_the_run_it_is_meant_for(
    store: Store, named: str | None, next_run: str, *, is_asked_at_once: bool, is_asked_then: bool
) -> None:
    _start_export(store.sessions, at=START, run_id="run-1")
    before = store.sessions.is_cancel_requested("site")

    store.sessions.request_cancel("site", at=after(1), by="cd", run_id=named)
    at_once = store.sessions.is_cancel_requested("site")
    _start_export(store.sessions, at=after(2), run_id=next_run)

    assert (before, at_once) == (False, is_asked_at_once)
    assert store.sessions.is_cancel_requested("site") == is_asked_then


@pytest.mark.parametrize(
    "status",
    [SessionStatus.IDLE, SessionStatus.FAILED, SessionStatus.CANCELLED, SessionStatus.COMPLETED],
)
def test_a_request_to_cancel_is_settled_when_the_work_ends(
    store: Store, status: SessionStatus
) -> None:
    store.sessions.request_cancel("site", at=START, by="cd")

    store.sessions.set_stage("site", stage=SessionStage.JIRA_EXPORT, status=status, at=after(1))

    assert not store.sessions.is_cancel_requested("site")


def test_every_change_of_state_is_audited_once(store: Store) -> None:
    store.sessions.register(an_upload(content_sha256="b" * 64), at=after(1), actor="cd")
    _start_export(store.sessions, at=after(2), run_id="run-1")
    store.sessions.set_progress("site", percentage=1, text="", at=after(3))
    store.sessions.mark_generated("site", from_sha256=SHA, at=after(4))
    store.sessions.request_cancel("site", at=after(6), by="ef")

    audited = [(entry.action, entry.actor, entry.at) for entry in store.audit.entries("site")]

    assert [
        ("session_registered", "ab", START),
        ("upload_replaced", "cd", after(1)),
        ("stage_set", "pipeline", after(2)),
        ("generation_marked", "pipeline", after(4)),
        ("cancel_requested", "ef", after(6)),
    ] == audited


def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        store.sessions.register(an_upload("new"), at=START.replace(tzinfo=None), actor="ab")

    assert store.sessions.find("new") is None


def test_a_cell_that_holds_something_else_is_of_a_damaged_store(store: Store) -> None:
    with store.database.writing() as connection:
        connection.execute(text("UPDATE sessions SET stage = 'begun'"))

    with pytest.raises(StoreError, match="holds a SessionStage cannot be read"):
        store.sessions.list_all()


def test_a_member_of_no_closed_set_is_not_written(store: Store) -> None:
    with (
        pytest.raises(ValueError, match="'begun' is not a valid SessionStage"),
        store.database.writing() as connection,
    ):
        connection.execute(update(tables.sessions).values(stage="begun"))
