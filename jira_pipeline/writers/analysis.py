"""The analysis part: what is special about a ticket, as a bullet list.

Belongs here: the bullets of views, workflows, roles, styles, view modes, removals, and what is
told for every kind. Does not: bundles (`bundle_analysis`), open questions.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind, RelationKind
from jira_pipeline.domain.note_sentences import comparable, sentences_of
from jira_pipeline.domain.question_index import name_of
from jira_pipeline.domain.role_notes import ALL_ROLES, covered_roles, roles_named_in
from jira_pipeline.domain.row_questions import is_open
from jira_pipeline.writers.bundle_analysis import (
    bundle_bullets,
    codes,
    label_and_name,
    themed_bullets,
)
from jira_pipeline.writers.english import (
    all_of,
    capitalised,
    count_of,
    is_or_are,
    listed,
    number,
    plural,
    without_stop,
)
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    Transition,
    bundle_noun,
    literal,
    notes_of,
    transitions_of,
)
from jira_pipeline.writers.html_fragments import bullet_list, code, quoted, text
from jira_pipeline.writers.note_themes import DISPLAY_CUES, Theme, theme_of, told_once

_NAMED_MAX = 12
_NAMED_BUNDLES_MAX = 20
_STATUS_WORDS: Mapping[Status, str] = {
    Status.IMPLEMENTED: "there already",
    Status.WAITING: "on hold",
    Status.DELETED: "to be removed",
}


def analysis(facts: GroupFacts) -> str:
    """Return the bullets; a plain ticket says that nothing is unusual about it."""
    if facts.group.action is GroupAction.REMOVE:
        return bullet_list(_removal(facts))
    bullets = [
        *_on_hold(facts),
        *_hollow(facts),
        *_BULLETS[facts.group.kind](facts),
        *_connections(facts),
    ]
    if not bullets:
        bullets = ["Plain configuration: no note restricts or explains any of these rows."]
    return bullet_list(bullets)


def _on_hold(facts: GroupFacts) -> Iterator[str]:
    if facts.group.is_on_hold:
        yield (
            f"<strong>On hold:</strong> X of {text(facts.name)} is w. The ticket is there so that "
            "nobody forgets it; do not start before that changes."
        )


def _hollow(facts: GroupFacts) -> Iterator[str]:
    if not facts.group.is_hollow:
        return
    counts = Counter(member.status for member in facts.group.members)
    told = [f"{number(counts[s])} {words}" for s, words in _STATUS_WORDS.items() if counts[s]]
    nouns = plural(
        {GroupKind.VIEW: "display", GroupKind.WORKFLOW: "row"}.get(facts.group.kind, "field")
    )
    state = f"none of its {nouns} is ({listed(told)})" if told else f"it has no {nouns}"
    yield (
        f"<strong>No approved member:</strong> {text(facts.name)} itself is approved, but {state}. "
        "Settle the question below first."
    )


def _connections(facts: GroupFacts) -> Iterator[str]:
    labels: dict[RelationKind, list[str]] = {}
    for relation in facts.group.relations:
        labels.setdefault(relation.kind, []).append(text(relation.label))
    if there := labels.get(RelationKind.SATISFIED):
        verb = "exists" if len(there) == 1 else "exist"
        yield f"Nothing to wait for: {listed(there)} {verb} already."
    if held := labels.get(RelationKind.ON_HOLD):
        them = "it" if len(held) == 1 else "them"
        yield (
            f"{listed(held)} {is_or_are(len(held))} on hold and will not be there yet: leave "
            f"references to {them} until that is decided."
        )
    if deferred := labels.get(RelationKind.DEFERRED):
        exist = "exists" if len(deferred) == 1 else "exist"
        noun = "reference" if len(deferred) == 1 else "references"
        yield f"Add the {noun} to {listed(deferred)} once {'it' if len(deferred) == 1 else 'they'} {exist}."


def _view(facts: GroupFacts) -> Iterator[str]:
    displays = facts.to_build
    plugins = Counter(d.cell("Display plugin") or "without a plugin" for d in displays)
    total = capitalised(count_of(len(displays), "display"))
    if len(displays) == 1:
        yield f"One display to build, of type {text(next(iter(plugins)))}."
    elif len(plugins) == 1:
        every = "both" if len(displays) == 2 else "all"  # noqa: PLR2004 - a pair
        yield f"{total} to build, {every} of type {text(next(iter(plugins)))}."
    elif displays:
        told = [f"{number(count)} {text(plugin)}" for plugin, count in plugins.items()]
        yield f"{total} to build: {listed(told)}."
    table = facts.head.cell("Base table")
    if table and table.casefold() != "content":
        yield f"Built on {quoted(table)}, not on Content."
    yield from _listed_content(facts)
    yield from _changes(displays)
    yield from themed_bullets([d for d in displays if not _is_change(d)], cues=DISPLAY_CUES)
    yield from _mentions(facts)
    yield from _head_notes(facts)
    yield from _scope(facts, "display")


def _listed_content(facts: GroupFacts) -> Iterator[str]:
    """Tell which content type the view lists, where its machine name says so."""
    name = facts.head.machine_name
    for dependency in facts.group.dependencies:
        group = facts.session.groups.get(dependency.group_key)
        if group is None or group.kind is not GroupKind.BUNDLE:
            continue
        if group.heads[0].machine_name in {name, name.removesuffix("s")}:
            yield (
                f"Lists {text(group.label)} {code(group.heads[0].machine_name)}: the content type "
                f"has the machine name of the view."
                if group.heads[0].machine_name == name
                else f"Lists {text(group.label)} {code(group.heads[0].machine_name)}: the view has "
                "the machine name of the content type in the plural."
            )


def _mentions(facts: GroupFacts) -> Iterator[str]:
    """Tell which other views name this one in a note."""
    for display, sentence in facts.session.mentions.get(facts.name, ()):
        if display.owner_key != facts.head.key:
            owner = facts.session.index.owner_name(display)
            yield f"{text(owner)} {code(literal(display))} refers to it: {quoted(sentence)}"


def _is_change(row: Entity) -> bool:
    return "already built" in notes_of(row).casefold()


def _changes(displays: Sequence[Entity]) -> Iterator[str]:
    notes: dict[str, list[Entity]] = {}
    for display in displays:
        if _is_change(display):
            notes.setdefault(notes_of(display), []).append(display)
    for note, rows in notes.items():
        yield f"{codes(rows)} {is_or_are(len(rows))} changed, not new: {quoted(note)}"


def _scope(facts: GroupFacts, noun: str) -> Iterator[str]:
    if there := facts.with_status(Status.IMPLEMENTED):
        count = _names_in(there)
        yield (
            f"{capitalised(count_of(count, noun))} {is_or_are(count)} there already and "
            f"not part of this work: {codes(there, at_most=_NAMED_MAX)}."
        )
    if waiting := facts.with_status(Status.WAITING):
        yield f"On hold, do not build yet: {codes(waiting, at_most=_NAMED_MAX)}."
    if leaving := facts.with_status(Status.DELETED):
        count = _names_in(leaving)
        them = "it is" if count == 1 else "they are"
        yield (
            f"{capitalised(count_of(count, noun))} dropped from the specification, remove "
            f"if {them} there: {codes(leaving, at_most=_NAMED_MAX)}."
        )


def _names_in(rows: Sequence[Entity]) -> int:
    return len(dict.fromkeys(literal(row) for row in rows))


def _head_notes(facts: GroupFacts) -> Iterator[str]:
    said = [quoted(without_stop(s)) for s in sentences_of(notes_of(facts.head)) if not is_open(s)]
    if said:
        yield f"About {text(facts.name)} as a whole: {listed(said)}."


def _workflow(facts: GroupFacts) -> Iterator[str]:
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
    both = [s for s in states if s.machine_name in {t.machine_name for t in transitions}]
    if both:
        yield f"{codes(both)} {is_or_are(len(both))} the machine name of a state and of a transition."
    yield from _permissions(facts, transitions)
    yield from _applies_to(facts)
    yield from _scope(facts, "state or transition")


def _permissions(facts: GroupFacts, transitions: Sequence[Transition]) -> Iterator[str]:
    roles = facts.session.specification.by_kind[EntityKind.USER_ROLE]
    holders: dict[str, list[str]] = {}
    sweeping: dict[str, list[str]] = {}
    for transition in transitions:
        if ALL_ROLES.search(transition.note):
            sweeping.setdefault(transition.note, []).append(code(transition.machine_name))
            continue
        for role in roles_named_in(transition.note, roles):
            holders.setdefault(role.label, []).append(code(transition.machine_name))
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


def _applies_to(facts: GroupFacts) -> Iterator[str]:
    note = notes_of(facts.head)
    moderated = [
        text(name_of(b))
        for b in facts.session.specification.by_kind[EntityKind.BUNDLE]
        if b.cell("Mod.").casefold() == "y"
        and b.bundle_type is BundleType.CONTENT
        and b.status not in {Status.DELETED, Status.WAITING}
    ]
    said = f"Applies to: {quoted(without_stop(note))}. " if note else ""
    if moderated:
        verb = "has" if len(moderated) == 1 else "have"
        yield (
            f"{said}{capitalised(count_of(len(moderated), 'content type'))} {verb} Mod. = y: "
            f"{listed(moderated, at_most=_NAMED_BUNDLES_MAX)}."
        )
    elif said:
        yield said.strip()


def _image_styles(facts: GroupFacts) -> Iterator[str]:
    yield from _shared_clauses(facts.to_build)
    yield from _scope(facts, "image style")


_MEASURE = re.compile(r"\d[\dx×%.]*(?:px)?")


def _shared_clauses(rows: Sequence[Entity]) -> Iterator[str]:
    clauses: Counter[str] = Counter()
    wording: dict[str, str] = {}
    for row in rows:
        for clause in dict.fromkeys(c.strip() for c in notes_of(row).split(",") if c.strip()):
            pattern = _MEASURE.sub("…", without_stop(clause))
            key = comparable(pattern)
            clauses[key] += 1
            wording.setdefault(key, pattern)
    told = [f"{quoted(wording[k])} in {number(n)}" for k, n in clauses.most_common() if n > 1]
    once = [quoted(wording[key]) for key, count in clauses.items() if count == 1]
    if told:
        yield f"Effects of the {count_of(len(rows), 'style')} to build: {listed(told)}."
    if once:
        yield f"Used once only: {listed(once)}."


def _responsive_styles(facts: GroupFacts) -> Iterator[str]:
    rows = facts.to_build
    breakpoint_groups = list(dict.fromkeys(r.cell("Breakpoint Group") for r in rows))
    if len(breakpoint_groups) == 1 and breakpoint_groups[0]:
        yield f"All use the breakpoint group {quoted(breakpoint_groups[0])}."
    used: dict[str, list[Entity]] = {}
    for row in rows:
        used.setdefault(row.cell("Breakpoints Used"), []).append(row)
    for breakpoints, sharing in used.items():
        if breakpoints:
            yield f"Breakpoints {quoted(breakpoints)}: {codes(sharing)}."
    for told in told_once(rows):
        if theme_of(told.sentence) is Theme.RESTRICTION:
            yield f"Mind the limit of {codes(told.rows)}: {quoted(without_stop(told.sentence))}."
    yield from _scope(facts, "responsive image style")


def _view_modes(facts: GroupFacts) -> Iterator[str]:
    notes: dict[tuple[str, str], list[Entity]] = {}
    for row in facts.to_build:
        key = (comparable(notes_of(row)), row.cell("Entities Used On"))
        notes.setdefault(key, []).append(row)
    for (_, used_on), rows in notes.items():
        where = f" on {text(used_on)}" if used_on else ""
        names = listed([quoted(row.label) for row in rows])
        said = f": {quoted(without_stop(notes_of(rows[0])))}" if notes_of(rows[0]) else ""
        if where:
            yield f"{names} {is_or_are(len(rows))} used{where}{said}."
        elif said:
            yield f"{names}{said}."
    yield from _scope(facts, "view mode")


def _roles(facts: GroupFacts) -> Iterator[str]:
    for row in facts.to_build:
        said = [quoted(without_stop(s)) for s in sentences_of(notes_of(row))]
        if said:
            yield f"{text(row.label)} {code(row.machine_name)}: {listed(said)}."
    workflows = [g.label for g in facts.dependents if g.kind is GroupKind.WORKFLOW]
    if workflows:
        yield (
            f"Permissions on transitions come with {listed([text(w) for w in workflows])}; this "
            "ticket makes the roles."
        )
    yield from _scope(facts, "role")


def _without_fields(facts: GroupFacts) -> Iterator[str]:
    access: dict[str, list[Entity]] = {}
    for head in facts.group.heads:
        for sentence in sentences_of(notes_of(head)):
            if not is_open(sentence):
                access.setdefault(without_stop(sentence), []).append(head)
    for sentence, heads in access.items():
        theme = theme_of(sentence)
        introduction = f"{theme}: " if theme else ""
        yield f"{introduction}{quoted(sentence)} on {listed([text(name_of(h)) for h in heads])}."
    quiet = [h for h in facts.group.heads if not notes_of(h)]
    if access and quiet:
        yield f"No such note on {listed([text(name_of(h)) for h in quiet])}."
    nouns = plural(bundle_noun(facts.head.bundle_type))
    which = "this" if len(facts.group.heads) == 1 else "none of these"
    negation = " no" if len(facts.group.heads) == 1 else " a"
    noun = bundle_noun(facts.head.bundle_type) if negation == " no" else nouns
    yield (
        f"The sheets give {which} {noun}{negation} field: label, machine name, description and "
        "access are all there is to configure."
    )


def _plain(facts: GroupFacts) -> Iterator[str]:
    for told in told_once(facts.to_build):
        yield f"{codes(told.rows)}: {quoted(without_stop(told.sentence))}."
    yield from _scope(facts, "row")


def _removal(facts: GroupFacts) -> Iterator[str]:
    types: dict[str, list[Entity]] = {}
    for head in facts.group.heads:
        noun = bundle_noun(head.bundle_type) if head.bundle_type else _NOUNS.get(head.kind, "row")
        types.setdefault(noun, []).append(head)
    for noun, heads in types.items():
        names = [label_and_name(h) for h in heads]
        yield f"{capitalised(count_of(len(heads), noun))}: {listed(names)}."
    which = "it only if it exists" if len(facts.group.heads) == 1 else "each only where it exists"
    yield f"Remove {which}: the sheets do not say whether it was ever built."
    if facts.group.members:
        noun = "display" if facts.group.members[0].kind is EntityKind.VIEW_DISPLAY else "field"
        if any(m.kind is not facts.group.members[0].kind for m in facts.group.members):
            noun = "row"
        count, them = len(facts.group.members), "it" if len(facts.group.heads) == 1 else "them"
        go = "goes" if count == 1 else "go"
        yield f"{capitalised(count_of(count, noun))} {go} with {them}."
    mentions = [text(r.label) for r in facts.group.relations if r.kind is RelationKind.REMOVAL]
    if mentions:
        yield f"Still mentioned by {listed(list(dict.fromkeys(mentions)))}: look there first."


_NOUNS: Mapping[EntityKind, str] = {
    EntityKind.VIEW: "view",
    EntityKind.WORKFLOW: "workflow",
    EntityKind.MIGRATION: "migration",
}

_BULLETS: Mapping[GroupKind, Callable[[GroupFacts], Iterator[str]]] = {
    GroupKind.BUNDLE: bundle_bullets,
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
