"""Settings of a session that an upload takes away: what `session.yaml` of a folder no longer says.

Belongs here: which settings differ, and how people read it. Does not: reading `session.yaml`
(`manifest`), changing settings on their page (`sessions/incoming`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from enum import Enum

from jira_pipeline.model.sessions import IssueDefaults, SessionManifest


def replaced_settings(before: SessionManifest, now: SessionManifest) -> tuple[str, ...]:
    """Name each setting that a session had and its new upload does not, with what it was.

    Reviewers change settings on a page; the next folder brings a `session.yaml` of its own.
    """
    settings_before = dict(_settings_of(before))
    settings_now = dict(_settings_of(now))
    defaults = dict(_settings_of(SessionManifest()))
    return tuple(
        _sentence(name, value, settings_now.get(name, ""))
        for name, value in settings_before.items()
        if value not in {defaults.get(name, ""), settings_now.get(name, "")}
    )


def _sentence(name: str, before: str, now: str) -> str:
    became = f"now it is “{now}”" if now else "now it is not set"
    return (
        f"The setting {name} of this session was “{before}”; {became}. To have it back, enter it "
        "on the settings page, or write it into session.yaml and upload the folder again."
    )


def _settings_of(
    manifest: SessionManifest | IssueDefaults, prefix: str = ""
) -> Iterator[tuple[str, str]]:
    """Return each setting by its name in `session.yaml`, such as `defaults.assignee`."""
    for field in fields(manifest):
        name = f"{prefix}{field.name}"
        value = getattr(manifest, field.name)
        if isinstance(value, IssueDefaults):
            yield from _settings_of(value, f"{name}.")
        elif isinstance(value, Mapping):
            yield from ((f"{name}.{key}", _text_of(one)) for key, one in value.items())
        else:
            yield name, _text_of(value)


def _text_of(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(_text_of, value))
    return str(value)
