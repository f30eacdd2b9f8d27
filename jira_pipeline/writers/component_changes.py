"""The prose of a ticket about what differs of one ShareDo component between two environments.

Belongs here: analysis and checks of changes, and of components that only the target has. Does not:
components to be created (`component_prose`, `component_checks`), what differs
(`domain/sharedo_comparison`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from jira_pipeline.domain.entities import Entity, containing_file
from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.domain.questions.component_questions import is_asked, is_kept, is_only_there
from jira_pipeline.domain.sharedo_comparison import FILE_PROVIDER, DifferenceSeverity, rank
from jira_pipeline.domain.sharedo_words import (
    ADDRESSES,
    AFTER,
    BEFORE,
    BUILDS,
    PATH,
    SEVERITY,
    TARGET,
    USED_THERE,
    WANTED_AS_IN,
    noun_of,
    provider_of,
    system_name_of,
)
from jira_pipeline.writers.english import capitalised, count_of, is_or_are, listed, number
from jira_pipeline.writers.fragments import code, quoted, text
from jira_pipeline.writers.group_facts import GroupFacts

_NAMED_MAX = 5
_LISTED_MAX = 12
_BOOKKEEPING = "Dependencies["
"""A path of what the package says of itself, which nobody sets."""
_SHOWN_CHARACTERS = 80
"""A longer value is looked up in the table."""
_BEFORE_OTHERS = ("Phases", "SharedoTypeRoles", "Menus", "Sections", "Steps")
"""Sections whose entries others name: they are changed first."""


def review_analysis(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say that somebody decides, and nothing else is done."""
    told = f"Only {text(facts.head.cell(TARGET))} has it. Keep it, or take it out of use there"
    yield "Decide", f"{told}; this ticket deletes nothing."
    if users := facts.head.cell(USED_THERE):
        named = listed([text(user) for user in users.split("\n")])
        yield "Used by", f"In {text(facts.head.cell(TARGET))}, {named}."


def change_analysis(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say how to make the changes, what is grave, what is new and what only the target has."""
    rows, head = facts.group.members, facts.head
    target, source = text(head.cell(TARGET)), text(head.cell(WANTED_AS_IN))
    yield from _way(facts)
    if provider_of(head) == FILE_PROVIDER:
        return
    counts = Counter(row.cell(SEVERITY) for row in rows)
    said = [s for s in DifferenceSeverity if counts[s]]
    told = capitalised(count_of(len(rows), "change"))
    if len(said) == 1:
        told += f" of {said[0]} severity"
    else:
        told += f": {listed([f'{number(counts[s])} of {s}' for s in said])} severity"
    yield "Differs", f"{told}."
    grave = [row for row in rows if row.cell(SEVERITY) == DifferenceSeverity.HIGH]
    if grave and len(grave) < len(rows):
        counted = f"the {count_of(len(grave), 'change')} of high severity"
        begin = _paths(grave) if len(grave) <= _NAMED_MAX else counted
        yield (
            "First",
            f"Begin with {begin}, which {is_or_are(len(grave))} about phases or permissions.",
        )
    for title, found, verb in (
        ("Missing", [r for r in rows if not r.cell(BEFORE) and not _is_order(r)], "lacks"),
        ("Only there", [r for r in rows if is_only_there(r)], "alone has"),
    ):
        if found:
            empty = "Before" if title == "Missing" else "After"
            counted = f"the {count_of(len(found), 'row')} with an empty {empty}"
            named = _paths(found) if len(found) <= _NAMED_MAX else counted
            asked = "" if title == "Missing" else "; the question decides what happens to it"
            asked = asked.replace(" it", " them") if len(found) > 1 else asked
            yield title, f"{target} {verb} {named}{asked}."
    if order := [row for row in rows if _is_order(row)]:
        stated = []
        for row in order:
            key = row.cell(PATH).removeprefix(_BOOKKEEPING).removesuffix("]")
            group = facts.session.making.get(f"{head.kind}:{key}")
            ticketed = f" (ticket {group.number})" if group is not None else ""
            side = source if row.cell(AFTER) else target
            stated.append(f"{code(row.cell(PATH))} of {side}{ticketed}")
        told = "states an order" if len(order) == 1 else "state an order"
        yield "Order", f"{listed(stated)} {told} of import: nothing to set."
    if files := [row for row in rows if row.cell(PATH).startswith("Files[")]:
        yield "Files", f"{_paths(files)} {'differs' if len(files) == 1 else 'differ'} in content."
    if builds := head.cell(BUILDS):
        told = f"{text(builds)}; a difference may come from the platform"
        yield "Builds", f"{told} and not from the configuration of {source}."


def _way(facts: GroupFacts) -> Iterator[tuple[str, str]]:
    """Say how to make the changes: by values, by files, or not at all where a value stays."""
    head, target = facts.head, text(facts.head.cell(TARGET))
    package = code(containing_file(head.source.file))
    if provider_of(head) == FILE_PROVIDER:
        told = f"Find out what uses the file in {target}: no component of the packages names it"
        yield "How", f"{told}. Then put the one of {package} in its place."
        return
    rows = [row for row in facts.group.members if not _is_order(row)]
    files = [row for row in rows if row.cell(PATH).startswith("Files[") and row.cell(AFTER)]
    own = [row for row in rows if is_kept(row)]
    kept = f"{target} keeps its own {_paths(own)} unless the answer says otherwise"
    if rows and len(own) == len(rows):
        them = "it" if len(own) == 1 else "them"
        yield "How", f"Nothing is to be set yet: {kept}. An import of {package} overwrites {them}."
        return
    names = [row.cell(PATH).removeprefix("Files[").removesuffix("]") for row in files]
    replaced = f"replace {listed([code(name) for name in names])} by what {package} has"
    told = f"In the Modeller of {target}, {replaced}"
    if not files or len(files) + len(own) < len(rows):
        told = f"Set the values of the table in the Modeller of {target}"
        told += f", and {replaced}" if files else ""
    told += f"; {kept}" if own else ""
    if asking := groups_asking(facts):
        told += f". An import of {package} would also overwrite what the questions of {asking} "
        yield "How", f"{told}leave open; it is an alternative once they are answered."
    else:
        yield "How", f"{told}, or import {package}, which brings everything else in it as well."


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
    others = sorted(group.number for group in asking if group.key != own.key)
    tickets = f"{'ticket' if len(others) == 1 else 'tickets'} {listed([str(n) for n in others])}"
    named = [
        *(["this ticket"] if len(others) < len(asking) else []),
        *([tickets] if others else []),
    ]
    return listed(named)


def _is_order(change: Entity) -> bool:
    return change.cell(PATH).startswith(_BOOKKEEPING)


def change_checks(facts: GroupFacts) -> Iterator[str]:
    """Have the target looked at, then exported and compared again."""
    head, target = facts.head, text(facts.head.cell(TARGET))
    source = text(head.cell(WANTED_AS_IN))
    key = code(f"{provider_of(head)}:{system_name_of(head)}")
    if facts.group.kind is GroupKind.COMPONENT_REVIEW:
        yield f"The notes say whether {quoted(facts.name)} stays in {target}, and who decided it"
        yield f"Where it stays, {source} has {key} too, or a note says why not"
        it = "no case" if noun_of(head) == "work type" else "nothing"
        yield f"Where it goes, {it} in {target} uses {quoted(facts.name)} any more"
        return
    rows = sorted(facts.group.members, key=_order)
    asked = [r for r in rows if is_asked(r)]
    plain = [r for r in rows if r not in asked and not _is_order(r)]
    grave = [row for row in plain if row.cell(SEVERITY) == DifferenceSeverity.HIGH]
    shown = plain[: max(_NAMED_MAX, len(grave))]
    if len(shown) > _LISTED_MAX:
        besides = ", save for those the questions are about" if asked else ""
        yield f"Each row of the table is in {target} as it says after the change{besides}"
        shown = []
    for row in shown:
        after, path = row.cell(AFTER), code(row.cell(PATH))
        if not after:
            yield f"{path} of {quoted(facts.name)} is empty in {target}"
        elif row.cell(PATH).startswith("Files[") or provider_of(head) == FILE_PROVIDER:
            file = row.cell(PATH).removeprefix("Files[").rstrip("]")
            file = facts.name if provider_of(head) == FILE_PROVIDER else file
            yield f"{code(file)} in {target} has the content of {source}: {text(after)}"
        elif len(after) <= _SHOWN_CHARACTERS and "\n" not in after:
            yield f"{path} of {quoted(facts.name)} is “{text(after)}” in {target}"
        else:
            yield f"{path} of {quoted(facts.name)} is in {target} as tabled after the change"
    if asked:
        named = _paths(asked) if len(asked) <= _NAMED_MAX else "What the questions are about"
        verb = "is" if len(asked) == 1 or not named.startswith("<") else "are"
        yield f"{named} {verb} in {target} as the answers to the questions say"
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


def _paths(rows: Sequence[Entity]) -> str:
    return listed([code(row.cell(PATH)) for row in rows])
