"""Tickets of a session made of a configuration: every cell of their tables is what the YAML says.

A second reader says what each cell is to be: plain YAML by `benchmarks.site_configuration`, nothing
of `drupal_config` but its table of plugin names, which is data.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmarks.site_configuration import TYPES, SiteConfiguration, read_configuration
from benchmarks.specifications import DATA
from jira_pipeline.documents.configuration_tables import JOINED_BY, ConfigurationTable, tables_of
from jira_pipeline.drupal_config.spellings import spellings
from jira_pipeline.grouping.grouping import group_entities
from jira_pipeline.kernel.entities import Entity, EntityKind, Specification
from jira_pipeline.sheets.reading.entities import read_entities
from jira_pipeline.sheets.reading.folders import read_folder
from jira_pipeline.sheets.site_sheets import make_sheets
from jira_pipeline_tests.long_form import OF_THE_LONG_FORM

SITES = ("yale_2026-07", pytest.param("mass_2026-07", marks=OF_THE_LONG_FORM))
Cells = Mapping[str, str]
OF_PEOPLE = {"X", "Remarks"}
"""Written beside what the configuration says: of a new role its permissions."""
ENTITY_TYPES = {kind: entity_type for kind, (entity_type, _) in TYPES.items()}
ENTITY_TYPES["Webform"] = "webform_submission"
PREFIXES = {**dict(TYPES.values()), "webform_submission": "webform.webform"}


def yes(value: object) -> str:
    return "y" if value else "n"


def text(value: object) -> str:
    return "" if value is None else str(value).replace("\r\n", "\n")


class SecondReader:
    """What a sheet would say of a site, by kind of row."""

    def __init__(self, config: SiteConfiguration) -> None:
        self._config = config
        self._kinds = {entity_type: kind for kind, entity_type in ENTITY_TYPES.items()}

    def cells(self, row: Entity) -> Cells:
        """Return what the configuration says of a row, by column."""
        by_kind = {
            EntityKind.BUNDLE: self._bundle,
            EntityKind.FIELD: self._field,
            EntityKind.VIEW: self._view,
            EntityKind.VIEW_DISPLAY: self._display,
            EntityKind.IMAGE_STYLE: self._style,
            EntityKind.RESPONSIVE_IMAGE_STYLE: self._responsive_style,
            EntityKind.VIEW_MODE: self._view_mode,
            EntityKind.USER_ROLE: self._role,
        }
        return by_kind.get(row.kind, self._workflow)(row)

    def _title(self, entity_type: str, name: str) -> str:
        found = self._config.get(f"{PREFIXES[entity_type]}.{name}")
        return text(found.get("name") or found.get("label") or found.get("title")).strip()

    def _bundle(self, row: Entity) -> Cells:
        entity_type = ENTITY_TYPES[row.bundle_type or ""]
        place = f"{entity_type}.{row.machine_name}"
        found = self._config.get(f"{PREFIXES[entity_type]}.{row.machine_name}")
        cells = {
            "Name": self._title(entity_type, row.machine_name),
            "Machine name": row.machine_name,
            "Type": row.bundle_type or "",
            "Description": text(found.get("description")),
        }
        if row.bundle_type == "Webform":
            return cells
        translation = self._config.get(f"language.content_settings.{place}")
        third_party = translation.get("third_party_settings", {})
        types = {f["field_type"] for _, f in self._config.below(f"field.field.{place}")}
        scheduler = found.get("third_party_settings", {}).get("scheduler", {})
        patterns = sorted(
            (p.get("weight", 0), name, p["pattern"])
            for name, p in self._config.below("pathauto.pattern")
            if p.get("status", True) and p["type"] == f"canonical_entities:{entity_type}"
            if all(
                (row.machine_name in c["bundles"]) != bool(c.get("negate"))
                for c in p["selection_criteria"].values()
                if c.get("bundles")
            )
        )
        return cells | {
            "Mod.": yes(self._config.workflows_of(row)),
            "Layout": yes(self._config.uses_layout_builder(row)),
            "Trns.": yes(third_party.get("content_translation", {}).get("enabled")),
            "Cmnt.": yes("comment" in types),
            "Meta": yes("metatag" in types),
            "Sched.": yes(scheduler.get("publish_enable") or scheduler.get("unpublish_enable")),
            "Srch.": self._is_indexed(entity_type, row.machine_name),
            "URL alias pattern": patterns[0][2] if patterns else "-",
        }

    def _is_indexed(self, entity_type: str, name: str) -> str:
        indexes = [i for _, i in self._config.below("search_api.index")]
        sources = (i["datasource_settings"].get(f"entity:{entity_type}") for i in indexes)
        found = any(
            (name in s["bundles"]["selected"]) != s["bundles"]["default"]
            for s in sources
            if s is not None and "bundles" in s
        )
        return yes(found) if indexes else ""

    def _field(self, row: Entity) -> Cells:
        found, storage = self._config.thing(row), self._config.storage(row)
        entity_type, bundle = ENTITY_TYPES[row.bundle_type or ""], row.cell("Bundle machine name")
        is_base = not found
        if is_base:
            override = f"core.base_field_override.{entity_type}.{bundle}.{row.machine_name}"
            found = self._config.get(override)
        label = f"{self._title(entity_type, bundle)} ({row.bundle_type})"
        cells = {
            "Bundle": label,
            "Bundle machine name": bundle,
            "Field label": text(found["label"]),
            "Machine name": row.machine_name,
            "Req'd": yes(found["required"]),
            "Trns.": yes(found["translatable"]),
            "Help text": text(found["description"]),
            **self._on_form(f"{entity_type}.{bundle}", row.machine_name),
        }
        if is_base:
            return cells | {"Field type": "Entity label", "Vals.": "1"}
        kind = storage.get("type") or found["field_type"]
        named = spellings().field_types.get(kind, kind)
        target_type = storage.get("settings", {}).get("target_type")
        if (kind, target_type) == ("entity_reference_revisions", "paragraph"):
            named = "Entity Reference Revisions (paragraphs)"
        notes = []
        if self._config.options(row):
            notes.append(f"Options: {', '.join(self._config.options(row) or ())}")
        if self._config.max_length(row) not in {"", "None", "255"}:
            notes.append(f"Max length {self._config.max_length(row)}.")
        return cells | {
            "Reused Field": yes(len(self._config.storage_users(row)) > 1),
            "Field type": named,
            "Vals.": self._config.cardinality(row),
            "Ref. bundle": self._targets(row, target_type),
            "Settings/notes": "\n".join(notes),
        }

    def _on_form(self, place: str, name: str) -> Cells:
        form = self._config.get(f"core.entity_form_display.{place}.default")
        if not form:
            return {}
        widget = form["content"].get(name, {}).get("type") if name in form["content"] else None
        groups = form.get("third_party_settings", {}).get("field_group", {})
        around = next((g for g in groups.values() if name in g["children"]), None)
        plugin = spellings().widgets.get(widget, widget) if widget else "-- Disabled --"
        return {"Form widget": text(plugin), "Field group": text(around and around["label"])}

    def _targets(self, row: Entity, target_type: str | None) -> str:
        settings = self._config.thing(row).get("settings", {})
        if target_type not in PREFIXES or not settings.get("handler", "").startswith("default"):
            return ""
        there = [name for name, _ in self._config.below(PREFIXES[target_type])]
        if not there:
            return ""
        chosen = settings.get("handler_settings", {}).get("target_bundles")
        is_negated = settings.get("handler_settings", {}).get("negate")
        if not chosen if is_negated else chosen is None:
            return "All"
        names = (
            [n for n in there if n not in chosen]
            if is_negated
            else [n for n in chosen if n in there]
        )
        return ", ".join(self._named(target_type, name) for name in names)

    def _named(self, entity_type: str, name: str) -> str:
        """Return a bundle's label, or its machine name where only that tells it from another."""
        own = self._title(entity_type, name)
        titles = [
            (of, one, self._title(of, one))
            for of, prefix in PREFIXES.items()
            for one, _ in self._config.below(prefix)
        ]
        is_shared = (
            sum(of == entity_type and t.casefold() == own.casefold() for of, _, t in titles) > 1
        )
        uses = [one for _, one, _ in titles].count(name)
        is_title = name in {title.casefold() for _, _, title in titles}
        return (
            name
            if is_shared and uses == 1 and not is_title
            else f"{own} ({self._kinds[entity_type]})"
        )

    def _view(self, row: Entity) -> Cells:
        found = self._config.thing(row)
        table = spellings().base_tables.get(found["base_table"], found["base_table"])
        index = table.removeprefix("search_api_index_")
        if index != table:
            table = f"Index {self._config.get(f'search_api.index.{index}').get('name', index)}"
        return {
            "View name": found["label"],
            "Machine name": row.machine_name,
            "Base table": table,
            "Status": "Enabled" if found["status"] else "Disabled",
            "Description": text(found["description"]),
        }

    def _display(self, row: Entity) -> Cells:
        found, view = self._config.thing(row), row.cell("View ID")
        plugin, path = found["display_plugin"], found["display_options"].get("path")
        return {
            "View": self._config.get(f"views.view.{view}")["label"],
            "View ID": (row.owner_key or "").partition(":")[2],
            "Title": found["display_title"],
            "Machine name": row.machine_name,
            "Display plugin": spellings().display_plugins.get(plugin, plugin),
            "Notes": f"Path: /{path.lstrip('/')}" if path else "",
        }

    def _style(self, row: Entity) -> Cells:
        found = self._config.thing(row)
        effects = sorted(found["effects"].values(), key=lambda effect: int(effect["weight"]))
        return {
            "Style name": found["label"],
            "Machine name": row.machine_name,
            "Notes": ", ".join(map(self._effect, effects)),
        }

    @staticmethod
    def _effect(effect: Mapping[str, Any]) -> str:
        data = effect["data"] or {}
        sizes = [text(data.get("width")), text(data.get("height"))]
        size = "x".join(sizes) if sizes[1] else sizes[0]
        size = data.get("extension", size)
        size = f"{data['quality']}%" if "quality" in data else size
        return f"{effect['id']} {size}".strip()

    def _responsive_style(self, row: Entity) -> Cells:
        found = self._config.thing(row)
        group, points = found["breakpoint_group"], list[str]()
        styles: list[str] = []
        for mapping in found["image_style_mappings"]:
            of_one = mapping["image_mapping"]
            many = of_one.get("sizes_image_styles", ()) if isinstance(of_one, dict) else [of_one]
            styles += many
            name = mapping["breakpoint_id"].removeprefix(f"{group}.")
            points.append(f"{name} ({mapping['multiplier']})" if mapping["multiplier"] else name)
        return {
            "Responsive style": found["label"],
            "Machine name": row.machine_name,
            "Breakpoint Group": group,
            "Breakpoints Used": ", ".join(dict.fromkeys(points)),
            "Fallback Style": self._style_label(found["fallback_image_style"]),
            "Fallback machine name": found["fallback_image_style"],
            "Image Style Group(s)": ", ".join(map(self._style_label, dict.fromkeys(styles))),
        }

    def _style_label(self, name: str) -> str:
        return text(self._config.get(f"image.style.{name}").get("label", name))

    def _view_mode(self, row: Entity) -> Cells:
        entity_type = ENTITY_TYPES[row.bundle_type or ""]
        found = self._config.get(f"core.entity_view_mode.{entity_type}.{row.machine_name}")
        displays = self._config.below(f"core.entity_view_display.{entity_type}")
        used = [
            self._title(entity_type, name.split(".")[0])
            for name, display in displays
            if name.split(".")[1] == row.machine_name and display["status"]
        ]
        return {
            "View Modes": found["label"],
            "Machine name": row.machine_name,
            "Entity Type": row.bundle_type or "",
            "Entities Used On": ", ".join(used),
        }

    def _role(self, row: Entity) -> Cells:
        found = self._config.thing(row)
        count = (
            "Every permission" if found["is_admin"] else f"{len(found['permissions'])} permissions"
        )
        return {"Name": found["label"], "Machine name": row.machine_name, "Notes": count}

    def _workflow(self, row: Entity) -> Cells:
        name = (row.owner_key or row.key).partition(":")[2]
        flow, settings = self._config.get(f"workflows.workflow.{name}"), self._config.workflow(name)
        if row.kind is EntityKind.WORKFLOW:
            moderated = [
                f"{self._title(entity_type, bundle)} ({self._kinds[entity_type]})"
                for entity_type, bundles in settings["entity_types"].items()
                for bundle in bundles
            ]
            return {
                "Label": flow["label"],
                "Machine name": name,
                "Type": spellings().workflow_types.get(flow["type"], flow["type"]),
                "Applies to": ", ".join(moderated),
            }
        found = self._config.thing(row)
        cells = {
            "Workflow": flow["label"],
            "Label": found["label"],
            "Machine name": row.machine_name,
        }
        if row.kind is EntityKind.WORKFLOW_TRANSITION:
            begins = {settings["states"][state]["label"] for state in found["from"]}
            begin = row.cell("From state")
            cells["From state"] = begin if begin in begins else f"one of {sorted(begins)}"
            cells["To state"] = settings["states"][found["to"]]["label"]
        return cells


def shown_cells(table: ConfigurationTable) -> Iterator[tuple[int, str, str]]:
    """Yield line, column and text of every cell that people see; joined ones for each line."""
    for row in table.rows:
        named = [*zip(table.columns, row.cells, strict=True), *table.same_for_all]
        for column, value in named:
            parts = value.split(JOINED_BY) if len(row.lines) > 1 else [value]
            of_lines = parts if len(parts) == len(row.lines) else [value] * len(row.lines)
            for line, part in zip(row.lines, of_lines, strict=True):
                yield line, column, part


@pytest.mark.parametrize("site", SITES)
def test_every_cell_of_every_ticket_is_what_the_configuration_says(
    tmp_path: Path, site: str
) -> None:
    export = DATA / "drupal_config" / site
    if not export.is_dir():
        pytest.skip(f"there is no {export}")
    for path, content in make_sheets(export, out=tmp_path).files.items():
        path.write_bytes(content)
    rows = read_entities(read_folder(tmp_path).tables).entities
    second = SecondReader(read_configuration(export))
    wrong: list[tuple[str, str, str, str]] = []
    seen: set[tuple[str, int, str]] = set()
    groups = group_entities(Specification(entities=rows)).groups
    by_line = {(row.source.file, row.source.line): row for row in rows}
    expected = {at: second.cells(row) for at, row in by_line.items()}

    for group in groups:
        for table in tables_of(group):
            for line, column, value in shown_cells(table):
                at = (table.file, line)
                seen.add((*at, column))
                told = expected[at].get(column, "")
                if column not in OF_PEOPLE and value.strip() != told.strip():
                    wrong.append((by_line[at].key, column, value, told))

    said = {(*at, c) for at, cells in expected.items() for c, value in cells.items() if value}
    assert wrong == []
    assert said - seen == set()
