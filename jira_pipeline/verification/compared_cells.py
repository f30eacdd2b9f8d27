"""One filled cell of a sheet beside the place of the site that it describes.

Belongs here: the verdict on a cell or a note, and the comparisons of texts and names. Does not: other
comparisons (the rules of `drupal`), which columns are compared (`counterparts`), which thing of the
site a row is (`rows`), spellings of field types and widgets (`drupal.toml`).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from jira_pipeline.drupal.comparisons import (
    NO_COUNTERPART,
    NOT_APPLICABLE,
    PROSE,
    Candidates,
    CellResult,
    Comparison,
    Differs,
    Met,
    NotComparable,
    SheetCell,
    compare_lists,
    compare_plugin_names,
    unknown_spelling,
)
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.meaning.modules_and_types import folded
from jira_pipeline.drupal.meaning.notes import has_all_modules, is_shapes_only, path_in
from jira_pipeline.drupal.row_notes import SHAPED_COLUMNS
from jira_pipeline.drupal.site.site_cells import SiteCell, plain, plain_address
from jira_pipeline.model.blank_cells import is_blank_cell
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.site_verifications import Verdict, VerifiedCell
from jira_pipeline.sheets.reading.cells import count_spelled, flag_spelled
from jira_pipeline.sheets.reading.labels import is_wildcard
from jira_pipeline.verification.counterparts import UNREAD, counterparts
from jira_pipeline.verification.names import Names, breakpoint_name

_BLANK_MEANS_NONE = frozenset(
    {Comparison.WORDING, Comparison.GROUP, Comparison.ADDRESS, Comparison.NAMES}
)
"""Of these a dash says that the site has nothing there; of others it asks for nothing."""
_VERDICTS_BY_WEIGHT = (Verdict.DIFFERS, Verdict.MET, Verdict.NOT_COMPARABLE)
_NO_LIMIT = "*"
"""Among the values of a site's cell where the site allows everything."""
_DISABLED = re.compile(r"(?i)(?:^|[.;\n] *)disabled\.?(?=$|\n)")


def compare_cell(cell: SheetCell, site_cell: SiteCell | None, names: Names) -> VerifiedCell:
    """Compare a filled cell with the place of the site that it describes, if the site has one."""
    on_site = site_cell or SiteCell(text="", yaml="")
    site_text = "" if on_site.is_unread else on_site.text
    met = VerifiedCell(
        column=cell.column,
        verdict=Verdict.MET,
        sheet=cell.text,
        site=site_text,
        yaml=on_site.yaml,
        is_wording=cell.counterpart.is_wording,
        is_open=_says_more_than_compared(cell, site_cell),
    )
    match _compare(cell, site_cell, names):
        case Met():
            return met
        case Differs(only_on_site, only_in_sheet):
            # Where the site lacks the whole thing that the cell names, its own file is named.
            missing_file = names.missing_file(cell.row, cell.column, on_site)
            yaml = missing_file or on_site.yaml
            return replace(
                met,
                verdict=Verdict.DIFFERS,
                yaml=yaml,
                only_site=only_on_site,
                only_sheet=only_in_sheet,
            )
        case NotComparable(reason):
            is_open = reason != NOT_APPLICABLE
            return replace(met, verdict=Verdict.NOT_COMPARABLE, reason=reason, is_open=is_open)


def compare_note(cell: SheetCell, site_cells: Mapping[str, SiteCell], names: Names) -> VerifiedCell:
    """Compare a note as a whole and by its shapes, each with its own place on the site.

    What differs counts most, then what is met.
    """
    columns = counterparts()[cell.row.kind]
    compared = []
    for column in SHAPED_COLUMNS:
        in_note = columns[column].in_note
        if in_note is not None and in_note(cell.text):
            shape = replace(cell, column=column, counterpart=columns[column])
            compared.append(compare_cell(shape, site_cells.get(column), names))
    whole = compare_cell(cell, site_cells.get(cell.column), names)
    compared.append(whole)
    decisive = min(compared, key=lambda verified: _VERDICTS_BY_WEIGHT.index(verified.verdict))
    shown = decisive if decisive.verdict is Verdict.DIFFERS else whole
    return replace(decisive, column=cell.column, site=shown.site)


def _compare(cell: SheetCell, site_cell: SiteCell | None, names: Names) -> CellResult:
    """Compare a cell in the way of its column, after what holds for cells of every column."""
    how = cell.counterpart.how
    if how is Comparison.KEY:
        return Met()
    if site_cell is None:
        return NotComparable(NO_COUNTERPART)
    if site_cell.is_unread:
        return NotComparable(UNREAD)
    if is_blank_cell(cell.text) and how in _BLANK_MEANS_NONE:
        return Met() if is_blank_cell(site_cell.text) else Differs()
    compare = cell.counterpart.compare or _COMPARISONS[how]
    return compare(cell, site_cell, names)


def _says_more_than_compared(cell: SheetCell, site_cell: SiteCell | None) -> bool:
    """Tell whether a note says more than the shapes in it that are compared."""
    if cell.counterpart.how not in {Comparison.PATH, Comparison.SHAPES}:
        return False
    is_same_text = site_cell is not None and plain(cell.text) == plain(site_cell.text)
    return not is_same_text and not is_shapes_only(cell.text)


_READERS: Mapping[Comparison, Callable[[str], object]] = {
    Comparison.WORDING: plain,
    Comparison.FLAG: flag_spelled,
    Comparison.COUNT: count_spelled,
    Comparison.ADDRESS: plain_address,
    Comparison.GROUP: folded,
}
"""What a text is reduced to before it is compared; None: it is no spelling of a flag or a count."""
_ANY_VALUE_DOES = frozenset({Comparison.COUNT, Comparison.GROUP})
"""Here any value of the site will do: a field may be in several groups, and older exports have several
counts."""


def _compare_text(cell: SheetCell, site_cell: SiteCell, _names: Names) -> CellResult:
    """Compare two texts without what does not count, such as case; each column reads its own way."""
    how = cell.counterpart.how
    read = _READERS[how]
    wanted = read(cell.text)
    if wanted is None:
        return unknown_spelling(cell.text)
    on_site = [site_cell.text]
    if how in _ANY_VALUE_DOES:
        on_site.extend(site_cell.values)
    return Met() if wanted in map(read, on_site) else Differs()


def _compare_names(cell: SheetCell, site_cell: SiteCell, names: Names) -> CellResult:
    """Compare a list of names with the things that the site has there, in any order."""
    if is_wildcard(cell.text) and _NO_LIMIT in site_cell.values:
        return Met()
    wanted = names.candidates_in(cell.row, cell.column)
    if isinstance(wanted, NotComparable):
        return wanted
    if any(_is_of_another_type(candidates, site_cell) for candidates in wanted):
        return Differs()
    on_site = set(site_cell.values) - {_NO_LIMIT}
    has_all = all(
        not on_site.isdisjoint(candidates) or names.is_going(candidates) for candidates in wanted
    )
    has_more = on_site.difference(*wanted, site_cell.dangling)
    if has_all and not has_more:
        return Met()
    return _difference_of_names(cell, site_cell, wanted)


def _is_of_another_type(candidates: Candidates, site_cell: SiteCell) -> bool:
    """Tell whether the site has the machine name there, but of a bundle of another type."""
    if not site_cell.keys or set(site_cell.values).isdisjoint(candidates):
        return False
    keys_on_site = {key.casefold() for key in site_cell.keys}
    # What neither the sheets nor the site have has a name and no type.
    keys = {key.casefold() for key in candidates.values() if key}
    return bool(keys) and keys_on_site.isdisjoint(keys)


def _difference_of_names(
    cell: SheetCell, site_cell: SiteCell, wanted: tuple[Candidates, ...]
) -> Differs:
    """Say which names only one side has, where each can be matched with what it stands for."""
    if _NO_LIMIT in site_cell.values:
        return Differs(only_on_site=(site_cell.text,))
    sheet_names = split_names(cell.text)
    if len(sheet_names) != len(wanted):
        return Differs()
    site_names = split_names(site_cell.text)
    if len(site_names) != len(site_cell.values):
        site_names = site_cell.values

    only_on_site = {}
    for name, machine_name in zip(site_names, site_cell.values, strict=True):
        if not any(machine_name in candidates for candidates in wanted):
            only_on_site[name] = machine_name
    only_in_sheet = {}
    for name, candidates in zip(sheet_names, wanted, strict=True):
        if candidates.keys().isdisjoint(site_cell.values):
            only_in_sheet[name] = ", ".join(candidates)
    ambiguous = only_on_site.keys() & only_in_sheet.keys()
    return Differs(
        only_on_site=_unambiguous_labels(only_on_site, ambiguous),
        only_in_sheet=_unambiguous_labels(only_in_sheet, ambiguous),
    )


def _unambiguous_labels(
    machine_names: Mapping[str, str], ambiguous: Iterable[str]
) -> tuple[str, ...]:
    """Return the labels; a label that both sides use has its machine name behind it."""
    labels = {label: label for label in machine_names}
    for label in ambiguous:
        labels[label] = f"{label} ({machine_names[label]})"
    return tuple(labels.values())


def _compare_each_name(cell: SheetCell, site_cell: SiteCell, names: Names) -> CellResult:
    """Require that the site has every thing that the cell names; it may have more."""
    wanted = names.candidates_in(cell.row, cell.column)
    if isinstance(wanted, NotComparable):
        return wanted
    has_all = all(candidates.keys() & {*site_cell.keys} for candidates in wanted)
    return Met() if has_all else Differs()


def _compare_breakpoints(cell: SheetCell, site_cell: SiteCell, names: Names) -> CellResult:
    """Compare two lists of breakpoints; a name that no style of the site uses may be a spelling."""
    wanted = split_names(cell.text)
    result = compare_lists(wanted, split_names(site_cell.text), key=breakpoint_name)
    if isinstance(result, Met):
        return result
    for name in wanted:
        if breakpoint_name(name) not in names.breakpoints_known:
            return unknown_spelling(name)
    return result


def _compare_path(cell: SheetCell, site_cell: SiteCell, _names: Names) -> CellResult:
    """Compare the path in a note of a display, and whether the note says that it is disabled."""
    path = path_in(cell.text)
    is_disabled = _DISABLED.search(cell.text) is not None
    is_disabled_on_site = _DISABLED.search(site_cell.text) is not None
    if is_disabled is not is_disabled_on_site:
        return Differs()
    if path:
        path_on_site = path_in(site_cell.text)
        return Met() if plain_address(path) == plain_address(path_on_site) else Differs()
    return Met() if is_disabled else NotComparable(PROSE)


def _compare_written(cell: SheetCell, site_cell: SiteCell, names: Names) -> CellResult:
    """Compare a text in the form that `sheets` writes; what people write of the same is prose."""
    text = plain(cell.text)
    text_on_site = names.as_in_sheets(plain(site_cell.text))
    if text in {text_on_site, *map(plain, site_cell.values)}:
        return Met()
    is_in_any_order = cell.column in NOTE_COLUMNS
    if is_in_any_order and sorted(text.split("; ")) == sorted(text_on_site.split("; ")):
        return Met()
    return Differs() if _is_written_by_sheets(cell) else NotComparable(PROSE)


def _compare_modules(cell: SheetCell, site_cell: SiteCell, names: Names) -> CellResult:
    """Require the modules that a note of a view names; more than these is no difference."""
    result = _compare_written(cell, site_cell, names)
    if isinstance(result, Differs):
        notes = (site_cell.text, *site_cell.values)
        if any(has_all_modules(note, of=cell.text) for note in notes):
            return Met()
    return result


def _is_written_by_sheets(cell: SheetCell) -> bool:
    """Tell by its form, else by the forms of the other columns, whether `sheets` wrote a cell."""
    if cell.counterpart.form:
        return _has_form(cell, cell.column, cell.counterpart.form)
    for column, counterpart in counterparts()[cell.row.kind].items():
        if counterpart.form and not _has_form(cell, column, counterpart.form):
            return False
    return True


def _has_form(cell: SheetCell, column: str, form: str) -> bool:
    """Tell whether a column of the row of a cell has the form (a pattern) that `sheets` writes."""
    return re.fullmatch(form, plain(cell.row.cell(column))) is not None


_COMPARISONS: Mapping[Comparison, Callable[[SheetCell, SiteCell, Names], CellResult]] = {
    **dict.fromkeys(_READERS, _compare_text),
    Comparison.NAME: compare_plugin_names,
    Comparison.NAMES: _compare_names,
    Comparison.ONE_OF: _compare_each_name,
    Comparison.BREAKPOINTS: _compare_breakpoints,
    Comparison.PATH: _compare_path,
    Comparison.WRITTEN: _compare_written,
    Comparison.MODULES: _compare_modules,
}
