"""Commands that decide about tickets: one for each verb of `review/verbs`, made from its signature.

Belongs here: how what a verb takes is typed, which tickets are meant. Does not: what may be decided
and what it came to, in words (`review/decisions`), edits (`ticket_changes`), answers (`questions`).
"""

from collections.abc import Callable, Iterator
from inspect import Parameter, Signature
from types import UnionType
from typing import Annotated, Any, get_args, get_origin

import typer
from pydantic.fields import FieldInfo

from jira_pipeline.cli.context import JsonOption, SessionArgument, opened_session
from jira_pipeline.cli.reviewing import (
    NumberArgument,
    choosing_tickets,
    current_person,
    numbers_in,
    show_outcome,
    tickets_meant,
)
from jira_pipeline.model.tickets import NAMED_IN_JIRA, Ticket, Withdrawal
from jira_pipeline.review.deciding import decide
from jira_pipeline.review.outcomes import vanished_of
from jira_pipeline.review.ticket_selection import TicketQuery
from jira_pipeline.review.verbs import VERBS, Verb

_AMONG_VANISHED = {"withdraw": Withdrawal.PROPOSED, "unwithdraw": Withdrawal.AGREED}


def _command_of(name: str, verb: Verb) -> Callable[..., None]:
    numbers = verb.parameters.get("numbers")
    is_choosing = (
        numbers is not None and FieldInfo.from_annotation(numbers.annotation).title is None
    )

    def command(
        session_key: str,
        *,
        wanted: TicketQuery | None = None,
        is_all: bool = False,
        is_json: bool,
        **typed: Any,
    ) -> None:
        with opened_session(session_key, is_json=is_json) as (screen, session):
            given = {word: value for word, value in typed.items() if value is not None}
            given |= {word: numbers_in(given[word]) for word in ("numbers", "on") if word in given}
            if is_choosing:
                named, among = wanted.numbers if wanted else (), list[Ticket](session.tickets)
                if state := _AMONG_VANISHED.get(name):
                    gone = vanished_of(session, named) or session.vanished
                    among = [one for one in gone if one.withdrawal is state]
                meant = tickets_meant(session, wanted, is_all=is_all, among=among)
                given["numbers"] = VERBS[name].meant(meant, are_named=bool(named))
            outcome = decide(session, name, given, by=current_person())
            screen.answer(outcome.model_dump(mode="json"))
            show_outcome(screen, session, outcome)
            if any(given.get(field) for field in NAMED_IN_JIRA):
                from jira_pipeline.export.trackers import look_names_up

                if unknown := look_names_up(session, by=current_person()):
                    screen.say(unknown)

    parameters = [_keyword("session_key", SessionArgument)]
    if is_choosing:
        parameters.append(_keyword("wanted", TicketQuery | None))
    if verb.every:
        every = Annotated[bool, typer.Option("--all", help=verb.every)]
        parameters.append(_keyword("is_all", every, default=False))
    parameters += _typed(verb)
    parameters.append(_keyword("is_json", JsonOption, default=False))
    setattr(command, "__signature__", Signature(parameters))  # noqa: B010 - read by Typer
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    examples = "\n".join(f"jira-pipeline tickets {name} my_site {one}" for one in verb.examples)
    command.__doc__ = f"{verb.text}\n\nFor example:\n\n{examples}" if examples else verb.text
    return choosing_tickets(command) if is_choosing else command


def _typed(verb: Verb) -> Iterator[Parameter]:
    for word, one in verb.parameters.items():
        info = FieldInfo.from_annotation(one.annotation)
        more: dict[str, Any] = {"help": info.description, "metavar": info.title}
        if not info.description or (word == "numbers" and info.title is None):
            continue
        if word == "number":
            yield _keyword(word, NumberArgument)
        elif one.kind is Parameter.POSITIONAL_OR_KEYWORD:
            kind = list[str] if get_origin(info.annotation) is not None else info.annotation
            yield _keyword(word, Annotated[kind, typer.Argument(**more)])
        else:
            option = typer.Option(f"--{word.removeprefix('is_')}", **more)
            kind = _kind_of(info.annotation)
            if kind is bool or one.default is Parameter.empty:
                yield _keyword(word, Annotated[kind, option], default=one.default)
            else:
                yield _keyword(word, Annotated[kind | None, option], default=None)


def _kind_of(annotation: Any) -> Any:
    """Return what is typed for a value; several come as one text."""
    if get_origin(annotation) is UnionType:
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    return annotation if annotation in {bool, int} else str


def _keyword(name: str, annotation: Any, *, default: Any = Parameter.empty) -> Parameter:
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def __getattr__(name: str) -> Any:
    """Return the command of a verb by its name, such as `take-back`."""
    if name not in VERBS:
        raise AttributeError(name)
    return _command_of(name, VERBS[name])
