"""Rows that other tables describe: words with their values above a table, second lists.

Belongs here: such a block as a row of the sheet that lists things like it; displays in rows of
views, groups and phases in headings. Does not: where blocks and tables begin (`layouts`), which rows
belong to the thing (`owners`), roles by marks (`role_matrices`).
"""

import re
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from jira_pipeline.drupal.meaning.notes import is_not_now
from jira_pipeline.drupal.meaning.view_displays import is_display_setting
from jira_pipeline.model.columns import (
    CUSTOM_LABEL_COLUMNS,
    MACHINE_NAME_COLUMN,
    NOTE_COLUMNS,
    STATUS_COLUMN,
    Role,
    columns_of,
    label_column_of,
    owner_column_of,
)
from jira_pipeline.model.entities import (
    BundleType,
    EntityKind,
    SourceRow,
    SourceTable,
    containing_file,
    sheet_title,
    whole_sheet,
)
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.line_numbers import counted, first_named
from jira_pipeline.sheets.reading.cells import display_kind, flag_spelled, is_ditto, says_nothing
from jira_pipeline.sheets.reading.csv_files import unnamed
from jira_pipeline.sheets.reading.labels import bundle_type_of, folded, group_named
from jira_pipeline.sheets.reading.layouts import titles_above
from jira_pipeline.sheets.reading.listed_things import LISTED, Thing, Things
from jira_pipeline.sheets.reading.role_matrices import NAMED_MAX, is_mark
from jira_pipeline.sheets.reading.rows import table_beside, with_cells
from jira_pipeline.sheets.reading.sheets import (
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

_PAIR = 2
_COLUMNS_MIN = 2
_OF_VIEWS = frozenset({EntityKind.VIEW, EntityKind.VIEW_DISPLAY})


def pairs_of(rows: Sequence[SourceRow]) -> list[tuple[SourceRow, str, str]]:
    """Return the rows that are a word and its value."""
    filled = ((row, [cell for cell in row.cells if cell]) for row in rows)
    return [(row, cells[0], cells[1]) for row, cells in filled if len(cells) == _PAIR]


def with_described(
    tables: Sequence[SourceTable],
) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables, and what blocks above them describe as rows of the sheets that list it.

    A thing that such a sheet has already gets the columns that its row leaves blank.
    """
    read, findings = _without_blocks_of_views(tables)
    things = Things(read)
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
        listed = first_named([f"“{group}”" for group in named.values() if group], NAMED_MAX)
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
        is_ditto_mark = not code and is_ditto(called)
        is_same = (code in named or is_ditto_mark) and any(
            cell and is_display_setting(name, is_of_view=True) for name, cell in cells.items()
        )
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
    things = Things()
    for table in tables:
        kind = table.file.sheet
        is_again = kind in LISTED and any(other.file.sheet is kind for other in read)
        rule = rule_of(kind) if is_again else None
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


def _agree(table: SourceTable, thing: Thing, cells: dict[str, str]) -> bool:
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


def with_lists(
    tables: Sequence[SourceTable], *, is_filled: bool
) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables with terms in the notes of their vocabularies, and ways between states.

    `is_filled`: a blank cell means what the cell above it says.
    """
    read: list[SourceTable] = []
    findings: list[Finding] = []
    things = Things(tables)
    workflows = [
        Thing(table, row, dict(zip(table.columns, row.cells, strict=True)))
        for table in tables
        for row in table.rows
        if table.file.sheet is EntityKind.WORKFLOW
    ]
    types = chain.from_iterable(
        t.by_column().get("Type", ()) for t in tables if t.file.sheet is EntityKind.BUNDLE
    )
    is_none_listed = BundleType.VOCABULARY not in map(bundle_type_of, types)
    for table in tables:
        notes: list[tuple[Thing, list[str]]] = []
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
                    f"{first_named([f'“{row.cells[1]}”' for row in named.rows], NAMED_MAX)}.",
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
                f"{first_named([f'“{name}”' for name in names], NAMED_MAX)}.",
                advice="Nothing to do, unless they describe something else.",
            )
        )
    return [with_cells(table, things.completed) for table in read], findings


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
    table: SourceTable, things: Things, *, is_filled: bool
) -> list[tuple[Thing, list[str]]]:
    """Return the terms of each vocabulary, with a hyphen for each column before their own.

    Each header is a vocabulary; or a column of vocabularies says whose they are, in each row; or the
    name of the sheet does. Where one of them gets no ticket, or is none that a sheet lists, there are
    none: their rows would be lost.
    """
    headers, terms = table.shown_headers, dict[int, tuple[Thing, list[str]]]()
    owners = [things.bundle(header, BundleType.VOCABULARY) for header in headers]
    if len(owners) > 1 and all(each is not None and each.is_to_build for each in owners):
        columns = zip(*(row.cells for row in table.rows), strict=True)
        pairs = zip(filter(None, owners), columns, strict=True)
        return [(each, [term for term in below if term]) for each, below in pairs]
    at = _vocabulary_column(headers)
    owner: Thing | None = None
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
    if found is None or {*map(folded, names)} != {*map(folded, states)} or len(names) < _PAIR:
        return []
    ways = [
        (row.cells[0], name, cell)
        for row in table.rows
        for name, cell in zip(names, row.cells[1:], strict=True)
    ]
    if not all(says_nothing(cell) or is_mark(cell) for *_, cell in ways):
        return []
    is_from = found["first"].casefold() == "from"
    return [
        f"{state} to {name}" if is_from else f"{name} to {state}"
        for state, name, cell in ways
        if flag_spelled(cell) is True
    ]


_PARTS_OF_TITLE = re.compile(r"[()\[\]:|,]|\s[-–—]+\s")
_OF_TERMS = re.compile(r"(?i)\b(?:taxonomy )?terms?\b(?: (?:of|for)\b)?|\.(?:csv|tsv)$")
_NAMES = frozenset(map(normalised, (*CUSTOM_LABEL_COLUMNS, "Value")))
_FROM_TO = re.compile(r"\b(?P<first>from|to)\b\W.*?\b(?!(?P=first))(?:from|to)\b", re.IGNORECASE)
