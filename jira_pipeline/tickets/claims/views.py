"""What tickets of views claim: the view and its displays, what ships, the form, checks to try.

Belongs here: claims on a view and its displays. Does not: what cells mean
(`drupal/meaning/view_displays`), the form (`tickets/questions/questions_of_views`), facts of Drupal
(`modules.toml`), words (`drupal/words`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.drupal.claims import Claim, claims_about, clause
from jira_pipeline.drupal.markup import (
    capitalised,
    code,
    codes,
    label_with_name,
    listed,
    named,
    number,
    quoted,
    text,
)
from jira_pipeline.drupal.meaning.modules_and_types import (
    Module,
    bringing,
    label_of_module,
    modules,
)
from jira_pipeline.drupal.meaning.notes import (
    LEFT_OPEN,
    changes_in,
    modules_in,
)
from jira_pipeline.drupal.meaning.view_displays import (
    ShippedView,
    base_table_of,
    has_prose,
    is_as_shipped,
    is_disabled,
    is_display_as_shipped,
    is_shared,
    path_column,
    plugin_facts,
    plugin_name,
    search_index_of,
    setting_column,
    setting_of,
    shipped_view,
    stated_format,
    stated_path,
)
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.ticket_rows import TicketRows, are_all_listed
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import GONE, THERE, Entity, EntityKind, Status
from jira_pipeline.model.entity_groups import GroupAction
from jira_pipeline.model.forms_in_text import COLUMNS
from jira_pipeline.model.grouped import group_by
from jira_pipeline.tickets.claims.claims_by_part import description_of
from jira_pipeline.tickets.claims.lists import noted, unknown_claim
from jira_pipeline.tickets.questions.questions_of_views import FormRow, form_of


def view_claims(facts: TicketRows) -> Iterable[Claim]:
    view = ViewRows(facts=facts)
    changed = () if view.is_as_shipped else _changed_displays(view)
    return (*_story(view), *_analysis(view), *_verification(view), *changed)


@dataclass(frozen=True, kw_only=True, eq=False)
class ViewRows:
    """A view with its displays by what becomes of them; without the one that others inherit from."""

    facts: TicketRows

    @property
    def head(self) -> Entity:
        return self.facts.head

    @property
    def is_update(self) -> bool:
        return self.facts.group.action is GroupAction.UPDATE

    @cached_property
    def form(self) -> tuple[FormRow, ...]:
        return form_of(self.facts.group)

    @cached_property
    def shipped(self) -> ShippedView | None:
        """The view that a module brings, where this is to be made of that."""
        return None if self.is_update else shipped_view(self.head)

    @cached_property
    def is_as_shipped(self) -> bool:
        """A module brings it, and nothing is to be done."""
        displays = [row for row in self.facts.group.members if row.status not in GONE]
        return not self.is_update and is_as_shipped(self.head, displays)

    @cached_property
    def shared(self) -> Sequence[Entity]:
        """The displays that others inherit from."""
        return [d for d in self.facts.live(EntityKind.VIEW_DISPLAY) if is_shared(d)]

    @cached_property
    def live(self) -> Sequence[Entity]:
        return [d for d in self.facts.live(EntityKind.VIEW_DISPLAY) if not is_shared(d)]

    def is_brought(self, row: Entity) -> bool:
        """Tell whether a module brings a display, so that it is not to be built."""
        return self.shipped is not None and row.machine_name in self.shipped.paths

    @cached_property
    def new(self) -> Sequence[Entity]:
        """The displays to build, without those that a module brings, called otherwise or not."""
        return [row for row in self.with_status(Status.APPROVED) if not self.is_brought(row)]

    def with_status(self, status: Status) -> Sequence[Entity]:
        return [display for display in self.live if display.status is status]

    @cached_property
    def checked(self) -> Sequence[Entity]:
        """The displays with something to try; a view without rows for them is its own."""
        touched = [display for display in self.live if display.status is not Status.IMPLEMENTED]
        return touched if self.facts.group.members else [self.head]


def _story(view: ViewRows) -> tuple[Claim, ...]:
    head = view.head
    name = quoted(view.facts.name)
    if view.is_as_shipped and view.shipped:
        kind = "story.view_shipped_disabled" if is_disabled(head) else "story.view_shipped"
        return claims_about(
            kind,
            (head,),
            "Machine name",
            view=code(head.machine_name),
            module=_module(view.shipped.module),
        )
    new = () if is_disabled(head) else view.new
    kind = "disabled" if is_disabled(head) else "update" if view.is_update else "new"
    columns = ("View name", "Description", *["Display plugin"][: len(new)])
    parts = [_kinds_of(new)] if new else []
    if view.is_update and not is_disabled(head):
        gone = view.facts.with_status(Status.DELETED)
        kinds = {"changed": view.with_status(Status.CHANGED), "removed": gone}
        parts += [clause(f"{kind}_displays", rows) for kind, rows in kinds.items() if rows]
    return claims_about(
        f"story.view_{kind}{'_with' if parts else ''}",
        (head, *new),
        *columns,
        view=name,
        description=description_of(head),
        displays=listed(parts),
    )


def _analysis(view: ViewRows) -> Iterator[Claim]:
    """Say what ships, what has to be there first, and what is there already."""
    yield from _shipped(view)
    if view.is_as_shipped:
        return
    head = view.head
    table = base_table_of(view.head)
    if (index := search_index_of(head)) and not view.is_update:
        yield from claims_about(
            "analysis.view_search_index", (head,), "Base table", index=quoted(index)
        )
    is_latest = any("latest_" in setting_of(display, "filters") for display in view.live)
    if table and table.is_of_revisions and not (view.is_update or is_latest):
        yield from claims_about("analysis.view_revisions", (head,), "Base table")
    yield from _modules(view)
    embedded = [display for display in view.new if plugin_name(display) == "embed"]
    yield from claims_about("analysis.view_embed", embedded, "Display plugin")
    if not view.live:
        yield from claims_about("analysis.view_shared_only", view.shared, "Machine name")
    there = view.with_status(Status.IMPLEMENTED)
    yield from claims_about("analysis.view_there", there, "X")


def _says_how(display: Entity) -> bool:
    return has_prose(display) and not LEFT_OPEN.search(note_of(display))


def _changed_displays(view: ViewRows) -> Iterator[Claim]:
    """Say how displays change, by their notes, and which ones go."""
    changed = view.with_status(Status.CHANGED)
    for display in filter(_says_how, changed):
        said = quoted(note_of(display))
        for part in ("analysis", "verification"):
            yield from claims_about(f"{part}.view_changed_so", (display,), *NOTE_COLUMNS, said=said)
    plain = [d for d in changed if not (_says_how(d) or changes_in(note_of(d)))]
    yield from claims_about("analysis.view_changed", plain, "X")
    yield from claims_about("analysis.view_gone", view.facts.with_status(Status.DELETED), "X")


def _shipped(view: ViewRows) -> Iterator[Claim]:
    """Say what a module brings of the view, and what the rows add or change."""
    head = view.head
    columns = ("Machine name", "Base table", "Status", "Display plugin")
    if shipped := view.shipped:
        rows = (head, *view.live)
        names = listed([code(name) for name in shipped.paths])
        module = _module(shipped.module)
        count = len(shipped.paths)
        words = {"module": capitalised(module), "displays": names, "view": code(head.machine_name)}
        if view.is_as_shipped:
            on = "analysis.view_as_shipped"
            off = "analysis.view_as_shipped_disabled"
            views = view.facts.session.specification.by_kind[EntityKind.VIEW]
            tables = (base_table_of(row) for row in views if row.status in THERE)
            is_there = any(table and table.module == shipped.module for table in tables)
            is_sure = is_there or shipped.module.is_core
            words["enable"] = "" if is_sure else clause("enable_module")
            kind = on if shipped.is_enabled else off
            yield from claims_about(kind, rows, *columns, of_count=count, **words)
            return
        yield from claims_about("analysis.view_shipped", rows, *columns, of_count=count, **words)
        yield from claims_about("analysis.view_shipped_added", view.new, "Machine name")
        brought = (display for display in view.live if display not in view.new)
        adjusted = [row for row in brought if not is_display_as_shipped(row, shipped)]
        yield from claims_about("analysis.view_shipped_adjusted", adjusted, "Machine name")
        if head.flag("Status") not in {None, shipped.is_enabled}:
            on = "analysis.view_shipped_but_enabled"
            off = "analysis.view_shipped_but_disabled"
            yield from claims_about(off if is_disabled(head) else on, (head,), "Status")


def _modules(view: ViewRows) -> Iterator[Claim]:
    """Say which modules beside Views and core the base table and the displays to build need."""
    needing: dict[str, list[Entity]] = {}
    noted = () if view.is_update else modules_in(note_of(view.head))
    told = ["search_api"] if search_index_of(view.head) else []
    told += [n for n in noted if view.shipped and modules().get(n) is view.shipped.module]
    others = [text(label_of_module(name)) for name in noted if name not in told]
    yield from claims_about(
        "analysis.view_modules",
        [view.head][: len(others)],
        *NOTE_COLUMNS,
        modules=clause("modules", count=len(others), names=listed(others)),
    )
    table = base_table_of(view.head)
    cell = view.head.cell("Base table")
    is_unknown = cell and not (table or view.is_update or search_index_of(view.head))
    if table and not view.is_update and not view.shipped and not (noted or table.module.is_core):
        needing[_module(table.module)] = [view.head]
    for display in view.new:
        plugin = plugin_facts(display)
        is_new = plugin and plugin.module is not modules()["views"]
        if plugin and is_new and (plugin.module.is_core or not noted):
            needing.setdefault(_module(plugin.module), []).append(display)
        encoder = bringing("formats").get(stated_format(display))
        if encoder and plugin_name(display) == "rest_export":
            needing.setdefault(_module(encoder), []).append(display)
    for module, rows in needing.items():
        table_name = clause("base_table", table=code(cell))
        names = [table_name if row is view.head else codes([row]) for row in rows]
        columns = ("Base table", "Display plugin")
        yield from claims_about(
            "analysis.view_module",
            rows,
            *columns,
            values=[next(filter(None, map(row.cell, columns)), row.machine_name) for row in rows],
            what=capitalised(listed(names)),
            module=module,
        )
    if is_unknown and not noted:
        yield from unknown_claim([view.head], "Base table", "base table", cell)
    for kind, displays in group_by(view.new, lambda row: row.cell("Display plugin")).items():
        if kind and plugin_facts(displays[0]) is None:
            yield from unknown_claim(displays, "Display plugin", "kind of display", kind)


def _verification(view: ViewRows) -> Iterator[Claim]:
    """Say what can be tried: the list of views, its displays, paths, blocks and settings."""
    head = view.head
    rows = (view.head, *view.live)
    status = "view_disabled" if is_disabled(head) else "view_enabled"
    called = label_with_name(head)
    words = {
        "view": code(head.machine_name) if view.is_as_shipped else called,
        "status": clause(status) if head.flag("Status") is not None else "",
    }
    columns = ("Machine name", "View name", "Status")
    is_certain = not any(view.facts.is_disputed(row, "Machine name") for row in view.live)
    brought = view.shipped.paths.keys() if view.shipped else set()
    is_whole = brought <= {row.machine_name for row in view.facts.group.members}  # else it is asked
    is_exact = view.live and is_certain and is_whole
    if is_exact:
        are_all = are_all_listed(rows)
        kind = "verification.view_displays" if are_all else "verification.view_with_displays"
        words["displays"] = codes(view.live)
        yield from claims_about(kind, rows, *columns, of_count=len(view.live), **words)
    elif not (view.facts.group.is_hollow and view.facts.group.members):
        yield from claims_about("verification.view", rows, *columns, **words)
    if not is_exact:
        gone = view.facts.with_status(Status.DELETED)
        yield from claims_about("verification.view_gone", gone, "X", view=quoted(view.facts.name))
    yield from _paths(view)
    placed = (d for d in view.checked if plugin_name(d) == "block" and not is_disabled(head))
    sure = (d for d in placed if d is not head and not view.facts.is_disputed(d, "Machine name"))
    yield from claims_about("verification.view_blocks", sure, "Display plugin")
    yield from _settings(view)
    built = () if is_disabled(head) else (row.display for row in view.form)
    told = filter(_says_how, built)
    yield from noted("verification.view_noted", told, note_of, ["Notes"])


def _paths(view: ViewRows) -> Iterator[Claim]:
    """Say what each path opens; where nobody can try it, that it is set.

    Nobody can with a disabled view or without a value for a placeholder, nor always with a display of a module:
    core opens overviews by the path of their tab, and its media library from a form only.
    """
    opened = {stated_path(row) for row in view.live if _is_page(row)}
    for display in view.checked:
        path = stated_path(display)
        column = path_column(display)
        if not path or view.facts.is_disputed(display, column):
            continue
        kind = "verification.view_returns"
        if path in opened:
            kind = "verification.view_returns_format"
        if _is_page(display):
            kind = "verification.view_opens"
        as_format = f" as {stated_format(display).upper()}" if stated_format(display) else ""
        words = {"path": code(path), "display": f"{named(display)}{as_format}"}
        if is_disabled(view.head) or view.is_brought(display) or "/%" in path:
            kind = "verification.view_path_set"
            words["display"] = named(display)
        yield from claims_about(kind, (display,), column, values=(path,), **words)


def _is_page(display: Entity) -> bool:
    return plugin_name(display) in {"page", ""}


def _settings(view: ViewRows) -> Iterator[Claim]:
    """Say that the settings which cells give are those of the display, together where alike."""

    def given(display: Entity) -> tuple[str, ...]:
        settings = (s for s in COLUMNS.values() if s != "path" or not stated_path(display))
        return tuple(filter(display.states, (setting_column(display, s) for s in settings)))

    for columns, displays in group_by(filter(given, view.checked), given).items():
        yield from claims_about(
            "verification.view_settings",
            displays,
            *columns,
            settings=listed(map(text, columns)),
            codes=codes(displays),
        )


def _module(module: Module) -> str:
    origin = "core" if module.is_core else "contributed"
    return clause(f"module_{origin}", name=text(module.label))


def _kinds_of(displays: Sequence[Entity]) -> str:
    """Count displays by their kinds; name the path of the only one: `a page at /x`."""
    parts = []
    for plugin, rows in group_by(displays, plugin_facts).items():
        single, several = (plugin.one, plugin.many) if plugin else ("a display", "displays")
        path = stated_path(rows[0])
        at_path = clause("display_at", display=single, path=code(path)) if path else single
        parts.append(at_path if len(rows) == 1 else f"{number(len(rows))} {several}")
    return listed(parts)
