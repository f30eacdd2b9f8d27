"""The verification part: statements a person can tick off.

Belongs here: views, workflows, roles, styles, view modes, removals, and what every kind has in
common. Does not: bundles (`bundle_verification`).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.questions.structure_questions import elsewhere_sentence
from jira_pipeline.domain.role_notes import covered_roles
from jira_pipeline.writers.group_facts import GroupFacts, literal, notes_of, transitions_of
from jira_pipeline.writers.wording.bundle_verification import admin_path, bundle_statements
from jira_pipeline.writers.wording.display_acceptance import display_statement
from jira_pipeline.writers.wording.english import (
    count_of,
    is_or_are,
    listed,
    number,
    without_stop,
)
from jira_pipeline.writers.wording.html_fragments import checklist, code, menu_path, quoted, text
from jira_pipeline.writers.wording.note_themes import told_once
from jira_pipeline.writers.wording.row_wording import (
    codes,
    label_and_name,
    listed_cell,
    named,
    with_machine_name,
)
from jira_pipeline.writers.wording.workflow_analysis import meant_types

QUESTIONS_ARE_SETTLED = "The questions above are answered or moved to their own tickets"

_NAMED_MAX = 12
_MODES_NAMED_MAX = 4
_SET_TO = re.compile(r"add to [^,.]+, set to ([^.]+)", re.IGNORECASE)
"""The note of a view mode that says where to add it, which is said by another column."""
_COMMON_COLUMNS = frozenset({"ID", "X", "Dev", "QA", "Label", "Name", "Machine name", "Migration"})
"""Columns that say nothing about how the thing is set up."""


def verification(facts: GroupFacts, *, has_questions: bool) -> str:
    """Return the checklist; it ends with the questions where there are any."""
    is_removal = facts.group.action is GroupAction.REMOVE
    rule = _removal if is_removal else _STATEMENTS[facts.group.kind]
    statements = list(rule(facts))
    if not statements:
        statements.append(
            f"{text(facts.group.label)}: what the rows describe can be seen on the site"
        )
    if has_questions:
        statements.append(QUESTIONS_ARE_SETTLED)
    return checklist(statements)


def _view(facts: GroupFacts) -> Iterator[str]:
    head = facts.head
    exists = "is still there" if facts.group.action is GroupAction.UPDATE else "exists"
    told = f"{menu_path('Structure', 'Views', facts.name)} {exists}{with_machine_name(head)}"
    if head.cell("Base table"):
        told += f" on the base table {text(head.cell('Base table'))}"
    if head.cell("Status"):
        told += f", status {text(head.cell('Status'))}"
    yield told
    for display in facts.to_build:
        yield display_statement(display)
    yield from _not_there(facts, "display")


def _not_there(facts: GroupFacts, noun: str) -> Iterator[str]:
    if leaving := facts.with_status(Status.DELETED):
        if len(leaving) > _NAMED_MAX:
            yield f"None of the {count_of(len(leaving), noun)} to remove is left"
        else:
            yield f"No {noun} {listed([named(r) for r in leaving], word='or')} remains"
    if waiting := facts.with_status(Status.WAITING):
        verb = "has" if len(waiting) == 1 else "have"
        yield f"{codes(waiting)} {verb} not been built"


def _workflow(facts: GroupFacts) -> Iterator[str]:
    head = facts.head
    kind = f", type {text(head.cell('Type'))}" if head.cell("Type") else ""
    yield (
        f"{menu_path('Configuration', 'Workflow', 'Workflows')} lists {text(facts.name)}"
        f"{with_machine_name(head)}{kind}"
    )
    states = facts.live(EntityKind.WORKFLOW_STATE)
    if states:
        order = ", in this order" if len(states) > 1 else ""
        names = listed([label_and_name(state) for state in states])
        yield f"It has exactly {count_of(len(states), 'state')}{order}: {names}"
    transitions = transitions_of(facts.of_kind(EntityKind.WORKFLOW_TRANSITION))
    for transition in transitions:
        yield (
            f"{label_and_name(transition.row)} leads from "
            f"{listed([text(s) for s in transition.from_states])} to {text(transition.to_state)}"
        )
    yield from _roles_of(facts)
    yield from _moderated(facts)
    yield from _not_there(facts, "state or transition")


def _moderated(facts: GroupFacts) -> Iterator[str]:
    """State which content types use the workflow; two of them cannot share one."""
    if not facts.session.index.moderated:
        return
    meant = [text(label) for label in meant_types(facts)]
    is_one = len(meant) == 1
    who = listed(meant, at_most=_NAMED_MAX) or "The content types agreed on"
    several = len(facts.session.index.workflows) > 1
    alone = " and no other workflow" if several else ""
    yield f"{who} {'uses' if is_one else 'use'} {text(facts.name)}{alone}"


def _roles_of(facts: GroupFacts) -> Iterator[str]:
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    transitions = transitions_of(facts.live(EntityKind.WORKFLOW_TRANSITION))
    may = {r.key: [t for t in transitions if r in covered_roles(t.note, roles)] for r in roles}
    if not any(may.values()):
        for note in told_once(t.row for t in transitions):
            yield f"Who may use {codes(note.rows)}: {quoted(without_stop(note.sentence))}"
        return
    same: dict[str, list[str]] = {}
    for role in roles:
        if not may[role.key] or role.status is Status.DELETED:
            continue
        offered = listed([text(t.label) for t in may[role.key]])
        refused = [text(t.label) for t in transitions if t not in may[role.key]]
        verb = "is" if len(refused) == 1 else "are"
        told = f"{offered} can be used" + (
            f"; {listed(refused)} {verb} not offered" if refused else ", from every state tabled"
        )
        same.setdefault(told, []).append(named(role))
    for told, names in same.items():
        yield f"As {listed(names, word='or')}: {told}"
    outsiders = [r for r in roles if not may[r.key] and r.status is not Status.DELETED]
    if outsiders:
        verb = "holds" if len(outsiders) == 1 else "hold"
        yield f"{codes(outsiders)} {verb} no {text(facts.name)} transition permission"


def _roles(facts: GroupFacts) -> Iterator[str]:
    yield f"{menu_path('People', 'Roles')} lists {listed([label_and_name(row) for row in facts.to_build])}"
    for row in facts.to_build:
        said = [without_stop(s) for s in sentences_of(notes_of(row)) if not is_open(s)]
        if said:
            yield f"Signed in as {named(row)}: {'; '.join(text(s) for s in said)}"
    if there := facts.with_status(Status.IMPLEMENTED):
        yield f"{codes(there)} {is_or_are(len(there))} unchanged"
    yield from _not_there(facts, "role")


def _image_styles(facts: GroupFacts) -> Iterator[str]:
    yield from _styles(facts, menu_path("Configuration", "Media", "Image styles"), "image style")
    sample = [r for r in facts.to_build if notes_of(r)]
    if sample:
        shown = [sample[0]] if len(sample) == 1 else [sample[0], sample[-1]]
        told = [f"{code(literal(r))} gives {quoted(without_stop(notes_of(r)))}" for r in shown]
        yield f"An uploaded image comes out as the note says, for example {listed(told)}"


def _responsive_styles(facts: GroupFacts) -> Iterator[str]:
    path = menu_path("Configuration", "Media", "Responsive image styles")
    yield from _styles(facts, path, "responsive image style")
    fallbacks = [r for r in facts.to_build if r.cell("Fallback Style")]
    if fallbacks:
        yield "Each has the fallback style, breakpoints and image styles of its table row"
    for row in facts.to_build:
        if note := notes_of(row):
            yield f"{code(literal(row))}: {text(without_stop(note))}"


def _styles(facts: GroupFacts, path: str, noun: str) -> Iterator[str]:
    count = len(facts.to_build)
    if count:
        which = "style" if count == 1 else "styles"
        yield (
            f"{path} lists the {number(count)} {which} to build under the labels and machine "
            f"names tabled: {codes(facts.to_build, at_most=_NAMED_MAX)}"
        )
    if there := facts.with_status(Status.IMPLEMENTED):
        verb = "is" if len(there) == 1 else "are"
        yield f"The {count_of(len(there), noun)} there before {verb} unchanged"
    yield from _not_there(facts, noun)


def _view_modes(facts: GroupFacts) -> Iterator[str]:
    labels = [quoted(r.label) for r in facts.to_build]
    if labels:
        yield (
            f"{menu_path('Structure', 'Display modes', 'View modes')} lists {listed(labels, at_most=_NAMED_MAX)} "
            f"under {text(facts.group.heads[0].cell('Entity Type') or 'its entity type')}"
        )
    notes: dict[tuple[str, str], list[Entity]] = {}
    for row in facts.to_build:
        asked, _ = elsewhere_sentence(row, facts.session.index)
        where = "" if asked else row.cell("Entities Used On")
        note = "" if asked else notes_of(row)
        notes.setdefault((note, where), []).append(row)
    for (note, used_on), rows in notes.items():
        names = listed([quoted(r.label) for r in rows], at_most=_MODES_NAMED_MAX)
        where = f" on {listed_cell(used_on)}" if used_on else ""
        if note or where:
            yield f"Manage display{where} has {names} switched on{_mode_setting(note)}"
    yield from _not_there(facts, "view mode")
    if there := facts.with_status(Status.IMPLEMENTED):
        yield f"{listed([quoted(r.label) for r in there])} {is_or_are(len(there))} unchanged"


def _mode_setting(note: str) -> str:
    """Say what a mode is set to, where that is all its note says; else what the note says."""
    said = without_stop(note)
    match = _SET_TO.fullmatch(said)
    if match is not None:
        return f", set to {text(match[1])}"
    return f": {text(said)}" if said else ""


def _without_fields(facts: GroupFacts) -> Iterator[str]:
    heads = facts.group.heads
    path = admin_path(facts.head.bundle_type)
    yield f"{path} lists {listed([label_and_name(head) for head in heads])}"
    described = [h for h in heads if h.cell("Description")]
    if described:
        which = "It" if len(heads) == 1 else "Each"
        rest = "" if len(described) == len(heads) else f"; {_undescribed(heads)} none"
        yield f"{which} has the description of its table row{rest}"
    notes: dict[str, list[Entity]] = {}
    for head in heads:
        for sentence in sentences_of(notes_of(head)):
            if not is_open(sentence):
                notes.setdefault(without_stop(sentence), []).append(head)
    for sentence, noted in notes.items():
        yield f"{quoted(sentence)} holds for {listed([text(name_of(h)) for h in noted])}"
    if facts.session.index.is_fields_sheet_read:
        yield "It has no custom field" if len(heads) == 1 else "None of them has a custom field"


def _undescribed(heads: Sequence[Entity]) -> str:
    silent = [text(name_of(h)) for h in heads if not h.cell("Description")]
    return f"{listed(silent)} {'has' if len(silent) == 1 else 'have'}"


def _plain(facts: GroupFacts) -> Iterator[str]:
    count = len(facts.to_build)
    if facts.group.kind is GroupKind.MIGRATION:
        yield f"{text(facts.name)} has run, and its messages name no failed item"
    elif count:
        yield f"The {count_of(count, 'row')} of the table {is_or_are(count)} set up as written"
    for row in facts.to_build[:_NAMED_MAX]:
        said = [text(without_stop(s)) for s in sentences_of(notes_of(row)) if not is_open(s)]
        said = said or [f"{text(c)} is {quoted(v)}" for c, v in row.cells.items() if _is_own(c, v)]
        yield (
            f"{text(name_of(row))}: {'; '.join(said)}"
            if said
            else (f"{text(name_of(row))} is set up as tabled")
        )
    if len(facts.to_build) > _NAMED_MAX:
        rest = len(facts.to_build) - _NAMED_MAX
        yield f"The {number(rest)} further rows are set up as tabled"
    yield from _not_there(facts, "row")


def _is_own(column: str, value: str) -> bool:
    return column not in _COMMON_COLUMNS and value not in {"", "-"}


def _removal(facts: GroupFacts) -> Iterator[str]:
    places: dict[str, list[str]] = {}
    for head in facts.group.heads:
        places.setdefault(_list_of(head), []).append(label_and_name(head))
    for place, names in places.items():
        yield f"{place} {listed(names, word='or')}"
    yield "Before each removal somebody looked whether content or configuration still uses it"


def _list_of(head: Entity) -> str:
    if head.kind is EntityKind.VIEW:
        return f"{menu_path('Structure', 'Views')} no longer lists"
    if head.kind is EntityKind.WORKFLOW:
        return f"{menu_path('Configuration', 'Workflow', 'Workflows')} no longer lists"
    if head.bundle_type is None:
        return "The site no longer has"
    return f"{admin_path(head.bundle_type)} no longer lists"


_STATEMENTS: Mapping[GroupKind, Callable[[GroupFacts], Iterator[str]]] = {
    GroupKind.BUNDLE: bundle_statements,
    GroupKind.BUNDLES_WITHOUT_FIELDS: _without_fields,
    GroupKind.VIEW: _view,
    GroupKind.WORKFLOW: _workflow,
    GroupKind.USER_ROLES: _roles,
    GroupKind.IMAGE_STYLES: _image_styles,
    GroupKind.RESPONSIVE_IMAGE_STYLES: _responsive_styles,
    GroupKind.VIEW_MODES: _view_modes,
    GroupKind.MIGRATION: _plain,
    GroupKind.CUSTOM: _plain,
    GroupKind.REMOVAL: _removal,
}
