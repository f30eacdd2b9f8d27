"""What migrations bring, in which order they run, and what has to be there for them.

Belongs here: look-ups over all migrations, and what they say of one. Does not: what notes say of
migrating (`mentions`), what removals take from them (`removals`), words (`analysis`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.field_questions import is_required
from jira_pipeline.domain.questions.question_index import (
    SOURCE,
    filled_by,
    is_machine_name_given,
    name_of,
    once_per_session,
    stems_of,
)
from jira_pipeline.domain.questions.structure_questions import destinations_of
from jira_pipeline.writers.group_facts import (
    GONE,
    TO_BUILD,
    GroupFacts,
    SessionFacts,
    note_sentences,
    rows_by_name,
    settled_sentences,
)
from jira_pipeline.writers.named_rows import names_of, phrases_in


@dataclass(frozen=True, slots=True)
class MigrationRun:
    """What the columns of a migration, and of the others, say of its run."""

    destinations: tuple[Entity, ...]
    count: str
    schedule: str
    """The cell that says how often it runs; empty for one that runs once."""
    before: Sequence[Entity]
    """Migrations that have to run first."""
    after: Sequence[Entity]
    """Migrations that wait for this one."""
    referred: tuple[tuple[Entity, Entity], ...]
    """Fields of the destination that refer to what other migrations bring, with those."""


def migration_of(facts: GroupFacts) -> MigrationRun:
    """Read what a migration fills, how many items, how often, and its order among the others."""
    head = facts.head
    cells = [(c, v) for c, v in head.cells.items() if c not in UPKEEP and v]
    before, after = _run_order(facts.session)[head.key]
    destinations = bundles_filled(facts.session)[head.key]
    counts = [v for c, v in cells if _COUNT_HEADER.search(c) and re.search(r"\d", v)]
    said = settled_sentences(head)[:1]
    if len(destinations) == 1 == len(runs_filling(facts.session).get(destinations[0].key, ())):
        said += [s for s in settled_sentences(destinations[0]) if "old site" in s]
    counts += [match[0] for match in map(_COUNT_NOTED.match, said) if match]
    return MigrationRun(
        destinations=destinations,
        count=next(iter(counts), ""),
        schedule=schedule_of(head),
        before=before,
        after=after,
        referred=tuple(_referred(head, facts)),
    )


def says_only_order(sentence: str, run: MigrationRun) -> bool:
    """Tell whether a sentence says nothing but what a migration runs before or after."""
    named = " ".join(name_of(other) for other in (*run.before, *run.after))
    known = stems_of(f"{named} and run runs it before after the first migration")
    is_order = bool(named and _LATER_OR_FIRST.match(sentence))
    return is_order and stems_of(sentence) <= known


_LATER_OR_FIRST = re.compile(
    r"(?:(?:to )?(?:be )?runs? )?(?:it )?(?:before|after)\b", re.IGNORECASE
)
_COUNT_HEADER = re.compile(
    r"\b(?:counts?|items|number|quantity|records|rows|nodes|amount)\b", re.IGNORECASE
)
_COUNT_NOTED = re.compile(
    r"(?:(?:about|approx\.?|approximately|ca\.?|some|around|roughly|~) ?)?\d[\d.,'’]* (?:(?:old|existing) )?"
    r"(?:(?!\w*(?:year|month|week|day|hour|minute|run|time|column|language)s)[a-z]+s|in the old site)\b",
    re.IGNORECASE,
)
"""How many items there are, where a sentence begins with it."""
UPKEEP = frozenset({"X", "Dev", "QA", "ID"})
"""Columns that say nothing of what is to be done."""


def schedule_of(run: Entity) -> str:
    """Return the cell of a migration that says how often it runs; empty for one that runs once."""
    cells = (v for c, v in run.cells.items() if c not in UPKEEP)
    return next(filter(_SCHEDULE.search, cells), "")


def when_run(schedule: str) -> str:
    """Return the part of a cell that says how often a migration runs: `nightly 02:30`."""
    parts = re.split(r"[,;] ", schedule)
    return next(filter(_SCHEDULE.search, parts), schedule)


_SCHEDULE = re.compile(
    r"\b(?:nightly|hourly|daily|weekly|monthly|every (?:\w+ )?(?:minutes?|hours?|night|day|week|month))\b",
    re.IGNORECASE,
)


@once_per_session
def bundles_filled(session: SessionFacts) -> Mapping[str, tuple[Entity, ...]]:
    """Return all bundles that the column of a migration for that lists, else the one its cells name."""
    named: dict[str, tuple[Entity, ...]] = {
        b.machine_name.casefold(): (b,)
        for b in session.specification.by_kind[EntityKind.BUNDLE]
        if is_machine_name_given(b)
    }
    named |= session.index.bundles_by_name
    found: dict[str, tuple[Entity, ...]] = {}
    for run in session.specification.by_kind[EntityKind.MIGRATION]:
        cells = (cell for column, cell in run.cells.items() if _INTO.search(column))
        parts = [part for cell in cells for part in re.split(r"[,;\n]| and ", cell)]
        names = [name for part in parts for name in filled_by(part.strip())]
        listed = {b.key: b for n in names for b in named.get(n, ()) if b.status not in GONE}
        alone = destinations_of(run, session.index)
        found[run.key] = tuple(listed.values()) or (alone if len(alone) == 1 else ())
    return found


_INTO = re.compile(r"destination|target|into\b", re.IGNORECASE)


@once_per_session
def runs_filling(session: SessionFacts) -> Mapping[str, tuple[Entity, ...]]:
    """Return the migrations to run or on hold that fill a bundle, by its key, in sheet order."""
    found: dict[str, tuple[Entity, ...]] = {}
    for run in session.specification.by_kind[EntityKind.MIGRATION]:
        is_to_come = run.status in {*TO_BUILD, Status.WAITING}
        for bundle in bundles_filled(session)[run.key] if is_to_come else ():
            found[bundle.key] = (*found.get(bundle.key, ()), run)
    return found


def opened_fields(facts: GroupFacts) -> list[tuple[Entity, list[Entity]]]:
    """Return fields of the site that refer to bundles which are new, with these.

    In the ticket of the field or, where that has none, of the bundle.
    """
    specification, tickets = facts.session.specification, facts.session.building
    fields = list(facts.with_status(Status.IMPLEMENTED))
    for head in facts.group.heads:
        referrers = (row for row, _ in specification.referrers_of.get(head.key, ()))
        fields += [row for row in referrers if row.source not in tickets]
    found = []
    for row in fields if not facts.group.is_hollow else ():
        targets = [specification.by_key.get(r.target_key or "", ())[:1] for r in row.references]
        new = [t for target in targets for t in target if t.status is Status.APPROVED]
        if new and row.kind is EntityKind.FIELD and row.status is Status.IMPLEMENTED:
            found.append((row, new))
    return found


def filling(head: Entity, facts: GroupFacts) -> list[Entity]:
    """Return the migrations with a ticket of their own that fill a bundle."""
    return [
        run
        for run in runs_filling(facts.session).get(head.key, ())
        if run.status is not Status.WAITING and not facts.is_related(run)
    ]


def held_runs(facts: GroupFacts) -> list[Entity]:
    """Return the migrations on hold that fill what a ticket is about."""
    filling = runs_filling(facts.session)
    runs = {run.key: run for head in facts.group.heads for run in filling.get(head.key, ())}
    return [run for run in runs.values() if run.status is Status.WAITING]


@once_per_session
def runs_by_name(session: SessionFacts) -> Mapping[str, Entity]:
    """Return the migrations by what notes may call them."""
    runs = session.specification.by_kind[EntityKind.MIGRATION]
    return {name: run for run in reversed(runs) for name in names_of(run)}


@once_per_session
def _run_order(session: SessionFacts) -> Mapping[str, tuple[Sequence[Entity], Sequence[Entity]]]:
    """Return the migrations that one waits for and those that wait for it, by its key, in sheet order.

    By its note, its column for that, or their notes.
    """
    runs = session.specification.by_kind[EntityKind.MIGRATION]
    called = ((name, run) for run in reversed(runs) for name in (run.machine_name, run.label))
    labels = {" ".join(_WORD.findall(name.casefold())): run for name, run in called if name}
    longest = max((len(label.split()) for label in labels), default=0)

    def named_in(text: str) -> list[Entity]:
        phrases = phrases_in(" ".join(_WORD.findall(text.casefold())), at_most=longest)
        return [labels[phrase] for phrase in phrases if phrase in labels]

    needed: set[tuple[str, str]] = set()
    for run in runs:
        needs = [_LATER.sub("", s) for s in sentences_of(run.note) if _NEEDS.search(s)]
        needs += [cell for column, cell in run.cells.items() if _NEEDS.search(column)]
        needed |= {(run.key, other.key) for s in needs for other in named_in(s)}
        later = _LATER.findall(run.note)
        needed |= {(other.key, run.key) for s in later for other in named_in(s)}
    by_key = {run.key: run for run in reversed(runs)}
    place = {run.key: number for number, run in enumerate(runs)}
    found: dict[str, tuple[list[Entity], list[Entity]]] = {key: ([], []) for key in place}
    for waiting, first in sorted(needed, key=lambda keys: [place[key] for key in keys]):
        if waiting != first and by_key[first].status not in GONE:
            found[waiting][0].append(by_key[first])
        if waiting != first and by_key[waiting].status not in GONE:
            found[first][1].append(by_key[waiting])
    return found


_WORD = re.compile(r"\w+")
_NEEDS = re.compile(r"\b(?:needs?|requires?|after|depends?|first|before)\b", re.IGNORECASE)
_LATER = re.compile(r"\bbefore (?!this\b|it\b)[^.;,]*", re.IGNORECASE)
"""What a migration runs before: that needs this one."""


@once_per_session
def runs_reading(session: SessionFacts) -> Mapping[str, Sequence[Entity]]:
    """Return the migrations to run by each name that their source may hold, in sheet order."""
    return rows_by_name(
        (form, run)
        for run in session.specification.by_kind[EntityKind.MIGRATION]
        if run.status not in GONE
        for name in phrases_in(" ".join(c for h, c in run.cells.items() if SOURCE.match(h)))
        for form in (name, name.removesuffix("s"))
    )


def _referred(run: Entity, facts: GroupFacts) -> Iterator[tuple[Entity, Entity]]:
    """Yield the fields that a migration fills and that refer to what others bring, with those.

    Nobody knows that it fills a field at all which is optional, which its note does not name, and
    whose items come from another system. Left out are the migrations before or after it, and those
    that others to the same bundle need.
    """
    session, destinations = facts.session, bundles_filled(facts.session)[run.key]
    siblings = [r for b in destinations for r in runs_filling(session).get(b.key, ())]
    order = _run_order(session)
    ordered = [run, *order[run.key][0], *order[run.key][1]]
    ordered += [r for sibling in siblings for r in order[sibling.key][0]]
    for row in (row for bundle in destinations for row in session.live_fields(bundle)):
        label = rf"(?<!\w){re.escape(row.label)}(?!\w)"
        is_sure = is_required(row) or bool(re.search(label, run.note, re.IGNORECASE))
        for reference in row.references:
            for other in _bringing(reference.target_key or "", run, facts):
                is_same = _system_of(other) == _system_of(run) != ""
                if other not in ordered and (is_sure or is_same):
                    yield row, other


def _bringing(key: str, run: Entity, facts: GroupFacts) -> Sequence[Entity]:
    """Return the migrations to run that bring what another refers to, from its own system first.

    Media come with whatever shows them, unless a migration from there brings nothing else.
    """
    found = [r for r in runs_filling(facts.session).get(key, ()) if r.status is not Status.WAITING]
    same = [other for other in found if _system_of(other) == _system_of(run)]
    if not is_media(key, facts):
        return same or found
    return [
        other
        for other in same
        if all(is_media(b.key, facts) for b in bundles_filled(facts.session)[other.key])
    ]


def _system_of(run: Entity) -> str:
    cells = (cell for column, cell in run.cells.items() if SOURCE.match(column))
    return next(cells, "").partition(" ")[0].strip(",").casefold()


def is_media(key: str | None, facts: GroupFacts) -> bool:
    """Tell whether a reference is to media, which come with whatever shows them."""
    targets = facts.session.specification.by_key.get(key or "", ())
    return bool(targets) and targets[0].bundle_type is BundleType.MEDIA


def redirected_runs(facts: GroupFacts) -> list[Entity]:
    """Return the migrations, of one system, to pages that one of their old addresses leads to."""
    head, filled = facts.head, bundles_filled(facts.session)
    names = " ".join((name_of(head), *(v for c, v in head.cells.items() if SOURCE.match(c))))
    if filled[head.key] or not _ADDRESSES.search(names):
        return []
    return [
        run
        for run in facts.session.specification.by_kind[EntityKind.MIGRATION]
        if run.key in facts.session.making and _system_of(run) == _system_of(head)
        if {b.bundle_type for b in filled[run.key]} & {BundleType.CONTENT, BundleType.VOCABULARY}
    ]


_ADDRESSES = re.compile(r"alias(?:es)?\b|redirects?\b", re.IGNORECASE)
"""What a migration brings that leads to what others bring."""


def referring_runs(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the fields which refer to what this migration brings, with those that fill them."""
    session = facts.session
    referring = [
        run
        for bundle in bundles_filled(session)[facts.head.key]
        for row, _ in session.specification.referrers_of.get(bundle.key, ())
        for run in runs_filling(session).get(row.owner_key or "", ())
        if run.status is not Status.WAITING
    ]
    runs = {run.key: run for run in referring}.values()
    return [(row, run) for run in runs for row, o in _referred(run, facts) if o == facts.head]


def noted_bundles(facts: GroupFacts) -> list[Entity]:
    """Return the new bundles that the note of a migration names besides those it fills.

    What its destinations wait for is said there; of vocabularies the terms have to be there too.
    """
    session, destinations = facts.session, bundles_filled(facts.session)[facts.head.key]
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
        for b in bundles_filled(session)[other.key]
    ]
    found = {
        target.key: target
        for bundle in run.destinations
        for row in filter(is_required, session.live_fields(bundle))
        for reference in row.references
        for target in session.specification.by_key.get(reference.target_key or "", ())[:1]
    }
    return [
        b
        for b in found.values()
        if b.bundle_type in {BundleType.CONTENT, BundleType.VOCABULARY}
        if b.key in session.making and b.status in TO_BUILD
        if b not in (*run.destinations, *brought)
    ]


def states_entered(facts: GroupFacts) -> list[tuple[Entity, Entity]]:
    """Return the states with a ticket that the note of a migration names, with their workflows."""
    session = facts.session
    phrases = {p for s in settled_sentences(facts.head) for p in phrases_in(s)}
    found = [
        session.index.workflow_of(bundle) for bundle in bundles_filled(session)[facts.head.key]
    ]
    workflows = {way[0].key: way[0] for way in found if way is not None}
    return [
        (state, workflow)
        for workflow in workflows.values()
        for state in session.specification.members_of.get(workflow.key, ())
        if workflow.key in session.making and state.kind is EntityKind.WORKFLOW_STATE
        if state.status not in GONE and state.label in phrases
    ]
