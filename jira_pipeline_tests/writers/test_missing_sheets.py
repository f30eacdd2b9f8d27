"""The example with one of its sheets taken away: every sentence stays whole."""

from collections.abc import Iterator

import pytest

from jira_pipeline.domain.entities import EntityKind, Specification
from jira_pipeline.sources.drupal_csv import read_entities, read_folder
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline.writers.template import TemplateWriter
from jira_pipeline_tests.writers.rubric import complaints_about
from jira_pipeline_tests.writers.sites import FOLDERS, briefs_of

SHEETS = sorted({table.file.sheet for table in read_folder(FOLDERS["uhrenmuseum"]).tables})


def complaints_without(kind: EntityKind) -> Iterator[tuple[str, list[str]]]:
    """Return what is broken in the tickets of the example without one sheet, by title."""
    tables = read_folder(FOLDERS["uhrenmuseum"]).tables
    left = [table for table in tables if table.file.sheet is not kind]
    assert len(left) < len(tables)
    specification = Specification(entities=read_entities(left).entities)
    writer = TemplateWriter()
    for brief in briefs_of(specification, group_entities(specification).groups):
        yield brief.group.title, complaints_about(brief, writer.write(brief))


@pytest.mark.parametrize("kind", SHEETS)
def test_no_sentence_breaks_where_a_sheet_is_missing(kind: EntityKind) -> None:
    broken = {title: found for title, found in complaints_without(kind) if found}

    assert broken == {}
