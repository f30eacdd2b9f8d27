"""A type that has no row of its own: only rows of fields name it, in their column *Bundle*.

The reader makes an entity of such a type, as new. Another type that the same sheet of fields names may
be on the site already by its status. Then a type of a blank status may be there, too, and that is asked.
"""

from collections.abc import Iterator
from enum import StrEnum

from jira_pipeline.drupal.asked_rows import bundles_to_build
from jira_pipeline.drupal.bundle.ticket_bundles import TicketBundles
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import THERE, Entity, EntityKind, Specification
from jira_pipeline.model.sheet_names import part_name, whole_sheet


class ListedBy(StrEnum):
    """The fact: what lists a type."""

    ITS_ROW = "a row of its own"
    FIELDS = "rows of fields only"
    FIELDS_OF_A_SITE = "rows of fields only, in a sheet with types that are on the site already"


def is_named_by_fields_only(bundle: Entity) -> bool:
    """Tell whether a bundle has no row of its own.

    The reader gives what it makes of a sheet of fields the name of the sheet with the type as its part.
    """
    file = bundle.source.file
    return file == part_name(whole_sheet(file), str(bundle.bundle_type))


def listed_by(bundle: Entity, specification: Specification) -> ListedBy:
    """Read from a type and the others of its sheet what lists it."""
    if not is_named_by_fields_only(bundle):
        return ListedBy.ITS_ROW
    if not bundle.is_status_blank:
        return ListedBy.FIELDS
    for other in specification.by_kind[EntityKind.BUNDLE]:
        if other.source.file == bundle.source.file and other.status in THERE:
            return ListedBy.FIELDS_OF_A_SITE
    return ListedBy.FIELDS


# What follows from it.


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a type is new that only its fields name, if others of its sheet are not.

    `Only its fields name “Boat”, while others in their sheet are on the site already: is it new?`
    """
    match listed_by(bundle, rows.index.specification):
        case ListedBy.FIELDS_OF_A_SITE:
            yield question_about("bundles.unlisted", bundle)
        case ListedBy.ITS_ROW | ListedBy.FIELDS:
            return


def facts(bundles: TicketBundles) -> Iterator[StatedFact]:
    """Yield what lists each bundle."""
    for bundle in bundles.heads:
        yield StatedFact(
            fact=listed_by(bundle, bundles.ticket.session.specification), rows=(bundle,)
        )


RULE = Rule(
    key="bundle.named_by_fields",
    facts=facts,
    asked_rows=bundles_to_build,
    ask=ask,
)
