"""The fields with which one issue is created, and what is left out where Jira does not take a value.

Belongs here: the value of each field of a ticket in Jira's form, what is sent where Jira refused the
first one, the manual fix of every field that is left out. Does not: what the screen has
(`create_screen`), what session.yaml gives all issues (`default_fields`), sending (`sending`), the
identity marker, which no fallback drops.
"""

from collections.abc import Mapping

from pydantic import JsonValue

from jira_pipeline.export.create_screen import CreateScreen
from jira_pipeline.export.default_fields import FixedField
from jira_pipeline.export.export_run import ExportRun, is_epic
from jira_pipeline.export.jira_names import Unresolved, choose_account, choose_option
from jira_pipeline.export.repeated_writes import Fallback, record_fix
from jira_pipeline.model.issue_tracker import Account
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.ticket_links import as_cards
from jira_pipeline.model.tickets import IssueField, Ticket

ASSIGN_PERMISSION = "ASSIGN_ISSUES"


class IssueFields:
    """The fields of one execution's creations: chosen once for each ticket, fewer after refusals."""

    def __init__(self, run: ExportRun, screen: CreateScreen) -> None:
        self._run = run
        self._tickets_screen = screen
        self._chosen: dict[str, dict[IssueField, list[JsonValue]]] = {}
        self._people: dict[str, Account | Unresolved] = {}

    def screen_of(self, ticket: Ticket) -> CreateScreen:
        """Return the create screen of the type of issue that a ticket becomes."""
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
        screen = self.screen_of(rendered.ticket)
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
        screen = self.screen_of(ticket)
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
