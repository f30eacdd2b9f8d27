"""A locked field: its module adds it, and nobody can change or remove it on *Manage fields*.

Whoever adds such a field by hand gets an error of Drupal: its name is taken.

Source: Drupal core, `FieldStorageConfig` (`locked`); `locked_fields` of `drupal.toml`.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.field.ticket_fields import TicketFields
from jira_pipeline.drupal.meaning.modules_and_types import is_locked
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.shared_columns import MACHINE_NAME_COLUMN
from jira_pipeline.model.entities import Entity


class Lock(StrEnum):
    """The fact: whether a field is one that its module locks."""

    LOCKED = "its module adds and locks it"
    OPEN = "no module that is known here locks it"


def lock_of(row: Entity) -> Lock:
    """Read from the machine name of a field whether its module locks it."""
    return Lock.LOCKED if is_locked(row) else Lock.OPEN


def say(fields: TicketFields) -> tuple[Claim, ...]:
    """Say which fields a module adds and locks, so that nobody adds them by hand.

    `field_domain is added and locked by its module: do not add it by hand.`
    """
    locked = [row for row in fields.new if lock_of(row) is Lock.LOCKED]
    return claims_about("analysis.locked", locked, MACHINE_NAME_COLUMN)


def facts(fields: TicketFields) -> Iterator[StatedFact]:
    """Yield for each new field whether its module locks it."""
    return facts_by_row(lock_of, fields.new)


RULE = Rule(key="field.locked", facts=facts, say=say)
