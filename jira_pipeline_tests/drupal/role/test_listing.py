"""Which roles a site needs, and where Drupal lists them."""

from jira_pipeline.drupal.role.listing import check, say
from jira_pipeline_tests.drupal.made_bundles import plain
from jira_pipeline_tests.drupal.made_roles import role, ticket_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

ANYBODY = role(name="Anonymous")
EDITOR = role(name="Content_editor")
MATE = role(name="Mate")


@each(
    ("roles", "what"),
    [
        ([role()], "the role “Skipper”"),
        ([role(), MATE], "the roles “Skipper” and “Mate”"),
        ([role(), ANYBODY, EDITOR], "the new role “Skipper”"),
        ([ANYBODY, EDITOR], "the new role “Content_editor”"),
        ([ANYBODY], "the role “Anonymous”"),
        ([ANYBODY | {"X": "c"}], "changes to the role “Anonymous”"),
        ([role(X="d")], "the removal of the role “Skipper”"),
        ([role(X="c"), MATE], "the new role “Mate” and changes to the role “Skipper”"),
    ],
)
def test_the_site_needs_roles_that_nothing_brings(roles: list[Row], what: str) -> None:
    assert plain(say(ticket_of(*roles))) == [f"The site needs {what}."]


def test_new_roles_are_listed_but_those_of_every_site() -> None:
    ticket = ticket_of(role(), EDITOR, ANYBODY, MATE | {"X": "c"})

    assert plain(check(ticket)) == [
        "People > Roles lists Skipper skipper and Content_editor content_editor."
    ]
    assert plain(check(ticket_of(ANYBODY))) == []
