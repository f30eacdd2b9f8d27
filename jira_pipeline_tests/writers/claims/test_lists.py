"""What tickets of roles, styles, view modes and sheets of their own claim, over a few rows."""

from pathlib import Path

import pytest

from jira_pipeline.domain.entities import Entity, EntityKind, RowSource, Status
from jira_pipeline.writers.claims.image_effects import effects_of
from jira_pipeline_tests.writers.small_sheets import small_site

BUNDLES = """Name,Machine name,X,Description,Mod.,Type
Photo,photo,x,,n,Media type
Drawing,drawing,a,,n,Media type
Letter,letter,a,,n,Content type
"""


def style_with(note: str) -> Entity:
    return Entity(
        kind=EntityKind.IMAGE_STYLE,
        key="image_style:any",
        label="Any",
        machine_name="any",
        status=Status.APPROVED,
        source=RowSource(file="styles.csv", line=2, record=2),
        cells={"Style name": "Any", "Notes": note},
    )


@pytest.mark.parametrize(
    ("note", "size", "file_type", "modules"),
    [
        ("Scale and crop 800x600", "800x600", "", ()),
        ("image_scale_and_crop 800x600", "800x600", "", ()),
        ("Scale and crop to 800 x 600, convert to WebP.", "800x600", "WebP", ()),
        ("Focal point scale and crop to 42x42, jpeg", "42x42", "JPEG", ("Focal Point",)),
        ("Scale 800", "", "", ()),
        ("Scale 800x600", "", "", ()),
        ("Crop 80x60, Image Style Quality 40%", "80x60", "", ("Image Style Quality",)),
    ],
)
def test_effects_in_their_usual_shape_are_read(
    note: str, size: str, file_type: str, modules: tuple[str, ...]
) -> None:
    effects = effects_of(style_with(note))

    assert effects is not None
    assert (effects.size, effects.file_type, effects.modules) == (size, file_type, modules)


@pytest.mark.parametrize(
    "note", ["", "Was 1600x600, is now scale and crop 1920x820", "Something 80x60", "crop later"]
)
def test_any_other_sentence_says_nothing_of_effects(note: str) -> None:
    assert effects_of(style_with(note)) is None


def test_styles_of_drupal_are_changed_and_sizes_checked(tmp_path: Path) -> None:
    styles = """Style name,Machine name,X,Notes
        Large,large,a,Scale 480x480
        Card,card,a,Scale and crop 400x300
        Card wide,card_wide,a,Scale and crop 800x300
        Old,old,d,Scale 20
        """

    found = small_site(tmp_path, image_styles=styles)

    title = "Configure image styles"
    assert found.story(title) == (
        "The site needs the new image styles “Large”, “Card” and “Card wide” and the removal of the "
        "image style “Old”."
    )
    assert found.analysis(title) == (
        "`large` comes with Drupal core: set it as its row says, do not add it.",
    )
    assert "`card` delivers images of 400x300 pixels." in found.checks(title)
    assert found.checks(title)[-1] == (
        "Configuration \u203a Media \u203a Image styles does not list “Old”."
    )


def test_a_size_in_question_is_not_claimed(tmp_path: Path) -> None:
    styles = """Style name,Machine name,X,Notes
        Card 400x300,card,a,Scale and crop 400x200
        Other,other,a,Scale and crop 50x50
        """

    found = small_site(tmp_path, image_styles=styles)

    title = "Configure image styles"
    assert found.asked(title) == (
        "The name of “Card 400x300” says 400x300, its row 400x200: which size is right?",
    )
    assert not any("400x200" in check for check in found.checks(title))


def test_a_fallback_is_claimed_where_it_resolves(tmp_path: Path) -> None:
    found = small_site(
        tmp_path,
        image_styles="Style name,Machine name,X,Notes\nCard,card,a,Scale 40",
        responsive_image_styles="""Responsive style,Machine Name,Breakpoint Group,Fallback Style,Image Style Group(s),X
            Cards,cards,Our theme,Card,Card,a
            Rows,rows,responsive_image,Cart,Card,a
            """,
    )

    title = "Configure responsive image styles"
    assert "`cards` has the fallback image style `card`." in found.checks(title)
    assert not any("`rows` has" in check for check in found.checks(title))
    assert any(
        "“Our theme” comes from a theme or module" in values for values in found.analysis(title)
    )
    assert any("comes with the core module" in values for values in found.analysis(title))


def test_view_modes_are_ticked_on_types_that_exist_by_then(tmp_path: Path) -> None:
    found = small_site(
        tmp_path,
        bundles=BUNDLES,
        view_modes="""View Modes,Entity Type,X,Entities Used On
            Small,Media type,a,"Photo, Drawing"
            Token,Media type,a,
            """,
    )

    title = "Configure view modes: Media type"
    assert found.analysis(title) == (
        "“Token” comes with the module Token: do not add it.",
        "Switched on later, when the type exists: “Small” on Drawing.",
    )
    ticked = "Manage display \u203a Custom display settings of Photo has “Small” ticked."
    assert ticked in found.checks(title)
    assert found.asked(title) == ()


def test_permissions_on_what_comes_later_are_granted_later(tmp_path: Path) -> None:
    bundles = BUNDLES + "Notice,notice,x,,n,Content type\n"
    roles = """Name,Machine name,X,Notes
        Clerk,clerk,a,"create letter content, edit any notice content"
        Anonymous user,anonymous,a,
        """

    found = small_site(tmp_path, bundles=bundles, roles=roles)

    title = "Configure user roles"
    assert found.analysis(title) == (
        "`anonymous` comes with Drupal: do not add it.",
        "Granted later, when it exists: what the rows permit on Letter.",
    )
    assert "On People \u203a Permissions, Clerk has `edit any notice content`." in found.checks(
        title
    )


def test_what_is_there_already_is_no_claim(tmp_path: Path) -> None:
    modes = """View Modes,Entity Type,X,Entities Used On
        Small,Media type,x,Photo
        Large,Media type,a,Photo
        """

    found = small_site(tmp_path, bundles=BUNDLES, view_modes=modes)

    values = found.prose["Configure view modes: Media type"].parts
    assert "Small" not in f"{values.user_story}{values.analysis}{values.verification}"


def test_a_row_of_a_sheet_of_its_own_has_what_its_columns_say(tmp_path: Path) -> None:
    found = small_site(tmp_path, Menus="Title,X,Path,Colour\nFooter,a,/footer,red")

    checks = [check for title in found.prose for check in found.checks(title)]
    assert checks == ["Footer has Path “/footer” and Colour “red”."]
