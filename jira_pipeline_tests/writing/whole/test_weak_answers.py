"""A weak model: a third of the sentences of tickets that a good one wrote are replaced by false ones.

It also holds every question answered by words that no row has, as answers did that dropped them.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pytest

from benchmarks.must_facts import PACKETS, TICKETS, briefs_of_packets, known_tickets
from jira_pipeline.drupal.field.required import is_required
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.tickets import question_id_of
from jira_pipeline.writing.completion.prompt import TicketToComplete, ids_of
from jira_pipeline.writing.whole.answer import WholeAnswer
from jira_pipeline.writing.whole.must_facts import must_facts_of
from jira_pipeline.writing.whole.whole_ticket import uncovered_facts, whole_prose

pytestmark = pytest.mark.skipif(
    not (TICKETS.exists() and PACKETS.is_dir()), reason="not in ../shared: whole tickets, packets"
)
NAMED_NOWHERE = "`field_canary` is new."
PLACED = "The block is placed in the sidebar of Basic page."
INSTALLED = "The Devel module installs this view."
ANSWERED_BY_NOTHING = "The row says which field offers it."


@cache
def briefs() -> Mapping[str, TicketRows]:
    return briefs_of_packets()


def contradicting(brief: TicketRows) -> Sequence[str]:
    """Return sentences that cells of a ticket contradict."""
    sentences = []
    for row in brief.own_rows:
        if row.kind is EntityKind.FIELD and row.flag("Req'd") is False and not is_required(row):
            sentences.append(f"`{row.machine_name}` is required.")
        access = re.fullmatch(r"permission (.+)", row.cell("Access"))
        if row.kind is EntityKind.VIEW_DISPLAY and access:
            sentences.append(f"A visitor without “{access[1]}” sees `{row.machine_name}`.")
    return sentences[:2]


def weakened(ticket: Mapping[str, Any], brief: TicketRows) -> WholeAnswer:
    """Return an answer with every third sentence false; each claims to say all facts.

    Each question is held answered, with a reason in the place of the row's words.
    """
    false = [*contradicting(brief), NAMED_NOWHERE, PLACED, INSTALLED]
    names = ids_of(brief.session)
    rows = [names[row.source] for row in brief.own_rows]
    facts = [fact.name for fact in must_facts_of(brief)]
    false_count = 0
    parts: dict[str, list[dict[str, object]]] = {"analysis": [], "checks": []}
    sentences = [(part, text) for part in ("analysis", "checks") for text in ticket[part]]
    for place, (part, text) in enumerate(sentences):
        is_replaced = place % 3 == 0
        written = false[false_count % len(false)] if is_replaced else text
        false_count += is_replaced
        parts[part].append({"text": written, "rows": rows[:200], "covers": facts})
    answered = []
    for number in range(1, len(brief.questions) + 1):
        answered.append({"question": f"q{number}", "row": rows[0], "quote": ANSWERED_BY_NOTHING})
    return WholeAnswer.model_validate({"story": None, "answered": answered, **parts})


@pytest.mark.parametrize("site", ["ab", "ep"])
def test_a_weak_answer_loses_no_fact_and_no_question_and_contradicts_no_cell(site: str) -> None:
    lost = []
    for name, ticket in known_tickets().items():
        if not name.startswith(site):
            continue
        brief = briefs()[name]
        of = TicketToComplete.of(brief)
        prose = whole_prose(weakened(ticket, brief), of, writer="m")
        facts = must_facts_of(brief)
        text = prose.parts.analysis + prose.parts.verification
        sentences = [change for change in prose.changes if not change.refused]
        for fact in uncovered_facts(facts, sentences):
            if fact.html not in text:
                lost.append((name, fact.text))
        asked = {question_id_of(question) for question in prose.questions}
        lost += [(name, q.question) for q in of.asked if question_id_of(q) not in asked]
        suggested = {question.suggested_answer for question in prose.questions}
        lost += [(name, text) for text in suggested if ANSWERED_BY_NOTHING in text]
        lost += [(name, false) for false in contradicting(brief) if false in _plain(text)]
        warned = {change.text for change in sentences if change.warning}
        for false in (PLACED, INSTALLED):
            if false in text and false not in warned:
                lost.append((name, false))

    assert lost == [], lost


def _plain(html: str) -> str:
    return re.sub(r"</?code>", "`", html)
