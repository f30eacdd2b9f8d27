"""The packages of an invented allotment society, with what is odd in exports and in comparisons.

Belongs here: making them, as a folder for each session. Does not: what their tickets say, which
`golden` freezes as `specifications/society`.
"""

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jira_pipeline.sources.sharedo.sandbox.made_packages import (
    MadeComponent,
    MadeEnvironment,
    build_package,
)
from jira_pipeline_tests.sources.sharedo.made_packages import compare

ROLES = [
    {"ParticipantRoleSystemName": name, "DisplayName": name.title(), "MinOccurs": count}
    for name, count in (("warden", 1), ("tenant", 1), ("neighbour", 0))
]
PHASES = [
    {"SystemName": "plot-free", "Name": "Free", "IsStart": True, "IsEnd": False},
    {"SystemName": "plot-let", "Name": "Let", "IsStart": False, "IsEnd": False},
    {"SystemName": "plot-gone", "Name": "Gone", "IsStart": False, "IsEnd": True},
]
TRANSITIONS = [
    {
        "SystemName": "plot-letting",
        "Name": "Let it",
        "FromPhaseSystemName": "plot-free",
        "ToPhaseSystemName": "plot-let",
        "GuardConfigurationJson": json.dumps({"rules": [{"field": "rent.paid", "op": "isTrue"}]}),
    },
    {
        "SystemName": "plot-ending",
        "Name": "End it",
        "FromPhaseSystemName": "plot-let",
        "ToPhaseSystemName": "plot-gone",
    },
]


def right(name: str, role: str, phase: str | None = None) -> dict[str, Any]:
    return {
        "Id": "6f9619ff-8b86-4d01-b42d-00c04fc964ff",
        "PermissionSystemName": name,
        "ParticipantRoleSystemName": role,
        "PhaseSystemName": phase,
        "Allow": True,
    }


def plot(name: str, title: str, *, parent: str = "land", is_abstract: bool = False) -> Any:
    return {
        "BaseSharedo": {
            "SystemName": name,
            "Name": title,
            "Description": f"{title} of the society.",
            "ParentSystemName": parent,
            "IsAbstract": is_abstract,
            "CreatedOn": "2026-01-05T09:30:00Z",
        },
        "Phases": PHASES,
        "PhaseTransitions": TRANSITIONS,
        "SharedoTypeRoles": ROLES,
        "SharedoTypeRolePermissions": [
            right("core.plot.read", "warden"),
            right("core.plot.update", "warden"),
            right("core.plot.read", "tenant"),
            right("core.plot.update", "tenant", "plot-let"),
        ],
        "Triggers": [{"SystemName": f"{name}-new", "PlanSystemName": "plot-inspect"}],
        "Relationships": [
            {"ChildTypeSystemName": "tool-loan", "RelationshipTypeSystemName": "a-b"}
        ],
    }


def step(name: str, kind: str, **ways: str) -> Any:
    return {
        "SystemName": name,
        "Name": name.replace("-", " ").capitalize(),
        "Type": kind,
        "Connections": [
            {"Outcome": outcome, "TargetStepSystemName": target} for outcome, target in ways.items()
        ],
    }


INSPECT = {
    "SystemName": "plot-inspect",
    "Name": "Inspect a plot",
    "Steps": [
        step("look-round", "task", done="is-tidy"),
        step("is-tidy", "decision", yes="the-end", no="write-letter"),
        {
            **step("write-letter", "send", sent="the-end"),
            "ConfigurationJson": json.dumps({"template": "plot-letter", "attach": ["rules.pdf"]}),
        },
        step("the-end", "end"),
    ],
}
LETTER = {
    "SystemName": "plot-letter",
    "Name": "Letter to the tenant",
    "IsActive": False,
    "StorageFile": "plot-letter.docx",
    "FileName": "Letter.docx",
}
MAILBOX: Mapping[str, Any] = {
    "SystemName": "society-mail",
    "Name": "Mailbox",
    "IsEnabled": True,
    "Settings": [
        {"Name": "ImapHost", "Value": "imap.mail.example.invalid"},
        {"Name": "Password", "Value": "Blue-Kettle-77"},
    ],
    "Client": {
        "ClientSecret": "{{secrets.mail}}",
        "ApiKey": "k-1234-aBcD-5678",
        "Url": "https://mail.example.invalid/in",
    },
}
FORM = {
    "Title": "Inspection",
    "Sections": [
        {
            "SystemName": "state",
            "Fields": [
                {
                    "SystemName": f"field{number}",
                    "Label": f"Field {number}",
                    "IsRequired": number == 1,
                    "Settings": {"optionSet": "plot-crops"} if number == 2 else None,
                    "Rules": [{"Effect": "show", "When": ["a", "b"]}] if number == 3 else [],
                }
                for number in range(1, 5)
            ],
        },
        {"SystemName": "more", "Fields": [{"SystemName": "note", "Label": "Note"}]},
    ],
}
CROPS: Mapping[str, Any] = {
    "Name": "Crops",
    "Values": [
        {"SystemName": name, "Name": name.title(), "IsActive": name != "hemp"}
        for name in ("beans", "hemp")
    ],
}


def made(**changes: Any) -> MadeEnvironment:
    """The society with some payloads changed, by system name with underscores."""
    payloads: dict[tuple[str, str, str], Any] = {
        ("option-set", "plot-crops", "Option set: Crops"): CROPS,
        ("form-builder", "plot-inspection", "Form: Inspection"): FORM,
        ("document-template", "plot-letter", "Template: Letter"): LETTER,
        ("sharedo-type", "plot", "Work type: Plot"): plot("plot", "Plot", is_abstract=True),
        ("sharedo-type", "plot-small", "Work type: Small"): plot(
            "plot-small", "Small plot", parent="plot"
        ),
        ("execution-engine", "plot-inspect", "Workflow: Inspect"): INSPECT,
        ("global-feature", "society-mail", "Global feature: Mail"): MAILBOX,
    }
    needs = {
        "plot-inspect": ("document-template:plot-letter",),
        "plot-small": ("sharedo-type:plot", "option-set:tool-kind"),
    }
    components = [
        MadeComponent(
            provider=provider,
            selector={"SystemName": name},
            title=title,
            payload={**payload, **changes.get(name.replace("-", "_"), {})},
            mandatory=needs.get(name, ()),
        )
        for (provider, name, title), payload in payloads.items()
    ]
    return MadeEnvironment(
        url="https://one.sharedo.invalid", version="7.1.2.3", components=tuple(components)
    )


def packed(folder: Path, society: MadeEnvironment, name: str, letter: bytes = b"Dear") -> Path:
    path = folder / name
    path.write_bytes(build_package(society, tuple(society.by_key)))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("files/plot-letter.docx", letter)
    return path


def write_society(folder: Path) -> None:
    """Write the packages of one environment."""
    packed(folder, made(), "one.zip")


def write_moving(folder: Path) -> None:
    """Write two environments that differ in what each has of its own."""
    packed(folder, made(), "wanted.zip", b"Dear tenant")
    live = made(
        society_mail={
            "Settings": [
                MAILBOX["Settings"][0],
                {"Name": "Password", "Value": "Red-Teapot-41"},
            ],
            "Client": {**MAILBOX["Client"], "Url": "https://old.example.invalid"},
        },
        plot_crops={"Values": [*CROPS["Values"], {"SystemName": "rye", "IsActive": False}]},
        plot={"Phases": PHASES[:2], "PhaseTransitions": TRANSITIONS[:1]},
    )
    packed(folder, MadeEnvironment(url="x", version="7.0.9.1", components=live.components), "b.zip")
    compare(folder, "trial wanted.zip", "live b.zip")


SYNC = {"Source": "rent.due", "Destination": "task.due"}


def write_odd(folder: Path) -> None:
    """The society with what is odd in exports of real environments."""
    refusing = {"GuardSystemName": "paid", "FailureMessage": "The rent is not paid"}
    changes: dict[str, Any] = {
        "plot": {"SyncRules": [SYNC]},
        "plot_small": {
            "BaseSharedo": {**plot("plot-small", "Small plot")["BaseSharedo"], "IsActive": False},
            "SyncRules": [SYNC, SYNC],
            "PhaseTransitions": [{**TRANSITIONS[0], "Guards": [refusing]}, TRANSITIONS[1]],
            "MenuItems": [{"Text": "Inspect", "Command": "start:plot-inspect"}],
            "Teams": ["north-team"],
        },
        "plot_crops": {
            "Values": [
                {"SystemName": "beans", "Name": "Beans, peas"},
                {"SystemName": "rye", "Name": "Rye"},
                {"SystemName": "oats", "Name": "Oats"},
                {"SystemName": "hemp", "Name": "Hemp (do not use)", "IsActive": False},
            ]
        },
        "plot_inspect": {
            "State": "Draft",
            "Steps": [
                {
                    **step("write-letter", "send"),
                    "ConfigurationJson": json.dumps({"emailTemplate": "plot-mail"}),
                }
            ],
        },
        "plot_inspection": {
            "Sections": None,
            "Pages": [
                {"Name": "Soil", "Controls": [{"FieldName": "ph", "Label": "Acidity"}]},
                {"Name": "Shed", "Controls": [{"FieldName": "roof", "Label": "Roof"}]},
            ],
        },
        "society_mail": {"To": ["{{roles.treasurer.email}}"], "Notify": ["warden", "daily"]},
    }
    packed(folder, made(**changes), "one.zip")


def word_document(*paragraphs: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(
            zipfile.ZipInfo("word/document.xml"),
            f"<w:document><w:body>{body}</w:body></w:document>",
        )
    return stream.getvalue()


def write_narrowing(folder: Path) -> None:
    """Two environments whose differences hang together."""
    fields: list[Any] = [{"SystemName": "note", "Label": "Note", "IsRequired": True}]
    wanted = {
        "plot": {
            "SharedoTypeRolePermissions": [right("core.plot.sell", "tenant", "plot-let")],
            "PhaseTransitions": [
                *TRANSITIONS,
                {
                    "SystemName": "plot-lost",
                    "Name": "Lose it",
                    "FromPhaseSystemName": "plot-free",
                    "ToPhaseSystemName": "plot-gone",
                    "IsUserDriven": False,
                },
            ],
        },
        "plot_inspection": {
            "Sections": [
                {
                    "SystemName": "more",
                    "Fields": [*fields, {"SystemName": "lodger", "ParticipantRole": "sub-tenant"}],
                }
            ]
        },
        "plot_inspect": {
            "Steps": [{"SystemName": "a", "Name": "Ask", "NextSteps": ["c"]}, {"SystemName": "c"}]
        },
    }
    packed(folder, made(**wanted), "wanted.zip", word_document("Dear tenant", "Pay in 14 days"))
    live = {
        "plot": {"SharedoTypeRolePermissions": [right("core.plot.sell", "tenant")]},
        "plot_inspection": {
            "Sections": [{"SystemName": "more", "Fields": [{**fields[0], "IsRequired": False}]}]
        },
        "plot_inspect": {
            "Steps": [
                {"SystemName": "a", "Name": "Ask", "NextSteps": ["b"]},
                {"SystemName": "b", "Name": "Print", "NextSteps": ["c"]},
                {"SystemName": "c"},
            ]
        },
    }
    packed(folder, made(**live), "b.zip", word_document("Dear tenant", "Pay in 21 days"))
    compare(folder, "trial wanted.zip", "live b.zip")


def write_guarded(folder: Path) -> None:
    """Write a transition whose guard refuses with a message."""
    refusing = {"GuardSystemName": "paid", "FailureMessage": "The rent is not paid"}
    changes = {"PhaseTransitions": [{**TRANSITIONS[0], "Guards": [refusing]}, TRANSITIONS[1]]}
    packed(folder, made(plot_small=changes), "one.zip")


def write_repeated(folder: Path) -> None:
    """Write an entry that one environment has twice, and an order of import that only it states."""
    wanted = made(plot={"SyncRules": [SYNC, SYNC]})
    needing = {"Work type: Plot": ("option-set:plot-crops",)}
    components = tuple(
        replace(c, mandatory=needing.get(c.title, c.mandatory)) for c in wanted.components
    )
    packed(folder, replace(wanted, components=components), "wanted.zip")
    packed(folder, made(plot={"SyncRules": [SYNC]}), "b.zip")
    compare(folder, "trial wanted.zip", "live b.zip")


def write_lacking(folder: Path) -> None:
    """Write an environment that lacks most, of which an import would overwrite what it has."""
    packed(folder, made(), "wanted.zip")
    live = made(plot_crops={"Values": [*CROPS["Values"], {"SystemName": "rye"}]})
    packed(folder, replace(live, components=live.components[:2]), "b.zip")
    compare(folder, "trial wanted.zip", "live b.zip")


SESSIONS: Mapping[str, Callable[[Path], None]] = {
    "society": write_society,
    "odd": write_odd,
    "moving": write_moving,
    "narrowing": write_narrowing,
    "guarded": write_guarded,
    "repeated": write_repeated,
    "lacking": write_lacking,
}
