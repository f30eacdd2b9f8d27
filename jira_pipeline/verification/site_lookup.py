"""Which thing of a site a row describes; and why the site may have it although it is not found.

Does not belong here: the verdict on a row (`rows`), what a name in a cell means (`names`), one cell
(`compared_cells`).
"""

from collections.abc import Mapping

from jira_pipeline.drupal.comparisons import NotComparable
from jira_pipeline.drupal.image_style.effect import EFFECT
from jira_pipeline.drupal.image_style.effect_words import effect_named
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS, is_base_type
from jira_pipeline.drupal.site.configuration import storage_of
from jira_pipeline.drupal.site.site_cells import Site, SiteEntity, plain
from jira_pipeline.model.entities import GONE, AnyBundleType, Entity, EntityKind, Specification
from jira_pipeline.sheets.reading.labels import folded
from jira_pipeline.verification.counterparts import UNREAD
from jira_pipeline.verification.names import Names, expected_file

FROM_STATE = "From state"
_BROUGHT_BY: Mapping[EntityKind, str] = {
    EntityKind.VIEW: "views",
    EntityKind.IMAGE_STYLE: "image",
    EntityKind.VIEW_MODE: "node",
    EntityKind.USER_ROLE: "user",
}
"""Modules that install some things of a kind: an export that has none of them is not whole.

Source: `config/install` of core 9 to 11.
"""


_WITHOUT_NAMES = frozenset({EntityKind.VIEW_MODE, EntityKind.IMAGE_EFFECT})
"""Kinds whose rows have no machine name: the label, or the place among others, tells which it is."""


class SiteLookup:
    """Finds the thing of a site that a row describes, or says why it may be there nevertheless."""

    def __init__(self, specification: Specification, site: Site, names: Names) -> None:
        """Index the site: machine names of sheets may have capitals, view modes have labels only."""
        self._specification = specification
        self._site = site
        self._names = names
        self._by_key: dict[str, list[SiteEntity]] = {}
        self._kinds_there = set()
        for entity in site.entities:
            for key in {folded(entity.key), folded(_key_in_sheets(entity))}:
                self._by_key.setdefault(key, []).append(entity)
            if not entity.is_base_field:
                self._kinds_there.add(_exported_kind(entity))

    def find(self, row: Entity) -> SiteEntity | None:
        """Return the thing of the site that a row describes; None where the site shows none.

        A transition is on the site once for each state that it leads from: the one of the row's state
        is returned. A row without machine name describes the thing with its label, if there is one
        such thing in its bundle, view or workflow.
        """
        owner = self.owner_of(row)
        if row.kind is EntityKind.IMAGE_EFFECT:
            return self._effect_at_place(row, owner)
        candidates = self._by_key.get(folded(_key_below(owner, row)), [])
        if not candidates and is_base_type(row.cell("Field type")):
            return self._base_field(row, owner)
        if not candidates and row.kind is EntityKind.VIEW_MODE:
            candidates = self._view_modes_named(row)
        elif not candidates and not row.has_machine_name:
            candidates = self._called_alike(row, owner)
        elif not candidates and row.kind is EntityKind.BUNDLE:
            candidates = self._bundles_named(row)
        if row.kind is EntityKind.WORKFLOW_TRANSITION:
            return self._from_state_of(row, candidates)
        return candidates[0] if candidates else None

    def _effect_at_place(self, row: Entity, style: SiteEntity | None) -> SiteEntity | None:
        """Return the effect of a style at the place that a row has among the rows of its style.

        A row whose effect is to be removed has no place: it is the last effect of its name.
        """
        if style is None:
            return None
        effects = self._site.members_of.get(style.key, ())
        if row.status in GONE:
            name = row.cell(EFFECT.name)
            for effect in reversed(effects):
                if effect.label in {effect_named(name), name}:
                    return effect
            return None
        rows = self._specification.members_of[row.owner_key or ""]
        place = [other for other in rows if other.status not in GONE].index(row)
        return effects[place] if place < len(effects) else None

    def owner_of(self, row: Entity) -> SiteEntity | None:
        """Return the bundle, view or workflow of the site that a row belongs to."""
        return next(map(self.find, self._specification.first_of(row.owner_key)), None)

    def _base_field(self, row: Entity, owner: SiteEntity | None) -> SiteEntity | None:
        """Return the field of its bundle that every item has, such as the title, if it has one."""
        owner_key = row.owner_key or "" if owner is None else owner.key
        for member in self._site.members_of.get(owner_key, ()):
            if member.is_base_field and is_base_type(member.cells["Field type"].text):
                return member
        return None

    def _called_alike(self, row: Entity, owner: SiteEntity | None) -> list[SiteEntity]:
        """Return the one thing that has the label of a row, in all its parts; none of several."""
        if owner is None:
            candidates = self._site.by_kind[row.kind]
        else:
            candidates = self._site.members_of.get(owner.key, ())
        label = plain(row.label).casefold()
        namesakes = []
        for entity in candidates:
            is_alike = (entity.kind, entity.bundle_type) == (row.kind, row.bundle_type)
            if is_alike and plain(entity.label).casefold() == label:
                namesakes.append(entity)
        return namesakes if len({entity.key for entity in namesakes}) == 1 else []

    def _bundles_named(self, row: Entity) -> list[SiteEntity]:
        """Return the bundle of a row whose key has its type in other words than ours."""
        return [
            bundle
            for bundle in self._site.by_kind[EntityKind.BUNDLE]
            if bundle.machine_name == row.machine_name and bundle.bundle_type == row.bundle_type
        ]

    def _view_modes_named(self, row: Entity) -> list[SiteEntity]:
        """Return the view mode that has the machine name of a row, whatever it is called."""
        name = row.cell("Machine name")
        return [
            mode
            for mode in self._site.by_kind[EntityKind.VIEW_MODE]
            if mode.machine_name == name and mode.bundle_type == row.bundle_type
        ]

    def _from_state_of(self, row: Entity, transitions: list[SiteEntity]) -> SiteEntity | None:
        """Return the first of a transition's parts that leads from a state which the row names."""
        states = self._names.candidates_in(row, FROM_STATE)
        if isinstance(states, NotComparable):
            return None
        state_names = set().union(*states)
        for transition in transitions:
            if not state_names.isdisjoint(transition.cells[FROM_STATE].values):
                return transition
        return None

    def reason_against(self, row: Entity) -> str:
        """Say why the site may have what is not found; empty where it certainly lacks it."""
        file = expected_file(row).partition(".yml")[0]
        if self._is_below_unknown(row):
            return UNREAD
        if self._site.is_torn:
            return "the export is incomplete, so this cannot be told"
        if self._is_unknown(row, file):
            return UNREAD
        if not row.has_machine_name and row.kind not in _WITHOUT_NAMES:
            return "it has no machine name, and nothing has its label"
        if _exported_kind(row) in self._kinds_there:
            return ""
        prefix = ".".join(file.split(".")[:2]) + "."
        is_partly_there = any(name.startswith(prefix) for name in self._site.lacking)
        if is_partly_there or _BROUGHT_BY.get(row.kind) in (self._site.modules or ()):
            return f"the export has no {NOUNS[row.kind]} of this kind"
        return ""

    def _is_below_unknown(self, row: Entity) -> bool:
        """Tell whether the bundle, view or workflow of a row may be on the site, but is not known."""
        owner = self.owner_of(row)
        if owner is not None:
            return owner.yaml.partition(".yml")[0] in self._site.lacking
        return any(map(self.reason_against, self._specification.first_of(row.owner_key)))

    def _is_unknown(self, row: Entity, file: str) -> bool:
        """Tell whether a file that nobody could read may hold what a row describes."""
        unknown = self._site.unknown
        if row.kind is EntityKind.VIEW_MODE or not row.has_machine_name:
            return any(name.startswith(f"{file.rpartition('.')[0]}.") for name in unknown)
        return not unknown.isdisjoint({file, storage_of(file)})


def _key_below(owner: SiteEntity | None, row: Entity) -> str:
    """Return the key of a row below the thing of the site that it belongs to, if that is found."""
    above = "" if owner is None else owner.key.partition(":")[2]
    return f"{row.kind.value}:{above}/{row.machine_name}" if above else row.key


def _exported_kind(thing: Entity | SiteEntity) -> tuple[EntityKind, AnyBundleType | None]:
    """Return what is exported together: modules bring view modes for several types at once."""
    return thing.kind, None if thing.kind is EntityKind.VIEW_MODE else thing.bundle_type


def _key_in_sheets(entity: SiteEntity) -> str:
    """Return the key that a sheet gives a thing it knows by its label alone."""
    if entity.kind is EntityKind.VIEW_MODE or entity.is_base_field:
        before, slash, _ = entity.key.rpartition("/")
        return f"{before}{slash}{entity.label}"
    return entity.key
