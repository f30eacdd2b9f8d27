"""Makes ShareDo environments and export packages of invented content, in the real layout.

Belongs here: what a made environment holds, and packages as ShareDo writes them: zip, CRLF,
PascalCase, JSON inside text, ids of the environment, dependencies repeated and in cycles. Does not:
exporting them (the rest of this room), reading them (`sources.sharedo`).

A plain description says what there is; a seed makes one. The same description gives the same bytes.
"""

import io
import json
import random
import re
import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import Any, TypeAlias

Json: TypeAlias = Any  # JSON to be written; nothing here reads any

SECTIONS = (
    "SharedoType",
    "BaseSharedo",
    "Phases",
    "PhaseTransitions",
    "PhasePlan",
    "PhaseGuards",
    "PhaseTriggers",
    "Relationships",
    "FeatureFrameworkEntries",
    "SharedoTypeRoles",
    "RoleAssociations",
    "Aspects",
    "SharedoTypeRolePermissions",
    "SyncRules",
    "TitleGenerator",
    "ReferenceGenerator",
    "Menus",
    "MenuItems",
    "CalculatedFields",
    "KeyDates",
    "KeyFacts",
    "Tags",
    "ListViews",
    "PortalPages",
    "PortalWidgets",
    "Forms",
    "DocumentFolders",
    "DocumentTemplates",
    "OptionSetUsages",
    "ParticipantRules",
    "ContextualHelp",
    "Notifications",
    "WorkSchedules",
    "TimeCodes",
    "Chronology",
    "ApprovalRules",
    "RetentionRules",
    "ExternalReferences",
    "SearchScopes",
)
"""The 39 sections of a work type; the first real sixteen are known, the rest are invented."""

_TOPICS = (
    "Boundary dispute",
    "Lease renewal",
    "Workplace injury",
    "Debt recovery",
    "Planning appeal",
    "Licence review",
    "Inquest",
    "Clinical claim",
    "Contract review",
    "Data request",
    "Employment tribunal",
    "Property sale",
)
_PHASES = (
    "New",
    "Triage",
    "Instructed",
    "Investigation",
    "Negotiation",
    "Proceedings",
    "Settlement",
    "Billing",
    "Closed",
    "Withdrawn",
)
_ROLES = ("Case owner", "Supervisor", "Claimant", "Defendant", "Insurer", "Expert", "Reviewer")
_ASPECTS = ("Header summary", "Key dates panel", "Document list", "Task list", "Timeline", "Chat")
_FEATURES = ("Auto numbering", "Case webhook", "Portal visibility", "Time recording")
_RIGHTS = ("core-read", "core-update", "core-transition", "core-assign", "documents-upload")
_OPTION_SETS: Mapping[str, tuple[str, ...]] = {
    "Injury severity": ("Minor", "Moderate", "Serious", "Life changing"),
    "Claim track": ("Small", "Fast", "Intermediate", "Multi"),
    "Outcome": ("Won", "Lost", "Settled", "Discontinued"),
    "Source of work": ("Panel", "Referral", "Direct"),
}
_FORMS: Mapping[str, tuple[str, ...]] = {
    "Intake": ("Client name", "Date of event", "Claim track", "Short account"),
    "Settlement offer": ("Offer amount", "Offered on", "Expires on"),
    "Closing checklist": ("Outcome", "Files archived", "Client informed"),
}
_WORKFLOWS: Mapping[str, tuple[str, ...]] = {
    "Chase instruction": ("Wait three days", "Send reminder", "Tell supervisor"),
    "Open file": ("Create folders", "Assign case owner", "Send acknowledgement"),
    "Close file": ("Check time records", "Archive documents"),
}
_TEMPLATES = ("Letter of claim", "Client care letter", "Settlement agreement")
_OTHERS: Mapping[str, tuple[str, ...]] = {
    "approval": ("Settlement authority",),
    "list-view": ("My open cases",),
    "calculated-fields": ("Days open",),
    "search-scope": ("All cases",),
}


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
        """Its system name."""
        return self.selector["SystemName"]

    @property
    def key(self) -> str:
        """`provider:name`, unique in an environment."""
        return f"{self.provider}:{self.name}"


@dataclass(frozen=True, kw_only=True)
class MadeEnvironment:
    """All that one ShareDo holds."""

    url: str
    version: str
    components: tuple[MadeComponent, ...]
    """Sorted by key."""
    description: Mapping[str, Json] = field(default_factory=dict, repr=False)

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


def describe_environment(
    seed: int,
    *,
    work_type_count: int = 4,
    url: str = "https://one.sharedo.invalid",
) -> dict[str, Json]:
    """Return a plain description of an environment: names only, all of it invented."""
    chance = random.Random(seed)  # noqa: S311 - made content, not cryptography
    topics = chance.sample(_TOPICS, min(work_type_count, len(_TOPICS)))
    topics += [f"{_TOPICS[n % len(_TOPICS)]} {n}" for n in range(len(topics), work_type_count)]
    work_types: dict[str, Json] = {}
    for number, topic in enumerate(topics):
        inner = [p for p in _PHASES[1:-2] if chance.random() < 0.6]  # noqa: PLR2004 - more than half
        roles = chance.sample(_ROLES[1:], 3)
        work_types[topic] = {
            "phases": [
                "New",
                *inner,
                "Closed",
                *chance.sample(["Withdrawn"], chance.randint(0, 1)),
            ],
            "roles": ["Case owner", *roles],
            "rights": {
                role: sorted(chance.sample(_RIGHTS, chance.randint(1, 4)))
                for role in ["Case owner", *roles]
            },
            "aspects": chance.sample(_ASPECTS, 3),
            "features": chance.sample(_FEATURES, 2),
            "fields": ["Days open", *chance.sample(["Reserve total", "Next review"], 1)],
            "option_sets": chance.sample(sorted(_OPTION_SETS), 2),
            "forms": chance.sample(sorted(_FORMS), 2),
            "workflows": chance.sample(sorted(_WORKFLOWS), 2),
            "templates": chance.sample(_TEMPLATES, 1),
            "related": [topics[number - 1]] if len(topics) > 1 else [],
        }
    return {
        "url": url,
        "option_sets": {name: list(options) for name, options in _OPTION_SETS.items()},
        "roles": list(_ROLES),
        "forms": {name: list(fields) for name, fields in _FORMS.items()},
        "workflows": {name: list(steps) for name, steps in _WORKFLOWS.items()},
        "templates": list(_TEMPLATES),
        "others": {provider: list(names) for provider, names in _OTHERS.items()},
        "work_types": work_types,
    }


def environment_from(description: Mapping[str, Json]) -> MadeEnvironment:
    """Make all components of a description; what it leaves out is not there.

    `url` and `version` name the environment, which also gives its ids. `work_types`, `option_sets`,
    `forms` and `workflows` map titles to what they hold, `roles` and `templates` list titles, `others`
    lists titles by provider.
    """
    url = str(description.get("url", "https://one.sharedo.invalid"))
    made = [
        *(_option_set(url, *of) for of in description.get("option_sets", {}).items()),
        *(_participant_role(url, title) for title in description.get("roles", ())),
        *(
            _form(url, title, holds, description)
            for title, holds in description.get("forms", {}).items()
        ),
        *(
            _workflow(url, title, holds, description)
            for title, holds in description.get("workflows", {}).items()
        ),
        *(_template(url, title, description) for title in description.get("templates", ())),
        *(
            _other(url, provider, title)
            for provider, titles in description.get("others", {}).items()
            for title in titles
        ),
        *(_work_type(url, *of) for of in description.get("work_types", {}).items()),
    ]
    return MadeEnvironment(
        url=url,
        version=str(description.get("version", "2024.3.1.2045")),
        components=tuple(sorted(made, key=lambda component: component.key)),
        description=description,
    )


def made_environment(seed: int, *, work_type_count: int = 4) -> MadeEnvironment:
    """Make an environment from nothing but a seed."""
    return environment_from(describe_environment(seed, work_type_count=work_type_count))


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


def _named(own_id: str, name: str, title: str) -> dict[str, Json]:
    return {"Id": own_id, "SystemName": name, "Name": title}


def _selector(title: str) -> dict[str, str]:
    return {"SystemName": system_name(title)}


def _option_set(url: str, title: str, options: Sequence[str]) -> MadeComponent:
    name = system_name(title)
    return MadeComponent(
        provider="option-set",
        selector=_selector(title),
        title=title,
        payload={
            "OptionSet": {
                **_named(_id(url, name), name, title),
                "IsActive": True,
            },
            "Options": [
                {
                    **_named(_id(url, name, option), system_name(option), option),
                    "DisplayOrder": number,
                    "IsActive": True,
                }
                for number, option in enumerate(options, start=1)
            ],
        },
    )


def _participant_role(url: str, title: str) -> MadeComponent:
    name = system_name(title)
    return MadeComponent(
        provider="participant-role",
        selector=_selector(title),
        title=title,
        payload={
            "ParticipantRole": {
                **_named(_id(url, "role", name), name, title),
                "IsOrganisation": title == "Insurer",
                "IsSystem": False,
            },
            "Permissions": [
                {"PermissionSystemName": "core-read", "Allow": True},
                {"PermissionSystemName": "core-update", "Allow": name == "case-owner"},
            ],
        },
    )


def _form(
    url: str, title: str, fields: Sequence[str], description: Mapping[str, Json]
) -> MadeComponent:
    name = system_name(title)
    option_sets = description.get("option_sets", {})
    used = [label for label in fields if label in option_sets]
    return MadeComponent(
        provider="form-builder",
        selector=_selector(title),
        title=title,
        payload={
            "Form": {
                "Id": _id(url, "form", name),
                "SystemName": name,
                "Title": title,
                "Version": 3,
            },
            "Fields": [
                {
                    "Id": _id(url, "form", name, label),
                    "Name": system_name(label),
                    "Label": label,
                    "IsRequired": number == 0,
                    "FieldConfigurationJson": json.dumps(
                        {
                            "control": "option-set" if label in option_sets else "text",
                            "optionSet": system_name(label) if label in option_sets else None,
                            "width": 6 + 6 * (number % 2),
                        }
                    ),
                }
                for number, label in enumerate(fields)
            ],
        },
        mandatory=tuple(f"option-set:{system_name(label)}" for label in used),
    )


def _workflow(
    url: str, title: str, steps: Sequence[str], description: Mapping[str, Json]
) -> MadeComponent:
    name = system_name(title)
    users = [t for t, w in description.get("work_types", {}).items() if title in w["workflows"]]
    return MadeComponent(
        provider="execution-engine",
        selector=_selector(title),
        title=title,
        payload={
            "Workflow": {
                **_named(_id(url, "workflow", name), name, title),
                "Description": f"Runs for {', '.join(users)}." if users else None,
                "ModifiedOn": "2025-11-02T08:15:00.0000000Z",
            },
            "Steps": [
                {
                    **_named(_id(url, "workflow", name, step), system_name(step), step),
                    "StepConfigurationJson": json.dumps(
                        {"retry": number, "next": [system_name(s) for s in steps[number + 1 :][:1]]}
                    ),
                }
                for number, step in enumerate(steps)
            ],
            "Variables": [{"Name": "caseId", "Type": "guid"}, {"Name": "attempts", "Type": "int"}],
        },
        # The types it runs for depend on it as well: a cycle, as real ones have.
        mandatory=tuple(f"sharedo-type:{system_name(user)}" for user in users[:1]),
    )


def _template(url: str, title: str, description: Mapping[str, Json]) -> MadeComponent:
    name = system_name(title)
    roles = description.get("roles", ())[:1]
    return MadeComponent(
        provider="document-template",
        selector=_selector(title),
        title=title,
        payload={
            "Template": {
                "Id": _id(url, "template", name),
                "SystemName": name,
                "Title": f"[{title}]",
                "FileName": f"{name}.docx",
                "OutputFormat": "pdf",
            },
            "Tags": [{"Name": "context.title"}, {"Name": "case-owner.name"}],
        },
        recommended=tuple(f"participant-role:{system_name(role)}" for role in roles),
    )


def _other(url: str, provider: str, title: str) -> MadeComponent:
    name = system_name(title)
    return MadeComponent(
        provider=provider,
        selector=_selector(title),
        title=title,
        payload={
            "Definition": {
                **_named(_id(url, provider, name), name, title),
                "IsActive": True,
                "Configuration": json.dumps({"kind": provider, "limit": 50}),
            }
        },
    )


def _work_type(url: str, title: str, holds: Mapping[str, Json]) -> MadeComponent:
    """Make a work type: sections its description speaks of are filled, the others are null or empty."""
    name = system_name(title)

    def id_of(*parts: str) -> str:
        return _id(url, "type", name, *parts)

    phases = [f"{name}-{system_name(phase)}" for phase in holds.get("phases", ())]
    roles = [system_name(role) for role in holds.get("roles", ())]
    filled: dict[str, Json] = {
        "SharedoType": {
            **_named(id_of(), name, title),
            "Description": f"Cases of the kind “{title}”.\r\nInvented for the sandbox.",
            "Icon": "fa-briefcase",
            "IsActive": True,
            "IsAbstract": False,
        },
        "BaseSharedo": {"Id": _id(url, "type", "case"), "SystemName": "case", "Name": "Case"},
        "Phases": [
            {
                **_named(id_of("phase", phase), phase, label),
                "IsStart": number == 0,
                "IsEnd": label in {"Closed", "Withdrawn"},
                "ExpectedDurationDays": 5 * number or None,
            }
            for number, (phase, label) in enumerate(
                zip(phases, holds.get("phases", ()), strict=True)
            )
        ],
        "PhaseTransitions": [
            {
                **_named(
                    id_of("transition", begin, end),
                    f"{begin}-to-{end.removeprefix(f'{name}-')}",
                    f"To {holds['phases'][number + 1]}",
                ),
                "FromPhaseSystemName": begin,
                "ToPhaseSystemName": end,
                "FromPhaseId": id_of("phase", begin),
                "IsUserDriven": True,
            }
            for number, (begin, end) in enumerate(pairwise(phases))
        ],
        "PhasePlan": {
            "SystemName": f"{name}-plan",
            "GraphLayout": f'<mxGraphModel dx="{len(phases)}"><root/></mxGraphModel>',
            "StartPhaseSystemName": phases[0] if phases else None,
        },
        "Relationships": [
            {
                "Id": id_of("related", other),
                "ParentSystemName": name,
                "ChildSystemName": system_name(other),
                "RelationshipTypeSystemName": "related-to",
                "IsRequired": False,
            }
            for other in holds.get("related", ())
        ],
        "FeatureFrameworkEntries": [
            {
                "Id": id_of("feature", feature),
                "SystemName": system_name(feature),
                "PhaseSystemName": phases[0] if phases else None,
                "Configuration": json.dumps(_feature_configuration(name, feature)),
            }
            for feature in holds.get("features", ())
        ],
        "SharedoTypeRoles": [
            {
                "Id": id_of("role", role),
                "ParticipantRoleSystemName": role,
                "MinimumCount": 1 if number == 0 else 0,
                "MaximumCount": None,
                "DisplayOrder": number,
            }
            for number, role in enumerate(roles)
        ],
        "RoleAssociations": [
            {
                "Id": id_of("association", role),
                "SystemName": f"{name}-{roles[0]}-{role}",
                "FromRoleSystemName": roles[0],
                "ToRoleSystemName": role,
            }
            for role in roles[1:]
        ],
        "Aspects": [
            {
                "Id": id_of("aspect", aspect),
                "AspectDefinitionSystemName": system_name(aspect),
                "ZoneName": ("header", "main", "side")[number % 3],
                "DisplayOrder": number,
                "Config": json.dumps(
                    {"title": aspect, "collapsed": number > 1, "columns": ["name", "status"]}
                ),
            }
            for number, aspect in enumerate(holds.get("aspects", ()))
        ],
        "SharedoTypeRolePermissions": [
            {
                "Id": id_of("right", role, right),
                "PermissionSystemName": right,
                "ParticipantRoleSystemName": system_name(role),
                "PhaseSystemName": None,
                "Allow": True,
            }
            for role, rights in holds.get("rights", {}).items()
            for right in rights
        ],
        "SyncRules": [
            {
                "Id": id_of("sync", role),
                "SourceField": f"roles.{role}.name",
                "TargetField": f"attributes.{role}",
                "Direction": "OneWay",
            }
            for role in roles[:2]
        ],
        "TitleGenerator": {
            "SystemName": "title-from-template",
            "GeneratorConfig": json.dumps(
                {"template": f"{title}: {{reference}}", "maxLength": 120}
            ),
        },
        "ReferenceGenerator": {
            "SystemName": "sequence",
            "GeneratorConfig": json.dumps({"prefix": name[:3].upper(), "digits": 6}),
        },
        "Menus": [{"SystemName": f"{name}-menu", "Name": "Case menu", "DisplayOrder": 1}],
        "MenuItems": [
            {"SystemName": f"{name}-{item}", "MenuSystemName": f"{name}-menu", "Name": item.title()}
            for item in ("overview", "documents")
        ],
        "CalculatedFields": [
            {"Name": label, "Expression": f"{system_name(label)}()", "DataType": "number"}
            for label in holds.get("fields", ())
        ],
        "Forms": [
            {"FormSystemName": system_name(form), "Title": form} for form in holds.get("forms", ())
        ],
        "OptionSetUsages": [
            {"OptionSetSystemName": system_name(used), "IsRequired": False}
            for used in holds.get("option_sets", ())
        ],
        "DocumentTemplates": [
            {"TemplateSystemName": system_name(used)} for used in holds.get("templates", ())
        ],
        "PhaseTriggers": [
            {
                "Id": id_of("trigger", flow),
                "SystemName": f"{name}-{system_name(flow)}",
                "WorkflowSystemName": system_name(flow),
                "OnPhaseSystemName": phases[0] if phases else None,
            }
            for flow in holds.get("workflows", ())
        ],
        "KeyDates": [{"SystemName": f"{name}-opened", "Name": "Opened on", "IsRequired": True}],
        "Notifications": [],
    }
    filled |= holds.get("sections", {})
    return MadeComponent(
        provider="sharedo-type",
        selector={"SystemName": name},
        title=title,
        payload={section: filled.get(section) for section in SECTIONS},
        mandatory=(
            *(f"option-set:{system_name(used)}" for used in holds.get("option_sets", ())),
            *(f"participant-role:{role}" for role in roles),
            *(f"execution-engine:{system_name(flow)}" for flow in holds.get("workflows", ())),
        ),
        recommended=(
            *(f"form-builder:{system_name(form)}" for form in holds.get("forms", ())),
            *(f"document-template:{system_name(used)}" for used in holds.get("templates", ())),
            *(f"sharedo-type:{system_name(other)}" for other in holds.get("related", ())),
        ),
    )


def _feature_configuration(name: str, feature: str) -> Json:
    """A webhook's configuration holds a key that no other system knows, to show that it is masked."""
    if feature == "Case webhook":
        key = _id("webhook", name).replace("-", "")
        return {"url": f"https://hooks.example.invalid/{name}", "apiKey": f"made-{key}"}
    return {"enabled": True, "label": feature}
