"""What the tickets of an invented allotment society say: true of every branch, asked where open."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.adf import adf_to_text
from jira_pipeline.documents.rendering import render_ticket
from jira_pipeline.sharedo.sandbox.packages import MadeComponent, MadeEnvironment, build_package
from jira_pipeline.writing.template import TemplateWriter
from jira_pipeline_tests.documents.made_tickets import first_ticket
from jira_pipeline_tests.documents.shown_tables import TableFaults, table_faults_of
from jira_pipeline_tests.sharedo.made_packages import (
    Session,
    briefs_of,
    compare,
    document_of,
    prose_of,
    session_of,
)

PARTS = {"Analysis", "Verification", "Questions for the specification", "User story"}
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


@pytest.fixture(scope="module")
def society(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("society")
    packed(folder, made(), "one.zip")
    return session_of(folder)


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("moving")
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
    return session_of(folder)


SYNC = {"Source": "rent.due", "Destination": "task.due"}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The society with what is odd in exports of real environments."""
    folder = tmp_path_factory.mktemp("odd")
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
    return session_of(folder)


SAYS: dict[str, dict[str, list[str]]] = {
    "odd": {
        "Configure work type: Small plot": [
            "Is task.due / rent.due wanted twice in SyncRules?",
            "the team north-team",
        ],
        "Configure option set: Crops": [
            "“Rye”, “Oats” and “Hemp (do not use)” (switched off)",
            "with the options “Beans, peas”, “Rye” and “Oats”",
        ],
        "Configure workflow: Inspect a plot": [
            "the email template plot-mail: its values name it",
            "Named by Plot and Small plot",
        ],
        "Configure form: Inspection": [
            "with the fields “Acidity” and “Roof”",
            "The form shows the two pages Soil and Shed, with two fields in all",
        ],
        "Configure global feature: Mailbox": [
            "participant roles treasurer and warden: its values name",
            "Whoever holds the secrets has confirmed",
        ],
    },
    "society": {
        "Configure work type: Plot": [
            "cases are created of Small plot",
            "No case of “Plot” itself can be created",
            "Description: “Plot of the society”",
        ],
        "Configure work type: Small plot": [
            "“Let it” is refused in a case that does not meet the guard",
            "; tenant may use core.plot.read and core.plot.update (in Let).",
            "workflow Inspect a plot, built later, in Triggers",
            "the work type tool-loan: its values name them",
            "A case of “Small plot” cannot be saved without warden or tenant",
        ],
        "Configure workflow: Inspect a plot": [
            "the steps “Look round”, “Is tidy” and “Write letter”",
            "goes on from “Is tidy” with yes to “The end” or with no to “Write letter”",
            "Where does the file rules.pdf come from?",
            "Switched off in the package: document template Letter to the tenant",
        ],
        "Configure document template: Letter to the tenant": [
            "plot-letter.docx comes with it",
            "has IsActive = false, and “Inspect a plot” needs it: is it to be deployed",
        ],
        "Configure global feature: Mailbox": [
            "Which values do Client.ApiKey and Value of “Password” get",
            "{{secrets.mail}} in Client.ClientSecret must be known",
            "“ImapHost” of Settings are addresses of the environment",
            "so it begins to work with the import",
        ],
        "Configure form: Inspection": [
            "the fields “Field 1”, “Field 2”, “Field 3”, “Field 4” and “Note”",
            "“Field 2” offers the options of plot-crops",
            "“Field 3” is shown, required or refused as the rules",
        ],
        "Configure option set: Crops": ["Named by Inspection"],
    },
    "moving": {
        "Update global feature: Mailbox in live": [
            "Does Settings[Password].Value keep its value in live",
            "Does Client.Url keep the address it has in live, or get",
            "live has its own values in Client.Url and Settings[Password].Value",
            "live has secrets or addresses of its own in the global feature “Mailbox”",
            "overwrites them, and what live has of its own in “Crops”.",
        ],
        "Update option set: Crops in live": [
            "Does the option rye stay in live, or does it go? Only live has it, sw",
            "what live keeps of its own may differ",
            "An import of wanted.zip overwrites what live has of its own",
        ],
        "Update work type: Plot in live": [
            "Builds: trial 7.1.2.3, live 7.0.9.1",
            "also overwrites what live has of its own in “Crops” and “Mailbox”",
        ],
        "Update document template: Letter to the tenant in live": [
            "plot-letter.docx in live has the content of",
            "replace plot-letter.docx by what",
        ],
    },
    "narrowing": {
        "Update document template: Letter to the tenant in live": [
            "“Pay in 21 days” becomes “Pay in 14 days”"
        ],
        "Update form: Inspection in live": [
            "Existing cases may have no value in note",
            "is “true” in live, and the form cannot be saved without it",
            "the participant role sub-tenant: new values name it",
            "An import of an export of it alone from trial makes the change too",
        ],
        "Update work type: Plot in live": [
            "the right core.plot.sell of tenant in plot-let would change nothing",
            "Lose it” (plot-lost) of “Plot” is in live as tabled after the change, and",
            "takes a case from plot-free to plot-gone",
        ],
        "Update workflow: Inspect a plot in live": [
            "Does the step “Print” (b) stay in live, or does it go?",
            "Steps[a].NextSteps names it there and goes with it",
        ],
    },
}
NEVER: dict[str, dict[str, list[str]]] = {
    "odd": {
        "Configure workflow: Inspect a plot": ["A run of"],
        "Configure work type: Small plot": ["A new case of “Small plot”", "is refused"],
        "Configure option set: Crops": ["is it to be deployed"],
    },
    "moving": {
        "Update global feature: Mailbox in live": ["Settings[Password].Value of “Mailbox” is"],
        "Update option set: Crops in live": ["rye of “Crops” is"],
    },
    "society": {
        "Configure work type: Plot": ["A new case of “Plot”", "What may the role"],
        "Configure work type: Small plot": ["is refused core.plot.update"],
        "Configure workflow: Inspect a plot": [
            "carries out Look round, Is tidy, Write letter",
            "Letter.docx",
        ],
    },
}


@pytest.fixture(scope="module")
def prose(request: pytest.FixtureRequest) -> Mapping[str, Mapping[str, str]]:
    """What the tickets of each session say, by title."""
    return {which: prose_of(request.getfixturevalue(which)) for which in SAYS}


@pytest.mark.parametrize(
    ("which", "title"), [(which, title) for which, found in SAYS.items() for title in found]
)
def test_a_ticket_says(prose: Mapping[str, Mapping[str, str]], which: str, title: str) -> None:
    said = prose[which][title]

    assert [sentence for sentence in SAYS[which][title] if sentence not in said] == []
    assert [sentence for sentence in NEVER.get(which, {}).get(title, ()) if sentence in said] == []


def test_a_guard_refuses_with_its_message(tmp_path: Path) -> None:
    refusing = {"GuardSystemName": "paid", "FailureMessage": "The rent is not paid"}
    changes = {"PhaseTransitions": [{**TRANSITIONS[0], "Guards": [refusing]}, TRANSITIONS[1]]}
    packed(tmp_path, made(plot_small=changes), "one.zip")

    prose = prose_of(session_of(tmp_path))["Configure work type: Small plot"]

    assert "“Let it” is refused" in prose
    assert "with the message The rent is not paid" in prose


def test_an_entry_that_the_target_has_once_is_asked_for_and_not_called_missing(
    tmp_path: Path,
) -> None:
    wanted = made(plot={"SyncRules": [SYNC, SYNC]})
    needing = {"Work type: Plot": ("option-set:plot-crops",)}
    components = tuple(
        replace(c, mandatory=needing.get(c.title, c.mandatory)) for c in wanted.components
    )
    packed(tmp_path, replace(wanted, components=components), "wanted.zip")
    packed(tmp_path, made(plot={"SyncRules": [SYNC]}), "b.zip")
    compare(tmp_path, "trial wanted.zip", "live b.zip")

    prose = prose_of(session_of(tmp_path))["Update work type: Plot in live"]

    assert "wanted twice in live? live has it once, trial has it more often" in prose
    assert "live lacks" not in prose
    assert "Dependencies[option-set:plot-crops] of trial states an order of import" in prose


def test_what_may_be_built_by_hand_is_not_checked_as_an_import(tmp_path: Path) -> None:
    packed(tmp_path, made(), "wanted.zip")
    live = made(plot_crops={"Values": [*CROPS["Values"], {"SystemName": "rye"}]})
    packed(tmp_path, replace(live, components=live.components[:2]), "b.zip")
    compare(tmp_path, "trial wanted.zip", "live b.zip")

    prose = prose_of(session_of(tmp_path))["Create document template: Letter to the tenant in live"]

    assert "Export it alone from trial and import that into live, or build it by hand" in prose
    assert (
        "in the files of wanted.zip; for building by hand, take it from there and upload it"
        in prose
    )
    assert "The import of" not in prose


def word_document(*paragraphs: str) -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document><w:body>{body}</w:body></w:document>")
    return stream.getvalue()


@pytest.fixture(scope="module")
def narrowing(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Two environments whose differences hang together."""
    folder = tmp_path_factory.mktemp("narrowing")
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
    return session_of(folder)


def test_a_change_waits_only_for_what_its_new_values_name(narrowing: Session) -> None:
    """The package states that the workflow needs the template, which live has."""
    assert [group.dependencies for group in narrowing.groups] == [()] * len(narrowing.groups)


def test_phases_are_checked_before_the_transitions_that_name_them(moving: Session) -> None:
    prose = prose_of(moving)["Update work type: Plot in live"].partition("“Plot” is in live")[0]

    assert prose.rstrip().endswith("The phase “Gone” (plot-gone) of")


def test_what_the_target_uses_itself_is_not_asked_for(moving: Session) -> None:
    assert all("Does the target have" not in prose for prose in prose_of(moving).values())


@pytest.mark.parametrize("which", ["society", "moving"])
def test_every_value_can_be_read_back(which: str, request: pytest.FixtureRequest) -> None:
    found: Session = request.getfixturevalue(which)

    faults = [table_faults_of(g, document_of(found, g.title)) for g in found.groups]

    assert faults == [TableFaults(missing=(), invented=())] * len(faults)


def test_a_short_body_has_no_heading_over_nothing(society: Session) -> None:
    groups = {group.key: group for group in society.groups}
    for brief in briefs_of(society):
        ticket = first_ticket(brief.group, TemplateWriter().write(brief), session_key="any")
        body = render_ticket(ticket, brief.group, groups=groups, body_max_bytes=6_000)
        lines = adf_to_text(body.document).splitlines()

        empty = [line for line, below in pairwise(lines) if below == "In the attachment."]

        assert {line.partition(" (")[0] for line in empty} <= PARTS
