"""Two environments compared: nothing where only ids, times, versions and order differ, else exactly what differs."""

import copy
import dataclasses
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

from jira_pipeline.sharedo.comparison import Comparison, SideFailure, side_text
from jira_pipeline.sharedo.packages import SharedoPackage
from jira_pipeline.sharedo.reading.packages import read_package
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    MadeComponent,
    MadeEnvironment,
    build_package,
)
from jira_pipeline.tickets.grouping.component_rows import Outcome
from jira_pipeline_tests.sharedo.made_packages import ONE_OF_EACH, compared_packages
from jira_pipeline_tests.tables import each

KEY = b"a key of this installation"
ENVIRONMENT = ONE_OF_EACH
LEASE = "sharedo-type:lease"
GONE = object()
MORE = object()


def packages_of(environment: MadeEnvironment, **how: str) -> tuple[SharedoPackage, ...]:
    """One package for each component, as a consultant exports them."""
    return tuple(
        read_package(
            build_package(environment, [key], **how),  # type: ignore[arg-type]  # names of exports
            file=f"{key.replace(':', '-')}.zip",
            secret_key=KEY,
        )
        for key in environment.by_key
    )


def compared(first: MadeEnvironment, second: MadeEnvironment) -> Comparison:
    return compared_packages(packages_of(first), packages_of(second, export_id="export-2"))


def with_components(components: Sequence[MadeComponent]) -> MadeEnvironment:
    return dataclasses.replace(ENVIRONMENT, components=tuple(components))


def changed(environment: MadeEnvironment, key: str, **fields: Any) -> MadeEnvironment:
    return with_components(
        [dataclasses.replace(c, **fields) if c.key == key else c for c in environment.components]
    )


def injected(key: str, steps: Sequence[Any], value: object) -> MadeEnvironment:
    """Change one value of one component; a text that is JSON is changed inside."""
    payload = copy.deepcopy(dict(ENVIRONMENT.by_key[key].payload))
    return changed(ENVIRONMENT, key, payload=_set(payload, steps, value))


def _set(holder: Any, steps: Sequence[Any], value: object) -> Any:
    if isinstance(holder, str):
        return json.dumps(_set(json.loads(holder), steps, value))
    step, *rest = steps
    if rest and rest != [MORE]:
        holder[step] = _set(holder[step], rest, value)
    elif rest:
        holder[step] = [*(holder[step] or []), value]
    elif value is GONE:
        del holder[step]
    else:
        holder[step] = value
    return holder


SYNC = "SyncRules[Direction OneWay, SourceField roles.case-owner.name]"
INJECTED: list[tuple[str, list[Any], Any, str]] = [
    (LEASE, ["SharedoType", "Name"], "Rent", "SharedoType.Name"),
    (LEASE, ["SharedoType", "IsActive"], 1, "SharedoType.IsActive"),
    (LEASE, ["SharedoType", "Description"], None, "SharedoType.Description"),
    (LEASE, ["SharedoType", "Icon"], GONE, "SharedoType.Icon"),
    (LEASE, ["BaseSharedo", "SystemName"], "matter", "BaseSharedo.SystemName"),
    (LEASE, ["Phases", 0, "Name"], "Opened", "Phases[lease-new].Name"),
    (LEASE, ["Phases", MORE], {"SystemName": "lease-review"}, "Phases[lease-review]"),
    (LEASE, ["Phases", 1], GONE, "Phases[lease-triage]"),
    (LEASE, ["PhaseTransitions", 0, "IsUserDriven"], False, "PhaseTransitions[lease-new-to-triage].IsUserDriven"),
    (LEASE, ["Relationships", 0, "IsRequired"], True, "Relationships[lease / lease / related-to].IsRequired"),
    (LEASE, ["Relationships", MORE], {"ParentSystemName": "lease", "ChildSystemName": "task"}, "Relationships[lease / task / -]"),
    (LEASE, ["FeatureFrameworkEntries", 0, "Configuration", "url"], "https://x", "FeatureFrameworkEntries[case-webhook / lease-new].Configuration.url"),
    (LEASE, ["FeatureFrameworkEntries", 0, "Configuration", "apiKey"], "made-other", "FeatureFrameworkEntries[case-webhook / lease-new].Configuration.apiKey"),
    (LEASE, ["SharedoTypeRoles", 0, "MinimumCount"], 2, "SharedoTypeRoles[case-owner].MinimumCount"),
    (LEASE, ["RoleAssociations", 0, "ToRoleSystemName"], "expert", "RoleAssociations[lease-case-owner-claimant].ToRoleSystemName"),
    (LEASE, ["Aspects", 0, "Config", "collapsed"], True, "Aspects[task-list / header].Config.collapsed"),
    (LEASE, ["Aspects", 0, "Config", "columns", MORE], "owner", "Aspects[task-list / header].Config.columns[owner]"),
    (LEASE, ["Aspects", MORE], {"AspectDefinitionSystemName": "chat", "ZoneName": "side"}, "Aspects[chat / side]"),
    (LEASE, ["SharedoTypeRolePermissions", 0, "Allow"], False, "SharedoTypeRolePermissions[core-read / case-owner / -].Allow"),
    (LEASE, ["SharedoTypeRolePermissions", MORE], {"PermissionSystemName": "core-assign", "ParticipantRoleSystemName": "insurer"}, "SharedoTypeRolePermissions[core-assign / insurer / -]"),
    (LEASE, ["SharedoTypeRolePermissions", 2], GONE, "SharedoTypeRolePermissions[core-read / claimant / -]"),
    (LEASE, ["SyncRules", MORE], {"SourceField": "roles.case-owner.name", "TargetField": "attributes.case-owner", "Direction": "OneWay"}, SYNC),
    (LEASE, ["SyncRules", 0], GONE, SYNC),
    (LEASE, ["TitleGenerator", "GeneratorConfig", "template"], "{reference}", "TitleGenerator.GeneratorConfig.template"),
    (LEASE, ["Menus", 0, "Name"], "Menu", "Menus[lease-menu].Name"),
    (LEASE, ["CalculatedFields", 0, "Expression"], "1", "CalculatedFields[Days open].Expression"),
    (LEASE, ["PortalPages"], [{"Name": "p"}], "PortalPages[p]"),
    (LEASE, ["Invented"], {"A": 1}, "Invented"),
    ("option-set:severity", ["Options", 1, "Name"], "Grave", "Options[serious].Name"),
    ("form-builder:intake", ["Fields", 1, "FieldConfigurationJson", "width"], 3, "Fields[severity].FieldConfigurationJson.width"),
    ("execution-engine:open-file", ["Steps", 0, "StepConfigurationJson", "retry"], 9, "Steps[create-folders].StepConfigurationJson.retry"),
    ("approval:settlement-authority", ["Definition", "Configuration", "limit"], 5, "Definition.Configuration.limit"),
]  # fmt: skip


@each(
    ("key", "steps", "value", "path"),
    INJECTED,
    ids=[f"{number}-{path}" for number, (*_, path) in enumerate(INJECTED, start=1)],
)
def test_one_injected_difference_is_found_and_nothing_else(
    key: str, steps: list[Any], value: object, path: str
) -> None:
    comparison = compared(ENVIRONMENT, injected(key, steps, value))

    (component,) = comparison.with_outcome(Outcome.MODIFIED)
    (difference,) = component.differences
    assert component.key == difference.component_key == key
    assert difference.path == path
    assert json.dumps(difference.before) != json.dumps(difference.after)
    assert comparison.counts[Outcome.UNCHANGED] == len(ENVIRONMENT.components) - 1


def _all(comparison: Comparison) -> Iterator[Any]:
    for component in comparison.components:
        yield from component.differences


def test_what_a_side_names_but_does_not_include_is_not_compared() -> None:
    less = with_components([c for c in ENVIRONMENT.components if c.key != "option-set:severity"])

    (component,) = compared(ENVIRONMENT, less).with_outcome(Outcome.NOT_COMPARED)

    assert component.key == "option-set:severity"
    assert component.reason == "live uses it, and its packages do not include it"


@each(
    ("lacks", "outcome"),
    [
        (("Approval:settlement-authority",), Outcome.ADDED),
        ((), Outcome.NOT_COMPARED),
    ],
    ids=["it says so", "it was not asked"],
)
def test_only_what_an_environment_says_it_lacks_is_missing_there(
    lacks: tuple[str, ...], outcome: Outcome
) -> None:
    less = with_components([c for c in ENVIRONMENT.components if not c.key.startswith("approval")])

    comparison = compared_packages(packages_of(ENVIRONMENT), packages_of(less), lacks=lacks)

    (component,) = comparison.with_outcome(outcome)
    assert component.key == "approval:settlement-authority"
    assert ("live neither includes it" in component.reason) == (not lacks)


def test_a_side_of_which_nothing_could_be_read_is_never_removed() -> None:
    comparison = compared_packages(
        packages_of(ENVIRONMENT),
        (),
        failures=(SideFailure(reason="nothing was exported", component_key=LEASE),),
        lacks=(),
    )

    assert comparison.counts[Outcome.NOT_COMPARED] == len(ENVIRONMENT.components)
    assert "live: nothing was exported." in comparison.warnings


def test_two_forms_of_a_component_on_one_side_are_not_compared() -> None:
    other = injected(LEASE, ["SharedoType", "Name"], "Rent")

    comparison = compared_packages(
        packages_of(ENVIRONMENT), packages_of(ENVIRONMENT) + packages_of(other)
    )

    (component,) = comparison.with_outcome(Outcome.NOT_COMPARED)
    assert component.key == LEASE
    assert "have different versions of it" in component.reason


def an_option(name: str, **more: Any) -> dict[str, Any]:
    return {"SystemName": name, "Colour": "red", "Group": "severity", "IsActive": True, **more}


@each(
    ("there", "here", "paths"),
    [
        (
            [an_option("minor"), an_option("fatal"), an_option("fatal")],
            [an_option("minor"), an_option("grave")],
            ["Options[fatal (2)]", "Options[fatal]", "Options[grave]"],
        ),
        (
            [an_option(""), an_option("fatal")],
            [an_option(""), an_option("grave")],
            ["Options[SystemName fatal, Colour red]", "Options[SystemName grave, Colour red]"],
        ),
        (
            [{"Colour": "red", "Group": "a", "Value": "1", "Text": "Minor"}],
            [{"Colour": "red", "Group": "a", "Value": "1", "Text": "Small"}],
            ["Options[1].Text"],
        ),
        (
            [{"Colour": "red", "Group": "a", "Title": "Minor"}],
            [{"Colour": "red", "Group": "a", "Title": "Small"}],
            ["Options[Minor]", "Options[Small]"],
        ),
        (
            [{"Colour": "red", "Group": "a", "Title": "Minor"}, {"Colour": "red"}],
            [{"Colour": "red"}],
            ["Options[Title Minor, Colour red]"],
        ),
    ],
    ids=["twice on one side", "one without a name", "by value", "by title", "in words"],
)
def test_the_path_of_an_option_says_which_one_and_no_option_becomes_another(
    there: list[Any], here: list[Any], paths: list[str]
) -> None:
    """One option that goes and one that comes are no rename: cases hold the old one."""
    sides = (injected("option-set:severity", ["Options"], value) for value in (there, here))

    (component,) = compared(*sides).with_outcome(Outcome.MODIFIED)

    assert [d.path for d in component.differences] == paths


def test_one_component_in_two_packages_of_a_side_is_compared_once() -> None:
    comparison = compared_packages(packages_of(ENVIRONMENT) * 2, packages_of(ENVIRONMENT))

    assert comparison.counts[Outcome.UNCHANGED] == len(ENVIRONMENT.components)


def test_other_platform_versions_and_the_same_environment_are_warned_of() -> None:
    newer = dataclasses.replace(ENVIRONMENT, version="2025.1.0")

    comparison = compared(ENVIRONMENT, newer)

    assert comparison.warnings == (
        (
            "The platform versions differ: test has 2024.3.1.0, live has 2025.1.0.0. "
            "Differences may come from the platform."
        ),
        "Both sides were exported from https://one.sharedo.invalid.",
    )


def test_a_dependency_of_one_side_is_a_difference() -> None:
    needs = (*ENVIRONMENT.by_key[LEASE].mandatory, "option-set:track")

    (component,) = compared(changed(ENVIRONMENT, LEASE, mandatory=needs), ENVIRONMENT).with_outcome(
        Outcome.MODIFIED
    )

    assert [(d.path, d.before, d.after) for d in component.differences] == [
        ("Dependencies[option-set:track]", None, "mandatory")
    ]


def test_what_each_environment_keeps_for_itself_is_named() -> None:
    """Seen: the address of the test gateway read as a change to make in production."""
    gates = [
        changed(
            ENVIRONMENT,
            "approval:settlement-authority",
            payload={"Endpoint": f"https://{name}.example.invalid/api", "Retries": len(name)},
        )
        for name in ("dev", "live")
    ]

    differences = [*_all(compared(*gates))]

    assert [(d.path, d.is_environments_own) for d in differences] == [
        ("Endpoint", True),
        ("Retries", False),
    ]


def test_items_without_a_key_are_there_as_often_or_not() -> None:
    """Sync rules have no key: one that changed is one that goes and one that comes."""
    rules = [{"SourceField": f"s{n}", "Direction": "OneWay"} for n in range(3)]
    first = injected(LEASE, ["SyncRules"], [*rules, rules[0]])
    second = injected(LEASE, ["SyncRules"], [{**rules[1], "Direction": "TwoWay"}, *rules[::2]])

    differences = [*_all(compared(first, second))]

    assert [(d.path, d.before is None, d.after is None) for d in differences] == [
        ("SyncRules[Direction OneWay, SourceField s0]", True, False),
        ("SyncRules[Direction OneWay, SourceField s1]", True, False),
        ("SyncRules[Direction TwoWay, SourceField s1]", False, True),
    ]


def with_files(environment: MadeEnvironment, key: str, **files: bytes) -> SharedoPackage:
    content = build_package(environment, [key])
    packed = io.BytesIO(content)
    with zipfile.ZipFile(packed, "a") as archive:
        for name, held in files.items():
            archive.writestr(f"files/{name}.docx", held)
    return read_package(packed.getvalue(), file="any.zip", secret_key=KEY)


def test_a_file_that_differs_is_a_difference_of_the_component_that_names_it() -> None:
    key = "document-template:letter-of-claim"
    named = changed(
        ENVIRONMENT, key, payload={**ENVIRONMENT.by_key[key].payload, "StorageFile": "loc.docx"}
    )

    found = compared_packages(
        [with_files(named, key, loc=b"new text")], [with_files(named, key, loc=b"old")]
    )

    (component,) = found.with_outcome(Outcome.MODIFIED)
    (difference,) = component.differences
    assert (component.key, difference.path) == (key, "Files[loc.docx]")
    assert str(difference.before).startswith("3 bytes, SHA-256 ")
    assert str(difference.after).startswith("8 bytes, SHA-256 ")


def test_a_file_that_no_component_names_is_warned_of() -> None:
    comparison = compared_packages(
        [with_files(ENVIRONMENT, LEASE, terms=b"new", same=b"x")],
        [with_files(ENVIRONMENT, LEASE, terms=b"old", same=b"x")],
    )

    assert "Files that no component names differ: terms.docx." in comparison.warnings
    assert not comparison.differs


@each(
    ("ours", "theirs", "differs"),
    [
        ("250000.0", "100000.0", [("100000.0", "250000.0")]),
        ("250000.0", "250000", []),
        ("1.50", "1.5", []),
        ("1e5", "100000", []),
        ("1.50", '"1.50"', [("1.50", "1.50")]),
    ],
)
def test_numbers_are_compared_by_value_and_shown_as_written(
    ours: str, theirs: str, differs: list[tuple[str, str]]
) -> None:
    marked = injected(LEASE, ["BaseSharedo"], {"SystemName": "lease", "Limit": 424242})
    first, second = (
        read_package(
            _with_number(build_package(marked, [LEASE]), text), file="any.zip", secret_key=KEY
        )
        for text in (ours, theirs)
    )

    found = compared_packages([first], [second])

    assert [
        (side_text(d.before), side_text(d.after)) for c in found.components for d in c.differences
    ] == differs


def _with_number(content: bytes, text: str) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"424242", text.encode()))
    return written.getvalue()
