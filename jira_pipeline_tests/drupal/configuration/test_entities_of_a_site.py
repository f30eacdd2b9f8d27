"""What an export says, in the kinds and columns of the sheets."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.drupal.configuration.configuration import read_configuration
from jira_pipeline.drupal.configuration.site import Site, SiteEntity
from jira_pipeline.drupal.configuration.site_entities import site_entities
from jira_pipeline.model.forms_in_text import FORM_COLUMNS
from jira_pipeline.sheets.reading.sheet_kinds import rule_of
from jira_pipeline_tests.drupal.configuration.exports import CLUB, changed, write_export

PIER = "field.field.node.berth.field_pier"


def site_of(folder: Path, changes: Mapping[str, Any] | None = None) -> Site:
    return site_entities(read_configuration(write_export(folder, changes)))


def only(site: Site, key: str) -> SiteEntity:
    (found,) = site.by_key[key]
    return found


def texts(site: Site, key: str, *columns: str) -> list[str]:
    cells = only(site, key).cells
    return [cells[column].text for column in columns]


SWITCHES = ("Mod.", "Layout", "Trns.", "Meta", "Sched.", "Srch.", "URL alias pattern")
FIELD = ("Field type", "Ref. bundle", "Req'd", "Vals.", "Form widget", "Field group")
IMAGES = ("Breakpoints Used", "Fallback Style", "Image Style Group(s)")
ROPES = "Entity Reference Revisions (paragraphs)"
SAID: list[tuple[str, tuple[str, ...], tuple[str, ...]]] = [
    ("bundle:Content type/berth", SWITCHES, ("y", "y", "y", "n", "n", "n", "/berths/[node:title]")),
    ("bundle:Content type/notice", SWITCHES, ("n", "n", "n", "n", "n", "n", "-")),
    (
        "field:Content type/berth/field_pier",
        FIELD,
        ("Entity reference", "Pier (Vocabulary)", "y", "1", "Select list", "Place"),
    ),
    ("field:Content type/berth/field_ropes", FIELD, (ROPES, "All", "n", "*", "knot_picker", "")),
    (
        "field:Content type/berth/field_side",
        ("Form widget", "Settings/notes"),
        ("-- Disabled --", "Options: Port, Starboard\nDefault: Port."),
    ),
    ("view_display:berths/page_1", ("Display plugin", "Notes"), ("Page", "Path: /berths")),
    ("view:berths", ("Base table", "Status"), ("Content", "Enabled")),
    ("image_style:wide_berth", ("Notes",), ("image_scale 90, image_crop 80x40",)),
    ("responsive_image_style:boats", IMAGES, ("narrow (1x)", "Wide berth", "Wide berth")),
    ("view_mode:Content type/Teaser", ("Entities Used On",), ("Berth",)),
    ("workflow:berthing", ("Type", "Applies to"), ("Content moderation", "Berth (Content type)")),
    ("user_role:harbourmaster", ("Notes",), ("2 permissions",)),
]


def test_each_entity_is_what_its_files_say(tmp_path: Path) -> None:
    site = site_of(tmp_path)

    found = [(key, columns, tuple(texts(site, key, *columns))) for key, columns, _ in SAID]

    assert found == SAID
    pier = only(site, "field:Content type/berth/field_pier")
    assert pier.cells["Field group"].values == ("Place", "Tabs")
    ways = site.by_key["workflow_transition:berthing/publish"]
    assert [way.cells["From state"].text for way in ways] == ["Draft", "Published"]


def test_every_cell_names_the_key_that_says_it(tmp_path: Path) -> None:
    site = site_of(tmp_path)

    berth = only(site, "bundle:Content type/berth").cells
    pier = only(site, "field:Content type/berth/field_pier").cells
    assert berth["Description"].yaml == "node.type.berth.yml:description"
    assert berth["Mod."].yaml == ("workflows.workflow.berthing.yml:type_settings.entity_types.node")
    assert pier["Vals."].yaml == "field.storage.node.field_pier.yml:cardinality"
    assert pier["Form widget"].yaml == (
        "core.entity_form_display.node.berth.default.yml:content.field_pier.type"
    )


@pytest.mark.parametrize(
    ("settings", "targets"),
    [
        ({"handler": "default", "handler_settings": {"target_bundles": {}}}, ""),
        (
            {
                "handler": "default:taxonomy_term",
                "handler_settings": {"target_bundles": {"pier": "pier"}, "negate": 1},
            },
            "",
        ),
        ({"handler": "views", "handler_settings": {"view": {"view_name": "berths"}}}, None),
        (
            {
                "handler": "default:taxonomy_term",
                "handler_settings": {"target_bundles": {"pier": "pier", "buoy": "buoy"}},
            },
            "buoy, Pier (Vocabulary)",
        ),
    ],
    ids=["none", "all but one", "chosen by a view", "one that is not there"],
)
def test_targets_are_those_the_form_offers(
    tmp_path: Path, settings: dict[str, Any], targets: str | None
) -> None:
    site = site_of(tmp_path, changed(PIER, settings=settings))

    cell = only(site, "field:Content type/berth/field_pier").cells.get("Ref. bundle")

    assert targets == (None if cell is None else cell.text)


def test_base_fields_come_from_a_list_and_what_was_changed_of_them(tmp_path: Path) -> None:
    site = site_of(tmp_path)

    berth, notice = (only(site, f"field:Content type/{b}/title") for b in ("berth", "notice"))
    assert berth.label == "Number of the berth"
    assert berth.yaml == "core.base_field_override.node.berth.title.yml"
    assert notice.label == "Title"
    assert "Form widget" not in notice.cells
    assert berth.is_base_field
    assert notice.is_base_field


def test_a_display_says_what_it_inherits_and_what_it_overrides(tmp_path: Path) -> None:
    """What a list shows, to whom and how many was in the export, and asked of the client."""
    view = deepcopy(CLUB["views.view.berths"])
    view["display"]["default"]["display_options"] |= {
        "style": {"type": "table"},
        "row": {"type": "fields"},
        "fields": {
            "title": {"field": "title", "label": "Number"},
            "nid": {"field": "nid", "label": "", "exclude": True},
        },
        "sorts": {"created": {"field": "created", "order": "DESC"}},
        "access": {"type": "perm", "options": {"perm": "access content"}},
        "empty": {"area": {"plugin_id": "text_custom", "content": "<p>No berth is free.</p>"}},
        "arguments": {"pier": {"field": "field_pier", "default_argument_type": "node"}},
    }
    view["display"]["default"]["display_options"]["filters"]["type"]["plugin_id"] = "bundle"
    view["display"]["block_1"] = {
        "display_plugin": "block",
        "display_options": {
            "defaults": {"style": False, "row": False},
            "style": {"type": "default"},
            "row": {"type": "entity:node", "options": {"view_mode": "teaser"}},
            "filters": {"keys": {"field": "keys", "exposed": True}},
            "access": {"type": "none"},
        },
    }
    block = {
        "status": True,
        "region": "aside",
        "theme": "club",
        "plugin": "views_block:berths-block_1",
    }
    site = site_of(tmp_path, {"views.view.berths": view, "block.block.berths": block})

    assert texts(site, "view_display:berths/page_1", *FORM_COLUMNS) == [
        "Content: Berth",
        "Table: Number",
        "",
        "type (berth); contextual field_pier",
        "created (desc)",
        "All",
        "permission access content",
        "No berth is free.",
    ]
    assert texts(site, "view_display:berths/block_1", *FORM_COLUMNS) == [
        "Content",
        "Unformatted list: view mode teaser",
        "used in: region aside of club",
        "keys (set by users); contextual field_pier",
        "created (desc)",
        "10 (full pager)",
        "Everybody",
        "No berth is free.",
    ]
    assert FORM_COLUMNS[0] not in site.by_key["view_display:berths/default"][0].cells


def test_a_filter_says_which_of_several_is_enough_and_what_is_an_id(tmp_path: Path) -> None:
    """`(=)` was no value, a term a mere number, and of two filters joined by OR both had to hold."""
    filters = {
        "latest": {"field": "latest_revision", "operator": "=", "value": ""},
        "tid": {"field": "tid", "operator": "or", "value": [9, 12], "vid": "pier", "group": 2},
        "nid": {"field": "nid", "operator": "=", "value": {"value": "505"}, "group": 2},
        "langcode": {"field": "langcode", "value": ["***LANGUAGE_site_default***"]},
        "ends": {"field": "ends", "operator": "not empty", "value": {"type": "date", "value": ""}},
        "price": {"field": "price", "operator": "between", "value": {"min": "1", "max": "9"}},
    }
    view = deepcopy(CLUB["views.view.berths"])
    view["display"]["default"]["display_options"] |= {
        "filters": filters,
        "filter_groups": {"operator": "AND", "groups": {1: "AND", 2: "OR"}},
    }

    site = site_of(tmp_path, {"views.view.berths": view})

    (filtered,) = texts(site, "view_display:berths/page_1", "Filters")
    assert filtered.split("; ") == [
        *("ends (not empty)", "langcode (language of the site)", "latest_revision (on)"),
        *("price (between 1 and 9)", "any of: nid (= ID 505) or tid (or ID 9, 12 of pier)"),
    ]


@pytest.mark.parametrize(
    ("hash_of_it", "enabled", "said"),
    [
        (None, "pier_log", "Modules: knots."),
        ("abc", "berths", "Modules: knots. Installed with: berths."),
        ("abc", "berth", "Modules: knots."),
    ],
)
def test_a_view_says_its_modules_and_what_installed_it(
    hash_of_it: str | None, enabled: str, said: str, tmp_path: Path
) -> None:
    view = deepcopy(CLUB["views.view.berths"])
    view["dependencies"] = {"module": ["node", "knots"]}
    view["_core"] = {"default_config_hash": hash_of_it}
    modules = {"module": {"node": 0, enabled: 0}}

    site = site_of(tmp_path, {"views.view.berths": view, "core.extension": modules})

    assert texts(site, "view:berths", "Notes") == [said]


def test_a_webform_says_its_elements_and_handlers(tmp_path: Path) -> None:
    elements = """
side:
  '#type': details
  '#title': <b>Side</b>
  port:
    '#type': checkbox
    '#required': true
actions:
  '#type': webform_actions
"""
    form: dict[str, Any] = {"id": "log", "title": "Log", "elements": elements}
    form["handlers"] = {"mail": {"id": "email", "label": "To the harbour master"}}
    broken = {"id": "lost", "title": "Lost", "elements": "a: [", "handlers": []}

    site = site_of(tmp_path, {"webform.webform.log": form, "webform.webform.lost": broken})

    (noted,) = texts(site, "bundle:Webform/log", "Notes")
    assert noted.split(". ") == [
        "Elements: Side (side: details); port (checkbox, required)",
        "Handlers: To the harbour master (email).",
    ]
    assert "Notes" not in only(site, "bundle:Webform/lost").cells


def test_what_cannot_be_read_leaves_its_cells_out(tmp_path: Path) -> None:
    """Not known is not empty."""
    broken = {
        "field.storage.node.field_pier": "type: [",
        "core.entity_form_display.node.berth.default": "content: [",
    }
    site = site_of(tmp_path, broken)

    cells = only(site, "field:Content type/berth/field_pier").cells
    assert not {"Vals.", "Ref. bundle"} & cells.keys()
    unread = [cells[column] for column in ("Form widget", "Field group")]
    assert [(cell.text, cell.is_unread) for cell in unread] == [("", True), ("", True)]
    assert cells["Field type"].text == "Entity reference"


def test_columns_are_those_of_the_sheets(tmp_path: Path) -> None:
    unknown = {
        (entity.kind, column)
        for entity in site_of(tmp_path).entities
        for column in entity.cells
        if (rule := rule_of(entity.kind)) is None or column not in rule.columns
    }

    assert unknown == set()
