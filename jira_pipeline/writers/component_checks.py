"""The checks of a ticket about one ShareDo component: statements that fail where it is not right.

Belongs here: what can be seen or tried on the target. Does not: story and analysis
(`component_prose`), checks of changes (`component_changes`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.component_use import (
    TRUE,
    addresses_of,
    called,
    held_files,
    is_plain_step,
    is_switched_off,
    items_within,
    kinds_of_step,
    rows_of,
    says_off,
    secrets_of,
    step_key,
    sub_types_of,
    value_of,
    ways_of,
)
from jira_pipeline.domain.entities import Entity, containing_file
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind, RelationKind
from jira_pipeline.domain.questions.component_questions import entries_of
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.domain.sharedo_packages import ComponentGroup
from jira_pipeline.domain.sharedo_words import (
    TARGET,
    group_of,
    last_name,
    noun_of,
    provider_of,
    sharedo_words,
    system_name_of,
)
from jira_pipeline.domain.ticket_links import link_html
from jira_pipeline.writers.component_changes import change_checks, groups_asking
from jira_pipeline.writers.component_prose import (
    NAMED_MAX,
    approval_stages,
    environment_places,
    main_rows,
    named_outside,
    rights_by_role,
)
from jira_pipeline.writers.english import count_of, in_quotes, is_or_are, listed
from jira_pipeline.writers.fragments import code, codes, quoted, text
from jira_pipeline.writers.group_facts import GroupFacts

_COMPARED_ROLES_MAX = 3
_LISTED_MAX = 12
_BRANCHES_MAX = 6
_OWN_VALUES_MAX = 3
_OUTSIDE_NAMED_MAX = 3
_GUARDING = re.compile(r"field|expression|rules?\[|condition|approv|permission", re.IGNORECASE)
"""What the path of a guard's value says when it is something to be met."""
_REQUIRING = frozenset({"required", "require", "mandatory"})
_THRESHOLD = re.compile(r"Threshold|Limit(?:Amount)?$")
_EVENT = frozenset({"event", "eventname", "eventsystemname"})
_WAITING = re.compile(r"wait|delay|pause|timer")
_DECIDING = frozenset({"decision", "condition", "gateway", "branch", "if", "switch", "approval"})


def component_verification(facts: GroupFacts) -> Iterator[str]:
    """Yield statements that fail where the target differs from the package."""
    if facts.group.kind is not GroupKind.COMPONENT:
        yield from change_checks(facts)
        return
    head = facts.head
    entries = entries_of(head, facts.session.specification)
    _, noun = sharedo_words().main_sections.get(group_of(head), ("", ""))
    items = main_rows(facts)
    target = text(head.cell(TARGET)) or "the target"
    statement = f"The Modeller of {target} shows the {noun_of(head)} “{text(facts.name)}”"
    statement += f" with the system name {code(system_name_of(head))}"
    if items:
        statement += f" and {'the' if len(items) == 1 else 'exactly'} {count_of(len(items), noun)}"
        is_short = len(items) <= _LISTED_MAX
        statement += (
            f": {listed(in_quotes([text(name_of(i)) for i in items]))}"
            if is_short
            else " of the table"
        )
    yield statement
    values = {c.removeprefix("BaseSharedo."): v for c, v in head.cells.items()}
    is_draft = any(says_off(column, v) for column, v in values.items() if "." not in column)
    if is_switched_off(head) or is_draft:
        way_on = "switch it on" if is_switched_off(head) else "put it into use"
        for check in _trials(facts, entries, items):
            begin = check[0].lower() if check.startswith(("A ", "In ", "Each ")) else check[0]
            yield f"Where the answer is to {way_on}: {begin}{check[1:]}"
    else:
        yield from _trials(facts, entries, items)
    yield from _own_permission_checks(facts, entries)
    yield from _field_checks(facts)
    yield from _list_checks(facts, entries)
    yield from _rule_checks(facts, entries)
    if files := held_files(head):
        yield (
            f"{listed([code(f) for f in files])} in {target} has the size that the table states, "
            f"and a document made with {quoted(facts.name)} opens"
        )
    if secrets_of(rows_of(head, facts.session.specification)):
        yield (
            f"Whoever holds the secrets has confirmed that every masked value of "
            f"{quoted(facts.name)} is {target}'s own"
        )
    if outside := named_outside(facts):
        is_short = outside.count("<code>") <= _OUTSIDE_NAMED_MAX
        named = outside if is_short else "all that is not in the package, as listed above,"
        yield f"{text(head.cell(TARGET)) or 'The target'} has {named} for {quoted(facts.name)}"
    package = code(containing_file(head.source.file))
    if not groups_asking(facts):  # else it is built by hand
        yield (
            f"The import of {package} reports neither an error nor a missing dependency for "
            f"{quoted(facts.name)}"
        )
    own = environment_places(facts)
    kept = own if len(own) <= _OWN_VALUES_MAX else [f"{target}'s own values"]
    yield (
        f"{_awaited(facts)} fresh export of {code(system_name_of(head))} from {target}, compared "
        f"with {package}, shows no difference for "
        f"{code(provider_of(head) + ':' + system_name_of(head))}; "
        f"{listed(['ids', 'times', 'versions', *kept])} may differ"
    )


def _trials(
    facts: GroupFacts, entries: Mapping[str, Sequence[Entity]], items: Sequence[Entity]
) -> Iterator[str]:
    """Have it tried, as far as it is in use."""
    head = facts.head
    _, noun = sharedo_words().main_sections.get(group_of(head), ("", ""))
    if group_of(head) is ComponentGroup.WORKFLOWS:
        yield from _run_checks(facts, items)
    elif stages := approval_stages(head, facts.session.specification):
        statement = f"In a test case, {quoted(facts.name)} goes to "
        statement += " and then to ".join(text(stage) for stage in stages)
        limits = [code(c) for c, v in head.cells.items() if _THRESHOLD.search(c) and v]
        yield statement + (f"; {listed(limits)} is tried from both sides" if limits else "")
    elif items and (trial := sharedo_words().trials.get(group_of(head))):
        tried = [text(name_of(item)) for item in items]
        is_short = len(tried) <= NAMED_MAX
        shown = listed(in_quotes(tried)) if is_short else f"the {count_of(len(tried), noun)}"
        yield trial.replace("{items}", shown).replace("{name}", quoted(facts.name))
    if value_of(head, "IsAbstract") == TRUE:
        yield from _abstract_checks(facts)
    else:
        yield from _phase_checks(facts, entries)
        yield from _permission_checks(facts, entries)
        yield from _role_checks(entries)


def _awaited(facts: GroupFacts) -> str:
    """Begin a sentence about an export: it waits for later tickets that it refers to."""
    groups, own = facts.session.groups, facts.group.number
    kinds = {RelationKind.DEFERRED, RelationKind.RECOMMENDED}
    found = {r.group_key or "" for r in facts.group.relations if r.kind in kinds}
    others = [groups[key] for key in found if key in groups]
    later = [g for g in others if g.number > own and g.action is not GroupAction.UPDATE]
    if not later:
        return "A"
    return f"After {listed([link_html(g) for g in sorted(later, key=lambda g: g.number)])}, a"


def _run_checks(facts: GroupFacts, steps: Sequence[Entity]) -> Iterator[str]:
    """Have a workflow run: straight through, or once for each way that a step can take."""
    members = facts.session.specification.members_of.get(facts.head.key, ())
    ways = ways_of(steps, [row for row in members if row not in steps])
    branching = [s for s in steps if len({o.key for _, o in ways.get(step_key(s), ())}) > 1]
    tried = [text(name_of(step)) for step in steps if not is_plain_step(step)]
    if not tried:
        return
    calls = addresses_of(
        [
            row
            for head in (facts.head, *_named_heads(facts))
            for row in rows_of(head, facts.session.specification)
        ]
    )
    safely = " and with test addresses in place of the real ones," if calls else ","
    if branching:
        for step in branching[:_BRANCHES_MAX]:
            onward = [
                f"{f'with {code(outcome)} ' if outcome else ''}to {quoted(name_of(other))}"
                for outcome, other in ways[step_key(step)]
            ]
            yield f"A run goes on from {quoted(name_of(step))} {listed(onward, word='or')}"
        statement = f"Each of these runs of {quoted(facts.name)}, in a test case{safely} ends"
        yield f"{statement} without an error"
        return
    if not ways and any(kinds_of_step(step) & _DECIDING for step in steps):
        return
    is_short = len(tried) <= NAMED_MAX
    whole = listed(in_quotes(tried)) if is_short else f"the {count_of(len(tried), 'step')}"
    statement = (
        f"A run of {quoted(facts.name)}, in a test case{safely} carries out {whole} and ends"
    )
    yield f"{statement} without an error{''.join(_waits(steps))}"


def _waits(steps: Sequence[Entity]) -> Iterator[str]:
    """Say how a tester gets past each wait: by the dates of the case, or by an event."""
    waiting = [s for s in steps if any(_WAITING.match(kind) for kind in kinds_of_step(s))]
    events = {
        step.key: value
        for step in waiting
        for column, value in step.cells.items()
        if value and last_name(column).casefold() in _EVENT
    }
    if dated := [quoted(name_of(step)) for step in waiting if step.key not in events]:
        yield f"; for {listed(dated)} the test case has dates that end the wait"
    for step in waiting:
        if event := events.get(step.key):
            yield f"; {quoted(name_of(step))} waits until somebody raises {code(event)}"


def _named_heads(facts: GroupFacts) -> list[Entity]:
    """Return the components of the session that a component depends on."""
    by_key = facts.session.specification.by_key
    return [head for r in facts.head.references for head in by_key.get(r.target_key or "", ())[:1]]


def _abstract_checks(facts: GroupFacts) -> Iterator[str]:
    """Have it offered as what it is: a type of which there are no cases."""
    below = [text(name_of(t)) for t in sub_types_of(facts.head, facts.session.specification)]
    statement = f"No case of {quoted(facts.name)} itself can be created"
    yield (
        f"{statement}, and {listed(below)} {'shows' if len(below) == 1 else 'show'} it as parent"
        if below
        else statement
    )


def _phase_checks(facts: GroupFacts, entries: Mapping[str, Sequence[Entity]]) -> Iterator[str]:
    """Have a case taken through its phases, and be refused where no transition leads."""
    phases = entries.get("Phases", ())
    transitions = entries.get("PhaseTransitions", ())
    starts = [p for p in phases if p.cell("IsStart") == TRUE]
    guarded = [t for t in transitions if _is_guarded(t, facts)]
    if len(starts) == 1 and transitions:
        yield from _course_checks(facts, starts[0], phases, transitions)
    with_message = [t for t in guarded if _refusals(t, facts)]
    if len(with_message) > NAMED_MAX:
        named = listed([quoted(name_of(t)) for t in with_message])
        statement = f"{named} are refused in a case that does not meet their guards"
        yield f"{statement}, each with the message of the table"
    else:
        for transition in with_message:
            refusals = listed([code(r) for r in _refusals(transition, facts)], word="or")
            statement = f"{quoted(name_of(transition))} is refused in a case that does not meet its"
            guards = "guard" if len(_refusals(transition, facts)) == 1 else "guards"
            yield f"{statement} {guards}, with the message {refusals}"
    if silent := [t for t in guarded if t not in with_message]:
        named = listed([quoted(name_of(t)) for t in silent], at_most=3)
        yield f"{named} {is_or_are(len(silent))} refused in a case that does not meet the guard of the table"


def _refusals(transition: Entity, facts: GroupFacts) -> list[str]:
    """Return what the guards of a transition, or the rules they name, say when they refuse it."""
    ends = ("FailureMessage", "ErrorMessage", "Message")
    guards = [(c, v) for c, v in transition.cells.items() if "Guard" in c and v]
    named = facts.session.component_names.components
    rules = [rule for _, v in guards for rule in named.get(v, ()) if rule.cell("FailureMessage")]
    return [v for c, v in guards if c.endswith(ends)] + [r.cell("FailureMessage") for r in rules]


def _is_guarded(transition: Entity, facts: GroupFacts) -> bool:
    """Tell whether a guard refuses a transition, with no way round it."""
    values = [(c, v) for c, v in transition.cells.items() if "Guard" in c and v]
    can_pass = any(c.endswith("AllowOverride") and v == TRUE for c, v in values)
    return not can_pass and bool(
        _refusals(transition, facts) or any(_GUARDING.search(column) for column, _ in values)
    )


def _course_checks(
    facts: GroupFacts, start: Entity, phases: Sequence[Entity], transitions: Sequence[Entity]
) -> Iterator[str]:
    names = {p.cell("SystemName"): text(name_of(p)) for p in phases}
    ways = [t.cell("ToPhaseSystemName") for t in transitions]
    begin = start.cell("SystemName")
    onward = [
        t.cell("ToPhaseSystemName") for t in transitions if t.cell("FromPhaseSystemName") == begin
    ]
    onward = [names[way] for way in dict.fromkeys(onward) if way in names]
    if onward:
        beginning = (
            f"A new case of {quoted(facts.name)} begins in “{names[begin]}” and can go on to "
        )
        yield f"{beginning}{listed(in_quotes(onward), at_most=NAMED_MAX, word='or')} only"
    left = {t.cell("FromPhaseSystemName") for t in transitions}
    ends = [p for p in phases if p.cell("IsEnd") == TRUE and p.cell("SystemName") in ways]
    final = [text(name_of(end)) for end in ends if end.cell("SystemName") not in left]
    if final:
        yield f"A case taken to {listed(in_quotes(final), word='or')} offers no further transition"


def _permission_checks(facts: GroupFacts, entries: Mapping[str, Sequence[Entity]]) -> Iterator[str]:
    """Have a role refused what another one is allowed; a parent type may allow it all the same."""
    rights = rights_by_role(entries)
    bound = [
        f"{code(role)} may use {code(right)}{within}"
        for role, held in rights.items()
        for right, within in held
        if within
    ]
    if bound:
        permissions = listed(bound, at_most=_COMPARED_ROLES_MAX)
        yield f"In a case of {quoted(facts.name)}, {permissions}"
    if value_of(facts.head, "ParentSystemName"):
        return
    every = list(dict.fromkeys(r for held in rights.values() for r, within in held if not within))
    named_count = 0
    for role, held in rights.items():
        refused = [right for right in every if right not in {r for r, _ in held}]
        holder = next((r for r, h in rights.items() if refused and (refused[0], "") in h), "")
        if refused and named_count < _COMPARED_ROLES_MAX:
            named_count += 1
            yield (
                f"In a case of {quoted(facts.name)}, a participant who is only {code(role)} is "
                f"refused {code(refused[0])}, which {code(holder)} has there"
            )


def _own_permission_checks(
    facts: GroupFacts, entries: Mapping[str, Sequence[Entity]]
) -> Iterator[str]:
    """Have the role's own table looked at, and the limits of a permission tried."""
    rows = entries.get("Permissions", ())
    predicates = []
    for verb, allow in (("allows", TRUE), ("refuses", "false")):
        named = [code(name_of(row)) for row in rows if row.cell("Allow") == allow]
        if named:
            count = f"the {count_of(len(named), 'permission')}"
            predicates.append(f"{verb} {listed(named) if len(named) <= NAMED_MAX else count}")
    if predicates:
        yield f"The table of the {noun_of(facts.head)} {quoted(facts.name)} itself {listed(predicates)}"
    limits = [
        f"{code(name_of(row))} up to {code(row.cell('Limit'))}"
        for section in entries.values()
        for row in section
        if row.cell("Limit") and group_of(facts.head) is ComponentGroup.PERMISSIONS
    ]
    if limits:
        yield f"{quoted(facts.name)} holds for {listed(limits, at_most=NAMED_MAX)}, and is refused above"


def _role_checks(entries: Mapping[str, Sequence[Entity]]) -> Iterator[str]:
    """Have a case refused without the roles it must have."""
    columns = ("MinimumCount", "MinOccurs", "MinOccurrences", "Minimum")
    needed = [
        row
        for row in entries.get("SharedoTypeRoles", ())
        if any(row.cell(column) not in {"", "0"} for column in columns)
    ]
    if needed:
        yield f"A case cannot be saved without {codes(needed, at_most=NAMED_MAX)}"


def _field_checks(facts: GroupFacts) -> Iterator[str]:
    """Have a form refused without its required fields, and its rules and lists tried."""
    if group_of(facts.head) is not ComponentGroup.FORMS:
        return
    section, _ = sharedo_words().main_sections[group_of(facts.head)]
    items = items_within(rows_of(facts.head, facts.session.specification), section)
    entries = entries_of(facts.head, facts.session.specification)
    parts = next((entries[name] for name in ("Pages", "Tabs") if entries.get(name)), ())
    if parts:
        shown = f"the {count_of(len(parts), 'page')} {listed([text(name_of(p)) for p in parts])}"
        yield f"The form shows {shown}, with {count_of(len(items), 'field')} in all"
    named = [(quoted(name), item) for item in items if (name := called(item.values))]
    plain = [(name, item.values) for name, item in named if not item.is_conditional]
    switches = ("IsRequired", "Required", "IsMandatory", "Mandatory")
    needed = [name for name, values in plain if any(values.get(s) == TRUE for s in switches)]
    free = [name for name, values in plain if any(values.get(s) == "false" for s in switches)]
    if needed:
        statement = f"The form cannot be saved without {listed(needed, at_most=_LISTED_MAX)}"
        if free:
            statement += f"; {listed(free, at_most=_LISTED_MAX)} {is_or_are(len(free))} optional"
            is_ruled = any(
                value.casefold() in _REQUIRING
                for rule in entries.get("Rules", ())
                for value in rule.cells.values()
            )
            statement += ", save where a rule of the table says otherwise" if is_ruled else ""
        yield statement
    if ruled := [name for name, item in named if item.has_rules]:
        statement = (
            f"{listed(ruled, at_most=NAMED_MAX)} {is_or_are(len(ruled))} shown, required or refused"
        )
        yield f"{statement} as the rules of the table say, and not otherwise"
    offering: dict[str, list[str]] = {}
    for name, item in named:
        for column, value in item.values.items():
            is_set = column.casefold().endswith(("optionset", "optionsetsystemname"))
            if is_set and value and name not in offering.setdefault(value, []):
                offering[value].append(name)
    for chosen, fields in offering.items():
        verb = "offers" if len(fields) == 1 else "offer"
        yield f"{listed(fields, at_most=NAMED_MAX)} {verb} the options of {code(chosen)}"


def _list_checks(facts: GroupFacts, entries: Mapping[str, Sequence[Entity]]) -> Iterator[str]:
    """Have a list looked at: its columns, its order, what it leaves out."""
    columns = entries.get("Columns", ())
    if noun_of(facts.head) != "list view" or not columns:
        return
    shown = listed([code(c.cell("Field") or name_of(c)) for c in columns], at_most=_LISTED_MAX)
    statement = f"{quoted(facts.name)} shows the columns {shown}"
    ordered = [c for c in columns if any("sort" in k.casefold() and v for k, v in c.cells.items())]
    if ordered:
        statement += f", sorted by {listed([code(c.cell('Field') or name_of(c)) for c in ordered])}"
    if any(column.startswith("Filter") for column in facts.head.cells):
        statement += ", and nothing that its filter leaves out"
    yield statement


def _rule_checks(facts: GroupFacts, entries: Mapping[str, Sequence[Entity]]) -> Iterator[str]:
    """Have each rule of what decides something tried."""
    if group_of(facts.head) is not ComponentGroup.OTHER or entries.get("Columns"):
        return
    if message := facts.head.cell("FailureMessage"):
        yield f"Where it is not met, {quoted(facts.name)} refuses with the message {code(message)}"
    for section, rows in entries.items():
        if section.casefold().endswith("rules"):
            statement = (
                "The one entry" if len(rows) == 1 else f"Each of the {count_of(len(rows), 'entry')}"
            )
            yield f"{statement} of {text(section)} is tried with values that meet it, and takes effect"
