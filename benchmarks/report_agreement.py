"""How often the quality report agrees with readers about which tickets can be signed unedited.

    python -m benchmarks report_agreement

`readings.tsv` beside this file holds the readings: example, ticket number, A (accepted unedited)
or E (edited before signing), and the reason. They are of the prose of the day they were made:
replace the file after a new reading. The report accepts a ticket in which it finds nothing
missing. Prints the agreement of each example and the tickets on which the two differ.
"""

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from jira_pipeline.domain.entities import Specification
from jira_pipeline.sources.drupal_csv import read_entities, read_folder
from jira_pipeline.stages.quality.quality_report import missing_words
from jira_pipeline.stages.quality.rubric import TicketQuality
from jira_pipeline_tests.stages.judging import judged
from jira_pipeline_tests.stages.made_tickets import tickets_for

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
READINGS = Path(__file__).with_name("readings.tsv")


class Reading(NamedTuple):
    """What a reader said of one ticket."""

    example: str
    number: int
    is_accepted: bool
    reason: str


def main() -> None:
    """Print one line an example, one for all, and where report and reader differ."""
    readings = read_readings()
    counts: Counter[str] = Counter()
    for example in dict.fromkeys(reading.example for reading in readings):
        tickets = judged_tickets(example)
        own = [reading for reading in readings if reading.example == example]
        differing = [r for r in own if tickets[r.number].is_signable is not r.is_accepted]
        counts["read"] += len(own)
        counts["agreed"] += len(own) - len(differing)
        print(f"{example:14} {len(own) - len(differing):3} of {len(own)}")
        for reading in differing:
            ticket = tickets[reading.number]
            reader = "accepted" if reading.is_accepted else "edited"
            print(f"    {reading.number} {ticket.title}: {reader}: {reading.reason or 'no remark'}")
            print(f"        report: {missing_words(ticket) or 'nothing missing'}")
    share = counts["agreed"] / counts["read"]
    print(f"{'all':14} {counts['agreed']:3} of {counts['read']}  {share:.0%}")


def read_readings() -> list[Reading]:
    """Read the file, in its order."""
    with READINGS.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Reading(row["example"], int(row["ticket"]), row["verdict"] == "A", row["reason"])
        for row in rows
    ]


def judged_tickets(example: str) -> Mapping[int, TicketQuality]:
    """Write and judge the tickets of an example, by number."""
    tables = read_folder(EXAMPLES / example).tables
    specification = Specification(entities=read_entities(tables).entities)
    return {t.number: t for t in judged(tickets_for(specification)).tickets}


if __name__ == "__main__":
    main()
