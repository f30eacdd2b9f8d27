"""Rows of roles for the cases of rules, in a few words each; read and grouped as uploaded sheets are.

Belongs here: making rows of roles, and their ticket. Does not: what is asserted (the test module of
each rule).
"""

from collections.abc import Iterable

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.drupal.made_rows import ticket_of_list
from jira_pipeline_tests.sheets.made_specifications import Row


def role(note: str = "", name: str = "Skipper", **cells: str) -> Row:
    """Make the row of a role; `cells` are further columns."""
    row = {"Name": name, "Machine name": name.casefold(), "X": "a", "Notes": note}
    return row | {column.replace("_", " "): text for column, text in cells.items()}


def ticket_of(*roles: Row, bundles: Iterable[Row] = ()) -> TicketRows:
    """Return the ticket of these roles."""
    return ticket_of_list(EntityKind.USER_ROLE, roles=roles, bundles=bundles)
