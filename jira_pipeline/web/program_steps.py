"""What a program can do next, as data: the kind of a step, its request, command and page, or whom to ask.

An action such as `Action.of(ActionKind.VALIDATE, "Validate them: {}.", session_key="museum")` becomes
`POST /api/sessions/museum/validate`. What the API cannot do has a page or a command, and says who can
use it.

Belongs here: the request that each kind of action is, and the shape of a step. Does not: what a page
calls it (`labels`), its command (`model/actions`), which step follows (`context/states`, `model/errors`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field

from jira_pipeline.model.actions import (
    Action,
    ActionKind,
    Argument,
    Contact,
    action_text,
    command_of,
)
from jira_pipeline.model.differences import Decision
from jira_pipeline.model.errors import meanings
from jira_pipeline.model.work_records import Work
from jira_pipeline.web.labels import PLACES, address_of

_SESSION = "/api/sessions/SESSION_KEY"
_EXPORT = "/api/jira/export-session/SESSION_KEY"
_RESULTS = "/api/jira/export-results/SESSION_KEY"
_OF_ADMINS = frozenset(
    {
        ActionKind.CHANGE_SETTING,
        ActionKind.LIST_PEOPLE,
        ActionKind.LIST_TOKENS,
        ActionKind.ADD_PERSON,
    }
)
"""Kinds that an admin alone may do, also where a page takes them."""
_KINDS_THAT_LEAD_OUT = frozenset({ActionKind.WAIT, ActionKind.CORRECT, ActionKind.FIX_SHEET})
"""Kinds that lead out by their sentence alone."""
ADDRESSES: Mapping[ActionKind, tuple[str, str]] = {
    ActionKind.SHOW_LAYOUT: ("GET", f"{_SESSION}/layout"),
    ActionKind.VALIDATE: ("POST", f"{_SESSION}/validate"),
    ActionKind.LIST_TICKETS: ("GET", f"{_SESSION}/tickets"),
    ActionKind.SHOW_TICKET: ("GET", f"{_SESSION}/tickets"),
    ActionKind.DIFF_TICKET: ("GET", f"{_SESSION}/tickets"),
    ActionKind.EDIT_TICKET: ("POST", f"{_SESSION}/edit"),
    ActionKind.DEPEND: ("POST", f"{_SESSION}/depend"),
    ActionKind.MARK_READY: ("POST", f"{_SESSION}/ready"),
    ActionKind.SKIP_TICKET: ("POST", f"{_SESSION}/skip"),
    ActionKind.SKIP_AGAIN: ("POST", f"{_SESSION}/skip"),
    ActionKind.UNSKIP_TICKET: ("POST", f"{_SESSION}/unskip"),
    ActionKind.WITHDRAW: ("POST", f"{_SESSION}/withdraw"),
    ActionKind.SHOW_QUESTIONS: ("GET", f"{_SESSION}/questions"),
    ActionKind.TAKE_OVER: ("POST", f"{_SESSION}/take-answer"),
    ActionKind.ANSWER: ("POST", f"{_SESSION}/answer"),
    ActionKind.REQUEST_CHANGES: ("POST", f"{_SESSION}/request-changes"),
    ActionKind.ASK_QUESTION: ("POST", f"{_SESSION}/ask"),
    ActionKind.TAKE_WORDS: ("POST", f"{_SESSION}/take-words"),
    ActionKind.GIVE_WORDS: ("POST", f"{_SESSION}/give-words"),
    ActionKind.CHECK_WRITER: ("GET", "/api/writer/health"),
    ActionKind.EXPORT: ("POST", _EXPORT),
    ActionKind.CANCEL: ("POST", f"{_SESSION}/cancel"),
    ActionKind.SETTLE: ("POST", f"{_SESSION}/settle"),
    ActionKind.DECIDE: ("GET", _RESULTS),
    ActionKind.LIST_SESSIONS: ("GET", "/api/sessions"),
    ActionKind.SHOW_STATUS: ("GET", _SESSION),
    ActionKind.SHOW_RESULTS: ("GET", _RESULTS),
    ActionKind.SHOW_ERRORS: ("GET", f"{_SESSION}/processing/errors"),
}
"""Method and path of what the API does for a kind of action; `SESSION_KEY` is its session.

Those that depend on the arguments of the action are in `_request_of_variant`.
"""


class ProgramStep(BaseModel):
    """A step out of an error: a request where the API can do it, otherwise a page or command."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)

    kind: str = Field(
        description="What kind of step, such as `validate`; `wait`: the same works later; `ask`: `whom` "
        "has to act; `correct`, `mend_sheet`: what was sent, or the sheets, have to change."
    )
    sentence: str = Field(description="What to do, in words, with the command.")
    command: str | None = Field(
        description="The command that does it in a terminal of the server; null: none does."
    )
    method: str | None = Field(
        default=None, description="Of the request that does it; null: the API cannot do it."
    )
    href: str | None = Field(
        default=None, description="Where `method` goes, below the server's address."
    )
    body: dict[str, Any] | None = Field(
        default=None,
        description="Fields to send, as far as they are known; null: none has to be sent.",
    )
    plan: str | None = Field(
        default=None,
        description="Where to read the plan first whose `plan_hash` goes into the body; null: it takes "
        "none.",
    )
    page: str | None = Field(description="Where a person does it; null: no page does.")
    whom: Contact | None = Field(description="Who has to act; null: whoever works on the session.")

    @property
    def leads_out(self) -> bool:
        """It is more than a look somewhere: a request, a page, somebody who can act, or a wait."""
        is_done_here = self.href is not None or self.page is not None
        return is_done_here or self.whom is not None or self.kind in _KINDS_THAT_LEAD_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    plan: str | None = None


def steps_of(actions: Sequence[Action]) -> list[ProgramStep]:
    """Return actions with their further steps as data, in order."""
    return [_step_of(action) for action in _with_further(actions)]


def ways_out(code: str, actions: Sequence[Action], *, session_key: str | None) -> dict[str, object]:
    """Return the fields that say what leads out of an error, in words and as data."""
    in_words = actions or _actions_of_code(code, session_key=session_key)
    steps = steps_out_of(code, actions, session_key=session_key)
    return {
        "recovery_actions": [*map(action_text, in_words)],
        "actions": [step.model_dump(mode="json") for step in steps],
    }


def steps_out_of(
    code: str, actions: Sequence[Action], *, session_key: str | None
) -> list[ProgramStep]:
    """Return the steps of an error; where none of its own leads out, those of its code follow."""
    steps = steps_of(actions)
    if not any(step.leads_out for step in steps):
        steps += steps_of(_actions_of_code(code, session_key=session_key))
    return steps


def _actions_of_code(code: str, *, session_key: str | None) -> tuple[Action, ...]:
    """Return what leads out of every error of a code; nothing of one that an older version stored."""
    if code not in meanings():
        return ()
    if session_key is None:
        return meanings()[code].actions
    return meanings()[code].actions_on(session_key=session_key)


def _with_further(actions: Sequence[Action]) -> Iterator[Action]:
    for action in actions:
        yield action
        yield from _with_further(action.also)


def _step_of(action: Action) -> ProgramStep:
    step = ProgramStep(
        kind=action.kind.value,
        sentence=action_text(action),
        command=command_of(action) or None,
        page=address_of(action) or None,
        whom=_whom_of(action),
    )
    request = _request_of(action)
    if request is not None:
        step.method = request.method
        step.href = request.path
        step.body = None if request.body is None else dict(request.body)
        step.plan = request.plan
    return step


def _whom_of(action: Action) -> Contact | None:
    """Return who has to do a step; None where whoever works on the session can."""
    if action.kind is ActionKind.ASK:
        return Contact(str(action.arguments["whom"]))
    if action.kind in _OF_ADMINS or _is_command_alone(action):
        return Contact.SERVER_ADMIN
    return None


def _is_command_alone(action: Action) -> bool:
    """Tell whether a step is done in a terminal of the server alone."""
    if action.kind is ActionKind.RESUME:
        return bool(action.arguments.get("force"))
    has_address = action.kind in ADDRESSES or action.kind in PLACES
    return bool(action.kind.usage) and not has_address


def _request_of(action: Action) -> _Request | None:
    """Return the request that does a step; None where the API cannot, or no session is named."""
    request = _request_of_variant(action)
    if request is None and action.kind in ADDRESSES:
        method, path = ADDRESSES[action.kind]
        request = _with_fields(method, path, _known_fields(action))
    if request is None:
        return None
    key = action.arguments.get("session_key")
    if key is None and "SESSION_KEY" in request.path:
        return None
    quoted_key = quote(str(key), safe="")
    plan = request.plan
    return _Request(
        method=request.method,
        path=request.path.replace("SESSION_KEY", quoted_key),
        body=request.body,
        plan=None if plan is None else plan.replace("SESSION_KEY", quoted_key),
    )


def _with_fields(
    method: str, path: str, fields: Mapping[str, Any], *, plan: str | None = None
) -> _Request:
    """Return a request with its fields: of GET in the address, otherwise in the body."""
    if method == "GET":
        query = f"?{urlencode(fields, doseq=True)}" if fields else ""
        return _Request(method=method, path=f"{path}{query}", plan=plan)
    return _Request(method=method, path=path, body=fields or None, plan=plan)


def _request_of_variant(action: Action) -> _Request | None:  # noqa: C901 - one case a kind
    """Return the request of a step where its arguments say which one that is."""
    given = action.arguments
    match action.kind:
        case ActionKind.REGENERATE if not given.get("writer"):
            return _with_fields("POST", f"{_SESSION}/generate", {})
        case ActionKind.SAVE_LAYOUT if given.get("confirm"):
            return _with_fields("POST", f"{_SESSION}/layout/confirm", {})
        case ActionKind.SAVE_LAYOUT:
            return _with_fields("PUT", f"{_SESSION}/layout", {})
        case ActionKind.CHECK_PROJECT if not given.get("list"):
            return _with_fields("POST", "/api/jira/validate-project", {})
        case ActionKind.CHECK_WRITER if "session_key" in given:
            return _with_fields("GET", f"{_SESSION}/writer/health", {})
        case ActionKind.EXPORT:
            return _export(given)
        case ActionKind.RESUME if not given.get("force"):
            is_writing = given.get("work") == Work.WRITING.value
            writing = f"{_SESSION}/processing/retry"
            path = writing if is_writing else "/api/jira/retry-failed/SESSION_KEY"
            return _with_fields("POST", path, {})
        case ActionKind.SETTLE:
            return _decision(given)
        case ActionKind.UNDO if not given.get("keep_rest"):
            return _with_fields("POST", f"{_SESSION}/undo", {}, plan=f"{_SESSION}/plan-undo")
        case ActionKind.SHOW_FIXES if given.get("done"):
            return _with_fields("POST", f"{_SESSION}/finish-fixes", {})
        case ActionKind.SHOW_FIXES:
            return _with_fields("GET", f"{_SESSION}/export/manual-fixes", {})
        case _:
            return None


def _export(given: Mapping[str, Argument]) -> _Request:
    """Return the start of an export, or the look at its plan; more than new issues needs the plan."""
    choice = {name: True for name in ("update", "as_new") if given.get(name)}
    in_query = dict.fromkeys(choice, "true")
    plan = _with_fields("GET", f"{_SESSION}/plan", in_query)
    if given.get("plan"):
        return plan
    return _with_fields("POST", _EXPORT, choice, plan=plan.path if choice else None)


def _decision(given: Mapping[str, Argument]) -> _Request | None:
    """Return a decision about issues that are gone or there twice; None where none is named."""
    for decision in Decision:
        which = given.get(decision.value)
        if not which:
            continue
        chosen: dict[str, Any] = {"decision": decision.value}
        in_query: dict[str, Any] = dict(chosen)
        if which == "all":
            chosen["every"] = True
            in_query["every"] = "true"
        else:
            chosen["names"] = str(which).split(",")
            in_query["names"] = chosen["names"]
        plan = _with_fields("GET", f"{_SESSION}/plan-decision", in_query)
        return _with_fields("POST", f"{_SESSION}/decide-differences", chosen, plan=plan.path)
    return None


def _known_fields(action: Action) -> dict[str, Any]:
    """Return the fields of a request that an action says itself."""
    if action.kind is ActionKind.MARK_READY and action.arguments.get("all"):
        return {"numbers": None}  # who leaves them out is refused
    number = action.arguments.get("number")
    if not isinstance(number, int):
        return {}
    match action.kind:
        case (
            ActionKind.SHOW_TICKET
            | ActionKind.DIFF_TICKET
            | ActionKind.SKIP_TICKET
            | ActionKind.UNSKIP_TICKET
        ):
            return {"numbers": [number]}
        case ActionKind.DEPEND:
            return _dependency(number, action.arguments)
        case ActionKind.EDIT_TICKET | ActionKind.TAKE_WORDS | ActionKind.GIVE_WORDS:
            return {"number": number}
        case _:
            return {}


def _dependency(number: int, given: Mapping[str, Argument]) -> dict[str, Any]:
    on = [int(word) for word in str(given.get("on", "")).split() if word.isdigit()]
    fields: dict[str, Any] = {"number": number}
    if on:
        fields["on"] = on
    if given.get("not"):
        fields["is_not"] = True
    return fields
