"""Work grows as the site does: ten times the rows take about ten times the steps, counted.

A step that compared every row with every other one got in twice; sites of 1,000 views then took
minutes to ask about.
"""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from jira_pipeline.domain.entities import Specification
from jira_pipeline.domain.note_sentences import readable, sentences_of
from jira_pipeline.domain.questions.open_questions import all_open_questions
from jira_pipeline.stages.entity_grouping.grouping import group_entities
from jira_pipeline.writers.group_facts import FactsReader
from jira_pipeline.writers.prompt_facts import prompt_facts
from jira_pipeline.writers.template import TemplateWriter
from jira_pipeline_tests.stages.made_specifications import Row, bundle, field, specification_of
from jira_pipeline_tests.writers.sites import briefs_of

TIMES = 10
GROWTH_MAX = 12
"""Ten times the rows, and what sorting takes more."""
HARBOURS = 6
"""So many that what is done once for a site weighs little."""


def harbours(count: int, *, is_one_name: bool) -> Specification:
    """Make a site of harbours with a content type, terms, views and a migration for each.

    Where `is_one_name`, the fields that go have one label, and each view may mean any of them.
    """
    sheets: dict[str, list[Row]] = {}

    def add(sheet: str, *rows: Row) -> None:
        sheets.setdefault(sheet, []).extend(rows)

    for number in range(count):
        name = f"Harbour{number}"
        kind = f"{name} (Content type)"
        gone = "Draught" if is_one_name else f"Draught{number}"
        add(
            "bundles",
            bundle(name, f"harbour_{number}") | {"Mod.": "y", "URL alias pattern": f"/{number}"},
            bundle(f"Trade{number}", f"trade_{number}", "Vocabulary"),
        )
        add(
            "fields",
            field(kind, "field_text"),
            field(kind, f"field_trade_{number}", ref=f"Trade{number} (Vocabulary)", req="y"),
            field(kind, f"field_size_{number}") | {"Field type": "List (text)"},
            field(kind, f"field_draught_{number}", "d") | {"Field label": gone},
        )
        add(
            "views",
            {"View name": f"Boats{number}", "Machine name": f"boats_{number}", "X": "a"}
            | {"Base table": "Content", "Notes": "Newest first"},
        )
        add(
            "displays",
            {"View": f"Boats{number}", "Title": f"Page{number}", "Machine name": f"page_{number}"}
            | {"X": "a", "Display plugin": "Page", "Path": f"/boats/{number}", "Filters": gone},
            {"View": f"Boats{number}", "Title": f"Box{number}", "Machine name": f"box_{number}"}
            | {"X": "a", "Display plugin": "Block", "Notes": "View mode Line"},
        )
        add("migrations", {"Migration": f"Log{number}", "X": "a", "Notes": f"-> {name}"})
        add("image_styles", {"Style name": f"S{number}", "Machine name": f"s_{number}", "X": "a"})
    add("roles", {"Name": "Clerk", "Machine name": "clerk", "X": "a", "Notes": "Edits boats"})
    add("view_modes", {"View Modes": "Line", "Entity Type": "Content", "X": "a"})
    add("workflows", {"Label": "Yard", "Machine name": "yard", "X": "a", "Type": "Moderation"})
    add("states", {"Workflow": "Yard", "Label": "Draft", "Machine name": "draft", "X": "a"})
    return specification_of(**sheets)


def calls_of(work: Callable[[], object]) -> int:
    """Count the calls that some work makes, with nothing kept of earlier texts."""
    count = 0

    def counting(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    for kept in (sentences_of, readable):
        kept.cache_clear()
    before = sys.getprofile()
    sys.setprofile(counting)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def asking(specification: Specification) -> Callable[[], object]:
    """Return the work of asking about a whole site."""
    groups = group_entities(specification).groups
    return lambda: all_open_questions(groups, specification)


def writing(specification: Specification) -> Callable[[], object]:
    """Return the work of writing every ticket of a site."""
    briefs = briefs_of(specification, group_entities(specification).groups)
    writer = TemplateWriter()
    return lambda: [writer.write(brief) for brief in briefs]


def telling(specification: Specification) -> Callable[[], object]:
    """Return the work of telling a model of every ticket of a site."""
    briefs = briefs_of(specification, group_entities(specification).groups)
    reader = FactsReader()
    return lambda: [prompt_facts(reader.facts_of(brief)) for brief in briefs]


@pytest.mark.parametrize("work", [asking, writing, telling])
@pytest.mark.parametrize("is_one_name", [False, True], ids=["names of their own", "one name"])
def test_ten_times_the_site_takes_about_ten_times_the_calls(
    work: Callable[[Specification], Callable[[], object]], *, is_one_name: bool
) -> None:
    calls_of(work(harbours(1, is_one_name=is_one_name)))  # reads the lexicon

    small = calls_of(work(harbours(HARBOURS, is_one_name=is_one_name)))
    large = calls_of(work(harbours(HARBOURS * TIMES, is_one_name=is_one_name)))

    assert large < small * GROWTH_MAX
