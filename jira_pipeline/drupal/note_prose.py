"""Whether a note says something in words, beside what is read from it by its shape.

Does not belong here: the note of a row (`row_notes`), the shapes (`meaning/notes`).
"""

import re

from jira_pipeline.drupal.meaning.notes import is_shapes_only
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.model.entities import Entity

_UNCHANGED = re.compile(r"(?i)[^.]*\b(?:unchanged|not change|no changes?)\b[^.]*\.?")


def has_prose(row: Entity) -> bool:
    """Tell whether a note says more than shapes, such as a path, or that nothing changes."""
    note = note_of(row)
    return not is_shapes_only(note) and not _UNCHANGED.fullmatch(note)


def has_words(row: Entity) -> bool:
    """Tell whether a note says more than shapes, such as options or a length."""
    return not is_shapes_only(note_of(row))
