"""Every table by a kind has all kinds, or is asked as one that has not.

A sheet was added as CONTRIBUTING says, and its tickets ended in `KeyError`: the recipe did not name
three tables. Here a new member of any enum is missed by name in each table that is indexed with it.
"""

import ast
import importlib
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from typing import Any

from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.entity_groups import GroupKind
from jira_pipeline.model.records import AuditAction
from jira_pipeline.verification.names import counterparts
from jira_pipeline_tests.parsed_modules import parsed_modules

STARTING = {"cli.warm_definitions", "definitions"}
"""Dagster loads them; other modules are values and functions."""

LEFT_OUT: Mapping[str, tuple[str, str]] = {
    "context.runs._REASONS": ("succeeded", "only runs that did not are told why"),
    "tickets.documents.configuration_tables._NOUNS": (
        "component_item",
        "their tables are called like the section of the package",
    ),
    "review.history.KINDS": (
        " ".join(action.name.lower() for action in AuditAction if not action.kind),
        "made of those that have one, and only those are read from the store",
    ),
    "review.ticket_selection._VALUES": ("place", "the order that tickets have anyway"),
    "drupal.meaning.modules_and_types.NOUNS": (
        "migration custom component component_item",
        "Drupal has no machine name for them; questions about such names ask for no other kind",
    ),
    "tickets.grouping.ticket_plan._PLACES": (
        "component component_item",
        "packages have an order of their own",
    ),
    "tickets.grouping.ticket_plan._REMOVALS": (
        (
            "field view_display image_style responsive_image_style view_mode user_role "
            "workflow_state workflow_transition component component_item"
        ),
        "no heads with a status of their own, or of packages, which remove nothing",
    ),
    "sheets.reading.missing_columns._CLOSED_SETS": (
        "status machine_name bundle_type bundle reference alias count label name prose anything",
        "`_holds` asks for those that are in it",
    ),
    "verification.compared_cells._COMPARISONS": ("key", "a row is found by it"),
    "verification.compared_cells._READ_AS": (
        "key name names one_of breakpoints shapes effects path written permissions",
        "only `_texts` and `_shown` ask, for the others `_COMPARISONS` has a function",
    ),
    "verification.counterparts.counterparts()": (
        "migration custom component component_item",
        "no site configuration, and not compared",
    ),
    "web.labels.PLACES": (
        (
            "advice fix_sheet change_setting check_writer make_home run_demo run_daemon "
            "serve_sandbox show_sharedo_jobs resume_sharedo_job"
        ),
        "no page does them, so that they have no address, without which nobody asks",
    ),
    "tickets.template._CLAIMS": ("removal", "one function for all whose action is to remove"),
}
"""Tables that are indexed though they lack some kinds: which, and why nobody asks for those."""

DECIDED: Mapping[type[Enum], str] = {
    EntityKind: "bundle field view view_display image_style responsive_image_style view_mode user_role "
    "workflow workflow_state workflow_transition migration custom component component_item",
    GroupKind: "bundle bundles_without_fields view image_styles responsive_image_styles view_modes "
    "user_roles workflow migration custom removal component component_change component_review",
}
"""Kinds of which somebody decided whether they belong in the tables that are partial."""


@cache
def modules() -> Mapping[str, ast.Module]:
    """Return every module, parsed, by its name below the package."""
    return {".".join(path.with_suffix("").parts): tree for path, tree in parsed_modules().items()}


@cache
def tables() -> Mapping[str, Mapping[Any, object]]:
    """Return every table of a module whose keys are members of one enum, by where it is."""
    found: dict[str, Mapping[Any, object]] = {
        "verification.counterparts.counterparts()": counterparts()
    }
    for module, tree in modules().items():
        for name in () if module in STARTING else _tables_in(tree):
            value = getattr(importlib.import_module(f"jira_pipeline.{module}"), name)
            kinds = {type(key) for key in value} if isinstance(value, Mapping) else set()
            if len(kinds) == 1 and issubclass(kinds.pop(), Enum):
                found[f"{module}.{name}"] = value
    return found


def _tables_in(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            parts = {type(part) for part in ast.walk(node.value)}
            if isinstance(target, ast.Name) and not parts.isdisjoint({ast.Dict, ast.DictComp}):
                yield target.id


def missing_from(table: Mapping[Any, object]) -> list[str]:
    """Return the kinds that a table lacks, in lower case."""
    return [kind.name.lower() for kind in type(next(iter(table))) if kind not in table]


@cache
def indexed_in(module: str) -> frozenset[str]:
    """Return the names that a function of a module indexes, and does not look for anything in."""
    nodes = ast.walk(modules()[module])
    functions = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(name for function in functions for name in _indexed_in(function))


def is_indexed(table: str) -> bool:
    """Tell whether a module asks a table for a kind that it may lack: its own, or any other."""
    module, _, name = table.rpartition(".")
    asking = [module] if name.startswith("_") else modules()
    return any(name in indexed_in(each) for each in asking)


def _indexed_in(function: ast.AST) -> Iterator[str]:
    nodes = [*ast.walk(function)]
    sought = {
        _table_of(compared)
        for node in nodes
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn)
        for compared in node.comparators
    }
    for node in nodes:
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            name = _table_of(node.value)
            if name and name not in sought:
                yield name


def _table_of(value: ast.expr) -> str:
    """Return how a table is called where it is asked: by its name, or by a function's."""
    is_call = isinstance(value, ast.Call)
    named = value.func if isinstance(value, ast.Call) else value
    return f"{named.id}{'()' * is_call}" if isinstance(named, ast.Name) else ""


def test_every_table_that_is_indexed_has_all_kinds_or_says_which_it_lacks_and_why() -> None:
    lacking = {name: missing_from(table) for name, table in tables().items() if is_indexed(name)}
    left_out = {name: kinds.split() for name, (kinds, _) in LEFT_OUT.items()}

    forgotten = [
        f"{name} lacks {kind}, and is indexed with it: add it, or say in LEFT_OUT why nobody asks"
        for name, kinds in lacking.items()
        for kind in kinds
        if kind not in left_out.get(name, ())
    ]
    assert not forgotten, "\n".join(forgotten)
    assert left_out == {name: kinds for name, kinds in lacking.items() if kinds}


def test_a_new_kind_is_decided_about_in_every_table_that_is_partial() -> None:
    """A table that is asked whether it has a kind is quiet where a new one was forgotten."""
    undecided = [
        f"{name} lacks {kind}: add it where it belongs, then name it in DECIDED"
        for name, table in tables().items()
        for kind in missing_from(table)
        if kind not in DECIDED.get(type(next(iter(table))), kind).split()
    ]

    assert not undecided, "\n".join(undecided)


def test_the_tables_are_found() -> None:
    """The look for them would pass if it found none."""
    by_entity_kind = [
        n for n, table in tables().items() if isinstance(next(iter(table)), EntityKind)
    ]

    assert len(tables()) > 60
    assert len(by_entity_kind) > 15
