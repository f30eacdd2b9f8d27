"""How a display of a view works, as its export says it."""

from collections.abc import Mapping

from jira_pipeline.drupal.site.site_cells import Settings, SiteCell
from jira_pipeline.drupal.site.view_displays import display_cells
from jira_pipeline.drupal.site.view_places import NOWHERE
from jira_pipeline_tests.tables import each

FLAGGED = {"field": "flagged", "operator": "=", "value": "1", "relationship": "of_flag"}
FLAG = {"of_flag": {"flag": "moored"}}


def _cells(
    own: Mapping[str, object], inherited: Mapping[str, object] | None = None
) -> Mapping[str, SiteCell]:
    view = {
        "display": {
            "default": {"display_options": inherited or {}},
            "page_1": {"display_options": own},
        }
    }
    settings = Settings(view, "views.view.boats.yml")
    return display_cells(settings, "page_1", listed="Content", bundles={}, place="")


@each(
    ("options", "filters", "of_earlier_versions"),
    [
        (
            {"filters": {"a": FLAGGED}, "relationships": FLAG},
            "flagged (= 1, flag moored)",
            ("flagged (= 1)",),
        ),
        (
            {"filters": {"a": FLAGGED | {"exposed": True}}, "relationships": FLAG},
            "flagged (set by users, flag moored)",
            ("flagged (set by users)",),
        ),
        (
            {"arguments": {"a": FLAGGED}, "relationships": FLAG},
            "contextual flagged, flag moored",
            ("contextual flagged",),
        ),
        ({"filters": {"a": FLAGGED}}, "flagged (= 1)", ()),
        ({"filters": {"a": FLAGGED}, "relationships": {"of_flag": {}}}, "flagged (= 1)", ()),
    ],
)
def test_a_filter_names_the_flag_that_it_is_of(
    options: Mapping[str, object], filters: str, of_earlier_versions: tuple[str, ...]
) -> None:
    cell = _cells(options)["Filters"]

    assert (cell.text, cell.values) == (filters, of_earlier_versions)


AJAX = {"use_ajax": True}
OFF = {"use_ajax": False, "defaults": {"use_ajax": False}}


@each(
    ("own", "inherited", "shown"),
    [
        (AJAX, {}, "Unformatted list: no fields; with AJAX"),
        ({}, AJAX, "Unformatted list: no fields; with AJAX"),
        (OFF, AJAX, "Unformatted list: no fields"),
        ({}, {}, "Unformatted list: no fields"),
    ],
)
def test_a_display_says_that_it_is_updated_in_place(
    own: Mapping[str, object], inherited: Mapping[str, object], shown: str
) -> None:
    cell = _cells(own, inherited)["Shows"]

    assert cell.text == shown
    assert {cell.text, *cell.values} >= {"Unformatted list: no fields"}


def test_a_display_with_a_number_as_its_name_is_read() -> None:
    """YAML reads `2018:` as a number: eleven pages of a site were without path, filters and fields."""
    view = {
        "display": {
            "default": {"display_options": {}},
            2018: {"display_plugin": "page", "display_options": {"path": "crews/2018"}},
        }
    }

    cells = display_cells(
        Settings(view, "views.view.crews.yml"), "2018", listed="Crew", bundles={}, place="-"
    )

    assert cells["Path or place"].values == ("/crews/2018",)


@each(
    ("plugin", "options", "said"),
    [
        ("block", {}, "placed by no configuration"),
        ("page", {}, ""),
        ("feed", {}, ""),
        ("attachment", {"displays": {"page_1": "page_1", "block_1": "0"}}, "attached to page_1"),
    ],
)
def test_a_display_that_is_reached_by_a_path_alone_is_placed_nowhere(
    plugin: str, options: Mapping[str, object], said: str
) -> None:
    """A page without a path is asked about: nothing else could show it."""
    view = {
        "display": {"default": {}, "one": {"display_plugin": plugin, "display_options": options}}
    }

    cells = display_cells(
        Settings(view, "views.view.boats.yml"), "one", listed="Boats", bundles={}, place=NOWHERE
    )

    assert cells["Path or place"].text == said
