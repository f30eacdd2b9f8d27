"""Commands that decide about tickets: one for each verb of `review/verbs`, made from its signature.

A verb is a decision such as `skip`, and a function that takes it: its parameters become what people type,
`skip(session, numbers, *, reason)` becomes `tickets skip KEY [N]... --reason TEXT`. The name of a command
is an attribute of this module, made by `__getattr__`, so that `cli/app` finds it as it finds any other.

Belongs here: how a parameter is typed, which tickets are meant. Does not: what may be decided and what
came of it, in words (`review/decisions`), edits (`tickets`), answers (`questions`).
"""

from collections.abc import Iterator
from inspect import Parameter
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic.fields import FieldInfo

from jira_pipeline.cli.console import Screen
from jira_pipeline.cli.context import (
    NumberArgument,
    choosing_tickets,
    current_person,
    parse_ticket_numbers,
    show_outcome,
    tickets_meant,
    typed_as,
)
from jira_pipeline.model.signatures import keyword
from jira_pipeline.model.ticket_decisions import Withdrawal
from jira_pipeline.model.tickets import NAMED_IN_JIRA, Ticket
from jira_pipeline.review.decisions import decide
from jira_pipeline.review.outcomes import vanished_of
from jira_pipeline.review.ticket_selection import TicketQuery
from jira_pipeline.review.verbs import VERBS, Verb

if TYPE_CHECKING:  # the help of a command loads no store
    from jira_pipeline.review.open_session import OpenSession

_STATE_OF_VANISHED = {"withdraw": Withdrawal.PROPOSED, "unwithdraw": Withdrawal.AGREED}
"""Verbs about tickets whose rows are gone, and the state in which such a ticket is theirs."""


def _command_parameters(verb: Verb) -> Iterator[Parameter]:
    """Yield the parameters of a verb as they are typed: `number` as `N`, `reason` as `--reason TEXT`.

    A parameter without a description is for pages only.
    """
    for word, parameter in verb.parameters.items():
        info = FieldInfo.from_annotation(parameter.annotation)
        title = info.title or ""
        text = info.description
        if not text or (word == "numbers" and not title):
            continue
        if word == "number":
            yield keyword(word, NumberArgument)
        elif parameter.kind is Parameter.POSITIONAL_OR_KEYWORD:
            kind = list[str] if get_origin(info.annotation) is not None else info.annotation
            yield keyword(word, Annotated[kind, title, text])
        else:
            option = f"--{word.removeprefix('is_')} {title}".rstrip()
            kind = _option_kind(info.annotation)
            if kind is bool or parameter.default is Parameter.empty:
                yield keyword(word, Annotated[kind, option, text], default=parameter.default)
            else:
                yield keyword(word, Annotated[kind | None, option, text], default=None)


def _option_kind(annotation: Any) -> Any:
    """Return the type of an option's value: yes or no, a number, or else a text that the verb reads."""
    kind = annotation
    if get_origin(annotation) is UnionType:
        kind = next(member for member in get_args(annotation) if member is not type(None))
    return kind if kind in {bool, int} else str


def __getattr__(name: str) -> Any:
    """Return the command of a verb by its name, such as `take-back`.

    Raises:
        AttributeError: No verb is called so.
    """
    if name not in VERBS:
        raise AttributeError(name)
    verb = VERBS[name]
    numbers = verb.parameters.get("numbers")
    is_choosing = (
        numbers is not None and FieldInfo.from_annotation(numbers.annotation).title is None
    )

    def command(
        screen: Screen,
        session: "OpenSession",
        *,
        wanted: TicketQuery | None = None,
        is_all: bool = False,
        **typed: Any,
    ) -> None:
        arguments = {word: value for word, value in typed.items() if value is not None}
        for word in ("numbers", "on"):
            if word in arguments:
                arguments[word] = parse_ticket_numbers(arguments[word])
        if is_choosing:
            numbers_named = wanted.numbers if wanted else ()
            candidates = list[Ticket](session.tickets)
            state = _STATE_OF_VANISHED.get(name)
            if state is not None:
                vanished = vanished_of(session, numbers_named) or session.vanished_tickets
                candidates = [ticket for ticket in vanished if ticket.withdrawal is state]
            chosen = tickets_meant(session, wanted, is_all=is_all, among=candidates)
            are_named = bool(numbers_named)
            arguments["numbers"] = verb.chosen_numbers(chosen, are_named=are_named)
        outcome = decide(session, name, arguments, by=current_person())
        screen.answer(outcome.model_dump(mode="json"))
        show_outcome(screen, session, outcome)
        if any(arguments.get(field) for field in NAMED_IN_JIRA):
            from jira_pipeline.export.project_check import look_names_up

            screen.say(look_names_up(session, by=current_person()))

    parameters = [keyword("screen", Screen), keyword("session", object)]
    if is_choosing:
        parameters.append(keyword("wanted", TicketQuery | None))
    if verb.every:
        every = Annotated[bool, "--all", verb.every]
        parameters.append(keyword("is_all", every, default=False))
    parameters += _command_parameters(verb)
    examples = "\n".join(f"jira-pipeline tickets {name} my_site {typed}" for typed in verb.examples)
    command.__doc__ = f"{verb.text}\n\nFor example:\n\n{examples}" if examples else verb.text
    command_as_typed = typed_as(command, parameters)
    return choosing_tickets(command_as_typed) if is_choosing else command_as_typed
