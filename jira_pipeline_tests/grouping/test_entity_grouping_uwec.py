"""Nothing of the one large real specification is lost; its groups are frozen by `golden`."""

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from jira_pipeline.documents.configuration_tables import source_lines_of, tables_of
from jira_pipeline.documents.table_comparison import table_discrepancies
from jira_pipeline.grouping.grouping import GroupingResult, adopt_displays, group_entities
from jira_pipeline.kernel.entities import Specification, Status
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_folder

UWEC = Path(__file__).resolve().parents[3] / "shared" / "data" / "uwec"

pytestmark = pytest.mark.skipif(not UWEC.is_dir(), reason=f"{UWEC.name} is not beside the checkout")


@cache
def uwec() -> Specification:
    """Everything the sheets describe."""
    return Specification(entities=read_entities(read_folder(UWEC).tables).entities)


@cache
def result() -> GroupingResult:
    """The groups with default options."""
    return group_entities(uwec())


def test_every_cell_is_in_its_tables_and_no_other() -> None:
    wrong = [
        sentence
        for group in result().groups
        for sentence in table_discrepancies(group, tables_of(group))
    ]

    assert wrong == []


def test_every_row_is_in_one_ticket_or_its_head_is_not_due() -> None:
    shown = [e for group in result().groups for e in (*group.heads, *group.members)]
    places = Counter((e.source.file, e.source.line) for e in shown)
    owners = {e.key: e for e in uwec().entities}

    left_out = [
        entity
        for entity in adopt_displays(uwec())[0].entities
        if (entity.source.file, entity.source.line) not in places
    ]

    assert set(places.values()) == {1}
    assert {
        (owners[entity.owner_key] if entity.owner_key else entity).status for entity in left_out
    } == {Status.IMPLEMENTED, Status.WAITING}


def test_source_lines_count_as_many_rows_as_the_group_has() -> None:
    counts = [
        (sum(len(s.lines) for s in source_lines_of(group)), len(group.heads) + len(group.members))
        for group in result().groups
    ]

    assert all(lines == rows for lines, rows in counts)


def test_any_order_of_arrival_gives_the_same_groups() -> None:
    backwards = Specification(entities=tuple(reversed(uwec().entities)))

    assert group_entities(backwards) == result()
