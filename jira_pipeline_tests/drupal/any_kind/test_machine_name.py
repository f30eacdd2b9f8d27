"""The machine name of a thing."""

from dataclasses import replace

from jira_pipeline.drupal.any_kind.machine_name import (
    MachineName,
    NamedByDrupal,
    NameFact,
    NameInLabel,
    NoMachineName,
    is_named_by_hand,
    machine_name_of,
)
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import asked, field, row_of, ticket_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

NAMELESS = field() | {"Machine name": ""}


# The fact.


@each(
    ("row", "fact"),
    [
        (field(), MachineName("field_hull")),
        (NAMELESS, NoMachineName(proposed="field_hull")),
        (NAMELESS | {"Field label": "Hull (mm)"}, NoMachineName(proposed="field_hull")),
        (NAMELESS | {"Field label": "Title"}, NamedByDrupal()),
        (NAMELESS | {"Field type": ""}, NamedByDrupal()),
    ],
)
def test_a_field_without_a_name_gets_one_of_its_label(row: Row, fact: NameFact) -> None:
    assert machine_name_of(row_of(row)) == fact


def test_an_element_of_a_webform_has_no_prefix() -> None:
    row = row_of(NAMELESS, type_="Webform")

    assert machine_name_of(row) == NoMachineName(proposed="hull")


def test_a_type_without_a_name_gets_one_of_its_label() -> None:
    (row,) = bundles_of(boat(machine_name="-", name="Tall Ship")).ticket.group.heads

    assert machine_name_of(row) == NoMachineName(proposed="tall_ship")


@each(
    ("label", "fact"),
    [
        ("Hull (hull)", NameInLabel("hull")),
        ("Hull [outer_hull]", NameInLabel("outer_hull")),
        ("Hull (in mm)", NoMachineName(proposed="field_hull")),
        ("Hull", NoMachineName(proposed="field_hull")),
    ],
)
def test_a_label_of_a_declared_worksheet_may_end_with_the_name(label: str, fact: NameFact) -> None:
    row = row_of(NAMELESS | {"Field label": label})

    assert machine_name_of(replace(row, is_declared=True)) == fact
    assert isinstance(machine_name_of(row), NoMachineName)


def test_somebody_names_a_field_that_has_a_type_and_is_not_on_every_item() -> None:
    assert is_named_by_hand(row_of(field()))
    assert not is_named_by_hand(row_of(field("title")))
    assert not is_named_by_hand(row_of(field(type="")))


# The question.


def test_the_name_that_drupal_makes_of_the_label_is_assumed() -> None:
    assert asked("bundles.machine_name", ticket_of(NAMELESS)) == [
        "“Hull”: the machine name that Drupal makes of the label, `field_hull`."
    ]


@each("row", [field(), NAMELESS | {"Field label": "Title"}])
def test_nothing_is_asked_about_a_field_with_a_name(row: Row) -> None:
    assert asked("bundles.machine_name", ticket_of(row)) == []


def test_a_new_type_is_asked_for_its_name_and_one_that_is_there_is_not() -> None:
    new = bundles_of(boat(machine_name="-")).ticket
    there = bundles_of(boat(machine_name="-", status="c")).ticket

    assert len(asked("bundles.machine_name", new)) == 1
    assert asked("bundles.machine_name", there) == []
