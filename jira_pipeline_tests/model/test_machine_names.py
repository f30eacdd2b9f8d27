"""Machine names: which rule is broken, for the kind it holds for."""

from jira_pipeline.drupal.meaning.modules_and_types import NOUNS, broken_rule
from jira_pipeline.model.entities import EntityKind
from jira_pipeline_tests.tables import each

CHARACTERS = "lower-case letters, digits and underscores"


@each(
    ("kind", "most", "noun"),
    [
        (EntityKind.BUNDLE, 32, "a bundle"),
        (EntityKind.FIELD, 32, "a field"),
        (EntityKind.VIEW, 166, "a view"),
        (EntityKind.IMAGE_STYLE, 166, "an image style"),
        (EntityKind.RESPONSIVE_IMAGE_STYLE, 166, "a responsive image style"),
        (EntityKind.VIEW_MODE, 166, "a view mode"),
        (EntityKind.USER_ROLE, 166, "a role"),
        (EntityKind.WORKFLOW, 166, "a workflow"),
    ],
)
def test_a_name_may_be_as_long_as_its_kind_allows(kind: EntityKind, most: int, noun: str) -> None:
    assert broken_rule(kind, "a" * most) == ""
    assert broken_rule(kind, "a" * (most + 1)) == f"at most {most} characters for {noun}"


@each("kind", [EntityKind.VIEW_DISPLAY, EntityKind.WORKFLOW_STATE, EntityKind.WORKFLOW_TRANSITION])
def test_parts_of_views_and_workflows_have_no_length_of_their_own(kind: EntityKind) -> None:
    assert broken_rule(kind, "a" * 200) == ""


def test_only_a_field_may_not_begin_with_a_digit() -> None:
    """boston.gov has the bundles `311_request` and `3_column_w_image`."""
    broken = {kind: rule for kind in NOUNS if (rule := broken_rule(kind, "16_9"))}

    assert broken == {EntityKind.FIELD: "a letter or underscore first in the name of a field"}
    assert broken_rule(EntityKind.FIELD, "_16") == ""


@each("name", ["Head Keeper", "contact/hours", "42x42_non-webp", "ä"])
def test_other_characters_break_the_rule_of_every_kind(name: str) -> None:
    assert {broken_rule(kind, name) for kind in NOUNS} == {CHARACTERS}


def test_every_broken_rule_is_reported() -> None:
    name = "Content creator, resources and support"

    assert broken_rule(EntityKind.BUNDLE, name) == (
        f"{CHARACTERS}; at most 32 characters for a bundle"
    )


@each("kind", [EntityKind.MIGRATION, EntityKind.CUSTOM])
def test_what_nobody_knows_the_rules_of_breaks_none(kind: EntityKind) -> None:
    assert broken_rule(kind, "d7_node:article") == ""


@each("name", ["", "-"])
def test_a_name_that_is_not_given_breaks_no_rule(name: str) -> None:
    assert broken_rule(EntityKind.BUNDLE, name) == ""
