"""One effect of an image style in words."""

from jira_pipeline.drupal.image_style.effect_words import StatedEffect, effect_in
from jira_pipeline_tests.tables import each


@each(
    ("words", "effect", "value"),
    [
        ("Scale and crop 800x600", "image_scale_and_crop", "800x600"),
        ("Scale and crop to 800 x 600", "image_scale_and_crop", "800x600"),
        ("image_scale_and_crop 800×600", "image_scale_and_crop", "800x600"),
        ("Scale 800", "image_scale", "800x"),
        ("Scale x600", "image_scale", "x600"),
        ("Scale", "image_scale", ""),
        ("Image Style Quality 40%", "image_style_quality", "40%"),
        ("80%", "", ""),
        ("image_smear 5x5", "image_smear", "5x5"),
        ("smear 5x5", "", "5x5"),
        ("smear_hull-x", "", "x"),
        ("convert to WebP", "image_convert", "webp"),
        ("image_convert jpeg", "image_convert", "jpg"),
        ("jpeg.", "image_convert", "jpg"),
        ("Scale width 800", "image_scale", "800x"),
        ("Scale height 600 (upscaling allowed)", "image_scale", "x600"),
        ("Manual crop uses the Wide Hull crop type.", "crop_crop", "widehull"),
        ("crop_crop Wide Hull", "crop_crop", "widehull"),
        ("image_smear (edge left layer 3)", "image_smear", "edge left layer 3"),
        ("image_scale (800x600)", "image_scale", "800x600"),
    ],
)
def test_an_effect_is_read_with_its_value(words: str, effect: str, value: str) -> None:
    assert effect_in(words) == StatedEffect(effect, value)
