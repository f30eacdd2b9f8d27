"""What does a next step in Dagster: the job with its config and its Launchpad, filled in.

Belongs here: which job does what a command does, and the metadata that shows what no job does. Does
not: what a step is called in a terminal (`model/actions`) or on pages (`web/labels`), which step
follows (`context/states`).
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from urllib.parse import urlencode

import dagster as dg

from jira_pipeline.context.settings import load_settings
from jira_pipeline.context.web_address import DAGSTER_PATH, running_address
from jira_pipeline.dagster_port.partitions import PARTITION_TAG
from jira_pipeline.model.actions import Action, ActionKind, sentence_with
from jira_pipeline.model.differences import Decision
from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.model.runs import ACTION_JOB, RunJob
from jira_pipeline.review.open_session import OpenSession

LOCATION = "jira_pipeline.definitions"
"""As workspace.yaml names the module."""


def _act(action: str) -> tuple[str, str]:
    return ACTION_JOB, f"ops: {{act: {{config: {{action: {{{action}}}}}}}}}"


def _review(verb: str) -> tuple[str, str]:
    return _act(f"review: {{decisions: [{{decision: {{{verb}}}}}]}}")


_JOBS: Mapping[ActionKind, tuple[str, str]] = {
    ActionKind.LINT: ("upload_session", ""),
    ActionKind.UPLOAD: ("upload_session", ""),
    ActionKind.REGENERATE: (RunJob.GENERATION, ""),
    ActionKind.VALIDATE: (RunJob.VALIDATION, ""),
    ActionKind.MARK_READY: _review("ready: {}"),
    ActionKind.SKIP_TICKET: _review("skip: {numbers: [NUMBER], reason: TEXT}"),
    ActionKind.WITHDRAW: _review("withdraw: {numbers: [NUMBER]}"),
    ActionKind.DEPEND: _review("depend: {number: NUMBER, on: [OTHER]}"),
    ActionKind.EXPORT: (RunJob.EXPORT, ""),
    ActionKind.SETTLE: _act("settle: {}"),
    ActionKind.DECIDE: _act("decide: {decision: DECISION, tickets: [NUMBER]}"),
    ActionKind.UNDO: _act("undo: {delete: true}"),
    ActionKind.RESUME_SHAREDO_JOB: ("recover_sharedo_exports", ""),
    ActionKind.SHOW_SHAREDO_JOBS: ("recover_sharedo_exports", ""),
}
_SHOWN: Mapping[ActionKind, str] = {
    ActionKind.LIST_TICKETS: "the metadata of `tickets`",
    ActionKind.REVIEW: "the metadata of `adf_validation`",
    ActionKind.SHOW_TICKET: "the metadata of `adf_validation`",
    ActionKind.SHOW_QUESTIONS: "the table `open_questions` in the metadata of `tickets`",
    ActionKind.SHOW_QUALITY: "the metadata of `ticket_quality`",
    ActionKind.SHOW_RESULTS: "the metadata of `jira_issues` and of its checks",
    ActionKind.SHOW_FIXES: "the metadata of `export_report`",
    ActionKind.RESUME: "the same job again",
}
"""What is no job of its own: metadata of the asset or check that shows what a command would."""


def job_text(action: Action) -> str:
    """Return the sentence of an action with the job that does it; without one, with its command."""
    return _sentence_of(action, lambda name, _config: f"`{name}`")


def without_repeated_places(actions: Iterable[Action]) -> list[Action]:
    """Leave out each action that only names where to look, which one before it names, too.

    What has several commands in a terminal is one place here.
    """
    left: list[Action] = []
    named: set[str] = set()
    for action in actions:
        places = {_SHOWN[part.kind] for part in (action, *action.also) if part.kind in _SHOWN}
        if action.kind not in _SHOWN or not places <= named:
            left.append(action)
        named |= places
    return left


def next_line(session: OpenSession) -> str:
    """Name the next step of a session, as of now."""
    return f"Next: {next_text(session, job_text)}"


def next_text(session: OpenSession, text_of: Callable[[Action], str]) -> str:
    from jira_pipeline.sessions.status import what_is_next

    return text_of(what_is_next(session.reload()).action)


def linked_job_text(action: Action) -> str:
    """Return the same as Markdown that leads to the Launchpad, filled in."""
    pages = ""
    with suppress(ConfigurationError):  # that may be what failed
        if address := running_address(load_settings()):
            pages = f"{address}{DAGSTER_PATH}"
    session_key = action.arguments.get("session_key")

    def link(name: str, config: str) -> str:
        given = {"config": config} if config else {}
        if session_key:
            given |= {"tags[0][key]": PARTITION_TAG, "tags[0][value]": str(session_key)}
        setup = f"/setup?{urlencode(given)}" if given else ""
        return f"[{name}]({pages}/locations/{LOCATION}/jobs/{name}/playground{setup})"

    return _sentence_of(action, link)


def recovery_actions_of(metadata: Mapping[str, dg.MetadataValue]) -> tuple[str, ...]:
    """Return the recovery actions in the metadata of a failure."""
    shown = metadata.get("recovery_actions")
    lines = () if shown is None else str(shown.value).splitlines()
    return tuple(line.partition(". ")[2] for line in lines)


def _sentence_of(action: Action, shown: Callable[[str, str], str]) -> str:
    sentence = sentence_with(action, lambda part: _called(part, shown))
    sentence = sentence.replace("Run the metadata", "See the metadata")
    return sentence.replace("in the browser (the metadata", "in the Dagster UI (the metadata")


def _called(action: Action, shown: Callable[[str, str], str]) -> str:
    """Return the words for what does an action in Dagster, mostly a job with its run configuration.

    Empty: nothing in Dagster does it. `shown` makes the words for a job of its name and configuration.
    """
    if action.kind is ActionKind.SHOW_FIXES and "done" in action.arguments:
        return ""  # no job marks a fix as done
    if action.kind in _SHOWN:
        return _SHOWN[action.kind]
    name, config = _JOBS.get(action.kind, ("", ""))
    if not name:
        return ""
    arguments = action.arguments
    options = []
    for option, is_chosen in arguments.items():
        if option in {"update", "as_new"} and is_chosen:
            options.append(f"{option}: true")
    if action.kind is ActionKind.EXPORT and options:
        config = f"ops: {{jira_issues: {{config: {{{', '.join(options)}}}}}}}"
    for decision in {*Decision} & {*arguments}:
        which = arguments[decision]
        tickets = "all: true" if which == "all" else f'tickets: ["{which}"]'
        name, config = _act(f"decide: {{decision: {decision}, {tickets}}}")
    session = arguments.get("session")
    if session:
        folder = arguments.get("folder", "FOLDER")
        upload = f"{{folder: {folder}, session_key: {session}}}"
        config = f"ops: {{register_session: {{config: {upload}}}}}"
    config = config.replace("NUMBER", str(arguments.get("number") or "NUMBER"))
    with_config = f" with `{config}`" if config else ""
    return f"the job {shown(name, config)}{with_config}"
