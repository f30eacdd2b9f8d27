"""What brings a view mode."""

from jira_pipeline.drupal.providers import AddedByHand, FromProvider, ProviderFact
from jira_pipeline.drupal.view_mode.provider import facts, modes_added_by_hand, provider_of, say
from jira_pipeline_tests.drupal.made_rows import sentences, ticket_of_view_modes, view_mode
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

BROUGHT = view_mode("teaser")


@each(
    ("row", "fact"),
    [
        (BROUGHT, FromProvider("Drupal core")),
        (BROUGHT | {"X": "c"}, AddedByHand()),
        (view_mode("Teaser", type_="Media type"), AddedByHand()),
        (view_mode("Card"), AddedByHand()),
    ],
)
def test_a_new_view_mode_may_come_with_core(row: Row, fact: ProviderFact) -> None:
    ticket = ticket_of_view_modes(row)

    assert provider_of(ticket.head) == fact
    assert [stated.fact for stated in facts(ticket)] == [fact]


def test_what_comes_with_core_is_not_added() -> None:
    ticket = ticket_of_view_modes(view_mode("Card"), BROUGHT)

    assert sentences(say(ticket)) == ["“teaser” comes with Drupal core: do not add it."]
    assert [mode.label for mode in modes_added_by_hand(ticket)] == ["Card"]
    assert sentences(say(ticket_of_view_modes(view_mode("Card")))) == []
