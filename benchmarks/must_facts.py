"""How many sentences the program adds to tickets that a model wrote whole, for what they do not say.

The 24 tickets of `../shared/examples/whole_tickets.json` are read with the rows of their packets. They
list no facts, so a fact counts as covered where the sentences of its ticket together would cover it.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.specifications import is_absent
from jira_pipeline.drupal.meaning.notes import readable
from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.model.entities import Entity, Specification
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline.writing.completion.prompt import ids_of, tokens_of
from jira_pipeline.writing.whole.must_facts import must_facts_of
from jira_pipeline_tests.sheets.made_readings import read_folder
from jira_pipeline_tests.writing.sites import briefs_of

SHARED = Path(__file__).resolve().parents[2] / "shared"
TICKETS = SHARED / "examples" / "whole_tickets.json"
PACKETS = SHARED / "reading_tools" / "packets" / "C"
_ROW = re.compile(r"^- (?P<file>\w+\.csv):(?P<line>\d+) (?P<cells>.*)$", re.MULTILINE)
_OTHER_ROWS = "## Rows of other tickets that mention it"


def main() -> None:
    """Print how many facts each ticket has to say, and what would be added, by rule."""
    if is_absent(TICKETS, PACKETS):
        return
    must_count = 0
    added: Counter[str] = Counter()
    known = known_tickets()
    briefs = briefs_of_packets()
    for name, ticket in known.items():
        text = " ".join(sentences_of(ticket))
        for fact in must_facts_of(briefs[name]):
            must_count += 1
            if not fact.is_covered_by(text):
                added[fact.rule] += 1
                print(f"{name} {fact.rule}: {fact.text[:150]}")
    _print_lengths(known, briefs)
    print(f"{len(known)} tickets, {must_count} facts to say, {added.total()} sentences added,")
    print(f"{added.total() / len(known):.2f} a ticket: {dict(added.most_common())}")


def _print_lengths(
    known: Mapping[str, Mapping[str, Any]], briefs: Mapping[str, TicketRows]
) -> None:
    """Print how long each ticket is as an answer, and how long the template's prose."""
    for name, ticket in known.items():
        parts = TemplateWriter().write(briefs[name]).parts
        prose = readable(parts.user_story + parts.analysis + parts.verification)
        answer = json.dumps(answer_with_rows(ticket, briefs[name]), ensure_ascii=False)
        print(f"{name} tokens: {tokens_of(answer)} whole, {tokens_of(prose)} by the template")


def answer_with_rows(ticket: Mapping[str, Any], brief: TicketRows) -> Mapping[str, object]:
    """Return a ticket as a model would answer: with the rows it names and the facts it covers."""
    names = ids_of(brief.session)
    facts = must_facts_of(brief)

    def sentence(text: str) -> Mapping[str, object]:
        rows = [names[row.source] for row in brief.own_rows if _is_in(row, text)]
        covers = [fact.name for fact in facts if fact.is_covered_by(text)]
        return {"text": text, "rows": rows, "covers": covers}

    head = names[brief.own_rows[0].source]
    return {
        "story": sentence(ticket["story"]),
        "analysis": [sentence(text) for text in ticket["analysis"]],
        "checks": [sentence(text) for text in ticket["checks"]],
        "questions": [{"row": head, "question": words} for _, words in ticket["questions"]],
    }


def _is_in(row: Entity, text: str) -> bool:
    """Tell whether a sentence has the machine name of a row, or its label."""
    return f"`{row.machine_name}`" in text or bool(row.label and row.label in text)


def known_tickets() -> Mapping[str, Mapping[str, Any]]:
    """Return what a model wrote of each ticket, by the name of its packet."""
    tickets: Mapping[str, Mapping[str, Any]] = json.loads(TICKETS.read_text(encoding="utf-8"))
    return tickets


def sentences_of(ticket: Mapping[str, Any]) -> Sequence[str]:
    """Return all that a ticket says, questions without the place of their row."""
    questions = [words for _, words in ticket["questions"]]
    return [ticket["story"], *ticket["analysis"], *questions, *ticket["checks"]]


def briefs_of_packets() -> Mapping[str, TicketRows]:
    """Return the tickets by the name of their packet, from the rows that the packets show."""
    titles = {}
    rows: dict[str, dict[tuple[str, int], Mapping[str, str]]] = {}
    for packet in sorted(PACKETS.glob("*.md")):
        text = packet.read_text(encoding="utf-8")
        titles[packet.stem] = re.findall(r"(?m)^### Title: (.+)$", text)[0]
        of_site = rows.setdefault(packet.stem[:2], {})
        own, _, others = text.partition(_OTHER_ROWS)
        # Rows of other tickets are shortened there: those of the ticket itself count.
        for place, cells in _rows_in(others).items():
            of_site.setdefault(place, cells)
        of_site.update(_rows_in(own))
    by_title: dict[tuple[str, str], TicketRows] = {}
    for site, of_site in rows.items():
        for brief in _briefs_of_rows(of_site):
            by_title[site, brief.group.title] = brief
    return {name: by_title[name[:2], title] for name, title in titles.items()}


def _rows_in(text: str) -> Mapping[tuple[str, int], Mapping[str, str]]:
    """Return the rows of a part of a packet by file and line, each as cells by column."""
    rows = {}
    for match in _ROW.finditer(text):
        cells = re.findall(r"\*\*(.+?)\*\* (.*?)(?= · \*\*|$)", match["cells"])
        rows[match["file"], int(match["line"])] = dict(cells)
    return rows


def _briefs_of_rows(rows: Mapping[tuple[str, int], Mapping[str, str]]) -> Sequence[TicketRows]:
    """Read rows as the sheets they were in."""
    files: dict[str, list[Mapping[str, str]]] = {}
    for (file, _), cells in sorted(rows.items()):
        files.setdefault(file, []).append(cells)
    with TemporaryDirectory() as folder:
        for file, of_file in files.items():
            columns = dict.fromkeys(column for cells in of_file for column in cells)
            with (Path(folder) / file).open("w", encoding="utf-8", newline="") as sheet:
                writer = csv.DictWriter(sheet, [*columns])
                writer.writeheader()
                writer.writerows(of_file)
        tables = read_folder(Path(folder)).tables
    specification = Specification(entities=read_entities(tables).entities)
    return briefs_of(specification, group_entities(specification).groups)


if __name__ == "__main__":
    main()
