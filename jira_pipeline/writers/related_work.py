"""What other rows say of the work of a ticket where no dependency says it: order, use, removal.

Belongs here: finding those rows. Does not: words (`analysis`), or dependencies
(`stages/entity_grouping`): nothing here waits for anything.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.domain.lexicon import lexicon
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.field_questions import LABEL, family_of, is_required
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of, stems_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.role_notes import permissions_in, roles_named_in
from jira_pipeline.domain.view_displays import plugin_of, setting_of
from jira_pipeline.domain.workflow_notes import Meaning
from jira_pipeline.writers.group_facts import (
    BEFOREHAND,
    POINTER,
    SEARCHED,
    SOURCE,
    UPKEEP,
    GroupFacts,
    Mention,
    SessionFacts,
    indexes_named,
    is_form_row,
    is_named_in,
    known_places,
    note_sentences,
    once_per_session,
    phrases_in,
    schedule_of,
    used_for,
)
from jira_pipeline.writers.named_rows import folded, names_of
from jira_pipeline.writers.shown_view import shown_view

_GONE = frozenset({Status.DELETED, Status.WAITING})


def needed_rows(facts: GroupFacts) -> list[Entity]:
    """Return every row of another ticket that the analysis names, a dependency or not."""
    if not facts.group.heads:
        return []
    if facts.group.action is GroupAction.REMOVE:
        own = {head.key for head in facts.group.heads}
        pairs = facts.session.listing_removals
        views = [group.heads[0] for _, group in redirect_views(facts)]
        return [*(row for pair in pairs for row in pair if {r.key for r in pair} & own), *views]
    found = [
        *used_styles_and_modes(facts),
        *form_sources(facts),
        *(run for head in facts.group.heads for run in filling(head, facts)),
        *(m.row for head in facts.group.heads for m in _notes_of_runs(head, facts)),
        *(run for run, _ in reading_runs(facts)),
        *(bundle for row in facts.to_build for bundle in bundles_named(row, facts)),
    ]
    if facts.group.kind is GroupKind.VIEW:
        workflows = [workflow for _, workflow in states_meant(facts)]
        found += [*shown_view(facts).listed_bundles, *workflows]
        found += [*newly_indexed(facts), *(row for _, row in fields_used(facts))]
        found += [mode for mode, _ in fitting_modes(facts)]
        found += [n.field for n in shown_view(facts).fields.named if n.by is not None]
        found += pages_of_blocks(facts)
        found += [mention.row for mention in _rules_of_listing(facts)]
    found += [mention.row for mention in _notes_of_fields_named(facts)]
    found += [mention.subject for mention in labels_named(facts)]
    if facts.group.kind is GroupKind.BUNDLE:
        found += modes_to_display(facts)
    if facts.group.kind is GroupKind.USER_ROLES:
        found += [g.heads[0] for g in facts.dependents if g.kind is GroupKind.WORKFLOW]
        found += [row for grant in granted_transitions(facts) for row in grant[1:]]
        found += later_things(facts)
    found += [other for _, other, _ in bound_removals(facts)]
    found += [
        *(view for view, _ in ruled_views(facts)),
        *(group.heads[0] for group, _ in views_naming(facts)),
    ]
    if facts.group.kind is GroupKind.MIGRATION:
        run = migration_of(facts)
        found += [head for head, _, _ in bound_removals(facts)]
        found += [*run.destinations, *run.before, *run.after, *(other for _, other in run.referred)]
        found += [*noted_bundles(facts), *required_bundles(facts), *read_removals(facts)]
        found += [row for pair in states_entered(facts) for row in pair]
        found += [other for _, other in referring_runs(facts)]
    return found


_NEAREST_MAX = 25
"""So many rows of one name, or in all, are followed to what is beside them."""


def rows_around(facts: GroupFacts) -> list[Entity]:
    """Return rows of other tickets that name something of a ticket or are named by it, nearest first.

    One row for each name comes before a second one for any. The room that is left goes to fields
    of what a view lists or a migration fills, then to rows near in words.
    """
    own = {row.source for row in (*facts.group.heads, *facts.group.members)}
    found: dict[str, tuple[int, int, Entity]] = {}

    def add(nearness: int, rows: Iterable[Entity]) -> None:
        others = (row for row in rows if row.source not in own)
        for place, row in enumerate(islice(others, _NEAREST_MAX)):
            found[row.key] = min(
                found.get(row.key, (nearness, place, row)),
                (nearness, place, row),
                key=lambda known: known[:2],
            )

    for nearness, rows in _near_rows(facts):
        add(nearness, rows)
    nearest = sorted(found.values(), key=lambda known: known[:2])[:_NEAREST_MAX]
    for nearness, rows in _beside([row for *_, row in nearest], facts):
        add(nearness, rows)
    named = [row for *_, row in sorted(found.values(), key=lambda known: known[:2])]
    return [*named, *_rows_in_room(facts, named)]


def _rows_in_room(facts: GroupFacts, named: Sequence[Entity]) -> list[Entity]:
    """Return the rows that fill the room rows around have left; fields all or none."""
    room = _NEAREST_MAX - len(named)
    if room <= 0:
        return []
    own = (*facts.group.heads, *facts.group.members)
    known = {row.source for row in (*own, *named)}
    specification = facts.session.specification
    bundles: Iterable[Entity] = ()
    if facts.group.kind is GroupKind.VIEW and facts.group.heads:
        bundles = shown_view(facts).listed_bundles
    elif facts.group.kind is GroupKind.MIGRATION:
        bundles = [b for run in facts.group.heads for b in facts.session.filled[run.key]]
    fields = [
        row
        for bundle in bundles
        for row in specification.members_of.get(bundle.key, ())
        if row.kind is EntityKind.FIELD and row.source not in known
        if row.status in {Status.APPROVED, Status.CHANGED}
    ]
    fitting = fields if len(fields) <= room else []
    known |= {row.source for row in fitting}
    shared = {row.machine_name for row in own if row.kind is EntityKind.FIELD}
    near = [
        row
        for row in facts.session.shared_words.rows_near(own)
        if row.source not in known
        and not (row.kind is EntityKind.FIELD and row.machine_name in shared)
    ]
    return [*fitting, *near][:room]


def _near_rows(facts: GroupFacts) -> Iterator[tuple[int, Iterable[Entity]]]:
    """Return rows one step away: what rules know, whole items of lists, words of sentences."""
    specification, named_rows = facts.session.specification, facts.session.named_rows
    heads, rows = facts.group.heads, (*facts.group.heads, *facts.group.members)
    for needed in needed_rows(facts):
        yield 0, [needed]
    for head in heads:
        yield 0, (row for row, _ in specification.referrers_of.get(head.key, ()))
        yield 0, facts.naming_roles(head)
    if facts.group.kind is GroupKind.VIEW and heads:
        for bundle in shown_view(facts).listed_bundles:
            yield 0, [bundle, *_fields_of_view(bundle, facts)]
    for row in rows:
        for reference in row.references:
            yield 1, specification.by_key.get(reference.target_key or "", ())[:1]
        for name in names_of(row):
            is_shared = row.kind is EntityKind.FIELD
            yield 1, islice(named_rows.called.get(name, ()) if is_shared else (), _SHARED_MAX)
            mentions = named_rows.naming.get(name, ())
            for is_alone in (True, False):
                yield 2 - is_alone, (m.row for m in mentions if m.is_alone is is_alone)
        for naming in named_rows.names_in.get(row.source, ()):
            yield 2 - naming.is_alone, named_rows.called.get(naming.name, ())


_SHARED_MAX = 1
"""Who else has a field is listed anyway; its first row says what it is."""


def _fields_of_view(bundle: Entity, facts: GroupFacts) -> list[Entity]:
    """Return the fields of a bundle whose labels the cells of a view have."""
    rows = (*facts.group.heads, *facts.group.members)
    cells = " ".join(cell for row in rows for cell in row.cells.values()).casefold()
    fields = facts.session.specification.members_of.get(bundle.key, ())
    return [
        row
        for row in fields
        if row.kind is EntityKind.FIELD and row.label
        if re.search(rf"\b{re.escape(row.label.casefold())}\b", cells)
    ]


def _beside(near: Sequence[Entity], facts: GroupFacts) -> Iterator[tuple[int, Iterable[Entity]]]:
    """Return rows two steps away.

    Fields of bundles near by that refer to something near by or that a view names, what a field of
    a view refers to, fields of paragraphs, and what names a row that goes as well.
    """
    specification, named_rows = facts.session.specification, facts.session.named_rows
    known = {row.key for row in (*near, *facts.group.heads)}
    for row in near:
        fields = specification.members_of.get(row.key, ()) if row.kind is EntityKind.BUNDLE else ()
        yield 2, (f for f in fields if any(r.target_key in known for r in f.references))
        yield 3, fields if row.bundle_type is BundleType.PARAGRAPH else ()
        is_content = row.kind is EntityKind.BUNDLE and row.bundle_type is BundleType.CONTENT
        if facts.group.kind is GroupKind.VIEW and is_content:
            yield 2, _fields_of_view(row, facts)
        if facts.group.kind is GroupKind.VIEW and row.kind is EntityKind.FIELD:
            for reference in row.references:
                for bundle in specification.by_key.get(reference.target_key or "", ())[:1]:
                    yield 2, [bundle, *_fields_of_view(bundle, facts)]
        if row.status is Status.DELETED:
            mentions = [m for name in names_of(row) for m in named_rows.naming.get(name, ())]
            yield 2, (mention.row for mention in mentions if mention.is_alone)


def form_sources(facts: GroupFacts) -> list[Entity]:
    """Return the bundles that elements of a form take their options from: `from Harbour`."""
    called = facts.session.index.bundles_called
    cells = [cell for row in filter(is_form_row, facts.to_build) for cell in row.cells.values()]
    names = [name.casefold() for cell in cells for name in _OPTIONS_FROM.findall(cell)]
    found = [bundle for name in dict.fromkeys(names) for bundle in called.get(name, ())]
    return [bundle for bundle in found if bundle.status not in _GONE]


_OPTIONS_FROM = re.compile(r"\bfrom ([A-Z][\w -]*\w)(?=\W*(?:[),;\n]|$))")
_STATE = re.compile(r"\b(?:state|status) [\"“']?(?P<name>[A-Z][\w ]*\w)")


def states_meant(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the states that a view speaks of, by label or machine name, with their workflows.

    A state that only a filter names is to come, and of one workflow.
    """
    specification = facts.session.specification
    rows = (facts.head, *facts.to_build)
    notes = " ".join(f"{row.cell('Description')} {row.note}." for row in rows)
    names = [match["name"].casefold() for match in _STATE.finditer(notes)]
    compared = shown_view(facts).states_compared
    states = specification.by_kind[EntityKind.WORKFLOW_STATE]
    return [
        (state, workflow)
        for state in states
        if (
            state in compared
            and [s.label for s in compared].count(state.label) == 1
            and state.status in {Status.APPROVED, Status.CHANGED}
        )
        or any(
            re.match(
                rf"(?:{re.escape(state.label)}|{re.escape(state.machine_name)})\b",
                name,
                re.IGNORECASE,
            )
            for name in names
        )
        for workflow in specification.by_key.get(state.owner_key or "", ())[:1]
    ]


def granted_transitions(facts: GroupFacts) -> list[tuple[Entity, Entity, Entity]]:
    """Return the transitions, each with its workflow, that name a role to build, that role first.

    Only those of workflows without a ticket: the others grant theirs themselves.
    """
    specification = facts.session.specification
    return [
        (role, transition, workflow)
        for transition in specification.by_kind[EntityKind.WORKFLOW_TRANSITION]
        for workflow in specification.by_key.get(transition.owner_key or "", ())[:1]
        if transition.status not in _GONE
        and workflow.status not in _GONE
        and workflow.key not in facts.session.making
        for role in roles_named_in(permissions_in(transition.note), facts.to_build)
        if not any(is_open(s) for s in sentences_of(transition.note))
    ]


def later_things(facts: GroupFacts) -> list[Entity]:
    """Return what the rows of roles name and later tickets create: there a permission is checked."""
    cells = " ".join(cell for row in facts.to_build for cell in row.cells.values())
    roles = {name_of(row).casefold() for row in facts.rows}
    kinds = {GroupKind.BUNDLE, GroupKind.BUNDLES_WITHOUT_FIELDS, GroupKind.VIEW}
    return [
        head
        for group in sorted(facts.session.groups.values(), key=lambda group: group.number)
        if group.number > facts.group.number and group.kind in kinds
        if group.action is GroupAction.CREATE
        for head in group.heads
        for noun in ["views? (?:the )?" if head.kind is EntityKind.VIEW else ""]
        if head.bundle_type is not BundleType.PARAGRAPH and name_of(head).casefold() not in roles
        for names in [
            "|".join(
                map(re.escape, {*facts.session.names_in_notes(head), head.machine_name} - {""})
            )
        ]
        if re.search(rf"\b{noun}(?:{names})s?\b", cells, re.IGNORECASE)
    ]


def mentioned_elsewhere(facts: GroupFacts) -> dict[str, str]:
    """Return the sentences of other rows that a ticket quotes, by whose they are."""
    found: dict[str, str] = {}
    for head in facts.group.heads:
        found |= {role.label: name_of(head) for role in facts.naming_roles(head)}
        found |= {role.label: name_of(head) for role in facts.roles_granted(head)}
        moderated = facts.session.index.workflow_of(head)
        if moderated is not None and moderated[1] is not Meaning.NAMED:
            found[moderated[0].label] = moderated[0].cell("Notes")
    found |= {name_of(run): what for run, what in reading_runs(facts)}
    if facts.group.action is GroupAction.REMOVE:
        found |= {f"ticket {g.number}": " ".join(s) for g, _, s in preparing_rows(facts)}
    for head, other, sentence in bound_removals(facts):
        found[f"removal of {name_of(head)}"] = sentence or name_of(other)
        found.setdefault(f"removal of {name_of(other)}", name_of(other))
    for mention in mentions_of(facts):
        group = facts.session.building.get(mention.row.source)
        who = f"ticket {group.number}, {mention.row.label}" if group else mention.row.label
        found[who] = " ".join(filter(None, (found.get(who), mention.sentence)))
    return found


def _is_related(row: Entity, facts: GroupFacts) -> bool:
    """Tell whether the dependencies and relations of a ticket name the ticket of a row."""
    group = facts.session.making.get(row.key)
    related = {d.group_key for d in facts.group.dependencies}
    related |= {r.group_key or "" for r in facts.group.relations}
    return group is None or group.key in related or group.key == facts.group.key


_NAMED_BY: dict[EntityKind, str] = {
    EntityKind.VIEW_MODE: r"view modes?",
    EntityKind.RESPONSIVE_IMAGE_STYLE: r"responsive(?: image)?(?: styles?)?",
    EntityKind.IMAGE_STYLE: r"(?<!responsive )image styles?",
}
"""What a note calls a thing whose name comes right before or after."""


def used_styles_and_modes(facts: GroupFacts) -> list[Entity]:
    """Return the view modes and styles of other tickets that notes of this one name.

    And the styles whose rows name the bundle or view it is about.
    """
    rows = (*facts.group.heads, *facts.to_build)
    notes = " ".join(s for row in rows for s in note_sentences(row) if not is_open(s))
    formats = _formats(facts)
    found: list[Entity] = []
    if facts.group.kind is GroupKind.BUNDLE and not facts.is_webform:
        found += facts.session.styles_by_place.get(folded(name_of(facts.head)), ())
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
        for row in facts.session.rows_to_name(kind, only_used=not is_spoken_of):
            is_other = row.status not in {*_GONE, Status.IMPLEMENTED} and not _is_related(
                row, facts
            )
            name = re.escape(row.label)
            listed = rf"\b{noun}:? (?:[\w -]+(?:,| and| or|/) ?){{0,3}}[\"“']?{name}(?![\w-])"
            before = rf"(?<!\w){name}[\"”']? {noun}\b"
            is_of_type = kind is not EntityKind.VIEW_MODE or _is_shown_in(row, facts)
            is_named = bool(re.search(f"{listed}|{before}", notes, re.IGNORECASE))
            is_used = (is_of_type and is_named) or _is_used_by(row, facts)
            if row.label and is_other and (is_used or _is_format(row, formats, facts)):
                found.append(row)
    return [row for row in {row.key: row for row in found}.values() if not _is_related(row, facts)]


@once_per_session
def _uses_of_styles(session: SessionFacts) -> dict[str, list[tuple[set[str], Entity]]]:
    """Return for what image styles to build are, in words that name no bundle, by a word of each."""
    found: dict[str, list[tuple[set[str], Entity]]] = {}
    for style in session.specification.by_kind[EntityKind.IMAGE_STYLE]:
        for use in map(stems_of, _USE.split(f"{used_for(style)}; {style.note}")):
            if len(use) > 1 and style.status in _WORK:
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
        places = [p for p in phrases_in(mode.note) if p[:1].isupper()]
        places += known_places(mode, facts.session)
        names = {b.key: b for place in places for b in called.get(place.casefold(), ())}
        named = [b for b in names.values() if b.bundle_type is mode.bundle_type]
        is_for_all = bool(view.listed_bundles) and all(b in named for b in view.listed_bundles)
        is_of_search = view.is_search and "search" in mode.label.casefold()
        if mode.bundle_type in kinds and mode.status not in _GONE and (is_for_all or is_of_search):
            found.append((is_of_search, mode, named))
    best = [f for f in found if f[0]] or found
    return [(mode, named) for _, mode, named in best if len(best) == 1 and mode.status in _WORK]


_LOOK = re.compile(r"\b(?:tables?|grid|teasers?|cards?|view mode|rows?|lines?)\b", re.IGNORECASE)
"""What prose says of how a view shows what it lists."""
_WORK = frozenset({Status.APPROVED, Status.CHANGED})


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
    return is_image or any(_is_media(r.target_key, facts) for r in row.references)


def _is_shown_in(mode: Entity, facts: GroupFacts) -> bool:
    """Tell whether a view mode is of the type that a view lists; elsewhere only one may have it."""
    modes = facts.session.specification.by_kind[EntityKind.VIEW_MODE]
    if len([m for m in modes if m.label.casefold() == mode.label.casefold()]) == 1:
        return True
    kinds = {b.bundle_type for b in shown_view(facts).listed_bundles}
    return facts.group.kind is GroupKind.VIEW and mode.bundle_type in kinds


def modes_to_display(facts: GroupFacts) -> list[Entity]:
    """Return the view modes of the site or of earlier tickets whose displays a new bundle lacks."""
    head = facts.head
    names = (name_of(head), name_of(head).casefold(), head.label.casefold())
    modes = [mode for name in names for mode in facts.session.modes_by_place.get(name, ())]
    return [
        mode
        for mode in {mode.source: mode for mode in modes}.values()
        if head.status is Status.APPROVED and mode.bundle_type is head.bundle_type
        if mode.status is Status.IMPLEMENTED or not _is_related(mode, facts)
    ]


def filling(head: Entity, facts: GroupFacts) -> list[Entity]:
    """Return the migrations with a ticket of their own that fill a bundle."""
    return [
        run
        for run in facts.session.filling.get(head.key, ())
        if run.status is not Status.WAITING and not _is_related(run, facts)
    ]


def held_runs(facts: GroupFacts) -> list[Entity]:
    """Return the migrations on hold that fill what a ticket is about, or that notes of it name."""
    session = facts.session
    runs = {run.key: run for h in facts.group.heads for run in session.filling.get(h.key, ())}
    for row in (*facts.group.heads, *facts.to_build):
        for mention in session.named_rows.names_in.get(row.source, ()):
            run = session.runs_by_name.get(mention.name)
            sentences = note_sentences(row) if run is not None else ()
            if run and any(is_named_in(s, mention.name, run, is_alone=False) for s in sentences):
                runs[run.key] = run
    return [run for run in runs.values() if run.status is Status.WAITING]


@dataclass(frozen=True, slots=True)
class MigrationRun:
    """What the columns of a migration, and of the others, say of its run."""

    destinations: tuple[Entity, ...]
    count: str
    schedule: str
    """The cell that says how often it runs; empty for one that runs once."""
    before: tuple[Entity, ...]
    """Migrations that have to run first."""
    after: tuple[Entity, ...]
    """Migrations that wait for this one."""
    referred: tuple[tuple[Entity, Entity], ...]
    """Fields of the destination that refer to what other migrations bring, with those."""


_COUNT_HEADER = re.compile(
    r"\b(?:counts?|items|number|quantity|records|rows|nodes|amount)\b", re.IGNORECASE
)


def migration_of(facts: GroupFacts) -> MigrationRun:
    """Read what a migration fills, how many items, how often, and its order among the others."""
    head = facts.head
    cells = [(c, v) for c, v in head.cells.items() if c not in UPKEEP and v]
    return MigrationRun(
        destinations=facts.session.filled[head.key],
        count=next((v for c, v in cells if _COUNT_HEADER.search(c) and re.search(r"\d", v)), ""),
        schedule=schedule_of(head),
        before=facts.session.run_before.get(head.key, ()),
        after=facts.session.run_after.get(head.key, ()),
        referred=tuple(_referred(head, facts)),
    )


def _referred(run: Entity, facts: GroupFacts) -> Iterator[tuple[Entity, Entity]]:
    """Yield the fields that a migration fills and that refer to what others bring, with those.

    Nobody knows that it fills a field at all which is optional, which its note does not name, and
    whose items come from another system. Left out are the migrations before or after it, and those
    that others to the same bundle need.
    """
    session, destinations = facts.session, facts.session.filled[run.key]
    before, after = session.run_before, session.run_after
    siblings = [r for b in destinations for r in session.filling.get(b.key, ())]
    ordered = [run, *before.get(run.key, ()), *after.get(run.key, ())]
    ordered += [r for sibling in siblings for r in before.get(sibling.key, ())]
    for bundle in destinations:
        for row in session.specification.members_of.get(bundle.key, ()):
            if row.kind is EntityKind.FIELD and row.status not in _GONE:
                label = rf"(?<!\w){re.escape(row.label)}(?!\w)"
                is_sure = is_required(row) or bool(re.search(label, run.note, re.IGNORECASE))
                for reference in row.references:
                    others = _bringing(reference.target_key or "", run, facts)
                    yield from (
                        (row, other)
                        for other in others
                        if other not in ordered
                        if is_sure or _system_of(other) == _system_of(run) != ""
                    )


def referring_runs(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the fields which refer to what this migration brings, with those that fill them."""
    session = facts.session
    referring = [
        run
        for bundle in session.filled[facts.head.key]
        for row, _ in session.specification.referrers_of.get(bundle.key, ())
        for run in session.filling.get(row.owner_key or "", ())
        if run.status is not Status.WAITING
    ]
    runs = {run.key: run for run in referring}.values()
    return [(row, run) for run in runs for row, o in _referred(run, facts) if o == facts.head]


def noted_bundles(facts: GroupFacts) -> list[Entity]:
    """Return the new bundles that the note of a migration names besides those it fills.

    What its destinations wait for is said there; of vocabularies the terms have to be there too.
    """
    session, destinations = facts.session, facts.session.filled[facts.head.key]
    known = {
        d.group_key
        for b in destinations
        if (g := session.making.get(b.key))
        for d in g.dependencies
    }
    sentences = [s for s in note_sentences(facts.head) if "?" not in s]
    names = dict.fromkeys(name for s in sentences for name in phrases_in(s))
    found = {
        bundle.key: bundle
        for name in names
        for bundle in session.index.bundles_called.get(name.casefold(), ())
        if name_of(bundle) == name and bundle not in destinations
        if (group := session.making.get(bundle.key)) and group.action is GroupAction.CREATE
        if group.key not in known or bundle.bundle_type is BundleType.VOCABULARY
    }
    return list(found.values())


def required_bundles(facts: GroupFacts) -> list[Entity]:
    """Return the bundles with a ticket that required references of what a migration fills lead to.

    Without what it fills itself, what other migrations bring, and parts that come with the items.
    """
    session, run = facts.session, migration_of(facts)
    brought = [
        b
        for other in (*run.before, *(o for _, o in run.referred))
        for b in session.filled[other.key]
    ]
    rows = (
        row for b in run.destinations for row in session.specification.members_of.get(b.key, ())
    )
    targets = (
        session.specification.by_key.get(reference.target_key or "", ())[:1]
        for row in rows
        if row.kind is EntityKind.FIELD and row.status not in _GONE and is_required(row)
        for reference in row.references
    )
    found = {b.key: b for target in targets for b in target}
    return [
        b
        for b in found.values()
        if b.bundle_type in {BundleType.CONTENT, BundleType.VOCABULARY}
        if b.key in session.making and b.status in _WORK
        if b not in (*run.destinations, *brought)
    ]


def states_entered(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the states with a ticket that the note of a migration names, with their workflows."""
    session = facts.session
    phrases = {p for s in note_sentences(facts.head) if not is_open(s) for p in phrases_in(s)}
    found = [session.index.workflow_of(bundle) for bundle in session.filled[facts.head.key]]
    workflows = {way[0].key: way[0] for way in found if way is not None}
    return [
        (state, workflow)
        for workflow in workflows.values()
        for state in session.specification.members_of.get(workflow.key, ())
        if workflow.key in session.making and state.kind is EntityKind.WORKFLOW_STATE
        if state.status not in _GONE and state.label in phrases
    ]


def read_removals(facts: GroupFacts) -> list[Entity]:
    """Return what removals take away and a migration reads: it runs before them."""
    bound = {head.key for head, _, _ in bound_removals(facts)}
    read = facts.session.read_removals.get(facts.head.key, {})
    return [head for key, head in read.items() if key not in bound]


def _bringing(key: str, run: Entity, facts: GroupFacts) -> Sequence[Entity]:
    """Return the migrations to run that bring what another refers to, from its own system first.

    Media come with whatever shows them, unless a migration from there brings nothing else.
    """
    found = [r for r in facts.session.filling.get(key, ()) if r.status is not Status.WAITING]
    same = [other for other in found if _system_of(other) == _system_of(run)]
    if not _is_media(key, facts):
        return same or found
    return [
        other
        for other in same
        if all(_is_media(b.key, facts) for b in facts.session.filled[other.key])
    ]


def _system_of(run: Entity) -> str:
    cells = (cell for column, cell in run.cells.items() if SOURCE.match(column))
    return next(cells, "").partition(" ")[0].strip(",").casefold()


def _is_media(key: str | None, facts: GroupFacts) -> bool:
    """Tell whether a reference is to media, which come with whatever shows them."""
    targets = facts.session.specification.by_key.get(key or "", ())
    return bool(targets) and targets[0].bundle_type is BundleType.MEDIA


def referring_rows(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the fields outside a removal that refer to what it removes, with that."""
    specification = facts.session.specification
    own = {row.key for row in (*facts.group.heads, *facts.group.members)}
    removals = (g for g in facts.session.groups.values() if g.action is GroupAction.REMOVE)
    own |= {head.key for removal in removals for head in removal.heads}
    return [
        (row, head)
        for head in facts.group.heads
        for row, _ in specification.referrers_of.get(head.key, ())
        if row.kind is EntityKind.FIELD and row.key not in own and (row.owner_key or "") not in own
    ]


def reading_runs(facts: GroupFacts) -> list[tuple[Entity, str]]:
    """Return the migrations whose source names what a ticket removes, with its name: they run before.

    A field that goes is named by its machine name, and what it refers to goes as well; no
    migration reads a view.
    """
    gone = [
        row for row in (*facts.group.heads, *facts.group.members) if row.status is Status.DELETED
    ]
    if facts.group.action is GroupAction.REMOVE:
        gone = [head for head in facts.group.heads if head.kind is not EntityKind.VIEW]
    names: dict[str, str] = {}
    for row in gone:
        if is_machine_name_given(row):
            names.setdefault(row.machine_name, row.machine_name)
            for owner in facts.session.specification.by_key.get(row.owner_key or "", ())[:1]:
                names[f"{owner.machine_name}.{row.machine_name}"] = row.machine_name
        if row.kind is not EntityKind.FIELD:
            names[name_of(row)] = name_of(row)
            names[row.machine_name] = name_of(row)
        for reference in row.references:
            for target in facts.session.specification.by_key.get(reference.target_key or "", ()):
                if target.status is Status.DELETED:
                    names[name_of(target)] = name_of(target)
    found = {
        (run.key, what): (run, what)
        for name, what in names.items()
        for run in facts.session.reading.get(name, ())
    }
    return list(found.values())


def _notes_of_runs(head: Entity, facts: GroupFacts) -> list[Mention]:
    """Return what migrations to other bundles say of this one where they name a field of it too.

    Both stand in one sentence, by their exact labels.
    """
    labels = {
        row.label
        for row in facts.session.specification.members_of.get(head.key, ())
        if row.kind is EntityKind.FIELD and row.status not in _GONE and row.label
        if row.label != name_of(head)
    }
    own = facts.session.filling.get(head.key, ())
    return [
        Mention(run, head, sentence)
        for run, sentence, names in facts.session.noting.get(head.key, ())
        if run not in own and names & labels
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
        if bundle.bundle_type is mode.bundle_type and bundle.status not in _GONE
        if bundle.key in facts.session.making and name_of(bundle) == name
    }
    longest_first = "|".join(map(re.escape, sorted(found, key=len, reverse=True)))
    named = re.findall(rf"(?<!\w)(?:{longest_first})(?!\w)", mode.note) if found else []
    return [found[name] for name in dict.fromkeys(named)]


def bound_removals(facts: GroupFacts) -> list[tuple[Entity, Entity, str]]:
    """Return what is removed, what its note ties it to, and the sentence, where one is of another ticket."""
    own = {row.key for row in (*facts.group.heads, *facts.group.members)}
    return [
        (head, other, sentence)
        for head, other, sentence in facts.session.bound_removals
        if (head.key in own) is not (other.key in own)
    ]


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
    built = [facts.session.fields_built.get(name, ()) for name in named]
    return [pairs[0] for pairs in built if pairs and known.isdisjoint(g.key for g, _ in pairs)]


def pages_of_blocks(facts: GroupFacts) -> list[Entity]:
    """Return the bundles on whose pages notes place blocks of a view that lists something else."""
    listed = shown_view(facts).listed_bundles
    placed = (
        match[1]
        for row in facts.to_build
        if plugin_of(row) == "block"
        for sentence in note_sentences(row)
        if not is_open(sentence)
        for match in _PLACED_ON.finditer(sentence)
    )
    called = facts.session.index.bundles_called
    found = {
        bundle.key: bundle
        for place in placed
        for phrase in phrases_in(place)
        for bundle in called.get(phrase.casefold(), ())
        if phrase[:1].isupper() and bundle not in listed and bundle.status not in _GONE
        if bundle.bundle_type in {BundleType.CONTENT, BundleType.VOCABULARY}
    }
    return list(found.values())


_PLACED_ON = re.compile(
    r"(?<!filter )\b(?:[Oo]n|[Ii]n|[Uu]nder|[Bb]elow|[Aa]bove|[Bb]eside|of)"
    r"((?: (?:the|each|every|an?|and|or|[A-Z][\w-]*)\b,?)+)"
)
"""Where a note puts a block: `Above the title on Trail and Hut`."""


def newly_indexed(facts: GroupFacts) -> list[Entity]:
    """Return the new bundles to be searched, in build order, where a view lists the only index.

    A view that lists bundles of its own is over a part of it.
    """
    rows = (facts.head, *facts.to_build)
    indexes = {index for row in rows for index in indexes_named(row)}
    view = shown_view(facts)
    is_searching = indexes or view.is_search
    if not is_searching or facts.group.is_hollow or view.listed_bundles:
        return []
    if len(indexes | facts.session.indexes) > 1:
        return []
    groups = sorted(facts.session.groups.values(), key=lambda group: group.number)
    return [
        head
        for group in groups
        for head in group.heads
        if head.kind is EntityKind.BUNDLE
        and head.bundle_type is not BundleType.PARAGRAPH  # found by what holds it
        and head.status is Status.APPROVED
        and head.cell(SEARCHED).casefold() == "y"
    ]


def mentions_of(facts: GroupFacts) -> list[Mention]:
    """Return the sentences of other tickets that rule something here, without what is said anyway."""
    bound = {frozenset({head.key, other.key}) for head, other, _ in bound_removals(facts)}
    run = migration_of(facts) if facts.group.kind is GroupKind.MIGRATION else None
    ordered = {other.key for other in (*run.before, *run.after)} if run else set()
    is_removal = facts.group.action is GroupAction.REMOVE
    prepared = {row.key for _, row, _ in preparing_rows(facts)} if is_removal else set()
    found = [
        mention
        for mention in facts.session.mentions.get(facts.group.key, ())
        if frozenset({mention.row.key, mention.subject.key}) not in bound
        if mention.row.key not in prepared | ordered
    ]
    found += [m for head in facts.group.heads for m in _notes_of_runs(head, facts)]
    known = {(mention.row.source, mention.sentence) for mention in found}
    more = _rules_of_migrating(facts, run.destinations) if run else []
    if facts.group.kind is GroupKind.VIEW and facts.group.heads:
        more = _rules_of_listing(facts)
    more += _notes_of_fields_named(facts)
    return [*found, *(m for m in more if (m.row.source, m.sentence) not in known)]


def _rules_of_listing(facts: GroupFacts) -> list[Mention]:
    """Return what rows and fields of what a view lists say of who finds it and in which order.

    Of those the view names, and on a search index, more is told; what names another view is about
    that, and what only repeats the filter is left out.
    """
    session, rows, view = facts.session, (facts.head, *facts.to_build), shown_view(facts)
    cells = " ".join(cell for row in rows for c, cell in row.cells.items() if c not in UPKEEP)
    bundles = [*view.listed_bundles, *newly_indexed(facts)]
    named = {n.field.source for n in view.fields.named}
    ruling = [n.field for n in view.fields.named]
    ruling += [
        row
        for bundle in bundles
        for row in session.specification.members_of.get(bundle.key, ())
        if row.kind is EntityKind.FIELD and row.status not in _GONE and row.source not in named
    ]
    words = lexicon()
    is_on_index = bool(_ON_INDEX.search(cells))
    known = stems_of(f"{cells} {_OF_A_FILTER}")
    found = []
    for row in (*ruling, *bundles):
        is_named, barred, is_field = row.source in named, "", row.kind is EntityKind.FIELD
        notes, help_text = note_sentences(row), sentences_of(row.cell("Help text"))
        for sentence in (*notes, *help_text):
            barred = "" if sentence in help_text[:1] else barred
            is_rule = is_named and bool(words.ruling_lists.search(sentence))
            is_searching = is_on_index and is_field and sentence in notes
            is_rule |= is_searching and bool(words.searching.search(sentence))
            is_bar = words.barring.search(sentence) and not view.is_administrative
            goes_on = is_field and any(
                len(w) > _GENERAL_LENGTH for w in stems_of(barred) & stems_of(sentence)
            )
            barred = sentence if is_bar or goes_on else ""
            if not (is_rule or barred) or is_open(sentence):
                continue
            if is_named and stems_of(sentence) <= known:
                continue
            if not _names_another_view(sentence, row, facts):
                found.append(Mention(row, facts.head, sentence))
    return found


_GENERAL_LENGTH = 4
"""Shorter words do not tie a sentence to the one before it."""
_OF_A_FILTER = "a as facet filter for from in of on only search searched sort sorting the with"


def _names_another_view(sentence: str, row: Entity, facts: GroupFacts) -> bool:
    session = facts.session
    return any(
        other.kind is EntityKind.VIEW and other.key != facts.head.key
        for mention in session.named_rows.names_in.get(row.source, ())
        if f"view {mention.name}" in sentence
        for other in session.named_rows.called.get(mention.name, ())
    )


_ON_INDEX = re.compile(r"\b(?:search api|index|solr|full-?text)\b", re.IGNORECASE)


def _notes_of_fields_named(facts: GroupFacts) -> list[Mention]:
    """Return what fields of another ticket say of showing, or of a view or form that names them.

    By machine name, if one row has it.
    """
    if not (facts.group.kind is GroupKind.VIEW or facts.is_webform) or not facts.group.heads:
        return []
    notes = " ".join(row.note for row in (*facts.group.heads, *facts.to_build))
    called = facts.session.named_rows.called
    found = [
        [row for row in called.get(name, ()) if row.status not in _GONE]
        for name in dict.fromkeys(re.findall(r"\bfield_\w+", notes))
    ]
    return [
        Mention(row, facts.head, sentence)
        for row, *others in filter(None, found)
        if not others and row.kind is EntityKind.FIELD
        if facts.session.building.get(row.source) not in (None, facts.group)
        for sentence in note_sentences(row)
        if lexicon().showing.search(sentence) or facts.head.machine_name in sentence.split()
        if not is_open(sentence)
    ]


def ruled_views(facts: GroupFacts) -> list[tuple[Entity, list[Entity]]]:
    """Return the views that later tickets create, each with the rows of a ticket that speak of it."""
    found: dict[int, tuple[Entity, list[Entity]]] = {}
    for row in {row.source: row for row in (*facts.group.heads, *facts.group.members)}.values():
        for group in facts.session.ruled_views.get(row.source, ()):
            if group.number > facts.group.number and group.action is GroupAction.CREATE:
                found.setdefault(group.number, (group.heads[0], []))[1].append(row)
    return [found[number] for number in sorted(found)]


def labels_named(facts: GroupFacts) -> list[Mention]:
    """Return the sentences of a ticket that name a field or form of another one by its label."""
    own = {row.source for row in (*facts.group.heads, *facts.group.members)}
    return [mention for mention in facts.session.labels_named if mention.row.source in own]


def _rules_of_migrating(facts: GroupFacts, destinations: Sequence[Entity]) -> list[Mention]:
    """Return what fields, workflow and row of a destination say of migrating, and fields read.

    Of a field that is read and removed, all is quoted, and what people keep if it runs again and
    again; what names another migration is about that.
    """
    specification, head = facts.session.specification, facts.head
    rows = {d.source: d for d in destinations}
    for destination in destinations:
        if moderated := facts.session.index.workflow_of(destination):
            rows[moderated[0].source] = moderated[0]
        for row in specification.members_of.get(destination.key, ()):
            rows[row.source] = row
    is_again = bool(schedule_of(head))
    read = {n for cell in head.cells.values() for n in re.findall(r"\bfield_\w+", cell)}
    for name in sorted(read):
        rows |= {row.source: row for row in facts.session.named_rows.called.get(name, ())}
    return [
        Mention(row, head, sentence)
        for row in rows.values()
        if row.status is not Status.WAITING
        for sentence in sentences_of(row.note)
        if (row.status is Status.DELETED and row.machine_name in read)
        or lexicon().migrating.search(POINTER.sub("", sentence))
        or (is_again and _BY_PEOPLE.search(sentence))
        if not is_open(sentence) and not _is_of_another_run(sentence, row, facts)
    ]


def _is_of_another_run(sentence: str, row: Entity, facts: GroupFacts) -> bool:
    """Tell whether a sentence names another migration, or calls it by its first word: `job import`."""
    session, own = facts.session, " ".join(facts.head.cells.values()).casefold()
    words = {match[1].casefold() for match in _IMPORT_OF.finditer(sentence)}
    if any(word in session.first_words_of_runs and word not in own for word in words):
        return True
    names = [m.name for m in session.named_rows.names_in.get(row.source, ())]
    runs = ((name, run) for name in names if (run := session.runs_by_name.get(name)))
    return any(
        run.key != facts.head.key and is_named_in(sentence, name, run, is_alone=False)
        for name, run in runs
    )


_BY_PEOPLE = re.compile(r"\bedits? only\b|\bkept by hand\b", re.IGNORECASE)
_IMPORT_OF = re.compile(r"(\w+) import\b", re.IGNORECASE)


def redirect_views(facts: GroupFacts) -> list[tuple[str, EntityGroup]]:
    """Return the paths that redirects of what a ticket removes lead to, if a later view brings them."""
    gone = [r for r in (*facts.group.heads, *facts.group.members) if r.status is Status.DELETED]
    sentences = [s for row in gone for s in note_sentences(row) if _REDIRECT.search(s)]
    paths = [path.strip("/") for s in sentences for path in _REDIRECT_TO.findall(s)]
    rows = {
        path: facts.session.new_paths[path] for path in paths if path in facts.session.new_paths
    }
    return [(path, facts.session.building[row.source]) for path, row in rows.items()]


_REDIRECT = re.compile(r"\bredirect|\b301\b", re.IGNORECASE)
_REDIRECT_TO = re.compile(r"(?:(?:\bto|->|→) |/)([\w/-]+)")


def views_naming(facts: GroupFacts) -> list[tuple[EntityGroup, Entity]]:
    """Return the fields that a ticket takes from a bundle to stay and that views name, with those.

    By machine name, or by a label of several words.
    """
    if facts.group.action is GroupAction.REMOVE:
        return []
    found = {
        (group.key, row.key): (group, row)
        for row in facts.with_status(Status.DELETED)
        if row.kind is EntityKind.FIELD
        for name in (row.machine_name, row.label)
        if "_" in name or " " in name
        for other in facts.session.view_rows_naming.get(name, ())
        if (group := facts.session.building.get(other.source)) and group is not facts.group
    }
    return list(found.values())


def preparing_rows(facts: GroupFacts) -> list[tuple[EntityGroup, Entity, list[str]]]:
    """Return the rows of other tickets whose notes say what comes before the removal."""
    named = "|".join(re.escape(name_of(head)) for head in facts.group.heads)
    naming = re.compile(rf"\b(?:{named})\b")
    found = []
    for group, row in facts.session.rows_before_removals:
        if group.key == facts.group.key or not naming.search(row.note):
            continue
        sentences = [s for s in note_sentences(row) if naming.search(s) and not is_open(s)]
        if any(map(BEFOREHAND.search, sentences)):
            found.append((group, row, sentences[:_QUOTATIONS_MAX]))
    return found


_QUOTATIONS_MAX = 3


def going_rows(facts: GroupFacts) -> tuple[list[Entity], list[Entity]]:
    """Return what a removal takes along, each name once: what is its own, and shared fields.

    The storage of a shared field stays, as other bundles use it; labels are no fields of their own.
    """
    index = facts.session.index
    gone = {head.key for head in facts.group.heads}
    own: dict[tuple[EntityKind, str], Entity] = {}
    shared: dict[tuple[EntityKind, str], Entity] = {}
    for row in facts.group.members:
        if family_of(row.cell("Field type")) == LABEL:
            continue
        is_field = row.kind is EntityKind.FIELD and is_machine_name_given(row)
        is_shared = is_field and bool(set(index.storage_of(row).live_users) - gone)
        found = shared if is_shared else own
        found.setdefault((row.kind, row.machine_name if is_field else row.key), row)
    return list(own.values()), list(shared.values())
