"""What rows belong to where their own cells do not say it: the row above, or the name of the sheet.

Belongs here: blank cells and ditto marks below an owner, sheets that are called like one. Does not:
merged cells (`workbooks`), finding the owner that a cell names (`references`).

Nothing is guessed: a blank cell blocks the upload until `session.yaml` says what it means, and a
sheet belongs to what it is called like only where one thing alone is called so.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
    BundleType,
    EntityKind,
    SourceRow,
    SourceTable,
    sheet_title,
    whole_sheet,
)
from jira_pipeline.model.grouped import grouped, paired
from jira_pipeline.model.line_numbers import counted, first_named, lines_text
from jira_pipeline.model.sessions import OwnerBlank
from jira_pipeline.sheets.reading.cells import (
    flag_spelled,
    is_ditto,
    says_nothing,
    status_spelled,
)
from jira_pipeline.sheets.reading.citations import Citations, CitedFiles
from jira_pipeline.sheets.reading.csv_files import ERROR_VALUES
from jira_pipeline.sheets.reading.labels import (
    bundle_label,
    bundle_type_of,
    split_bundle_label,
)
from jira_pipeline.sheets.reading.references import OWNER_NAME_COLUMN
from jira_pipeline.sheets.reading.sheet_kinds import (
    canonical_columns,
    file_words,
    is_word_of_headers,
    rule_of,
    rule_of_owner,
    stem_of,
)
from jira_pipeline.sheets.reading.table_starts import titles_above
from jira_pipeline.sheets.reading.translations import once_each_text, plain_letters

_TITLE_MAX_CHARACTERS = 255
"""Of a file; looking into a heading takes the square of its words."""
_TITLE_CUT_AT = 31
"""Characters of a worksheet's name in Excel; a longer name is cut."""
_OF = (["of"], ["for"], ["von"], ["für"], ["de"], ["du"], ["des"], ["del"], ["van"], ["voor"])
_PARTS = re.compile(r"(?<=\s)[-–—|·](?=\s)|[:/,()]")
NUMBERING = re.compile(r"^\s*(?:\d+(?:\.\d+)*|[A-Z]\d{0,2})[.):]?\s+")
"""Before a heading: `2.1 Recipe`, `B) Recipe`, `B   Recipe`, `F2 Recipe`."""
NAMED_TWICE = re.compile(r"(?P<name>.*\S)\s*\((?P<machine>[a-z][a-z0-9_]*)\)", re.DOTALL)
"""`Recipe (recipe)`"""
_WORDS = re.compile(r"[^\W_]+")
_OWNERS = {EntityKind(column.names) for column in map(owner_column_of, EntityKind) if column}
_COLUMNS_MIN = 2
_OF_REQUIRED = frozenset({"required", "mandatory", "optional", "notrequired"})
HEADING_WORDS = 7
"""More are a sentence."""
_HEADING = re.compile(rf"(?=.*[^\W\d_]{{3}})\S+( +\S+){{0,{HEADING_WORDS - 1}}}")
NAMED_OWNERS = 5
_NAMED_LINES = 20


@dataclass(frozen=True, slots=True)
class _Owner:
    """A thing that rows of other sheets belong to."""

    label: str
    bundle_type: BundleType | None


def with_owners(
    tables: Sequence[SourceTable],
    cited: CitedFiles,
    *,
    owner_blank: OwnerBlank | None,
    are_types: bool = False,
) -> Iterator[SourceTable]:
    """Yield the tables with what their rows belong to.

    `are_types`: of rows that belong to nothing, the types of bundles that they are of.
    """
    owners = {kind: _owners_in(tables, kind) for kind in _OWNERS}
    for table in tables:
        kind = table.file.sheet
        column = owner_column_of(kind)
        if are_types:
            column = type_column_of(kind) if column is None else None
        if column is None or not table.rows:
            yield table
            continue
        known = None if are_types else owners[EntityKind(column.names)]
        sheet = SheetWithOwners(table, column.name, known, cited.of(table.file.name))
        if kind is EntityKind.FIELD:
            sheet.have_names_of_owners()
        yield sheet.by_title() or sheet.by_headers() or sheet.by_rows(owner_blank)
        if kind is EntityKind.FIELD:
            sheet.cite_unread_headings()


def _owners_in(tables: Sequence[SourceTable], kind: EntityKind) -> dict[str, list[_Owner]]:
    """Return what the sheets of a kind list, by name and machine name; of two with one label none."""
    label_column = label_column_of(kind) or ""
    labelled: dict[str, list[_Owner]] = {}
    names: dict[str, set[str]] = {}
    for table in tables:
        for row in table.rows if table.file.sheet is kind else ():
            cells = table.cells_of(row)
            machine_name = cells.get(MACHINE_NAME_COLUMN, "")
            name = cells.get(label_column) or machine_name
            type_text = cells.get("Type", "")
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


@dataclass
class SheetWithOwners:
    """A sheet whose rows belong to something."""

    table: SourceTable
    column: str
    owners: Mapping[str, Sequence[_Owner]] | None
    """By their names in plain letters; None where rows are of a type of bundle, and belong to nothing."""
    citations: Citations

    @property
    def header(self) -> str:
        """How the file calls the column."""
        at = self.table.positions(self.column)
        return self.table.shown_headers[at[0]] if at else self.column

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
        owning = (column.name for column in columns_of(kind) if column.role is Role.OWNER)
        return self.table.positions(self.column, *owning)

    def have_names_of_owners(self) -> None:
        """Have machine names beside bundles be those of them, where each is that of its row's bundle."""
        columns = self.table.columns
        if not {self.column, MACHINE_NAME_COLUMN} <= {*columns} or OWNER_NAME_COLUMN in columns:
            return
        at = columns.index(MACHINE_NAME_COLUMN)
        pairs = [(row.cells[at - 1], row.cells[at]) for row in self.table.rows if row.cells[at]]
        is_beside = bool(pairs) and columns[at - 1] == self.column
        if is_beside and all(
            self.called(owner) == self._owners_named(name, bundle_type=None) != []
            for owner, name in pairs
        ):
            self.table = self.table.with_column_called(at, OWNER_NAME_COLUMN)
            header = self.table.shown_headers[at]
            self.citations.inform(
                "header_by_cells",
                f"“{header}” was read as “{OWNER_NAME_COLUMN}”, for its cells are those of "
                "bundles.",
                "Nothing to do, unless fields are called like their bundles.",
                line=self.table.header_line,
                column=header,
            )

    def by_title(self) -> SourceTable | None:
        """Have all rows belong to what the sheet is called like; None where any says it itself."""
        rows = (*self.table.rows, *self.table.headings)
        if any(map(self.names_owner, rows)) or any(
            self.called(text_of(row)) for row in self.table.headings
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
        return self.table.with_cells({id(row): {self.column: label} for row in self.table.rows})

    def named_above(self) -> tuple[str, list[_Owner]]:
        """Return what is named above the table, and where: in a block, a title, a header, or the sheet.

        The header of names says only of which type they are.
        """
        above = self.table.above
        kind = self.table.file.sheet
        are_types = self.owners is None
        rule = rule_of_owner(kind)
        naming = {rule.label_column, MACHINE_NAME_COLUMN} if rule else set()
        names = [
            row.texts[1]
            for row in above
            if row.filled_count > 1
            and not naming.isdisjoint(canonical_columns(rule, row.texts[:1]))
        ]
        titles = [t for t in titles_above(above) if not (are_types and _names_bundle(t))]
        of_names = [self.called(name) for name in names]
        if any(of_names):
            common = set.intersection(*({*found} for found in of_names if found))
            return ", ".join(names), sorted(common, key=lambda owner: owner.label)
        naming_type = self.column if rule else label_column_of(kind) or ""
        at = self.table.positions(naming_type) if are_types else ()
        texts = (*titles, *(self.table.shown_headers[n] for n in at), self.title)
        return next(((text, found) for text in texts if (found := self.called(text))), ("", []))

    def by_headers(self) -> SourceTable | None:
        """Have fields belong to the bundles in whose columns they have a mark; None without such.

        What these cells say beside yes and no would be lost: that blocks.
        """
        table = self.table
        known = {column.name for column in columns_of(self.table.file.sheet)}
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
        listed = first_named([f"“{table.shown_headers[at]}”" for at in named], NAMED_OWNERS)
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
        marked = {
            id(row): {
                self.column: "\n".join(
                    label
                    for at, label in named.items()
                    if not says_nothing(row.cells[at]) and flag_spelled(row.cells[at]) is not False
                )
            }
            for row in table.rows
        }
        kept = [at for at in range(len(table.columns)) if at not in named]
        wider = table.with_cells(marked).with_columns_at([*kept, len(table.columns)])
        return replace(wider, headings=table.headings)

    def by_rows(self, owner_blank: OwnerBlank | None) -> SourceTable:
        """Have rows belong to what the row above says, where a mark or `session.yaml` says so."""
        if self.column not in self.table.columns:
            if not any(self.called(text_of(row)) for row in self.table.headings):
                return self.table
            wider = self.table.with_cells({id(self.table.rows[0]): {self.column: ""}})
            # without a column, no cell says otherwise
            return replace(self, table=wider).by_rows(OwnerBlank.FILL)
        if all(map(self.names_owner, self.table.rows)):
            return self.table
        above = self._rows_above()
        at = self.table.columns.index(self.column)
        filled = {row: owner for row, owner in above.items() if owner is not None}
        alone = [row for row, owner in above.items() if owner is None]
        by_mark = grouped(filled, lambda row: is_ditto(row.cells[at]))
        marked = by_mark.get(True, [])
        blank = by_mark.get(False, [])
        if self.owners is not None and (alone or (blank and owner_blank is None)):
            self._cite_blank(blank if owner_blank is None else (), alone, filled)
        read = {row: filled[row] for row in (*marked, *(blank if owner_blank else ()))}
        if read:
            self.citations.inform(
                "owner_above",
                f"Rows were read as belonging to the one above: {self._belonging(read)}.",
                "Nothing to do, unless one belongs to something else: in that case, fill in "
                f"“{self.header}”.",
                **self._at(next(iter(read))),
            )
        taken = {n: self.table.columns[n] for n in (*self.positions, *self._status_of_blocks(read))}
        return self.table.with_cells(
            {id(row): {c: owner.cells[n] for n, c in taken.items()} for row, owner in read.items()}
        )

    def _status_of_blocks(self, read: Mapping[SourceRow, SourceRow]) -> list[int]:
        """Return where a status stands in the first row of each block and in none below: it is of all."""
        firsts = {*read.values()}
        return [
            at
            for at in self.table.positions(STATUS_COLUMN)
            if len(firsts) > 1
            if all(status_spelled(row.cells[at]) or len(row.cells[at]) > 1 for row in firsts)
            if all(says_nothing(row.cells[at]) for row in read)
        ]

    def _rows_above(self) -> dict[SourceRow, SourceRow | None]:
        """Return the rows that name no owner, in their order, with the one above that does, if any.

        A blank row ends what a row above it says; a heading counts for the rows below it. A cell that
        says something, and neither a name nor as above, has none.
        """
        found: dict[SourceRow, SourceRow | None] = {}
        others = tuple("" for _ in self.table.columns[1:])
        titles = [replace(row, cells=(text_of(row), *others)) for row in self.table.above]
        headings = {row.line for row in (*self.table.headings, *titles)}
        owner: SourceRow | None = None
        before = 0
        is_below_heading = False
        at = self.table.columns.index(self.column)
        rows = (*titles, *self.table.rows, *self.table.headings)
        for row in sorted(rows, key=lambda one: one.line):
            cell = row.cells[at]
            is_heading = row.line in headings
            named = self.called(text_of(row)) if is_heading else []
            if row.record != before + 1 and not is_below_heading:
                owner = None
            if len(named) == 1:  # in whichever column, perhaps with a code or a hint
                owner = replace(row, cells=(*row.cells[:at], named[0].label, *row.cells[at + 1 :]))
            elif self.names_owner(row):
                owner = row
            elif not is_heading:
                is_as_above = not cell or cell in ERROR_VALUES or is_ditto(cell)
                found[row] = owner if is_as_above else None
            before = row.record
            is_below_heading = is_heading
        return found

    def names_owner(self, row: SourceRow) -> bool:
        """Tell whether a row names what it belongs to, by label or machine name."""
        return any(map(is_name, map(row.cells.__getitem__, self.positions)))

    def _cite_blank(
        self,
        blank: Sequence[SourceRow],
        alone: Sequence[SourceRow],
        filled: Mapping[SourceRow, SourceRow],
    ) -> None:
        """Refuse rows that do not say what they belong to; the cause is one for the whole sheet."""
        rows = sorted((*blank, *alone), key=lambda one: one.line)
        message = (
            f"{counted(len(rows), 'row')} ({_lines(rows)}) without anything in “{self.header}”, "
            "which says what a row belongs to."
        )
        advice = f"Fill in “{self.header}” of each; titles and notes are read as such in one cell below a blank row."
        above = [row for row in self.table.headings if row.line < rows[0].line and any(row.cells)]
        if above and above[-1].record == rows[0].record - 1:
            advice += f" If “{text_of(above[-1])}” (line {above[-1].line}) names it, write it there as in its own sheet."
        if not alone:
            belonging = self._belonging({row: filled[row] for row in rows})
            message += f" Read as the row above, it would be: {belonging}."
            advice = (
                "If a blank cell means “as above”, add `owner_blank: fill` to session.yaml. "
                f"Otherwise, fill in “{self.header}”."
            )
        elif titles := self.called(self.title):
            shared = " and ".join(f"“{owner.label}”" for owner in titles)
            message += f" The sheet is named after {shared}."
            advice += " Or name the sheet after the one they belong to, with its type."
        for row in rows:
            self.citations.error("owner_blank", message, advice, **self._at(row), cause=message)

    def cite_unread_headings(self) -> None:
        """Say which headings above fields name no bundle: they may be groups of the fields."""
        of_fields = {id(row) for row in self.table.rows}
        groups = self.table.positions("Field group")
        unread = [
            row
            for row, below in pairwise(self.table.lines)
            if id(row) not in of_fields and id(below) in of_fields
            if _HEADING.fullmatch("".join(filter(is_name, row.cells)))
            if not self.called(text_of(row))
            if not any(below.cells[at] for at in groups)
        ]
        if unread:
            named = [f"“{text_of(row)}” (line {row.line})" for row in unread]
            self.citations.warn(
                "headings_unread",
                f"Tickets only quote these headings: {first_named(named, _NAMED_LINES)}. They name no "
                "bundle; if they are groups (tabs) of the fields below them, that is lost.",
                "Write groups as `Tab: NAME`, or in a column “Field group”; leave other headings.",
                row=unread[0],
                value=text_of(unread[0]),
            )

    def _belonging(self, read: Mapping[SourceRow, SourceRow]) -> str:
        """Say which rows belong to what the row above each of them names."""
        at = (self.table.columns.index(self.column), *self.positions)
        named = paired(
            (next(filter(None, map(of.cells.__getitem__, at))), r) for r, of in read.items()
        )
        said = [f"{_lines(same)} to “{label}”" for label, same in named.items()]
        return first_named(said, NAMED_OWNERS)

    def called(self, title: str) -> list[_Owner]:
        """Return what a title may name: `Recipe`, `Fields of Recipe`, `Site - recipe`."""
        if len(title) > _TITLE_MAX_CHARACTERS:
            return []
        if title.count("=") == 1 and (meant := self.called(title.rpartition("=")[2])):
            return meant  # `Blocks (= paragraphs)`
        names = _names_in(title, self.table.file.sheet)
        named = [owner for name, of in names for owner in self._owners_named(name, bundle_type=of)]
        if not named and len(title) == _TITLE_CUT_AT:
            cut = plain_letters(title)
            owners = (self.owners or {}).items()
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


def text_of(row: SourceRow) -> str:
    """Return what a heading says, but for a hint beside a name."""
    cells = row.texts
    is_name = len(cells) > 1 and bool(row.cells[0]) and _HEADING.fullmatch(cells[0])
    is_hinted = is_name and not (is_word_of_headers(cells[0]) or bundle_type_of(cells[0]))
    return cells[0] if is_hinted else " ".join(cells)


def _names_bundle(title: str) -> bool:
    """Tell whether a title is that of a bundle, as `Media (media)` is, and not that of several."""
    return NAMED_TWICE.fullmatch(title) is not None and not title.endswith("s)")


@once_each_text
def is_name(cell: str) -> bool:
    return not says_nothing(cell) and cell not in ERROR_VALUES and not is_ditto(cell)


def _names_in(title: str, kind: EntityKind) -> Iterable[tuple[str, BundleType | None]]:
    """Yield what a title may name, with the type it says: it, its parts, and what is in each of them.

    That is before and after a word that says which sheet it is, and after a type: `CT Recipe`.
    """
    rule = rule_of(kind)
    stems = {plain_letters(word) for word in (file_words(rule) if rule else ())}
    parts = (title, *_PARTS.split(title))
    for part in (*parts, *(SHEET_PREFIX.sub("", NUMBERING.sub("", part)) for part in parts)):
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
    shown = rows[:_NAMED_LINES]
    more = len(rows) - _NAMED_LINES
    text = lines_text([row.line for row in shown], [row.record for row in shown])
    return f"{text} and {more} more" if more > 0 else text
