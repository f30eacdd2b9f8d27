"""Where a display of a view is used, as an exported configuration says it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from jira_pipeline.drupal.site.configuration import SiteConfiguration, read_configuration
from jira_pipeline.drupal.site.view_places import NOWHERE, places_of
from jira_pipeline_tests.tables import each

NEEDING_MUCH = {f"rig.mast.n{number}": "views.view.crews" for number in range(200)}
"""So much is lacking that nothing follows from what is not there."""
BLOCK = "views_block:crews-block_1"
VIEW = {
    "display": {
        "default": {"display_plugin": "default"},
        "block_1": {"display_plugin": "block"},
        "page_1": {"display_plugin": "page"},
    }
}


def configuration(
    objects: Mapping[str, Mapping[str, object]],
    blocks_of_views: Mapping[str, list[str]] | None = None,
    refused: Mapping[str, str] | None = None,
) -> SiteConfiguration:
    return SiteConfiguration(
        objects=dict(sorted({"core.extension": {}, "views.view.crews": VIEW, **objects}.items())),
        blocks_of_views=blocks_of_views or {},
        refused=refused or {},
        lacking={},
        not_understood={},
        sha256="",
    )


def place_of(site: SiteConfiguration, display: str = "block_1") -> str:
    return places_of(site).place_of("crews", display)


@each(
    ("name", "settings", "place"),
    [
        (
            "block.block.a",
            {"plugin": BLOCK, "status": True, "region": "aside", "theme": "dock"},
            "used in: region aside of dock",
        ),
        (
            "block.block.a",
            {"plugin": BLOCK, "status": False, "region": "aside", "theme": "dock"},
            "used in: region aside of dock (disabled)",
        ),
        ("block.block.a", {"plugin": "views_exposed_filter_block:crews-block_1"}, NOWHERE),
        (
            "field.field.node.boat.field_crew",
            {
                "settings": {
                    "handler_settings": {"view": {"view_name": "crews", "display_name": "block_1"}}
                }
            },
            "used in: field node.boat.field_crew",
        ),
        (
            "field.field.node.boat.field_list",
            {
                "settings": {
                    "preselect_views": {"crews": "crews"},
                    "plugin_types": {"block": "block", "page": 0},
                }
            },
            "used in: field node.boat.field_list",
        ),
        (
            "field.field.node.boat.field_list",
            {
                "settings": {
                    "preselect_views": {"crews": "crews"},
                    "plugin_types": {"page": "page"},
                }
            },
            NOWHERE,
        ),
        (
            "field.field.node.boat.field_list",
            {"settings": {"allowed_views": {"crews": "crews"}}},
            "used in: field node.boat.field_list",
        ),
        (
            "field.field.node.boat.field_list",
            {"default_value": [{"target_id": "crews", "display_id": "block_1"}]},
            "used in: field node.boat.field_list",
        ),
        (
            "entity_browser.browser.finder",
            {"widgets": {"a": {"settings": {"view": "crews", "view_display": "block_1"}}}},
            "used in: entity browser finder",
        ),
        (
            "views.view.tides",
            {
                "display": {
                    "default": {
                        "display_options": {"header": {"v": {"view_to_insert": "crews:block_1"}}}
                    }
                }
            },
            "used in: view tides",
        ),
        (
            "views.view.tides",
            {
                "display": {
                    "default": {
                        "display_options": {
                            "fields": {
                                "v": {"plugin_id": "view", "view": "crews", "display": "block_1"}
                            }
                        }
                    }
                }
            },
            "used in: view tides",
        ),
        ("node.type.boat", {"name": "Boat"}, NOWHERE),
    ],
)
def test_a_display_is_used_where_an_object_names_it(
    name: str, settings: Mapping[str, object], place: str
) -> None:
    assert place_of(configuration({name: settings})) == place


@each(
    ("name", "place"),
    [
        ("core.entity_view_display.node.boat.default", "used in: layout of node.boat.default"),
        ("page_manager.page_variant.dock", "used in: page variant dock"),
        ("ds.field.dock", "used in: Display Suite field dock"),
        ("gangway.plank.dock", "used in: configuration gangway.plank.dock"),
        ("views.view.crews", NOWHERE),
    ],
)
def test_a_block_is_used_where_any_file_names_its_plugin(name: str, place: str) -> None:
    assert place_of(configuration({}, {name: ["crews-block_1"]})) == place


@each(
    ("name", "settings"),
    [
        ("field.field.node.boat.field_crew", {"settings": {"handler_settings": {}}}),
        ("field.field.node.boat.field_list", {"default_value": [{"target_id": "crews"}]}),
        ("entity_browser.browser.finder", {"widgets": {"a": {"settings": {}}}}),
        (
            "views.view.tides",
            {"display": {"a": {"display_options": {"header": {"v": {"plugin_id": "text"}}}}}},
        ),
        (
            "views.view.tides",
            {"display": {"a": {"display_options": {"fields": {"v": {"view": "crews"}}}}}},
        ),
    ],
)
def test_what_names_no_view_is_no_place(name: str, settings: Mapping[str, object]) -> None:
    assert places_of(configuration({name: settings})).places == {}


@each(
    "options",
    [
        {"header": {"v": {"view_to_insert": "crews"}}},
        {"fields": {"v": {"plugin_id": "view", "view": "crews"}}},
    ],
)
def test_a_view_that_is_embedded_without_a_display_is_its_default_one(
    options: Mapping[str, object],
) -> None:
    tides = {"display": {"default": {"display_options": options}}}
    site = configuration({"views.view.tides": tides})

    assert place_of(site, "default") == "used in: view tides"


def test_all_places_of_a_display_are_said_once() -> None:
    blocks = {"ds.field.dock": ["crews-block_1"], "gangway.plank": ["crews-block_1"]}

    expected = "used in: Display Suite field dock, configuration gangway.plank"
    assert place_of(configuration({}, blocks)) == expected


def test_nothing_is_said_of_a_place_that_a_file_nobody_could_read_may_be() -> None:
    assert place_of(configuration({}, refused={"block.block.a": "it is no YAML"})) == ""


def test_nothing_is_said_of_a_place_where_an_export_is_not_whole() -> None:
    whole = configuration({})
    objects = {name: data for name, data in whole.objects.items() if name != "core.extension"}

    assert place_of(whole) == NOWHERE
    assert place_of(replace(whole, objects=objects)) == ""
    assert place_of(replace(whole, lacking=NEEDING_MUCH)) == ""


@each(
    ("text", "displays"),
    [
        ("tabs:\n  data:\n    view_name: crews\n    view_display: block_1\n", ["crews-block_1"]),
        ("view:\n  display_name: 'block_1'\n  view_name: 'crews'\n", ["crews-block_1"]),
        ("left: 'crews:block_1'\nright: crews:page_1\n", ["crews-block_1", "crews-page_1"]),
        ("view_name: crews\nname: block_1\nleft: 'crews: block_1'\n", None),
    ],
)
def test_files_that_are_not_parsed_name_displays_by_two_keys_or_with_a_colon(
    tmp_path: Path, text: str, displays: list[str] | None
) -> None:
    (tmp_path / "gangway.settings.yml").write_text(text, encoding="utf-8")
    (tmp_path / "node.type.boat.yml").write_text("name: Boat\n", encoding="utf-8")

    assert read_configuration(tmp_path).blocks_of_views.get("gangway.settings") == displays
