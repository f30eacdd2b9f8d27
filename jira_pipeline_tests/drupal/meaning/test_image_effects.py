"""What is read of the notes of an image style."""

from jira_pipeline.drupal.meaning.image_effects import effects_of
from jira_pipeline.model.entities import Entity
from jira_pipeline_tests.sheets.made_specifications import specification_of
from jira_pipeline_tests.tables import each


def style_with(note: str) -> Entity:
    (style,) = specification_of(image_styles=[{"Style name": "Any", "Notes": note}]).entities
    return style


@each(
    ("note", "file_type", "brought"),
    [
        ("Scale and crop 800x600", "", ()),
        ("image_scale_and_crop 800x600", "", ()),
        ("Scale and crop to 800 x 600, convert to WebP.", "WebP", ()),
        ("Focal point scale and crop to 42x42, jpeg", "JPEG", ("Focal Point",)),
        ("Was 1600x600, is now scale and crop to 1920x820 for tablets", "", ()),
        ("Scale 800", "", ()),
        ("Scale 800x600", "", ()),
        ("Crop 80x60, Image Style Quality 40%", "", ("Image Style Quality",)),
        ("Resize 80x60, image_blur, image_smear", "", ("Imagick", "image_smear")),
    ],
)
def test_effects_in_their_usual_shape_are_read(
    note: str, file_type: str, brought: tuple[str, ...]
) -> None:
    effects = effects_of(style_with(note))

    assert effects is not None
    assert effects.file_type == file_type
    assert (*effects.modules, *effects.unknown) == brought


@each("note", ["", "Something 80x60", "crop later"])
def test_any_other_sentence_says_nothing_of_effects(note: str) -> None:
    assert effects_of(style_with(note)) is None
