"""How what the rules find becomes questions: joined by topic, each once, cells as literals."""

from copy import deepcopy

from jira_pipeline.model.entities import Specification
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.sources.grouping.grouping import group_entities
from jira_pipeline.sources.questions.found_questions import all_open_questions
from jira_pipeline_tests.sources.sheets.made_specifications import (
    Row,
    bundle,
    display,
    field,
    specification_of,
    view,
)
from jira_pipeline_tests.tables import each
from jira_pipeline_tests.writing.sites import FOLDERS, site

PAGE = "Page (Content type)"


def asked(specification: Specification) -> list[OpenQuestion]:
    groups = group_entities(specification).groups
    return [question for _, question in all_open_questions(groups, specification)]


def references(*names: str, **cells: str) -> Specification:
    rows: list[Row] = [
        field(PAGE, name) | {"Field type": "Entity reference", "Ref. bundle": ""} | cells
        for name in names
    ]
    return specification_of(bundles=[bundle("Page", "page")], fields=rows)


def test_rows_that_raise_the_same_question_are_asked_about_once() -> None:
    found = [q for q in asked(references("field_a", "field_b")) if q.column == "Ref. bundle"]

    assert [q.subjects for q in found] == [("field_a", "field_b")]
    assert "`field_a`" in found[0].question
    assert "`field_b`" in found[0].question


def test_backticks_in_cells_cannot_mark_anything() -> None:
    (found,) = [
        q
        for q in asked(references("field_a", **{"Field label": "`rm`"}))
        if q.column == "Ref. bundle"
    ]

    assert "`rm`" not in found.question


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

    asked = [(group.key, q.question) for group, q in all_open_questions(groups, specification)]

    assert len(asked) == len({*asked})
