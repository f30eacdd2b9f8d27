"""A small site of a boat club as `drush config:export` would write it, and how tests change it."""

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

CLUB: Mapping[str, Any] = {
    "core.extension": {"module": {"node": 0}},
    "node.type.berth": {"name": "Berth", "type": "berth", "description": "A place for one boat."},
    "node.type.notice": {"name": "Notice", "type": "notice", "description": ""},
    "paragraphs.paragraphs_type.rope": {"id": "rope", "label": "Rope", "description": ""},
    "taxonomy.vocabulary.pier": {"vid": "pier", "name": "Pier", "description": None},
    "media.type.photo": {"id": "photo", "label": "Photo", "description": ""},
    "block_content.type.tides": {"id": "tides", "label": "Tides", "description": ""},
    "language.content_settings.node.berth": {
        "third_party_settings": {"content_translation": {"enabled": True}}
    },
    "pathauto.pattern.berths": {
        "status": True,
        "type": "canonical_entities:node",
        "pattern": "/berths/[node:title]",
        "weight": -5,
        "selection_criteria": {"1": {"bundles": {"berth": "berth"}, "negate": False}},
    },
    "field.storage.node.field_pier": {
        "type": "entity_reference",
        "cardinality": 1,
        "settings": {"target_type": "taxonomy_term"},
    },
    "field.field.node.berth.field_pier": {
        "field_name": "field_pier",
        "bundle": "berth",
        "label": "Pier",
        "description": "Where the berth is.",
        "required": True,
        "translatable": False,
        "field_type": "entity_reference",
        "settings": {
            "handler": "default:taxonomy_term",
            "handler_settings": {"target_bundles": {"pier": "pier"}},
        },
    },
    "field.storage.node.field_ropes": {
        "type": "entity_reference_revisions",
        "cardinality": -1,
        "settings": {"target_type": "paragraph"},
    },
    "field.field.node.berth.field_ropes": {
        "field_name": "field_ropes",
        "bundle": "berth",
        "label": "Ropes",
        "description": "",
        "required": False,
        "translatable": True,
        "field_type": "entity_reference_revisions",
        "settings": {"handler": "default:paragraph", "handler_settings": {"target_bundles": None}},
    },
    "field.storage.node.field_side": {
        "type": "list_string",
        "cardinality": 1,
        "settings": {
            "allowed_values": [
                {"value": "port", "label": "Port"},
                {"value": "starboard", "label": "Starboard"},
            ]
        },
    },
    "field.field.node.berth.field_side": {
        "field_name": "field_side",
        "bundle": "berth",
        "label": "Side",
        "description": "",
        "required": False,
        "translatable": True,
        "field_type": "list_string",
        "default_value": [{"value": "port"}],
        "settings": {},
    },
    "core.base_field_override.node.berth.title": {
        "field_name": "title",
        "bundle": "berth",
        "label": "Number of the berth",
        "description": "",
        "required": True,
        "translatable": True,
        "field_type": "string",
    },
    "core.entity_form_display.node.berth.default": {
        "content": {
            "title": {"type": "string_textfield"},
            "field_pier": {"type": "options_select"},
            "field_ropes": {"type": "knot_picker"},
        },
        "hidden": {"field_side": True},
        "third_party_settings": {
            "field_group": {
                "group_place": {"label": "Place", "children": ["field_pier"]},
                "group_tabs": {"label": "Tabs", "children": ["group_place"]},
            }
        },
    },
    "core.entity_view_mode.node.teaser": {"label": "Teaser", "targetEntityType": "node"},
    "core.entity_view_display.node.berth.default": {
        "status": True,
        "third_party_settings": {"layout_builder": {"enabled": True}},
    },
    "core.entity_view_display.node.berth.teaser": {"status": True},
    "core.entity_view_display.node.notice.teaser": {"status": False},
    "views.view.berths": {
        "id": "berths",
        "label": "Berths",
        "description": "All of them.",
        "status": True,
        "base_table": "node_field_data",
        "display": {
            "default": {
                "id": "default",
                "display_title": "Default",
                "display_plugin": "default",
                "display_options": {
                    "pager": {"type": "full", "options": {"items_per_page": 10}},
                    "filters": {
                        "type": {
                            "field": "type",
                            "entity_type": "node",
                            "value": {"berth": "berth"},
                        }
                    },
                },
            },
            "page_1": {
                "id": "page_1",
                "display_title": "Page",
                "display_plugin": "page",
                "display_options": {
                    "path": "berths",
                    "pager": {"type": "none"},
                    "filters": {},
                    "defaults": {"pager": False},
                },
            },
        },
    },
    "image.style.wide_berth": {
        "name": "wide_berth",
        "label": "Wide berth",
        "effects": {
            "2": {"id": "image_crop", "weight": 2, "data": {"width": 80, "height": 40}},
            "1": {"id": "image_scale", "weight": 1, "data": {"width": 90, "height": None}},
        },
    },
    "responsive_image.styles.boats": {
        "id": "boats",
        "label": "Boats",
        "breakpoint_group": "club",
        "fallback_image_style": "wide_berth",
        "image_style_mappings": [
            {
                "breakpoint_id": "club.narrow",
                "multiplier": "1x",
                "image_mapping_type": "image_style",
                "image_mapping": "wide_berth",
            }
        ],
    },
    "user.role.harbourmaster": {
        "id": "harbourmaster",
        "label": "Harbourmaster",
        "permissions": ["create berth content", "edit any berth content"],
    },
    "workflows.workflow.berthing": {
        "id": "berthing",
        "label": "Berthing",
        "type": "content_moderation",
        "type_settings": {
            "states": {"draft": {"label": "Draft"}, "published": {"label": "Published"}},
            "transitions": {
                "publish": {"label": "Publish", "from": ["draft", "published"], "to": "published"}
            },
            "entity_types": {"node": ["berth"]},
        },
    },
    "system.site": {"name": "Boat club"},
    "tour.tour.berths": {"label": "Berths"},
}
"""Names to data; the last two are no matter of sheets."""


def write_export(folder: Path, changes: Mapping[str, Any] | None = None) -> Path:
    """Write the export of the club; a change of None leaves a file out, a text is a file's text."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in {**deepcopy(dict(CLUB)), **(changes or {})}.items():
        if data is not None:
            is_raw = isinstance(data, str | bytes)
            text = data if is_raw else yaml.safe_dump(data, allow_unicode=True)
            content = text if isinstance(text, bytes) else text.encode()
            (folder / f"{name}.yml").write_bytes(content)
    return folder


def changed(name: str, /, **settings: Any) -> dict[str, Any]:
    return {name: {**CLUB[name], **settings}}
