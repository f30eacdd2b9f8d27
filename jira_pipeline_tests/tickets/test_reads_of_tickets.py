"""A ticket is written again wherever it would say something else, and nowhere beside that much.

A wrong "it says the same" would leave a text that contradicts the sheets, and nobody would see it.
"""

import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest

from benchmarks.specifications import multiply
from jira_pipeline.drupal.ticket_rows import SessionRows
from jira_pipeline.model.entities import Specification
from jira_pipeline.model.revisions import TicketProse
from jira_pipeline.model.source_tables import SourceRow, SourceTable
from jira_pipeline.model.written_from import WrittenFrom
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets import code_version
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import ticket_rows
from jira_pipeline.tickets.reads_of_tickets import (
    ROOMS,
    ReadsOfTicket,
    ReadsOfTickets,
    SessionReads,
)
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.long_form import IS_LONG, OF_THE_LONG_FORM
from jira_pipeline_tests.sheets.made_readings import read_folder
from jira_pipeline_tests.tickets.documents.test_kept_documents import imported_by
from jira_pipeline_tests.writing.sites import ROOT

EXAMPLES = sorted(folder.name for folder in (ROOT / "examples").iterdir() if folder.is_dir())
DRAWN_COUNT = 300 if IS_LONG else 3
"""Changes drawn of each specification."""
STEPS_OF_CELLS = range(40)
"""Each share of the cells takes one in so many, so that several processes can share them."""
TIMES_LARGE = 124 if IS_LONG else 2
"""How often the example is in the large session: some 2,980 tickets in the long form."""
WORDS = ("", "a", "x", "w", "d", "c", "y", "n", "*", "-", "Text", "Not yet. See the Town page?")
"""What is put in the place of a cell: statuses, marks, a word of its own, a remark."""
Tables = Sequence[SourceTable]


@dataclass(frozen=True, kw_only=True)
class SaidTickets:
    """What a session says, and what it was said from."""

    prose: Mapping[str, TicketProse]
    """By group key."""
    written_from: WrittenFrom


def rows_of(tables: Tables, *, site_name: str = "Site") -> SessionRows:
    specification = Specification(entities=read_entities(tables).entities)
    groups = {group.key: group for group in group_entities(specification).groups}
    return SessionRows(
        specification=specification, groups=groups, site_name=site_name, site_description=""
    )


def said_in(session: SessionRows, group_keys: Collection[str]) -> Mapping[str, TicketProse]:
    """Say tickets as nobody records it."""
    writer = TemplateWriter()
    return {key: writer.write(ticket_rows(session.groups[key], session)) for key in group_keys}


def said_from(session: SessionRows) -> SaidTickets:
    """Say all tickets, and note what they were said from."""
    reads = SessionReads(session, None)
    writer = TemplateWriter()
    prose: dict[str, TicketProse] = {}
    for key, group in session.groups.items():
        prose[key] = writer.write(ticket_rows(group, reads.observed_for(group)))
    return SaidTickets(prose=prose, written_from=reads.kept("site", prose))


@cache
def example(name: str) -> tuple[Tables, SaidTickets]:
    tables = read_folder(ROOT / "examples" / name).tables
    return tables, said_from(rows_of(tables))


def unchanged_in(session: SessionRows, before: SaidTickets) -> frozenset[str]:
    return SessionReads(session, before.written_from).unchanged()


def wrongly_kept(tables: Tables, before: SaidTickets) -> list[str]:
    """Return the groups whose tickets would stay although they would say something else."""
    session = rows_of(tables)
    unchanged = unchanged_in(session, before)
    said_now = said_in(session, unchanged)
    return [key for key in sorted(unchanged) if said_now[key] != before.prose[key]]


def with_cell(tables: Tables, table: int, row: int, column: int, text: str) -> Tables:
    """Return the tables with another text in one cell."""
    changed_row = tables[table].rows[row]
    cells = list(changed_row.cells)
    cells[column] = text
    rows = list(tables[table].rows)
    rows[row] = replace(changed_row, cells=tuple(cells))
    return with_rows(tables, table, rows)


def with_rows(tables: Tables, table: int, rows: Sequence[SourceRow]) -> Tables:
    changed = list(tables)
    changed[table] = replace(tables[table], rows=tuple(rows))
    return changed


def cells_of(tables: Tables) -> Iterator[tuple[int, int, int]]:
    """Yield each cell by table, row and column."""
    for number, table in enumerate(tables):
        for row in range(len(table.rows)):
            for column in range(len(table.columns)):
                yield number, row, column


def text_instead(tables: Tables, cell: tuple[int, int, int], draw: random.Random) -> str:
    """Draw another text for a cell: one that its column has elsewhere, a mark, or more words."""
    table, row, column = cell
    text = tables[table].rows[row].cells[column]
    others = [other.cells[column] for other in tables[table].rows]
    drawn = draw.choice((draw.choice(others), draw.choice(WORDS), f"{text} anew", text.upper()))
    return f"{text}?" if drawn == text else drawn


def a_cell_changed(tables: Tables, draw: random.Random) -> Tables:
    cell = draw.choice([*cells_of(tables)])
    return with_cell(tables, *cell, text_instead(tables, cell, draw))


def a_row_gone(tables: Tables, draw: random.Random) -> Tables:
    table, row, _ = draw.choice([*cells_of(tables)])
    rows = list(tables[table].rows)
    del rows[row]
    return with_rows(tables, table, rows)


def two_rows_swapped(tables: Tables, draw: random.Random) -> Tables:
    """Swap what two lines of a sheet say."""
    table, row, _ = draw.choice([*cells_of(tables)])
    rows = list(tables[table].rows)
    other = draw.randrange(len(rows))
    cells = rows[row].cells
    rows[row] = replace(rows[row], cells=rows[other].cells)
    rows[other] = replace(rows[other], cells=cells)
    return with_rows(tables, table, rows)


def lines_moved(tables: Tables, draw: random.Random) -> Tables:
    """Move all rows of a sheet from one on by a line, as a blank line before it does."""
    table, row, _ = draw.choice([*cells_of(tables)])
    rows = list(tables[table].rows)
    for place in range(row, len(rows)):
        line = rows[place].line
        rows[place] = replace(rows[place], line=line + 1, record=rows[place].record + 1)
    return with_rows(tables, table, rows)


CHANGES: tuple[Callable[[Tables, random.Random], Tables], ...] = (
    a_cell_changed,
    a_row_gone,
    two_rows_swapped,
    lines_moved,
)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_ticket_stays_that_would_say_something_else(
    name: str, change: Callable[[Tables, random.Random], Tables]
) -> None:
    tables, before = example(name)
    draw = random.Random(f"{name} {change.__name__}")  # noqa: S311 - draws changes

    found = [wrongly_kept(change(tables, draw), before) for _ in range(DRAWN_COUNT)]

    assert found == [[]] * DRAWN_COUNT


@OF_THE_LONG_FORM
@pytest.mark.parametrize("share", STEPS_OF_CELLS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_ticket_stays_wrongly_whichever_cell_changes(name: str, share: int) -> None:
    tables, before = example(name)
    draw = random.Random(f"{name} {share}")  # noqa: S311 - draws changes
    cells = [*cells_of(tables)][share :: len(STEPS_OF_CELLS)]

    for cell in cells:
        changed = with_cell(tables, *cell, text_instead(tables, cell, draw))
        assert wrongly_kept(changed, before) == [], cell


def test_no_ticket_of_a_large_session_stays_wrongly(tmp_path: Path) -> None:
    multiply(ROOT / "examples" / "uhrenmuseum", TIMES_LARGE, tmp_path / "sheets")
    tables = read_folder(tmp_path / "sheets").tables
    before = said_from(rows_of(tables))
    draw = random.Random("large")  # noqa: S311 - draws changes

    found = [wrongly_kept(a_cell_changed(tables, draw), before) for _ in range(DRAWN_COUNT)]

    assert found == [[]] * DRAWN_COUNT


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_ticket_stays_where_nothing_changed(name: str) -> None:
    tables, before = example(name)

    assert unchanged_in(rows_of(tables), before) == before.prose.keys()


def test_a_help_text_costs_the_ticket_that_has_it() -> None:
    """Of a field that other types share, these tickets may read it, too."""
    tables, before = example("uhrenmuseum")
    (fields,) = (at for at, table in enumerate(tables) if "Help text" in table.columns)
    column = tables[fields].columns.index("Help text")

    costs = []
    for row in range(0, len(tables[fields].rows), 15):
        session = rows_of(with_cell(tables, fields, row, column, "As on the card."))
        costs.append(len(session.groups.keys() - unchanged_in(session, before)))

    assert sorted(costs)[len(costs) // 2] == 1
    assert max(costs) <= 4


def test_what_other_code_said_is_said_again() -> None:
    tables, before = example("uhrenmuseum")
    older = replace(before, written_from=replace(before.written_from, code="older"))

    assert unchanged_in(rows_of(tables), older) == frozenset()


def test_a_look_up_that_has_a_value_of_another_class_now_is_one_that_changed() -> None:
    """Reading a part of it would have ended the generation."""
    tables, before = example("uhrenmuseum")
    session = rows_of(tables)
    (group_key, *_) = before.prose
    reads = ReadsOfTickets(
        places=[((".", "site_name", ".", "number"), "digest")],
        tickets={group_key: ReadsOfTicket(group_digest="digest", places=[0])},
    )
    kept = replace(before, written_from=replace(before.written_from, reads=reads.as_bytes))

    assert unchanged_in(session, kept) == frozenset()


def test_another_name_of_the_site_is_a_fact_like_any_other() -> None:
    tables, before = example("uhrenmuseum")
    session = rows_of(tables, site_name="Another")

    unchanged = unchanged_in(session, before)

    said_now = said_in(session, session.groups)
    assert {key for key in unchanged if said_now[key] != before.prose[key]} == set()


def test_all_code_that_says_tickets_is_part_of_its_name() -> None:
    """A text that stays would else outlive the rule that said it."""
    names = {
        f"{code_version.ROOT}.tickets.template",
        f"{code_version.ROOT}.tickets.questions.found_questions",
        f"{code_version.ROOT}.tickets.reads_of_tickets",
    }
    seen: set[str] = set()
    while names:
        seen |= names
        names = {found for name in names for found in imported_by(name)} - seen

    assert {name.split(".")[1] for name in seen} == set(ROOMS)
