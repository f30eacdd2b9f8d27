"""Reading `session.yaml`: the door through which a session's settings enter.

Belongs here: the accepted keys and their types. Does not: what they mean (`domain/sessions`).
"""

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jira_pipeline.domain.sessions import IssueDefaults, SessionManifest
from jira_pipeline.errors import ManifestError

MANIFEST_NAMES = ("session.yaml", "session.yml")
MANIFEST_MAX_BYTES = 64_000
# Generous: a manifest with five hundred people is 20 kB.

_PROJECT_KEY = r"^[A-Z][A-Z0-9_]{1,9}$"
# Jira's default project key pattern: Atlassian Support, "Changing the project key format".


_Label = Annotated[str, Field(pattern=r"^\S{1,255}$")]
# Jira refuses labels with spaces and those above 255 characters.


class _Defaults(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    assignee: str | None = None
    sprint: str | None = None
    priority: str | None = None
    labels: list[_Label] = Field(default_factory=list, max_length=50)


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    site_name: str | None = Field(default=None, min_length=1, max_length=200)
    site_description: str = Field(default="", max_length=2_000)
    jira_project_key: str | None = Field(default=None, pattern=_PROJECT_KEY)
    parent: str | None = None
    writer: str | None = None
    auto_approve: bool = False
    include_waiting: bool = False
    removals: bool = True
    people: dict[str, str] = Field(default_factory=dict, max_length=1_000)
    defaults: _Defaults = Field(default_factory=_Defaults)


def find_manifest(folder: Path) -> Path | None:
    """Return the manifest of a folder, or None.

    Raises:
        ManifestError: There are two, or it is not a regular file.
    """
    found = [folder / name for name in MANIFEST_NAMES if (folder / name).exists()]
    if len(found) > 1:
        raise ManifestError(file_name=" and ".join(MANIFEST_NAMES), reason="keep only one of them")
    if found and (found[0].is_symlink() or not found[0].is_file()):
        raise ManifestError(file_name=found[0].name, reason="it is not a regular file")
    return found[0] if found else None


def read_manifest(folder: Path) -> SessionManifest:
    """Read the manifest of a folder; without one every key has its default.

    Raises:
        ManifestError: It is too large, not YAML, or has a key or value that is not known.
    """
    path = find_manifest(folder)
    if path is None:
        return SessionManifest()
    content = path.read_bytes()
    if len(content) > MANIFEST_MAX_BYTES:
        reason = f"{len(content)} bytes, the limit is {MANIFEST_MAX_BYTES}"
        raise ManifestError(file_name=path.name, reason=reason)
    return parse_manifest(content, file_name=path.name)


def parse_manifest(content: bytes, *, file_name: str) -> SessionManifest:
    """Read a manifest from its bytes.

    Raises:
        ManifestError: It is not YAML, or has a key or value that is not known.
    """
    try:
        value = yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        reason = f"not YAML: {' '.join(str(error).split())[:300]}"
        raise ManifestError(file_name=file_name, reason=reason) from error
    if not isinstance(value, dict | None):
        raise ManifestError(file_name=file_name, reason="it must be a list of `key: value` lines")
    try:
        parsed = _Manifest.model_validate(value or {})
    except ValidationError as error:
        raise ManifestError(file_name=file_name, reason=_sentence_of(error)) from error
    values = parsed.model_dump()
    defaults = values.pop("defaults")
    labels = tuple(defaults.pop("labels"))
    return SessionManifest(**values, defaults=IssueDefaults(**defaults, labels=labels))


def _sentence_of(error: ValidationError) -> str:
    """Say every fault with its key; an unknown key with the known ones."""
    faults = []
    for fault in error.errors(include_url=False):
        key = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            known = _Defaults if key.startswith("defaults.") else _Manifest
            faults.append(f"unknown key `{key}` (known: {', '.join(known.model_fields)})")
        else:
            faults.append(f"`{key}`: {fault['msg']}")
    return "; ".join(faults)
