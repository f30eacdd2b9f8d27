"""The fields of an issue, and what to leave out where Jira does not take one.

Belongs here: issue type and create screen, which fields are sent, those of `defaults.fields` of
session.yaml in Jira's form, the manual fix of every field that is left out. Does not: sending
(`sending`), reading session.yaml (`sheets/manifest`), the identity marker, which no fallback drops.

Source of the forms: Jira Cloud platform REST API 3, "Create issue", and createmeta's `schema`.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field as dataclass_field
from datetime import date, datetime
from functools import partial
from typing import Literal, TypeAlias, get_args

from pydantic import JsonValue

from jira_pipeline.export.export_run import ExportRun, is_epic
from jira_pipeline.export.jira_names import (
    Unresolved,
    choose_account,
    choose_issue_type,
    choose_option,
)
from jira_pipeline.export.repeated_writes import Fallback, record_fix
from jira_pipeline.jira.adf import left_out_of_markdown, markdown_to_adf
from jira_pipeline.model.errors import RefusedError
from jira_pipeline.model.issue_tracker import Account, CreateField, FieldOption
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.ticket_links import as_cards
from jira_pipeline.model.tickets import IssueField, Ticket

FixedField: TypeAlias = Literal["project", "summary", "description", "issuetype"]
"""What a creation fills beside each `IssueField`: where it goes, and what is hashed by itself."""
OUR_FIELDS = {
    **dict.fromkeys(get_args(FixedField), "the ticket says it"),
    **{field.jira_id: field.given_as for field in IssueField},
}
"""Who gives what we send by itself, by id."""
WAY_OUT = (
    "Give each a value below defaults.fields in session.yaml, by name or id, and upload it; or give "
    "it a default, or make it optional, in the project."
)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?")
_EXAMPLES = {"date": "2026-12-31", "datetime": "2026-12-31T09:00:00+01:00", "number": "1.5"}
_LONG_TEXT = ":textarea"
_SHOWN = 20
"""Values or fields that an error lists."""


def default_fields(
    given: Mapping[str, tuple[str, ...]],
    screen: Sequence[CreateField],
    *,
    find: Callable[[str], Sequence[Account]],
    is_sandbox: bool = False,
) -> tuple[dict[str, JsonValue], list[str]]:
    """Return what people named as fields of a create screen, by id, and what cannot be filled in.

    `find` asks Jira for people.

    The embedded sandbox need not have the fields of their Jira: it does without them.
    """
    values: dict[str, JsonValue] = {}
    faults: list[str] = []
    for name, texts in given.items():
        by_id = [field for field in screen if field.field_id == name]
        by_name = [field for field in screen if field.name.casefold() == name.casefold()]
        candidates = by_id or by_name
        if len(candidates) != 1:
            if not is_sandbox:
                reason = _unclear(candidates, screen).reason
                faults.append(f"defaults.fields, {name}: {reason}")
            continue
        [field] = candidates
        value = _value_of(field, texts, find)
        if isinstance(value, Unresolved):
            faults.append(f"defaults.fields, {name}: {value.reason}")
        else:
            values[field.field_id] = value
    return values, faults


def _unclear(candidates: Sequence[CreateField], screen: Sequence[CreateField]) -> Unresolved:
    """Say why a name means no field of a screen, or no single one."""
    if candidates:
        ids = _listed(field.field_id for field in candidates)
        return Unresolved(reason=f"{len(candidates)} fields have that name; use an id: {ids}")
    names = _listed(field.name for field in screen if field.field_id not in OUR_FIELDS)
    return Unresolved(reason=f"the create screen has no such field; it has {names}")


def _value_of(
    field: CreateField, texts: tuple[str, ...], find: Callable[[str], Sequence[Account]]
) -> JsonValue | Unresolved:
    """Return the texts that people gave a field in Jira's form."""
    if field.field_id in OUR_FIELDS:
        return Unresolved(reason=OUR_FIELDS[field.field_id])
    is_list = field.kind == "array"
    if len(texts) != 1 and not is_list:
        return Unresolved(reason="the field takes one value")
    kind = field.item_kind if is_list else field.kind
    values = []
    unfit = []
    for text in texts:
        value = _single(field, kind, text, find)
        if isinstance(value, Unresolved):
            unfit.append(value)
        else:
            values.append(value)
    if unfit:
        return unfit[0]
    return values if is_list else values[0]


def _single(
    field: CreateField, kind: str, text: str, find: Callable[[str], Sequence[Account]]
) -> JsonValue | Unresolved:
    """Return one text in Jira's form of a kind of value."""
    if field.options is not None:
        option = choose_option(field.options, text)
        if isinstance(option, Unresolved):
            names = _listed(offered.name for offered in field.options)
            return Unresolved(reason=f"“{text}” is not one of {names}")
        return {"id": option.option_id}
    match kind:
        case "string" if field.custom_type.endswith(_LONG_TEXT) or field.field_id == "environment":
            lost = left_out_of_markdown(text)
            if lost:
                names = _listed(f"{part.what} “{part.quote}”" for part in lost)
                return Unresolved(reason=f"its text would lose {names}")
            return dict(markdown_to_adf(text))
        case "string":
            return text
        case "number" | "date" | "datetime":
            value = _measured(kind, text)
            if value is None:
                return Unresolved(reason=f"“{text}” is not a {kind}, such as {_EXAMPLES[kind]}")
            return value
        case "user":
            account = choose_account(text, find(text))
            if isinstance(account, Unresolved):
                return Unresolved(reason=f"“{text}”: {account.reason}")
            return {"id": account.account_id}
        case _:
            return Unresolved(reason=f"nothing fills a field of the type {kind or '(none)'}")


def _measured(kind: str, text: str) -> float | str | None:
    """Return a number, date or time in Jira's form; None where the text is none."""
    try:
        if kind == "date":
            return date.fromisoformat(text).isoformat()
        if kind == "datetime":
            at = datetime.fromisoformat(text)
            return f"{at:%Y-%m-%dT%H:%M:%S.000%z}" if at.tzinfo else None
    except ValueError:
        return None
    return float(text) if _NUMBER.fullmatch(text) else None


def _listed(names: Iterator[str]) -> str:
    return first_named(sorted(names), _SHOWN) or "nothing"


ASSIGN_PERMISSION = "ASSIGN_ISSUES"
ISSUE_TYPE_ACTION = (
    "Give its name or id in JIRA_ISSUE_TYPE, or in issue_type in session.yaml and upload it."
)
NO_EPICS = "Set `epics: none` in session.yaml, or choose a project with epics, and upload it."
SENT_FIELDS = (*get_args(FixedField), IssueField.LABELS.jira_id)
"""Fields every creation fills."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateScreen:
    field_ids: frozenset[str] = frozenset()
    priorities: tuple[FieldOption, ...] | None = None
    """What the priority field takes; None where Jira lists none."""
    issue_type_id: str = ""
    defaults: Mapping[str, JsonValue] = dataclass_field(default_factory=dict)
    """What every issue gets, by id of the field."""
    title_fields: tuple[str, ...] = ()
    """Ids of fields that say the summary again."""
    of_epics: "CreateScreen | None" = None
    """None where none are created."""


def find_screen(run: ExportRun) -> CreateScreen:
    """Find the issue type to create, and what can be filled on its create screen.

    Raises:
        RefusedError: Which type is not clear, or the project requires a field that we do not fill.
    """
    tracker = run.tools.tracker
    order = run.order
    target = run.target
    issue_type = choose_issue_type(
        tracker.issue_types(target.project_id),
        name=order.names.issue_type,
        is_sandbox=order.is_sandbox,
    )
    if isinstance(issue_type, Unresolved):
        raise RefusedError(
            f"It is not clear which issue type to create in {target.name}: {issue_type.reason}.",
            recovery_actions=(ISSUE_TYPE_ACTION,),
        )
    fields = tracker.create_fields(target.project_id, issue_type.issue_type_id)
    given, faults = default_fields(
        order.names.fields,
        fields,
        find=partial(tracker.assignable_users, target.project_key),
        is_sandbox=order.is_sandbox,
    )
    if faults:
        raise RefusedError(
            f"session.yaml has fields that {target.name} does not accept: {'; '.join(faults)}.",
            recovery_actions=("Correct defaults.fields in session.yaml and upload it.",),
        )
    tickets = [rendered.ticket for rendered in order.in_build_order]
    unfilled = unfilled_fields(fields, tickets, given)
    if unfilled:
        raise RefusedError(
            f"{target.name} requires fields that are not filled: {', '.join(unfilled)}.",
            recovery_actions=(WAY_OUT,),
        )
    priorities = [field.options for field in fields if field.field_id == "priority"]
    return CreateScreen(
        issue_type_id=issue_type.issue_type_id,
        field_ids=frozenset(field.field_id for field in fields),
        priorities=priorities[0] if priorities else None,
        defaults=given,
    )


def unfilled_fields(
    fields: Sequence[CreateField], tickets: Sequence[Ticket], given: Collection[str]
) -> tuple[str, ...]:
    """Return the names of required fields that nobody gave, and not every ticket fills."""
    filled = {*SENT_FIELDS, *given}
    for issue_field in IssueField:
        if all(map(issue_field.original_value, tickets)):
            filled.add(issue_field.jira_id)
    unfilled = []
    for field in fields:
        is_needed = field.is_required and not field.has_default
        if is_needed and field.field_id not in filled:
            unfilled.append(field.name or field.field_id)
    return tuple(sorted(unfilled))


class IssueFields:
    """The fields of one execution's creations: chosen once for each ticket, fewer after refusals."""

    def __init__(self, run: ExportRun, screen: CreateScreen) -> None:
        self._run = run
        self._tickets_screen = screen
        self._chosen: dict[str, dict[IssueField, list[JsonValue]]] = {}
        self._people: dict[str, Account | Unresolved] = {}

    def _screen(self, ticket: Ticket) -> CreateScreen:
        screen = self._tickets_screen
        return screen.of_epics if screen.of_epics and is_epic(ticket) else screen

    def choice(self, rendered: RenderedTicket) -> Mapping[IssueField, list[JsonValue]]:
        """Return what each field is filled with, and then with, if Jira refuses that.

        What cannot be sent becomes a manual fix.
        """
        ticket = rendered.ticket
        if ticket.ticket_id not in self._chosen:
            self._chosen[ticket.ticket_id] = {
                field: self._values(ticket, field) for field in IssueField
            }
        return self._chosen[ticket.ticket_id]

    def fields(self, rendered: RenderedTicket) -> dict[str, object]:
        """Return the fields of a creation, without what was dropped or is not on the screen."""
        screen = self._screen(rendered.ticket)
        fixed: dict[FixedField, object] = {
            "project": {"id": self._run.target.project_id},
            "issuetype": {"id": screen.issue_type_id},
            "summary": rendered.summary,
            "description": rendered.document_naming(as_cards(self._run.address_of)),
        }
        # What the ticket says wins over what people gave all issues.
        fields: dict[str, object] = dict.fromkeys(screen.title_fields, rendered.summary)
        fields.update(screen.defaults)
        fields.update(fixed.items())
        for field, values in self.choice(rendered).items():
            if values:
                fields[field.jira_id] = values[0]
        return fields

    def drop_refused(self, rendered: RenderedTicket, field_errors: Mapping[str, str]) -> bool:
        """Leave out what Jira refuses, and note what a person has to do; tell whether any went.

        None goes where the issue cannot do without it.
        """
        refused = [
            (field, values)
            for field, values in self.choice(rendered).items()
            if values and field.jira_id in field_errors
        ]
        for field, values in refused:
            values.pop(0)
            self._leave(rendered.ticket, field, reason=field_errors[field.jira_id])
        return bool(refused)

    def _values(self, ticket: Ticket, field: IssueField) -> list[JsonValue]:
        """Return what Jira is to get, and the session's own label where it refuses others."""
        value = self._value(ticket, field)
        if isinstance(value, Unresolved):
            self._leave(ticket, field, reason=value.reason)
            return []
        if field is IssueField.LABELS and ticket.labels:
            return [value, [self._run.order.session_label]]
        return [value] if value else []

    def _value(self, ticket: Ticket, field: IssueField) -> JsonValue | Unresolved:
        """Return the value of a field in Jira's form; None leaves it to the project or `placing`."""
        screen = self._screen(ticket)
        if field.jira_id not in screen.field_ids:
            is_placed = field in {IssueField.PARENT, IssueField.SPRINT}
            return None if is_placed else Unresolved(reason="the field is not on the create screen")
        match field:
            case IssueField.ASSIGNEE:
                return self._account(ticket.assignee) if ticket.assignee else None
            case IssueField.PRIORITY:
                return self._priority(ticket.priority, screen) if ticket.priority else None
            case IssueField.LABELS:
                labels = ["-".join(label.split()) for label in ticket.labels]
                return list(dict.fromkeys([self._run.order.session_label, *labels]))
            case IssueField.PARENT:
                above = self._run.parent_of(ticket)
                return {"key": above} if above else None
            case IssueField.SPRINT:
                return None

    def _account(self, name: str) -> JsonValue | Unresolved:
        """Return the account of an address or name; Jira is asked once for each."""
        if ASSIGN_PERMISSION in self._run.withheld:
            return Unresolved(reason=f"the account lacks the permission {ASSIGN_PERMISSION}")
        if name not in self._people:
            project_key = self._run.target.project_key
            users = self._run.tools.tracker.assignable_users(project_key, name)
            self._people[name] = choose_account(name, users)
        account = self._people[name]
        return account if isinstance(account, Unresolved) else {"id": account.account_id}

    def _priority(self, name: str, screen: CreateScreen) -> JsonValue | Unresolved:
        """Return a priority by id; by name where the project lists none."""
        if screen.priorities is None:
            return {"name": name}
        option = choose_option(screen.priorities, name)
        if isinstance(option, Unresolved):
            return option
        return {"id": option.option_id} if option.option_id else {"name": option.name}

    def _leave(self, ticket: Ticket, field: IssueField, *, reason: str) -> None:
        """Ask a person to set what a ticket has; the issue's key is added when the fix is shown."""
        name = field.of_ticket
        value = field.original_value(ticket)
        if not value:
            return
        text = value if isinstance(value, str) else ", ".join(value)
        fallback = Fallback(
            fix_type=field.fix_type,
            subject=name,
            title=f"Set the {name} of {ticket.title}",
            original_value=text,
            recommended_action=(
                f"Jira did not accept the {name} “{text}” ({reason}). Choose a valid {name} on "
                "the issue."
            ),
        )
        record_fix(self._run, ticket, fallback, key=None)
