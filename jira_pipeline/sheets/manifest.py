"""Reading `session.yaml`: the door through which a session's settings enter.

Belongs here: the accepted keys and their types. Does not: what they mean (`model/sessions`), nor
which columns there are (`drupal/columns`).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, cast

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    create_model,
)

from jira_pipeline.model.errors import ManifestError, system_message
from jira_pipeline.model.issue_tracker import ISSUE_KEY
from jira_pipeline.model.sessions import (
    LOGO_MAX_BYTES,
    LOGO_STARTS,
    NO_COLUMN,
    GivenFieldValue,
    IssueDefaults,
    RawFieldValue,
    SessionManifest,
)
from jira_pipeline.sheets.plain_yaml import PlainLoader
from jira_pipeline.sheets.reading.code_pages import code_page_named

MANIFEST_NAMES = ("session.yaml", "session.yml")
MANIFEST_MAX_BYTES = 64_000
# Generous: a manifest with five hundred people is 20 kB.
MANIFEST_MAX_DEPTH = 10
# `defaults.labels` is three deep; the scanner takes seconds over 20,000 brackets in one line.
MANIFEST_MAX_NODES = 10_000
# Keys and values; a thousand people are 2,000. 30,000 take two seconds.
FAULTS_LISTED = 10
KEY_CHARACTERS_SHOWN = 80

_ProjectKey = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,9}$")]
# Jira's default project key pattern: Atlassian Support, "Changing the project key format".


def _without_control_characters(text: str) -> str:
    """Refuse what neither a title nor a database takes; a line break passes."""
    if any(not character.isprintable() and character != "\n" for character in text):
        raise ValueError("it has control characters")
    return text


def _on_one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("it has to be on one line")
    return text


_Text = Annotated[str, AfterValidator(_without_control_characters)]
_Line = Annotated[_Text, AfterValidator(_on_one_line)]
_Label = Annotated[_Line, Field(pattern=r"^\S{1,255}$")]
# Jira refuses labels with spaces and those above 255 characters.
_IssueKey = Annotated[_Line, Field(pattern=ISSUE_KEY)]
_Name = Annotated[_Line, Field(min_length=1, max_length=200)]
_FileName = Annotated[_Name, Field(pattern=r"^[^./\\:][^/\\:]*$")]


_Meaning = Annotated[
    _Name, AfterValidator(lambda text: NO_COLUMN if text.casefold() == NO_COLUMN else text)
]
_HeadersOfSheet = Annotated[dict[_Name, _Meaning], Field(max_length=200)]


RAW_KEY = "raw"


def _texts_or_raw(value: object, texts_of: ValidatorFunctionWrapHandler) -> GivenFieldValue:
    """Take one value, or a list of them, as texts: `3`, `2026-12-31`, `[Red, Blue]`.

    A mapping, or a list with one, is what Jira's API takes, and stays as it is; `{raw: 3}` says that
    of a number or a text.
    """
    values = value if isinstance(value, list) else [value]
    if isinstance(value, dict) and value.keys() == {RAW_KEY}:
        return RawFieldValue(raw=_json_value(value[RAW_KEY]))
    if any(isinstance(v, dict) for v in values):
        return RawFieldValue(raw=_json_value(value))
    return cast("tuple[str, ...]", texts_of(_texts(values)))


def _json_value(value: object) -> JsonValue:
    """Return a value of a manifest as Jira's API takes it: JSON, with dates as texts."""
    match value:
        case dict():
            return {_without_control_characters(str(k)): _json_value(v) for k, v in value.items()}
        case list():
            return [_json_value(entry) for entry in value]
        case str():
            return _without_control_characters(value)
        case datetime() | date():
            return value.isoformat()
        case float() if not math.isfinite(value):
            raise ValueError("it has a number that JSON does not know")
        case None | bool() | int() | float():
            return value
        case _:
            raise ValueError("it has a value that JSON does not know")


def _texts(values: Sequence[object]) -> Sequence[object]:
    """Return values as texts; what is neither a text, a number nor a date is refused later."""
    plain = [str(v) if isinstance(v, int | date) else v for v in values]
    if any(isinstance(v, bool) for v in values):
        raise ValueError("write yes and no in quotes")
    return plain


_FieldText = Annotated[_Text, Field(min_length=1, max_length=2_000)]
_FieldValue = Annotated[
    tuple[_FieldText, ...], Field(min_length=1, max_length=50), WrapValidator(_texts_or_raw)
]
_CodePage = Annotated[
    str | None, BeforeValidator(lambda name: code_page_named(str(name)) if name else None)
]
_WriterName = Annotated[_Line, Field(pattern=r"^\S{1,200}$")]


def _model_of(
    name: str, kind: type, taken: Mapping[str, Any], **parts: type[BaseModel]
) -> type[BaseModel]:
    """Return what reads a value of a kind: its keys and defaults, and what each of them takes.

    A key of which nothing is said takes what it holds.
    """
    keys: dict[str, Any] = {
        one.name: (taken.get(one.name, one.type), getattr(kind(), one.name)) for one in fields(kind)
    }
    keys |= {part: (model, Field(default_factory=model)) for part, model in parts.items()}
    strict = ConfigDict(extra="forbid", str_strip_whitespace=True, validate_default=True)
    return create_model(name, __config__=strict, **keys)


_Defaults = _model_of(
    "_Defaults",
    IssueDefaults,
    {
        "assignee": _Line | None,
        "sprint": _Line | None,
        "priority": _Line | None,
        "labels": Annotated[list[_Label], Field(max_length=50)],
        "fields": Annotated[dict[_Name, _FieldValue], Field(max_length=100)],
    },
)
_Manifest = _model_of(
    "_Manifest",
    SessionManifest,
    {
        "site_name": _Name | None,
        "site_description": Annotated[_Text, Field(max_length=2_000)],
        "agency": _Name | None,
        "logo": _FileName | None,
        "encoding": _CodePage,
        "jira_project_key": _ProjectKey | None,
        "issue_type": _Name | None,
        "parent": _Line | None,
        "epic_keys": Annotated[dict[_Name, _IssueKey], Field(max_length=100)],
        "writer": _WriterName | None,
        "people": Annotated[dict[_Line, _Line], Field(max_length=1_000)],
        "columns": Annotated[dict[_Name, _Meaning | _HeadersOfSheet], Field(max_length=200)],
    },
    defaults=_Defaults,
)


class _ManifestLoader(PlainLoader):
    """YAML of a manifest."""

    depth_max = MANIFEST_MAX_DEPTH
    nodes_max_count = MANIFEST_MAX_NODES


def find_manifest(folder: Path) -> Path | None:
    """Return the manifest of a folder, or None.

    Raises:
        ManifestError: There are two, or it is not a regular file, or too large.
    """
    paths = [folder / name for name in MANIFEST_NAMES]
    found = [path for path in paths if path.is_symlink() or path.exists()]
    if not found:
        return None
    path = found[0]
    if len(found) > 1:
        raise ManifestError(file_name=" and ".join(MANIFEST_NAMES), reason="keep only one of them")
    if path.is_symlink() or not path.is_file():
        raise ManifestError(file_name=path.name, reason="it is not a regular file")
    _refuse_size(path.stat().st_size, file_name=path.name)
    return path


def _refuse_size(size_bytes: int, *, file_name: str) -> None:
    if size_bytes > MANIFEST_MAX_BYTES:
        reason = f"{size_bytes} bytes, the limit is {MANIFEST_MAX_BYTES}"
        raise ManifestError(file_name=file_name, reason=reason)


def read_manifest(folder: Path) -> SessionManifest:
    """Read the manifest of a folder; without one every key has its default.

    Raises:
        ManifestError: It cannot be read, is too large or not YAML, or has a key or value that is
            not known.
    """
    path = find_manifest(folder)
    if path is None:
        return SessionManifest()
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = f"it cannot be read: {system_message(error)}"
        raise ManifestError(file_name=path.name, reason=reason) from error
    manifest = parse_manifest(content, file_name=path.name)
    if manifest.logo:
        try:
            read_logo(folder / manifest.logo)
        except ValueError as error:
            reason = f"`logo`: {manifest.logo} {error}"
            raise ManifestError(file_name=path.name, reason=reason) from error
    return manifest


def read_logo(path: Path) -> tuple[bytes, str]:
    """Return the bytes of a picture and its type, by what is in it, whatever its name says.

    Raises:
        ValueError: It is not there, of another kind, or too large.
    """
    if path.is_symlink() or not path.is_file():
        raise ValueError("is no file beside the sheets")
    try:
        with path.open("rb") as stream:
            content = stream.read(LOGO_MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {system_message(error)}") from error
    if len(content) > LOGO_MAX_BYTES:
        raise ValueError(f"has more than {LOGO_MAX_BYTES:,} bytes")
    for start, kind in LOGO_STARTS.items():
        if content.startswith(start):
            return content, kind
    raise ValueError("is neither a PNG nor a JPEG picture")


def parse_manifest(content: bytes, *, file_name: str) -> SessionManifest:
    """Read a manifest from its bytes.

    Raises:
        ManifestError: It is too large or too deep, not YAML, or has a key or value that is not
            known.
    """
    _refuse_size(len(content), file_name=file_name)
    try:
        value = yaml.load(content, Loader=_ManifestLoader)  # noqa: S506 - a SafeLoader, see above
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        reason = f"not YAML: {_printable(' '.join(str(error).split()), 300)}"
        raise ManifestError(file_name=file_name, reason=reason) from error
    if not isinstance(value, dict | None):
        raise ManifestError(file_name=file_name, reason="it must be a list of `key: value` lines")
    try:
        parsed = _Manifest.model_validate(value or {})
    except ValidationError as error:
        # Say every fault with its key; an unknown key with the known ones.
        found = error.errors(include_url=False)
        faults = [f"and {len(found) - FAULTS_LISTED} more"] if len(found) > FAULTS_LISTED else []
        for fault in reversed(found[:FAULTS_LISTED]):
            key = _printable(".".join(map(str, fault["loc"])), KEY_CHARACTERS_SHOWN)
            if fault["type"] == "extra_forbidden":
                known = _Defaults if key.startswith("defaults.") else _Manifest
                faults.append(f"unknown key `{key}` (known: {', '.join(known.model_fields)})")
            else:
                faults.append(f"`{key}`: {fault['msg'].removeprefix('Value error, ')}")
        raise ManifestError(file_name=file_name, reason="; ".join(reversed(faults))) from error
    values = dict(parsed)
    defaults = dict(values.pop("defaults"))
    labels = tuple(defaults.pop("labels"))
    return SessionManifest(**values, defaults=IssueDefaults(**defaults, labels=labels))


def manifest_value(given: GivenFieldValue) -> object:
    """Return what people gave a field of Jira, as a manifest has it."""
    return {RAW_KEY: given.raw} if isinstance(given, RawFieldValue) else [*given]


def manifest_with(folder: Path, changes: Mapping[str, object]) -> str:
    """Return the manifest of a folder with other values of some keys; an empty one takes it away.

    Raises:
        ManifestError: It cannot be read, or not together with these.
    """
    path = find_manifest(folder)
    value = {} if path is None else yaml.load(path.read_bytes(), Loader=_ManifestLoader) or {}  # noqa: S506 - as above
    for name, wanted in changes.items():
        value.pop(name, None)
        given = {k: v for k, v in wanted.items() if v} if isinstance(wanted, Mapping) else wanted
        if given:
            value[name] = given
    text = yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    parse_manifest(text.encode(), file_name=MANIFEST_NAMES[0])
    return text


def _printable(text: str, characters: int) -> str:
    """Cut a text that came from the file, and escape what no terminal or database takes."""
    return text[:characters].encode("utf-8", "backslashreplace").decode()
