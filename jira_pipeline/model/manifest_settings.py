"""The settings of a session as people read them: each by its name in `session.yaml`, as a text.

Belongs here: that text, which settings somebody set, which differ from those of another manifest.
Does not: reading `session.yaml` (`sheets/manifest`), how people read what an upload takes away
(`sheets/manifest_changes`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from enum import Enum

from jira_pipeline.model.sessions import (
    IssueDefaults,
    RawFieldValue,
    SessionManifest,
    given_text,
)


def settings_of(manifest: SessionManifest) -> Mapping[str, str]:
    """Return each setting by its name in `session.yaml`, such as `defaults.assignee`."""
    return dict(_settings_in(manifest))


def settings_made(manifest: SessionManifest) -> Mapping[str, str]:
    """Return the settings that differ from their defaults, by name."""
    defaults = settings_of(SessionManifest())
    return {
        name: value
        for name, value in settings_of(manifest).items()
        if value != defaults.get(name, "")
    }


def changed_settings(
    before: Mapping[str, str], now: SessionManifest
) -> Mapping[str, Mapping[str, str]]:
    """Return the settings of `before` that a manifest changes, by name: the text before and now."""
    settings_now = settings_of(now)
    return {
        name: {"from": value, "to": settings_now.get(name, "")}
        for name, value in before.items()
        if value != settings_now.get(name, "")
    }


def _settings_in(
    manifest: SessionManifest | IssueDefaults, prefix: str = ""
) -> Iterator[tuple[str, str]]:
    """Yield name and text of each setting; nested ones have the names of both, with a point."""
    for field in fields(manifest):
        name = f"{prefix}{field.name}"
        value = getattr(manifest, field.name)
        if isinstance(value, IssueDefaults):
            yield from _settings_in(value, f"{name}.")
        elif isinstance(value, Mapping):
            yield from ((f"{name}.{key}", _text_of(entry)) for key, entry in value.items())
        else:
            yield name, _text_of(value)


def _text_of(value: object) -> str:
    """Return a setting as people read it; empty for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, RawFieldValue):
        return given_text(value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_text_of, value))
    return str(value)
