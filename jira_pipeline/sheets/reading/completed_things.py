"""What sheets list and other tables describe: blocks above tables, second lists, terms, ways.

Belongs here: which row of a list a block, another list or a table of one's own is about, and what that
row gets of it. Does not: finding a listed thing by its name (`listed_things`), permissions of roles
(`role_matrices`), fields (`completed_fields`), which rows belong to a thing (`owners`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain

from jira_pipeline.model.columns import (
    CUSTOM_LABEL_COLUMNS,
    MACHINE_NAME_COLUMN,
    NOTE_COLUMNS,
    STATUS_COLUMN,
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
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.sheets.reading.cells import flag_spelled, says_nothing
from jira_pipeline.sheets.reading.citations import CitedFiles
from jira_pipeline.sheets.reading.labels import bundle_type_of, folded
from jira_pipeline.sheets.reading.listed_things import LISTED, Thing, Things
from jira_pipeline.sheets.reading.role_matrices import NAMED_MAX, is_mark
from jira_pipeline.sheets.reading.sheet_kinds import (
    canonical_columns,
    is_word_of_headers,
    normalised,
    rule_of,
    rule_of_owner,
)
from jira_pipeline.sheets.reading.table_starts import pairs_of, titles_above

_STATES_MIN = 2
_OF_TERMS = re.compile(r"(?i)\b(?:taxonomy )?terms?\b(?: (?:of|for)\b)?|\.(?:csv|tsv)$")
_NAMES = frozenset(map(normalised, (*CUSTOM_LABEL_COLUMNS, "Value")))
_FROM_TO = re.compile(r"\b(?P<first>from|to)\b\W.*?\b(?!(?P=first))(?:from|to)\b", re.IGNORECASE)


def with_blocks(tables: Sequence[SourceTable], cited: CitedFiles) -> list[SourceTable]:
    """Return the tables, and what blocks above them describe as rows of the sheets that list it.

    A thing that such a sheet has already gets the columns that its row leaves blank.
    """
    read = [*tables]
    things = Things(tables)
    for table in tables:
        rule = rule_of_owner(table.file.sheet)
        pairs = pairs_of(table.above)
        if rule is None or not pairs:
            continue
        names = canonical_columns(rule, [word for _, word, _ in pairs])
        cells = {name: value for name, (_, _, value) in zip(names, pairs, strict=True)}
        name = cells.get(rule.label_column) or cells.get(MACHINE_NAME_COLUMN)
        block = pairs[0][0]
        if not name or bundle_type_of(name):  # heads of columns: `Content types | Vocabularies`
            continue
        if thing := things.found(rule, cells):
            things.complete(thing, cells)
            sheet = sheet_title(thing.table.file.name)
            where = f"line {thing.row.line} of {sheet}, which it completes"
        else:
            read.append(table.beside(rule.kind, name, [(block, cells)]))
            things.add(read[-1])
            where = f"a row of {read[-1].file.sheet_name}"
        cited.of(table.file.name).inform(
            "block_read",
            f"Lines {block.line} to {pairs[-1][0].line} describe “{name}”; they were "
            f"read as {where}.",
            "Nothing to do, unless they describe something else.",
            row=block,
        )
    return _with_shared_blocks([table.with_cells(things.completed) for table in read])


def _with_shared_blocks(tables: Sequence[SourceTable]) -> list[SourceTable]:
    """Have a block count for the tables below it that have none, up to the next one."""
    blocks: dict[tuple[str, str], tuple[SourceRow, ...]] = {}
    found = {}
    for table in sorted(tables, key=lambda each: (each.file.name, each.header_line)):
        owner = owner_column_of(table.file.sheet)
        key = (whole_sheet(table.file.name), "" if owner is None else owner.names)
        pairs = tuple(row for row, word, _ in pairs_of(table.above) if is_word_of_headers(word))
        above = table.above if pairs or owner is None else (*blocks.get(key, ()), *table.above)
        blocks[key] = pairs or blocks.get(key, ())
        found[id(table)] = replace(table, above=above)
    return [found[id(table)] for table in tables]


def with_second_lists(tables: Sequence[SourceTable], cited: CitedFiles) -> Iterator[SourceTable]:
    """Have a list of things that another list of the workbook has too complete its rows.

    Only where it has other columns, and contradicts no cell; else both stay.
    """
    read: list[SourceTable] = []
    things = Things()
    for table in tables:
        kind = table.file.sheet
        is_again = kind in LISTED and any(other.file.sheet is kind for other in read)
        rule = rule_of(kind) if is_again else None
        listed = [table.cells_of(row) for row in table.rows if rule]
        of = containing_file(table.file.name)
        known = [thing for cells in listed if rule and (thing := things.found(rule, cells, of=of))]
        is_each_once = len({id(thing) for thing in known}) == len(table.rows) > 0
        if not is_each_once or not all(map(partial(_agree, table), known, listed)):
            read.append(table)
            things.add(table)
            continue
        for thing, cells in zip(known, listed, strict=True):
            things.complete(thing, cells)
        cited.of(table.file.name).inform(
            "list_completes",
            f"Its {len(table.rows)} rows are about things that "
            f"{sheet_title(known[0].table.file.name)} lists; what those rows leave blank was "
            "taken from here.",
            "Nothing to do, unless these are other things of the same name.",
            line=table.header_line,
        )
    yield from (table.with_cells(things.completed) for table in read)


def _agree(table: SourceTable, thing: Thing, cells: dict[str, str]) -> bool:
    """Tell whether a thing has other columns in another table, and no cell says another thing."""
    has_new = not {*table.columns} <= {*thing.table.columns}
    compared = (cells.keys() & thing.cells.keys()) - {"Type", *NOTE_COLUMNS}
    both = [(thing.cells[n], cells[n]) for n in compared]
    return has_new and all(
        says_nothing(one) or says_nothing(other) or folded(one) == folded(other)
        for one, other in both
    )


def with_terms_and_ways(
    tables: Sequence[SourceTable], cited: CitedFiles, *, is_filled: bool
) -> Iterator[SourceTable]:
    """Have terms be in the notes of their vocabularies, and ways between states in a workflow's.

    `is_filled`: a blank cell means what the cell above it says.
    """
    read: list[SourceTable] = []
    things = Things(tables)
    workflows = [
        Thing(table, row, table.cells_of(row))
        for table in tables
        for row in table.rows
        if table.file.sheet is EntityKind.WORKFLOW
    ]
    types = chain.from_iterable(
        t.by_column().get("Type", ()) for t in tables if t.file.sheet is EntityKind.BUNDLE
    )
    is_none_listed = BundleType.VOCABULARY not in map(bundle_type_of, types)
    for table in tables:
        citations = cited.of(table.file.name)
        notes: list[tuple[Thing, list[str]]] = []
        if is_none_listed and (named := _vocabularies_in(table)):
            read.append(named)
            things.add(named)
            citations.inform(
                "vocabularies_read",
                "No sheet lists a vocabulary; those that its rows name were read as such: "
                f"{first_named([f'“{row.cells[1]}”' for row in named.rows], NAMED_MAX)}.",
                "Nothing to do, unless they are something else.",
                line=table.header_line,
            )
        if table.file.sheet is EntityKind.CUSTOM and STATUS_COLUMN not in table.columns:
            notes = _terms_in(table, things, is_filled=is_filled)
            if len(workflows) == 1 and workflows[0].is_to_build and (ways := _ways_in(table)):
                notes = [(workflows[0], ways)]
            if not notes and any(map(_OF_TERMS.search, table.shown_headers)):
                citations.warn(
                    "terms_unread",
                    "Its rows seem to be terms, and not each of them says of which "
                    "vocabulary to build; only a ticket of its own quotes them.",
                    "Call the sheet like its vocabulary, or name one in each row, in a "
                    "column Vocabulary; `owner_blank: fill` in session.yaml fills blank cells.",
                    line=table.header_line,
                )
        if not notes:
            read.append(table)
            continue
        for thing, lines in notes:
            heading = f"From “{sheet_title(table.file.name)}” ({', '.join(table.shown_headers)}):"
            beside = [cell for row in table.above for cell in row.cells if " " in cell.strip()]
            things.note(thing, "\n".join([heading, *beside, *(f"- {line}" for line in lines)]))
        names = [thing.cells[label_column_of(thing.table.file.sheet) or ""] for thing, _ in notes]
        citations.inform(
            "rows_noted",
            f"Its {len(table.rows)} rows were read as notes of "
            f"{first_named([f'“{name}”' for name in names], NAMED_MAX)}.",
            "Nothing to do, unless they describe something else.",
            line=table.header_line,
        )
    yield from (table.with_cells(things.completed) for table in read)


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
    return table.beside(EntityKind.BUNDLE, BundleType.VOCABULARY, rows) if rows else None


def _terms_in(
    table: SourceTable, things: Things, *, is_filled: bool
) -> list[tuple[Thing, list[str]]]:
    """Return the terms of each vocabulary, with a hyphen for each column before their own.

    Each header is a vocabulary; or a column of vocabularies says whose they are, in each row; or the
    name of the sheet does. Where one of them gets no ticket, or is none that a sheet lists, there are
    none: their rows would be lost.
    """
    headers = table.shown_headers
    terms = dict[int, tuple[Thing, list[str]]]()
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
    if found is None or {*map(folded, names)} != {*map(folded, states)} or len(names) < _STATES_MIN:
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
