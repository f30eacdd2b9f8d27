"""What a ShareDo component leaves open: rules over its sections, entries and dependencies.

Belongs here: rules for any component, by the words of `sources/sharedo/lexicon.toml`. Does not:
rules for sheets, the words of questions (`questions.toml`), or the joining of rows
(`found_questions`).
"""

from collections.abc import Collection, Iterator, Sequence
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
    items_within,
    missing_files,
    names_another,
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


def component_questions(entity: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Find what a component, or one entry of it, leaves open."""
    if entity.kind is EntityKind.COMPONENT_ITEM and section_of(entity) == CHANGES:
        yield from _change_questions(entity, specification)
        return
    if entity.cell(OUTCOME) == Outcome.REMOVED:
        return  # somebody decides about it as a whole
    if entity.kind is EntityKind.COMPONENT:
        references = [r for r in entity.references if r.is_required]
        if outside := [r.text for r in references if r.state is ReferenceState.DANGLING]:
            names = joined([f"the {plain(text)}" for text in outside])
            them = "it" if len(outside) == 1 else "them"
            yield asked("components.outside", entity, "Dependencies", names=names, them=them)
        missing = [*missing_files(entity, specification)]
        for row, column, file in missing:
            name, field = marked(file), marked(column)
            yield asked("components.file", row, column, quote=file, file=name, field=field)
        if addresses := entity.cell(ADDRESSES):
            words = {"addresses": ", ".join(map(marked, addresses.split("\n")))}
            words["target"] = plain(entity.cell(TARGET))
            yield asked("components.address", entity, ADDRESSES, **words)
        if entity.cell(OUTCOME) != Outcome.MODIFIED:
            yield from _entry_questions(entity, specification)
            yield from _course_questions(entity, specification)
            yield from _secret_questions(entity, specification)
            if not missing and _lacks_document(entity):
                yield asked("components.document", entity, "Files")
    yield from _off_questions(entity, specification)


def _entry_questions(component: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask about an empty list, an entry that its list has before, and a name that no entry has."""
    lexicon, types, kind = sharedo_lexicon(), [component], component.key.rpartition(":")[0]
    for each in types:  # which grows by their parent types
        parent_key = f"{kind}:{value_of(each, 'ParentSystemName')}"
        types += [t for t in specification.by_key.get(parent_key, ()) if t not in types]
    parent = value_of(types[-1], "ParentSystemName")
    is_outside = parent and f"{kind}:{parent}" not in specification.by_key
    above = f" The parent type {marked(parent)}, in no ticket here, may have it." * bool(is_outside)
    rows = [row for each in types for row in rows_of(each, specification)]
    for section in lexicon.required_sections.get(group_of(component), "").split():
        if component.cells.get(section) == "" and not items_within(rows, section):
            yield asked("components.empty", component, section, section=section, above=above)
    known = {(section_of(row), value) for row in rows for value in row.cells.values()}
    filled, there = {section for section, _ in known}, component.cell(KNOWN_THERE).split("\n")
    for section, entries in entries_of(component, specification).items():
        seen: dict[tuple[tuple[str, str], ...], Entity] = {}
        for row in entries:
            content = tuple(sorted((c, v) for c, v in row.cells.items() if not is_upkeep(c, v)))
            stated = [(column, value) for column, value in content if value]
            if seen.setdefault(content, row) is not row and stated:
                values = marked(shorten(" / ".join(value for _, value in stated), 80))
                yield asked("components.twice", row, stated[0][0], values=values, section=section)
            for column, value in stated:
                endings = filter(column.casefold().endswith, lexicon.references)
                meant = next((lexicon.references[ending] for ending in endings), "")
                is_known = (meant, value) in known or value in there or not names_another(value)
                if meant in filled and not is_known:
                    words = {"section": meant, "value": marked(value), "field": marked(column)}
                    words |= {"quote": value, "disputes": column, "above": above}
                    yield asked("components.unknown", row, column, **words)


def _course_questions(component: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask where a case begins, and about phases that it cannot get into or out of."""
    entries = entries_of(component, specification)
    phases, transitions = entries.get("Phases", ()), entries.get("PhaseTransitions", ())
    starts, ends = ([p for p in phases if p.cell(mark) == TRUE] for mark in ("IsStart", "IsEnd"))
    if len(starts) != 1 and any(phase.has_column("IsStart") for phase in phases):
        choices = [plain(phase.label) for phase in starts or phases]
        said = joined([f"“{choice}”" for choice in choices]) if starts else "none"
        yield asked("components.start", component, choices=choices, starts=said)
    ways = {(t.cell("FromPhaseSystemName"), t.cell("ToPhaseSystemName")) for t in transitions}
    for phase in _cut_off(phases, starts, ways) if starts else ():
        yield asked("components.unreached", phase)
    for phase in _cut_off(phases[::-1], ends, {(end, begin) for begin, end in ways}):
        yield asked("components.dead_end", phase)


def _cut_off(
    phases: Sequence[Entity], starts: Sequence[Entity], ways: Collection[tuple[str, str]]
) -> Iterator[Entity]:
    """Yield the first of each chain of phases that no ways from a start or elsewhere lead to."""
    reached = {name for way in ways for name in way} - {phase.machine_name for phase in phases}
    reached |= {start.machine_name for start in starts}
    entered = {end for begin, end in ways if begin != end}
    for phase in sorted(phases, key=lambda phase: phase.machine_name in entered) if ways else ():
        while ends := {end for begin, end in ways if begin in reached} - reached:
            reached |= ends
        if phase.machine_name not in reached:
            yield phase
            reached.add(phase.machine_name)


def _lacks_document(component: Entity) -> bool:
    """Tell whether a template comes without its document and holds no text instead."""
    if group_of(component) is not ComponentGroup.TEMPLATES or held_files(component):
        return False
    words, made_as = sharedo_lexicon(), value_of(component, "Format").casefold()
    filled = {last_name(column).casefold() for column, value in component.cells.items() if value}
    return made_as in words.document_formats if made_as else words.text_fields.isdisjoint(filled)


def _off_questions(entity: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask whether what is switched off, or a draft, is to be deployed like that."""
    users = [row for row, r in specification.referrers_of.get(entity.key, ()) if r.is_required]
    used = f", and “{plain(name_of(users[0]))}” needs it" if users else ""
    is_told = sharedo_lexicon().named_off.search(name_of(entity)) is not None
    for column, value in entity.cells.items():
        if says_off(column, value) and not is_told:
            words = {"field": column, "value": marked(value), "used": used}
            yield asked("components.off", entity, column, quote=value, **words)


def _secret_questions(component: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask once for the target's own values of what the package keeps secret."""
    if not (found := secrets_of(rows_of(component, specification))):
        return
    whose = [f" of “{plain(name_of(v.row))}”" * (v.row.key != component.key) for v in found]
    names = [f"{marked(v.column)}{of}" for v, of in zip(found, whose, strict=True)]
    topic = "components.secret" if len(found) == 1 else "components.secrets"
    of = "" if whose[-1] else f" of {SUBJECTS}"
    yield asked(topic, component, found[0].column, names=joined(names), of=of)


def _change_questions(change: Entity, specification: Specification) -> Iterator[RowQuestion]:
    """Ask what happens to what only the target has, and to its secrets and addresses."""
    owner = specification.by_key[change.owner_key or ""][0]
    before, after, path = change.cell(BEFORE), change.cell(AFTER), change.cell(PATH)
    words = {"target": plain(owner.cell(TARGET)), "source": plain(owner.cell(WANTED_AS_IN))}
    topic = ""
    if MASK in after:
        topic = "own_secret" if MASK in before else "new_secret"
    elif is_address(path, after):
        topic = "own_address" if is_address(path, before) else "new_address"
    elif before.endswith(ONCE):
        topic = "twice"
    elif is_only_there(change):
        topic = "only_there"
        words["off"] = ", switched off" if "IsActive: false" in before.split("\n") else ""
        tied = [row for row in specification.members_of[owner.key] if is_tied(row, change)]
        added = [change_name(row) for row in tied if not row.cell(BEFORE)]
        named = [change_name(row) for row in tied if row.cell(BEFORE)]
        words["tied"] = "".join(f"; {name} would change nothing beside it" for name in added)
        words["tied"] += "".join(f"; {name} names it there and goes with it" for name in named)
        words["quote"] = path
    if topic:
        yield asked(f"changes.{topic}", change, PATH, **words)
