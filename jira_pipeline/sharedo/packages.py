"""What a ShareDo export package holds, once it is read.

Belongs here: components, what they depend on, the group each belongs to. Does not: reading a file
(`reading/packages`), naming what is in a component (`natural_keys`), what differs between two sides
(`comparison`), how a component becomes entities (`reading/reading`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.tickets.grouping.component_rows import group_of_provider

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
"""A value of JSON; never changed once a package is read."""


class WrittenNumber(str):
    """A number of JSON that Python would write otherwise, as it was written: `1.50`, `1e5`."""

    __slots__ = ()


def component_key(provider: str, selector: Mapping[str, JsonValue]) -> str:
    """Return the key of a component in every environment: `sharedo-type:matter-dispute`.

    A selector with other fields than one `SystemName` becomes canonical JSON with fields in
    PascalCase, as some environments write these and others camelCase.
    """
    if len(selector) == 1:
        ((field, value),) = selector.items()
        if field.casefold() == "systemname" and isinstance(value, str) and value:
            return f"{provider}:{value}"
    in_pascal_case = {field[:1].upper() + field[1:]: value for field, value in selector.items()}
    return f"{provider}:{canonical_json(in_pascal_case)}"


def is_named(key: str, provider: str, system_name: str) -> bool:
    """Tell whether a key is that of a component with a system name, in any case of letters.

    In a key with a selector of several fields, the system name may be one of them.
    """
    own_provider, _, name = key.casefold().partition(":")
    stated = canonical_json({"SystemName": system_name}).casefold()[1:-1]
    is_stated = name.startswith("{") and stated in name
    return own_provider == provider.casefold() and (is_stated or name == system_name.casefold())


class DependencyStrength(StrEnum):
    """How much a component needs another one."""

    MANDATORY = "mandatory"
    RECOMMENDED = "recommended"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentDependency:
    """Another component that one names; a package names more than it includes."""

    target_key: str
    provider: str
    name: str
    """System name of the other component, or its selector as canonical JSON."""
    description: str
    reasons: tuple[str, ...]
    """Why, sorted; the same dependency may be stated many times."""
    strength: DependencyStrength
    """Mandatory where any of the statements is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFile:
    """A file that a package holds beside its data, such as the document of a template."""

    name: str
    """Its part without `files/`."""
    sha256: str
    size_bytes: int

    @property
    def distinction(self) -> str:
        """What distinguishes it from another file of its name."""
        unit = "byte" if self.size_bytes == 1 else "bytes"
        return f"{self.size_bytes:,} {unit}, SHA-256 {self.sha256[:12]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One exported thing: a work type, a workflow, a form, an option set or another."""

    key: str
    """As `component_key` makes it; the same in every environment."""
    provider: str
    name: str
    """System name, or the selector as canonical JSON."""
    title: str
    """What people call it: its own name, else the description of its step, else its system name."""
    payload: dict[str, JsonValue]
    """Its sections as exported: JSON inside text is parsed, line ends are LF, secrets are masked."""
    dependencies: tuple[ComponentDependency, ...]
    """Each other component once, sorted by key; never the component itself."""
    file: str
    """The package it was read from."""
    files: tuple[PackageFile, ...] = ()
    """The files of the package that its values name."""
    part: str
    """The part of the package that holds it, such as `data/sharedo-type-matter-….json`."""
    content_hash: str
    """SHA-256 over all but times, step ids, names of parts, who exported it, and secrets."""

    @property
    def group(self) -> DisplayGroup:
        return group_of_provider(self.provider)


@dataclass(frozen=True, kw_only=True)
class SharedoPackage:
    """An export package with all its components."""

    file: str
    sha256: str
    """The hash of its bytes, which differs between two exports of the same things."""
    exported_from: str
    """The address of the environment, as the manifest has it."""
    platform_version: str
    """Empty where the manifest names none."""
    components: tuple[Component, ...]
    """Sorted by group in the order of `DisplayGroup`, then by key."""
    unnamed_files: tuple[PackageFile, ...] = ()
    """Files that no value of a component names, sorted by name."""

    @cached_property
    def by_key(self) -> Mapping[str, Component]:
        """Components by key."""
        return {component.key: component for component in self.components}


def merged_dependencies(stated: Iterable[ComponentDependency]) -> tuple[ComponentDependency, ...]:
    """Return each target once: mandatory where any statement is, with all reasons."""
    by_key = group_by(stated, lambda dependency: dependency.target_key)
    return tuple(_merged_dependency(same) for _, same in sorted(by_key.items()))


def _merged_dependency(same: Sequence[ComponentDependency]) -> ComponentDependency:
    """Merge the statements that a component depends on one target."""
    descriptions = [dependency.description for dependency in same if dependency.description]
    reasons: set[str] = set()
    for dependency in same:
        reasons.update(dependency.reasons)
    return ComponentDependency(
        target_key=same[0].target_key,
        provider=same[0].provider,
        name=same[0].name,
        description=min(descriptions, default=""),
        reasons=tuple(sorted(reasons - {""})),
        strength=min(dependency.strength for dependency in same),  # "mandatory" sorts first
    )
