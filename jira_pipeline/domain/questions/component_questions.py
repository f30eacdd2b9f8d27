"""What a ShareDo component leaves open: rules over its sections, entries and dependencies.

Belongs here: rules for any component, by the words of `lexicon_sharedo.toml`. Does not: rules for
sheets, or the joining of doubts (`open_questions`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from jira_pipeline.domain.entities import Entity, EntityKind, ReferenceState, Specification
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, marked, plain
from jira_pipeline.domain.secret_masking import MASK
from jira_pipeline.domain.sharedo_words import group_of, section_of, sharedo_words

FALSE, TRUE = "false", "true"
_REFERENCES_NAMED_MAX = 6


def component_doubts(entity: Entity, specification: Specification) -> Iterator[Doubt]:
    """Find what a component, or one entry of it, leaves open."""
    if entity.kind is EntityKind.COMPONENT:
        entries = entries_of(entity, specification)
        yield from _outside_doubts(entity)
        yield from _empty_section_doubts(entity, entries)
        yield from _phase_doubts(entity, entries)
        yield from _role_doubts(entity, entries)
    else:
        yield from _unknown_doubts(entity, specification)
    yield from _switched_off_doubts(entity)
    yield from _secret_doubts(entity)


def entries_of(component: Entity, specification: Specification) -> Mapping[str, Sequence[Entity]]:
    """Return the entries of each section of a component, in the order of the source."""
    found: dict[str, list[Entity]] = defaultdict(list)
    for item in specification.members_of.get(component.key, ()):
        found[section_of(item)].append(item)
    return found


def _outside_doubts(component: Entity) -> Iterator[Doubt]:
    """Ask for mandatory dependencies that no package of the session holds."""
    outside = [
        r.text for r in component.references if r.state is ReferenceState.DANGLING and r.is_required
    ]
    if not outside:
        return
    names = ", ".join(plain(text) for text in outside[:_REFERENCES_NAMED_MAX])
    rest = len(outside) - _REFERENCES_NAMED_MAX
    names += f" and {rest} more" if rest > 0 else ""
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


def _role_doubts(component: Entity, entries: Mapping[str, Sequence[Entity]]) -> Iterator[Doubt]:
    """Ask about roles that get no permission where other roles get some."""
    permissions = entries.get("SharedoTypeRolePermissions", ())
    allowed = {p.cell("ParticipantRoleSystemName") for p in permissions}
    if not allowed - {""}:
        return
    for role in entries.get("SharedoTypeRoles", ()):
        if role.cell("ParticipantRoleSystemName") not in allowed:
            yield Doubt(
                rank=7,
                topic="role without permission",
                entity=role,
                column="ParticipantRoleSystemName",
                quote=role.cell("ParticipantRoleSystemName"),
                question=f"What may the role {SUBJECTS} do? It gets no permission on "
                f"“{plain(component.label.rpartition(' (')[0])}”, other roles do.",
                question_for_many=f"What may the roles {SUBJECTS} do? They get no permission on "
                f"“{plain(component.label.rpartition(' (')[0])}”, other roles do.",
            )


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
        if named is None or value in named.known:
            continue
        near = get_close_matches(value, named.known, n=1)
        yield Doubt(
            rank=6,
            topic=f"unknown {named.section} {value}",
            entity=item,
            column=column,
            quote=value,
            question=f"{section_of(item)} {SUBJECTS} names {marked(value)} as {column}, which is "
            f"not in {named.section}: what is meant?",
            suggested_answer=near[0] if near else "",
            suggested_because="the nearest name" if near else "",
            disputes=column,
        )


def _named_section(
    column: str, section: str, entries: Mapping[str, Sequence[Entity]]
) -> _Named | None:
    """Return what a field points at by the ending of its name; None where nothing can be told."""
    name = column.rpartition(".")[2]
    for ending, (target, key) in sharedo_words().references.items():
        if name.endswith(ending) and target != section and entries.get(target):
            known = tuple(e.cell(key) for e in entries[target] if e.cell(key))
            return _Named(column=column, section=target, known=known)
    return None


def _switched_off_doubts(entity: Entity) -> Iterator[Doubt]:
    """Ask whether what is switched off, or a draft, is to be deployed like that."""
    words = sharedo_words()
    for column, value in entity.cells.items():
        name = column.rpartition(".")[2].casefold()
        said = value.casefold()
        is_off = (
            (name in words.off_when_false and said == FALSE)
            or (name in words.off_when_true and said == TRUE)
            or (name in {"status", "state"} and said in words.off_states)
        )
        if is_off:
            yield Doubt(
                rank=8,
                topic=f"off {name}",
                entity=entity,
                column=column,
                quote=value,
                question=f"{SUBJECTS} has {column} = {marked(value)}: is it to be deployed like "
                "that?",
                question_for_many=f"{SUBJECTS} have {column} = {marked(value)}: are they to be "
                "deployed like that?",
            )


def _secret_doubts(entity: Entity) -> Iterator[Doubt]:
    """Ask for the target's own value of what the package keeps secret."""
    for column, value in entity.cells.items():
        if MASK in value:
            yield Doubt(
                rank=9,
                topic=f"secret {column}",
                entity=entity,
                column=column,
                quote="",
                question=f"Which value does {marked(column)} of {SUBJECTS} get on the target? The "
                "package holds a secret there, which is shown nowhere.",
            )
