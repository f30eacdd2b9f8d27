"""Questions about workflows: what they moderate, where content starts, who may use a transition.

Belongs here: workflows and their transitions. Does not: which type a note means
(`domain/workflow_notes`), other kinds (`structure_questions`).
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.lexicon import lexicon
from jira_pipeline.domain.note_sentences import comparable, sentences_of
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, plain
from jira_pipeline.domain.questions.question_index import (
    QuestionIndex,
    is_moderated,
    name_of,
    stems_of,
)
from jira_pipeline.domain.questions.row_questions import is_to_build
from jira_pipeline.domain.role_notes import (
    ALL_ROLES,
    BYPASSING_ROLE,
    ROLE_COLUMNS,
    covered_roles,
    permitted_roles,
    roles_named_in,
    says_more_than_roles,
)
from jira_pipeline.domain.workflow_notes import (
    APPLIES_TO,
    bundles_text,
    is_for_all,
    is_listed,
    without_exceptions,
    workflows_named_by,
)

FATES: Mapping[Status, str] = {Status.WAITING: "on hold", Status.DELETED: "to be removed"}
"""What becomes of a row that does not come, in words."""
_DENIAL = re.compile(
    r"(?:\b(?:can't|cannot|can not|may not|must not|never)\b|^no\b)(.*)", re.IGNORECASE
)


def workflow_doubts(workflow: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask what the sheets have no column for, and what no note settles."""
    asked_of = {doubt.topic: doubt for doubt in _outsider_doubts(workflow, index)}
    yield from asked_of.values()
    yield from _sweeping_doubts(workflow, index, asked=asked_of)
    yield from _permission_doubts(workflow, index)
    yield from _saving_doubts(workflow, index)
    yield from _dead_end_doubts(workflow, index)
    yield from _kept_state_doubts(workflow, index)
    states = [
        row
        for row in index.specification.members_of.get(workflow.key, ())
        if row.kind is EntityKind.WORKFLOW_STATE and row.status is not Status.DELETED
    ]
    start, published = _usual_states(states)
    notes = " ".join(row.note for row in (workflow, *states))
    asked: list[tuple[str, str]] = []
    is_first = not start and len(first := _unreached(workflow, index)) == 1
    if is_first:
        start = f"Starts in {plain(first[0].label)}"
    is_marked = any(re.match(r"default\b(?! revision)", s.note, re.IGNORECASE) for s in states)
    columns = {column.casefold() for state in states for column in state.cells}
    is_marked |= any(re.match(r"(?:initial|default(?! rev)|start)", c) for c in columns)
    if not START.search(notes) and not is_marked:
        asked.append((f"which state does new content start in under {SUBJECTS}", start))
    is_stated = any(c.startswith(("publish", "is publish")) for c in columns)
    if not is_stated and not any(_PUBLISHED.search(row.note) for row in (workflow, *states)):
        of = "" if asked else f" of {SUBJECTS}"
        asked.append((f"which states{of} count as published and as default revision", published))
    if asked and workflow.status is Status.APPROVED:  # under one that exists people know it
        question = ", and ".join(words for words, _ in asked)
        missing = "it" if len(asked) == 1 else "either"
        yield Doubt(
            rank=28,
            topic="default state",
            entity=workflow,
            column="Type",
            quote=workflow.cell("Type"),
            question=f"{question[0].upper()}{question[1:]}? The sheets have no column for {missing}.",
            suggested_answer="; ".join(a for _, a in asked) if all(a for _, a in asked) else "",
            suggested_because="no transition leads to it"
            if is_first
            else "Drupal's own editorial workflow",
        )


START = re.compile(
    r"\b(?:default|initial|first) state\b"
    r"|^(?!.*\bexisting\b).*\b(?:starts?|begins?|created) (?:in|as)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""Words of a note that say where new content starts."""
_PUBLISHED = re.compile(r"\b(?:un)?pub(?:lished|l)?\b|\bdefault revision\b", re.IGNORECASE)


_USUAL_WORDS = frozenset(
    {"draft", "in", "needs", "for", "review", "approval", "published", "archived"}
)
"""Words of states that mean the same on most sites; of a state by any other name nobody knows."""


def _usual_states(states: Sequence[Entity]) -> tuple[str, str]:
    """Return what Drupal's editorial workflow says of states with these names; empty without."""
    names = {row.label.casefold(): plain(row.label) for row in states}
    if "draft" not in names:
        return "", ""
    if "published" not in names or not {w for n in names for w in n.split()} <= _USUAL_WORDS:
        return f"Starts in {names['draft']}", ""
    rest = f"{names['published']} is published and default revision"
    if archived := names.get("archived"):
        rest += f"; {archived} is default revision, not published"
    return f"Starts in {names['draft']}", rest


def transition_doubts(transition: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask whether everybody whom `all roles` covers is meant, and about states that do not come."""
    note = transition.note
    yield from _waiting_state_doubts(transition, index)
    yield from _people_doubts(transition, index)
    yield from _silent_doubts(transition, index)
    yield from _by_type_doubts(transition, index)
    for workflow in index.specification.by_key.get(transition.owner_key or "", ())[:1]:
        if not is_to_build(workflow):  # else it asks about all its transitions
            found = _sweeping_doubts(workflow, index, asked=())
            yield from (doubt for doubt in found if doubt.entity.source == transition.source)
    roles = permitted_roles(transition, index.specification.by_kind[EntityKind.USER_ROLE])
    public = [role for role in roles if role.machine_name in lexicon().public_roles]
    is_for_all_roles = ALL_ROLES.search(note) is not None
    if public and is_for_all_roles:
        names = " and ".join(plain(role.label) for role in public)
        yield Doubt(
            rank=27,
            topic=f"public {comparable(note)}",
            entity=transition,
            column="Notes",
            quote=note,
            question=f"Taken literally this lets {names} use {SUBJECTS}: is that intended?",
        )
    for role in roles:
        denial = next((s for s in sentences_of(role.note) if _denies(s, transition)), "")
        if denial:
            yield Doubt(
                rank=27,
                topic=f"denied {role.key} {transition.machine_name}",
                entity=transition,
                column="Notes",
                quote=note,
                question=f"This {'covers' if is_for_all_roles else 'names'} {plain(role.label)}, of which the roles sheet says "
                f"“{plain(denial)}”: may it use {SUBJECTS}?",
                compared=(role,),
            )


def _silent_doubts(transition: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the roles of a transition that no cell, no note and no role of the sheets names."""
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    column = next((c for c in transition.cells if c.casefold() in ROLE_COLUMNS), "Notes")
    is_said = transition.cell(column) != "" and column != "Notes"
    is_said |= column == "Notes" and _SAYS_WHO.search(transition.note) is not None
    is_said |= bool(permitted_roles(transition, roles) or [*_people_doubts(transition, index)])
    if roles and transition.status is Status.APPROVED and not is_said:
        yield Doubt(
            rank=27,
            topic="silent",
            entity=transition,
            column=column,
            quote="",
            question=f"Who may use {SUBJECTS}? No sheet says.",
            answered_by=re.compile(rf"\b{re.escape(transition.label)}", re.IGNORECASE).search,
            beside=tuple(roles),
        )


_SAYS_WHO = re.compile(
    r"^all\b|\b(?:can|may|only|same|every(?:body|one)|cron|automatic\w*|scheduler)\b", re.IGNORECASE
)
"""What a note says of who uses a transition, people or the site itself."""


def _by_type_doubts(transition: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a note that gives a transition to a role for some of the types only.

    Drupal grants a transition for all content of its workflow.
    """
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    bundles = index.specification.by_kind[EntityKind.BUNDLE]
    named = [s for b in bundles if b.status not in FATES and (s := stems_of(name_of(b)))]
    for sentence in sentences_of(transition.note) if is_to_build(transition) else ():
        callings = (re.escape(n) for r in roles for n in (r.label, r.machine_name) if n)
        people = rf"\b(?:{'|'.join(sorted(callings, key=len, reverse=True)) or '(?!)'})s?\b"
        rest, count = re.subn(people, " ", sentence, flags=re.IGNORECASE)
        words = stems_of(rest.replace("_", " "))
        is_by_type = any(stems <= words for stems in named)
        if count and is_by_type and _FOR_SOME.search(rest) and not _IN_CODE.search(rest):
            yield Doubt(
                rank=27,
                topic=f"by type {comparable(sentence)}",
                entity=transition,
                column="Notes",
                quote=sentence,
                question=f"Drupal grants {SUBJECTS} for all content of its workflow, not by type: is "
                "this limit done in code, or does the type get a workflow of its own?",
            )


_FOR_SOME = re.compile(r"\b(?:only|for)\b", re.IGNORECASE)
"""What limits who may do something to some content."""
_IN_CODE = re.compile(r"\b(?:permission|custom|module|validation)\b", re.IGNORECASE)


def _waiting_state_doubts(transition: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a transition to build that leads to a state which is on hold or to be removed."""
    ends = {name.casefold() for name in states_in(transition.cell("To state"))}
    for state in index.specification.members_of.get(transition.owner_key or "", ()):
        is_end = state.kind is EntityKind.WORKFLOW_STATE and state.label.casefold() in ends
        if is_end and state.status in FATES and is_to_build(transition):
            yield Doubt(
                rank=20,
                topic=f"state {state.key}",
                entity=transition,
                column="To state",
                quote=transition.cell("To state"),
                question=f"{SUBJECTS} is approved but leads to {plain(state.label)}, which is "
                f"{FATES[state.status]}: build the transition now, wait, or leave it out?",
                question_for_many=f"{SUBJECTS} are approved but lead to {plain(state.label)}, which "
                f"is {FATES[state.status]}: build them now, wait, or leave them out?",
            )


def _people_doubts(transition: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a note that only names people whom no sheet knows, where those of others name roles."""
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    if any(cell for c, cell in transition.cells.items() if c.casefold() in ROLE_COLUMNS):
        return  # what its note says beside them is no list of people
    note = transition.note.strip(" .")
    rows = index.specification.members_of.get(transition.owner_key or "", ())
    notes = {r.note for r in rows if r.kind is EntityKind.WORKFLOW_TRANSITION} - {""}
    lists = [
        other
        for other in notes
        if covered_roles(other, roles) and not says_more_than_roles(other, roles)
    ]
    if len(lists) * 2 <= len(notes - {transition.note}):
        return  # notes of this workflow say other things as often
    first = next(iter(sentences_of(note)), "").strip(" .")
    names = [p.strip() for p in re.split(r",|;|/|\band\b|\bor\b", first) if p.strip()]
    bare = {name: " ".join(_NO_NAME.sub(" ", name).split()) for name in names}
    are_names = all(
        len(n.split()) <= _NAME_WORDS_MAX and n.replace(" ", "").isalpha() for n in bare.values()
    )
    unknown = [n for n in names if not covered_roles(bare[n], roles)] if are_names else []
    unknown = [
        n for n in unknown if bare[n][:1].isupper() and not re.match(r"all\b", n, re.IGNORECASE)
    ]
    if unknown and is_to_build(transition):
        yield Doubt(
            rank=22,
            topic=f"people {comparable(note)}",
            entity=transition,
            column="Notes",
            quote=note,
            question=f"No role of the sheets is called “{plain(unknown[0])}”: which roles may use "
            f"{SUBJECTS}?",
        )


_NAME_WORDS_MAX = 3
_NO_NAME = re.compile(
    r"\b(?:only|can use|may use|can|may|the|role|roles|all)\b|[.()]", re.IGNORECASE
)
"""What surrounds the names of roles."""


def _unreached(workflow: Entity, index: QuestionIndex) -> list[Entity]:
    """Return the states no transition leads to, where any leads somewhere."""
    rows = index.specification.members_of.get(workflow.key, ())
    states = [r for r in rows if r.kind is EntityKind.WORKFLOW_STATE]
    transitions = [r for r in rows if r.kind is EntityKind.WORKFLOW_TRANSITION]
    live = [r for r in transitions if r.status is not Status.DELETED]
    reached = {name.casefold() for r in live for name in states_in(r.cell("To state"))}
    return [
        state
        for state in states
        if state.status not in FATES and reached and state.label.casefold() not in reached
    ]


def _dead_end_doubts(workflow: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find the states that content enters and no transition leaves."""
    rows = [
        r for r in index.specification.members_of.get(workflow.key, ()) if r.status not in FATES
    ]
    ways = [row for row in rows if row.kind is EntityKind.WORKFLOW_TRANSITION]
    begins = {name.casefold() for row in ways for name in states_in(row.cell("From state"))}
    states = [row for row in rows if row.kind is EntityKind.WORKFLOW_STATE]
    if not begins or not begins <= {state.label.casefold() for state in states}:
        return  # any state, or one that no row has
    for state in states:
        if is_to_build(state) and not is_published(state) and state.label.casefold() not in begins:
            yield Doubt(
                rank=28,
                topic="no way out",
                entity=state,
                column="X",
                quote=state.cell("X"),
                question=f"No transition leads out of {SUBJECTS}, so nobody can bring such content "
                "back: is that intended?",
                suggested_answer="Yes, it stays there",
                suggested_because="no row says otherwise",
            )


def _saving_doubts(workflow: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a first state in which nothing can be saved, and what is published but never corrected.

    Drupal saves moderated content along transitions only, from a state to itself too. Under a
    workflow that exists, the sheets need not hold every transition.
    """
    rows = index.specification.members_of.get(workflow.key, ())
    states = [
        r for r in rows if r.kind is EntityKind.WORKFLOW_STATE and r.status is not Status.DELETED
    ]
    names = {state.label.casefold() for state in states}
    ends: dict[str, set[str]] = {name: set() for name in names}
    ways: list[tuple[set[str], set[str], Entity]] = []
    for row in rows:
        if row.kind is not EntityKind.WORKFLOW_TRANSITION or row.status is Status.DELETED:
            continue
        begins = {name.casefold() for name in states_in(row.cell("From state"))}
        if not begins <= names:
            return  # any state, or one that no row has
        ways.append((begins, {n.casefold() for n in states_in(row.cell("To state"))}, row))
        for name in begins:
            ends[name] |= ways[-1][1]
    if workflow.status is not Status.APPROVED or not any(ends.values()):
        return

    def is_final(state: Entity) -> bool:
        """Tell whether no way leads back to a state that content has left."""
        seen: set[str] = set()
        following = ends[state.label.casefold()]
        while following - seen:
            seen |= following
            following = {name for n in following for name in ends.get(n, ())}
        return state.label.casefold() not in seen

    first = _first_state(workflow, states, index)
    lost = [s for s in states if is_published(s) and is_final(s)]
    shown = {s.label.casefold() for s in states if is_published(s)}
    clauses: list[str] = []
    users: list[tuple[Entity, list[Entity]]] = []
    if first is not None and (start := first.label.casefold()) not in ends[start]:
        clauses.append(
            f"no transition stays in “{plain(first.label)}”, so nobody can save new content in it"
        )
        sent_on = [row for begins, to, row in ways if start in begins and not to & shown]
        users.append((first, sent_on or [row for _, to, row in ways if start in to]))
    for state in lost[:1]:
        clauses.append(
            f"no{'ne' if clauses else ' transition'} leads back to “{plain(state.label)}”, so "
            "nobody can correct content there"
        )
        users.append((state, [row for _, to, row in ways if state.label.casefold() in to]))
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    people = [
        (
            state,
            dict.fromkeys(name_of(role) for row in using for role in permitted_roles(row, roles)),
        )
        for state, using in users
    ]
    if clauses:
        yield Doubt(
            rank=27,
            topic="saving",
            entity=workflow,
            column="Notes",
            quote="",
            question=f"Drupal saves content only along transitions. In {SUBJECTS} "
            f"{'; and '.join(clauses)}: which are missing, and who may use them?",
            suggested_answer="; ".join(
                f"Save in “{plain(state.label)}”: {plain(' and '.join(names))}"
                for state, names in people
            )
            if all(names for _, names in people)
            else "",
            suggested_because="who may use the other transitions there",
        )


_KEPT = {"draft": "new content starts there", "published": "it is the only published state"}
"""States of every workflow that moderates content, relabelled at most, with what stands in for each.

Source: `required_states` of the workflow type in Drupal core's content_moderation.
"""


def kept_states_lacking(states: Sequence[Entity]) -> list[str]:
    """Return the states that Drupal keeps in every such workflow and that no row has."""
    names = {name.casefold() for row in states for name in (row.machine_name, row.label)}
    return [name for name in _KEPT if name not in names]


def _kept_state_doubts(workflow: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask which states of a new workflow take the place of those Drupal keeps in every one."""
    rows = index.specification.members_of.get(workflow.key, ())
    states = [
        r for r in rows if r.kind is EntityKind.WORKFLOW_STATE and r.status is not Status.DELETED
    ]
    lacking = kept_states_lacking(states) if states else []
    is_new = workflow.status is Status.APPROVED
    if not lacking or not is_new or "moderation" not in workflow.cell("Type").casefold():
        return
    published = [state for state in states if is_published(state)]
    likely = {
        "draft": _first_state(workflow, states, index),
        "published": published[0] if len(published) == 1 else None,
    }
    places = [
        f"{plain(s.label)} takes the place of {name}" for name in lacking if (s := likely[name])
    ]
    kept, which = f"the state {lacking[0]}", "takes its place, or does it"
    if len(lacking) > 1:
        kept, which = f"the states {' and '.join(lacking)}", "take their place, or do those two"
    yield Doubt(
        rank=27,
        topic="kept states",
        entity=workflow,
        column="Type",
        quote=workflow.cell("Type"),
        question=f"Drupal keeps {kept} in every such workflow: which state{'s' * (len(lacking) > 1)} of "
        f"{SUBJECTS} {which} stay unused?",
        suggested_answer="; ".join(places) if len(places) == len(lacking) else "",
        suggested_because="; ".join(_KEPT[name] for name in lacking),
    )


def _first_state(workflow: Entity, states: Sequence[Entity], index: QuestionIndex) -> Entity | None:
    """Return the state new content starts in, by notes, else by its name or as no way leads to it."""
    marked = [s for s in states if _IS_FIRST.search(s.note)] or [
        state
        for sentence in sentences_of(workflow.note)
        if _IS_FIRST.search(sentence)
        for state in states
        if re.search(rf"\b{re.escape(state.label)}\b", sentence, re.IGNORECASE)
    ]
    found = (
        marked
        or [s for s in states if s.label.casefold() == "draft"]
        or _unreached(workflow, index)
    )
    return found[0] if len(found) == 1 else None


_IS_FIRST = re.compile(
    r"^default\b(?! revision)|\b(?:default|initial|first|start) state\b", re.IGNORECASE
)
"""Words that say of a state that new content starts in it."""


def is_published(state: Entity) -> bool:
    """Tell whether visitors see content in a state, by its column, else by its name."""
    columns = [cell for c, cell in state.cells.items() if c.casefold().startswith("publish")]
    if columns:
        return columns[0].casefold() in {"y", "yes", "x"}
    return state.label.casefold() == "published"


def states_in(cell: str) -> list[str]:
    """Return the states a cell names: some sheets have one row for all from-states."""
    return [name.strip() for name in re.split(r"[,;\n]", cell) if name.strip()]


def _permission_doubts(workflow: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find a transition that its note opens to a role whose list of permissions lacks it."""
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    rows = [
        row
        for row in index.specification.members_of.get(workflow.key, ())
        if row.kind is EntityKind.WORKFLOW_TRANSITION and row.status is not Status.DELETED
    ]
    for role in roles:
        listed = f"{role.cell('Notes')} {role.cell('Permissions')}".casefold()
        prefix = f"use {workflow.machine_name} transition "
        if prefix not in listed or role.status is Status.DELETED:
            continue
        for row in rows:
            is_meant = role in permitted_roles(row, roles)
            if is_meant and not re.search(rf"{prefix}{re.escape(row.machine_name)}\b", listed):
                yield Doubt(
                    rank=27,
                    topic=f"permission {role.key} {row.machine_name}",
                    entity=row,
                    column="Notes",
                    quote=row.note,
                    question=f"The permissions of {plain(role.label)} do not hold {SUBJECTS}, "
                    "this note gives it to the role: which is right?",
                    compared=(role,),
                )
                break


_WORKS_ON = re.compile(
    r"\b(?:creat|edit|writ|translat|maintain|correct|publish|approv|add|enter|updat)\w*\b",
    re.IGNORECASE,
)
_AS_ANOTHER = re.compile(r"\b(?:everything|all that|whatever|the same as)\b", re.IGNORECASE)


def is_as_another(role: Entity, roles: Sequence[Entity]) -> bool:
    """Tell whether a role may do, by its note, what another role may."""
    return any(
        other is not role
        for sentence in sentences_of(role.note)
        if _AS_ANOTHER.search(sentence)
        for other in roles_named_in(sentence, roles)
    )


_ALL_TRANSITIONS = re.compile(r"\ball (?:the |its )?transitions\b[^;\n]*", re.IGNORECASE)


def _sweeping_doubts(
    workflow: Entity, index: QuestionIndex, *, asked: Collection[str]
) -> Iterator[Doubt]:
    """Find roles that get all transitions, or what another role may, where some do not name them."""
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    members = index.specification.members_of.get(workflow.key, ())
    rows = [
        r for r in members if r.kind is EntityKind.WORKFLOW_TRANSITION and r.status not in FATES
    ]
    named = [(row, who) for row in rows if (who := permitted_roles(row, roles))]
    others = [w.label.casefold() for w in index.workflows if w.key != workflow.key]
    for role in roles:
        is_open_to_all = role.machine_name in {BYPASSING_ROLE, *lexicon().public_roles}
        if role.status in FATES or is_open_to_all or f"outsider {role.key}" in asked:
            continue
        for sentence in (s for cell in role.cells.values() for s in sentences_of(cell)):
            models = [r for r in roles_named_in(sentence, roles) if r is not role]
            sweeping = _ALL_TRANSITIONS.search(sentence)
            if sweeping and not any(label in sweeping.group().casefold() for label in others):
                lacking = [row for row, who in named if role not in who]
            elif models and _AS_ANOTHER.match(sentence.lstrip("-*• ")):
                lacking = [r for r, who in named if role not in who and models[0] in who]
            else:
                continue
            words = sweeping.group() if sweeping else sentence
            says = (
                f"The roles sheet says of {plain(role.label)}: “{plain(words.rstrip('. '))}”, but "
                f"{SUBJECTS}"
            )
            yield from (
                Doubt(
                    rank=27,
                    topic=f"sweeping {role.key}",
                    entity=row,
                    column="Roles" if row.has_column("Roles") else "Notes",
                    quote="",
                    question=f"{says} does not name that role: may it use it?",
                    question_for_many=f"{says} do not name that role: may it use them?",
                    compared=(role,),
                )
                for row in lacking
            )
            break


def _outsider_doubts(workflow: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find roles that may work on what a workflow moderates, and may use none of its transitions.

    Only where every transition says who may use it: Drupal refuses to save moderated content to
    everybody else.
    """
    rows = [
        row
        for row in index.specification.members_of.get(workflow.key, ())
        if row.kind is EntityKind.WORKFLOW_TRANSITION and row.status is not Status.DELETED
    ]
    roles = index.specification.by_kind[EntityKind.USER_ROLE]
    named = [permitted_roles(row, roles) for row in rows]
    if not named or not all(named):
        return
    meant = [b for b in index.moderated if (w := index.workflow_of(b)) and w[0].key == workflow.key]
    meant += [
        bundle
        for bundle in index.specification.by_kind[EntityKind.BUNDLE]
        if bundle not in meant and is_to_build(bundle) and is_named_by(bundle, workflow)
    ]
    for role in roles:
        is_inside = any(role in who for who in named)
        gone = role.status in {Status.DELETED, Status.WAITING}
        if is_inside or gone or role.machine_name in {BYPASSING_ROLE, *lexicon().public_roles}:
            continue
        for sentence in sentences_of(role.note):
            work = _WORKS_ON.search(sentence)
            work_named = sentence.casefold() if work and not _DENIAL.search(sentence) else ""
            moderated = [
                name
                for bundle in meant
                if re.search(
                    rf"\b{re.escape((name := name_of(bundle)).casefold())}(?:s|es)?\b", work_named
                )
            ]
            if moderated:
                yield Doubt(
                    rank=27,
                    topic=f"outsider {role.key}",
                    entity=workflow,
                    column="Notes",
                    quote="",
                    question=f"The roles sheet says of {plain(role.label)}: “{plain(sentence.rstrip('. '))}”. "
                    f"No transition of {SUBJECTS} is open to that role, so "
                    f"Drupal refuses its changes to {plain(moderated[0])}: which may it use?",
                    compared=(role,),
                )
                break


def _denies(sentence: str, transition: Entity) -> bool:
    match = _DENIAL.search(sentence)
    label = re.escape(transition.label.casefold())
    return match is not None and bool(re.search(rf"\b{label}\b", match.group(1).casefold()))


def is_named_by(bundle: Entity, workflow: Entity) -> bool:
    """Tell whether a workflow names a bundle in its column for them, else in its note."""
    if is_listed(bundle, workflow):
        return True
    note = without_exceptions(bundles_text(workflow)).casefold()
    name = re.escape(name_of(bundle).casefold())
    return bundle.label.casefold() in note or bool(re.search(rf"(?<!\w){name}(?!\w)", note))


def moderation_doubts(bundle: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask for the workflow of a moderated bundle that no note of a workflow means or asks about."""
    name, is_content = name_of(bundle), bundle.bundle_type is BundleType.CONTENT
    asked = " ".join(s for w in index.workflows for s in sentences_of(w.note) if "?" in s)
    if (
        bundle.cell("Mod.").casefold() != "y"
        or any(is_named_by(bundle, w) for w in index.workflows)
        or any(
            is_for_all(bundles_text(w), but=name, is_content=is_content) for w in index.workflows
        )
        or index.workflow_of(bundle) is not None
        or workflows_named_by(bundle, index.workflows)
        or name in asked
    ):
        return
    if is_moderated(bundle) and len(index.workflows) == 1 and not bundles_text(index.workflows[0]):
        return  # there is no other
    names = " and ".join(plain(workflow.label) for workflow in index.workflows)
    notes = (
        f"{APPLIES_TO} of {names} does not"
        if any(workflow.cell(APPLIES_TO) for workflow in index.workflows)
        else f"the note of {names} does not"
        if len(index.workflows) == 1
        else f"the notes of {names} do not"
    )
    yield Doubt(
        rank=27,
        topic="which workflow",
        entity=bundle,
        column="Mod.",
        quote=bundle.cell("Mod."),
        question=f"Mod. is y, but {notes} name it: which workflow moderates it?"
        if names
        else "Mod. is y, but these sheets have no workflow: which one moderates it?",
    )
