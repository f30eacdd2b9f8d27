"""What brings an image style."""

from jira_pipeline.drupal.image_style.provider import facts, provider_of, say, styles_added_by_hand
from jira_pipeline.drupal.providers import AddedByHand, FromProvider, ProviderFact
from jira_pipeline_tests.drupal.made_rows import sentences, style, style_of, ticket_of_styles
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

BROUGHT = style("Media Library thumbnail (220×220)", **{"Machine name": "media_library"})
ADDED = style("Hull")


@each(
    ("row", "fact"),
    [
        (BROUGHT, FromProvider("Drupal core")),
        (BROUGHT | {"X": "c"}, AddedByHand()),
        (ADDED, AddedByHand()),
    ],
)
def test_a_new_style_may_come_with_a_module(row: Row, fact: ProviderFact) -> None:
    assert provider_of(style_of(row)) == fact
    assert [stated.fact for stated in facts(ticket_of_styles(row))] == [fact]


def test_what_comes_with_a_module_is_not_added() -> None:
    ticket = ticket_of_styles(ADDED, BROUGHT)

    assert sentences(say(ticket)) == [
        "media_library comes with Drupal core: do not add it, set what its row says."
    ]
    assert [row.machine_name for row in styles_added_by_hand(ticket)] == ["hull"]
    assert sentences(say(ticket_of_styles(ADDED))) == []
