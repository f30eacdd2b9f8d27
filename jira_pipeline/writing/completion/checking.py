"""Which changes of a model hold: each by itself, structured ones exactly against their cells.

Belongs here: judging every change, what is asked once more, joining both answers; the ticket with the
changes that hold, each of them attributed. Does not: sentences (`prose_checks`), taking a change back
(`review/revisions`).
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about, rendered
from jira_pipeline.drupal.columns import PROSE_COLUMNS
from jira_pipeline.drupal.markup import code, named, quoted, text, with_code
from jira_pipeline.drupal.meaning.notes import readable
from jira_pipeline.drupal.row_names import name_of, subject_of
from jira_pipeline.drupal.view.form import FormRow, open_columns_in_words
from jira_pipeline.drupal.view.path import path_text
from jira_pipeline.model.entities import Entity, Specification, Status
from jira_pipeline.model.forms_in_text import OPEN, is_about_form, is_open_cell
from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.model.line_numbers import places_cited
from jira_pipeline.model.open_questions import MODEL, OpenQuestion
from jira_pipeline.model.revisions import ChangeKind, ModelChange, TicketProse
from jira_pipeline.tickets.grouping.component_rows import is_change, settings_of
from jira_pipeline.tickets.template import parts_saying, question_items
from jira_pipeline.writing.completion.prompt import (
    FILLS_MAX,
    ITEMS_MAX,
    CellCheck,
    Changes,
    CheckKind,
    Drop,
    Fill,
    ProposedQuestion,
    TicketToComplete,
    as_data,
    plain_of,
)
from jira_pipeline.writing.completion.prose_checks import (
    STORY,
    address_faults,
    address_warnings,
    contradictions,
    form_faults,
    is_english,
    leaked_instructions,
    name_faults,
    no_row_warning,
    normalised,
    repeated_claim,
    story_warning,
    warnings_of,
)

_HOURS = re.compile(r"(\d{1,3})\s*[-–]\s*(\d{1,3})(?:\s*(?:hours|h))?")
_WIDEST_BAND = 4
"""The largest band of the rule, `4-12`, triples; beyond four times it is no estimate."""
_NEXT_BAND = 2
"""Each band of the rule (`1-3`, `2-6`, `4-12`) has twice the hours of the one before."""
QUOTED_CHARACTERS_MIN = 3
"""Letters that stand for a status, and articles, are in nearly every row."""
_PROSE = frozenset({ChangeKind.USER_STORY, ChangeKind.ANALYSIS, ChangeKind.VERIFICATION})
_PARTS: Mapping[ChangeKind, str] = {
    **{kind: kind.value for kind in ChangeKind},
    ChangeKind.HOURS: "estimated_hours",
    ChangeKind.QUESTION: "questions",
}
"""What the changes of each kind are called in an answer."""
_PART_OF_CELL = frozenset({CheckKind.OPTION, CheckKind.TARGET, CheckKind.FROM_STATE})
_NEEDED = {CheckKind.REQUIRED: True, CheckKind.OPTIONAL: False, CheckKind.GONE: None}

Item: TypeAlias = str | Drop | Fill | ProposedQuestion | CellCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One change and what it is worth."""

    kind: ChangeKind
    item: Item
    refused: str = ""
    """Why it is not made; empty where it is."""
    warning: str = ""
    """What of it no cell proves."""
    row: Entity | None = None
    """What it rests on."""

    @property
    def text(self) -> str:
        match self.item:
            case str():
                return self.item
            case Drop():
                return f"{self.item.id}: {self.item.why}"
            case Fill():
                return f"{self.item.cell}: {self.item.value}"
            case ProposedQuestion():
                return self.item.question
            case CellCheck():
                return f"{self.item.check.value}: {self.item.column} = {self.item.value}"

    @property
    def shown_words(self) -> str:
        """All that people read of it in the model's own words."""
        match self.item:
            case ProposedQuestion() as proposed:
                return f"{proposed.question} {proposed.suggested_answer} {proposed.because}"
            case Fill() as fill:
                return fill.value
            case _:
                return self.text


def judged_changes(changes: Changes, ticket: TicketToComplete) -> tuple[Judged, ...]:
    """Judge every change, in the order of the parts."""
    judged = tuple(_all_judged(changes, ticket))
    prose = [j.text for j in judged if j.kind in _PROSE and isinstance(j.item, str)]
    refused = "" if is_english(prose) else "it is not in English"
    if leak := leaked_instructions(" ".join(prose), ticket):
        refused = f"it repeats the instructions: {leak}"
    return tuple(
        replace(j, refused=j.refused or refused) if j.kind in _PROSE else j for j in judged
    )


def _all_judged(changes: Changes, ticket: TicketToComplete) -> Iterator[Judged]:
    earlier_keys: set[tuple[str, str, str]] = set()
    without = replace(ticket, dropped=frozenset(drop.id for drop in changes.drop))
    for kind, part in _PARTS.items():
        changed = getattr(changes, part)
        for item in changed if isinstance(changed, list) else [changed] * (changed is not None):
            judged = _judged(kind, item, ticket if kind is ChangeKind.DROP else without)
            if isinstance(item, Drop) and not judged.refused:
                judged = replace(judged, refused=_left_of_question(item, changes, ticket))
            row = item.row if isinstance(item, CellCheck) else ""
            key = (kind.value, row, normalised(judged.text).casefold())
            is_new = judged.refused or key not in earlier_keys
            yield judged if is_new else replace(judged, refused="it is said twice")
            earlier_keys.add(key)


def _judged(kind: ChangeKind, item: Item, ticket: TicketToComplete) -> Judged:
    """Judge one change by itself, with the addresses that it leads to."""
    judged = _judged_by_rows(kind, item, ticket)
    words = judged.shown_words
    if not judged.refused:
        judged = replace(judged, refused=next(address_faults(words, ticket), ""))
    if judged.refused:
        return judged
    unproven = [judged.warning, *address_warnings(words)]
    is_added = kind in {ChangeKind.ANALYSIS, ChangeKind.VERIFICATION}
    if is_added and isinstance(item, str):
        unproven.append(no_row_warning(item, ticket))
    warnings = dict.fromkeys(filter(None, unproven))
    return replace(judged, warning="; ".join(warnings))


def _judged_by_rows(kind: ChangeKind, item: Item, ticket: TicketToComplete) -> Judged:
    """Judge one change by the rows; what names one is judged against that row."""
    if isinstance(item, str):
        refused = (
            hours_fault(item, ticket) if kind is ChangeKind.HOURS else prose_fault(item, ticket)
        )
        warnings = [*warnings_of(item, ticket)] if kind in _PROSE and not refused else []
        if kind is ChangeKind.USER_STORY and not refused:
            warnings.append(story_warning(item, ticket))
        warning = "; ".join(dict.fromkeys(filter(None, warnings)))
        return Judged(kind=kind, item=item, refused=refused, warning=warning)
    row = ticket.rows.get(item.row)
    refused = f"there is no row {item.row}" if row is None else _fault(item, row, ticket)
    return Judged(kind=kind, item=item, refused=refused, row=row)


def _fault(
    item: Drop | Fill | ProposedQuestion | CellCheck, row: Entity, ticket: TicketToComplete
) -> str:
    """Say why a change that rests on a row is not made; empty where it is."""
    match item:
        case Drop(id=name, why=why):
            is_there = name in ticket.sentences or name in ticket.questions
            if is_there and name not in ticket.questions and name.startswith("s"):
                return "a story is replaced, never dropped"
            fault = next(form_faults(why, ticket), "")
            return fault if is_there else f"there is no sentence {name}"
        case Fill():
            return fill_fault(item, row, ticket)
        case ProposedQuestion(question=name) if name in ticket.questions:
            return _suggestion_fault(item, ticket)
        case ProposedQuestion(question=question):
            asked = {normalised(q.question).casefold() for q in ticket.asked}
            if "?" not in question:
                return "it asks nothing"
            if normalised(question).casefold() in asked:
                return "it is asked already"
            told = question.rpartition(". ")[0]  # what it says before it asks
            words = f"{question} {item.suggested_answer} {item.because}"
            fault = prose_fault(words, ticket, is_claim=False)
            return fault or next(contradictions(told, ticket), "")
        case CellCheck():
            fault = _cell_fault(item, row, ticket.facts.session.specification)
            return fault or _statement_of_cell(item, row, ticket)


def fill_fault(item: Fill, row: Entity, ticket: TicketToComplete) -> str:
    """Say why a cell of the form is not filled in with words of a row; empty where it is."""
    if item.cell not in ticket.form:
        return f"there is no cell {item.cell}"
    before = ticket.form[item.cell][2]
    if not (is_open_cell(before) or _FROM in before):
        return f"{item.cell} is filled in"
    is_there = bool(quoting_column(item.quote, row))
    fault = prose_fault(item.value, ticket, is_claim=False)
    return fault if is_there else f"“{item.quote}” is not in {item.row}"


def _suggestion_fault(item: ProposedQuestion, ticket: TicketToComplete) -> str:
    """Say why an answer is not suggested to a question of the ticket; empty where it is."""
    asked = ticket.questions[item.question]
    if is_about_form(asked.question):
        return "the cells of a form are filled in one by one"
    if not item.suggested_answer or asked.suggested_answer:
        return "it suggests nothing" if not item.suggested_answer else "it has a suggestion"
    return prose_fault(f"{item.suggested_answer} {item.because}", ticket, is_claim=False)


def _left_of_question(drop: Drop, changes: Changes, ticket: TicketToComplete) -> str:
    """Say what a dropped question also asks about, where only a part of it is answered or asked anew."""
    asked = ticket.questions.get(drop.id)
    subjects = frozenset(asked.subjects if asked and not is_about_form(asked.question) else ())
    rows = [r for r in ticket.facts.own_rows if not subjects.isdisjoint({r.machine_name, r.label})]
    anew = [(q.row, f"{q.question} {q.suggested_answer}") for q in changes.questions]
    told = " ".join([drop.why, *(words for _, words in anew)]).casefold()
    named = {
        ticket.rows[name].source
        for name in (drop.row, *(row for row, _ in anew))
        if name in ticket.rows
    }

    def is_spoken_of(row: Entity) -> bool:
        names = (name.casefold() for name in (row.machine_name, name_of(row)) if name)
        return row.source in named or any(name in told for name in names)

    left = [row for row in rows if not is_spoken_of(row)]
    names = ", ".join(dict.fromkeys(f"`{row.machine_name}`" for row in left))
    return f"it asks about {names}, too: ask that anew" if 0 < len(left) < len(rows) else ""


def second_request(refused: Sequence[Judged]) -> str:
    """Ask once for what could be said instead of what does not hold."""
    listed = as_data([{"kind": r.kind.value, "text": r.text, "fault": r.refused} for r in refused])
    return (
        "These changes do not hold, each for its fault; all others are taken. Answer with one JSON "
        "object of the same form that has only what should be said instead of them, as the rows "
        f"say it. What nothing can be said instead of goes; that is a good answer, too.\n{listed}"
    )


def joined(first: Changes, second: Changes, ticket: TicketToComplete) -> Changes:
    """Join an answer and its repair; of kinds it leaves out, what is refused stays, to be seen."""
    before = judged_changes(first, ticket)
    after = judged_changes(second, ticket)
    repaired = {change.kind for change in after}
    stay = [change for change in before if not change.refused or change.kind not in repaired]
    values = {(change.kind, change.text) for change in stay}
    return changes_of(
        [*stay, *(change for change in after if (change.kind, change.text) not in values)]
    )


def changes_of(judged: Sequence[Judged]) -> Changes:
    """Return changes as a model would send them; of too many the last ones."""
    parts: dict[str, Any] = {}
    for kind, part in _PARTS.items():
        items = [change.item for change in judged if change.kind is kind]
        most = FILLS_MAX if kind is ChangeKind.FILL else ITEMS_MAX
        is_one = kind in {ChangeKind.USER_STORY, ChangeKind.HOURS}
        parts[part] = next(reversed(items), None) if is_one else items[-most:]
    return Changes.model_construct(**parts)


def prose_fault(text: str, ticket: TicketToComplete, *, is_claim: bool = True) -> str:
    """Say what is wrong with a sentence; empty where nothing is."""
    fault = words_fault(text, ticket)
    if fault or not is_claim:
        return fault
    of_claims = (contradictions, repeated_claim)
    return next((fault for rule in of_claims for fault in rule(text, ticket)), "")


def words_fault(text: str, ticket: TicketToComplete) -> str:
    """Say why words are no plain ones, or name what no row has; empty where nothing is wrong."""
    rules = (form_faults, name_faults)
    return next((fault for rule in rules for fault in rule(text, ticket)), "")


def hours_fault(text: str, ticket: TicketToComplete) -> str:
    """Say why a band of hours is more than one band from that of the rule, or no estimate."""
    band = _HOURS.fullmatch(text)
    of_rule = _HOURS.fullmatch(ticket.hours)
    if band is None or of_rule is None:
        return "it is no band of hours such as 2-6"
    low = int(band[1])
    high = int(band[2])
    rule_low = int(of_rule[1])
    rule_high = int(of_rule[2])
    overlaps = low <= rule_high and high >= rule_low
    is_near = low * _NEXT_BAND >= rule_low and high <= rule_high * _NEXT_BAND
    is_band = 0 < low < high <= _WIDEST_BAND * low
    return (
        "" if is_band and overlaps and is_near else f"it is far from the rule’s {of_rule.group()}"
    )


def quoting_column(quote: str, row: Entity) -> str:
    """Return the column of a row that holds some whole words, or a number; empty if none does."""
    words = _as_read(quote).strip(" .")
    if len(words) < QUOTED_CHARACTERS_MIN and not words.isdecimal():
        return ""
    whole = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
    cells = ((column, _as_read(cell)) for column, cell in row.cells.items())
    return next((column for column, cell in cells if whole.search(cell)), "")


def _as_read(text: str) -> str:
    """Return a text in lower case, be it as in the sheet or escaped as it was sent."""
    return normalised(html.unescape(html.unescape(text))).casefold()


def check_claim(item: CellCheck, row: Entity) -> Claim:
    """Return a structured check as a claim, to be rendered like those of the template."""
    kind = "changed_value" if is_change(row) else item.check.value
    if item.check is CheckKind.VALUES and item.value in {"*", "unlimited", "Unlimited"}:
        kind = "any_number"
    seen = readable(item.value) if item.check is CheckKind.HELP else item.value
    words = {"row": named(row), "column": code(item.column), "literal": code(item.value)}
    words["value"] = text(item.value) if item.check is CheckKind.TARGET else quoted(seen)
    kind, values = f"completion.{kind}", [item.value]
    count = item.value if item.value.isdecimal() else "1"
    (claim,) = claims_about(kind, [row], item.column, values=values, of_count=count, **words)
    return claim


def _cell_fault(item: CellCheck, row: Entity, specification: Specification) -> str:
    cell = row.cell(item.column)
    values = _as_read(item.value)
    known = _as_read(cell)
    is_setting = item.check is CheckKind.VALUE
    if is_setting and item.column not in settings_of(row, specification):
        return f"{item.row} has no setting {item.column}, or not one that is to be checked"
    if not is_setting and item.column not in item.check.columns:
        return f"{item.check.value} is no check of {item.column}"
    is_gone = row.status is Status.DELETED
    if row.status is Status.WAITING or is_gone is not (item.check is CheckKind.GONE):
        return f"{item.row} has X {row.status.value}"
    if item.check in _NEEDED:
        is_so = row.flag(item.column) is _NEEDED[item.check]
        return "" if is_so and values[:1] == known[:1] else f"{item.column} is {cell or 'blank'}"
    if item.check is CheckKind.LENGTH:
        numbers = re.findall(r"\d+", cell)
        return "" if item.value in numbers else f"{item.column} has no {item.value}"
    if item.check in _PART_OF_CELL or item.column in PROSE_COLUMNS:
        is_there = bool(re.search(rf"(?<!\w){re.escape(values)}(?!\w)", known)) if values else False
        return "" if is_there else f"“{item.value}” is not in {item.column}"
    return "" if values and values == known else f"{item.column} is {cell or 'blank'}"


def _statement_of_cell(item: CellCheck, row: Entity, ticket: TicketToComplete) -> str:
    """Say which sentence of the template states the same cell with the same value."""
    for name, claim in ticket.claims.items():
        is_same = name.startswith("v") and item.column in claim.columns
        if is_same and any(r.source == row.source for r in claim.rows):
            is_part = item.check in _PART_OF_CELL or item.column in PROSE_COLUMNS
            values = [*claim.values, plain_of(rendered(claim))]
            if not is_part or any(item.value in one for one in values):
                return f"{name} says it already"
    return ""


_FROM = "(from the "
"""In a cell of a form: what fills it in that is no cell of its own."""
_DECIDING = frozenset({"Base table", "Display plugin"})
"""What these cells say nobody has to confirm."""
_PLAIN_COLUMNS = {"Settings/notes": "note", "Notes": "note", "View name": "title"}


def completed_prose(changes: Changes, ticket: TicketToComplete, *, writer: str) -> TicketProse:
    """Return the prose of a ticket with the changes that hold; what was refused is listed.

    What a model would drop stays until a person agrees: that is listed as its proposal.
    """
    judged = judged_changes(changes, ticket)
    values = {
        change.item.cell: filled_value(change.item, change.row, ticket)
        for change in judged
        if isinstance(change.item, Fill) and change.row is not None and not change.refused
    }
    attributed = tuple(_attributed(change, ticket, values, writer=writer) for change in judged)
    made = [change for change in attributed if not change.refused]
    of_kind = {kind: [change for change in made if change.kind is kind] for kind in ChangeKind}

    def sentences(part: str, added: ChangeKind) -> list[str]:
        """Return the template's sentences of a part, then what is added, as HTML."""
        claims = ticket.claims.items()
        stay = [rendered(claim) for name, claim in claims if name.startswith(part)]
        return [*stay, *(change.after for change in of_kind[added])]

    cells = group_pairs(
        (place, (column, values.get(name, cell)))
        for name, (place, column, cell) in ticket.form.items()
    )
    form = [replace(row, cells=dict(cells[n])) for n, row in enumerate(ticket.claimed.form)]
    suggested = {
        change.about: change.question for change in of_kind[ChangeKind.QUESTION] if change.about
    }
    asked = [suggested.get(name) or bare for name, bare in ticket.questions.items()]
    if values:
        asked = [left for change in asked if (left := still_open(change, form, ticket))]
    added = (change for change in of_kind[ChangeKind.QUESTION] if not change.about)
    proposed = [change.question for change in added if change.question]
    story = [change.after for change in of_kind[ChangeKind.USER_STORY]]
    hours = next((change.after for change in of_kind[ChangeKind.HOURS]), ticket.hours)
    return TicketProse(
        parts=parts_saying(
            story or sentences("s", ChangeKind.USER_STORY),
            sentences("a", ChangeKind.ANALYSIS),
            sentences("v", ChangeKind.VERIFICATION),
            form=form,
            questions=question_items(ticket.facts, [*asked, *proposed]),
        ),
        questions=(*asked, *proposed),
        estimated_hours=hours,
        writer=writer,
        changes=attributed,
        assumptions=ticket.facts.assumptions,
    )


def filled_value(fill: Fill, row: Entity, ticket: TicketToComplete) -> str:
    """Return what a cell of the form says, with where that is from; one partly open stays open."""
    value = fill.value.replace("`", "").rstrip(". ")
    if value.endswith(OPEN) and not is_open_cell(
        value
    ):  # what is open is told from a label by this
        value = f"{value.removesuffix(OPEN)}: {OPEN}"
    place, _, before = ticket.form[fill.cell]
    stays = before.rpartition("; ")[0]  # what is known of it already needs no other source
    stays = f"{stays}; " if stays and value.startswith(f"{stays}; ") else ""
    value = value.removeprefix(stays)
    column = quoting_column(fill.quote, row)
    known, _, rest = value.rpartition("; ") if value.endswith(OPEN) else (value, "", "")
    if column in _DECIDING or not known or _FROM in known:
        return stays + value
    own_keys = {ticket.claimed.form[place].display.key, ticket.facts.head.key}
    whose = "" if row.key in own_keys else f" of “{name_of(row)}”"
    of = _PLAIN_COLUMNS.get(column, column.lower())
    if of == "note" and fill.quote.casefold() in path_text(row).casefold():
        of = "path"
    return f"{stays}{known} {_FROM}{of}{whose}){f'; {rest}' * bool(rest)}"


def still_open(
    asked: OpenQuestion, form: Sequence[FormRow], ticket: TicketToComplete
) -> OpenQuestion | None:
    """Return a question as it is asked once a model filled cells in; that of a form for what is open."""
    if not is_about_form(asked.question):
        return asked
    if not any(row.open_columns for row in form):
        return None
    before, now = (open_columns_in_words(rows) for rows in (ticket.claimed.form, form))
    return replace(asked, question=asked.question.replace(before, now))


def _asked(
    item: ProposedQuestion, row: Entity, ticket: TicketToComplete, *, writer: str
) -> dict[str, Any]:
    """Return what a new question, or an answer suggested to one of the ticket, changes."""
    answer = item.suggested_answer
    because = item.because
    if bare := ticket.questions.get(item.question):
        asked = replace(bare, suggested_answer=answer, suggested_because=because)
        before, after = question_items(ticket.facts, [bare, asked])
        told = {"about": item.question, "text": f"“{bare.question}”: {answer}"}
        return {**told, "before": before, "after": after, "question": asked}
    asked = OpenQuestion(
        kind=MODEL,
        keys=(f"{row.key} “{item.question}”",),
        file=row.source.file,
        line=row.source.line,
        record=row.source.record,
        column="",
        quote="",
        question=item.question,
        subjects=(subject_of(row),),
        proposed_by=writer,
        suggested_answer=answer,
        suggested_because=because,
    )
    (after,) = question_items(ticket.facts, [asked])
    return {"after": after, "question": asked}


def _attributed(
    judged: Judged, ticket: TicketToComplete, values: Mapping[str, str], *, writer: str
) -> ModelChange:
    """Say what was changed, and of a change that is made what taking it back needs."""
    row = judged.row
    place = places_cited([judged.row.source]) if judged.row else ""
    change = ModelChange(
        kind=judged.kind,
        text=judged.text,
        place=place,
        warning=judged.warning,
        refused=judged.refused,
    )
    match judged.item:
        case Drop(id=name, why=why):
            asked = ticket.questions.get(name)
            what = asked.question if asked else ticket.sentences.get(name, name)
            change = replace(change, text=f"“{what}”: {why}")
            if judged.refused:
                return change
            items = question_items(ticket.facts, [asked] if asked else [])
            before = next(items, "") or rendered(ticket.claims[name])
            return replace(change, about=name, before=before, question=asked)
        case _ if judged.refused:
            return change
        case Fill(cell=cell):
            before = text(ticket.form[cell][2])
            after = text(values[cell])
            return replace(change, about=cell, before=before, after=after)
        case ProposedQuestion() as item if row:
            return replace(change, **_asked(item, row, ticket, writer=writer))
        case CellCheck() as check if row:
            after = rendered(check_claim(check, row))
            return replace(change, text=plain_of(after), after=after)
        case _ if judged.kind is ChangeKind.HOURS:
            return replace(change, before=ticket.hours, after=judged.text)
        case _:
            story = ticket.claims.get(STORY) if judged.kind is ChangeKind.USER_STORY else None
            before = rendered(story) if story else ""
            return replace(change, before=before, after=with_code(judged.text))
