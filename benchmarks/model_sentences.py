"""Sentences that a model could write about a site: false ones are caught, true ones are not refused.

The sentences were written by hand from the rows of a site of `examples`, before the checks had read
them, and are not changed when a check is. Each is judged as part of an answer, resting on all rows of
its ticket. The tickets of `../shared/examples/whole_tickets.json`, which a model wrote whole for two
sites, are judged with the rows of their packets, where both are there.
"""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.must_facts import (
    PACKETS,
    TICKETS,
    answer_with_rows,
    briefs_of_packets,
    known_tickets,
)
from jira_pipeline.model.entities import Specification
from jira_pipeline.sheets.layouts.folder_reading import read_folder_by_layout
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.writing.completion.prompt import (
    TicketToComplete,
    ids_of,
    prompt_instructions,
    tokens_of,
)
from jira_pipeline.writing.models.conversation import answer_schema
from jira_pipeline.writing.whole.answer import ROWS_MAX, WholeAnswer, WrittenSentence, sentences_of
from jira_pipeline.writing.whole.judging import JudgedPart, judged_answer
from jira_pipeline_tests.writing.sites import briefs_of

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
SENTENCES = Path(__file__).with_suffix(".json")


def main() -> None:
    """Print what is caught, what is refused, and each sentence where that is wrong."""
    for known in json.loads(SENTENCES.read_text(encoding="utf-8")):
        _print_sentences(known)
    if TICKETS.exists() and PACKETS.is_dir():
        _print_whole_tickets()
    stable = tokens_of(prompt_instructions()) + tokens_of(json.dumps(answer_schema()))
    print(f"instructions and schema: {stable} tokens")


def _print_sentences(known: Mapping[str, Any]) -> None:
    tickets = {t.facts.group.title: t for t in tickets_of(EXAMPLES / known["site"])}
    for kind in ("false", "true"):
        judged = [judged_sentence(text, tickets[title]) for title, text in known[kind]]
        refused_count = sum(bool(part.refused) for part in judged)
        warned_count = sum(bool(part.warning) for part in judged)
        print(
            f"{known['site']}, {kind}: {refused_count} refused, {warned_count} warned of {len(judged)}"
        )
        for part in judged:
            print(f"  {_verdict(part):60} | {part.text}")


def _print_whole_tickets() -> None:
    """Print how many parts of whole tickets are refused or get a warning, and each of these."""
    counts: Counter[str] = Counter()
    briefs = briefs_of_packets()
    for name, ticket in known_tickets().items():
        brief = briefs[name]
        answer = WholeAnswer.model_validate(answer_with_rows(ticket, brief))
        head = ids_of(brief.session)[brief.head.source]
        for sentence in sentences_of(answer):
            sentence.rows = sentence.rows or [
                head
            ]  # these tickets say of no sentence what it rests on
        for part in judged_answer(answer, TicketToComplete.of(brief)):
            counts["parts"] += 1
            counts["refused"] += bool(part.refused)
            counts["warned"] += bool(part.warning)
            if part.refused or part.warning:
                print(f"  {_verdict(part):60} | {name} {part.text}")
    print(
        f"whole tickets: {counts['refused']} refused, {counts['warned']} warned of {counts['parts']}"
    )


def _verdict(part: JudgedPart) -> str:
    if part.refused:
        return f"refused: {part.refused}"
    return f"warned: {part.warning}" if part.warning else ""


def judged_sentence(text: str, ticket: TicketToComplete) -> JudgedPart:
    """Judge a sentence of the analysis that rests on the rows of its ticket."""
    names = ids_of(ticket.facts.session)
    rows = [names[row.source] for row in ticket.facts.own_rows]
    sentence = WrittenSentence(text=text, rows=rows[:ROWS_MAX])
    (judged,) = judged_answer(WholeAnswer(analysis=[sentence]), ticket)
    return judged


def tickets_of(folder: Path) -> list[TicketToComplete]:
    """Return the tickets of a site."""
    specification = Specification(
        entities=read_entities(read_folder_by_layout(folder, None).tables).entities
    )
    groups = group_entities(specification).groups
    return [*map(TicketToComplete.of, briefs_of(specification, groups))]
