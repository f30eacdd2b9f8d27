"""A type to build none of whose fields is to be built: mostly a row with the wrong status.

Drupal takes a type without fields, so nothing fails; whoever reads the sheet has to say which of the
rows is wrong.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.asked_rows import bundles_to_build
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles, fields_of_bundle
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows, to_build
from jira_pipeline.model.entities import THERE, Entity


class FieldsBuilt(StrEnum):
    """The fact: what the statuses of its fields say of a type to build."""

    SOME = "some of its fields are built, or it has none"
    NONE = "none of its fields is built"
    THERE_ALREADY = "some of its fields are there already, and none is built"
    LEFT_OPEN = "none of its fields is built, and its note leaves something open"


def fields_built(bundle: Entity, rows: GroupRows) -> FieldsBuilt:
    """Read from the rows of a group whether fields of its type are built."""
    if not rows.group.is_hollow:
        return FieldsBuilt.SOME
    if LEFT_OPEN.search(note_of(bundle)):  # another question quotes the note
        return FieldsBuilt.LEFT_OPEN
    if any(field.status in THERE for field in fields_of_bundle(bundle, rows.group)):
        return FieldsBuilt.THERE_ALREADY
    return FieldsBuilt.NONE


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask about a type to build none of whose fields is to be built.

    `“Boat” is to be built, but none of its fields is: should it be built without them?` Where its
    fields are on the site already: `“Boat” is marked as new, and its fields as there already: is it
    on the site?`
    """
    match fields_built(bundle, rows):
        case FieldsBuilt.NONE:
            yield question_about("bundles.hollow", bundle)
        case FieldsBuilt.THERE_ALREADY:
            yield question_about("bundles.hollow_there", bundle)
        case FieldsBuilt.SOME | FieldsBuilt.LEFT_OPEN:
            return


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield whether any field of a bundle is built, for each bundle to build."""
    for bundle in to_build(bundles.heads):
        yield StatedFact(fact=fields_built(bundle, bundles.ticket.group_rows), rows=(bundle,))


RULE = Rule(
    key="bundle.hollow",
    facts=facts,
    asked_rows=bundles_to_build,
    ask=ask,
)
