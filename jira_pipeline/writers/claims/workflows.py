"""What tickets of workflows claim: states, transitions, what they apply to, who may use them.

Belongs here: one workflow with its states and transitions. Does not: roles themselves (`lists`),
reading its rows (`domain/workflow_rows`), or what is left open (`domain/questions`).
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.workflow_rows import (
    APPLIES_TO,
    FROM,
    TO,
    Way,
    bundles_listed,
    is_moderation,
    roles_allowed,
    ways_of,
)
from jira_pipeline.writers.claims.claim import Claim, Claims
from jira_pipeline.writers.claims.drupal import drupal_facts
from jira_pipeline.writers.claims.lists import changes, is_later, labels
from jira_pipeline.writers.english import listed, number
from jira_pipeline.writers.fragments import code, codes, label_and_name, quoted
from jira_pipeline.writers.group_facts import GroupFacts

_STATE, _TRANSITION = EntityKind.WORKFLOW_STATE, EntityKind.WORKFLOW_TRANSITION
_TRANSITIONS_MAX = 10
"""More of them are checked against the table."""


def workflow_claims(facts: GroupFacts) -> Claims:
    """Claim what the rows of a workflow, its states and transitions make certain."""
    ways = ways_of(facts.live(_TRANSITION), facts.session.specification)
    return Claims(
        story=_story(facts, ways),
        analysis=tuple(_analysis(facts, ways)),
        verification=tuple(_verification(facts, ways)),
    )


def _story(facts: GroupFacts, ways: Sequence[Way]) -> Claim:
    head, states = facts.head, facts.live(_STATE)
    named = {"name": quoted(facts.name)}
    if head.status is Status.APPROVED:
        return Claim(
            kind="story.workflow" if states else "story.workflow_alone",
            rows=(head, *states),
            columns=("Label",),
            said=tuple(state.label for state in states),
            words=named | {"states": labels(states)},
            count=len(states),
        )
    own = [way.row for way in ways if any(row.status is Status.APPROVED for row in way.rows)]
    new = [way.row for way in ways if all(r.status is Status.APPROVED for r in way.rows)]
    other = [way.row for way in ways if any(r.status is Status.CHANGED for r in way.rows)]
    other += [row for row in own if row not in new and row not in other]
    states_to_build = facts.of_kind(_STATE)
    what = changes(
        ("new", "state", [s for s in states_to_build if s.status is Status.APPROVED]),
        ("new", "transition", new),
        ("changed", "state", [s for s in states_to_build if s.status is Status.CHANGED]),
        ("changed", "transition", other),
        ("removed", "state", _removed_states(facts)),
        ("removed", "transition", [way.row for way in _removed(facts, ways)]),
    )
    kind = "story.workflow_update" if what else "story.workflow_changed"
    return Claim(kind=kind, rows=(head,), words=named | {"what": what})


def _removed_states(facts: GroupFacts) -> list[Entity]:
    return [row for row in facts.with_status(Status.DELETED) if row.kind is _STATE]


def _removed(facts: GroupFacts, ways: Sequence[Way]) -> list[Way]:
    """Return the transitions that go, of which no row stays or comes."""
    gone = [row for row in facts.with_status(Status.DELETED) if row.kind is _TRANSITION]
    kept = {name for way in ways for name in _names(way.row)}
    found = ways_of(gone, facts.session.specification)
    return [way for way in found if kept.isdisjoint(_names(way.row))]


def _names(row: Entity) -> set[str]:
    return {row.machine_name.casefold() or row.label.casefold()}


def _analysis(facts: GroupFacts, ways: Sequence[Way]) -> Iterator[Claim]:
    head, states = facts.head, facts.live(_STATE)
    if is_moderation(head) and head.status is Status.APPROVED:
        yield from _brought_by_core(facts, ways)
    there = [state for state in states if state.status is Status.IMPLEMENTED]
    there += [w.row for w in ways if all(r.status is Status.IMPLEMENTED for r in w.rows)]
    if there and head.status is not Status.APPROVED:
        yield Claim(
            kind="analysis.there",
            rows=tuple(there),
            columns=("X",),
            words={"names": codes(there)},
            count=len(there),
        )
    if leaving := _removed_states(facts):
        yield Claim(
            kind="analysis.state_in_use",
            rows=tuple(leaving),
            columns=("X",),
            words={"names": codes(leaving)},
            count=len(leaving),
        )
    moderated = bundles_listed(head, facts.session.specification)
    if later := [bundle for bundle in moderated if is_later(bundle, facts)]:
        yield Claim(
            kind="analysis.moderated_later",
            rows=(head, *later),
            columns=(APPLIES_TO,),
            words={"names": labels(later)},
            count=len(later),
        )


def _brought_by_core(facts: GroupFacts, ways: Sequence[Way]) -> Iterator[Claim]:
    """Claim what a new workflow of Content Moderation begins with."""
    fact = drupal_facts("workflows")["content_moderation"]
    states = facts.live(_STATE)
    kept = [state for state in states if state.machine_name in fact["states"]]
    added = [state for state in states if state not in kept]
    if kept:
        yield Claim(
            kind="analysis.states_added" if added else "analysis.states_shipped",
            rows=(*kept, *added),
            columns=("Machine name",),
            words={
                "kept": codes(kept),
                "added": codes(added),
                "comes": _verb(kept, "comes", "come"),
            },
            count=len(added),
        )
    by_name = {way.row.machine_name: way for way in ways}
    if not ways or not all(way.is_certain for way in ways):
        return
    unwanted = [name for name in fact["transitions"] if name not in by_name]
    if unwanted:
        yield Claim(
            kind="analysis.transition_unwanted",
            rows=tuple(way.row for way in ways),
            columns=("Machine name",),
            words={"names": listed([code(name) for name in unwanted])},
            count=len(unwanted),
        )
    for name in fact["transitions"]:
        way = by_name.get(name)
        begins = {state.machine_name for state in way.begins} if way else set()
        lost = [s for s in fact["from"] if s not in begins]
        if way and lost and not way.is_from_any:
            yield Claim(
                kind="analysis.start_unwanted",
                rows=way.rows,
                columns=(FROM,),
                words={"name": code(name), "states": listed([code(s) for s in lost], word="or")},
            )


def _verb(rows: Sequence[Entity], one: str, many: str) -> str:
    return one if len(rows) == 1 else many


def _verification(facts: GroupFacts, ways: Sequence[Way]) -> Iterator[Claim]:
    head, states = facts.head, facts.live(_STATE)
    is_new = head.status is Status.APPROVED
    listing = "workflow" if is_new else "workflow_updated"
    yield Claim(
        kind=f"verification.{listing}" if states else "verification.workflow_alone",
        rows=(head, *states),
        columns=("Label", "Machine name"),
        said=tuple(state.machine_name for state in states),
        words={
            "workflow": label_and_name(head),
            "states": listed([label_and_name(state) for state in states]),
        },
        count=len(states),
    )
    sure = [way for way in ways if way.is_certain]
    touched = [
        way
        for way in sure
        if is_new or any(row.status is not Status.IMPLEMENTED for row in way.rows)
    ]
    if len(touched) > _TRANSITIONS_MAX:
        rows = tuple(row for way in touched for row in way.rows)
        yield Claim(kind="verification.transitions_tabled", rows=rows, columns=(FROM, TO))
        touched = []
    for way in touched:
        yield _leads(way, states)
    if is_new and sure and len(sure) == len(ways):
        rows = tuple(row for way in ways for row in way.rows)
        yield Claim(
            kind="verification.only_transitions",
            rows=rows,
            words={"count": number(len(ways))},
            count=len(ways),
        )
    gone = [*_removed_states(facts), *(way.row for way in _removed(facts, ways))]
    if gone:
        words = {"names": listed([label_and_name(row) for row in gone], word="or")}
        yield Claim(kind="verification.workflow_without", rows=tuple(gone), words=words)
    yield from _applies(facts)
    yield from _permissions(facts, sure)


def _leads(way: Way, states: Sequence[Entity]) -> Claim:
    """Claim from which states a transition leads, and to which."""
    begins = states if way.is_from_any else way.begins
    is_every = len(begins) == len(states) > 1
    return Claim(
        kind="verification.leads_from_every" if is_every else "verification.leads",
        rows=way.rows,
        columns=(FROM, TO),
        said=(*(state.machine_name for state in begins), way.end.machine_name if way.end else ""),
        words={
            "transition": f"{quoted(way.row.label)} ({code(way.row.machine_name)})",
            "count": number(len(begins)),
            "begins": labels(begins),
            "end": labels([way.end] if way.end else ()),
        },
    )


def _applies(facts: GroupFacts) -> Iterator[Claim]:
    """Claim which bundles the column of the workflow names, as far as they are there by then."""
    moderated = bundles_listed(facts.head, facts.session.specification)
    if there := [bundle for bundle in moderated if not is_later(bundle, facts)]:
        yield Claim(
            kind="verification.applies",
            rows=(facts.head, *there),
            columns=(APPLIES_TO,),
            said=tuple(bundle.machine_name for bundle in there),
            words={"names": labels(there)},
        )


def _permissions(facts: GroupFacts, ways: Sequence[Way]) -> Iterator[Claim]:
    """Claim who may use which transitions, where a cell names nothing but roles."""
    head, specification = facts.head, facts.session.specification
    granted: dict[str, list[Entity]] = {}
    roles: dict[str, Entity] = {}
    for way in ways:
        for role in roles_allowed(way, head, specification):
            roles[role.key] = role
            granted.setdefault(role.key, []).append(way.row)
    for key, rows in granted.items():
        every = len(rows) == len(ways) > 1
        yield Claim(
            kind="verification.may_use_all" if every else "verification.may_use",
            rows=(roles[key], *rows),
            said=tuple(row.machine_name for row in rows),
            words={
                "role": labels([roles[key]]),
                "workflow": quoted(facts.name),
                "names": listed([quoted(row.label) for row in rows]),
            },
        )
