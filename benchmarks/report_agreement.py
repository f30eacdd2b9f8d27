"""How often the quality report agrees with readers about which tickets can be signed unedited.

    python -m benchmarks report_agreement

`readings.jsonl` beside this file holds the readings: the draw, the example, the ticket number,
whether the reader accepted it unedited, the reason, and the prose that was read. The readers saw
sheets and tickets only, tables hidden; the rules of `row_checks` were fitted to other sites. The report
judges that prose, not what the writer writes today, so a rule that corrects the prose changes
nothing here. It accepts a ticket in which it finds nothing to look at. Prints the agreement of each
draw and the tickets on which the two differ.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from jira_pipeline.domain.entities import Specification
from jira_pipeline.domain.questions.open_questions import OpenQuestion
from jira_pipeline.domain.tickets import ProseParts
from jira_pipeline.sources.drupal_csv import read_entities, read_folder
from jira_pipeline.stages.quality.quality_report import missing_words
from jira_pipeline.stages.quality.rubric import TicketQuality
from jira_pipeline_tests.stages.judging import judged
from jira_pipeline_tests.stages.made_tickets import MadeTicket, tickets_for

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
EXAMPLES_READ = ("faro_abierto", "lanterne", "skarvsund", "uhrenmuseum")
READINGS = Path(__file__).with_name("readings.jsonl")


class Reading(NamedTuple):
    """What a reader said of one ticket, and the prose it was said of."""

    draw: int
    example: str
    number: int
    is_accepted: bool
    reason: str
    parts: ProseParts
    questions: tuple[OpenQuestion, ...]
    hours: str


def main() -> None:
    """Print where report and reader differ, one line a draw and one for all."""
    readings = read_readings()
    counts: Counter[str] = Counter()
    for draw in sorted({reading.draw for reading in readings}):
        drawn = [reading for reading in readings if reading.draw == draw]
        agreed = sum(_print_differing(drawn, example) for example in EXAMPLES_READ)
        counts["read"] += len(drawn)
        counts["agreed"] += agreed
        print(f"draw {draw:9} {agreed:3} of {len(drawn)}")
    share = counts["agreed"] / counts["read"]
    print(f"{'all':14} {counts['agreed']:3} of {counts['read']}  {share:.0%}")


def _print_differing(drawn: Sequence[Reading], example: str) -> int:
    """Print the tickets of an example on which report and reader differ; return the others' count."""
    own = [reading for reading in drawn if reading.example == example]
    tickets = judged_tickets(example, own)
    differing = [r for r in own if tickets[r.number].is_signable is not r.is_accepted]
    for reading in differing:
        ticket = tickets[reading.number]
        reader = "accepted" if reading.is_accepted else "edited"
        print(f"    {example} {reading.number} {ticket.title}: {reader}: {reading.reason}")
        print(f"        report: {missing_words(ticket) or 'nothing to look at'}")
    return len(own) - len(differing)


def read_readings() -> list[Reading]:
    """Read the file, in its order."""
    with READINGS.open(encoding="utf-8") as stream:
        return [_reading(json.loads(line)) for line in stream]


def _reading(values: Mapping[str, Any]) -> Reading:
    return Reading(
        draw=values["draw"],
        example=values["example"],
        number=values["ticket"],
        is_accepted=values["is_accepted"],
        reason=values["reason"],
        parts=ProseParts(**({"questions": "", "verification": ""} | values["parts"])),
        questions=tuple(_question(question) for question in values["questions"]),
        hours=values["hours"],
    )


def _question(values: Mapping[str, Any]) -> OpenQuestion:
    blank = {"column": "", "quote": ""}
    return OpenQuestion(**{**blank, **values, "subjects": tuple(values.get("subjects", ()))})


def judged_tickets(example: str, readings: Sequence[Reading]) -> Mapping[int, TicketQuality]:
    """Judge the tickets of an example with the prose that was read, by number."""
    tables = read_folder(EXAMPLES / example).tables
    specification = Specification(entities=read_entities(tables).entities)
    read = {reading.number: reading for reading in readings}
    made = [_as_read(one, read.get(one.ticket.number)) for one in tickets_for(specification)]
    return {t.number: t for t in judged(made).tickets}


def _as_read(made: MadeTicket, reading: Reading | None) -> MadeTicket:
    if reading is None:
        return made
    revision = replace(
        made.ticket.revision,
        parts=reading.parts,
        questions=reading.questions,
        estimated_hours=reading.hours,
    )
    return replace(made, ticket=replace(made.ticket, revision=revision))


if __name__ == "__main__":
    main()
