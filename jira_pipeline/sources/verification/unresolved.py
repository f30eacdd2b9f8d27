"""What nobody but a person can say: names that are no row, spellings that nobody knows.

Belongs here: asking once for each name, with the bundle of the site that it may be; proposing an
alias where a spelling always stands beside one value. Does not: comparing (`compared_cells`,
`rows`).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from jira_pipeline.model.entities import BundleType, Entity, EntityKind
from jira_pipeline.model.site_verifications import (
    CitedRow,
    ProposedAlias,
    UnresolvedName,
    VerifiedCell,
)
from jira_pipeline.sources.drupal_config.site import Site
from jira_pipeline.sources.sheets.reading.labels import split_bundle_label
from jira_pipeline.sources.verification.compared_cells import UNKNOWN_SPELLING
from jira_pipeline.sources.verification.rows import ComparedRow

ALIAS_ROWS = 3
"""So many rows show a spelling beside one value before it is proposed as an alias."""
_SHARED_FIELDS, _SHARED_SHARE = 2, 0.5
"""So many fields, and so many of its fields, are in a bundle that a name may stand for."""


def unresolved_names(compared: Sequence[ComparedRow], site: Site) -> Iterator[UnresolvedName]:
    """Yield the names of bundles that rows of fields give and no row has, in sheet order."""
    fields: dict[str, list[Entity]] = defaultdict(list)
    for each in compared:
        row = each.row
        if row.kind is EntityKind.FIELD and row.owner_key is None and row.cell("Bundle"):
            fields[row.cell("Bundle")].append(row)
    for text, rows in fields.items():
        key = _overlapping(site, split_bundle_label(text)[1], {row.machine_name for row in rows})
        bundle = next(iter(site.by_key.get(key, ())), None)
        yield UnresolvedName(
            text=text,
            rows=tuple(CitedRow(file=row.source.file, line=row.source.line) for row in rows),
            proposal="" if bundle is None else f"{bundle.label}, {bundle.machine_name}",
            yaml="" if bundle is None else bundle.yaml,
        )


def _overlapping(site: Site, bundle_type: BundleType | None, fields: set[str]) -> str:
    """Return the key of the one bundle that most of the fields are in; empty where none stands out."""
    shared: dict[str, int] = {}
    for bundle in site.by_kind[EntityKind.BUNDLE]:
        if bundle_type in {None, bundle.bundle_type}:
            members = site.members_of.get(bundle.key, ())
            own = {member.machine_name for member in members if not member.is_base_field}
            shared[bundle.key] = len(own & fields)
    best = max(shared.values(), default=0)
    keys = [key for key, count in shared.items() if count == best]
    is_enough = best >= _SHARED_FIELDS and best >= _SHARED_SHARE * len(fields)
    return keys[0] if is_enough and len(keys) == 1 else ""


def proposed_aliases(compared: Sequence[ComparedRow]) -> Iterator[ProposedAlias]:
    """Yield the unknown spellings that always stand beside one and the same value of the site."""
    beside: dict[tuple[EntityKind, str, str], list[VerifiedCell]] = defaultdict(list)
    for each in compared:
        for cell in each.verified.cells:
            if cell.reason.startswith(UNKNOWN_SPELLING) and cell.site:
                beside[each.row.kind, cell.column, cell.sheet].append(cell)
    for (kind, column, spelling), cells in beside.items():
        if len(cells) >= ALIAS_ROWS and len({cell.site for cell in cells}) == 1:
            yield ProposedAlias(
                kind=kind,
                column=column,
                spelling=spelling,
                site=cells[0].site,
                row_count=len(cells),
            )
