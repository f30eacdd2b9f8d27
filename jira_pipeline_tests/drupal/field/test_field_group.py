"""The group of a field on the form."""

from jira_pipeline.drupal.field.field_group import (
    COLUMN,
    COUNTERPART,
    GroupFact,
    InGroup,
    NoGroup,
    check,
    facts,
    group_of,
)
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline.model.site_verifications import Verdict
from jira_pipeline_tests.drupal.made_rows import (
    field,
    fields_of,
    row_of,
    sentences,
    verdict_on,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

DECK = field(group="Deck")
RIG = field("field_mast", group="Rig")


def claimed(*rows: Row, status: str = "a") -> list[str]:
    return sentences(check(fields_of(*rows, status=status)))


# The fact.


@each(
    ("row", "fact"), [(DECK, InGroup("Deck")), (field(), NoGroup()), (field(group="-"), NoGroup())]
)
def test_the_group_is_that_of_the_cell(row: Row, fact: GroupFact) -> None:
    assert group_of(row_of(row)) == fact


def test_the_facts_of_a_ticket_are_those_of_the_fields_to_set() -> None:
    assert [stated.fact for stated in facts(fields_of(DECK, RIG))] == [
        InGroup("Deck"),
        InGroup("Rig"),
    ]


# The sentences.


def test_a_new_form_has_the_groups_of_its_fields() -> None:
    sail = field("field_sail", group="Rig")

    assert claimed(DECK) == ["The form has the group “Deck” with its fields."]
    assert claimed(RIG, DECK, sail) == [
        "The form has the groups “Rig” and “Deck” with their fields."
    ]


def test_a_group_that_is_written_with_two_characters_for_one_is_the_same() -> None:
    composed = field(group="M\u00e4ste")
    decomposed = field("field_mast", group="Ma\u0308ste")

    assert claimed(composed, decomposed) == ["The form has the group “M\u00e4ste” with its fields."]


def test_on_a_form_that_is_there_each_new_or_changed_field_is_in_its_group() -> None:
    assert claimed(DECK, RIG, status="c") == [
        "On the form field_hull is in the group “Deck”; field_mast is in the group “Rig”."
    ]


@each("status", ["a", "c"])
@each(
    "row",
    [
        field(),
        field(group="Deck", widget="-- Disabled --"),
    ],
)
def test_nothing_is_claimed_of_a_field_in_no_group(row: Row, status: str) -> None:
    assert claimed(row, status=status) == []


# The comparison with a site.


@each(
    ("cell", "on_site", "verdict"),
    [
        ("deck", SiteCell(text="Deck", yaml=""), Verdict.MET),
        ("Boat", SiteCell(text="Deck", values=("Boat", "Deck"), yaml=""), Verdict.MET),
        ("Rig", SiteCell(text="Deck", values=("Boat", "Deck"), yaml=""), Verdict.DIFFERS),
        ("-", SiteCell(text="", yaml=""), Verdict.MET),
    ],
)
def test_a_group_is_compared_with_the_groups_around_the_field(
    cell: str, on_site: SiteCell, verdict: Verdict
) -> None:
    assert verdict_on(field(group=cell), COUNTERPART, COLUMN.name, on_site) is verdict
