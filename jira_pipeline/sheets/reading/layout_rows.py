"""Rows that other tables describe: words with their values above a table, second lists, matrices.

Belongs here: such a block as a row of the sheet that lists things like it; a matrix of permissions,
with a mark where a role has one, as notes of the roles. Does not: where blocks and tables begin
(`layouts`), which rows belong to the thing (`owners`), what permissions mean (`drupal/meaning`).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from jira_pipeline.drupal.meaning.modules_and_types import is_base_type, types_in, types_meant
from jira_pipeline.drupal.meaning.notes import is_not_now
from jira_pipeline.drupal.meaning.view_displays import is_display_setting
from jira_pipeline.model.columns import (
    CUSTOM_LABEL_COLUMNS,
    MACHINE_NAME_COLUMN,
    NOTE_COLUMNS,
    OWNER_COLUMNS,
    STATUS_COLUMN,
    STATUS_HEADERS,
    UPKEEP_COLUMNS,
    Role,
    columns_of,
    label_column_of,
    owner_column_of,
)
from jira_pipeline.model.entities import (
    TO_BUILD,
    BundleType,
    EntityKind,
    SourceRow,
    SourceTable,
    containing_file,
    sheet_title,
    whole_sheet,
)
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.grouped import paired
from jira_pipeline.model.line_numbers import counted, first_named
from jira_pipeline.sheets.reading.cells import (
    display_kind,
    flag_spelled,
    is_ditto,
    says_nothing,
    status_spelled,
)
from jira_pipeline.sheets.reading.csv_files import unnamed
from jira_pipeline.sheets.reading.labels import (
    alphanumeric,
    bundle_label,
    bundle_type_of,
    bundle_type_within,
    folded,
    group_named,
    is_wildcard,
    split_bundle_label,
    split_names,
)
from jira_pipeline.sheets.reading.layouts import titles_above
from jira_pipeline.sheets.reading.rows import table_beside, with_cells
from jira_pipeline.sheets.reading.sheets import (
    SHARED_COLUMNS,
    SHEET_RULES,
    SheetRule,
    canonical_columns,
    is_named,
    is_of_one_kind,
    is_word_of_headers,
    known_columns,
    loose_columns,
    normalised,
    rule_called,
    rule_of,
    without_remark,
)
from jira_pipeline.sheets.reading.translations import plain_letters

_PAIR = 2
_COLUMNS_MIN = 2
_OF_VIEWS = frozenset({EntityKind.VIEW, EntityKind.VIEW_DISPLAY})


def pairs_of(rows: Sequence[SourceRow]) -> list[tuple[SourceRow, str, str]]:
    """Return the rows that are a word and its value."""
    filled = ((row, [cell for cell in row.cells if cell]) for row in rows)
    return [(row, cells[0], cells[1]) for row, cells in filled if len(cells) == _PAIR]


@dataclass(frozen=True, slots=True)
class _Thing:
    """A row that lists something."""

    table: SourceTable
    row: SourceRow
    cells: dict[str, str]
    """By column; what completes the row is among them."""

    @property
    def is_to_build(self) -> bool:
        """Its ticket builds it."""
        return status_spelled(self.cells.get(STATUS_COLUMN, "")) in {None, *TO_BUILD}


class _Things:
    """What the sheets read so far list, by machine name and by label."""

    def __init__(self, tables: Iterable[SourceTable] = ()) -> None:
        self._named = defaultdict[tuple[str, str, str], list[_Thing]](list)
        self.completed: dict[int, dict[str, str]] = {}
        """New cells of rows, by `id`."""
        for table in tables:
            self.add(table)

    def add(self, table: SourceTable) -> None:
        rule = rule_of(table.file.sheet) if table.file.sheet in _OWNERS else None
        if rule is None:
            return
        for row in table.rows:
            thing = _Thing(table, row, dict(zip(table.columns, row.cells, strict=True)))
            for column in {"ID", MACHINE_NAME_COLUMN, rule.label_column} & thing.cells.keys():
                name = folded(thing.cells[column])
                if name and not name.isdecimal():
                    self._named[rule.kind, column, name].append(thing)

    def found(
        self, rule: SheetRule, cells: Mapping[str, str], *, of: str | None = None
    ) -> _Thing | None:
        """Return the one of the first table, or file, with the machine name of cells, else their label."""
        wanted = bundle_type_of(cells.get("Type", ""))
        for column in (MACHINE_NAME_COLUMN, rule.label_column):
            alike = self._named.get((rule.kind, column, folded(cells.get(column, ""))), ())
            types = ((each, each.cells.get("Type")) for each in alike)
            same = [
                each
                for each, own in types
                if wanted is None or own is None or bundle_type_of(own) is wanted
                if of in {None, containing_file(each.table.file.name)}
            ]
            count = Counter(id(each.table) for each in same)
            if found := next((each for each in same if count[id(each.table)] == 1), None):
                return found
        return None

    @property
    def has_vocabularies(self) -> bool:
        things = (thing for named in self._named.values() for thing in named)
        types = (bundle_type_of(thing.cells.get("Type", "")) for thing in things)
        return BundleType.VOCABULARY in types

    def bundle(self, name: str, bundle_type: BundleType | None) -> _Thing | None:
        """Return the one of a name or machine name, of a type, or of any."""
        cells = {"Type": bundle_type or "", "Name": name, MACHINE_NAME_COLUMN: name}
        rule = rule_of(EntityKind.BUNDLE)
        return self.found(rule, cells) if rule and name else None

    def targets(self, cell: str, type_text: str, *, is_sure: bool = False) -> str:
        """Return the labels of the bundles that a cell names; empty where a name is of none, or of several.

        Of two types with one name it is the one that the type of the field has a word of, else the one
        of the other names. Where a cell `is_sure` to name bundles, an unknown name stands for itself.
        """
        of_type, _, names = cell.partition(":")
        listed = [*split_names(names if bundle_type_of(of_type) else cell)]
        wanted = bundle_type_within(type_text)
        if wanted is None:
            others = {split_bundle_label(self._label_of(name, None))[1] for name in listed} - {None}
            wanted = others.pop() if len(others) == 1 else None
        found = list[str]()
        for name in listed:
            each = [name] if self._label_of(name, wanted) else _BETWEEN_TARGETS.split(name)
            parts = [self._label_of(part, wanted) for part in each]
            is_name = is_sure and len(name.split()) <= _NAME_WORDS
            found += parts if all(parts) or not is_name else [name]
        return ", ".join(dict.fromkeys(found)) if all(found) else ""

    def _label_of(self, text: str, wanted: BundleType | None) -> str:
        name, of_name = split_bundle_label(text.strip(" .").removesuffix(" only"))
        labels = {
            bundle_label(own.get("Name", name), own.get("Type", "")): bundle_type_of(
                own.get("Type", "")
            )
            for column in ("ID", MACHINE_NAME_COLUMN, "Name")
            for each in (folded(name), folded(name).removesuffix("s"), f"{folded(name)}s")
            if each == folded(name) or len(name) >= _PLURAL_MIN
            for thing in self._named.get((EntityKind.BUNDLE, column, each), ())
            for own in (thing.cells,)
        }
        typed = [label for label, of in labels.items() if of is (of_name or wanted)]
        return typed[0] if len(typed) == 1 else next(iter(labels)) if len(labels) == 1 else ""

    def note(self, thing: _Thing, text: str) -> None:
        """Add a line to the notes of a thing."""
        columns = columns_of(thing.table.file.sheet)
        self.complete(thing, {next(c.name for c in columns if c.role is Role.NOTE): text})

    def complete(self, thing: _Thing, cells: Mapping[str, str]) -> None:
        """Give a thing the cells that its row leaves blank, and further notes."""
        own = {n: cell for n, cell in thing.cells.items() if not says_nothing(cell)}
        new = {n: c for n, c in cells.items() if n not in own}
        new |= {n: f"{own[n]}\n{cells[n]}" for n in NOTE_COLUMNS if cells.get(n) and n in own}
        thing.cells.update(new)
        self.completed.setdefault(id(thing.row), {}).update(new)


def with_described(
    tables: Sequence[SourceTable],
) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables, and what blocks above them describe as rows of the sheets that list it.

    A thing that such a sheet has already gets the columns that its row leaves blank.
    """
    read, findings = _without_blocks_of_views(tables)
    things = _Things(read)
    for table in tuple(read):
        owner = owner_column_of(table.file.sheet)
        rule = None if owner is None else rule_of(EntityKind(owner.names))
        if rule is None or not (pairs := pairs_of(table.above)):
            continue
        names = canonical_columns(rule, [word for _, word, _ in pairs])
        cells = {name: value for name, (_, _, value) in zip(names, pairs, strict=True)}
        name, block = cells.get(rule.label_column) or cells.get(MACHINE_NAME_COLUMN), pairs[0][0]
        if not name or bundle_type_of(name):  # heads of columns: `Content types | Vocabularies`
            continue
        if thing := things.found(rule, cells):
            things.complete(thing, cells)
            sheet = sheet_title(thing.table.file.name)
            where = f"line {thing.row.line} of {sheet}, which it completes"
        else:
            read.append(table_beside(table, rule.kind, name, [(block, cells)]))
            things.add(read[-1])
            where = f"a row of {read[-1].file.sheet_name}"
        findings.append(
            Finding(
                severity=Severity.INFO,
                code="block_read",
                file=table.file.name,
                line=block.line,
                record=block.record,
                message=f"Lines {block.line} to {pairs[-1][0].line} describe “{name}”; they were "
                f"read as {where}.",
                advice="Nothing to do, unless they describe something else.",
            )
        )
    completed = [with_cells(table, things.completed) for table in read]
    return _with_shared_blocks(completed), findings


def _without_blocks_of_views(
    tables: Sequence[SourceTable],
) -> tuple[list[SourceTable], list[Finding]]:
    """Leave out sheets with a block of tables for each view; say how to write them down."""
    blocks = {
        whole_sheet(table.file.name): table.header_line
        for table in tables
        if _is_pivoted(table)
        or (table.file.sheet is EntityKind.VIEW_DISPLAY and pairs_of(table.above))
    }
    kept = [table for table in tables if whole_sheet(table.file.name) not in blocks]
    findings = [
        Finding(
            severity=Severity.WARNING,
            code="views_in_blocks",
            file=name,
            line=line,
            message="Each view is described in a block or column of its own; this layout is not read, "
            "and its views are in no ticket.",
            advice="Write one row for each view (View name, Machine name, Base table, Description) "
            "in a sheet Views, and one for each display (View, Title, Machine name, Display plugin, "
            "Path, Filters, Sort, Items per page) in a sheet Displays; the command `sheets --blank "
            "FILE.xlsx` writes both.",
        )
        for name, line in blocks.items()
    ]
    return kept, findings


def _is_pivoted(table: SourceTable) -> bool:
    """Tell whether a sheet called like views has a column for each, and a row for each setting."""
    titles = (*titles_above(table.above), sheet_title(table.file.name))
    called = [rule_called(title, SHEET_RULES) for title in titles]
    is_of_views = any(rule is not None and rule.kind in _OF_VIEWS for rule in called)
    is_unnamed = table.columns[0] == unnamed(0) and len(table.columns) > _COLUMNS_MIN
    return table.file.sheet is EntityKind.CUSTOM and is_of_views and is_unnamed


def with_parts(tables: Sequence[SourceTable]) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables, those that lack what they need and are not called so as custom ones.

    A sheet that is called like its kind, or has hardly other headers, has to have its columns; one
    that only looks like it, or one of several tables, such as the questions of a form, is quoted, and
    takes none of the others with it.
    """
    read, findings = list(tables), list[Finding]()
    for place, table in enumerate(tables):
        rule = rule_of(table.file.sheet)
        if rule is None or _is_meant(rule, table):
            continue
        needed = {*rule.required} - {MACHINE_NAME_COLUMN}
        if whole_sheet(table.file.name) == table.file.name:
            needed &= {c.name for c in rule.columns.values() if c.role in {Role.OWNER, Role.KEY}}
        if not table.file.size_bytes or needed <= {*table.columns}:
            continue  # what we made of other rows has no bytes of its own
        lacking = ", ".join(f"“{name}”" for name in sorted(needed - {*table.columns}))
        rows = sorted((*table.rows, *table.headings), key=lambda row: row.record)
        read[place] = replace(
            table,
            file=replace(table.file, sheet=EntityKind.CUSTOM, row_count=len(rows)),
            columns=tuple(
                name if name == STATUS_COLUMN else header
                for name, header in zip(table.columns, table.shown_headers, strict=True)
            ),
            headers=table.shown_headers,
            rows=tuple(rows),
            headings=(),
        )
        findings.append(
            Finding(
                severity=Severity.WARNING,
                code="column_missing",
                file=table.file.name,
                line=table.header_line,
                message=f"This table looks like {table.file.sheet_name} but has no "
                f"{lacking}; only a ticket of its own quotes it.",
                advice=f"Add {lacking} if it is one; otherwise, nothing to do.",
            )
        )
    return read, findings


def _is_meant(rule: SheetRule, table: SourceTable) -> bool:
    """Tell whether people say which sheet it is: by its name, most of its headers or `session.yaml`."""
    pairs = [
        p for p in zip(table.shown_headers, table.columns, strict=True) if p[1] in rule.columns
    ]
    loose, known = loose_columns(rule), known_columns(rule)
    words = [normalised(without_remark(header)) for header, _ in pairs]
    own = sum(is_of_one_kind(rule, word, "") for word in words if word not in loose)
    return whole_sheet(table.file.name) == table.file.name and (
        MACHINE_NAME_COLUMN in table.columns
        or is_named(rule, table.file.name)
        or 2 * own > len(table.columns)
        or not {*words} <= {*known, *loose}
    )


def with_groups(tables: Sequence[SourceTable]) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables, and headings such as `Tab: Media` as the group of the fields below them.

    A blank row, another heading or another bundle ends it.
    """
    read, findings = list(tables), list[Finding]()
    for place, table in enumerate(tables):
        titles = [row for row in table.headings if any(row.cells)]
        struck = {row.record for row in table.headings} - {row.record for row in titles}
        named = {row.record: group_named("".join(row.cells)) for row in titles}
        if table.file.sheet is not EntityKind.FIELD or not any(named.values()):
            continue
        at = [n for n, column in enumerate(table.columns) if column == "Bundle"]
        grouped = dict[int, dict[str, str]]()
        group, bundle, before = "", "", 0
        for row in sorted((*table.rows, *titles), key=lambda each: each.record):
            owner, is_first = "".join(row.cells[n] for n in at), before in named
            while before + 1 in struck:
                before += 1
            if row.record in named:
                group, bundle = named[row.record], ""
            elif not is_first and (row.record != before + 1 or owner not in {"", bundle}):
                group = ""
            elif group:
                bundle = owner
                grouped[id(row)] = {"Field group": group}
            before = row.record
        # As a row without text, such a heading names no owner and ends no block of rows.
        blank = ("",) * len(table.columns)
        headings = [replace(r, cells=blank) if named.get(r.record) else r for r in table.headings]
        read[place] = with_cells(replace(table, headings=tuple(headings)), grouped)
        first = next(row for row in titles if named[row.record])
        listed = first_named([f"“{group}”" for group in named.values() if group], _NAMED)
        findings.append(
            Finding(
                severity=Severity.INFO,
                code="groups_read",
                file=table.file.name,
                line=first.line,
                record=first.record,
                message=f"Headings were read as field groups of the fields below them: {listed}.",
                advice="Nothing to do, unless a field is in another group: fill in “Field group”.",
            )
        )
    return read, findings


def with_displays(tables: Sequence[SourceTable]) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables, and the displays of views that have a row for each further one.

    Such a row has a ditto mark for its view, the machine name of a view above, or no name and the
    kind of the display; the first is in the row of the view.
    """
    read, findings = list(tables), list[Finding]()
    for place, table in enumerate(tables):
        is_of_views = table.file.sheet is EntityKind.VIEW
        displays, further = _displays_in(table) if is_of_views else ([], set[int]())
        if not further:
            continue
        read[place] = _without_displays(table, further)
        read.append(table_beside(table, EntityKind.VIEW_DISPLAY, "Displays", displays))
        first, _ = displays[0]
        findings.append(
            Finding(
                severity=Severity.INFO,
                code="displays_read",
                file=table.file.name,
                line=first.line,
                record=first.record,
                message=f"{len(displays)} displays were read of rows; those below a view with its "
                "machine name, a ditto mark, or a kind of display (Page, Block) and no name of "
                "their own as its further ones.",
                advice="Nothing to do, unless such a row describes something else.",
            )
        )
    return read, findings


def _displays_in(
    table: SourceTable,
) -> tuple[list[tuple[SourceRow, Mapping[str, str]]], set[int]]:
    """Return the displays that rows of views are or have, and the records of the further ones."""
    names = canonical_columns(rule_of(EntityKind.VIEW_DISPLAY), table.shown_headers)
    own = [(n, names[n]) for n, name in enumerate(table.columns) if name not in _OF_VIEW]
    headings = {row.record for row in table.headings}
    further, named, view = set[int](), dict[str, str](), ""
    displays: list[tuple[SourceRow, Mapping[str, str]]] = []
    for row in sorted((*table.rows, *table.headings), key=lambda each: each.record):
        cells = dict(zip(table.columns, row.cells, strict=True))
        called, code = cells["View name"], cells.get(MACHINE_NAME_COLUMN, "")
        says_how = any(c and is_display_setting(n, is_of_view=True) for n, c in cells.items())
        is_ditto_mark = not code and is_ditto(called)
        is_same = says_how and (code in named or is_ditto_mark)
        is_below = row.record in headings or is_same
        view = named.get(code, view) if is_below else called or code
        named |= {code: view} if code else {}
        kind = next((kind for n, _ in own if (kind := display_kind(row.cells[n]))), "")
        if view and (kind or row.record not in headings):
            title = called if is_below and not is_ditto_mark else ""
            noted = (cells[n] for n in cells.keys() & {*NOTE_COLUMNS} if is_below)
            of_display = {name: row.cells[n] for n, name in own}
            of_display |= {"View": view, "Display plugin": kind, "Notes": "\n".join(noted)}
            of_display["Title"] = of_display.get("Title") or title or kind or called
            displays.append((row, of_display))
            further |= {row.record} if is_below else set()
    return displays, further


def _without_displays(table: SourceTable, further: Container[int]) -> SourceTable:
    """Return a sheet of views without the rows of further displays, and without their settings."""
    of_both = _OF_VIEW | {"ID", STATUS_COLUMN, "Status"}
    kept = [n for n, name in enumerate(table.columns) if name in of_both]
    views = [row for row in table.rows if row.record not in further]
    lines = [row for row in table.headings if row.record not in further]
    return replace(
        table,
        columns=tuple(table.columns[n] for n in kept),
        headers=tuple(table.shown_headers[n] for n in kept),
        rows=tuple(replace(row, cells=tuple(row.cells[n] for n in kept)) for row in views),
        headings=tuple(
            replace(row, cells=(" | ".join(filter(None, row.cells)), *("" for _ in kept[1:])))
            for row in lines
        ),
    )


def with_completed(tables: Sequence[SourceTable]) -> tuple[list[SourceTable], list[Finding]]:
    """Have a list of things that another list of the workbook has too complete its rows.

    Only where it has other columns, and contradicts no cell; else both stay.
    """
    read: list[SourceTable] = []
    findings: list[Finding] = []
    things = _Things()
    for table in tables:
        rule = rule_of(table.file.sheet) if table.file.sheet in _LISTED else None
        listed = [dict(zip(table.columns, row.cells, strict=True)) for row in table.rows if rule]
        of = containing_file(table.file.name)
        known = [thing for cells in listed if rule and (thing := things.found(rule, cells, of=of))]
        is_each_once = len({id(thing) for thing in known}) == len(table.rows) > 0
        if not is_each_once or not all(map(partial(_agree, table), known, listed)):
            read.append(table)
            things.add(table)
            continue
        for thing, cells in zip(known, listed, strict=True):
            things.complete(thing, cells)
        findings.append(
            Finding(
                severity=Severity.INFO,
                code="list_completes",
                file=table.file.name,
                line=table.header_line,
                message=f"Its {len(table.rows)} rows are about things that "
                f"{sheet_title(known[0].table.file.name)} lists; what those rows leave blank was "
                "taken from here.",
                advice="Nothing to do, unless these are other things of the same name.",
            )
        )
    return [with_cells(table, things.completed) for table in read], findings


_OF_VIEW = {c.name for c in columns_of(EntityKind.VIEW)} - {"ID", STATUS_COLUMN, "Status"}
_LISTED = frozenset({EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.USER_ROLE})
_OWNERS = _LISTED | {EntityKind.WORKFLOW}


def _agree(table: SourceTable, thing: _Thing, cells: dict[str, str]) -> bool:
    """Tell whether a thing has other columns in another table, and no cell says another thing."""
    has_new = not {*table.columns} <= {*thing.table.columns}
    compared = (cells.keys() & thing.cells.keys()) - {"Type", *NOTE_COLUMNS}
    both = [(thing.cells[n], cells[n]) for n in compared]
    return has_new and all(
        says_nothing(one) or says_nothing(other) or folded(one) == folded(other)
        for one, other in both
    )


def _with_shared_blocks(tables: Sequence[SourceTable]) -> list[SourceTable]:
    """Have a block count for the tables below it that have none, up to the next one."""
    blocks: dict[tuple[str, str], tuple[SourceRow, ...]] = {}
    lines = {id(table): table.header_line for table in tables}
    found = {}
    for table in sorted(tables, key=lambda each: (each.file.name, lines[id(each)])):
        owner = owner_column_of(table.file.sheet)
        key = (whole_sheet(table.file.name), "" if owner is None else owner.names)
        pairs = tuple(row for row, word, _ in pairs_of(table.above) if is_word_of_headers(word))
        above = table.above if pairs or owner is None else (*blocks.get(key, ()), *table.above)
        blocks[key] = pairs or blocks.get(key, ())
        found[id(table)] = replace(table, above=above)
    return [found[id(table)] for table in tables]


def with_titles(tables: Sequence[SourceTable]) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables, and rows on hold where the name, a title or a heading of theirs says so.

    Not where the titles of all do: then it is the build of that phase.
    """
    read, findings, titled_count = list(tables), list[Finding](), 0
    for place, table in enumerate(tables):
        titles = (*sheet_title(table.file.name).split(" · "), *titles_above(table.above))
        title = next(filter(_puts_off, titles), "")
        titled_count += bool(title)
        if not title and not any(_puts_off("".join(row.cells)) for row in table.headings):
            continue
        at = [n for n, column in enumerate(table.columns) if column == STATUS_COLUMN]
        headings = {row.record for row in table.headings}
        held, heading = defaultdict[str, list[SourceRow]](list), ""
        for row in sorted((*table.rows, *table.headings), key=lambda each: each.record):
            if row.record in headings:
                heading = "".join(row.cells)
            elif all(says_nothing(row.cells[n]) for n in at):
                held[title or (heading if _puts_off(heading) else "")].append(row)
        held.pop("", None)
        on_hold = {id(row): {STATUS_COLUMN: "w"} for rows in held.values() for row in rows}
        read[place] = with_cells(table, on_hold)
        findings += [
            Finding(
                severity=Severity.WARNING,
                code="row_put_off",
                file=table.file.name,
                line=table.header_line if said == title else rows[0].line,
                value=said,
                message=f"“{said}” is the title of {counted(len(rows), 'row')} without a status; "
                "they were read as on hold, and no ticket builds them.",
                advice=f"Nothing to do, unless one is to be built: enter a in {STATUS_COLUMN} of it.",
            )
            for said, rows in held.items()
        ]
    return ([*tables], []) if titled_count == len(tables) else (read, findings)


def _puts_off(title: str) -> bool:
    return any(map(is_not_now, _PARTS_OF_TITLE.split(title)))


def with_same_rows(tables: Sequence[SourceTable]) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables, and fields that are like another row (`↺ T-01`) with what they leave blank.

    It is named by its code, or by the bundle that has the same field (`as Boat`). A cell that says
    something wins; what a row belongs to, its label and status are its own.
    """
    fields = [table for table in tables if table.file.sheet is EntityKind.FIELD]
    pairs = (zip(t.columns, row.cells, strict=True) for t in fields for row in t.rows)
    texts = {(column == "Field type", cell) for cells in pairs for column, cell in cells if cell}
    if not any(
        (match := _AS.fullmatch(text))
        and (match["sure"] or match["see"] or (is_type and _ROW_CODE.fullmatch(text)))
        for is_type, text in texts
    ):
        return [*tables], []
    things = {
        code: _Thing(table, row, dict(zip(table.columns, row.cells, strict=True)))
        for table in reversed(fields)
        for code, row in {**_rows_by_bundle(table), **_rows_by_code(table)}.items()
    }
    like = {id(row): found for t in fields for row in t.rows if (found := _like(row, t, things))}
    findings = list[Finding]()
    completed: dict[int, dict[str, str]] = {}
    for table in fields:
        same = [row for row in table.rows if id(row) in like]
        completed |= {id(row): _taken(row, table, like) for row in same}
        if same:
            first = completed[id(same[0])][_AS_ROW]
            findings.append(
                Finding(
                    severity=Severity.INFO,
                    code="rows_alike",
                    file=table.file.name,
                    line=same[0].line,
                    record=same[0].record,
                    value=first,
                    message=f"{counted(len(same), 'row')} like “{first}” were read as the row that "
                    "they name, where they leave a cell blank.",
                    advice="Nothing to do, unless a blank cell of them means something else.",
                )
            )
    return [with_cells(table, completed) for table in tables], findings


def _taken(
    row: SourceRow, table: SourceTable, like: Mapping[int, tuple[str, _Thing]]
) -> dict[str, str]:
    """Return what a row takes from the one that it is like, and from those which that is like."""
    cells = dict(zip(table.columns, row.cells, strict=True))
    said, _ = like[id(row)]
    kept = {n for n, cell in cells.items() if not says_nothing(cell)} - {said} | _OWN_CELLS
    new, at, passed = {_AS_ROW: cells[said]}, id(row), set[int]()
    while at in like and at not in passed:
        passed.add(at)
        _, other = like[at]
        at = id(other.row)
        given = {n: c for n, c in other.cells.items() if c and n not in {*kept, *new}}
        new |= {n: c for n, c in given.items() if at not in like or n != like[at][0]}
    return new


def _rows_by_code(table: SourceTable) -> dict[str, SourceRow]:
    """Return the rows by the first column that is mostly codes, each of which no other row has."""
    for cells in zip(*(row.cells for row in table.rows), strict=True):
        rows = zip(map(str.casefold, cells), table.rows, strict=True)
        coded = [(code, row) for code, row in rows if _ROW_CODE.fullmatch(code)]
        if 2 * len(coded) > len(cells) and len(coded) == len(dict(coded)):
            return dict(coded)
    return {}


def _rows_by_bundle(table: SourceTable) -> dict[str, SourceRow]:
    """Return the rows by their bundle and the machine name or label of the field."""
    cells = [dict(zip(table.columns, row.cells, strict=True)) for row in table.rows]
    named = [
        (f"{split_bundle_label(own.get('Bundle', ''))[0]} {own.get(name, '')}".casefold(), row)
        for own, row in zip(cells, table.rows, strict=True)
        for name in _NAMING
    ]
    return dict(reversed(named))


def _like(
    row: SourceRow, table: SourceTable, things: Mapping[str, _Thing]
) -> tuple[str, _Thing] | None:
    """Return the row that a cell says a field is like, and the column of that cell.

    Without a word for it only instead of a field type, after `see` where the row has none, too.
    """
    cells = dict(zip(table.columns, row.cells, strict=True))
    has_type = not says_nothing(cells.get("Field type", ""))
    for column, cell in cells.items():
        match = _AS.fullmatch(cell) if column not in _OWN_CELLS else None
        if match is None:
            continue
        code, sure = match["code"].casefold(), match["sure"]
        fields = [f"{code} {cells.get(n, '')}".casefold() for n in _NAMING] if sure else []
        thing = next((things[key] for key in (code, *fields) if key in things), None)
        is_meant = sure or column == "Field type" or (match["see"] and not has_type)
        if thing and thing.row is not row and is_meant:
            return column, thing
    return None


def with_lists(
    tables: Sequence[SourceTable], *, is_filled: bool
) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables with terms in the notes of their vocabularies, and ways between states.

    `is_filled`: a blank cell means what the cell above it says.
    """
    read: list[SourceTable] = []
    findings: list[Finding] = []
    things = _Things(tables)
    workflows = [
        _Thing(table, row, dict(zip(table.columns, row.cells, strict=True)))
        for table in tables
        for row in table.rows
        if table.file.sheet is EntityKind.WORKFLOW
    ]
    is_none_listed = not things.has_vocabularies
    for table in tables:
        notes: list[tuple[_Thing, list[str]]] = []
        if is_none_listed and (named := _vocabularies_in(table)):
            read.append(named)
            things.add(named)
            findings.append(
                Finding(
                    severity=Severity.INFO,
                    code="vocabularies_read",
                    file=table.file.name,
                    line=table.header_line,
                    message="No sheet lists a vocabulary; those that its rows name were read as such: "
                    f"{first_named([f'“{row.cells[1]}”' for row in named.rows], _NAMED)}.",
                    advice="Nothing to do, unless they are something else.",
                )
            )
        if table.file.sheet is EntityKind.CUSTOM and STATUS_COLUMN not in table.columns:
            notes = _terms_in(table, things, is_filled=is_filled)
            if len(workflows) == 1 and workflows[0].is_to_build and (ways := _ways_in(table)):
                notes = [(workflows[0], ways)]
            if not notes and any(map(_OF_TERMS.search, table.shown_headers)):
                findings.append(
                    Finding(
                        severity=Severity.WARNING,
                        code="terms_unread",
                        file=table.file.name,
                        line=table.header_line,
                        message="Its rows seem to be terms, and not each of them says of which "
                        "vocabulary to build; only a ticket of its own quotes them.",
                        advice="Call the sheet like its vocabulary, or name one in each row, in a "
                        "column Vocabulary; `owner_blank: fill` in session.yaml fills blank cells.",
                    )
                )
        if not notes:
            read.append(table)
            continue
        for thing, lines in notes:
            heading = f"From “{sheet_title(table.file.name)}” ({', '.join(table.shown_headers)}):"
            beside = [cell for row in table.above for cell in row.cells if " " in cell.strip()]
            things.note(thing, "\n".join([heading, *beside, *(f"- {line}" for line in lines)]))
        names = [thing.cells[label_column_of(thing.table.file.sheet) or ""] for thing, _ in notes]
        findings.append(
            Finding(
                severity=Severity.INFO,
                code="rows_noted",
                file=table.file.name,
                line=table.header_line,
                message=f"Its {len(table.rows)} rows were read as notes of "
                f"{first_named([f'“{name}”' for name in names], _NAMED)}.",
                advice="Nothing to do, unless they describe something else.",
            )
        )
    return [with_cells(table, things.completed) for table in read], findings


def with_targets(tables: Sequence[SourceTable]) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables with what fields refer to, where another cell of theirs names listed bundles.

    Such a column (`Options / target`, `Details`) holds options, notes and targets by turns.
    """
    read: list[SourceTable] = []
    findings: list[Finding] = []
    things = _Things(tables)
    for table in tables:
        targets = _targets_in(table, things)
        read.append(with_cells(table, targets))
        if targets:
            findings.append(
                Finding(
                    severity=Severity.INFO,
                    code="header_by_cells",
                    file=table.file.name,
                    line=table.header_line,
                    message=f"Cells of {counted(len(targets), 'reference field')} name bundles; they were "
                    f"read as “{_TARGETS}” too.",
                    advice=f"Nothing to do, unless fields refer to others: add “{_TARGETS}”.",
                )
            )
    return read, findings


def _targets_in(table: SourceTable, things: _Things) -> dict[int, dict[str, str]]:
    """Return what fields refer to by a cell that names listed bundles, and others where most cells do.

    Its column speaks for it by its header, or by its cells. A type that refers to nothing has none;
    one that nobody knows may refer to something.
    """
    columns = dict(
        zip(table.columns, zip(*(r.cells for r in table.rows), strict=True), strict=False)
    )
    if (
        table.file.sheet is not EntityKind.FIELD
        or _TARGETS in columns
        or "Field type" not in columns
    ):
        return {}
    types = columns["Field type"]
    of_fields = {c.name for c in columns_of(EntityKind.FIELD)} | STATUS_HEADERS
    at: dict[int, set[str]] = {}
    for n, (column, cells) in enumerate(columns.items()):
        is_own = column not in of_fields
        is_called = column in _OF_VALUES or (is_own and _OF_TARGETS.search(column))
        if is_called or (is_own and not _OF_USERS.search(column)):
            named = _named_in(cells, types, things)
            if is_called or _is_of_targets(named):
                at[n] = _types_naming(named)
    found: dict[int, dict[str, str]] = {}
    for row, type_text in zip(table.rows, types, strict=False):
        refers = _refers(type_text)
        if refers is False:
            continue
        said = [(row.cells[n], folded(type_text) in sure) for n, sure in at.items()]
        named = (
            cell
            if refers and is_wildcard(cell)
            else things.targets(cell, type_text, is_sure=is_sure)
            for cell, is_sure in (*said, (_BEFORE_TARGET.split(type_text)[-1], False))
            if not says_nothing(cell)
        )
        if targets := next(filter(None, named), ""):
            found[id(row)] = {_TARGETS: targets}
    return found


def _refers(type_text: str) -> bool | None:
    """Tell whether a field of a type refers to something; None where nobody knows the type."""
    letters = alphanumeric(type_text)
    meant = {letters, *map(alphanumeric, types_meant().get(letters, ()))}
    if not meant.isdisjoint(types_in("reference_types")):
        return True
    is_known = letters in types_meant() or is_base_type(type_text)
    return None if type_text and not is_known else False


def _named_in(
    cells: Sequence[str], types: Sequence[str], things: _Things
) -> list[tuple[str, bool | None, bool]]:
    """Return of each cell the type of its field, whether that refers, and whether it names bundles."""
    said = [pair for pair in zip(cells, types, strict=True) if not says_nothing(pair[0])]
    return [
        (of, refers, bool((refers is not False and is_wildcard(cell)) or things.targets(cell, of)))
        for cell, of in said
        for refers in (_refers(of),)
    ]


def _is_of_targets(named: Sequence[tuple[str, bool | None, bool]]) -> bool:
    """Tell whether cells name bundles in nearly all rows that may refer to some, and in no other."""
    may = [is_named for _, refers, is_named in named if refers is not False]
    is_else = any(is_named for _, refers, is_named in named if refers is False)
    return not is_else and sum(may) >= _MOSTLY * len(may) > 0


def _types_naming(named: Sequence[tuple[str, bool | None, bool]]) -> set[str]:
    """Return the types of fields of which most cells name bundles: so does the rest of these cells."""
    by_type = paired(
        (folded(of), is_named) for of, refers, is_named in named if refers is not False
    )
    return {of for of, each in by_type.items() if 2 * sum(each) > len(each)}


def _vocabulary_column(headers: Sequence[str]) -> int | None:
    of_type = [None if _OF_TERMS.search(header) else bundle_type_of(header) for header in headers]
    return next((n for n, each in enumerate(of_type) if each is BundleType.VOCABULARY), None)


def _vocabularies_in(table: SourceTable) -> SourceTable | None:
    """Return the vocabularies that a table of terms names."""
    at = _vocabulary_column(table.shown_headers)
    is_of_terms = any(map(_OF_TERMS.search, table.shown_headers))
    if at is None or not is_of_terms or table.file.sheet is not EntityKind.CUSTOM:
        return None
    named = {row.cells[at]: row for row in reversed(table.rows) if not says_nothing(row.cells[at])}
    rows = [
        (row, {"Type": BundleType.VOCABULARY.value, "Name": name})
        for name, row in reversed(named.items())
    ]
    return table_beside(table, EntityKind.BUNDLE, BundleType.VOCABULARY, rows) if rows else None


def _terms_in(
    table: SourceTable, things: _Things, *, is_filled: bool
) -> list[tuple[_Thing, list[str]]]:
    """Return the terms of each vocabulary, with a hyphen for each column before their own.

    Each header is a vocabulary; or a column of vocabularies says whose they are, in each row; or the
    name of the sheet does. Where one of them gets no ticket, or is none that a sheet lists, there are
    none: their rows would be lost.
    """
    headers, terms = table.shown_headers, dict[int, tuple[_Thing, list[str]]]()
    owners = [things.bundle(header, BundleType.VOCABULARY) for header in headers]
    if len(owners) > 1 and all(each is not None and each.is_to_build for each in owners):
        columns = zip(*(row.cells for row in table.rows), strict=True)
        pairs = zip(filter(None, owners), columns, strict=True)
        return [(each, [term for term in below if term]) for each, below in pairs]
    at = _vocabulary_column(headers)
    owner: _Thing | None = None
    if at is None and (_OF_TERMS.search(headers[0]) or normalised(headers[0]) in _NAMES):
        titles = (*titles_above(table.above), *sheet_title(table.file.name).split(" · "))
        named = (_OF_TERMS.sub("", title).strip(" -–:") for title in titles)
        each = (things.bundle(name, BundleType.VOCABULARY) for name in named)
        owner = next(filter(None, each), None)
    for row in table.rows:
        cells = [*row.cells]
        name = "" if at is None else cells.pop(at)
        if name or not (is_filled or at is None):
            owner = things.bundle(name, BundleType.VOCABULARY)
        if owner is None or not owner.is_to_build:
            return []
        depth = next((n for n, cell in enumerate(cells) if cell), 0)
        term = " · ".join(filter(None, cells))
        _, listed = terms.setdefault(id(owner), (owner, []))
        listed.extend([depth * "- " + term] if term else [])
    return [*terms.values()]


def _ways_in(table: SourceTable) -> list[str]:
    """Return the ways that a matrix of states marks, from each row to each column, or back."""
    header, *names = table.shown_headers
    states = [row.cells[0] for row in table.rows]
    found = _FROM_TO.search(header)
    if found is None or {*map(folded, names)} != {*map(folded, states)} or len(names) < _ROLES_MIN:
        return []
    ways = [
        (row.cells[0], name, cell)
        for row in table.rows
        for name, cell in zip(names, row.cells[1:], strict=True)
    ]
    if not all(says_nothing(cell) or _is_mark(cell) for *_, cell in ways):
        return []
    is_from = found["first"].casefold() == "from"
    return [
        f"{state} to {name}" if is_from else f"{name} to {state}"
        for state, name, cell in ways
        if flag_spelled(cell) is True
    ]


_ROW_CODE = re.compile(r"[^\W\d_]{0,4}[ .-]?\d+(?:[.-]\d+)*[^\W\d_]?")
_AS = re.compile(
    r"(?i)(?:(?:(?P<sure>[↺↻⟲=]|like|as|same (?:field )?as|re-?used?(?: of| from)?|copy of)|(?P<see>see|→))\W*)?"
    r"(?:(?:in|on|row|field|no\.|nr\.|#) ?)?(?P<code>\S.{0,40}?)\.?"
)
"""`↺ T-01`, `as 2.4`, `like field 12`, `T-01`."""
_NAMING = (MACHINE_NAME_COLUMN, "Field label")
_AS_ROW = "As row"
"""The column that says which row a field was read like."""
_OWN_CELLS = frozenset(
    {*OWNER_COLUMNS, *UPKEEP_COLUMNS, *STATUS_HEADERS, "Bundle type", "Field label", "Remarks"}
)
_PARTS_OF_TITLE = re.compile(r"[()\[\]:|,]|\s[-–—]+\s")
_TARGETS = "Ref. bundle"
_PLURAL_MIN = 4
"""`New` is no `News`."""
_MOSTLY = 0.75
_OF_VALUES = frozenset({*NOTE_COLUMNS, "Allowed values"})
_OF_TARGETS = re.compile(
    r"(?i)\b(?:target|option|detail|note|comment|remark|setting|value|refer|link|goes to|points? to|allow)"
)
"""In the header of what holds options, notes and targets by turns."""
_OF_USERS = re.compile(r"(?i)\b(?:us(?:ed?|age)|shown?|appears?|on|for|of)\b")
"""In the header of what uses a thing, and not of what that refers to."""
_NAME_WORDS = 4
"""So many words may be a name that no sheet has."""
_BEFORE_TARGET = re.compile(r"[-=]>|[→⇒➔:(]|\bto\b")
_BETWEEN_TARGETS = re.compile(r" ?[/&+|·•] ?| (?:and|or) ")
_OF_TERMS = re.compile(r"(?i)\b(?:taxonomy )?terms?\b(?: (?:of|for)\b)?|\.(?:csv|tsv)$")
_NAMES = frozenset(map(normalised, (*CUSTOM_LABEL_COLUMNS, "Value")))
_FROM_TO = re.compile(r"\b(?P<first>from|to)\b\W.*?\b(?!(?P=first))(?:from|to)\b", re.IGNORECASE)
_WORDS = re.compile(r"permission|\brights\b", re.IGNORECASE)
"""In a title of the table, or in the header of the first column: there where no sheet lists roles."""
_MAY = re.compile(r"\b(?:may|can|allowed|access)\b", re.IGNORECASE)
"""There, too, where the columns are roles that a sheet lists."""
_ROLES_MIN = 2
_NAMED = 10
_OF_MATRIX = frozenset({MACHINE_NAME_COLUMN, STATUS_COLUMN})
_NOTES, _PERMISSIONS = "Notes", "Permissions"


@dataclass(frozen=True, slots=True, kw_only=True)
class _RoleMarks:
    """A table of marks below roles."""

    table: SourceTable
    roles: Mapping[int, str]
    """The header of each column of a role, by its place."""
    naming: Sequence[int]
    """Columns that name a permission together."""
    blank: Sequence[str]
    """Headers without a cell."""
    more: Sequence[str]
    """What it says beside marks: words in their place, headers of further columns."""
    heading: str
    """What notes of roles say of the permissions."""


def with_permissions(
    tables: Sequence[SourceTable],
) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables with what matrices give to roles in their notes.

    A matrix that says more than marks below roles stays a table of its own, too: tickets quote it.
    """
    read: list[SourceTable] = []
    findings: list[Finding] = []
    roles = [table for table in tables if table.file.sheet is EntityKind.USER_ROLE]
    names = _names_of(roles)
    granted: dict[str, dict[str, list[str]]] = {}
    beside = defaultdict[str, list[SourceRow]](list)
    for table in tables:
        matrix = _matrix_in(table, names if roles else None)
        if matrix is None or matrix.more:
            read.append(table)
        if matrix is None:
            continue
        if not roles and (
            new := {at: h for at, h in matrix.roles.items() if plain_letters(h) not in names}
        ):
            names |= {plain_letters(header): header for header in new.values()}
            read.append(_roles_of(table, new))
        headings = (row for row in table.rows if not (matrix.more or any(row.cells[1:])))
        beside[whole_sheet(table.file.name)] += (*table.above, *headings)
        permissions = {h: _granted(matrix, at) for at, h in matrix.roles.items()}
        for header, each in permissions.items():
            by_heading = granted.setdefault(names[plain_letters(header)], {})
            by_heading.setdefault(matrix.heading, []).extend(each)
        listed = first_named([f"“{h}” {len(each)}" for h, each in permissions.items()], _NAMED)
        unread = "".join(
            f" “{header}” has no mark; if it is a role, no sheet lists it."
            for header in matrix.blank
            if not roles
        )
        if matrix.more:
            words = first_named([f"“{word}”" for word in matrix.more], _NAMED)
            unread += f" More than marks: {words}; a ticket of its own quotes the table, too."
        findings.append(
            Finding(
                severity=Severity.WARNING if matrix.more else Severity.INFO,
                code="permissions_read",
                file=table.file.name,
                line=table.header_line,
                message=f"Marks below roles were read as their permissions: {listed}. Marks in "
                f"brackets and blank cells give none.{unread}",
                advice="Nothing to do, unless a mark means something else.",
            )
        )
    return [_with_notes(table, granted, beside) for table in read], findings


def _matrix_in(table: SourceTable, names: Mapping[str, str] | None) -> _RoleMarks | None:
    """Return what a table gives to roles, where all that it marks are such; `names`: those listed.

    A role's column has mostly marks, or only words that are in such a column, too. Where the first
    column does not tell the rows apart, those up to the first role name a permission with it.
    """
    columns = _columns_of_roles(table, is_by_title=names is not None)
    headers = table.shown_headers
    marked = [
        at for at, cells in columns.items() if cells and 2 * sum(map(_is_mark, cells)) >= len(cells)
    ]
    words = {cell for at in marked for cell in columns[at]}
    roles = {
        at: headers[at]
        for at, cells in columns.items()
        if (cells and words.issuperset(cells)) or plain_letters(headers[at]) in (names or ())
    }
    is_known = names is None or all(plain_letters(header) in names for header in roles.values())
    if len(marked) < _ROLES_MIN or not is_known:
        return None
    first = [row.cells[0] for row in table.rows]
    is_named = all(first) and len({*first}) == len(first)
    naming = [0, *(at for at in columns if at < min(roles) and not is_named)]
    odd = [cell for at in roles for cell in columns[at] if not _is_mark(cell)]
    read = {*roles, *naming, *(at for at, n in enumerate(table.columns) if n in _OF_MATRIX)}
    further = (
        header
        for at, header in enumerate(headers)
        if at not in read and any(row.cells[at] for row in table.rows)
    )
    more = [*dict.fromkeys((*odd, *further))]
    by = ", ".join(headers[at] for at in naming)
    source = f"From “{sheet_title(table.file.name)}” ({by})"
    return _RoleMarks(
        table=table,
        heading=source if more or len(naming) > 1 else _PERMISSIONS,
        roles=roles,
        naming=naming,
        blank=[headers[at] for at, cells in columns.items() if not cells],
        more=more,
    )


def _columns_of_roles(table: SourceTable, *, is_by_title: bool) -> dict[int, list[str]]:
    """Return the columns of a matrix with what is below them; none where it is no such matrix."""
    titles = [table.shown_headers[0]]
    if is_by_title:
        titles += [*titles_above(table.above), sheet_title(table.file.name)]
    is_called = any(_WORDS.search(each) or (is_by_title and _MAY.search(each)) for each in titles)
    if table.file.sheet is not EntityKind.CUSTOM or not is_called:
        return {}
    return {
        at: [cell for row in table.rows if not says_nothing(cell := row.cells[at])]
        for at, header in enumerate(table.shown_headers)
        if at and table.columns[at] not in SHARED_COLUMNS and header != unnamed(at)
    }


def _is_mark(cell: str) -> bool:
    return flag_spelled(cell.strip("()")) is not None


def _names_of(roles: Sequence[SourceTable]) -> dict[str, str]:
    """Return what people may call each role, by label or machine name; to its name in the sheet."""
    names: dict[str, str] = {}
    for table in roles:
        at = [table.columns.index(n) for n in ("Name", MACHINE_NAME_COLUMN) if n in table.columns]
        for row in table.rows:
            for word in [plain_letters(row.cells[position]) for position in at]:
                names.setdefault(word, row.cells[at[0]])
                names.setdefault(word.removesuffix("user"), row.cells[at[0]])
    return names


def _granted(matrix: _RoleMarks, at: int) -> list[str]:
    """Return the permissions with a mark, by machine name, else by all columns that name them.

    A word that is no mark is said with its permission: `Boat: edit (own)`. Of two columns that name,
    a blank cell of the first one means what the cell above it says.
    """
    columns, (first, *others) = matrix.table.columns, matrix.naming
    machine = columns.index(MACHINE_NAME_COLUMN) if MACHINE_NAME_COLUMN in columns else None
    found, area = list[str](), ""
    for row in matrix.table.rows:
        area = row.cells[first] or (area if others else "")
        name = ": ".join(filter(None, (area, *(row.cells[n] for n in others))))
        if machine is not None and not says_nothing(row.cells[machine]):
            name = row.cells[machine]
        cell = row.cells[at]
        is_word = not (says_nothing(cell) or _is_mark(cell))
        if is_word or flag_spelled(cell):
            found.append(f"{name} ({cell})" if is_word else name)
    return found


def _with_notes(
    table: SourceTable,
    granted: Mapping[str, Mapping[str, Sequence[str]]],
    beside: Mapping[str, Sequence[SourceRow]],
) -> SourceTable:
    """Return a sheet of roles with their permissions, and what its worksheet says beside marks."""
    if table.file.sheet is not EntityKind.USER_ROLE or "Name" not in table.columns:
        return table
    noted = {}
    for row in table.rows:
        cells = dict(zip(table.columns, row.cells, strict=True))
        notes = [
            f"{heading}: {', '.join(dict.fromkeys(each))}"
            if heading == _PERMISSIONS
            else "\n- ".join((f"{heading}:", *each))
            for heading, each in granted.get(cells["Name"], {}).items()
            if each
        ]
        if notes:
            noted[id(row)] = {_NOTES: "\n".join(filter(None, (cells.get(_NOTES, ""), *notes)))}
    above = (*table.above, *beside.get(whole_sheet(table.file.name), ()))
    return with_cells(replace(table, above=above), noted)


def _roles_of(table: SourceTable, marked: Mapping[int, str]) -> SourceTable:
    """Return the roles that the headers name, where no sheet lists any."""
    rows = tuple(
        SourceRow(line=table.header_line, record=at + 1, cells=(header, "", ""))
        for at, header in marked.items()
    )
    file = replace(table.file, sheet=EntityKind.USER_ROLE, row_count=len(rows))
    columns = ("Name", MACHINE_NAME_COLUMN, _NOTES)
    return replace(table, file=file, columns=columns, headers=(), rows=rows, headings=())
