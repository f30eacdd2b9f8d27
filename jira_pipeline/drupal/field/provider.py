"""A field that a module adds to types by itself, such as the domains of Domain Access.

Nobody adds or re-uses it by hand: the module is in the way of a second one of that name.

Source: `fields` of `modules.toml`, with the source of each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.markup import codes, listed, text
from jira_pipeline.drupal.meaning.modules_and_types import module_of_field
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.model.entities import BundleType, Entity


@dataclass(frozen=True, slots=True)
class AddedByModule:
    """A module adds the field, known by its machine name."""

    module: str
    """As Extend lists it."""


@dataclass(frozen=True, slots=True)
class AddedByHand:
    """Somebody adds the field; of webforms every element."""


ProviderFact: TypeAlias = AddedByModule | AddedByHand


def provider_of(row: Entity) -> ProviderFact:
    """Read from the machine name of a field whether a module adds it."""
    module = module_of_field(row)
    if not module or row.bundle_type in {None, BundleType.WEBFORM}:
        return AddedByHand()
    return AddedByModule(module)


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Say which fields of the table modules add by themselves, so that nobody adds them by hand.

    `Do not add by hand what modules add: field_domain_access comes with Domain Access.`
    """
    rows = []
    rows_by_module: dict[str, list[Entity]] = {}
    for row in fields.added:
        match provider_of(row):
            case AddedByModule(module):
                rows.append(row)
                rows_by_module.setdefault(module, []).append(row)
            case AddedByHand():
                continue
    clauses = [f"{codes(same)} ({text(module)})" for module, same in rows_by_module.items()]
    return claims_about("analysis.brought", rows, each=listed(clauses))


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield of each new field whether a module brings it."""
    return facts_by_row(provider_of, fields.new)


RULE = Rule(key="field.provider", facts=facts, say=say)
