"""How fields and form widgets are set up, in lines of a note: settings that no column of a sheet has.

Belongs here: settings that the rules ask for, or that people see on the form. Does not: options,
lengths, files and targets of a field, its widget (`site_fields`).

Source: configuration schema of core field; Entity Browser 8.x-2, Textfield Counter 2,
Views Reference Field 8.x-2, Viewfield 8.x-3.
"""

import re
from collections.abc import Iterator

from jira_pipeline.drupal.meaning.modules_and_types import folded, plugin_modules
from jira_pipeline.drupal.site.configuration import SiteConfiguration
from jira_pipeline.drupal.site.site_cells import Settings, plain

VIEWS_OFFERED = ("preselect_views", "allowed_views")
"""Where fields of Views Reference Field and of Viewfield keep the views that an editor chooses from."""
DISPLAYS_OFFERED = ("plugin_types", "allowed_display_types")
_SWITCH_LABELS_OF_CORE = ("On", "Off")
_IMAGE = re.compile(r"<img\b[^<>]*?\ssrc=[\"']([^\"'>:]+)[\"']")
"""With its address: one that is itself in the text, behind `data:`, has none."""
_HANDLED = {"handler", "handler_settings"}
"""Settings that say what a field refers to."""


def settings_noted(
    configuration: SiteConfiguration, storage: Settings, field: Settings, component: Settings
) -> Iterator[str]:
    """Yield a line for each setting of a field, then of its place on the form."""
    settings = field.at("settings")
    browser = component.at("settings", "entity_browser")
    lines = [*_switch_labels(settings), *_views_offered(settings), *_images_on_form(settings)]
    if browser.text:
        lines.append(_entity_browser(configuration, browser.text))
    lines.extend(_counted_characters(component))
    lines.extend(_preset_view(field))
    if not lines:
        lines.extend(_settings_of_module(storage, field))
    yield from lines


def _switch_labels(settings: Settings) -> Iterator[str]:
    """Say what both values of a Boolean are called, where somebody has named them."""
    labels = (plain(settings.at("on_label").text), plain(settings.at("off_label").text))
    if any(labels) and labels != _SWITCH_LABELS_OF_CORE:
        yield f"On is called “{labels[0]}”, off “{labels[1]}”."


def _views_offered(settings: Settings) -> Iterator[str]:
    """Say which views a field offers, and of which kinds their displays are."""
    for key in VIEWS_OFFERED:
        views = settings.at(key)
        if views.is_there:
            named = ", ".join(views.ticked)
            yield f"Offers the views {named}." if named else "Offers every view."
    for key in DISPLAYS_OFFERED:
        kinds = ", ".join(settings.at(key).ticked)
        if kinds:
            yield f"Offers displays of the types {kinds}."


def _images_on_form(settings: Settings) -> Iterator[str]:
    """Say which images a text on the form has: what is left of its markup says nothing of them."""
    addresses = dict.fromkeys(_IMAGE.findall(settings.at("markup", "value").text))
    if addresses:
        yield f"Images on the form: {', '.join(addresses)}"


def _entity_browser(configuration: SiteConfiguration, name: str) -> str:
    label = configuration.settings(f"entity_browser.browser.{name}").at("label").text
    return f"Entity browser: {label or name} ({name})."


def _counted_characters(component: Settings) -> Iterator[str]:
    """Say how many characters a widget counts, beside what the field can store."""
    if "counter" not in component.at("type").text:
        return
    settings = component.at("settings")
    limit = settings.at("maxlength").text
    if settings.at("use_field_maxlength").is_on:
        yield "The form counts characters up to the length of the field."
    elif limit not in {"", "0"}:
        yield f"The form counts characters up to {limit}."
    else:
        yield "The form counts characters without a limit."


def _preset_view(field: Settings) -> Iterator[str]:
    """Say which view a field of Viewfield shows, where an editor cannot choose."""
    if field.at("settings", "force_default").is_on:
        for _, default in field.at("default_value").children:
            display = default.at("display_id").text
            yield f"Always shows the view {default.at('target_id').text} in its display {display}."


def _settings_of_module(storage: Settings, field: Settings) -> Iterator[str]:
    """Say all settings of a type whose module can do nothing without, such as what it fetches."""
    module = plugin_modules().get(folded(storage.at("type").text))
    if module is None or not module.asks:
        return
    texts = []
    for name, setting in field.at("settings").children:
        if setting.text and name not in _HANDLED:
            texts.append(f"{name} {plain(setting.text)}")
    if texts:
        yield f"Settings of {module.label}: {'; '.join(texts)}."
