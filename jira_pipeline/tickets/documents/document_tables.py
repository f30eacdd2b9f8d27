"""The body of an issue: its sections, those of tables, and how they are shortened until it fits.

Belongs here: a section with its shorter forms, how it is written, which is shortened first; a table as
ADF, its slim form, its lines of text. Does not: which tables there are (`configuration_tables`),
reading them back (`adf_validation`), the other sections (`rendering`).

Sections are written one by one and put together as text: what did not change of a ticket is not
written again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import NamedTuple

from jira_pipeline.jira.adf import AdfNode, compact_json_bytes, nodes as adf
from jira_pipeline.jira.adf.merging import LINE_HEADERS
from jira_pipeline.model.line_numbers import line_ranges, lines_and_rows
from jira_pipeline.model.sheet_names import PACKAGE_SUFFIX
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.tickets.documents.configuration_tables import (
    ConfigurationTable,
    TablePurpose,
    TableRow,
    picked,
)

LONGER_NOTICE = "This ticket is too long for a Jira issue. The complete version is in"
LINES_NOTICE = "Long tables are lines of text here, so that all of it fits. Tables:"
"""Shorter than the words before, which a body was measured with."""


class ShrinkRank(IntEnum):
    """What a body gives up first, when it is too large."""

    LINES = 0
    """Of a table as lines of text, which lacks nothing."""
    PLACES = 1
    """What no developer needs: the lines of rows, ids and times."""
    MEMBERS = 2
    SETTINGS = 3
    RELATIONS = 4
    PROSE_TABLE = 5
    """Notes and help text are what a developer needs of a row."""
    MEMBERS_AWAY = 6
    """What is special about a ticket matters more than a list of what is in its attachment."""
    VERIFICATION = 7
    """Checks are tried at the end; what has to be known before is not looked up in a file."""
    ANALYSIS = 8
    QUESTIONS = 9
    LAST = 100
    """Of the settings' and the relations' last form."""
    NOTES = 101
    USER_STORY = 102
    SOURCES = 103


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenForm:
    """The blocks of one form as text."""

    json: str
    """Canonical, parted by commas; empty where there are none."""
    size_bytes: int
    """Of all of them, each with a comma."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the body with its shorter forms as text, the full one first."""

    forms: tuple[WrittenForm, ...]
    ranks: tuple[ShrinkRank, ...]
    """When each shorter form comes: those with a lower rank, of all sections, first."""

    @staticmethod
    def of(*forms: Sequence[AdfNode], ranks: tuple[ShrinkRank, ...] = ()) -> "Section":
        """Write a part in each of its forms."""
        return Section(tuple(map(_written_form, forms)), ranks)

    def is_whole(self, form: int) -> bool:
        """Tell whether a form lacks nothing."""
        return form == 0 or self.ranks[form - 1] is ShrinkRank.LINES


def part_section(title: str, blocks: Sequence[AdfNode], *, shrink_rank: ShrinkRank) -> Section:
    """Return a section that is there whole, or in the attachment; without blocks it is nothing."""
    if not blocks:
        return Section.of(())
    heading = adf.heading(3, title)
    return Section.of((heading, *blocks), (heading, see_attachment()), ranks=(shrink_rank,))


def see_attachment() -> AdfNode:
    """Say where to find what is left out here."""
    return adf.paragraph([adf.text("In the attachment.", [adf.EM])])


def _written_form(blocks: Sequence[AdfNode]) -> WrittenForm:
    written = [canonical_json(block) for block in blocks]
    return WrittenForm(
        json=",".join(written),
        size_bytes=sum(len(one.encode("utf-8", "surrogatepass")) + 1 for one in written),
    )


def document_json(forms: Sequence[WrittenForm]) -> str:
    return f'{{"content":[{",".join(f.json for f in forms if f.json)}],"type":"doc","version":1}}'


def document_bytes(forms: Sequence[WrittenForm]) -> int:
    """Count the bytes of the same document as it is sent."""
    blocks_bytes = sum(form.size_bytes for form in forms)
    return compact_json_bytes(adf.doc([])) + max(0, blocks_bytes - 1)


def shortened_forms(
    sections: Sequence[Section], *, file_name: str, body_max_bytes: int
) -> list[WrittenForm]:
    """Shorten section after section, least essential first, until the body fits."""
    begun = _notice(LONGER_NOTICE, file_name)
    chosen = [0] * len(sections)
    total = document_bytes([begun, *(section.forms[0] for section in sections)])
    for step in sorted(_steps(sections)):
        if total <= body_max_bytes:
            break
        forms = sections[step.section].forms
        saved = forms[chosen[step.section]].size_bytes - forms[step.form].size_bytes
        if saved > 0:
            total -= saved
            chosen[step.section] = step.form
    if all(section.is_whole(form) for section, form in zip(sections, chosen, strict=True)):
        begun = _notice(LINES_NOTICE, file_name)
    return [begun, *(s.forms[form] for s, form in zip(sections, chosen, strict=True))]


class _Step(NamedTuple):
    """Taking a shorter form of a section; in order, by the rank, then form by form, longest first."""

    rank: ShrinkRank
    form: int
    size: int
    """Of the whole section, negative."""
    section: int
    """Its place among the sections."""


def _steps(sections: Sequence[Section]) -> Iterator[_Step]:
    for place, section in enumerate(sections):
        for form, rank in enumerate(section.ranks, start=1):
            yield _Step(rank, form, -section.forms[0].size_bytes, place)


def _notice(words: str, file_name: str) -> WrittenForm:
    text = [adf.text(f"{words} "), adf.text(file_name, [adf.CODE]), adf.text(".")]
    return _written_form([adf.panel("info", [adf.paragraph(text)])])


SAME_FOR_ALL = "Same for all: "
"""Begins the paragraph of the columns with one value; labels in it are strong."""
FIELD = "Field"
"""Heads the column that names the field of one value."""
_UPKEEP_TITLE = "Ids, times and versions of the package: nothing to set"
_OF_PACKAGE = f"{PACKAGE_SUFFIX}:"
SLIM_COLUMNS = 5
"""Columns a table keeps in the body when the whole of it moves into the attachment."""
_ID_OF_PACKAGE = "Id"


def upkeep_section(tables: Sequence[ConfigurationTable]) -> Section:
    """Return what nobody sets, folded: ids of the environment, times and versions."""
    lines_by_value: dict[tuple[str, str, str], list[int]] = {}
    for table in tables:
        section = "Settings" if table.is_transposed else table.file.rpartition("/")[2]
        for row in table.rows:
            for column, value in zip(table.columns, row.cells, strict=True):
                if value and column in table.upkeep:
                    lines = lines_by_value.setdefault((column, value, section), [])
                    lines += () if table.is_transposed else row.lines
    if not lines_by_value:
        return Section.of(())
    titles = (FIELD, "Value", "Of", LINE_HEADERS[0])
    rows = [adf.table_row(map(_header, titles))]
    for cells, lines in lines_by_value.items():
        rows.append(adf.table_row(map(adf.table_cell, (*cells, line_ranges(tuple(lines))))))
    folded = adf.expand(_UPKEEP_TITLE, [adf.table(rows)])
    return Section.of((folded,), (), ranks=(ShrinkRank.PLACES,))


def table_section(table: ConfigurationTable) -> Section:
    """Return a table with the shorter forms its purpose allows."""
    title = adf.heading(3, table.title)
    if table.upkeep or table.below_table or _OF_PACKAGE in table.file.casefold():
        return _component_section(table)
    full = (title, *_same_for_all(table), *_table_blocks(table))
    away = (title, see_attachment())
    begin = (title, *_same_for_all(table))
    rank = ShrinkRank
    match table.purpose:
        case TablePurpose.PROSE:
            lines = (*begin, *_entry_lines(_with_places(table)))
            return Section.of(full, lines, away, ranks=(rank.LINES, rank.PROSE_TABLE))
        case TablePurpose.SETTINGS:
            ranks = (rank.LINES if table.is_transposed else rank.SETTINGS, rank.LAST)
            return Section.of(full, (*begin, *_setting_lines(table)), away, ranks=ranks)
        case TablePurpose.MEMBERS:
            slim = (title, _short_form_note(), *begin[1:], *_aligned_lines(_slimmed(table)))
            return Section.of(
                full,
                (*begin, *_aligned_lines(_with_places(table))),
                (*begin, *_aligned_lines(table)),
                slim,
                away,
                ranks=(rank.LINES, rank.PLACES, rank.MEMBERS, rank.MEMBERS_AWAY),
            )


def _component_section(table: ConfigurationTable) -> Section:
    """Return a table of a component: what few entries have follows it, and goes first."""
    title = adf.heading(3, table.title)
    kept = [c for c in table.columns if c not in table.upkeep]
    main = _with_columns(table, [c for c in kept if c not in table.below_table])
    away = (
        adf.paragraph([adf.text(f"{table.title}: "), adf.text("in the attachment.", [adf.EM])]),
    )
    if table.is_transposed:
        if not main.columns:
            return Section.of(())
        return Section.of(
            (title, *_table_blocks(main)),
            (title, *_setting_lines(main)),
            away,
            ranks=(ShrinkRank.SETTINGS, ShrinkRank.LAST),
        )
    note = _note_on_values_below(table)
    begin = (title, *_same_for_all(table))
    slim = _slimmed(main)
    slim_note = [*note] if len(slim.columns) == len(main.columns) else [_short_form_note()]
    return Section.of(
        (*begin, *_table_blocks(main), *_below_blocks(_with_columns(table, kept))),
        (*begin, *_table_blocks(main), *note),
        (*begin, *_table_blocks(slim), *slim_note),
        (*begin, *_aligned_lines(slim), *slim_note),
        away,
        ranks=(*[ShrinkRank.MEMBERS] * 3, ShrinkRank.MEMBERS_AWAY),
    )


def _note_on_values_below(table: ConfigurationTable) -> list[AdfNode]:
    """Say how many fields a shorter form of a table leaves to the attachment."""
    count = len(table.below_table)
    if not count:
        return []
    are = "more field is" if count == 1 else "more fields are"
    text = f"{count} {are} in the attachment: long values, or what only some entries have."
    return [adf.paragraph([adf.text(text, [adf.EM])])]


def _below_blocks(table: ConfigurationTable) -> list[AdfNode]:
    """Show the values below it one by one, each beside the name and the line of its entry."""
    rows = []
    for row in table.rows:
        for column, value in zip(table.columns, row.cells, strict=True):
            if value and column in table.below_table:
                rows.append(_table_row(replace(row, cells=(row.cells[0], column, value))))
    if not rows:
        return []
    titles = (table.columns[0], FIELD, "Value", line_header(table))
    return [adf.table([adf.table_row(map(_header, titles)), *rows])]


def _with_columns(table: ConfigurationTable, columns: Sequence[str]) -> ConfigurationTable:
    return replace(table, columns=tuple(columns), rows=picked(table.rows, table.columns, columns))


def _same_for_all(table: ConfigurationTable) -> list[AdfNode]:
    if not table.same_for_all:
        return []
    inline = [adf.text(SAME_FOR_ALL, [adf.STRONG])]
    for index, (column, value) in enumerate(table.same_for_all):
        separator = " · " if index else ""
        inline.append(adf.text(f"{separator}{column} ", [adf.STRONG]))
        inline += adf.text_with_breaks(value)
    return [adf.paragraph(inline)]


def _table_blocks(table: ConfigurationTable) -> list[AdfNode]:
    if not table.rows:
        return []
    if table.is_transposed:
        settings = []
        for row in table.rows:
            for column, value in zip(table.columns, row.cells, strict=True):
                settings.append(adf.table_row([_header(column), adf.table_cell(value)]))
        return [adf.table(settings)]
    titles = (*table.columns, line_header(table))
    header = adf.table_row([_header(title) for title in titles])
    return [adf.table([header, *map(_table_row, table.rows)])]


def line_header(table: ConfigurationTable) -> str:
    """Return what heads the lines of a table: where a row of it differs from its line, both."""
    is_same = all(row.lines == row.records for row in table.rows)
    return LINE_HEADERS[0 if is_same else 1]


def _with_places(table: ConfigurationTable) -> ConfigurationTable:
    rows = (
        replace(row, cells=(*row.cells, lines_and_rows(row.lines, row.records)))
        for row in table.rows
    )
    return replace(table, columns=(*table.columns, line_header(table)), rows=tuple(rows))


def _table_row(row: TableRow) -> AdfNode:
    return adf.table_row(map(adf.table_cell, (*row.cells, lines_and_rows(row.lines, row.records))))


def _header(column: str) -> AdfNode:
    return adf.table_header([adf.paragraph([adf.text(column, [adf.STRONG])])])


def _short_form_note() -> AdfNode:
    return adf.paragraph([adf.text("Short form; every column is in the attachment.", [adf.EM])])


def _slimmed(table: ConfigurationTable) -> ConfigurationTable:
    """Keep the columns that say what a row is, in their order."""
    from jira_pipeline.drupal.columns import SECOND_COLUMNS  # noqa: PLC0415 - slow; of what renders

    left_out_first = SECOND_COLUMNS | {_ID_OF_PACKAGE}
    first = [i for i, name in enumerate(table.columns) if name not in left_out_first]
    second = [i for i, name in enumerate(table.columns) if name in left_out_first]
    kept = sorted([*first, *second][:SLIM_COLUMNS])
    return _with_columns(table, [table.columns[i] for i in kept])


def _setting_lines(table: ConfigurationTable) -> list[AdfNode]:
    """Show settings as lines of text: one a column for a single head, else aligned columns."""
    if not table.is_transposed:
        return _aligned_lines(_slimmed(table))
    pairs = [pair for row in table.rows for pair in zip(table.columns, row.cells, strict=True)]
    return [_aligned(pairs)]


def _entry_lines(table: ConfigurationTable) -> list[AdfNode]:
    """Show each row below what names it, in its first two columns, cell by cell."""
    lines = []
    for row in table.rows:
        lines.append("  ".join(cell for cell in row.cells[:2] if cell))
        for column, cell in zip(table.columns[2:], row.cells[2:], strict=True):
            if cell:
                lines.append(f"  {column}: {' '.join(cell.split())}")
    return [adf.code_block("\n".join(lines))]


def _aligned_lines(table: ConfigurationTable) -> list[AdfNode]:
    """Show a table as lines of text in aligned columns: a tenth of the size of a table."""
    return [_aligned([table.columns, *(row.cells for row in table.rows)])] if table.rows else []


def _aligned(rows: Sequence[Sequence[str]]) -> AdfNode:
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        aligned = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(aligned).rstrip())
    return adf.code_block("\n".join(lines))
