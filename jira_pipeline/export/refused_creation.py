"""Why Jira refuses a creation as a whole, and what people can do about it.

Belongs here: whether a refusal is about one ticket or holds for every one, which fields of the create
screen it is about, the error with its ways out. Does not: a refused description (`sending`), what one
issue can do without (`issue_fields`), what is known before anything is sent (`create_screen`).

Createmeta does not tell everything: a workflow can refuse at creation what the screen calls optional.
Such a refusal meets every ticket alike, so it is the project's matter. One that names no field may be of
one ticket: it is the project's where the next ticket is refused by the same words.

Example: “Please choose a Component” to the first ticket of a session names the field Components of the
screen: people give it a value below `defaults.fields`, and leave no ticket out.
"""

import re
from collections.abc import Collection, Mapping
from typing import get_args

from jira_pipeline.export.create_screen import (
    NO_EPICS,
    CreateScreen,
    list_fields_action,
    way_to_fill,
)
from jira_pipeline.export.default_fields import FixedField, example_of, offered_values
from jira_pipeline.export.export_run import ExportRun, is_epic
from jira_pipeline.export.lookups import NOT_FOUND
from jira_pipeline.model.actions import Action, ActionKind
from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.exports import Origin
from jira_pipeline.model.issue_tracker import CreateField
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.tickets import Ticket

_OF_PROJECT = {"project", "issuetype"}
"""What Jira names when these are gone, as another way than 404."""
_STEM_CHARACTERS_MIN = 4
_ENDING_CHARACTERS_MAX = 2
"""A message may name one of what a field holds many of: Component of Components."""


def creation_refused(
    run: ExportRun,
    rendered: RenderedTicket,
    error: RefusedError,
    *,
    screen: CreateScreen,
    sent_fields: Collection[str],
    is_of_others: bool,
) -> RefusedError:
    """Return the error that stops an export at a ticket that Jira refused as a whole.

    `sent_fields` are the ids of the fields that the creation filled; `is_of_others` says that the next
    ticket was refused by the same words.
    """
    ticket = rendered.ticket
    is_of_all = (is_of_others or not is_about_no_field(error)) and _is_of_all(
        run, ticket, error, screen=screen, sent_fields=sent_fields
    )
    name = f"Ticket {ticket.number} ({ticket.title})"
    if is_epic(ticket):
        name = f"The epic “{ticket.title}”"
    message = f"{name} was refused. {error.message}"
    if is_of_all:
        message = (
            f"{run.target.name} refuses new issues, whatever the ticket: {error.message} {name} was the "
            "first that was sent, and nothing in the answer is about what it says."
        )
    return RefusedError(
        message,
        field_errors=error.field_errors,
        status_code=error.status_code,
        recovery_actions=(
            *_ways_out(ticket, error, screen=screen, is_of_all=is_of_all),
            "Export again; existing issues are not created again.",
        ),
    )


def is_about_no_field(refusal: RefusedError) -> bool:
    """Tell whether a refusal names no field and no missing project, so that it may be of one ticket."""
    return not refusal.field_errors and refusal.status_code != NOT_FOUND


def _is_of_all(
    run: ExportRun,
    ticket: Ticket,
    error: RefusedError,
    *,
    screen: CreateScreen,
    sent_fields: Collection[str],
) -> bool:
    """Tell whether a refusal is of every ticket, as far as is known.

    Jira took no ticket of the session yet, and names no field that the ticket fills with its own words.
    """
    for other in run.order.issues:
        receipt = run.issue_receipt(other)
        is_of_same_type = is_epic(other.ticket) == is_epic(ticket)
        if receipt is not None and receipt.origin is not Origin.ADOPTED and is_of_same_type:
            return False
    same_for_all = {*screen.defaults, *_OF_PROJECT}
    own_fields = {*sent_fields} - same_for_all
    return own_fields.isdisjoint(error.field_errors)


def _ways_out(
    ticket: Ticket, error: RefusedError, *, screen: CreateScreen, is_of_all: bool
) -> tuple[Action | str, ...]:
    """Say what people can do: about the project, the fields that the refusal names, or the ticket."""
    if error.status_code == NOT_FOUND or _OF_PROJECT & error.field_errors.keys():
        text = "{} shows whether the project and its issue type still exist."
        return (Action.of(ActionKind.CHECK_PROJECT, text, session=ticket.session_key),)
    ways: list[Action | str] = []
    unfilled = []
    for field in named_fields(screen, error.message, error.field_errors):
        if field.field_id in screen.defaults:
            ways.append(_way_to_correct(field))
        else:
            unfilled.append(field)
    if unfilled:
        ways.append(way_to_fill(unfilled))
    if is_of_all and not ways:
        ways.append(
            "A rule of the project's workflow refuses it. If the message names a field, give that a "
            "value below defaults.fields in session.yaml, and upload it; else ask a project "
            "administrator for the rule."
        )
    if is_of_all or unfilled:
        ways.append(list_fields_action(ticket.session_key))
    if is_epic(ticket):
        return (*ways, NO_EPICS)
    if is_of_all:
        return tuple(ways)
    leave_out = Action.of(
        ActionKind.SKIP_TICKET,
        "Or, if a workflow rule refuses it, leave it out: {}.",
        session_key=ticket.session_key,
        number=ticket.number,
    )
    return (*ways, "Correct what the message names, then validate again.", leave_out)


def _way_to_correct(field: CreateField) -> str:
    """Say what a field takes whose value in session.yaml Jira refused."""
    offered = offered_values(field)
    takes = f" It takes {offered}." if offered else ""
    return (
        f"Correct {field.name or field.field_id} ({field.schema}) below defaults.fields in "
        f"session.yaml, such as `{example_of(field)}`, and upload it.{takes}"
    )


def named_fields(
    screen: CreateScreen, message: str, field_errors: Mapping[str, str]
) -> list[CreateField]:
    """Return the fields of a screen that a refusal is about, by their ids or by their names in its text.

    What the ticket itself says, such as its summary, is none of them.
    """
    texts = [re.findall(r"\w+", text.casefold()) for text in (message, *field_errors.values())]
    named = []
    for field in screen.fields:
        words = re.findall(r"\w+", field.name.casefold())
        is_in_text = any(_holds(text, words) for text in texts)
        if field.field_id in get_args(FixedField):
            continue
        if field.field_id in field_errors or (is_in_text and not field_errors):
            named.append(field)
    return named


def _holds(text: list[str], words: list[str]) -> bool:
    """Tell whether words are in a text, one after the other, each with or without an ending."""
    if not words:
        return False
    for start in range(len(text) - len(words) + 1):
        pairs = zip(text[start:], words, strict=False)
        if all(_is_alike(written, word) for written, word in pairs):
            return True
    return False


def _is_alike(written: str, word: str) -> bool:
    """Tell whether two words are the same, but for an ending of one of them."""
    if written == word:
        return True
    short, long = sorted((written, word), key=len)
    is_ending_short = len(long) - len(short) <= _ENDING_CHARACTERS_MAX
    return len(short) >= _STEM_CHARACTERS_MIN and is_ending_short and long.startswith(short)
