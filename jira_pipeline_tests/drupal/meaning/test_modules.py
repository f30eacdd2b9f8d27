"""What the table of modules says is of one module each, and true of sites that were exported."""

from collections import Counter
from pathlib import Path
from typing import Any

import yaml

from jira_pipeline.drupal.meaning.modules_and_types import (
    bringing,
    folded,
    label_of_module,
    modules,
    modules_of_permission,
    names_of,
    plugin_modules,
    types_meant,
)
from jira_pipeline.model.toml_tables import toml_tables
from jira_pipeline_tests.shared_data import shared_data
from jira_pipeline_tests.tables import each


def exported(site: Path, pattern: str) -> list[dict[str, Any]]:
    files = sorted(site.glob(f"{pattern}.yml"))
    return [yaml.load(file.read_text("utf-8"), yaml.CSafeLoader) for file in files]


@each("part", ["fields", "image_styles", "permissions", "tables", "views", "displays", "effects"])
def test_a_name_is_of_one_module(part: str) -> None:
    names = Counter(name for module in modules().values() for name in getattr(module, part))

    assert [name for name, count in names.items() if count > 1] == []


def test_a_field_type_or_widget_is_of_one_module_and_not_of_core() -> None:
    of_core = types_meant().keys() | names_of("widgets_of_core")
    names = Counter(
        name
        for module in modules().values()
        for name in {folded(name) for name in (*module.types, *module.widgets)}
    )

    assert [name for name, count in names.items() if count > 1 or name in of_core] == []


@each(("table", "part"), [("field_types", "types"), ("widgets", "widgets")])
def test_what_sheets_call_a_plugin_of_a_module_is_said_of_one_that_is_known(
    table: str, part: str
) -> None:
    """`spellings.toml` has the words, `modules.toml` whose plugin it is: one needs the other."""
    spelled = toml_tables("jira_pipeline.drupal.site", "spellings.toml")
    names = {name for module in spelled["modules"] for name in module.get(table, ())}

    assert names - bringing(part).keys() == set()


@each(
    ("name", "label"),
    [
        ("view paragraph content hull", "Paragraphs Type Permissions"),
        ("add scheduled transitions node boat", "Scheduled Transitions"),
        ("assign mate role", "Role Delegation"),
        ("administer scheduler", "Scheduler"),
        ("edit any boat content", ""),
        ("view own unpublished content", ""),
        ("create terms in ports", ""),
    ],
)
def test_a_permission_names_its_module_unless_it_is_of_core(name: str, label: str) -> None:
    assert modules_of_permission(name) == frozenset({label} - {""})


def test_exported_sites_have_switched_on_what_their_configuration_is_said_to_need() -> None:
    """Tables, types, permissions: of each the module that Drupal noted while it exported them."""
    later_exports = sorted(shared_data("drupal_config").iterdir())[1::2]
    wrong = set()
    for site in later_exports:
        (extension,) = exported(site, "core.extension")
        switched_on = {label_of_module(name) for name in extension["module"]}
        for storage in exported(site, "field.storage.*"):
            known = plugin_modules().get(folded(storage["type"]))
            if known and known.label != label_of_module(storage["module"]):
                wrong.add(storage["type"])
        for view in exported(site, "views.view.*"):
            found = (bringing("tables").get(view["base_table"]), bringing("views").get(view["id"]))
            wrong |= {view["id"] for module in found if module and module.label not in switched_on}
        for role in exported(site, "user.role.*"):
            named = {label_of_module(name) for name in role["dependencies"].get("module", ())}
            wrong |= {p for p in role["permissions"] if not modules_of_permission(p) <= named}

    assert wrong == set()
