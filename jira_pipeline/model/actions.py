"""What a person can do next, as a value; it becomes words where it is shown.

Belongs here: the kinds of steps, each with its command, one step with its sentence, and that sentence
with the command or with what another surface calls the step. Does not: what that is on pages and in
the API (`web/labels`) or in Dagster (`dagster_port/launchpad`); which step follows (`context/states`).

Example: `Action.of(ActionKind.EXPORT, "Then run {}.", session_key="museum")` names the command that
exports the session in a terminal, and the page of its export in a browser.
"""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, auto
from typing import Self, TypeAlias

Argument: TypeAlias = str | int | bool
PROGRAM = "jira-pipeline"
SLOT = re.compile(r"\{(\d?)\}")
"""Where a sentence names a step: its own, or the one of that number."""
_PLACEHOLDERS = {"SESSION_KEY": "KEY", "NUMBER": "N", "ON": "OTHER"}
"""What an argument that is not known is called; others by their own name."""
_QUOTED = {"ANSWERS", "CSV", "FOLDER", "NAME", "TARGET", "WORDS"}
_OPTIONAL = re.compile(r" \[(?:--([\w-]+))?(?: ?([A-Z_]+))?\]")
_NAME = re.compile(r"\b[A-Z][A-Z_]*\b")
_WRITTEN = re.compile(r"([A-Z_]+)((?: \w+=\S+)*): (.*)")


class ActionKind(StrEnum):
    """A kind of step, with the command that does it.

    In a command a name in capitals is an argument of the action. What is in brackets is written only
    where the action has that argument.
    """

    usage: str
    """The command without the name of the program; empty: no command does it."""

    def __new__(cls, value: str, usage: str = "") -> Self:
        """Make a member of its value and its command."""
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.usage = usage
        return kind

    ADVICE = "advice"
    """Something no command does: the sentence says it."""
    FIX_SHEET = "mend_sheet"
    """Errors are stored with this value."""
    CHANGE_SETTING = "change_setting"
    """`setting` names it."""
    CORRECT = "correct"
    """What was sent is to be corrected as the message says, and sent again."""
    WAIT = "wait"
    """Nobody has to act: the same works later."""
    ASK = "ask"
    """Somebody else has to act; `whom` names them, as `Contact` does."""

    LINT = auto(), "lint FOLDER"
    UPLOAD = auto(), "upload FOLDER [--session SESSION]"
    SHOW_LAYOUT = auto(), "layout show SESSION_KEY"
    SAVE_LAYOUT = auto(), "layout save SESSION_KEY [FILE] [--confirm]"
    REGENERATE = auto(), "generate SESSION_KEY [--writer WRITER]"
    VALIDATE = auto(), "validate SESSION_KEY"
    LIST_TICKETS = auto(), "tickets list SESSION_KEY"
    SHOW_TICKET = auto(), "tickets show SESSION_KEY NUMBER"
    DIFF_TICKET = auto(), "tickets diff SESSION_KEY NUMBER"
    EDIT_TICKET = auto(), "tickets edit SESSION_KEY NUMBER --part analysis"
    DEPEND = auto(), "tickets depend SESSION_KEY NUMBER ON [--not]"
    REVIEW = auto(), "serve"
    MARK_READY = auto(), "tickets ready SESSION_KEY [--all]"
    SKIP_TICKET = auto(), "tickets skip SESSION_KEY NUMBER --reason TEXT"
    UNSKIP_TICKET = auto(), "tickets unskip SESSION_KEY NUMBER"
    WITHDRAW = auto(), "tickets withdraw SESSION_KEY [--all]"
    SHOW_QUESTIONS = auto(), "questions SESSION_KEY [--open] [--answers ANSWERS] [--xlsx XLSX]"
    TAKE_OVER = auto(), "questions SESSION_KEY --take-over PLACES"
    ANSWER = auto(), "questions SESSION_KEY --only OPTIONS"
    SKIP_AGAIN = auto(), "tickets skip SESSION_KEY OPTIONS"
    REQUEST_CHANGES = auto(), "tickets request-changes SESSION_KEY OPTIONS"
    ASK_QUESTION = auto(), "tickets ask SESSION_KEY PLACE [--audience AUDIENCE] [--words WORDS]"
    TAKE_WORDS = auto(), "tickets take-words SESSION_KEY NUMBER --gone GONE"
    GIVE_WORDS = auto(), "tickets give-words SESSION_KEY NUMBER --to TO"
    SHOW_KEPT = auto(), "kept-reviews SESSION_KEY"
    SHOW_QUALITY = auto(), "quality SESSION_KEY"

    CHECK_PROJECT = auto(), "check-project [--list] [--session SESSION]"
    LIST_FIELDS = auto(), "check-project --fields [--session SESSION]"
    CHECK_WRITER = auto(), "check-writer"
    EXPORT = auto(), "export SESSION_KEY [--plan] [--as-new] [--update]"
    RESUME = auto(), "resume SESSION_KEY [--force]"
    CANCEL = auto(), "cancel SESSION_KEY"
    SETTLE = (
        auto(),
        (
            "settle SESSION_KEY [--wait] [--create-again CREATE_AGAIN] "
            "[--adopt ADOPT] [--forget FORGET]"
        ),
    )
    DECIDE = auto(), "settle SESSION_KEY"
    """Shows what is to be decided and which options decide it."""
    UNDO = auto(), "undo SESSION_KEY [--keep-rest]"
    LIST_SESSIONS = auto(), "sessions"
    SHOW_STATUS = auto(), "status SESSION_KEY [--watch]"
    SHOW_RESULTS = auto(), "results SESSION_KEY"
    SHOW_FIXES = auto(), "fixes SESSION_KEY [--done DONE]"
    SHOW_ERRORS = auto(), "errors SESSION_KEY"

    MAKE_HOME = auto(), "init [FOLDER]"
    RUN_DEMO = auto(), "demo"
    RUN_DAEMON = auto(), "serve"
    SERVE_SANDBOX = auto(), "sandbox serve [--port PORT]"
    LIST_PEOPLE = auto(), "people list"
    LIST_TOKENS = auto(), "people tokens"
    ADD_PERSON = auto(), "people add NAME --role ROLE"

    SHOW_SHAREDO_JOBS = auto(), "sharedo status"
    RESUME_SHAREDO_JOB = auto(), "sharedo resume JOB [--remote-id REMOTE_ID] [--send-again]"


WORDS_ALONE = frozenset({ActionKind.ADVICE, ActionKind.CORRECT, ActionKind.WAIT, ActionKind.ASK})
"""Kinds of which no surface makes a step of its own: the sentence says it all."""


class Contact(StrEnum):
    """Who can act where nobody who works on the session can."""

    SERVER_ADMIN = auto()
    """Whoever runs this server: its settings, people, disk and commands."""
    JIRA_ADMIN = auto()
    """Whoever administers the Jira project or site."""
    MODEL_ADMIN = auto()
    """Whoever administers the service of the language model, or the account there."""
    SHAREDO_ADMIN = auto()
    """Whoever administers the ShareDo environment."""
    SENDER = auto()
    """Whoever sent the link."""
    DEVELOPERS = auto()
    """Those who make this program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step, what it acts on, and the sentence that says why."""

    kind: ActionKind
    sentence: str
    """Why and how, with `{}` where the step itself is named, and `{1}`, `{2}` … for those of `also`:
    `Check the key, or upload the folder: {}.`"""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    """What the step acts on, by name, such as `session_key`, `number`, `is_forced`."""
    also: "tuple[Action, ...]" = ()
    """Further steps that the sentence names."""

    @classmethod
    def of(
        cls,
        kind: ActionKind,
        sentence: str,
        *,
        also: "Sequence[Action]" = (),
        **arguments: Argument,
    ) -> "Action":
        """Return an action with its arguments given by name."""
        return cls(kind=kind, sentence=sentence, arguments=arguments, also=tuple(also))

    def on(self, **arguments: Argument) -> "Action":
        """Return the action with these arguments, save for those that it has already.

        The same goes for its further steps. What no command does takes no arguments.
        """
        added = {} if self.kind in WORDS_ALONE else arguments
        return replace(
            self,
            arguments={**added, **self.arguments},
            also=tuple(further.on(**arguments) for further in self.also),
        )

    def named_from(self, number: int) -> "Action":
        """Return the action with the slots of its sentence numbered from there.

        So its sentence can become part of the sentence of another action.
        """
        sentence = SLOT.sub(lambda slot: f"{{{number + int(slot.group(1) or 0)}}}", self.sentence)
        return replace(self, sentence=sentence)

    def does(self, other: "Action") -> bool:
        """Return whether the action, or a further step of it, does the same as another one."""
        is_same = (self.kind, self.arguments) == (other.kind, other.arguments)
        return is_same or any(further.does(other) for further in self.also)


def advice(sentence: str) -> Action:
    """Return a step that no command does."""
    return Action(kind=ActionKind.ADVICE, sentence=sentence)


def as_actions(actions: "Sequence[Action | str]") -> tuple[Action, ...]:
    """Return steps, with a sentence becoming advice."""
    steps = []
    for action in actions:
        steps.append(advice(action) if isinstance(action, str) else action)
    return tuple(steps)


def as_written(words: str) -> Action:
    """Return the step that a text of `errors.toml` describes: `KIND name=value: sentence`.

    A sentence without a kind is advice; one with a slot has to have a kind, else it is a ValueError.
    """
    written = _WRITTEN.fullmatch(words)
    if written is None and not SLOT.search(words):
        return advice(words)
    if written is None or written[1] not in ActionKind.__members__:
        raise ValueError(f"No kind of step begins: {words}")
    arguments: dict[str, Argument] = {}
    for pair in written[2].split():
        name, value = pair.split("=")
        arguments[name] = value == "true" if value in {"true", "false"} else value
    return Action(kind=ActionKind[written[1]], sentence=written[3], arguments=arguments)


def command_of(action: Action) -> str:
    """Return the command line that does a step, with its arguments.

    An argument that the action does not have is written in capitals. Empty: no command does it.
    """
    if not action.kind.usage:
        return ""

    def without_brackets(match: re.Match[str]) -> str:
        flag, name = match.groups()
        argument = name.lower() if name else flag.replace("-", "_")
        return f" {match.group().strip()[1:-1]}" if action.arguments.get(argument) else ""

    def value_of(match: re.Match[str]) -> str:
        name = match.group()
        value = action.arguments.get(name.lower())
        if value is None:
            return _PLACEHOLDERS.get(name, name)
        return shlex.quote(str(value)) if name in _QUOTED else str(value)

    usage = _OPTIONAL.sub(without_brackets, action.kind.usage)
    return f"{PROGRAM} {_NAME.sub(value_of, usage)}"


def action_text(action: Action) -> str:
    """Return the sentence of an action with its commands, each between backticks."""
    return sentence_with(action, lambda _: "")


def line_of(action: Action) -> str:
    """Return the sentence of an action with its command at the end to be copied, without backticks.

    A full stop after the command is left out; further steps keep their backticks.
    """
    sentence = sentence_with(action, lambda step: command_of(step) if step is action else "")
    return sentence[:-1] if action.sentence.endswith("{}.") else sentence


def sentence_with(action: Action, call_of: Callable[[Action], str]) -> str:
    """Return the sentence of an action with each slot replaced by what `call_of` returns for its step.

    Where that is empty, the slot becomes the step's command between backticks.
    """

    def words_for(match: re.Match[str]) -> str:
        number = int(match.group(1) or 0)
        if number > len(action.also):
            return match.group()
        step = action.also[number - 1] if number else action
        command = command_of(step)
        return call_of(step) or (f"`{command}`" if command else match.group())

    return SLOT.sub(words_for, action.sentence)


def with_action_texts(value: object) -> object:
    """Return a JSON value with every action in it as its sentence, for programs."""
    if isinstance(value, Action):
        return action_text(value)
    if isinstance(value, Mapping):
        return {key: with_action_texts(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [with_action_texts(part) for part in value]
    return value
