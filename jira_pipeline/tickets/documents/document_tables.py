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
from typing import NamedTuple, assert_never

from jira_pipeline.jira.adf import AdfNode, compact_json_bytes, nodes as adf
from jira_pipeline.jira.adf.merging import LINE_HEADERS
from jira_pipeline.model.line_numbers import line_ranges, lines_and_rows
from jira_pipeline.model.sheet_names import PACKAGE_SUFFIX
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.tickets.documents.configuration_tables import (
    ConfigurationTable,
    TablePurpose,
    TableRow,
    with_columns,
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


class ShorterForm(NamedTuple):
    """What a section is reduced to in a body that is too large, and when."""

    rank: ShrinkRank
    blocks: Sequence[AdfNode]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the body with its shorter forms as text, the full one first."""

    forms: tuple[WrittenForm, ...]
    ranks: tuple[ShrinkRank, ...]
    """When each shorter form comes: those with a lower rank, of all sections, first."""

    @staticmethod
    def of(full: Sequence[AdfNode], *shorter: ShorterForm) -> "Section":
        """Write a part in full and in each of its shorter forms, the longest first."""
        forms = [_written_form(full)]
        forms += [_written_form(form.blocks) for form in shorter]
        return Section(tuple(forms), tuple(form.rank for form in shorter))

    def is_whole(self, form: int) -> bool:
        """Tell whether a form lacks nothing."""
        return form == 0 or self.ranks[form - 1] is ShrinkRank.LINES


def part_section(title: str, blocks: Sequence[AdfNode], *, shrink_rank: ShrinkRank) -> Section:
    """Return a section that is there whole, or in the attachment; without blocks it is nothing."""
    if not blocks:
        return Section.of(())
    heading = adf.heading(3, title)
    return Section.of((heading, *blocks), ShorterForm(shrink_rank, (heading, see_attachment())))


def see_attachment() -> AdfNode:
    """Say where to find what is left out here."""
    return adf.paragraph([adf.text("In the attachment.", [adf.EM])])


def _written_form(blocks: Sequence[AdfNode]) -> WrittenForm:
    texts = [canonical_json(block) for block in blocks]
    size_bytes = 0
    for text in texts:
        size_bytes += len(text.encode("utf-8", "surrogatepass")) + len(",")
    return WrittenForm(json=",".join(texts), size_bytes=size_bytes)


def document_json(forms: Sequence[WrittenForm]) -> str:
    """Return the document of these forms as canonical JSON."""
    blocks = ",".join(form.json for form in forms if form.json)
    return f'{{"content":[{blocks}],"type":"doc","version":1}}'


def document_bytes(forms: Sequence[WrittenForm]) -> int:
    """Count the bytes of the same document as it is sent."""
    blocks_bytes = sum(form.size_bytes for form in forms)
    return compact_json_bytes(adf.doc([])) + max(0, blocks_bytes - 1)


def shortened_forms(
    sections: Sequence[Section], *, file_name: str, body_max_bytes: int
) -> list[WrittenForm]:
    """Shorten section after section, least essential first, until the body fits.

    Returns a notice that names the attachment, then the chosen form of each section.
    """
    notice = _notice(LONGER_NOTICE, file_name)
    chosen = [0] * len(sections)
    total_bytes = document_bytes([notice, *(section.forms[0] for section in sections)])
    for step in sorted(_steps(sections)):
        if total_bytes <= body_max_bytes:
            break
        forms = sections[step.section].forms
        saved_bytes = forms[chosen[step.section]].size_bytes - forms[step.form].size_bytes
        if saved_bytes > 0:
            total_bytes -= saved_bytes
            chosen[step.section] = step.form
    if all(section.is_whole(form) for section, form in zip(sections, chosen, strict=True)):
        notice = _notice(LINES_NOTICE, file_name)
    chosen_forms = [section.forms[form] for section, form in zip(sections, chosen, strict=True)]
    return [notice, *chosen_forms]


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
    return Section.of((folded,), ShorterForm(ShrinkRank.PLACES, ()))


def table_section(table: ConfigurationTable) -> Section:
    """Return a table with the shorter forms its purpose allows."""
    if table.upkeep or table.below_table or _OF_PACKAGE in table.file.casefold():
        return _component_section(table)
    title = adf.heading(3, table.title)
    same_for_all = _same_for_all(table)
    begin = (title, *same_for_all)
    match table.purpose:
        case TablePurpose.PROSE:
            lines = (*begin, *_entry_lines(_with_places(table)))
            shorter = [ShorterForm(ShrinkRank.LINES, lines)]
            rank_away = ShrinkRank.PROSE_TABLE
        case TablePurpose.SETTINGS:
            lines = (*begin, *_setting_lines(table))
            # The lines of one head lack nothing; those of several have fewer columns.
            rank = ShrinkRank.LINES if table.is_transposed else ShrinkRank.SETTINGS
            shorter = [ShorterForm(rank, lines)]
            rank_away = ShrinkRank.LAST
        case TablePurpose.MEMBERS:
            lines = (*begin, *_aligned_lines(_with_places(table)))
            without_places = (*begin, *_aligned_lines(table))
            slim_lines = _aligned_lines(_slimmed(table))
            slim = (title, _short_form_note(), *same_for_all, *slim_lines)
            shorter = [
                ShorterForm(ShrinkRank.LINES, lines),
                ShorterForm(ShrinkRank.PLACES, without_places),
                ShorterForm(ShrinkRank.MEMBERS, slim),
            ]
            rank_away = ShrinkRank.MEMBERS_AWAY
        case _:
            assert_never(table.purpose)
    full = (*begin, *_table_blocks(table))
    away = (title, see_attachment())
    return Section.of(full, *shorter, ShorterForm(rank_away, away))


def _component_section(table: ConfigurationTable) -> Section:
    """Return a table of a component; the columns below it are left out first.

    Columns that nobody sets have a section of their own (`upkeep_section`).
    """
    title = adf.heading(3, table.title)
    columns_set = [column for column in table.columns if column not in table.upkeep]
    columns_in_table = [column for column in columns_set if column not in table.below_table]
    main = _with_columns(table, columns_in_table)
    in_attachment = adf.text("in the attachment.", [adf.EM])
    away = (adf.paragraph([adf.text(f"{table.title}: "), in_attachment]),)
    if table.is_transposed:
        if not main.columns:
            return Section.of(())
        setting_lines = (title, *_setting_lines(main))
        return Section.of(
            (title, *_table_blocks(main)),
            ShorterForm(ShrinkRank.SETTINGS, setting_lines),
            ShorterForm(ShrinkRank.LAST, away),
        )

    begin = (title, *_same_for_all(table))
    begin_with_table = (*begin, *_table_blocks(main))
    below = _below_blocks(_with_columns(table, columns_set))
    note_on_below = _note_on_values_below(table)
    slim = _slimmed(main)
    is_slim_whole = len(slim.columns) == len(main.columns)
    slim_note = note_on_below if is_slim_whole else [_short_form_note()]
    slim_table = (*begin, *_table_blocks(slim), *slim_note)
    slim_lines = (*begin, *_aligned_lines(slim), *slim_note)
    return Section.of(
        (*begin_with_table, *below),
        ShorterForm(ShrinkRank.MEMBERS, (*begin_with_table, *note_on_below)),
        ShorterForm(ShrinkRank.MEMBERS, slim_table),
        ShorterForm(ShrinkRank.MEMBERS, slim_lines),
        ShorterForm(ShrinkRank.MEMBERS_AWAY, away),
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
    rows = with_columns(table.rows, table.columns, columns)
    return replace(table, columns=tuple(columns), rows=rows)


def _same_for_all(table: ConfigurationTable) -> list[AdfNode]:
    """Return the paragraph with the columns that have one value for all rows; none without such columns."""
    if not table.same_for_all:
        return []
    inline = [adf.text(SAME_FOR_ALL, [adf.STRONG])]
    for index, (column, value) in enumerate(table.same_for_all):
        separator = " · " if index else ""
        inline.append(adf.text(f"{separator}{column} ", [adf.STRONG]))
        inline += adf.text_with_breaks(value)
    return [adf.paragraph(inline)]


def _table_blocks(table: ConfigurationTable) -> list[AdfNode]:
    """Return a table as ADF, with the lines of its rows; the settings of one head have a line each."""
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
    first = [column for column in table.columns if column not in left_out_first]
    second = [column for column in table.columns if column in left_out_first]
    staying = [*first, *second][:SLIM_COLUMNS]
    return _with_columns(table, [column for column in table.columns if column in staying])


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
    if not table.rows:
        return []
    return [_aligned([table.columns, *(row.cells for row in table.rows)])]


def _aligned(rows: Sequence[Sequence[str]]) -> AdfNode:
    """Return rows as a block of text: each cell on one line, padded to the width of its column."""
    rows_of_lines = [_on_one_line(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows_of_lines, strict=True)]
    lines = []
    for row in rows_of_lines:
        aligned = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        lines.append("  ".join(aligned).rstrip())
    return adf.code_block("\n".join(lines))


def _on_one_line(cells: Sequence[str]) -> list[str]:
    """Return cells without line ends."""
    return [" ".join(cell.split()) for cell in cells]
