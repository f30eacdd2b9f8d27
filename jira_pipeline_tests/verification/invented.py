"""Small invented sheets, and the configuration of the site they describe, for tests to spoil.

Belongs here: the site of a bookshop, as sheets and as YAML by name. Does not: what is expected of a
comparison (the tests).
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from fnmatch import filter as names_like
from pathlib import Path
from typing import Any

import yaml

from jira_pipeline.drupal.site.configuration import SiteConfiguration, read_configuration
from jira_pipeline.drupal.site.site_cells import Site
from jira_pipeline.drupal.site.site_entities import site_entities
from jira_pipeline.model.entities import Specification, Status
from jira_pipeline.model.site_verifications import Verdict, Verification, VerifiedCell, VerifiedRow
from jira_pipeline.sessions.site_verifying import compare_site
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline_tests.sheets.made_readings import read_folder

Objects = dict[str, dict[str, Any]]
Changes = Mapping[str, object]
"""By place: an object or `object:key.key`, as comparisons name it; `GONE` of objects by pattern."""
GONE = object()

SHEETS: Mapping[str, str] = {
    "bundles.csv": """\
Name,Machine name,X,Description,Mod.,Layout,Trns.,Meta,Sched.,Type,URL alias pattern,Settings/notes
Book,book,a,"A book we sell, with its ""blurb"".",y,n,n,y,n,Content type,books/[node:title],Ask Ida.
Author,author,c,Writes books.,n,n,n,n,n,Content type,-,
Genre,genre,x,,n,n,n,n,n,Vocabulary,-,
Shelf,shelf,d,,n,n,n,n,n,Vocabulary,-,
Voucher,voucher,w,,n,n,n,n,n,Content type,-,
""",
    "fields.csv": """\
Bundle,Field label,Machine name,X,Field group,Field type,Ref. bundle,Req'd,Vals.,Form widget,Trns.,Settings/notes,Help text
Book (Content type),Title,title,x,,Entity label,,y,1,Textfield,,,
Book (Content type),Subtitle,field_subtitle,a,Names,Text (plain),,n,1,Textfield,n,Max length 120,Shown below the title.
Book (Content type),Authors,field_authors,a,,Entity reference,Author (Content type),y,Unlimited,Autocomplete,n,,
Book (Content type),Genres,field_genres,a,,Entity reference,Genre (Vocabulary),n,3,Select list,n,,
Book (Content type),Binding,field_binding,a,Names,List (text),,y,1,Select list,n,"Options: Cloth, Paper",
Author (Content type),Portrait,field_portrait,c,,Image,,n,1,-- Disabled --,n,,
Author (Content type),Also known as,field_subtitle,x,,Text (plain),,n,1,Textfield,n,,
Voucher (Content type),Amount,field_amount,a,,Number (integer),,y,1,Number field,n,,
""",
    "views.csv": """\
View name,Machine name,X,Base table,Status,Description,Notes
New books,new_books,a,Content,Enabled,What came this week.,
""",
    "displays.csv": """\
View,Title,Machine name,X,Display plugin,Notes,View ID
New books,Master,default,a,Master,,new_books
New books,Page,page_1,a,Page,Path: /new,new_books
""",
    "styles.csv": """\
Style name,Machine name,X,Notes
Cover,cover,a,"image_scale_and_crop 300x450"
Cover small,cover_small,a,Scale to 100x150
""",
    "responsive.csv": """\
Responsive style,Machine name,Breakpoint Group,Breakpoints Used,Fallback Style,Image Style Group(s),X,Notes
Covers,covers,responsive_image,viewport_sizing (1x),Cover small,"Cover, Cover small",a,
""",
    "modes.csv": """\
View Modes,Entity Type,X,Entities Used On,Notes
Card,Content type,a,"Author, Book",
""",
    "roles.csv": """\
Name,Machine name,X,Notes
Bookseller,bookseller,a,"create book content, edit any book content"
Clerk,clerk,d,
""",
    "workflows.csv": """\
Label,Machine name,X,Type,Notes
Editing,editing,a,Content moderation,
""",
    "states.csv": """\
Workflow,Label,Machine name,X,Notes
Editing,Draft,draft,a,
Editing,Published,published,a,
""",
    "transitions.csv": """\
Workflow,Label,Machine name,X,From state,To state,Notes
Editing,Publish,publish,a,Draft,Published,
Editing,Publish,publish,a,Published,Published,
Editing,Create New Draft,create_new_draft,a,Draft,Draft,
""",
}


def _field(name: str, field_type: str, *, to: str = "", **storage: Any) -> dict[str, Any]:
    settings = {"target_type": to} if to else {}
    return {
        "id": f"node.{name}",
        "field_name": name,
        "type": field_type,
        "cardinality": 1,
        "settings": {**settings, **storage.pop("settings", {})},
        **storage,
    }


def _instance(bundle: str, name: str, label: str, field_type: str, **rest: Any) -> dict[str, Any]:
    return {
        "field_name": name,
        "bundle": bundle,
        "label": label,
        "description": "",
        "required": False,
        "translatable": False,
        "field_type": field_type,
        "settings": {},
        **rest,
    }


def _targets(*bundles: str) -> dict[str, Any]:
    chosen = {"target_bundles": dict(zip(bundles, bundles, strict=True))}
    return {"handler": "default:any", "handler_settings": chosen}


def _state(label: str, weight: int) -> dict[str, Any]:
    return {"label": label, "weight": weight, "published": label == "Published"}


def _effect(effect: str, width: int, height: int) -> dict[str, Any]:
    return {"id": effect, "weight": 1, "data": {"width": width, "height": height}}


OBJECTS: Mapping[str, Mapping[str, Any]] = {
    "core.extension": {"module": {"taxonomy": 0}},
    "system.site": {"uuid": "b00c", "name": "Bookshop"},
    "node.type.book": {
        "name": "Book",
        "type": "book",
        "description": "<p>A book we sell, with its &quot;blurb&quot;.</p>",
    },
    "node.type.author": {"name": "Author", "type": "author", "description": "Writes books."},
    "taxonomy.vocabulary.genre": {"name": "Genre", "vid": "genre", "description": ""},
    "field.storage.node.field_subtitle": _field(
        "field_subtitle", "string", settings={"max_length": 120}
    ),
    "field.storage.node.field_authors": _field(
        "field_authors", "entity_reference", to="node", cardinality=-1
    ),
    "field.storage.node.field_genres": _field(
        "field_genres", "entity_reference", to="taxonomy_term", cardinality=3
    ),
    "field.storage.node.field_binding": _field(
        "field_binding",
        "list_string",
        settings={
            "allowed_values": [
                {"value": "cloth", "label": "Cloth"},
                {"value": "paper", "label": "Paper"},
            ]
        },
    ),
    "field.storage.node.field_portrait": _field("field_portrait", "image"),
    "field.storage.node.field_meta": _field("field_meta", "metatag"),
    "field.field.node.book.field_subtitle": _instance(
        "book", "field_subtitle", "Subtitle", "string", description="Shown below the title."
    ),
    "field.field.node.book.field_authors": _instance(
        "book",
        "field_authors",
        "Authors",
        "entity_reference",
        required=True,
        settings=_targets("author"),
    ),
    "field.field.node.book.field_genres": _instance(
        "book", "field_genres", "Genres", "entity_reference", settings=_targets("genre")
    ),
    "field.field.node.book.field_binding": _instance(
        "book", "field_binding", "Binding", "list_string", required=True
    ),
    "field.field.node.book.field_meta": _instance("book", "field_meta", "Meta tags", "metatag"),
    "field.field.node.author.field_portrait": _instance(
        "author", "field_portrait", "Portrait", "image"
    ),
    "field.field.node.author.field_subtitle": _instance(
        "author", "field_subtitle", "Also known as", "string"
    ),
    "core.entity_form_display.node.book.default": {
        "targetEntityType": "node",
        "bundle": "book",
        "mode": "default",
        "content": {
            "title": {"type": "string_textfield"},
            "field_subtitle": {"type": "string_textfield"},
            "field_authors": {"type": "entity_reference_autocomplete"},
            "field_genres": {"type": "options_select"},
            "field_binding": {"type": "options_select"},
        },
        "hidden": {"field_meta": True},
        "third_party_settings": {
            "field_group": {
                "group_names": {
                    "label": "Names",
                    "children": ["field_subtitle", "field_binding"],
                    "parent_name": "",
                }
            }
        },
    },
    "core.entity_form_display.node.author.default": {
        "targetEntityType": "node",
        "bundle": "author",
        "mode": "default",
        "content": {"field_subtitle": {"type": "string_textfield"}},
        "hidden": {"field_portrait": True},
    },
    "core.entity_view_mode.node.card": {"label": "Card", "targetEntityType": "node"},
    "core.entity_view_display.node.book.card": {"status": True, "mode": "card"},
    "core.entity_view_display.node.author.card": {"status": True, "mode": "card"},
    "core.entity_view_display.node.book.default": {"status": True, "mode": "default"},
    "pathauto.pattern.books": {
        "id": "books",
        "status": True,
        "type": "canonical_entities:node",
        "pattern": "/books/[node:title]",
        "weight": 0,
        "selection_criteria": {
            "a": {"id": "entity_bundle:node", "bundles": {"book": "book"}, "negate": False}
        },
    },
    "views.view.new_books": {
        "id": "new_books",
        "label": "New books",
        "status": True,
        "description": "What came this week.",
        "base_table": "node_field_data",
        "display": {
            "default": {
                "id": "default",
                "display_title": "Master",
                "display_plugin": "default",
                "display_options": {},
            },
            "page_1": {
                "id": "page_1",
                "display_title": "Page",
                "display_plugin": "page",
                "display_options": {"path": "new"},
            },
        },
    },
    "image.style.cover": {
        "name": "cover",
        "label": "Cover",
        "effects": {"a": _effect("image_scale_and_crop", 300, 450)},
    },
    "image.style.cover_small": {
        "name": "cover_small",
        "label": "Cover small",
        "effects": {"a": _effect("image_scale", 100, 150)},
    },
    "responsive_image.styles.covers": {
        "id": "covers",
        "label": "Covers",
        "breakpoint_group": "responsive_image",
        "fallback_image_style": "cover_small",
        "image_style_mappings": [
            {
                "breakpoint_id": "responsive_image.viewport_sizing",
                "multiplier": "1x",
                "image_mapping_type": "sizes",
                "image_mapping": {"sizes_image_styles": ["cover", "cover_small"]},
            }
        ],
    },
    "user.role.bookseller": {
        "id": "bookseller",
        "label": "Bookseller",
        "permissions": ["create book content", "edit any book content"],
    },
    "workflows.workflow.editing": {
        "id": "editing",
        "label": "Editing",
        "type": "content_moderation",
        "type_settings": {
            "states": {"draft": _state("Draft", 0), "published": _state("Published", 1)},
            "transitions": {
                "publish": {"label": "Publish", "from": ["draft", "published"], "to": "published"},
                "create_new_draft": {"label": "Create New Draft", "from": ["draft"], "to": "draft"},
            },
            "entity_types": {"node": ["book"]},
        },
    },
}


AS_X = {
    Status.IMPLEMENTED: Verdict.MET,
    Status.APPROVED: Verdict.MISSING,
    Status.CHANGED: Verdict.DIFFERS,
    Status.DELETED: Verdict.LEFT_OVER,
}
"""Of a site before anything of its specification is built."""


def specification(folder: Path, sheets: Mapping[str, str] = SHEETS) -> Specification:
    folder.mkdir(exist_ok=True)
    for name, text in sheets.items():
        (folder / name).write_text(text, encoding="utf-8")
    return specification_in(folder)


def specification_in(folder: Path) -> Specification:
    return Specification(entities=read_entities(read_folder(folder).tables).entities)


def write_site(folder: Path, change: Callable[[Objects], None] | Changes | None = None) -> Path:
    objects = deepcopy({name: dict(data) for name, data in OBJECTS.items()})
    if callable(change):
        change(objects)
    elif change is not None:
        _change(objects, change)
    folder.mkdir(exist_ok=True)
    for name, data in objects.items():
        (folder / f"{name}.yml").write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    return folder


def _change(objects: Objects, changes: Changes) -> None:
    for place, value in changes.items():
        name, _, path = place.partition(":")
        *inner, last = [name, *filter(None, path.split("."))]
        within: Any = objects
        for key in inner:
            within = within[int(key) if isinstance(within, list) else key]
        if value is not GONE:
            within[last] = value
        else:
            for key in names_like(within, last):
                del within[key]


def site(folder: Path, change: Changes | None = None) -> Site:
    return site_entities(read_configuration(write_site(folder, change)))


def verified(
    folder: Path,
    change: Callable[[Objects], None] | Changes | None = None,
    *,
    sheets: Mapping[str, str] = SHEETS,
) -> Verification:
    """Compare sheets with the site, changed or as it is."""
    configuration = read_configuration(write_site(folder / "config", change))
    return compared(specification(folder / "sheets", sheets), configuration)


def compared(read: Specification, configuration: SiteConfiguration) -> Verification:
    groups, found = group_entities(read).groups, site_entities(configuration)
    return compare_site(read, groups, found, session_key="bookshop", config="config", titles={})


def row(verification: Verification, key: str) -> VerifiedRow:
    return next(row for row in verification.rows if row.key == key)


def cell(verification: Verification, key: str, column: str) -> VerifiedCell:
    return next(cell for cell in row(verification, key).cells if cell.column == column)
