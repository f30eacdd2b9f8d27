"""What a reference of an export offers, as sheets say it."""

from collections.abc import Mapping
from pathlib import Path

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_cells import SiteEntity
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline_tests.drupal.site.exports import changed, write_export
from jira_pipeline_tests.tables import each

CHOSEN = {"handler_settings": {"target_bundles": {"pier": "pier"}}}
NO_CHOICE = {"handler": "default:x", "handler_settings": {"target_bundles": None}}
NONE_CHOSEN = {"handler": "default:x", "handler_settings": {"target_bundles": {}}}
VIEW = {"view_name": "crews", "display_name": "list"}
SEVERAL = {"entity_type_ids": ["taxonomy_term", "user"], "exclude_entity_types": False}


@each(
    ("storage_settings", "settings", "bundles", "note"),
    [
        # No bundle of it is there yet, and every one that comes may be chosen.
        (
            {"target_type": "block_content"},
            NO_CHOICE,
            "",
            "Refers to items of the type block_content.",
        ),
        ({"target_type": "taxonomy_term"}, NO_CHOICE, "All", ""),
        (
            {"target_type": "taxonomy_term"},
            NONE_CHOSEN,
            "",
            "Refers to nothing: no bundle is chosen.",
        ),
        ({"target_type": "file"}, NO_CHOICE, "", "Refers to items of the type file."),
        (SEVERAL, {"taxonomy_term": CHOSEN}, "Pier (Vocabulary)", ""),
        # What a view offers counts, whatever bundles are left beside it.
        (
            {"target_type": "taxonomy_term"},
            {"handler": "views", "handler_settings": {"view": VIEW, "target_bundles": ["pier"]}},
            "",
            "Refers to what the view crews lists in its display list.",
        ),
        # Code that chooses may need no bundle.
        (
            {"target_type": "taxonomy_term"},
            {"handler": "mast:all", "handler_settings": {"target_bundles": {}}},
            "",
            "Refers to items of the type taxonomy_term.",
        ),
        (SEVERAL, {}, "", "Refers to items of the types taxonomy_term, user."),
        (
            {**SEVERAL, "exclude_entity_types": True},
            {},
            "",
            "Refers to items of every type but taxonomy_term, user.",
        ),
        # What is left of a choice counts for nothing where the types are those that it may not offer.
        (
            {**SEVERAL, "exclude_entity_types": True},
            {"taxonomy_term": CHOSEN},
            "",
            "Refers to items of every type but taxonomy_term, user.",
        ),
        (
            SEVERAL,
            {"taxonomy_term": {"handler_settings": {"target_bundles": ["pier", "quay"]}}},
            "Pier (Vocabulary), quay",
            "",
        ),
    ],
)
def test_a_reference_says_what_it_offers(
    tmp_path: Path,
    storage_settings: Mapping[str, object],
    settings: Mapping[str, object],
    bundles: str,
    note: str,
) -> None:
    export = write_export(
        tmp_path,
        {"block_content.type.tides": None}
        | changed("field.storage.node.field_pier", settings=storage_settings)
        | changed("field.field.node.berth.field_pier", settings=settings),
    )

    site = site_entities(read_configuration(export))

    (field,) = site.by_key["field:Content type/berth/field_pier"]
    reference = field.cells.get("Ref. bundle")
    assert bundles == ("" if reference is None else reference.text)
    assert note == field.cells["Settings/notes"].text


STORAGE = "field.storage.node.field_ropes"
FIELD = "field.field.node.berth.field_ropes"
OF_PARAGRAPHS = "Entity Reference Revisions (paragraphs)"
REVISIONS = "entity_reference_revisions"


def field_of(export: Path, key: str) -> SiteEntity:
    (field,) = site_entities(read_configuration(export)).by_key[f"field:{key}"]
    return field


@each(
    ("storage", "settings", "type_"),
    [
        ({"settings": {"target_type": "paragraph"}}, {"handler": ""}, OF_PARAGRAPHS),
        ({"settings": {}}, {"handler": "default:paragraph"}, OF_PARAGRAPHS),
        ({"settings": {}}, {"handler": "paragraph"}, OF_PARAGRAPHS),
        ({"settings": {"target_type": "storage"}}, {"handler": "default:paragraph"}, REVISIONS),
        ({"settings": {}}, {"handler": ""}, REVISIONS),
        ({"type": "string", "settings": {"target_type": "paragraph"}}, {}, "Text (plain)"),
    ],
)
def test_the_type_of_a_field_is_that_of_its_storage(
    tmp_path: Path, storage: Mapping[str, object], settings: Mapping[str, object], type_: str
) -> None:
    export = write_export(tmp_path, changed(STORAGE, **storage) | changed(FIELD, settings=settings))

    cell = field_of(export, "Content type/berth/field_ropes").cells["Field type"]

    assert type_ in (cell.text, *cell.values)
    assert (cell.text == OF_PARAGRAPHS) is (type_ == OF_PARAGRAPHS)


@each(("label", "called"), [("Ropes", "Ropes"), ("", "field_ropes")])
def test_a_field_without_a_label_is_called_by_its_name(
    tmp_path: Path, label: str, called: str
) -> None:
    export = write_export(tmp_path, changed(FIELD, label=label))

    assert field_of(export, "Content type/berth/field_ropes").label == called


def test_a_file_is_no_reference_that_somebody_chooses(tmp_path: Path) -> None:
    settings = {"target_type": "file"}
    export = write_export(tmp_path, changed(STORAGE, type="file", settings=settings))

    note = field_of(export, "Content type/berth/field_ropes").cells["Settings/notes"]

    assert "file" not in note.text


@each("required", [True, False])
def test_a_base_field_that_is_required_otherwise_has_a_row(
    tmp_path: Path, *, required: bool
) -> None:
    override = {
        "id": "node.berth.title",
        "field_name": "title",
        "entity_type": "node",
        "bundle": "berth",
        "label": "Title",
        "description": "",
        "required": required,
        "translatable": True,
        "field_type": "string",
    }
    export = write_export(tmp_path, {"core.base_field_override.node.berth.title": override})

    assert field_of(export, "Content type/berth/title").is_as_shipped is required


def test_a_widget_that_is_known_names_no_module(tmp_path: Path) -> None:
    """“Select list” has the name of a module in it; an id that nobody knows may, too."""
    display = "core.entity_form_display.node.berth.default"

    def noted(widget: str) -> str:
        shown = {"field_ropes": {"type": widget}}
        form = {
            "id": "node.berth.default",
            "targetEntityType": "node",
            "bundle": "berth",
            "mode": "default",
            "status": True,
            "content": shown,
            "dependencies": {"module": ["list", "rigging"]},
        }
        export = write_export(tmp_path / widget, {display: form})
        return field_of(export, "Content type/berth/field_ropes").cells["Settings/notes"].text

    assert "Module" not in noted("options_select")
    assert "Module: rigging" in noted("rigging_hoist")
