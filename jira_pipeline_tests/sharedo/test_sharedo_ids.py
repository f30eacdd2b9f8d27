"""References by id: one that moved is a difference, one that nothing explains is none."""

import json
from typing import Any

from jira_pipeline.sharedo.comparison import Comparison
from jira_pipeline.sharedo.natural_keys import named, natural_names
from jira_pipeline.sharedo.packages import SharedoPackage
from jira_pipeline.sharedo.reading.packages import read_package
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    MadeComponent,
    MadeEnvironment,
    build_package,
)
from jira_pipeline.tickets.grouping.component_rows import Outcome
from jira_pipeline_tests.sharedo.made_packages import compared_packages
from jira_pipeline_tests.tables import each


def guid(environment: int, number: int) -> str:
    return f"{environment}0000000-0000-4000-8000-{number:012}"


def package_of(environment: int, **sections: Any) -> SharedoPackage:
    """A work type with two menus and two phases, a form beside it."""

    def own(number: int, name: str) -> dict[str, Any]:
        return {"Id": guid(environment, number), "SystemName": name, "Name": name.title()}

    made = [
        MadeComponent(
            provider="sharedo-type",
            name="lease",
            title="Lease",
            payload={
                "SharedoType": own(1, "lease"),
                "Menus": [own(2, "main-menu"), own(3, "side-menu")],
                "Phases": [own(4, "lease-new"), own(5, "lease-closed")],
                **sections,
            },
        ),
        MadeComponent(
            provider="form-builder",
            name="intake",
            title="Intake",
            payload={"Form": own(6, "intake")},
        ),
    ]
    holds = MadeEnvironment(url="https://x.invalid", version="1", components=tuple(made))
    content = build_package(holds, [*holds.by_key])
    return read_package(content, file=f"{environment}.zip", secret_key=b"any")


def compared(first: SharedoPackage, second: SharedoPackage) -> Comparison:
    return compared_packages([first], [second])


def referring(shape: str, environment: int, number: int) -> dict[str, Any]:
    """Something that names a thing by its id, in one of the ways that occur."""
    there = guid(environment, number)
    shapes: dict[str, dict[str, Any]] = {
        "item": {"MenuItems": [{"SystemName": "papers", "MenuId": there}]},
        "item without a name": {"SyncRules": [{"Direction": "OneWay", "TargetId": there}]},
        "transition": {"PhaseTransitions": [{"SystemName": "on", "ToPhaseId": there.upper()}]},
        "json inside text": {"TitleGenerator": {"Config": json.dumps({"phase": there})}},
        "longer text": {"TitleGenerator": {"Template": f"open:{there}/now"}},
        "list": {"Forms": {"Shown": [there, "always"]}},
        "field": {"WorkSchedules": {there: {"Days": 3}}},
    }
    return shapes[shape]


SHAPES = {
    "item": "MenuItems[papers].MenuId",
    "item without a name": "SyncRules[Direction OneWay, TargetId ",
    "transition": "PhaseTransitions[on].ToPhaseId",
    "json inside text": "TitleGenerator.Config.phase",
    "longer text": "TitleGenerator.Template",
    "list": "Forms.Shown",
    "field": "WorkSchedules",
}


@each("numbers", [(2, 2), (8, 9)], ids=["the same thing", "what nothing explains"])
def test_a_reference_by_id_to_what_may_be_the_same_is_no_difference(
    numbers: tuple[int, int],
) -> None:
    """An id that nothing explains may stand for the same thing in both, or for another."""
    for shape in SHAPES:
        sides = [package_of(n, **referring(shape, n, numbers[n - 1])) for n in (1, 2)]

        comparison = compared(*sides)

        assert comparison.counts[Outcome.UNCHANGED] == 2, shape
        assert comparison.warnings == ("Both sides were exported from https://x.invalid.",)


@each("shape", SHAPES)
def test_a_reference_by_id_that_moved_is_a_difference_in_natural_names(shape: str) -> None:
    """A menu item that moved to another menu was alike: both sides said “(id)”."""
    comparison = compared(
        package_of(1, **referring(shape, 1, 3)), package_of(2, **referring(shape, 2, 2))
    )

    (component,) = comparison.with_outcome(Outcome.MODIFIED)
    assert all(d.path.startswith(SHAPES[shape]) for d in component.differences)
    shown = json.dumps([[d.path, d.before, d.after] for d in component.differences])
    assert "side-menu" in shown
    assert "main-menu" in shown
    assert "0000-4000" not in shown


def test_what_another_component_of_the_side_is_called_is_known() -> None:
    used = {"Forms": [{"SystemName": "first", "FormId": guid(1, 6)}]}
    other = {"Forms": [{"SystemName": "first", "FormId": guid(2, 1)}]}

    (component,) = compared(package_of(1, **used), package_of(2, **other)).with_outcome(
        Outcome.MODIFIED
    )

    assert [(d.path, d.before, d.after) for d in component.differences] == [
        ("Forms[first].FormId", "lease", "intake")
    ]


def test_an_id_beside_the_name_of_what_it_is_of_is_not_compared_again() -> None:
    def transition(environment: int, number: int) -> dict[str, Any]:
        ends = {"ToPhaseId": guid(environment, number), "ToPhaseSystemName": "lease-new"}
        return {"PhaseTransitions": [{"SystemName": "on", **ends}]}

    assert not compared(
        package_of(1, **transition(1, 4)), package_of(2, **transition(2, 9))
    ).differs


def test_a_text_that_is_no_id_differs_from_one() -> None:
    text = {"SearchScopes": [{"SystemName": "all", "Engine": "plain"}]}
    unknown = {"SearchScopes": [{"SystemName": "all", "Engine": guid(2, 9)}]}

    assert compared(package_of(1, **text), package_of(2, **unknown)).differs


def test_a_system_name_counts_more_than_what_repeats_a_thing_by_another_name() -> None:
    repeated = package_of(1, Tags=[{"Id": guid(1, 4), "Name": "A new one"}])

    names = natural_names(repeated.components)

    assert named(f"in {{{guid(1, 4)}}}", names) == "in lease-new"
