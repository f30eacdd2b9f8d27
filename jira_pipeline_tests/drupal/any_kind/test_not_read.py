"""A cell that is too long to be read."""

from jira_pipeline.drupal.any_kind.not_read import (
    PartlyRead,
    WhollyRead,
    facts,
    reading_of,
    say,
)
from jira_pipeline.model.entities import READ_CHARACTERS_MAX, EntityKind
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import (
    field,
    row_of,
    sentences,
    style,
    ticket_of,
    ticket_of_list,
)
from jira_pipeline_tests.sheets.made_specifications import table

LONG = "oak " * READ_CHARACTERS_MAX
SENTENCE = "is over 10,000 characters long and was not read"


def test_a_long_cell_is_not_read() -> None:
    assert reading_of(row_of(field(note=LONG))) == PartlyRead(("Settings/notes",))
    assert reading_of(row_of(field())) == WhollyRead()


def test_the_ticket_names_it() -> None:
    ticket = ticket_of(field(note=LONG), field("field_keel"))

    (sentence,) = sentences(say(ticket))
    assert sentence.startswith(f"Settings/notes of “Hull” {SENTENCE}")
    assert [stated.fact for stated in facts(ticket)] == [
        WhollyRead(),
        PartlyRead(("Settings/notes",)),
        WhollyRead(),
    ]


def test_a_ticket_that_says_who_may_do_what_rests_on_all_roles() -> None:
    roles = table("Name,Machine name,X,Notes", f"Crew,crew,a,{LONG}")
    of_type = bundles_of(boat(), fields=[field()], roles=roles).ticket
    (sentence,) = sentences(say(of_type))

    assert sentence.startswith(f"Notes of “Crew” {SENTENCE}")


def test_other_tickets_do_not_rest_on_roles() -> None:
    roles = table("Name,Machine name,X,Notes", f"Crew,crew,a,{LONG}")
    ticket = ticket_of_list(EntityKind.IMAGE_STYLE, image_styles=[style()], roles=roles)

    assert sentences(say(ticket)) == []
