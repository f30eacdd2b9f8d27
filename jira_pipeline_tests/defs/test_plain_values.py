"""What goes into Dagster's event log is text, a number or truth, at every door."""

import ast
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pkgutil import walk_packages

import dagster as dg
from dagster._serdes import (  # noqa: TID251 - what its event log does with a value
    deserialize_value,
    serialize_value,
)

import jira_pipeline
from jira_pipeline.dagster_port.metadata import table
from jira_pipeline.dagster_port.plain_values import plain_metadata, plain_tags, plain_value
from jira_pipeline_tests.parsed_modules import parsed_modules

EVENTS = (
    dg.AssetCheckEvaluation,
    dg.AssetCheckResult,
    dg.AssetMaterialization,
    dg.AssetObservation,
    dg.Failure,
    dg.MaterializeResult,
    dg.ObserveResult,
    dg.Output,
    dg.RunRequest,
)
EVENT_NAMES = {event.__name__ for event in EVENTS}
RECORDING_METHODS = {"add_output_metadata": "plain_metadata", "add_run_tags": "plain_tags"}
RUNNING_METHODS = {"execute_in_process", "execute_job"}
FUNCTIONS = {"metadata": "plain_metadata", "tags": "plain_tags"}


def _enumerations() -> list[type[Enum]]:
    """Return every enumeration of the program, in whichever module it is declared."""
    for module in walk_packages(jira_pipeline.__path__, "jira_pipeline."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    enumerations = list[type[Enum]]()
    unvisited = [Enum]
    while unvisited:
        for subclass in unvisited.pop().__subclasses__():
            unvisited.append(subclass)
            if subclass.__module__.startswith("jira_pipeline."):
                enumerations.append(subclass)
    return enumerations


def _members() -> list[Enum]:
    return [member for enumeration in _enumerations() for member in enumeration]


def test_members_of_every_enumeration_become_what_the_event_log_can_hold() -> None:
    """A model's question put an Audience into a table; the run failed after all was written."""
    members = _members()

    shown = table({"member": member, "nothing": None} for member in members)
    deserialized = deserialize_value(serialize_value(shown), dg.TableMetadataValue)

    assert len(members) > 100
    assert [row.data for row in deserialized.records] == [
        {"member": plain_value(member), "nothing": ""} for member in members
    ]


def test_a_member_may_name_a_column_an_entry_and_a_tag_and_be_their_value() -> None:
    texts = [member for member in _members() if isinstance(member, str)]

    for member in texts:
        metadata = plain_metadata(
            {
                member: member,
                "table": table([{member: member}]),
                "text": dg.MetadataValue.text(member),
                "markdown": dg.MetadataValue.md(member),
                "link": dg.MetadataValue.url(member),
                "path": dg.MetadataValue.path(member),
            }
        )
        event = dg.AssetMaterialization("tickets", metadata=metadata)
        deserialized = deserialize_value(serialize_value(event), dg.AssetMaterialization)
        tags = plain_tags({member: member})

        assert event == deserialized
        assert {type(text) for pair in tags.items() for text in pair} == {str}


def _unwrapped_values(module: ast.Module) -> Iterator[ast.expr]:
    """Yield metadata and tags that a module hands to Dagster other than by `plain_…`."""
    for call in ast.walk(module):
        if not isinstance(call, ast.Call):
            continue
        function = ast.unparse(call.func)
        name = function.rpartition(".")[2]
        if name in RECORDING_METHODS:
            value = call.args[-1]
            if not _is_call_of(value, RECORDING_METHODS[name]):
                yield value
        if name in RUNNING_METHODS or function in {f"dg.{event}" for event in EVENT_NAMES}:
            for keyword in call.keywords:
                wanted = FUNCTIONS.get(keyword.arg or "")
                if wanted is not None and not _is_call_of(keyword.value, wanted):
                    yield keyword.value


def _is_call_of(value: ast.expr, function: str) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func) == function


def test_every_module_hands_metadata_and_tags_to_dagster_by_one_function() -> None:
    unwrapped = [
        f"{path}: {ast.unparse(value)}"
        for path, module in parsed_modules().items()
        for value in _unwrapped_values(module)
    ]

    assert unwrapped == []


def test_metadata_that_is_handed_over_as_it_is_would_be_seen() -> None:
    """The rule looks at calls by their names: it must see each of them."""
    module = ast.parse(
        "dg.AssetMaterialization('a', metadata=counts, tags=tags)\n"
        "dg.Failure('b', metadata={'n': 1})\n"
        "context.add_output_metadata(counts)\n"
        "instance.add_run_tags(run_id, tags)\n"
        "job.execute_in_process(tags=tags)\n"
        "dg.AssetObservation('a', metadata=plain_metadata(counts), tags=plain_tags(tags))\n"
    )

    assert [ast.unparse(value) for value in _unwrapped_values(module)] == [
        "counts",
        "tags",
        "{'n': 1}",
        "counts",
        "tags",
        "tags",
    ]
