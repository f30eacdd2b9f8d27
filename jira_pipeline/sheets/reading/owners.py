"""What rows belong to where their own cells do not say it: the row above, or the name of the sheet.

Belongs here: blank cells and ditto marks below an owner, sheets that are called like one. Does not:
merged cells (`workbooks`), finding the owner that a cell names (`references`).

Nothing is guessed: a blank cell blocks the upload until `session.yaml` says what it means, and a
sheet belongs to what it is called like only where one thing alone is called so.
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

from jira_pipeline.model.columns import (
    MACHINE_NAME_COLUMN,
    STATUS_COLUMN,
    Role,
    columns_of,
    label_column_of,
    owner_column_of,
    type_column_of,
)
from jira_pipeline.model.entities import (
    SHEET_PREFIX,
    THERE,
    BundleType,
    EntityKind,
    SourceRow,
    SourceTable,
    Status,
    sheet_title,
    whole_sheet,
)
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.line_numbers import counted, first_named, lines_text
from jira_pipeline.model.sessions import OwnerBlank
from jira_pipeline.sheets.reading.cells import (
    flag_spelled,
    is_ditto,
    says_nothing,
    status_spelled,
)
from jira_pipeline.sheets.reading.citations import Citations
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES
from jira_pipeline.sheets.reading.labels import (
    bundle_label,
    bundle_type_of,
    split_bundle_label,
)
from jira_pipeline.sheets.reading.layouts import titles_above
from jira_pipeline.sheets.reading.references import OWNER_NAME_COLUMN
from jira_pipeline.sheets.reading.rows import table_beside, with_cells
from jira_pipeline.sheets.reading.sheets import (
    BUNDLE_TYPE,
    canonical_columns,
    file_words,
    is_word_of_headers,
    rule_of,
    stem_of,
)
from jira_pipeline.sheets.reading.translations import once_each_text, plain_letters

_TITLE_MAX_CHARACTERS = 255
"""Of a file; looking into a heading takes the square of its words."""
_TITLE_CUT_AT = 31
"""Characters of a worksheet's name in Excel; a longer name is cut."""
_OF = (["of"], ["for"], ["von"], ["für"], ["de"], ["du"], ["des"], ["del"], ["van"], ["voor"])
_PARTS = re.compile(r"(?<=\s)[-–—|·](?=\s)|[:/,()]")
_NUMBER = re.compile(r"^\s*(?:\d+(?:\.\d+)*|[A-Z]\d{0,2})[.):]?\s+")
"""Before a heading: `2.1 Recipe`, `B) Recipe`, `B   Recipe`, `F2 Recipe`."""
_NAMED_TWICE = re.compile(r"(?P<name>.*\S)\s*\((?P<machine>[a-z][a-z0-9_]*)\)", re.DOTALL)
"""`Recipe (recipe)`"""
_NAMED_BESIDE = re.compile(r"(?P<name>.*\S)\s+[-–—|:]\s+(?P<machine>[a-z][a-z0-9]*_\w+)(?:,.*)?")
"""`Hot meal – hot_meal, /meals`"""
_MACHINE_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_WORDS = re.compile(r"[^\W_]+")
_LETTER = re.compile(r"\b([A-Z]{1,3}) ?= ?([^,;=]+)")
_CODE = re.compile(r"([A-Z]{1,3})[ .-]?\d*")
_COLUMNS_MIN = 2
_BLOCKS_MIN = 2
"""Blocks of several rows; in one the other fields may only lack a name."""
_OF_REQUIRED = frozenset({"required", "mandatory", "optional", "notrequired"})
_LIKENESS = 0.82
"""`Reciep` and `Recipe` are 0.83 alike, `Type A` and `Type B` 0.8."""
_NUMBERS = re.compile(r"\d+")
_OF_SITE = frozenset({*THERE, Status.DELETED})
_HEADING_WORDS = 7
"""More are a sentence."""
_HEADING = re.compile(rf"(?=.*[^\W\d_]{{3}})\S+( +\S+){{0,{_HEADING_WORDS - 1}}}")
_NAMED_OWNERS = 5
_NAMED_LINES = 20


@dataclass(frozen=True, slots=True)
class _Owner:
    """A thing that rows of other sheets belong to."""

    label: str
    bundle_type: BundleType | None


def with_owners(
    tables: Sequence[SourceTable], *, owner_blank: OwnerBlank | None, are_types: bool = False
) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables with what their rows belong to, and what was found about that.

    Sheets of owners come before sheets of what they own. `are_types`: of rows that belong to
    nothing, the types of bundles that they are of.
    """
    found: list[Finding] = []
    owned: list[SourceTable] = []
    owners: dict[str, Mapping[str, Sequence[_Owner]]] = {}
    for table in tables:
        column = owner_column_of(table.file.sheet)
        if are_types:
            column = type_column_of(table.file.sheet) if column is None else None
        if column is None or not table.rows:
            owned.append(table)
            continue
        if not are_types and column.names not in owners:
            owners[column.names] = _owners_in(owned, EntityKind(column.names))
        known = None if are_types else owners[column.names]
        sheet = _SheetWithOwners(table, column.name, known, Citations(table.file.name))
        if table.file.sheet is EntityKind.FIELD:
            sheet.have_names_of_owners()
        owned.append(sheet.by_title() or sheet.by_headers() or sheet.by_rows(owner_blank))
        if table.file.sheet is EntityKind.FIELD:
            sheet.cite_unread_headings()
        found.extend(sheet.citations.findings)
    return owned, found


def _owners_in(tables: Sequence[SourceTable], kind: EntityKind) -> dict[str, list[_Owner]]:
    """Return what the sheets of a kind list, by name and machine name; of two with one label none."""
    label_column = label_column_of(kind) or ""
    labelled: dict[str, list[_Owner]] = {}
    names: dict[str, set[str]] = {}
    for table in tables:
        for row in table.rows if table.file.sheet is kind else ():
            cells = dict(zip(table.columns, row.cells, strict=True))
            machine_name = cells.get(MACHINE_NAME_COLUMN, "")
            name, type_text = cells.get(label_column) or machine_name, cells.get("Type", "")
            label = bundle_label(name, type_text) if kind is EntityKind.BUNDLE else name
            labelled.setdefault(label, []).append(_Owner(label, bundle_type_of(type_text)))
            code = cells.get("ID", "")
            for each in (name, machine_name, "" if code.isdecimal() else code):
                names.setdefault(plain_letters(each), set()).add(label)
    return {
        name: [
            owner
            for label in sorted(labels)
            for owner in labelled[label]
            if len(labelled[label]) == 1
        ]
        for name, labels in names.items()
        if name
    }


def with_named_bundles(
    tables: Sequence[SourceTable],
) -> tuple[list[SourceTable], list[Finding]]:
    """Return the tables, and the bundles that fields alone name, where no sheet lists any of a type.

    The type is what the sheet of fields, its title or the header of their bundles says.
    """
    found: list[Finding] = []
    listed: dict[BundleType | None, set[str]] = defaultdict(set)
    """The names of bundles by their types."""
    for table in tables:
        for row in table.rows if table.file.sheet is EntityKind.BUNDLE else ():
            cells = dict(zip(table.columns, row.cells, strict=True))
            listed[bundle_type_of(cells.get("Type", ""))].add(plain_letters(cells.get("Name", "")))
    sheets = [
        _SheetWithOwners(table, "Bundle", None, Citations(table.file.name))
        for table in tables
        if table.file.sheet is EntityKind.FIELD
    ]
    named = [sheet.bundles_to_list(dict(listed)) for sheet in sheets]
    for bundle_type, name in (pair for each in named for pair in each):
        listed[bundle_type].add(plain_letters(name))
    every, read = [], iter(zip(sheets, named, strict=True))
    for table in tables:
        if table.file.sheet is not EntityKind.FIELD:
            every.append(table)
            continue
        sheet, new = next(read)
        every += sheet.with_listed(new, listed)
        found.extend(sheet.citations.findings)
    return every, found


def _is_slip(name: str, named: Mapping[str, Sequence[SourceRow]]) -> bool:
    """Return whether a name is nearly one of more rows: its fields are asked about."""
    letters = plain_letters(name)
    others = {plain_letters(n) for n, rows in named.items() if len(rows) > len(named[name])}
    near = difflib.get_close_matches(letters, others, 1, _LIKENESS)
    return bool(near) and _NUMBERS.findall(letters) == _NUMBERS.findall(near[0])


@dataclass
class _SheetWithOwners:
    """A sheet whose rows belong to something."""

    table: SourceTable
    column: str
    owners: Mapping[str, Sequence[_Owner]] | None
    """By their names in plain letters; None where rows are of a type of bundle, and belong to nothing."""
    citations: Citations
    filled: dict[SourceRow, SourceRow] = field(default_factory=dict)
    """Rows that do not say what they belong to, and the row above that does."""
    is_below_headings: bool = False
    """No column says it: the headings between the rows do."""

    @property
    def header(self) -> str:
        """How the file calls the column."""
        if self.column not in self.table.columns:
            return self.column
        return self.table.shown_headers[self.table.columns.index(self.column)]

    @property
    def title(self) -> str:
        """What the file or worksheet is called."""
        return stem_of(sheet_title(self.table.file.name))

    @cached_property
    def type_above(self) -> BundleType | None:
        """Of the bundles that its fields belong to, as a title says: `Pieces (paragraphs)`."""
        named = (split_bundle_label(title) for title in titles_above(self.table.above))
        return next((of for name, each in named if (of := each or bundle_type_of(name))), None)

    @cached_property
    def positions(self) -> list[int]:
        """Where the columns are that say it, by label or machine name."""
        kind = self.table.file.sheet
        names = {column.name for column in columns_of(kind) if column.role is Role.OWNER}
        names.add(self.column)
        return [at for at, name in enumerate(self.table.columns) if name in names]

    def have_names_of_owners(self) -> None:
        """Have machine names beside bundles be those of them, where each is that of its row's bundle."""
        columns, headers = [*self.table.columns], self.table.shown_headers
        if not {self.column, MACHINE_NAME_COLUMN} <= {*columns} or OWNER_NAME_COLUMN in columns:
            return
        at = columns.index(MACHINE_NAME_COLUMN)
        pairs = [(row.cells[at - 1], row.cells[at]) for row in self.table.rows if row.cells[at]]
        is_beside = bool(pairs) and columns[at - 1] == self.column
        if is_beside and all(
            self._called(owner) == self._owners_named(name, bundle_type=None) != []
            for owner, name in pairs
        ):
            columns[at] = OWNER_NAME_COLUMN
            self.table = replace(self.table, columns=tuple(columns), headers=headers)
            self.citations.inform(
                "header_by_cells",
                f"“{headers[at]}” was read as “{OWNER_NAME_COLUMN}”, for its cells are those of "
                "bundles.",
                "Nothing to do, unless fields are called like their bundles.",
                line=self.table.header_line,
                column=headers[at],
            )

    def bundles_to_list(
        self, listed: Mapping[BundleType | None, Collection[str]]
    ) -> dict[tuple[BundleType, str], list[SourceRow]]:
        """Return the bundles that only its rows name, of types of which no sheet lists any.

        The type is what the sheet, its title or the header of their bundles says, else that of the
        letter which the code of a row begins with, as a line above explains it, or in brackets.
        """
        named, (_, types) = self.named_bundles(), self.named_above()
        letters = _types_by_letter(" ".join(row.cells) for row in self.table.above)
        found: dict[tuple[BundleType, str], list[SourceRow]] = {}
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

    def with_listed(
        self,
        named: Mapping[tuple[BundleType, str], list[SourceRow]],
        listed: Mapping[BundleType | None, Collection[str]],
    ) -> list[SourceTable]:
        """Return the sheet and the bundles that its rows name, as sheets of their own.

        Where bundles of two types have one name, its rows say which of both they belong to.
        """
        machine_names = self._machine_names_of_owners() if named else {}
        tables = [self.table]
        typed = {row.record: key[0] for key, of_bundle in named.items() for row in of_bundle}
        for bundle_type, same in grouped(named, lambda key: key[0]).items():
            rows = []
            for key in same:
                first, *fields = named[key]
                cells = self._bundle_of(key, fields, machine_names)
                hint = " ".join(filter(None, first.cells)).removeprefix(_text(first)).strip()
                if hint and first not in fields:
                    cells["Description"] = hint
                rows.append((first, cells))
            tables.append(table_beside(self.table, EntityKind.BUNDLE, bundle_type, rows))
            quoted = first_named([f"“{name}”" for _, name in same], _NAMED_OWNERS)
            self.citations.inform(
                "bundles_of_fields",
                f"No sheet lists a {bundle_type.lower()}, and fields belong to {quoted}; as the "
                f"sheet, its title or their codes say, they were read as bundles of that type, on "
                "the site already where a field of theirs is.",
                "Nothing to do, unless they are of another type: in that case, list them in a "
                "sheet of bundles.",
                line=self.table.header_line,
            )
        names = [plain_letters(name) for _, name in named]
        is_said = BUNDLE_TYPE in self.table.columns
        if not is_said and any(sum(name in of for of in listed.values()) > 1 for name in names):
            of_rows, of_row = dict[int, dict[str, str]](), ""
            for row in self.table.rows:
                of_row = typed.get(row.record, "" if self._names_owner(row) else of_row)
                of_rows[id(row)] = {BUNDLE_TYPE: of_row}
            tables[0] = with_cells(self.table, of_rows)
        return tables

    def _bundle_of(
        self,
        key: tuple[BundleType, str],
        fields: Sequence[SourceRow],
        machine_names: Mapping[str, str],
    ) -> dict[str, str]:
        """Return the cells of a bundle that fields name; it is on the site, or on hold, as they are."""
        bundle_type, called = key
        twice = _NAMED_TWICE.fullmatch(called) or _NAMED_BESIDE.fullmatch(called)
        cells = {"Type": bundle_type.value}
        name = twice["name"] if twice else called
        cells["Name"] = " ".join((_NUMBER.sub("", name) if twice else name).split())
        if name := twice["machine"] if twice else machine_names.get(called, ""):
            cells[MACHINE_NAME_COLUMN] = name
        at = [n for n, column in enumerate(self.table.columns) if column == STATUS_COLUMN]
        statuses = {status_spelled(row.cells[n]) for row in fields for n in at}
        if not statuses.isdisjoint(_OF_SITE):
            cells[STATUS_COLUMN] = Status.IMPLEMENTED.value
        elif statuses == {Status.WAITING}:
            cells[STATUS_COLUMN] = Status.WAITING.value
        return cells

    def _machine_names_of_owners(self) -> Mapping[str, str]:
        """Return the machine name beside each bundle, once for a block or in each of its rows.

        Of a field it would be beside that, and differ from row to row.
        """
        columns, headers = [*self.table.columns], self.table.shown_headers
        owner = columns.index(self.column) if self.column in columns else len(columns)
        is_said = OWNER_NAME_COLUMN in columns
        at = columns.index(OWNER_NAME_COLUMN) if is_said else owner + 1
        if at >= len(columns):
            return {}
        known = {c.name for c in columns_of(self.table.file.sheet)} - {"ID", MACHINE_NAME_COLUMN}
        is_of_field = MACHINE_NAME_COLUMN in {*columns[at : at + 1]} - {*columns[at + 2 :]}
        is_of_field &= columns[at + 1 : at + 2] != ["Field label"]
        blocks: list[list[SourceRow]] = []
        for row in self.table.rows:
            is_first = not blocks or row.cells[owner] not in {"", blocks[-1][0].cells[owner]}
            blocks += [[]] if is_first else []
            blocks[-1].append(row)
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
            columns[at] = OWNER_NAME_COLUMN
            self.table = replace(self.table, columns=tuple(columns), headers=headers)
        return {block[0].cells[owner]: first for block, first in zip(blocks, firsts, strict=True)}

    def by_title(self) -> SourceTable | None:
        """Have all rows belong to what the sheet is called like; None where any says it itself."""
        rows = (*self.table.rows, *self.table.headings)
        if any(map(self._names_owner, rows)) or any(
            self._called(_text(row)) for row in self.table.headings
        ):
            return None
        text, named = self.named_above()
        if len(named) != 1:
            return None
        label = named[0].label
        self.citations.inform(
            "owner_of_sheet",
            f"No row names what it belongs to; as “{text}” says, its "
            f"{counted(len(self.table.rows), 'row')} were read as part of “{label}”.",
            "Nothing to do, unless they belong to something else: in that case, fill in "
            f"“{self.header}”.",
            line=self.table.header_line,
            column=self.header,
            value=label,
        )
        return with_cells(self.table, {id(row): {self.column: label} for row in self.table.rows})

    def named_bundles(self) -> dict[str, list[SourceRow]]:
        """Return what rows name as their bundles, each with the row that names it first, and its rows.

        A heading within what another heading names is no bundle: all of them have a machine name,
        or each is right above fields.
        """
        if self.column in self.table.columns:
            at = self.table.columns.index(self.column)
            named = grouped(self.table.rows, lambda row: row.cells[at])
            return {name: [rows[0], *rows] for name, rows in named.items() if _is_name(name)}
        titles = [
            row for row in self.table.above if row.filled_count == 1 or _text(row) == row.cells[0]
        ][-1:]
        headings = [row for row in self.table.headings if any(row.cells)]
        rows = sorted((*titles, *headings, *self.table.rows), key=lambda row: row.line)
        of_fields = {id(row) for row in self.table.rows}
        heads: dict[str, list[SourceRow]] = {}
        for row, below in pairwise(rows):
            if id(below) in of_fields and id(row) not in of_fields:
                heads[_text(row)] = [row]
            if id(below) in of_fields and heads:
                heads[next(reversed(heads))].append(below)
        is_first = bool(rows) and id(rows[0]) not in of_fields
        is_each = len(heads) == len(headings) + len(titles)
        is_short = all(len(head.split()) <= _HEADING_WORDS for head in heads)
        return heads if is_first and is_each and is_short else {}

    def named_above(self) -> tuple[str, list[_Owner]]:
        """Return what is named above the table, and where: in a block, a title, a header, or the sheet.

        The header of names says only of which type they are.
        """
        cells = [[cell for cell in row.cells if cell] for row in self.table.above]
        owner = owner_column_of(self.table.file.sheet)
        rule = None if owner is None else rule_of(EntityKind(owner.names))
        naming = {rule.label_column, MACHINE_NAME_COLUMN} if rule else set()
        pairs = [each for each in cells if len(each) > 1]
        names = [
            name
            for word, name, *_ in pairs
            if not naming.isdisjoint(canonical_columns(rule, [word]))
        ]
        titles = [each[0] for each in cells if len(each) == 1]
        if self.owners is None:  # `Media (media)` names a bundle
            titles = [
                title
                for title in titles
                if title.endswith("s)") or not _NAMED_TWICE.fullmatch(title)
            ]
        of_names = [self._called(name) for name in names]
        if any(of_names):
            common = set.intersection(*({*found} for found in of_names if found))
            return ", ".join(names), sorted(common, key=lambda owner: owner.label)
        naming_type = label_column_of(self.table.file.sheet) if owner is None else self.column
        headers = zip(self.table.columns, self.table.shown_headers, strict=True)
        of_type = [h for name, h in headers if name == naming_type and self.owners is None]
        texts = (*titles, *of_type, self.title)
        return next(((text, found) for text in texts if (found := self._called(text))), ("", []))

    def by_headers(self) -> SourceTable | None:
        """Have fields belong to the bundles in whose columns they have a mark; None without such.

        What these cells say beside yes and no would be lost: that blocks.
        """
        table, known = self.table, {column.name for column in columns_of(self.table.file.sheet)}
        named: dict[int, str] = {}
        for at, header in enumerate(table.columns):
            name, wanted = split_bundle_label(header)
            fitting = (self.owners or {}).get(plain_letters(name), ())
            labels = [each.label for each in fitting if wanted in {None, each.bundle_type}]
            if header not in known and len(labels) == 1:
                named[at] = labels[0]
        if table.file.sheet is not EntityKind.FIELD or self.positions or len(named) < _COLUMNS_MIN:
            return None
        cells = [row.cells[at] for row in table.rows for at in named]
        said = [cell for cell in cells if not says_nothing(cell)]
        odd = [c for c in said if flag_spelled(c) is None or plain_letters(c) in _OF_REQUIRED]
        listed = first_named([f"“{table.shown_headers[at]}”" for at in named], _NAMED_OWNERS)
        if odd:
            self.citations.error(
                "owner_in_headers",
                f"The headers {listed} are bundles, and cells below them say more than yes or no: "
                f"“{odd[0]}”.",
                "Write x where a bundle has the field, and the rest in columns of their own; or "
                f"write a row for each bundle, with a column “{self.column}”.",
                line=table.header_line,
            )
        else:
            self.citations.inform(
                "owners_listed",
                f"The headers {listed} are bundles; each row was read as a field of those that it "
                "marks.",
                f"Nothing to do, unless that is wrong: then add a column “{self.column}”.",
                line=table.header_line,
            )
        kept = [at for at in range(len(table.columns)) if at not in named]
        return replace(
            table,
            columns=(*(table.columns[at] for at in kept), self.column),
            headers=(*(table.shown_headers[at] for at in kept), self.column),
            rows=tuple(
                replace(
                    row,
                    cells=(
                        *(row.cells[at] for at in kept),
                        "\n".join(
                            label
                            for at, label in named.items()
                            if not says_nothing(row.cells[at])
                            and flag_spelled(row.cells[at]) is not False
                        ),
                    ),
                )
                for row in table.rows
            ),
        )

    def by_rows(self, owner_blank: OwnerBlank | None) -> SourceTable:
        """Have rows belong to what the row above says, where a mark or `session.yaml` says so."""
        if self.column not in self.table.columns:
            if not any(self._called(_text(row)) for row in self.table.headings):
                return self.table
            wider = with_cells(self.table, {id(self.table.rows[0]): {self.column: ""}})
            return replace(self, table=wider, is_below_headings=True).by_rows(owner_blank)
        said = (map(_is_name, [row.cells[at] for row in self.table.rows]) for at in self.positions)
        if all(map(any, zip(*said, strict=True))):
            return self.table
        above = self._rows_above()
        self.filled = {row: owner for row, owner in above.items() if owner is not None}
        alone = [row for row, owner in above.items() if owner is None]
        at = self.table.columns.index(self.column)
        # without a column, no cell says otherwise
        by_mark = grouped(
            self.filled, lambda row: self.is_below_headings or is_ditto(row.cells[at])
        )
        marked, blank = by_mark.get(True, []), by_mark.get(False, [])
        if self.owners is not None and (alone or (blank and owner_blank is None)):
            self._cite_blank(blank, alone, is_filled=owner_blank is not None)
        read = [*marked, *(blank if owner_blank is not None else ())]
        if read:
            self.citations.inform(
                "owner_above",
                f"Rows were read as belonging to the one above: {self._belonging(read)}.",
                "Nothing to do, unless one belongs to something else: in that case, fill in "
                f"“{self.header}”.",
                **self._at(read[0]),
            )
        columns = [
            (at, self.table.columns[at]) for at in (*self.positions, *self._status_of_blocks(read))
        ]
        taken = {
            id(row): {name: self.filled[row].cells[at] for at, name in columns} for row in read
        }
        return with_cells(self.table, taken)

    def _status_of_blocks(self, below: Sequence[SourceRow]) -> list[int]:
        """Return where a status stands in the first row of each block and in none below: it is of all."""
        firsts = {self.filled[row] for row in below}
        return [
            at
            for at, name in enumerate(self.table.columns)
            if name == STATUS_COLUMN and len(firsts) > 1
            if all(status_spelled(row.cells[at]) or len(row.cells[at]) > 1 for row in firsts)
            if all(says_nothing(row.cells[at]) for row in below)
        ]

    def _rows_above(self) -> dict[SourceRow, SourceRow | None]:
        """Return the rows that name no owner, in their order, with the one above that does, if any.

        A blank row ends what a row above it says; a heading counts for the rows below it. A cell that
        says something, and neither a name nor as above, has none.
        """
        found: dict[SourceRow, SourceRow | None] = {}
        others = tuple("" for _ in self.table.columns[1:])
        titles = [replace(row, cells=(_text(row), *others)) for row in self.table.above]
        headings = {row.line for row in (*self.table.headings, *titles)}
        owner: SourceRow | None = None
        before, is_below_heading = 0, False
        at = self.table.columns.index(self.column)
        rows = (*titles, *self.table.rows, *self.table.headings)
        for row in sorted(rows, key=lambda one: one.line):
            cell, is_heading = row.cells[at], row.line in headings
            named = self._called(_text(row)) if is_heading else []
            if row.record != before + 1 and not is_below_heading:
                owner = None
            if len(named) == 1:  # in whichever column, perhaps with a code or a hint
                owner = replace(row, cells=(*row.cells[:at], named[0].label, *row.cells[at + 1 :]))
            elif self._names_owner(row):
                owner = row
            elif not is_heading:
                is_as_above = not cell or cell in ERROR_VALUES or is_ditto(cell)
                found[row] = owner if is_as_above else None
            before, is_below_heading = row.record, is_heading
        return found

    def _names_owner(self, row: SourceRow) -> bool:
        """Tell whether a row names what it belongs to, by label or machine name."""
        return any(map(_is_name, map(row.cells.__getitem__, self.positions)))

    def _cite_blank(
        self, blank: Sequence[SourceRow], alone: Sequence[SourceRow], *, is_filled: bool
    ) -> None:
        """Refuse rows that do not say what they belong to; the cause is one for the whole sheet."""
        is_offered = not alone
        rows = list(alone) if is_filled else sorted((*blank, *alone), key=lambda one: one.line)
        message = (
            f"{counted(len(rows), 'row')} ({_lines(rows)}) without anything in “{self.header}”, "
            "which says what a row belongs to."
        )
        advice = f"Fill in “{self.header}” of each; titles and notes are read as such in one cell below a blank row."
        above = [row for row in self.table.headings if row.line < rows[0].line and any(row.cells)]
        if above and above[-1].record == rows[0].record - 1:
            advice += f" If “{_text(above[-1])}” (line {above[-1].line}) names it, write it there as in its own sheet."
        if is_offered:
            message += f" Read as the row above, it would be: {self._belonging(rows)}."
            advice = (
                "If a blank cell means “as above”, add `owner_blank: fill` to session.yaml. "
                f"Otherwise, fill in “{self.header}”."
            )
        elif titles := self._called(self.title):
            shared = " and ".join(f"“{owner.label}”" for owner in titles)
            message += f" The sheet is named after {shared}."
            advice += " Or name the sheet after the one they belong to, with its type."
        for row in rows:
            self.citations.error("owner_blank", message, advice, **self._at(row), cause=message)

    def cite_unread_headings(self) -> None:
        """Say which headings above fields name no bundle: they may be groups of the fields."""
        rows = sorted((*self.table.headings, *self.table.rows), key=lambda row: row.line)
        of_fields = {id(row) for row in self.table.rows}
        groups = [at for at, name in enumerate(self.table.columns) if name == "Field group"]
        unread = [
            row
            for row, below in pairwise(rows)
            if id(row) not in of_fields and id(below) in of_fields
            if _HEADING.fullmatch("".join(filter(_is_name, row.cells)))
            if not self._called(_text(row))
            if not any(below.cells[at] for at in groups)
        ]
        if unread:
            named = [f"“{_text(row)}” (line {row.line})" for row in unread]
            self.citations.warn(
                "headings_unread",
                f"No ticket says these headings: {first_named(named, _NAMED_LINES)}. They name no "
                "bundle; if they are groups (tabs) of the fields below them, that is lost.",
                "Write groups as `Tab: NAME`, or in a column “Field group”; leave other headings.",
                row=unread[0],
                value=_text(unread[0]),
            )

    def _belonging(self, rows: Sequence[SourceRow]) -> str:
        at = self.table.columns.index(self.column)
        named: dict[str, list[SourceRow]] = {}
        for row in rows:
            owner = self.filled[row]
            label = owner.cells[at] or next(
                owner.cells[p] for p in self.positions if owner.cells[p]
            )
            named.setdefault(label, []).append(row)
        said = [f"{_lines(same)} to “{label}”" for label, same in named.items()]
        return first_named(said, _NAMED_OWNERS)

    def _called(self, title: str) -> list[_Owner]:
        """Return what a title may name: `Recipe`, `Fields of Recipe`, `Site - recipe`."""
        if len(title) > _TITLE_MAX_CHARACTERS:
            return []
        if title.count("=") == 1 and (meant := self._called(title.rpartition("=")[2])):
            return meant  # `Blocks (= paragraphs)`
        names = _names_in(title, self.table.file.sheet)
        named = [owner for name, of in names for owner in self._owners_named(name, bundle_type=of)]
        if not named and len(title) == _TITLE_CUT_AT:
            cut, owners = plain_letters(title), (self.owners or {}).items()
            named = [owner for name, known in owners if name.startswith(cut) for owner in known]
        named = list({owner.label: owner for owner in named}.values())
        of_sheet = bundle_type_of(whole_sheet(self.title))
        fitting = [owner for owner in named if owner.bundle_type is of_sheet]
        if self.owners is not None and (of_table := self.type_above):
            return [owner for owner in named if owner.bundle_type is of_table]
        return fitting if len(fitting) == 1 else named

    def _owners_named(self, name: str, *, bundle_type: BundleType | None) -> list[_Owner]:
        """Return what has a name, of a type where one is said; or the type that it is itself."""
        if self.owners is not None:
            known = self.owners.get(plain_letters(name), ())
        else:
            of_name = bundle_type_of(name)
            known = [_Owner(of_name, of_name)] if of_name else []
        return [owner for owner in known if bundle_type in {None, owner.bundle_type}]

    def _at(self, row: SourceRow) -> dict[str, object]:
        cell = row.cells[self.table.columns.index(self.column)]
        return {"row": row, "column": self.header, "value": cell}


def _types_by_letter(texts: Iterable[str]) -> dict[str, BundleType]:
    """Return the types that lines such as `C = component (paragraph), B = block` have letters for."""
    pairs = (pair for text in texts for pair in _LETTER.findall(text))
    typed = (
        (letter, bundle_type_of(part))
        for letter, words in pairs
        for part in re.split("[()]", words)
    )
    return {letter: bundle_type for letter, bundle_type in typed if bundle_type}


def _text(row: SourceRow) -> str:
    """Return what a heading says, but for a hint beside a name."""
    cells = [*filter(None, row.cells)]
    is_name = len(cells) > 1 and bool(row.cells[0]) and _HEADING.fullmatch(cells[0])
    is_hinted = is_name and not (is_word_of_headers(cells[0]) or bundle_type_of(cells[0]))
    return cells[0] if is_hinted else " ".join(cells)


@once_each_text
def _is_name(cell: str) -> bool:
    return not says_nothing(cell) and cell not in ERROR_VALUES and not is_ditto(cell)


def _names_in(title: str, kind: EntityKind) -> Iterable[tuple[str, BundleType | None]]:
    """Yield what a title may name, with the type it says: it, its parts, and what is in each of them.

    That is before and after a word that says which sheet it is, and after a type: `CT Recipe`.
    """
    rule = rule_of(kind)
    stems = {plain_letters(word) for word in (file_words(rule) if rule else ())}
    parts = (title, *_PARTS.split(title))
    for part in (*parts, *(SHEET_PREFIX.sub("", _NUMBER.sub("", part)) for part in parts)):
        name, bundle_type = split_bundle_label(part.strip())
        yield name, bundle_type
        words = _WORDS.findall(name)
        for position, word in enumerate(words):
            if prefix := bundle_type_of("".join(words[:position])):
                yield "".join(words[position:]), prefix
            if any(plain_letters(word).startswith(stem) for stem in stems):
                yield "".join(words[:position]), bundle_type
                is_of = [*map(str.casefold, words[position + 1 : position + 2])] in _OF
                yield "".join(words[position + 1 + is_of :]), bundle_type


def _lines(rows: Sequence[SourceRow]) -> str:
    shown, more = rows[:_NAMED_LINES], len(rows) - _NAMED_LINES
    text = lines_text([row.line for row in shown], [row.record for row in shown])
    return f"{text} and {more} more" if more > 0 else text
