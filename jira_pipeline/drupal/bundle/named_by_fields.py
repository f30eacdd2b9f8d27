"""A type that no row lists: only rows of fields name it.

It is read from a sheet of fields. Where other types that this sheet alone names are on the site
already, it may be, too.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.asked_rows import bundles_to_build
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import THERE, Entity, EntityKind, Specification
from jira_pipeline.model.sheet_names import part_name, whole_sheet


def is_named_by_fields_only(bundle: Entity) -> bool:
    """Tell whether a bundle was read from a sheet of fields: then its part is named by its type."""
    file = bundle.source.file
    return file == part_name(whole_sheet(file), str(bundle.bundle_type))


def may_be_there(bundle: Entity, specification: Specification) -> bool:
    """Tell whether a type that only fields name, without a status, may be on the site already."""
    if not bundle.is_status_blank or not is_named_by_fields_only(bundle):
        return False
    for other in specification.by_kind[EntityKind.BUNDLE]:
        if other.source.file == bundle.source.file and other.status in THERE:
            return True
    return False


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a type is new that no row lists, where others of its sheet are on the site."""
    if may_be_there(bundle, rows.index.specification):
        yield question_about("bundles.unlisted", bundle)


RULE: Rule[object] = Rule(
    key="bundle.named_by_fields",
    asked_rows=bundles_to_build,
    ask=ask,
)
