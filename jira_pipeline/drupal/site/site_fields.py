"""Fields of bundles: instance, storage and what the form shows of them; base fields too.

Belongs here: what an export says of a field, in columns of the sheets. Does not: bundles
(`bundles`).

Source: configuration schema of core field, text, options and entity_reference 9 to 11; Field Group.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.meaning.notes import NONE_SET, options_written, quoted_name
from jira_pipeline.drupal.site.bundles import Bundle, Bundles
from jira_pipeline.drupal.site.configuration import BUNDLE_PREFIXES, SiteConfiguration
from jira_pipeline.drupal.site.plugin_settings import settings_noted
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
_NOT_ON_FORM = "–"
_USUAL_FORM = "default"
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
    users_of_storage: Counter[tuple[str, str]] = Counter()
    for entity_type in {bundle.entity_type for bundle in bundles.values()}:
        for place, _ in configuration.below(f"field.field.{entity_type}"):
            users_of_storage[entity_type, place.partition(".")[2]] += 1
    for bundle in bundles.values():
        form = _form_of(configuration, bundle, _USUAL_FORM)
        other_forms = _other_forms_of(configuration, bundle)
        for name, field in configuration.below(f"field.field.{bundle.entity_type}.{bundle.name}"):
            storage = configuration.settings(f"field.storage.{bundle.entity_type}.{name}")
            is_reused = users_of_storage[bundle.entity_type, name] > 1
            targets = _targets(storage, field, bundles)
            cells = {
                **_instance_cells(bundle, name, field),
                **_form_cells(form, other_forms, name),
                "Reused Field": yes_or_no(is_yes=is_reused, yaml=storage.place),
                "Field type": _field_type(storage, field),
            }
            if storage.is_there:
                cells["Vals."] = _cardinality(storage)
            cells |= _shaped_cells(storage, field)
            if targets is not None:
                cells["Ref. bundle"] = targets
            cells["Settings/notes"] = _notes(
                storage,
                field,
                has_targets=targets is not None and targets.text != "",
                widget=cells["Form widget"],
                form=form,
                plugins=settings_noted(
                    configuration, storage, field, form.display.at("content", name)
                ),
            )
            yield _field(bundle, name, place=field.place, cells=cells)
        yield from _base_fields(configuration, bundle, form, other_forms)


def _other_forms_of(configuration: SiteConfiguration, bundle: Bundle) -> Mapping[str, _Form]:
    """Return the forms of a bundle in other form modes, by their mode."""
    displays = f"core.entity_form_display.{bundle.entity_type}.{bundle.name}"
    forms = {}
    for mode, display in configuration.below(displays):
        if mode != _USUAL_FORM and display.at("status").is_on:
            forms[mode] = _form_of(configuration, bundle, mode)
    return forms


def _form_of(configuration: SiteConfiguration, bundle: Bundle, mode: str) -> _Form:
    place = f"core.entity_form_display.{bundle.entity_type}.{bundle.name}.{mode}"
    display = configuration.settings(place)
    groups = {}
    for name, group in display.at("third_party_settings", "field_group").children:
        for child in group.at("children").texts:
            groups[child] = name
    return _Form(display=display, groups=groups)


def _cardinality(storage: Settings) -> SiteCell:
    """Return how many values a field has: what its type enforces, else what the storage says."""
    stored = storage.at("cardinality")
    enforced_by_type = spellings().words["enforced_cardinalities"]
    enforced = enforced_by_type.get(storage.at("type").text, stored.text)
    text = "*" if enforced == _UNLIMITED else enforced
    return stored.spelled(text, enforced, stored.text)


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


def _form_cells(form: _Form, other_forms: Mapping[str, _Form], name: str) -> dict[str, SiteCell]:
    return {
        "Form widget": form.widget(name),
        "Field group": form.group(name),
        "Other forms": _otherwise_on(other_forms, name, usual=form),
    }


def _otherwise_on(other_forms: Mapping[str, _Form], name: str, *, usual: _Form) -> SiteCell:
    """Say what each form has that has a field otherwise than the usual one: `grant: Text area`."""
    usual_words = _words_on_form(usual, name)
    differing = []
    place = ""
    for mode, form in other_forms.items():
        words = _words_on_form(form, name)
        if words != usual_words:
            differing.append(f"{mode}: {words}")
            place = place or form.display.at("content", name).place
    return SiteCell(
        text="; ".join(differing), yaml=place or usual.display.at("content", name).place
    )


def _words_on_form(form: _Form, name: str) -> str:
    """Write the widget of a field with its group, or that the form does not have it."""
    widget = form.widget(name).text
    if widget == DISABLED:
        return _NOT_ON_FORM
    group = form.group(name).text
    shown = f"{widget} ({group})" if group else widget
    return " ".join(shown.replace(";", ",").split())


def _field_type(storage: Settings, field: Settings) -> SiteCell:
    """Return the type of the storage; of one that is absent, what its field says of it."""
    stored = storage.at("type")
    if not stored.is_there:
        stored = Settings(field.at("field_type").data, stored.place)
    target = _target_type(storage) or field.at("settings", "handler").text.rpartition(":")[2]
    if stored.text == "entity_reference_revisions" and target == "paragraph":
        return stored.spelled("Entity Reference Revisions (paragraphs)")
    return stored.spelled(word_for("field_types", stored.text))


def _target_type(storage: Settings) -> str:
    return storage.at("settings", "target_type").text


def _targets(storage: Settings, field: Settings, bundles: Bundles) -> SiteCell | None:
    """Return the bundles that a field offers; None where a view or code chooses, or nothing has any.

    One that is named and not there is spelled by its machine name.
    """
    target_type = _target_type(storage)
    several = storage.at("settings", "entity_type_ids").texts
    if several and not _are_excluded(storage):
        return _targets_of_several(several, field, bundles)
    if not target_type:
        is_silent = "reference" in storage.at("type").text or not storage.is_there
        return None if is_silent else SiteCell(text="", yaml=storage.at("type").place)
    if target_type not in _OF_BUNDLES:
        return SiteCell(text="", yaml=storage.at("settings", "target_type").place)
    bundles_by_name = {}
    for (entity_type, name), bundle in bundles.items():
        if entity_type == target_type:
            bundles_by_name[name] = bundle
    if not bundles_by_name or not _is_chosen_by_bundle(field):
        return None
    return _targets_of_type(field, bundles_by_name)


def _are_excluded(storage: Settings) -> bool:
    """Tell whether a field of Dynamic Entity Reference offers all entity types but those it lists."""
    return storage.at("settings", "exclude_entity_types").is_on


def _is_chosen_by_bundle(field: Settings) -> bool:
    """Tell whether bundles say what a field offers, not a view or code."""
    handler = field.at("settings", "handler_settings")
    if handler.at("view").is_there:
        return False
    is_of_core = field.at("settings", "handler").text.startswith("default")
    return is_of_core or bool(handler.at("target_bundles").texts)


def _targets_of_type(field: Settings, bundles_by_name: Mapping[str, Bundle]) -> SiteCell:
    """Return the bundles that a field offers, or all but those; where none is chosen, every one."""
    handler = field.at("settings", "handler_settings")
    chosen = handler.at("target_bundles")
    is_negated = handler.at("negate").is_on
    is_limited = bool(chosen.texts) if is_negated else chosen.is_there
    if not is_limited:
        return SiteCell(text=_EVERY_BUNDLE, values=("*", *bundles_by_name), yaml=chosen.place)
    names = chosen.texts
    if is_negated:
        names = tuple(name for name in bundles_by_name if name not in chosen.texts)
    labels = []
    dangling = []
    for name in names:
        if name in bundles_by_name:
            labels.append(bundles_by_name[name].reference)
        else:
            labels.append(name)
            dangling.append(name)
    of_type = next(iter(bundles_by_name.values())).type
    return SiteCell(
        text=", ".join(labels),
        values=names,
        keys=tuple(f"{EntityKind.BUNDLE.value}:{of_type.value}/{name}" for name in names),
        dangling=tuple(dangling),
        yaml=chosen.place,
    )


def _targets_of_several(
    entity_types: Sequence[str], field: Settings, bundles: Bundles
) -> SiteCell | None:
    """Return the bundles that a field of Dynamic Entity Reference offers; None where code chooses.

    One that is named and not there is spelled by its machine name.
    """
    names = []
    labels = []
    dangling = []
    for entity_type in entity_types:
        chosen = field.at("settings", entity_type, "handler_settings", "target_bundles")
        for name in chosen.texts:
            names.append(name)
            if (entity_type, name) in bundles:
                labels.append(bundles[entity_type, name].reference)
            else:
                labels.append(name)
                dangling.append(name)
    if not labels:
        return None
    return SiteCell(
        text=", ".join(labels),
        values=tuple(names),
        dangling=tuple(dangling),
        yaml=field.at("settings").place,
    )


def _notes(
    storage: Settings,
    field: Settings,
    *,
    has_targets: bool,
    widget: SiteCell,
    form: _Form,
    plugins: Iterable[str],
) -> SiteCell:
    """Return what a note can say of a field: options, default, length, files, targets, module."""
    longest = storage.at("settings", "max_length").text
    notes = [*_options_noted(storage, field)]
    if longest not in {"", _USUAL_MAX_LENGTH}:
        notes.append(f"Max length {longest}.")
    notes += _settings_noted(field)
    notes += plugins
    if not has_targets:
        notes += _targets_noted(storage, field)
    module = _module_of(storage, widget, form)
    if module:
        notes.append(f"Module: {module}.")
    place = field if _target_type(storage) else storage
    values = (longest,) if longest else ()
    return place.at("settings").spelled("\n".join(notes), *values)


def _settings_noted(field: Settings) -> Iterator[str]:
    """Yield the settings of a field that notes have words for, then what some types offer."""
    allowed = field.at("settings", "file_extensions")
    if allowed.is_there:
        extensions = plain(allowed.text).split() or [NONE_SET]
        yield f"Allowed file extensions: {', '.join(extensions)}."
    size = plain(field.at("settings", "max_filesize").text)
    if size:
        yield f"Max size {size} bytes." if size.isdecimal() else f"Max size {size}."
    markup = plain(field.at("settings", "markup", "value").text)
    if markup:
        yield f"Text on the form: “{markup}”"
    for name, selection in field.at("settings", "selection_settings").children:
        yield f"Offers the {name} {', '.join(selection.ticked)}."


def _shaped_cells(storage: Settings, field: Settings) -> Iterator[tuple[str, SiteCell]]:
    """Yield what columns of their own say of a field, and `Settings/notes` where sheets are made."""
    labels = _option_labels(storage)
    if labels:
        allowed = storage.at("settings", "allowed_values")
        options = tuple(labels.values())
        yield "Allowed values", allowed.spelled(f"Options: {options_written(options)}", *options)
        default = field.at("default_value")
        preset = [each.at("value").text for _, each in default.children]
        shown = tuple(labels.get(value, value) for value in preset)
        yield "Default value", SiteCell(text=", ".join(shown), values=shown, yaml=default.place)
    limits = {
        "Maximum length": storage.at("settings", "max_length"),
        "Allowed file extensions": field.at("settings", "file_extensions"),
        "Maximum upload size": field.at("settings", "max_filesize"),
    }
    for column, limit in limits.items():
        if limit.is_there:
            yield column, limit.cell


def _option_labels(storage: Settings) -> Mapping[str, str]:
    """Return the options of a list as people read them, by what is stored."""
    labels = {}
    for _, option in storage.at("settings", "allowed_values").children:
        value = option.at("value").text
        labels[value] = option.at("label").text or value
    return labels


def _options_noted(storage: Settings, field: Settings) -> Iterator[str]:
    """Say which options a list offers, and which of them new items have."""
    labels = _option_labels(storage)
    computed = storage.at("settings", "allowed_values_function").text
    if computed:
        yield f"The values are those that {computed}() returns."
    elif labels:
        yield f"Options: {options_written(tuple(labels.values()))}"
    for _, default in field.at("default_value").children:
        label = labels.get(default.at("value").text)
        if label:
            yield f"Default: {quoted_name(label)}."
    function = field.at("default_value_callback").text
    if function:
        yield f"New items have the default of {function}()."


def _module_of(storage: Settings, widget: SiteCell, form: _Form) -> str:
    """Return what brings a type or widget that nobody knows; empty where the export leaves several."""
    if storage.at("type").text not in {"", *spellings().words["field_types"]}:
        module = storage.at("module").text
        return "" if module == "core" else module
    if widget.text not in widget.values:  # its name is known
        return ""
    modules = form.display.at("dependencies", "module").texts
    return max((module for module in modules if module in widget.text), key=len, default="")


def _targets_noted(storage: Settings, field: Settings) -> Iterator[str]:
    """Say what a field offers that no row of a bundle is: of a view, of another kind, nothing."""
    view = field.at("settings", "handler_settings", "view")
    target_type = _target_type(storage)
    several = storage.at("settings", "entity_type_ids").texts
    if view.is_there:
        name = view.at("view_name").text
        display = view.at("display_name").text
        yield f"Refers to what the view {name} lists in its display {display}."
    elif several:
        types = "every type but" if _are_excluded(storage) else "the types"
        yield f"Refers to items of {types} {', '.join(several)}."
    elif target_type in BUNDLE_PREFIXES and _is_none_chosen(field):
        yield "Refers to nothing: no bundle is chosen."
    elif target_type and "reference" in storage.at("type").text:
        # What is uploaded to a field is referred to as well, and nobody chooses it.
        yield f"Refers to items of the type {target_type}."


def _is_none_chosen(field: Settings) -> bool:
    """Tell whether a field offers chosen bundles only, and none is; without a choice all are."""
    is_of_core = field.at("settings", "handler").text.startswith("default")
    return is_of_core and field.at("settings", "handler_settings", "target_bundles").is_there


def _base_fields(
    configuration: SiteConfiguration,
    bundle: Bundle,
    form: _Form,
    other_forms: Mapping[str, _Form],
) -> Iterator[SiteEntity]:
    for name, base in spellings().base_fields.get(bundle.entity_type, {}).items():
        override = configuration.settings(
            f"core.base_field_override.{bundle.entity_type}.{bundle.name}.{name}"
        )
        if override.is_there:
            described = override
            cells = _instance_cells(bundle, name, override)
        else:
            described = bundle.settings
            cells = _usual_cells(bundle, name, base)
        text = _TYPE_OF_A_NAME if base.is_label else word_for("field_types", base.type)
        cells["Field type"] = described.spelled(text, base.type)
        cells["Vals."] = described.spelled("1", "1")
        if any(form.display.at(part, name).is_there for part in ("content", "hidden")):
            cells |= _form_cells(form, other_forms, name)
        yield _field(bundle, name, place=described.place, cells=cells, base=base)


def _usual_cells(bundle: Bundle, name: str, base: BaseField) -> dict[str, SiteCell]:
    """Return what a base field says that nobody has changed on a bundle."""
    described = bundle.settings
    return {
        "Bundle": described.spelled(bundle.label, bundle.name),
        "Bundle machine name": described.spelled(bundle.name, bundle.name),
        "Field label": described.spelled(base.label, base.label),
        "Machine name": described.spelled(name, name),
        "Req'd": yes_or_no(is_yes=base.required, yaml=described.place),
    }
