"""What words of closed columns can mean, as a person says it."""

from jira_pipeline.sheets.layouts.choices import ASKED
from jira_pipeline.sheets.layouts.row_checks import apply_and_check
from jira_pipeline.sheets.layouts.word_offers import WordState, words_offered
from jira_pipeline_tests.sheets.layouts.changed_workbooks import Outcome, outcomes_of_changed_cells
from jira_pipeline_tests.sheets.layouts.made_grids import findings_of, grid_of
from jira_pipeline_tests.sheets.layouts.test_line_choices import cells_of, chosen, reading

PLANTS = grid_of(
    """
Bundle  | Field label | Field type          | Req'd
orchard | Sketch      | a drawing of ours   | sometimes, when it is old
orchard | Soil        | from our soils      | yes
orchard | Visits      | to be agreed        | yes, unless it is a hedge
"""
)
KINDS = grid_of(
    """
Name    | Type
orchard | Content type
Soils   | Vocabulary
Drawing | Media type
""",
    "Kinds",
)
GRIDS = [PLANTS, KINDS]
SHAPES = (
    {"do": "set_shape", "worksheet": "Kinds", "shape": "types"},
    {"do": "set_shape", "worksheet": "Sheet", "shape": "fields"},
)
TYPES = {"holds": "field type"}
FLAGS = {"holds": "yes or no"}
WORDS = {
    "do": "set_words",
    "words": [
        {
            **TYPES,
            "word": "a drawing of ours",
            "means": "Media reference",
            "refers_to": ["Drawing (Media type)"],
            "count": "*",
        },
        {
            **TYPES,
            "word": "from our soils",
            "means": "Taxonomy term reference",
            "refers_to": ["Soils (Vocabulary)"],
        },
        {**TYPES, "word": "to be agreed", "means": ASKED},
        {**FLAGS, "word": "sometimes, when it is old", "means": ASKED, "is_quoted": True},
        {**FLAGS, "word": "yes, unless it is a hedge", "means": "y", "is_quoted": True},
    ],
}


def test_words_say_a_reference_how_many_what_nobody_decided_and_what_they_say_more() -> None:
    """A word could mean a field type or a flag alone, and whatever else it said was lost."""
    checked = reading(GRIDS, *SHAPES, WORDS)

    columns = ("Field type", "Ref. bundle", "Vals.", "Req'd", "Settings/notes")
    assert findings_of(checked) == []
    assert cells_of(checked, *columns)[:3] == [
        (
            "Media reference",
            "Drawing (Media type)",
            "*",
            "? (sometimes, when it is old)",
            "",
        ),
        ("Taxonomy term reference", "Soils (Vocabulary)", "", "yes", ""),
        ("? (to be agreed)", "", "", "y", "Req'd: yes, unless it is a hedge"),
    ]
    outcomes = {
        at: outcome
        for outcome, at in outcomes_of_changed_cells(chosen(GRIDS, *SHAPES, WORDS), GRIDS)
    }
    assert Outcome.SILENT not in outcomes.values()


def test_words_are_offered_with_what_the_workbook_lists() -> None:
    layout = chosen(GRIDS, *SHAPES)

    offers = words_offered(layout, apply_and_check(layout, GRIDS))

    unread = {offer.word: offer for offer in offers if offer.state is WordState.UNREAD}
    targets = {
        group.label: [choice.target for choice in group.choices]
        for group in unread["from our soils"].groups
    }
    assert targets["One of the lists"] == ["Soils (Vocabulary)", ""]
    assert targets["From the media library"] == ["Drawing (Media type)", ""]
    assert targets["One of the pages"] == ["orchard (Content type)", ""]
    assert unread["sometimes, when it is old"].is_quoting_proposed


def test_a_declared_word_is_shown_as_it_was_said_and_said_of_tables_that_come_later() -> None:
    late = grid_of("Bundle | Field label | Field type\norchard | Fruit | a drawing of ours", "Late")
    later = {"do": "set_shape", "worksheet": "Late", "shape": "fields"}
    layout = chosen([*GRIDS, late], *SHAPES, WORDS, later)

    checked = apply_and_check(layout, [*GRIDS, late])
    offers = {offer.word: offer for offer in words_offered(layout, checked)}

    assert offers["a drawing of ours"].value == "Media reference|Drawing (Media type)"
    assert offers["a drawing of ours"].values == "*"
    assert offers["to be agreed"].value == ASKED
    assert offers["yes, unless it is a hedge"].is_quoted
    assert ("Drawing (Media type)", "*") in cells_of(checked, "Ref. bundle", "Vals.")[-1:]


def test_a_word_that_is_said_anew_leaves_nothing_of_what_it_said_before() -> None:
    said_again = {"do": "set_word", **TYPES, "word": "a drawing of ours", "means": "Image"}

    checked = reading(GRIDS, *SHAPES, WORDS, said_again)

    assert cells_of(checked, "Field type", "Ref. bundle", "Vals.")[0] == ("Image", "", "")


TWO_SPELLINGS = grid_of(
    """
Bundle  | Field label | Field type | Req'd
orchard | Gate        | w          | yes
orchard | Story       | W          | no
orchard | Shed        | v          | no
orchard | Pond        | V          | no
"""
)
OF_TWO_SPELLINGS = {
    "do": "set_words",
    "words": [
        {**TYPES, "word": "w", "means": "Text (plain)"},
        {**TYPES, "word": "W", "means": "Text (plain, long)", "is_quoted": True},
        {
            **TYPES,
            "word": "v",
            "means": "Media reference",
            "refers_to": ["Drawing (Media type)"],
            "count": "*",
        },
        {**TYPES, "word": "V", "means": "Boolean"},
    ],
}


def test_a_word_in_small_and_in_capital_letters_is_two_words() -> None:
    """`s` and `S` were one word: fields got the type of the other, and nothing told it."""
    grids = [TWO_SPELLINGS, KINDS]
    layout = chosen(grids, *SHAPES, OF_TWO_SPELLINGS)
    checked = apply_and_check(layout, grids)

    assert cells_of(checked, "Field type", "Ref. bundle", "Vals.", "Settings/notes")[:4] == [
        ("Text (plain)", "", "", ""),
        ("Text (plain, long)", "", "", "Field type: W"),
        ("Media reference", "Drawing (Media type)", "*", ""),
        ("Boolean", "", "", ""),
    ]
    declared = [
        (offer.word, offer.value, offer.is_quoted)
        for offer in words_offered(layout, checked)
        if offer.state is WordState.DECLARED
    ]
    assert declared == [
        ("w", "Text (plain)", False),
        ("W", "Text (plain, long)", True),
        ("v", "Media reference|Drawing (Media type)", False),
        ("V", "Boolean", False),
    ]


def test_a_spelling_of_which_nothing_was_said_means_what_the_other_does() -> None:
    only_capital = {"do": "set_word", **TYPES, "word": "W", "means": "Boolean"}
    said_of_both = {"do": "set_word", **TYPES, "word": "w", "means": "Text (plain)"}
    grids = [TWO_SPELLINGS, KINDS]

    first = reading(grids, *SHAPES, only_capital)
    both = reading(grids, *SHAPES, only_capital, said_of_both)

    assert cells_of(first, "Field type")[:2] == [("Boolean",), ("Boolean",)]
    assert cells_of(both, "Field type")[:2] == [("Text (plain)",), ("Boolean",)]
