"""The effects of an image style."""

from jira_pipeline.drupal.comparisons import PROSE, CellResult, Differs, Met, NotComparable
from jira_pipeline.drupal.image_style.effects import (
    COLUMN,
    COUNTERPART,
    Effects,
    EffectsFact,
    NoEffects,
    OtherWords,
    StyleOfModule,
    check,
    effects_of,
    say,
)
from jira_pipeline.drupal.site.site_cells import SiteCell
from jira_pipeline_tests.drupal.made_rows import (
    asked,
    compared_in,
    effect,
    sentences,
    style,
    style_of,
    ticket_of_styles,
)
from jira_pipeline_tests.sheets.made_specifications import Row
from jira_pipeline_tests.tables import each

WHOLE = Effects(is_read_whole=True)


# The fact.


@each(
    ("note", "fact"),
    [
        ("Scale and crop 800x600", WHOLE),
        ("image_scale_and_crop 800x600", WHOLE),
        ("Scale and crop to 800 x 600, WebP.", Effects(is_read_whole=True, file_type="WebP")),
        (
            "Focal point scale and crop to 42x42, jpeg",
            Effects(is_read_whole=True, modules=("Focal Point",), file_type="JPEG"),
        ),
        ("convert to jpeg; convert to png", Effects(is_read_whole=True, file_type="PNG")),
        ("image_convert, convert to png", Effects(is_read_whole=True, file_type="PNG")),
        ("convert to png, image_convert", Effects(is_read_whole=True, file_type="PNG")),
        (
            "Scale, png",
            Effects(is_read_whole=True, file_type="PNG", without_value=("image_scale",)),
        ),
        ("image_convert", Effects(is_read_whole=True, without_value=("image_convert",))),
        ("Was 1600x600, is now scale and crop to 1920x820 for tablets", WHOLE),
        ("No crop", WHOLE),
        ("Desaturate", WHOLE),
        ("Scale", Effects(is_read_whole=True, without_value=("image_scale",))),
        ("Scale, as the designers say, png", Effects(is_read_whole=False, file_type="PNG")),
        (
            "Focal point scale and crop, as ever",
            Effects(is_read_whole=False, modules=("Focal Point",)),
        ),
        (
            "Resize 80x60, image_blur, image_smear",
            Effects(
                is_read_whole=True,
                modules=("Imagick",),
                without_value=("image_blur",),
                unknown=("image_smear",),
            ),
        ),
        ("Resize 80x60, image_smear (edge left)", WHOLE),
        ("image_blur (layer 3)", Effects(is_read_whole=True, modules=("Imagick",))),
        ("Scale 80x60, hull 20x20", OtherWords()),
        ("Scale 80x60 of the hull", OtherWords()),
        ("Something 80x60", OtherWords()),
        ("crop later", OtherWords()),
        ("smear_hull-x 5", OtherWords()),
        ("", NoEffects()),
    ],
)
def test_effects_in_their_usual_words_are_read(note: str, fact: EffectsFact) -> None:
    assert effects_of(style_of(style(Notes=note))) == fact


def test_effects_are_read_in_any_column_of_notes() -> None:
    assert effects_of(style_of(style(Remarks="Scale 80"))) == WHOLE


def test_effects_of_a_style_that_a_module_brings_are_its_own() -> None:
    brought = style(**{"Machine name": "media_library"})

    assert effects_of(style_of(brought)) == StyleOfModule()
    assert effects_of(style_of(brought | {"Notes": "As it is"})) == OtherWords()
    assert effects_of(style_of(style(Crop="centre"))) == OtherWords()


# The question.


def test_effects_of_which_no_cell_says_anything_are_asked_for() -> None:
    assert asked("lists.effects", ticket_of_styles(style())) == [
        "Which effects and which size does “Card” have? No cell says."
    ]


@each(
    ("row", "effects"),
    [
        (style(Notes="Scale"), ["image_scale"]),
        (style(Notes="image_blur, image_smear"), ["image_smear", "image_blur"]),
        (style("Card 80", Notes="Scale, image_blur"), ["image_blur"]),
        (style(Notes="Scale", Remarks="80"), []),
        (style(Notes="Scale", Remarks="wide"), ["image_scale"]),
        (style(Notes="Scale, crop 80x60"), ["image_scale"]),
        (style(Notes="Scale 80"), []),
        (style(Notes="As ever"), []),
    ],
)
def test_values_of_effects_are_asked_for_where_no_cell_may_have_them(
    row: Row, effects: list[str]
) -> None:
    questions = asked("lists.values", ticket_of_styles(row))

    assert questions == [
        f"Which values does the effect `{effect}` have in “Card{row['Style name'][4:]}”? "
        "No row gives them."
        for effect in effects
    ]


# The sentences.


def test_modules_that_bring_effects_are_named() -> None:
    ticket = ticket_of_styles(
        style("Hull", Notes="Focal point scale and crop 42x42"),
        style("Mast", Notes="Focal point scale and crop 21x42, blur"),
        style("Keel", Notes="Scale 80"),
        style("Rope", Notes="As ever"),
    )

    assert sentences(say(ticket)) == [
        "hull and mast need an effect of the Focal Point module.",
        "mast needs an effect of the Imagick module.",
    ]


def test_styles_have_the_effects_of_their_rows_and_deliver_a_type() -> None:
    ticket = ticket_of_styles(
        style("Hull", Notes="Scale 80, WebP"),
        style("Mast", Notes="Scale 40, convert to WebP"),
        style("Keel", Notes="Scale 20"),
    )

    assert sentences(check(ticket)) == [
        "hull, mast and keel have exactly the effects of their rows, in their order.",
        "hull and mast deliver WebP.",
    ]


def test_the_type_is_certain_where_other_words_are_beside_the_effects() -> None:
    ticket = ticket_of_styles(style(Notes="Scale 80, as the designers say, png"))

    assert sentences(check(ticket)) == ["card delivers PNG."]


@each(
    "row",
    [
        style(Notes="Scale"),
        style(Notes="Scale 80x60, as the designers say"),
        style("Card 80x60", Notes="Scale 80x40"),  # a question asks which size holds
        style(X="x", Notes="Scale 80"),
        style(),
    ],
)
def test_nothing_is_claimed_of_effects_that_are_not_certain(row: Row) -> None:
    assert sentences(check(ticket_of_styles(row, style("Keel", X="d", Notes="Scale 20")))) == []


def test_effects_that_rows_list_are_claimed_by_these_rows() -> None:
    ticket = ticket_of_styles(
        style("Card", Notes="Was scale 20"),
        style("Hull", X="x"),
        style("Mast", X="x"),
        effects=[
            effect("Focal point scale and crop", "400x300"),
            effect("Convert", "WebP"),
            effect("Scale", "width 40", style="Hull"),
            effect("Scale", "width 40", style="Mast", status="x"),
        ],
    )
    claims = list(check(ticket))

    assert sentences(say(ticket)) == ["card needs an effect of the Focal Point module."]
    assert sentences(claims) == [
        "card and hull have exactly the effects that rows list for them, in their order.",
        "card delivers WebP.",
    ]
    cited = [(cell.source.file, cell.source.line) for cell in claims[0].cells]
    assert [*dict.fromkeys(cited)] == [("image_effects.csv", line) for line in (2, 3, 4)]


@each("row", [effect("Scale"), effect("Patina", "green")])
def test_nothing_is_claimed_of_rows_that_leave_effects_open(row: Row) -> None:
    effects = [row, effect("Scale", "40x40")]

    assert sentences(check(ticket_of_styles(style(), effects=effects))) == []


# The comparison with a site.

ON_SITE = SiteCell(
    text="Scale 80x60, Convert WebP, Image Style Quality 40%",
    values=("image_scale 80x60", "image_convert webp", "image_style_quality 40%"),
    yaml="",
)


@each(
    ("cell", "result"),
    [
        ("Scale 80x60, Convert WebP, Image Style Quality 40%", Met()),
        ("Convert WebP, Scale 80x60, Image Style Quality 40%", Differs()),
        ("image_scale 80x60, WebP, Image Style Quality", Met()),
        ("image_scale 80x60, image_convert, Image Style Quality 40%", Met()),
        ("Scale 80x60, as ever, Image Style Quality", Met()),
        ("Image Style Quality, as ever, Scale 80x60", Differs),
        ("image_scale 80x60", Differs),
        ("image_scale 80x61, WebP, Image Style Quality", Differs),
        ("image_scale 80x60, Image Style Quality 41%, as ever", Differs),
        ("Scale, WebP, Image Style Quality", Differs),
        ("Image Style Quality 41%, 20x20", Differs),
        ("Scale 81x60, 20x20", NotComparable(PROSE)),
        ("as ever", NotComparable(PROSE)),
        ("Scale 80x60, as ever, 20x20", NotComparable(PROSE)),
    ],
)
def test_effects_are_compared_in_their_order(
    cell: str, result: CellResult | type[CellResult]
) -> None:
    ticket = ticket_of_styles(style(Notes=cell))

    compared = compared_in(ticket, ticket.head, COUNTERPART, COLUMN.name, ON_SITE)

    assert result in (compared, type(compared))
