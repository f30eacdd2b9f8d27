"""Remarks about rows: what looks like a slip in the specification, row by row and across rows.

Belongs here: rules that make findings only. Does not: anything an entity is made of (`entities`,
`references`).
"""

import re
from collections.abc import Mapping, Sequence

from jira_pipeline.domain.entities import (
    SHEET_NAMES,
    BundleType,
    Entity,
    EntityKind,
    Reference,
)
from jira_pipeline.sources.drupal_csv.citations import Citations
from jira_pipeline.sources.drupal_csv.labels import folded
from jira_pipeline.sources.drupal_csv.references import KnownThings
from jira_pipeline.sources.drupal_csv.rows import Row
from jira_pipeline.sources.drupal_csv.sheets import MACHINE_NAME_COLUMN

_MACHINE_NAME = re.compile(r"[a-z][a-z0-9_]*")
_MACHINE_NAME_MAX_CHARACTERS = 32
"""Source: Drupal, `FieldStorageConfig::NAME_MAX_LENGTH` and `EntityTypeInterface::BUNDLE_MAX_LENGTH`."""
_FLAG = re.compile(r"y|n|yes|no|-|–|x|required|optional|true|false|mandatory|", re.IGNORECASE)
_COUNT = re.compile(r"\d+|\*|-|–|unlimited|n/a|", re.IGNORECASE)
_NOT_PROSE = re.compile(r"\d+|\*|[yn]", re.IGNORECASE)
_HEADS = frozenset({EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW})
_SHOWN_NAMES = 8


def cite_row(row: Row) -> None:
    """Cite what can be seen in one row alone."""
    if row.sheet.kind is EntityKind.FIELD:
        _cite_field(row)


def _cite_field(row: Row) -> None:
    if row.cell("Field type") in {"", "-"}:
        row.warn(
            "field_type_missing",
            f"“{row.label}” has no field type.",
            "Fill in the field type; the field cannot be built without it.",
            column="Field type",
        )


def cite_unknown_bundle_type(row: Row) -> None:
    """Cite a bundle whose type is blank or unknown."""
    row.warn(
        "bundle_type_unknown",
        f"“{row.cell('Type')}” is no known type of bundle; “{row.label}” is kept without type.",
        f"Write one of: {', '.join(BundleType)}.",
        column="Type",
    )


def cite_contradictions(
    row: Row, known: KnownThings, *, owner_key: str, found: Sequence[Reference]
) -> None:
    """Cite cells of a field that name different things."""


def cite_across_rows(entities: Sequence[Entity], citations: Mapping[str, Citations]) -> None:
    """Cite what can only be seen by looking at several rows."""
