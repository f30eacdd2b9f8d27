"""What tickets of views claim: the view and its displays, what ships, the form, checks to try.

Belongs here: claims on a view and its displays. Does not: what cells mean (`view_displays`), the
form (`view_forms`), facts of Drupal (`drupal_views.toml`), words (`phrases.toml`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.drupal_views import Module, ShippedView, view_facts
from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.domain.view_displays import (
    GONE,
    base_table_of,
    is_as_shipped,
    is_disabled,
    is_display_as_shipped,
    is_shared,
    path_column,
    placeholders_in,
    plugin_facts,
    plugin_name,
    search_index_of,
    shipped_view,
    stated_path,
)
from jira_pipeline.domain.view_forms import form_of
from jira_pipeline.writers.claims.claim import Cell, Claim, Claims, FormCell, FormRow
from jira_pipeline.writers.claims.phrases import phrase
from jira_pipeline.writers.english import capitalised, listed, plural, with_article
from jira_pipeline.writers.fragments import code, codes, named, quoted, text
from jira_pipeline.writers.group_facts import GroupFacts

_PATHS_MAX = 6
"""More paths than these are checked by one sentence."""


def view_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows of a view make certain."""
    view = _View(facts)
    return Claims(
        story=view.story(),
        analysis=tuple(view.analysis()),
        form=tuple(view.form()),
        verification=tuple(view.verification()),
    )


@dataclass(frozen=True, eq=False)
class _View:
    """A view with its displays by what becomes of them."""

    facts: GroupFacts

    @property
    def head(self) -> Entity:
        return self.facts.head

    @cached_property
    def live(self) -> Sequence[Entity]:
        """The displays that will be there, without the one that others inherit from."""
        displays = self.facts.live(EntityKind.VIEW_DISPLAY)
        return [display for display in displays if not is_shared(display)]

    @cached_property
    def new(self) -> Sequence[Entity]:
        """The displays to build, without those that a module brings."""
        return [
            display
            for display in self.live
            if display.status is Status.APPROVED
            and not (self.shipped and is_display_as_shipped(display, self.shipped))
        ]

    @cached_property
    def shipped(self) -> ShippedView | None:
        return shipped_view(self.head)

    @cached_property
    def is_as_shipped(self) -> bool:
        displays = [r for r in self.facts.rows if r.status not in GONE]
        return is_as_shipped(self.head, displays)

    @property
    def is_update(self) -> bool:
        return self.facts.group.action is GroupAction.UPDATE

    @property
    def is_single(self) -> bool:
        """Tell whether the view is its one display."""
        return not self.facts.group.members

    def story(self) -> Claim:
        """Claim that the view is wanted, with what is new in it."""
        head, words = self.head, {"view": quoted(self.facts.name)}
        if description := head.cell("Description"):
            words["description"] = phrase("view.description", what=quoted(description))
        else:
            words["description"] = ""
        columns = ("View name", "Description")
        if self.is_as_shipped and self.shipped:
            words["module"] = _module(self.shipped.module)
            return Claim(kind="story.view_shipped", rows=(head,), columns=columns, words=words)
        if not self.new:
            kind = "story.view_update" if self.is_update else "story.view"
            return Claim(kind=kind, rows=(head,), columns=columns, words=words)
        words["displays"] = _kinds_of(self.new)
        kind = "story.view_added" if self.is_update else "story.view_with"
        return Claim(kind=kind, rows=(head, *self.new), columns=columns, words=words)

    def analysis(self) -> Iterator[Claim]:
        """Claim what ships, what has to be there first, and what is there already."""
        head = self.head
        if not self.is_update:
            yield from self._shipped_claims()
        yield from self._needed_modules()
        if is_disabled(head) and not self.is_as_shipped:
            yield Claim(
                kind="analysis.view_disabled",
                rows=(head,),
                columns=("Status",),
                said=(head.cell("Status"),),
            )
        if not self.live and self.facts.live(EntityKind.VIEW_DISPLAY):
            shared = self.facts.live(EntityKind.VIEW_DISPLAY)
            yield Claim(
                kind="analysis.view_shared_only", rows=shared, words={"display": codes(shared)}
            )
        there = [d for d in self.live if d.status is Status.IMPLEMENTED]
        if there and not self.is_as_shipped:
            yield _of("analysis.view_there", there, columns=("X",))
        changed = [d for d in self.live if d.status is Status.CHANGED]
        if changed:
            yield _of("analysis.view_changed", changed, columns=("X",))
        inherited = [d for d in self.facts.to_build if is_shared(d)]
        if self.is_update and inherited and there:
            yield _of("analysis.view_shared_changed", inherited, columns=("X",))
        gone = [d for d in self.facts.with_status(Status.DELETED) if d in self.facts.group.members]
        if gone:
            yield _of("analysis.view_gone", gone, columns=("X",))

    def _shipped_claims(self) -> Iterator[Claim]:
        """Claim what a module brings of the view, and how the rows differ from it."""
        head = self.head
        if shipped := self.shipped:
            words = {
                "module": capitalised(_module(shipped.module)),
                "displays": listed([code(name) for name in shipped.paths]),
            }
            rows = (head, *self.live)
            columns = ("Machine name", "Base table", "Status", "Display plugin")
            origin = "core" if shipped.module.is_core else "contributed"
            if self.is_as_shipped:
                state = "" if shipped.is_enabled else "_disabled"
                yield Claim(
                    kind=f"analysis.view_as_shipped_{origin}{state}",
                    rows=rows,
                    columns=columns,
                    words=words,
                    count=len(shipped.paths),
                )
                return
            yield Claim(
                kind=f"analysis.view_shipped_{origin}",
                rows=rows,
                columns=columns,
                words=words,
                count=len(shipped.paths),
            )
            if self.new:
                yield _of("analysis.view_shipped_added", self.new, columns=("Machine name",))
            if shipped.is_enabled is is_disabled(head) and head.cell("Status"):
                state = "disabled" if is_disabled(head) else "enabled"
                yield Claim(
                    kind=f"analysis.view_shipped_but_{state}",
                    rows=(head,),
                    columns=("Status",),
                    said=(head.cell("Status"),),
                )
        elif (same := view_facts().views.get(head.machine_name)) and (table := base_table_of(head)):
            other = view_facts().base_tables[same.base_table]
            yield Claim(
                kind="analysis.view_shipped_other_table",
                rows=(head,),
                columns=("Machine name", "Base table"),
                said=(head.cell("Base table"),),
                words={
                    "module": capitalised(_module(same.module)),
                    "name": code(head.machine_name),
                    "lists": text(table.lists),
                    "shipped_lists": text(other.lists),
                },
            )

    def _needed_modules(self) -> Iterator[Claim]:
        """Claim which modules have to be enabled for what the view lists and how."""
        if self.is_as_shipped or self.is_update:
            return
        head = self.head
        if index := search_index_of(head):
            yield Claim(
                kind="analysis.view_search_index",
                rows=(head,),
                columns=("Base table",),
                words={"index": quoted(index)},
            )
        table = base_table_of(head)
        if table and not table.module.is_core and not self.shipped:
            yield Claim(
                kind="analysis.view_table_module",
                rows=(head,),
                columns=("Base table",),
                words={"module": text(table.module.name), "table": code(table.name)},
            )
        if table and table.is_of_revisions:
            yield Claim(kind="analysis.view_revisions", rows=(head,), columns=("Base table",))
        if head.cell("Base table") and not table and not index:
            yield Claim(
                kind="analysis.view_table_unknown",
                rows=(head,),
                columns=("Base table",),
                words={"table": code(head.cell("Base table"))},
            )
        found: dict[str, list[Entity]] = {}
        for display in self.new:
            if (plugin := plugin_facts(display)) and plugin.module:
                found.setdefault(plugin.module.name, []).append(display)
        for display in self.new:
            plugin = plugin_facts(display)
            if plugin and plugin.module and display in found.get(plugin.module.name, ())[:1]:
                displays = found[plugin.module.name]
                yield _of(
                    "analysis.view_display_module",
                    displays,
                    columns=("Display plugin",),
                    module=capitalised(_module(plugin.module)),
                )

    def form(self) -> Iterator[FormRow]:
        """Make the form of the displays to build."""
        for row in form_of(self.head, self.facts.group.members):
            yield FormRow(
                display=row.display,
                cells={
                    column: FormCell(
                        text=entry.text,
                        cells=(Cell(source=entry.source.source, column=entry.column),)
                        if entry.source
                        else (),
                    )
                    for column, entry in row.entries.items()
                },
            )

    def verification(self) -> Iterator[Claim]:
        """Claim what can be tried once the ticket is done."""
        head = self.head
        words = {
            "view": quoted(self.facts.name),
            "name": code(head.machine_name),
            "status": _status_words(head),
        }
        columns = ("View name", "Machine name", "Status")
        said = tuple(filter(None, (head.machine_name, head.cell("Status"))))
        if self.live:
            words["displays"] = codes(self.live)
            yield Claim(
                kind="verification.view_displays",
                rows=(head, *self.live),
                columns=columns,
                said=(*said, *(display.machine_name for display in self.live)),
                words=words,
                count=len(self.live),
            )
        else:
            yield Claim(
                kind="verification.view", rows=(head,), columns=columns, said=said, words=words
            )
        gone = [d for d in self.facts.with_status(Status.DELETED) if d in self.facts.group.members]
        if gone:
            yield _of("verification.view_gone", gone, columns=("X",), view=words["view"])
        if is_disabled(head):
            return
        yield from self._path_checks()
        yield from self._block_checks()

    def _path_checks(self) -> Iterator[Claim]:
        displays = [head for head in (self.head,) if self.is_single] or [
            d for d in self.live if d.status is not Status.IMPLEMENTED
        ]
        with_path = [(display, stated_path(display)) for display in displays]
        with_path = [(display, path) for display, path in with_path if path]
        if len(with_path) > _PATHS_MAX:
            rows = [display for display, _ in with_path]
            yield Claim(
                kind="verification.view_paths",
                rows=tuple(rows),
                columns=(path_column(rows[0]),),
                said=tuple(path for _, path in with_path),
                words={"count": str(len(rows))},
                count=len(rows),
            )
            return
        for display, path in with_path:
            words = {"path": code(path), "display": named(display)}
            kind = "opens"
            if placeholders := placeholders_in(path):
                kind = "opens_for"
                words["values"] = listed([_value(placeholder) for placeholder in placeholders])
            yield Claim(
                kind=f"verification.view_{kind}",
                rows=(display,),
                columns=(path_column(display),),
                said=(path,),
                words=words,
                count=len(placeholders) or 1,
            )

    def _block_checks(self) -> Iterator[Claim]:
        blocks = [
            display
            for display in self.live
            if plugin_name(display) == "block" and display.status is not Status.IMPLEMENTED
        ]
        if blocks:
            yield _of(
                "verification.view_blocks",
                blocks,
                columns=("Display plugin",),
                view=quoted(self.facts.name),
                titles=listed([quoted(block.label) for block in blocks]),
            )


def _of(kind: str, rows: Sequence[Entity], *, columns: Sequence[str], **words: str) -> Claim:
    """Make a claim that names its rows."""
    return Claim(
        kind=kind,
        rows=tuple(rows),
        columns=tuple(columns),
        said=tuple(row.machine_name for row in rows),
        words={"displays": codes(rows), **words},
        count=len(rows),
    )


def _module(module: Module) -> str:
    form = "core" if module.is_core else "contributed"
    return phrase(f"view.module_{form}", name=text(module.name))


def _status_words(view: Entity) -> str:
    if not view.cell("Status"):
        return ""
    return phrase(f"view.{'disabled' if is_disabled(view) else 'enabled'}")


def _value(placeholder: str) -> str:
    value = view_facts().path_values.get(placeholder.removeprefix("%"), "")
    if value:
        return phrase("view.value_known", value=text(value), placeholder=code(placeholder))
    return phrase("view.value", placeholder=code(placeholder))


def _kinds_of(displays: Sequence[Entity]) -> str:
    """Count displays by their kinds: `a page at /x and two blocks`."""
    nouns = Counter(_noun(display) for display in displays)
    parts = []
    for noun, count in nouns.items():
        own = [display for display in displays if _noun(display) == noun]
        path = stated_path(own[0])
        if count == 1 and path:
            parts.append(phrase("view.noun_at", noun=with_article(noun), path=code(path)))
        else:
            parts.append(with_article(noun) if count == 1 else f"{count} {plural(noun)}")
    return listed(parts)


def _noun(display: Entity) -> str:
    plugin = plugin_facts(display)
    return plugin.noun if plugin else "display"
