"""A package in camelCase says what the same one in PascalCase says: whole packages are rewritten."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from jira_pipeline.sharedo.comparison import Comparison
from jira_pipeline.sharedo.packages import SharedoPackage
from jira_pipeline.sharedo.reading.packages import PackageLimits, read_package
from jira_pipeline.sharedo.reading.reading import read_components, read_packages
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    MadeComponent,
    MadeEnvironment,
    build_package,
    sandbox_environments,
)
from jira_pipeline_tests.sharedo.made_packages import compared_packages, prose_of, session_of

Rewriting: TypeAlias = Callable[[str, Any], Any]
"""What becomes of a part of a package, by its name."""


def in_camel_case(value: Any) -> Any:
    """Write every field as another serializer does; JSON inside text is text, and stays."""
    if isinstance(value, dict):
        return {n[:1].lower() + n[1:]: in_camel_case(inner) for n, inner in value.items()}
    return [in_camel_case(inner) for inner in value] if isinstance(value, list) else value


def selectors_too(value: Any) -> Any:
    """Write the JSON inside the manifest's text in camelCase as well."""
    value = in_camel_case(value)
    for step in value["exportedSteps"]:
        selector = json.loads(step["exportProviderSelectorJson"])
        step["exportProviderSelectorJson"] = json.dumps(in_camel_case(selector))
    return value


REWRITINGS: dict[str, Rewriting] = {
    "all of it": lambda part, value: (
        selectors_too(value) if part == "manifest.json" else in_camel_case(value)
    ),
    "its data": lambda part, value: value if part == "manifest.json" else in_camel_case(value),
    "its manifest": lambda part, value: selectors_too(value) if part == "manifest.json" else value,
}
rewritten = pytest.mark.parametrize("rewriting", REWRITINGS.values(), ids=REWRITINGS)


def package_of(environment: MadeEnvironment, rewriting: Rewriting | None = None) -> bytes:
    content = build_package(environment, [*environment.by_key])
    if rewriting is None:
        return content
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(written, "w") as other:
        for part in archive.namelist():
            other.writestr(part, json.dumps(rewriting(part, json.loads(archive.read(part)))))
    return written.getvalue()


def read(environment: MadeEnvironment, rewriting: Rewriting | None = None) -> SharedoPackage:
    return read_package(package_of(environment, rewriting), file="one.zip", secret_key=b"any")


def compared(first: SharedoPackage, second: SharedoPackage) -> Comparison:
    return compared_packages([first], [second])


@rewritten
def test_the_same_entities_and_tickets_come_of_it(tmp_path: Path, rewriting: Rewriting) -> None:
    """Own names and checks vanished where fields were written in camelCase."""
    made = sandbox_environments()["development"]
    found = []
    for name, content in (("plain", package_of(made)), ("other", package_of(made, rewriting))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "one.zip").write_bytes(content)
        reading = read_packages([folder / "one.zip"], limits=PackageLimits(), secret_key=b"any")
        found.append((read_components(reading.tables), prose_of(session_of(folder))))

    plain, other = found
    assert other == plain


@rewritten
def test_the_same_differs_between_two_of_them(rewriting: Rewriting) -> None:
    """What was added and what was removed became a rename, which would change existing cases."""
    ours, theirs = sandbox_environments().values()

    plain = compared(read(ours), read(theirs))
    other = compared(read(ours, rewriting), read(theirs, rewriting))
    mixed = compared(read(ours), read(theirs, rewriting))

    assert [c.differences for c in other.components] == [c.differences for c in plain.components]
    assert [c.differences for c in mixed.components] == [c.differences for c in plain.components]
    assert other.counts == mixed.counts == plain.counts


def test_a_definition_inside_text_is_told_alike_in_both_cases(tmp_path: Path) -> None:
    """What ShareDo keeps as text is as somebody wrote it, in a package of either case."""
    steps = [
        {"SystemName": "look-round", "Name": "Look round", "Type": "task", "Next": "write-up"},
        {"SystemName": "write-up", "Name": "Write it up", "Type": "task", "IsActive": True},
    ]
    told = {}
    for name, definition in (
        ("pascal", {"Steps": steps}),
        ("camel", in_camel_case({"Steps": steps})),
    ):
        workflow = MadeComponent(
            provider="execution-engine",
            name="inspect",
            title="Inspect",
            payload={
                "Workflow": {"SystemName": "inspect", "Name": "Inspect"},
                "Definition": json.dumps(definition),
            },
        )
        made = MadeEnvironment(url="https://x.invalid", version="1", components=(workflow,))
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.zip").write_bytes(package_of(made))
        [told[name]] = prose_of(session_of(tmp_path / name)).values()

    assert told["camel"].casefold() == told["pascal"].casefold()
    assert "Write it up write-up has type “task”" in told["camel"]
