"""The page on which Drupal lists a bundle with the others of its type: the first check of a ticket.

Accounts have none, and of some types of modules nobody here knows it: nothing is claimed.

Its machine name is there only after a click; a name that Drupal would not take is not claimed.

Source: Drupal core, list builders of `node_type`, `taxonomy_vocabulary` and others; `admin_pages` of
`drupal.toml`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.bundle.name import COLUMN as NAME
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.markup import code, listed, menu_path, text
from jira_pipeline.drupal.meaning.modules_and_types import facts_of
from jira_pipeline.drupal.row_names import accepted_name, name_of
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.entities import Entity

# The fact: what the list calls a bundle.


@dataclass(frozen=True, slots=True)
class ListedByNames:
    """Its name, and its machine name after a click."""

    name: str
    machine_name: str


@dataclass(frozen=True, slots=True)
class ListedByLabel:
    """Its name; Drupal would not take the machine name of its row, or that has none."""

    name: str


ListedFact: TypeAlias = ListedByNames | ListedByLabel


def listed_as(bundle: Entity) -> ListedFact:
    """Read from the row of a bundle what its list calls it."""
    machine_name = bundle.machine_name
    if not machine_name or accepted_name(machine_name, bundle.kind) != machine_name:
        return ListedByLabel(name_of(bundle))
    return ListedByNames(name_of(bundle), machine_name)


# What follows from it.


def check(bundles: TicketBundles) -> Iterator[Claim]:
    """Claim that Drupal lists the bundles: *Structure, Content types lists Boat (boat)*."""
    steps = facts_of("admin_pages").get(str(bundles.ticket.head.bundle_type))
    if steps is None:
        return
    yield from claims_about(
        "verification.listed",
        bundles.set_up,
        MACHINE_NAME_COLUMN,
        NAME.name,
        page=menu_path(*steps),
        names=listed(_name_and_machine_name(bundle) for bundle in bundles.set_up),
    )


def _name_and_machine_name(bundle: Entity) -> str:
    match listed_as(bundle):
        case ListedByNames(name, machine_name):
            return clause("name_and_code", name=text(name), code=code(machine_name))
        case ListedByLabel(name):
            return text(name)


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield what its list calls each bundle."""
    return facts_by_row(listed_as, bundles.set_up)


RULE = Rule(key="bundle.listing", facts=facts, check=check)
