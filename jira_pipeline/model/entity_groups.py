"""Entity groups: what one ticket covers and what it depends on.

Belongs here: the values. The rules that make them are in `tickets/grouping/ticket_plan`, the graph
algorithms in `model/dependencies`, the tables in `tickets/documents/configuration_tables`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from jira_pipeline.model.entities import PACKAGED, Entity
from jira_pipeline.model.source_tables import SourceWord


class DisplayGroup(StrEnum):
    """The groups people see, in display order: seven of a site, seven of a package.

    The build order of a site is another thing; that of packages begins with the display order.
    """

    CONTENT = "Content"
    MEDIA = "Media"
    VIEWS = "Views"
    MIGRATION = "Migration"
    WORKFLOW = "Workflow"
    USER_ROLES = "User Roles"
    CUSTOM = "Custom"
    OPTION_SETS = "Option Sets"
    PERMISSIONS = "Permissions"
    FORMS = "Forms"
    TEMPLATES = "Templates"
    WORK_TYPES = "Work Types"
    WORKFLOWS = "Workflows"
    OTHER = "Other"


class GroupKind(StrEnum):
    """Which rule made the group."""

    BUNDLE = "bundle"
    BUNDLES_WITHOUT_FIELDS = "bundles_without_fields"
    VIEW = "view"
    IMAGE_STYLES = "image_styles"
    RESPONSIVE_IMAGE_STYLES = "responsive_image_styles"
    VIEW_MODES = "view_modes"
    USER_ROLES = "user_roles"
    WORKFLOW = "workflow"
    MIGRATION = "migration"
    CUSTOM = "custom"
    REMOVAL = "removal"
    COMPONENT = "component"
    COMPONENT_CHANGE = "component_change"
    """What differs of a component between two environments."""
    COMPONENT_REVIEW = "component_review"
    """A component that only the target has: somebody decides about it."""


COMPONENT_KINDS = frozenset(
    {GroupKind.COMPONENT, GroupKind.COMPONENT_CHANGE, GroupKind.COMPONENT_REVIEW}
)


class GroupAction(StrEnum):
    """What the ticket asks for."""

    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDependency:
    """Another group that must be built first."""

    group_key: str
    reasons: tuple[str, ...]
    """Such as `required by field_berths (line 225)`, in sheet order."""
    is_required: bool
    is_linked: bool
    """False when another dependency implies it (transitive reduction): shown, not linked."""


class RelationKind(StrEnum):
    """How a group relates to something it does not wait for."""

    DEFERRED = "deferred"
    """A reference that would close a cycle: added once the other exists; a Relates link."""
    REMOVAL = "removal"
    """This group mentions what a removal ticket removes, or the reverse; a Relates link."""
    SATISFIED = "satisfied"
    """It exists already (X = x): nothing to wait for."""
    ON_HOLD = "on_hold"
    """It is on hold (X = w) and has no ticket."""
    RECOMMENDED = "recommended"
    """The package recommends to deploy it too; a Relates link."""
    PREREQUISITE = "prerequisite"
    """No file of the session holds it: it must exist where this is deployed."""
    RELATED = "related"
    """Told in the text, never a link."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRelation:
    """Something a group mentions without waiting for it."""

    kind: RelationKind
    label: str
    """Label of the entity or title of the group, for people."""
    reason: str
    group_key: str | None = None
    """The group that covers it; None when it has no ticket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedGroup:
    """What other tickets show of a group."""

    title: str
    action: GroupAction


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRows:
    """What a document is made of, beside its ticket."""

    rows: str
    """The whole group, as the renderer wrote it."""
    creates: tuple[str, ...]
    """Machine names of fields whose storage its ticket creates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsOfGroup(KeptRows):
    """What the sheets hold for a ticket."""

    group_key: str
    named: NamedGroup
    is_hollow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityGroup:
    """The entities one ticket covers."""

    key: str
    """Stable for the same sheets, such as `bundle:Content type/bio` or `image_styles`."""
    kind: GroupKind
    display_group: DisplayGroup
    action: GroupAction
    label: str
    """What people call it, without type: `Profile`, `13 vocabularies without custom fields`."""
    title: str
    """≤ 255 characters, unique in the session."""
    number: int
    """1-based position in build order: every dependency has a lower number."""
    heads: tuple[Entity, ...]
    """What the ticket is about: one for bundle, view, workflow; several for collections."""
    members: tuple[Entity, ...]
    """The rows of its tables, of every status, in sheet order; empty where heads are the rows."""
    dependencies: tuple[GroupDependency, ...]
    relations: tuple[GroupRelation, ...]
    is_hollow: bool = False
    """The head is approved and no member is: people should look before marking it ready."""
    is_on_hold: bool = False
    """Made only because the manifest says `include_waiting`."""
    captions: tuple[Entity, ...] = ()
    """Lines above, between or below its rows, each in one cell."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Keys of groups by the key of an entity that its rows refer to and that group covers."""

    @property
    def sources(self) -> tuple[Entity, ...]:
        """All lines of sheets that its ticket quotes."""
        return (*self.heads, *self.members, *self.captions)

    @property
    def as_in_sheet(self) -> "EntityGroup":
        """The group with every cell of its rows as it is written."""
        if not any(row.written for row in (*self.heads, *self.members)):
            return self
        return replace(
            self,
            heads=tuple(row.as_in_sheet for row in self.heads),
            members=tuple(row.as_in_sheet for row in self.members),
        )

    @property
    def as_stated(self) -> "EntityGroup":
        """The group with the cells that the prose of its ticket may depend on."""
        return replace(
            self,
            heads=tuple(row.as_stated for row in self.heads),
            members=tuple(row.as_stated for row in self.members),
        )

    @property
    def source_word(self) -> SourceWord:
        """What sentences call the files of its rows: sheets or packages, one kind in a session."""
        is_packaged = any(head.kind is PACKAGED for head in self.heads)
        return SourceWord.PACKAGES if is_packaged else SourceWord.SHEETS

    @property
    def linked_dependencies(self) -> tuple[GroupDependency, ...]:
        """Those that become Blocks links."""
        return tuple(d for d in self.dependencies if d.is_linked)

    @property
    def linked_relations(self) -> tuple[GroupRelation, ...]:
        linked = {RelationKind.DEFERRED, RelationKind.REMOVAL, RelationKind.RECOMMENDED}
        return tuple(r for r in self.relations if r.kind in linked and r.group_key is not None)
