"""What an action is called in a terminal.

Belongs here: the command of each kind of action, and sentences with it or with what another surface
calls it. Does not: the commands themselves (`cli`), jobs (`defs/failures`), which action follows
(`context/states`, `model/errors`).
"""

import re
import shlex
from collections.abc import Callable, Mapping

from jira_pipeline.model.actions import SLOT, Action, ActionKind

PROGRAM = "jira-pipeline"
USAGE: Mapping[ActionKind, str] = {
    ActionKind.LINT: "lint FOLDER",
    ActionKind.UPLOAD: "upload FOLDER [--session SESSION]",
    ActionKind.REGENERATE: "generate SESSION_KEY [--writer WRITER]",
    ActionKind.VALIDATE: "validate SESSION_KEY",
    ActionKind.LIST_TICKETS: "tickets list SESSION_KEY",
    ActionKind.SHOW_TICKET: "tickets show SESSION_KEY NUMBER",
    ActionKind.DIFF_TICKET: "tickets diff SESSION_KEY NUMBER",
    ActionKind.EDIT_TICKET: "tickets edit SESSION_KEY NUMBER --part analysis",
    ActionKind.DEPEND: "tickets depend SESSION_KEY NUMBER ON [--not]",
    ActionKind.REVIEW: "serve",
    ActionKind.MARK_READY: "tickets ready SESSION_KEY [--all]",
    ActionKind.SKIP_TICKET: "tickets skip SESSION_KEY NUMBER --reason TEXT",
    ActionKind.WITHDRAW: "tickets withdraw SESSION_KEY [--all]",
    ActionKind.SHOW_QUESTIONS: "questions SESSION_KEY [--open] [--answers ANSWERS] [--xlsx XLSX]",
    ActionKind.SHOW_QUALITY: "quality SESSION_KEY",
    ActionKind.CHECK_PROJECT: "check-project [--list] [--session SESSION]",
    ActionKind.CHECK_WRITER: "check-writer",
    ActionKind.EXPORT: "export SESSION_KEY [--plan] [--as-new] [--update]",
    ActionKind.RESUME: "resume SESSION_KEY [--force]",
    ActionKind.CANCEL: "cancel SESSION_KEY",
    ActionKind.SETTLE: "settle SESSION_KEY [--wait] [--create-again CREATE_AGAIN] [--adopt ADOPT] "
    "[--forget FORGET]",
    ActionKind.UNDO: "undo SESSION_KEY [--keep-rest]",
    ActionKind.LIST_SESSIONS: "sessions",
    ActionKind.SHOW_STATUS: "status SESSION_KEY [--watch]",
    ActionKind.SHOW_RESULTS: "results SESSION_KEY",
    ActionKind.SHOW_FIXES: "fixes SESSION_KEY [--done DONE]",
    ActionKind.SHOW_ERRORS: "errors SESSION_KEY",
    ActionKind.MAKE_HOME: "init [FOLDER]",
    ActionKind.RUN_DEMO: "demo",
    ActionKind.RUN_DAEMON: "serve",
    ActionKind.SERVE_SANDBOX: "sandbox serve [--port PORT]",
    ActionKind.LIST_SHAREDO_ENVIRONMENTS: "sharedo environments [--check]",
    ActionKind.CHECK_SHAREDO_ENVIRONMENT: "sharedo check ENVIRONMENT",
    ActionKind.SHOW_SHAREDO_JOBS: "sharedo status",
    ActionKind.RESUME_SHAREDO_JOB: "sharedo resume JOB [--remote-id REMOTE_ID] [--send-again]",
    ActionKind.DOWNLOAD_SHAREDO_PACKAGE: "sharedo download JOB",
    ActionKind.LIST_PEOPLE: "people list",
    ActionKind.LIST_TOKENS: "people tokens",
    ActionKind.ADD_PERSON: "people add NAME --role ROLE",
}
"""A name in capitals is an argument; what is in brackets shows only where the action has it."""
_PLACEHOLDERS = {"SESSION_KEY": "KEY", "NUMBER": "N", "ON": "OTHER"}
"""What an argument that is not known is called; others by their own name."""
_QUOTED = {"ANSWERS", "CSV", "FOLDER", "NAME", "TARGET"}
_OPTIONAL = re.compile(r" \[(?:--([\w-]+))?(?: ?([A-Z_]+))?\]")
_NAME = re.compile(r"\b[A-Z][A-Z_]*\b")


def command_of(action: Action) -> str:
    """Return what to type; empty where no command does it."""
    usage = USAGE.get(action.kind)
    if usage is None:
        return ""

    def chosen(match: re.Match[str]) -> str:
        flag, name = match.groups()
        key = name.lower() if name else flag.replace("-", "_")
        return f" {match.group().strip()[1:-1]}" if action.arguments.get(key) else ""

    def named(match: re.Match[str]) -> str:
        name = match.group()
        value = action.arguments.get(name.lower())
        if value is None:
            return _PLACEHOLDERS.get(name, name)
        return shlex.quote(str(value)) if name in _QUOTED else str(value)

    return f"{PROGRAM} {_NAME.sub(named, _OPTIONAL.sub(chosen, usage))}"


def action_text(action: Action) -> str:
    """Return the sentence of an action with its commands, each between backticks."""
    return sentence_with(action, lambda _: "")


def line_of(action: Action) -> str:
    """Return the sentence of an action with its own command bare, last where it can be copied."""
    sentence = sentence_with(action, lambda one: command_of(one) if one is action else "")
    return sentence[:-1] if action.sentence.endswith("{}.") else sentence


def sentence_with(action: Action, call_of: Callable[[Action], str]) -> str:
    """Return the sentence of an action in the words of another surface; none has a terminal's."""

    def step(match: re.Match[str]) -> str:
        number = int(match.group(1) or 0)
        if number > len(action.also):
            return match.group()
        one = action.also[number - 1] if number else action
        command = command_of(one)
        return call_of(one) or (f"`{command}`" if command else match.group())

    return SLOT.sub(step, action.sentence)


def spoken(value: object) -> object:
    """Return what a program gets: every action in a JSON value becomes its sentence."""
    if isinstance(value, Action):
        return action_text(value)
    if isinstance(value, Mapping):
        return {key: spoken(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [spoken(part) for part in value]
    return value
