"""Reads one ShareDo export package within limits.

Belongs here: which files are refused and why, the manifest, which part holds which component,
taking secrets out; which JSON is refused, JSON inside text, line ends, the case of fields. Does
not: what a zip may be (`model/bounded_zip`), what a component becomes (`reading`).

Source: eleven exported packages; JSON is UTF-8 with CRLF and PascalCase, most hold one step.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from pydantic import BaseModel, ConfigDict, JsonValue as AnyJson, ValidationError
from pydantic.alias_generators import to_pascal

from jira_pipeline.model.bounded_zip import ZipLimits, ZipRefusedError, open_zip
from jira_pipeline.model.entity_groups import DisplayGroup
from jira_pipeline.model.errors import system_message
from jira_pipeline.model.sheet_names import WORKBOOK_SUFFIXES
from jira_pipeline.model.tickets import canonical_json
from jira_pipeline.sharedo.errors import PackageRefusedError
from jira_pipeline.sharedo.natural_keys import field_of, leaves
from jira_pipeline.sharedo.packages import (
    Component,
    ComponentDependency,
    DependencyStrength,
    JsonValue,
    PackageFile,
    SharedoPackage,
    WrittenNumber,
    component_key,
    merged_dependencies,
)
from jira_pipeline.sharedo.secret_masking import mask_secrets, mask_text, without_digits
from jira_pipeline.tickets.grouping.component_rows import provider_noun

MANIFEST = "manifest.json"
_FILES = "files/"
_ZIP_LIMITS = ZipLimits(entries_max_count=10_000, unpacked_max_bytes=50_000_000)

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_CONFIGURATION_FIELD = re.compile(
    r"(?:config|configuration|json|settings|options|data)$", re.IGNORECASE
)
"""Fields whose text is JSON; elsewhere `[1]` may be a title."""
_CAMEL_CASE = re.compile(r"[a-z][A-Za-z0-9]*")
"""Another name, such as `case-owner`, is somebody's and no field of ShareDo's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageLimits:
    """Upper bounds of one package; real ones have 6 to 18 kB, and 32 to 149 kB of data."""

    package_max_bytes: int = 50_000_000
    zip_limits: ZipLimits = _ZIP_LIMITS
    part_max_bytes: int = 5_000_000
    """Of one JSON text."""
    values_max_count: int = 500_000
    """Numbers, texts, lists and objects of all its JSON."""


DEFAULT_PACKAGE_LIMITS = PackageLimits()


class _Outside(BaseModel):
    """A part of the manifest as ShareDo writes it."""

    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True, frozen=True)


class _Target(_Outside):
    system_name: str | None = None
    reason: str | None = None
    description: str | None = None
    selector: dict[str, AnyJson] | None = None


class _Dependency(_Outside):
    package_step_id: str | None = None
    dependency: _Target | None = None


class _Dependencies(_Outside):
    recommended: tuple[_Dependency, ...] | None = None
    mandatory: tuple[_Dependency, ...] | None = None


class _Step(_Outside):
    id: str
    description: str | None = None
    export_provider_system_name: str
    export_provider_selector_json: dict[str, AnyJson]
    storage_filename: str
    dependencies: _Dependencies | None = None


class _Manifest(_Outside):
    exported_from: str | None = None
    sharedo_version: AnyJson = None
    exported_steps: tuple[_Step, ...]


def read_package_file(
    path: Path, *, secret_key: bytes, limits: PackageLimits = DEFAULT_PACKAGE_LIMITS
) -> SharedoPackage:
    """Read a package from disk; as `read_package`."""
    try:
        with path.open("rb") as stream:
            content = stream.read(limits.package_max_bytes + 1)
    except OSError as error:
        raise PackageRefusedError(
            file=path.name, reason=f"it cannot be opened ({system_message(error)})"
        ) from error
    return read_package(content, file=path.name, secret_key=secret_key, limits=limits)


def read_package(
    content: bytes, *, file: str, secret_key: bytes, limits: PackageLimits = DEFAULT_PACKAGE_LIMITS
) -> SharedoPackage:
    """Return what a package holds, with its secrets masked under `secret_key`.

    Raises:
        PackageRefusedError: It is no package, is damaged, or exceeds a limit; the message says how.
    """
    try:
        return _Reading(file=file, content=content, secret_key=secret_key, limits=limits).package()
    except ZipRefusedError as error:
        raise PackageRefusedError(file=file, reason=str(error)) from error


class _Reading:
    def __init__(
        self, *, file: str, content: bytes, secret_key: bytes, limits: PackageLimits
    ) -> None:
        self._file = file
        self._secret_key = secret_key
        self._limits = limits
        self._budget = JsonBudget(values_left=limits.values_max_count)
        self._sha256 = hashlib.sha256(content).hexdigest()
        most = limits.package_max_bytes
        begin = content.lstrip()[:1]
        page = "it is a web page, not a zip file: the server returned a sign-in page"
        for is_so, fault in (
            (not content, "it is empty"),
            (len(content) > most, f"it is larger than {most:,} bytes, the limit"),
            (begin == b"<", page),
            (begin in {b"{", b"["}, "it is a JSON export, which cannot be read: export it as zip"),
        ):
            if is_so:
                raise self._refused(fault)
        self._zip = open_zip(content, limits.zip_limits)
        self._files: tuple[PackageFile, ...] = ()

    def package(self) -> SharedoPackage:
        """Read the manifest, then each step it names."""
        manifest = self._manifest()
        if not manifest.exported_steps:
            raise self._refused(f"{MANIFEST} names no exported steps")
        keys = {step.id: self._key_of(step) for step in manifest.exported_steps}
        if len(keys) != len(manifest.exported_steps):
            raise self._refused(f"{MANIFEST} gives two steps the same id")
        attached = sorted(name for name in self._zip.names if name.startswith(_FILES))
        self._files = tuple(self._attached_file(name) for name in attached)
        components: dict[str, Component] = {}
        for step in manifest.exported_steps:
            component = self._component(step, keys)
            first = components.setdefault(component.key, component)
            if first.content_hash != component.content_hash:
                raise self._refused(f"it contains {component.key} twice, with different content")
        named_files: set[PackageFile] = set()
        for component in components.values():
            named_files.update(component.files)
        groups = list(DisplayGroup)
        in_order = sorted(
            components.values(),
            key=lambda component: (groups.index(component.group), component.key),
        )
        return SharedoPackage(
            file=self._file,
            sha256=self._sha256,
            exported_from=self._plain(manifest.exported_from),
            platform_version=_platform_version(manifest),
            components=tuple(in_order),
            unnamed_files=tuple(file for file in self._files if file not in named_files),
        )

    def _attached_file(self, path: str) -> PackageFile:
        content = self._zip.read(path)
        return PackageFile(
            name=path.removeprefix(_FILES),
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
        )

    def _manifest(self) -> _Manifest:
        if MANIFEST not in self._zip.names:
            inside = [name for name in sorted(self._zip.names) if name.endswith(f"/{MANIFEST}")]
            if inside:
                raise self._refused(
                    f"it was unpacked and packed again: its manifest is {inside[0]}, not {MANIFEST}"
                )
            sheets = [
                name
                for name in sorted(self._zip.names)
                if name.endswith((".csv", *WORKBOOK_SUFFIXES))
            ]
            if sheets:
                raise self._refused(
                    f"it contains sheets, such as {sheets[0]}: unpack it and upload the sheets"
                )
            raise self._refused(f"it has no {MANIFEST}, so it is not an export package")
        value = self._json(MANIFEST)  # unmasked: its names are looked up
        if not isinstance(value, dict):
            raise self._refused(f"{MANIFEST} is not a JSON object")
        try:
            return _Manifest.model_validate(value)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            raise self._refused(f"{MANIFEST}, {place}: {first['msg'].lower()}") from error

    def _component(self, step: _Step, keys: dict[str, str]) -> Component:
        part = self._part_of(step)
        payload = mask_secrets(self._json(part), key=self._secret_key)
        if not isinstance(payload, dict):
            raise self._refused(f"its part {part} is not a JSON object")
        key = keys[step.id]
        provider = step.export_provider_system_name
        name = key.partition(":")[2]
        dependencies = self._dependencies_of(step, keys)
        files = self._files_named_in(payload)
        title = (
            _name_in(payload, name)
            or _without_kind(self._plain(step.description), provider)
            or name
        )
        strengths = [
            [dependency.target_key, dependency.strength.value] for dependency in dependencies
        ]
        file_hashes = [[file.name, file.sha256] for file in files]
        described = canonical_json([key, payload, strengths, file_hashes])
        return Component(
            key=key,
            provider=provider,
            name=name,
            title=title,
            payload=payload,
            dependencies=dependencies,
            files=files,
            file=self._file,
            part=part,
            content_hash=hashlib.sha256(without_digits(described).encode()).hexdigest(),
        )

    def _dependencies_of(
        self, step: _Step, keys: dict[str, str]
    ) -> tuple[ComponentDependency, ...]:
        """Return what a component depends on, without itself."""
        stated = step.dependencies or _Dependencies()
        by_strength = (
            (DependencyStrength.MANDATORY, stated.mandatory),
            (DependencyStrength.RECOMMENDED, stated.recommended),
        )
        dependencies = []
        for strength, stated_dependencies in by_strength:
            for stated_dependency in stated_dependencies or ():
                dependency = self._dependency_of(stated_dependency, keys, strength)
                if dependency is not None and dependency.target_key != keys[step.id]:
                    dependencies.append(dependency)
        return merged_dependencies(dependencies)

    def _files_named_in(self, payload: JsonValue) -> tuple[PackageFile, ...]:
        """Return the attached files whose names are texts of a payload; folders do not count."""
        names = set()
        for _, leaf in leaves(payload):
            if isinstance(leaf, str):
                last_segment = re.split(r"[\\/]", leaf.strip())[-1]
                names.add(last_segment.casefold())
        return tuple(
            file for file in self._files if file.name.rpartition("/")[2].casefold() in names
        )

    def _dependency_of(
        self, dependency: _Dependency, keys: dict[str, str], strength: DependencyStrength
    ) -> ComponentDependency | None:
        """A dependency on a step of the package is named by it, others by provider and selector."""
        target = dependency.dependency or _Target()
        provider = target.system_name or ""
        key = keys.get(dependency.package_step_id or "")
        if key is None:
            if not provider and not target.selector:
                return None
            key = component_key(provider, target.selector or {})
        return ComponentDependency(
            target_key=key,
            provider=key.partition(":")[0],
            name=key.partition(":")[2],
            description=self._plain(target.description),
            reasons=(self._plain(target.reason),) if target.reason else (),
            strength=strength,
        )

    def _plain(self, text: str | None) -> str:
        """Mask a text of the manifest that is for people only."""
        return mask_text(text or "", key=self._secret_key)

    def _key_of(self, step: _Step) -> str:
        if not step.export_provider_system_name or not step.export_provider_selector_json:
            raise self._refused(f"{MANIFEST}: step {step.id} does not say what it exported")
        return component_key(step.export_provider_system_name, step.export_provider_selector_json)

    def _part_of(self, step: _Step) -> str:
        """The manifest leaves `data/` out."""
        for part in (f"data/{step.storage_filename}", step.storage_filename):
            if part in self._zip.names:
                return part
        raise self._refused(
            f"{MANIFEST} names the part {step.storage_filename[:120]!r}, which it does not have"
        )

    def _json(self, part: str) -> JsonValue:
        content = bytearray()
        for chunk in self._zip.chunks(part):
            content += chunk
            if len(content) > self._limits.part_max_bytes:
                raise self._refused(
                    f"its part {part} is larger than {self._limits.part_max_bytes:,} bytes"
                )
        try:
            return self._budget.parse(bytes(content))
        except JsonRefusedError as error:
            raise self._refused(f"in its part {part}, {error}") from error

    def _refused(self, reason: str) -> PackageRefusedError:
        return PackageRefusedError(file=self._file, reason=reason)


def _platform_version(manifest: _Manifest) -> str:
    """Return the parts of a version with points between; each release names the parts otherwise."""
    version = manifest.sharedo_version
    parts = version.values() if isinstance(version, dict) else (version,)
    return ".".join(str(part) for part in parts if part is not None)


def _name_in(payload: Mapping[str, JsonValue], system_name: str) -> str:
    """Return the name that a component gives itself, empty where it gives none."""
    for holder in (payload, *payload.values()):
        if not isinstance(holder, dict):
            continue
        stated = field_of(holder, "SystemName") or (system_name if holder is payload else None)
        titles = [field_of(holder, field) for field in ("Name", "Title", "DisplayName", "Label")]
        names = [" ".join(f.split()) for f in titles if isinstance(f, str)]
        if stated == system_name and any(names):
            name = next(filter(None, names))
            return "" if name.casefold() == system_name.casefold() else name
    return ""


def _without_kind(description: str, provider: str) -> str:
    """Leave out of `Workflow: Open file` what the provider says already."""
    kind, _, name = description.partition(":")
    words = provider_noun(provider).casefold().split()
    return (
        name.strip() if name.strip() and kind.casefold().split()[-1:] == words[-1:] else description
    )


class JsonRefusedError(Exception):
    """The text is no JSON that is read; the text says why, for people, without quoting it."""


@dataclass(slots=True, kw_only=True)
class JsonBudget:
    """How much may still be parsed; one budget for all texts of a package."""

    values_left: int
    depth_max: int = 100
    """Nesting, JSON inside text counted; real configuration has less than 20."""

    def parse(self, content: bytes) -> JsonValue:
        """Return the value of a JSON text in UTF-8, with JSON inside its text parsed too.

        The fields of an object in camelCase get the PascalCase that the rest of the program knows;
        those of JSON inside text stay: whoever configured ShareDo wrote them.

        Raises:
            JsonRefusedError: It is not UTF-8 or JSON, states a field twice, or exceeds the budget.
        """
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise JsonRefusedError(f"byte {error.start + 1:,} is not UTF-8") from error
        value = self._parsed(text)
        is_camel_case = isinstance(value, dict) and not any(name[:1].isupper() for name in value)
        return self._expanded(value, field="", depth=0, is_camel_case=is_camel_case)

    def _parsed(self, text: str) -> JsonValue:
        try:
            value: JsonValue = json.loads(
                text,
                object_pairs_hook=_object_of,
                parse_constant=_refuse_constant,
                parse_float=_number_of,
                parse_int=_number_of,
            )
        except json.JSONDecodeError as error:
            raise JsonRefusedError(
                f"line {error.lineno}, column {error.colno} is not valid JSON ({error.msg})"
            ) from error
        except RecursionError as error:
            raise JsonRefusedError(f"it is nested deeper than {self.depth_max}") from error
        return value

    def _expanded(
        self, value: JsonValue, *, field: str, depth: int, is_camel_case: bool
    ) -> JsonValue:
        """Parse JSON inside text, make line ends LF, write fields in PascalCase, count everything."""
        self.values_left -= 1
        if self.values_left < 0:
            raise JsonRefusedError("it has more values than the limit allows")
        if depth > self.depth_max:
            raise JsonRefusedError(f"it is nested deeper than {self.depth_max}")
        match value:
            case dict():
                fields: dict[str, JsonValue] = {}
                for name, field_value in value.items():
                    written_name = _in_pascal_case(name, value) if is_camel_case else name
                    fields[_clean(written_name)] = self._expanded(
                        field_value, field=name, depth=depth + 1, is_camel_case=is_camel_case
                    )
                return fields
            case list():
                return [
                    self._expanded(inner, field=field, depth=depth + 1, is_camel_case=is_camel_case)
                    for inner in value
                ]
            case WrittenNumber():
                return value
            case str():
                inner = self._embedded(value, field)
                return (
                    _clean(value)
                    if inner is None
                    else self._expanded(inner, field=field, depth=depth + 1, is_camel_case=False)
                )
            case _:
                return value

    def _embedded(self, text: str, field: str) -> JsonValue:
        """Return the object or list that a text holds, None where it is only text."""
        stripped = text.strip()
        if not stripped.startswith(("{", "[")) or not stripped.endswith(("}", "]")):
            return None
        try:
            value = self._parsed(stripped)
        except JsonRefusedError:
            return None
        if isinstance(value, list) and not _CONFIGURATION_FIELD.search(field):
            return value if any(isinstance(inner, dict) for inner in value) else None
        return value


def _object_of(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise JsonRefusedError(f"an object has the field {_clean(twice)[:60]!r} twice")
    return members


def _in_pascal_case(name: str, fields: Mapping[str, object]) -> str:
    pascal = name[:1].upper() + name[1:]
    return pascal if _CAMEL_CASE.fullmatch(name) and pascal not in fields else name


def _refuse_constant(name: str) -> NoReturn:
    raise JsonRefusedError(f"{name} is not a JSON number")


def _number_of(text: str) -> int | float | WrittenNumber:
    """Return a number that Python writes as it was written, else its text: nothing is changed."""
    if len(text) > 40:  # noqa: PLR2004 - longer than any number that a float or identifier holds
        return WrittenNumber(text)
    if re.fullmatch(r"-?\d+", text):
        return int(text) if text != "-0" else WrittenNumber(text)
    return number if repr(number := float(text)) == text else WrittenNumber(text)


def _clean(text: str) -> str:
    """Make line ends LF and take out what no store can hold."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\N{SYMBOL FOR NULL}")
    return _LONE_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)
