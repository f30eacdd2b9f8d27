"""Whole sites for tests of writers: real sheets through the real reader and grouping.

Belongs here: reading them once, and writing one ticket of them.
"""

from functools import cache
from pathlib import Path

from jira_pipeline.drupal.ticket_rows import SessionRows, TicketRows
from jira_pipeline.model.entities import Specification
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import ticket_rows
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.shared_data import DATA, shared_data
from jira_pipeline_tests.sheets.made_readings import read_folder

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "uwec": DATA / "uwec",
    **{folder.name: folder for folder in sorted((ROOT / "examples").iterdir()) if folder.is_dir()},
}


@cache
def site(name: str) -> tuple[Specification, tuple[EntityGroup, ...]]:
    """Read and group a site; the test skips where its sheets are absent."""
    folder = shared_data(name) if FOLDERS[name].is_relative_to(DATA) else FOLDERS[name]
    specification = Specification(entities=read_entities(read_folder(folder).tables).entities)
    return specification, group_entities(specification).groups


def briefs_of(
    specification: Specification, groups: tuple[EntityGroup, ...]
) -> tuple[TicketRows, ...]:
    session = SessionRows(
        specification=specification,
        groups={group.key: group for group in groups},
        site_name="Site",
        site_description="",
    )
    return tuple(ticket_rows(group, session) for group in groups)


@cache
def tickets_of(name: str) -> tuple[tuple[TicketRows, TicketProse], ...]:
    writer = TemplateWriter()
    return tuple((brief, writer.write(brief)) for brief in briefs_of(*site(name)))
