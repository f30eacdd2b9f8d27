"""A type whose items everybody may change or delete: visitors, or whoever has an account.

The roles `anonymous` and `authenticated` are no groups of people. A permission on any item,
whoever wrote it, is rarely meant for them.

Source: Drupal core, `NodePermissions`, `MediaPermissions`, `TaxonomyPermissions`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from jira_pipeline.drupal.asked_rows import bundles_to_build
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.meaning.modules_and_types import facts_of, listed_in
from jira_pipeline.drupal.role.permission import permissions_of
from jira_pipeline.drupal.row_names import joined, name_of, plain
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import Entity, EntityKind, Specification

_ACTS_ON_ANY = {
    "edit any": "change",
    "edit terms": "change",
    "delete any": "delete",
    "delete terms": "delete",
}
"""What the first two words of a permission let somebody do with items of others."""


@dataclass(frozen=True, slots=True)
class OpenTo:
    """The fact: what a role of everybody may do with all items of a type; nothing, mostly."""

    role: Entity
    acts: tuple[str, ...]


def open_to(bundle: Entity, specification: Specification) -> Iterator[OpenTo]:
    """Read from the rows of the roles that everybody has whether these may change all items of a type."""
    for role in specification.live[EntityKind.USER_ROLE]:
        if role.machine_name not in listed_in("roles"):
            continue
        acts = []
        for permission, thing in permissions_of(role, specification):
            act = _ACTS_ON_ANY.get(" ".join(permission.split()[:2]))
            if act and thing.key == bundle.key:
                acts.append(act)
        if acts:
            yield OpenTo(role, tuple(sorted(set(acts))))


# What follows from it.


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether all visitors or all accounts are really to change or delete what others wrote.

    `By the row of “Guest”, visitors may delete every item of “Boat”, whoever wrote it: is that
    meant?`
    """
    for opened in open_to(bundle, rows.index.specification):
        yield question_about(
            "bundles.open_to_all",
            bundle,
            MACHINE_NAME_COLUMN,
            (opened.role,),
            role=f"“{plain(name_of(opened.role))}”",
            people=facts_of("roles", "people")[opened.role.machine_name],
            acts=joined(opened.acts),
        )


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield what the roles that everybody has may do with all items of each type, with their rows."""
    for bundle in bundles.heads:
        for opened in open_to(bundle, bundles.ticket.session.specification):
            yield StatedFact(fact=opened, rows=(bundle, opened.role))


RULE = Rule(key="bundle.open_permissions", facts=facts, asked_rows=bundles_to_build, ask=ask)
