"""How what the rules find becomes questions: joined by topic, each once, cells as literals."""

from copy import deepcopy

from jira_pipeline.model.tickets import row_ids_of
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline_tests.sheets.made_specifications import (
    bundle,
    display,
    field,
    specification_of,
    view,
)
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.tickets.questions import open_rows
from jira_pipeline_tests.writing.sites import FOLDERS, site


def test_backticks_in_cells_cannot_mark_anything() -> None:
    row = field("Page (Content type)", "field_a") | {"Field label": "`rm`", "Field type": ""}
    specification = specification_of(bundles=[bundle("Page", "page")], fields=[row])

    ((_, found),) = all_open_questions(group_entities(specification).groups, specification)

    assert "“'rm'” (`field_a`)" in found.question


def test_a_display_has_its_path_alone_where_its_group_was_read_from_a_copy() -> None:
    """Between assets groups are kept as files: their rows are equal to those of the sheets."""
    specification = specification_of(
        views=[view("News", "news")], displays=[display("News", "page_1", Notes="Path: /news")]
    )
    groups = deepcopy(group_entities(specification).groups)

    found = all_open_questions(groups, specification)

    assert not any("which keeps it" in question.question for _, question in found)


@each("name", FOLDERS)
def test_no_ticket_asks_the_same_twice(name: str) -> None:
    specification, groups = site(name)

    found = all_open_questions(groups, specification)
    asked = [(group.key, q.question) for group, q in found]
    rows = [(group.key, row_id) for group, q in found for row_id in row_ids_of(q)]

    assert len(asked) == len({*asked})
    assert len(rows) == len({*rows})


def test_two_rows_of_one_key_that_are_asked_about_differently_are_two_questions() -> None:
    paths = {"News": ("/a", "/b"), "Press": ("/a", "/b")}
    displays = [
        display(name, "page_1", Notes=f"Path: {path}") for name in paths for path in paths[name]
    ]
    specification = specification_of(
        views=[view("News", "news"), view("Press", "press")], displays=displays
    )

    found = all_open_questions(group_entities(specification).groups, specification)
    asked = [
        q for group, q in found if group.key == "view:news" and "which one keeps" in q.question
    ]

    assert len(asked) == 2
    assert len({row_id for q in asked for row_id in row_ids_of(q)}) == 2


@each("name", open_rows.CASES)
def test_no_two_questions_of_a_ticket_have_a_row_in_common(name: str) -> None:
    specification = specification_of(**open_rows.CASES[name])
    groups = group_entities(specification).groups

    found = all_open_questions(groups, specification)
    rows = [(group.key, row_id) for group, q in found for row_id in row_ids_of(q)]

    assert len(rows) == len({*rows})
