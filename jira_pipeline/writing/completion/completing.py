"""A ticket with the changes of a model that hold, each of them attributed.

Belongs here: applying changes to claims, and the prose they make. Does not: which changes hold
(`checking`), taking one back (`review/model_changes`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from jira_pipeline.drupal.meaning.view_displays import stated_path
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.forms_in_text import OPEN, is_about_form, is_open_cell
from jira_pipeline.model.line_numbers import places_cited
from jira_pipeline.model.open_questions import MODEL, OpenQuestion
from jira_pipeline.model.tickets import ChangeKind, ModelChange, ProseParts, TicketProse
from jira_pipeline.tickets.claims.claim import rendered
from jira_pipeline.tickets.claims.ticket import form_html, question_items
from jira_pipeline.tickets.fragments import (
    bullet_list,
    checklist,
    numbered_list,
    paragraph,
    text,
    with_code,
)
from jira_pipeline.tickets.questions.question_index import name_of
from jira_pipeline.tickets.questions.row_questions import subject_of
from jira_pipeline.tickets.questions.view_forms import FROM, FormRow, wanted_of
from jira_pipeline.writing.completion.changes import (
    CellCheck,
    Changes,
    Drop,
    Fill,
    ProposedQuestion,
)
from jira_pipeline.writing.completion.checking import (
    Judged,
    check_claim,
    judged_changes,
    quoting_column,
)
from jira_pipeline.writing.completion.ticket_text import TicketToComplete, plain_of

_DECIDING = frozenset({"Base table", "Display plugin"})
"""What these cells say nobody has to confirm."""
_PLAIN_COLUMNS = {"Settings/notes": "note", "Notes": "note", "View name": "title"}


def completed_prose(changes: Changes, ticket: TicketToComplete, *, writer: str) -> TicketProse:
    """Return the prose of a ticket with the changes that hold; what was refused is listed."""
    judged = judged_changes(changes, ticket)
    values = {
        one.item.cell: filled_value(one.item, one.row, ticket)
        for one in judged
        if isinstance(one.item, Fill) and one.row is not None and not one.refused
    }
    attributed = tuple(_attributed(one, ticket, values, writer=writer) for one in judged)
    made = [one for one in attributed if not one.refused]
    of_kind = {kind: [one for one in made if one.kind is kind] for kind in ChangeKind}
    dropped = {one.about for one in of_kind[ChangeKind.DROP]}

    def sentences(part: str, added: ChangeKind) -> list[str]:
        """Return the template's sentences of a part that stay, then what is added, as HTML."""
        claims = ticket.claims.items()
        stay = [rendered(c) for name, c in claims if name.startswith(part) and name not in dropped]
        return [*stay, *(one.after for one in of_kind[added])]

    cells: list[dict[str, str]] = [{} for _ in ticket.claimed.form]
    for name, (place, column, cell) in ticket.form.items():
        cells[place][column] = values.get(name, cell)
    form = [replace(r, cells=c) for r, c in zip(ticket.claimed.form, cells, strict=True)]
    suggested = {one.about: one.question for one in of_kind[ChangeKind.QUESTION] if one.about}
    stay = ((name, one) for name, one in ticket.questions.items() if name not in dropped)
    asked = [suggested.get(name) or one for name, one in stay]
    if values:
        asked = [left for one in asked if (left := _still_open(one, form, ticket))]
    added = (one for one in of_kind[ChangeKind.QUESTION] if not one.about)
    proposed = [one.question for one in added if one.question]
    story = [one.after for one in of_kind[ChangeKind.USER_STORY]]
    hours = next((one.after for one in of_kind[ChangeKind.HOURS]), ticket.hours)
    return TicketProse(
        parts=ProseParts(
            user_story="".join(map(paragraph, story or sentences("s", ChangeKind.USER_STORY))),
            analysis=form_html(form) + bullet_list(sentences("a", ChangeKind.ANALYSIS)),
            questions=numbered_list(question_items(ticket.facts, [*asked, *proposed])),
            verification=checklist(sentences("v", ChangeKind.VERIFICATION)),
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
    if column in _DECIDING or not known or FROM in known:
        return stays + value
    own = {ticket.claimed.form[place].display.key, ticket.facts.head.key}
    whose = "" if row.key in own else f" of “{name_of(row)}”"
    of = _PLAIN_COLUMNS.get(column, column.lower())
    if of == "note" and fill.quote.casefold() in stated_path(row).casefold():
        of = "path"
    return f"{stays}{known} {FROM}{of}{whose}){f'; {rest}' * bool(rest)}"


def _still_open(
    asked: OpenQuestion, form: Sequence[FormRow], ticket: TicketToComplete
) -> OpenQuestion | None:
    """Return a question as it is asked once a model filled cells in; that of a form for what is open."""
    if not is_about_form(asked.question):
        return asked
    if not any(row.open_columns for row in form):
        return None
    before, now = (wanted_of(ticket.facts.head, rows) for rows in (ticket.claimed.form, form))
    return replace(asked, question=asked.question.replace(before, now))


def _asked(
    item: ProposedQuestion, row: Entity, ticket: TicketToComplete, *, writer: str
) -> dict[str, Any]:
    """Return what a new question, or an answer suggested to one of the ticket, changes."""
    answer, because = item.suggested_answer, item.because
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
    one: Judged, ticket: TicketToComplete, values: Mapping[str, str], *, writer: str
) -> ModelChange:
    """Say what was changed, and of a change that is made what taking it back needs."""
    row, place = one.row, places_cited([one.row.source]) if one.row else ""
    change = ModelChange(
        kind=one.kind, text=one.text, place=place, warning=one.warning, refused=one.refused
    )
    match one.item:
        case Drop(id=name, why=why):
            asked = ticket.questions.get(name)
            what = asked.question if asked else ticket.sentences.get(name, name)
            change = replace(change, text=f"“{what}”: {why}")
            if one.refused:
                return change
            items = question_items(ticket.facts, [asked] if asked else [])
            before = next(items, "") or rendered(ticket.claims[name])
            return replace(change, about=name, before=before, question=asked)
        case _ if one.refused:
            return change
        case Fill(cell=cell):
            before, after = text(ticket.form[cell][2]), text(values[cell])
            return replace(change, about=cell, before=before, after=after)
        case ProposedQuestion() as item if row:
            return replace(change, **_asked(item, row, ticket, writer=writer))
        case CellCheck() as check if row:
            after = rendered(check_claim(check, row))
            return replace(change, text=plain_of(after), after=after)
        case _ if one.kind is ChangeKind.HOURS:
            return replace(change, before=ticket.hours, after=one.text)
        case _:
            story = ticket.claims.get("s1") if one.kind is ChangeKind.USER_STORY else None
            before = rendered(story) if story else ""
            return replace(change, before=before, after=with_code(one.text))
