"""One filled cell beside the cell that the site would have: met, differs, or why nobody can say.

Belongs here: comparing two texts in each way of the table of `counterparts`, and the spellings of
yes, no and unlimited. Does not: which columns are compared (`counterparts`), which thing of the
site a row is (`rows`), spellings of field types and widgets (`drupal.toml`).

A comparison says True, False, or why it cannot tell: what nobody knows never differs.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal.configuration.site import SiteCell
from jira_pipeline.drupal.configuration.spellings import plain, plain_address
from jira_pipeline.drupal.meaning.modules_and_types import (
    folded,
    known_effects,
    listed_in,
    names_of,
)
from jira_pipeline.drupal.meaning.notes import (
    default_in,
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
from jira_pipeline.verification.counterparts import (
    NOT_APPLICABLE,
    Comparison,
    Counterpart,
    counterparts,
)
from jira_pipeline.verification.names import Names, breakpoint_name, is_id

_NONE = frozenset({"-", "–", "n/a"})
_MAY_BE_NONE = frozenset(
    {Comparison.WORDING, Comparison.GROUP, Comparison.ADDRESS, Comparison.NAMES}
)
"""Of these a dash says that the site has nothing there; of others it asks for nothing."""
_SIZE = re.compile(
    r"(?:(?<!\d)(?P<width>\d+)\s*)?[x×]\s*(?P<height>\d*)|(?<!\d)(?P<alone>\d+)(?!\s*[%\d])"
)
_SUMMARY = re.compile(
    r"(?P<crop>manual crop)\.? uses (?:the )?(?P<type>.+?) crop type\.?"
    r"|(?P<name>.+?) (?P<side>width|height) (?P<size>\d+)(?: ?\(upscaling allowed\))?",
    re.IGNORECASE,
)
"""Source: core 11 `image-scale-summary.html.twig`, Crop API `CropEffect::getSummary`."""
_CONVERSION = re.compile(
    r"(?:image_convert[ _]|convert(?: to)? (?=(?:webp|avif|jpe?g|png|gif)\.?$))(?P<type>\w+)\.?",
    re.IGNORECASE,
)
_PER_CENT = re.compile(r"(?<!\d)(?P<value>\d+)\s*%$")
_FILE_TYPES = re.compile(
    r"(?i)\b(?:allowed|accepted) (?:file )?(?:types|formats|extensions)(?: are)?(?:: ?| \(?)"
    r"(?P<types>\w+(?:(?:, ?| )\w+)*)"
)
_FILE_TYPE = re.compile(r"[a-z0-9]{2,7}|[A-Z0-9]{2,5}")
"""An extension, or a word between two; `Word` is none."""
_FILE_SIZE = re.compile(
    r"(?i)\bmax(?:imum|\.)?(?: (?:file|upload))?(?: size)?:? (?:of )?(?P<count>\d+) ?(?P<unit>[kmg]b?)\b"
)
_USUAL_LENGTH, _OF_255 = "255", frozenset({"string", "text"})
_PART = re.compile(r"[,;]|\band\b")
_CONVERT, _CROP = "image_convert", "crop_crop"
_WITHOUT_SIZE = frozenset({_CONVERT, "image_style_quality"})
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
_PERMISSIONS = re.compile(r"\bPermissions: (?P<all>.+)")
COUNTED = "the number is the same, but the sheet does not list them"
UNKNOWN_SPELLING = "an unknown spelling"
PROSE = "prose"

Judged: TypeAlias = "bool | str"
_VERDICTS: Mapping[Judged, Verdict] = {True: Verdict.MET, False: Verdict.DIFFERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A filled cell with the row it is of."""

    row: Entity
    column: str
    text: str
    counterpart: Counterpart


def compare_cell(stated: Stated, found: SiteCell | None, names: Names) -> VerifiedCell:
    judged: Judged = NO_COUNTERPART
    if stated.counterpart.how is Comparison.KEY:
        judged = True
    elif found is not None and found.is_unread:
        judged = UNREAD
    elif found is not None and stated.text in _NONE and stated.counterpart.how in _MAY_BE_NONE:
        judged = found.text in {"", *_NONE}
    elif found is not None:
        judged = _COMPARISONS[stated.counterpart.how](stated, found, names)
    cell = VerifiedCell(
        column=stated.column,
        verdict=_VERDICTS.get(judged, Verdict.NOT_COMPARABLE),
        sheet=stated.text,
        site="" if found is None or found.is_unread else found.text,
        yaml="" if found is None else found.yaml,
        reason=judged if isinstance(judged, str) else "",
        is_open=judged != NOT_APPLICABLE and (isinstance(judged, str) or _says_more(stated, found)),
        is_wording=stated.counterpart.is_wording,
    )
    if found is None or judged is not False:
        return cell
    lacking = names.lacking(stated.row, stated.column, found)
    more, less = _apart(stated, found, names)
    return replace(cell, yaml=lacking or cell.yaml, only_site=more, only_sheet=less)


def _says_more(stated: Stated, found: SiteCell | None) -> bool:
    """Tell whether a note says more than the shapes in it that are compared."""
    is_own = found is not None and plain(stated.text) == plain(found.text)
    is_shaped = stated.counterpart.how in {Comparison.PATH, Comparison.SHAPES}
    return is_shaped and not is_own and not is_shapes_only(stated.text)


def _apart(
    stated: Stated, found: SiteCell, names: Names
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return of a list that differs what only the site and what only the sheet has."""
    how, there, said = stated.counterpart.how, split_names(found.text), split_names(stated.text)
    alike: Callable[[str], str] = plain
    if how is Comparison.NAMES:
        meant = names.meant_by(stated.row, stated.column)
        if isinstance(meant, str) or len(meant) != len(said):
            return (), ()
        shown = there if len(there) == len(found.values) else found.values
        if _EVERY in found.values:
            return (found.text,), ()
        known = dict(zip(shown, found.values, strict=True))
        extra = {t: name for t, name in known.items() if not any(name in one for one in meant)}
        pairs = zip(said, meant, strict=True)
        lost = {each: ", ".join(one) for each, one in pairs if not {*one} & {*found.values}}
        alike_named = (
            extra.keys() & lost.keys()
        )  # called alike: their machine names tell them apart
        shown_more, shown_less = (
            tuple(f"{text} ({name})" if text in alike_named else text for text, name in one.items())
            for one in (extra, lost)
        )
        return shown_more, shown_less
    if how is Comparison.BREAKPOINTS:
        alike = breakpoint_name
    elif how in {Comparison.PERMISSIONS, Comparison.PERMISSION_LIST}:
        listed = _PERMISSIONS.search(stated.text)
        is_prose = how is Comparison.PERMISSION_LIST or _PERMISSION_COUNT.fullmatch(stated.text)
        is_whole = _EVERY_PERMISSION & {folded(stated.text), folded(found.text)}
        if is_whole or (is_prose and not listed):
            return (), ()
        there, said = found.values, split_names(listed["all"]) if listed else said
        alike = str.casefold
    elif stated.column == "Allowed values" and (options := options_in(stated.text)):
        on_site = options_in(found.text)
        there, said = (on_site.items if on_site else ()), options.items
    elif how is not Comparison.EFFECTS:
        return (), ()
    sides = ((there, {*map(alike, said)}), (said, {*map(alike, there)}))
    more, less = ([each for each in one if alike(each) not in other] for one, other in sides)
    return tuple(more), tuple(less)


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
        return True
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
    return is_whole and not there.difference(*meant, found.dangling)


def _one_of(stated: Stated, found: SiteCell, names: Names) -> Judged:
    meant = names.meant_by(stated.row, stated.column)
    return meant if isinstance(meant, str) else all(one.keys() & {*found.keys} for one in meant)


def _breakpoints(stated: Stated, found: SiteCell, names: Names) -> Judged:
    said, there = (frozenset(map(breakpoint_name, split_names(c.text))) for c in (stated, found))
    if said == there:
        return True
    known = names.breakpoints_known
    unknown = [name for name in split_names(stated.text) if breakpoint_name(name) not in known]
    return _unknown(unknown[0]) if unknown else False


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


def _file_types(note: str) -> frozenset[str]:
    match = _FILE_TYPES.search(note)
    words = re.findall(r"\w+", match["types"]) if match else []
    types = [word.casefold() for word in words if word not in {"and", "or"}]
    return frozenset(types if all(map(_FILE_TYPE.fullmatch, words)) else ())


def _file_size(note: str) -> str:
    match = _FILE_SIZE.search(note)
    return f"{match['count']}{match['unit'][0].casefold()}" if match else ""


_SHAPES: Mapping[str, Callable[[str], object]] = {
    "Allowed values": options_in,
    "Default value": lambda note: "default" in note.casefold() and default_in(note),
    "Maximum length": max_length_in,
    "Allowed file extensions": _file_types,
    "Maximum upload size": _file_size,
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
        return PROSE if is_usual or names.states_length(stated.row) else False
    if not stated.column:
        return plain(note) == plain(found.text) or PROSE
    read, shape = _SHAPES[stated.column], SHAPED_COLUMNS[stated.column]
    there = shape.format(text=found.text, words=", ".join(found.text.split()))
    return read(note) == read(there) if read(note) else PROSE


def _options(note: str, found: SiteCell) -> Judged:
    said, there = options_in(note), options_in(found.text)
    if said is None or there is None:
        return NO_COUNTERPART if there is None else PROSE
    if not (said.text and there.text):  # markup, in which nobody sees where the list ends
        _, is_there, rest = plain(note).partition(plain(found.text))
        return True if is_there and rest[:1] not in {",", ";"} else PROSE
    if plain(said.text) == plain(there.text):
        return True
    if said.items and there.items:
        return sorted(map(plain, said.items)) == sorted(map(plain, there.items))
    if not re.search(r"\band\b", note):
        return False
    said_parts, parts = (sorted(map(plain, _PART.split(one.text))) for one in (said, there))
    return said_parts == parts or PROSE  # nobody sees which `and` is inside an option


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
    """Compare what a role may do, both ways: what it may do beyond its row is a difference."""
    has_every = folded(found.text) in _EVERY_PERMISSION
    if folded(stated.text) in _EVERY_PERMISSION:
        return has_every
    if has_every and not _may_do_everything(stated.row):
        return False
    if count := _PERMISSION_COUNT.fullmatch(stated.text):
        is_none = not (found.values or has_every)
        is_none |= _PERMISSIONS.search(stated.row.cell(REMARKS)) is not None
        return (is_none or COUNTED) if int(count[1]) == len(found.values) else False
    said = {name.casefold() for name in split_names(stated.text)}
    is_list = said and 2 * len(said & names.permissions_known) >= len(said)
    return said == {name.casefold() for name in found.values} if is_list else PROSE


def _may_do_everything(row: Entity) -> bool:
    """Tell whether a row says of a role that it may do all there is, or Drupal brings it so."""
    said = _EVERYTHING.search(f"{row.note}\n{row.cell('Description')}")
    return said is not None or row.machine_name in listed_in("roles", "with_every_permission")


def _permission_list(stated: Stated, found: SiteCell, _names: Names) -> Judged:
    """Compare the permissions that `sheets` lists of a new role, or as came and gone of another."""
    if folded(found.text) in _EVERY_PERMISSION and not _may_do_everything(stated.row):
        return False
    if listed := _PERMISSIONS.search(stated.text):
        return {*split_names(listed["all"])} == {*found.values}
    more, less = _MORE.search(stated.text), _NO_LONGER.search(stated.text)
    if not (more or less):
        return PROSE
    is_there = more is None or {*split_names(more["more"])} <= {*found.values}
    return is_there and (less is None or {*split_names(less["less"])}.isdisjoint(found.values))


def _effects(stated: Stated, found: SiteCell, _names: Names) -> Judged:
    """Compare effects with their sizes, qualities and file types; what else a cell says is prose.

    Their order counts.
    """
    if sorted(split_names(stated.text)) == sorted(split_names(found.text)):
        return split_names(stated.text) == split_names(found.text)
    listed = list(map(_effect_in, split_names(stated.text)))
    named = [each for each in listed if each[0]]
    any_value = {effect for effect, value in named if effect in _WITHOUT_SIZE and not value}
    there = [
        (effect, "" if effect in any_value else value)
        for effect, value in map(_effect_in, found.values)
    ]
    if any(each not in there for each in named if each[0] in _WITHOUT_SIZE):
        return False
    if not named or any(size and not effect for effect, size in listed):
        return PROSE
    following = iter(there)  # what is found is behind, as in a subsequence
    is_among = all(each in following for each in named)
    return named == there if len(named) == len(listed) else is_among


def _effect_in(part: str) -> tuple[str, str]:
    """Return the id of an effect, empty where it is none, and its size, file type or per cent."""
    if summary := _SUMMARY.fullmatch(part):
        if summary["crop"]:
            return _CROP, folded(summary["type"])
        size = f"{'x' * (summary['side'].casefold() == 'height')}{summary['size']}"
        return _effect_in(f"{summary['name']} {size}")
    if part.startswith(f"{_CROP} "):
        return _CROP, folded(part.removeprefix(_CROP))
    if converted := _CONVERSION.fullmatch(part):
        return _CONVERT, converted["type"].casefold().replace("jpeg", "jpg")
    match, share = _SIZE.search(part), _PER_CENT.search(part)
    name = part[: share.start()] if share else part[: match.start()] if match else part
    name = re.sub(r"\bto$", "", name.strip()).strip()
    known, is_id = known_effects(), "_" in name and name.isidentifier()
    effect = known[folded(name)][0] if folded(name) in known else name if is_id else ""
    if share and effect:
        return effect, f"{share['value']}%"
    if match is None:
        return effect, ""
    return effect, f"{match['width'] or match['alone'] or ''}x{match['height'] or ''}"


def _unknown(text: str) -> str:
    return f"{UNKNOWN_SPELLING}: {text}" if text not in _NONE else NOT_APPLICABLE


_Compare: TypeAlias = Callable[[Stated, SiteCell, Names], Judged]
_COMPARISONS: Mapping[Comparison, _Compare] = {
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
    Comparison.PERMISSION_LIST: _permission_list,
}
