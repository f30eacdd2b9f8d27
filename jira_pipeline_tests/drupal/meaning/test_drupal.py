"""Facts of Drupal say why they hold and where that is written."""

import re
import tomllib
from importlib import resources

from jira_pipeline.drupal.meaning.modules_and_types import facts_of, is_base_field
from jira_pipeline.drupal.site.site_cells import spellings
from jira_pipeline.model.entities import BundleType, Entity, EntityKind
from jira_pipeline_tests.sheets.made_specifications import Row, bundle, field, specification_of
from jira_pipeline_tests.tables import each


def field_of(type_: BundleType, **cells: str) -> Entity:
    row: Row = field(f"Boat ({type_.value})", "field_hull") | cells
    specification = specification_of(bundles=[bundle("Boat", "boat", type_.value)], fields=[row])
    return specification.by_kind[EntityKind.FIELD][0]


def test_every_fact_has_its_reason_and_its_source() -> None:
    text = (
        resources.files("jira_pipeline.drupal.meaning").joinpath("drupal.toml").read_text("utf-8")
    )

    facts = tomllib.loads(text)

    assert [name for name, fact in facts.items() if not {"reason", "source"} <= fact.keys()] == []


def test_labels_of_a_contributed_module_are_those_of_a_release() -> None:
    file = resources.files("jira_pipeline.drupal.site").joinpath("spellings.toml")
    sources = [module["source"] for module in tomllib.loads(file.read_text("utf-8"))["modules"]]

    unknown = [source for source in sources if not re.match(r"\w+ (8\.x-)?\d+\.\d+", source)]

    assert unknown == []


def test_a_term_has_a_description_of_its_own_and_a_content_item_has_not() -> None:
    name = {"Machine name": "description"}

    assert is_base_field(field_of(BundleType.VOCABULARY, **name))
    assert not is_base_field(field_of(BundleType.CONTENT, **name))


@each(
    ("type_", "label", "field_type", "is_base"),
    [
        (BundleType.CONTENT, "Title", "Text (plain)", True),
        (BundleType.CONTENT, "title", "Short text (max 80)", True),
        (BundleType.CONTENT, "Title", "", True),
        (BundleType.CONTENT, "Title", "Text", True),
        (BundleType.CONTENT, "Title", "Text (formatted, long)", False),
        (BundleType.CONTENT, "Title", "Image", False),
        (BundleType.CONTENT, "Title", "address", False),
        (BundleType.CONTENT, "Subtitle", "Text (plain)", False),
        (BundleType.CONTENT, "Name", "Text (plain)", False),
        (BundleType.PARAGRAPH, "Title", "Text (plain)", False),
        (BundleType.WEBFORM, "Title", "Text (plain)", False),
        (BundleType.VOCABULARY, "Title", "Text (plain)", False),
        (BundleType.VOCABULARY, "Name", "Text (plain)", True),
        (BundleType.VOCABULARY, "Description", "Text (formatted, long)", True),
        (BundleType.CONTENT, "Description", "Text (formatted, long)", False),
        (BundleType.MEDIA, "Name", "string", True),
        (BundleType.BLOCK, "Block description", "Text (plain)", True),
        (BundleType.CONTENT, "Published", "Boolean", True),
        (BundleType.CONTENT, "Published", "Date", False),
        (BundleType.CONTENT, "Published", "When it came out", False),
        (BundleType.CONTENT, "Authored on", "Date", True),
    ],
)
def test_a_field_without_a_machine_name_is_by_its_label_what_every_item_has(
    type_: BundleType, label: str, field_type: str, *, is_base: bool
) -> None:
    """`field_title` was assumed of the title of 7 types of 7."""
    cells = {"Field label": label, "Machine name": "", "Field type": field_type}

    assert is_base_field(field_of(type_, **cells)) is is_base


@each(
    "cells",
    [{"Machine name": "field_title"}, {"Vals.": "*"}, {"Ref. bundle": "Boat (Content type)"}],
)
def test_a_title_that_says_otherwise_is_a_field_of_its_own(cells: dict[str, str]) -> None:
    named = {"Field label": "Title", "Machine name": ""}

    assert not is_base_field(field_of(BundleType.CONTENT, **{**named, **cells}))


def test_labels_of_base_fields_are_those_that_exports_show() -> None:
    shown = {
        (name, field.label)
        for fields in spellings().base_fields.values()
        for name, field in fields.items()
    }

    assert {(n, base["label"]) for n, base in facts_of("base_fields_by_label").items()} <= shown
