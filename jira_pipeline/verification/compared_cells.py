"""One filled cell beside the cell that the site would have: met, differs, or why nobody can say.

Belongs here: comparing two texts in each way of the table of `names`, and the spellings of
yes, no and unlimited. Does not: which columns are compared (`names`), which thing of the
site a row is (`rows`), spellings of field types and widgets (`drupal.toml`).

A comparison says True, False, or why it cannot tell: what nobody knows never differs.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal.configuration.site import SiteCell, plain, plain_address
from jira_pipeline.drupal.meaning.image_effects import CONVERSION, effect_in
from jira_pipeline.drupal.meaning.modules_and_types import folded, listed_in, names_of
from jira_pipeline.drupal.meaning.notes import (
    default_in,
    file_bytes_in,
    file_types_in,
    is_shapes_only,
    max_length_in,
    options_in,
    path_in,
    unmarked,
)
from jira_pipeline.model.columns import NOTE_COLUMNS, SHAPED_COLUMNS
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.site_verifications import Verdict, VerifiedCell
from jira_pipeline.sheets.reading.cells import count_spelled, flag_spelled
from jira_pipeline.sheets.reading.labels import is_wildcard, split_names
from jira_pipeline.sheets.site_sheets import REMARKS
from jira_pipeline.verification.names import (
    NOT_APPLICABLE,
    Comparison,
    Counterpart,
    Names,
    breakpoint_name,
    counterparts,
    is_id,
)

_NONE = frozenset({"-", "–", "n/a"})
_MAY_BE_NONE = frozenset(
    {Comparison.WORDING, Comparison.GROUP, Comparison.ADDRESS, Comparison.NAMES}
)
"""Of these a dash says that the site has nothing there; of others it asks for nothing."""
_USUAL_LENGTH, _OF_255 = "255", frozenset({"string", "text"})
_PART = re.compile(r"[,;]|\band\b")
_WITHOUT_SIZE = frozenset({CONVERSION, "image_style_quality"})
"""Effects that a file type or a share follows, which a cell may leave out."""
_EVERY = "*"
"""Among the values of a cell that the site limits to nothing, beside all there are."""
_PERMISSION_COUNT = re.compile(r"(\d+) permissions?\.?")
NO_COUNTERPART = "the export has no such setting"
UNREAD = "its file is not in the export, or cannot be read"
_EVERY_PERMISSION = {"everypermission", "allpermissions"}
_EVERYTHING = re.compile(
    r"(?i)\b(?:every|all|full)(?: administrative)? (?:permissions?|rights?|access)\b|\beverything\b(?! \w)"
)
"""What a row says somewhere of a role that may do all there is."""
_NO_LONGER = re.compile(r"(?:; |\()no longer (?P<less>.+?)\)[.;]")
_MORE = re.compile(r"(?:; |\()more (?P<more>.+?)(?:; no longer |\)[.;])")
_OFF = re.compile(r"(?i)(?:^|[.;\n] *)disabled\.?(?=$|\n)")
_PERMISSIONS = re.compile(r"\bPermissions: (?P<all>.+?)\.?$", re.MULTILINE)
COUNTED = "the number is the same, but the sheet does not list them"
UNKNOWN_SPELLING = "an unknown spelling"
PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Apart:
    """What only one side of a list has, where that can be said."""

    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()


Judged: TypeAlias = "bool | str | Apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A filled cell with the row it is of."""

    row: Entity
    column: str
    text: str
    counterpart: Counterpart


def compare_cell(stated: Stated, found: SiteCell | None, names: Names) -> VerifiedCell:
    """Compare a cell; what the site lacks altogether is told of the file that is not there."""
    judged = _judged(stated, found, names)
    reason = judged if isinstance(judged, str) else ""
    apart = judged if isinstance(judged, Apart) else Apart()
    verdict = Verdict.MET if judged is True else Verdict.DIFFERS
    there = found or SiteCell(text="", yaml="")
    differs = verdict is Verdict.DIFFERS and not reason
    lacking = names.lacking(stated.row, stated.column, there) if differs else ""
    return VerifiedCell(
        column=stated.column,
        verdict=Verdict.NOT_COMPARABLE if reason else verdict,
        sheet=stated.text,
        site="" if there.is_unread else there.text,
        yaml=lacking or there.yaml,
        reason=reason,
        is_open=reason != NOT_APPLICABLE and (reason != "" or _says_more(stated, found)),
        is_wording=stated.counterpart.is_wording,
        only_site=apart.more,
        only_sheet=apart.less,
    )


def _judged(stated: Stated, found: SiteCell | None, names: Names) -> Judged:
    how = stated.counterpart.how
    if how is Comparison.KEY:
        return True
    if found is None or found.is_unread:
        return NO_COUNTERPART if found is None else UNREAD
    if stated.text in _NONE and how in _MAY_BE_NONE:
        return found.text in {"", *_NONE}
    return _COMPARISONS[how](stated, found, names)


def _says_more(stated: Stated, found: SiteCell | None) -> bool:
    """Tell whether a note says more than the shapes in it that are compared."""
    is_note = stated.counterpart.how in {Comparison.PATH, Comparison.SHAPES}
    is_own = found is not None and plain(stated.text) == plain(found.text)
    return is_note and not (is_own or is_shapes_only(stated.text))


def _compare_lists(
    stated: Iterable[str], there: Iterable[str], *, alike: Callable[[str], str] = plain
) -> Judged:
    """Compare two lists whatever their order."""
    wanted, present = ({alike(name): name for name in names} for names in (stated, there))
    more, less = (
        tuple(name for key, name in one.items() if key not in other)
        for one, other in ((present, wanted), (wanted, present))
    )
    return Apart(more, less) if more or less else True


_READ_AS: Mapping[Comparison, Callable[[str], object]] = {
    Comparison.WORDING: plain,
    Comparison.FLAG: flag_spelled,
    Comparison.COUNT: count_spelled,
    Comparison.ADDRESS: plain_address,
    Comparison.GROUP: folded,
}
"""What texts are compared as; None where nobody knows what one says."""
_OF_SEVERAL = frozenset({Comparison.COUNT, Comparison.GROUP})
"""Of these any value of the site will do: of groups around a field, of counts of an older export."""


def _texts(stated: Stated, found: SiteCell, _names: Names) -> Judged:
    how = stated.counterpart.how
    said, there = _READ_AS[how](stated.text), [found.text]
    if how in _OF_SEVERAL:
        there.extend(found.values)
    return _unknown(stated.text) if said is None else said in map(_READ_AS[how], there)


def _name(stated: Stated, found: SiteCell, names: Names) -> Judged:
    is_widget, disabled = stated.column == "Form widget", names_of("disabled_widgets")
    sides = [folded(text) in disabled for text in (stated.text, found.text)]
    if is_widget and any(sides) and stated.text not in _NONE:
        return all(sides)
    if folded(stated.text) in {folded(text) for text in (found.text, *found.values)}:
        return not found.dangling
    meant = names.values_spelled(stated.row, stated.column, stated.text)
    if meant or (is_id(stated.text) and found.text in found.values):  # two ids that nobody lists
        return not meant.isdisjoint(found.values)
    return _unknown(stated.text)


def _names(stated: Stated, found: SiteCell, names: Names) -> Judged:
    if is_wildcard(stated.text) and _EVERY in found.values:
        return True
    meant = names.meant_by(stated.row, stated.column)
    if isinstance(meant, str):
        return meant
    there, keys = {*found.values} - {_EVERY}, {key.casefold() for key in found.keys}
    if any(
        keys and there & one.keys() and keys.isdisjoint(map(str.casefold, one.values()))
        for one in meant
    ):
        return False
    is_whole = all(there & one.keys() or names.is_going(one) for one in meant)
    if is_whole and not there.difference(*meant, found.dangling):
        return True
    said, shown = split_names(stated.text), split_names(found.text)
    if _EVERY in found.values:
        return Apart(more=(found.text,))
    if len(meant) != len(said):
        return False
    shown = shown if len(shown) == len(found.values) else found.values
    pairs = zip(shown, found.values, strict=True)
    more = {text: name for text, name in pairs if not any(name in one for one in meant)}
    lost = (pair for pair in zip(said, meant, strict=True) if not there & pair[1].keys())
    less = {text: ", ".join(one) for text, one in lost}
    alike = more.keys() & less.keys()  # their machine names tell them apart
    named = (
        tuple(f"{text} ({name})" if text in alike else text for text, name in one.items())
        for one in (more, less)
    )
    return Apart(*named)


def _one_of(stated: Stated, found: SiteCell, names: Names) -> Judged:
    meant = names.meant_by(stated.row, stated.column)
    return meant if isinstance(meant, str) else all(one.keys() & {*found.keys} for one in meant)


def _breakpoints(stated: Stated, found: SiteCell, names: Names) -> Judged:
    said = split_names(stated.text)
    unknown = [name for name in said if breakpoint_name(name) not in names.breakpoints_known]
    judged = _compare_lists(said, split_names(found.text), alike=breakpoint_name)
    return judged if judged is True or not unknown else _unknown(unknown[0])


def compare_note(stated: Stated, cells: Mapping[str, SiteCell], names: Names) -> VerifiedCell:
    """Compare what a note says by its shapes, each with its own place; all of them have to be so."""
    columns = counterparts()[stated.row.kind]
    compared = [
        compare_cell(
            replace(stated, column=column, counterpart=columns[column]), cells.get(column), names
        )
        for column, read in _SHAPES.items()
        if read(stated.text)
    ]
    whole = compare_cell(replace(stated, column=""), cells.get(stated.column), names)
    verdicts = (Verdict.DIFFERS, Verdict.MET, Verdict.NOT_COMPARABLE)
    found = min((*compared, whole), key=lambda cell: verdicts.index(cell.verdict))
    site = found.site if found.verdict is Verdict.DIFFERS else whole.site
    return replace(found, column=stated.column, site=site)


_SHAPES: Mapping[str, Callable[[str], object]] = {
    "Allowed values": options_in,
    "Default value": lambda note: "default" in note.casefold() and default_in(note),
    "Maximum length": max_length_in,
    "Allowed file extensions": file_types_in,
    "Maximum upload size": file_bytes_in,
}
"""What a note says of columns of their own; nothing where it says nothing of one."""


def _shapes(stated: Stated, found: SiteCell, names: Names) -> Judged:
    note = stated.text
    if stated.column == "Allowed values":
        return _options(note, found)
    if stated.column == "Default value":
        said = default_in(f"{stated.row.note}\n{note}", stated.row.cell(stated.column))
        return plain(said) in map(plain, map(unmarked, found.values)) if said else PROSE
    if stated.column == "Maximum length" and not note:
        field_type = names.values_spelled(stated.row, "Field type", stated.row.cell("Field type"))
        is_usual = found.text in {"", _USUAL_LENGTH} or field_type.isdisjoint(_OF_255)
        is_stated = (stated.row.bundle_type, stated.row.machine_name) in names.lengths_stated
        return PROSE if is_usual or is_stated else False
    if not stated.column:
        lines, on_site = (set(map(plain, text.splitlines())) for text in (note, found.text))
        is_otherwise = any(re.fullmatch(stated.counterpart.form, one) for one in lines - on_site)
        return False if is_otherwise else plain(note) == plain(found.text) or PROSE
    read, shape = _SHAPES[stated.column], SHAPED_COLUMNS[stated.column]
    there = shape.format(text=found.text, words=", ".join(found.text.split()))
    return read(note) == read(there) if read(note) else PROSE


def _options(note: str, found: SiteCell) -> Judged:
    said, there = options_in(note), options_in(found.text)
    if said is None or there is None:
        return NO_COUNTERPART if there is None else PROSE
    if not (said.text and there.text):  # markup, in which nobody sees where the list ends
        if any(plain(label) not in plain(note) for label in found.values):
            return False
        _, is_there, rest = plain(note).partition(plain(found.text))
        return True if is_there and rest[:1] not in {",", ";"} else PROSE
    if plain(said.text) == plain(there.text):
        return True
    if said.items and there.items:
        return _compare_lists(said.items, there.items)
    if not re.search(r"\band\b", note):
        return False
    said_parts, parts = (  # nobody sees which `and` is inside an option
        sorted(filter(None, (plain(unmarked(part)) for part in _PART.split(one.text))))
        for one in (said, there)
    )
    return said_parts == parts


def _path(stated: Stated, found: SiteCell, _names: Names) -> Judged:
    said, is_off = path_in(stated.text), _OFF.search(stated.text) is not None
    if is_off is not (_OFF.search(found.text) is not None):
        return False
    if said:
        return plain_address(said) == plain_address(path_in(found.text))
    return True if is_off else PROSE


def _written(stated: Stated, found: SiteCell, names: Names) -> Judged:
    """Compare a text as `sheets` writes it; what people write of the same is prose."""
    said, there = plain(stated.text), names.as_in_sheets(plain(found.text))
    is_list = stated.column in NOTE_COLUMNS and sorted(said.split("; ")) == sorted(
        there.split("; ")
    )
    if is_list or said in {there, *map(plain, found.values)}:
        return True
    columns = counterparts()[stated.row.kind]
    forms = {name: one.form for name, one in columns.items() if one.form}
    asked = {stated.column: stated.counterpart.form} if stated.counterpart.form else forms
    is_own = all(re.fullmatch(f, plain(stated.row.cell(name))) for name, f in asked.items())
    return False if is_own else PROSE


def _permissions(stated: Stated, found: SiteCell, names: Names) -> Judged:
    """Compare what a role may do, both ways: what it may do beyond its row is a difference.

    A list is told from prose by its beginning, or as half of it are permissions; of another role than
    a new one `sheets` says which came and went.
    """
    has_every, row = folded(found.text) in _EVERY_PERMISSION, stated.row
    if folded(stated.text) in _EVERY_PERMISSION:
        return has_every
    is_said = _EVERYTHING.search(f"{row.note}\n{row.cell('Description')}") is not None
    if has_every and not (
        is_said or row.machine_name in listed_in("roles", "with_every_permission")
    ):
        return False
    if count := _PERMISSION_COUNT.fullmatch(stated.text):
        is_none = not (found.values or has_every) or bool(_PERMISSIONS.search(row.cell(REMARKS)))
        return (is_none or COUNTED) if int(count[1]) == len(found.values) else False
    listed, more, less = (p.search(stated.text) for p in (_PERMISSIONS, _MORE, _NO_LONGER))
    if not listed and (more or less):
        is_there = more is None or {*split_names(more["more"])} <= {*found.values}
        return is_there and (less is None or {*split_names(less["less"])}.isdisjoint(found.values))
    said = split_names(listed["all"] if listed else stated.text)
    known_count = sum(name.casefold() in names.permissions_known for name in said)
    is_list = listed or (said and 2 * known_count >= len(said))
    return _compare_lists(said, found.values, alike=str.casefold) if is_list else PROSE


def _effects(stated: Stated, found: SiteCell, _names: Names) -> Judged:
    """Compare effects with their sizes, qualities and file types; what else a cell says is prose.

    Their order counts.
    """
    texts, shown = split_names(stated.text), split_names(found.text)
    apart = _compare_lists(texts, shown)
    if apart is True:
        return texts == shown
    listed = list(map(effect_in, texts))
    named = [each for each in listed if each[0]]
    any_value = {effect for effect, value in named if effect in _WITHOUT_SIZE and not value}
    there = [
        (effect, "" if effect in any_value else value)
        for effect, value in map(effect_in, found.values)
    ]
    if any(each not in there for each in named if each[0] in _WITHOUT_SIZE):
        return apart
    if not named or any(size and not effect for effect, size in listed):
        return PROSE
    following = iter(there)  # what is found is behind, as in a subsequence
    is_among = all(each in following for each in named)
    is_met = named == there if len(named) == len(listed) else is_among
    return is_met or apart


def _unknown(text: str) -> str:
    return f"{UNKNOWN_SPELLING}: {text}" if text not in _NONE else NOT_APPLICABLE


_COMPARISONS: Mapping[Comparison, Callable[[Stated, SiteCell, Names], Judged]] = {
    **dict.fromkeys(_READ_AS, _texts),
    Comparison.NAME: _name,
    Comparison.NAMES: _names,
    Comparison.ONE_OF: _one_of,
    Comparison.BREAKPOINTS: _breakpoints,
    Comparison.SHAPES: _shapes,
    Comparison.EFFECTS: _effects,
    Comparison.PATH: _path,
    Comparison.WRITTEN: _written,
    Comparison.PERMISSIONS: _permissions,
}
