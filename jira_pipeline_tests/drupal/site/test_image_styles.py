"""Image styles of an export: what their effects make, and what responsive styles map."""

from collections.abc import Mapping
from pathlib import Path

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline_tests.drupal.site.exports import write_export
from jira_pipeline_tests.tables import each


def notes_of(folder: Path, key: str, changes: Mapping[str, object]) -> SiteCell:
    """Read the notes of a style of the club, each time from a folder of its own."""
    own = folder / f"export_{len([*folder.iterdir()])}"
    site = site_entities(read_configuration(write_export(own, changes)))
    (style,) = site.by_key[key]
    return style.cells["Notes"]


@each(
    ("effect", "data", "note", "values"),
    [
        ("image_scale", {"width": 90}, "image_scale 90", ("image_scale 90",)),
        ("image_scale", {"height": 60}, "image_scale x60", ("image_scale x60",)),
        ("image_style_quality", {"quality": 80}, "image_style_quality 80%", None),
        ("image_style_quality", {}, "image_style_quality", None),
        ("crop_crop", {"crop_type": "hull"}, "crop_crop hull", ("crop_crop The hull",)),
        ("crop_crop", {"crop_type": "mast"}, "crop_crop mast", ("crop_crop mast",)),
    ],
)
def test_an_effect_is_noted_with_what_it_makes(
    tmp_path: Path,
    effect: str,
    data: Mapping[str, object],
    note: str,
    values: tuple[str, ...] | None,
) -> None:
    style = {"name": "card", "label": "Card", "effects": {"a": {"id": effect, "data": data}}}
    changes = {"image.style.card": style, "crop.type.hull": {"label": "The hull"}}

    cell = notes_of(tmp_path, "image_style:card", changes)

    assert cell.text == note
    assert cell.values == (values or (note,))


@each(("multiplier", "note"), [("1x", "narrow (1x): wide_berth"), ("", "narrow: wide_berth")])
def test_a_breakpoint_is_noted_with_its_multiplier(
    tmp_path: Path, multiplier: str, note: str
) -> None:
    mapping = {
        "breakpoint_id": "club.narrow",
        "multiplier": multiplier,
        "image_mapping": "wide_berth",
    }
    responsive = {"label": "Hero", "breakpoint_group": "club", "image_style_mappings": [mapping]}
    changes = {"responsive_image.styles.hero": responsive}

    assert notes_of(tmp_path, "responsive_image_style:hero", changes).text == note
