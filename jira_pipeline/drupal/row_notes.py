"""What a row says beside its settings: its note, whichever columns its sheet has for that.

Belongs here: the columns in which a sheet of fields may say what else its notes say, such as the
options of a list, and how a note says the same; the note of a row.
Does not: what a note means (`meaning/notes`), the columns of notes themselves (`model/columns`).
"""

import re

from jira_pipeline.model.blank_cells import names_nothing
from jira_pipeline.model.columns import NOTE_COLUMNS, PEOPLE_COLUMNS, Column, Holds
from jira_pipeline.model.entities import Entity, EntityKind


def _noted(name: str, shape: str, *spellings: str) -> Column:
    return Column(name, spellings, Holds.ANYTHING, is_of_tool=False, shape=shape)


ALLOWED_VALUES = _noted(
    "Allowed values",
    "Options: {lines}",
    "Options",
    "Choices",
    "List values",
    "List options",
    "Possible values",
    "Value list",
    "Option list",
    "Allowed options",
    "Select options",
    "Available options",
    "Allowed values list",
    "Permitted values",
    "Values list",
)
DEFAULT_VALUE = _noted(
    "Default value", "Default: {text}", "Default", "Default values", "Initial value"
)
MAXIMUM_LENGTH = _noted(
    "Maximum length",
    "Max length {text}",
    "Max length",
    "Maximum characters",
    "Max characters",
    "Character limit",
    "Max chars",
    "Maximum number of characters",
    "Max length (characters)",
    "Length",
    "Length limit",
)
FILE_EXTENSIONS = _noted(
    "Allowed file extensions",
    "Allowed types: {words}",
    "File extensions",
    "Allowed extensions",
    "Allowed file types",
    "File types",
    "Extensions",
    "File formats",
    "Allowed formats",
    "Accepted file types",
    "Accepted formats",
    "Allowed types",
    "Permitted file types",
)
UPLOAD_SIZE = _noted(
    "Maximum upload size",
    "Max size {text}",
    "Max file size",
    "File size",
    "Max upload size",
    "Maximum file size",
    "Max size",
    "File size limit",
)
_NOTED = (ALLOWED_VALUES, DEFAULT_VALUE, MAXIMUM_LENGTH, FILE_EXTENSIONS, UPLOAD_SIZE)
SHAPED_COLUMNS = {column.name: column.shape for column in _NOTED}
"""Of fields, what notes say too: how they do."""
_SHAPED_NAMES = frozenset(SHAPED_COLUMNS)


def note_of(row: Entity) -> str:
    """Return what a row says beside its settings.

    A sentence below the initials of people has slipped there; it is a note. A column of its own
    for what a note may say is put as a note says it.
    """
    notes = [row.cell(column) for column in NOTE_COLUMNS]
    if row.kind is EntityKind.FIELD and _has_shaped_column(row):
        notes += [as_noted(row, column) for column in SHAPED_COLUMNS]
    notes += [row.cell(column) for column in PEOPLE_COLUMNS if row.is_stated(column)]
    return "\n".join(filter(None, notes))


def _has_shaped_column(row: Entity) -> bool:
    """Tell whether a row has one of these columns; most have none, and every rule reads notes."""
    return not _SHAPED_NAMES.isdisjoint(row.cells)


def as_noted(row: Entity, column: str) -> str:
    """Return what a column of its own says as a note says it; empty where it says nothing."""
    text = row.cell(column)
    if not row.states(column) or names_nothing(text):
        return ""
    lines = text
    if "\n" in text:
        lines = "\n- ".join(["", *filter(None, text.splitlines())])
    words = ", ".join(re.findall(r"\w+", text))
    return f"{SHAPED_COLUMNS[column].format(text=text, lines=lines, words=words)}."
