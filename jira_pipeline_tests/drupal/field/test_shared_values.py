"""The values of a list that a bundle re-uses."""

from jira_pipeline.drupal.field.shared_values import HasValues, NeedsValues, facts, say
from jira_pipeline_tests.drupal.field.test_allowed_values import (
    AFTER_CHART,
    ANCHOR,
    LIST,
    OTHERS,
    RIG,
    rig,
)
from jira_pipeline_tests.drupal.made_rows import field, fields_of, sentences
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each


def said(*rows: Row) -> list[str]:
    return sentences(say(fields_of(*rows, others=OTHERS)))


def test_a_list_that_is_re_used_has_its_values() -> None:
    rows = [rig(), rig(bundle=ANCHOR, status="x")]

    assert [fact.fact for fact in facts(fields_of(*rows, others=OTHERS))] == [HasValues()]
    assert said(*rows) == ["field_rig has its options already, from the field it re-uses."]


@each(("note", "is_said"), [(RIG, True), ("As the harbour master says", False)])
def test_a_list_of_an_earlier_ticket_has_its_values_where_rows_say_them(
    note: str, *, is_said: bool
) -> None:
    rows = [rig(), AFTER_CHART, rig(note, bundle="Chart (Content type)")]

    assert bool(said(*rows)) is is_said


def test_a_new_list_needs_values() -> None:
    assert [fact.fact for fact in facts(fields_of(rig(RIG), field()))] == [NeedsValues()]


@each(
    "rows",
    [
        [rig(RIG)],
        [field(), field(bundle=ANCHOR, status="x")],
        # A question asks which options, or which type, the field has.
        [rig(RIG), rig("Options: Yawl, Cat.", bundle=ANCHOR, status="x")],
        [rig(RIG, type="List (integer)"), rig(RIG, bundle=ANCHOR, status="x")],
        [field("-", label="Rig", **LIST)],
    ],
)
def test_another_list_has_no_values_yet(rows: list[Row]) -> None:
    assert said(*rows) == []
