"""The columns that sheets of several kinds have, and how the usual ones are declared.

Belongs here: machine names, descriptions, translatability; the pattern of addresses, which rules of
types and of fields read; the columns that any sheet may have beside its own; the forms of a column
that names rows and of one of yes and no.
Does not: the columns of one kind (`drupal/<kind>/columns`), those that are no matter of Drupal
(`model/columns`), all of them together (`drupal/columns`).
"""

from collections.abc import Iterator
from dataclasses import replace

from jira_pipeline.model.columns import (
    CUSTOM_LABEL_COLUMNS,
    ID,
    NOTES,
    PEOPLE,
    REMARKS,
    Column,
    Holds,
    Role,
)

MACHINE_NAME = Column(
    "Machine name",
    (
        "Machine-readable name",
        "Machine",
        "Internal name",
        "Technical name",
        "Dev name",
        "Developer name",
        "Machine ID",
        "Name for developers",
    ),
    Holds.MACHINE_NAME,
    Role.KEY,
    is_required=True,
    is_shared=True,
)
MACHINE_NAME_COLUMN = MACHINE_NAME.name
DESCRIPTION = Column(
    "Description", holds=Holds.PROSE, loss="the descriptions that user stories quote"
)
ALIAS_PATTERN = Column(
    "URL alias pattern",
    ("URL alias", "Path pattern", "Alias pattern", "URL pattern", "Pathauto pattern"),
    Holds.ALIAS,
    loss="the URL aliases",
    loosely=("URL", "Path", "Alias", "Web address"),
)
TRANSLATABLE = Column("Trns.", ("Trans.", "Translatable"), Holds.FLAG, is_second=True)
SHARED_COLUMNS = (*PEOPLE, ID, MACHINE_NAME, NOTES, REMARKS)
"""Any sheet may have them."""


def with_shared_columns(columns: tuple[Column, ...]) -> Iterator[Column]:
    """Return the columns of a kind of sheet, and at the end what any sheet may have beside them."""
    yield from columns
    names = {column.name for column in columns}
    for shared in SHARED_COLUMNS:
        if shared.name not in names:
            yield replace(shared, is_required=False, is_of_tool=False)


def label_column(name: str, *spellings: str) -> Column:
    """Declare the column that names the rows of a sheet for people."""
    first_word = name.partition(" ")[0]
    return Column(
        name,
        spellings,
        Holds.LABEL,
        Role.LABEL,
        is_required=True,
        loosely=(*CUSTOM_LABEL_COLUMNS, first_word),
    )


def flag_column(name: str, *spellings: str, loss: str) -> Column:
    """Declare a column of yes and no, with what tickets lack without it."""
    return Column(name, spellings, Holds.FLAG, loss=loss)
