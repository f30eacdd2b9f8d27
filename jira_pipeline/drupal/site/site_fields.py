"""Fields of bundles: instance, storage and what the form shows of them; base fields too.

Belongs here: what an export says of a field, in columns of the sheets. Does not: bundles
(`bundles`).

Source: configuration schema of core field, text, options and entity_reference 9 to 11; Field Group.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.site.bundles import Bundle, Bundles
from jira_pipeline.drupal.site.configuration import BUNDLE_PREFIXES, SiteConfiguration
from jira_pipeline.drupal.site.site_cells import (
    BaseField,
    Settings,
    SiteCell,
    SiteEntity,
    plain,
    spellings,
    word_for,
    yes_or_no,
)
from jira_pipeline.model.entities import EntityKind

DISABLED = "-- Disabled --"
_EVERY_BUNDLE = "All"
_UNLIMITED = "-1"
_USUAL_MAX_LENGTH = "255"
"""Core `StringItem`: what a text field takes unless somebody changed it."""
_TYPE_OF_A_NAME = "Entity label"
_OF_BUNDLES = {
    *BUNDLE_PREFIXES,
    *("node_type", "paragraphs_type", "taxonomy_vocabulary", "media_type", "block_content_type"),
    "webform",
}
"""Entity types that have bundles with a sheet, or whose items are such."""
_OFF = "0"
"""What Drupal keeps of a box that is not ticked."""
_NOTED = (
    ("file_extensions", "Allowed file extensions: {}."),
    ("max_filesize", "Max size {}."),
    ("markup", "value", "Text on the form: “{}”"),
)
"""Settings of fields, by their keys, in the words of notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """The form that people edit a bundle with."""

    display: Settings
    groups: Mapping[str, str]
    """Machine name of the group that holds a field or group, by its machine name."""

    def widget(self, field: str) -> SiteCell:
        """Return the widget; a form that is not there hides every field of a bundle.

        Source: core `FieldConfigBase::getDisplayOptions`: what no display names is hidden.
        """
        component = self.display.at("content", field)
        if component.is_there:
            chosen = component.at("type")
            return chosen.spelled(word_for("widgets", chosen.text))
        return self.display.at("hidden", field).spelled(DISABLED)

    def group(self, field: str) -> SiteCell:
        """Return the group that holds a field, its values all groups around it; nearest first."""
        all_groups = self.display.at("third_party_settings", "field_group")
        name = self.groups.get(field)
        around = dict[str, Settings]()
        while name is not None and name not in around:
            around[name] = all_groups.at(name)
            name = self.groups.get(name)
        labels = tuple(group.at("label").text for group in around.values())
        nearest = next(iter(around.values()), all_groups)
        return SiteCell(text="".join(labels[:1]), values=labels, yaml=nearest.place)


def field_entities(configuration: SiteConfiguration, bundles: Bundles) -> Iterator[SiteEntity]:
    """Yield the fields of every bundle, then the base fields of every bundle."""
    users = Counter(
        (entity_type, place.partition(".")[2])
        for entity_type in {bundle.entity_type for bundle in bundles.values()}
        for place, _ in configuration.below(f"field.field.{entity_type}")
    )
    for bundle in bundles.values():
        display = configuration.settings(
            f"core.entity_form_display.{bundle.entity_type}.{bundle.name}.default"
        )
        groups = display.at("third_party_settings", "field_group").children
        form = _Form(
            display=display,
            groups={child: name for name, group in groups for child in group.at("children").texts},
        )
        for name, field in configuration.below(f"field.field.{bundle.entity_type}.{bundle.name}"):
            storage = configuration.settings(f"field.storage.{bundle.entity_type}.{name}")
            is_reused = users[bundle.entity_type, name] > 1
            cells = {
                **_instance_cells(bundle, name, field),
                **_form_cells(form, name),
                "Reused Field": yes_or_no(is_yes=is_reused, yaml=storage.place),
                "Field type": _field_type(storage, field),
            }
            if storage.is_there:
                # what the type enforces, else what the storage says
                found = storage.at("cardinality")
                enforced = (
                    spellings()
                    .words["enforced_cardinalities"]
                    .get(storage.at("type").text, found.text)
                )
                cells["Vals."] = found.spelled(
                    "*" if enforced == _UNLIMITED else enforced, enforced, found.text
                )
            cells |= _shaped_cells(storage, field)
            targets = _targets(storage, field, bundles)
            if targets is not None:
                cells["Ref. bundle"] = targets
            cells["Settings/notes"] = _notes(
                *(storage, field),
                has_targets=targets is not None and targets.text != "",
                widget=cells.get("Form widget"),
                form=form,
            )
            yield _field(bundle, name, place=field.place, cells=cells)
        yield from _base_fields(configuration, bundle, form)


def _field(
    bundle: Bundle,
    name: str,
    *,
    place: str,
    cells: Mapping[str, SiteCell],
    base: BaseField | None = None,
) -> SiteEntity:
    return SiteEntity(
        kind=EntityKind.FIELD,
        key=f"{EntityKind.FIELD.value}:{bundle.type.value}/{bundle.name}/{name}",
        label=cells["Field label"].text or name,
        machine_name=name,
        owner_key=bundle.key,
        bundle_type=bundle.type,
        is_base_field=base is not None,
        is_as_shipped=base is not None and _is_as_shipped(cells, base),
        yaml=place,
        cells=cells,
    )


def _is_as_shipped(cells: Mapping[str, SiteCell], base: BaseField) -> bool:
    texts = [cells[column].text for column in ("Field label", "Help text") if column in cells]
    is_required = cells["Req'd"].is_yes
    return {*texts} <= {base.label, "", *base.older_texts} and is_required == base.required


def _instance_cells(bundle: Bundle, name: str, field: Settings) -> dict[str, SiteCell]:
    return {
        "Bundle": field.at("bundle").spelled(bundle.label, bundle.name),
        "Bundle machine name": field.at("bundle").spelled(bundle.name, bundle.name),
        "Field label": field.at("label").cell,
        "Machine name": field.at("field_name").spelled(name, name),
        "Req'd": field.at("required").switch,
        "Trns.": field.at("translatable").switch,
        "Help text": field.at("description").cell,
    }


def _form_cells(form: _Form, name: str) -> dict[str, SiteCell]:
    return {"Form widget": form.widget(name), "Field group": form.group(name)}


def _field_type(storage: Settings, field: Settings) -> SiteCell:
    """Return the type of the storage; of one that is absent, what its field says of it."""
    found = storage.at("type")
    found = found if found.is_there else Settings(field.at("field_type").data, found.place)
    text = word_for("field_types", found.text)
    target = _target_type(storage) or field.at("settings", "handler").text.rpartition(":")[2]
    if found.text == "entity_reference_revisions" and target == "paragraph":
        text = "Entity Reference Revisions (paragraphs)"
    return found.spelled(text)


def _target_type(storage: Settings) -> str:
    return storage.at("settings", "target_type").text


def _targets(storage: Settings, field: Settings, bundles: Bundles) -> SiteCell | None:
    """Return the bundles that a field offers; None where a view or code chooses, or nothing has any.

    One that is named and not there is spelled by its machine name.
    """
    target_type = _target_type(storage)
    several = storage.at("settings", "entity_type_ids").texts
    if several and not storage.at("settings", "exclude_entity_types").is_on:
        return _targets_of_several(several, field, bundles)
    if not target_type:
        is_silent = "reference" in storage.at("type").text or not storage.is_there
        return None if is_silent else SiteCell(text="", yaml=storage.at("type").place)
    if target_type not in _OF_BUNDLES:
        return SiteCell(text="", yaml=storage.at("settings", "target_type").place)
    known = {
        name: bundle
        for (entity_type, name), bundle in bundles.items()
        if entity_type == target_type
    }
    handler = field.at("settings", "handler_settings")
    chosen = handler.at("target_bundles")
    is_default = field.at("settings", "handler").text.startswith("default")
    if not known or handler.at("view").is_there or not (is_default or chosen.texts):
        return None
    is_negated = handler.at("negate").is_on
    if not (chosen.texts if is_negated else chosen.is_there):
        return SiteCell(text=_EVERY_BUNDLE, values=("*", *known), yaml=chosen.place)
    listed = chosen.texts
    of_type = next(iter(known.values())).type
    names = [name for name in known if name not in listed] if is_negated else listed
    return SiteCell(
        text=", ".join(known[name].reference if name in known else name for name in names),
        values=tuple(names),
        keys=tuple(f"{EntityKind.BUNDLE.value}:{of_type.value}/{name}" for name in names),
        dangling=tuple(name for name in names if name not in known),
        yaml=chosen.place,
    )


def _targets_of_several(
    entity_types: Sequence[str], field: Settings, bundles: Bundles
) -> SiteCell | None:
    """Return the bundles that a field of Dynamic Entity Reference offers; None where code chooses."""
    keys = ("handler_settings", "target_bundles")
    chosen = [
        (entity_type, name)
        for entity_type in entity_types
        for name in field.at("settings", entity_type, *keys).texts
    ]
    known = [bundles[key].reference for key in chosen if key in bundles]
    names = tuple(name for _, name in chosen)
    place = field.at("settings").place
    return SiteCell(text=", ".join(known), values=names, yaml=place) if known else None


def _notes(
    storage: Settings, field: Settings, *, has_targets: bool, widget: SiteCell | None, form: _Form
) -> SiteCell:
    """Return what a note can say of a field: options, default, length, files, targets, module."""
    longest = storage.at("settings", "max_length").text
    said = [*_options_noted(storage, field)]
    if longest not in {"", _USUAL_MAX_LENGTH}:
        said.append(f"Max length {longest}.")
    said += [
        words.format(", ".join(value.split()) if "extensions" in words else value)
        for *keys, words in _NOTED
        if (value := plain(field.at("settings", *keys).text))
    ]
    said += [
        f"Offers the {name} {', '.join(n for n in some.texts if n != _OFF)}."
        for name, some in field.at("settings", "selection_settings").children
    ]
    said += [] if has_targets else _targets_noted(storage, field)
    if module := _module_of(storage, widget, form):
        said.append(f"Module: {module}.")
    place = field if _target_type(storage) else storage
    return place.at("settings").spelled("\n".join(said), *filter(None, [longest]))


def _shaped_cells(storage: Settings, field: Settings) -> Iterator[tuple[str, SiteCell]]:
    """Yield what columns of their own say of a field, and `Settings/notes` where sheets are made."""
    if labels := _option_labels(storage):
        allowed = storage.at("settings", "allowed_values")
        chosen = field.at("default_value")
        options = tuple(labels.values())
        yield "Allowed values", allowed.spelled(f"Options: {', '.join(options)}", *options)
        preset = (each.at("value").text for _, each in chosen.children)
        shown = tuple(labels.get(value, value) for value in preset)
        yield "Default value", SiteCell(text=", ".join(shown), values=shown, yaml=chosen.place)
    for column, one in (
        ("Maximum length", storage.at("settings", "max_length")),
        ("Allowed file extensions", field.at("settings", "file_extensions")),
        ("Maximum upload size", field.at("settings", "max_filesize")),
    ):
        if one.is_there:
            yield column, one.cell


def _option_labels(storage: Settings) -> Mapping[str, str]:
    """Return the options of a list as people read them, by what is stored."""
    listed = storage.at("settings", "allowed_values").children
    return {o.at("value").text: o.at("label").text or o.at("value").text for _, o in listed}


def _options_noted(storage: Settings, field: Settings) -> Iterator[str]:
    """Say which options a list offers, and which of them new items have."""
    labels = _option_labels(storage)
    if computed := storage.at("settings", "allowed_values_function").text:
        yield f"The values are those that {computed}() returns."
    elif labels:
        yield f"Options: {', '.join(labels.values())}"
    for _, each in field.at("default_value").children:
        if label := labels.get(each.at("value").text):
            yield f"Default: {label}."
    if function := field.at("default_value_callback").text:
        yield f"New items have the default of {function}()."


def _module_of(storage: Settings, widget: SiteCell | None, form: _Form) -> str:
    """Return what brings a type or widget that nobody knows; empty where the export leaves several."""
    if storage.at("type").text not in {"", *spellings().words["field_types"]}:
        return storage.at("module").text if storage.at("module").text != "core" else ""
    name = widget.text if widget is not None and widget.text in widget.values else ""
    modules = form.display.at("dependencies", "module").texts
    return max((module for module in modules if module in name), key=len, default="")


def _targets_noted(storage: Settings, field: Settings) -> Iterator[str]:
    """Say what a field offers that no row of a bundle is: of a view, of another kind, nothing."""
    view = field.at("settings", "handler_settings", "view")
    target_type = _target_type(storage)
    if view.is_there:
        names = (view.at("view_name").text, view.at("display_name").text)
        yield f"Refers to what the view {names[0]} lists in its display {names[1]}."
    elif target_type in BUNDLE_PREFIXES and field.at("settings", "handler").text.startswith(
        "default"
    ):
        yield "Refers to nothing: no bundle is chosen."
    elif target_type and target_type not in {"file", "image"}:
        yield f"Refers to items of the type {target_type}."


def _base_fields(
    configuration: SiteConfiguration, bundle: Bundle, form: _Form
) -> Iterator[SiteEntity]:
    for name, base in spellings().base_fields.get(bundle.entity_type, {}).items():
        override = configuration.settings(
            f"core.base_field_override.{bundle.entity_type}.{bundle.name}.{name}"
        )
        cells = _instance_cells(bundle, name, override)
        described = override if override.is_there else bundle.settings
        if not override.is_there:
            cells = {
                "Bundle": described.spelled(bundle.label, bundle.name),
                "Bundle machine name": described.spelled(bundle.name, bundle.name),
                "Field label": described.spelled(base.label, base.label),
                "Machine name": described.spelled(name, name),
                "Req'd": yes_or_no(is_yes=base.required, yaml=described.place),
            }
        text = _TYPE_OF_A_NAME if base.is_label else word_for("field_types", base.type)
        cells["Field type"] = described.spelled(text, base.type)
        cells["Vals."] = described.spelled("1", "1")
        if any(form.display.at(part, name).is_there for part in ("content", "hidden")):
            cells |= _form_cells(form, name)
        yield _field(bundle, name, place=described.place, cells=cells, base=base)
