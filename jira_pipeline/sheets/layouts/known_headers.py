"""Proposes the layouts of known sheets where a worksheet has exactly their headers; nothing else.

Belongs here: fitting a known layout to the columns that a worksheet has; why a sheet is recognised,
or is not. Does not: the known layouts
(`known_layouts`, data), what anybody has to be asked. No cells but headers, no scores: a worksheet is
a known sheet if its first row with headers of one has all that it needs.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import islice

from jira_pipeline.drupal.columns import owner_column_of
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.example_rows import without_example_row
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.layout import (
    CUSTOM,
    Fill,
    Layout,
    Record,
    Region,
    SheetLayout,
    Value,
)
from jira_pipeline.sheets.layouts.layout_files import read_layout
from jira_pipeline.sheets.layouts.layout_reading import UploadGrids
from jira_pipeline.sheets.layouts.texts import is_called, normal
from jira_pipeline.sheets.reading.sheet_kinds import (
    NO_COLUMNS_MAPPED,
    SHEET,
    HeaderMapping,
    SheetRule,
    header_mapping,
    is_named,
    known_columns,
    mapping_key,
    normalised,
    rule_of,
    without_remark,
)

_FOLDER = "known_layouts"
_SUFFIX = ".yaml"
HIDDEN = "the worksheet is hidden"
"""Why a worksheet is left out that people do not see."""
_HEADERS_MIN = 2
HEADER_ROWS_LOOKED_AT = 21
"""Rows with cells; what is written above a table is shorter."""


@cache
def known_sheets() -> tuple[SheetLayout, ...]:
    """Return the layouts of all known sheets, in the order of their files and in these."""
    sheets: list[SheetLayout] = []
    files = resources.files(__package__).joinpath(_FOLDER).iterdir()
    for file in sorted(files, key=lambda file: file.name):
        if file.name.endswith(_SUFFIX):
            sheets += read_layout(file.read_bytes(), file_name=file.name).sheets
    return tuple(sheets)


def propose_known(
    grids: Sequence[Grid],
    *,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
) -> Layout:
    """Return the layout of the worksheets that are known sheets; of the others it says nothing.

    `columns` and `owner_blank` are what `session.yaml` says of headers and of blank cells.
    """
    sheets: list[SheetLayout] = []
    for grid in grids:
        mapped = header_mapping(columns, file=grid.title)
        sheet = _known_sheet(grid, mapped)
        if sheet is not None:
            sheets.append(_filled_from_above(sheet) if owner_blank is OwnerBlank.FILL else sheet)
    return Layout(sheets=tuple(sheets))


def with_known_sheets(declared: Layout, known: Layout, grids: Sequence[Grid]) -> Layout:
    """Return what is declared, and the known layouts of worksheets that it does not name."""
    others = [grid.title for grid in grids if sheet_layout_of(declared, grid.title) is None]
    sheets = [sheet for sheet in known.sheets if sheet.worksheets[0] in others]
    return declared.model_copy(update={"sheets": (*declared.sheets, *sheets)})


def known_titles(declared: Layout, known: Layout, grids: Sequence[Grid]) -> frozenset[str]:
    """Return the worksheets whose layout is known, and which nobody declared otherwise."""
    titles: set[str] = set()
    for grid in grids:
        sheet = sheet_layout_of(declared, grid.title)
        known_sheet = sheet_layout_of(known, grid.title)
        if known_sheet is None:
            continue
        if sheet is None or _says_the_same(sheet, known_sheet):
            titles.add(grid.title)
    return frozenset(titles)


def without_known(layout: Layout, upload: UploadGrids) -> Layout:
    """Return a layout without the worksheets of which it says no more than is known anyway.

    What people never chose is not asked again: a known sheet may have a further column next time.
    """
    upload = upload.divided_by(layout)
    proposed = propose_known(upload.grids, columns=upload.columns, owner_blank=upload.owner_blank)
    known = known_titles(layout, proposed, upload.grids)
    sheets: list[SheetLayout] = []
    for sheet in layout.sheets:
        names = tuple(name for name in sheet.worksheets if name not in known)
        if names == sheet.worksheets:
            sheets.append(sheet)
        elif names:
            sheets.append(sheet.model_copy(update={"worksheets": names}))
    return layout.model_copy(update={"sheets": tuple(sheets)})


def _says_the_same(sheet: SheetLayout, other: SheetLayout) -> bool:
    """Tell whether layouts say the same, of whichever worksheets.

    What looks mean is said of the whole workbook, and changes nothing in worksheets that are known.
    """
    return sheet.model_copy(update={"worksheets": other.worksheets, "looks": ()}) == other


def _known_sheet(grid: Grid, mapped: HeaderMapping) -> SheetLayout | None:
    """Return the layout of a worksheet with known headers, or with a name of which nothing is read."""
    for sheet in known_sheets():
        is_so_called = any(is_called(grid.title, name) for name in sheet.worksheets)
        if is_so_called and sheet.ignore is not None:
            return sheet.model_copy(update={"worksheets": (grid.title,)})
    if grid.is_hidden:
        return SheetLayout(worksheets=(grid.title,), ignore=HIDDEN)
    if SHEET in mapped:
        return _quoted_sheet(grid, mapped)
    for row, texts in islice(grid.texts_by_row.items(), HEADER_ROWS_LOOKED_AT):
        headers = [*texts.values()]
        fitting = [*_fitting_sheets(headers, title=grid.title, mapped=mapped)]
        if fitting:
            known = _only_sheet(fitting, headers, title=grid.title)
            return None if known is None else _without_example_rows(known, grid, row)
    return None


def _without_example_rows(sheet: SheetLayout, grid: Grid, header_row: int) -> SheetLayout:
    regions = tuple(without_example_row(region, grid, header_row) for region in sheet.regions)
    return sheet.model_copy(update={"regions": regions})


def _fitting_sheets(
    headers: Sequence[str], *, title: str, mapped: HeaderMapping
) -> Iterator[SheetLayout]:
    """Yield the known layouts of which a header row has all that they need."""
    for sheet in known_sheets():
        if not any(is_called(title, name) for name in sheet.worksheets):
            continue
        regions = [_fit_region(region, headers, mapped, title=title) for region in sheet.regions]
        if regions and None not in regions:
            yield sheet.model_copy(update={"worksheets": (title,), "regions": tuple(regions)})


def _only_sheet(
    fitting: Sequence[SheetLayout], headers: Sequence[str], *, title: str
) -> SheetLayout | None:
    """Return the one known layout that fits; None where two do.

    Of several, one that the worksheet is called like goes before others, and one is none that has a
    header which shows another kind.
    """
    if len(fitting) == 1:
        return fitting[0]
    called = [sheet for sheet in fitting if _is_called_like_kind(sheet, title)]
    if called:
        return called[0] if len(called) == 1 else None
    words = {normalised(header) for header in headers}
    others = [sheet for sheet in fitting if words.isdisjoint(_excluded_headers(sheet))]
    return others[0] if len(others) == 1 else None


def _rule_of(sheet: SheetLayout) -> SheetRule | None:
    return rule_of(EntityKind(sheet.regions[0].records[0].into))


def _is_called_like_kind(sheet: SheetLayout, title: str) -> bool:
    rule = _rule_of(sheet)
    return rule is not None and is_named(rule, title)


def _excluded_headers(sheet: SheetLayout) -> set[str]:
    """Return headers that show another kind, as `normalised` reduces them."""
    rule = _rule_of(sheet)
    return set() if rule is None else {normalised(header) for header in rule.excluded}


def _quoted_sheet(grid: Grid, mapped: HeaderMapping) -> SheetLayout | None:
    """Return the layout of a worksheet that is quoted as it stands, below its first row of headers.

    It has the columns that any sheet may have, such as a status.
    """
    shared = known_columns(None)
    for texts in grid.texts_by_row.values():
        headers = [*texts.values()]
        if len(headers) >= _HEADERS_MIN:
            columns: dict[str, tuple[Value, ...]] = {}
            for header in headers:
                meaning = mapped.get(mapping_key(header))
                header_or_meaning = header if meaning is None else meaning.column
                name = shared.get(normalised(header_or_meaning), header)
                columns.setdefault(name, (Value(column=header),))
            record = Record(into=CUSTOM, columns=columns)
            region = Region(name=grid.title, header=tuple(headers), repeats=True, records=(record,))
            return SheetLayout(worksheets=(grid.title,), regions=(region,))
    return None


def _filled_from_above(sheet: SheetLayout) -> SheetLayout:
    """Return a layout in which a blank cell of what rows belong to means the one above."""
    regions = []
    for region in sheet.regions:
        records = []
        for record in region.records:
            owner = owner_column_of(record.into)
            columns = dict(record.columns)
            if owner is not None and owner.name in columns:
                columns[owner.name] = tuple(
                    value.model_copy(update={"fill": Fill.ABOVE}) for value in columns[owner.name]
                )
            records.append(record.model_copy(update={"columns": columns}))
        regions.append(region.model_copy(update={"records": tuple(records)}))
    return sheet.model_copy(update={"regions": tuple(regions)})


def _fit_region(
    region: Region, headers: Sequence[str], mapped: HeaderMapping, *, title: str
) -> Region | None:
    """Return a region with the columns that a header row has; None where it lacks one it needs.

    Where the worksheet is called like its kind, those are enough without which nothing can be built.
    """
    (record,) = region.records
    header_of = _headers_by_column(record, headers, mapped)
    rule = rule_of(EntityKind(record.into))
    needed: Sequence[str] = region.header
    if rule is not None and is_named(rule, title) and not header_of.keys() >= {*needed}:
        needed = rule.required
    if not all(header in header_of for header in needed):
        return None
    return fitted_region(region.model_copy(update={"header": needed}), header_of, headers)


def fitted_region(region: Region, header_of: Mapping[str, str], headers: Sequence[str]) -> Region:
    """Return a region with the columns that a worksheet has; its other headers stay its own.

    `header_of` says what the known headers are called there. The region is found by those of its
    headers that the worksheet has.
    """
    (record,) = region.records
    columns = {
        name: tuple(
            value.model_copy(update={"column": header_of[value.column or ""]}) for value in values
        )
        for name, values in record.columns.items()
        if all(value.column in header_of for value in values)
    }
    used = set(header_of.values())
    fitted = record.model_copy(
        update={
            "columns": columns,
            "own": tuple(header for header in headers if header not in used),
            "needs_any": tuple(name for name in record.needs_any if name in columns),
        }
    )
    return region.model_copy(
        update={
            "header": tuple(header_of[name] for name in region.header if name in header_of),
            "records": (fitted,),
        }
    )


def _headers_by_column(
    record: Record, headers: Sequence[str], mapped: HeaderMapping
) -> Mapping[str, str]:
    """Return the header of a worksheet for each one that the known layout names.

    A header that is the known one goes first, then what people say, then another spelling.
    """
    found: dict[str, str] = {}
    free = [header for header in headers if mapping_key(header) not in mapped]
    known_headers = {normal(known): known for known in _named_headers(record)}
    for header in headers:
        known = known_headers.get(normal(header))
        if known is not None and not _is_mapped_for_sheet(header, mapped):
            found.setdefault(known, header)
    if record.into == CUSTOM:
        return found
    spellings = known_columns(rule_of(EntityKind(record.into)))
    for header in headers:
        meaning = mapped.get(mapping_key(header))
        name = None if meaning is None else spellings.get(normalised(meaning.column))
        if name is not None and header not in found.values():
            found.setdefault(name, header)
    for header in free:
        name = spellings.get(normalised(header)) or spellings.get(
            normalised(without_remark(header))
        )
        if name is not None and header not in found.values():
            found.setdefault(name, header)
    return found


def _is_mapped_for_sheet(header: str, mapped: HeaderMapping) -> bool:
    """Tell whether people say of this worksheet what a header is: then it is nothing else."""
    meaning = mapped.get(mapping_key(header))
    return meaning is not None and meaning.is_of_sheet


def _named_headers(record: Record) -> Iterator[str]:
    for values in record.columns.values():
        for value in values:
            if value.column is not None:
                yield value.column
