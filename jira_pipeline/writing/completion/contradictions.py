"""What a sentence says of a cell right beside the name of its row, against that cell.

Belongs here: one rule for each thing that is said so, each exact. Does not: names (`prose_checks`),
or what needs reading to be found.
"""

import re
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import TypeAlias

from jira_pipeline.model.entities import Entity, EntityKind, Status
from jira_pipeline.sources.drupal.modules_and_types import is_required
from jira_pipeline.sources.drupal.notes import number_words
from jira_pipeline.sources.questions.question_index import name_of
from jira_pipeline.sources.sharedo.component_settings import values_of
from jira_pipeline.writing.completion.spoken import VALUE_COLUMNS, Spoken, rows_meant, spoken
from jira_pipeline.writing.completion.ticket_text import TicketToComplete
from jira_pipeline.writing.passages import MARKED


def contradictions(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say which cells a text contradicts; it speaks of a cell beside the name of its row only."""
    known = spoken(ticket.facts.session)
    for match in _STATED.finditer(text):
        name = match["code"] or match["label"]
        rows = (
            rows_meant(name, ticket, text)
            if match["code"]
            else known.by_label.get(name.casefold(), ())
        )
        after = text[match.end() :]
        if rows:
            yield from (f for rule in _CELL_RULES for f in rule(name, after, rows, known))
    for match in _LABELLED.finditer(text):
        rows, label = rows_meant(match["name"], ticket, text), match["label"].casefold()
        if rows and label in known.by_label and not any(label in _names_of(row) for row in rows):
            yield f"`{match['name']}` is not labelled “{match['label']}”"
    if not MARKED.search(text):
        for match in _COLUMN_STATED.finditer(text):
            cells = {row.cell(match["column"]).casefold() for row in ticket.facts.group.heads} - {
                ""
            }
            if cells and match["value"].casefold() not in cells:
                yield f"{match['column']} is {', '.join(sorted(cells))}"


_STATED = re.compile(r"`(?P<code>[^`]+)`(?: “[^“”]*”)?|“(?P<label>[^“”]+)”(?! \(?`)")
_LABELLED = re.compile(r"“(?P<label>[^“”]+)” \(?`(?P<name>[\w-]+)`")
_COLUMN_STATED = re.compile(
    r"\b(?P<column>Mod\.|Layout|Trns\.|Cmnt\.|Migr\.|Meta|Sched\.|Srch\.|Req'd) is (?P<value>[ynf])\b"
)


def _names_of(row: Entity) -> set[str]:
    return {row.label.casefold(), name_of(row).casefold(), row.cell("Title").casefold()}


def _known_start(text: str, known: Container[str]) -> str:
    """Return the longest known name that a text begins with, in lower case; empty if none does."""
    folded = text.lstrip('“"').casefold()[:_NAME_CHARACTERS_MAX]
    ends = [m.end() for m in re.finditer(r"[\w)](?!\w)", folded)]
    return next((folded[:end] for end in reversed(ends) if folded[:end] in known), "")


_NAME_CHARACTERS_MAX = 100
_CellRule: TypeAlias = Callable[[str, str, Sequence[Entity], Spoken], Iterator[str]]


def _value_rule(name: str, after: str, rows: Sequence[Entity], known: Spoken) -> Iterator[str]:
    """`name` (Type), `name` is a Type field, `name` has the widget Widget."""
    values = re.match(r" \(| (?:is|has|uses) (?:an? |the )?(?:type |widget )?“?", after)
    rest = after[values.end() :] if values else ""
    is_quoted = values is not None and values[0].endswith("“")
    for column in VALUE_COLUMNS if rest else ():
        found = _known_start(rest, known.values[column])
        if is_quoted and rest[len(found) : len(found) + 1] != "”":
            continue
        cells = {row.cell(column).casefold() for row in rows} - {""}
        others = {row.cell(c).casefold() for row in rows for c in VALUE_COLUMNS}
        if found and cells and found not in others:
            yield f"`{name}`: {column} is {', '.join(sorted(cells))}"
            return


_VALUES_STATED = re.compile(
    r" (?:takes|accepts|allows|holds|has) (?:(?P<any>any number of)"
    r"|(?:up to |no more than |at most |only )?(?P<n>\w+)) (?:values?|items?)\b"
)


def _cardinality_rule(name: str, after: str, rows: Sequence[Entity], _: Spoken) -> Iterator[str]:
    values = _VALUES_STATED.match(after)
    cells = {row.cell("Vals.") for row in rows if row.count("Vals.") is not None}
    if values is not None and cells:
        word = "*" if values["any"] else values["n"].casefold()
        number = "1" if word == "one" else str(number_words().get(word, word))
        if number not in cells and (number == "*" or number.isdigit()):
            yield f"`{name}`: Vals. is {', '.join(sorted(cells))}"


_REQUIRED_STATED = re.compile(
    r" (?:is|are) (?P<no>not |no longer )?(?P<what>required|optional)"
    r"(?=[.;,]|$| (?:on|of|here|in)\b)"
)


def _required_rule(name: str, after: str, rows: Sequence[Entity], _: Spoken) -> Iterator[str]:
    values = _REQUIRED_STATED.match(after)
    told = [row for row in rows if row.flag("Req'd") is not None]
    cells = {row.cell("Req'd") for row in told}
    if values is not None and told:
        is_wanted = (values["what"] == "required") is not bool(values["no"])
        if not any(is_required(row) is is_wanted for row in told):
            yield f"`{name}`: Req'd is {', '.join(sorted(cells))}"


_TARGET_STATED = re.compile(
    r" (?:offers|refers to|references|points to|allows)(?: only)? (?:the )?"
)


def _target_rule(name: str, after: str, rows: Sequence[Entity], known: Spoken) -> Iterator[str]:
    values = _TARGET_STATED.match(after)
    label = _known_start(after[values.end() :], known.by_label) if values else ""
    bundles = {r.key for r in known.by_label.get(label, ()) if r.kind is EntityKind.BUNDLE}
    cells = [row.cell("Ref. bundle") for row in rows if row.cell("Ref. bundle")]
    targets = {reference.target_key for row in rows for reference in row.references}
    if bundles and cells and not targets & {*bundles, None}:
        yield f"`{name}`: Ref. bundle is {'; '.join(dict.fromkeys(cells))}"


_STATUS_STATED: Mapping[str, frozenset[Status]] = {
    r"(?:is|are) (?:already there|there already)|already exists?|exists? already": frozenset(
        {Status.IMPLEMENTED, Status.CHANGED}
    ),
    r"(?:is|are) on hold": frozenset({Status.WAITING}),
    r"(?:is|are) (?:to be )?removed|goes(?= away|[.,;]|$)": frozenset({Status.DELETED}),
    r"(?:is|are) (?:new|to be (?:built|created))\b": frozenset({Status.APPROVED}),
}


def _status_rule(name: str, after: str, rows: Sequence[Entity], _: Spoken) -> Iterator[str]:
    for pattern, right in _STATUS_STATED.items():
        stated = [row for row in rows if row.has_column("X")]
        is_said = bool(stated) and re.match(rf" (?:{pattern})", after)
        if is_said and not any(row.status in right for row in stated):
            yield f"`{name}`: X is {', '.join(sorted({row.status.value for row in rows}))}"


def _owner_rule(name: str, after: str, rows: Sequence[Entity], known: Spoken) -> Iterator[str]:
    """`name` of Bundle: the bundle has such a row."""
    values = re.match(r" (?:of|on) (?:the )?", after)
    label = _known_start(after[values.end() :], known.by_label) if values else ""
    owners = {r.key for r in known.by_label.get(label, ()) if r.kind in _OWNERS}
    having = {row.owner_key for row in (*known.by_name.get(name, ()), *rows)}
    if owners and rows[0].owner_key is not None and not owners & having:
        yield f"{label} has no `{name}`"


_SETTING_STATED = re.compile(
    r" (?:of (?P<of>[^.;:]{1,100}?) )?is (?:set to |now |still )?[“`](?P<value>[^“”`]+)[”`]"
)


def _setting_rule(name: str, after: str, rows: Sequence[Entity], _: Spoken) -> Iterator[str]:
    """`Setting` of “Entry” is `value`, of a package."""
    found = _SETTING_STATED.match(after)
    if found is None:
        return
    named = re.findall(r"[“`]([^“”`]+)[”`]", found["of"] or "")
    meant = [row for row in rows if row.machine_name in named or name_of(row) in named]
    values = frozenset().union(*(values_of(name, row) for row in meant or rows))
    if values and found["value"].casefold() not in values:
        yield f"`{name}` is {', '.join(sorted(value or 'blank' for value in values))}"


_OWNERS = frozenset({EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW})


def _transition_rule(name: str, after: str, rows: Sequence[Entity], known: Spoken) -> Iterator[str]:
    """`name` leads from State to State."""
    values = re.match(r" leads from ", after)
    transitions = [r for r in rows if r.kind is EntityKind.WORKFLOW_TRANSITION]
    if values is None or not transitions:
        return
    start = _known_start(after[values.end() :], known.by_label)
    then = re.match(r"[”\"]? to ", after[values.end() :].lstrip("“")[len(start) :])
    rest = after[values.end() :].lstrip("“")[len(start) + then.end() :] if then else ""
    end = _known_start(rest, known.by_label)
    if start and not any(start in row.cell("From state").casefold() for row in transitions):
        yield f"“{name}” does not lead from {start}"
    elif end and not any(end == row.cell("To state").casefold() for row in transitions):
        yield f"“{name}” does not lead to {end}"


_CELL_RULES: Sequence[_CellRule] = (
    _value_rule,
    _cardinality_rule,
    _required_rule,
    _target_rule,
    _status_rule,
    _owner_rule,
    _transition_rule,
    _setting_rule,
)
