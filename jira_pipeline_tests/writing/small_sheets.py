"""Sheets of a few rows, written as CSV in a test, through the real reader, grouping and writer.

Belongs here: making them. Does not: whole sites (`sites`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jira_pipeline.grouping.grouping import group_entities
from jira_pipeline.kernel.entities import Specification
from jira_pipeline.kernel.entity_groups import EntityGroup
from jira_pipeline.kernel.open_questions import OpenQuestion
from jira_pipeline.kernel.tickets import TicketProse
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_folder
from jira_pipeline.writing.template import TemplateWriter
from jira_pipeline_tests.writing.sites import briefs_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallSite:
    """What sheets became: their tickets by title."""

    groups: tuple[EntityGroup, ...]
    prose: Mapping[str, TicketProse]

    def questions(self, title: str) -> tuple[OpenQuestion, ...]:
        """What the ticket asks."""
        return self.prose[title].questions

    def asked(self, title: str) -> tuple[str, ...]:
        """The questions of the ticket alone."""
        return tuple(question.question for question in self.questions(title))

    def asked_anywhere(self) -> tuple[str, ...]:
        """The questions of all tickets."""
        return tuple(question for title in self.prose for question in self.asked(title))


def small_site(folder: Path, **sheets: str) -> SmallSite:
    """Read sheets, each a CSV text by the name of its file, and write all tickets."""
    folder.mkdir(exist_ok=True)
    for name, text in sheets.items():
        lines = [line.strip() for line in text.strip().splitlines()]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    reading = read_entities(read_folder(folder).tables)
    specification = Specification(entities=reading.entities)
    groups = group_entities(specification).groups
    writer = TemplateWriter()
    prose = {b.group.title: writer.write(b) for b in briefs_of(specification, groups)}
    return SmallSite(groups=groups, prose=prose)
