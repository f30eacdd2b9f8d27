"""What tickets claim of ShareDo components that two environments have differently.

Belongs here: changed values, and components that only the target has. Does not: components that a
package brings (`components`), or what differs (`sources/sharedo/comparison`).
"""

import re
from collections.abc import Collection, Iterator, Sequence

from jira_pipeline.model.entities import Entity, containing_file
from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.sources.sharedo.comparison import FILE_PROVIDER, DifferenceSeverity, rank
from jira_pipeline.sources.sharedo.component_settings import (
    is_asked,
    is_kept,
    is_only_there,
    is_tied,
)
from jira_pipeline.sources.sharedo.component_use import FALSE, TRUE, is_switched_off
from jira_pipeline.sources.sharedo.lexicon import (
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
    noun_of,
    provider_of,
    system_name_of,
)
from jira_pipeline.writing.claims.claim import Claim, Claims, clause, stated
from jira_pipeline.writing.fragments import capitalised, code, listed, quoted, text, with_code
from jira_pipeline.writing.group_facts import GroupFacts

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


def change_claims(facts: GroupFacts) -> Claims:
    """Claim what a comparison makes certain of one component."""
    if facts.group.kind is GroupKind.COMPONENT_REVIEW:
        story = component_claim(facts, "story.component_review")
        kinds = ("decided", "stays", "goes_type" if noun_of(facts.head) == "work type" else "goes")
        checks = (component_claim(facts, f"verification.review_{kind}") for kind in kinds)
        return Claims.of((story,), _review(facts), checks)
    is_own = all(map(is_kept, facts.group.members))
    story = component_claim(facts, f"story.component_{'own' if is_own else 'change'}")
    return Claims.of((story,), _changes(facts), _checks(facts))


def component_claim(
    facts: GroupFacts, kind: str, *rows: Entity, count: int | str = 1, **words: str
) -> Claim:
    """Make a claim about a component, or about entries of it, in words that all of them share."""
    head, system, target = facts.head, system_name_of(facts.head), text(facts.head.cell(TARGET))
    shared = {
        "name": quoted(facts.name),
        "noun": noun_of(head),
        "target": target or "the target",
        "Target": target or "The target",
        "source": text(head.cell(WANTED_AS_IN)),
        "package": code(containing_file(head.source.file)),
        "system": code(system),
        "key": code(f"{provider_of(head)}:{system}"),
    }
    changed = rows if rows and rows[0].has_column(AFTER) else ()
    columns, values = (PATH, AFTER) if changed else (), [row.cell(AFTER) for row in changed]
    about = rows or (head,)
    (claim,) = stated(kind, about, *columns, values=values, of_count=count, **{**shared, **words})
    return claim


def listing(
    facts: GroupFacts,
    kind: str,
    found: Collection[str],
    *rows: Entity,
    word: str = "and",
    of_count: int | str = 0,
    **words: str,
) -> Iterator[Claim]:
    """Make a claim about a component that lists what is found; none where nothing is."""
    if found:
        count, names = of_count or len(found), listed(found, word=word)
        yield component_claim(facts, kind, *rows, count=count, names=names, **words)


def _review(facts: GroupFacts) -> Iterator[Claim]:
    if is_switched_off(facts.head):
        yield component_claim(facts, "analysis.review_off")
    users = [text(user) for user in facts.head.cell(USED_THERE).split("\n") if user]
    yield from listing(facts, "analysis.review_used", users)
    if not users:
        yield component_claim(facts, "analysis.review_unused")
    yield component_claim(facts, "analysis.review_keeps")


def own_in_package(facts: GroupFacts, *, without: str = "") -> str:
    """Name the components of a package in which the target has something of its own."""
    package = containing_file(facts.head.source.file)
    changing = (g for g in facts.session.in_order if g.kind is GroupKind.COMPONENT_CHANGE)
    others = ((group, group.heads[0]) for group in changing if group.key != without)
    return listed(
        quoted(group.label)
        for group, head in others
        if containing_file(head.source.file) == package
        and (head.cell(ADDRESSES) or any(map(is_asked, group.members)))
    )


def _is_order(change: Entity) -> bool:
    return change.cell(PATH).startswith(_BOOKKEEPING)


def _changes(facts: GroupFacts) -> Iterator[Claim]:
    head, rows = facts.head, facts.group.members
    if provider_of(head) == FILE_PROVIDER:
        yield component_claim(facts, "analysis.replace_file")
        return
    yield from _way(facts)
    missing = [r for r in rows if not r.cell(BEFORE) and not _is_order(r)]
    for kind, found in (("missing", missing), ("only_there", [*filter(is_only_there, rows)])):
        if len(found) <= _LISTED_MAX:
            names = [with_code(change_name(row)) for row in found]
            yield from listing(facts, f"analysis.{kind}", names, *found)
    order = [*filter(_is_order, rows)]
    sides = [text(head.cell(WANTED_AS_IN if row.cell(AFTER) else TARGET)) for row in order]
    each = [f"{code(row.cell(PATH))} of {side}" for row, side in zip(order, sides, strict=True)]
    yield from listing(facts, "analysis.import_order", each, *order)
    named = [line.partition(": ") for line in head.cell(NEW_NAMES).split("\n") if line]
    each = [f"the {text(kind)} {code(name)}" for kind, _, name in named]
    yield from listing(facts, "analysis.newly_named", each)
    yield from listing(facts, "analysis.existing_cases", _existing_cases(rows), word="or")
    for row in rows:
        yield from _values_of(facts, row)
    if builds := head.cell(BUILDS):
        yield component_claim(facts, "analysis.builds", builds=text(builds))


def _values_of(facts: GroupFacts, row: Entity) -> Iterator[Claim]:
    """Claim what a name or a document says so far, and what it is to say."""
    before, after = (row.cell(side).split("\n")[1:] for side in (BEFORE, AFTER))
    if row.cell(PATH) in _OWN_NAMES:
        yield component_claim(facts, "analysis.called_so_far", row, before=quoted(row.cell(BEFORE)))
    elif row.cell(PATH).startswith("Files[") and (before or after):
        kind = "text_becomes" if len(before) == len(after) == 1 else "text_changes"
        said, says = (listed(map(quoted, s), at_most=_LISTED_MAX) or "-" for s in (before, after))
        yield component_claim(facts, f"analysis.{kind}", row, before=said, after=says)


def _way(facts: GroupFacts) -> Iterator[Claim]:
    """Claim how to make the changes: by values, by files, or not at all where a value stays."""
    rows = [row for row in facts.group.members if not _is_order(row)]
    files = [row for row in rows if row.cell(PATH).startswith("Files[") and row.cell(AFTER)]
    own = [row for row in rows if is_kept(row)]
    paths = [code(row.cell(PATH)) for row in own]
    names = [row.cell(PATH).removeprefix("Files[").removesuffix("]") for row in files]
    if len(own) < len(rows) - len(files) or not rows:
        yield component_claim(facts, "analysis.set_values")
    yield from listing(facts, "analysis.replace_files", list(map(code, names)), *files)
    asked, elsewhere = [row for row in rows if is_asked(row)], own_in_package(facts)
    if own:
        is_all = own == [row for row in asked if row.cell(BEFORE)]
        others = own_in_package(facts, without=facts.group.key if is_all else "")
        more = clause("own_elsewhere", target=text(facts.head.cell(TARGET)), names=others)
        yield from listing(facts, "analysis.own_values", paths, *own, more=more if others else "")
    else:
        kind = "or_import_alone" if elsewhere else "or_import"
        kind = "import_overwrites" if asked or facts.head.cell(ADDRESSES) else kind
        yield component_claim(facts, f"analysis.{kind}", names=elsewhere)


def _checks(facts: GroupFacts) -> Iterator[Claim]:
    """Claim what the target has after the change, as far as nobody has to decide it."""
    rows = sorted(facts.group.members, key=_order)
    open_ = [r for r in rows if is_asked(r) or any(is_tied(r, other) for other in rows)]
    plain = [r for r in rows if r not in open_ and not _is_order(r)]
    if len(plain) > _LISTED_MAX:
        yield component_claim(facts, "verification.changes_tabled", *plain, count=len(plain))
    else:
        yield from (_check_of(facts, row) for row in plain)
    yield component_claim(facts, f"verification.compared{'_own' if open_ else ''}")


def _check_of(facts: GroupFacts, row: Entity) -> Claim:
    """Claim what a field, an item or a file of the target is after the change."""
    after, named = row.cell(AFTER), capitalised(with_code(change_name(row)))
    is_file = provider_of(facts.head) == FILE_PROVIDER
    if not after:
        return component_claim(facts, "verification.change_empty", row, what=named)
    if is_file or row.cell(PATH).startswith("Files["):
        file = facts.name if is_file else row.cell(PATH).removeprefix("Files[").rstrip("]")
        words = {"file": code(file), "content": text(after.split("\n")[0])}
        return component_claim(facts, "verification.change_file", row, **words)
    if len(after) <= _SHOWN_CHARACTERS and "\n" not in after:
        value = text(_WHOLE_NUMBER.sub(r"\1", after))
        kind = "change_required" if _is_required(row) else "change_value"
        return component_claim(facts, f"verification.{kind}", row, what=named, value=value)
    begin, end = _BEGIN.search(after), _END.search(after)
    is_way = row.cell(PATH).startswith("PhaseTransitions[") and begin and end
    words = {"begin": code(begin[1]), "end": code(end[1])} if begin and end else {}
    kind = "change_transition" if is_way else "change_tabled"
    return component_claim(facts, f"verification.{kind}", row, what=named, **words)


def _order(row: Entity) -> tuple[int, int, str]:
    """Sort by severity, then what others name before them."""
    path = row.cell(PATH)
    is_first = path.partition("[")[0] in _BEFORE_OTHERS
    return (rank(DifferenceSeverity(row.cell(SEVERITY))), 0 if is_first else 1, path)


def _is_required(change: Entity) -> bool:
    """Tell whether a field of a form is required from now on."""
    return change.cell(AFTER) == TRUE and _REQUIRED.search(change.cell(PATH)) is not None


def _existing_cases(rows: Sequence[Entity]) -> list[str]:
    """Say what cases of the target may hold that a change takes away or requires."""
    found: dict[str, list[str]] = {}
    for row in rows:
        section, _, field = row.cell(PATH).rpartition("].")
        name = (section or row.cell(PATH).removesuffix("]")).rpartition("[")[2]
        is_off = row.cell(AFTER) == FALSE and field.casefold() in _SWITCHES
        if _is_required(row):
            found.setdefault("lack_value", []).append(code(name))
        elif _OPTION.match(row.cell(PATH)) and (is_off or is_only_there(row)):
            found.setdefault("hold_value", []).append(code(name))
        elif row.cell(PATH).startswith("Phases[") and (is_off or is_only_there(row)):
            found.setdefault("be_in", []).append(code(name))
    return [clause(kind, names=listed(names)) for kind, names in found.items()]
