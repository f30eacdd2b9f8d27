"""What keeps a session from the clock, and how it goes: gathered from a session that was exported."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.retention import Announced, Due, Removal, Rests, Stays, ToBeAnnounced
from jira_pipeline.export.exporting import compare_with_jira
from jira_pipeline.export.manual_fixes import finish_fixes
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.open_questions import ProposedAnswer
from jira_pipeline.model.runs import PIPELINE, RETENTION, UPLOAD_SENSOR
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline.model.tickets import question_id_of
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.sessions.accounts import make_link
from jira_pipeline.sessions.listing import known_targets, list_sessions
from jira_pipeline.sessions.retention import (
    RetentionLook,
    explain_retention,
    look_at_sessions,
    removal_of,
)
from jira_pipeline.sessions.status import status
from jira_pipeline.sessions.upload import remove_session
from jira_pipeline_tests import projects
from jira_pipeline_tests.clocks import MovableClock
from jira_pipeline_tests.tables import each

KEY = projects.SESSION
KEEP_DAYS = 30.0


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def pipeline(
    small_exported_project: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    clock: MovableClock,
) -> Iterator[Pipeline]:
    """A session that is exported, all of whose issues people have done, with RETENTION_DAYS=30."""
    project = projects.adopt(small_exported_project, tmp_path / "project", monkeypatch)
    monkeypatch.setenv("RETENTION_DAYS", str(KEEP_DAYS))
    with projects.opened(project) as opened:
        made = replace(opened, clock=clock)
        session = open_session(made, KEY)
        open_fixes = [fix.fix_id for fix in made.store.manual_fixes.list_all(KEY)]
        finish_fixes(session, open_fixes, by="ab")
        set_status(made, "Done")
        yield made


def set_status(pipeline: Pipeline, name: str, *, only: str = "") -> None:
    """Move all issues, or one, as people do on their board, and have Jira looked at."""
    status_ids = {"To Do": "10000", "Done": "10001"}
    with closing(sqlite3.connect(pipeline.settings.sandbox_path)) as sandbox, sandbox:
        sandbox.execute(
            "UPDATE issue SET status_id = ? WHERE key = ? OR ? = ''",
            (status_ids[name], only, only),
        )
    compare_with_jira(open_session(pipeline, KEY))


def look(pipeline: Pipeline) -> RetentionLook:
    def remove(key: str, last_entry: int) -> bool:
        return remove_session(pipeline, key, remove_partition=lambda _: None, last_entry=last_entry)

    return look_at_sessions(pipeline, targets=known_targets(pipeline), remove=remove)


def removal(pipeline: Pipeline) -> Removal:
    return removal_of(open_session(pipeline, KEY))


def test_a_session_with_nothing_open_is_announced_on_day_n_and_gone_on_day_n_plus_7(
    pipeline: Pipeline, clock: MovableClock
) -> None:
    nights = dict[int, RetentionLook]()
    clock.ahead += timedelta(hours=1)
    for day in range(40):
        if pipeline.store.sessions.find(KEY) is not None:
            nights[day] = look(pipeline)
        clock.ahead += timedelta(days=1)

    announced_on = [day for day, night in nights.items() if night.announced]
    removed_on = [day for day, night in nights.items() if night.removed]
    assert (announced_on, removed_on) == ([23], [30])
    assert pipeline.store.sessions.find(KEY) is None


def test_an_announced_removal_is_on_its_page_in_lists_and_in_programs_answers(
    pipeline: Pipeline, clock: MovableClock
) -> None:
    clock.ahead += timedelta(days=23)
    look(pipeline)
    removed_on = (clock.now() + timedelta(days=7)).date()

    report = status(open_session(pipeline, KEY))
    (listed,) = list_sessions(pipeline)

    assert report.removal == listed.removal == Announced(removed_on)
    assert listed.removal_text == f"will be removed on {removed_on}, unless someone acts"


def _propose(session: OpenSession) -> None:
    """A client answers by a link that was made long ago."""
    (link,) = session.store.client_links.of_session(KEY)
    asked = next(ticket for ticket in session.tickets if ticket.revision.questions)
    answer = ProposedAnswer(
        ticket_id=asked.ticket_id,
        question_id=question_id_of(asked.revision.questions[0]),
        secret_sha256=link.secret_sha256,
        text="As in the old museum",
        at=session.clock.now(),
        given_by="pipeline",
    )
    assert session.store.client_links.propose(link, [answer], at=session.clock.now())


def _link(session: OpenSession, *, days: int = 2) -> None:
    make_link(session, base="http://here", days=days, by="ab", made_for="pipeline")


def _comment(session: OpenSession) -> None:
    session.store.comments.add(
        KEY, session.tickets[0].ticket_id, text="Look again", by="pipeline", at=session.clock.now()
    )


ACTS: dict[str, Callable[[OpenSession], object]] = {
    "proposal": _propose,
    "client link": _link,
    "comment": _comment,
    "change request": lambda session: decide(
        session, "request-changes", {"numbers": [1], "reason": "Not so"}, by="ab"
    ),
    "skip": lambda session: session.store.tickets.exclude(
        KEY, [session.tickets[0].ticket_id], Skipped, reason="No", by="ab", at=session.clock.now()
    ),
    "ready mark taken away": lambda session: decide(session, "unready", {"numbers": [1]}, by="ab"),
    "edit": lambda session: projects.rename_ticket(
        session.pipeline, KEY, 1, "Another title", at=session.clock.now()
    ),
    "labels": lambda session: decide(session, "assign", {"numbers": [1], "labels": ["a"]}, by="ab"),
    "manual fix": lambda session: session.note(AuditAction.FIX_STATE_SET, by="ab"),
    "session looked at": lambda session: session.note(AuditAction.TICKETS_SEEN, by="ab"),
}


@pytest.mark.parametrize("act", list(ACTS))
def test_an_act_of_a_person_or_client_after_the_notice_keeps_the_session(
    pipeline: Pipeline, clock: MovableClock, act: str
) -> None:
    """Seven of nine acts did not move the time that was looked at, and the session went that night."""
    _link(open_session(pipeline, KEY), days=20)
    clock.ahead += timedelta(days=23)
    announced = look(pipeline).announced
    clock.ahead += timedelta(days=6, hours=23)

    ACTS[act](open_session(pipeline, KEY))
    clock.ahead += timedelta(hours=1)
    night = look(pipeline)

    assert announced == (KEY,)
    assert (night.removed, night.busy) == ((), ())
    assert isinstance(night.removals[KEY], Stays | Rests)
    assert pipeline.store.sessions.find(KEY) is not None


@each(
    ("actor", "action"),
    [
        (PIPELINE, AuditAction.STAGE_SET),
        (PIPELINE, AuditAction.VALIDATION_RECORDED),
        ("run 5d0c", AuditAction.EXPORT_STARTED),
        ("run 5d0c on host, process 7", AuditAction.FIX_STATE_SET),
        (UPLOAD_SENSOR, AuditAction.UPLOAD_REPLACED),
        ("export_schedule", AuditAction.EXPORT_STARTED),
        (RETENTION, AuditAction.REMOVAL_ANNOUNCED),
    ],
)
def test_acts_of_runs_sensors_and_schedules_do_not_count(
    pipeline: Pipeline, clock: MovableClock, actor: str, action: AuditAction
) -> None:
    clock.ahead = timedelta(days=22)
    before = removal(pipeline)

    open_session(pipeline, KEY).note(action, by=actor)

    assert removal(pipeline) == before
    assert isinstance(before, Rests)


def _reopen_fixes(pipeline: Pipeline) -> None:
    with closing(sqlite3.connect(pipeline.settings.home_path / "store.sqlite")) as store, store:
        (target,) = store.execute("SELECT target_id FROM targets").fetchone()
        (ticket,) = store.execute("SELECT ticket_id FROM tickets LIMIT 1").fetchone()
        store.execute(
            "INSERT INTO manual_fixes (target_id, session_key, ticket_id, fix_type, jira_key, title,"
            " original_value, recommended_action, jira_url, subject, state, created_at)"
            " VALUES (?, ?, ?, 'field_rejected', 'UHR-1', 't', '', 'Do it', '', 's', 'open', ?)",
            (target, KEY, ticket, pipeline.clock.now().isoformat()),
        )


OPENED: dict[str, Callable[[Pipeline], object]] = {
    "unread_answers": lambda pipeline: _propose(open_session(pipeline, KEY)),
    "client_links": lambda pipeline: _link(open_session(pipeline, KEY), days=365),
    "requested_changes": lambda pipeline: ACTS["change request"](open_session(pipeline, KEY)),
    "manual_fixes": _reopen_fixes,
    "issues_not_done": lambda pipeline: set_status(pipeline, "To Do", only="UHR-1"),
}


@pytest.mark.parametrize("matter", list(OPENED))
def test_what_is_open_keeps_the_session_and_is_named(
    pipeline: Pipeline, clock: MovableClock, matter: str
) -> None:
    _link(open_session(pipeline, KEY), days=2)
    OPENED[matter](pipeline)
    clock.ahead += timedelta(days=200)

    found = removal(pipeline)

    assert isinstance(found, Stays)
    assert [reason.matter.value for reason in found.reasons] == [matter]


def test_issues_that_nobody_looked_at_count_as_not_done(
    pipeline: Pipeline, clock: MovableClock
) -> None:
    with closing(sqlite3.connect(pipeline.settings.home_path / "store.sqlite")) as store, store:
        store.execute("DELETE FROM comparisons")
    clock.ahead += timedelta(days=200)

    found = removal(pipeline)

    assert isinstance(found, Stays)
    assert [reason.count for reason in found.reasons] == [len(open_session(pipeline, KEY).tickets)]


def test_a_removal_is_called_off_where_something_opened_and_announced_again(
    pipeline: Pipeline, clock: MovableClock
) -> None:
    """An issue that is opened again in Jira is no act here, and the notice counted for months."""
    clock.ahead += timedelta(days=23)
    look(pipeline)
    set_status(pipeline, "To Do", only="UHR-1")
    clock.ahead += timedelta(days=1)
    look(pipeline)
    set_status(pipeline, "Done")
    clock.ahead += timedelta(days=30)

    before = removal(pipeline)
    night = look(pipeline)

    assert before == ToBeAnnounced()
    assert (night.announced, night.removed) == ((KEY,), ())
    clock.ahead += timedelta(days=7)
    assert removal(pipeline) == Due()


def test_what_is_done_while_a_session_is_removed_keeps_it(
    pipeline: Pipeline, clock: MovableClock
) -> None:
    clock.ahead += timedelta(days=23)
    look(pipeline)
    clock.ahead += timedelta(days=7)
    _link(open_session(pipeline, KEY), days=2)
    last_entry = pipeline.store.audit.newest(KEY) - 1

    is_removed = pipeline.store.sessions.remove(
        KEY, at=clock.now(), by=RETENTION, last_entry=last_entry
    )

    assert not is_removed
    assert pipeline.store.sessions.find(KEY) is not None


def test_nothing_goes_where_the_setting_is_absent(pipeline: Pipeline, clock: MovableClock) -> None:
    """It was on by default: what a client sent by a valid link was deleted the same night."""
    settings = pipeline.settings.model_copy(update={"retention_days": None})
    unlimited = replace(pipeline, settings=settings)
    clock.ahead += timedelta(days=10_000)

    nights = [look(unlimited) for _ in range(2)]

    assert [night.announced + night.removed for night in nights] == [(), ()]
    assert pipeline.store.sessions.find(KEY) is not None


def test_whoever_set_it_is_told_once_what_it_means_now(pipeline: Pipeline) -> None:
    settings = pipeline.settings.model_copy(update={"retention_days": None})

    unset = explain_retention(replace(pipeline, settings=settings))
    texts = [explain_retention(pipeline) for _ in range(2)]

    assert unset == ""
    assert "last act of a person or a client" in texts[0]
    assert texts[1] == ""
