"""Certain questions of workflows, roles, styles and view modes.

Belongs here: what the cells leave open or contradict, without reading English. Does not: words
(`questions.toml`), joining rows into one question (`found_questions`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from jira_pipeline.drupal.meaning.image_effects import CONVERSION, FILE_TYPES, effects_of
from jira_pipeline.drupal.meaning.modules_and_types import (
    NOUNS,
    bringing,
    broken_rule,
    listed_in,
    modules,
    provider_of_mode,
)
from jira_pipeline.drupal.meaning.notes import items_of
from jira_pipeline.drupal.meaning.workflow_rows import (
    APPLIES_TO,
    FROM,
    TO,
    Way,
    bundles_listed,
    bundles_unknown,
    is_moderation,
    kept_although_gone,
    lists_permissions,
    permissions_of,
    renamed_states,
    roles_allowed,
    transitions_granted,
    ways_of,
)
from jira_pipeline.model.columns import NAMING_COLUMNS, NOTE_COLUMNS, owner_column_of
from jira_pipeline.model.entities import (
    GONE,
    TO_BUILD,
    Entity,
    EntityKind,
    ReferenceState,
    Specification,
    Status,
)
from jira_pipeline.model.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.model.open_questions import Audience
from jira_pipeline.tickets.questions.question_index import (
    QuestionIndex,
    accepted_name,
    name_of,
    once_per_session,
)
from jira_pipeline.tickets.questions.row_questions import (
    NAMED_MAX,
    RowQuestion,
    asked,
    joined,
    marked,
    plain,
    question_forms,
)

_FATES = {Status.WAITING: "on hold", Status.DELETED: "to be removed"}
_COUNTED = re.compile(r"(?i)(\d+|all) permissions?\.?")
"""A note of a role that counts its permissions and names none."""
_SETTLED = re.compile(
    r"(?is)(?:(?:\d+|all|every) permissions?\.?)?\s*"
    r"(?:permissions: (?!.*\b(?:transition|publish|moderat)).*)?"
)
"""A note that counts permissions or lists them, without one on states."""
_SIZE = re.compile(r"(?<!\d)(\d{2,4}) ?[x×] ?(\d{2,4})(?!\d)")
_RATIO = re.compile(r"\b([1-9]\d?):([1-9]\d?)\b")
_SIZING = re.compile(r"scale|crop|resize")
_BUT_ICO = ", and with which toolkit or module, as core’s GD does not write ICO"
_FACTOR = re.compile(r"(?i)(?<![\d.])(\d(?:\.\d)?)x(?!\d)")
"""A multiplier of pixels in the label of a style: `Portrait 1.5x`."""


def list_questions(group: EntityGroup, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Find what the rows of a group leave open."""
    if group.action is GroupAction.REMOVE:
        return
    yield from (found for key, found in moderation_questions(index) if key == group.key)
    if group.kind is GroupKind.WORKFLOW:
        yield from _workflow_questions(group, index)
    for row in _to_build(group.heads) if group.kind is GroupKind.CUSTOM else ():
        yield from _owner_questions(row, index)
    rule = _RULES.get(group.kind)
    if rule is None and group.kind is not GroupKind.USER_ROLES:
        return
    rows = list({r.source: r for r in _to_build((*group.heads, *group.members))}.values())
    for row in rows:
        yield from _reference_questions(row, index)
        yield from name_questions(row, index)
        if rule:
            users = index.specification.targets_of(row, "Entities Used On")
            yield from _change_questions(row, users)
            yield from rule(row)
    if rule is None:
        yield from _role_questions(rows, index.specification)


def _owner_questions(row: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask which owner a row without one belongs to; a name that no row has is a finding."""
    name = column.name if (column := owner_column_of(row.kind)) else ""
    owner = plain(row.cell(name))
    alike = [plain(b.label) for b in index.bundles_by_name.get(owner.casefold(), ())]
    if len(alike) > 1:
        yield asked("lists.owner_alike", row, name, choices=alike, owner=owner)
    elif name and not owner:
        yield asked("lists.blank", row, name, noun=name.casefold(), blank=name)


def _to_build(rows: Iterable[Entity]) -> list[Entity]:
    return [row for row in rows if row.status in TO_BUILD]


def _workflow_questions(group: EntityGroup, index: QuestionIndex) -> Iterator[RowQuestion]:
    head, is_new = group.heads[0], group.heads[0].status is Status.APPROVED
    yield from _row_questions(head, index.specification)
    rows = [row for row in group.members if row.status not in GONE]
    states = [row for row in rows if row.kind is EntityKind.WORKFLOW_STATE]
    transitions = [row for row in rows if row.kind is EntityKind.WORKFLOW_TRANSITION]
    ways = ways_of(transitions, index.specification)
    for kind, found in (("states", states), ("transitions", transitions)):
        if not found and is_new and not group.is_hollow:
            yield asked(f"lists.{kind}", head, "Label")
    if group.is_hollow and is_new and group.members:
        yield asked("lists.hollow", head, "X")
    for row in transitions if is_new else _to_build(transitions):
        yield from _reference_questions(row, index)
    known = {state.machine_name for state in states}
    lacking = [name for name in listed_in("content_moderation", "states") if name not in known]
    if lacking and states and is_new and is_moderation(head):
        yield asked("lists.kept", head, "Label", states=" and ".join(map(marked, lacking)))
    if ways and all(way.is_certain and not way.is_from_any for way in ways):
        yield from _course_questions(head, states, ways)
    yield from _state_questions(head, states, ways)
    there = [row for _, row in kept_although_gone(group.members)]
    yield from _people_questions(head, ways, index, there=there)
    renamed = renamed_states(group.members, index.specification).values()
    states_of = Counter((row.kind, row.machine_name) for row in group.members)
    for row in _to_build(rows):
        is_one = row.kind is EntityKind.WORKFLOW_STATE or states_of[row.kind, row.machine_name] == 1
        if row not in renamed and is_one:
            yield from _change_questions(row)
    if not _to_build(rows):
        yield from _change_questions(head)


def _row_questions(workflow: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask for types that no row has."""
    if unknown := bundles_unknown(workflow, specification):
        names = joined([f"“{plain(name)}”" for name in unknown])
        yield asked("lists.applies", workflow, APPLIES_TO, names=names)


def _course_questions(
    head: Entity, states: Sequence[Entity], ways: Sequence[Way]
) -> Iterator[RowQuestion]:
    """Ask about states that no transition enters or leaves, or in which nothing can be saved."""
    steps = {(state.key, way.end.key) for way in ways if way.end for state in way.begins}
    left, entered = ({step[side] for step in steps if step[0] != step[1]} for side in (0, 1))
    kept = listed_in("content_moderation", "states") if is_moderation(head) else ("",)
    first = next((state for state in states if state.machine_name == kept[0]), None)
    start = first.key if first else ""
    of_core = listed_in("content_moderation", "states_of_editorial")
    reached, ends = set() if start in left else entered, {start}
    while ends := {end for begin, end in steps if begin in ends and end not in reached}:
        reached |= ends
    for state in states if head.status is Status.APPROVED else _to_build(states):
        topic = ""
        if state.key not in left | entered:
            topic = "isolated" if state is not first else "untouched"
        elif state.key not in left:  # archived, as core has it, is where content stays
            topic = "" if state.machine_name in of_core else "end"
        elif state.key not in reached | {start}:
            topic = "unreached"
        elif first and not {(state.key, state.key), (state.key, start)} & steps:
            topic = "held" if state is not first else "unsaved"
        if topic:
            words = {"workflow": plain(name_of(head)), "first": plain(first.label) if first else ""}
            yield asked(f"lists.{topic}", state, "Label", **words)


def _state_questions(
    head: Entity, states: Sequence[Entity], ways: Sequence[Way]
) -> Iterator[RowQuestion]:
    """Ask for what the form of a state has, where no column holds it and no note can say it."""
    columns = {c.casefold() for state in states for c in state.cells if state.states(c)}
    if not is_moderation(head) or not states:
        return
    used = {state.key for way in ways for state in way.begins} or {state.key for state in states}
    is_told = any(c.startswith(("initial", "start", "default state")) for c in columns)
    is_told |= any(state.note for state in states)
    kept = listed_in("content_moderation", "states")
    starts = [state for state in states if state.key in used]
    if head.status is Status.APPROVED and not is_told:
        likely = next((plain(s.label) for s in starts if s.machine_name == kept[0]), "")
        labels = [plain(state.label) for state in starts]
        stuck = [s.label for s in states if s.machine_name == kept[0] and s not in starts]
        but = "".join(f" “{plain(s)}”, the usual one, has no transition out of it." for s in stuck)
        yield asked("lists.first_state", head, "Type", answer=likely, choices=labels, but=but)
    if any(c.startswith(("published", "is published", "default rev")) for c in columns):
        return
    left = [way.end for way in ways if any(s.machine_name == kept[1] for s in way.begins)]
    *_, online = question_forms()["lists.flags"]["choices_of_one"]
    known = (*kept, *listed_in("content_moderation", "states_of_editorial"))
    for state in states:
        is_new = state.status is Status.APPROVED and state.machine_name not in known
        if is_new and not state.note:
            answer, workflow = "" if state in left else online, plain(name_of(head))
            yield asked("lists.flags", state, "Label", workflow=workflow, answer=answer)


def _people_questions(
    head: Entity, ways: Sequence[Way], index: QuestionIndex, *, there: Sequence[Entity]
) -> Iterator[RowQuestion]:
    """Ask who may use new transitions, where no cell says so."""
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    is_listed = any(map(transitions_granted, roles))
    can_tell = not is_listed and any(r.note and not _SETTLED.fullmatch(r.note) for r in roles)
    silent: list[Entity] = []
    for way in ways:
        rows = [r for r in way.rows if r.status is Status.APPROVED and r not in there]
        is_said = can_tell or any(row.note for row in way.rows)
        if rows and not is_said and not roles_allowed(way, head, index.specification):
            silent.append(rows[0])
    if len(silent) == len(ways) > 1:
        count, workflow = str(len(ways)), plain(name_of(head))
        yield asked("lists.who_each", silent[0], "Notes", count=count, workflow=workflow)
    else:
        yield from (asked("lists.who", row, "Notes") for row in silent)


def _reference_questions(row: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask what a name stands for that no row has, and about rows that do not come."""
    for reference in row.references:
        column = reference.column
        kind, of_fallback = reference.target_kind, "fallback " * column.startswith("Fallback")
        noun = "type" if kind is EntityKind.BUNDLE else f"{of_fallback}{NOUNS[kind]}"
        is_name = (kind, reference.text.casefold()) in index.owners_by_name
        if reference.state is ReferenceState.DANGLING and not is_name:
            label = row.cell("Fallback Style") if of_fallback else ""
            near = [plain(c) for c in reference.candidates if (kind, c) in index.labels]
            words = {"noun": noun, "name": plain(label or reference.text), "disputes": column}
            words["answer"] = (near or [""])[0]
            yield asked("lists.unknown", row, column, choices=near, **words)
        targets = index.specification.by_key.get(reference.target_key or "", ())
        if targets and all(target.status in _FATES for target in targets):
            words = {"noun": noun, "name": plain(name_of(targets[0])), "disputes": column}
            words["fate"] = _FATES[targets[0].status]
            yield asked("lists.gone", row, column, targets[:1], **words)


def _change_questions(row: Entity, users: Sequence[Entity] = ()) -> Iterator[RowQuestion]:
    """Ask what changes where a changed row says only what it is, likely that it has new users."""
    of_what = {*NAMING_COLUMNS, "Entity Type", "Entities Used On", FROM, TO}
    if row.status is Status.CHANGED and not any(map(row.cell, row.cells.keys() - of_what)):
        new = [plain(user.label) for user in users if user.status is Status.APPROVED]
        answer = f"Only its use by {joined(new)}, which other tickets set" if new else ""
        yield asked("bundles.changed", row, answer=answer)


def name_questions(row: Entity, index: QuestionIndex) -> Iterator[RowQuestion]:
    """Ask about a machine name that Drupal's form refuses."""
    if row.status is Status.APPROVED and (rule := index.breaks_rule(row)):
        name = accepted_name(row.machine_name, row.kind)
        is_taken = row.owner_key in index.owners_by_name.get((row.kind, name), ())
        answer = "" if is_taken or broken_rule(row.kind, name) else name
        yield asked("lists.machine_name", row, answer=answer, rule=rule)


def _role_questions(roles: Sequence[Entity], specification: Specification) -> Iterator[RowQuestion]:
    """Ask for permissions that rows only count or have no word of, and for what others lack."""
    whole = listed_in("roles", "with_every_permission")
    limited = [role for role in roles if role.machine_name not in whole]
    for role in limited:
        held = permissions_of(role, specification)
        edited = (row for item, row in held if item.startswith(("create", "edit")))
        moderated = dict.fromkeys(f"“{plain(row.label)}”" for row in edited if row.flag("Mod."))
        if moderated and not transitions_granted(role):
            yield asked("lists.no_transition", role, "Notes", types=joined([*moderated]))
        counted = _COUNTED.fullmatch(role.note)
        is_blank = not role.note and role.machine_name not in listed_in("roles")
        values = {c for c in role.cells if role.cell(c)} - {*NAMING_COLUMNS, *NOTE_COLUMNS}
        is_named = counted or held or lists_permissions(role) or transitions_granted(role)
        if role.note and not values and not is_named:
            yield asked("lists.permissions_noted", role, "Notes")
        if counted and not counted[1].strip("0"):
            yield asked("lists.permissions_none", role, "Notes")
        elif (counted or is_blank) and not values and not held:
            reason = "The sheet gives only how many a role has." if counted else "No cell says."
            which = "_changed" if role.status is Status.CHANGED else ""
            words = {"reason": reason, "audience": Audience.AGENCY * bool(counted)}
            yield asked(f"lists.permissions{which}", role, "Notes", **words)


def _style_questions(style: Entity) -> Iterator[RowQuestion]:
    """Ask for the effects of a style, and about two sizes in one row."""
    values = [c for c in style.cells if c not in NAMING_COLUMNS and style.cell(c)]
    if not values and style.machine_name not in bringing("image_styles"):
        yield asked("lists.effects", style, "Notes")
    if effects := effects_of(style):
        for effect in effects.unknown:
            yield asked("lists.values", style, effects.column, effect=effect)
        said = " ".join([style.label, *(style.cell(c) for c in values if c != effects.column)])
        is_sized = re.search(r"\d", said) is not None  # elsewhere in its row
        bare = (e for e in effects.bare if not (is_sized and _SIZING.search(e)))
        parts = re.findall("[a-z]+", f"{style.label} {style.machine_name}".casefold())
        named_type = next((FILE_TYPES[word] for word in parts if word in FILE_TYPES), "")
        for effect in bare:
            topic, answer = ("format", named_type) if effect == CONVERSION else ("values", "")
            words = {"answer": answer, "effect": effect, "but": _BUT_ICO * (answer == "ICO")}
            yield asked(f"lists.{topic}", style, effects.column, **words)
    made = set(_SIZE.findall(" ".join(map(style.cell, values))))
    factors = {float(factor) for factor in _FACTOR.findall(_SIZE.sub("", style.label))} or {1.0}
    named = set(_SIZE.findall(style.label)) or set(_SIZE.findall(style.machine_name))
    if (ratio := _RATIO.search(style.label)) and effects and effects.size and not named:
        width, height = map(int, effects.size.split("x"))  # it crops to just that size
        due = width * int(ratio[2]) / int(ratio[1])
        named = {(str(width), str(round(due)))} if abs(height - due) >= 1 else set()
    if len(made) == len(named) == len(factors) == 1:
        own, sides, factor = named.pop(), made.pop(), factors.pop()
        pairs = zip(map(int, own), map(int, sides), strict=True)
        if any(abs(side * factor - pixels) > (not ratio) for side, pixels in pairs):
            column = next(c for c in values if _SIZE.search(style.cell(c)))
            words = {"named": "x".join(own), "made": "x".join(sides), "disputes": column}
            words["ratio"] = f"{ratio[0]}, so " if ratio else ""
            words["answer"] = words["made"] if words["made"] in style.machine_name else ""
            yield asked("lists.size", style, column, **words)


def _responsive_questions(style: Entity) -> Iterator[RowQuestion]:
    """Ask for what a responsive image style cannot do without."""
    for noun, columns in (
        ("fallback image style", ("Fallback Style", "Fallback machine name")),
        ("image styles", ("Image Style Group(s)", *NOTE_COLUMNS)),
        ("breakpoint group", ("Breakpoint Group", *NOTE_COLUMNS)),
    ):
        if not any(map(style.cell, columns)):
            yield asked("lists.blank", style, columns[0], noun=noun, blank=columns[0])
    columns = ("Breakpoints Used", "Image Style Group(s)")
    points, styles = (items_of(style.cell(column)) for column in columns)
    if points and len(styles) > 1 and not style.note:
        topic = "breakpoints" if len(points) > 1 else "sizes"
        pairs = zip(points, styles, strict=True) if len(points) == len(styles) else ()
        answer = ", ".join(f"{plain(point)}: {plain(name)}" for point, name in pairs)
        yield asked(f"lists.{topic}", style, columns[topic == "breakpoints"], answer=answer)


def _mode_questions(mode: Entity) -> Iterator[RowQuestion]:
    """Ask what a new view mode shows, unless a module brings it."""
    of_core = [m.view_modes.get(str(mode.bundle_type), {}) for m in modules().values() if m.is_core]
    if mode.status is Status.APPROVED and not provider_of_mode(mode):
        own = accepted_name(mode.label, mode.kind)
        is_named = mode.machine_name == own
        for other in (n for names in of_core for n in names if names[n] == own and not is_named):
            yield asked("lists.same_mode", mode, "View Modes", other=other, answer="Yes")
        if not mode.note:
            yield asked("lists.shows", mode, "View Modes")


def _workflows(specification: Specification) -> list[Entity]:
    return [*filter(is_moderation, specification.live[EntityKind.WORKFLOW])]


@once_per_session
def unmoderated(index: QuestionIndex) -> Mapping[str, Entity]:
    """Return the types to moderate of which no cell says by which workflow and no note may, by key."""
    specification = index.specification
    told = {b.key for row in _workflows(specification) for b in bundles_listed(row, specification)}
    types = [row for row in specification.live[EntityKind.BUNDLE] if row.flag("Mod.")]
    return {row.key: row for row in types if row.key not in told and not row.note}


@once_per_session
def moderation_questions(index: QuestionIndex) -> Sequence[tuple[str, RowQuestion]]:
    """Ask which workflow moderates which types, where no cell says so and no note may.

    The ticket of each workflow asks; without one, the first ticket of a type.
    """
    built = [g for g in index.groups if g.action is not GroupAction.REMOVE and not g.is_hollow]
    tickets = {head.key: group.key for group in built for head in group.heads}
    workflows, types = _workflows(index.specification), [*unmoderated(index).values()]
    new, found = [row for row in types if row.status is Status.APPROVED], []
    labels = [f"“{plain(row.label)}”" for row in new or types]
    listed = joined(labels) if len(labels) <= NAMED_MAX else f"{len(labels)} types"
    is_said = any(row.note for row in workflows)
    for workflow in workflows if types and not is_said else ():
        is_open = workflow.status is Status.APPROVED or new
        if workflow.cell(APPLIES_TO) or not is_open or workflow.key not in tickets:
            continue
        named = [r for r in types if name_of(r).casefold() == workflow.label.casefold()]
        of_name = f"“{plain(named[0].label)}”" if len(named) == 1 < len(workflows) else ""
        words = {"because": "the same name" * bool(of_name), "types": listed}
        words["answer"] = of_name or "All of them" * (len(workflows) == 1)
        found.append((tickets[workflow.key], asked("lists.moderates", workflow, "Type", **words)))
    first = next((row for key in tickets for row in new if row.key == key), None)
    if first and not found and not is_said:
        names = [f"“{plain(w.label)}”" for w in workflows]
        words = {"types": listed, "each": "each of " if len(new) > 1 else ""}
        words["which"] = f"Which of {joined(names)}" if len(names) > 1 else "Which workflow"
        words["answer"] = names[0] if len(names) == 1 else ""
        found.append((tickets[first.key], asked("lists.moderated", first, "Mod.", **words)))
    return found


_RULES: Mapping[GroupKind, Callable[[Entity], Iterator[RowQuestion]]] = {
    GroupKind.IMAGE_STYLES: _style_questions,
    GroupKind.RESPONSIVE_IMAGE_STYLES: _responsive_questions,
    GroupKind.VIEW_MODES: _mode_questions,
}
"""What is asked of each row of a list; of roles it takes them all."""
