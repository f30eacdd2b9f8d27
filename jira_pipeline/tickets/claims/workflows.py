"""What tickets of workflows claim: states, transitions, what they apply to, who may use them.

Belongs here: one workflow with its states and transitions. Does not: roles themselves (`lists`),
reading its rows (`drupal/meaning/workflow_rows`), or what is left open (`tickets/questions`).
"""

from collections.abc import Iterable, Iterator, Sequence

from jira_pipeline.drupal.meaning.modules_and_types import listed_in
from jira_pipeline.drupal.meaning.notes import LEFT_OPEN, is_shapes_only
from jira_pipeline.drupal.meaning.workflow_rows import (
    APPLIES_TO,
    BOXES,
    FROM,
    TO,
    Way,
    bundles_listed,
    is_moderation,
    kept_although_gone,
    roles_allowed,
    ways_of,
)
from jira_pipeline.model.entities import THERE, TO_BUILD, Entity, EntityKind, Status
from jira_pipeline.model.grouped import grouped
from jira_pipeline.tickets.claims.claim import (
    Claim,
    GroupFacts,
    clause,
    code,
    label_and_name,
    label_with_name,
    labels,
    listed,
    number,
    quoted,
    stated,
    text,
)
from jira_pipeline.tickets.claims.lists import changes, is_later, noted

_STATE, _TRANSITION = EntityKind.WORKFLOW_STATE, EntityKind.WORKFLOW_TRANSITION


def workflow_claims(facts: GroupFacts) -> Iterable[Claim]:
    ways = ways_of(facts.live(_TRANSITION), facts.session.specification)
    return (*_story(facts, ways), *_analysis(facts, ways), *_verification(facts, ways))


def _story(facts: GroupFacts, ways: Sequence[Way]) -> tuple[Claim, ...]:
    head, states, name = facts.head, facts.live(_STATE), quoted(facts.name)
    if head.status not in THERE:
        alone = stated("story.workflow_alone", [head], name=name)
        return stated("story.workflow", states, "Label", name=name) or alone
    there = {row.machine_name for row in facts.with_status(Status.DELETED)}
    approved = [w.row for w in ways if all(row.status is Status.APPROVED for row in w.rows)]
    new = [row for row in approved if row.machine_name not in there]
    changed = [w.row for w in ways if w.row not in new and _is_affected(w)]
    states = facts.of_kind(_STATE)
    what = changes(
        ("new_rows", "state", [s for s in states if s.status is Status.APPROVED]),
        ("new_rows", "transition", new),
        ("changed_rows", "state", [s for s in states if s.status is Status.CHANGED]),
        ("changed_rows", "transition", changed),
        ("removed_rows", "state", _removed_states(facts)),
        ("removed_rows", "transition", [way.row for way in _removed(facts, ways)]),
    )
    kind = "story.workflow_update" if what else "story.workflow_changed"
    return stated(kind, [head], name=name, what=what)


def _is_affected(way: Way) -> bool:
    return any(row.status is not Status.IMPLEMENTED for row in way.rows)


def _removed_states(facts: GroupFacts) -> list[Entity]:
    return [row for row in facts.with_status(Status.DELETED) if row.kind is _STATE]


def _removed(facts: GroupFacts, ways: Sequence[Way]) -> list[Way]:
    """Return the transitions that go, of which no row stays or comes."""
    gone = [row for row in facts.with_status(Status.DELETED) if row.kind is _TRANSITION]
    staying = {way.row.machine_name for way in ways}
    found = ways_of(gone, facts.session.specification)
    return [way for way in found if way.row.machine_name not in staying]


def _analysis(facts: GroupFacts, ways: Sequence[Way]) -> Iterator[Claim]:
    head, states = facts.head, facts.live(_STATE)
    if is_moderation(head) and head.status not in THERE:
        yield from _brought_by_core(facts, states, ways)
    there = [state for state in states if state.status is Status.IMPLEMENTED]
    there += [way.row for way in ways if not _is_affected(way)]
    if head.status in THERE:
        yield from stated("analysis.workflow_there", there, "X")
    kept = kept_although_gone(facts.group.members)
    differing = [c for gone, row in kept for c in row.cells if gone.cell(c) != row.cell(c)]
    columns = listed(map(text, dict.fromkeys(c for c in differing if c != "X"))) or text("X")
    rows = [row for _, row in kept]
    yield from stated("analysis.transitions_kept", rows, "Machine name", columns=columns)
    yield from stated("analysis.state_in_use", _removed_states(facts), "X")


def _brought_by_core(
    facts: GroupFacts, states: Sequence[Entity], ways: Sequence[Way]
) -> Iterator[Claim]:
    """Claim what a new workflow of Content Moderation begins with."""
    begun, kept = listed_in("content_moderation", "states"), _kept_by_core(facts.head, states)
    added = [state for state in states if state.machine_name not in kept]
    if kept:
        yield from stated(
            "analysis.states_added" if added else "analysis.states_shipped",
            added or states,
            "Machine name",
            kept=listed(map(code, kept)),
            comes="comes" if len(kept) == 1 else "come",
        )
    if not ways or not all(way.is_certain for way in ways):
        return
    by_name = {way.row.machine_name: way for way in ways}
    brought = listed_in("content_moderation", "transitions")
    is_asked = _is_course_asked(facts, states)
    if unwanted := [name for name in brought if name not in by_name and not is_asked]:
        yield from stated(
            "analysis.transition_unwanted",
            (way.row for way in ways),
            "Machine name",
            values=unwanted,
            of_count=len(unwanted),
            names=listed(map(code, unwanted)),
        )
    for way in (by_name[name] for name in brought if name in by_name):
        begins = {state.machine_name for state in way.begins}
        lost = [code(name) for name in begun if name not in begins]
        if lost and not (way.is_from_any or is_asked):
            yield from stated(
                "analysis.start_unwanted", way.rows, FROM, states=listed(lost, word="or")
            )


def _kept_by_core(head: Entity, states: Sequence[Entity]) -> Sequence[str]:
    """Return the states that Content Moderation keeps, with or without a row, where all have names."""
    begun = listed_in("content_moderation", "states") if is_moderation(head) else ()
    is_sure = all(state.has_machine_name for state in states)
    return [n for n in begun if is_sure or n in {state.machine_name for state in states}]


def _is_course_asked(facts: GroupFacts, states: Iterable[Entity]) -> bool:
    """Tell whether answers to questions may add transitions."""
    return any(facts.is_disputed(state, FROM) for state in states)


def _verification(facts: GroupFacts, ways: Sequence[Way]) -> Iterator[Claim]:
    head, states = facts.head, facts.live(_STATE)
    is_new, workflow = head.status not in THERE, label_and_name(head)
    is_whole = {*_kept_by_core(head, states)} <= {state.machine_name for state in states}
    is_exact = is_new and is_whole
    kind = "verification.workflow" if is_exact else "verification.workflow_updated"
    alone = stated("verification.workflow_alone", [head], "Machine name")
    yield from stated(kind, states, "Machine name", workflow=workflow) or alone
    sure = [way for way in ways if way.is_certain]
    for way in (way for way in sure if is_new or _is_affected(way)):
        begins = states if way.is_from_any else way.begins
        is_from_every = len(begins) == len(states) > 1
        kind = "verification.leads_from_every" if is_from_every else "verification.leads"
        yield from stated(
            kind,
            way.rows,
            FROM,
            TO,
            transition=label_with_name(way.row),
            begins=labels(begins),
            end=labels([way.end] if way.end else ()),
            count=number(len(begins)),
        )
    if is_new and len(sure) == len(ways) and not _is_course_asked(facts, states):
        rows = [way.row for way in ways]
        yield from stated("verification.only_transitions", rows, count=number(len(ways)))
    gone = [*_removed_states(facts), *(way.row for way in _removed(facts, ways))]
    names = listed([label_and_name(row) for row in gone], word="or")
    yield from stated("verification.workflow_without", gone, "X", names=names)
    moderated = bundles_listed(head, facts.session.specification)
    if later := [bundle for bundle in moderated if is_later(bundle, facts)]:
        yield from stated("analysis.moderated_later", [head], APPLIES_TO, names=labels(later))
    if there := [bundle for bundle in moderated if bundle not in later]:
        values, names = ["; ".join(bundle.label for bundle in there)], labels(there)
        yield from stated("verification.applies", [head], APPLIES_TO, values=values, names=names)
    yield from _boxes(states, workflow)
    yield from _noted([head] * (not moderated), "")
    yield from _noted(states, f" of {quoted(facts.name)}")
    yield from _permissions(facts, sure)


def _boxes(states: Iterable[Entity], workflow: str) -> Iterator[Claim]:
    """Claim what of the two boxes of states is ticked, by cells that give both; of core's two it is fixed."""
    fixed = listed_in("content_moderation", "states")
    added = [s for s in states if s.status in TO_BUILD and s.machine_name not in fixed]
    for boxes, same in grouped(added, lambda row: tuple(map(row.flag, BOXES))).items():
        if None not in boxes:
            published, default = (clause("ticked" if box else "unticked") for box in boxes)
            yield from stated(
                "verification.state_boxes",
                same,
                *BOXES,
                workflow=workflow,
                published=published,
                default=default,
            )


def _noted(rows: Iterable[Entity], of: str) -> Iterator[Claim]:
    """Quote what the notes of rows to build say, together where alike."""
    told = (r for r in rows if not (is_shapes_only(r.note) or LEFT_OPEN.search(r.note)))
    to_build = (row for row in told if row.status in TO_BUILD)
    return noted("verification.workflow_noted", to_build, lambda row: row.note, of=of)


def _permissions(facts: GroupFacts, ways: Sequence[Way]) -> Iterator[Claim]:
    """Claim who may use which transitions, by cells of nothing but names, else by their notes."""
    allowing = (
        (role, way.row)
        for way in ways
        for role in roles_allowed(way, facts.head, facts.session.specification)
    )
    granted = grouped(allowing, lambda pair: pair[0].key).values()
    named = {row.source for pairs in granted for _, row in pairs}
    others = [way.row for way in ways if way.row.source not in named]
    yield from _noted(others, f" of {quoted(facts.name)}")
    alike = grouped(granted, lambda pairs: tuple(row.source for _, row in pairs))
    for same in alike.values():
        roles, rows = [pairs[0][0] for pairs in same], [row for _, row in same[0]]
        is_all = len(rows) == len(ways) > 1
        kind = "verification.may_use_all" if is_all else "verification.may_use"
        yield from stated(
            kind,
            rows,
            values=["; ".join(role.machine_name for role in roles)] * len(rows),
            role=labels(roles),
            have="has" if len(roles) == 1 else "have",
            workflow=quoted(facts.name),
            names=listed([quoted(row.label) for row in rows]),
        )
