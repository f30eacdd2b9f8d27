"""What is next in a session: one step for every situation that can occur, which leads on."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

from jira_pipeline.context.states import Situation, Step, next_step
from jira_pipeline.model.actions import Action, ActionKind, as_actions, command_of, line_of
from jira_pipeline.model.open_questions import QuestionsLeft
from jira_pipeline.model.same_specifications import SameSpecification
from jira_pipeline.model.sessions import SessionStage, SessionStatus
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline_tests.contracts import stored_values
from jira_pipeline_tests.contracts.stored_values import SHA, START, a_session
from jira_pipeline_tests.tables import each

SESSION = a_session(generated_at=START, generated_from_sha256=SHA, last_validated_at=START)
_OF_SESSION = {"stage", "status", "run_id", "generated_at", "generated_from_sha256", "source_word"}
UPLOADED: dict[str, Any] = {
    "stage": SessionStage.UPLOAD,
    "status": SessionStatus.IDLE,
    "generated_at": None,
    "generated_from_sha256": None,
    "is_validated": False,
    "ticket_count": 0,
}
CHANGED: dict[str, Any] = {"generated_from_sha256": "b" * 64}
WRITING: dict[str, Any] = {"stage": SessionStage.PROCESSING}
EXPORTING: dict[str, Any] = {"stage": SessionStage.JIRA_EXPORT, "ready_count": 3}
COMPLETED: dict[str, Any] = {
    "stage": SessionStage.COMPLETED,
    "status": SessionStatus.COMPLETED,
    "ready_count": 3,
    "exported_count": 3,
}
RUNNING: dict[str, Any] = {"status": SessionStatus.RUNNING, "run_id": "run-1"}
FAILED: dict[str, Any] = {"status": SessionStatus.FAILED}
STOPPED: dict[str, Any] = {"status": SessionStatus.CANCELLED}
READY: dict[str, Any] = {"ready_count": 3}
QUEUED: dict[str, Any] = {"is_export_awaited": True}
REPEATED = (
    SameSpecification(
        session_key="old", ticket_count=3, shared_count=2, issue_keys=("UHR-1", "UHR-2")
    ),
)
RESUME = Action.of(ActionKind.RESUME, "Run {}.", session_key="site")
REFUSED = "The requested export is waiting and will be refused: "


def an_error(code: str, *actions: Action | str) -> dict[str, Any]:
    error = stored_values.an_error(
        at=START + timedelta(minutes=1),
        code=code,
        category="user_fixable",
        stage="review",
        recovery_actions=as_actions(actions),
    )
    return {"error": error}


def at(**changes: Any) -> Situation:
    """A session with three tickets, written and validated, in the review."""
    of_session = {name: changes.pop(name) for name in tuple(changes) if name in _OF_SESSION}
    return Situation(session=replace(SESSION, **of_session), **{"ticket_count": 3, **changes})


CASES: dict[str, tuple[dict[str, Any], Step]] = {
    "uploaded": (UPLOADED, Step.WRITE),
    "other sheets": (CHANGED, Step.WRITE),
    "other sheets, all ready": (CHANGED | READY, Step.WRITE),
    "other sheets, edited too": (CHANGED | {"is_stale": True}, Step.WRITE),
    "other sheets, failed ones too": (CHANGED | {"failed_count": 1}, Step.WRITE),
    "other sheets of a completed session": (COMPLETED | CHANGED, Step.WRITE),
    "writing": (WRITING | RUNNING, Step.WAIT),
    "writing, somewhere": (WRITING | RUNNING | {"is_holder_unknown": True}, Step.WAIT),
    "written, about to be validated": (WRITING | {"is_validated": False}, Step.VALIDATE),
    "writing failed": (WRITING | FAILED | UPLOADED | WRITING | FAILED, Step.RESUME),
    "writing stopped": (WRITING | STOPPED, Step.RESUME),
    "writing refused for other sheets": (
        WRITING | CHANGED | an_error("not_ready", "Run it."),
        Step.WRITE,
    ),
    "no credit for the model": (
        WRITING | FAILED | an_error("writer_quota", "Add credit at the provider.", "Start again."),
        Step.RESUME,
    ),
    "the service of the model is out of reach": (
        WRITING | an_error("writer_unavailable", "Start the same job again later."),
        Step.RESUME,
    ),
    "reading died": (UPLOADED | FAILED | an_error("run_died", "Look."), Step.RESUME),
    "sheets refused": (
        UPLOADED | FAILED | an_error("sheets_refused", "Correct the cells.", "Lint."),
        Step.UPLOAD,
    ),
    "nothing to build": ({"nothing_to_do": "Nothing to build: x."}, Step.NOTHING),
    "all skipped": ({"ticket_count": 0}, Step.EXPORT),
    "never validated": ({"is_validated": False}, Step.VALIDATE),
    "edited, where a daemon validates": (
        READY | {"is_stale": True, "is_validated_again": True},
        Step.WAIT,
    ),
    "edited, and its mark is gone, whoever validates": (
        {"is_stale": True, "is_validated_again": True},
        Step.REVIEW,
    ),
    "edited": (READY | {"is_stale": True}, Step.VALIDATE),
    "edited after it was completed": (COMPLETED | {"is_stale": True}, Step.VALIDATE),
    "edited after it failed": ({"is_stale": True, "failed_count": 2}, Step.REVIEW),
    "one failed": ({"failed_count": 1}, Step.CORRECT),
    "some failed": ({"failed_count": 2}, Step.CORRECT),
    "validation died": (FAILED | {"is_stale": True} | an_error("run_died"), Step.REVIEW),
    "rows gone": (READY | {"withdrawals": 1}, Step.WITHDRAW),
    "all rows gone": (
        {"ticket_count": 0, "withdrawals": 2, "nothing_to_do": "Nothing to build."},
        Step.WITHDRAW,
    ),
    "components gone": (
        READY | {"withdrawals": 1, "source_word": SourceWord.PACKAGES},
        Step.WITHDRAW,
    ),
    "other packages": (CHANGED | {"source_word": SourceWord.PACKAGES}, Step.WRITE),
    "rows gone and edited": ({"withdrawals": 1, "is_stale": True}, Step.WITHDRAW),
    "export asked for, rows gone": (READY | QUEUED | {"withdrawals": 1}, Step.WITHDRAW),
    "the same specification": (READY | {"same_specification": REPEATED}, Step.ANSWER),
    "the same specification, to review": ({"same_specification": REPEATED}, Step.REVIEW),
    "the same specification, rows gone": (
        {"same_specification": REPEATED, "withdrawals": 1},
        Step.WITHDRAW,
    ),
    "the same specification, answered": (
        READY | {"same_specification": (replace(REPEATED[0], is_answered=True),)},
        Step.EXPORT,
    ),
    "export asked for, the same specification": (
        READY | QUEUED | {"same_specification": REPEATED},
        Step.ANSWER,
    ),
    "to review": ({}, Step.REVIEW),
    "to review, with questions": ({"questions": QuestionsLeft(count=2)}, Step.REVIEW),
    "ready, with a question": (READY | {"questions": QuestionsLeft(count=1)}, Step.EXPORT),
    "exported, with a question": (COMPLETED | {"questions": QuestionsLeft(count=1)}, Step.LOOK),
    "partly reviewed": ({"ready_count": 2}, Step.REVIEW),
    "refused for the review": (an_error("not_ready", "Read them."), Step.REVIEW),
    "approves itself": ({"approves_itself": True}, Step.EXPORT),
    "approves all but one itself": (
        {"approves_itself": True, "left_to_people_count": 1},
        Step.REVIEW,
    ),
    "exported, then edited": (
        {"exported_count": 3, "jira_changes": 1, "approves_itself": True},
        Step.CHANGE,
    ),
    "approves itself, all ready": (READY | {"approves_itself": True}, Step.EXPORT),
    "ready": (READY, Step.EXPORT),
    "a run is queued in Dagster": (READY | {"is_in_flight": True}, Step.WAIT),
    "export asked for": (READY | QUEUED, Step.WAIT),
    "export asked for, other sheets": (READY | QUEUED | CHANGED, Step.WRITE),
    "export asked for, edited": (READY | QUEUED | {"is_stale": True}, Step.VALIDATE),
    "export asked for, never validated": (QUEUED | {"is_validated": False}, Step.VALIDATE),
    "export asked for, failed ones": (READY | QUEUED | {"failed_count": 1}, Step.CORRECT),
    "export asked for, one mark missing": (QUEUED | {"ready_count": 2}, Step.REVIEW),
    "export asked for, nothing written": (UPLOADED | QUEUED, Step.WRITE),
    "export asked for, undo open": (READY | QUEUED | {"is_undo_open": True}, Step.UNDO),
    "export asked for, one was stopped": (EXPORTING | STOPPED | QUEUED, Step.WAIT),
    "exporting": (EXPORTING | RUNNING, Step.WAIT),
    "exporting by a command": (EXPORTING | RUNNING | {"run_id": None}, Step.WAIT),
    "exporting, waiting for Jira": (EXPORTING, Step.WAIT),
    "export stopped": (EXPORTING | STOPPED, Step.RESUME),
    "export died": (EXPORTING | FAILED | an_error("run_died", "Look."), Step.RESUME),
    "export died, a daemon looks": (
        EXPORTING | FAILED | an_error("run_died", "Look.") | {"is_carried_on": True},
        Step.WAIT,
    ),
    "export gave up waiting": (
        EXPORTING | an_error("jira_unavailable", "Check the address."),
        Step.RESUME,
    ),
    "access refused": (
        EXPORTING | FAILED | an_error("jira_access", "Renew the token."),
        Step.RESUME,
    ),
    "an error that says the same": (
        EXPORTING | FAILED | an_error("jira_in_doubt", RESUME),
        Step.RESUME,
    ),
    "an error without advice": (EXPORTING | FAILED | an_error("jira_refused"), Step.RESUME),
    "export stopped, then edited": (EXPORTING | STOPPED | {"is_stale": True}, Step.VALIDATE),
    "retried too often": (EXPORTING | FAILED | {"has_retries": False}, Step.RESUME),
    "retried too often, then edited and reviewed": (
        READY | {"has_retries": False, "exported_count": 1},
        Step.RESUME,
    ),
    "an issue nobody can find out about": (
        EXPORTING | FAILED | {"given_up_count": 1} | an_error("orphan_issue", "Look."),
        Step.SETTLE,
    ),
    "several of them": (EXPORTING | FAILED | {"given_up_count": 2}, Step.SETTLE),
    "undo interrupted": (COMPLETED | {"is_undo_open": True}, Step.UNDO),
    "report could not be written": (
        COMPLETED | FAILED | an_error("store_unusable", "Free space."),
        Step.EXPORT,
    ),
    "completed": (COMPLETED, Step.LOOK),
    "completed on another target": (COMPLETED | {"exported_count": 1}, Step.EXPORT),
    "completed, fixes left": (COMPLETED | {"open_fixes": 2, "jira_changes": 1}, Step.FIX),
    "completed, one fix left": (COMPLETED | {"open_fixes": 1}, Step.FIX),
    "exported, tickets changed": (
        READY | {"exported_count": 3, "jira_changes": 2, "jira_updates": 1},
        Step.CHANGE,
    ),
    "exported in part, tickets changed": (
        READY | {"exported_count": 1, "jira_changes": 2, "jira_updates": 2},
        Step.EXPORT,
    ),
    "completed, tickets changed": (COMPLETED | {"jira_changes": 1, "jira_updates": 1}, Step.CHANGE),
    "completed, issues to change": (COMPLETED | {"jira_changes": 1}, Step.CHANGE),
}


@each(("changes", "step"), CASES.values(), ids=CASES)
def test_the_next_step_follows_from_the_situation(changes: dict[str, Any], step: Step) -> None:
    """In which words is frozen (`golden`, `surfaces/next_steps`)."""
    assert next_step(at(**changes)).step is step


@each(
    ("found", "line"),
    [
        ({}, ""),
        ({"finding_count": 1}, "the report has 1 finding."),
        (
            {"finding_count": 6, "questions": QuestionsLeft(count=3, view_count=1)},
            (
                "the report has 6 findings; still open: 2 questions to answer and 1 view to "
                "describe: jira-pipeline questions site --open"
            ),
        ),
        (
            {"questions": QuestionsLeft(count=1)},
            "still open: 1 question to answer: jira-pipeline questions site --open",
        ),
    ],
)
def test_who_has_looked_at_what_was_created_is_shown_what_is_open(
    found: dict[str, Any], line: str
) -> None:
    """The demo, and every update, ended with nothing to do while 16 questions were open."""
    step = next_step(at(**COMPLETED, **found))

    assert line == (line_of(step.beside) if step.beside else "")


STAGES_AND_STATUSES = [
    {"stage": stage, "status": status} for stage, status in product(SessionStage, SessionStatus)
]
SHEETS: list[dict[str, Any]] = [UPLOADED, {}, CHANGED]
TICKETS: list[dict[str, Any]] = [
    {},
    {"is_stale": True},
    {"failed_count": 1},
    READY,
    {"ticket_count": 0, "nothing_to_do": "Nothing to build."},
    READY | {"exported_count": 3},
    READY | {"withdrawals": 2},
]
ERRORS: list[dict[str, Any]] = [
    {},
    an_error("not_ready", "Run `jira-pipeline elsewhere site`."),
    an_error("run_died", "Run `jira-pipeline elsewhere site`."),
    an_error("jira_access", "Renew the token."),
]
EVERYTHING = [
    sheets | place | tickets | error
    for sheets, place, tickets, error in product(SHEETS, STAGES_AND_STATUSES, TICKETS, ERRORS)
]


def test_every_situation_has_one_step_that_can_be_typed() -> None:
    steps = [next_step(at(**changes)) for changes in EVERYTHING]

    untyped = {step.step for step in steps if not command_of(step.action)}
    assert untyped == {Step.NOTHING}
    lines = {line_of(step.action) for step in steps}
    assert not [line for line in lines if "jira-pipeline elsewhere" in line]
    assert not [line for line in lines if "None" in line or ".." in line]


def test_a_queued_export_is_waited_for_exactly_where_it_would_not_be_refused() -> None:
    plain = [next_step(at(**changes)) for changes in EVERYTHING]
    queued = [next_step(at(**changes, is_export_awaited=True)) for changes in EVERYTHING]

    pairs = list(zip(plain, queued, strict=True))
    assert all(b.step is Step.WAIT for a, b in pairs if not a.obstacle and a.step is not Step.WAIT)
    refused = [(a.action, b.action, a.obstacle) for a, b in pairs if a.obstacle]
    assert all((b.kind, b.arguments) == (a.kind, a.arguments) for a, b, _ in refused)
    assert all(b.sentence == f"{REFUSED}{why}. {a.sentence}" for a, b, why in refused)


def test_changed_sheets_are_never_validated_marked_or_exported() -> None:
    steps = {
        next_step(at(**changes | CHANGED)).step
        for changes in EVERYTHING
        if changes.get("generated_at", START) is not None
    }

    assert steps == {Step.WAIT, Step.RESUME, Step.WRITE}
