"""Sheets of every kind with arbitrary cells: the writer always writes whole fragments."""

import csv

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jira_pipeline.domain.questions.open_questions import all_open_questions
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline.writers.template import TemplateWriter
from jira_pipeline_tests.long_form import examples
from jira_pipeline_tests.stages.made_specifications import HEADERS, Row, specification_of
from jira_pipeline_tests.writers.rubric import ALLOWED_TAGS
from jira_pipeline_tests.writers.sites import briefs_of

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
    """Up to three rows of a sheet."""
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
        parts = prose.parts
        fragments = parts.user_story + parts.analysis + parts.questions + parts.verification
        assert parts.user_story.startswith("<p>As a")
        assert parts.analysis.startswith("<ul><li>")
        assert parts.verification.startswith('<ul class="checklist"><li>')
        assert "<li></li>" not in fragments
        assert fragments.count("<li>") == fragments.count("</li>")
        assert {p.split(">")[0].split()[0].strip("/") for p in fragments.split("<")[1:]} <= (
            ALLOWED_TAGS
        )
    asked = all_open_questions(groups, specification)
    assert [q for _, q in asked] == [q for prose in written for q in prose.questions]
