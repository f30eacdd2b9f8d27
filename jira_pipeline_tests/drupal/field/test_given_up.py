"""A field to be built of which its own help text says that it goes."""

from jira_pipeline.drupal.field.given_up import GivenUp, InUse, facts
from jira_pipeline_tests.drupal.made_rows import asked, field, fields_of, ticket_of
from jira_pipeline_tests.tables import each


@each(
    "text",
    [
        "Not shown. This field will be removed.",
        "The field is to be retired soon.",
        "Deprecated: use Mast.",
        "Please do not use this field.",
        "Will be removed from the form after the season.",
    ],
)
def test_whether_it_is_built_is_asked(text: str) -> None:
    (question,) = asked("bundles.given_up", ticket_of(field(help=text)))

    assert question.endswith("is the field built at all?")


@each(
    "text",
    [
        "",
        "Legacy field. Clear it when it is no longer used.",
        "Boats will be removed after the season.",
        "This field is shown where a boat will be. Spaces are removed.",
        "Do not use tabs.",
        "Don’t use this field to sort boats.",
    ],
)
def test_nothing_is_asked_where_something_else_goes(text: str) -> None:
    assert asked("bundles.given_up", ticket_of(field(help=text))) == []


def test_the_sentence_is_the_fact() -> None:
    fields = fields_of(field(help="Old. This field will be removed."), field("field_mast"))

    assert [stated.fact for stated in facts(fields)] == [
        GivenUp("This field will be removed"),
        InUse(),
    ]
