"""Definitions from folders of modules: ours, and those that users put beside them.

Belongs here: loading every kind of definition that a module holds, refusing a name that two places
use. Does not: which definitions of ours there are, and what settings decide (`defs`).

Dagster's own loader of modules takes neither a `dg.Definitions` nor a function with
`@dg.definitions`, so resources would be dropped.
"""

import ast
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import dagster as dg
from dagster.components.definitions import LazyDefinitions

from jira_pipeline.model.errors import ConfigurationError

HOME_FOLDER = "defs"
"""The folder of a home whose modules are loaded, and where `dg scaffold defs` writes."""
_COMPONENT_FILES = frozenset({"component.yaml", "defs.yaml"})
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedDefinitions:
    """Definitions, and the module that has them, which defines or imports each."""

    module: ModuleType
    definitions: dg.Definitions


@dataclass(frozen=True, slots=True)
class _Name:
    """What nothing else of its kind may be called."""

    kind: str
    text: str


@dataclass(slots=True)
class _SharedDefinition:
    """A definition, and the modules that have it: one defines it, others import it."""

    definition: object
    modules: list[ModuleType] = field(default_factory=list)


def definitions_of_package(package: ModuleType) -> list[PlacedDefinitions]:
    """Return what each module in and below the folder of a package defines, by path.

    Raises:
        ConfigurationError: A module cannot be loaded, or a file describes a component.
    """
    placed = []
    for folder in map(Path, package.__path__):
        for path in sorted(folder.rglob("*")):
            parts = path.relative_to(folder).parts
            if any(part.startswith(".") for part in parts):  # such as copies that an editor keeps
                continue
            if path.name in _COMPONENT_FILES:
                raise ConfigurationError(
                    f"{path} describes a component, and components are not loaded.",
                    recovery_actions=("Write it as a Python module, or move the file away.",),
                )
            if path.suffix == ".py":
                with _refused_where_it_fails(path), warnings.catch_warnings():
                    warnings.simplefilter("ignore", dg.BetaWarning)
                    module = import_module(_module_name(package, path.relative_to(folder)))
                    placed.append(_place_definitions(module))
    return placed


def package_of_home(home: Path) -> ModuleType | None:
    """Return the folder of a home that takes modules of users, as the package `defs`.

    `dg` knows it by this name, so its modules can import each other by it.

    Raises:
        ConfigurationError: It cannot be loaded.
    """
    folder = home / HOME_FOLDER
    if not folder.is_dir():
        return None
    loaded = sys.modules.get(HOME_FOLDER)
    if loaded is not None and list(loaded.__path__) == [str(folder)]:
        return loaded
    for name in list(sys.modules):  # those of another home, as in tests
        if name.split(".")[0] == HOME_FOLDER:
            del sys.modules[name]
    begin = folder / "__init__.py"
    loader = SourceFileLoader(HOME_FOLDER, str(begin)) if begin.is_file() else None
    spec = ModuleSpec(HOME_FOLDER, loader, origin=str(begin), is_package=True)
    spec.submodule_search_locations = [str(folder)]
    spec.has_location = loader is not None
    package = module_from_spec(spec)
    sys.modules[HOME_FOLDER] = package  # what it imports finds it there
    if loader is not None:
        try:
            with _refused_where_it_fails(begin):
                loader.exec_module(package)
        except ConfigurationError:
            del sys.modules[HOME_FOLDER]  # the next attempt must not find half of it
            raise
    return package


def merge_placed(placed: Sequence[PlacedDefinitions]) -> dg.Definitions:
    """Merge definitions; what one module imports from another is there once.

    Raises:
        ConfigurationError: Two definitions of one kind have the same name.
    """
    _refuse_repeated_names(placed)
    merged = dg.Definitions.merge(*(folder.definitions for folder in placed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)
        assets = dg.with_source_code_references(_once_each(merged.assets))
    return dg.Definitions(
        assets=assets,
        asset_checks=_once_each(merged.asset_checks),
        jobs=_once_each(merged.jobs),
        schedules=_once_each(merged.schedules),
        sensors=_once_each(merged.sensors),
        resources=merged.resources,
        executor=merged.executor,
        loggers=merged.loggers,
        metadata=merged.metadata,
    )


def _once_each(definitions: Iterable[_T] | None) -> list[_T]:
    return list({id(definition): definition for definition in definitions or ()}.values())


def _module_name(package: ModuleType, path: Path) -> str:
    parts = path.with_suffix("").parts
    if parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join((package.__name__, *parts))


@contextmanager
def _refused_where_it_fails(path: Path) -> Iterator[None]:
    """Name the file for whatever its code raises."""
    try:
        yield
    except ConfigurationError:
        raise
    except Exception as error:  # it is code of others
        raise ConfigurationError(
            f"{path} cannot be loaded: {type(error).__name__}: {error}",
            recovery_actions=("Correct it, or move it away, and start again.",),
        ) from error


def _place_definitions(module: ModuleType) -> PlacedDefinitions:
    """Return all that a module defines: one by one, as `dg.Definitions`, or by a function."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        definitions = [dg.load_definitions_from_module(module)]
    for value in vars(module).values():
        if isinstance(value, dg.Definitions):
            definitions.append(value)
        elif isinstance(value, LazyDefinitions) and value.load_fn.__module__ == module.__name__:
            definitions.append(value())  # where it is imported, it would define all of it again
    return PlacedDefinitions(module=module, definitions=dg.Definitions.merge(*definitions))


def _refuse_repeated_names(placed: Iterable[PlacedDefinitions]) -> None:
    """Raise ConfigurationError where two definitions have the same name.

    One definition may be in several modules.
    """
    by_name: dict[_Name, dict[int, _SharedDefinition]] = {}
    for folder in placed:
        for name, definition in _names_in(folder.definitions):
            definitions = by_name.setdefault(name, {})
            shared = definitions.setdefault(id(definition), _SharedDefinition(definition))
            shared.modules.append(folder.module)
    for name, definitions in by_name.items():
        if len(definitions) > 1:
            places = " and in ".join(_place_of(shared) for shared in definitions.values())
            raise ConfigurationError(
                f"The {name.kind} `{name.text}` is defined in {places}.",
                recovery_actions=("Rename yours, and start again.",),
            )


def _names_in(definitions: dg.Definitions) -> Iterator[tuple[_Name, object]]:
    """Return the names that Dagster wants to be unique, each with its definition.

    Schedules and sensors share their names in Dagster.
    """
    for asset in (*(definitions.assets or ()), *(definitions.asset_checks or ())):
        for name in _names_of_asset(asset):
            yield name, asset
    for job in definitions.jobs or ():
        yield _Name("job", job.name), job
    for automation in (*(definitions.schedules or ()), *(definitions.sensors or ())):
        yield _Name("schedule or sensor", automation.name), automation
    for text, resource in (definitions.resources or {}).items():
        yield _Name("resource", text), resource
    for text, logger in (definitions.loggers or {}).items():
        yield _Name("logger", text), logger
    if definitions.executor is not None:
        yield _Name("setting of Dagster", "executor"), definitions.executor


def _names_of_asset(asset: object) -> Iterator[_Name]:
    """Return the names of an asset, or of several in one, and of checks that come with it."""
    if isinstance(asset, dg.AssetsDefinition):
        for key in asset.keys:
            yield _Name("asset", key.to_user_string())
        for check in asset.check_keys:
            yield _Name("asset check", f"{check.asset_key.to_user_string()}:{check.name}")
    elif isinstance(asset, (dg.AssetSpec, dg.SourceAsset)):
        yield _Name("asset", asset.key.to_user_string())


def _place_of(shared: _SharedDefinition) -> str:
    """Return file and line where a module defines it, else the file that has it."""
    for module in shared.modules:
        names = {name for name, value in vars(module).items() if value is shared.definition}
        for statement in ast.parse(Path(module.__file__ or "").read_text("utf-8")).body:
            if names & _names_bound_by(statement):
                return f"{module.__file__}:{statement.lineno}"
    return str(shared.modules[0].__file__)


def _names_bound_by(statement: ast.stmt) -> set[str]:
    """Return the names that a function or an assignment at the top of a module defines."""
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case _:
            return set()
