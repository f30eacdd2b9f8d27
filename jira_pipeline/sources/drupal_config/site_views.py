"""Views and their displays, with what a display inherits.

Belongs here: what an export says of them, in columns of the sheets. Does not: which views core and
modules ship (`sources/drupal/shipped_views`).

Source: configuration schema of core views 9 to 11; `DisplayPluginBase::isDefaulted`: a display
takes an option from the default display unless its `defaults` says false of it.
"""

from collections.abc import Iterator

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.sources.drupal_config.bundles import Bundles
from jira_pipeline.sources.drupal_config.configuration import SiteConfiguration
from jira_pipeline.sources.drupal_config.site import Settings, SiteCell, SiteEntity
from jira_pipeline.sources.drupal_config.spellings import spellings

_DEFAULT = "default"
_SEARCH_INDEX = "search_api_index_"
_BUNDLE_FILTERS = {"type", "bundle", "vid"}
_SHOWN_FILTER = "exposed"


def view_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield each view and, after it, its displays."""
    for name, view in configuration.below("views.view"):
        label = view.at("label").text or name
        key = f"{EntityKind.VIEW.value}:{name}"
        status = view.at("status")
        yield SiteEntity(
            kind=EntityKind.VIEW,
            key=key,
            label=label,
            machine_name=name,
            yaml=view.place,
            cells={
                "View name": view.at("label").cell,
                "Machine name": view.at("id").spelled(name, name),
                "Base table": _base_table(configuration, view.at("base_table")),
                "Status": status.spelled("Enabled" if status.is_on else "Disabled"),
                "Description": view.at("description").cell,
            },
        )
        for display_id, display in view.at("display").children:
            title, plugin = display.at("display_title"), display.at("display_plugin")
            facts = _facts(view, display, bundles)
            yield SiteEntity(
                kind=EntityKind.VIEW_DISPLAY,
                key=f"{EntityKind.VIEW_DISPLAY.value}:{name}/{display_id}",
                label=title.text or display_id,
                machine_name=display_id,
                owner_key=key,
                yaml=view.place,
                cells={
                    "View": view.at("label").spelled(label, name),
                    "View ID": view.at("id").spelled(name, name),
                    "Title": title.cell,
                    "Machine name": display.spelled(display_id, display_id),
                    "Display plugin": plugin.spelled(
                        spellings().display_plugins.get(plugin.text, plugin.text)
                    ),
                    "Notes": _notes(display, facts),
                },
                facts=facts,
            )


def _base_table(configuration: SiteConfiguration, table: Settings) -> SiteCell:
    text = spellings().base_tables.get(table.text, table.text)
    if text.startswith(_SEARCH_INDEX):
        name = text.removeprefix(_SEARCH_INDEX)
        text = f"Index {configuration.settings(f'search_api.index.{name}').at('name').text or name}"
    return table.spelled(text)


def _notes(display: Settings, facts: dict[str, SiteCell]) -> SiteCell:
    path = facts.get("path")
    options = display.at("display_options")
    return options.spelled(f"Path: {path.text}" if path else "", *(path.values if path else ()))


def _option(view: Settings, display: Settings, name: str) -> Settings:
    """Return an option as it holds for a display: its own, or that of the default display."""
    own = display.at("display_options")
    is_own = own.at("defaults", name).text == "False" or display.at("id").text == _DEFAULT
    return (own if is_own else view.at("display", _DEFAULT, "display_options")).at(name)


def _facts(view: Settings, display: Settings, bundles: Bundles) -> dict[str, SiteCell]:
    """Return what is set of a display beside its columns, inherited or its own."""
    path = display.at("display_options", "path")
    filters = [each for _, each in _option(view, display, "filters").children]
    sorts = [each for _, each in _option(view, display, "sorts").children]
    access, pager = _option(view, display, "access"), _option(view, display, "pager")
    empty = [each for _, each in _option(view, display, "empty").children]
    found = {
        "title": _option(view, display, "title").cell,
        "access": access.at("type").spelled(
            ": ".join(filter(None, (access.at("type").text, *_scalars(access.at("options")))))
        ),
        "pager": pager.at("type").spelled(
            ", ".join(
                filter(None, (pager.at("type").text, pager.at("options", "items_per_page").text))
            )
        ),
        "sorts": _listed(
            _option(view, display, "sorts"),
            [f"{sort.at('field').text} {sort.at('order').text}".strip() for sort in sorts],
        ),
        "exposed_filters": _listed(
            _option(view, display, "filters"),
            [
                each.at("expose", "label").text or each.at("field").text
                for each in filters
                if each.at(_SHOWN_FILTER).is_on
            ],
        ),
        "empty_text": _listed(
            _option(view, display, "empty"), [each.at("plugin_id").text for each in empty]
        ),
    }
    for each in filters:
        if each.at("field").text in _BUNDLE_FILTERS and each.at("value").texts:
            found["bundles"] = _bundle_filter(each, bundles)
    if path.text:
        found["path"] = path.spelled(f"/{path.text.lstrip('/')}")
    return {name: cell for name, cell in found.items() if cell.text}


def _scalars(settings: Settings) -> tuple[str, ...]:
    return tuple(text for _, each in settings.children for text in (each.text, *each.texts) if text)


def _listed(place: Settings, texts: list[str]) -> SiteCell:
    return place.spelled(", ".join(texts), *texts)


def _bundle_filter(each: Settings, bundles: Bundles) -> SiteCell:
    names = each.at("value").texts
    entity_type = each.at("entity_type").text
    labels = [b.label for name in names if (b := bundles.get((entity_type, name))) is not None]
    negation = "not " if each.at("operator").text.startswith("not") else ""
    return each.spelled(negation + ", ".join(labels or names), *names)
