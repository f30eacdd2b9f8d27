"""Proposes a draft of a layout: known sheets, and worksheets whose headers the dictionary has.

Belongs here: the dictionary of headers (spellings of `drupal/columns`, words of other languages), names
of worksheets, worksheets that look alike. Does not: known sheets (`known_headers`), what people choose.

No cells but headers, no scores. A worksheet is proposed as a kind only if it is called like that kind,
or one of its headers belongs to that kind alone; where two kinds fit, a person says which one it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.sessions import ColumnMeanings, OwnerBlank
from jira_pipeline.sheets.layouts.applying import sheet_layout_of
from jira_pipeline.sheets.layouts.grid import Grid
from jira_pipeline.sheets.layouts.known_headers import (
    HEADER_ROWS_LOOKED_AT,
    fitted_region,
    known_sheets,
    propose_known,
)
from jira_pipeline.sheets.layouts.layout import Layout, Region, SheetLayout
from jira_pipeline.sheets.layouts.text_worksheets import is_called_like_text
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.reading.sheet_kinds import (
    NO_COLUMNS_MAPPED,
    SHEET_RULES,
    SheetRule,
    canonical_columns,
    is_of_one_kind,
    known_columns,
    loose_columns,
    normalised,
    rule_called,
    rule_of,
    without_remark,
)
from jira_pipeline.sheets.reading.translations import known_languages, plain_letters

ABOUT_THE_DOCUMENT = "about the document, not about the site"
"""Why people leave out a worksheet of text."""
_HEADERS_MIN = 2
"""One word that is a header may be in any cell."""


def propose(
    grids: Sequence[Grid],
    *,
    columns: ColumnMeanings = NO_COLUMNS_MAPPED,
    owner_blank: OwnerBlank | None = None,
) -> Layout:
    """Return a draft of the layout of worksheets; of those that nobody can name it says nothing.

    `columns` and `owner_blank` are what `session.yaml` says of known sheets.
    """
    known = propose_known(grids, columns=columns, owner_blank=owner_blank)
    sheets = [*known.sheets]
    for grid in grids:
        if sheet_layout_of(known, grid.title) is None:
            proposed = _proposed_sheet(grid)
            if proposed is not None:
                sheets.append(proposed)
    return Layout(sheets=tuple(_with_sheets_alike_joined(sheets)))


def region_of_kind(kind: EntityKind, headers: Sequence[str]) -> Region:
    """Return the region of a kind with the columns that the dictionary finds in a header row.

    Its other headers stay columns of their own. The headers by which the row is found are those that
    name things of the kind, or all where none does.
    """
    rule = rule_of(kind)
    assert rule is not None  # noqa: S101 - of a kind that has columns
    columns = dict(_columns_in(rule, headers))
    region = fitted_region(_known_region(kind), columns, named_apart(headers))
    naming = [columns[name] for name in rule.identifying if name in columns]
    return region.model_copy(update={"header": tuple(naming or columns.values())})


# ---------------------------------------------------------------- which kind a worksheet is


@dataclass(frozen=True, slots=True)
class _ProposedKind:
    """A kind that a header row is of, as far as its headers say."""

    rule: SheetRule
    naming_headers: frozenset[str]
    """Those that name its things."""


def _proposed_sheet(grid: Grid) -> SheetLayout | None:
    """Return the layout of a worksheet by its name and headers; None where these do not say it."""
    if is_called_like_text(grid.title):
        return None  # what it says may be about the site: a person says what its lines are
    headers = _first_headers(grid)
    fits = [*_kind_fits(headers, title=grid.title)]
    if len(fits) != 1:
        return None
    region = region_of_kind(fits[0].rule.kind, headers)
    return SheetLayout(worksheets=(grid.title,), regions=(region,))


def _first_headers(grid: Grid) -> Sequence[str]:
    """Return the texts of the first row in which several cells are headers of any kind."""
    for texts in islice(grid.texts_by_row.values(), HEADER_ROWS_LOOKED_AT):
        known_count = sum(_is_header_word(text) for text in texts.values())
        if known_count >= _HEADERS_MIN:
            return [*texts.values()]
    return ()


def _is_header_word(text: str) -> bool:
    if not text[0].isalnum():
        return False  # `/[title]` is no title
    words = {normalised(text), normalised(without_remark(text))}
    return not words.isdisjoint(_english_headers()) or plain_letters(text) in _foreign_headers()


@cache
def _english_headers() -> frozenset[str]:
    words: set[str] = set()
    for rule in SHEET_RULES:
        words |= known_columns(rule).keys() | loose_columns(rule).keys()
    return frozenset(words)


@cache
def _foreign_headers() -> frozenset[str]:
    words: set[str] = set()
    for language in known_languages():
        words |= language.headers.keys() | language.labels
    return frozenset(words)


def _kind_fits(headers: Sequence[str], *, title: str) -> Iterator[_ProposedKind]:
    """Yield the kind that a worksheet is called like, and kinds that one of its headers says alone.

    A kind whose things would be named by the same header as those of the kind that the worksheet is
    called like is none: the name says which of them it is.
    """
    called_rule = rule_called(title, SHEET_RULES)
    called = None if called_rule is None else _kind_fit(called_rule, headers)
    if called is not None:
        yield called
    for rule in SHEET_RULES:
        if rule is called_rule or not _has_header_of_its_own(rule, headers):
            continue
        fit = _kind_fit(rule, headers)
        if fit is None:
            continue
        if called is None or fit.naming_headers - called.naming_headers:
            yield fit


def _kind_fit(rule: SheetRule, headers: Sequence[str]) -> _ProposedKind | None:
    """Return what names the things of a kind below some headers; None where nothing does."""
    columns = dict(_columns_in(rule, headers))
    naming = frozenset(columns[name] for name in rule.identifying if name in columns)
    if not naming or len(columns) < _HEADERS_MIN:
        return None
    return _ProposedKind(rule, naming)


def _has_header_of_its_own(rule: SheetRule, headers: Sequence[str]) -> bool:
    return any(
        is_of_one_kind(rule, header, column) for column, header in _columns_in(rule, headers)
    )


def _columns_in(rule: SheetRule, headers: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each column of a kind that some headers have, and what it is called there."""
    names = canonical_columns(rule, headers)
    header_of: dict[str, str] = {}
    for name, header in zip(names, named_apart(headers), strict=True):
        if name in rule.columns:
            header_of.setdefault(name, header)  # the second `Notes` is no column of the kind
    yield from header_of.items()


def named_apart(headers: Sequence[str]) -> list[str]:
    """Name headers as layouts do: the second `Name` is `Name#2`."""
    counts: dict[str, int] = {}
    names: list[str] = []
    for header in headers:
        key = normal(header)
        counts[key] = counts.get(key, 0) + 1
        names.append(header if counts[key] == 1 else f"{header}#{counts[key]}")
    return names


@cache
def _known_region(kind: EntityKind) -> Region:
    """Return the region that things of a kind are known by."""
    for sheet in known_sheets():
        for region in sheet.regions:
            if region.records[0].into == kind.value:
                return region
    raise AssertionError(kind)


# ---------------------------------------------------------------- worksheets that look alike


def _with_sheets_alike_joined(sheets: Sequence[SheetLayout]) -> Iterator[SheetLayout]:
    """Yield layouts, those that say the same of several worksheets as one of all of these."""
    worksheets: dict[str, list[str]] = {}
    layouts: dict[str, SheetLayout] = {}
    for sheet in sheets:
        said = sheet.model_copy(update={"worksheets": ()}).model_dump_json()
        layouts.setdefault(said, sheet)
        worksheets.setdefault(said, []).extend(sheet.worksheets)
    for said, sheet in layouts.items():
        yield sheet.model_copy(update={"worksheets": tuple(worksheets[said])})
