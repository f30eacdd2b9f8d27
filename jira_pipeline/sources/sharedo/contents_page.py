"""What a ShareDo package holds: as JSON, and as the tables that people see.

Belongs here: what is shown of a package, in which order. Does not: reading it
(`sources/sharedo/reading`), writing tables to a terminal or a page (`cli`, `web/pages`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jira_pipeline.model.look.rendering import counted
from jira_pipeline.sources.sharedo.packages import (
    JsonValue,
    PackageFile,
    SharedoPackage,
    reached_from,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsTable:
    """A table of what a package holds."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wide: str
    """The column that takes the room that is left."""


def package_facts(package: SharedoPackage) -> Mapping[str, str]:
    """Return where a package comes from."""
    return {
        "package": f"{package.name or package.file} ({package.file})",
        "exported from": package.exported_from or "not said",
        "exported on": package.created_on or "not said",
        "by": package.created_by or "not said",
        "platform": package.platform_version or "not said",
        "content": package.content_hash[:12],
    }


def package_tables(package: SharedoPackage) -> tuple[ContentsTable, ...]:
    """Return what a package holds: components, files, and what it needs and does not include."""
    components = tuple(
        (
            c.group.value,
            c.title,
            c.key,
            str(len(c.dependencies)),
            str(len(reached_from([c.key], package.components)) - 1),
            _filled(c.payload),
        )
        for c in package.components
    )
    files = tuple(
        (file.name, file.distinction, ", ".join(keys) or "no component")
        for file, keys in _files_of(package)
    )
    missing = tuple((d.strength.value, d.description, d.target_key) for d in package.missing)
    tables = (
        ContentsTable(
            title=counted(len(components), "component"),
            columns=("group", "title", "key", "needs", "with theirs", "sections"),
            rows=components,
            wide="key",
        ),
        ContentsTable(
            title=counted(len(files), "file"),
            columns=("file", "content", "named by"),
            rows=files,
            wide="named by",
        ),
        ContentsTable(
            title="Must exist on the target, or come from another package",
            columns=("strength", "title", "key"),
            rows=missing,
            wide="key",
        ),
    )
    return tuple(table for table in tables if table.rows)


def package_json(package: SharedoPackage) -> dict[str, object]:
    """Return the shape that `sharedo inspect --json` answers with."""
    return {
        "file": package.file,
        "sha256": package.sha256,
        "content_hash": package.content_hash,
        "name": package.name,
        "created_by": package.created_by,
        "created_on": package.created_on,
        "exported_from": package.exported_from,
        "platform_version": package.platform_version,
        "files": [
            {
                "name": file.name,
                "size_bytes": file.size_bytes,
                "sha256": file.sha256,
                "named_by": keys,
            }
            for file, keys in _files_of(package)
        ],
        "components": [
            {
                "key": c.key,
                "title": c.title,
                "group": c.group.value,
                "part": c.part,
                "content_hash": c.content_hash,
                "dependencies": [
                    {
                        "key": d.target_key,
                        "title": d.description,
                        "strength": d.strength.value,
                        "reasons": list(d.reasons),
                        "is_included": d.target_key in package.by_key,
                    }
                    for d in c.dependencies
                ],
                "reaches": [
                    key for key in reached_from([c.key], package.components) if key != c.key
                ],
                "payload": c.payload,
            }
            for c in package.components
        ],
    }


def _files_of(package: SharedoPackage) -> list[tuple[PackageFile, list[str]]]:
    """Return the files of a package by name, each with the components that name it."""
    named: dict[PackageFile, list[str]] = {file: [] for file in package.unnamed_files}
    for component in package.components:
        for file in component.files:
            named.setdefault(file, []).append(component.key)
    return sorted(named.items(), key=lambda pair: pair[0].name)


def _filled(sections: Mapping[str, JsonValue]) -> str:
    filled = sum(value not in (None, [], {}) for value in sections.values())
    return f"{filled} of {len(sections)}"
