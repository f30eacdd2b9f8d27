"""Sentences that a model could write about a site: false ones are caught, true ones are not refused.

The sentences were written by hand from the rows of a site of `examples`, before the checks had read
them, and are not changed when a check is. Structured checks are tried with every cell of every
site. Answers that were recorded for two sites are judged again, where `../shared/readings` has them:
names of sentences and questions are those of the request they answered, looked up by their words.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from jira_pipeline.model.entities import Specification
from jira_pipeline.model.forms_in_text import is_about_form
from jira_pipeline.sheets.layouts.folder_reading import read_folder_by_layout
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.writing.completion.checking import Judged, judged_changes
from jira_pipeline.writing.completion.prompt import (
    CellCheck,
    Changes,
    CheckKind,
    TicketToComplete,
    prompt_instructions,
    ticket_text,
    tokens_of,
)
from jira_pipeline.writing.models.conversation import answer_schema
from jira_pipeline_tests.writing.sites import briefs_of

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT.parent / "shared" / "readings" / "2026-11-27"
SENTENCES = Path(__file__).with_suffix(".json")
EXAMPLES = sorted(folder.name for folder in (ROOT / "examples").iterdir() if folder.is_dir())
TRIED = (
    CheckKind.TYPE,
    CheckKind.WIDGET,
    CheckKind.VALUES,
    CheckKind.REQUIRED,
    CheckKind.OPTIONAL,
    CheckKind.TARGET,
    CheckKind.TO_STATE,
)


def main() -> None:
    """Print what is caught, what is refused, and each sentence where that is wrong."""
    for known in json.loads(SENTENCES.read_text(encoding="utf-8")):
        _print_sentences(known)
    for name in EXAMPLES:
        holding, passing = structured(tickets_of(ROOT / "examples" / name))
        print(
            f"{name}: {holding[0]} of {holding[1]} checks that hold refused, "
            f"{passing[0]} of {passing[1]} that do not passed"
        )
    for site in sorted(RECORDED.glob("*/answers")):
        _print_recorded(site.parent)
    stable = tokens_of(prompt_instructions()) + tokens_of(json.dumps(answer_schema()))
    print(f"instructions and schema: {stable} tokens")


def _print_recorded(site: Path) -> None:
    """Print how many changes of first answers are taken, and each that is not."""
    tickets = {t.facts.group.title: t for t in tickets_of(site / "sheets")}
    counts: Counter[str] = Counter()
    for request in sorted((site / "prompts").glob(f"{site.name}*.txt")):
        asked = html.unescape(request.read_text(encoding="utf-8"))
        title = re.findall(r"(?m)^Title: (.+)$", asked)[0]
        ticket = tickets[title]
        answer = (site / "answers" / f"{request.stem}.json").read_text(encoding="utf-8")
        counts["tokens"] += tokens_of(ticket_text(ticket))
        counts["tokens then"] += tokens_of(asked)
        changes = _renamed(Changes.model_validate_json(answer), asked, ticket)
        counts["gone"] += len(Changes.model_validate_json(answer).drop) - len(changes.drop)
        for one in judged_changes(changes, ticket):
            counts.update(
                ["changes", *["refused"] * bool(one.refused), *["warned"] * bool(one.warning)]
            )
            if one.refused or one.warning:
                print(f"  {_verdict(one):60} | {request.stem} {one.text}")
    print(
        f"recorded {site.name}: {counts['refused']} refused, {counts['warned']} warned of "
        f"{counts['changes']}; {counts['gone']} drop what the template no longer says; "
        f"requests {counts['tokens']} tokens, then {counts['tokens then']}"
    )


def _renamed(changes: Changes, asked: str, ticket: TicketToComplete) -> Changes:
    """Return changes whose drops name what said the same; without those of what nothing says now."""
    then = dict(re.findall(r"(?m)^([savq]\d+) (?:\([^()]*\) )?(.+)$", asked))
    now = {text: name for name, text in ticket.sentences.items()}
    now |= {one.question: name for name, one in ticket.questions.items()}
    forms = [name for name, one in ticket.questions.items() if is_about_form(one.question)]
    words = {name: text.split(" Suggested: ")[0] for name, text in then.items()}
    names = {name: now.get(text, "") for name, text in words.items()}
    names |= {n: forms[0] for n, text in words.items() if is_about_form(text) and forms}
    kept = [drop.model_copy(update={"id": names.get(drop.id, "")}) for drop in changes.drop]
    return changes.model_copy(update={"drop": [drop for drop in kept if drop.id]})


def _print_sentences(known: Mapping[str, Any]) -> None:
    tickets = {t.facts.group.title: t for t in tickets_of(ROOT / "examples" / known["site"])}
    for kind in ("false", "true"):
        judged = [judged_sentence(text, tickets[title]) for title, text in known[kind]]
        refused, warned = (
            sum(map(bool, some))
            for some in ([j.refused for j in judged], [j.warning for j in judged])
        )
        print(f"{known['site']}, {kind}: {refused} refused, {warned} warned of {len(judged)}")
        for one in judged:
            print(f"  {_verdict(one):60} | {one.text}")


def _verdict(one: Judged) -> str:
    return (
        f"refused: {one.refused}"
        if one.refused
        else f"{'warned: ' * bool(one.warning)}{one.warning}"
    )


def judged_sentence(text: str, ticket: TicketToComplete) -> Judged:
    """Judge a sentence of the analysis."""
    (found,) = judged_changes(Changes(analysis=[text]), ticket)
    return found


def structured(tickets: list[TicketToComplete]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Count the checks refused of those that hold, and passed of those that do not."""
    holding: list[bool] = []
    failing: list[bool] = []
    for ticket in tickets:
        for is_so, item in _cell_checks(ticket):
            (one,) = judged_changes(Changes(verification=[item]), ticket)
            is_said = one.refused.endswith("says it already")
            (holding if is_so else failing).append(bool(one.refused) and not (is_so and is_said))
    return (sum(holding), len(holding)), (len(failing) - sum(failing), len(failing))


def _cell_checks(ticket: TicketToComplete) -> Iterator[tuple[bool, CellCheck]]:
    """Yield for each cell a check that holds, and one with the value of another row."""
    names = {row.source: name for name, row in ticket.rows.items()}
    rows = [row for row in ticket.facts.own_rows if row.status.value in {"a", "c", "x"}]
    for kind in TRIED:
        column = kind.columns[0]
        values = sorted({row.cell(column) for row in rows} - {"", "-"})
        for row in rows:
            cell = row.cell(column)
            needed = {CheckKind.REQUIRED: "y", CheckKind.OPTIONAL: "n"}.get(kind)
            if not cell or cell == "-":
                continue
            is_so = needed is None or cell == needed
            yield is_so, CellCheck(row=names[row.source], column=column, value=cell, check=kind)
            for other in islice((v for v in values if v not in cell), 2):
                item = CellCheck(row=names[row.source], column=column, value=other, check=kind)
                yield False, item


def tickets_of(folder: Path) -> list[TicketToComplete]:
    """Return the tickets of a site."""
    specification = Specification(
        entities=read_entities(read_folder_by_layout(folder, None).tables).entities
    )
    groups = group_entities(specification).groups
    return [*map(TicketToComplete.of, briefs_of(specification, groups))]
