"""One effect of an image style as a row of its own."""

from jira_pipeline.drupal.comparisons import (
    PROSE,
    CellResult,
    Differs,
    Met,
    NotComparable,
    unknown_spelling,
)
from jira_pipeline.drupal.image_style.effect import (
    COUNTERPARTS,
    EFFECT,
    SUMMARY,
    EffectFact,
    EffectWithoutValue,
    EffectWithValue,
    OtherEffect,
    effect_of,
    facts,
)
from jira_pipeline.drupal.image_style.effect_words import StatedEffect
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    compared_in,
    effect,
    style,
    ticket_of_styles,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

# The fact.


@each(
    ("row", "fact"),
    [
        (effect("Scale", "width 400"), EffectWithValue(StatedEffect("image_scale", "400x"))),
        (effect("Scale", "height 40"), EffectWithValue(StatedEffect("image_scale", "x40"))),
        (
            effect("Scale and crop", "1200×400"),
            EffectWithValue(StatedEffect("image_scale_and_crop", "1200x400")),
        ),
        (
            effect("Manual crop", "uses Hero crop type"),
            EffectWithValue(StatedEffect("crop_crop", "hero")),
        ),
        (effect("Convert", "WebP"), EffectWithValue(StatedEffect("image_convert", "webp"))),
        (effect("Desaturate"), EffectWithValue(StatedEffect("image_desaturate", ""))),
        (effect("image_rotate", "90°"), EffectWithValue(StatedEffect("image_rotate", "90x"))),
        (
            effect("Scale") | {"Notes": "400 wide"},
            EffectWithValue(StatedEffect("image_scale", "400x")),
        ),
        (effect("Manual crop"), EffectWithoutValue("crop_crop")),
        (effect("Scale", "as ever"), EffectWithoutValue("image_scale")),
        (effect("Patina", "green"), OtherEffect("Patina")),
    ],
)
def test_an_effect_is_read_with_its_value(row: Row, fact: EffectFact) -> None:
    assert [one.fact for one in facts(ticket_of_styles(style(), effects=[row]))] == [fact]


def test_an_effect_that_goes_is_no_fact_of_the_ticket() -> None:
    ticket = ticket_of_styles(style(), effects=[effect("Scale", "40x40", status="d")])

    assert [effect_of(row) for row in ticket.group.members] == [
        EffectWithValue(StatedEffect("image_scale", "40x40"))
    ]
    assert list(facts(ticket)) == []


# The question.


def test_the_value_of_an_effect_is_asked_for_beside_its_style() -> None:
    ticket = ticket_of_styles(
        style(), effects=[effect("Manual crop"), effect("Scale", "400x300"), effect("Patina")]
    )

    assert asked("lists.values", ticket) == [
        "Which values does the effect `crop_crop` have in “Card: Manual crop”? No row gives them."
    ]
    assert asked("lists.effects", ticket) == []


def test_effects_of_no_style_ask_for_it() -> None:
    """They are in a ticket of their own, where nobody is asked for values."""
    ticket = ticket_of_styles(style(), effects=[effect("Scale", style="Cart")])

    assert ticket.group.members == ()
    assert asked("lists.values", ticket) == []


# The comparison with a site.

ON_SITE = SiteCell(text="image_crop", values=("image_crop",), yaml="")
MADE = SiteCell(text="80x60", values=("image_crop 80x60", "image_crop 80x60"), yaml="")


@each(
    ("row", "column", "on_site", "result"),
    [
        (effect("Crop"), EFFECT.name, ON_SITE, Met()),
        (effect("image_crop"), EFFECT.name, ON_SITE, Met()),
        (effect("Scale"), EFFECT.name, ON_SITE, Differs()),
        (effect("Patina"), EFFECT.name, ON_SITE, unknown_spelling("Patina")),
        (effect("Crop", "80×60"), SUMMARY.name, MADE, Met()),
        (effect("Crop", "80x61"), SUMMARY.name, MADE, Differs()),
        (effect("Crop", "as ever"), SUMMARY.name, MADE, NotComparable(PROSE)),
    ],
)
def test_an_effect_is_compared_by_its_name_and_value(
    row: Row, column: str, on_site: SiteCell, result: CellResult
) -> None:
    ticket = ticket_of_styles(style(), effects=[row])
    (member,) = ticket.group.members

    assert compared_in(ticket, member, COUNTERPARTS[column], column, on_site) == result
