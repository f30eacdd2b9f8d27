"""The prose of a ticket about one ShareDo component: story, analysis, verification.

Belongs here: sentences over a component's entries and dependencies, in the words of
`lexicon_sharedo.toml`. Does not: site specifications (`story`, `analysis`, `verification`), questions
(`domain/questions/component_questions`).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import Entity, containing_file
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind, RelationKind
from jira_pipeline.domain.questions.component_questions import TRUE, entries_of
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.domain.secret_masking import MASK
from jira_pipeline.domain.sharedo_comparison import DifferenceSeverity, rank
from jira_pipeline.domain.sharedo_words import (
    AFTER,
    BEFORE,
    PATH,
    SEVERITY,
    TARGET,
    WANTED_AS_IN,
    group_of,
    noun_of,
    provider_of,
    sharedo_words,
)
from jira_pipeline.writers.english import capitalised, count_of, is_or_are, listed, number, plural
from jira_pipeline.writers.fragments import code, codes, quoted, text
from jira_pipeline.writers.group_facts import GroupFacts

NAMED_MAX = 5
_COMPARED_ROLES_MAX = 3
_SPARED = 3
"""A story names so many more rather than count them."""
_LISTED_MAX = 12
_BOOKKEEPING = "Dependencies["
"""A path of what the package says of itself, which nobody sets."""
_SHOWN_CHARACTERS = 80
"""A longer value is looked up in the table."""
_ADDRESS_STARTS = ("http://", "https://")


def component_story(facts: GroupFacts, names: int) -> tuple[str, str, str]:
    """Return role, wish and benefit: what the entries of the main section let people do."""
    words = sharedo_words()
    group = group_of(facts.head)
    target, source = facts.head.cell(TARGET), facts.head.cell(WANTED_AS_IN)
    match facts.group.kind:
        case GroupKind.COMPONENT_CHANGE:
            wish = f"the {noun_of(facts.head)} “{facts.name}” in {target} to be as in {source}"
            return words.user, wish, f"what was built in {source} works there too"
        case GroupKind.COMPONENT_REVIEW:
            wish = f"a decision on the {noun_of(facts.head)} “{facts.name}”, which {target} has"
            return words.user, f"{wish} and {source} does not", "nothing stays there by accident"
        case _:
            pass
    section, noun = words.main_sections.get(group, ("", ""))
    items = [
        name_of(item)
        for item in _entries(facts).get(section, ())
        if item.cell("Allow") in {TRUE, ""}
    ]
    wish = f"the {noun_of(facts.head)} “{facts.name}”"
    benefit = words.benefits.get(group, "") if items else ""
    counted = f"its {count_of(len(items), noun)}"
    is_short = len(items) <= names + _SPARED
    nouns = noun if len(items) == 1 else plural(noun)
    told = listed([f"“{item}”" for item in items])
    benefit = benefit.replace("{items}", listed(items) if is_short else counted)
    benefit = benefit.replace("{named}", f"the {nouns} {told}" if is_short else counted)
    users = [g.label for g in facts.dependents]
    if not benefit and users:
        benefit = f"{_whole(users, 'component', names)} can use it"
    return words.user, wish, benefit


def component_analysis(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Yield title and text of each bullet: extent, where it runs, what the target must supply."""
    if facts.group.kind is GroupKind.COMPONENT_CHANGE:
        yield from _changes(facts)
        return
    entries = _entries(facts)
    if facts.group.kind is GroupKind.COMPONENT_REVIEW:
        told = f"Only {text(facts.head.cell(TARGET))} has it. Keep it, or take it out of use there"
        yield "Decide", f"{told}; this ticket deletes nothing."
    counted = [
        count_of(len(items), entry_noun(section)) for section, items in entries.items() if items
    ]
    if len(counted) > NAMED_MAX:
        total = sum(len(items) for items in entries.values())
        yield "Holds", f"{total} entries in {number(len(counted))} sections, as in the tables."
    elif counted:
        yield "Holds", f"{capitalised(listed(counted))}."
    yield from _phases(entries)
    yield from _permissions(entries)
    if entries.get("Permissions") and facts.dependents:
        told = f"The table holds for the {noun_of(facts.head)} itself; what a participant may do in"
        yield "Permissions", f"{told} a case of a work type is in the ticket of that work type."
    needed = [listed([text(g.label) for g in facts.dependents])] if facts.dependents else []
    if later := [text(g.label) for g in facts.deferring]:
        verb = "refers" if len(later) == 1 else "refer"
        needed.append(f"{listed(later)}, built earlier, {verb} to it once it is there")
    if needed:
        yield "Needed by", f"{'; '.join(needed)}."
    outside = [r for r in facts.group.relations if r.kind is RelationKind.PREREQUISITE]
    if outside:
        labels = [text(r.label) for r in outside]
        yield "Target", f"{listed(labels, at_most=3)} must exist there before the import."
    if secrets := _places(facts, lambda value: MASK in value):
        verb = is_or_are(len(secrets))
        yield "Secrets", f"{listed(secrets, at_most=3)} {verb} masked; enter the target's own."
    if addresses := _places(facts, lambda value: value.startswith(_ADDRESS_STARTS)):
        told = listed(addresses, at_most=3)
        verb = (
            "holds an address; enter the one"
            if len(addresses) == 1
            else "hold addresses; enter those"
        )
        yield "Addresses", f"{told} {verb} that the target is to call."


def component_verification(facts: GroupFacts) -> Iterator[str]:
    """Yield statements that fail where the target differs from the package."""
    if facts.group.kind is not GroupKind.COMPONENT:
        yield from _compared_again(facts)
        return
    head, entries = facts.head, _entries(facts)
    section, noun = sharedo_words().main_sections.get(group_of(head), ("", ""))
    items = entries.get(section, ())
    told = f"The Modeller of the target shows the {noun_of(head)} {_exactly(_title_of(facts))}"
    told += f" with the system name {code(head.machine_name)}"
    if items:
        told += f" and {'the' if len(items) == 1 else 'exactly'} {count_of(len(items), noun)}"
        is_short = len(items) <= _LISTED_MAX
        told += f": {listed([text(name_of(i)) for i in items])}" if is_short else " of the table"
    yield told
    if items and (trial := sharedo_words().trials.get(group_of(head))):
        tried = [text(name_of(item)) for item in items]
        trial = trial.replace("{items}", _whole(tried, noun, NAMED_MAX))
        yield trial.replace("{name}", quoted(facts.name))
    yield from _phase_checks(facts, entries)
    yield from _permission_checks(facts, entries)
    yield from _role_checks(entries)
    yield from _own_permission_checks(facts, entries)
    yield from _required_fields(entries)
    if secrets := _places(facts, lambda value: MASK in value):
        yield f"{listed(secrets, at_most=3)} {'holds' if len(secrets) == 1 else 'hold'} the target's own value"
    package = containing_file(head.source.file)
    users = [text(group.label) for group in facts.dependents]
    named = listed([quoted(facts.name), *users])
    if len(users) > NAMED_MAX:
        named = f"{quoted(facts.name)} and the {count_of(len(users), 'component')} that need it"
    yield (
        f"The import of {code(package)} reports neither an error nor a missing dependency for {named}"
    )
    own = _places(facts, lambda value: MASK in value or value.startswith(_ADDRESS_STARTS))
    yield (
        f"{_awaited(facts)} fresh export of {code(head.machine_name)} from the target, compared "
        f"with {code(package)}, shows no difference for "
        f"{code(provider_of(head) + ':' + head.machine_name)}; "
        f"{listed(['ids', 'times', 'versions', *own])} may differ"
    )


def _changes(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say how many fields differ, what is grave, and what is taken away."""
    rows = facts.group.members
    counts = Counter(row.cell(SEVERITY) for row in rows)
    said = [s for s in DifferenceSeverity if counts[s]]
    told = capitalised(count_of(len(rows), "change"))
    if len(said) == 1:
        yield "Differs", f"{told} of {said[0]} severity."
    else:
        yield (
            "Differs",
            f"{told}: {listed([f'{number(counts[s])} of {s}' for s in said])} severity.",
        )
    grave = [row for row in rows if row.cell(SEVERITY) == DifferenceSeverity.HIGH]
    if grave and len(grave) < len(rows):
        named = [code(row.cell(PATH)) for row in grave]
        told = _whole(named, "change", NAMED_MAX, of=" of high severity")
        yield "First", f"{capitalised(told)}: phases or permissions. Then the others."
    if new := [row for row in rows if not row.cell(BEFORE)]:
        target = text(facts.head.cell(TARGET))
        named = [code(row.cell(PATH)) for row in new]
        told = _whole(named, "row", NAMED_MAX, of=" with an empty Before")
        yield "Missing", f"{target} lacks {told}."
    if extra := [row for row in rows if not row.cell(AFTER)]:
        target = text(facts.head.cell(TARGET))
        named = [code(row.cell(PATH)) for row in extra]
        told = _whole(named, "row", NAMED_MAX, of=" with an empty After")
        them, go = ("it", "it goes") if len(extra) == 1 else ("them", "they go")
        yield (
            "Only there",
            f"{target} alone has {told}; see that no open case uses {them} before {go}.",
        )


def _compared_again(facts: GroupFacts) -> Iterator[str]:
    """Have the target looked at, then exported and compared again."""
    head, target = facts.head, text(facts.head.cell(TARGET))
    key = code(f"{provider_of(head)}:{head.machine_name}")
    if facts.group.kind is GroupKind.COMPONENT_REVIEW:
        yield f"The notes say whether {quoted(facts.name)} stays in {target}, and who decided it"
        yield (
            f"Where it stays, {text(head.cell(WANTED_AS_IN))} has {key} too, or a note says why not"
        )
        yield f"Where it goes, no case in {target} uses {quoted(facts.name)} any more"
        return
    rows = sorted(facts.group.members, key=lambda r: rank(DifferenceSeverity(r.cell(SEVERITY))))
    grave = [row for row in rows if row.cell(SEVERITY) == DifferenceSeverity.HIGH]
    shown = rows[: max(NAMED_MAX, len(grave))]
    if len(shown) > _LISTED_MAX:
        yield f"Each row of the table is in {target} as it says after the change"
        shown = []
    for row in shown:
        after, path = row.cell(AFTER), code(row.cell(PATH))
        if not after:
            yield f"{path} of {quoted(facts.name)} is gone in {target}, and no open case there uses it"
        elif row.cell(PATH).startswith(_BOOKKEEPING):
            continue
        elif len(after) <= _SHOWN_CHARACTERS and "\n" not in after:
            yield f"{path} of {quoted(facts.name)} is {_exactly(after)} in {target}"
        else:
            yield f"{path} of {quoted(facts.name)} is in {target} as tabled after the change"
    which = f"none of the {count_of(len(rows), 'change')}" if len(rows) > 1 else "no difference"
    yield (
        f"{_awaited(facts)} comparison of fresh exports of {text(head.cell(WANTED_AS_IN))} and "
        f"{target} shows {which} for {key}; ids, times and versions may differ"
    )


def _awaited(facts: GroupFacts) -> str:
    """Begin a sentence about an export: it waits for later tickets that it refers to."""
    groups, own = facts.session.groups, facts.group.number
    kinds = {RelationKind.DEFERRED, RelationKind.RECOMMENDED}
    found = {r.group_key or "" for r in facts.group.relations if r.kind in kinds}
    others = [groups[key] for key in found if key in groups]
    later = sorted(
        g.number for g in others if g.number > own and g.action is not GroupAction.UPDATE
    )
    if not later:
        return "A"
    tickets = f"{'ticket' if len(later) == 1 else 'tickets'} {listed([str(n) for n in later])}"
    return f"After {tickets}, with the references added, a"


def _whole(named: Sequence[str], noun: str, at_most: int, *, of: str = "") -> str:
    """List all that is named, or say how many there are."""
    return listed(named) if len(named) <= at_most else f"the {count_of(len(named), noun)}{of}"


def _exactly(cell: str) -> str:
    """Quote a value as its table has it, brackets and stops included."""
    return f"“{text(cell)}”"


def _title_of(facts: GroupFacts) -> str:
    """Return the name of the component as its settings spell it."""
    spelt = (value for value in facts.head.cells.values() if value.strip("[]") == facts.name)
    return next(spelt, facts.name)


def entry_noun(section: str) -> str:
    """Return what one entry of a section is called: `phase`, `Key facts entry`."""
    return sharedo_words().entry_nouns.get(section) or f"{section} entry"


def _entries(facts: GroupFacts) -> Mapping[str, Sequence[Entity]]:
    return entries_of(facts.head, facts.session.specification)


def _places(facts: GroupFacts, is_meant: Callable[[str], bool]) -> list[str]:
    """Name the values that are meant, in the order of the source: `path` of what holds it."""
    return [
        f"{code(column)} of {quoted(name_of(row))}"
        for row in (facts.head, *facts.group.members)
        for column, value in row.cells.items()
        if is_meant(value)
    ]


def _phases(entries: Mapping[str, Sequence[Entity]]) -> Iterator[tuple[str, str]]:
    """Say where a case begins and ends, and where it can go several ways."""
    phases = entries.get("Phases", ())
    starts = [p for p in phases if p.cell("IsStart") == TRUE]
    ends = [p for p in phases if p.cell("IsEnd") == TRUE]
    if len(starts) == 1 and ends:
        told = f"A case begins in {text(name_of(starts[0]))} and ends in "
        yield "Course", told + f"{listed([text(name_of(e)) for e in ends], word='or')}."


def _permissions(entries: Mapping[str, Sequence[Entity]]) -> Iterator[tuple[str, str]]:
    """Say which role may do most, and which least."""
    rights = _rights_by_role(entries)
    if len(rights) < 2:  # noqa: PLR2004 - one role leaves nothing to compare
        return
    by_count = sorted(rights, key=lambda role: (-len(rights[role]), role))
    most = [role for role in by_count if len(rights[role]) == len(rights[by_count[0]])]
    least = by_count[-1]
    if least not in most:
        few = _whole([code(right) for right in rights[least]], "permission", NAMED_MAX)
        verb = "has" if len(most) == 1 else "have"
        told = f"{_whole([code(role) for role in most], 'role', NAMED_MAX)} {verb} "
        told += count_of(len(rights[most[0]]), "permission")
        yield "Permissions", f"{capitalised(told)}, {code(least)} only {few}."


def _rights_by_role(entries: Mapping[str, Sequence[Entity]]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in entries.get("SharedoTypeRolePermissions", ()):
        role, right = row.cell("ParticipantRoleSystemName"), row.cell("PermissionSystemName")
        is_everywhere = not row.cell("PhaseSystemName")
        if role and right and is_everywhere and row.cell("Allow") in {TRUE, ""}:
            found[role].append(right)
    return found


def _phase_checks(facts: GroupFacts, entries: Mapping[str, Sequence[Entity]]) -> Iterator[str]:
    """Have a case taken through its phases, and be refused where no transition leads."""
    phases = entries.get("Phases", ())
    transitions = entries.get("PhaseTransitions", ())
    starts = [p for p in phases if p.cell("IsStart") == TRUE]
    if len(starts) != 1 or not transitions:
        return
    names = {p.cell("SystemName"): text(name_of(p)) for p in phases}
    start = starts[0].cell("SystemName")
    ways = [t.cell("ToPhaseSystemName") for t in transitions]
    onward = [
        t.cell("ToPhaseSystemName") for t in transitions if t.cell("FromPhaseSystemName") == start
    ]
    onward = [names[way] for way in dict.fromkeys(onward) if way in names]
    if onward:
        told = f"A new case of {quoted(facts.name)} begins in {names[start]} and can go on to "
        yield f"{told}{listed(onward, at_most=NAMED_MAX, word='or')} only"
    ends = [p for p in phases if p.cell("IsEnd") == TRUE and p.cell("SystemName") in ways]
    if ends:
        left = {t.cell("FromPhaseSystemName") for t in transitions}
        final = [text(name_of(end)) for end in ends if end.cell("SystemName") not in left]
        if final:
            yield f"A case taken to {listed(final, word='or')} offers no further transition"


def _permission_checks(facts: GroupFacts, entries: Mapping[str, Sequence[Entity]]) -> Iterator[str]:
    """Have a role refused what another one is allowed."""
    rights = _rights_by_role(entries)
    every = list(dict.fromkeys(right for held in rights.values() for right in held))
    told = 0
    for role, held in rights.items():
        refused = [right for right in every if right not in held]
        holder = next((r for r, h in rights.items() if refused and refused[0] in h), "")
        if refused and told < _COMPARED_ROLES_MAX:
            told += 1
            yield (
                f"In a case of {quoted(facts.name)}, a participant who is only {code(role)} is "
                f"refused {code(refused[0])}, which {code(holder)} has there"
            )


def _own_permission_checks(
    facts: GroupFacts, entries: Mapping[str, Sequence[Entity]]
) -> Iterator[str]:
    """Have the role's own table looked at: what a work type adds is checked with the work type."""
    rows = entries.get("Permissions", ())
    given = [code(name_of(row)) for row in rows if row.cell("Allow") == TRUE]
    refused = [code(name_of(row)) for row in rows if row.cell("Allow") == "false"]
    told = [f"allows {_whole(given, 'permission', NAMED_MAX)}"] if given else []
    told += [f"refuses {_whole(refused, 'permission', NAMED_MAX)}"] if refused else []
    if told:
        yield f"The table of the {noun_of(facts.head)} {quoted(facts.name)} itself {listed(told)}"


def _role_checks(entries: Mapping[str, Sequence[Entity]]) -> Iterator[str]:
    """Have a case refused without the roles it must have."""
    needed = [
        row
        for row in entries.get("SharedoTypeRoles", ())
        if row.cell("MinimumCount") not in {"", "0"}
    ]
    if needed:
        yield f"A case cannot be saved without {codes(needed, at_most=NAMED_MAX)}"


def _required_fields(entries: Mapping[str, Sequence[Entity]]) -> Iterator[str]:
    """Have a form refused without its required fields, and accepted without the others."""
    fields = entries.get("Fields", ())
    needed = [f for f in fields if f.cell("IsRequired") == TRUE]
    free = [f for f in fields if f.cell("IsRequired") == "false"]
    if needed:
        told = f"The form cannot be saved without {codes(needed, at_most=NAMED_MAX)}"
        if free:
            verb = "is" if len(free) == 1 else "are"
            told += f"; {codes(free, at_most=3)} {verb} optional"
        yield told
