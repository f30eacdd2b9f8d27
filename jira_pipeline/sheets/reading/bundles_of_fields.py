"""Bundles that fields alone name, listed as if a sheet of bundles did.

Belongs here: where no sheet lists any of a type, the type, machine name and status of what fields
belong to. Does not: to which bundle a field belongs (`owners`), vocabularies that terms name
(`completed_things`).
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise

from jira_pipeline.model.columns import MACHINE_NAME_COLUMN, STATUS_COLUMN, columns_of
from jira_pipeline.model.entities import (
    THERE,
    BundleType,
    EntityKind,
    SourceRow,
    SourceTable,
    Status,
)
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.line_numbers import first_named
from jira_pipeline.sheets.reading.cells import status_spelled
from jira_pipeline.sheets.reading.citations import CitedFiles
from jira_pipeline.sheets.reading.labels import bundle_type_of, split_bundle_label
from jira_pipeline.sheets.reading.owners import (
    HEADING_WORDS,
    NAMED_OWNERS,
    NAMED_TWICE,
    NUMBERING,
    SheetWithOwners,
    is_name,
    text_of,
)
from jira_pipeline.sheets.reading.references import OWNER_NAME_COLUMN
from jira_pipeline.sheets.reading.sheet_kinds import BUNDLE_TYPE
from jira_pipeline.sheets.reading.translations import plain_letters

_NAMED_BESIDE = re.compile(r"(?P<name>.*\S)\s+[-–—|:]\s+(?P<machine>[a-z][a-z0-9]*_\w+)(?:,.*)?")
"""`Hot meal – hot_meal, /meals`"""
_MACHINE_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_LETTER = re.compile(r"\b([A-Z]{1,3}) ?= ?([^,;=]+)")
_CODE = re.compile(r"([A-Z]{1,3})[ .-]?\d*")
_BLOCKS_MIN = 2
"""Blocks of several rows; in one the other fields may only lack a name."""
_LIKENESS = 0.82
"""`Reciep` and `Recipe` are 0.83 alike, `Type A` and `Type B` 0.8."""
_NUMBERS = re.compile(r"\d+")
_OF_SITE = frozenset({*THERE, Status.DELETED})

Listed = Mapping[BundleType | None, Collection[str]]
"""The names of bundles in plain letters, by their types."""
Named = Mapping[tuple[BundleType, str], Sequence[SourceRow]]
"""Types and names of bundles, each with the row that names it first, and its rows."""


def with_named_bundles(tables: Sequence[SourceTable], cited: CitedFiles) -> Iterator[SourceTable]:
    """Yield the tables, and the bundles that fields alone name, where no sheet lists any of a type."""
    listed: dict[BundleType | None, set[str]] = defaultdict(set)
    for table in tables:
        for row in table.rows if table.file.sheet is EntityKind.BUNDLE else ():
            cells = table.cells_of(row)
            listed[bundle_type_of(cells.get("Type", ""))].add(plain_letters(cells.get("Name", "")))
    of_fields = [table for table in tables if table.file.sheet is EntityKind.FIELD]
    sheets = [SheetWithOwners(t, "Bundle", None, cited.of(t.file.name)) for t in of_fields]
    named = [_bundles_to_list(sheet, dict(listed)) for sheet in sheets]
    for bundle_type, name in chain.from_iterable(named):
        listed[bundle_type].add(plain_letters(name))
    yield from (table for table in tables if table.file.sheet is not EntityKind.FIELD)
    for sheet, new in zip(sheets, named, strict=True):
        machine_names = _machine_names_of_owners(sheet) if new else {}
        for bundle_type, keys in grouped(new, lambda key: key[0]).items():
            rows = [_listed_row(sheet, key, new[key], machine_names) for key in keys]
            yield sheet.table.beside(EntityKind.BUNDLE, bundle_type, rows)
            quoted = first_named([f"“{name}”" for _, name in keys], NAMED_OWNERS)
            sheet.citations.inform(
                "bundles_of_fields",
                f"No sheet lists a {bundle_type.lower()}, and fields belong to {quoted}; as the "
                f"sheet, its title or their codes say, they were read as bundles of that type, on "
                "the site already where a field of theirs is.",
                "Nothing to do, unless they are of another type: in that case, list them in a "
                "sheet of bundles.",
                line=sheet.table.header_line,
            )
        yield _with_types(sheet, new, listed)


def _bundles_to_list(sheet: SheetWithOwners, listed: Listed) -> Named:
    """Return the bundles that only its rows name, of types of which no sheet lists any.

    The type is what the sheet, its title or the header of their bundles says, else that of the
    letter which the code of a row begins with, as a line above explains it, or in brackets.
    """
    named = _named_bundles(sheet)
    (_, types) = sheet.named_above()
    letters = _types_by_letter(" ".join(row.cells) for row in sheet.table.above)
    found: dict[tuple[BundleType, str], Sequence[SourceRow]] = {}
    letters_of = {plain_letters(split_bundle_label(called)[0]) for called in named}
    if len(named) > 1 and any(letters_of <= {*names} for names in listed.values()):
        return {}  # all are of another type than their header says
    for called, rows in named.items():
        name, of_name = split_bundle_label(called)
        codes = map(_CODE.fullmatch, rows[0].cells if letters else ())
        of_row = [letters[code[1]] for code in codes if code and code[1] in letters]
        of_all = types[0].bundle_type if len(types) == 1 else None
        bundle_type = of_row[0] if of_row else of_all
        if listed and of_name:  # else the sheet of bundles may be missing
            bundle_type = of_name
        is_untyped = plain_letters(name) in listed.get(None, ())
        is_new = bundle_type not in listed and not is_untyped
        if bundle_type and is_new and not _is_slip(called, named):
            found[bundle_type, name] = rows
    return found


def _named_bundles(sheet: SheetWithOwners) -> Mapping[str, Sequence[SourceRow]]:
    """Return what rows name as their bundles, each with the row that names it first, and its rows.

    A heading within what another heading names is no bundle: all of them have a machine name,
    or each is right above fields.
    """
    table = sheet.table
    if sheet.column in table.columns:
        at = table.columns.index(sheet.column)
        named = grouped(table.rows, lambda row: row.cells[at])
        return {name: [rows[0], *rows] for name, rows in named.items() if is_name(name)}
    titles = [row for row in table.above if row.filled_count == 1 or text_of(row) == row.cells[0]]
    headings = [*titles[-1:], *(row for row in table.headings if any(row.cells))]
    rows = sorted((*headings, *table.rows), key=lambda row: row.line)
    of_fields = {id(row) for row in table.rows}
    heads: dict[str, list[SourceRow]] = {}
    for row, below in pairwise(rows):
        if id(below) in of_fields and id(row) not in of_fields:
            heads[text_of(row)] = [row]
        if id(below) in of_fields and heads:
            heads[next(reversed(heads))].append(below)
    is_first = bool(rows) and id(rows[0]) not in of_fields
    is_short = all(len(head.split()) <= HEADING_WORDS for head in heads)
    return heads if is_first and is_short and len(heads) == len(headings) else {}


def _types_by_letter(texts: Iterable[str]) -> dict[str, BundleType]:
    """Return the types that lines such as `C = component (paragraph), B = block` have letters for."""
    pairs = (pair for text in texts for pair in _LETTER.findall(text))
    typed = (
        (letter, bundle_type_of(part))
        for letter, words in pairs
        for part in re.split("[()]", words)
    )
    return {letter: bundle_type for letter, bundle_type in typed if bundle_type}


def _is_slip(name: str, named: Mapping[str, Sequence[SourceRow]]) -> bool:
    """Return whether a name is nearly one of more rows: its fields are asked about."""
    letters = plain_letters(name)
    others = {plain_letters(n) for n, rows in named.items() if len(rows) > len(named[name])}
    near = difflib.get_close_matches(letters, others, 1, _LIKENESS)
    return bool(near) and _NUMBERS.findall(letters) == _NUMBERS.findall(near[0])


def _machine_names_of_owners(sheet: SheetWithOwners) -> Mapping[str, str]:
    """Return the machine name beside each bundle, once for a block or in each of its rows.

    Of a field it would be beside that, and differ from row to row. Its column is called so then.
    """
    columns = [*sheet.table.columns]
    is_said = OWNER_NAME_COLUMN in sheet.table.columns
    owner = columns.index(sheet.column) if sheet.column in columns else len(columns)
    at = columns.index(OWNER_NAME_COLUMN) if is_said else owner + 1
    if max(owner, at) >= len(columns):
        return {}
    known = {c.name for c in columns_of(EntityKind.FIELD)} - {"ID", MACHINE_NAME_COLUMN}
    is_of_field = MACHINE_NAME_COLUMN in {*columns[at : at + 1]} - {*columns[at + 2 :]}
    is_of_field &= columns[at + 1 : at + 2] != ["Field label"]
    blocks: list[list[SourceRow]] = []
    for row in sheet.table.rows:
        is_first = not blocks or row.cells[owner] not in {"", blocks[-1][0].cells[owner]}
        blocks += [[]] if is_first else []
        blocks[-1].append(row)
    names = {block[0].cells[owner]: block[0].cells[at] for block in blocks}
    firsts = [block[0].cells[at] for block in blocks]
    is_each = len({*firsts}) == len(firsts) and all(
        _MACHINE_NAME.fullmatch(first)
        and not first.startswith("field_")
        and {row.cells[at] for row in block} <= {first, ""}
        for first, block in zip(firsts, blocks, strict=True)
    )
    is_of_blocks = sum(len(block) > 1 for block in blocks) >= _BLOCKS_MIN
    if not is_said:
        if columns[at] in known or is_of_field or not (is_each and is_of_blocks):
            return {}
        sheet.table = sheet.table.with_column_called(at, OWNER_NAME_COLUMN)
    return names


def _listed_row(
    sheet: SheetWithOwners,
    key: tuple[BundleType, str],
    named: Sequence[SourceRow],
    machine_names: Mapping[str, str],
) -> tuple[SourceRow, Mapping[str, str]]:
    """Return the row that names a bundle, and its cells: on the site, or on hold, as its fields are."""
    (bundle_type, called) = key
    (first, *fields) = named
    if twice := NAMED_TWICE.fullmatch(called) or _NAMED_BESIDE.fullmatch(called):
        name = NUMBERING.sub("", twice["name"])
        machine_name = twice["machine"]
    else:
        name = called
        machine_name = machine_names.get(called, "")
    cells = {"Type": bundle_type.value, "Name": " ".join(name.split())}
    cells |= {MACHINE_NAME_COLUMN: machine_name} if machine_name else {}
    at = sheet.table.positions(STATUS_COLUMN)
    statuses = {status_spelled(row.cells[n]) for row in fields for n in at}
    if not statuses.isdisjoint(_OF_SITE):
        cells[STATUS_COLUMN] = Status.IMPLEMENTED.value
    elif statuses == {Status.WAITING}:
        cells[STATUS_COLUMN] = Status.WAITING.value
    hint = " ".join(first.texts).removeprefix(text_of(first)).strip()
    if hint and first not in fields:
        cells["Description"] = hint
    return first, cells


def _with_types(sheet: SheetWithOwners, named: Named, listed: Listed) -> SourceTable:
    """Return a sheet; where bundles of two types have one name, its rows say of which type theirs is."""
    names = {plain_letters(name) for _, name in named}
    is_said = BUNDLE_TYPE in sheet.table.columns
    if is_said or not any(sum(name in of for of in listed.values()) > 1 for name in names):
        return sheet.table
    typed = {row.record: bundle_type for (bundle_type, _), rows in named.items() for row in rows}
    of_rows = dict[int, dict[str, str]]()
    of_row = ""
    for row in sheet.table.rows:
        of_row = typed.get(row.record, "" if sheet.names_owner(row) else of_row)
        of_rows[id(row)] = {BUNDLE_TYPE: of_row}
    return sheet.table.with_cells(of_rows)
