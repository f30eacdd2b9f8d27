"""Things that go."""

from jira_pipeline.drupal.any_kind.removal import ListedNowhere, ListedOn, check, facts, say
from jira_pipeline_tests.drupal.made_bundles import anchor, boat, bundles_of, plain
from jira_pipeline_tests.drupal.made_migrations import migration, migration_of
from jira_pipeline_tests.drupal.made_rows import ticket_in
from jira_pipeline_tests.sheets.made_specifications import specification_of, view

GOING = boat(status="d")


def test_the_ticket_names_what_goes_beside_what_it_is() -> None:
    sail = boat(name="Sail", machine_name="sail", type="Media type", status="d")
    ticket = bundles_of(GOING, anchor(status="d"), sail).ticket

    assert plain(say(ticket)) == [
        "The site no longer needs the content types “Boat” and “Anchor” and the media type “Sail”."
    ]


def test_the_page_of_each_kind_lists_none_of_them() -> None:
    ticket = bundles_of(GOING, anchor(status="d")).ticket

    page = "Structure \u203a Content types"
    assert [stated.fact for stated in facts(ticket)] == [ListedOn(page), ListedOn(page)]
    assert plain(check(ticket)) == [
        "Structure > Content types does not list “Boat” (boat) or “Anchor” (anchor)."
    ]


def test_views_have_a_page_of_their_own() -> None:
    specification = specification_of(views=[view("Boats", "boats", "d")])
    ticket = ticket_in(specification, lambda head: head.machine_name == "boats")

    assert plain(check(ticket)) == ["Structure > Views does not list “Boats” (boats)."]


def test_what_drupal_lists_nowhere_is_gone() -> None:
    ticket = migration_of(migration(status="d")).ticket

    assert [stated.fact for stated in facts(ticket)] == [ListedNowhere()]
    assert plain(check(ticket)) == ["“Boats” is gone."]
    assert plain(say(ticket)) == ["The site no longer needs the migration “Boats”."]
