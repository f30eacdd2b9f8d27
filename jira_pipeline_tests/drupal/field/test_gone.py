"""A field that goes."""

from jira_pipeline.drupal.field.gone import DeletedWithValues, NeverAdded, check, facts, say
from jira_pipeline_tests.drupal.made_rows import field, fields_of, sentences

GOING = field("field_keel", status="d")


def test_values_go_with_a_field_of_a_type_that_is_there() -> None:
    ticket = fields_of(field(), GOING, status="x")

    assert [stated.fact for stated in facts(ticket)] == [DeletedWithValues()]
    assert sentences(say(ticket)) == [
        "Deleting field_keel deletes what the items of Boat hold in it."
    ]
    assert sentences(check(ticket)) == ["Manage fields does not list field_keel."]


def test_a_new_type_never_gets_it() -> None:
    ticket = fields_of(field(), GOING)

    assert [stated.fact for stated in facts(ticket)] == [NeverAdded()]
    assert sentences(say(ticket)) == []
    assert sentences(check(ticket)) == ["Manage fields does not list field_keel."]


def test_nothing_is_said_where_no_field_goes() -> None:
    ticket = fields_of(field(), status="x")

    assert sentences([*say(ticket), *check(ticket)]) == []
