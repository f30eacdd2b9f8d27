"""View modes of an export: what their notes say of the fields that they show."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline_tests.drupal.site.exports import write_export
from jira_pipeline_tests.tables import each

CARD = "core.entity_view_display.node.berth.card"
LAID_OUT = {"layout_builder": {"enabled": True}}


def notes_of_card(folder: Path, changes: Mapping[str, Any]) -> SiteCell:
    """Read the notes of a view mode of the club, each time from a folder of its own."""
    own = folder / f"export_{len([*folder.iterdir()])}"
    card = {"core.entity_view_mode.node.card": {"label": "Card", "targetEntityType": "node"}}
    site = site_entities(read_configuration(write_export(own, {**card, **changes})))
    (mode,) = site.by_key["view_mode:Content type/Card"]
    return mode.cells["Notes"]


@each(
    ("display", "note"),
    [
        (
            {"status": True, "content": {"title": {"weight": 2}, "field_pier": {"type": "label"}}},
            "Berth: field_pier (label), title",
        ),
        ({"status": True, "content": {}}, "Berth: nothing"),
        (
            {"status": True, "third_party_settings": LAID_OUT, "content": {"title": {}}},
            "Berth: laid out with Layout Builder",
        ),
        ({"status": False, "content": {"title": {}}}, "No display of this mode is enabled."),
    ],
)
def test_a_note_has_the_fields_of_each_bundle_that_the_mode_is_enabled_for(
    tmp_path: Path, display: Mapping[str, object], note: str
) -> None:
    assert notes_of_card(tmp_path, {CARD: display}).text == note


@each(
    ("changes", "shown"),
    [
        ({"field.field.node.berth.field_mast": "label: ["}, "field_mast (string)"),
        (
            {"field.field.node.berth.field_mast": {"field_type": "string", "label": "Mast"}},
            "field_mast (string)",
        ),
    ],
)
def test_a_field_that_the_configuration_has_is_of_no_module(
    tmp_path: Path, changes: Mapping[str, object], shown: str
) -> None:
    display = {"status": True, "content": {"field_mast": {"type": "string"}}}

    assert notes_of_card(tmp_path, {CARD: display, **changes}).text == f"Berth: {shown}"


def test_a_field_that_no_configuration_has_is_of_a_module(tmp_path: Path) -> None:
    """Tickets asked what such a field is, of what Islandora adds to each item."""
    display = {"status": True, "content": {"field_mast": {"type": "string"}}}

    cell = notes_of_card(tmp_path, {CARD: display})

    assert cell.text == "Berth: field_mast of a module (string)"
    # Sheets that were made before have no mark, and are no different.
    assert "Berth: field_mast (string)" in cell.values


def test_a_field_that_its_display_depends_on_is_none_of_a_module(tmp_path: Path) -> None:
    """A field that is gone although its display depends on it may be one that was lost."""
    depends = {"config": ["field.field.node.berth.field_mast"]}
    display = {"status": True, "content": {"field_mast": {}}, "dependencies": depends}

    assert notes_of_card(tmp_path, {CARD: display}).text == "Berth: field_mast"


def test_a_view_mode_without_a_label_is_called_by_its_machine_name(tmp_path: Path) -> None:
    mode = {"core.entity_view_mode.node.card": {"label": "", "targetEntityType": "node"}}

    site = site_entities(read_configuration(write_export(tmp_path, mode)))

    (card,) = site.by_key["view_mode:Content type/card"]
    assert card.label == "card"
