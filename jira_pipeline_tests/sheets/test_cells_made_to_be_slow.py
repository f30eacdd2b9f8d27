"""What reads cells takes twice as long for a cell twice as long, whatever is in it.

A cell of 40,000 letters kept the process that serves everybody busy for ten seconds. The growth is
judged over doubled lengths, in CPU time of this process, and never an absolute time.
"""

from collections.abc import Mapping

import pytest

from benchmarks.cell_reading import (
    ALPHABETS,
    LENGTHS,
    ROW_LENGTHS,
    Reading,
    growth_of,
    patterns,
    row_readings,
)
from jira_pipeline.model.changed_cells import changed_cells
from jira_pipeline.model.entities import NOT_READ, READ_CHARACTERS_MAX
from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.tickets.documents.adf_validation import table_discrepancies
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.sheets.made_specifications import bundle, field, grouped, specification_of
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.sites import briefs_of


@pytest.fixture(scope="module")
def readings() -> Mapping[str, Reading]:
    """Every pattern; all modules are parsed to find them."""
    return patterns()


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_every_pattern_is_linear(readings: Mapping[str, Reading], alphabet: str) -> None:
    found = [
        growth_of(name, read, alphabet, LENGTHS if IS_LONG else LENGTHS[:5])
        for name, read in readings.items()
    ]

    assert not [growth for growth in found if not growth.is_linear]
    assert len(found) > 200, "patterns are no longer found"


@each("alphabet", ALPHABETS if IS_LONG else ["unicode"])
def test_questions_and_tickets_of_rows_take_linear_time(alphabet: str) -> None:
    found = [growth_of(name, read, alphabet, ROW_LENGTHS) for name, read in row_readings().items()]

    assert not [growth for growth in found if not growth.is_linear]


def test_a_cell_over_the_limit_is_in_the_table_and_in_no_prose() -> None:
    def sheets(text: str) -> dict[str, list[dict[str, str]]]:
        return {
            "bundles": [bundle("Page", "page")],
            "fields": [field("Page (Content type)", "field_a") | {"Settings/notes": text}],
        }

    text = "To be decided by the board. " * (READ_CHARACTERS_MAX // 20)
    (group,) = grouped(**sheets(text)).groups
    specification = specification_of(**sheets(text))

    (brief,) = briefs_of(specification, (group,))
    prose = TemplateWriter().write(brief)
    tables = tables_of(group)

    assert text.strip() in {cell for table in tables for row in table.rows for cell in row.cells}
    assert table_discrepancies(group, tables) == ()
    assert "decided by the board" not in str(prose)
    assert [q for q in prose.questions if q.quote not in {"", NOT_READ}] == []
    (before,) = grouped(**sheets(f"{text} Or not.")).groups
    assert [cell.after for cell in changed_cells(before, group)] == [text.strip()]


def test_a_cell_that_nobody_read_is_named_in_every_ticket_that_states_permissions() -> None:
    text = "The pilot may do whatever the board says. " * (READ_CHARACTERS_MAX // 30)
    specification = specification_of(
        bundles=[bundle("Harbour", "harbour")],
        fields=[field("Harbour (Content type)", "field_depth")],
        roles=[{"Name": "Pilot", "Machine name": "pilot", "X": "x", "Notes": text}],
        workflows=[{"Label": "Entry", "Machine name": "entry", "X": "a"}],
        views=[{"View name": "Log", "Machine name": "log", "X": "a"}],
    )
    briefs = briefs_of(specification, group_entities(specification).groups)

    naming = {
        brief.group.kind
        for brief in briefs
        if "Notes of “Pilot” is over 10,000 characters"
        in TemplateWriter().write(brief).parts.analysis
    }

    assert naming == {GroupKind.BUNDLE, GroupKind.WORKFLOW}
