"""A model completes tickets of ShareDo packages the way it completes those of sheets."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    MadeComponent,
    MadeEnvironment,
    build_package,
)
from jira_pipeline.tickets.grouping.component_rows import shown_values
from jira_pipeline.writing.completion.checking import completed_prose
from jira_pipeline.writing.completion.prompt import (
    PromptRule,
    TicketToComplete,
    kept_changes,
    prompt_of,
    storable_json,
)
from jira_pipeline_tests.sharedo.made_packages import briefs_of, compare, session_of
from jira_pipeline_tests.writing.asked_models import first_prompt, to_complete
from jira_pipeline_tests.writing.completion.completed import (
    changes_of_model,
    judged,
    name_of_row,
    refused,
)

SECRETS = ("Blue-Kettle-77", "k-1234-aBcD-5678", "Red-Teapot-41")
CREATED = "2026-01-05T09:30:00Z"
LENDING = "Configure workflow: Lend a boat"
PAYLOADS: Mapping[tuple[str, str], Any] = {
    ("option-set", "boat-kinds"): {
        "Name": "Boat kinds",
        "Values": [
            {"SystemName": "sloop", "Name": "Sloop", "IsActive": True},
            {"SystemName": "punt", "Name": "Punt", "IsActive": False},
        ],
    },
    ("document-template", "skipper-letter"): {
        "SystemName": "skipper-letter",
        "Name": "Skipper letter",
        "IsActive": True,
        "Content": "Dear skipper",
    },
    ("execution-engine", "lend-boat"): {
        "SystemName": "lend-boat",
        "Name": "Lend a boat",
        "Description": "Asks the skipper, who has two days to answer.",
        "CreatedOn": CREATED,
        "Steps": [
            {
                "SystemName": "ask-skipper",
                "Name": "Ask the skipper",
                "TimeoutDays": 5,
                "Template": "skipper-letter",
            },
            {"SystemName": "hand-over", "Name": "Hand over"},
        ],
    },
    ("global-feature", "harbour-mail"): {
        "SystemName": "harbour-mail",
        "Name": "Harbour mail",
        "Password": SECRETS[0],
        "Client": {"ApiKey": SECRETS[1], "Url": "https://mail.example.invalid/in"},
    },
}


def environment(**changes: Any) -> MadeEnvironment:
    """The harbour's configuration, some payloads changed, by system name with underscores."""
    components = [
        MadeComponent(
            provider=provider,
            name=name,
            title=payload["Name"],
            payload={**payload, **changes.get(name.replace("-", "_"), {})},
        )
        for (provider, name), payload in PAYLOADS.items()
    ]
    return MadeEnvironment(url="https://x.invalid", version="7", components=tuple(components))


def packed(folder: Path, made: MadeEnvironment, name: str = "one.zip") -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(build_package(made, tuple(made.by_key)))


def briefs_in(folder: Path) -> Mapping[str, TicketRows]:
    return {brief.group.title: brief for brief in briefs_of(session_of(folder))}


@pytest.fixture(scope="module")
def briefs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, TicketRows]:
    folder = tmp_path_factory.mktemp("harbour")
    packed(folder, environment())
    return briefs_in(folder)


@pytest.fixture(scope="module")
def differing(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, TicketRows]:
    """What differs: a setting, a secret, an address; an option and a component only in the target."""
    folder = tmp_path_factory.mktemp("differing")
    packed(folder, environment(), "wanted.zip")
    kinds = PAYLOADS["option-set", "boat-kinds"]["Values"]
    steps = PAYLOADS["execution-engine", "lend-boat"]["Steps"]
    live = environment(
        boat_kinds={"Values": [*kinds, {"SystemName": "raft", "Name": "Raft"}]},
        lend_boat={"Steps": [steps[0] | {"TimeoutDays": 9}, steps[1]]},
        harbour_mail={"Password": SECRETS[2], "Client": {"Url": "https://old.example.invalid"}},
    )
    only_there = MadeComponent(
        provider="option-set",
        name="old-kinds",
        title="Old kinds",
        payload={"Name": "Old kinds", "IsActive": True},
    )
    packed(folder, replace(live, components=(*live.components, only_there)), "live.zip")
    compare(folder, "trial wanted.zip", "live live.zip")
    return briefs_in(folder)


@pytest.mark.parametrize("which", ["briefs", "differing"])
def test_no_secret_is_sent(which: str, request: pytest.FixtureRequest) -> None:
    tickets = map(to_complete, request.getfixturevalue(which).values())
    prompts = [first_prompt(ticket) for ticket in tickets]

    sent = "\n".join(f"{p.instructions}\n{p.context}\n{p.request}" for p in prompts)

    assert [secret for secret in SECRETS if secret in sent] == []
    assert all("[masked]" in prompt.context for prompt in prompts)


def test_every_value_that_is_shown_is_in_the_line_of_its_row(
    briefs: Mapping[str, TicketRows],
) -> None:
    whole = to_complete(briefs[LENDING])
    lines = first_prompt(whole).context.splitlines()

    for name, row in whole.rows.items():
        (line,) = [line for line in lines if line.startswith(f"{name}|")]
        assert [value for value in shown_values(row).values() if value not in line] == []
    assert CREATED not in "\n".join(lines)


def test_of_too_many_components_those_stay_that_a_ticket_names(
    briefs: Mapping[str, TicketRows],
) -> None:
    whole = to_complete(briefs[LENDING])

    prompt = prompt_of(whole, PromptRule(context_tokens=95))

    assert prompt.is_shortened
    assert "Dear skipper" in prompt.context  # named by a step
    assert "Sloop" not in prompt.context
    assert "left out for their number" in prompt.request


@pytest.mark.parametrize(
    ("sentence", "fault"),
    [
        ("`ask-canary` asks the skipper.", "is in no row"),
        ("The setting `CanaryDays` is new.", "is in no row"),
        ("`/admin/config` shows it.", "is in no row"),
        ("`TimeoutDays` of `ask-skipper` is `false`.", "`TimeoutDays` is 5"),
        ("`TimeoutDays` of “Ask the skipper” is now “2”.", "`TimeoutDays` is 5"),
        ("`IsActive` of “Punt” is `true`.", "`IsActive` is false"),
        ("`Url` of “Harbour mail” is `skipper-letter`.", "`Url` is https://mail"),
        ("`Client.Url` of “Harbour mail” is `skipper-letter`.", "`Client.Url` is https://mail"),
        ("entry3 waits.", "use its label or machine name"),
    ],
)
def test_what_a_package_does_not_have_or_contradicts_is_refused(
    briefs: Mapping[str, TicketRows], sentence: str, fault: str
) -> None:
    assert fault in refused(sentence, to_complete(briefs[LENDING]))


@pytest.mark.parametrize(
    "sentence",
    [
        "The description says “two days to answer”, `TimeoutDays` of `ask-skipper` is `5`.",
        "`IsActive` of “Punt” is `false`, so a form does not offer it.",
        "`ask-skipper` sends “Skipper letter” (`skipper-letter`).",
        "`execution-engine/lend-boat/Steps` begins with “Ask the skipper”.",
    ],
)
def test_what_a_package_says_is_not_refused(
    briefs: Mapping[str, TicketRows], sentence: str
) -> None:
    assert refused(sentence, to_complete(briefs[LENDING])) == ""


def value_check(ticket: TicketToComplete, name: str, column: str, value: str) -> dict[str, str]:
    row = name_of_row(name, ticket)
    return {"row": row, "column": column, "value": value, "check": "value"}


def test_a_check_of_a_setting_holds_for_its_value_and_for_no_other(
    briefs: Mapping[str, TicketRows],
) -> None:
    whole = to_complete(briefs[LENDING])
    checks = [
        value_check(whole, "skipper-letter", "Content", "Dear skipper"),
        value_check(whole, "punt", "IsActive", "false"),
        value_check(whole, "ask-skipper", "TimeoutDays", "50"),
        value_check(whole, "ask-skipper", "Timeout", "5"),
        value_check(whole, "lend-boat", "CreatedOn", CREATED),
        value_check(whole, "harbour-mail", "Password", "[masked]"),
        value_check(whole, "ask-skipper", "TimeoutDays", "5") | {"check": "values"},
    ]

    found = [bool(one.refused) for one in judged(whole, verification=checks)]

    assert found == [False, False, True, True, True, True, True]


def test_of_a_change_the_wanted_value_is_checked_unless_somebody_has_to_decide(
    differing: Mapping[str, TicketRows],
) -> None:
    whole = to_complete(differing["Update option set: Boat kinds in live"])
    changes = [row for row in whole.rows.values() if row.has_column("After")]
    checks = [value_check(whole, c.machine_name, "After", c.cell("After")) for c in changes]

    found = judged(whole, verification=checks)

    held = {one.row.machine_name for one in found if one.row and not one.refused}
    assert len(changes) == len(checks) == 5
    assert held == {"Steps[ask-skipper].TimeoutDays"}


def test_a_ticket_is_completed_and_each_change_says_where_it_is_from(
    briefs: Mapping[str, TicketRows],
) -> None:
    whole = to_complete(briefs[LENDING])
    sentence = "The description says “two days”, `TimeoutDays` of `ask-skipper` is `5`."
    changes = changes_of_model(
        analysis=[sentence],
        verification=[value_check(whole, "punt", "IsActive", "false")],
        questions=[{"row": name_of_row("ask-skipper", whole), "question": "Five days, or two?"}],
    )

    prose = completed_prose(changes, whole, writer="openai:small/19")

    assert "“two days”, <code>TimeoutDays</code> of" in prose.parts.analysis
    setting = "<code>IsActive</code> of <code>punt</code> is “false”."
    assert setting in prose.parts.verification
    assert [q.question for q in prose.questions if q.proposed_by] == ["Five days, or two?"]
    by_kind = {change.kind.value: change for change in prose.changes}
    assert by_kind["verification"].place == "one.zip:option-set/boat-kinds/Values:2"
    assert by_kind["verification"].after == setting


def test_a_kept_answer_is_for_the_same_entry_in_another_export(
    briefs: Mapping[str, TicketRows], tmp_path: Path
) -> None:
    whole = to_complete(briefs[LENDING])
    changes = changes_of_model(verification=[value_check(whole, "ask-skipper", "TimeoutDays", "5")])
    steps = PAYLOADS["execution-engine", "lend-boat"]["Steps"]
    kinds = PAYLOADS["option-set", "boat-kinds"]["Values"]
    packed(tmp_path, environment(lend_boat={"Steps": steps}, boat_kinds={"Values": kinds[1:]}))
    again = to_complete(briefs_in(tmp_path)[LENDING])

    (kept,) = kept_changes(storable_json(changes, whole), again).verification

    assert not isinstance(kept, str)
    assert again.rows[kept.row].machine_name == "ask-skipper"
