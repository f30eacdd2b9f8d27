"""The environments of the sandbox, and export packages in the real layout.

Belongs here: packages as ShareDo writes them: zip, CRLF, JSON inside text, ids of the environment,
dependencies repeated and in cycles. Does not: the invented content (`environments.json`; `test`
lags behind `development`), exporting packages (`sharedo_sandbox`), reading them (`reading`).

The same component and export give the same bytes.
"""

import io
import json
import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib import resources
from typing import Any, TypeAlias

from pydantic import TypeAdapter

Json: TypeAlias = Any  # JSON to be written; nothing here reads any


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeComponent:
    """One thing an environment can export."""

    provider: str
    selector: Mapping[str, str]
    title: str
    payload: Mapping[str, Json]
    mandatory: tuple[str, ...] = ()
    """Keys of the components it needs."""
    recommended: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.selector["SystemName"]

    @property
    def key(self) -> str:
        """`provider:name`, unique in an environment."""
        return f"{self.provider}:{self.name}"


@dataclass(frozen=True, kw_only=True)
class MadeEnvironment:
    url: str
    version: str
    components: tuple[MadeComponent, ...]
    """Sorted by key."""

    @cached_property
    def by_key(self) -> Mapping[str, MadeComponent]:
        """Components by key."""
        return {component.key: component for component in self.components}

    def find(self, provider: str, name: str) -> MadeComponent | None:
        """Return the component of a provider with a system name, without regard to case."""
        wanted = f"{provider}:{name}".casefold()
        return next((c for c in self.components if c.key.casefold() == wanted), None)

    def needed_by(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return these keys and all they depend on, directly or not, sorted."""
        reached: set[str] = set()
        waiting = list(keys)
        while waiting:
            key = waiting.pop()
            if key not in reached and key in self.by_key:
                reached.add(key)
                waiting += (*self.by_key[key].mandatory, *self.by_key[key].recommended)
        return tuple(sorted(reached))


def build_package(
    environment: MadeEnvironment,
    keys: Sequence[str],
    *,
    export_id: str = "export-1",
    created_on: datetime = datetime(2026, 1, 5, 9, 30, tzinfo=UTC),
    created_by: str = "consultant@example.invalid",
) -> bytes:
    """Write the export package of some components, as ShareDo lays it out.

    Another `export_id` gives other step ids and file names, as another export does. Each dependency is
    listed twice.
    """
    step_ids = {
        key: str(uuid.uuid5(uuid.NAMESPACE_URL, f"{environment.url}/{export_id}/{key}"))
        for key in keys
    }
    parts: dict[str, bytes] = {}
    steps = []
    for key in keys:
        component = environment.by_key[key]
        storage = f"{component.provider}-{component.name}-{step_ids[key]}.json"
        parts[f"data/{storage}"] = written_json(component.payload)
        steps.append(
            {
                "Id": step_ids[key],
                "Description": component.title,
                "ExportProviderSystemName": component.provider,
                "ExportProviderSelectorJson": json.dumps(dict(component.selector)),
                "StorageFilename": storage,
                "Dependencies": {
                    kind: [
                        _stated(environment, other, component, number, step_ids)
                        for number in range(2)
                        for other in others
                    ]
                    for kind, others in (
                        ("Recommended", component.recommended),
                        ("Mandatory", component.mandatory),
                    )
                },
            }
        )
    major, minor, build, revision = [*map(int, environment.version.split(".")), 0, 0, 0][:4]
    manifest = {
        "Name": f"Export of {environment.by_key[keys[0]].title}" if keys else "Export",
        "CreatedBy": created_by,
        "ExportedFrom": environment.url,
        "CreatedOn": f"{created_on:%Y-%m-%dT%H:%M:%S}.{created_on.microsecond:06}0Z",
        "SharedoVersion": {"Major": major, "Minor": minor, "Build": build, "Revision": revision},
        "Files": [],
        "ExportedSteps": steps,
    }
    return zipped({"manifest.json": written_json(manifest), **parts}, at=created_on)


def written_json(value: Json) -> bytes:
    """Write JSON as ShareDo does: two spaces, CRLF, UTF-8."""
    return json.dumps(value, indent=2, ensure_ascii=False).replace("\n", "\r\n").encode()


def zipped(
    parts: Mapping[str, bytes], *, at: datetime = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
) -> bytes:
    """Pack parts, the same bytes for the same parts and time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def _stated(
    environment: MadeEnvironment,
    key: str,
    component: MadeComponent,
    number: int,
    step_ids: Mapping[str, str],
) -> Json:
    provider, _, name = key.partition(":")
    target = environment.by_key.get(key)
    return {
        "PackageStepId": step_ids.get(key),
        "Dependency": {
            "SystemName": provider,
            "Reason": f"Referenced by {component.title}" + (f" ({number})" if number else ""),
            "Description": target.title if target else name,
            "Selector": {"SystemName": name},
        },
    }


_ENVIRONMENTS = TypeAdapter(dict[str, MadeEnvironment])


def made_environments(content: bytes) -> Mapping[str, MadeEnvironment]:
    """Read what environments hold, by name."""
    return _ENVIRONMENTS.validate_json(content)


@cache
def sandbox_environments() -> Mapping[str, MadeEnvironment]:
    """Return what each environment holds, by name; the file is read once in a process."""
    path = resources.files("jira_pipeline.sharedo.sandbox") / "environments.json"
    return made_environments(path.read_bytes())
