"""A pattern of addresses in which nothing is of the item itself."""

from jira_pipeline.drupal.bundle.same_address import AddressFact, facts
from jira_pipeline_tests.drupal.made_bundles import boat, bundles_of
from jira_pipeline_tests.drupal.made_rows import asked, field
from jira_pipeline_tests.tables import each


@each(
    ("pattern", "fact"),
    [
        ("[node:group:machine-name-alias]", AddressFact.SHARED),
        ("boats/[node:author:display-name]/[current-date:custom:Y]", AddressFact.SHARED),
        ("[node:content-type]", AddressFact.SHARED),
        ("[site:name]/boat", AddressFact.SHARED),
        ("[node:group:title]/[node:title]", AddressFact.OWN),
        ("boats/[node:field_hull]", AddressFact.OWN),
        ("[node:menu-link:parents:join-path]", AddressFact.OWN),
        ("boats", AddressFact.NONE),
        ("", AddressFact.NONE),
    ],
)
def test_a_token_of_the_item_makes_an_address_of_its_own(pattern: str, fact: AddressFact) -> None:
    stated = facts(bundles_of(boat(alias=pattern), fields=[field()]))

    assert [one.fact for one in stated] == [fact]


def test_whether_items_are_to_share_an_address_is_asked() -> None:
    head = boat(alias="[node:group:title]")

    (question,) = asked("bundles.same_address", bundles_of(head, fields=[field()]).ticket)

    assert question.startswith("Nothing in `[node:group:title]` is of the item itself")


def test_nothing_is_asked_of_a_pattern_with_the_title() -> None:
    head = boat(alias="boats/[node:title]")

    assert asked("bundles.same_address", bundles_of(head, fields=[field()]).ticket) == []
