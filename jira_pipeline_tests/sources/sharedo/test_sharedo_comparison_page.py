"""A comparison on its page and in Markdown: text of packages is shown, never obeyed."""

import re

import pytest

from jira_pipeline.sources.sharedo.comparison import Comparison, SideFailure, compare_sides
from jira_pipeline.sources.sharedo.package_pages import comparison_markdown, comparison_page
from jira_pipeline_tests.sources.sharedo.made_packages import side_of

HOSTILE = "<script>alert(1)</script> | [a](javascript:x)\n# b"


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """One component that differs in a hostile text and in an added phase, one that is alike."""
    return compare_sides(
        side_of(
            "test",
            {"Name": HOSTILE, "Phases": [{"SystemName": "p", "Name": "P"}]},
            {"A": 1},
            title=HOSTILE,
        ),
        side_of("live", {"Name": "plain"}, {"A": 1}, {"B": 2}, title=HOSTILE),
    )


def test_the_page_shows_hostile_text_literally(comparison: Comparison) -> None:
    page = comparison_page(comparison)

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert page.count("<script>") == 1


def test_the_page_links_every_component(comparison: Comparison) -> None:
    page = comparison_page(comparison)

    linked = set(re.findall(r'href="#(ticket-\d+)"', page))
    assert linked == set(re.findall(r'id="(ticket-\d+)"', page))
    assert len(linked) == 3


def test_an_added_item_is_shown_field_by_field(comparison: Comparison) -> None:
    assert "<div>SystemName: p</div><div>Name: P</div>" in comparison_page(comparison)
    assert "SystemName: p<br>Name: P" in comparison_markdown(comparison)


def test_markdown_keeps_hostile_text_in_its_cell(comparison: Comparison) -> None:
    lines = comparison_markdown(comparison).splitlines()

    (row,) = [line for line in lines if line.startswith("| Name |")]
    assert r"\<script\>" in row
    assert "# b" not in lines


def test_what_was_not_compared_is_shown_with_its_reason() -> None:
    comparison = compare_sides(
        side_of("test", {"A": 1}), side_of("live", failures=(SideFailure(reason="b.zip is cut"),))
    )

    assert "live may have it: b.zip is cut" in comparison_page(comparison)
    assert "live may have it: b.zip is cut" in comparison_markdown(comparison)
