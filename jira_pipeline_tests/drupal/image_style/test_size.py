"""The size in the name of an image style."""

from jira_pipeline.drupal.image_style.size import NoSecondSize, Size, SizeFact, TwoSizes, size_of
from jira_pipeline_tests.drupal.made_rows import asked, style, style_of, ticket_of_styles
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

OTHER_SIZE = style("Card 800x600", Notes="Scale and crop 800x650")


@each(
    ("row", "fact"),
    [
        (OTHER_SIZE, TwoSizes(Size(800, 600), Size(800, 650), "Notes")),
        (
            style("Card 800x600", Notes="Crop 850x600"),
            TwoSizes(Size(800, 600), Size(850, 600), "Notes"),
        ),
        (style("Card 800x600", Notes="Scale and crop 800 × 600"), NoSecondSize()),
        (style("Card 800x600", Notes="Scale and crop 801x600"), NoSecondSize()),
        (style("Card", Notes="Scale and crop 80x60"), NoSecondSize()),
        (style("Card 800x600", Notes="Scale and crop"), NoSecondSize()),
        (style("Card 800x600", Notes="Crop 80x60, scale 40x30"), NoSecondSize()),
        (style("Card 80x60 or 40x30", Notes="Crop 70x50"), NoSecondSize()),
        (style("Card 100x200 1.5x", Notes="Crop 150x300"), NoSecondSize()),
        (style("Card 100x200 1.5x", Notes="Crop 100x200"), NoSecondSize()),
        (
            style("Card 100x200 1.5x", Notes="Crop 150x200"),
            TwoSizes(Size(100, 200), Size(150, 200), "Notes"),
        ),
        (style("Card 100x200 1.5x 2x", Notes="Crop 150x200"), NoSecondSize()),
        (style("Card 80", Notes="Crop", Width="800", Height="x600"), NoSecondSize()),
    ],
)
def test_the_name_says_one_size_and_the_row_another(row: Row, fact: SizeFact) -> None:
    assert size_of(style_of(row)) == fact


def test_the_machine_name_says_the_size_where_the_name_says_none() -> None:
    row = style("Card", **{"Machine name": "card_800x600", "Notes": "Crop 80x60", "For": "80x60"})

    assert size_of(style_of(row)) == TwoSizes(Size(800, 600), Size(80, 60), "Notes")


def test_which_size_holds_is_asked_and_the_machine_name_suggests_it() -> None:
    named = OTHER_SIZE | {"Machine name": "card_800x650"}

    (question,) = ticket_of_styles(named).left_open

    assert question.question == (
        "The name of “Card 800x600” says 800x600, its row 800x650: which size is right?"
    )
    assert question.suggested_answer == "800x650"
    assert question.disputes == "Notes"
    assert ticket_of_styles(OTHER_SIZE).left_open[0].suggested_answer == ""


def test_nothing_is_asked_about_one_size() -> None:
    assert asked("lists.size", ticket_of_styles(style("Card 80x60", Notes="Crop 80x60"))) == []
