"""What is next in a session: one step for every situation that can occur, which leads on."""

from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

from jira_pipeline.actions import Action, ActionKind, as_actions
from jira_pipeline.kernel.entities import SourceWord
from jira_pipeline.kernel.records import StoredError
from jira_pipeline.kernel.same_specification import SameSpecification
from jira_pipeline.kernel.sessions import (
    SessionManifest,
    SessionStage,
    SessionStatus,
    UploadSession,
)
from jira_pipeline.session.commands import command_of, line_of, words_of
from jira_pipeline.session.states import Situation, Step, next_step
from jira_pipeline_tests.contracts.stored_values import SHA, START
from jira_pipeline_tests.tables import each

SESSION = UploadSession(
    session_key="site",
    content_sha256=SHA,
    upload_path="site/one",
    manifest=SessionManifest(),
    stage=SessionStage.REVIEW,
    status=SessionStatus.WAITING,
    created_at=START,
    updated_at=START,
    generated_at=START,
    generated_from_sha256=SHA,
    last_validated_at=START,
)
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
REFUSED = "The requested export waits and will be refused: "


def an_error(code: str, *actions: Action | str) -> dict[str, Any]:
    """The error a session is at."""
    return {
        "error": StoredError(
            error_id=1,
            session_key="site",
            at=START + timedelta(minutes=1),
            code=code,
            category="user_fixable",
            stage="review",
            message="It failed.",
            recovery_actions=as_actions(actions),
            run_id="run-1",
            ticket_id=None,
            file=None,
            line=None,
        )
    }


def at(**changes: Any) -> Situation:
    """A session with three tickets, written and validated, in the review."""
    of_session = {name: changes.pop(name) for name in tuple(changes) if name in _OF_SESSION}
    return Situation(session=replace(SESSION, **of_session), **{"ticket_count": 3, **changes})


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "uploaded": (UPLOADED, "Write the tickets: jira-pipeline generate site"),
    "other sheets": (
        CHANGED,
        "Write the tickets from the changed sheets: jira-pipeline generate site",
    ),
    "other sheets, all ready": (CHANGED | READY, "Write the tickets from the changed sheets: "),
    "other sheets, edited too": (CHANGED | {"is_stale": True}, "Write the tickets from the "),
    "other sheets, failed ones too": (CHANGED | {"failed_count": 1}, "Write the tickets from the "),
    "other sheets of a completed session": (COMPLETED | CHANGED, "Write the tickets from the "),
    "writing": (WRITING | RUNNING, "Wait for run run-1, or start it again if it was killed: "),
    "writing, somewhere": (
        WRITING | RUNNING | {"is_holder_unknown": True},
        "No lock shows that run run-1 is alive. Where its machine is gone, `jira-pipeline resume ",
    ),
    "written, about to be validated": (
        WRITING | {"is_validated": False},
        "Validate the tickets: jira-pipeline validate site",
    ),
    "writing failed": (WRITING | FAILED | UPLOADED | WRITING | FAILED, "Carry on: jira-pipeline "),
    "writing stopped": (WRITING | STOPPED, "Carry on: jira-pipeline resume site"),
    "writing refused for other sheets": (
        WRITING | CHANGED | an_error("gate_closed", "Run it."),
        "Write the tickets from the changed sheets: ",
    ),
    "no credit for the model": (
        WRITING | FAILED | an_error("writer_quota", "Add credit at the provider.", "Start again."),
        "Add credit at the provider. Then carry on: jira-pipeline resume site",
    ),
    "the service of the model is out of reach": (
        WRITING | an_error("writer_unavailable", "Start the same job again later."),
        "Start the same job again later. Then carry on: jira-pipeline resume site",
    ),
    "reading died": (
        UPLOADED | FAILED | an_error("run_died", "Look."),
        "Carry on: jira-pipeline resume site",
    ),
    "sheets refused": (
        UPLOADED | FAILED | an_error("sheets_refused", "Correct the cells.", "Lint."),
        "Correct the cells. Then upload them again: jira-pipeline upload FOLDER --session site",
    ),
    "nothing to build": ({"nothing_to_do": "Nothing to build: x."}, "Nothing to build: x."),
    "all skipped": ({"ticket_count": 0}, "Export: jira-pipeline export site"),
    "never validated": ({"is_validated": False}, "Validate the tickets: "),
    "edited, where a daemon validates": (
        READY | {"is_stale": True, "is_validated_again": True},
        "The daemon validates the tickets once nobody edits them: jira-pipeline status site",
    ),
    "edited, and its mark is gone, whoever validates": (
        {"is_stale": True, "is_validated_again": True},
        "Review, then mark ready: jira-pipeline tickets ready site --all",
    ),
    "edited": (READY | {"is_stale": True}, "Validate the tickets: jira-pipeline validate site"),
    "edited after it was completed": (COMPLETED | {"is_stale": True}, "Validate the tickets: "),
    "edited after it failed": ({"is_stale": True, "failed_count": 2}, "Review, then mark "),
    "one failed": (
        {"failed_count": 1},
        (
            "Correct the ticket that failed (`jira-pipeline tickets edit site N`), then validate again: "
            "jira-pipeline validate site"
        ),
    ),
    "some failed": ({"failed_count": 2}, "Correct the 2 tickets that failed ("),
    "validation died": (FAILED | {"is_stale": True} | an_error("run_died"), "Review, then mark "),
    "rows gone": (
        READY | {"withdrawals": 1},
        "Put back the rows that are gone, or agree: jira-pipeline tickets withdraw site --all",
    ),
    "all rows gone": (
        {"ticket_count": 0, "withdrawals": 2, "nothing_to_do": "Nothing to build."},
        "Put back the rows",
    ),
    "components gone": (
        READY | {"withdrawals": 1, "source_word": SourceWord.PACKAGES},
        "Put back the components that are gone, or agree: ",
    ),
    "other packages": (
        CHANGED | {"source_word": SourceWord.PACKAGES},
        "Write the tickets from the changed packages: ",
    ),
    "rows gone and edited": ({"withdrawals": 1, "is_stale": True}, "Put back the rows"),
    "export asked for, rows gone": (
        READY | QUEUED | {"withdrawals": 1},
        f"{REFUSED}1 ticket is no longer in the sheets, and nobody agreed to that. Put back the ",
    ),
    "the same specification": (
        {"same_specification": REPEATED},
        (
            "Decide on new issues: session old has issues for 2 of these 3 tickets: UHR-1, UHR-2; "
            "the plan says how: jira-pipeline export site --plan"
        ),
    ),
    "the same specification, rows gone": (
        {"same_specification": REPEATED, "withdrawals": 1},
        "Put back the rows",
    ),
    "the same specification, answered": (
        READY | {"same_specification": (replace(REPEATED[0], is_answered=True),)},
        "Export: jira-pipeline export site",
    ),
    "export asked for, the same specification": (
        READY | QUEUED | {"same_specification": REPEATED},
        f"{REFUSED}session old has issues for 2 of these 3 tickets: UHR-1, UHR-2, and nobody ",
    ),
    "to review": ({}, "Review, then mark ready: jira-pipeline tickets ready site --all"),
    "to review, with questions": (
        {"open_questions": 2},
        (
            "Review (2 questions are open: `jira-pipeline questions site --open`), then mark ready: "
            "jira-pipeline tickets ready site --all"
        ),
    ),
    "ready, with a question": (
        READY | {"open_questions": 1},
        (
            "Export (1 question is open: `jira-pipeline questions site --open`): jira-pipeline "
            "export site"
        ),
    ),
    "exported, with a question": (COMPLETED | {"open_questions": 1}, "Look at what was created"),
    "partly reviewed": ({"ready_count": 2}, "Review, then mark ready: "),
    "refused for the review": (an_error("gate_closed", "Read them."), "Review, then mark ready: "),
    "approves itself": (
        {"approves_itself": True},
        "Export; valid tickets are approved automatically: jira-pipeline export ",
    ),
    "exported, then edited": (
        {"exported_count": 3, "jira_changes": 1, "approves_itself": True},
        "Look at what was created, and at 1 issue to be changed in Jira by hand: ",
    ),
    "approves itself, all ready": (READY | {"approves_itself": True}, "Export: "),
    "ready": (READY, "Export: jira-pipeline export site"),
    "a run is queued in Dagster": (READY | {"is_in_flight": True}, "Wait for the command that is "),
    "export asked for": (
        READY | QUEUED,
        (
            "The daemon starts the requested export (`jira-pipeline serve` runs it): "
            "jira-pipeline status site --watch"
        ),
    ),
    "export asked for, other sheets": (
        READY | QUEUED | CHANGED,
        (
            f"{REFUSED}the sheets changed after the tickets were generated. Write the tickets from "
            "the changed sheets: jira-pipeline generate site"
        ),
    ),
    "export asked for, edited": (
        READY | QUEUED | {"is_stale": True},
        f"{REFUSED}tickets changed since they were validated. Validate the tickets: ",
    ),
    "export asked for, never validated": (
        QUEUED | {"is_validated": False},
        f"{REFUSED}the tickets were never validated. Validate the tickets: ",
    ),
    "export asked for, failed ones": (
        READY | QUEUED | {"failed_count": 1},
        f"{REFUSED}tickets failed their validation. Correct the ticket that failed",
    ),
    "export asked for, one mark missing": (
        QUEUED | {"ready_count": 2},
        f"{REFUSED}1 ticket waits for review. Review, then mark ready: ",
    ),
    "export asked for, nothing written": (
        UPLOADED | QUEUED,
        f"{REFUSED}there are no tickets yet. Write the tickets: ",
    ),
    "export asked for, undo open": (
        READY | QUEUED | {"is_undo_open": True},
        f"{REFUSED}an undo was interrupted. Finish the undo: jira-pipeline undo site",
    ),
    "export asked for, one was stopped": (EXPORTING | STOPPED | QUEUED, "The daemon starts "),
    "exporting": (EXPORTING | RUNNING, "Wait for run run-1, "),
    "exporting by a command": (EXPORTING | RUNNING | {"run_id": None}, "Wait for the command "),
    "exporting, waiting for Jira": (EXPORTING, "Wait for the command that is running, "),
    "export stopped": (EXPORTING | STOPPED, "Carry on: jira-pipeline resume site"),
    "export died": (EXPORTING | FAILED | an_error("run_died", "Look."), "Carry on: "),
    "export died, a daemon looks": (
        EXPORTING | FAILED | an_error("run_died", "Look.") | {"is_carried_on": True},
        "The run died; the daemon starts it again within a minute, and `jira-pipeline resume site`",
    ),
    "export gave up waiting": (
        EXPORTING | an_error("jira_unavailable", "Check the address."),
        "Check the address. Then carry on: jira-pipeline resume site",
    ),
    "access refused": (
        EXPORTING | FAILED | an_error("jira_access", "Renew the token."),
        "Renew the token. Then carry on: jira-pipeline resume site",
    ),
    "an error that says the same": (
        EXPORTING | FAILED | an_error("jira_in_doubt", RESUME),
        "Carry on: jira-pipeline resume site",
    ),
    "an error without advice": (EXPORTING | FAILED | an_error("jira_refused"), "Carry on: "),
    "export stopped, then edited": (EXPORTING | STOPPED | {"is_stale": True}, "Validate the "),
    "retried too often": (
        EXPORTING | FAILED | {"has_retries": False},
        (
            "Fix what keeps failing (`jira-pipeline errors site`), then carry on: "
            "jira-pipeline resume site --force"
        ),
    ),
    "retried too often, then edited and reviewed": (
        READY | {"has_retries": False, "exported_count": 1},
        "Fix what keeps failing (`jira-pipeline errors site`), then carry on: ",
    ),
    "an issue nobody can find out about": (
        EXPORTING | FAILED | {"given_up_count": 1} | an_error("orphan_issue", "Look."),
        (
            "Look in Jira for an issue that may or may not exist "
            "(`jira-pipeline fixes site` says how), then have Jira asked again: jira-pipeline settle site"
        ),
    ),
    "several of them": (EXPORTING | FAILED | {"given_up_count": 2}, "Look in Jira for 2 issues "),
    "undo interrupted": (COMPLETED | {"is_undo_open": True}, "Finish the undo: jira-pipeline undo"),
    "undo of an update interrupted": (
        COMPLETED | {"is_undo_open": True, "is_undo_of_update": True, "jira_updates": 1},
        "Finish the undo of the last update: jira-pipeline undo site --update",
    ),
    "report could not be written": (
        COMPLETED | FAILED | an_error("store_unusable", "Free space."),
        "Free space. Then export: jira-pipeline export site",
    ),
    "completed": (COMPLETED, "Look at what was created: jira-pipeline results site"),
    "completed on another target": (COMPLETED | {"exported_count": 1}, "Export: "),
    "completed, fixes left": (
        COMPLETED | {"open_fixes": 2, "jira_changes": 1},
        (
            "Do the 2 manual fixes in Jira, and mark each as done "
            "(`jira-pipeline fixes site --done ID`): "
            "jira-pipeline fixes site"
        ),
    ),
    "completed, one fix left": (COMPLETED | {"open_fixes": 1}, "Do the manual fix in Jira, "),
    "exported, tickets changed": (
        READY | {"exported_count": 3, "jira_changes": 2, "jira_updates": 1},
        (
            "Update 1 issue whose ticket changed (`jira-pipeline results site` shows what): "
            "jira-pipeline export site --update"
        ),
    ),
    "exported in part, tickets changed": (
        READY | {"exported_count": 1, "jira_changes": 2, "jira_updates": 2},
        (
            "Export; `jira-pipeline export site --update` also updates 2 issues whose tickets "
            "changed: jira-pipeline export site"
        ),
    ),
    "completed, tickets changed": (
        COMPLETED | {"jira_changes": 1, "jira_updates": 1},
        "Update 1 issue whose ticket changed",
    ),
    "completed, issues to change": (
        COMPLETED | {"jira_changes": 1},
        "Look at what was created, and at 1 issue to be changed in Jira by hand: ",
    ),
}


@each(("changes", "words"), CASES.values(), ids=CASES)
def test_the_next_step_follows_from_the_situation(changes: dict[str, Any], words: str) -> None:
    assert line_of(next_step(at(**changes)).action).startswith(words)


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
    an_error("gate_closed", "Run `jira-pipeline elsewhere site`."),
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
    assert all((b.kind, b.arguments) == (a.kind, a.arguments) for a, b in pairs if a.obstacle)
    assert all(b.words == f"{REFUSED}{a.obstacle}. {a.words}" for a, b in pairs if a.obstacle)


def test_changed_sheets_are_never_validated_marked_or_exported() -> None:
    steps = {
        next_step(at(**changes | CHANGED)).step
        for changes in EVERYTHING
        if changes.get("generated_at", START) is not None
    }

    assert steps == {Step.WAIT, Step.RESUME, Step.WRITE}


def test_an_action_of_an_error_names_the_same_command() -> None:
    step = next_step(at())

    assert (
        words_of(step.action)
        == "Review, then mark ready: `jira-pipeline tickets ready site --all`."
    )
