"""Which rows of other tickets things are displayed with: styles, view modes, and what a view uses.

Belongs here: finding them, and the states, fields, search index and pages of a view. Does not: what
a view lists (`shown_view`), what becomes of a style that goes (`removals`), words (`analysis`).
"""

import re
from collections.abc import Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, ReferenceState, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.domain.note_sentences import items_of
from jira_pipeline.domain.questions.question_index import (
    is_machine_name_given,
    name_of,
    once_per_session,
    stems_of,
)
from jira_pipeline.domain.questions.row_questions import spelt_otherwise
from jira_pipeline.domain.view_displays import plugin_of, setting_of
from jira_pipeline.writers.group_facts import (
    GONE,
    TO_BUILD,
    VIEWS,
    GroupFacts,
    SessionFacts,
    rows_by_name,
    settled_sentences,
)
from jira_pipeline.writers.migration_runs import UPKEEP, is_media
from jira_pipeline.writers.named_rows import folded, phrases_in
from jira_pipeline.writers.shown_view import shown_view


def used_for(row: Entity) -> str:
    """Return what a row says it is used for or on, in a column of its own; empty without."""
    return next((cell for column, cell in row.cells.items() if _USED.match(column)), "")


_USED = re.compile(r"used\b", re.IGNORECASE)


def places_column(mode: Entity, session: SessionFacts) -> str:
    """Return the cell that says where a row is used: any that holds or begins with names of bundles."""
    all_cell = "all" if mode.kind is EntityKind.VIEW_MODE else None
    listing = (
        cell
        for column, cell in mode.cells.items()
        if column not in {"Entity Type", "View Modes", "Machine name"}
        and (cell.casefold() == all_cell or _places_in(cell, mode, session))
    )
    return mode.cell("Entities Used On") or next(listing, "")


def _places_in(cell: str, mode: Entity, session: SessionFacts) -> list[str]:
    """Return the names of bundles that a cell begins with; none where one of them is unknown."""
    known = session.index.bundles_called
    names = _JOINED.split(_USED_ON.sub("", cell))
    return (
        names
        if all(
            any(
                b.bundle_type is mode.bundle_type or mode.bundle_type is None
                for b in known.get(name.casefold(), ())
                if name
            )
            for name in names
        )
        else []
    )


_USED_ON = re.compile(r"^for | only\b.*$|\W*(?:[.:;].*)?$", re.IGNORECASE | re.DOTALL)
"""What is around the names that a note begins with: `For News, Plant; whole card is a link`."""
_JOINED = re.compile(r", (?:and )?| and ")


def known_places(mode: Entity, session: SessionFacts) -> list[str]:
    """Return where a view mode is used, as it is called, without names a question asks about."""
    index = session.index
    meant = {
        r.text: spelt_otherwise(r, mode, index).rpartition(" (")[0]
        for r in mode.references
        if r.state is ReferenceState.DANGLING
    }
    cell = places_column(mode, session)
    if rule := _ALL_SWITCHED.match(cell):
        return [
            name_of(bundle)
            for bundle in session.specification.by_kind[EntityKind.BUNDLE]
            if bundle.bundle_type is mode.bundle_type and bundle.status not in GONE
            if bundle.cell(_SWITCH[rule["what"].casefold()]).casefold() == "y"
        ]
    names = _places_in(cell, mode, session) or [name.rstrip(".") for name in items_of(cell)]
    places = [place for name in names if (place := meant.get(name, name))]
    called = [index.bundles_called.get(place.casefold(), ()) for place in places]
    return [
        name_of(bundles[0]) if len(bundles) == 1 else place
        for place, bundles in zip(places, called, strict=True)
    ]


SEARCHED = "Srch."
"""Of a bundle: whether the search index holds it."""
_SWITCH = {"searchable": SEARCHED, "moderated": "Mod.", "translatable": "Trns."}
_ALL_SWITCHED = re.compile(rf"all (?P<what>{'|'.join(_SWITCH)})\b", re.IGNORECASE)
"""Bundles by what their row switches on: `All searchable content types`."""


def used_styles_and_modes(facts: GroupFacts) -> list[Entity]:
    """Return the view modes and styles of other tickets that notes of this one name.

    And the styles whose rows name the bundle or view it is about.
    """
    rows = (*facts.group.heads, *facts.to_build)
    notes = " ".join(s for row in rows for s in settled_sentences(row))
    formats = _formats(facts)
    called = facts.session.named_rows.called
    coded = dict.fromkeys(re.findall(r"(?<![\w/.])[a-z]+_\w+", notes))
    rows_called = (row for name in coded for row in called.get(name, ()))
    found = [row for row in rows_called if row.kind in _NAMED_BY and row.status in TO_BUILD]
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
    """Return the rows that say what they are for, by kind."""
    by_kind = session.specification.by_kind
    return {kind: [row for row in rows if used_for(row)] for kind, rows in by_kind.items()}


@once_per_session
def _styles_by_place(session: SessionFacts) -> Mapping[str, Sequence[Entity]]:
    """Return the styles to build by what their use or note names, in small letters, in the singular.

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
    for row in (row for row in facts.to_build if row.label):
        is_mode = row.kind is EntityKind.VIEW_MODE
        is_image = row.cell("Field type").casefold() == "image"
        is_image = is_image or any(is_media(r.target_key, facts) for r in row.references)
        place = rf"{'(?:vm|view mode) ' if is_mode else '^'}{re.escape(row.label)}(?!\w)"
        if (is_mode or is_image) and re.search(place, purpose, re.IGNORECASE):
            return True
    return False


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
    if is_said or not (view.listed_bundles or bundles_to_index(facts)):
        return []
    called = facts.session.index.bundles_called
    kinds = {b.bundle_type for b in view.listed_bundles} or {BundleType.CONTENT}
    found = []
    for mode in facts.session.specification.by_kind[EntityKind.VIEW_MODE]:
        places = [p for p in phrases_in(mode.note) if p[:1].isupper()]
        places += known_places(mode, facts.session)
        names = {b.key: b for place in places for b in called.get(place.casefold(), ())}
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
    """Return the view modes to stay or to come by what they are used on, in small letters.

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
    names = (name_of(head), name_of(head).casefold(), head.label.casefold())
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


def states_meant(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the states that a view speaks of, by label or machine name, with their workflows.

    A state that only a filter names is to come, and of one workflow.
    """
    specification = facts.session.specification
    rows = (facts.head, *facts.to_build)
    notes = " ".join(f"{row.cell('Description')} {row.note}." for row in rows)
    names = [match["name"].casefold() for match in _STATE.finditer(notes)]
    compared = shown_view(facts).states_compared
    labels = [state.label for state in compared]
    alone = [state for state in compared if labels.count(state.label) == 1]
    return [
        (state, workflow)
        for state in specification.by_kind[EntityKind.WORKFLOW_STATE]
        if names or state in alone
        for label in [rf"(?:{re.escape(state.label)}|{re.escape(state.machine_name)})\b"]
        if (state in alone and state.status in TO_BUILD)
        or any(re.match(label, name, re.IGNORECASE) for name in names)
        for workflow in specification.by_key.get(state.owner_key or "", ())[:1]
    ]


_STATE = re.compile(r"\b(?:state|status) [\"“']?(?P<name>[A-Z][\w ]*\w)")


def fields_used(facts: GroupFacts) -> list[tuple[EntityGroup, Entity]]:
    """Return the fields that a view names by machine name, with the ticket that builds each first.

    Left out is what comes with a bundle that the view lists or waits for, and what is there.
    """
    rows = (facts.head, *facts.to_build)
    cells = " ".join(cell for row in rows for c, cell in row.cells.items() if c not in UPKEEP)
    known = {d.group_key for d in facts.group.dependencies}
    known |= {
        g.key for b in shown_view(facts).listed_bundles if (g := facts.session.making.get(b.key))
    }
    named = dict.fromkeys(re.findall(r"\bfield_\w+", cells))
    built = [_fields_built(facts.session).get(name, ()) for name in named]
    return [pairs[0] for pairs in built if pairs and known.isdisjoint(g.key for g, _ in pairs)]


@once_per_session
def _fields_built(session: SessionFacts) -> Mapping[str, Sequence[tuple[EntityGroup, Entity]]]:
    """Return the fields that no bundle has yet, by machine name, with the tickets that build them."""
    found: dict[str, list[tuple[EntityGroup, Entity]]] = {}
    for group in session.in_order:
        for row in group.members if group.kind is GroupKind.BUNDLE else ():
            if row.kind is EntityKind.FIELD and is_machine_name_given(row):
                found.setdefault(row.machine_name, []).append((group, row))
    return {
        name: built
        for name, built in found.items()
        if {row.status for _, row in built} == {Status.APPROVED}
    }


def pages_of_blocks(facts: GroupFacts) -> list[Entity]:
    """Return the bundles on whose pages notes or filters place blocks of a view that lists others."""
    listed = shown_view(facts).listed_bundles
    blocks = [row for row in facts.to_build if plugin_of(row) == "block"]
    placed = [
        match[1]
        for row in blocks
        for sentence in settled_sentences(row)
        for match in _PLACED_ON.finditer(sentence)
    ]
    called = facts.session.index.bundles_called
    given = {m[1].casefold() for b in blocks for m in _GIVEN.finditer(setting_of(b, "filters"))}
    fields = [f for bundle in listed for f in facts.session.live_fields(bundle)]
    pages = [
        target
        for field in fields
        if given & {field.label.casefold(), field.machine_name}
        for reference in field.references
        for target in facts.session.specification.by_key.get(reference.target_key or "", ())[:1]
    ]
    pages += [bundle for name in sorted(given) for bundle in called.get(name, ())]
    found = {
        bundle.key: bundle
        for place in placed
        for phrase in phrases_in(place)
        for bundle in called.get(phrase.casefold(), ())
        if phrase[:1].isupper()
    }
    found |= {page.key: page for page in pages}
    return [
        bundle
        for bundle in found.values()
        if bundle not in listed and bundle.status not in GONE
        if bundle.bundle_type in {BundleType.CONTENT, BundleType.VOCABULARY}
    ]


_GIVEN = re.compile(
    r"(?:^|[;,:.]|\b(?:on|for|filter))\s*((?!on\b|for\b|filter\b|the\b)\w[\w ]*?)"
    r"(?: ?= ?(?:(?:node|term|nid|id)\b ?)*)? from (?:the )?(?:url|path|route)\b",
    re.IGNORECASE,
)
"""What a filter is given by the page that a block is on: `Quay from URL`."""


_PLACED_ON = re.compile(
    r"(?<!filter )\b(?:[Oo]n|[Ii]n|[Uu]nder|[Bb]elow|[Aa]bove|[Bb]eside|of)"
    r"((?: (?:the|each|every|an?|and|or|[A-Z][\w-]*)\b,?)+)"
)
"""Where a note puts a block: `Above the title on Trail and Hut`."""


def bundles_to_index(facts: GroupFacts) -> list[Entity]:
    """Return the bundles to be searched where a view lists the only index; once it is there, new ones.

    A view that lists bundles of its own is over a part of it.
    """
    rows = (facts.head, *facts.to_build)
    indexes = {index for row in rows for index in indexes_named(row)}
    view = shown_view(facts)
    is_searching = indexes or view.is_search
    if not is_searching or facts.group.is_hollow or view.listed_bundles:
        return []
    if len(indexes | _indexes(facts.session)) > 1:
        return []
    is_new = facts.group.action is GroupAction.CREATE
    wanted = TO_BUILD | {Status.IMPLEMENTED} if is_new else {Status.APPROVED}
    return [
        bundle
        for bundle in facts.session.specification.by_kind[EntityKind.BUNDLE]
        if bundle.bundle_type is not BundleType.PARAGRAPH  # found by what holds it
        and bundle.status in wanted
        and bundle.cell(SEARCHED).casefold() == "y"
    ]


@once_per_session
def _indexes(session: SessionFacts) -> frozenset[str]:
    """Return the search indexes that views to stay or to come are over, by name."""
    rows = (row for kind in VIEWS for row in session.specification.by_kind[kind])
    return frozenset(
        index for row in rows if row.status not in GONE for index in indexes_named(row)
    )


def indexes_named(row: Entity) -> set[str]:
    """Return the search index that base table or filters of a view or display name."""
    cells = (row.cell("Base table"), setting_of(row, "filters"))
    found = filter(None, map(_INDEX.search, cells))
    return {match["name"].strip().casefold() for match in found}


_INDEX = re.compile(r"\bindex\b\W*(?P<name>[\w ]*)", re.IGNORECASE)
