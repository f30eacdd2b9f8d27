"""What the sheets say of the displays of a view: where each is found, for whom, what it lists.

Belongs here: audience, places and settings of displays, read from columns and names. Does not:
sentences of a ticket (`story`, `analysis`, `verification`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.entities import BundleType, Entity
from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.domain.lexicon import lexicon
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.writers.english import listed
from jira_pipeline.writers.group_facts import GroupFacts

_PATH = re.compile(
    r"(?<![\w/:.<])/(?!>)[\w%{\[][\w%{}\[\]:./-]*[\w%}\]]|(?<![\w/:.<])/[\w%](?=\W|$)"
)
"""A path that a note states, such as `/news/archive`; addresses of other sites are none."""
_PLACES: Mapping[str, str] = {
    "page": "on the page",
    "block": "in the block",
    "feed": "in the feed",
    "embed": "in the embedded display",
}


def setting_of(display: Entity, setting: str) -> str:
    """Return what a column says of one setting of a display; empty where no column does."""
    headers = lexicon().display_columns[setting]
    return next(
        (cell for column, cell in display.cells.items() if cell and column.casefold() in headers),
        "",
    )


def plugin_of(display: Entity) -> str:
    """Return the kind of a display in lower case, such as `page`; its machine name helps out."""
    plugin = display.cell("Display plugin").casefold()
    if plugin:
        return plugin
    return display.machine_name.partition("_")[0].casefold()


def is_shared(display: Entity) -> bool:
    """Tell whether a display only holds what the others inherit; Drupal never renders it."""
    return plugin_of(display) in lexicon().shared_displays


def path_of(display: Entity) -> str:
    """Return the path of a display with its first slash: from a column, else from its note."""
    path = setting_of(display, "path")
    if path and path != "-":
        return f"/{path.strip().lstrip('/')}" if " " not in path.strip() else ""
    if plugin_of(display) not in {"page", "feed"}:
        return ""
    found = _PATH.search(display.cell("Notes"))
    return found.group() if found else ""


def is_for_administrators(display: Entity) -> bool:
    """Tell whether a page is for people who run the site, by its path, names or note."""
    if plugin_of(display) != "page":
        return False
    words = f"{display.label} {display.machine_name.replace('_', ' ')} {display.cell('Notes')}"
    return path_of(display).startswith("/admin") or bool(lexicon().admin.search(words))


@dataclass(frozen=True, kw_only=True)
class ShownView:
    """A view as people meet it."""

    facts: GroupFacts

    @cached_property
    def displays(self) -> tuple[Entity, ...]:
        """The displays that are rendered by themselves: no shared settings, no attachments."""
        rows = self.facts.to_build or self.facts.rows
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

    def places(self, *, at_most: int) -> str:
        """Say where people find it, with a space before; empty where the sheets name no place."""
        told = []
        for display in self.displays:
            plugin = plugin_of(display)
            if not self.is_administrative and is_for_administrators(display):
                continue
            place = _PLACES.get(plugin, "in the display")
            path = path_of(display)
            told.append(f"at {path}" if path else f"{place} “{display.label}”")
        return f" {listed(told, at_most=at_most)}" if told else ""

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
