"""What a sentence says of a cell right beside the name of its row, against that cell.

Belongs here: one rule for each thing that is said so, each exact. Does not: names (`prose_checks`),
or what needs reading to be found.
"""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from jira_pipeline.drupal.meaning.modules_and_types import is_required
from jira_pipeline.drupal.meaning.notes import number_words
from jira_pipeline.model.entities import Entity, EntityKind, Status
from jira_pipeline.sharedo.component_settings import values_of
from jira_pipeline.tickets.passages import MARKED
from jira_pipeline.tickets.questions.question_index import name_of
from jira_pipeline.writing.completion.spoken import VALUE_COLUMNS, Spoken, rows_meant, spoken
from jira_pipeline.writing.completion.ticket_text import TicketToComplete

_STATED = re.compile(
    r"`(?P<code>[^`]+)`(?: “[^“”]*”| \(“[^“”]*”\))?|(?<! of )“(?P<label>[^“”]+)”(?! \(?`)"
)
_IF = re.compile(r"\b(?:if|neither)\b[^.]*$", re.IGNORECASE)
"""In the same sentence, before the name."""
_LABELLED = re.compile(r"“(?P<label>[^“”]+)” \(?`(?P<name>[\w-]+)`")
_COLUMN_STATED = re.compile(
    r"(?:“?(?P<name>[^.;:,“”]{1,100})”? has )?“?(?P<column>Mod\.|Layout|Trns\.|Cmnt\.|Migr\.|Meta"
    r"|Sched\.|Srch\.|Req'd)”?(?P<is> is)? “?(?P<value>[ynf])\b"
)
_NAME_CHARACTERS_MAX = 100
_OWNERS = frozenset({EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW})


def contradictions(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say which cells a text contradicts; it speaks of a cell beside the name of its row only."""
    known = spoken(ticket.facts.session)
    for match in _STATED.finditer(text):
        label, name = match["label"], match["code"] or match["label"]
        rows = known.by_label.get(label.casefold(), ()) if label else rows_meant(name, ticket, text)
        after = text[match.end() :].removeprefix(")")  # of a label with its machine name
        for pattern, rule in _CELL_RULES if rows else ():
            if said := re.match(pattern, after):
                rest, condition = after[said.end() :], _IF.search(text[: match.start()])
                yield from rule(_Statement(name, said, rest, bool(condition)), rows, known)
    for match in _LABELLED.finditer(text):
        rows, label = rows_meant(match["name"], ticket, text), match["label"].casefold()
        labels = {n.casefold() for r in rows for n in (r.label, name_of(r), r.cell("Title"))}
        if rows and label in known.by_label and label not in labels:
            yield f"`{match['name']}` is not labelled “{match['label']}”"
    for match in () if MARKED.search(text) else _COLUMN_STATED.finditer(text):
        words = (match["name"] or "").casefold().split()
        names = (" ".join(words[place:]) for place in range(len(words)))
        of_name = next((known.by_label[name] for name in names if name in known.by_label), ())
        rows = of_name if words else ticket.facts.group.heads if match["is"] else ()
        cells = {row.cell(match["column"]).casefold() for row in rows} - {""}
        if cells and match["value"].casefold() not in cells:
            yield f"{match['column']} is {', '.join(sorted(cells))}"


def _known_start(text: str, known: Container[str]) -> str:
    """Return the longest known name that a text begins with, in lower case; empty if none does."""
    folded = text.lstrip('“"').casefold()[:_NAME_CHARACTERS_MAX]
    ends = [m.end() for m in re.finditer(r"[\w)](?!\w)", folded)]
    return next((folded[:end] for end in reversed(ends) if folded[:end] in known), "")


class _Statement(NamedTuple):
    """What a sentence says of a row: how it begins beside the name, and how it goes on."""

    name: str
    match: re.Match[str]
    rest: str
    is_under_condition: bool


_CellRule: TypeAlias = Callable[[_Statement, Sequence[Entity], Spoken], Iterator[str]]


def _value_rule(statement: _Statement, rows: Sequence[Entity], known: Spoken) -> Iterator[str]:
    """`name` (Type), `name` is a Type field, `name` has the widget Widget."""
    named = _known_start(statement.rest, known.by_label)
    others = {row.cell(column).casefold() for row in rows for column in VALUE_COLUMNS}
    for column in VALUE_COLUMNS:
        found = _known_start(statement.rest, known.values[column])
        cells = {row.cell(column).casefold() for row in rows} - {""}
        is_whole = not statement.match[0].endswith("“") or statement.rest[len(found) :][:1] == "”"
        is_other = found and not any(cell.endswith(found) for cell in others)
        if is_whole and len(named) <= len(found) and cells and is_other:
            yield f"`{statement.name}`: {column} is {', '.join(sorted(cells))}"
            return


def _cardinality_rule(statement: _Statement, rows: Sequence[Entity], _: Spoken) -> Iterator[str]:
    cells = {row.cell("Vals.") for row in rows if row.count("Vals.") is not None}
    word = "*" if statement.match["any"] else statement.match["n"].casefold()
    number = "1" if word == "one" else str(number_words().get(word, word))
    if cells and number not in cells and (number == "*" or number.isdigit()):
        yield f"`{statement.name}`: Vals. is {', '.join(sorted(cells))}"


def _required_rule(statement: _Statement, rows: Sequence[Entity], _: Spoken) -> Iterator[str]:
    told = [r for r in rows if r.flag("Req'd") is not None and not statement.is_under_condition]
    is_wanted = (statement.match["what"] == "required") is not bool(statement.match["no"])
    if told and not any(is_required(row) is is_wanted for row in told):
        cells = {row.cell("Req'd") for row in told}
        yield f"`{statement.name}`: Req'd is {', '.join(sorted(cells))}"


def _target_rule(statement: _Statement, rows: Sequence[Entity], known: Spoken) -> Iterator[str]:
    label = _known_start(statement.rest, known.by_label)
    bundles = {r.key for r in known.by_label.get(label, ()) if r.kind is EntityKind.BUNDLE}
    cells = [row.cell("Ref. bundle") for row in rows if row.cell("Ref. bundle")]
    targets = {reference.target_key for row in rows for reference in row.references}
    if bundles and cells and not targets & {*bundles, None}:
        yield f"`{statement.name}`: Ref. bundle is {'; '.join(dict.fromkeys(cells))}"


def _status_rule(*right: Status) -> _CellRule:
    def rule(statement: _Statement, rows: Sequence[Entity], _: Spoken) -> Iterator[str]:
        stated = {row.status for row in rows if row.has_column("X")}
        if stated and stated.isdisjoint(right) and not statement.is_under_condition:
            states = sorted({row.status.value for row in rows})
            yield f"`{statement.name}`: X is {', '.join(states)}"

    return rule


def _owner_rule(statement: _Statement, rows: Sequence[Entity], known: Spoken) -> Iterator[str]:
    """`name` of Bundle: the bundle has such a row."""
    label = _known_start(statement.rest, known.by_label)
    owners = {r.key for r in known.by_label.get(label, ()) if r.kind in _OWNERS}
    having = {row.owner_key for row in (*known.by_name.get(statement.name, ()), *rows)}
    is_name = statement.rest.lstrip('“"')[:1].isupper()  # `the form` is no type called Form
    if owners and is_name and rows[0].owner_key is not None and not owners & having:
        yield f"{label} has no `{statement.name}`"


def _setting_rule(statement: _Statement, rows: Sequence[Entity], _: Spoken) -> Iterator[str]:
    """`Setting` of “Entry” is `value`, of a package."""
    named = re.findall(r"[“`]([^“”`]+)[”`]", statement.match["of"] or "")
    meant = [row for row in rows if row.machine_name in named or name_of(row) in named]
    values = frozenset().union(*(values_of(statement.name, row) for row in meant or rows))
    if values and statement.match["value"].casefold() not in values:
        yield f"`{statement.name}` is {', '.join(sorted(value or 'blank' for value in values))}"


def _transition_rule(statement: _Statement, rows: Sequence[Entity], known: Spoken) -> Iterator[str]:
    """`name` leads from State to State."""
    transitions = [r for r in rows if r.kind is EntityKind.WORKFLOW_TRANSITION]
    start = _known_start(statement.rest, known.by_label)
    between, _, rest = statement.rest.lstrip("“")[len(start) :].partition(" to ")
    end = _known_start(rest, known.by_label) if between in {"", "”", '"'} else ""
    begins, ends = ([r.cell(c).casefold() for r in transitions] for c in ("From state", "To state"))
    if transitions and start and not any(start in begin for begin in begins):
        yield f"“{statement.name}” does not lead from {start}"
    elif transitions and end and end not in ends:
        yield f"“{statement.name}” does not lead to {end}"


_COUNT = r"(?:(?P<any>any number of)|(?:up to |no more than |at most |only )?(?P<n>\w+))"
_NEED = r"(?P<no>not |no longer )?(?P<what>required|optional)"
_OF = r"(?P<of>[^.;:]{1,100}?)"
_CELL_RULES: Sequence[tuple[str, _CellRule]] = (
    (r" \(| (?:is|has|uses) (?:an? |the )?(?:type |widget )?“?", _value_rule),
    (rf" (?:takes|accepts|allows|holds|has) {_COUNT} (?:values?|items?)\b", _cardinality_rule),
    (rf" (?:is|are) {_NEED}(?=[.;,]|$| (?:on|of|here|in)\b)", _required_rule),
    (r" (?:offers|refers to|references|points to|allows)(?: only)? (?:the )?", _target_rule),
    (
        r" (?:(?:is|are) (?:already there|there already)|already exists?|exists? already)",
        _status_rule(Status.IMPLEMENTED, Status.CHANGED),
    ),
    (r" (?:is|are) on hold", _status_rule(Status.WAITING)),
    (r" (?:(?:is|are) (?:to be )?removed|goes(?= away|[.,;]|$))", _status_rule(Status.DELETED)),
    (r" (?:is|are) (?:new|to be (?:built|created))\b", _status_rule(Status.APPROVED)),
    (r" (?:of|on) (?:the )?", _owner_rule),
    (r" leads from ", _transition_rule),
    (rf" (?:of {_OF} )?is (?:set to |now |still )?[“`](?P<value>[^“”`]+)[”`]", _setting_rule),
)
"""What a sentence says of a cell right beside a name, and what compares it."""
