"""Which image styles and view modes a ticket uses, by notes, formats, or their own rows.

Belongs here: where a style or mode is used. Does not: what becomes of one that goes (`removals`).
"""

import re
from collections.abc import Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, ReferenceState, Status
from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.domain.note_sentences import items_of
from jira_pipeline.domain.questions.question_index import name_of, once_per_session, stems_of
from jira_pipeline.domain.questions.row_questions import spelt_otherwise
from jira_pipeline.domain.view_displays import setting_of
from jira_pipeline.writers.group_facts import (
    GONE,
    TO_BUILD,
    GroupFacts,
    SessionFacts,
    rows_by_name,
    settled_sentences,
)
from jira_pipeline.writers.migration_runs import is_media
from jira_pipeline.writers.named_rows import folded, phrases_in
from jira_pipeline.writers.shown_view import shown_view
from jira_pipeline.writers.view_rows import newly_indexed


def used_for(row: Entity) -> str:
    """Return what a row says it is used for or on, in a column of its own; empty without."""
    return next((cell for column, cell in row.cells.items() if _USED.match(column)), "")


_USED = re.compile(r"used\b", re.IGNORECASE)


def places_column(mode: Entity, session: SessionFacts) -> str:
    """Return the cell that says where a row is used: any that holds nothing but names of bundles."""
    known = session.index.bundles_by_name
    listing = (
        cell
        for column, cell in mode.cells.items()
        if column not in {"Entity Type", "View Modes", "Machine name"}
        and all(part.strip(" .").casefold() in known for part in cell.split(","))
    )
    return mode.cell("Entities Used On") or next(listing, "")


def known_places(mode: Entity, session: SessionFacts) -> list[str]:
    """Return where a view mode is used, as it is called, without names a question asks about."""
    index = session.index
    meant = {
        r.text: spelt_otherwise(r, mode, index).rpartition(" (")[0]
        for r in mode.references
        if r.state is ReferenceState.DANGLING
    }
    names = [name.rstrip(".") for name in items_of(places_column(mode, session))]
    if rule := _BY_COLUMN.match(mode.cell("Entities Used On")):
        rule_words = f"{rule.group()} {mode.cell('Entity Type')}".casefold()
        types = {kind for kind in BundleType if kind.split()[0].casefold() in rule_words}
        return [
            name_of(bundle)
            for bundle in session.specification.by_kind[EntityKind.BUNDLE]
            if bundle.bundle_type in types
            and bundle.status not in GONE
            and bundle.cell(rule["column"]).casefold() == rule["cell"].casefold()
        ]
    return [place for name in names if (place := meant.get(name, name))]


_BY_COLUMN = re.compile(
    r"^all\b.* (?:with|where) (?P<column>\S+) ?(?:=|is) ?(?P<cell>\w+)$", re.IGNORECASE
)
"""Bundles by what their cells say: `All content types with Srch. = y`."""


def used_styles_and_modes(facts: GroupFacts) -> list[Entity]:
    """Return the view modes and styles of other tickets that notes of this one name.

    And the styles whose rows name the bundle or view it is about.
    """
    rows = (*facts.group.heads, *facts.to_build)
    notes = " ".join(s for row in rows for s in settled_sentences(row))
    formats = _formats(facts)
    found: list[Entity] = []
    if facts.group.kind is GroupKind.BUNDLE and not facts.is_webform:
        found += _styles_by_place(facts.session).get(folded(name_of(facts.head)), ())
    if facts.group.kind is GroupKind.VIEW:
        words = stems_of(" ".join(row.label for row in (facts.head, *facts.to_build)))
        uses = _uses_of_styles(facts.session)
        found += [
            style for word in sorted(words) for use, style in uses.get(word, ()) if use <= words
        ]
    for kind, noun in _NAMED_BY.items():
        is_spoken_of = re.search(noun, notes, re.IGNORECASE) or (
            formats and kind is EntityKind.VIEW_MODE
        )
        rows_of_kind = facts.session.specification.by_kind[kind]
        for row in rows_of_kind if is_spoken_of else _used(facts.session)[kind]:
            is_other = row.status not in {*GONE, Status.IMPLEMENTED} and not facts.is_related(row)
            name = re.escape(row.label)
            listed = rf"\b{noun}:? (?:[\w -]+(?:,| and| or|/) ?){{0,3}}[\"“']?{name}(?![\w-])"
            before = rf"(?<!\w){name}[\"”']? {noun}\b"
            is_of_type = kind is not EntityKind.VIEW_MODE or _is_shown_in(row, facts)
            is_named = bool(re.search(f"{listed}|{before}", notes, re.IGNORECASE))
            is_used = (is_of_type and is_named) or _is_used_by(row, facts)
            if row.label and is_other and (is_used or _is_format(row, formats, facts)):
                found.append(row)
    return [row for row in {row.key: row for row in found}.values() if not facts.is_related(row)]


_NAMED_BY: dict[EntityKind, str] = {
    EntityKind.VIEW_MODE: r"view modes?",
    EntityKind.RESPONSIVE_IMAGE_STYLE: r"responsive(?: image)?(?: styles?)?",
    EntityKind.IMAGE_STYLE: r"(?<!responsive )image styles?",
}
"""What a note calls a thing whose name comes right before or after."""


@once_per_session
def _used(session: SessionFacts) -> Mapping[EntityKind, Sequence[Entity]]:
    """The rows that say what they are for, by kind."""
    by_kind = session.specification.by_kind
    return {kind: [row for row in rows if used_for(row)] for kind, rows in by_kind.items()}


@once_per_session
def _styles_by_place(session: SessionFacts) -> Mapping[str, Sequence[Entity]]:
    """The styles to build by what their use or note names, in small letters, in the singular.

    A whole item, or several words of a sentence.
    """
    return rows_by_name(
        (folded(name), style)
        for kind in (EntityKind.IMAGE_STYLE, EntityKind.RESPONSIVE_IMAGE_STYLE)
        for style in session.specification.by_kind[kind]
        if style.status in TO_BUILD
        for cell in (used_for(style), style.note)
        for name in (*items_of(cell), *(p for p in phrases_in(cell) if " " in p))
    )


@once_per_session
def _uses_of_styles(session: SessionFacts) -> dict[str, list[tuple[set[str], Entity]]]:
    """Return for what image styles to build are, in words that name no bundle, by a word of each."""
    found: dict[str, list[tuple[set[str], Entity]]] = {}
    for style in session.specification.by_kind[EntityKind.IMAGE_STYLE]:
        for use in map(stems_of, _USE.split(f"{used_for(style)}; {style.note}")):
            if len(use) > 1 and style.status in TO_BUILD:
                called = session.index.bundles_by_stem.get(min(use), ())
                if not any(use == stems_of(name_of(bundle)) for bundle in called):
                    found.setdefault(min(use), []).append((use, style))
    return found


_USE = re.compile(r"[^\w -]|\b(?:and|for|in|of|on|the)\b", re.IGNORECASE)
"""What stands between the places a style says it is for: `For the review queue and the table`."""


def _formats(facts: GroupFacts) -> set[str]:
    """Return the parts of the cells that say how displays to build show what they list."""
    if facts.group.kind is not GroupKind.VIEW:
        return set()
    cells = (setting_of(row, "format").casefold() for row in facts.to_build)
    parts = (part for cell in cells for part in re.split(r"[,;:()]", cell.replace("_", " ")))
    return {_FORM_OF_MODE.sub("", part.strip()) for part in parts}


_FORM_OF_MODE = re.compile(
    r"^.*?\b(?:view mode|vm|rendered|with) | (?:grid|list|above|below|beside)\b.*$"
)
"""What a cell says beside the name of a view mode: `Map with Popup, Card grid below`."""


def _is_format(mode: Entity, formats: set[str], facts: GroupFacts) -> bool:
    """Tell whether displays show what a view lists in a mode that is new or changes for it."""
    if mode.kind is not EntityKind.VIEW_MODE or mode.label.casefold() not in formats:
        return False
    called = facts.session.index.bundles_called
    names = phrases_in(" ".join(mode.cells.values()))
    named = [bundle for name in names for bundle in called.get(name.casefold(), ())]
    listed = shown_view(facts).listed_bundles
    is_for_it = mode.status is Status.APPROVED or not (named and listed)
    is_for_it = is_for_it or any(bundle in listed for bundle in named)
    return is_for_it and _is_shown_in(mode, facts)


def _is_used_by(style: Entity, facts: GroupFacts) -> bool:
    """Tell whether the row of a style says that it is for a field or a view mode of a ticket."""
    purpose = used_for(style)
    if style.kind is EntityKind.VIEW_MODE or not purpose:
        return False
    places = [
        rf"(?:vm|view mode) {re.escape(row.label)}(?!\w)"
        if row.kind is EntityKind.VIEW_MODE
        else rf"^{re.escape(row.label)}(?!\w)"
        for row in facts.to_build
        if row.label and (row.kind is EntityKind.VIEW_MODE or _holds_images(row, facts))
    ]
    return any(re.search(place, purpose, re.IGNORECASE) for place in places)


def _holds_images(row: Entity, facts: GroupFacts) -> bool:
    is_image = row.cell("Field type").casefold() == "image"
    return is_image or any(is_media(r.target_key, facts) for r in row.references)


def _is_shown_in(mode: Entity, facts: GroupFacts) -> bool:
    """Tell whether a view mode is of the type that a view lists; elsewhere only one may have it."""
    modes = facts.session.specification.by_kind[EntityKind.VIEW_MODE]
    if len([m for m in modes if m.label.casefold() == mode.label.casefold()]) == 1:
        return True
    kinds = {b.bundle_type for b in shown_view(facts).listed_bundles}
    return facts.group.kind is GroupKind.VIEW and mode.bundle_type in kinds


def fitting_modes(facts: GroupFacts) -> list[tuple[Entity, list[Entity]]]:
    """Return the mode to build that fits a view whose format nobody gives, with what it is for.

    One of results of a search fits a search, another one all it lists, if no second one does.
    """
    view = shown_view(facts)
    if facts.group.is_hollow or view.is_administrative or used_styles_and_modes(facts):
        return []
    prose = f"{facts.head.cell('Description')} {' '.join(r.note for r in facts.to_build)}"
    is_said = any(_formats(facts) - {""}) or _LOOK.search(f"{prose} {facts.head.note}")
    if is_said or not (view.listed_bundles or newly_indexed(facts)):
        return []
    called = facts.session.index.bundles_called
    kinds = {b.bundle_type for b in view.listed_bundles} or {BundleType.CONTENT}
    found = []
    for mode in facts.session.specification.by_kind[EntityKind.VIEW_MODE]:
        cells = [cell for c, cell in mode.cells.items() if c != "View Modes"]
        phrases = [phrase for cell in cells for phrase in phrases_in(cell)]
        names = {b.key: b for n in phrases for b in called.get(n.casefold(), ())}
        named = [b for b in names.values() if b.bundle_type is mode.bundle_type]
        is_for_all = bool(view.listed_bundles) and all(b in named for b in view.listed_bundles)
        is_of_search = view.is_search and "search" in mode.label.casefold()
        if mode.bundle_type in kinds and mode.status not in GONE and (is_for_all or is_of_search):
            found.append((is_of_search, mode, named))
    best = [f for f in found if f[0]] or found
    return [(mode, named) for _, mode, named in best if len(best) == 1 and mode.status in TO_BUILD]


_LOOK = re.compile(r"\b(?:tables?|grid|teasers?|cards?|view mode|rows?|lines?)\b", re.IGNORECASE)
"""What prose says of how a view shows what it lists."""


@once_per_session
def _modes_by_place(session: SessionFacts) -> Mapping[str, Sequence[Entity]]:
    """The view modes to stay or to come by what they are used on, in small letters.

    Those to build also by what their notes name.
    """
    found: list[tuple[str, Entity]] = []
    for mode in session.specification.by_kind[EntityKind.VIEW_MODE]:
        if mode.status not in GONE:
            found += [(place.casefold(), mode) for place in known_places(mode, session)]
            noted = settled_sentences(mode) if mode.status in TO_BUILD else ()
            found += [(p, mode) for s in noted for p in phrases_in(s) if p[:1].isupper()]
    return rows_by_name(found)


def modes_to_display(facts: GroupFacts) -> list[Entity]:
    """Return the view modes of the site or of earlier tickets whose displays a new bundle lacks."""
    head = facts.head
    names = (name_of(head).casefold(), head.label.casefold(), name_of(head))
    modes = [mode for name in names for mode in _modes_by_place(facts.session).get(name, ())]
    return [
        mode
        for mode in {mode.source: mode for mode in modes}.values()
        if head.status is Status.APPROVED and mode.bundle_type is head.bundle_type
        if mode.status is Status.IMPLEMENTED or not facts.is_related(mode)
    ]


def bundles_named(mode: Entity, facts: GroupFacts) -> list[Entity]:
    """Return the bundles with a ticket, of its type, that the note of a view mode names exactly."""
    if facts.group.kind is not GroupKind.VIEW_MODES:
        return []
    called = facts.session.index.bundles_called
    found = {
        name: bundle
        for name in phrases_in(mode.note)
        for bundle in called.get(name.casefold(), ())
        if bundle.bundle_type is mode.bundle_type and bundle.status not in GONE
        if bundle.key in facts.session.making and name_of(bundle) == name
    }
    longest_first = "|".join(map(re.escape, sorted(found, key=len, reverse=True)))
    named = re.findall(rf"(?<!\w)(?:{longest_first})(?!\w)", mode.note) if found else []
    return [found[name] for name in dict.fromkeys(named)]
