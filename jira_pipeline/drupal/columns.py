"""The columns of every kind of sheet, collected from the kinds of things that declare them.

Belongs here: which columns a kind of sheet has, and the lists that follow from all of them, such as
which cells write prose again when they change.
Does not: declaring a column (`drupal/<kind>/columns`), its words in other languages
(`translations.toml`), what pages call it (`column_words`).
"""

from collections.abc import Mapping
from functools import cache

from jira_pipeline.drupal.bundle.columns import BUNDLE_COLUMNS
from jira_pipeline.drupal.field.columns import FIELD_COLUMNS
from jira_pipeline.drupal.image_style.columns import (
    IMAGE_EFFECT_COLUMNS,
    IMAGE_STYLE_COLUMNS,
    RESPONSIVE_IMAGE_STYLE_COLUMNS,
)
from jira_pipeline.drupal.migration.columns import MAPPING_COLUMNS, MIGRATION_COLUMNS
from jira_pipeline.drupal.role.columns import ROLE_COLUMNS
from jira_pipeline.drupal.shared_columns import SHARED_COLUMNS, with_shared_columns
from jira_pipeline.drupal.view.columns import DISPLAY_COLUMNS, VIEW_COLUMNS
from jira_pipeline.drupal.view_mode.columns import VIEW_MODE_COLUMNS
from jira_pipeline.drupal.workflow.columns import (
    STATE_COLUMNS,
    TRANSITION_COLUMNS,
    WORKFLOW_COLUMNS,
)
from jira_pipeline.model.columns import SILENT_COLUMNS, UPKEEP_COLUMNS, Column, Holds, Role
from jira_pipeline.model.entities import Entity, EntityKind

_COLUMNS_BY_KIND: Mapping[str, tuple[Column, ...]] = {
    EntityKind.BUNDLE: BUNDLE_COLUMNS,
    EntityKind.FIELD: FIELD_COLUMNS,
    EntityKind.VIEW: VIEW_COLUMNS,
    EntityKind.VIEW_DISPLAY: DISPLAY_COLUMNS,
    EntityKind.IMAGE_STYLE: IMAGE_STYLE_COLUMNS,
    EntityKind.IMAGE_EFFECT: IMAGE_EFFECT_COLUMNS,
    EntityKind.RESPONSIVE_IMAGE_STYLE: RESPONSIVE_IMAGE_STYLE_COLUMNS,
    EntityKind.VIEW_MODE: VIEW_MODE_COLUMNS,
    EntityKind.USER_ROLE: ROLE_COLUMNS,
    EntityKind.WORKFLOW: WORKFLOW_COLUMNS,
    EntityKind.WORKFLOW_STATE: STATE_COLUMNS,
    EntityKind.WORKFLOW_TRANSITION: TRANSITION_COLUMNS,
    EntityKind.MIGRATION: MIGRATION_COLUMNS,
    EntityKind.MIGRATION_MAPPING: MAPPING_COLUMNS,
}
"""From left to right as in the spreadsheet of the tool; custom sheets and packages have none."""


def _all_columns() -> tuple[Column, ...]:
    """Return the columns of all kinds of sheets, then those that any sheet may have."""
    columns: list[Column] = []
    for of_kind in _COLUMNS_BY_KIND.values():
        columns += of_kind
    return (*columns, *SHARED_COLUMNS)


_ALL_COLUMNS = _all_columns()


@cache
def columns_of(kind: str) -> tuple[Column, ...]:
    """Return the columns of a kind of sheet; at the end what any sheet may have beside them."""
    return tuple(with_shared_columns(_COLUMNS_BY_KIND.get(kind, ())))


def label_column_of(kind: str) -> str | None:
    """Return the column that names the rows of a sheet; none of custom sheets and packages."""
    for column in _COLUMNS_BY_KIND.get(kind, ()):
        if column.role is Role.LABEL:
            return column.name
    return None


def owner_column_of(kind: str) -> Column | None:
    """Return the column that says what the rows of a sheet belong to, as people name it."""
    for column in _COLUMNS_BY_KIND.get(kind, ()):
        if column.role is Role.OWNER and column.is_required:
            return column
    return None


def columns_for(*roles: Role) -> tuple[str, ...]:
    """Return the names of columns with a role in any sheet, once each."""
    return tuple(dict.fromkeys(column.name for column in _ALL_COLUMNS if column.role in roles))


def columns_holding(*kinds: Holds) -> tuple[str, ...]:
    """Return the names of columns whose cells are of a kind in any sheet, once each."""
    return tuple(dict.fromkeys(column.name for column in _ALL_COLUMNS if column.holds in kinds))


OWNER_COLUMNS = columns_for(Role.OWNER)
LABEL_COLUMNS = columns_for(Role.LABEL)
NAMING_COLUMNS = frozenset({*UPKEEP_COLUMNS, *columns_for(Role.LABEL, Role.KEY, Role.OWNER)})
"""What a row is, whose, and how far: it asks for nothing by them."""
PROSE_COLUMNS = columns_holding(Holds.PROSE)
FLAG_COLUMNS = frozenset(columns_holding(Holds.FLAG))
LONGEST_NAMES = {c.name: max((c.name, *c.spellings), key=len) for c in _ALL_COLUMNS}
"""Of headers that a sheet shortens, for people."""
SECOND_COLUMNS = frozenset(column.name for column in _ALL_COLUMNS if column.is_second)
REFERENCE_COLUMNS = frozenset(column.name for column in _ALL_COLUMNS if column.names)
LIST_COLUMNS = frozenset(column.name for column in _ALL_COLUMNS if column.names_several)
_OWNER_AND_SILENT_COLUMNS = SILENT_COLUMNS.union(OWNER_COLUMNS)


def content_of(row: Entity) -> tuple[object, ...]:
    """Return what a row says, whatever it belongs to and whoever builds it.

    In many types rows say the same.
    """
    cells = [cell for cell in row.cells.items() if cell[0] not in _OWNER_AND_SILENT_COLUMNS]
    return (row.kind, *cells)
