"""A type on the site all of whose fields go: mostly it is to go itself, and its row does not say so.

Its items stay, with a title and nothing else.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.asked_rows import first_bundle
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import THERE, Entity, Status


class FieldsGone(StrEnum):
    """The fact: whether a type on the site loses all of its fields."""

    YES = "every field with a row goes"
    NO = "a field stays or comes, or no row is a field"
    NEW = "the type is not on the site"


def fields_gone_of(bundle: Entity, rows: GroupRows) -> FieldsGone:
    """Read from the rows of a type and its fields whether it loses all of these."""
    if bundle.status not in THERE:
        return FieldsGone.NEW
    fields = rows.group.members
    is_every_field_gone = all(row.status is Status.DELETED for row in fields)
    return FieldsGone.YES if fields and is_every_field_gone else FieldsGone.NO


# What follows from it.


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a type is removed, too, when all of its fields are.

    `Without the fields that go “Boat” has none: does the type go too, and what becomes of what uses
    it?`
    """
    match fields_gone_of(bundle, rows):
        case FieldsGone.YES:
            yield question_about("bundles.emptied", bundle)
        case FieldsGone.NO | FieldsGone.NEW:
            return


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield whether all fields of a bundle go, for each bundle."""
    for bundle in bundles.heads:
        yield StatedFact(fact=fields_gone_of(bundle, bundles.ticket.group_rows), rows=(bundle,))


RULE = Rule(
    key="bundle.fields_gone",
    facts=facts,
    asked_rows=first_bundle,
    ask=ask,
)
