"""What the rows of a workflow come to in Drupal, and which roles may do what.

Belongs here: the bullets of workflows. Does not: reading roles from notes (`domain/role_notes`).
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.domain.entities import Entity, EntityKind
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.domain.role_notes import ALL_ROLES, covered_roles, permissions_in
from jira_pipeline.domain.workflow_notes import Meaning
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    Transition,
    notes_of,
    transitions_of,
)
from jira_pipeline.writers.wording.english import (
    all_of,
    capitalised,
    count_of,
    is_or_are,
    listed,
    without_stop,
)
from jira_pipeline.writers.wording.html_fragments import quoted, text
from jira_pipeline.writers.wording.note_themes import told_once
from jira_pipeline.writers.wording.row_wording import codes, named, scope_bullets

_NAMED_BUNDLES_MAX = 20


def workflow_bullets(facts: GroupFacts) -> Iterator[str]:
    """Say what the rows of a workflow come to and who may do what."""
    states = facts.live(EntityKind.WORKFLOW_STATE)
    rows = facts.live(EntityKind.WORKFLOW_TRANSITION)
    transitions = transitions_of(rows)
    told = (
        f"{capitalised(count_of(len(states), 'state'))}, {count_of(len(transitions), 'transition')}"
    )
    labels = {state.label for state in states}
    if transitions and all(set(t.from_states) == labels for t in transitions):
        told += f"; every transition starts from {all_of(len(states))}, also from its own"
    yield f"{told}."
    if len(rows) > len(transitions):
        yield (
            f"The sheet has {count_of(len(rows), 'row')} for these "
            f"{count_of(len(transitions), 'transition')}: one for each state they start from."
        )
    names = {transition.machine_name for transition in transitions}
    both = [s for s in states if is_machine_name_given(s) and s.machine_name in names]
    if both:
        yield f"{codes(both)} {is_or_are(len(both))} the machine name of a state and of a transition."
    yield from _permissions(facts, transitions)
    yield from _other_notes(facts, [*states, *(t.row for t in transitions)])
    yield from _applies_to(facts)
    yield from scope_bullets(facts, "state or transition")


def _permissions(facts: GroupFacts, transitions: Sequence[Transition]) -> Iterator[str]:
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    holders: dict[str, list[str]] = {}
    sweeping: dict[str, list[str]] = {}
    for transition in transitions:
        if ALL_ROLES.search(transition.note):
            sweeping.setdefault(transition.note, []).append(named(transition.row))
            continue
        for role in covered_roles(transition.note, roles):
            holders.setdefault(role.label, []).append(named(transition.row))
    allowed: dict[str, list[str]] = {}
    for role_label, names in holders.items():
        is_all = len(names) == len(transitions) > 1
        what = all_of(len(names)) if is_all else listed(names)
        allowed.setdefault(what, []).append(text(role_label))
    if allowed:
        told = "; ".join(f"{listed(who)} may use {what}" for what, who in allowed.items())
        yield f"Permissions, from the notes: {told}. No other role is named."
    for note, names in sweeping.items():
        covered = [text(role.label) for role in covered_roles(note, roles)]
        told = f"Of {listed(names)} the notes say {quoted(without_stop(note))}"
        literally = f". Taken literally that covers {listed(covered) or 'no role of the sheet'}"
        yield f"{told}{literally if roles else '; which roles there are, no sheet says'}."


def _is_permission(sentence: str, row: Entity, roles: Sequence[Entity]) -> bool:
    """Tell whether a sentence is told among the permissions already."""
    if row.kind is not EntityKind.WORKFLOW_TRANSITION:
        return False
    is_permitting = sentence in permissions_in(notes_of(row))
    is_read = bool(covered_roles(sentence, roles)) or ALL_ROLES.search(sentence) is not None
    return is_permitting and is_read


def _other_notes(facts: GroupFacts, rows: Sequence[Entity]) -> Iterator[str]:
    """Tell the notes on states, and those on transitions that say nothing of roles."""
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    for told in told_once(rows):
        silent = [row for row in told.rows if not _is_permission(told.sentence, row, roles)]
        if silent:
            yield f"{codes(silent)}: {quoted(without_stop(told.sentence))}."


def _applies_to(facts: GroupFacts) -> Iterator[str]:
    note = without_stop(notes_of(facts.head))
    meant = meant_types(facts)
    moderated = [name_of(bundle) for bundle in facts.session.index.moderated]
    others = [name for name in moderated if name not in meant]
    said = f"Applies to: {quoted(note)}" if note else ""
    if not meant:
        counted = capitalised(count_of(len(moderated), "content type"))
        has = "has" if len(moderated) == 1 else "have"
        told = f"{counted} {has} Mod. = y: {_named(moderated)}" if moderated else ""
    elif _meaning(facts) is Meaning.NAMED:
        told = f"Of those with Mod. = y that leaves out {_named(others)}" if others else ""
    elif _meaning(facts) is Meaning.BY_LABEL:
        rest = f"; of those with Mod. = y not {_named(others)}" if others else ""
        told = f"By their labels these are {_named(meant)}{rest}"
    else:
        told = "; ".join([f"These are {_named(meant)}", *_elsewhere(facts)])
    if said or told:
        yield f"{'. '.join(part for part in (said, told) if part)}."


def _meaning(facts: GroupFacts) -> Meaning:
    """Return how the note means its types; by name where it does so in several ways."""
    index = facts.session.index
    ways = {way.meaning for way in index.meant_by.values() if way.workflow == facts.head.key}
    return next(meaning for meaning in Meaning if meaning in ways)


def _elsewhere(facts: GroupFacts) -> Iterator[str]:
    """Say of what a workflow for all others does not cover by which note it is covered."""
    index = facts.session.index
    for workflow in index.workflows:
        names = [n for n, way in index.meant_by.items() if way.workflow == workflow.key]
        if workflow.key != facts.head.key and names:
            yield f"{_named(names)} {is_or_are(len(names))} meant by the note of {text(workflow.label)}"


def meant_types(facts: GroupFacts) -> list[str]:
    """Name the moderated types that the note of the workflow means, in sheet order."""
    index = facts.session.index
    mine = {name for name, way in index.meant_by.items() if way.workflow == facts.head.key}
    return [name for bundle in index.moderated if (name := name_of(bundle)) in mine]


def _named(labels: Sequence[str]) -> str:
    return listed([text(label) for label in labels], at_most=_NAMED_BUNDLES_MAX)
