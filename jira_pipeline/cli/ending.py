"""What every command about a session ends with: the next step.

Belongs here: saying it. Does not: deciding it (`domain/next_step`), gathering what it follows from
(`sessions/status`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from jira_pipeline.actions import Action
from jira_pipeline.cli.console import Screen, literal
from jira_pipeline.domain.next_step import NextStep, Step
from jira_pipeline.sessions.commands import command_of, line_of, words_of

if TYPE_CHECKING:
    from jira_pipeline.sessions.composition import Pipeline


def tell_next(screen: Screen, pipeline: "Pipeline", session_key: str) -> None:
    """Tell people what to do next with a session, as `status` names it, in one line to copy."""
    if not screen.is_json:
        _say(screen, line_of(_step_of(pipeline, session_key).action))


def tell_next_behind_results(screen: Screen, pipeline: "Pipeline", session_key: str) -> None:
    """Tell what is next where the results were just shown: to look at them is no step any more."""
    if not screen.is_json:
        step = _step_of(pipeline, session_key)
        is_done = step.step is Step.LOOK
        _say(screen, "nothing, everything is there." if is_done else line_of(step.action))


def tell_next_behind_failure(
    screen: Screen, pipeline: "Pipeline", session_key: str, *, said: Sequence[Action]
) -> None:
    """Tell what is next where a failure was just told, unless what it `said` names the command."""
    if not screen.is_json:
        step = _step_of(pipeline, session_key)
        command = command_of(step.action)
        if not any(command in words_of(action) for action in said):
            screen.err.print(literal(f"Next: {line_of(step.action)}"), soft_wrap=True)


def _step_of(pipeline: "Pipeline", session_key: str) -> NextStep:
    from jira_pipeline.sessions.open_session import open_session  # noqa: PLC0415 - starts fast
    from jira_pipeline.sessions.status import what_is_next  # noqa: PLC0415 - as above

    return what_is_next(open_session(pipeline, session_key))


def _say(screen: Screen, step: str) -> None:
    screen.out.print(literal(f"Next: {step}"), soft_wrap=True)
