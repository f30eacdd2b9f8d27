"""What a ShareDo component leaves open: rules over its sections, entries and dependencies.

Belongs here: rules for any component, by the words of `lexicon_sharedo.toml`. Does not: rules for
sheets, or the joining of doubts (`open_questions`).
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import shorten

from jira_pipeline.domain.component_use import (
    FALSE,
    TRUE,
    held_files,
    is_address,
    missing_files,
    rows_of,
    says_off,
    secrets_of,
    value_of,
)
from jira_pipeline.domain.entities import Entity, EntityKind, ReferenceState, Specification
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, marked, plain
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.domain.secret_masking import MASK
from jira_pipeline.domain.sharedo_comparison import Outcome, is_upkeep
from jira_pipeline.domain.sharedo_packages import ComponentGroup
from jira_pipeline.domain.sharedo_words import (
    ADDRESSES,
    AFTER,
    BEFORE,
    CHANGES,
    KNOWN_THERE,
    ONCE,
    OUTCOME,
    PATH,
    TARGET,
    WANTED_AS_IN,
    change_name,
    group_of,
    last_name,
    noun_of,
    section_of,
    sharedo_words,
    system_name_of,
)

_REFERENCES_NAMED_MAX = 6
_RIGHT = re.compile(r"SharedoTypeRolePermissions\[[^\[\]/]+ / [^\[\]/]+ / ")
_ROLES = "SharedoTypeRoles"
_ORDERS = ("DisplayOrder", "SortOrder")
_PLACEHOLDER = re.compile(r"\{\{\s*(?:roles\.)?([A-Za-z][\w-]*)\.")


def component_doubts(entity: Entity, specification: Specification) -> Iterator[Doubt]:
    """Find what a component, or one entry of it, leaves open."""
    if entity.kind is EntityKind.COMPONENT_ITEM and section_of(entity) == CHANGES:
        yield from _change_doubts(entity, specification)
        return
    if entity.cell(OUTCOME) == Outcome.REMOVED:
        return  # somebody decides about it as a whole
    if entity.kind is EntityKind.COMPONENT:
        entries = entries_of(entity, specification)
        yield from _outside_doubts(entity)
        yield from _empty_section_doubts(entity, entries)
        yield from _phase_doubts(entity, entries)
        yield from _unfired_doubts(entity, entries, specification)
        yield from _role_doubts(entity, entries)
        yield from _file_doubts(entity, specification)
        yield from _address_doubts(entity)
        if entity.cell(OUTCOME) != Outcome.MODIFIED:
            yield from _twice_doubts(entries)
            yield from _order_doubts(component=entity, entries=entries)
            yield from _offered_doubts(entity, specification)
            yield from _title_doubts(entity, entries, specification)
            yield from _template_doubts(entity, specification)
    else:
        yield from _unknown_doubts(entity, specification)
    yield from _switched_off_doubts(entity, specification)
    if entity.kind is EntityKind.COMPONENT and entity.cell(OUTCOME) != Outcome.MODIFIED:
        yield from _secret_doubts(entity, specification)


def entries_of(component: Entity, specification: Specification) -> Mapping[str, Sequence[Entity]]:
    """Return the entries of each section of a component, in the order of the source.

    A section inside another one, such as `Definition.steps`, goes by its last part, `Steps`.
    """
    found: defaultdict[str, list[Entity]] = defaultdict(list)
    for item in specification.members_of.get(component.key, ()):
        section = section_of(item).rpartition(".")[2]
        found[section[:1].upper() + section[1:]].append(item)
    return found


def _outside_doubts(component: Entity) -> Iterator[Doubt]:
    """Ask for mandatory dependencies that no package of the session holds."""
    outside = [
        r.text for r in component.references if r.state is ReferenceState.DANGLING and r.is_required
    ]
    if not outside:
        return
    shown = [f"the {plain(text)}" for text in outside[:_REFERENCES_NAMED_MAX]]
    if rest := len(outside) - len(shown):
        shown.append(f"{rest} more")
    names = f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]
    them = "it" if len(outside) == 1 else "them"
    yield Doubt(
        rank=1,
        topic="outside",
        entity=component,
        column="Dependencies",
        quote="",
        question=f"Does the target have {names}? {SUBJECTS} cannot do without {them}, and no "
        f"ticket here brings {them}.",
    )


def _empty_section_doubts(
    component: Entity, entries: Mapping[str, Sequence[Entity]]
) -> Iterator[Doubt]:
    """Ask about a section that a component needs and that was exported empty."""
    for section in sharedo_words().required_sections.get(group_of(component), ()):
        if section in component.cells and not component.cell(section) and section not in entries:
            yield Doubt(
                rank=2,
                topic=f"empty {section}",
                entity=component,
                column=section,
                quote="",
                question=f"{section} of {SUBJECTS} is empty in the package: is the component "
                "unfinished, or was it exported without them?",
            )


def _phase_doubts(component: Entity, entries: Mapping[str, Sequence[Entity]]) -> Iterator[Doubt]:
    """Ask about phases that nothing leads to, and about a missing start."""
    phases = entries.get("Phases", ())
    transitions = entries.get("PhaseTransitions", ())
    if not phases or not any(phase.has_column("IsStart") for phase in phases):
        return
    starts = [phase for phase in phases if phase.cell("IsStart") == TRUE]
    if len(starts) != 1:
        named = ", ".join(marked(phase.label) for phase in starts) or "none"
        yield Doubt(
            rank=3,
            topic="start",
            entity=component,
            column="Phases",
            quote="",
            question=f"In which phase does {SUBJECTS} begin? Marked as start: {named}.",
        )
    reached = {t.cell("ToPhaseSystemName") for t in transitions} - {""}
    if not reached:
        return
    for phase in phases:
        if phase not in starts and phase.cell("SystemName") not in reached:
            yield Doubt(
                rank=4,
                topic="unreached",
                entity=phase,
                column="SystemName",
                quote=phase.cell("SystemName"),
                question=f"How does a case get into the phase {SUBJECTS}? No transition leads to "
                "it, and it is no start.",
                question_for_many=f"How does a case get into the phases {SUBJECTS}? No transition "
                "leads to them, and none is a start.",
            )
    left = {t.cell("FromPhaseSystemName") for t in transitions}
    for phase in phases:
        is_end = phase.cell("IsEnd") == TRUE
        if phase.has_column("IsEnd") and not is_end and phase.cell("SystemName") not in left:
            yield Doubt(
                rank=5,
                topic="dead end",
                entity=phase,
                column="IsEnd",
                quote=phase.cell("IsEnd"),
                question=f"Is {SUBJECTS} an end? No transition leaves it, and it is not marked as "
                "one.",
                question_for_many=f"Are {SUBJECTS} ends? No transition leaves them, and they are "
                "not marked so.",
            )


def _unfired_doubts(
    component: Entity, entries: Mapping[str, Sequence[Entity]], specification: Specification
) -> Iterator[Doubt]:
    """Ask what makes a transition that no user makes, where its workflows are here to be read."""
    workflows = [
        {value for row in rows_of(found, specification) for value in row.cells.values()}
        for found in specification.by_kind[EntityKind.COMPONENT]
        if group_of(found) is ComponentGroup.WORKFLOWS
    ]
    named = set().union(*workflows)
    own = {
        v
        for name, rows in entries.items()
        if name != "PhaseTransitions"
        for row in rows
        for v in row.cells.values()
    }
    if system_name_of(component) not in named:
        return  # its workflows may be elsewhere
    for transition in entries.get("PhaseTransitions", ()):
        name = transition.cell("SystemName")
        if transition.cell("IsUserDriven") == FALSE and name not in named | own:
            yield Doubt(
                rank=6,
                topic="unfired",
                entity=transition,
                column="IsUserDriven",
                quote=FALSE,
                question=f"What takes a case through {SUBJECTS}? No user does, and no workflow here "
                "names it.",
                question_for_many=f"What takes a case through {SUBJECTS}? No user does, and no "
                "workflow here names them.",
            )


def _role_doubts(component: Entity, entries: Mapping[str, Sequence[Entity]]) -> Iterator[Doubt]:
    """Ask about roles that have to act and get no permission; a party of a case needs none."""
    permissions = entries.get("SharedoTypeRolePermissions", ())
    allowed = {p.cell("ParticipantRoleSystemName") for p in permissions}
    if not allowed - {""}:
        return
    actors = sharedo_words().actors
    acting = {
        value
        for section, rows in entries.items()
        for row in rows
        for column, value in row.cells.items()
        if last_name(column, section=section).casefold() in actors
    }
    for role in entries.get("SharedoTypeRoles", ()):
        name = role.cell("ParticipantRoleSystemName")
        if name in acting and name not in allowed:
            yield Doubt(
                rank=7,
                topic="role without permission",
                entity=role,
                column="ParticipantRoleSystemName",
                quote=name,
                question=f"What may the role {SUBJECTS} do? It has to act and gets no permission "
                f"on “{plain(component.label.rpartition(' (')[0])}”.",
                question_for_many=f"What may the roles {SUBJECTS} do? They have to act and get no "
                f"permission on “{plain(component.label.rpartition(' (')[0])}”.",
            )


def _file_doubts(component: Entity, specification: Specification) -> Iterator[Doubt]:
    """Ask for files that a value names and the package does not hold."""
    for row, column, name in missing_files(component, specification):
        yield Doubt(
            rank=6,
            topic=f"file {name}",
            entity=row,
            column=column,
            quote=name,
            question=f"Where does the file {marked(name)} come from? {marked(column)} of "
            f"{SUBJECTS} names it, and the package does not hold it.",
        )


def _twice_doubts(entries: Mapping[str, Sequence[Entity]]) -> Iterator[Doubt]:
    """Ask about an entry that is in its list before, with the same values."""
    for section, rows in entries.items():
        seen: dict[tuple[tuple[str, str], ...], Entity] = {}
        for row in rows:
            content = tuple(sorted((c, v) for c, v in row.cells.items() if not is_upkeep(c, v)))
            values = " / ".join(value for _, value in content if value)
            if seen.setdefault(content, row) is not row and values:
                yield Doubt(
                    rank=6,
                    topic=f"twice {section} {values}",
                    entity=row,
                    column=next(column for column, value in content if value),
                    quote="",
                    question=f"Is {marked(shorten(values, 80))} wanted twice in {section}? Another "
                    "entry has the same values.",
                )


def _order_doubts(*, component: Entity, entries: Mapping[str, Sequence[Entity]]) -> Iterator[Doubt]:
    """Ask which of two main entries comes first where both have one place in the order."""
    sections, _ = sharedo_words().main_sections.get(group_of(component), ("", ""))
    for section in sections.split("|"):
        for column in _ORDERS:
            placed: defaultdict[str, list[Entity]] = defaultdict(list)
            for row in entries.get(section, ()):
                if row.cell(column):
                    placed[row.cell(column)].append(row)
            if 2 * len(placed) <= sum(len(rows) for rows in placed.values()):
                continue  # the order is not kept in it
            for place, rows in placed.items():
                if len(rows) > 1:
                    named = [f"“{plain(name_of(row))}”" for row in rows]
                    yield Doubt(
                        rank=8,
                        topic=f"order {section} {place}",
                        entity=rows[-1],
                        column=column,
                        quote=place,
                        question=f"Which comes first, {', '.join(named[:-1])} or {named[-1]}? "
                        f"{'Both' if len(rows) == 2 else 'All'} have {column} {marked(place)}.",  # noqa: PLR2004 - both are two
                    )


def _offered_doubts(component: Entity, specification: Specification) -> Iterator[Doubt]:
    """Ask where something is offered whose phases its work type does not have."""
    context = value_of(component, "ContextSharedoType")
    types = [
        found
        for found in specification.by_kind[EntityKind.COMPONENT]
        if system_name_of(found) == context and noun_of(found) == "work type"
    ]
    phases = [p for found in types for p in entries_of(found, specification).get("Phases", ())]
    known = {phase.cell("SystemName") for phase in phases}
    if not known or any(found.cell(OUTCOME) for found in types):
        return  # of a type that is changed, only the changes are here
    for column, value in component.cells.items():
        lacking = [name for name in value.split("\n") if name and name not in known]
        if last_name(column) == "AvailableInPhases" and lacking:
            named = ", ".join(marked(phase.cell("SystemName")) for phase in phases)
            yield Doubt(
                rank=6,
                topic=f"offered {' '.join(lacking)}",
                entity=component,
                column=column,
                quote="",
                question=f"In which phases is {SUBJECTS} offered? It names "
                f"{' and '.join(marked(name) for name in lacking)}, and “{plain(name_of(types[0]))}” "
                f"has only {named}.",
            )


def _title_doubts(
    component: Entity, entries: Mapping[str, Sequence[Entity]], specification: Specification
) -> Iterator[Doubt]:
    """Ask about a role of other types that a title is made of and this type does not have."""
    own = {r.cell("ParticipantRoleSystemName").casefold() for r in entries.get(_ROLES, ())}
    known = {
        row.cell("ParticipantRoleSystemName").casefold(): row.cell("ParticipantRoleSystemName")
        for row in specification.by_kind[EntityKind.COMPONENT_ITEM]
        if section_of(row) == _ROLES
    }
    parent = value_of(component, "ParentSystemName") or value_of(component, "BaseTypeSystemName")
    above = specification.by_key.get(f"{component.key.rpartition(':')[0]}:{parent}", ())
    own |= {
        row.cell("ParticipantRoleSystemName").casefold()
        for holder in above
        for row in entries_of(holder, specification).get(_ROLES, ())
    }
    for column, value in component.cells.items():
        if not own or not column.startswith("TitleGenerator."):
            continue
        named = dict.fromkeys(name.casefold() for name in _PLACEHOLDER.findall(value))
        lacking = [known[name] for name in named if name in known and name not in own]
        if lacking:
            names = " and ".join(marked(name) for name in lacking)
            whence = f", or does {marked(parent)} bring it" if parent else ""
            yield Doubt(
                rank=6,
                topic="title",
                entity=component,
                column=column,
                quote="",
                question=f"Where does the title of a case of {SUBJECTS} come from? {column} names "
                f"{names}, and SharedoTypeRoles has no such role: what is meant{whence}?",
            )


def _template_doubts(component: Entity, specification: Specification) -> Iterator[Doubt]:
    """Ask for the document of a template that comes without one and holds no text instead."""
    words, made_as = sharedo_words(), value_of(component, "Format").casefold()
    is_document = made_as in words.document_formats
    if group_of(component) is not ComponentGroup.TEMPLATES or (made_as and not is_document):
        return
    cells = [(c, last_name(c).casefold(), value) for c, value in component.cells.items()]
    stored = {c: value for c, name, value in cells if name in words.document_fields}
    named = {c: value for c, name, value in cells if value and (c in stored or name == "filename")}
    has_text = any(name in words.text_fields and value for _, name, value in cells)
    if is_document and stored and not any(stored.values()):
        column, value = next(iter(stored)), ""
        why = f"Its format is {marked(made_as)}, and {column} is empty"
    elif held_files(component) or any(missing_files(component, specification)):
        return  # it is there, or asked for by its name
    elif has_text and not is_document:
        return
    elif named:
        column, value = next(iter(named.items()))
        why = f"{marked(column)} names {marked(value)}, and the package does not hold it"
    else:
        column, value, why = "Files", "", "The package neither holds nor names one"
    yield Doubt(
        rank=6,
        topic="no file",
        entity=component,
        column=column,
        quote=value,
        question=f"Which file is {SUBJECTS} made of? {why}.",
    )


def _address_doubts(component: Entity) -> Iterator[Doubt]:
    """Ask whether the target may call what a change switches on."""
    if addresses := component.cell(ADDRESSES):
        named = ", ".join(marked(address) for address in addresses.split("\n"))
        target = plain(component.cell(TARGET))
        yield Doubt(
            rank=7,
            topic="address",
            entity=component,
            column=ADDRESSES,
            quote="",
            question=f"Is {target} to use {named}, or an address of its own? What is switched on "
            "here uses it.",
        )


def _change_doubts(change: Entity, specification: Specification) -> Iterator[Doubt]:
    """Ask what happens to what only the target has, and to its secrets."""
    owner = specification.by_key[change.owner_key or ""][0]
    target, source = plain(owner.cell(TARGET)), plain(owner.cell(WANTED_AS_IN))
    before, after, path = change.cell(BEFORE), change.cell(AFTER), change.cell(PATH)
    if MASK in before and MASK in after:
        yield Doubt(
            rank=9,
            topic="secret kept",
            entity=change,
            column=PATH,
            quote="",
            question=f"Does {SUBJECTS} keep its value in {target}, or get a new one? Both "
            "environments hold a secret there, and the two differ.",
        )
    elif MASK in after:
        yield Doubt(
            rank=9,
            topic="secret new",
            entity=change,
            column=PATH,
            quote="",
            question=f"Which secret does {SUBJECTS} get in {target}? That of {source} is shown "
            "nowhere.",
        )
    elif is_address(path, before) and is_address(path, after):
        yield Doubt(
            rank=8,
            topic="own address kept",
            entity=change,
            column=PATH,
            quote="",
            question=f"Does {SUBJECTS} keep the address it has in {target}, or get a new one? "
            f"{source} has its own.",
            question_for_many=f"Do {SUBJECTS} keep the addresses they have in {target}, or get new "
            f"ones? {source} has its own.",
        )
    elif is_address(path, after):
        yield Doubt(
            rank=8,
            topic="address kept",
            entity=change,
            column=PATH,
            quote="",
            question=f"Does {SUBJECTS} get the address of {source} in {target}, or one of its own?",
            question_for_many=f"Do {SUBJECTS} get the addresses of {source} in {target}, or ones of "
            "its own?",
        )
    elif before.endswith(ONCE):
        yield Doubt(
            rank=8,
            topic="twice",
            entity=change,
            column=PATH,
            quote="",
            question=f"Is {SUBJECTS} wanted twice in {target}? {target} has it once, {source} has "
            "it more often.",
        )
    elif is_only_there(change):
        is_off = "IsActive: false" in before.split("\n")
        yield Doubt(
            rank=8,
            topic=f"only there {is_off}",
            entity=change,
            column=PATH,
            quote=path,
            question=f"Does {SUBJECTS} stay in {target}, or does it go? Only {target} has it"
            f"{', switched off' if is_off else ''}{_tied(change, owner, specification)}.",
            question_for_many=f"Do {SUBJECTS} stay in {target}, or do they go? Only {target} has "
            f"them{', switched off' if is_off else ''}.",
        )


def _tied(change: Entity, owner: Entity, specification: Specification) -> str:
    """Say which other changes depend on whether an item stays in the target."""
    others = [
        row
        for row in specification.members_of.get(owner.key, ())
        if section_of(row) == CHANGES and is_tied(row, change)
    ]
    added = [row for row in others if not row.cell(BEFORE)]
    named = [row for row in others if row.cell(BEFORE)]
    consequences = [f"{change_name(row)} would change nothing beside it" for row in added]
    consequences += [f"{change_name(row)} names it there and goes with it" for row in named]
    return f"; {'; '.join(consequences)}" if consequences else ""


def is_tied(change: Entity, other: Entity) -> bool:
    """Tell whether a change is decided with an item that only the target has.

    It takes a name of that item away, as a step does that no longer leads to it; or it gives the same
    right to the same role in other phases.
    """
    if change.key == other.key or not is_only_there(other):
        return False
    label = other.cell(PATH).rpartition("[")[2].removesuffix("]")
    before, after = (
        {value.rpartition(": ")[2] for value in change.cell(side).split("\n")}
        for side in (BEFORE, AFTER)
    )
    if change.cell(BEFORE) and change.cell(AFTER):
        return label in before - after
    right = _RIGHT.match(other.cell(PATH))
    is_added = not change.cell(BEFORE) and bool(change.cell(AFTER))
    return right is not None and is_added and change.cell(PATH).startswith(right[0])


def is_asked(change: Entity) -> bool:
    """Tell whether a question decides what becomes of a change."""
    is_own = MASK in change.cell(AFTER) or is_address(change.cell(PATH), change.cell(AFTER))
    return is_own or is_only_there(change) or change.cell(BEFORE).endswith(ONCE)


def is_kept(change: Entity) -> bool:
    """Tell whether each environment has a secret or address of its own, which stays as it is."""
    path, before, after = change.cell(PATH), change.cell(BEFORE), change.cell(AFTER)
    both = (before, after)
    return all(MASK in value for value in both) or all(is_address(path, value) for value in both)


def is_only_there(change: Entity) -> bool:
    """Tell whether a change would take an item out of the target."""
    path = change.cell(PATH)
    is_item = path.endswith("]") and not path.startswith(("Dependencies[", "Files["))
    return is_item and bool(change.cell(BEFORE)) and not change.cell(AFTER)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A field that names an entry of another section."""

    column: str
    section: str
    known: tuple[str, ...]


def _unknown_doubts(item: Entity, specification: Specification) -> Iterator[Doubt]:
    """Ask about fields that name an entry which their component does not have."""
    owner = specification.by_key[item.owner_key or ""][0]
    entries = entries_of(owner, specification)
    for column, value in item.cells.items():
        named = _named_section(column, section_of(item), entries) if value else None
        is_there = value in owner.cell(KNOWN_THERE).split("\n")
        if named is None or value in named.known or is_there:
            continue
        parent = value_of(owner, "ParentSystemName")
        if parent and named.section == "SharedoTypeRoles":
            inherited = specification.by_key.get(f"{owner.key.rpartition(':')[0]}:{parent}", ())
            above = [entries_of(p, specification) for p in inherited]
            brought = {
                e.cell(name)
                for entries_above in above
                for section, name in (
                    (named.section, "ParticipantRoleSystemName"),
                    (section_of(item), column),  # then it is asked there
                )
                for e in entries_above.get(section, ())
            }
            if value in brought:
                continue
        whence = ""
        if parent and named.section == "SharedoTypeRoles":
            whence = f", or does the parent type {marked(parent)} bring it"
        near = get_close_matches(value, named.known, n=1)
        yield Doubt(
            rank=6,
            topic=f"unknown {named.section} {value}",
            entity=item,
            column=column,
            quote=value,
            question=f"{section_of(item)} {SUBJECTS} names {marked(value)} as {column}, which is "
            f"not in {named.section}: what is meant{whence}?",
            suggested_answer=near[0] if near else "",
            suggested_because="the nearest name" if near else "",
            disputes=column,
        )


def _named_section(
    column: str, section: str, entries: Mapping[str, Sequence[Entity]]
) -> _Named | None:
    """Return what a field points at by the ending of its name; None where it does not show."""
    name = column.rpartition(".")[2].casefold()
    for ending, (target, key) in sharedo_words().references.items():
        if name.endswith(ending.casefold()) and target != section and entries.get(target):
            known = tuple(e.cell(key) for e in entries[target] if e.cell(key))
            return _Named(column=column, section=target, known=known)
    return None


def _switched_off_doubts(entity: Entity, specification: Specification) -> Iterator[Doubt]:
    """Ask whether what is switched off, or a draft, is to be deployed like that."""
    words = sharedo_words()
    users = [row for row, r in specification.referrers_of.get(entity.key, ()) if r.is_required]
    used = f", and “{plain(name_of(users[0]))}” needs it" if users else ""
    for column, value in entity.cells.items():
        if says_off(column, value) and not words.named_off.search(name_of(entity)):
            name = column.rpartition(".")[2].casefold()
            yield Doubt(
                rank=8,
                topic=f"off {name}",
                entity=entity,
                column=column,
                quote=value,
                question=f"{SUBJECTS} has {column} = {marked(value)}{used}: is it to be deployed "
                "like that?",
                question_for_many=f"{SUBJECTS} have {column} = {marked(value)}: are they to be "
                "deployed like that?",
            )


def _secret_doubts(component: Entity, specification: Specification) -> Iterator[Doubt]:
    """Ask once for the target's own values of what the package keeps secret."""
    found = secrets_of(rows_of(component, specification))
    if not found:
        return
    named = [
        marked(value.column)
        if value.row.key == component.key
        else f"{marked(value.column)} of “{plain(name_of(value.row))}”"
        for value in found
    ]
    is_one = len(found) == 1
    names = ", ".join(named[:-1]) + f" and {named[-1]}" if not is_one else named[0]
    of = f" of {SUBJECTS}" if found[-1].row.key == component.key else ""
    yield Doubt(
        rank=9,
        topic="secret",
        entity=component,
        column=found[0].column,
        quote="",
        question=f"Which value{'' if is_one else 's'} {'does' if is_one else 'do'} {names}{of} get "
        f"on the target? The package holds {'a secret' if is_one else 'secrets'} there, shown "
        "nowhere.",
    )
