"""The effects of an image style: what Drupal does to an image, one after the other.

Their order matters: cropped and then scaled is another image. Core has some; modules bring more, such
as one that crops around a focal point. A conversion decides the type of file that is delivered.
A cell of the style lists them, or rows of a sheet of effects (`effect`), which go before the cell.

Source: Drupal core, `@ImageEffect` plugins; `image_effects` of `drupal.toml`; effects of modules in
`modules.toml`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from jira_pipeline.drupal.asked_rows import image_styles_to_build
from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Comparison,
    Counterpart,
    Differs,
    KnownNames,
    Met,
    NotComparable,
    SheetCell,
    compare_lists,
)
from jira_pipeline.drupal.image_style.effect import (
    EFFECT,
    SUMMARY,
    EffectWithoutValue,
    EffectWithValue,
    OtherEffect,
    effect_of,
    effects_listed,
)
from jira_pipeline.drupal.image_style.effect_words import (
    CONVERSION,
    CONVERSION_WORDS,
    EFFECT_ID,
    EFFECT_WITH_SETTINGS,
    StatedEffect,
    effect_in,
)
from jira_pipeline.drupal.image_style.name import filled_columns_beside_names
from jira_pipeline.drupal.listed_names import split_names
from jira_pipeline.drupal.markup import codes, text
from jira_pipeline.drupal.meaning.modules_and_types import bringing, known_effects, listed_in
from jira_pipeline.drupal.row_questions import RowQuestion, question_about
from jira_pipeline.drupal.rule import Rule, StatedFact
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.ticket_rows import GroupRows, TicketRows, to_build
from jira_pipeline.model import columns
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import TO_BUILD, Entity, EntityKind
from jira_pipeline.model.grouped import group_by

COLUMN = replace(
    columns.NOTES,
    spellings=(*columns.NOTES.spellings, "Effects", "Effect"),
    loss="the effects and sizes of image styles",
    also_in=EntityKind.IMAGE_EFFECT,
)
COLUMNS = ("Effects", "Effect", *NOTE_COLUMNS)
"""Where the effects of a style are: in the first of these that says anything."""
_ITEM = re.compile(
    r"(?i)(?P<name>[a-z_ ]+?)(?: to)?(?: (?P<size>\d+ ?[x×] ?\d+|x ?\d+|\d+ ?x?)(?:%|px)?)?"
)
_NO_EFFECT = re.compile(r"(?:no|was)\b", re.IGNORECASE)
_AROUND = re.compile(r"(?i)^(?:is )?now | for [a-z ]+$")
"""What a note says before an effect, that it is the new one, and after it, what for."""
_SIZING = re.compile(r"scale|crop|resize")
_FILE_TYPES = {"jpg": "JPEG", "webp": "WebP"}
"""Formats of images that are not called by their words in capitals."""
_EFFECTS_MAX = 20
_VALUE_OPTIONAL = frozenset({CONVERSION, "image_style_quality"})
"""Effects whose file type or quality a cell may leave out: any value of the site will do then."""


# The fact: what the row of a style says of its effects.


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """Effects that a cell names, of which some may be read only."""

    is_read_whole: bool
    """Nothing is said beside them."""
    modules: tuple[str, ...] = ()
    """Modules beside core that bring them."""
    file_type: str = ""
    """What they convert an image to; empty where it stays."""
    without_value: tuple[str, ...] = ()
    """Effects of which nothing says the value that they need."""
    unknown: tuple[str, ...] = ()
    """Ids of effects of no known module."""


@dataclass(frozen=True, slots=True)
class OtherWords:
    """The row says something of the style that names no effect."""


@dataclass(frozen=True, slots=True)
class StyleOfModule:
    """The row says nothing, and a module brings the style with its effects."""


@dataclass(frozen=True, slots=True)
class NoEffects:
    """The row says nothing: nobody can build the style."""


EffectsFact: TypeAlias = Effects | OtherWords | StyleOfModule | NoEffects


def effects_of(style: Entity, listed: Sequence[Entity] = ()) -> EffectsFact:
    """Read the effects of a style from the rows that list them, else from its own row."""
    if listed:
        return _effects_of_rows(listed)
    effects = _effects_in(style.cell(_column_of_effects(style)))
    if effects is not None:
        return effects
    if filled_columns_beside_names(style):
        return OtherWords()
    if style.machine_name in bringing("image_styles"):
        return StyleOfModule()
    return NoEffects()


def _effects_of_rows(rows: Iterable[Entity]) -> Effects:
    """Read effects from a row for each."""
    effects = []
    without_value = []
    is_read_whole = True
    for row in rows:
        match effect_of(row):
            case EffectWithValue(stated):
                effects.append(stated)
            case EffectWithoutValue(effect):
                effects.append(StatedEffect(effect, ""))
                without_value.append(effect)
            case OtherEffect():
                is_read_whole = False
    return Effects(
        is_read_whole=is_read_whole,
        modules=_modules_bringing(effects),
        file_type=_file_type_of(effects),
        without_value=tuple(without_value),
    )


def _modules_bringing(effects: Iterable[StatedEffect]) -> tuple[str, ...]:
    """Return the modules beside core that bring known effects, once each."""
    module_by_effect = dict(known_effects().values())
    modules = dict.fromkeys(module_by_effect[stated.effect] for stated in effects)
    modules.pop("", None)  # of core
    return tuple(modules)


def _column_of_effects(style: Entity) -> str:
    """Return the column in which the row of a style says its effects; the usual one where none does."""
    for column in COLUMNS:
        if style.cell(column):
            return column
    return COLUMN.name


def _effects_in(cell: str) -> Effects | None:
    """Read the effects that a cell lists; None where it names none that decides anything."""
    entries = _entries_in(cell)
    effects = [effect_in(entry) for entry in entries]
    module_by_effect = dict(known_effects().values())
    certain = [stated for stated in effects if stated.effect in module_by_effect]
    is_read_whole = all(map(_is_effect_only, entries))
    modules = _modules_bringing(certain)
    file_type = _file_type_of(certain)
    if not (is_read_whole or modules or file_type):
        return None
    without_value: list[str] = []
    if is_read_whole:
        without_value = [stated.effect for stated in certain if _lacks_value(stated, file_type)]
    unknown = [entry for entry in entries if _is_unknown_id(entry)]
    return Effects(
        is_read_whole=is_read_whole,
        modules=modules,
        file_type=file_type,
        without_value=tuple(without_value),
        unknown=tuple(unknown),
    )


def _entries_in(cell: str) -> list[str]:
    """Return the effects that a cell lists, without those it calls removed."""
    entries = []
    for part in re.split(r"[,;\n]", cell.strip(" ."), maxsplit=_EFFECTS_MAX):
        entry = part.strip()
        if not _NO_EFFECT.match(entry):
            entries.append(_AROUND.sub("", entry))
    return entries


def _is_known(effect: str) -> bool:
    return effect in dict(known_effects().values())


def _is_effect_only(entry: str) -> bool:
    """Tell whether an entry is an effect with its value, or an id, and nothing else."""
    if EFFECT_ID.fullmatch(entry) or EFFECT_WITH_SETTINGS.fullmatch(entry):
        return True
    is_in_usual_words = _ITEM.fullmatch(entry) or CONVERSION_WORDS.fullmatch(entry)
    return is_in_usual_words is not None and _is_known(effect_in(entry).effect)


def _is_unknown_id(entry: str) -> bool:
    return EFFECT_ID.fullmatch(entry) is not None and not _is_known(effect_in(entry).effect)


def _file_type_of(effects: Sequence[StatedEffect]) -> str:
    """Return the file type to which the last conversion among effects converts."""
    types = [stated.value for stated in effects if stated.effect == CONVERSION and stated.value]
    if not types:
        return ""
    return _FILE_TYPES.get(types[-1], types[-1].upper())


def _lacks_value(stated: StatedEffect, file_type: str) -> bool:
    """Tell whether an effect lacks a value that it needs; a conversion does not if another has a type."""
    if stated.value or stated.effect in listed_in("image_effects", "without_values"):
        return False
    return not (stated.effect == CONVERSION and file_type)


# What follows from it.


def ask(style: Entity, rows: GroupRows) -> Iterator[RowQuestion]:
    """Ask for the effects of a style whose row has none, and for values that effects lack.

    `Which effects and which size does “Card” have? No cell says.`, `Which values does the effect
    Scale have in “Card”?`
    """
    if effects_listed(style, rows):
        return  # what these rows leave open, `effect` asks
    match effects_of(style):
        case NoEffects():
            yield question_about("lists.effects", style)
        case Effects() as effects:
            column = _column_of_effects(style)
            is_size_elsewhere = _says_number_elsewhere(style, column)
            for effect in effects.unknown:
                yield question_about("lists.values", style, column, effect=effect)
            for effect in effects.without_value:
                if not (is_size_elsewhere and _SIZING.search(effect)):
                    yield question_about("lists.values", style, column, effect=effect)
        case OtherWords() | StyleOfModule():
            return


def _says_number_elsewhere(style: Entity, column: str) -> bool:
    """Tell whether the name or another cell may have the size that effects lack."""
    texts = [style.label]
    for other in filled_columns_beside_names(style):
        if other != column:
            texts.append(style.cell(other))
    return any(re.search(r"\d", cell) for cell in texts)


def say(ticket: TicketRows) -> Iterator[Claim]:
    """Say which modules the effects need.

    `hull and mast need an effect of the Focal Point module.`
    """
    styles_by_module: dict[str, list[_StyleEffects]] = {}
    for style in _styles_with_effects(ticket):
        for module in style.effects.modules:
            styles_by_module.setdefault(module, []).append(style)
    for module, styles in styles_by_module.items():
        column = _column_of_effects(styles[0].style)
        yield from _claims_about("analysis.effect_module", styles, column, module=text(module))


def check(ticket: TicketRows) -> Iterator[Claim]:
    """Claim that styles have the effects of their rows, and the type of file that they deliver.

    `hull has exactly the effects of its row, in their order.` Of the effects, styles whose row says
    more than effects, lacks a value or is doubted by a question are left out; what a row converts
    to is certain also there: `hull delivers WebP.`
    """
    styles = _styles_with_effects(ticket)
    by_cell: list[_StyleEffects] = []
    by_rows: list[_StyleEffects] = []
    for style in styles:
        if not style.is_certain(ticket):
            continue
        if style.listed:
            by_rows.append(style)
        else:
            by_cell.append(style)
    yield from _claims_about("verification.effects", by_cell, *COLUMNS)
    yield from _claims_about("verification.effects_listed", by_rows)
    for file_type, alike in group_by(styles, lambda style: style.effects.file_type).items():
        if file_type:
            yield from _claims_about(
                "verification.file_type",
                alike,
                _column_of_effects(alike[0].style),
                values=[file_type] * len(alike),
                value=text(file_type),
            )


@dataclass(frozen=True, slots=True)
class _StyleEffects:
    """A style with the effects that are read of it, and where from."""

    style: Entity
    listed: Sequence[Entity]
    """The rows that list them; where there are none, the style's own row does."""
    effects: Effects

    def is_certain(self, ticket: TicketRows) -> bool:
        """Tell whether the style is to have these effects and no others."""
        if self.effects.without_value or not self.effects.is_read_whole:
            return False
        return not ticket.is_disputed(self.style, *COLUMNS)


def _claims_about(
    kind: str,
    styles: Sequence[_StyleEffects],
    *columns: str,
    values: Sequence[str] | None = None,
    **words: str,
) -> tuple[Claim, ...]:
    """Claim something of styles by the rows that say their effects."""
    named = [style.style for style in styles]
    if not any(style.listed for style in styles):
        return claims_about(kind, named, *columns, values=values, **words)
    rows: list[Entity] = []
    for style in styles:
        rows += style.listed or [style.style]
    # The rows of effects have no machine names: the styles are named and counted.
    words |= {"codes": codes(named), "count": str(len(named))}
    columns = (*columns, EFFECT.name, SUMMARY.name)
    return claims_about(kind, rows, *columns, values=values, of_count=len(named), **words)


def _styles_with_effects(ticket: TicketRows) -> list[_StyleEffects]:
    """Return the styles to build, and those there with effects to build, of which effects are read."""
    styles = []
    for style in ticket.live(EntityKind.IMAGE_STYLE):
        listed = effects_listed(style, ticket.group_rows)
        if style.status not in TO_BUILD and not to_build(listed):
            continue
        effects = effects_of(style, listed)
        if isinstance(effects, Effects):
            styles.append(_StyleEffects(style, listed, effects))
    return styles


def facts(ticket: TicketRows) -> Iterator[StatedFact]:
    """Yield the effects of each style."""
    for style in ticket.to_build:
        listed = effects_listed(style, ticket.group_rows)
        yield StatedFact(fact=effects_of(style, listed), rows=(style, *listed))


def compare(cell: SheetCell, site_cell: SiteCell, _: KnownNames) -> CellResult:
    """Compare effects in their order, with sizes, qualities and file types; other words are prose."""
    sheet_texts = split_names(cell.text)
    site_texts = split_names(site_cell.text)
    difference = compare_lists(sheet_texts, site_texts)
    if isinstance(difference, Met):
        return difference if sheet_texts == site_texts else Differs()

    in_cell = [effect_in(words) for words in sheet_texts]
    wanted = [stated for stated in in_cell if stated.effect]
    on_site = _without_values_left_out([effect_in(words) for words in site_cell.values], wanted)
    for stated in wanted:
        if stated.effect in _VALUE_OPTIONAL and stated not in on_site:
            return difference
    has_size_alone = any(stated.value and not stated.effect for stated in in_cell)
    if not wanted or has_size_alone:
        return NotComparable(PROSE)
    if len(wanted) == len(in_cell):
        return Met() if wanted == on_site else difference
    # Of a cell with other words beside its effects, these have to come in the same order.
    return Met() if _is_subsequence(wanted, on_site) else difference


def _without_values_left_out(
    on_site: list[StatedEffect], wanted: list[StatedEffect]
) -> list[StatedEffect]:
    """Return the effects of a site without the values that a cell may leave out, where it does."""
    left_out = set()
    for stated in wanted:
        if stated.effect in _VALUE_OPTIONAL and not stated.value:
            left_out.add(stated.effect)
    effects = []
    for stated in on_site:
        effects.append(replace(stated, value="") if stated.effect in left_out else stated)
    return effects


def _is_subsequence(wanted: list[StatedEffect], on_site: list[StatedEffect]) -> bool:
    remaining = iter(on_site)
    return all(stated in remaining for stated in wanted)  # `in` consumes up to the one it finds


COUNTERPART = Counterpart(how=Comparison.EFFECTS, where="`effects`", compare=compare)
RULE = Rule(
    key="image_style.effects",
    columns=(COLUMN,),
    facts=facts,
    say=say,
    asked_rows=image_styles_to_build,
    ask=ask,
    check=check,
    counterpart=COUNTERPART,
)
