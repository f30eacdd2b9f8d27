"""The prose of a ticket about what differs of one ShareDo component between two environments.

Belongs here: analysis and checks of changes, and of components that only the target has. Does not:
components to be created (`component_prose`, `component_checks`), what differs
(`domain/sharedo_comparison`).
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from jira_pipeline.domain.component_use import FALSE, TRUE, is_switched_off
from jira_pipeline.domain.entities import Entity, containing_file
from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.domain.questions.component_questions import (
    is_asked,
    is_kept,
    is_only_there,
    is_tied,
)
from jira_pipeline.domain.sharedo_comparison import FILE_PROVIDER, DifferenceSeverity, rank
from jira_pipeline.domain.sharedo_words import (
    ADDRESSES,
    AFTER,
    BEFORE,
    BUILDS,
    NEW_NAMES,
    PATH,
    SEVERITY,
    TARGET,
    USED_THERE,
    WANTED_AS_IN,
    change_name,
    change_noun,
    noun_of,
    provider_of,
    system_name_of,
)
from jira_pipeline.domain.ticket_links import link_html
from jira_pipeline.writers.english import capitalised, count_of, is_or_are, listed, number
from jira_pipeline.writers.fragments import code, quoted, text, with_code
from jira_pipeline.writers.group_facts import GroupFacts

_NAMED_MAX = 5
_LISTED_MAX = 12
_BOOKKEEPING = "Dependencies["
"""A path of what the package says of itself, which nobody sets."""
_SHOWN_CHARACTERS = 80
"""A longer value is looked up in the table."""
_OWN_NAMES = frozenset({"Name", "Title", "BaseSharedo.Name", "BaseSharedo.Title"})
_WHOLE_NUMBER = re.compile(r"^(-?\d+)\.0+$")
_REQUIRED = re.compile(r"\]\.(?:Is)?(?:Required|Mandatory)$")
_OPTION = re.compile(r"(?:Options|Values|Items)\[[^\[\]]+\](?:\.\w+)?$")
_SWITCHES = frozenset({"isactive", "active", "isenabled", "enabled"})
_BEGIN = re.compile(r"^FromPhaseSystemName: (.+)$", re.MULTILINE)
_END = re.compile(r"^ToPhaseSystemName: (.+)$", re.MULTILINE)
_BEFORE_OTHERS = ("Phases", "SharedoTypeRoles", "Menus", "Sections", "Steps")
"""Sections whose entries others name: they are changed first."""


def review_analysis(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say that somebody decides, and nothing else is done."""
    sentence = f"Only {text(facts.head.cell(TARGET))} has it"
    if is_switched_off(facts.head):
        sentence += ", switched off. Keep it so, or remove it there"
    else:
        sentence += ". Keep it, or take it out of use there"
    yield "Decide", f"{sentence}; this ticket deletes nothing."
    if users := facts.head.cell(USED_THERE):
        named = listed([text(user) for user in users.split("\n")])
        yield "Used by", f"In {text(facts.head.cell(TARGET))}, {named}."
    else:
        package = code(containing_file(facts.head.source.file))
        yield "Used by", f"No other component of {package} names it."


def change_analysis(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say how to make the changes, what is grave, what is new and what only the target has."""
    rows, head = facts.group.members, facts.head
    target = text(head.cell(TARGET))
    yield from _way(facts)
    if provider_of(head) == FILE_PROVIDER:
        return
    counts = Counter(row.cell(SEVERITY) for row in rows)
    severities = [s for s in DifferenceSeverity if counts[s]]
    if len(severities) > 1:
        counts_text = listed([f"{number(counts[s])} of {s}" for s in severities])
        yield "Differs", f"{capitalised(count_of(len(rows), 'change'))}: {counts_text} severity."
    grave = [row for row in rows if row.cell(SEVERITY) == DifferenceSeverity.HIGH]
    if grave and len(grave) < len(rows):
        counted = f"the {count_of(len(grave), 'change')} of high severity"
        begin = _names(grave) if len(grave) <= _NAMED_MAX else counted
        yield (
            "First",
            f"Begin with {begin}, which {is_or_are(len(grave))} about phases or permissions.",
        )
    for title, found, verb in (
        ("Missing", [r for r in rows if not r.cell(BEFORE) and not _is_order(r)], "lacks"),
        ("Only there", [r for r in rows if is_only_there(r)], "alone has"),
    ):
        if found:
            nouns = Counter(change_noun(row) for row in found)
            counted = listed([count_of(count, noun) for noun, count in nouns.items()])
            named = _names(found) if len(found) <= _NAMED_MAX else counted
            asked = "" if title == "Missing" else "; the question decides what happens to it"
            asked = asked.replace(" it", " them") if len(found) > 1 else asked
            yield title, f"{target} {verb} {named}{asked}."
    yield from _notes(facts)


def _notes(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say what to know beside the changes: order, names, documents, cases, builds."""
    rows, head = facts.group.members, facts.head
    target, source = text(head.cell(TARGET)), text(head.cell(WANTED_AS_IN))
    if order := [row for row in rows if _is_order(row)]:
        stated = []
        for row in order:
            key = row.cell(PATH).removeprefix(_BOOKKEEPING).removesuffix("]")
            group = facts.session.making.get(f"{head.kind}:{key}")
            ticketed = f" ({link_html(group)})" if group is not None else ""
            side = source if row.cell(AFTER) else target
            stated.append(f"{code(row.cell(PATH))} of {side}{ticketed}")
        predicate = "states an order" if len(order) == 1 else "state an order"
        yield "Order", f"{listed(stated)} {predicate} of import: nothing to set."
    if new := head.cell(NEW_NAMES):
        named = listed(
            [f"the {text(k)} {code(v)}" for k, _, v in (n.partition(": ") for n in new.split("\n"))]
        )
        it = "it" if "\n" not in new else "them"
        predicate = (
            f"new values name {it}, no package holds {it}, and {target} does not use {it} so far"
        )
        yield "Not in the packages", f"{capitalised(named)}: {predicate}."
    yield from _existing_cases(rows)
    for row in rows:
        before, after = (row.cell(side).split("\n")[1:] for side in (BEFORE, AFTER))
        if row.cell(PATH) in _OWN_NAMES:
            yield "Name", f"{target} calls it {quoted(row.cell(BEFORE))} so far."
        if row.cell(PATH).startswith("Files[") and (before or after):
            yield "Text", f"{_change_words(before, after)}."
    if builds := head.cell(BUILDS):
        predicate = f"{text(builds)}; a difference may come from the platform"
        yield "Builds", f"{predicate} and not from the configuration of {source}."


def _way(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say how to make the changes: by values, by files, or not at all where a value stays."""
    head, target = facts.head, text(facts.head.cell(TARGET))
    package = code(containing_file(head.source.file))
    if provider_of(head) == FILE_PROVIDER:
        instruction = (
            f"Find out what uses the file in {target}: no component of the packages names it"
        )
        yield "How", f"{instruction}. Then put the one of {package} in its place."
        return
    rows = [row for row in facts.group.members if not _is_order(row)]
    files = [row for row in rows if row.cell(PATH).startswith("Files[") and row.cell(AFTER)]
    own = [row for row in rows if is_kept(row)]
    kept = f"{target} keeps its own {listed([code(row.cell(PATH)) for row in own])} unless the answer says otherwise"
    if rows and len(own) == len(rows):
        them = "it" if len(own) == 1 else "them"
        yield "How", f"Nothing is to be set yet: {kept}. An import of {package} overwrites {them}."
        return
    names = [row.cell(PATH).removeprefix("Files[").removesuffix("]") for row in files]
    replaced = f"replace {listed([code(name) for name in names])} by what {package} has"
    instruction = f"In the Modeller of {target}, {replaced}"
    if not files or len(files) + len(own) < len(rows):
        instruction = f"Set the values of the table in the Modeller of {target}"
        instruction += f", and {replaced}" if files else ""
    instruction += f"; {kept}" if own else ""
    asking = groups_asking(facts)
    would = f"an import of {package} would also overwrite what the questions of {asking} leave open"
    if any(is_asked(row) for row in rows) or head.cell(ADDRESSES):
        yield (
            "How",
            f"{instruction}. {capitalised(would)}; it is an alternative once they are answered.",
        )
    elif asking:
        alone = f"import an export of it alone from {text(head.cell(WANTED_AS_IN))}"
        yield "How", f"{instruction}, or {alone}; {would}."
    else:
        yield (
            "How",
            f"{instruction}, or import {package}, which brings everything else in it as well.",
        )


def groups_asking(facts: GroupFacts) -> str:
    """Name the tickets whose questions an import of the package would decide, this one first."""
    own, package = facts.group, containing_file(facts.head.source.file)
    asking = [
        group
        for group in facts.session.groups.values()
        if group.kind is GroupKind.COMPONENT_CHANGE
        and containing_file(group.heads[0].source.file) == package
        and (group.heads[0].cell(ADDRESSES) or any(is_asked(row) for row in group.members))
    ]
    others = sorted(
        (group for group in asking if group.key != own.key), key=lambda group: group.number
    )
    here = ["this ticket"] if len(others) < len(asking) else []
    return listed([*here, *map(link_html, others)])


def _is_order(change: Entity) -> bool:
    return change.cell(PATH).startswith(_BOOKKEEPING)


def change_checks(facts: GroupFacts) -> Iterator[str]:
    """Have the target looked at, then exported and compared again."""
    head, target = facts.head, text(facts.head.cell(TARGET))
    source = text(head.cell(WANTED_AS_IN))
    key = code(f"{provider_of(head)}:{system_name_of(head)}")
    if facts.group.kind is GroupKind.COMPONENT_REVIEW:
        statement = f"whether {quoted(facts.name)} stays in {target}, and who decided it"
        yield f"A comment on this ticket says {statement}"
        yield f"Where it stays, {source} has {key} too, or the comment says why not"
        it = "no case" if noun_of(head) == "work type" else "nothing"
        yield f"Where it goes, {it} in {target} uses {quoted(facts.name)} any more"
        return
    rows = sorted(facts.group.members, key=_order)
    asked = [r for r in rows if is_asked(r) or any(is_tied(r, other) for other in rows)]
    plain = [r for r in rows if r not in asked and not _is_order(r)]
    shown = plain
    if len(shown) > _LISTED_MAX:
        besides = ", save for those the questions are about" if asked else ""
        yield f"Each row of the table is in {target} as it says after the change{besides}"
        shown = []
    for row in shown:
        after, named = row.cell(AFTER), capitalised(with_code(change_name(row)))
        if not after:
            yield f"{named} of {quoted(facts.name)} is empty in {target}"
        elif row.cell(PATH).startswith("Files[") or provider_of(head) == FILE_PROVIDER:
            file = row.cell(PATH).removeprefix("Files[").rstrip("]")
            file = facts.name if provider_of(head) == FILE_PROVIDER else file
            first_line = text(after.split("\n")[0])
            yield f"{code(file)} in {target} has the content of {source}: {first_line}"
        elif len(after) <= _SHOWN_CHARACTERS and "\n" not in after:
            shown_value = text(_WHOLE_NUMBER.sub(r"\1", after))
            refused = ", and the form cannot be saved without it" if _is_required(row) else ""
            yield f"{named} of {quoted(facts.name)} is “{shown_value}” in {target}{refused}"
        else:
            statement = f"{named} of {quoted(facts.name)} is in {target} as tabled after the change"
            ends = [_END.search(after), _BEGIN.search(after)]
            if row.cell(PATH).startswith("PhaseTransitions[") and all(ends):
                begin, end = (code(found[1]) for found in reversed(ends) if found)
                statement += f", and takes a case from {begin} to {end}"
            yield statement
    if asked:
        is_short = len(asked) <= _NAMED_MAX
        statement = capitalised(_names(asked)) if is_short else "What the questions are about"
        verb = "is" if len(asked) == 1 or not is_short else "are"
        yield f"{statement} {verb} in {target} as the answers to the questions say"
    which = f"none of the {count_of(len(rows), 'change')}" if len(rows) > 1 else "no difference"
    kept = ["ids", "times", "versions", *(["what the answers keep"] if asked else [])]
    yield (
        f"A comparison of fresh exports of {source} and {target} shows {which} for {key}; "
        f"{listed(kept)} may differ"
    )


def _order(row: Entity) -> tuple[int, int, str]:
    """Sort by severity, then what others name before them."""
    path = row.cell(PATH)
    is_first = path.partition("[")[0] in _BEFORE_OTHERS
    return (rank(DifferenceSeverity(row.cell(SEVERITY))), 0 if is_first else 1, path)


def _names(rows: Sequence[Entity]) -> str:
    return listed([with_code(change_name(row)) for row in rows])


def _change_words(before: Sequence[str], after: Sequence[str]) -> str:
    """Say in one line what a document says now and what it is to say."""
    if len(before) == len(after) == 1:
        return f"{quoted(before[0])} becomes {quoted(after[0])}"
    parts = [f"without {listed([quoted(p) for p in before], at_most=3)}"] if before else []
    parts += [f"with {listed([quoted(p) for p in after], at_most=3)}"] if after else []
    return f"The document is to be {', and '.join(parts)}"


def _is_required(change: Entity) -> bool:
    """Tell whether a field of a form is required from now on."""
    return change.cell(AFTER) == TRUE and _REQUIRED.search(change.cell(PATH)) is not None


def _existing_cases(rows: Sequence[Entity]) -> Iterator[tuple[str, str]]:
    """Say which cases of the target a change may leave without a value, or with one of its own."""
    names_by_verb: dict[str, list[str]] = {}
    for row in rows:
        section, _, field = row.cell(PATH).rpartition("].")
        name = (section or row.cell(PATH).removesuffix("]")).rpartition("[")[2]
        is_switched_off = row.cell(AFTER) == FALSE and field.casefold() in _SWITCHES
        if _is_required(row):
            names_by_verb.setdefault("have no value in", []).append(code(name))
        elif _OPTION.match(row.cell(PATH)) and (is_switched_off or is_only_there(row)):
            names_by_verb.setdefault("hold", []).append(code(name))
        elif row.cell(PATH).startswith("Phases[") and (is_switched_off or is_only_there(row)):
            names_by_verb.setdefault("be in", []).append(code(name))
    if names_by_verb:
        may = listed(
            [f"{verb} {listed(names)}" for verb, names in names_by_verb.items()], word="or"
        )
        yield "Existing cases", f"They may {may}: look before the change."
