"""What a model is asked for one ticket, and what it may change of it, in a closed schema.

Belongs here: instructions, all rows and the ticket, put together within the room there is, and what
an answer is kept for; facts of the ticket, its rows by what is to be done, the template's sentences
under the names that changes use: `s1`, `a1` …, `v1` …, `q1` …, cells of the form `f1.Filters`; the
schema; changes as they are kept, with rows named by what they are, not by their line; all rows as
text, compact, in one order, the same for every ticket, and which of them stay where it is too long.
Does not: which changes hold, applying them (`checking`), asking (`models`), keeping
(`store/writing_record`).

A row is called by its sheet and its line, such as `field464`; of packages by its kind and place.
Cells are escaped like HTML, so that no cell can end the text they are in.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from jira_pipeline.drupal.claims import Claim, rendered
from jira_pipeline.drupal.columns import LABEL_COLUMNS, OWNER_COLUMNS, PROSE_COLUMNS
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.row_notes import note_of
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows, TicketRows
from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import Entity, EntityKind, ReferenceState, RowSource, Status
from jira_pipeline.model.forms_in_text import is_about_form
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.hidden_characters import without_hidden
from jira_pipeline.model.line_numbers import without_citations
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.sheet_names import sheet_title
from jira_pipeline.model.source_tables import SHEET_NAMES, SourceWord
from jira_pipeline.model.ticket_links import with_titles
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.tickets.claims_by_part import Claims
from jira_pipeline.tickets.grouping.component_rows import PACKAGE_KINDS, shown_values
from jira_pipeline.tickets.template import claims_of, estimated_hours

ROW_LABELS: Mapping[EntityKind, str] = {
    **{kind: kind.rpartition("_")[2] for kind in EntityKind},
    EntityKind.RESPONSIVE_IMAGE_STYLE: "responsive",
    EntityKind.CUSTOM: "row",
    EntityKind.COMPONENT_ITEM: "entry",
}
_OWNERS = frozenset({EntityKind.BUNDLE, EntityKind.VIEW})
NAME_CHARACTERS_MIN = 4
"""Shorter names are words of any sentence."""
CHARACTERS_A_TOKEN = 4
"""Tokenizers download their data at run time, so characters are counted."""
_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&`"}


@once_per_session
def row_ids(session: SessionRows) -> Mapping[str, Entity]:
    """Return the rows by what a model calls them, in the order of the text."""
    ids = ids_of(session)
    return {ids[row.source]: row for row in session.specification.entities}


@once_per_session
def ids_of(session: SessionRows) -> Mapping[RowSource, str]:
    """Name rows by the line of their sheet; of several sheets of a kind by its number, too."""
    files: dict[EntityKind, dict[str, int]] = {}
    counts: Counter[EntityKind] = Counter()
    names: dict[RowSource, str] = {}
    for row in session.specification.entities:
        label = ROW_LABELS[row.kind]
        numbers = files.setdefault(row.kind, {})
        counts[row.kind] += 1
        number = numbers.setdefault(row.source.file, len(numbers) + 1)
        sheet = label if number == 1 else f"{label}_{number}_"
        is_of_package = row.kind in PACKAGE_KINDS
        name = f"{label}{counts[row.kind]}" if is_of_package else f"{sheet}{row.source.line}"
        names[row.source] = name
    return names


def specification_text(facts: TicketRows, *, max_tokens: int) -> tuple[str, str]:
    """Return all rows, the same for every ticket of the session, and in words what had no room."""
    session = facts.session
    whole = _whole_text(session)
    if tokens_of(whole) <= max_tokens:
        return whole, ""
    tokens = _tokens_by_row(session)
    chosen: dict[RowSource, Entity] = {row.source: row for row in facts.own_rows}
    room = max_tokens - sum(tokens[source] for source in chosen)
    near = [row for rows in _by_nearness(facts) for row in rows]
    # Short rows are mostly plain ones: of them the room that is left holds the most.
    others = sorted(session.specification.entities, key=lambda row: tokens[row.source])
    for row in (*near, *others):
        if row.source not in chosen and tokens[row.source] <= room:
            chosen[row.source] = row
            room -= tokens[row.source]
    rows = [row for row in session.specification.entities if row.source in chosen]
    count = len(session.specification.entities) - len(rows)
    left_out = (
        f"{count} rows of other tickets are left out for their number. Say nothing of what you do "
        "not see, and not that it is missing."
    )
    return _text_of(session, rows), left_out


def ticket_rows_text(facts: TicketRows) -> tuple[str, str]:
    left_out = "You see the rows of this ticket only. Say nothing of what you do not see."
    return _text_of(facts.session, sorted_rows(facts.own_rows)), left_out


def near_rows(facts: TicketRows) -> tuple[Entity, ...]:
    """Return what an answer about a ticket mostly rests on: its own rows, referring and named ones."""
    own_rows, referring, named, _ = _by_nearness(facts)
    near = {row.source: row for row in (*own_rows, *referring, *named)}
    return tuple(sorted_rows(near.values()))


def sorted_rows(rows: Iterable[Entity]) -> list[Entity]:
    """Return rows in the order of their sheets."""
    kinds = list(EntityKind)
    return sorted(rows, key=lambda r: (kinds.index(r.kind), r.source.file, r.source.line))


@once_per_session
def _tokens_by_row(session: SessionRows) -> Mapping[RowSource, int]:
    return {
        row.source: tokens_of(
            _line(row, () if row.kind in PACKAGE_KINDS else [*row.cells], session)
        )
        for row in session.specification.entities
    }


def _by_nearness(facts: TicketRows) -> tuple[Sequence[Entity], ...]:
    """Return own rows, those that refer to them, those of what they name, and all with notes."""
    specification = facts.session.specification
    own_rows = facts.own_rows
    keys = {row.key for row in own_rows}
    referring = [row for key in keys for row, _ in specification.referrers_of.get(key, ())]
    targets = [target for row in own_rows for target in specification.targets_of(row)]
    values = "\n".join(f"{row.label}\n{note_of(row)}\n{row.cell('Help text')}" for row in own_rows)
    packaged = (row for row in own_rows if row.kind in PACKAGE_KINDS)
    values = "\n".join([values, *(value for row in packaged for value in row.cells.values())])
    named = [
        row
        for name, heads in _named_heads(facts.session).items()
        if name in values and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", values)
        for head in heads
        for row in (head, *specification.members_of.get(head.key, ()))
    ]
    noted = [row for row in specification.entities if note_of(row) or row.cell("Description")]
    return own_rows, sorted_rows(referring), sorted_rows([*targets, *named]), noted


@once_per_session
def _named_heads(session: SessionRows) -> Mapping[str, Sequence[Entity]]:
    """Return bundles, views and workflows by their names, as notes write them, and components."""
    kinds = (EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW, EntityKind.USER_ROLE)
    rows = [row for kind in kinds for row in session.specification.by_kind[kind]]
    named = group_by((row for row in rows if len(name_of(row)) >= NAME_CHARACTERS_MIN), name_of)
    components = session.specification.by_kind[EntityKind.COMPONENT]
    return named | group_by(components, lambda row: row.machine_name)


@once_per_session
def _whole_text(session: SessionRows) -> str:
    return _text_of(session, session.specification.entities)


def _text_of(session: SessionRows, rows: Sequence[Entity]) -> str:
    """Lay rows out: a heading with the columns for each sheet, one for each owner, a line a row."""
    components = session.specification.by_kind[EntityKind.COMPONENT]
    places = {row.key: place for place, row in enumerate(components)}
    placed = sorted(rows, key=lambda row: places.get(row.owner_key or row.key, -1))
    of_sheets = group_by((r for r in placed if r.kind not in PACKAGE_KINDS), lambda row: row.kind)
    parts = group_by((r for r in placed if r.kind in PACKAGE_KINDS), lambda row: row.source.file)
    lines = [line for kind, some in of_sheets.items() for line in _sheet(kind, some, session)]
    return "\n".join([*lines, *(line for some in parts.values() for line in _part(some, session))])


def _part(rows: Sequence[Entity], session: SessionRows) -> Iterator[str]:
    """Lay out a component, or one of its lists: what most entries have as columns, else by name."""
    filled = Counter(column for row in rows for column in shown_values(row))
    every = dict.fromkeys(column for row in rows for column in row.cells)
    columns = [column for column in every if 2 * filled[column] > len(rows) > 1]
    title = _cell(sheet_title(rows[0].source.file))
    if rows[0].kind is EntityKind.COMPONENT:
        yield f"## {title} {_cell(rows[0].label)}"
    else:
        yield f"## {'|'.join([f'{title}: id', *map(_cell, columns)])}"
    for row in rows:
        yield _line(row, columns, session)


def _sheet(kind: EntityKind, rows: Sequence[Entity], session: SessionRows) -> Iterator[str]:
    every = dict.fromkeys(column for row in rows for column in row.cells)
    owning = () if kind in _OWNERS else OWNER_COLUMNS
    stated = {c for row in rows for c in row.cells if row.cell(c) and row.is_stated(c)}
    columns = [column for column in every if column in stated and column not in owning]
    yield f"## {SHEET_NAMES[kind]}: id|{'|'.join(map(_cell, columns))}"
    owners = session.specification.by_key
    heading = ""
    for row in rows:
        named = next(filter(None, map(row.cell, OWNER_COLUMNS)), "")
        is_owned = row.owner_key is not None or row.kind is EntityKind.FIELD
        if is_owned or (named and kind not in _OWNERS):
            owner = owners.get(row.owner_key or "", (row,))[0]
            names = (owner.label, owner.machine_name) if row.owner_key else (named,)
            before, heading = heading, f"# {' '.join(map(_cell, names))}"
            if heading != before:
                yield heading.rstrip()
        yield _line(row, columns, session)


def _line(row: Entity, columns: Sequence[str], session: SessionRows) -> str:
    """Write a row; what a setting of a package has beside the columns is there by name."""
    cells = [row.cell(column) if row.is_stated(column) else "" for column in columns]
    if row.kind in PACKAGE_KINDS:
        values = shown_values(row)
        cells = [values.get(column, "") for column in columns]
        cells += [f"{name}={value}" for name, value in values.items() if name not in columns]
    return f"{ids_of(session)[row.source]}|{'|'.join(map(_cell, cells))}".rstrip("|")


def _cell(text: str) -> str:
    """Return a cell on one line that holds neither markup nor what nobody sees."""
    seen = "".join(c if c.isprintable() else " " for c in without_hidden(text))
    return html.escape(" ".join(seen.split()), quote=False)


def tokens_of(text: str) -> int:
    return -(-len(text) // CHARACTERS_A_TOKEN)


def as_data(value: object) -> str:
    r"""Return JSON that no text in it can leave: brackets and control characters as \uXXXX."""
    text = without_hidden(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    unseen = {ord(c): json.dumps(c)[1:-1] for c in set(text) if not c.isprintable()}
    return text.translate(_ESCAPED | unseen)


_STATES: Mapping[Status, str] = {
    Status.APPROVED: "new",
    Status.CHANGED: "changed",
    Status.IMPLEMENTED: "there",
    Status.WAITING: "on hold",
    Status.DELETED: "gone",
}


@dataclass(frozen=True, kw_only=True)
class TicketToComplete:
    """A ticket of claims with the names of all that a model may speak of."""

    facts: TicketRows
    claimed: Claims
    asked: tuple[OpenQuestion, ...]
    hours: str
    dropped: frozenset[str] = frozenset()
    """Names of sentences that it is judged without."""

    @staticmethod
    def of(facts: TicketRows) -> "TicketToComplete":
        claimed = claims_of(facts)
        hours = estimated_hours(facts)
        return TicketToComplete(facts=facts, claimed=claimed, asked=facts.questions, hours=hours)

    @cached_property
    def rows(self) -> Mapping[str, Entity]:
        return row_ids(self.facts.session)

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """Its sentences by name, without questions: `s1`, `a1` …, `v1` …."""
        said = self.claimed
        parts = {"s": said.story, "a": said.analysis, "v": said.verification}
        return {
            f"{letter}{number}": claim
            for letter, some in parts.items()
            for number, claim in enumerate(some, start=1)
            if f"{letter}{number}" not in self.dropped
        }

    @cached_property
    def sentences(self) -> Mapping[str, str]:
        """Its sentences by name, as plain text with backticks and the titles of other tickets."""
        groups = self.facts.session.groups
        said = ((name, rendered(claim)) for name, claim in self.claims.items())
        return {name: plain_of(with_titles(sentence, groups)) for name, sentence in said}

    @cached_property
    def questions(self) -> Mapping[str, OpenQuestion]:
        return {f"q{n}": asked for n, asked in enumerate(self.asked, start=1)}

    @cached_property
    def form(self) -> Mapping[str, tuple[int, str, str]]:
        """The cells of its form by name, each with the place of its row and its column."""
        return {
            f"f{place + 1}.{column}": (place, column, cell)
            for place, row in enumerate(self.claimed.form)
            for column, cell in row.cells.items()
        }


def ticket_text(ticket: TicketToComplete) -> str:
    """Say what the ticket is about and what it says already."""
    lines = [*about_ticket(ticket.facts), "", "As the template wrote it:"]
    lines += (f"{name} {text}" for name, text in ticket.sentences.items())
    lines += [*lines_of_form(ticket), *lines_of_questions(ticket)]
    lines.append(f"hours {ticket.hours or 'unknown'}")
    return "\n".join(html.escape(line, quote=False) for line in lines)


def lines_of_form(ticket: TicketToComplete) -> Iterator[str]:
    """Say what the cells of the form say, a line for each display."""
    for place, row in enumerate(ticket.claimed.form, start=1):
        cells = as_data({f"f{place}.{column}": cell for column, cell in row.cells.items()})
        yield f"form of {ids_of(ticket.facts.session)[row.display.source]}: {cells}"


def about_ticket(facts: TicketRows) -> Iterator[str]:
    """Say what a ticket is about: its rows, where they lead, what it waits for."""
    session = facts.session
    yield f"Title: {facts.group.title}"
    for state, rows in group_by(facts.own_rows, lambda row: _STATES[row.status]).items():
        yield f"Rows {state}: {_ids(facts, rows)}"
    for caption in facts.group.captions:
        yield f"Beside its rows: {as_data(caption.label)}"
    yield from _references(facts)
    for dependency in facts.group.dependencies:
        yield f"Waits for: {session.groups[dependency.group_key].title}"
    for relation in facts.group.relations:
        yield f"Related ({relation.kind.value}): {relation.label}"
    if facts.group.is_hollow:
        yield "None of its rows is approved."


def _references(facts: TicketRows) -> Iterator[str]:
    session = facts.session
    ids = ids_of(facts.session)
    for row in facts.own_rows:
        for reference in row.references:
            targets = session.specification.first_of(reference.target_key)
            others = [target for target in targets if target.key != row.owner_key]
            leads = [f"{ids[other.source]}, {_STATES[other.status]}" for other in others]
            no_row = ["no row"] if reference.state is ReferenceState.DANGLING else []
            for to in leads or no_row:
                yield f"{ids[row.source]} {reference.column} {reference.text}: {to}"


def lines_of_questions(ticket: TicketToComplete) -> Iterator[str]:
    """Say what rules ask, each question with its rows, and what they assume."""
    own_rows = ticket.facts.own_rows
    facts = ticket.facts
    for name, asked in ticket.questions.items():
        rows = [r for r in own_rows if not {r.machine_name, r.label}.isdisjoint(asked.subjects)]
        there = [r for r in own_rows if (r.source.file, r.source.line) == (asked.file, asked.line)]
        suggested = f" Suggested: {asked.suggested_answer}" if asked.suggested_answer else ""
        is_form = is_about_form(asked.question)
        words = (
            "Please fill in the cells marked “?”." if is_form else f"{asked.question}{suggested}"
        )
        yield f"{name} ({_ids(facts, rows or there)}) {words}"
    for assumed in facts.assumptions:
        yield f"assumed: {assumed.assumption}"


def _ids(facts: TicketRows, rows: Iterable[Entity]) -> str:
    return ", ".join(dict.fromkeys(ids_of(facts.session)[row.source] for row in rows))


def plain_of(fragment: str) -> str:
    """Return generated HTML as plain text, machine names between backticks."""
    marked = re.sub(r"</?code>", "`", without_citations(fragment))
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", marked)).split())


_Text = Annotated[str, AfterValidator(html.unescape)]
"""Models copy `-&gt;` from help texts, and nobody reads it so."""
Sentence = Annotated[_Text, StringConstraints(min_length=1, max_length=600, strip_whitespace=True)]
ShortText = Annotated[_Text, StringConstraints(max_length=300, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]

ITEMS_MAX = 40
"""No guide to how much is good: a bound on what a broken model can send."""
FILLS_MAX = 4 * ITEMS_MAX


class CheckKind(StrEnum):
    """What can be tried of one cell."""

    columns: tuple[str, ...]
    """Which cells it is of."""

    def __new__(cls, value: str, *columns: str) -> Self:
        kind = str.__new__(cls, value)
        kind._value_ = value
        kind.columns = columns
        return kind

    TYPE = "type", "Field type"
    WIDGET = "widget", "Form widget"
    REQUIRED = "required", "Req'd"
    OPTIONAL = "optional", "Req'd"
    VALUES = "values", "Vals."
    TARGET = "target", "Ref. bundle"
    OPTION = "option", *PROSE_COLUMNS
    LENGTH = "length", *PROSE_COLUMNS
    LABEL = "label", *LABEL_COLUMNS
    HELP = "help", "Help text"
    GROUP = "group", "Field group"
    PATH = "path", *PROSE_COLUMNS, "URL alias pattern", "Path"
    FROM_STATE = "from", "From state"
    TO_STATE = "to", "To state"
    GONE = "gone", STATUS_COLUMN
    VALUE = "value"
    """Of a setting of a package."""


class AnswerPart(BaseModel):
    """What an answer holds: no value of another type; models that add a name mean no harm."""

    model_config = ConfigDict(
        extra="ignore", strict=True, json_schema_extra={"additionalProperties": False}
    )


class Drop(AnswerPart):
    """A sentence or question of the template that does not hold, is answered or is no use."""

    id: Name = Field(description="Such as a2 or q1.")
    why: Sentence
    row: Name = Field(description="The row that shows it.")


class Fill(AnswerPart):
    """A cell of the form that a row answers."""

    cell: Name = Field(description="Such as f1.Filters.")
    value: ShortText = Field(min_length=1)
    row: Name
    quote: ShortText = Field(min_length=1, description="Words of the row, copied exactly.")


class ProposedQuestion(AnswerPart):
    """A question that nobody asked yet, or a suggestion to one of the template."""

    row: Name
    question: Sentence = Field(description="Or the name of one, such as q1.")
    suggested_answer: ShortText = ""
    because: ShortText = ""


class CellCheck(AnswerPart):
    """A check of one cell; its sentence is made by the program."""

    row: Name
    column: Name
    value: Annotated[ShortText, AfterValidator(without_hidden)] = Field(
        description="As in the cell; of `option` and `length` the part of it."
    )
    check: CheckKind


class Changes(AnswerPart):
    """What a model changes of one ticket; nothing is a good answer."""

    model_config = ConfigDict(extra="forbid")

    user_story: Sentence | None = Field(default=None, description="A better one; null keeps it.")
    estimated_hours: ShortText | None = Field(default=None, description="Such as 2-6; null keeps.")
    drop: list[Drop] = Field(default_factory=list, max_length=ITEMS_MAX)
    analysis: list[Sentence] = Field(default_factory=list, max_length=ITEMS_MAX)
    fill: list[Fill] = Field(default_factory=list, max_length=FILLS_MAX)
    questions: list[ProposedQuestion] = Field(default_factory=list, max_length=ITEMS_MAX)
    verification: list[CellCheck | Sentence] = Field(default_factory=list, max_length=ITEMS_MAX)


def storable_json(changes: Changes, ticket: TicketToComplete) -> str:
    """Return changes to keep: a row that moves in its sheet is the same row."""
    return _with_rows(changes, lasting_row_names(ticket.facts.session)).model_dump_json()


def kept_changes(answer_json: str, ticket: TicketToComplete) -> Changes:
    """Return changes that were kept; a row that is gone has a name that no row has.

    Raises:
        ValidationError: It is no answer of this shape.
    """
    names = {lasting: name for name, lasting in lasting_row_names(ticket.facts.session).items()}
    return _with_rows(Changes.model_validate_json(answer_json), names)


@once_per_session
def lasting_row_names(session: SessionRows) -> Mapping[str, str]:
    """Return what rows are kept under, by what a model calls them: keys, counted where they repeat."""
    alike = group_by(row_ids(session).items(), lambda named: named[1].key).items()
    return {name: f"{key}#{n}" for key, same in alike for n, (name, _) in enumerate(same, start=1)}


def _with_rows(changes: Changes, names: Mapping[str, str]) -> Changes:
    renamed = changes.model_copy(deep=True)
    for part in ("drop", "fill", "questions", "verification"):
        for item in getattr(renamed, part):
            if not isinstance(item, str):
                item.row = names.get(item.row, item.row)
    return renamed


PROMPT_VERSION = "36"
"""Is in the prompt file of packages, too; a test holds the contents of the file to it."""
TEXT_COLUMNS = ("Description", "Help text")
"""Beside notes, what takes understanding; of a package whatever ends so: `BaseSharedo.Description`."""


_FILES = {SourceWord.SHEETS: "whole.md", SourceWord.PACKAGES: "components.md"}
_VERSION_LINE = re.compile(r"<!-- version: \S+ -->\n")


class ContextKind(StrEnum):
    """What a model sees beside a ticket: the values of WRITER_CONTEXT."""

    SPECIFICATION = "specification"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptRule:
    """What a model may see."""

    context: ContextKind = ContextKind.SPECIFICATION
    context_tokens: int = 300_000
    is_for_notes_only: bool = False
    """Tickets without notes, descriptions and help texts are the template's."""


PROMPT_RULE = PromptRule()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What is asked for one ticket."""

    instructions: str
    """The same for every ticket of a version."""
    context: str
    """All rows: the same for every ticket of a session, save where too many of them had to go."""
    request: str
    rule: PromptRule
    is_shortened: bool
    """Rows were left out for their number; the request says so."""
    facts_hash: str
    """Of the ticket and the rows near it: a change of others does not ask for all tickets again."""

    @property
    def stable_tokens(self) -> int:
        """Tokens that are the same for the next ticket, so that a provider may keep them."""
        return tokens_of(self.instructions) + (0 if self.is_shortened else tokens_of(self.context))


def is_asked(brief: TicketRows, rule: PromptRule) -> bool:
    """Tell whether a model is asked about a ticket; the template writes the others."""
    rows = (*brief.group.heads, *brief.group.members)
    cells = (cell for row in rows for cell in row.cells.items())
    is_described = any(value and name.rpartition(".")[2] in TEXT_COLUMNS for name, value in cells)
    has_text = is_described or any(note_of(row) for row in rows)
    return has_text or bool(brief.remark) or not rule.is_for_notes_only


def prompt_of(
    ticket: TicketToComplete,
    rule: PromptRule,
    *,
    text_of: Callable[[TicketToComplete], str] = ticket_text,
) -> Prompt:
    """Return what is asked for a ticket; `text_of` says what the ticket is about."""
    facts = ticket.facts
    remark = ticket.facts.remark
    is_whole = rule.context is ContextKind.SPECIFICATION
    shown, left_out = (
        specification_text(facts, max_tokens=rule.context_tokens)
        if is_whole
        else ticket_rows_text(facts)
    )
    is_shortened = is_whole and bool(left_out)
    session = facts.session
    site = f"Site: {as_line(session.site_name)}. {as_line(session.site_description)}".strip()
    titles = "\n".join(as_line(group.title) for group in session.index.groups) if is_whole else ""
    told = f"{site}\n## tickets, in the order they are built\n{titles}\n{shown}"
    asked = f"<ticket>\n{without_hidden(text_of(ticket))}\n</ticket>"
    wish = (
        f"\n<remark>\n{as_line(remark)}\n</remark>\nThe remark is from a person of the team: "
        "do what it asks of this ticket, within the rules."
    )
    rows = near_rows(facts) if is_whole else facts.own_rows
    facts_hash = canonical_hash(
        {
            "title": facts.group.title,
            "site": [session.site_name, session.site_description],
            "rows": [
                [row.key, row.status.value, dict(row.as_stated.cells)]
                for row in (*rows, *facts.group.captions)
            ],
            "sentences": dict(ticket.sentences),
            "form": {name: cell for name, (_, _, cell) in ticket.form.items()},
            "questions": [asked.question for asked in ticket.asked],
            "hours": ticket.hours,
            "rule": [rule.context.value, rule.context_tokens if is_shortened else 0],
            "remark": remark,
        }
    )
    return Prompt(
        instructions=prompt_instructions(session.source_word),
        context=f"<specification>\n{told}\n</specification>",
        request=f"{left_out}\n{asked}{wish if remark else ''}".lstrip(),
        rule=rule,
        is_shortened=is_shortened,
        facts_hash=facts_hash,
    )


@cache
def prompt_instructions(source: SourceWord = SourceWord.SHEETS) -> str:
    """Read the prompt file for what a session was made of, without the line of its version."""
    path = files("jira_pipeline.writing") / "prompts" / _FILES[source]
    return _VERSION_LINE.sub("", path.read_text(encoding="utf-8"), count=1)


def as_line(text: str) -> str:
    """Return text on one line that cannot end what it is in, and has nothing that nobody sees."""
    return " ".join(without_hidden(text).replace("<", "&lt;").replace(">", "&gt;").split())
