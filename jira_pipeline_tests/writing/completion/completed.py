"""Tickets of the harbour to complete, and what becomes of changes to them."""

import json
from dataclasses import replace
from typing import Any

from jira_pipeline.drupal.view.form import FormRow
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.writing.completion.checking import Judged, completed_prose, judged_changes
from jira_pipeline.writing.completion.prompt import Changes, TicketToComplete
from jira_pipeline.writing.completion.prose_checks import NAMES_NO_ROW
from jira_pipeline_tests.writing.harbour import harbour_facts

BOAT = "Configure content type: Boat"
FLEET = "Configure view: Fleet"
REVIEW = "Configure workflow: Berth review"
WRITER = "openai:small/19"


def ticket(title: str = BOAT) -> TicketToComplete:
    return TicketToComplete.of(harbour_facts()[title])


def with_form(shows: str = "Teasers") -> TicketToComplete:
    """Return the ticket of the view with a form of three cells, one of them open, and its question."""
    whole = ticket(FLEET)
    display = next(row for row in whole.facts.own_rows if row.machine_name == "page_all")
    cells = {"Lists": "Content", "Shows": shows, "Filters": "?"}
    claims = replace(whole.claimed, form=(FormRow(display=display, cells=cells),))
    asked = OpenQuestion(
        file=display.source.file,
        line=display.source.line,
        column="",
        quote="",
        question="Fill in the cells marked “?”.",
    )
    return replace(whole, claimed=claims, asked=(asked,), hours="1-3")


def with_question() -> TicketToComplete:
    asked = OpenQuestion(
        file="fields.csv",
        line=7,
        column="Settings/notes",
        quote="Feet to be confirmed.",
        question="Is `field_length` in feet?",
        subjects=("field_length",),
    )
    return replace(ticket(), asked=(asked,))


def changes_of_model(**changes: Any) -> Changes:
    return Changes.model_validate_json(json.dumps(changes))


def judged(of: TicketToComplete | None = None, **changes: Any) -> list[Judged]:
    return list(judged_changes(changes_of_model(**changes), of or ticket()))


def refused(sentence: str, of: TicketToComplete | None = None) -> str:
    """Return why a sentence of the analysis is refused; empty where it is not."""
    (one,) = judged(of, analysis=[sentence])
    return one.refused


def warned(sentence: str, of: TicketToComplete | None = None) -> str:
    """Return what nobody can prove of a sentence that is not refused, and may name no row."""
    (one,) = judged(of, analysis=[sentence])
    assert one.refused == ""
    return one.warning.removesuffix(NAMES_NO_ROW).removesuffix("; ")


def prose(of: TicketToComplete | None = None, **changes: Any) -> TicketProse:
    whole = of or ticket()
    return completed_prose(changes_of_model(**changes), whole, writer=WRITER)


def name_of_row(machine_name: str, of: TicketToComplete | None = None) -> str:
    rows = (of or ticket()).rows
    return next(name for name, row in rows.items() if row.machine_name == machine_name)
