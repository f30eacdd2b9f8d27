"""Bundles of an export: what each is called, and what is said of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jira_pipeline.drupal.site.bundles import bundles_of, entity_type_of
from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_cells import SiteEntity
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.model.entities import AnyBundleType, BundleType, OtherType
from jira_pipeline_tests.drupal.site.exports import changed, write_export
from jira_pipeline_tests.tables import each

OF_ACCOUNTS = "field.field.user.user.field_crew"
INDEX = {
    "name": "Mast",
    "status": True,
    "server": "mast",
    "datasource_settings": {"entity:node": {}},
}


def bundle_of(folder: Path, key: str, changes: Mapping[str, Any]) -> SiteEntity:
    """Read a bundle of the club with some changes, each time from a folder of its own."""
    own = folder / f"export_{len([*folder.iterdir()])}"
    site = site_entities(read_configuration(write_export(own, changes)))
    (bundle,) = site.by_key[f"bundle:{key}"]
    return bundle


@each(
    ("bundle_type", "entity_type"),
    [(BundleType.CONTENT, "node"), (OtherType("storage"), "storage"), (None, "")],
)
def test_a_type_of_bundle_is_of_an_entity_type(
    bundle_type: AnyBundleType | None, entity_type: str
) -> None:
    assert entity_type_of(bundle_type) == entity_type


@each(
    ("key", "changes", "note"),
    [
        ("Content type/berth", {}, None),
        ("Media type/photo", {}, None),
        (
            "Media type/photo",
            changed("media.type.photo", source="image"),
            "Media source: Image.",
        ),
    ],
)
def test_media_types_alone_have_a_source(
    tmp_path: Path, key: str, changes: Mapping[str, Any], note: str | None
) -> None:
    cells = bundle_of(tmp_path, key, changes).cells

    assert (cells["Notes"].text if "Notes" in cells else None) == note


@each(
    ("field", "is_as_shipped"),
    [
        (None, True),
        ({"bundle": "user", "field_name": "field_crew"}, False),
        ("<<<<<<< HEAD", False),
    ],
)
def test_accounts_have_a_row_where_somebody_gave_them_a_field(
    tmp_path: Path, field: object, *, is_as_shipped: bool
) -> None:
    """A field that cannot be read is one all the same."""
    accounts = bundle_of(tmp_path, "User account/user", {OF_ACCOUNTS: field})

    assert accounts.is_as_shipped is is_as_shipped
    (newest, *_) = sorted(tmp_path.iterdir(), reverse=True)
    configuration = read_configuration(newest)
    assert [name for of, name in bundles_of(configuration) if of == "user"] == ["user"]


@each(
    ("modules", "indexes", "is_searched"),
    [
        (["search"], {}, None),
        (["search", "search_api"], {}, "n"),
        (["search"], {"search_api.index.mast": INDEX}, "n"),
        ([], {}, "n"),
    ],
)
def test_only_the_search_of_core_alone_leaves_open_what_is_searched(
    tmp_path: Path, modules: list[str], indexes: Mapping[str, Any], is_searched: str | None
) -> None:
    extension = {"core.extension": {"module": dict.fromkeys(["node", *modules], 0)}}
    cells = bundle_of(tmp_path, "Content type/berth", {**extension, **indexes}).cells

    assert (cells["Srch."].text if "Srch." in cells else None) == is_searched


@each(
    ("name", "is_there"),
    [
        ("field.field.node.yacht.field_mast", True),
        ("field.field.node.yacht_club.field_mast", False),
        ("core.entity_form_display.node.yacht.default", True),
        ("core.entity_view_display.node.yacht.default", False),
        ("core.base_field_override.node.yacht.title", False),
        ("language.content_settings.node.yacht", False),
        ("user.role.sailor", False),
        ("rig.settings.node.yacht", False),
    ],
)
def test_a_bundle_without_a_file_is_there_where_its_fields_or_forms_are(
    tmp_path: Path, name: str, *, is_there: bool
) -> None:
    """Settings of a module that a site kept of a deleted type made the type a row on hold."""
    depends = {"config": ["node.type.yacht", "webform.webform.yacht", "media_entity.bundle.yacht"]}
    naming = {"field_type": "string", "label": "Mast", "dependencies": depends}

    bundles = bundles_of(read_configuration(write_export(tmp_path / name, {name: naming})))

    yachts = [entity_type for entity_type, bundle in bundles if bundle == "yacht"]
    assert yachts == (["node"] if is_there else [])


def test_a_bundle_whose_file_cannot_be_read_is_there(tmp_path: Path) -> None:
    bundles = bundles_of(read_configuration(write_export(tmp_path, {"node.type.yacht": "name: ["})))

    assert ("node", "yacht") in bundles
