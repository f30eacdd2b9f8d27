"""A type that no row lists: only rows of fields name it.

It is read from a sheet of fields. Where other types that this sheet alone names are on the site
already, it may be, too.
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
    """Tell whether a bundle was read from a sheet of fields: then its part is named by its type."""
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
    """Ask whether a type is new that no row lists, where others of its sheet are on the site."""
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
