"""Exports of the boat club that are odd in one way each, and what it was before.

Belongs here: what is changed of it. Does not: what is read of each, and what sheets made of it say,
which `golden` freezes as `specifications/exported_sites`; files that are refused (the tests beside
this).
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from jira_pipeline_tests.drupal.site.exports import CLUB, changed

Changes = Mapping[str, Any]
PIER = "field.field.node.berth.field_pier"
OF_TERMS = "default:taxonomy_term"
MAPPING = {"multiplier": "1x", "image_mapping": "wide_berth"}


def offering(handler: str, **settings: object) -> Changes:
    return changed(PIER, settings={"handler": handler, "handler_settings": settings})


def view_of(**options: object) -> dict[str, Any]:
    """Return the view of berths with other options of its default display."""
    view: dict[str, Any] = deepcopy(CLUB["views.view.berths"])
    view["display"]["default"]["display_options"] |= options
    return view


def inheriting() -> Changes:
    """Return a view whose block overrides some of what its displays inherit."""
    view = view_of(
        style={"type": "table"},
        row={"type": "fields"},
        fields={
            "title": {"field": "title", "label": "Number"},
            "nid": {"field": "nid", "label": "", "exclude": True},
        },
        sorts={"created": {"field": "created", "order": "DESC"}},
        access={"type": "perm", "options": {"perm": "access content"}},
        empty={"area": {"plugin_id": "text_custom", "content": "<p>No berth is free.</p>"}},
        arguments={"pier": {"field": "field_pier", "default_argument_type": "node"}},
    )
    view["display"]["default"]["display_options"]["filters"]["type"]["plugin_id"] = "bundle"
    overrides = {
        "defaults": {"style": False, "row": False},
        "style": {"type": "default"},
        "row": {"type": "entity:node", "options": {"view_mode": "teaser"}},
        "filters": {"keys": {"field": "keys", "exposed": True}},
        "access": {"type": "none"},
    }
    view["display"]["block_1"] = {"display_plugin": "block", "display_options": overrides}
    place = {"status": True, "region": "aside", "theme": "club"}
    plugin = {"plugin": "views_block:berths-block_1"}
    return {"views.view.berths": view, "block.block.berths": place | plugin}


def installed(hash_of_it: str | None, enabled: str) -> Changes:
    needs = {
        "dependencies": {"module": ["node", "knots"]},
        "_core": {"default_config_hash": hash_of_it},
    }
    modules = {"core.extension": {"module": {"node": 0, enabled: 0}}}
    return {"views.view.berths": view_of() | needs, **modules}


def placed(*names: str) -> Changes:
    """Return breakpoints and allowed values in an order."""
    mappings = [{**MAPPING, "breakpoint_id": f"club.{name}"} for name in names]
    values = [{"value": name, "label": name} for name in names]
    return {
        **changed("responsive_image.styles.boats", image_style_mappings=mappings),
        **changed("field.storage.node.field_side", settings={"allowed_values": values}),
    }


FILTERS: Mapping[str, Mapping[str, Any]] = {
    "latest": {"field": "latest_revision", "operator": "=", "value": ""},
    "tid": {"field": "tid", "operator": "or", "value": [9, 12], "vid": "pier", "group": 2},
    "nid": {"field": "nid", "operator": "=", "value": {"value": "505"}, "group": 2},
    "langcode": {"field": "langcode", "value": ["***LANGUAGE_site_default***"]},
    "ends": {"field": "ends", "operator": "not empty", "value": {"type": "date", "value": ""}},
    "price": {"field": "price", "operator": "between", "value": {"min": "1", "max": "9"}},
}
FORM = {"handlers": {"mail": {"id": "email", "label": "To the harbour master"}}}
ELEMENTS = """
side:
  '#type': details
  '#title': <b>Side</b>
  port:
    '#type': checkbox
    '#required': true
actions:
  '#type': webform_actions
"""
READ: Mapping[str, Changes] = {
    "as it is": {},
    "targets of any bundle": offering("default", target_bundles={}),
    "all targets but one": offering(OF_TERMS, target_bundles={"pier": "pier"}, negate=1),
    "targets that a view chooses": offering("views", view={"view_name": "berths"}),
    "a target that is not there": offering(
        OF_TERMS, target_bundles={"pier": "pier", "buoy": "buoy"}
    ),
    # what a list shows, to whom and how many was in the export, and asked of the client
    "a display says what it inherits and what it overrides": inheriting(),
    # `(=)` was no value, a term a mere number, and of two filters joined by OR both had to hold
    "a filter says which of several is enough and what is an id": {
        "views.view.berths": view_of(
            filters=FILTERS, filter_groups={"operator": "AND", "groups": {1: "AND", 2: "OR"}}
        )
    },
    "a view says its modules": installed(None, "pier_log"),
    "and what installed it": installed("abc", "berths"),
    "but no module of another name": installed("abc", "berth"),
    "webforms say their elements and handlers": {
        "webform.webform.log": {**FORM, "id": "log", "title": "Log", "elements": ELEMENTS},
        "webform.webform.lost": {"id": "lost", "title": "Lost", "elements": "a: [", "handlers": []},
    },
    # not known is not empty
    "what cannot be read leaves its cells out": {
        "field.storage.node.field_pier": "type: [",
        "core.entity_form_display.node.berth.default": "content: [",
    },
}
SINCE: Mapping[str, tuple[Changes, Changes]] = {
    "x says what is new, changed, the same and gone": (
        {
            **changed("field.field.node.berth.field_pier", required=False),
            "user.role.harbourmaster": None,
        },
        dict.fromkeys(("node.type.notice", "core.entity_view_display.node.notice.teaser")),
    ),
    # a slash before an alias, and a bundle or state called otherwise, made rows change
    "what a comparison takes for the same is no change": (
        {
            **changed("pathauto.pattern.berths", pattern="berths/[node:title]/"),
            **changed("taxonomy.vocabulary.pier", name="Jetty"),
            **changed("node.type.berth", description="<p>A place for one  boat.</p>"),
        },
        {},
    ),
    "an order that no comparison minds is no change": (
        placed("narrow", "wide"),
        placed("wide", "narrow"),
    ),
    # a removed field of a bundle with another label belonged to nothing
    "what is gone is below its bundle as that is called now": (
        {**changed("node.type.berth", name="Mooring"), PIER: None},
        {},
    ),
    "what could not be read of the older site waits": ({}, {"node.type.notice": "name: ["}),
    # the sheet counts permissions only
    "a permission in another's place is a change": (
        changed("user.role.harbourmaster", permissions=["administer nodes", "access content"]),
        {},
    ),
}
"""What it is now, and what it was."""
