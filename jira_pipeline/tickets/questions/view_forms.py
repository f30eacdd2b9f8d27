"""The form of a view: what has to be known of each display before anybody can build it.

Belongs here: which displays have a row, what the cells of the sheets fill in and what is asked for
the others. Does not: its columns and its answers (`model/forms_in_text`), what cells mean
(`drupal/meaning/view_displays`), how it looks in a ticket (`tickets/claims`), asking
(`questions_of_views`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jira_pipeline.drupal.meaning.notes import (
    is_shapes_only,
    pattern_of,
    sentences_of,
    singular,
    stated_in,
    word_list,
)
from jira_pipeline.drupal.meaning.view_displays import (
    base_table_of,
    has_prose,
    is_as_shipped,
    is_shared,
    placeholders_in,
    plugin_facts,
    plugin_name,
    search_index_of,
    setting_of,
    shipped_display,
    shipped_view,
    speaks_of,
    stated_format,
    stated_path,
    type_named_by,
)
from jira_pipeline.model.columns import BLANK
from jira_pipeline.model.entities import GONE, BundleType, Entity, EntityKind, Specification, Status
from jira_pipeline.model.forms_in_text import COLUMNS, LISTS, NOT_APPLICABLE, OPEN, PATH
from jira_pipeline.model.grouped import grouped
from jira_pipeline.tickets.questions.question_index import name_of, words_in
from jira_pipeline.tickets.questions.row_questions import joined, marked_subject
from jira_pipeline.tickets.questions.view_titles import FROM, Promises, promises_of

_TYPE_FILTER = re.compile(
    r"(?i)\b(?:(?:content |media )?type|vocabulary) *\((?:=|in) *(?P<kinds>[^()]+)\)"
)
"""Source: `adminSummary` of the filter plugins of Views."""
SHOWS = "Shows"
_JOINED = re.compile(r"(?i)[,&+/]|\b(?:and|or)\b")
_OF_LISTS = ("list_kinds", "words_of_lists")
_AFTER_THING = re.compile(r"(?i)\b(?:by|with|without|for)\b")
"""What follows it in a title divides or limits what is listed."""
_WHERE = re.compile(r"(?i)\b(?:for|from|according)\b|\b(?:on|in) (?:an?|the)\b")
"""What follows it in a description says where, or of what, a list is."""
_PLURAL = re.compile(r"\b\w+(?<!s)s\b")
_TYPES_MAX = 2
"""More of them in one name are a coincidence of words."""
_OF_TABLES = (
    ("node", BundleType.CONTENT),
    ("media", BundleType.MEDIA),
    ("taxonomy_term", BundleType.VOCABULARY),
    ("block_content", BundleType.BLOCK),
)
"""What base tables list, by a part of their names."""
_OF_NOTE = f"{FROM}note)"
_QUOTED = re.compile(r"” \(from the (note|view’s note|title|description)\)(:?)(?:; )?")
"""What ends a quotation, where it is from, and whether it leaves something open."""
_CODED = re.compile(r"(?i)\bcustom\b|\bblock\b|\bmodule\b")
_SHOULD = re.compile(r"(?i)^(?:it )?should (?:be \w+ to )?")
_WHY = re.compile(r"(?i) \(so that [^()]*\)")
_INHERITED = frozenset({"Filters", "Sort", "Items per page", "Access", "When empty"})
_AS_DEFAULT = f"as in the default display{OPEN}"
"""What a new display of a view on the site has: Views gives it that unless it is overridden."""
_OPEN_FORMAT = f"of which fields{OPEN}"
"""What a format does not say of itself."""
_UNSAID = re.compile(r"(?i)\bsort(?:ed)?:? (?:asc|desc)")
"""An order of nothing."""
_USED, _ITEMS, UNSETTLED = map(pattern_of, ("used_on", "items_listed", "unsettled_cells"))
_FORMAT_ALONE, _NO_RESULT = map(pattern_of, ("format_alone", "no_result"))
_ATTACHED = "the page that it may be attached to"
FORMAT = re.compile(r"(?i)(?<!from )\b(?:csv|json|xml|xlsx?|ya?ml)\b")
_LATEST = re.compile(r"(?i)latest.?rev")
_REVISIONS = "all revisions of an item, the current one or the latest"
_OF_LIST = {"Sort": " it sorts", SHOWS: " it shows"}
_OTHERS, _EXPOSED = f"others: {OPEN}", "exposed filters"
_QUOTATION = re.compile(r"(?P<words>“.+”) \(from the \w+\): (?P<asks>.+)\?")
_WANTED: Mapping[str, str] = {
    SHOWS: "which fields or view mode it shows",
    PATH: "its path or where it is used",
    "Sort": "how it sorts",
    "Items per page": "how many items it shows at a time",
    "Access": "who has access",
    "When empty": "what it says when it is empty",
}
"""What an open cell asks for, by its column."""
_KINDS: Mapping[str, str] = {"content": "content types", "media": "media types"}
"""The kinds of what is divided into types, where a sentence does not say of what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """What is to be known of one display."""

    display: Entity
    """Of a view without rows for its displays the view itself."""
    cells: Mapping[str, str]
    """By column, in their order; `?` where nobody knows, with what is known before it."""

    promises: Promises = field(default_factory=Promises)

    @property
    def open_columns(self) -> tuple[str, ...]:
        """The columns that somebody has to fill in."""
        return tuple(column for column, cell in self.cells.items() if cell.endswith(OPEN))

    @property
    def noted(self) -> Iterator[tuple[str, str]]:
        """Yield the sentences of notes and descriptions that can be tried, with where they are."""
        own = (each for each in sentences_of(self.display.note) if not UNSETTLED.search(each))
        told = [(each, "note") for each in own if has_prose(self.display)]
        for parts in map(_QUOTED.split, self.cells.values()):
            for said, source, asks in zip(parts[:-1:3], parts[1::3], parts[2::3], strict=True):
                is_told = said.startswith("“sorted") and not asks
                if source.startswith("view") or (source == "description" and is_told):
                    told += [(each, source) for each in sentences_of(said[1:])]
        for words, source in ((_WHY.sub("", each).rstrip(". "), of) for each, of in told):
            if not (_NO_RESULT.search(words) or _UNSAID.fullmatch(words) or is_shapes_only(words)):
                yield _SHOULD.sub("", words), source


def form_of(
    view: Entity, displays: Sequence[Entity], specification: Specification
) -> tuple[FormRow, ...]:
    """Return the form of a view: a row for each display to build, none for what is there or shipped.

    There is none where the cells of the sheets say it all. A display that only holds what others
    inherit has a row where it is the only display.
    """
    live = [display for display in displays if display.status not in GONE]
    own = [display for display in live if not is_shared(display)]
    if is_as_shipped(view, live) or view.status in GONE:
        return ()
    shipped, form = shipped_view(view), []
    for row in (own or live) if displays else [view]:
        is_shipped = shipped and row is not view and shipped_display(row, shipped, displays)
        if row.status is not Status.APPROVED or is_shipped:
            continue
        promises = promises_of(view, row, live, specification)
        cells = {
            c: _known(c, row, view, live, specification=specification, promises=promises)
            for c in COLUMNS
        }
        form.append(FormRow(display=row, cells=cells, promises=promises))
    return tuple(form) if any(row.open_columns for row in form) else ()


def _named_types(view: Entity, display: Entity, specification: Specification) -> str:
    """Say which types the names of a view, or the path of a display, name; open where none."""
    if named := type_named_by(view, specification):
        is_titled = words_in(name_of(named)) <= words_in(view.label)
        return f"{name_of(named)} {FROM}{'title' if is_titled else 'machine name'})"
    table = base_table_of(view)
    of_table = next((kind for name, kind in _OF_TABLES if table and name in table.name), None)
    bundles = [b for b in specification.live[EntityKind.BUNDLE] if b.bundle_type is of_table]
    words = {(name := name_of(bundle)): words_in(name) for bundle in bundles}
    coded = [(b, words_in(b.machine_name.replace("_", " "))) for b in bundles]
    plugin = plugin_facts(display)
    kind = words_in(plugin.one) if plugin and display is not view else frozenset()
    whole_description = view.cell("Description")
    described, first = map(words_in, (whole_description, _WHERE.split(whole_description)[0]))
    told = [name for name, own in words.items() if own and own <= first]
    own = words_in(display.label) - kind - words_in(view.label) - {"all"}
    called = [b for b, of in coded if of == own]
    is_own = any(singular(word) in own for word in _PLURAL.findall(display.label))
    if own and len(called) == 1 and not _types_in(display.label, words, kind):
        return f"{name_of(called[0])} (assumed: its machine name is {called[0].machine_name})"
    for title, rest in ((display.label, kind), (view.label, frozenset()))[: 1 if is_own else 2]:
        if 0 < len(whole := _types_in(title, words, rest)) <= _TYPES_MAX:
            source = "description" if all(words[one] <= described for one in whole) else "title"
            return f"{joined(whole)} {FROM}{source})"
    steps = {words_in(step.replace("-", " ")) for step in stated_path(display).split("/")}
    of_path = [name for name, own in words.items() if own in steps]
    whole, source = (of_path, "(assumed: its path)") if of_path else (told, f"{FROM}description)")
    if len(whole) == 1:
        return f"{whole[0]} {source}"
    called_so = words_in(view.label) - word_list("words_of_lists")
    of_name = [b for b, own in coded if len(own) > 1 and own <= words_in(view.label)]
    wider = [n for n, of in words.items() if called_so and called_so < of and len(of) <= _TYPES_MAX]
    if len(of_name) == 1:
        return f"{name_of(of_name[0])} (assumed: its machine name is {of_name[0].machine_name})"
    return f"{wider[0]} (assumed: the title of the view)" if len(wider) == 1 else OPEN


def _types_in(title: str, words: Mapping[str, frozenset[str]], kind: frozenset[str]) -> list[str]:
    """Return the types whose words a title has, apart from those for the kind of a display."""
    thing = " ".join([_AFTER_THING.split(title)[0], *re.findall(r"\(([^()]*)\)", title)])
    said = words_in(re.sub(r"[()]", " ", thing)) - kind
    found = {name: own for name, own in words.items() if own and own <= said}
    for name in list(found):  # one that goes on is another thing: `Service Detail`
        after = re.search(rf"\b{re.escape(name)} (\w+)", title)
        if after and all(singular(after[1]) not in word_list(each) for each in _OF_LISTS):
            del found[name]
    named = [name for name, own in found.items() if not any(own < o for o in found.values())]
    if len(named) > 1 and not _JOINED.search(title):  # `Project publications` are publications
        words_of = [*map(singular, re.findall(r"\w+", title))]
        places = {name: max(map(words_of.index, found[name])) for name in named}
        if max(places.values()) - min(places.values()) < len({*places.values()}):
            named = [name for name in named if places[name] == max(places.values())]
    return named


def _known(
    column: str,
    row: Entity,
    view: Entity,
    live: Sequence[Entity],
    *,
    specification: Specification,
    promises: Promises,
) -> str:
    plugin, shared = plugin_facts(row), [display for display in live if is_shared(display)]
    if plugin and column in plugin.without.split("; "):
        return NOT_APPLICABLE
    sources = (row, *shared) if column != PATH else () if stated_path(row) else (row,)
    for source in sources:
        if (cell := setting_of(source, COLUMNS[column])) not in BLANK:
            is_bare = column == SHOWS and _FORMAT_ALONE.fullmatch(cell)
            return f"{cell}: {_OPEN_FORMAT}" if is_bare else cell
    if noted := "; ".join(filter(None, (_noted(column, row), _noted(column, view, but=row)))):
        is_bare = column == SHOWS and _FORMAT_ALONE.fullmatch(_QUOTED.split(noted)[0][1:])
        is_unsaid = column == "Sort" and _UNSAID.search(noted)
        unsaid = f": {_OPEN_FORMAT}" if is_bare else f"; by what{OPEN}" if is_unsaid else ""
        return f"{noted}{unsaid}"
    if column == PATH:
        return _placed(row, view, live, specification) or OPEN
    if column == LISTS:
        found = (_TYPE_FILTER.search(setting_of(each, "filters")) for each in (row, *shared))
        kinds = next((match["kinds"].strip() for match in found if match), "")
        kinds = kinds or _named_types(view, row, specification)
        return "; ".join(_listed(view, row, kinds)) or OPEN
    if column == SHOWS and plugin and plugin.shows:
        return "; ".join(_shown(row, plugin.shows.split("; "), live, view))
    if column == "Filters" and (parts := [*_filtered(row, promises, specification)]):
        return "; ".join([*parts, _OTHERS])
    quoted = {
        SHOWS: promises.shows,
        "Sort": promises.order,
        "Access": promises.access,
        "Items per page": promises.number,
    }.get(column)
    is_there = view.status is not Status.APPROVED and not is_shared(row)
    unsaid = _AS_DEFAULT if is_there and column in _INHERITED else OPEN
    return quoted.cell if quoted else unsaid


def _noted(column: str, row: Entity, *, but: Entity | None = None) -> str:
    """Quote what the note of a display or its view says; where other columns have it, refer to these.

    A sentence about no column leads to the next one, those after all others to what is shown, if
    one is about that; in the note of a view they do not, nor does one that names another display.
    """
    quoted: list[str] = []
    elsewhere: dict[str, None] = {}
    about = [c for c in COLUMNS if c != PATH or not stated_path(row)]
    before: list[str] = []
    is_of_view = but is not None
    named = words_in(but.label) - words_in(row.label) if but else frozenset()
    for sentence in sentences_of(row.note) if has_prose(row) else ():
        if is_shapes_only(sentence) or UNSETTLED.search(sentence) or named & words_in(sentence):
            continue
        before.append(sentence)
        before = before[-1:] if is_of_view else before
        if columns := [c for c in about if speaks_of(sentence, COLUMNS[c])]:
            if columns[0] == column:
                quoted += before
            elif column in columns:
                elsewhere[f"see {columns[0]}"] = None
            before = []
    quoted += before if quoted and column == SHOWS and not is_of_view else []
    source = f"{FROM}view’s note)" if is_of_view else _OF_NOTE
    return f"“{' '.join(quoted)}” {source}" if quoted else "; ".join(elsewhere)


def _placed(row: Entity, view: Entity, live: Sequence[Entity], specification: Specification) -> str:
    """Say where a display is, as far as its row, its view, other displays and paragraphs say it."""
    plugin, path = plugin_facts(row), stated_path(row)
    if path or plugin is None or not plugin.place:
        return path
    others = [o for o in live if not is_shared(o) and plugin_name(o) != "attachment"]
    if plugin_name(row) == "attachment" and len(others) == 1:
        return f"attached to {others[0].machine_name} (assumed: it is the only display for it)"
    used = stated_in(_USED, view.cell("Description"))
    said = f"{used[0][0].lower()}{used[0][1:]} {FROM}description)" if used else ""
    own = (BundleType.PARAGRAPH, words_in(row.label))
    bundles = specification.live[EntityKind.BUNDLE]
    called = [b for b in bundles if (b.bundle_type, words_in(b.label)) == own]
    if not said and len(called) == 1 and not _CODED.search(called[0].note):
        return f"{plugin.place} {called[0].label} (assumed: the same name)"
    return said or f"{plugin.place} {OPEN}"


def _filtered(row: Entity, promises: Promises, specification: Specification) -> Iterator[str]:
    """Say by what a display filters: what its title leaves out, and the values of its path."""
    if limit := promises.limit:
        states = specification.live[EntityKind.WORKFLOW_STATE]
        is_state = any(state.label == limit.words for state in states)
        yield f"{'the state ' * is_state}{limit.cell}"
    for place, known in placeholders_in("" if has_prose(row) else stated_path(row)).items():
        by = f"by {place if place[1:] else 'the value'}"
        of = f"of {known.removeprefix('the ID of ')}"
        yield f"{of if known else by} in the path"


def _shown(
    display: Entity, parts: Sequence[str], live: Sequence[Entity], view: Entity
) -> Iterator[str]:
    """Say what is known of the parts that a display of this kind shows, then which are open."""
    known = {}
    if stated := stated_format(display):
        known[parts[0]] = f"{stated.upper()} by its path"
    elif len(parts) > 1:
        for source, cell in (("title", display.label), ("description", view.cell("Description"))):
            if not known and (match := FORMAT.search(cell)):
                known[parts[0]] = f"{match[0].upper()} {FROM}{source})"
    pages = [other for other in live if plugin_name(other) == "page"]
    thing = FORMAT.sub("", display.label).strip(" -–():").casefold()
    named = [page for page in pages if page.label.casefold() == thing]
    if len(named or pages) == 1 and _ATTACHED in parts:
        source = f"{FROM}title)" if named else "(assumed: it is the only page)"
        known[_ATTACHED] = f"attached to {(named or pages)[0].machine_name} {source}"
    yield from known.values()
    rest = [part for part in parts if part not in known and (pages or part != _ATTACHED)]
    yield f"{joined(rest)}: {OPEN}"


def _listed(view: Entity, display: Entity, kinds: str) -> Iterator[str]:
    """Say what a display lists by its base table; where a note may ask for something else it stays open."""
    said = f"see {SHOWS}" if _ITEMS.search(_noted(SHOWS, display)) else ""
    if index := search_index_of(view):
        yield said or f"items in the search index {index}: {OPEN}"
        return
    table, cell = base_table_of(view), view.cell("Base table")
    is_settled = not has_prose(view) and not has_prose(display)
    if table and table.kinds:
        yield f"{table.lists}, {table.kinds}: {kinds}"
    elif lists := table.lists if table else cell and f"entries of {cell}":
        yield lists if is_settled else said or f"{lists}, by the base table: {OPEN}"
    if table and table.is_of_revisions:
        names = (("title", view.label), ("machine name", view.machine_name))
        source = next((source for source, name in names if _LATEST.search(name)), "")
        yield f"only the latest revision {FROM}{source})" if source else f"{_REVISIONS}: {OPEN}"


def wanted_of(view: Entity, form: Sequence[FormRow]) -> str:
    """Say what the open cells of a form ask for, and of which displays: `how it sorts`."""
    wanted = [(row.display, tuple(_wanted(view, row))) for row in form]
    if len(wanted) == 1:
        return joined(wanted[0][1])
    of_all = [each for each in wanted[0][1] if all(each in asked for _, asked in wanted)]
    rest = [(row, tuple(w for w in asked if w not in of_all)) for row, asked in wanted]
    parts = [f"for each display, {joined(of_all)}"] if of_all else []
    for asked, same in grouped(rest, lambda of: of[1]).items():
        names = joined([marked_subject(row) for row, _ in same])
        of = f"each of {names}" if len(same) > 1 else names
        parts += [f"for {of}, {joined(asked)}"] if asked else []
    return "; ".join(parts)


def _wanted(view: Entity, row: FormRow) -> Iterator[str]:
    """Say what each open cell of a display asks for, in the order of the columns."""
    table, plugin, is_open = base_table_of(view), plugin_facts(row.display), row.open_columns
    inherited = [column for column in is_open if row.cells[column] == _AS_DEFAULT]
    for column in (column for column in is_open if column not in inherited):
        if column == LISTS:
            parts = [part for part in row.cells[LISTS].split("; ") if part.endswith(OPEN)]
            kinds = _KINDS.get(table.lists, table.kinds) if table else ""
            asked = f"which {kinds} it lists" if kinds else "what it lists"
            by_part = {True: f"whether it lists {_REVISIONS}", False: asked}
            yield from (by_part[part.startswith(_REVISIONS)] for part in parts)
        elif column == SHOWS and plugin and plugin.shows:
            rest, parts = row.cells[SHOWS].rpartition("; ")[2], plugin.shows.split("; ")
            yield f"its {joined([part for part in parts if part in rest]) or 'fields'}"
        elif column == PATH and plugin:
            yield "its path" if plugin.has_path else "where it is used"
        elif said := _QUOTATION.fullmatch(row.cells[column]):
            yield f"{said['asks']}{_OF_LIST.get(column, '')} ({said['words']})"
        elif column == "Filters":
            how = "" if plugin and _EXPOSED in plugin.without else " (fixed or set by users)"
            sorts = " and sorts" * (row.cells.get("Sort") == OPEN == row.cells[column])
            is_known = row.cells[column].endswith(_OTHERS)
            yield f"{'which other filters it has' if is_known else 'how it filters'}{how}{sorts}"
        elif column == SHOWS and (
            row.promises.action
            or _OPEN_FORMAT in row.cells[SHOWS]
            or (table and (table.is_of_revisions or not table.is_of_entities))
        ):
            yield "which fields it shows"  # core renders no revisions, no entries of logs, no box to tick
        elif column != "Sort" or row.cells.get("Filters") != OPEN:
            yield _WANTED[column]
    if inherited:
        settings = joined([column.lower() for column in inherited])
        yield f"whether it overrides what the default display has for {settings}"
