"""Whether a view is enabled: a disabled one stays in the list of views and is shown nowhere.

Source: Drupal core, `status` of `views.view.*`.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.claims import clause
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import Entity

COLUMN = Column("Status", holds=Holds.SWITCH, loss="which views are enabled")


class Enabled(StrEnum):
    """What the row of a view says of its status."""

    YES = "enabled"
    NO = "disabled"
    UNSAID = "unsaid"
    """Drupal enables a new view; nobody knows what a view on the site is."""


def enabled_of(view: Entity) -> Enabled:
    """Read the status of a view from its row."""
    match view.flag(COLUMN.name):
        case True:
            return Enabled.YES
        case False:
            return Enabled.NO
        case None:
            return Enabled.UNSAID


def is_disabled(view: Entity) -> bool:
    """Tell whether the row of a view says that it is disabled."""
    return enabled_of(view) is Enabled.NO


def status_clause(view: Entity) -> str:
    """Return ` as enabled` or ` as disabled`, after what lists a view; empty where it is unsaid."""
    match enabled_of(view):
        case Enabled.YES:
            return clause("view_enabled")
        case Enabled.NO:
            return clause("view_disabled")
        case Enabled.UNSAID:
            return ""


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield whether the view is enabled."""
    return facts_by_row(enabled_of, (view.head,))


COUNTERPART = Counterpart(how=Comparison.FLAG, where="`status`")
RULE = Rule(key="view.enabled", columns=(COLUMN,), facts=facts, counterpart=COUNTERPART)
