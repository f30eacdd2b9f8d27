"""The fields of a type as a whole."""

from dataclasses import replace

from jira_pipeline.drupal.bundle.fields import (
    FieldsFact,
    FieldsUnread,
    HasFields,
    NoContent,
    facts,
    fields_fact_of,
)
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of, group_rows_of
from jira_pipeline_tests.drupal.made_rows import asked, field, said_by
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

KEEL = boat(type="Paragraph type")
OF_KEEL = {"bundle": "Boat (Paragraph type)"}
SWITCH = field("field_wide", type="Boolean", **OF_KEEL)
COLOUR = field("field_colour", type="List (text)", **OF_KEEL)
TEXT = field("field_text", **OF_KEEL)
FROM_LIBRARY = boat(name="From library", machine_name="from_library", type="Paragraph type")


def fact_of(bundle: Row, *fields: Row, is_declared: bool = False) -> FieldsFact:
    bundles = bundles_of(bundle, fields=fields)
    return fields_fact_of(
        replace(bundles.ticket.head, is_declared=is_declared), group_rows_of(bundles)
    )


@each(
    ("bundle", "fields", "fact"),
    [
        (KEEL, [SWITCH, COLOUR], NoContent("display")),
        (KEEL, [], NoContent("display")),
        (boat(type="Webform"), [], NoContent("ask for")),
        (KEEL, [SWITCH, TEXT], HasFields()),
        (boat(), [], HasFields()),  # a page has a title
        (KEEL | {"Settings/notes": "Shows the latest boats."}, [SWITCH], HasFields()),
        (KEEL | {"Fields": "Hull; mast"}, [], HasFields()),
        (FROM_LIBRARY, [], HasFields()),
    ],
)
def test_items_of_nothing_but_fields_need_one_with_content(
    bundle: Row, fields: list[Row], fact: FieldsFact
) -> None:
    assert fact_of(bundle, *fields) == fact


@each(
    ("bundle", "fields", "fact"),
    [
        (boat(), [], FieldsUnread()),
        (KEEL, [], FieldsUnread()),
        (KEEL, [SWITCH], NoContent("display")),
        (boat(type="Vocabulary"), [], HasFields()),
        (FROM_LIBRARY, [], HasFields()),
    ],
)
def test_fields_may_be_in_what_nobody_declared(
    bundle: Row, fields: list[Row], fact: FieldsFact
) -> None:
    assert fact_of(bundle, *fields, is_declared=True) == fact


def test_what_items_without_content_show_is_asked() -> None:
    assert asked("bundles.no_fields", bundles_of(KEEL, fields=[SWITCH]).ticket) == [
        "What should “Boat” display? It has no field for content."
    ]


def test_nothing_is_asked_of_a_type_with_content() -> None:
    assert asked("bundles.no_fields", bundles_of(KEEL, fields=[TEXT]).ticket) == []


def test_whether_a_type_has_fields_with_content_is_a_fact_of_its_row() -> None:
    assert said_by(facts(bundles_of(KEEL, fields=[SWITCH]))) == [(NoContent("display"), "boat")]
