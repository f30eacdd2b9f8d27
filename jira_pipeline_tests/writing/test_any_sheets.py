"""Arbitrary cells, a sheet or a column that is missing: fragments are always whole."""

import csv
import re
from dataclasses import replace

from hypothesis import HealthCheck, given, settings, strategies as st

from jira_pipeline.model.columns import STATUS_COLUMN
from jira_pipeline.model.entities import EntityKind, Specification
from jira_pipeline.model.hidden_characters import hidden_in
from jira_pipeline.model.revisions import ProseParts
from jira_pipeline.model.source_tables import SourceTable
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.sheet_kinds import SHEET_RULES
from jira_pipeline.tickets.documents.adf_validation import table_discrepancies
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.long_form import IS_LONG, examples
from jira_pipeline_tests.sheets.made_readings import read_folder
from jira_pipeline_tests.sheets.made_specifications import (
    HEADERS,
    Row,
    bundle,
    field,
    specification_of,
)
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.sites import FOLDERS, briefs_of

WORDS = (
    "",
    "-",
    "News",
    "news",
    "News (Content type)",
    "Only <b>admins</b> can use & see.",
    "All roles except news can use",
    "TBD. Need more information, see mockup X",
    "Hidden (on form) Pulled from",
    "40x30 1.5x",
    "`",
    "“",
    "* * *",
    "Draft, News",
    "Page",
    "Übergröße … etc.",
)
CELL = st.sampled_from(WORDS) | st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=20
)
STATUS = st.sampled_from(("a", "c", "x", "d", "w", ""))
TYPES = st.sampled_from(("Content type", "Paragraph type", "Vocabulary", "Media type"))


def rows_of(sheet: str) -> st.SearchStrategy[list[Row]]:
    columns = next(csv.reader([HEADERS[sheet]]))
    cells: dict[str, st.SearchStrategy[str]] = dict.fromkeys(columns, CELL)
    cells |= {"X": STATUS}
    if sheet == "bundles":
        cells |= {"Type": TYPES, "Name": st.just("News") | CELL}
    return st.lists(st.fixed_dictionaries(cells), min_size=1, max_size=2)


SHEETS = st.fixed_dictionaries({sheet: rows_of(sheet) for sheet in HEADERS})


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(sheets=SHEETS)
def test_every_ticket_has_its_parts_whole_whatever_the_cells(sheets: dict[str, list[Row]]) -> None:
    specification = specification_of(**sheets)
    groups = group_entities(specification, include_waiting=True).groups
    writer = TemplateWriter()

    written = [writer.write(brief) for brief in briefs_of(specification, groups)]

    for prose in written:
        assert broken_in(prose.parts) == []
    asked = all_open_questions(groups, specification)
    left_open = [q for prose in written for q in prose.left_open]
    assert sorted([q for _, q in asked], key=str) == sorted(left_open, key=str)


ALLOWED_TAG = re.compile(r"/?(?:p|ul|ol|li|strong|code|a|span|table|thead|tbody|tr|th|td)")
CLUMSY = re.compile(
    r"(?<!“)\bNone\b|\s[.,;:](?:\s|$)|[:;,]\s*\.(?:\s|$)|,,|;;|\.\.(?!\.)|“\s*”|\(\s*\)|<li></li>|\{|\}"
    r"|\b(?:and|or) *[.;]|, (?:and|or) *[.,;]"
)
"""What no phrase becomes where its places are filled; cells of the example have none of it."""


def broken_in(parts: ProseParts) -> list[str]:
    """Return what is not whole in the fragments of a ticket: tags only."""
    fragments = parts.user_story + parts.analysis + parts.questions + parts.verification
    tags = [part.split(">")[0].split()[0] for part in fragments.split("<")[1:]]
    unknown = {tag for tag in tags if not ALLOWED_TAG.fullmatch(tag)}
    uneven = [
        t for t in set(tags) if not t.startswith("/") and tags.count(t) != tags.count(f"/{t}")
    ]
    return [*sorted(unknown), *uneven, *(["<li></li>"] if "<li></li>" in fragments else [])]


TABLES = read_folder(FOLDERS["uhrenmuseum"]).tables
MISSING = [
    *((table.file.sheet, None) for table in TABLES),
    *((rule.kind, column) for rule in SHEET_RULES for column in (STATUS_COLUMN, *rule.losses)),
]


@each(
    ("kind", "column"),
    MISSING if IS_LONG else MISSING[::3],
    ids=lambda value: str(value or "whole"),
)
def test_no_sentence_breaks_where_a_sheet_or_a_column_is_missing(
    kind: EntityKind, column: str | None
) -> None:
    left = [
        table if table.file.sheet is not kind else without(table, column)
        for table in TABLES
        if table.file.sheet is not kind or column
    ]
    specification = Specification(entities=read_entities(left).entities)
    writer = TemplateWriter()

    written = [
        writer.write(b) for b in briefs_of(specification, group_entities(specification).groups)
    ]

    for parts in (prose.parts for prose in written):
        assert broken_in(parts) == []
        for part in (parts.user_story, parts.analysis, parts.verification):
            assert CLUMSY.findall(part) == []


def without(table: SourceTable, column: str | None) -> SourceTable:
    if column not in table.columns:
        return table
    place = table.columns.index(column)
    return replace(
        table,
        columns=(*table.columns[:place], *table.columns[place + 1 :]),
        headers=(),
        rows=tuple(
            replace(row, cells=(*row.cells[:place], *row.cells[place + 1 :])) for row in table.rows
        ),
    )


def test_what_nobody_sees_stays_in_the_table_and_is_in_no_title_or_sentence() -> None:
    """Its key stays, too: a ticket of before is the same ticket."""
    label, name, note = "Bo\u00adat", "bo\u3164at", "TB\u00adD by the \u2066board."
    rig = field(f"{label} (Content type)", "field_rig") | {"Settings/notes": note}
    specification = specification_of(bundles=[bundle(label, name)], fields=[rig])
    (group,) = group_entities(specification).groups

    (brief,) = briefs_of(specification, (group,))
    prose = TemplateWriter().write(brief)
    tables = tables_of(group)

    assert group.title == "Configure content type: Boat"
    assert group.heads[0].key == f"bundle:Content type/{name}"
    assert hidden_in(str(prose.parts)) == []
    assert hidden_in("".join(str(replace(one, keys=())) for one in prose.questions)) == []
    assert "TBD by the board" in str(prose.questions)
    assert {name, note} <= {cell for table in tables for row in table.rows for cell in row.cells}
    assert table_discrepancies(group, tables) == ()
