"""What brings a role."""

from jira_pipeline.drupal.role.provider import (
    AddedByHand,
    Administrator,
    FromCore,
    FromStandard,
    ProviderFact,
    provider_of,
    say,
)
from jira_pipeline_tests.drupal.made_roles import role, ticket_of
from jira_pipeline_tests.drupal.made_rows import sentences
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

ANYBODY = role(name="Anonymous")
ADMINISTRATOR = role(name="Administrator")
EDITOR = role(name="Content_editor")


@each(
    ("row", "fact"),
    [
        (ANYBODY, FromCore()),
        (ANYBODY | {"X": "c"}, AddedByHand()),
        (EDITOR, FromStandard()),
        (ADMINISTRATOR, Administrator()),
        (role(), AddedByHand()),
    ],
)
def test_core_and_a_profile_bring_roles_by_machine_name(row: Row, fact: ProviderFact) -> None:
    assert provider_of(ticket_of(row).head) == fact


def test_each_is_said_of_its_roles() -> None:
    assert sentences(say(ticket_of(ADMINISTRATOR, EDITOR, role(), ANYBODY))) == [
        "anonymous comes with Drupal: do not add it.",
        (
            "content_editor is there already on a site that was installed with the profile Standard: "
            "set it as its row says."
        ),
        (
            "administrator is there already on a site that was installed with the profile Standard. It "
            "has every permission without listing any: leave it so."
        ),
    ]


def test_nothing_is_said_of_roles_that_somebody_adds() -> None:
    assert sentences(say(ticket_of(role()))) == []
