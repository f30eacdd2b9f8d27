"""The fields of a type as a whole: whether it has any that hold what its items say.

Items of paragraphs, blocks and webforms are nothing but their fields. Switches and lists alone only
say how something else is shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import new_bundles
from jira_pipeline.drupal.bundle.provider import is_brought
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles, fields_of_bundle
from jira_pipeline.drupal.field.type import FIELD_TYPE
from jira_pipeline.drupal.meaning.modules_and_types import folded, types_in
from jira_pipeline.drupal.meaning.notes import is_shapes_only
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.drupal.unknown_columns import may_list_more
from jira_pipeline.model.entities import AnyBundleType, BundleType, Entity

_WHAT_FIELDS_DO: Mapping[AnyBundleType | None, str] = {
    BundleType.PARAGRAPH: "display",
    BundleType.BLOCK: "display",
    BundleType.WEBFORM: "ask for",
}
"""Kinds of bundles whose items are nothing but their fields, with what they do with these."""


# The fact: what the rows say of the fields of a type.


@dataclass(frozen=True, slots=True)
class FieldsUnread:
    """No row is a field of it, and its worksheet has parts that nobody declared."""


@dataclass(frozen=True, slots=True)
class NoContent:
    """No field holds what its items say."""

    purpose: str
    """What items of its kind do with their fields."""


@dataclass(frozen=True, slots=True)
class HasFields:
    """It has fields with content, or its row, a module or a column nobody knows may bring them."""


FieldsFact: TypeAlias = FieldsUnread | NoContent | HasFields


def fields_fact_of(bundle: Entity, rows: GroupRows) -> FieldsFact:
    """Read from the rows of a type and its fields whether these hold what its items say."""
    if is_brought(bundle):
        return HasFields()
    fields = fields_of_bundle(bundle, rows.group)
    if bundle.is_declared and not fields and _has_items_of_fields(bundle):
        return FieldsUnread()
    purpose = _WHAT_FIELDS_DO.get(bundle.bundle_type)
    if purpose is None or not is_shapes_only(note_of(bundle)) or may_list_more(bundle):
        return HasFields()
    without_content = {"boolean", *types_in("list_types")}
    if any(folded(field.cell(FIELD_TYPE)) not in without_content for field in fields):
        return HasFields()
    return NoContent(purpose)


def _has_items_of_fields(bundle: Entity) -> bool:
    """Tell whether items of a type need fields: terms and media may do without."""
    return bundle.bundle_type is BundleType.CONTENT or bundle.bundle_type in _WHAT_FIELDS_DO


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the fields of a type without any, or what its items show if no field holds content.

    `Which fields does “Boat” have? No row that was read is a field of it.` `What should “Boat”
    show? It has no field for content.`
    """
    match fields_fact_of(bundle, rows):
        case FieldsUnread():
            yield question_about("bundles.fields_unlisted", bundle)
        case NoContent(purpose):
            yield question_about("bundles.no_fields", bundle, does=purpose)
        case HasFields():
            return


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield whether the fields of a bundle hold what its items say, for each bundle."""
    for bundle in bundles.heads:
        yield StatedFact(fact=fields_fact_of(bundle, bundles.ticket.group_rows), rows=(bundle,))


RULE = Rule(
    key="bundle.fields",
    facts=facts,
    asked_rows=new_bundles,
    ask=ask,
)
