"""Makes ShareDo environments and export packages of invented content, in the real layout.

Belongs here: what a made environment holds, the two of the sandbox (`test` lags behind), and packages as ShareDo writes them: zip, CRLF,
PascalCase, JSON inside text, ids of the environment, dependencies repeated and in cycles. Does not:
the invented names (`made_content.yaml`), exporting packages (the rest of this room), reading them
(`sharedo`).

A plain description says what there is. The same description gives the same bytes.
"""

import copy
import io
import json
import re
import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib import resources
from itertools import pairwise
from typing import Any, TypeAlias

import yaml

Json: TypeAlias = Any  # JSON to be written; nothing here reads any


@cache
def made_content() -> Mapping[str, Json]:
    """Return the invented names; the file is read once in a process."""
    path = resources.files("jira_pipeline.sharedo.sandbox") / "made_content.yaml"
    content: Mapping[str, Json] = yaml.safe_load(path.read_text("utf-8"))
    return content


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


def environment_from(description: Mapping[str, Json]) -> MadeEnvironment:
    """Make all components of a description; what it leaves out is not there.

    `url` and `version` name the environment, which also gives its ids. `work_types`, `option_sets`,
    `forms` and `workflows` map titles to what they hold, `roles` and `templates` list titles, `others`
    lists titles by provider.
    """
    url = str(description.get("url", "https://one.sharedo.invalid"))
    components = _MadeComponents(url=url, description=description)
    made = [
        *(components.option_set(*each) for each in components.held("option_sets").items()),
        *(components.participant_role(title) for title in description.get("roles", ())),
        *(components.form(*each) for each in components.held("forms").items()),
        *(components.workflow(*each) for each in components.held("workflows").items()),
        *(components.template(title) for title in description.get("templates", ())),
        *(
            components.other(provider, title)
            for provider, titles in components.held("others").items()
            for title in titles
        ),
        *(components.work_type(*each) for each in components.held("work_types").items()),
    ]
    return MadeEnvironment(
        url=url,
        version=str(description.get("version", "2024.3.1.2045")),
        components=tuple(sorted(made, key=lambda component: component.key)),
    )


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
    step_ids = {key: _id(environment.url, export_id, key) for key in keys}
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


def system_name(title: str) -> str:
    """Return the system name for a title: `Letter of claim` gives `letter-of-claim`."""
    return re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")


def _id(*parts: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(parts)))


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


def _component(
    provider: str,
    title: str,
    payload: Mapping[str, Json],
    *,
    mandatory: Sequence[str] = (),
    recommended: Sequence[str] = (),
) -> MadeComponent:
    return MadeComponent(
        provider=provider,
        selector={"SystemName": system_name(title)},
        title=title,
        payload=payload,
        mandatory=tuple(mandatory),
        recommended=tuple(recommended),
    )


def _keys(provider: str, titles: Iterable[str]) -> list[str]:
    return [f"{provider}:{system_name(title)}" for title in titles]


@dataclass(frozen=True, slots=True, kw_only=True)
class _MadeComponents:
    """Makes the components of one environment: its address is in their ids."""

    url: str
    description: Mapping[str, Json]

    def held(self, kind: str) -> Mapping[str, Json]:
        """Return what the description says of a kind, by title or provider."""
        found: Mapping[str, Json] = self.description.get(kind, {})
        return found

    def named(self, title: str, *place: str) -> dict[str, Json]:
        """Begin an object with its id in this environment, its system name and its title."""
        own_id = _id(self.url, *place)
        return {"Id": own_id, "SystemName": system_name(title), "Name": title}

    def option_set(self, title: str, options: Sequence[str]) -> MadeComponent:
        name = system_name(title)
        payload = {
            "OptionSet": {**self.named(title, name), "IsActive": True},
            "Options": [
                {**self.named(option, name, option), "DisplayOrder": number, "IsActive": True}
                for number, option in enumerate(options, start=1)
            ],
        }
        return _component("option-set", title, payload)

    def participant_role(self, title: str) -> MadeComponent:
        name = system_name(title)
        is_organisation = {"IsOrganisation": title == "Insurer", "IsSystem": False}
        payload = {
            "ParticipantRole": {**self.named(title, "role", name), **is_organisation},
            "Permissions": [
                {"PermissionSystemName": "core-read", "Allow": True},
                {"PermissionSystemName": "core-update", "Allow": name == "case-owner"},
            ],
        }
        return _component("participant-role", title, payload)

    def form(self, title: str, fields: Sequence[str]) -> MadeComponent:
        name, option_sets = system_name(title), self.held("option_sets")

        def configuration(label: str, number: int) -> Json:
            is_chosen = label in option_sets
            return {
                "control": "option-set" if is_chosen else "text",
                "optionSet": system_name(label) if is_chosen else None,
                "width": 6 + 6 * (number % 2),
            }

        own_id = _id(self.url, "form", name)
        payload = {
            "Form": {"Id": own_id, "SystemName": name, "Title": title, "Version": 3},
            "Fields": [
                {
                    "Id": _id(self.url, "form", name, label),
                    "Name": system_name(label),
                    "Label": label,
                    "IsRequired": number == 0,
                    "FieldConfigurationJson": json.dumps(configuration(label, number)),
                }
                for number, label in enumerate(fields)
            ],
        }
        used = [label for label in fields if label in option_sets]
        return _component("form-builder", title, payload, mandatory=_keys("option-set", used))

    def workflow(self, title: str, steps: Sequence[str]) -> MadeComponent:
        name = system_name(title)
        users = [
            user for user, holds in self.held("work_types").items() if title in holds["workflows"]
        ]

        def configuration(number: int) -> Json:
            return {"retry": number, "next": [system_name(s) for s in steps[number + 1 :][:1]]}

        payload = {
            "Workflow": {
                **self.named(title, "workflow", name),
                "Description": f"Runs for {', '.join(users)}." if users else None,
                "ModifiedOn": "2025-11-02T08:15:00.0000000Z",
            },
            "Steps": [
                {
                    **self.named(step, "workflow", name, step),
                    "StepConfigurationJson": json.dumps(configuration(number)),
                }
                for number, step in enumerate(steps)
            ],
            "Variables": [{"Name": "caseId", "Type": "guid"}, {"Name": "attempts", "Type": "int"}],
        }
        # The types it runs for depend on it as well: a cycle, as real ones have.
        mandatory = _keys("sharedo-type", users[:1])
        return _component("execution-engine", title, payload, mandatory=mandatory)

    def template(self, title: str) -> MadeComponent:
        name = system_name(title)
        payload = {
            "Template": {
                "Id": _id(self.url, "template", name),
                "SystemName": name,
                "Title": f"[{title}]",
                "FileName": f"{name}.docx",
                "OutputFormat": "pdf",
            },
            "Tags": [{"Name": "context.title"}, {"Name": "case-owner.name"}],
        }
        recommended = _keys("participant-role", self.description.get("roles", ())[:1])
        return _component("document-template", title, payload, recommended=recommended)

    def other(self, provider: str, title: str) -> MadeComponent:
        definition = {
            **self.named(title, provider, system_name(title)),
            "IsActive": True,
            "Configuration": json.dumps({"kind": provider, "limit": 50}),
        }
        return _component(provider, title, {"Definition": definition})

    def work_type(self, title: str, holds: Mapping[str, Json]) -> MadeComponent:
        """Make a work type: sections its description speaks of are filled, others null or empty."""

        def keys(provider: str, kind: str) -> list[str]:
            return _keys(provider, holds.get(kind, ()))

        filled = self.sections(system_name(title), title, holds) | holds.get("sections", {})
        return _component(
            "sharedo-type",
            title,
            {section: filled.get(section) for section in made_content()["sections"]},
            mandatory=(
                *keys("option-set", "option_sets"),
                *keys("participant-role", "roles"),
                *keys("execution-engine", "workflows"),
            ),
            recommended=(
                *keys("form-builder", "forms"),
                *keys("document-template", "templates"),
                *keys("sharedo-type", "related"),
            ),
        )

    def sections(self, name: str, title: str, holds: Mapping[str, Json]) -> dict[str, Json]:
        """Fill the sections of a work type."""

        def entry(*place: str, **fields: Json) -> dict[str, Json]:
            return {"Id": _id(self.url, "type", name, *place), **fields}

        def filled(section: str, own: str = "", label: str = "", **names: str) -> dict[str, Json]:
            return {
                field: value.format(name=name, own=own, label=label, **names)
                if isinstance(value, str)
                else value
                for field, value in made_content()["entries"][section].items()
            }

        def each(kind: str) -> Sequence[tuple[str, str]]:
            return [(system_name(one), one) for one in holds.get(kind, ())]

        labels = holds.get("phases", ())
        phases = [f"{name}-{own}" for own, _ in each("phases")]
        roles = [own for own, _ in each("roles")]
        start = phases[0] if phases else None
        title_configuration = {"template": f"{title}: {{reference}}", "maxLength": 120}
        reference = {"prefix": name[:3].upper(), "digits": 6}
        return {
            "SharedoType": {
                **self.named(title, "type", name),
                "Description": f"Cases of the kind “{title}”.\r\nInvented for the sandbox.",
                "Icon": "fa-briefcase",
                "IsActive": True,
                "IsAbstract": False,
            },
            "BaseSharedo": self.named("Case", "type", "case"),
            "Phases": [
                entry(
                    "phase",
                    phase,
                    SystemName=phase,
                    Name=label,
                    IsStart=number == 0,
                    IsEnd=label in {"Closed", "Withdrawn"},
                    ExpectedDurationDays=5 * number or None,
                )
                for number, (phase, label) in enumerate(zip(phases, labels, strict=True))
            ],
            "PhaseTransitions": [
                entry("transition", begin, end)
                | filled(
                    "PhaseTransitions",
                    end.removeprefix(f"{name}-"),
                    label,
                    begin=begin,
                    end=end,
                    begin_id=entry("phase", begin)["Id"],
                )
                for (begin, end), label in zip(pairwise(phases), labels[1:], strict=True)
            ],
            "PhasePlan": {
                "SystemName": f"{name}-plan",
                "GraphLayout": f'<mxGraphModel dx="{len(phases)}"><root/></mxGraphModel>',
                "StartPhaseSystemName": start,
            },
            "Relationships": [
                entry("related", other) | filled("Relationships", own)
                for own, other in each("related")
            ],
            "FeatureFrameworkEntries": [
                entry(
                    "feature",
                    feature,
                    SystemName=own,
                    PhaseSystemName=start,
                    Configuration=json.dumps(_feature_configuration(name, feature)),
                )
                for own, feature in each("features")
            ],
            "SharedoTypeRoles": [
                entry(
                    "role",
                    role,
                    ParticipantRoleSystemName=role,
                    MinimumCount=1 if number == 0 else 0,
                    MaximumCount=None,
                    DisplayOrder=number,
                )
                for number, role in enumerate(roles)
            ],
            "RoleAssociations": [
                entry("association", role) | filled("RoleAssociations", role, first=roles[0])
                for role in roles[1:]
            ],
            "Aspects": [
                entry(
                    "aspect",
                    aspect,
                    AspectDefinitionSystemName=own,
                    ZoneName=("header", "main", "side")[number % 3],
                    DisplayOrder=number,
                    Config=json.dumps(
                        {"title": aspect, "collapsed": number > 1, "columns": ["name", "status"]}
                    ),
                )
                for number, (own, aspect) in enumerate(each("aspects"))
            ],
            "SharedoTypeRolePermissions": [
                entry("right", role, right)
                | filled("SharedoTypeRolePermissions", system_name(role), right)
                for role, rights in holds.get("rights", {}).items()
                for right in rights
            ],
            "SyncRules": [entry("sync", role) | filled("SyncRules", role) for role in roles[:2]],
            "TitleGenerator": {
                "SystemName": "title-from-template",
                "GeneratorConfig": json.dumps(title_configuration),
            },
            "ReferenceGenerator": {
                "SystemName": "sequence",
                "GeneratorConfig": json.dumps(reference),
            },
            "Menus": [filled("Menus")],
            "MenuItems": [
                filled("MenuItems", own, own.title()) for own in ("overview", "documents")
            ],
            "CalculatedFields": [filled("CalculatedFields", *field) for field in each("fields")],
            "Forms": [filled("Forms", *form) for form in each("forms")],
            "OptionSetUsages": [filled("OptionSetUsages", *used) for used in each("option_sets")],
            "DocumentTemplates": [filled("DocumentTemplates", *of) for of in each("templates")],
            "PhaseTriggers": [
                entry(
                    "trigger",
                    flow,
                    SystemName=f"{name}-{own}",
                    WorkflowSystemName=own,
                    OnPhaseSystemName=start,
                )
                for own, flow in each("workflows")
            ],
            "KeyDates": [filled("KeyDates")],
            "Notifications": [],
        }


def _feature_configuration(name: str, feature: str) -> Json:
    """A webhook's configuration holds a key that no other system knows, to show that it is masked."""
    if feature == "Case webhook":
        key = _id("webhook", name).replace("-", "")
        return {"url": f"https://hooks.example.invalid/{name}", "apiKey": f"made-{key}"}
    return {"enabled": True, "label": feature}


@cache
def sandbox_environments() -> Mapping[str, MadeEnvironment]:
    """Return what each environment holds, by name."""
    return {
        "development": environment_from(describe_development()),
        "test": environment_from(describe_test()),
    }


def describe_development() -> dict[str, Any]:
    """Describe the environment where consultants work."""
    description: dict[str, Any] = copy.deepcopy(made_content()["development"])
    return description


def describe_test() -> dict[str, Any]:
    """Describe the environment that waits for what was built: some is missing, some differs."""
    made = describe_development()
    made["url"] = "https://test.sharedo.invalid"
    matter = made["work_types"]["Matter"]
    matter["phases"].remove("Negotiation")
    matter["rights"]["Supervisor"] = ["core-read"]
    matter["aspects"].remove("Task list")
    matter["fields"].remove("Next review")
    made["option_sets"]["Claim track"] = made["option_sets"]["Claim track"][:-1]
    made["workflows"]["Chase instruction"] = made["workflows"]["Chase instruction"][:-1]
    last = list(made["work_types"])[-1]
    del made["work_types"][last]
    for holds in made["work_types"].values():
        holds["related"] = [name for name in holds["related"] if name != last]
    return made
