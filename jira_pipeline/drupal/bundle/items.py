"""What becomes of the content of a type that goes: Drupal deletes no type that has items.

Somebody moves, keeps or deletes the items before. Only the client knows what is worth keeping.

Source: Drupal core, `NodeTypeDeleteConfirm` and `MediaTypeDeleteConfirmForm`.
"""

import re
from collections.abc import Iterator

from jira_pipeline.drupal.asked_rows import things_to_remove
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule
from jira_pipeline.drupal.ticket_rows import GroupRows
from jira_pipeline.model.entities import BundleType, Entity

_KEEPING = re.compile(r"(?i)\b(?:archiv|migrat|delet|mov(?:e|ing)|ke(?:ep|pt)|export)")
"""What a note says of what becomes of items."""
_TYPES_WITH_ITEMS = frozenset({BundleType.CONTENT, BundleType.MEDIA})


def ask(bundle: Entity, _rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask what becomes of the items of a type to remove, where its note says nothing of them."""
    if bundle.bundle_type in _TYPES_WITH_ITEMS and not _KEEPING.search(note_of(bundle)):
        yield question_about("views.items", bundle)


RULE: Rule[object] = Rule(
    key="bundle.items",
    asked_rows=things_to_remove,
    ask=ask,
)
