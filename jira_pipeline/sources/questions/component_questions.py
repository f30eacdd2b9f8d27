"""What a ShareDo component leaves open: rules over its sections, entries and dependencies.

Belongs here: rules for any component, by the words of `sources/sharedo/lexicon.toml`. Does not:
rules for sheets, the words of questions (`questions.toml`), or the joining of rows
(`found_questions`).
"""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import shorten

from jira_pipeline.model.entities import Entity, EntityKind, ReferenceState, Specification
from jira_pipeline.sources.questions.question_index import name_of
from jira_pipeline.sources.questions.row_questions import (
    SUBJECTS,
    RowQuestion,
    asked,
    joined,
    marked,
    plain,
)
from jira_pipeline.sources.sharedo.comparison import Outcome, is_upkeep
from jira_pipeline.sources.sharedo.component_settings import is_only_there, is_tied
from jira_pipeline.sources.sharedo.component_use import (
    TRUE,
    entries_of,
    held_files,
    is_address,
    missing_files,
    rows_of,
    says_off,
    secrets_of,
    value_of,
)
from jira_pipeline.sources.sharedo.lexicon import (
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
    section_of,
    sharedo_lexicon,
)
from jira_pipeline.sources.sharedo.packages import ComponentGroup
from jira_pipeline.sources.sharedo.secret_masking import MASK

_ROLES, _ROLE = "SharedoTypeRoles", "ParticipantRoleSystemName"
Entries = Mapping[str, Sequence[Entity]]


def component_questions(entity: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Find what a component, or one entry of it, leaves open."""
    if entity.kind is EntityKind.COMPONENT_ITEM and section_of(entity) == CHANGES:
        yield from _change_questions(entity, specification)
        return
    if entity.cell(OUTCOME) == Outcome.REMOVED:
        return  # somebody decides about it as a whole
    is_whole = entity.kind is EntityKind.COMPONENT and entity.cell(OUTCOME) != Outcome.MODIFIED
    if entity.kind is EntityKind.COMPONENT:
        entries = entries_of(entity, specification)
        yield from _outside_questions(entity, entries)
        yield from _phase_questions(entity, entries)
        for row, column, file in missing_files(entity, specification):
            words = {"file": marked(file), "field": marked(column)}
            yield asked("components.file", row, column, of=file, quote=file, words=words)
        if addresses := entity.cell(ADDRESSES):
            named = ", ".join(map(marked, addresses.split("\n")))
            words = {"target": plain(entity.cell(TARGET)), "addresses": named}
            yield asked("components.address", entity, ADDRESSES, words=words)
        if is_whole:
            yield from _entry_questions(entries)
            yield from _template_questions(entity, specification)
    else:
        yield from _unknown_questions(entity, specification)
    yield from _off_questions(entity, specification)
    if is_whole:
        yield from _secret_questions(entity, specification)


def _outside_questions(component: Entity, entries: Entries) -> Iterator[RowQuestion]:
    """Ask for mandatory dependencies that no package holds, and for sections exported empty."""
    references = [r for r in component.references if r.is_required]
    outside = [r.text for r in references if r.state is ReferenceState.DANGLING]
    if outside:
        words = {"names": joined([f"the {plain(text)}" for text in outside])}
        words["them"] = "it" if len(outside) == 1 else "them"
        yield asked("components.outside", component, "Dependencies", words=words)
    for section in sharedo_lexicon().required_sections.get(group_of(component), ()):
        if section in component.cells and not component.cell(section) and section not in entries:
            yield asked("components.empty", component, section, of=section, section=section)


def _phase_questions(component: Entity, entries: Entries) -> Iterator[RowQuestion]:
    """Ask about phases that nothing leads to, or leaves, and about a missing start."""
    phases, transitions = entries.get("Phases", ()), entries.get("PhaseTransitions", ())
    if not any(phase.has_column("IsStart") for phase in phases):
        return
    starts = [phase for phase in phases if phase.cell("IsStart") == TRUE]
    if len(starts) != 1:
        named = ", ".join(marked(phase.label) for phase in starts) or "none"
        choices = [plain(phase.label) for phase in starts or phases]
        yield asked("components.start", component, "Phases", choices=choices, starts=named)
    reached = {t.cell("ToPhaseSystemName") for t in transitions} - {""}
    left = {t.cell("FromPhaseSystemName") for t in transitions}
    for phase in phases if reached else ():
        name = phase.cell("SystemName")
        if phase not in starts and name not in reached:
            yield asked("components.unreached", phase, "SystemName", quote=name)
        if phase.has_column("IsEnd") and phase.cell("IsEnd") != TRUE and name not in left:
            yield asked("components.dead_end", phase, "IsEnd", quote=phase.cell("IsEnd"))


def _entry_questions(entries: Entries) -> Iterator[RowQuestion]:
    """Ask about an entry that its list has before."""
    for section, rows in entries.items():
        seen: dict[tuple[tuple[str, str], ...], Entity] = {}
        for row in rows:
            content = tuple(sorted((c, v) for c, v in row.cells.items() if not is_upkeep(c, v)))
            values = " / ".join(value for _, value in content if value)
            if seen.setdefault(content, row) is not row and values:
                column = next(column for column, value in content if value)
                words = {"values": marked(shorten(values, 80)), "section": section}
                of = f"{section} {values}"
                yield asked("components.twice", row, column, of=of, words=words)


def _template_questions(component: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask for the document of a template that comes without one and holds no text instead."""
    words, made_as = sharedo_lexicon(), value_of(component, "Format").casefold()
    if group_of(component) is not ComponentGroup.TEMPLATES or held_files(component):
        return
    filled = {last_name(c).casefold(): (c, value) for c, value in component.cells.items() if value}
    has_text = not words.text_fields.isdisjoint(filled)
    is_document = made_as in words.document_formats
    is_text = not is_document if made_as else has_text
    if is_text or any(missing_files(component, specification)):
        return  # it needs none, or is asked for it by name
    named = (filled[n] for n in (*sorted(words.document_fields), "filename") if n in filled)
    column, value = next(named, ("Files", ""))
    why = "The package neither holds nor names one"
    if value:
        why = f"{marked(column)} names {marked(value)}, and the package does not hold it"
    yield asked("components.document", component, column, quote=value, why=why)


def _unknown_questions(item: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask about fields that name an entry which their component does not have."""
    owner, section = specification.by_key[item.owner_key or ""][0], section_of(item)
    entries, there = entries_of(owner, specification), owner.cell(KNOWN_THERE).split("\n")
    for column, value in item.cells.items():
        others, key = _named_section(column, section, entries)
        known = [row.cell(key) for row in entries.get(others, ()) if row.cell(key)]
        if not others or not value or value in known or value in there:
            continue
        parent = value_of(owner, "ParentSystemName") if others == _ROLES else ""
        parents = specification.by_key.get(f"{owner.key.rpartition(':')[0]}:{parent}", ())
        above = [entries_of(found, specification) for found in parents]
        sources = ((others, _ROLE), (section, column))  # of the second the parent is asked about it
        if any(r.cell(c) == value for found in above for s, c in sources for r in found.get(s, ())):
            continue
        words = {"section": section, "value": marked(value), "field": column, "others": others}
        words["whence"] = f", or does the parent type {marked(parent)} bring it" if parent else ""
        of = f"{others} {value}"
        topic = "components.unknown"
        yield asked(topic, item, column, of=of, quote=value, disputes=column, words=words)


def _named_section(column: str, section: str, entries: Entries) -> tuple[str, str]:
    """Return what a field points at by the ending of its name, and the field that names it there."""
    name = column.rpartition(".")[2].casefold()
    for ending, (target, key) in sharedo_lexicon().references.items():
        if name.endswith(ending.casefold()) and target != section and entries.get(target):
            return target, key
    return "", ""


def _off_questions(entity: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask whether what is switched off, or a draft, is to be deployed like that."""
    users = [row for row, r in specification.referrers_of.get(entity.key, ()) if r.is_required]
    used = f", and “{plain(name_of(users[0]))}” needs it" if users else ""
    is_told = sharedo_lexicon().named_off.search(name_of(entity)) is not None
    for column, value in entity.cells.items():
        if says_off(column, value) and not is_told:
            of = column.rpartition(".")[2].casefold()
            words = {"field": column, "value": marked(value), "used": used}
            yield asked("components.off", entity, column, of=of, quote=value, words=words)


def _secret_questions(component: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask once for the target's own values of what the package keeps secret."""
    if not (found := secrets_of(rows_of(component, specification))):
        return
    is_own = [value.row.key == component.key for value in found]
    names = [
        marked(v.column) + ("" if own else f" of “{plain(name_of(v.row))}”")
        for v, own in zip(found, is_own, strict=True)
    ]
    topic = "components.secret" if len(found) == 1 else "components.secrets"
    words = {"names": joined(names), "of": f" of {SUBJECTS}" if is_own[-1] else ""}
    yield asked(topic, component, found[0].column, words=words)


def _change_questions(change: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask what happens to what only the target has, and to its secrets and addresses."""
    owner = specification.by_key[change.owner_key or ""][0]
    before, after, path = change.cell(BEFORE), change.cell(AFTER), change.cell(PATH)
    words = {"target": plain(owner.cell(TARGET)), "source": plain(owner.cell(WANTED_AS_IN))}
    topic, of = "", ""
    if MASK in after:
        topic = "own_secret" if MASK in before else "new_secret"
    elif is_address(path, after):
        topic = "own_address" if is_address(path, before) else "new_address"
    elif before.endswith(ONCE):
        topic = "twice"
    elif is_only_there(change):
        topic = "only_there"
        words["off"] = of = ", switched off" if "IsActive: false" in before.split("\n") else ""
        rows = specification.members_of.get(owner.key, ())
        tied = [row for row in rows if section_of(row) == CHANGES and is_tied(row, change)]
        added = [
            f"{change_name(r)} would change nothing beside it" for r in tied if not r.cell(BEFORE)
        ]
        named = [
            f"{change_name(r)} names it there and goes with it" for r in tied if r.cell(BEFORE)
        ]
        words["tied"] = "".join(f"; {consequence}" for consequence in (*added, *named))
    if topic:
        quote = path if topic == "only_there" else ""
        yield asked(f"changes.{topic}", change, PATH, of=of, quote=quote, words=words)
