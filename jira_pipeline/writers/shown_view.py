"""A view as people meet it: where it is found, for whom, what it lists.

Belongs here: what the story, the analysis and the verification of a view share. Does not: single
displays (`domain/view_displays`), sentences.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.domain.lexicon import lexicon
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.domain.role_notes import roles_named_in
from jira_pipeline.domain.view_displays import (
    is_for_administrators,
    is_shared,
    path_of,
    plugin_of,
    setting_of,
)
from jira_pipeline.writers.english import listed
from jira_pipeline.writers.group_facts import GroupFacts

_PLACES: Mapping[str, tuple[str, str]] = {
    "page": ("on the page", "on a page"),
    "block": ("in the block", "in a block"),
    "feed": ("in the feed", "in a feed"),
    "embed": ("in the embedded display", "in an embedded display"),
}
"""What comes before the title of a display, and what stands for a display without its own title."""


@dataclass(frozen=True, kw_only=True)
class ShownView:
    """A view as people meet it."""

    facts: GroupFacts

    @cached_property
    def displays(self) -> tuple[Entity, ...]:
        """The displays that are rendered by themselves: no shared settings, no attachments."""
        gone = {Status.DELETED, Status.WAITING}
        rows = self.facts.to_build or [r for r in self.facts.rows if r.status not in gone]
        return tuple(d for d in rows if not is_shared(d) and plugin_of(d) != "attachment")

    @cached_property
    def is_administrative(self) -> bool:
        """Tell whether nobody but people who run the site meets this view."""
        head = self.facts.head
        if head.machine_name in lexicon().admin_views:
            return not any(plugin_of(d) == "block" for d in self.displays)
        pages = [d for d in self.displays if plugin_of(d) == "page"]
        if pages and len(pages) == len(self.displays):
            return all(is_for_administrators(page) for page in pages)
        said = f"{head.cell('Description')} {head.cell('Notes')}"
        return not self.displays and bool(lexicon().admin.search(said))

    @cached_property
    def roles(self) -> tuple[Entity, ...]:
        """The roles that may see it, where the access of every display names some."""
        roles = self.facts.session.specification.by_kind[EntityKind.USER_ROLE]
        named = [roles_named_in(setting_of(d, "access"), roles) for d in self.displays]
        if not named or not all(named):
            return ()
        found = {role.key: role for some in named for role in some}
        public = lexicon().public_roles
        return (
            () if any(r.machine_name in public for r in found.values()) else tuple(found.values())
        )

    def places(self, *, at_most: int) -> str:
        """Say where people find it, with a space before; empty where the sheets name no place."""
        told = []
        for display in self.displays:
            plugin = plugin_of(display)
            if not self.is_administrative and is_for_administrators(display):
                continue
            path = path_of(display)
            place, without_title = _PLACES.get(plugin, ("in the display", "in a display"))
            is_titled = display.label.casefold().strip(" 0123456789") not in {"", plugin}
            told.append(
                f"at {path}"
                if path
                else f"{place} “{display.label}”"
                if is_titled
                else without_title
            )
        told = list(dict.fromkeys(told))
        more = ["elsewhere"] if len(told) > at_most else []
        return f" {listed([*told[:at_most], *more])}" if told else ""

    @cached_property
    def listed_bundles(self) -> tuple[Entity, ...]:
        """The bundles the view waits for: by the rules of dependencies those that it lists."""
        groups = (self.facts.session.groups.get(d.group_key) for d in self.facts.group.dependencies)
        return tuple(g.heads[0] for g in groups if g is not None and g.kind is GroupKind.BUNDLE)

    def listed_things(self, *, at_most: int) -> str:
        """Name what the view lists: bundles by name, else by its base table."""
        if self.listed_bundles:
            names = [name_of(bundle) for bundle in self.listed_bundles]
            kinds = {bundle.bundle_type for bundle in self.listed_bundles}
            noun = {BundleType.VOCABULARY: "terms", BundleType.MEDIA: "media"}
            kind = next(iter(kinds)) if len(kinds) == 1 else None
            return f"{listed(names, at_most=at_most)} {noun.get(kind or BundleType.CONTENT, 'content')}"
        words = re.split(r"[\W_]+", self.facts.head.cell("Base table").casefold())
        nouns = lexicon().listed_nouns
        return next((nouns[word] for word in words if word in nouns), "what it lists")
