"""The table of what people decide: each surface offers a verb as its function declares it.

Belongs here: who may take it, its entries in the audit trail, examples; taking one that is given as
data, and taking it back. Does not: what it does (`decisions`), how it is typed or sent (`cli/decisions`,
`web/pages/decisions`, the job `review_tickets`).

Parameters of the function before the star are arguments of its command, those after it options, and
all of them fields of its form and of run configuration; one without a description is no matter of
the terminal. The docstring, up to its errors, is the text of help.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, getdoc, signature
from typing import Any, cast, get_type_hints

from pydantic import TypeAdapter, ValidationError

from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.people import Role
from jira_pipeline.model.tickets import FieldValue, refuse_other_fields
from jira_pipeline.review import decisions
from jira_pipeline.review.decisions import Fields, Outcome, Step, tickets_of
from jira_pipeline.review.open_session import OpenSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A decision as every surface offers it; its function says what it takes, and what it does."""

    take: Callable[..., Outcome]
    permission: Role = Role.REVIEWER
    """Who may take it on pages; at a terminal and in Dagster everybody may."""
    actions: Sequence[AuditAction]
    """Of its entries in the audit trail, with the label in the history."""
    every: str = ""
    """What `--all` means for its command; empty: it takes none."""
    examples: Sequence[str] = ()
    """Of its command, from the first argument on."""

    @property
    def text(self) -> str:
        """What it does."""
        return (getdoc(self.take) or "").partition("\n\nRaises:")[0]

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """What it takes, by name, with its type; each of its fields by itself."""
        hints, found = get_type_hints(self.take, include_extras=True), dict[str, Parameter]()
        for name, one in signature(self.take).parameters.items():
            if name == "fields":
                of_fields = get_type_hints(Fields, include_extras=True)
                found |= {
                    each: one.replace(name=each, annotation=hint, default=None)
                    for each, hint in of_fields.items()
                }
            elif name not in {"session", "by"}:
                found[name] = one.replace(annotation=hints[name])
        return found


VERBS: Mapping[str, Verb] = {
    "ready": Verb(
        take=decisions.mark_ready,
        actions=(AuditAction.TICKETS_MARKED_READY,),
        every="Every ticket that is not skipped.",
        examples=("--all", "3 7-9", "--group Views"),
    ),
    "unready": Verb(
        take=decisions.unmark_ready,
        actions=(AuditAction.TICKETS_UNMARKED_READY,),
        every="Every ticket.",
    ),
    "skip": Verb(
        take=decisions.skip,
        actions=(AuditAction.TICKETS_SKIPPED,),
        examples=('4 9-11 --reason "Built already"',),
    ),
    "unskip": Verb(
        take=decisions.unskip, actions=(AuditAction.TICKETS_UNSKIPPED,), every="Every ticket."
    ),
    "assign": Verb(
        take=decisions.assign,
        actions=(AuditAction.FIELDS_ASSIGNED,),
        every="Every ticket.",
        examples=("3-5 9 --labels drupal,views", '--group Views --sprint "SBX Sprint 2"'),
    ),
    "labels": Verb(
        take=decisions.change_labels,
        actions=(AuditAction.FIELDS_ASSIGNED,),
        every="Every ticket.",
        examples=("3-5 9 --added urgent --removed later",),
    ),
    "order": Verb(
        take=decisions.order,
        actions=(AuditAction.TICKETS_REORDERED,),
        examples=("14 12 13",),
    ),
    "move": Verb(take=decisions.move, actions=(AuditAction.TICKETS_REORDERED,)),
    "depend": Verb(
        take=decisions.depend,
        actions=(AuditAction.DEPENDENCY_ADDED, AuditAction.DEPENDENCY_REMOVED),
        examples=("12 5", "12 5 --not"),
    ),
    "rollback": Verb(
        take=decisions.roll_back,
        actions=(AuditAction.TICKET_ROLLED_BACK,),
        examples=("12 --to 1",),
    ),
    "take-back": Verb(
        take=decisions.take_back, actions=(AuditAction.TICKET_EDITED,), examples=("12 3",)
    ),
    "withdraw": Verb(
        take=decisions.withdraw,
        actions=(AuditAction.WITHDRAWALS_AGREED,),
        every="Every ticket that is no longer in the sheets.",
        examples=('25-27 --reason "Not built in this phase"',),
    ),
    "unwithdraw": Verb(
        take=decisions.unwithdraw,
        actions=(AuditAction.WITHDRAWALS_PROPOSED_AGAIN,),
        every="Every withdrawn one.",
    ),
    "answer": Verb(take=decisions.answer, actions=(AuditAction.QUESTIONS_ANSWERED,)),
}
"""What can be decided by numbers and places, by its name in commands, forms and run configuration.

An edit is none: people write it, in an editor, a file or a form with both texts of a conflict.
"""


def decide(session: OpenSession, name: str, arguments: Mapping[str, object], *, by: str) -> Outcome:
    """Take a decision that is given as data; its verb's own signature checks the arguments.

    Raises:
        WrongUseError: There is no such verb, or an argument is missing, unknown or no such value.
        PipelineError: What the verb raises.
    """
    if name not in VERBS:
        raise WrongUseError(
            f"There is no decision {name!r}.",
            recovery_actions=(f"Take one of {', '.join(VERBS)}.",),
        )
    verb = VERBS[name].take
    hints = get_type_hints(verb, include_extras=True)
    takes = [word for word in signature(verb).parameters if word not in {"session", "by"}]
    if "fields" in takes and "fields" not in arguments:
        fields = {n: value for n, value in arguments.items() if n in Fields.__annotations__}
        rest = {n: value for n, value in arguments.items() if n not in fields}
        arguments = rest | {"fields": fields}
    given, word = {}, ""
    try:
        signature(verb).bind(session, by=by, **arguments)
        for word, value in arguments.items():
            given[word] = TypeAdapter[Any](hints[word]).validate_python(value)
    except (TypeError, ValidationError) as error:
        fault = str(error)  # an argument is missing, or there is none of that name
        if isinstance(error, ValidationError):
            fault = f"{word}: {error.errors()[0]['msg']}"
        raise WrongUseError(
            f"The decision {name} cannot be taken: {fault}.",
            recovery_actions=(f"It takes {', '.join(takes)}.",),
        ) from error
    return verb(session, by=by, **given)


def undo(session: OpenSession, steps: Sequence[Step], *, by: str) -> int:
    """Take decisions back, as their outcomes say; return how many tickets that changed.

    Ready marks come last, and only for what says again what was approved. What somebody decided
    since stays.

    Raises:
        EditConflictError: Something was decided about one of them since.
        PipelineError: What the verbs raise.
    """
    now, changed = session.again(), set[int]()
    for name, arguments in steps:
        if name != "answer":
            numbers = cast("Sequence[int]", arguments["numbers"])
            were = cast("Mapping[str, FieldValue]", arguments.get("were", {}))
            refuse_other_fields(tickets_of(now, numbers), were)
    for name, arguments in sorted(steps, key=lambda step: step[0] == "ready"):
        changed |= {*decide(session.again(), name, arguments, by=by).numbers}
    return len(changed)
