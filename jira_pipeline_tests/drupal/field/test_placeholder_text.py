"""A help text with a gap that somebody meant to fill in."""

from jira_pipeline.drupal.field.placeholder_text import Finished, Unfinished, facts
from jira_pipeline_tests.drupal.made_rows import asked, field, fields_of, ticket_of
from jira_pipeline_tests.tables import each


@each(
    "text",
    [
        "The harbour opens on X at X and closes on X at X.",
        "Lorem ipsum dolor.",
        "Moorings: TBD.",
        "Call xxx-xxxx.",
        "See [insert link] for berths.",
        "Length in ?? metres.",
    ],
)
def test_what_goes_into_the_gap_is_asked(text: str) -> None:
    (question,) = asked("bundles.placeholder", ticket_of(field(help=text)))

    assert question.startswith("The help text of “Hull” (`field_hull`) is not finished: ")


@each(
    "text",
    [
        "",
        "Shared on X.",  # a name
        "Open from X-ray to sail.",
        "The colour of the hull, on x-rays too.",
        "Use [node:title] as a token.",
        "Best is “Boats of [name of the harbour]”.",
        "Which colour?",
    ],
)
def test_nothing_is_asked_of_a_finished_text(text: str) -> None:
    assert asked("bundles.placeholder", ticket_of(field(help=text))) == []


def test_the_first_sentence_with_a_gap_is_the_fact() -> None:
    texts = field(help="Open until X; ask first. Moored from X."), field("field_mast")

    assert [stated.fact for stated in facts(fields_of(*texts))] == [
        Unfinished("Open until X; ask first"),
        Finished(),
    ]
