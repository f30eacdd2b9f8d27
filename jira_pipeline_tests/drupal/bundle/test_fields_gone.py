"""A type on the site all of whose fields go."""

from jira_pipeline.drupal.bundle.fields_gone import FieldsGone, facts
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import asked, field, said_by
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

GOING = field("field_hull", status="d")


def test_whether_the_type_goes_with_its_last_field_is_asked() -> None:
    ticket = bundles_of(boat(status="x"), fields=[GOING, field("field_mast", status="d")]).ticket

    assert asked("bundles.emptied", ticket) == [
        (
            "Without the fields that go “Boat” has none: does the type go too, and what becomes of "
            "what uses it?"
        )
    ]


@each(
    ("bundle", "fields"),
    [
        (boat(status="x"), [GOING, field("field_mast", status="x")]),
        (boat(status="x"), [GOING, field("field_mast")]),
        (boat(status="c"), []),
        (boat(), [GOING, field("field_mast")]),
    ],
)
def test_nothing_is_asked_of_a_type_that_keeps_or_gets_fields(
    bundle: Row, fields: list[Row]
) -> None:
    assert asked("bundles.emptied", bundles_of(bundle, fields=fields).ticket) == []


@each(
    ("bundle", "fact"),
    [
        (boat(status="x"), FieldsGone.YES),
        (boat(status="c"), FieldsGone.YES),
        (boat(), FieldsGone.NEW),
    ],
)
def test_only_a_type_on_the_site_loses_its_fields(bundle: Row, fact: FieldsGone) -> None:
    assert said_by(facts(bundles_of(bundle, fields=[GOING]))) == [(fact, "boat")]
