"""Which sheet a table is and what its columns are called: by its name, its headers and its cells.

Belongs here: making tables of one sheet, those that only inform or have no header, words of other
languages in cells. Does not: what headers make a sheet (`sheet_kinds`), which rows are content
(`separators`), columns that are missing (`missing_columns`), several files (`folders`).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from jira_pipeline.model.columns import (
    FLAG_COLUMNS,
    MACHINE_NAME_COLUMN,
    STATUS_COLUMN,
    Role,
)
from jira_pipeline.model.entities import (
    SHEET_NAMES,
    WORKBOOK_SUFFIXES_TEXT,
    BundleType,
    EntityKind,
    SourceFile,
    SourceRow,
    SourceTable,
    part_name,
    sheet_title,
    whole_sheet,
)
from jira_pipeline.model.findings import Finding, Severity
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.sessions import NO_COLUMN, ColumnMeanings
from jira_pipeline.sheets.reading.cells import (
    are_field_types,
    are_statuses,
    flag_spelled,
    range_of_date,
    says_nothing,
)
from jira_pipeline.sheets.reading.citations import Citations, CitedFiles
from jira_pipeline.sheets.reading.csv_files import CsvReading, read_csv, unnamed
from jira_pipeline.sheets.reading.labels import bundle_type_of
from jira_pipeline.sheets.reading.limits import DEFAULT_LIMITS, ReadingLimits
from jira_pipeline.sheets.reading.missing_columns import mapping_line
from jira_pipeline.sheets.reading.separators import repeats_header, rows_and_headings
from jira_pipeline.sheets.reading.sheet_kinds import (
    BUNDLE_TYPE,
    DISPLAY_PLUGIN,
    NO_COLUMNS_MAPPED,
    OF_FIELDS_ONLY,
    SHARED_COLUMNS,
    SHEET_RULES,
    HeaderMapping,
    SheetRule,
    all_known_headers,
    canonical_columns,
    expected_headers,
    header_mapping,
    is_named,
    is_of_one_kind,
    is_word_of_headers,
    known_columns,
    loose_columns,
    mapping_key,
    normalised,
    recognise,
    rule_called,
    rule_of,
    sheet_languages,
    without_remark,
)
from jira_pipeline.sheets.reading.table_starts import is_header_like, titles_above
from jira_pipeline.sheets.reading.translations import (
    FLAGS,
    TITLES,
    plain_letters,
    words_for,
)

EXPORT_ADVICE = (
    "Export each sheet as CSV (UTF-8), or save the whole specification as one workbook "
    f"({WORKBOOK_SUFFIXES_TEXT})."
)
COMPOUND_START = b"\xd0\xcf\x11\xe0"
"""First bytes of the older container: .xls, and .xlsx under a password."""
WORKBOOK_STARTS = (b"PK\x03\x04", COMPOUND_START)
"""First bytes of a workbook: those of zip containers (.xlsx, .ods), too."""
_FIELD_TYPE = "Field type"
_SWITCHED = "Status"
_HEADER_MAX_CHARACTERS = 1_000
_HEADER_REMARKS = frozenset({"header_repeated", "header_blank"})
_CELLS_MIN = 2
_PAIR = 2
_DESCRIPTION, _DESCRIBING_WORDS = "Description", 3
"""Cells of fewer words below `Shows` are names of what is shown."""
_TITLE_CHARACTERS = 60
_INFORMING = re.compile(
    r"(?:front|cover|title)(?:page|sheet)?|readme(?:first)?|howto(?:read|use).*|toc|tableofcontents"
    r"|(?:change|version|revision|document|decision)s?(?:log|history|control)|decisions|glossary"
    r"|abbreviations|acronyms|legend|open(?:questions|issues|points|items)|assumptions"
    r"|signoff|estimates?|estimation"
)
"""Names of worksheets about a document and not about a site, as plain letters."""
_OF_DOCUMENTS = frozenset(
    {"client", "customer", "agency", "project", "version", "date", "author", "preparedby"}
    | {"preparedfor", "owner", "documentowner", "approvedby", "reviewedby", "lastupdated"}
)
"""What a cover says of a document, beside the values."""
_MADE_OF = re.compile(
    r"(?i)(?:\S+ ){0,3}(?:views?|lists?|menus?|core|plugins?|modules?)\b(?: \S+){0,3}"
)
_PLACES = re.compile(r"\bregions?\b|\bplacement\b", re.IGNORECASE)
"""In headers of blocks that are placed, which are no types of them."""
_MODERATION = re.compile("moderation", re.IGNORECASE)
_NUMBERING = re.compile(r"^[\W\d]+|\.\w+$")
_SEVERAL = re.compile(r"[&+,/]|\s[-–—]+\s|\band\b")
_VERSION = re.compile(r"[vV]?\.? ?\d+(\.\d+)+\w*")
_QUESTION = re.compile(r".*\?", re.DOTALL)
_NO_HEADER = re.compile(r"[acdwyn*-]|[\d.,]+|.{80,}", re.IGNORECASE | re.DOTALL)
"""What is in cells and never in headers: statuses, flags, numbers, whole sentences."""


def read_sheet(
    content: bytes,
    *,
    file: str,
    limits: ReadingLimits = DEFAULT_LIMITS,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
) -> tuple[tuple[SourceTable, ...], tuple[Finding, ...]]:
    """Read the tables of one sheet; none where no header could be found."""
    citations = Citations(file)
    if content.startswith(WORKBOOK_STARTS):
        citations.error(
            "file_is_workbook",
            "The file is a workbook with the name of a CSV export.",
            "Save the workbook as .xlsx under a name that says so, or export each sheet as CSV.",
        )
        return (), citations.findings
    origin = Origin(
        name=file,
        file_name=file,
        title=file,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        columns=columns,
    )
    reading = read_csv(content, file=file, limits=limits, is_header=origin.recognised)
    if not reading.columns:
        return (), reading.findings
    return tables_of((reading, *reading.below), origin=origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a sheet comes from."""

    name: str
    """How findings cite it."""
    file_name: str
    """The file it is in, as it was received."""
    title: str
    """The words that may show which sheet it is."""
    sha256: str
    size_bytes: int
    is_worksheet: bool = False
    """One of the sheets of a workbook; some of those are no part of the specification."""
    columns: ColumnMeanings = field(default_factory=dict)
    """What `session.yaml` says of headers, of all sheets."""
    known: dict[tuple[str, ...], SheetRule | None] = field(default_factory=dict)
    """Names, titles and headers that were looked at, and what they make of a sheet."""

    @property
    def mapped(self) -> HeaderMapping:
        return header_mapping(self.columns, file=self.name)

    def recognised(self, cells: Sequence[str]) -> SheetRule | None:
        """Return the kind of sheet that has such a header; of too many or long cells, the start counts.

        Each of the first lines is asked about; one of 200,000 cells took many seconds.
        """
        most = DEFAULT_LIMITS.columns_max_count
        seen = [cell[:_HEADER_MAX_CHARACTERS] for cell in cells[:most]]
        key = (self.name, self.title, *seen)
        if key not in self.known:
            self.known[key] = recognise(seen, file=self.title, mapped=self.mapped)
        return self.known[key]

    def called(self, name: str, titles: Sequence[str], columns: Sequence[str]) -> "Origin":
        """Return where a table comes from that may have a title of its own which says what it lists.

        Below another table the name of the sheet says nothing of one that has a title.
        """
        part = replace(self, name=name)
        for title in reversed(titles):
            rule = recognise(columns, file=title, mapped=part.mapped)
            if rule is not None and is_named(rule, title):
                return replace(part, title=title)
        return replace(part, title=" ".join(titles)) if titles and name != self.name else part


def tables_of(
    readings: Sequence[CsvReading], *, origin: Origin
) -> tuple[tuple[SourceTable, ...], tuple[Finding, ...]]:
    """Make a table of each reading of a sheet; those below the first are named by their titles."""
    tables: list[SourceTable] = []
    findings: list[Finding] = []
    names: set[str] = set()
    for number, reading in enumerate(chain.from_iterable(map(_side_by_side, readings))):
        name = origin.name
        titles = titles_above(reading.above)
        if number:
            name = part_name(name, (titles or [str(number + 1)])[0][:_TITLE_CHARACTERS])
            name = f"{name} ({number + 1})" if name in names else name
            names.add(name)
        table, found = table_of(reading, origin=origin.called(name, titles, reading.columns))
        tables.extend([] if table is None else [table])
        findings.extend(found)
    return tuple(tables), tuple(findings)


def _side_by_side(reading: CsvReading) -> list[CsvReading]:
    """Return a reading, or several where the longer one of two tables is to the right of a blank column."""
    filled = [row.cells for row in reading.rows if any(row.cells)]
    for at in reading.gaps:
        sides = slice(0, at), slice(at, len(reading.columns))
        lengths = [sum(any(cells[side]) for cells in filled) for side in sides]
        are_words = all(map(is_header_like, reading.columns[at:]))
        are_tables = (
            are_words
            and lengths[0] < lengths[1]
            and all(
                length >= _PAIR
                and len(reading.columns[side]) >= _PAIR
                and all(
                    cells[side][0] if side.start else any(cells[side]) for cells in filled[:length]
                )
                for side, length in zip(sides, lengths, strict=True)
            )
        )
        if are_tables:
            left, right = (
                replace(
                    reading,
                    columns=reading.columns[side],
                    rows=tuple(replace(row, cells=row.cells[side]) for row in reading.rows),
                    struck=tuple(replace(row, cells=row.cells[side]) for row in reading.struck),
                    gaps=tuple(gap - at for gap in reading.gaps if gap > at and side.start),
                )
                for side in sides
            )
            return [left, *_side_by_side(replace(right, above=(), findings=()))]
    return [reading]


def table_of(
    reading: CsvReading, *, origin: Origin
) -> tuple[SourceTable | None, tuple[Finding, ...]]:
    """Make a table of a sheet with a header; none where the header cannot be one."""
    citations = Citations(origin.name)
    rule = _rule_of(reading, origin)
    is_information = rule is None and _is_information(reading, origin=origin, citations=citations)
    if is_information or (
        rule is None and _has_no_header(reading, origin=origin, citations=citations)
    ):
        about = [f for f in reading.findings if f.code not in _HEADER_REMARKS]
        if origin.is_worksheet:
            about = [f for f in about if f.severity is not Severity.ERROR]
        apart = replace(reading, rows=())  # what explains words is no row
        table = _source_table(apart, origin, columns=reading.columns, headings=reading.rows)
        return table if is_information else None, (*about, *citations.findings)
    columns, by_cells = _columns(reading, rule, origin)
    naming = {*columns} & {*(rule.identifying if rule else ())}
    if not naming or (naming == {DISPLAY_PLUGIN} and "View" not in columns):
        rule = None  # each row would be a separator, and nothing would be known to be missing
        columns, by_cells = _columns(reading, rule, origin)
    for header, why in by_cells.items():
        citations.inform(
            "header_by_cells",
            f"“{header}” was read as “{columns[reading.columns.index(header)]}”, for {why}.",
            "Nothing to do, unless it is another column: in that case, rename it.",
            line=reading.header_line,
            column=header,
        )
    reading = _in_english(reading, columns, mapped=origin.mapped, citations=citations)

    rows, headings = rows_and_headings(
        reading, columns, rule=rule, naming=naming, citations=citations
    )
    kind = EntityKind.CUSTOM if rule is None else rule.kind
    if not rows:
        citations.warn(
            "sheet_without_rows",
            f"The sheet ({SHEET_NAMES[kind]}) has a header but no row that describes anything.",
            "Export the sheet again if rows are missing; otherwise, remove the file.",
            line=reading.header_line,
        )
    table = _source_table(
        replace(reading, rows=tuple(rows)), origin, columns=columns, headings=headings, kind=kind
    )
    return table, (*reading.findings, *citations.findings)


def _source_table(
    reading: CsvReading,
    origin: Origin,
    *,
    columns: tuple[str, ...],
    headings: Sequence[SourceRow],
    kind: EntityKind = EntityKind.CUSTOM,
) -> SourceTable:
    return SourceTable(
        file=SourceFile(
            name=origin.name,
            file_name=origin.file_name,
            sheet=kind,
            row_count=len(reading.rows),
            sha256=origin.sha256,
            size_bytes=origin.size_bytes,
            encoding=reading.encoding,
            delimiter=reading.delimiter,
        ),
        columns=columns,
        rows=reading.rows,
        headers=() if columns == reading.columns else reading.columns,
        header_line=reading.header_line,
        headings=(*headings, *reading.struck),
        above=reading.above,
    )


def _rule_of(reading: CsvReading, origin: Origin) -> SheetRule | None:
    """Return which sheet a table is, where something speaks for that kind alone.

    That is what it is called, what people say of a header, cells below a header of types, or headers
    that no other kind has; those that nobody understands speak against it. One whose types are those
    of fields is of these, unless it is called otherwise: media types have a source, such as `Image`.
    """
    rule = origin.recognised(reading.columns)
    are_placed = any(map(_PLACES.search, reading.columns)) or _are_made_of_others(reading)
    if rule is None or (are_placed and rule.kind is EntityKind.BUNDLE):
        return None
    if is_named(rule, origin.title):
        return rule
    columns = canonical_columns(rule, reading.columns, mapped=origin.mapped)
    cells = {
        name: reading.cells_at(at)
        for at, name in enumerate(columns)
        if name in {"Type", MACHINE_NAME_COLUMN}
    }
    if are_field_types(types := [*filter(None, cells.get("Type", ()))]):
        fields = rule_of(EntityKind.FIELD)
        others = canonical_columns(fields, reading.columns, mapped=origin.mapped)
        is_sure = all(are_field_types([cell]) for cell in types) or any(
            cell.startswith("field_") for cell in cells.get(MACHINE_NAME_COLUMN, ())
        )
        return fields if is_sure or not OF_FIELDS_ONLY.isdisjoint(others) else None
    said = {known_columns(rule).get(normalised(meant.column)) for meant in origin.mapped.values()}
    if said - {None, "Name", "Label", *SHARED_COLUMNS}:
        return rule
    pairs = zip(reading.columns, columns, strict=True)
    named = [(h, c) for at, (h, c) in enumerate(pairs) if h != unnamed(at)]
    unknown = sum(column not in rule.columns for _, column in named)
    is_of_tool = not unknown and {"id", "x"} <= {*map(str.casefold, reading.columns)}
    is_said = any(c == rule.label_column and bundle_type_of(h) for h, c in named)
    is_said |= rule.kind is EntityKind.FIELD and not OF_FIELDS_ONLY.isdisjoint(columns)
    if is_of_tool or is_said:
        return rule
    own = sum(is_of_one_kind(rule, header, column) for header, column in named)
    is_sure = not rule.own.isdisjoint(columns)
    if not is_sure and types and "Type" in rule.columns:
        return rule if any(bundle_type_of(c) or _MODERATION.search(c) for c in types) else None
    return rule if own and own * (1 + is_sure) >= unknown else None


def _are_made_of_others(reading: CsvReading) -> bool:
    """Tell whether a table is about blocks, and most cells of a column say which view, menu or plugin each is."""
    at = [n for n, h in enumerate(reading.columns) if bundle_type_of(h) is BundleType.BLOCK]
    columns = zip(*(row.cells for row in reading.rows), strict=True)
    words = ([cell for cell in cells if cell] for n, cells in enumerate(columns) if n not in at)
    return bool(at) and any(
        2 * sum(map(bool, map(_MADE_OF.fullmatch, cells))) > len(cells) > 1 for cells in words
    )


def _is_information(reading: CsvReading, *, origin: Origin, citations: Citations) -> bool:
    """Cite a table that is about the document, by its name or what it lists; no work comes of it.

    A change log has dates beside versions, a list of questions dates beside them, or such a name; a
    cover has words such as client and version beside their values.
    """
    sheet = whole_sheet(sheet_title(origin.name))
    titles = titles_above(reading.above)
    abroad = words_for(TITLES, "information")
    columns = [[*filter(None, reading.cells_at(at))] for at in range(len(reading.columns))]
    dates, versions, questions = (
        any(cells and all(map(is_one, cells)) for cells in columns)
        for is_one in (range_of_date, _VERSION.fullmatch, _QUESTION.fullmatch)
    )
    words = map(plain_letters, (reading.columns[0], *columns[0]))
    is_cover = sum(map(_OF_DOCUMENTS.__contains__, words)) > 1 and len(columns) == _CELLS_MIN
    is_log = (dates and versions) or (questions and (dates or "question" in plain_letters(sheet)))
    is_named = any(
        all(_INFORMING.fullmatch(name) or name in abroad for name in map(plain_letters, names))
        for names in (
            _SEVERAL.split(_NUMBERING.sub("", sheet)),
            titles if len(titles) == 1 else [sheet],  # a legend above a table is none of it
        )
    )
    if any(each.is_of_sheet for each in origin.mapped.values()) or not (
        is_named or is_log or is_cover
    ):
        return False
    cite_information(
        citations,
        name=origin.name,
        headers=reading.columns,
        row_count=len(reading.rows),
        line=reading.header_line,
    )
    return True


def cite_information(
    citations: Citations, *, name: str, headers: Sequence[str], row_count: int, line: int
) -> None:
    """Say that no work comes of a sheet, and how to have it quoted."""
    sheet = whole_sheet(sheet_title(name))
    mapped = mapping_line({sheet: {headers[0]: NO_COLUMN}})
    citations.warn(
        "sheet_informs",
        f"The sheet ({counted(row_count, 'row')}) was read as information about the document, such "
        "as a cover, change log or glossary; tickets quote only what two cells of a row say of a word "
        "in theirs.",
        f"Nothing to do. To have a ticket quote them, map one header in session.yaml, as in `{mapped}`.",
        line=line,
        value=", ".join(headers),
    )


def _columns(
    reading: CsvReading, rule: SheetRule | None, origin: Origin
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Name the columns; one of types, or of yes and no, is what it is called only where cells are.

    `Comments` may say whether a type has them, or be remarks of whoever wrote the sheet. Also
    return why, of headers that may mean several and were read by their cells.
    """
    mapped = origin.mapped
    columns = list(canonical_columns(rule, reading.columns, mapped=mapped))
    is_free = STATUS_COLUMN not in columns
    by_cells = dict[str, str]()
    loose = {} if rule is None else loose_columns(rule)
    for at, (name, header) in enumerate(zip(columns, reading.columns, strict=True)):
        shared = known_columns(None).get(normalised(header))
        is_said = mapping_key(header) in mapped
        if name == _DESCRIPTION != header and _are_names(reading.cells_at(at)):
            columns[at] = name if is_said or normalised(header) == normalised(name) else header
        elif name == "Type" and rule and rule.kind is EntityKind.BUNDLE and not is_said:
            cells = reading.cells_at(at)
            are_named = rule.label_column in columns or any(map(bundle_type_of, cells))
            columns[at] = name if are_named or not any(cells) else rule.label_column
        elif name == BUNDLE_TYPE:
            columns[at] = name if any(map(bundle_type_of, reading.cells_at(at))) else header
        elif name == _FIELD_TYPE == loose.get(normalised(header)) and not is_said:
            wide = [row for row in reading.rows if row.filled_count > _PAIR]
            if are_field_types([row.cells[at] for row in wide] or reading.cells_at(at)):
                by_cells[header] = "many of its cells name types of fields"
            else:
                columns[at] = header
        elif name == _SWITCHED and rule and rule.kind is EntityKind.VIEW:
            cells = reading.cells_at(at)
            if is_free and any(len(cell) > 1 for cell in cells) and are_statuses(cells):
                columns[at] = STATUS_COLUMN
                by_cells |= {} if is_said else {header: "all of its cells are statuses"}
        elif name in FLAG_COLUMNS and shared and not is_said:
            odd = [cell for cell in reading.cells_at(at) if not says_nothing(cell)]
            is_flag = not odd or any(flag_spelled(cell) is not None for cell in odd)
            columns[at] = name if is_flag or shared in columns else shared
    return tuple(columns), by_cells


def _in_english(
    reading: CsvReading, columns: Sequence[str], *, mapped: HeaderMapping, citations: Citations
) -> CsvReading:
    """Replace words of another language that stand for a word of a closed set; say which."""
    languages = sheet_languages(reading.columns)
    if not languages:
        return reading
    words = [
        {
            word: english
            for language in languages
            for word, english in language.cells.get(
                FLAGS if column in FLAG_COLUMNS else column, {}
            ).items()
        }
        for column in columns
    ]
    read_as = {
        header: column
        for header, column in zip(reading.columns, columns, strict=True)
        if normalised(header) not in all_known_headers() and mapping_key(header) not in mapped
        if header != column
    }

    def in_english(cell: str, meant: Mapping[str, str]) -> str:
        english = meant.get(plain_letters(cell), cell) if meant and cell else cell
        if english != cell:
            read_as[cell] = english
        return english

    rows = reading.rows
    if any(words):
        rows = tuple(replace(row, cells=tuple(map(in_english, row.cells, words))) for row in rows)
    if read_as:
        citations.inform(
            "words_translated",
            f"Headers and cells in {' or '.join(one.name for one in languages)} were read as the "
            "English ones they stand for: "
            f"{', '.join(f'{word} = {english}' for word, english in read_as.items())}.",
            "Nothing to do, unless one of them means something else: in that case, map its header.",
            line=reading.header_line,
        )
    return replace(reading, rows=rows)


def _has_no_header(reading: CsvReading, *, origin: Origin, citations: Citations) -> bool:
    """Cite a first record of which more cells look like content than like headers.

    A worksheet without a header for half of its columns is none either, if its rows are prose.
    """
    named = [at for at, header in enumerate(reading.columns) if header != unnamed(at)]
    rows = [row for row in reading.rows if not repeats_header(reading.columns, row)]
    wide = sum(row.filled_count >= _CELLS_MIN for row in rows)
    is_table = len(named) >= _CELLS_MIN and 2 * wide >= len(rows) > 0
    is_prose = origin.is_worksheet and 2 * len(named) <= len(reading.columns) and not is_table
    as_header = sum(1 for h in reading.columns if len(h) > 1 and is_word_of_headers(h))
    as_content = sum(
        1
        for position, header in enumerate(reading.columns)
        if _NO_HEADER.fullmatch(header) or any(header == row.cells[position] for row in rows)
    )
    if not is_prose and as_content <= as_header:
        return False
    if origin.is_worksheet:
        is_error = rule_called(origin.title, SHEET_RULES) is not None and wide > 0
        otherwise = "give it another name" if is_error else "nothing to do"
        citations.cite(
            Severity.ERROR if is_error else Severity.WARNING,
            "worksheet_ignored",
            "The worksheet has no known header and does not look like a table; it was not read"
            + (f". In no ticket: {counted(len(rows), 'row')} below this line." if rows else "."),
            "If it is one of the known sheets, give it its header row; the command `sheets --blank "
            f"FILE.xlsx` shows those of all. Otherwise, {otherwise}.",
            line=reading.header_line,
            value=", ".join(reading.columns),
        )
        return True
    citations.error(
        "header_missing",
        "The first record is not a header: it looks like a row of content.",
        f"Export the sheet with its header row. Expected one of: {expected_headers()}.",
        line=reading.header_line,
        record=1,
        value=", ".join(reading.columns),
    )
    return True


def _are_names(cells: Sequence[str]) -> bool:
    """Tell whether cells have too few words to describe anything."""
    words = [len(cell.split()) for cell in cells if cell]
    return sum(words) < _DESCRIBING_WORDS * len(words)


def without_mere_likeness(
    tables: Sequence[SourceTable], cited: CitedFiles
) -> Iterator[SourceTable]:
    """Yield the tables, those that lack what they need and are not called so as custom ones.

    A sheet that is called like its kind, or has hardly other headers, has to have its columns; one
    that only looks like it, or one of several tables, such as the questions of a form, is quoted, and
    takes none of the others with it.
    """
    for table in tables:
        lacking = _needed_in(table) - {*table.columns}
        if not lacking:
            yield table
            continue
        named = ", ".join(f"“{name}”" for name in sorted(lacking))
        cited.of(table.file.name).warn(
            "column_missing",
            f"This table looks like {table.file.sheet_name} but has no "
            f"{named}; only a ticket of its own quotes it.",
            f"Add {named} if it is one; otherwise, nothing to do.",
            line=table.header_line,
        )
        rows = table.lines
        yield replace(
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


def _needed_in(table: SourceTable) -> set[str]:
    """Return the columns that a table needs to be what it looks like; none where people say it is."""
    rule = rule_of(table.file.sheet)
    # what we made of other rows has no bytes of its own
    if rule is None or not table.file.size_bytes or _is_meant(rule, table):
        return set()
    needed = {*rule.required} - {MACHINE_NAME_COLUMN}
    if whole_sheet(table.file.name) == table.file.name:
        needed &= {c.name for c in rule.columns.values() if c.role in {Role.OWNER, Role.KEY}}
    return needed


def _is_meant(rule: SheetRule, table: SourceTable) -> bool:
    """Tell whether people say which sheet it is: by its name, most of its headers or `session.yaml`."""
    pairs = [
        p for p in zip(table.shown_headers, table.columns, strict=True) if p[1] in rule.columns
    ]
    loose = loose_columns(rule)
    known = known_columns(rule)
    words = [normalised(without_remark(header)) for header, _ in pairs]
    own = sum(is_of_one_kind(rule, word, "") for word in words if word not in loose)
    return whole_sheet(table.file.name) == table.file.name and (
        MACHINE_NAME_COLUMN in table.columns
        or is_named(rule, table.file.name)
        or 2 * own > len(table.columns)
        or not {*words} <= {*known, *loose}
    )
