"""Certain questions of workflows, roles, styles, view modes and migrations.

Belongs here: what the cells leave open or contradict, without reading English. Does not: which
workflow moderates which types (`questions_of_site`), the words of a ticket (`writers`), joining rows
into one question (`open_questions`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches

from jira_pipeline.domain.drupal import drupal, folded
from jira_pipeline.domain.entities import (
    NOTE_COLUMNS,
    Entity,
    EntityKind,
    Reference,
    ReferenceState,
    Status,
)
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, marked, plain
from jira_pipeline.domain.questions.question_index import QuestionIndex, name_of
from jira_pipeline.domain.workflow_rows import (
    FROM,
    GONE,
    TO,
    Way,
    is_moderation,
    permissions_of,
    roles_allowed,
    unknown_roles,
    ways_of,
)

_WORK = frozenset({Status.APPROVED, Status.CHANGED})
_FATES = {Status.WAITING: "on hold", Status.DELETED: "to be removed"}
_COUNTED = re.compile(r"(?:\d+|no|all) permissions?\.?", re.IGNORECASE)
"""A note of a role that counts its permissions and names none."""
_SIZE = re.compile(r"(?<!\d)(\d{2,4}) ?[x×] ?(\d{2,4})(?!\d)")
_FACTOR = re.compile(r"(?<![\d.])(\d(?:\.\d)?)x(?!\d)", re.IGNORECASE)
"""A multiplier of pixels in the label of a style: `42x42 1.5x`."""
_UPKEEP = frozenset({"ID", "X", "Dev", "QA", "Machine name", "Workflow", "Entity Type"})
_LISTS = {
    GroupKind.USER_ROLES: "Name",
    GroupKind.IMAGE_STYLES: "Style name",
    GroupKind.RESPONSIVE_IMAGE_STYLES: "Responsive style",
    GroupKind.VIEW_MODES: "View Modes",
}
"""Kinds of tickets that have a list of rows, each with the column of their labels."""


def list_doubts(group: EntityGroup, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the rows of a group leave open."""
    if group.action is GroupAction.REMOVE:
        return
    if group.kind is GroupKind.WORKFLOW:
        yield from _workflow_doubts(group, index)
    elif group.kind in _LISTS:
        rows = [row for row in (*group.heads, *group.members) if row.status in _WORK]
        rows = list({row.source: row for row in rows}.values())
        for row in rows:
            yield from _reference_doubts(row, index)
            yield from _silent_change_doubts(row, _LISTS[group.kind])
            yield from _name_doubts(row, index)
            if row.kind is EntityKind.IMAGE_STYLE:
                yield from _style_doubts(row)
            elif row.kind is EntityKind.RESPONSIVE_IMAGE_STYLE:
                yield from _responsive_doubts(row)
            elif row.kind is EntityKind.VIEW_MODE:
                yield from _mode_doubts(row)
        yield from _repeated_doubts(rows)
        if group.kind is GroupKind.USER_ROLES:
            yield from _role_doubts(rows, index)
    elif group.kind is GroupKind.MIGRATION:
        yield from _migration_doubts(group.heads)


def _workflow_doubts(group: EntityGroup, index: QuestionIndex) -> Iterator[Doubt]:
    head, specification = group.heads[0], index.specification
    rows = [row for row in group.members if row.status not in GONE]
    states = [row for row in rows if row.kind is EntityKind.WORKFLOW_STATE]
    transitions = [row for row in rows if row.kind is EntityKind.WORKFLOW_TRANSITION]
    ways = ways_of(transitions, specification)
    name = plain(name_of(head))
    for kind, found in (("states", states), ("transitions", transitions)):
        if not found and head.status is Status.APPROVED:
            yield _doubt(20, kind, head, "Label", f"Which {kind} does “{name}” have? No row says.")
    for row in transitions if head.status is Status.APPROVED else _to_build(transitions):
        yield from _reference_doubts(row, index)
    lacking = [s for s in drupal().kept_states if s not in {state.machine_name for state in states}]
    if lacking and states and is_moderation(head) and head.status is Status.APPROVED:
        missing = " and ".join(map(marked, lacking))
        yield _doubt(
            21,
            "kept",
            head,
            "Machine name",
            f"Content Moderation keeps {missing} in every workflow, and “{name}” has no such "
            "state: under which label, and which transitions lead to and from there?",
        )
    if all(way.is_certain for way in ways) and ways:
        yield from _course_doubts(head, states, ways)
    used = {s.key for way in ways for s in way.begins} or {s.key for s in states}
    yield from _state_doubts(head, states, used=used)
    renamed = [*_renaming_doubts(group, ways, index)]
    yield from renamed
    yield from _people_doubts(head, ways, index)
    told = {row.source for doubt in renamed for row in doubt.compared}
    for state in (s for s in _to_build(states) if s.source not in told):
        yield from _silent_change_doubts(state, "Label")
    if head.status is Status.CHANGED and not _to_build(rows):
        yield from _silent_change_doubts(head, "Label", *({"Type"} & set(head.cells)))


def _to_build(rows: Iterable[Entity]) -> list[Entity]:
    return [row for row in rows if row.status in _WORK]


def _course_doubts(head: Entity, states: Sequence[Entity], ways: Sequence[Way]) -> Iterator[Doubt]:
    """Ask about states that no transition between states enters or leaves."""
    name = plain(name_of(head))
    if any(way.is_from_any for way in ways):
        return
    steps = {(s.key, way.end.key) for way in ways if way.end for s in way.begins}
    left = {begin for begin, end in steps if begin != end}
    entered = {end for begin, end in steps if begin != end}
    is_new = head.status is Status.APPROVED
    for state in states if is_new else _to_build(states):
        is_first = is_moderation(head) and state.machine_name == "draft"
        if state.key not in left | entered:
            asked = (
                f"No transition of “{name}” enters or leaves {SUBJECTS}: which ones are missing?"
            )
            if is_first:
                asked = (
                    f"No transition of “{name}” enters or leaves {SUBJECTS}, in which Drupal starts "
                    "new content unless told otherwise: in which state does it start?"
                )
            yield _doubt(22, "isolated", state, "Label", asked)
        elif state.key not in left:
            yield _doubt(
                24,
                "end",
                state,
                "Label",
                f"No transition of “{name}” leaves {SUBJECTS}: does such content stay there for good?",
                many=f"No transition of “{name}” leaves {SUBJECTS}: does such content stay there for "
                "good?",
            )
        elif state.key not in entered and not is_first:
            yield _doubt(
                23,
                "unreached",
                state,
                "Label",
                f"No transition of “{name}” leads to {SUBJECTS}: does new content start there?",
                many=f"No transition of “{name}” leads to {SUBJECTS}: how does content get there?",
            )
        if is_first and is_new and state.key in left and (state.key, state.key) not in steps:
            yield _doubt(
                23,
                "saving",
                state,
                "Label",
                f"Drupal saves content along transitions only, and none of “{name}” leads from "
                f"{SUBJECTS} to {SUBJECTS}: which one saves it there, and who may use it?",
            )


def _state_doubts(head: Entity, states: Sequence[Entity], *, used: set[str]) -> Iterator[Doubt]:
    """Ask for what the form of a state has and no column holds."""
    if not is_moderation(head) or not states:
        return
    columns = {column.casefold() for state in states for column in state.cells}
    name = plain(name_of(head))
    is_told = any(c.startswith(("initial", "start", "default state")) for c in columns)
    is_told |= any(state.note for state in states)
    drafts = [state for state in states if state.machine_name == "draft" and state.key in used]
    if head.status is Status.APPROVED and drafts and not is_told:
        yield _doubt(
            28,
            "first state",
            head,
            "Type",
            f"In which state does new content start under “{name}”?",
            suggested=(plain(drafts[0].label), "what Drupal takes unless told otherwise"),
        )
    if any(c.startswith(("published", "is published", "default rev")) for c in columns):
        return
    for state in states:
        if (
            state.status is Status.APPROVED
            and state.machine_name not in drupal().kept_states
            and not state.note
        ):
            yield _doubt(
                28,
                "flags",
                state,
                "Label",
                f"Is content in {SUBJECTS} of “{name}” published, and is it the default revision?",
                many=f"In which of the states {SUBJECTS} of “{name}” is content published, and in "
                "which is it the default revision?",
            )


def _renaming_doubts(
    group: EntityGroup, ways: Sequence[Way], index: QuestionIndex
) -> Iterator[Doubt]:
    """Ask where the same transition is both built and removed, from one state under two names."""
    gone = [
        row
        for row in group.members
        if row.kind is EntityKind.WORKFLOW_TRANSITION and row.status is Status.DELETED
    ]
    for way in ways_of(gone, index.specification):
        for kept in ways:
            same = [s for s in way.begins if s in kept.begins and way.end == kept.end]
            old = [row.cell(FROM) for row in way.rows]
            if same and way.row.machine_name == kept.row.machine_name:
                yield Doubt(
                    rank=22,
                    topic=f"renamed {same[0].key}",
                    entity=way.row,
                    column=FROM,
                    quote="",
                    question=f"{SUBJECTS} from “{plain(old[0])}” is to be removed, and from "
                    f"“{plain(same[0].label)}” it stays or comes: is that one state, "
                    f"{marked(same[0].machine_name)}, under a new label?",
                    question_for_many=f"{SUBJECTS} from “{plain(old[0])}” are to be removed, and "
                    f"from “{plain(same[0].label)}” they stay or come: is that one state, "
                    f"{marked(same[0].machine_name)}, under a new label?",
                    suggested_answer="Yes: only the label changes",
                    suggested_because="both names lead to one state of the sheet",
                    compared=(kept.row, same[0]),
                )
                break


def _people_doubts(head: Entity, ways: Sequence[Way], index: QuestionIndex) -> Iterator[Doubt]:
    """Ask who may use transitions, where no cell says so, and about roles nobody knows."""
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    labels = [plain(role.label) for role in roles if role.status not in GONE]
    can_tell = any(r.note and not _COUNTED.fullmatch(r.note) for r in roles)
    silent: list[Entity] = []
    for way in ways:
        rows = _to_build(way.rows)
        for column, unknown in unknown_roles(way, roles) if rows else ():
            near = get_close_matches(unknown, labels, n=1)
            yield _doubt(
                23,
                f"role {unknown}",
                way.row,
                column,
                f"No role is called “{plain(unknown)}”: which one may use {SUBJECTS}?",
                suggested=(near[0], "the nearest name") if near else None,
            )
        is_said = can_tell or any(row.note for row in way.rows)
        if rows and not is_said and not roles_allowed(way, head, index.specification):
            silent.append(rows[0])
    if len(silent) == len(ways) > 1:
        asked = (
            f"Which roles may use each of the {len(ways)} transitions of “{plain(name_of(head))}”? "
        )
        yield _doubt(27, "who", silent[0], "Notes", f"{asked}No row says.")
    else:
        for row in silent:
            yield _doubt(27, "who", row, "Notes", f"Which roles may use {SUBJECTS}? No row says.")


def _reference_doubts(row: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask what a name stands for that no row has, and about rows that do not come."""
    for reference in row.references:
        names = {r.machine_name for r in index.specification.by_kind[reference.target_kind]}
        if reference.state is ReferenceState.DANGLING and reference.text not in names:
            yield _unknown(row, reference, index)
        targets = index.specification.by_key.get(reference.target_key or "", ())
        if targets and all(target.status in _FATES for target in targets):
            noun = _noun(reference)
            fate = _FATES[targets[0].status]
            yield Doubt(
                rank=21,
                topic=f"gone {reference.target_key}",
                entity=row,
                column=reference.column,
                quote="",
                question=f"{SUBJECTS} needs the {noun} “{plain(name_of(targets[0]))}”, which is "
                f"{fate}: which one is meant instead?",
                question_for_many=f"{SUBJECTS} need the {noun} “{plain(name_of(targets[0]))}”, "
                f"which is {fate}: which one is meant instead?",
                compared=targets[:1],
                disputes=reference.column,
            )


def _unknown(row: Entity, reference: Reference, index: QuestionIndex) -> Doubt:
    noun, text = _noun(reference), plain(row.cell("Fallback Style") or reference.text)
    text = text if reference.column.startswith("Fallback") else plain(reference.text)
    known = index.specification.by_kind[reference.target_kind]
    near = [c for c in reference.candidates if any(c in (k.label, name_of(k)) for k in known)]
    return Doubt(
        rank=21,
        topic=f"unknown {noun} {text}",
        entity=row,
        column=reference.column,
        quote="",
        question=f"{SUBJECTS} names the {noun} “{text}”, which no row has: which one is meant?",
        question_for_many=f"{SUBJECTS} name the {noun} “{text}”, which no row has: which one is "
        "meant?",
        suggested_answer=plain(near[0]) if near else "",
        suggested_because="the nearest name" if near else "",
        disputes=reference.column,
    )


def _noun(reference: Reference) -> str:
    if reference.column.startswith("Fallback"):
        return "fallback image style"
    if reference.column in {FROM, TO}:
        return "state"
    return "type" if reference.target_kind is EntityKind.BUNDLE else "image style"


def _silent_change_doubts(row: Entity, *names: str) -> Iterator[Doubt]:
    """Ask what changes where a row is marked as changed and holds nothing but its names."""
    said = [c for c, cell in row.cells.items() if cell and c not in {*_UPKEEP, *names}]
    said = [c for c in said if not _COUNTED.fullmatch(row.cell(c))]
    if row.status is Status.CHANGED and not said and row.kind is not EntityKind.USER_ROLE:
        yield _doubt(
            26,
            "silent change",
            row,
            "X",
            f"What changes in {SUBJECTS}? X is c, and the row says nothing else.",
        )


def _name_doubts(row: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask about a machine name that Drupal's form refuses."""
    if row.status is not Status.APPROVED or not (rule := index.breaks_rule(row)):
        return
    settled = index.settled_name(row)
    yield _doubt(
        25,
        f"name {rule}",
        row,
        "Machine name",
        f"Drupal's form refuses the machine name of {SUBJECTS}; it takes {rule}: which one is right?",
        many=f"Drupal's form refuses the machine names of {SUBJECTS}; it takes {rule}: which ones "
        "are right?",
        suggested=(settled, "the same name in the characters that Drupal takes")
        if settled
        else None,
    )


def _role_doubts(roles: Sequence[Entity], index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for permissions that rows only count, or have no word of."""
    asked: dict[tuple[bool, Status], list[Entity]] = {}
    for role in roles:
        columns = {c for c in role.cells if role.cell(c)} - {*_UPKEEP, *NOTE_COLUMNS, "Name"}
        is_counted = _COUNTED.fullmatch(role.note) is not None
        is_known = bool(columns or permissions_of(role, index.specification))
        is_whole = role.machine_name in drupal().roles_with_every_permission
        is_silent = not role.note and role.machine_name not in drupal().roles
        if (is_counted or is_silent) and not is_known and not is_whole:
            asked.setdefault((is_counted, role.status), []).append(role)
    for (is_counted, status), silent in asked.items():
        is_every = len(silent) == len(roles) > 1
        who = "each role of the table to build" if is_every else SUBJECTS
        verb = "does" if is_every else "do"
        reason = "The sheet only counts them." if is_counted else "No cell says."
        change = status is Status.CHANGED
        one = (
            f"Which permissions of {who} change?"
            if change
            else f"Which permissions does {who} get?"
        )
        many = one if change else f"Which permissions {verb} {who} get?"
        for role in silent[:1] if is_every else silent:
            topic = f"permissions {is_counted} {status}"
            yield _doubt(29, topic, role, "Notes", f"{one} {reason}", many=f"{many} {reason}")


def _style_doubts(style: Entity) -> Iterator[Doubt]:
    """Ask for the effects of a style, and about two sizes in one row."""
    said = [c for c in style.cells if c not in {*_UPKEEP, "Style name"} and style.cell(c)]
    if not said:
        yield _doubt(
            23,
            "effects",
            style,
            "Notes",
            f"Which effects and which size does {SUBJECTS} have? No cell says.",
            many=f"Which effects and which sizes do {SUBJECTS} have? No cell says.",
        )
    made = set(_SIZE.findall(" ".join(map(style.cell, said))))
    factors = {float(factor) for factor in _FACTOR.findall(_SIZE.sub("", style.label))} or {1.0}
    named = set(_SIZE.findall(style.label)) or set(_SIZE.findall(style.machine_name))
    if len(made) == 1 == len(named) == len(factors):
        (width, height), (own_width, own_height) = *made, *named
        factor = factors.pop()
        pairs = ((int(own_width), int(width)), (int(own_height), int(height)))
        if any(abs(own * factor - made_of) > 1 for own, made_of in pairs):
            yield _doubt(
                24,
                f"size {style.key}",
                style,
                "Notes",
                f"The name of {SUBJECTS} says {own_width}x{own_height}, its row {width}x{height}: "
                "which size is right?",
            )


def _responsive_doubts(style: Entity) -> Iterator[Doubt]:
    """Ask for the fallback and for the image styles of a responsive image style."""
    cells = {
        "fallback": ("fallback image style", ("Fallback Style", "Fallback machine name")),
        "styles": ("image styles", ("Image Style Group(s)", *NOTE_COLUMNS)),
        "group": ("breakpoint group", ("Breakpoint Group", *NOTE_COLUMNS)),
    }
    for topic, (noun, columns) in cells.items():
        if not any(map(style.cell, columns)):
            yield _doubt(
                24,
                topic,
                style,
                columns[0],
                f"Which {noun} does {SUBJECTS} have? {columns[0]} is blank.",
                many=f"Which {noun} do {SUBJECTS} have? {columns[0]} is blank.",
            )


def _mode_doubts(mode: Entity) -> Iterator[Doubt]:
    """Ask where a new view mode is switched on, unless a module ships it."""
    column = "Entities Used On"
    is_blank = mode.has_column(column) and not mode.cell(column) and not mode.note
    shipped = (mode.cell("Entity Type"), folded(mode.label)) in drupal().view_modes
    if is_blank and mode.status is Status.APPROVED and not shipped:
        noun = plain(mode.cell("Entity Type")).casefold()
        yield _doubt(
            25,
            "used on",
            mode,
            column,
            f"On which {noun} is {SUBJECTS} switched on? {column} is blank.",
            many=f"On which {noun} is each of {SUBJECTS} switched on? {column} is blank.",
        )


def _repeated_doubts(rows: Sequence[Entity]) -> Iterator[Doubt]:
    """Ask which of two rows of one thing counts, where they say different things."""
    first: dict[str, Entity] = {}
    for row in rows:
        other = first.setdefault(row.key, row)
        lines = {c: v for c, v in row.cells.items() if c not in {"ID", "Dev", "QA"}}
        if other is not row and any(other.cell(c) != v for c, v in lines.items()):
            yield Doubt(
                rank=22,
                topic=f"repeated {row.key}",
                entity=row,
                column="Machine name",
                quote="",
                question=f"Two rows describe {SUBJECTS}, and they differ: which one counts?",
                compared=(other,),
            )


def _migration_doubts(heads: Sequence[Entity]) -> Iterator[Doubt]:
    for run in heads:
        own = {run.label, run.machine_name, ""}
        if all(cell in own or c in _UPKEEP for c, cell in run.cells.items()):
            yield _doubt(
                20,
                "migration",
                run,
                "Migration",
                f"What is the source of {SUBJECTS}, and which type and fields does it fill? The row "
                "has only its name.",
            )


def _doubt(
    rank: int,
    topic: str,
    row: Entity,
    column: str,
    question: str,
    *,
    many: str = "",
    suggested: tuple[str, str] | None = None,
) -> Doubt:
    answer, because = suggested or ("", "")
    return Doubt(
        rank=rank,
        topic=topic,
        entity=row,
        column=column,
        quote="",
        question=question,
        question_for_many=many,
        suggested_answer=answer,
        suggested_because=because,
    )
