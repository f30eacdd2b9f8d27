"""Tickets of the harbour that are written whole, and what becomes of an answer about them."""

import json
from dataclasses import replace
from typing import Any

from jira_pipeline.model.revisions import EarlierText, TicketProse
from jira_pipeline.writing.completion.prompt import TicketToComplete
from jira_pipeline.writing.whole.answer import WholeAnswer
from jira_pipeline.writing.whole.judging import JudgedPart, judged_answer
from jira_pipeline.writing.whole.whole_ticket import whole_prose
from jira_pipeline_tests.writing.completion.completed import WRITER, name_of_row, ticket

STORY = "The harbour registers its boats."


def sentence(text: str, *machine_names: str, covers: tuple[str, ...] = ()) -> dict[str, object]:
    """Return a sentence that rests on rows of the harbour, by their machine names."""
    rows = [name_of_row(name) for name in machine_names]
    return {"text": text, "rows": rows, "covers": list(covers)}


def question(text: str, machine_name: str, **more: object) -> dict[str, object]:
    return {"row": name_of_row(machine_name), "question": text, **more}


def answer_of(**parts: Any) -> WholeAnswer:
    return WholeAnswer.model_validate_json(json.dumps(parts))


def judged(of: TicketToComplete | None = None, **parts: Any) -> list[JudgedPart]:
    return list(judged_answer(answer_of(**parts), of or ticket()))


def refused(item: dict[str, object], part: str = "analysis") -> str:
    """Return why one part is refused; empty where it is not."""
    parts: Any = {part: [item]}
    (one,) = judged(**parts)
    return one.refused


def whole(of: TicketToComplete | None = None, **parts: Any) -> TicketProse:
    return whole_prose(answer_of(**parts), of or ticket(), writer=WRITER)


def with_earlier(of: TicketToComplete, earlier: EarlierText) -> TicketToComplete:
    """Return a ticket that a model wrote before."""
    return replace(of, facts=replace(of.facts, earlier=earlier))
