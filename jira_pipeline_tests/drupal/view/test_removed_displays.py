"""The displays of views that go."""

from jira_pipeline.drupal.claims import Claim
from jira_pipeline.drupal.view.removed_displays import RemovedDisplay, check, facts, say
from jira_pipeline_tests.drupal.made_rows import field, ticket_of
from jira_pipeline_tests.drupal.made_views import display, plain, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row

GONE = view(x="d")
PAGE = display(x="d", place="/boats")
SHIPS = view(label="Ships", name="ships")


def claimed(*displays: Row, **more: list[Row]) -> list[Claim]:
    ticket = view_of(*displays, head=GONE, **more).ticket
    return [*say(ticket), *check(ticket)]


def test_a_path_does_not_open_the_view_any_more() -> None:
    assert plain(claimed(PAGE)) == ["/boats does not open “Boats”."]


def test_a_path_stays_where_another_view_has_it() -> None:
    other = display("page_9", place="/boats") | {"View": "SHIPS"}

    assert plain(claimed(PAGE, views=[SHIPS], others=[other]), "analysis") == [
        "/boats stays: page_9 of “Ships” has it too."
    ]


def test_blocks_go_and_what_embeds_a_display_breaks() -> None:
    block = display("block_1", "Block", x="d")
    embed = display("embed_1", "Embed", x="d")
    browser = display("browser", "Entity browser", x="d")

    assert plain(claimed(block, embed, browser)) == [
        "Deleting a view also deletes the blocks that were placed from it.",
        (
            "embed_1 is an embed display: whatever embeds it, a template, a field or code, has to go or "
            "change too."
        ),
        (
            "Deleting a view also deletes the entity browsers that use its display browser; form widgets "
            "with such a browser stop working."
        ),
        "Structure > Block layout has no block of the view.",
    ]


def test_nothing_is_claimed_of_a_display_without_path_or_place() -> None:
    assert plain(claimed(display(x="d"))) == []


def test_a_display_of_a_view_without_a_row_is_named_by_its_cell() -> None:
    other = display("page_9", place="/boats") | {"View": "Ships"}

    assert plain(claimed(PAGE, others=[other]), "analysis") == [
        "/boats stays: page_9 of “Ships” has it too."
    ]


def test_a_field_that_goes_is_no_display() -> None:
    ticket = ticket_of(field("block_1"), status="d")

    assert [*say(ticket), *check(ticket)] == []


def test_what_goes_with_a_display_is_a_fact_beside_the_row_that_keeps_its_path() -> None:
    other = display("page_9", place="/boats") | {"View": "Ships"}
    block = display("block_1", "Block", x="d")
    ticket = view_of(PAGE, block, head=GONE, views=[SHIPS], others=[other]).ticket

    (page_fact, block_fact) = facts(ticket)

    assert isinstance(page_fact.fact, RemovedDisplay)
    assert (page_fact.fact.plugin, page_fact.fact.path) == ("page", "/boats")
    assert page_fact.fact.kept_by == page_fact.rows[1]
    assert block_fact.fact == RemovedDisplay(plugin="block", path="", kept_by=None)
    assert len(block_fact.rows) == 1
