"""A required field about something that an optional switch turns on."""

from collections.abc import Sequence

from jira_pipeline.drupal.field.after_switch import AfterSwitch, ForAll, facts
from jira_pipeline_tests.drupal.made_rows import asked, field, fields_of, ticket_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

SWITCH = field("field_mast", type="Boolean")
HEIGHT = field("field_mast_height", label="How high?", required="y")


@each(
    "rows",
    [
        [SWITCH, HEIGHT],
        [HEIGHT, SWITCH],
        [SWITCH, field("field_metres", label="Mast height", required="y")],
        [
            field("field_has", label="Mast?", type="Boolean"),
            field("field_m", label="mast height", required="y"),
        ],
    ],
)
def test_a_required_field_named_after_an_optional_switch_is_asked_about(
    rows: Sequence[Row],
) -> None:
    (question,) = asked("bundles.after_switch", ticket_of(*rows))

    assert question.endswith("is it required of all, or only where that is ticked?")


@each(
    "rows",
    [
        [SWITCH | {"Req'd": "y"}, HEIGHT],
        [SWITCH | {"Form widget": "-- Disabled --"}, HEIGHT],
        [SWITCH, HEIGHT | {"Req'd": "n"}],
        [SWITCH, HEIGHT | {"Form widget": "-- Disabled --"}],
        [SWITCH, field("field_masthead", label="Masthead", required="y")],
        [field("field_mast"), HEIGHT],
        [HEIGHT],
    ],
)
def test_nothing_is_asked_of_other_fields(rows: Sequence[Row]) -> None:
    assert asked("bundles.after_switch", ticket_of(*rows)) == []


def test_the_switch_is_said_with_the_field() -> None:
    switch, height = facts(fields_of(SWITCH, HEIGHT))

    assert switch.fact == ForAll()
    assert isinstance(height.fact, AfterSwitch)
    assert [row.machine_name for row in height.rows] == ["field_mast_height", "field_mast"]
