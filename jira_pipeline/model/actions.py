"""What a person can do next, as a value; it becomes words where it is shown.

Belongs here: the kinds of steps, and one step with its sentence. Does not: what the step is called
in a terminal (`context/commands`), on a page or in an API; which step follows (`context/states`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeAlias

Argument: TypeAlias = str | int | bool
SLOT = re.compile(r"\{(\d?)\}")
"""Where a sentence names a step: its own, or the one of that number."""


class ActionKind(StrEnum):
    ADVICE = "advice"
    """Something no command does: the sentence says it."""
    FIX_SHEET = "mend_sheet"
    """Errors are stored with this value."""
    CHANGE_SETTING = "change_setting"
    """`setting` names it."""

    LINT = "lint"
    UPLOAD = "upload"
    REGENERATE = "regenerate"
    VALIDATE = "validate"
    LIST_TICKETS = "list_tickets"
    SHOW_TICKET = "show_ticket"
    DIFF_TICKET = "diff_ticket"
    EDIT_TICKET = "edit_ticket"
    DEPEND = "depend"
    REVIEW = "review"
    MARK_READY = "mark_ready"
    SKIP_TICKET = "skip_ticket"
    WITHDRAW = "withdraw"
    SHOW_QUESTIONS = "show_questions"
    SHOW_QUALITY = "show_quality"

    CHECK_PROJECT = "check_project"
    CHECK_WRITER = "check_writer"
    EXPORT = "export"
    RESUME = "resume"
    CANCEL = "cancel"
    SETTLE = "settle"
    UNDO = "undo"
    LIST_SESSIONS = "list_sessions"
    SHOW_STATUS = "show_status"
    SHOW_RESULTS = "show_results"
    SHOW_FIXES = "show_fixes"
    SHOW_ERRORS = "show_errors"

    MAKE_HOME = "make_home"
    RUN_DEMO = "run_demo"
    RUN_DAEMON = "run_daemon"
    SERVE_SANDBOX = "serve_sandbox"
    LIST_PEOPLE = "list_people"
    LIST_TOKENS = "list_tokens"
    ADD_PERSON = "add_person"

    LIST_SHAREDO_ENVIRONMENTS = "list_sharedo_environments"
    CHECK_SHAREDO_ENVIRONMENT = "check_sharedo_environment"
    SHOW_SHAREDO_JOBS = "show_sharedo_jobs"
    RESUME_SHAREDO_JOB = "resume_sharedo_job"
    DOWNLOAD_SHAREDO_PACKAGE = "download_sharedo_package"


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


_WRITTEN = re.compile(r"([A-Z_]+)((?: \w+=\S+)*): (.*)")


def as_written(words: str) -> Action:
    """Read `KIND name=value: sentence`; anything else is advice."""
    found = _WRITTEN.fullmatch(words)
    if found is None or found[1] not in ActionKind.__members__:
        return advice(words)
    given = dict(one.split("=") for one in found[2].split())
    arguments: dict[str, Argument] = {
        name: value == "true" if value in {"true", "false"} else value
        for name, value in given.items()
    }
    return Action(kind=ActionKind[found[1]], sentence=found[3], arguments=arguments)
