"""Kinds of generated exports in which bundles, fields, views and webforms are set up in many ways.

Belongs here: what each kind has beside a small whole site, so that every branch of the reader that
a readable export can take is taken. Does not: the site itself, names and plugins
(`generated_exports`), exports of which a file cannot be read (`odd_exports`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jira_pipeline_tests.drupal.site.generated_exports import Export

_OF_TERMS = {"target_type": "taxonomy_term"}


def _reference_with(
    export: Export, owner: str, target_type: str, **settings: object
) -> dict[str, Any]:
    """Add a reference whose settings are given; return them, to be changed."""
    name = export.reference(owner, target_type, [])
    field = export.objects[f"field.field.node.{owner}.{name}"]
    field["settings"] = {"handler": f"default:{target_type}", **settings}
    of_field: dict[str, Any] = field["settings"]
    return of_field


def _below(export: Export, prefix: str) -> list[dict[str, Any]]:
    """Return the data of all files whose names begin so, in the order in which they were added."""
    return [data for name, data in export.objects.items() if name.startswith(prefix)]


def _storage_of_last_field(export: Export, owner: str) -> dict[str, Any]:
    name = [*export.form_of(owner)["content"]][-1]
    return export.objects[f"field.storage.node.{name}"]


def _content_type(export: Export) -> str:
    """Add a content type with a field; return its machine name."""
    owner = export.bundle("node", export.plain_label())
    export.field(owner, "string", widget="string_textfield")
    return owner


def _terms(export: Export) -> str:
    return export.bundle("taxonomy_term", export.plain_label())


# Bundles.


def bundles_of_one_name(export: Export) -> None:
    """Vocabularies have one label, and so have content types; lists name them by machine name."""
    owner = _content_type(export)
    vocabularies = [export.bundle("taxonomy_term", "Rigging") for _ in range(2)]
    types = [export.bundle("node", "Dinghy") for _ in range(2)]
    for content_type in types:
        export.field(content_type, "string", widget="string_textfield")
    export.reference(owner, "taxonomy_term", vocabularies)
    export.workflow(["Waiting"], types)


def titles_that_are_machine_names(export: Export) -> None:
    """The title of one bundle is the machine name of another one."""
    owner = _content_type(export)
    first = export.bundle("taxonomy_term", "Rigging")
    second = export.bundle("taxonomy_term", first)
    export.reference(owner, "taxonomy_term", [first, second])


def bundles_that_no_name_tells_apart(export: Export) -> None:
    """Bundles of one label, which is also the machine name of one of them."""
    owner = _content_type(export)
    first = export.bundle("taxonomy_term", "Rigging")
    alike = [export.bundle("taxonomy_term", first) for _ in range(2)]
    export.objects[f"taxonomy.vocabulary.{first}"]["name"] = first
    export.reference(owner, "taxonomy_term", [first, *alike])


def accounts_with_fields(export: Export) -> None:
    """User accounts have fields, a reference to other accounts, and a form for who registers."""
    export.displays("user", "user")
    export.field("user", "string", entity_type="user", widget="string_textfield")
    export.field(
        "user",
        "entity_reference",
        entity_type="user",
        widget="entity_reference_autocomplete",
        storage={"target_type": "user"},
        settings={"handler": "default:user", "handler_settings": {}},
    )
    export.objects["core.entity_form_display.user.user.register"] = {
        "status": True,
        "content": {},
        "hidden": {},
    }
    berth = _content_type(export)
    export.reference(berth, "user", [])


def comment_types(export: Export) -> None:
    """A comment type with a field, one without, and one that is called as a content type is."""
    remark = export.bundle("comment", export.plain_label())
    export.field(remark, "string_long", entity_type="comment", widget="string_textarea")
    export.bundle("comment", export.plain_label())
    export.bundle("comment", "Notice")


def types_of_modules(export: Export) -> None:
    """A type of each module whose types have a word of their own, each with a field."""
    for entity_type in (
        *("group", "profile", "commerce_product", "commerce_product_variation"),
        *("message", "config_pages"),
    ):
        bundle = export.bundle(entity_type, export.plain_label())
        export.field(bundle, "string", entity_type=entity_type, widget="string_textfield")


def entity_types_without_a_word(export: Export) -> None:
    """Two entity types of modules that nobody knows here have fields of one machine name."""
    for entity_type in ("cargo", "tug"):
        export.displays(entity_type, "hull")
        name = export.field("hull", "string", entity_type=entity_type, widget="string_textfield")
        for prefix in ("field.storage.{}.{}", "field.field.{}.hull.{}"):
            data = export.objects.pop(prefix.format(entity_type, name))
            data["field_name"] = "field_width"
            export.objects[prefix.format(entity_type, "field_width")] = data
        form = export.objects[f"core.entity_form_display.{entity_type}.hull.default"]
        form["content"]["field_width"] = form["content"].pop(name)


def bundles_that_are_laid_out(export: Export) -> None:
    laid_out = {"layout_builder": {"enabled": True, "sections": []}}
    for mode in ("default", "teaser"):
        owner = _content_type(export)
        display = {"status": True, "content": {}, "third_party_settings": laid_out}
        export.objects[f"core.entity_view_display.node.{owner}.{mode}"] = display
    teaser = {"label": "Teaser", "targetEntityType": "node"}
    export.objects["core.entity_view_mode.node.teaser"] = teaser


def bundles_that_are_scheduled(export: Export) -> None:
    for settings in (
        {"publish_enable": True, "unpublish_enable": True},
        {"publish_enable": True, "unpublish_enable": False},
        {"publish_enable": False, "unpublish_enable": True},
        {"publish_enable": False, "unpublish_enable": False},
    ):
        owner = _content_type(export)
        export.objects[f"node.type.{owner}"]["third_party_settings"] = {"scheduler": settings}


def bundles_that_are_translated(export: Export) -> None:
    for is_enabled in (True, False):
        owner = _content_type(export)
        export.objects[f"language.content_settings.node.{owner}"] = {
            "third_party_settings": {"content_translation": {"enabled": is_enabled}}
        }


def _index(export: Export, datasource: Mapping[str, object], **settings: object) -> str:
    name = export.name("index")
    export.objects[f"search_api.index.{name}"] = {
        "name": export.plain_label(),
        "server": "club",
        "datasource_settings": {"entity:node": {"bundles": dict(datasource)}},
        **settings,
    }
    return name


def paragraphs_with_behaviors(export: Export) -> None:
    """Modules add layouts and styles to paragraph types, of which one has no fields of its own."""
    owner = _content_type(export)
    behaviors: Sequence[Mapping[str, object]] = (
        {
            "layout_paragraphs": {
                "enabled": True,
                "available_layouts": {"two_columns": "2, or maybe 3", "one_column": 0},
            },
            "color": {"enabled": False},
        },
        {
            "style": {"enabled": "1", "groups": ["rigging"], "max": 3, "note": "As you like it?"},
            "anchor": {"enabled": True},
        },
        {"color": {"enabled": False}},
        {},
    )
    for of_type in behaviors:
        export.paragraphs(owner, widget="paragraphs")
        _below(export, "paragraphs.paragraphs_type.")[-1]["behavior_plugins"] = of_type
    section = export.bundle("paragraph", export.plain_label())
    export.objects[f"paragraphs.paragraphs_type.{section}"]["behavior_plugins"] = behaviors[0]
    _reference_to_paragraphs(export, owner, section)


def _reference_to_paragraphs(export: Export, owner: str, target: str) -> None:
    export.field(
        owner,
        "entity_reference_revisions",
        widget="paragraphs",
        storage={"target_type": "paragraph"},
        settings={
            "handler": "default:paragraph",
            "handler_settings": {"target_bundles": {target: target}},
        },
    )


def search_indexes(export: Export) -> None:
    """Indexes hold the selected bundles or all but these; some are disabled, or their server is."""
    owner = _content_type(export)
    export.objects["core.extension"]["module"] |= {"search_api": 0, "search": 0}
    export.objects["search_api.server.club"] = {"status": True}
    export.objects["search_api.server.old"] = {"status": False}
    of_others = {"default": True, "selected": [owner]}
    _index(export, of_others)
    export.objects["search_api.index.of_users"] = {
        "name": "People",
        "server": "club",
        "datasource_settings": {"entity:user": {"bundles": {"default": True, "selected": []}}},
    }
    _index(export, {"default": False, "selected": [_content_type(export)]})
    _index(export, {"default": False, "selected": [owner]}, status=False)
    _index(export, {"default": False, "selected": [owner]}, server="old")
    _terms(export)


def an_index_of_one_bundle(export: Export) -> None:
    owner = _content_type(export)
    _content_type(export)
    export.objects["core.extension"]["module"]["search_api"] = 0
    export.objects["core.extension"]["module"]["search"] = 0
    export.objects["search_api.server.club"] = {"status": True}
    _index(export, {"default": False, "selected": [owner]})


def search_of_core(export: Export) -> None:
    """Core's Search holds what the role of a visitor may see: no export says which bundles."""
    _content_type(export)
    export.objects["core.extension"]["module"]["search"] = 0


def search_of_core_and_of_indexes(export: Export) -> None:
    """Core's Search is enabled beside Search API, which has no index."""
    _content_type(export)
    export.objects["core.extension"]["module"] |= {"search": 0, "search_api": 0}


def address_patterns(export: Export) -> None:
    """Patterns by weight: for some bundles, for all but some, for all, disabled, of other types."""
    first = _content_type(export)
    second = _content_type(export)
    _terms(export)
    export.objects["core.extension"]["module"]["pathauto"] = 0
    of_first = {"1": {"id": "entity_bundle:node", "bundles": {first: first}}}
    of_others = {"1": {"bundles": {first: first, second: second}, "negate": True}}
    of_language = {"2": {"id": "language", "langcodes": {"en": "en"}}}
    for weight, of_type, criteria, is_enabled in (
        (-9, "canonical_entities:node", of_first, False),
        (-5, "canonical_entities:node", of_first, True),
        (-6, "canonical_entities:node", {**of_first, **of_language}, True),
        (0, "canonical_entities:node", of_others, True),
        (-9, "canonical_entities:media", {}, True),
        (0, "canonical_entities:taxonomy_term", {}, True),
    ):
        export.objects[f"pathauto.pattern.{export.name('pattern')}"] = {
            "status": is_enabled,
            "type": of_type,
            "pattern": f"/{export.name('part')}/[node:title]",
            "weight": weight,
            "selection_criteria": criteria,
        }


def administrators(export: Export) -> None:
    export.role("access content")
    export.role(label="Harbour master")
    _below(export, "user.role.")[-1]["is_admin"] = True


# Fields.


def options_of_code(export: Export) -> None:
    """Functions return options and default values; an option has no label of its own."""
    owner = _content_type(export)
    export.list_field(owner, export.words(2))
    storage = _storage_of_last_field(export, owner)
    storage["settings"] = {"allowed_values": [], "allowed_values_function": "club_piers"}
    export.list_field(owner, ["", "Oak"])
    export.list_field(owner, export.words(2))
    name = [*export.form_of(owner)["content"]][-1]
    field = export.objects[f"field.field.node.{owner}.{name}"]
    field["default_value_callback"] = "club_default"
    export.list_field(owner, export.words(2), default=[1])
    name = [*export.form_of(owner)["content"]][-1]
    field = export.objects[f"field.field.node.{owner}.{name}"]
    field["default_value"].append({"value": "gone"})


def limits_of_fields(export: Export) -> None:
    owner = _content_type(export)
    for length in (60, 255):
        export.field(owner, "string", widget="string_textfield", storage={"max_length": length})
    for size in ("2 MB", "2"):
        files = {"file_extensions": "pdf odt", "max_filesize": size}
        export.field(owner, "file", widget="file_generic", settings=files)
    images = {"file_extensions": "png svg", "max_filesize": ""}
    export.field(owner, "image", widget="image_image", settings=images)
    export.field(owner, "text_long", widget="text_textarea")
    _storage_of_last_field(export, owner)["cardinality"] = -1
    export.field(owner, "text_long", widget="text_textarea")
    _storage_of_last_field(export, owner)["cardinality"] = 3
    export.field(owner, "layout_section", widget="layout_builder_widget")
    selection = {"themes": {"club": "club", "harbour": "0"}}
    export.field(
        owner,
        "block_field",
        widget="block_field_default",
        settings={"selection_settings": selection},
    )


def files_of_every_type(export: Export) -> None:
    """Fields limit neither the types nor the sizes of files."""
    owner = _content_type(export)
    no_limits = {"file_extensions": "", "max_filesize": ""}
    for field_type in ("file", "image"):
        export.field(owner, field_type, widget=f"{field_type}_{field_type}", settings=no_limits)


def fields_of_several_bundles(export: Export) -> None:
    """A field is on two bundles, by one storage."""
    first = _content_type(export)
    second = _content_type(export)
    name = export.field(first, "string", widget="string_textfield")
    shared = export.objects[f"field.field.node.{first}.{name}"]
    export.objects[f"field.field.node.{second}.{name}"] = {**shared, "bundle": second}
    component = {"type": "string_textfield", "settings": {}}
    export.form_of(second)["content"][name] = component


def plugins_of_unknown_modules(export: Export) -> None:
    """Types and widgets that no table of ours has; a form says which modules it needs."""
    owner = _content_type(export)
    for module in ("sonar", "core"):
        export.field(owner, "sonar_item", widget="string_textfield")
        _storage_of_last_field(export, owner)["module"] = module
    export.field(owner, "string", widget="depth_sounder_field")
    export.field(owner, "string", widget="fathom_field")
    export.form_of(owner)["dependencies"] = {"module": ["depth", "depth_sounder", "text"]}


def references_of_each_kind(export: Export) -> None:
    """References offer all bundles, all but some, none, what a view lists, what code chooses."""
    owner = _content_type(export)
    first = _terms(export)
    _terms(export)
    chosen = {first: first}
    of_view = {"view": {"view_name": "piers", "display_name": "list_1"}}
    for target_type, settings in (
        ("taxonomy_term", {"handler_settings": {"target_bundles": None}}),
        ("taxonomy_term", {"handler_settings": {"target_bundles": chosen, "negate": True}}),
        ("taxonomy_term", {"handler_settings": {"target_bundles": {}, "negate": True}}),
        ("taxonomy_term", {"handler_settings": {"target_bundles": {}}}),
        ("taxonomy_term", {"handler": "views", "handler_settings": of_view}),
        ("taxonomy_term", {"handler": "club_choice", "handler_settings": {}}),
        (
            "taxonomy_term",
            {"handler": "club_choice", "handler_settings": {"target_bundles": chosen}},
        ),
        ("block_content", {"handler_settings": {"target_bundles": None}}),
        ("user", {"handler_settings": {"include_anonymous": False}}),
        ("node_type", {"handler_settings": {"target_bundles": None}}),
        ("file", {"handler_settings": {}}),
        ("pier_berth", {"handler_settings": {}}),
    ):
        _reference_with(export, owner, target_type, **settings)


def _reference_to_several(
    export: Export, owner: str, storage: Mapping[str, object], settings: Mapping[str, object]
) -> None:
    export.field(
        owner,
        "dynamic_entity_reference",
        widget="dynamic_entity_reference_default",
        storage={"exclude_entity_types": False, **storage},
        settings=settings,
    )


def references_of_several_types(export: Export) -> None:
    """Fields of Dynamic Entity Reference offer bundles of several entity types, or exclude some."""
    owner = _content_type(export)
    kept = _terms(export)
    of_terms = {"taxonomy_term": {"handler_settings": {"target_bundles": {kept: kept}}}}
    _reference_to_several(export, owner, {"entity_type_ids": ["taxonomy_term", "user"]}, of_terms)
    _reference_to_several(export, owner, {"entity_type_ids": ["user", "file"]}, {})
    excluded = {"exclude_entity_types": True, "entity_type_ids": ["user"]}
    _reference_to_several(export, owner, excluded, {})


def bundles_that_are_gone(export: Export) -> None:
    """A field of several entity types, and a workflow, name bundles that the site has no more."""
    owner = _content_type(export)
    kept = _terms(export)
    both = {"taxonomy_term": {"handler_settings": {"target_bundles": {kept: kept, "gone": "gone"}}}}
    _reference_to_several(export, owner, {"entity_type_ids": ["taxonomy_term"]}, both)
    export.workflow(["Waiting"], [owner, "gone_bundle"])


def base_fields_that_are_changed(export: Export) -> None:
    """Titles are called otherwise, and forms have widgets of base fields."""
    owner = _content_type(export)
    override = f"core.base_field_override.node.{owner}.title"
    export.objects[override] = {
        "field_name": "title",
        "bundle": owner,
        "label": "Name of the boat",
        "description": "As on the stern.",
        "required": True,
        "translatable": True,
        "field_type": "string",
    }
    form = export.form_of(owner)
    form["content"]["title"] = {"type": "string_textfield", "settings": {}}
    form["hidden"]["promote"] = True
    other = _content_type(export)
    untouched = {"label": "Title", "description": "", "required": True, "field_name": "title"}
    export.objects[f"core.base_field_override.node.{other}.title"] = {
        **untouched,
        "bundle": other,
        "field_type": "string",
    }


def groups_that_hold_each_other(export: Export) -> None:
    owner = _content_type(export)
    inner = [export.field(owner, "string", widget="string_textfield")]
    export.form_of(owner)["third_party_settings"] = {
        "field_group": {
            "group_first": {"label": "Rigging", "children": [*inner, "group_second"]},
            "group_second": {"label": "Deck", "children": ["group_first"]},
        }
    }


# Views.


def _view_with(export: Export, **options: object) -> dict[str, Any]:
    """Add a view with a page and these options of its default display; return its data."""
    word = export.name("path")
    page = {"display_title": "Page", "display_plugin": "page", "display_options": {"path": word}}
    name = export.view({"page_1": page})
    data = export.objects[f"views.view.{name}"]
    data["display"]["default"]["display_options"] |= options
    return data


def filters_of_views(export: Export) -> None:
    owner = _content_type(export)
    of_type = {
        "field": "type",
        "plugin_id": "bundle",
        "entity_type": "node",
        "value": {owner: owner, "gone_type": "gone_type"},
    }
    _view_with(export, filters={"type": of_type})
    _view_with(export, filters={"type": {**of_type, "operator": "not in"}})
    _view_with(export, filters={"type": {**of_type, "exposed": True}})
    _view_with(
        export,
        filters={
            "status": {"field": "status", "value": "1", "operator": "="},
            "langcode": {
                "id": "langcode",
                "value": {"***LANGUAGE_language_content***": "***LANGUAGE_language_content***"},
                "operator": "in",
            },
            "created": {
                "field": "created",
                "operator": "between",
                "value": {"min": "1", "max": "9", "value": ""},
            },
            "changed": {"field": "changed", "operator": ">", "value": {"value": "-1 day"}},
            "promote": {"field": "promote", "value": "", "operator": "="},
            "sticky": {"field": "sticky", "value": "", "operator": "not empty"},
            "tid": {"field": "tid", "value": [4, 7], "vid": "piers", "operator": "or"},
            "nid": {"field": "nid", "value": {"value": "12"}, "operator": "="},
            "uid": {"field": "uid", "value": ["0"], "operator": "in"},
            "vid": {"field": "vid", "value": "", "operator": "not empty"},
            "field_pier_target_id": {
                "field": "field_pier_target_id",
                "value": ["east"],
                "operator": "in",
            },
            "least": {"field": "least", "operator": ">", "value": {"min": "1", "max": ""}},
            "most": {"field": "most", "operator": "<", "value": {"min": "", "max": "9"}},
            "zero": {"field": "zero", "operator": "in", "value": {"value": "", "other": "7"}},
        },
    )


def groups_of_filters(export: Export) -> None:
    """Filters hold together, or any of them; groups of them, too."""
    two = {
        "a": {"field": "title", "value": "A", "operator": "=", "group": 1},
        "b": {"field": "title", "value": "B", "operator": "=", "group": 1},
        "c": {"field": "sticky", "value": "1", "operator": "=", "group": 2},
    }
    for within, between in (("OR", "AND"), ("AND", "OR"), ("OR", "OR")):
        groups = {"operator": between, "groups": {"1": within, "2": "OR"}}
        _view_with(export, filters=two, filter_groups=groups)
    one_group = {"operator": "OR", "groups": {"1": "AND"}}
    _view_with(export, filters={"a": two["a"], "b": two["b"]}, filter_groups=one_group)


def arguments_and_sorts_of_views(export: Export) -> None:
    _view_with(
        export,
        arguments={
            "pier": {
                "field": "field_pier",
                "default_action": "default",
                "default_argument_type": "node",
            },
            "year": {"field": "created_year", "default_action": "ignore"},
            "month": {"id": "month", "default_action": "default"},
            "day": {"id": "day", "default_argument_type": "node", "default_action": "ignore"},
        },
        sorts={
            "created": {"field": "created", "order": "DESC"},
            "title": {"field": "title"},
        },
    )


def flags_of_views(export: Export) -> None:
    """Filters, and arguments, are of a flag of the Flag module, which a relationship names."""
    flagged = {"field": "flagged", "plugin_id": "flag_filter", "operator": "=", "value": "1"}
    of_flag = {"relationship": "flag_relationship"}
    _view_with(
        export,
        relationships={
            "flag_relationship": {"plugin_id": "flag_relationship", "flag": "moored"},
            "uid": {"plugin_id": "standard"},
        },
        filters={
            "a": {**flagged, **of_flag},
            "b": {**flagged, **of_flag, "exposed": True},
            "c": {**flagged, "relationship": "uid"},
        },
        arguments={
            "uid": {"field": "uid", **of_flag},
            "nid": {
                "field": "nid",
                "default_action": "default",
                "default_argument_type": "user",
                **of_flag,
            },
        },
    )


def views_with_ajax(export: Export) -> None:
    """Displays are updated in place, by their own setting or an inherited one."""
    _view_with(export, use_ajax=True)
    view = _view_with(export, use_ajax=True)
    options = view["display"]["page_1"]["display_options"]
    options["use_ajax"] = False
    options["defaults"] = {"use_ajax": False}


def rows_of_views(export: Export) -> None:
    """Views show view modes, fields with and without labels, a plugin, or nothing."""
    fields = {
        "title": {"field": "title", "label": "<b>Name</b>"},
        "nid": {"field": "nid", "label": "Number", "exclude": True},
        "body": {"field": "body", "label": ""},
    }
    plain_row = {"type": "fields"}
    _view_with(export, row=plain_row, fields=fields, style={"type": "table"})
    _view_with(export, row={"type": "search_api"}, style={"type": "grid"})
    _view_with(export, row={}, style={"type": "data_export", "options": {"formats": ["csv"]}})
    _view_with(export, row=plain_row, style={"type": "default"})
    _view_with(export, style={})


def pagers_and_access_of_views(export: Export) -> None:
    for pager, access in (
        ({"type": "none"}, {"type": "none"}),
        (
            {"type": "some", "options": {"items_per_page": 3}},
            {"type": "role", "options": {"role": {"mover": "mover"}}},
        ),
        ({"type": "full", "options": {"items_per_page": 0}}, {"type": "perm"}),
        (
            {"type": "mini", "options": {"items_per_page": 12}},
            {"type": "group_permission", "options": {"perm": "view group"}},
        ),
        ({"options": {"items_per_page": 5}}, {}),
    ):
        _view_with(export, pager=pager, access=access)
    export.objects["user.role.mover"] = {"id": "mover", "label": "Mover", "permissions": []}
    export.objects["user.role.mover"]["permissions"].append("access content")


def views_without_items(export: Export) -> None:
    for empty in (
        {"area": {"plugin_id": "text_custom", "content": "<p>No berth is free.</p>"}},
        {"area": {"plugin_id": "text", "content": {"value": "None.", "format": "plain"}}},
        {"title": {"plugin_id": "title", "title": "Nothing here"}},
        {"result": {"plugin_id": "result"}},
    ):
        _view_with(export, empty=empty)


def displays_that_override(export: Export) -> None:
    """A display has settings of its own beside what it inherits, with and without saying so."""
    view = _view_with(export, empty={})
    options = view["display"]["page_1"]["display_options"]
    options["defaults"] = {"style": False, "row": False, "pager": True}
    options["style"] = {"type": "table"}
    options["row"] = {"type": "fields"}
    options["pager"] = {"type": "none"}
    options["sorts"] = {"title": {"field": "title", "order": "ASC"}}
    view["display"]["default"]["display_options"]["empty"] = {"result": {"plugin_id": "result"}}
    options["empty"] = {}
    options["defaults"]["empty"] = False


def displays_that_are_attached(export: Export) -> None:
    view = _view_with(export)
    attached = {"displays": {"page_1": "page_1", "block_1": "0"}}
    view["display"]["attachment_1"] = {
        "id": "attachment_1",
        "display_title": "Above",
        "display_plugin": "attachment",
        "display_options": attached,
    }


def displays_that_are_disabled(export: Export) -> None:
    for path, is_enabled in (("piers", False), ("/piers/all", True)):
        view = _view_with(export)
        view["display"]["page_1"]["display_options"] |= {"path": path, "enabled": is_enabled}


def views_of_one_display(export: Export) -> None:
    """A view has its default display only, which nothing inherits then."""
    name = export.view({})
    view = export.objects[f"views.view.{name}"]
    view["status"] = False
    view["display"]["default"]["display_options"]["filters"] = {}


def views_of_indexes(export: Export) -> None:
    export.objects["core.extension"]["module"]["search_api"] = 0
    export.objects["search_api.server.club"] = {"status": True}
    owner = _content_type(export)
    index = _index(export, {"default": False, "selected": [owner]})
    view = _view_with(export)
    view["base_table"] = f"search_api_index_{index}"


def views_of_an_index_that_is_gone(export: Export) -> None:
    view = _view_with(export)
    view["base_table"] = "search_api_index_gone"


def views_of_modules(export: Export) -> None:
    """Modules installed views, which need some."""
    export.objects["core.extension"]["module"] |= {"sonar": 0, "sonar_charts": 0}
    for name, hash_of_it, needed in (
        ("sonar_charts_list", "0f1e", ["node", "sonar", "user"]),
        ("sonar_depths", "0f1e", []),
        ("sonar_copy", None, ["sonar"]),
        ("others", "0f1e", ["sonar"]),
    ):
        view = _view_with(export)
        del export.objects[f"views.view.{view['id']}"]
        view["id"] = name
        view["dependencies"] = {"module": needed}
        if hash_of_it is not None:
            view["_core"] = {"default_config_hash": hash_of_it}
        export.objects[f"views.view.{name}"] = view


def _box(export: Export) -> str:
    box = {"display_title": "Box", "display_plugin": "block", "display_options": {}}
    return export.view({"block_1": box})


def views_in_layouts_and_fields(export: Export) -> None:
    """Displays are components of layouts, and fields offer what displays list."""
    owner = _content_type(export)
    component = {"configuration": {"id": f"views_block:{_box(export)}-block_1"}}
    sections = [{"layout_id": "one", "components": {"1": component}}]
    display = export.objects[f"core.entity_view_display.node.{owner}.default"]
    display["third_party_settings"] = {"layout_builder": {"enabled": True, "sections": sections}}
    listed = {"display_title": "List", "display_plugin": "entity_reference", "display_options": {}}
    view = export.view({"entity_reference_1": listed})
    named = {"view_name": view, "display_name": "entity_reference_1"}
    _reference_with(export, owner, "node", handler="views", handler_settings={"view": named})


# Webforms, view modes, workflows.


def webforms_with_handlers(export: Export) -> None:
    """Elements are within others; handlers send what is filled in."""
    elements = {
        "boat": {
            "#type": "fieldset",
            "#title": "Boat",
            "length": {"#type": "number", "#title": "Length", "#required": True},
            "note": {"#title": "<em>Note</em>"},
            "hidden_one": {"#type": "hidden"},
            "bare": {},
        },
        "actions": {"#type": "webform_actions", "#title": "Send"},
    }
    export.webform(export.plain_label(), elements)
    email = {"id": "email", "label": "Tell the harbour"}
    for webform in _below(export, "webform.webform."):
        webform["handlers"] = {"mail": email}


def webforms_that_ask_for_nothing(export: Export) -> None:
    """Forms without elements, and with elements that are no YAML."""
    export.webform(export.plain_label(), {})
    export.webform(export.plain_label(), {})
    _below(export, "webform.webform.")[0]["elements"] = "boat: {"


def view_modes_of_each_kind(export: Export) -> None:
    """View modes show fields in their order, nothing, or a layout; one is shown nowhere."""
    owner = _content_type(export)
    export.view_mode([])
    export.view_mode([owner], is_enabled=False)
    empty = export.view_mode([owner])
    export.objects[f"core.entity_view_display.node.{owner}.{empty}"]["content"] = {}
    laid_out = export.view_mode([owner])
    display = export.objects[f"core.entity_view_display.node.{owner}.{laid_out}"]
    display["third_party_settings"] = {"layout_builder": {"enabled": True}}
    for name in [*export.objects]:
        if name.endswith(f".{owner}.{empty}"):
            export.objects[name.replace(owner, "gone_bundle")] = {"status": True, "content": {}}
    ordered = export.view_mode([owner])
    export.objects[f"core.entity_view_display.node.{owner}.{ordered}"]["content"] = {
        "last": {"weight": 9, "type": "string"},
        "first": {"weight": 1},
    }


def workflows_that_say_little(export: Export) -> None:
    """No state is the first one, and a state does not say whether it is published."""
    export.workflow(["Waiting"], [_content_type(export)])
    settings = _below(export, "workflows.workflow.")[0]["type_settings"]
    del settings["default_moderation_state"]
    del settings["states"]["state_0"]["published"]
    del settings["states"]["state_0"]["default_revision"]


def workflows_of_several_types(export: Export) -> None:
    """Workflows moderate bundles of two entity types; a transition names a state that is gone."""
    export.workflow(["Waiting"], [_content_type(export)])
    settings = _below(export, "workflows.workflow.")[0]["type_settings"]
    settings["entity_types"]["taxonomy_term"] = [_terms(export)]


# Files.


def files_of_other_kinds(export: Export) -> None:
    """Files of modules, translations and view modes of users that no sheet has a column for."""
    owner = _content_type(export)
    export.objects["sonar.settings"] = {
        "dependencies": {"config": [f"node.type.{owner}"]},
        "depth": 3,
    }
    export.objects["core.entity_view_mode.user.compact"] = {"label": "Compact"}
    export.objects[f"language/da/node.type.{owner}"] = {"name": "Tovværk"}


def exports_without_the_list_of_modules(export: Export) -> None:
    """Part of an export: what is not in it is not known."""
    references_of_each_kind(export)
    address_patterns(export)
    workflows_of_several_types(export)
    del export.objects["core.extension"]


def exports_without_displays(export: Export) -> None:
    """An export that says it is whole, without the displays that every one has."""
    fields_of_several_bundles(export)
    for name in [*export.objects]:
        if name.startswith("core.entity_"):
            del export.objects[name]


def files_that_are_not_there(export: Export) -> None:
    """The storage of a field, a bundle, an index and a view mode are named and in no file."""
    for _ in range(20):
        _content_type(export)
    owner = _content_type(export)
    name = export.field(owner, "string", widget="string_textfield")
    del export.objects[f"field.storage.node.{name}"]
    lost = _content_type(export)
    del export.objects[f"node.type.{lost}"]
    mode = export.view_mode([owner])
    del export.objects[f"core.entity_view_mode.node.{mode}"]
    view = _view_with(export)
    view["base_table"] = "search_api_index_gone"
    view["dependencies"] = {"config": ["search_api.index.gone"]}


def exports_that_are_torn(export: Export) -> None:
    """So many files are named and not there that nothing follows from what is absent."""
    fields_of_several_bundles(export)
    for name in [*export.objects]:
        if name.startswith("field.storage."):
            del export.objects[name]


KINDS: Mapping[str, Callable[[Export], None]] = {
    kind.__name__: kind
    for kind in (
        accounts_with_fields,
        bundles_of_one_name,
        comment_types,
        entity_types_without_a_word,
        types_of_modules,
        titles_that_are_machine_names,
        bundles_that_no_name_tells_apart,
        bundles_that_are_laid_out,
        bundles_that_are_scheduled,
        bundles_that_are_translated,
        paragraphs_with_behaviors,
        search_indexes,
        an_index_of_one_bundle,
        search_of_core,
        search_of_core_and_of_indexes,
        address_patterns,
        administrators,
        options_of_code,
        limits_of_fields,
        files_of_every_type,
        fields_of_several_bundles,
        plugins_of_unknown_modules,
        references_of_each_kind,
        references_of_several_types,
        bundles_that_are_gone,
        base_fields_that_are_changed,
        groups_that_hold_each_other,
        filters_of_views,
        groups_of_filters,
        arguments_and_sorts_of_views,
        flags_of_views,
        views_with_ajax,
        rows_of_views,
        pagers_and_access_of_views,
        views_without_items,
        displays_that_override,
        displays_that_are_attached,
        displays_that_are_disabled,
        views_of_one_display,
        views_of_indexes,
        views_of_an_index_that_is_gone,
        views_of_modules,
        views_in_layouts_and_fields,
        webforms_with_handlers,
        webforms_that_ask_for_nothing,
        view_modes_of_each_kind,
        workflows_that_say_little,
        workflows_of_several_types,
        files_of_other_kinds,
        exports_without_the_list_of_modules,
        exports_without_displays,
        files_that_are_not_there,
        exports_that_are_torn,
    )
}
"""What fills an export, by kind."""
