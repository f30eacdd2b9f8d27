"""Rows that are not built now, in the words of those who wrote them: found, asked, never lost."""

from jira_pipeline.drupal.meaning.notes import is_not_now, puts_off
from jira_pipeline.tickets.documents.configuration_tables import tables_of
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.sheets.made_readings import Reading
from jira_pipeline_tests.tables import each


@each(
    ("text", "header"),
    [
        *(
            (text, "")
            for text in ("Phase 2", "later", "For later", "OUT OF SCOPE", "v. next phase")
        ),
        *((text, "") for text in ("Not in MVP.", "do not build", "don’t build yet", "Post-launch")),
        *(("2", header) for header in ("Phase", "Release", "Build phase")),
        *((("no", header)) for header in ("MVP", "In scope?")),
    ],
)
def test_words_for_what_is_not_built_now(text: str, header: str) -> None:
    assert is_not_now(text, header) == (text != "v. next phase")


@each("text", ["Phase 1", "Phase", "2", "Later opening hours", "In scope", "Release notes", "now"])
def test_words_that_say_nothing_of_it(text: str) -> None:
    assert not is_not_now(text, "Text")
    assert not is_not_now("1", "Phase")


@each("text", ["Later, editors add a map", "Phase 2: a map", "Later opening hours"])
def test_what_comes_later_beside_a_row_does_not_put_it_off(text: str) -> None:
    assert not puts_off(text)


def test_rows_of_which_nobody_says_that_they_are_to_be_built_are_only_quoted() -> None:
    reading = Reading({"Loud.csv": "Thing,Where\nHorn,Bow\nBell,Stern\n"})

    (group,) = group_entities(reading.specification).groups

    assert [table.title for table in tables_of(group)] == ["Rows (2)"]
