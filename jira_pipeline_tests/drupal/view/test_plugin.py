"""The kind of a display."""

from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.view.plugin import (
    COLUMN,
    COUNTERPART,
    DisplayPlugin,
    NoPlugin,
    UnknownPlugin,
    is_page,
    is_shared,
    plugin_name,
    plugin_of,
)
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_views import compared, display, display_row, view, view_row
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

PAGE = SiteCell(text="Page", values=("page",), yaml="")


@each(
    ("row", "name"),
    [
        (display("list", "Page"), "page"),
        (display("list", "REST export"), "rest_export"),
        (display("list", "Master"), "default"),
        (display("block_2", ""), "block"),  # as Drupal calls a display of a kind
        (display("list", ""), ""),
        (display("list", "Tide wall"), "tide_wall"),
    ],
)
def test_the_kind_is_what_the_cell_says_or_the_name_given_by_drupal(row: Row, name: str) -> None:
    assert plugin_name(display_row(row)) == name


def test_a_kind_of_core_a_kind_that_nobody_knows_and_none() -> None:
    page = plugin_of(display_row(display("list", "Page")))
    assert isinstance(page, DisplayPlugin)
    assert (page.singular, page.has_path) == ("a page", True)

    assert plugin_of(display_row(display("list", "Tide wall"))) == UnknownPlugin("tide_wall")
    assert plugin_of(display_row(display("list", ""))) == NoPlugin()


@each(
    ("cells", "name"),
    [
        ({"Displays": "Block, Page"}, "block"),
        ({"Path": "/boats"}, "page"),
        ({"Notes": "Path: /boats"}, "page"),
        ({"Path": "the left column"}, ""),
        ({}, ""),
    ],
)
def test_a_view_without_displays_is_the_one_that_its_own_row_describes(
    cells: Row, name: str
) -> None:
    assert plugin_name(view_row(view() | cells)) == name


def test_only_the_default_display_is_shared_and_a_display_without_a_kind_counts_as_a_page() -> None:
    assert is_shared(display_row(display("default", "Default")))
    assert not is_shared(display_row(display("list", "Page")))
    assert is_page(display_row(display("list", "")))
    assert not is_page(display_row(display("list", "Block")))


@each(
    ("cell", "verdict"),
    [
        ("Page", Verdict.MET),
        ("page", Verdict.MET),
        ("Block", Verdict.DIFFERS),
        ("A nice list", Verdict.NOT_COMPARABLE),
    ],
)
def test_a_kind_is_compared_by_its_name(cell: str, verdict: Verdict) -> None:
    assert compared(display(plugin=cell), COUNTERPART, COLUMN.name, PAGE) is verdict
