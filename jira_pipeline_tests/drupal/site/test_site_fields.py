"""What a reference of an export offers, as sheets say it."""

from collections.abc import Mapping
from pathlib import Path

from jira_pipeline.drupal.site.configuration import read_configuration
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline_tests.drupal.site.exports import changed, write_export
from jira_pipeline_tests.tables import each

CHOSEN = {"handler_settings": {"target_bundles": {"pier": "pier"}}}
NO_CHOICE = {"handler": "default:x", "handler_settings": {"target_bundles": None}}
NONE_CHOSEN = {"handler": "default:x", "handler_settings": {"target_bundles": {}}}
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
        (SEVERAL, {}, "", "Refers to items of the types taxonomy_term, user."),
        (
            {**SEVERAL, "exclude_entity_types": True},
            {},
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
