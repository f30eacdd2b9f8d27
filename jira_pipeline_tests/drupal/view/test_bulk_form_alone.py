"""A list with nothing but boxes to tick."""

from jira_pipeline.drupal.view.bulk_form_alone import ShownFields, facts
from jira_pipeline_tests.drupal.made_rows import asked, said_by
from jira_pipeline_tests.drupal.made_views import display, view_of
from jira_pipeline_tests.tables import each


@each(
    ("cell", "fact"),
    [
        ("Table: node_bulk_form", ShownFields.BULK_FORM_ALONE),
        ("Table: views_bulk_operations_bulk_form; with AJAX", ShownFields.BULK_FORM_ALONE),
        ("Table: node_bulk_form, Name", ShownFields.WITH_OTHERS),
        ("HTML list: webform_submission_bulk_form", ShownFields.BULK_FORM_ALONE),
        ("Unformatted list: view mode teaser", ShownFields.WITH_OTHERS),
        ("Table", ShownFields.WITH_OTHERS),
        ("", ShownFields.WITH_OTHERS),
    ],
)
def test_boxes_alone_do_not_tell_items_apart(cell: str, fact: ShownFields) -> None:
    assert said_by(facts(view_of(display(shows=cell)))) == [(fact, "page_1")]


def test_which_columns_are_beside_them_is_asked() -> None:
    (question,) = asked(
        "views.bulk_form_alone", view_of(display(shows="Table: node_bulk_form")).ticket
    )

    assert question.endswith("which fields does it show beside them?")


def test_nothing_is_asked_of_a_table_with_other_columns() -> None:
    ticket = view_of(display(shows="Table: node_bulk_form, Name")).ticket

    assert asked("views.bulk_form_alone", ticket) == []
