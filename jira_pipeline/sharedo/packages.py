"""What a ShareDo export package holds, once it is read.

Belongs here: components, what they depend on, the group each belongs to, and following
dependencies. Does not: reading a file (`reading/packages`), what differs between two sides
(`comparison`), how a component becomes entities (`reading/reading`).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeAlias

from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.tickets.grouping.component_rows import group_of_provider

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
"""A value of JSON; never changed once a package is read."""


class WrittenNumber(str):
    """A number of JSON that Python would write otherwise, as it was written: `1.50`, `1e5`."""

    __slots__ = ()


def component_key(provider: str, selector: Mapping[str, JsonValue]) -> str:
    """Return what names a component in every environment: `sharedo-type:matter-dispute`.

    A selector that is more than one `SystemName` is written as canonical JSON, its fields in
    PascalCase: one environment may write them so and another in camelCase.
    """
    names = [value for name, value in selector.items() if name.casefold() == "systemname"]
    if len(selector) == len(names) == 1 and isinstance(names[0], str) and names[0]:
        return f"{provider}:{names[0]}"
    pascal = {name[:1].upper() + name[1:]: value for name, value in selector.items()}
    return f"{provider}:{canonical_json(pascal)}"


def is_named(key: str, provider: str, system_name: str) -> bool:
    """Tell whether a key is that of a component by that name, in whatever case ShareDo writes it.

    A selector that is more than one `SystemName` may say it among other things.
    """
    own_provider, _, name = key.partition(":")
    names = [name]
    if name.startswith("{"):
        selector = json.loads(name)
        names = [
            str(value) for field, value in selector.items() if field.casefold() == "systemname"
        ]
    return own_provider.casefold() == provider.casefold() and system_name.casefold() in {
        found.casefold() for found in names
    }


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
    file: str
    sha256: str
    """Of its bytes: another export of the same things has another."""
    exported_from: str
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
    by_key = grouped(stated, lambda dependency: dependency.target_key)
    return tuple(
        ComponentDependency(
            target_key=key,
            provider=same[0].provider,
            name=same[0].name,
            description=min((d.description for d in same if d.description), default=""),
            reasons=tuple(sorted({reason for d in same for reason in d.reasons if reason})),
            strength=min(d.strength for d in same),  # "mandatory" sorts first
        )
        for key, same in sorted(by_key.items())
    )
