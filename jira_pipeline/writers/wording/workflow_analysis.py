"""What the rows of a workflow come to in Drupal, and which roles may do what.

Belongs here: the bullets of workflows. Does not: reading roles from notes (`domain/role_notes`).
"""

from collections.abc import Iterator, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.domain.role_notes import ALL_ROLES, covered_roles, roles_named_in
from jira_pipeline.domain.workflow_notes import is_meant_by_label
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
        for role in roles_named_in(transition.note, roles):
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
        yield (
            f"Of {listed(names)} the notes say {quoted(note)}. Taken literally that covers "
            f"{listed(covered)}."
        )


def _other_notes(facts: GroupFacts, rows: Sequence[Entity]) -> Iterator[str]:
    """Tell the notes on states and transitions that say nothing of roles."""
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    others = [row for row in rows if not covered_roles(notes_of(row), roles)]
    for told in told_once(others):
        yield f"{codes(told.rows)}: {quoted(without_stop(told.sentence))}."


def _applies_to(facts: GroupFacts) -> Iterator[str]:
    note = notes_of(facts.head)
    moderated = moderated_types(facts)
    said = f"Applies to: {quoted(without_stop(note))}. " if note else ""
    meant = meant_by_label(facts)
    if meant:
        others = [name for name in moderated if name not in meant]
        rest = f"; of those with Mod. = y not {_named(others)}" if others else ""
        yield f"{said}By their labels these are {_named(meant)}{rest}."
    elif moderated:
        verb = "has" if len(moderated) == 1 else "have"
        counted = capitalised(count_of(len(moderated), "content type"))
        yield f"{said}{counted} {verb} Mod. = y: {_named(moderated)}."
    elif said:
        yield said.strip()


def moderated_types(facts: GroupFacts) -> list[str]:
    """Name the content types that are moderated and will be there, in sheet order."""
    return [
        name_of(bundle)
        for bundle in facts.session.specification.by_kind[EntityKind.BUNDLE]
        if bundle.cell("Mod.").casefold() == "y"
        and bundle.bundle_type is BundleType.CONTENT
        and bundle.status not in {Status.DELETED, Status.WAITING}
    ]


def meant_by_label(facts: GroupFacts) -> list[str]:
    """Name those that the note of the workflow means by a word in their labels."""
    note = notes_of(facts.head)
    return [name for name in moderated_types(facts) if is_meant_by_label(name, note)]


def meant_types(facts: GroupFacts) -> list[str]:
    """Name the moderated types that the note names, or means by a word in their labels."""
    note = notes_of(facts.head).casefold()
    named = [n for n in moderated_types(facts) if f"{n} (content type)".casefold() in note]
    return named or meant_by_label(facts)


def _named(labels: Sequence[str]) -> str:
    return listed([text(label) for label in labels], at_most=_NAMED_BUNDLES_MAX)
