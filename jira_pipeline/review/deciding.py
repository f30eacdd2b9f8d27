"""Taking a decision that is given as data, and taking it back.

Belongs here: arguments checked by the signature of the verb. Does not: which verbs there are (`verbs`),
what they do (`decisions`, `approvals`, `revisions`, `answers`).
"""

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any, cast

from pydantic import TypeAdapter, ValidationError

from jira_pipeline.model.errors import PipelineError, WrongUseError
from jira_pipeline.model.tickets import FieldValue, refuse_other_fields
from jira_pipeline.review.outcomes import Fields, Outcome, Step, tickets_of
from jira_pipeline.review.verbs import VERBS

if TYPE_CHECKING:  # the help of a command loads no store
    from jira_pipeline.review.open_session import OpenSession


def decide(
    session: "OpenSession", name: str, arguments: Mapping[str, object], *, by: str
) -> Outcome:
    """Take a decision that is given as data; its verb's own signature checks the arguments.

    Raises:
        WrongUseError: There is no such verb, or an argument is missing, unknown or no such value.
        PipelineError: What the verb raises.
    """
    if name not in VERBS:
        raise WrongUseError(
            f"There is no decision {name!r}.", recovery_actions=(f"Use one of {', '.join(VERBS)}.",)
        )
    verb = VERBS[name].take
    hints = {word: one.annotation for word, one in signature(verb).parameters.items()}
    takes = [word for word in hints if word not in {"session", "by"}]
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
            f"The decision {name} cannot be made: {fault}.",
            recovery_actions=(f"It takes {', '.join(takes)}.",),
        ) from error
    return verb(session, by=by, **given)


def decide_all(
    session: "OpenSession", given: Sequence[tuple[str, Mapping[str, object]]], *, by: str
) -> list[Outcome]:
    """Take decisions one after the other in one transaction: where one is refused, none is kept.

    Raises:
        PipelineError: What a verb raises; of several it says which.
    """
    outcomes: list[Outcome] = []
    try:
        with session.store.database.together():
            for name, arguments in given:
                outcomes.append(decide(session.again(), name, arguments, by=by))
    except PipelineError as error:
        if len(given) > 1:
            number = len(outcomes) + 1
            error.message = f"{error.message} (Decision {number} of {len(given)}; none was saved.)"
        raise
    return outcomes


def undo(session: "OpenSession", steps: Sequence[Step], *, by: str) -> int:
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
