"""Facts of Drupal say why they hold and where that is written."""

import re
import tomllib
from importlib import resources

from jira_pipeline.drupal.meaning.modules_and_types import (
    is_base_field,
    is_filled_by_itself,
    is_on_form,
    is_widget_wrong,
)
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
    file = resources.files("jira_pipeline.drupal.configuration").joinpath("spellings.toml")
    sources = [module["source"] for module in tomllib.loads(file.read_text("utf-8"))["modules"]]

    unknown = [source for source in sources if not re.match(r"\w+ (8\.x-)?\d+\.\d+", source)]

    assert unknown == []


@each("widget", ["-- Disabled --", "Disabled", "- Hidden -"])
def test_a_field_whose_widget_is_disabled_is_not_on_the_form(widget: str) -> None:
    row = field_of(BundleType.CONTENT, **{"Form widget": widget})

    assert not is_on_form(row)


@each(
    ("note", "is_filled"),
    [
        ("Fill automatically: [Hull] + [Year], hide from form", True),
        ("auto-generated", True),
        ("Set by the system on saving", True),
        ("Filled in by the captain", False),
        ("Set the colour of the form", False),
    ],
)
def test_a_field_that_fills_itself_is_known_by_its_note(note: str, *, is_filled: bool) -> None:
    """“Saving fails while it is empty” was claimed of a title that nobody may type."""
    assert (
        is_filled_by_itself(field_of(BundleType.CONTENT, **{"Settings/notes": note})) is is_filled
    )


def test_a_term_has_a_description_of_its_own_and_a_content_item_has_not() -> None:
    name = {"Machine name": "description"}

    assert is_base_field(field_of(BundleType.VOCABULARY, **name))
    assert not is_base_field(field_of(BundleType.CONTENT, **name))


@each(
    ("type_", "widget", "is_wrong"),
    [
        ("Text (plain)", "Textfield", False),
        ("Text (plain)", "Select list", True),
        ("List (text)", "Select list", False),
        ("Text (formatted, long, with summary)", "Text area (multiple rows)", True),
        ("Text (plain)", "a_widget_of_a_module", False),
    ],
)
def test_only_widgets_of_core_are_judged(type_: str, widget: str, *, is_wrong: bool) -> None:
    row = field_of(BundleType.CONTENT, **{"Field type": type_, "Form widget": widget})

    assert is_widget_wrong(row) is is_wrong
