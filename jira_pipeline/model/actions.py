"""What a person can do next, as a value; it becomes words where it is shown.

Belongs here: the kinds of steps, each with its command, one step with its sentence, and that sentence
with the command or with what another surface calls the step. Does not: what that is on pages and in
the API (`web/labels`) or in Dagster (`dagster_port/launchpad`); which step follows (`context/states`).
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

    In the command a name in capitals is an argument; what is in brackets shows only where the action
    has it.
    """

    usage: str
    """Empty: no command does it."""

    def __new__(cls, value: str, usage: str = "") -> Self:
        made = str.__new__(cls, value)
        made._value_ = value
        made.usage = usage
        return made

    ADVICE = "advice"
    """Something no command does: the sentence says it."""
    FIX_SHEET = "mend_sheet"
    """Errors are stored with this value."""
    CHANGE_SETTING = "change_setting"
    """`setting` names it."""

    LINT = auto(), "lint FOLDER"
    UPLOAD = auto(), "upload FOLDER [--session SESSION]"
    SHOW_LAYOUT = auto(), "layout show SESSION_KEY"
    SAVE_LAYOUT = auto(), "layout save SESSION_KEY [--confirm]"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One step, what it acts on, and the sentence that says why."""

    kind: ActionKind
    sentence: str
    """With `{}` where the step is named, and `{1}`, `{2}` … for those of `also`."""
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    """By name, such as `session_key`, `number`, `is_forced`."""
    also: "tuple[Action, ...]" = ()
    """Further steps the sentence names."""

    @classmethod
    def of(
        cls,
        kind: ActionKind,
        sentence: str,
        *,
        also: "Sequence[Action]" = (),
        **arguments: Argument,
    ) -> "Action":
        return cls(kind=kind, sentence=sentence, arguments=arguments, also=tuple(also))

    def on(self, **arguments: Argument) -> "Action":
        """Return it with arguments that it lacks; advice takes none."""
        added = {} if self.kind is ActionKind.ADVICE else arguments
        return replace(
            self,
            arguments={**added, **self.arguments},
            also=tuple(other.on(**arguments) for other in self.also),
        )

    def named_from(self, number: int) -> "Action":
        """Return it with its steps numbered from there, to be named in the sentence of another."""
        sentence = SLOT.sub(lambda slot: f"{{{number + int(slot.group(1) or 0)}}}", self.sentence)
        return replace(self, sentence=sentence)

    def does(self, other: "Action") -> bool:
        """Tell whether it, or a further step of it, does the same as another one."""
        is_same = (self.kind, self.arguments) == (other.kind, other.arguments)
        return is_same or any(further.does(other) for further in self.also)


def advice(sentence: str) -> Action:
    """Say something that no command does."""
    return Action(kind=ActionKind.ADVICE, sentence=sentence)


def as_actions(actions: "Sequence[Action | str]") -> tuple[Action, ...]:
    """Take sentences as advice."""
    return tuple(advice(action) if isinstance(action, str) else action for action in actions)


def as_written(words: str) -> Action:
    """Read `KIND name=value: sentence`; what begins with no word in capitals is advice."""
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
    """Return what to type; empty where no command does it."""
    if not action.kind.usage:
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

    return f"{PROGRAM} {_NAME.sub(named, _OPTIONAL.sub(chosen, action.kind.usage))}"


def action_text(action: Action) -> str:
    """Return the sentence of an action with its commands, each between backticks."""
    return sentence_with(action, lambda _: "")


def line_of(action: Action) -> str:
    """Return the sentence of an action with its own command bare, last where it can be copied."""
    sentence = sentence_with(action, lambda step: command_of(step) if step is action else "")
    return sentence[:-1] if action.sentence.endswith("{}.") else sentence


def sentence_with(action: Action, call_of: Callable[[Action], str]) -> str:
    """Return the sentence of an action in the words of another surface; none has a terminal's."""

    def step(match: re.Match[str]) -> str:
        number = int(match.group(1) or 0)
        if number > len(action.also):
            return match.group()
        named = action.also[number - 1] if number else action
        command = command_of(named)
        return call_of(named) or (f"`{command}`" if command else match.group())

    return SLOT.sub(step, action.sentence)


def with_action_texts(value: object) -> object:
    """Return what a program gets: every action in a JSON value becomes its sentence."""
    if isinstance(value, Action):
        return action_text(value)
    if isinstance(value, Mapping):
        return {key: with_action_texts(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [with_action_texts(part) for part in value]
    return value
