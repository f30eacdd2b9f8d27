"""A type on the site all of whose fields go: mostly it is to go itself, and its row does not say so.

Its items stay, with a title and nothing else.
"""

from collections.abc import Iterator

from jira_pipeline.drupal.asked_rows import first_bundle
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import THERE, Entity, Status


def is_emptied(bundle: Entity, rows: GroupRows) -> bool:
    """Tell whether a type is on the site, and every row of its group is a field to remove."""
    if bundle.status not in THERE or not rows.group.members:
        return False
    return all(row.status is Status.DELETED for row in rows.group.members)


def ask(bundle: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask whether a type goes with the last of its fields."""
    if is_emptied(bundle, rows):
        yield question_about("bundles.emptied", bundle)


RULE: Rule[object] = Rule(
    key="bundle.fields_gone",
    asked_rows=first_bundle,
    ask=ask,
)
