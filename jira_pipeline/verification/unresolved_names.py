"""Names and spellings of sheets that a site may explain: bundles that no row has, unknown words.

Does not belong here: what a known name means (`names`), the verdict on a row (`rows`).
"""

from collections.abc import Collection, Iterator, Sequence

from jira_pipeline.drupal.comparisons import UNKNOWN_SPELLING, is_plugin_id
from jira_pipeline.drupal.site.site_cells import Site
from jira_pipeline.model.entities import AnyBundleType, Entity, EntityKind
from jira_pipeline.model.site_verifications import (
    CitedRow,
    ProposedAlias,
    UnresolvedName,
    VerifiedCell,
)
from jira_pipeline.sheets.reading.labels import split_bundle_label
from jira_pipeline.verification.rows import ComparedRow

ALIAS_ROWS = 3
"""So many rows show a spelling beside one value before it is proposed as an alias."""
_SHARED_FIELDS = 2
"""A bundle of the site that a name may stand for has at least so many of the fields of its rows."""
_SHARED_SHARE = 0.5
"""It also has at least this share of them."""


def unresolved_names(compared: Sequence[ComparedRow], site: Site) -> Iterator[UnresolvedName]:
    """Yield the bundles that rows of fields name and no row describes, in the order of the sheets.

    Each with the bundle of the site that it may be: the one that has most of the same fields.
    """
    rows_by_name: dict[str, list[Entity]] = {}
    for compared_row in compared:
        row = compared_row.row
        name = row.cell("Bundle")
        if row.kind is EntityKind.FIELD and row.owner_key is None and name:
            rows_by_name.setdefault(name, []).append(row)
    for name, rows in rows_by_name.items():
        cited = tuple(CitedRow(file=row.source.file, line=row.source.line) for row in rows)
        _, bundle_type = split_bundle_label(name)
        fields = {row.machine_name for row in rows}
        bundles = site.by_key.get(_overlapping(site, bundle_type, fields), ())
        if bundles:
            proposal = f"{bundles[0].label}, {bundles[0].machine_name}"
            yield UnresolvedName(text=name, rows=cited, proposal=proposal, yaml=bundles[0].yaml)
        else:
            yield UnresolvedName(text=name, rows=cited, proposal="", yaml="")


def _overlapping(site: Site, bundle_type: AnyBundleType | None, fields: Collection[str]) -> str:
    """Return the key of the one bundle of the site with most of the fields; empty if several have.

    Also empty where it has too few of them.
    """
    counts = {}
    for bundle in site.by_kind[EntityKind.BUNDLE]:
        if bundle_type in {None, bundle.bundle_type}:
            counts[bundle.key] = 0
            for member in site.members_of.get(bundle.key, ()):
                if member.machine_name in fields and not member.is_base_field:
                    counts[bundle.key] += 1
    most = max(counts.values(), default=0)
    keys = [key for key, count in counts.items() if count == most]
    is_enough = most >= _SHARED_FIELDS and most >= _SHARED_SHARE * len(fields)
    return keys[0] if is_enough and len(keys) == 1 else ""


def proposed_aliases(compared: Sequence[ComparedRow]) -> Iterator[ProposedAlias]:
    """Yield unknown spellings of the sheets, each with the one value that the site has in all its cells.

    A spelling that several cells contradict, or that too few show, is not proposed.
    """
    cells_by_spelling: dict[tuple[EntityKind, str, str], list[VerifiedCell]] = {}
    for compared_row in compared:
        for cell in compared_row.verified.cells:
            is_unknown = cell.reason.startswith(UNKNOWN_SPELLING)
            if is_unknown and cell.site and not is_plugin_id(cell.sheet):
                place = (compared_row.row.kind, cell.column, cell.sheet)
                cells_by_spelling.setdefault(place, []).append(cell)
    for (kind, column, spelling), cells in cells_by_spelling.items():
        if len(cells) >= ALIAS_ROWS and len({cell.site for cell in cells}) == 1:
            yield ProposedAlias(
                kind=kind,
                column=column,
                spelling=spelling,
                site=cells[0].site,
                row_count=len(cells),
            )
