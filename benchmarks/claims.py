"""What tickets of real sites claim, compared with the exported configuration of these sites.

    python -m benchmarks claims

The sheets of `../shared/data/sites` were made from the configuration in `../shared/data/drupal_config`
(its PROVENANCE.md says how): the later export of a site meets every row, the earlier one the rows
that are there already. Reads the sheets as they are, and as new (X blank); makes all tickets' claims
and prints by kind how many statements hold, names those that do not, and says which facts of cells
no claim of their ticket states. A claim about several rows makes a statement on each.

Of a claim only `kind`, `rows`, `columns` and `said` are read, of a form its cells: the comparison
knows no word of a ticket and none of the rules that made it. Goals: 99.5 % of statements of each
kind hold, and 95 % of what rows say is claimed, questions aside.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from benchmarks.site_configuration import FieldAt, SiteConfiguration, read_configuration
from benchmarks.specifications import DATA, read_site
from jira_pipeline.domain.entities import Entity, EntityKind, Specification, Status
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline.writers.claims.claim import Claim, ClaimedTicket
from jira_pipeline.writers.claims.ticket import claimed_ticket
from jira_pipeline.writers.group_facts import FactsReader
from jira_pipeline_tests.writers.sites import briefs_of

PRECISION, RECALL = 0.995, 0.95
Holds = bool | None
"""None: the configuration cannot tell."""


class Statement(NamedTuple):
    """What a claim says of one row, and whether that is so."""

    row: Entity
    holds: Holds
    found: object
    """What the configuration says."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Site:
    """A site as its tickets are to find it, and as it is when all of them are built."""

    name: str
    later: SiteConfiguration
    earlier: SiteConfiguration
    """Empty where nothing is there yet."""
    groups: Sequence[EntityGroup]

    @cached_property
    def number_of(self) -> Mapping[tuple[str, str], int]:
        """The place in build order of the ticket that builds a bundle."""
        heads = ((group.number, head) for group in self.groups for head in group.heads)
        return {
            (head.bundle_type.value, head.machine_name): number
            for number, head in heads
            if head.kind is EntityKind.BUNDLE and head.bundle_type
        }

    def has_storage(self, row: Entity) -> bool:
        """Tell whether a storage is there before the ticket of a row: on the site, or by a ticket."""
        at = field_at(row)
        own = self.number_of.get(at[:2], 0)
        others = (
            self.number_of.get((at.bundle_type, bundle), own)
            for bundle in self.later.bundles_with(at)
        )
        return bool(self.earlier.storage(at)) or any(number < own for number in others)


def field_at(row: Entity) -> FieldAt:
    """Return where the configuration has the field of a row."""
    bundle_type, _, bundle = (row.owner_key or "").removeprefix("bundle:").partition("/")
    return FieldAt(bundle_type, bundle, row.machine_name)


