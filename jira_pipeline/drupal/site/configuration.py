"""An exported configuration on disk: a folder or archive of YAML files, read within limits.

Belongs here: which files and texts are read, which are refused, what is only counted. Does not: what
their data mean (`site`), parsing a text (`yaml_texts`).

Source: `drush config:export` of Drupal 9 to 11 (core `FileStorage`): one file
`NAME.yml` for each object, translations below `language/LANGCODE`; contributed Config Split 2.x.
"""

import hashlib
import io
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from jira_pipeline.drupal.site.site_cells import Settings
from jira_pipeline.drupal.site.split_patches import (
    PATCH_PREFIX,
    PatchRefusedError,
    SplitPatch,
    apply_patch,
    split_patch,
)
from jira_pipeline.drupal.site.yaml_texts import YamlRefusedError, parse_yaml
from jira_pipeline.model.bounded_zip import ZipLimits, ZipRefusedError, as_zip, open_zip
from jira_pipeline.model.errors import SiteConfigurationRefusedError
from jira_pipeline.model.findings import Finding, Severity, sorted_findings
from jira_pipeline.model.line_numbers import first_named

BUNDLE_PREFIXES: Mapping[str, str] = {
    "node": "node.type",
    "paragraph": "paragraphs.paragraphs_type",
    "taxonomy_term": "taxonomy.vocabulary",
    "media": "media.type",
    "block_content": "block_content.type",
}
"""What the names of bundles begin with, by entity type whose fields and view modes have sheets."""
PREFIXES_READ_LATER: Mapping[str, str] = {
    "comment": "comment.type",
    "group": "group.type",
    "profile": "profile.type",
    "commerce_product": "commerce_product.commerce_product_type",
    "commerce_product_variation": "commerce_product.commerce_product_variation_type",
    "message": "message.template",
    "config_pages": "config_pages.type",
}
"""The same by entity type of which fields have a sheet, and view modes and base fields have none.

Source: `bundle_entity_type` and `config_prefix` of core comment, contributed group 1.x to 3.x, profile
8.x-1.x, commerce_product 8.x-2.x, message 8.x-1.x, config_pages 8.x-2.x.
"""
_READ_LATER = ("user", *PREFIXES_READ_LATER)
"""Accounts are such items, too: they have one bundle, and no file says so."""
EARLIER_PREFIXES: Mapping[str, str] = {"media.type": "media_entity.bundle"}
"""What the names of bundles began with, by what they begin with.

Source: contributed Media Entity 8.x-1.x, which became core's Media in Drupal 8.4.
"""
_SUFFIX = ".yml"
_OF_ENTITY_TYPES = (
    *("core.base_field_override", "core.entity_form_display", "core.entity_view_display"),
    *("core.entity_view_mode", "field.field", "field.storage", "language.content_settings"),
)
_OF_ENTITY_TYPES_READ_LATER = (
    *("core.entity_form_display", "core.entity_view_display"),
    *("field.field", "field.storage", "language.content_settings"),
)
_NAMED_BY: Mapping[str, tuple[str, ...]] = {
    **{f"{prefix}.{kind}": () for prefix in _OF_ENTITY_TYPES_READ_LATER for kind in _READ_LATER},
    **{f"field.field.{kind}": ("field_type", "label") for kind in _READ_LATER},
    **{f"field.storage.{kind}": ("type", "cardinality") for kind in _READ_LATER},
    **dict.fromkeys(PREFIXES_READ_LATER.values(), ("label",)),
    **{f"{prefix}.{kind}": () for prefix in _OF_ENTITY_TYPES for kind in BUNDLE_PREFIXES},
    **{f"field.field.{kind}": ("field_type", "label") for kind in BUNDLE_PREFIXES},
    **{f"field.storage.{kind}": ("type", "cardinality") for kind in BUNDLE_PREFIXES},
    **{f"core.entity_view_mode.{kind}": ("label",) for kind in BUNDLE_PREFIXES},
    "block.block": ("plugin",),
    "block_content.type": ("label",),
    "core.extension": (),
    "crop.type": ("label",),
    "entity_browser.browser": ("label",),
    "image.style": ("label",),
    "media.type": ("label",),
    "media_entity.bundle": ("label",),
    "node.type": ("name",),
    "paragraphs.paragraphs_type": ("label",),
    "pathauto.pattern": ("type", "pattern"),
    "responsive_image.styles": ("label",),
    "search_api.index": ("name",),
    "search_api.server": (),
    "system.site": (),
    "taxonomy.vocabulary": ("name",),
    "user.role": ("label",),
    "views.view": ("base_table",),
    "webform.webform": ("title",),
    "workflows.workflow": ("label",),
}
"""Prefixes of what is read, and the keys without which an object is none of its kind."""
_NAMED_BY_OF_OTHERS: Mapping[str, tuple[str, ...]] = {
    "core.entity_form_display": (),
    "field.field": ("field_type", "label"),
    "field.storage": ("type", "cardinality"),
}
"""The same for every other entity type: of these no more than their fields is read."""
_OF_ANY_TYPE = "|".join(map(re.escape, _NAMED_BY_OF_OTHERS))
_PREFIX = re.compile(
    "|".join(re.escape(prefix) + r"(?=\.|$)" for prefix in _NAMED_BY)
    + rf"|(?P<of_any_type>{_OF_ANY_TYPE})(?=\.\w+\.\w+)"
)
_TORN_SHARE = 0.05
"""Of 9,980 files of four whole exports none lacks another."""
_LIST = "core.extension.yml"
_LISTED_MAX = 50_000
_PATCHES_NAMED = 5
_OF_DRUPAL_7 = re.compile(
    r"(?:\.features\.inc|includes/bootstrap\.inc|(?:^|/)sites/all|(?:^|/)[a-z0-9_]+\.info)$"
)
_HIDDEN = re.compile(r"(^|/)(\.|__MACOSX/)")
_WHOLE = "Export the configuration again, and copy the folder whole."
_INSTANCE = re.compile(r"field\.field\.(\w+)\.\w+\.(\w+)")
_OF_BUNDLE = re.compile(
    r"(?:core\.(?:base_field_override|entity_form_display|entity_view_display)"
    r"|field\.field|language\.content_settings)\.(\w+)\.(\w+)"
)
_OF_VIEW_MODE = re.compile(r"core\.entity_view_display\.(\w+)\.\w+\.(?!default$)(\w+)")
_LEFT_BEHIND = re.compile(
    r"language\.content_settings\.|core\.(?:base_field_override|entity_view_display)\."
)
"""Files that sites keep of a bundle that was deleted: they do not prove that it is there."""
_DELETED_WITH_BUNDLE = ("field.field", "core.entity_form_display")
"""Files that prove that their bundle is there."""
_FILED_PREFIXES = {**BUNDLE_PREFIXES, **PREFIXES_READ_LATER}
_BUNDLE_STARTS = tuple(f"{prefix}." for prefix in _FILED_PREFIXES.values())
_BLOCK_OF_VIEW = re.compile(rb"views_block:(\w+-\w+)")
"""The plugin of a block, with the view and display that it shows."""
_NAMED_DISPLAYS = (
    re.compile(
        rb"\bview_name: '?(?P<view>\w+)'?\r?\n +(?:view_display|display_name): '?(?P<display>\w+)"
    ),
    re.compile(
        rb"\b(?:view_display|display_name): '?(?P<display>\w+)'?\r?\n +view_name: '?(?P<view>\w+)"
    ),
    re.compile(rb": '?(?P<view>\w+):(?P<display>\w+)'?\r?$", re.MULTILINE),
)
"""How files that are not parsed name a display, beside the plugin of its block: by two keys, or with
a colon. What is no display of a view is looked up in vain."""
_DEPENDS_ON = re.compile(
    rb"^dependencies:\r?\n(?: .*\n)*?  config:\r?\n((?: +- .*\n)+)", re.MULTILINE
)
"""What Drupal writes of a file that is not parsed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationLimits:
    """Upper bounds of one export; the largest looked at has 3,751 files of 11 MB."""

    files_max_count: int = 20_000
    file_max_bytes: int = 2_000_000
    total_max_bytes: int = 200_000_000


@dataclass(frozen=True, kw_only=True)
class SiteConfiguration:
    """The objects of an export that sheets describe, and what else there is.

    An export does not say which version of Drupal wrote it.
    """

    objects: Mapping[str, Mapping[str, object]]
    """Data by name, such as `node.type.page`; sorted by name."""
    refused: Mapping[str, str]
    """Why an object that is there could not be read, by name: what it says is not known."""
    lacking: Mapping[str, str]
    """What is not in the export, by name, with the first object of it that cannot be without."""
    not_understood: Mapping[str, int]
    """Number of files by what their names begin with: no sheet has a column for them."""
    blocks_of_views: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The displays, as `VIEW-DISPLAY`, whose blocks an object names, parsed or not; by its name.

    Of an object that is not parsed also what it names otherwise.
    """
    findings: tuple[Finding, ...] = ()
    sha256: str
    """Of names and bytes of all files, those that are not understood included."""

    @property
    def is_whole(self) -> bool:
        """Tell whether it may be taken for all of the site: its list of modules is there."""
        return "core.extension" in self.objects or "core.extension" in self.refused

    @property
    def is_torn(self) -> bool:
        """Tell whether so much is lacking that nothing follows from what is not there."""
        return len(self.lacking) > _TORN_SHARE * len(self.objects)

    @cached_property
    def _names(self) -> Sequence[str]:
        return list(self.objects)

    def settings(self, name: str) -> Settings:
        """Return an object to look into; empty where there is none of that name."""
        return Settings(self.objects.get(name), f"{name}{_SUFFIX}")

    def below(self, prefix: str) -> Iterator[tuple[str, Settings]]:
        """Yield the objects below a prefix by the rest of their names, sorted."""
        start = f"{prefix}."
        for position in range(bisect_left(self._names, start), len(self._names)):
            name = self._names[position]
            if not name.startswith(start):
                return
            yield name.removeprefix(start), self.settings(name)

    def unread_below(self, prefix: str) -> Iterator[tuple[str, Settings]]:
        """Yield what is there and not known below a prefix, with nothing to look into."""
        start = f"{prefix}."
        for name in (*self.refused, *self.lacking):
            if name.startswith(start):
                yield name.removeprefix(start), self.settings(name)

    def has_part_of(self, entity_type: str, bundle: str) -> bool:
        """Tell whether a field or form of a bundle is there, be it one that cannot be read."""
        starts = tuple(f"{family}.{entity_type}.{bundle}." for family in _DELETED_WITH_BUNDLE)
        return any(name.startswith(starts) for name in (*self.objects, *self.refused))


def storage_of(name: str) -> str:
    """Return the storage that the field of a bundle has; empty where the name is none of a field."""
    match = _INSTANCE.match(name)
    return f"field.storage.{match[1]}.{match[2]}" if match else ""


@dataclass(slots=True, kw_only=True)
class _Reading:
    """What was read so far; a later folder is laid over an earlier one."""

    limits: ConfigurationLimits
    objects: dict[str, Mapping[str, object]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    other_files: dict[str, str] = field(default_factory=dict)
    cleaned: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    blocks_of_views: dict[str, Sequence[str]] = field(default_factory=dict)
    needed: dict[str, str] = field(default_factory=dict)
    """What files that are not parsed depend on, with the file."""
    patches: dict[str, bytes | None] = field(default_factory=dict)
    """Of the folder that is read: what a split changes in a file, by the name of that file."""
    unused_patches: list[str] = field(default_factory=list)
    """Names of files that a split changes, and that are not there."""
    undescribed_patches: list[str] = field(default_factory=list)
    """Names of files that a split changes, and that no sheet describes."""

    def take(self, path: str, content: bytes | None) -> None:
        """Keep what a file says, None if it cannot be opened; `path` is below the given folder."""
        name = path.removesuffix(_SUFFIX)
        self.hashes[path] = hashlib.sha256(content or b"").hexdigest()
        if name.startswith(PATCH_PREFIX):
            self.patches[name.removeprefix(PATCH_PREFIX)] = content
            return
        if "/" not in path:
            self._note_blocks_of_views(name, content or b"")
        prefix = _PREFIX.match(name)
        if prefix is None:
            self.other_files[path] = _prefix_of(name)
            depends = _DEPENDS_ON.search(content or b"")
            if depends is not None and "/" not in path:
                listed = depends[1].decode("utf-8", "replace").replace("- ", "").split()
                self.needed |= dict.fromkeys(listed, name)
            return
        for earlier in (self.objects, self.refused, self.cleaned):
            earlier.pop(name, None)
        if content is None:
            self.refused[name] = "it cannot be opened"
            return
        try:
            parsed = parse_yaml(content, max_bytes=self.limits.file_max_bytes)
            self.objects[name] = _as_object(parsed.data, _keys_of(prefix))
            if parsed.cleaned_count:
                self.cleaned[name] = parsed.cleaned_count
        except YamlRefusedError as error:
            self.refused[name] = str(error)

    def _note_blocks_of_views(self, name: str, content: bytes) -> None:
        """Keep which blocks of views an object names, as the last file of it does."""
        self.blocks_of_views.pop(name, None)
        displays = _BLOCK_OF_VIEW.findall(content)
        if _PREFIX.match(name) is None:
            for form in _NAMED_DISPLAYS:
                for named in form.finditer(content):
                    displays.append(named["view"] + b"-" + named["display"])
        if displays:
            self.blocks_of_views[name] = [display.decode() for display in dict.fromkeys(displays)]

    def apply_patches(self) -> None:
        """Change the files that the folder has patches of; what a refused one says is not known."""
        for name, content in self.patches.items():
            prefix = _PREFIX.match(name)
            if f"{name}{_SUFFIX}" not in self.hashes:
                self.unused_patches.append(name)
            elif prefix is None:
                self.other_files[f"{PATCH_PREFIX}{name}{_SUFFIX}"] = _prefix_of(name)
                self.undescribed_patches.append(name)
            elif name in self.objects:
                try:
                    patched = apply_patch(self.objects[name], self._patch(content))
                    self.objects[name] = _as_object(patched, _keys_of(prefix))
                    self._note_blocks_of_views(name, str(patched).encode())
                except (PatchRefusedError, YamlRefusedError) as error:
                    del self.objects[name]
                    patch_file = f"{PATCH_PREFIX}{name}{_SUFFIX}"
                    self.refused[name] = f"its patch {patch_file} cannot be applied: {error}"
        self.patches.clear()

    def _patch(self, content: bytes | None) -> SplitPatch:
        if content is None:
            raise PatchRefusedError("it cannot be opened")
        parsed = parse_yaml(content, max_bytes=self.limits.file_max_bytes)
        return split_patch(parsed.data)


def read_configuration(
    path: Path, *, splits: Sequence[Path] = (), limits: ConfigurationLimits | None = None
) -> SiteConfiguration:
    """Read an export, and split ones laid over it one after the other.

    Each is a folder, a zip or a `.tar.gz`. A file that cannot be read is a finding, and `refused` has
    its name.

    Raises:
        SiteConfigurationRefusedError: There is no export at a path, or it exceeds a limit.
    """
    reading = _Reading(limits=limits or ConfigurationLimits())
    for source in (path, *splits):
        files: Iterator[tuple[str, bytes | None]] = _in_folder(source, reading.limits)
        if source.is_file():
            files = _zipped(source, reading.limits)
        is_empty = True
        for name, content in files:
            reading.take(name, content)
            is_empty = False
        if is_empty:
            raise SiteConfigurationRefusedError(path=str(source), reason=_nothing_in(source))
        reading.apply_patches()
    if not reading.objects:
        raise SiteConfigurationRefusedError(path=str(path), reason=_nothing_in(path))
    listed = "".join(f"{name}\0{digest}\n" for name, digest in sorted(reading.hashes.items()))
    return SiteConfiguration(
        objects=dict(sorted(reading.objects.items())),
        refused=dict(sorted(reading.refused.items())),
        lacking=dict(sorted(_lacking(reading))),
        not_understood=dict(sorted(Counter(reading.other_files.values()).items())),
        blocks_of_views=dict(sorted(reading.blocks_of_views.items())),
        findings=sorted_findings(_findings(reading)),
        sha256=hashlib.sha256(listed.encode()).hexdigest(),
    )


def is_zipped_configuration(content: BinaryIO) -> bool:
    """Tell whether a file is a zip or archive with the list of modules of an exported site."""
    try:
        start = content.read(1)
        content.seek(0)
        packed = content if start == b"P" else io.BytesIO(as_zip(content.read()))
        with ZipFile(packed) as archive:
            return any(PurePosixPath(name).name == _LIST for name in archive.namelist())
    except (BadZipFile, ZipRefusedError):
        return False
    finally:
        content.seek(0)


def _nothing_in(path: Path) -> str:
    """Say why there is no export at a path: it is further down, or of a Drupal that has none."""
    names = _names_in(path)
    for name in names:
        folder = name.removesuffix(f"/{_LIST}")
        if folder != name:
            return f"it has no export itself, but its folder {folder} does"
    if any(_OF_DRUPAL_7.search(name) for name in names):
        return "it is from Drupal 7, which keeps its configuration in the database only"
    return f"it contains no readable configuration file, such as node.type.NAME{_SUFFIX}"


def _names_in(path: Path) -> Sequence[str]:
    """Return what a container holds; of a folder, what is down to three levels below it."""
    if path.is_file():
        return list(open_zip(as_zip(path.read_bytes()), ZipLimits()).names)
    listed = chain(path.glob("*"), path.glob("*/*"), path.glob("*/*/*"))
    return [below.relative_to(path).as_posix() for below in islice(listed, _LISTED_MAX)]


def _in_folder(folder: Path, limits: ConfigurationLimits) -> Iterator[tuple[str, bytes | None]]:
    try:
        if not folder.is_dir():
            raise SiteConfigurationRefusedError(
                path=str(folder), reason="no such folder or file exists"
            )
        found = [*folder.glob(f"*{_SUFFIX}"), *folder.glob(f"language/*/*{_SUFFIX}")]
        files = {path.relative_to(folder).as_posix(): path for path in found}
        opened = {name for name, path in files.items() if path.is_file()}
        total_bytes = sum(files[name].stat().st_size for name in opened)
        _refuse_many(folder, len(files), total_bytes, limits)
        for name in sorted(files):
            if not _HIDDEN.search(name):
                yield name, files[name].read_bytes() if name in opened else None
    except OSError as error:
        raise SiteConfigurationRefusedError(path=str(folder), reason=str(error)) from error


def _zipped(file: Path, limits: ConfigurationLimits) -> Iterator[tuple[str, bytes]]:
    """Yield the files below that folder of a container which has a list of modules, else most."""
    try:
        _refuse_many(file, 0, file.stat().st_size, limits)
        bounds = ZipLimits(
            entries_max_count=2 * limits.files_max_count, unpacked_max_bytes=limits.total_max_bytes
        )
        archive = open_zip(as_zip(file.read_bytes(), bounds), bounds)
        paths = sorted(n for n in archive.names if n.endswith(_SUFFIX) and not _HIDDEN.search(n))
        _refuse_many(file, len(paths), 0, limits)
        folders = Counter(path.rpartition("/")[0] for path in paths)
        whole = {name.rpartition("/")[0] for name in paths if PurePosixPath(name).name == _LIST}
        root = max(sorted(whole or folders), key=lambda name: folders[name], default="")
        start = f"{root}/" if root else ""
        for path in paths:
            if path.startswith(start):
                yield path.removeprefix(start), archive.read(path)
    except (OSError, ZipRefusedError) as error:
        raise SiteConfigurationRefusedError(path=str(file), reason=str(error)) from error


def _refuse_many(path: Path, count: int, total_bytes: int, limits: ConfigurationLimits) -> None:
    reason = ""
    if count > limits.files_max_count:
        reason = f"it has {count:,} files; the limit is {limits.files_max_count:,}"
    elif total_bytes > limits.total_max_bytes:
        reason = f"it has {total_bytes:,} bytes; the limit is {limits.total_max_bytes:,}"
    if reason:
        raise SiteConfigurationRefusedError(path=str(path), reason=reason)


def _prefix_of(name: str) -> str:
    """Return what a file is counted under: its folder, `system.site`, or `field.field.user`."""
    folder = PurePosixPath(name).parent
    if str(folder) != ".":
        return str(folder)
    parts = name.split(".")
    begin = ".".join(parts[:2])
    return ".".join(parts[:3]) if begin in _OF_ENTITY_TYPES else begin


def _keys_of(prefix: re.Match[str]) -> tuple[str, ...]:
    """Return the keys without which an object whose name begins so is none of its kind."""
    if prefix["of_any_type"] is not None:
        return _NAMED_BY_OF_OTHERS[prefix["of_any_type"]]
    return _NAMED_BY[prefix.group()]


def _as_object(data: object, named_by: tuple[str, ...]) -> Mapping[str, object]:
    if not isinstance(data, dict):
        raise YamlRefusedError("it contains no named settings")
    for key in named_by:
        value = data.get(key)
        if value is None:
            raise YamlRefusedError(f"its “{key}” is missing")
        if isinstance(value, dict | list):
            raise YamlRefusedError(f"its “{key}” is not text")
    return data


def _lacking(reading: _Reading) -> Iterator[tuple[str, str]]:
    """Yield what objects name as that which Drupal never has them without, and is in no file."""
    needed = dict(reading.needed)
    for name, data in sorted(reading.objects.items()):
        depends = Settings(data, name).at("dependencies")
        is_left_behind = _LEFT_BEHIND.match(name) is not None
        for other in (
            *_needed_by_name(name),
            *depends.at("config").texts,
            *depends.at("enforced", "config").texts,
        ):
            if not (is_left_behind and other.startswith(_BUNDLE_STARTS)):
                needed.setdefault(other, name)
    for name, needed_by in needed.items():
        if not _is_in_a_file(name, reading):
            yield name, needed_by


def _needed_by_name(name: str) -> Iterator[str]:
    """Yield what an object cannot be without: its storage, its bundle and its view mode."""
    storage = storage_of(name)
    if storage:
        yield storage
    of_bundle = _OF_BUNDLE.match(name)
    if of_bundle is not None and of_bundle[1] in _FILED_PREFIXES:
        yield f"{_FILED_PREFIXES[of_bundle[1]]}.{of_bundle[2]}"
    of_mode = _OF_VIEW_MODE.match(name)
    if of_mode is not None:
        yield f"core.entity_view_mode.{of_mode[1]}.{of_mode[2]}"


def _is_in_a_file(name: str, reading: _Reading) -> bool:
    """Tell whether an export has a file of an object, be it as an earlier Drupal named it."""
    names = [name]
    for prefix, earlier in EARLIER_PREFIXES.items():
        if name.startswith(f"{prefix}."):
            names.append(f"{earlier}{name.removeprefix(prefix)}")
    return any(f"{possible}{_SUFFIX}" in reading.hashes for possible in names)


def _findings(reading: _Reading) -> Iterator[Finding]:
    warning = partial(Finding, severity=Severity.WARNING, advice=_WHOLE)
    for name, reason in reading.refused.items():
        message = f"The file cannot be read: {reason}. What it says about the site is unknown."
        yield warning(code="configuration_file_refused", file=f"{name}{_SUFFIX}", message=message)
    for name, needed_by in _lacking(reading):
        message = f"The file is not in the export, although {needed_by}{_SUFFIX} needs it."
        yield warning(code="configuration_file_missing", file=f"{name}{_SUFFIX}", message=message)
    for name in reading.unused_patches:
        yield Finding(
            severity=Severity.WARNING,
            code="split_patch_unused",
            file=f"{PATCH_PREFIX}{name}{_SUFFIX}",
            message=f"The split changes {name}{_SUFFIX}, which is not in the export: nothing is "
            "changed.",
            advice="Check that the split belongs to this export.",
        )
    if reading.undescribed_patches:
        yield Finding(
            severity=Severity.INFO,
            code="split_patch_not_described",
            file=f"{PATCH_PREFIX}*{_SUFFIX}",
            message="Splits change files that no sheet describes, and that are not compared: "
            f"{first_named(sorted(reading.undescribed_patches), _PATCHES_NAMED)}.",
            advice="Nothing to do.",
        )
    for name, count in reading.cleaned.items():
        yield Finding(
            severity=Severity.INFO,
            code="control_characters_removed",
            file=f"{name}{_SUFFIX}",
            message=f"{count:,} control characters, which YAML does not allow, were removed.",
            advice="No action is needed here; retype the text on the site.",
        )
