"""A block of a view."""

from jira_pipeline.drupal.view.block import BlockFact, check, facts
from jira_pipeline_tests.drupal.made_views import display, plain, view, view_of
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

BLOCK = display("block_1", "Block")


def test_blocks_are_offered_to_be_placed() -> None:
    assert plain(check(view_of(display(), BLOCK, display("block_2", "Block")))) == [
        "Structure > Block layout > Place block offers the blocks of block_1 and block_2."
    ]


@each(
    ("head", "row"),
    [
        (view(), display()),
        (view(status="Disabled"), BLOCK),
        (view(x="c"), BLOCK | {"X": "x"}),
        (view(), display("Block of boats", "Block")),  # a question asks for its name
    ],
)
def test_nothing_is_claimed_of_another_kind_or_what_nobody_can_try(head: Row, row: Row) -> None:
    assert plain(check(view_of(row, head=head))) == []


def test_a_view_without_rows_for_displays_has_no_named_block() -> None:
    assert plain(check(view_of(head=view() | {"Displays": "Block"}))) == []


@each(
    ("head", "row", "fact"),
    [
        (view(), BLOCK, BlockFact.OFFERED),
        (view(status="Disabled"), BLOCK, BlockFact.NOT_OFFERED),
        (view(), display(), BlockFact.OTHER_KIND),
    ],
)
def test_whether_a_display_is_offered_as_a_block_is_a_fact(
    head: Row, row: Row, fact: BlockFact
) -> None:
    assert [stated.fact for stated in facts(view_of(row, head=head))] == [fact]
