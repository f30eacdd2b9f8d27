"""A type to build none of whose fields is."""

from jira_pipeline.drupal.bundle.hollow import FieldsBuilt, facts, fields_built
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of, group_rows_of
from jira_pipeline_tests.drupal.made_rows import asked, field, said_by
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

LATER = field("field_hull", status="w")
THERE = field("field_hull", status="x")


@each(
    ("bundle", "fields", "fact"),
    [
        (boat(), [LATER], FieldsBuilt.NONE),
        (boat(), [THERE, LATER], FieldsBuilt.THERE_ALREADY),
        (boat(), [field(), LATER], FieldsBuilt.SOME),
        (boat(note="Perhaps without fields."), [LATER], FieldsBuilt.LEFT_OPEN),
    ],
)
def test_the_statuses_of_fields_say_whether_any_is_built(
    bundle: Row, fields: list[Row], fact: FieldsBuilt
) -> None:
    bundles = bundles_of(bundle, fields=fields)

    assert fields_built(bundles.ticket.head, group_rows_of(bundles)) is fact


def test_whether_to_build_a_type_without_its_fields_is_asked() -> None:
    assert asked("bundles.hollow", bundles_of(boat(), fields=[LATER]).ticket) == [
        "“Boat” is to be built, but none of its fields is: should it be built without them?"
    ]


def test_whether_a_type_is_there_as_its_fields_are_is_asked() -> None:
    assert asked("bundles.hollow_there", bundles_of(boat(), fields=[THERE]).ticket) == [
        "“Boat” is marked as new, and its fields as there already: is it on the site?"
    ]


@each(
    ("bundle", "fields"),
    [(boat(), [field()]), (boat(note="Perhaps without fields."), [LATER]), (boat(), [])],
)
def test_nothing_is_asked_of_a_type_with_fields_or_whose_note_is_asked(
    bundle: Row, fields: list[Row]
) -> None:
    ticket = bundles_of(bundle, fields=fields).ticket

    assert asked("bundles.hollow", ticket) == asked("bundles.hollow_there", ticket) == []


def test_whether_fields_are_built_is_a_fact_of_a_type_to_build() -> None:
    assert said_by(facts(bundles_of(boat(), fields=[LATER]))) == [(FieldsBuilt.NONE, "boat")]
    assert said_by(facts(bundles_of(boat(status="x"), fields=[field()]))) == []
