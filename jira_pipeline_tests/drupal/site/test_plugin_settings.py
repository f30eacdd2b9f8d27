"""What the notes of a field say of its settings and of those of its widget."""

from collections.abc import Mapping

from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline.drupal.site.plugin_settings import settings_noted
from jira_pipeline.drupal.site.site_cells import Settings
from jira_pipeline_tests.tables import each

CONFIGURATION = SiteConfiguration(
    objects={"entity_browser.browser.finder": {"label": "Find a boat"}},
    refused={},
    lacking={},
    not_understood={},
    sha256="",
)


def noted(
    field_type: str = "string",
    *,
    settings: Mapping[str, object] | None = None,
    widget: str = "",
    set_up: Mapping[str, object] | None = None,
    default: Mapping[str, object] | None = None,
) -> list[str]:
    field = {"settings": settings or {}, "default_value": [default] if default else []}
    return [
        *settings_noted(
            CONFIGURATION,
            Settings({"type": field_type}, "field.storage.node.field_hull.yml"),
            Settings(field, "field.field.node.boat.field_hull.yml"),
            Settings({"type": widget, "settings": set_up or {}}, "form.yml:content.field_hull"),
        )
    ]


@each(
    ("settings", "line"),
    [
        ({"on_label": "Ashore", "off_label": "Afloat"}, "On is called “Ashore”, off “Afloat”."),
        ({"on_label": "Ashore", "off_label": ""}, "On is called “Ashore”, off “”."),
        ({"on_label": "On", "off_label": "Afloat"}, "On is called “On”, off “Afloat”."),
        ({"on_label": "On", "off_label": "Off"}, ""),
        ({"on_label": "", "off_label": ""}, ""),
        ({"preselect_views": {"crews": "crews", "tides": "0"}}, "Offers the views crews."),
        ({"allowed_views": {"crews": "crews", "tides": "tides"}}, "Offers the views crews, tides."),
        ({"preselect_views": {}}, "Offers every view."),
        ({"plugin_types": {"block": "block", "page": 0}}, "Offers displays of the types block."),
        ({"allowed_display_types": {"block": 0}}, ""),
        (
            {"markup": {"value": "<p>Moor <img alt='x' src='/map.png'><img src=\"/map.png\"></p>"}},
            "Images on the form: /map.png",
        ),
        ({"markup": {"value": '<img src="data:image/png;base64,AA=="> moored'}}, ""),
    ],
)
def test_a_setting_of_a_field_is_a_line(settings: Mapping[str, object], line: str) -> None:
    assert noted(settings=settings) == [line] * bool(line)


@each(
    ("widget", "set_up", "line"),
    [
        ("finder", {"entity_browser": "finder"}, "Entity browser: Find a boat (finder)."),
        ("finder", {"entity_browser": "gone"}, "Entity browser: gone (gone)."),
        ("with_counter", {"maxlength": 120}, "The form counts characters up to 120."),
        ("with_counter", {"maxlength": 0}, "The form counts characters without a limit."),
        ("with_counter", {}, "The form counts characters without a limit."),
        (
            "with_counter",
            {"maxlength": 120, "use_field_maxlength": True},
            "The form counts characters up to the length of the field.",
        ),
        ("string_textfield", {"maxlength": 120}, ""),
    ],
)
def test_a_setting_of_a_widget_is_a_line(
    widget: str, set_up: Mapping[str, object], line: str
) -> None:
    assert noted(widget=widget, set_up=set_up) == [line] * bool(line)


def test_a_view_that_is_always_shown_is_said_with_its_display() -> None:
    default = {"target_id": "crews", "display_id": "block_1"}

    assert noted(settings={"force_default": 1}, default=default) == [
        "Always shows the view crews in its display block_1."
    ]
    assert noted(settings={"force_default": 0}, default=default) == []


def test_all_settings_are_said_of_a_type_that_does_nothing_without() -> None:
    settings = {
        "field_to_fetch": "body",
        "target_entity_id": "7",
        "handler": "default",
        "paths": {},
    }

    assert noted("entity_field_fetch", settings=settings) == [
        "Settings of Entity Field Fetch: field_to_fetch body; target_entity_id 7."
    ]
    assert noted("string", settings=settings) == []
    # Of an address columns say what there is to say.
    assert noted("address", settings=settings) == []
    assert noted("entity_field_fetch") == []
