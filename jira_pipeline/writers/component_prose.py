"""The prose of a ticket about one ShareDo component of a package: story and analysis.

Belongs here: sentences over a component's entries and dependencies, in the words of
`lexicon_sharedo.toml`. Does not: its checks (`component_checks`), what differs between environments
(`component_changes`), questions (`domain/questions/component_questions`).
"""

from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.component_use import (
    FALSE,
    TRUE,
    EnvironmentValue,
    addresses_of,
    called,
    held_files,
    is_plain_step,
    is_switched_off,
    items_within,
    kept_elsewhere,
    named_components,
    named_elsewhere,
    rows_of,
    secrets_of,
    sub_types_of,
    value_of,
)
from jira_pipeline.domain.entities import Entity, EntityKind, Specification, containing_file
from jira_pipeline.domain.entity_groups import EntityGroup, GroupKind
from jira_pipeline.domain.questions.component_questions import entries_of, is_kept
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.domain.sharedo_packages import ComponentGroup
from jira_pipeline.domain.sharedo_words import (
    TARGET,
    WANTED_AS_IN,
    group_of,
    noun_of,
    section_of,
    sharedo_words,
    system_name_of,
)
from jira_pipeline.domain.ticket_links import link_html
from jira_pipeline.writers.component_changes import change_analysis, groups_asking, review_analysis
from jira_pipeline.writers.english import (
    capitalised,
    count_of,
    in_quotes,
    is_or_are,
    listed,
    plural,
)
from jira_pipeline.writers.fragments import code, quoted, text
from jira_pipeline.writers.group_facts import GroupFacts

NAMED_MAX = 5
_SPARED = 3
"""A story names so many more rather than count them."""
_RIGHTS_LISTED_MAX = 7
"""More of them are read better in their table."""
_NAMES_LISTED_MAX = 8
_TRIGGERS_LISTED_MAX = 3
_PLACES_MAX = 4


def component_story(facts: GroupFacts, names: int) -> tuple[str, str, str]:
    """Return role, wish and benefit: what the entries of the main section let people do."""
    words = sharedo_words()
    head, noun = facts.head, noun_of(facts.head)
    target, source = head.cell(TARGET), head.cell(WANTED_AS_IN)
    match facts.group.kind:
        case GroupKind.COMPONENT_CHANGE if all(is_kept(row) for row in facts.group.members):
            wish = f"a decision on secrets and addresses of the {noun} “{facts.name}” in {target}"
            return words.user, wish, f"{target} uses those of {source} only where that is meant"
        case GroupKind.COMPONENT_CHANGE:
            wish = f"the {noun} “{facts.name}” in {target} to be as in {source}"
            return words.user, wish, f"what was built in {source} works there too"
        case GroupKind.COMPONENT_REVIEW:
            wish = f"a decision on the {noun} “{facts.name}”, which {target} has and {source} does"
            return words.user, f"{wish} not", "nothing stays there by accident"
        case _:
            pass
    wish = f"the {noun} “{facts.name}”"
    sub_types = sub_types_of(head, facts.session.specification)
    if value_of(head, "IsAbstract") == TRUE and sub_types:
        called_by = _whole([name_of(t) for t in sub_types], "sub type", names + _SPARED)
        return words.user, wish, f"{called_by} can build on it"
    entry_noun, items = main_items(facts)
    is_short = len(items) <= names + _SPARED
    counted = f"its {count_of(len(items), entry_noun)}"
    nouns = entry_noun if len(items) == 1 else plural(entry_noun)
    is_choice = entry_noun != "option" or len(items) > 1
    benefit = words.benefits.get(group_of(head), "") if items and is_choice else ""
    if group_of(head) is ComponentGroup.WORK_TYPES and is_short:
        benefit = _course(main_rows(facts)) or benefit
    benefit = benefit.replace("{items}", listed(in_quotes(items)) if is_short else counted)
    names_text = listed([f"“{item}”" for item in items])
    benefit = benefit.replace("{named}", f"the {nouns} {names_text}" if is_short else counted)
    users = [g.label for g in facts.session.naming.get(head.key, ())]
    if not benefit and (stages := approval_stages(head, facts.session.specification)):
        benefit = f"it is decided by {' and then by '.join(stages)}"
    elif group_of(head) is ComponentGroup.TEMPLATES and not benefit:
        benefit = words.purposes.get(noun, "")
    if not benefit and users:
        benefit = f"{_whole(users, 'component', names)} can use it"
    at_last = f"cases can use it {'once it is switched on' if is_switched_off(head) else 'there'}"
    return words.user, wish, benefit or words.purposes.get(noun, at_last)


def _course(phases: Sequence[Entity]) -> str:
    """Say from where to where a case goes, empty where that is not marked."""
    starts = [name_of(p) for p in phases if p.cell("IsStart") == TRUE]
    ends = [name_of(p) for p in phases if p.cell("IsEnd") == TRUE]
    others = [name_of(p) for p in phases if name_of(p) not in {*starts, *ends}]
    if len(starts) != 1 or not ends:
        return ""
    through = f" through {listed(in_quotes(others))}" if others else ""
    return f"my cases move from “{starts[0]}”{through} to {listed(in_quotes(ends), word='or')}"


def main_items(facts: GroupFacts) -> tuple[str, list[str]]:
    """Return the noun and the names of the entries that say what a component is about."""
    section, noun = sharedo_words().main_sections.get(group_of(facts.head), ("", ""))
    rows = main_rows(facts)
    items = [
        name_of(row)
        for row in rows
        if FALSE not in {row.cell(column) for column in ("Allow", "Active", "IsActive")}
        and not is_plain_step(row)
    ]
    if not rows:
        within = items_within(rows_of(facts.head, facts.session.specification), section)
        items = [name for item in within if (name := called(item.values))]
    return noun, items


def main_rows(facts: GroupFacts) -> Sequence[Entity]:
    """Return the entries of the list that says what a component is about."""
    section, _ = sharedo_words().main_sections.get(group_of(facts.head), ("", ""))
    entries = entries_of(facts.head, facts.session.specification)
    return next((entries[name] for name in section.split("|") if entries.get(name)), ())


def component_analysis(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Yield title and text of each bullet: how it gets there, where it runs, what it needs."""
    if facts.group.kind is GroupKind.COMPONENT_CHANGE:
        yield from change_analysis(facts)
        return
    if facts.group.kind is GroupKind.COMPONENT_REVIEW:
        yield from review_analysis(facts)
        return
    entries = entries_of(facts.head, facts.session.specification)
    yield from _way(facts)
    description = value_of(facts.head, "Description")
    if description and not facts.head.cell("Description"):  # which the story quotes
        yield "Purpose", f"{quoted(description)}."
    yield from _phases(entries)
    yield from _permissions(entries)
    if entries.get("Permissions") and facts.dependents:
        sentence = (
            f"The table holds for the {noun_of(facts.head)} itself; what a participant may do in"
        )
        yield "Permissions", f"{sentence} a case of a work type is in the ticket of that work type."
    if value_of(facts.head, "IsAbstract") == TRUE:
        below = [text(name_of(t)) for t in sub_types_of(facts.head, facts.session.specification)]
        sentence = f"; cases are created of {listed(below, word='or')}" if below else ""
        yield "Abstract", f"No case can be created of it{sentence or ', only of its sub types'}."
    yield from _starts(facts)
    yield from _needed_by(facts)
    yield from _uses(facts)
    yield from _environment(facts)


def _way(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say once how the component gets to the target."""
    package = containing_file(facts.head.source.file)
    same = [
        g
        for g in facts.session.groups.values()
        if g.heads and containing_file(g.heads[0].source.file) == package
    ]
    target = text(facts.head.cell(TARGET)) or "the target"
    if len(same) == 1:
        instruction = f"Import {code(package)} into {target}; the tables are for the check"
    elif asking := groups_asking(facts):
        instruction = (
            f"Export it alone from {text(facts.head.cell(WANTED_AS_IN))} and import that into "
        )
        instruction += (
            f"{target}, or build it by hand, as the tables say; an import of {code(package)} "
        )
        yield "How", f"{instruction}would also overwrite what the questions of {asking} leave open."
        return
    else:
        instruction = (
            f"One import of {code(package)} into {target} brings this and everything else in "
        )
        instruction += "it; the tables are for the check"
    yield "How", f"{instruction}, or for building by hand where no import is possible."


def approval_stages(head: Entity, specification: Specification) -> list[str]:
    """Name the stages of an approval in their order: by name, else by who decides."""
    if noun_of(head) != "approval":
        return []
    found = []
    for row in entries_of(head, specification).get("Stages", ()):
        approvers = [v for c, v in row.cells.items() if c.startswith("Approver") and v]
        names = [name] if (name := row.cell("Name") or row.cell("Title")) else approvers
        found.append(listed(in_quotes(names or [name_of(row)])))
    return found


def _starts(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say what starts a workflow: its own trigger, and those of work types."""
    if group_of(facts.head) is not ComponentGroup.WORKFLOWS:
        return
    own = [code(v) for c, v in facts.head.cells.items() if c.startswith("Trigger.") and v]
    ways = [f"by its own trigger ({', '.join(own)})"] if own else []
    specification = facts.session.specification
    for component in specification.by_kind[EntityKind.COMPONENT]:
        entries = entries_of(component, specification)
        for trigger in (t for name in entries if name.endswith("Triggers") for t in entries[name]):
            if system_name_of(facts.head) in trigger.cells.values():
                event = trigger.cell("EventType") or trigger.cell("EventSystemName")
                when = f" ({code(event)})" if event else ""
                starter = f"by the trigger {quoted(name_of(trigger))}{when}"
                ways.append(f"{starter} of {text(name_of(component))}")
    if ways:
        twice = "; see that one case does not start it twice" if own and len(ways) > 1 else ""
        yield "Starts", f"{capitalised(listed(ways, at_most=_TRIGGERS_LISTED_MAX))}{twice}."


def _needed_by(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    users = [text(g.label) for g in facts.dependents]
    needed = [listed(users, at_most=_NAMES_LISTED_MAX)] if users else []
    if later := [text(g.label) for g in facts.deferring]:
        verb = "refers" if len(later) == 1 else "refer"
        needed.append(f"{listed(later)}, built earlier, {verb} to it once it is there")
    if needed:
        yield "Needed by", f"{'; '.join(needed)}."
    listed_elsewhere = {g.key for g in (*facts.dependents, *facts.deferring, facts.group)}
    naming = facts.session.naming.get(facts.head.key, ())
    if others := [text(g.label) for g in naming if g.key not in listed_elsewhere]:
        yield "Named by", f"{listed(others, at_most=_NAMES_LISTED_MAX)}."


def _uses(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say what the values name beside the stated dependencies, and what of it is switched off."""
    session, head = facts.session, facts.head
    named = named_components(head, session.specification, session.component_names)
    stated = {r.target_key for r in head.references}
    others = []
    for key, (other, section) in named.items():
        group = session.making.get(key)
        if key not in stated and group is not None and group.key != facts.group.key:
            is_later = group.number > facts.group.number and group.kind is GroupKind.COMPONENT
            later = ", built later," if is_later else ""
            others.append(f"{_ticketed(other, group)}{later} in {text(section)}")
    if others:
        yield "Also names", f"{listed(others)}."
    used = {k: o for k in stated if k and (o := _component(facts, k))}
    used |= {key: other for key, (other, _) in named.items()}
    off = [
        _ticketed(other, group)
        for key, other in sorted(used.items())
        if is_switched_off(other) and (group := session.making.get(key))
    ]
    if off:
        sentence = (
            f"{listed(off)}, which it names, {is_or_are(len(off))} switched off in the package"
        )
        yield "Switched off", f"{sentence}: see the question there first."
    if elsewhere := named_outside(facts):
        it = "it" if elsewhere.count("<code>") == 1 else "them"
        sentence = f"its values name {it}, and no ticket here brings {it}"
        is_more = any(r.target_key is None and r.is_required for r in head.references)
        besides = ", besides what the question is about" if is_more else ""
        yield "Not in the package", f"{capitalised(elsewhere)}{besides}: {sentence}."
    if files := held_files(head):
        shown = listed([code(f) for f in files])
        verb, it = ("comes", "it") if len(files) == 1 else ("come", "them")
        if groups_asking(facts):  # it may be built by hand
            package = code(containing_file(head.source.file))
            by_hand = f"by hand, take {it} from the files of {package} and upload {it}"
            yield "Files", f"{shown} {verb} with the export; {by_hand}."
        else:
            yield "Files", f"{shown} {verb} with it, in the package's files."


def is_order_only(facts: GroupFacts, other: EntityGroup) -> bool:
    """Tell whether a manifest states a dependency that no value of the component names."""
    if facts.group.kind is not GroupKind.COMPONENT:
        return False
    session = facts.session
    named = named_components(facts.head, session.specification, session.component_names)
    return not any(head.key in named for head in other.heads)


def is_part_of(facts: GroupFacts, other: EntityGroup) -> bool:
    """Tell whether a component is selected by the name of another one, which holds it."""
    if facts.group.kind is not GroupKind.COMPONENT:
        return False
    selector = facts.head.machine_name
    names = [f'"{system_name_of(head)}"' for head in other.heads]
    return selector.startswith("{") and any(name in selector for name in names)


def named_outside(facts: GroupFacts) -> str:
    """List by kind what values name and neither a package nor a stated dependency is."""
    session = facts.session
    found = named_elsewhere(facts.head, session.specification, session.component_names)
    return listed(
        [
            f"the {kind if len(names) == 1 else plural(kind)} "
            f"{listed([code(name) for name in names])}"
            for kind, names in found.items()
        ]
    )


def _environment(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say which values belong to the environment; its secrets are asked for."""
    rows = rows_of(facts.head, facts.session.specification)
    secrets, elsewhere, addresses = secrets_of(rows), kept_elsewhere(rows), addresses_of(rows)
    if elsewhere:
        sentence = listed(
            [f"{code(v.value)} in {_place(v.row, v.column, facts.head)}" for v in elsewhere]
        )
        yield "Vault", f"{sentence} must be known to the target under that name."
    if addresses:
        sentence = _places(addresses, facts.head)
        verb = "is an address" if len(addresses) == 1 else "are addresses"
        them = "that" if len(addresses) == 1 else "those"
        brought = f"an import brings {them} of the package, so enter the target's own"
        yield "Addresses", f"{sentence} {verb} of the environment: {brought}."
    if (secrets or addresses) and value_of(facts.head, "IsEnabled") == TRUE:
        sentence = "It is switched on in the package, so it begins to work with the import"
        yield "Switched on", f"{sentence}; have these values ready, or switch it off until then."


def environment_places(facts: GroupFacts) -> list[str]:
    """Name the values of a component that are the target's own."""
    rows = rows_of(facts.head, facts.session.specification)
    return [_place(v.row, v.column, facts.head) for v in (*secrets_of(rows), *addresses_of(rows))]


def _places(values: Sequence[EnvironmentValue], head: Entity) -> str:
    return listed([_place(v.row, v.column, head) for v in values], at_most=_PLACES_MAX)


def _place(row: Entity, column: str, head: Entity) -> str:
    """Say where a value is: its path, or the entry and its field."""
    if row.key == head.key:
        return code(column)
    section = section_of(row).rpartition(".")[2]
    of = quoted(name_of(row))
    return (
        f"{of} of {text(section)}"
        if column == "Value"
        else f"{code(column)} of {of} in {text(section)}"
    )


def _component(facts: GroupFacts, key: str) -> Entity | None:
    return next(iter(facts.session.specification.by_key.get(key, ())), None)


def _ticketed(component: Entity, group: EntityGroup) -> str:
    return f"{noun_of(component)} {text(name_of(component))} ({link_html(group)})"


def _whole(named: Sequence[str], noun: str, at_most: int) -> str:
    """List all that is named, or say how many there are."""
    return (
        listed(in_quotes(named)) if len(named) <= at_most else f"the {count_of(len(named), noun)}"
    )


def _phases(entries: Mapping[str, Sequence[Entity]]) -> Iterator[tuple[str, str]]:
    """Say where a case begins and ends."""
    phases = entries.get("Phases", ())
    starts = [p for p in phases if p.cell("IsStart") == TRUE]
    ends = [p for p in phases if p.cell("IsEnd") == TRUE]
    if len(starts) == 1 and ends:
        beginning = f"A case begins in {quoted(name_of(starts[0]))} and ends in "
        named = in_quotes([text(name_of(end)) for end in ends])
        yield "Course", beginning + f"{listed(named, word='or')}."


def _permissions(entries: Mapping[str, Sequence[Entity]]) -> Iterator[tuple[str, str]]:
    """Say what each role may do, with the phase it is bound to; many are left to the table."""
    rights = [
        f"{code(role)}: {listed([code(right) + within for right, within in held])}"
        for role, held in rights_by_role(entries).items()
        if len(held) <= NAMED_MAX
    ]
    count = sum(len(held) for held in rights_by_role(entries).values())
    if rights and len(rights) == len(rights_by_role(entries)) and count <= _RIGHTS_LISTED_MAX:
        yield "Permissions", f"{capitalised('; '.join(rights))}."


def rights_by_role(
    entries: Mapping[str, Sequence[Entity]],
) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Return what each role is allowed, with ` (in PHASE)` where it is bound to a phase."""
    phases = {p.cell("SystemName"): text(name_of(p)) for p in entries.get("Phases", ())}
    found: dict[str, list[tuple[str, str]]] = {}
    for row in entries.get("SharedoTypeRolePermissions", ()):
        role, right = row.cell("ParticipantRoleSystemName"), row.cell("PermissionSystemName")
        if role and right and row.cell("Allow") in {TRUE, ""}:
            phase = row.cell("PhaseSystemName")
            within = f" (in {phases.get(phase) or code(phase)})" if phase else ""
            found.setdefault(role, []).append((right, within))
    return found
