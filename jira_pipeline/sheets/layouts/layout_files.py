"""The door of layouts: YAML or JSON in and out.

Belongs here: limits, faults with their path in the layout. Does not: what can be said (`layout`).
JSON is YAML, too: one reader takes both.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from jira_pipeline.model.errors import LayoutRefusedError
from jira_pipeline.model.specification_source import LAYOUT_NAME
from jira_pipeline.model.tickets import canonical_hash
from jira_pipeline.sheets.layout_beside import LAYOUT_MAX_BYTES
from jira_pipeline.sheets.layouts.layout import VERSION, Layout
from jira_pipeline.sheets.plain_yaml import PlainLoader

NODES_MAX_COUNT = 20_000
"""Keys and values; a layout of ten times as many takes the checks of what it says 20 seconds."""
_FAULTS_LISTED = 10
_OF_THE_LIBRARY = ("function-after[", "literal[")
_REASON_MAX_CHARACTERS = 300
_LINE_MAX_CHARACTERS = 100


class _LayoutLoader(PlainLoader):
    """YAML of a layout, which is deeper than a manifest and may list texts that were left out."""

    depth_max = 24
    nodes_max_count = NODES_MAX_COUNT


def read_layout(content: bytes, *, file_name: str = LAYOUT_NAME) -> Layout:
    """Return the layout that a file holds.

    Raises:
        LayoutRefusedError: It is too large, not YAML, of another version, or says something unknown.
    """
    if len(content) > LAYOUT_MAX_BYTES:
        reason = f"{len(content):,} bytes, the limit is {LAYOUT_MAX_BYTES:,}"
        raise LayoutRefusedError(file_name=file_name, reason=reason)
    try:
        value = yaml.load(content, Loader=_LayoutLoader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        reason = f"not YAML: {_printable(' '.join(str(error).split()))}"
        raise LayoutRefusedError(file_name=file_name, reason=reason) from error
    return layout_of(value, file_name=file_name)


def layout_of(value: Any, *, file_name: str = LAYOUT_NAME) -> Layout:
    """Return the layout that keys and values say, as a file or a model wrote them.

    Raises:
        LayoutRefusedError: It is of another version, or says something unknown.
    """
    if not isinstance(value, Mapping):
        reason = "it must be `key: value` lines, with `version` and `sheets`"
        raise LayoutRefusedError(file_name=file_name, reason=reason)
    if _has_more_nodes(value, NODES_MAX_COUNT):
        reason = f"it has more than {NODES_MAX_COUNT:,} keys and values"
        raise LayoutRefusedError(file_name=file_name, reason=reason)
    version = value.get("version")
    if version is not None and version != VERSION:
        reason = f"`version`: {_printable(str(version))} is not known; {VERSION} is"
        raise LayoutRefusedError(file_name=file_name, reason=reason)
    try:
        return Layout.model_validate(value)
    except ValidationError as error:
        raise LayoutRefusedError(file_name=file_name, reason=_faults_shown(error)) from error


def _has_more_nodes(value: object, most: int) -> bool:
    """Tell whether keys and values are more than so many; what came as JSON was not counted before."""
    count = 0
    pending = [value]
    while pending and count <= most:
        node = pending.pop()
        count += 1
        if isinstance(node, Mapping):
            pending += [*node.keys(), *node.values()]
        elif isinstance(node, list | tuple):
            pending += node
    return count > most


def layout_json(layout: Layout) -> Mapping[str, Any]:
    """Return what a layout says, and nothing else, as JSON has it."""
    value = layout.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"version": VERSION, **value}


def layout_yaml(layout: Layout) -> str:
    """Write a layout as people read it: only what it says."""
    return yaml.safe_dump(
        dict(layout_json(layout)), allow_unicode=True, sort_keys=False, width=_LINE_MAX_CHARACTERS
    )


def unconfirmed(layout: Layout) -> Layout:
    """Return what a layout says of worksheets, without who confirmed it and what that did not read."""
    return layout.model_copy(update={"confirmed": None, "left": None, "accepted": ()})


def layout_sha256(layout: Layout) -> str:
    """Hash what a layout says of worksheets, whoever confirmed it."""
    return canonical_hash(layout_json(unconfirmed(layout)))


def _faults_shown(error: ValidationError) -> str:
    """Say every fault with its path in the layout."""
    faults = [*_own_faults(error.errors(include_url=False))]
    shown = [_fault_shown(fault) for fault in faults[:_FAULTS_LISTED]]
    if len(faults) > _FAULTS_LISTED:
        shown.append(f"and {len(faults) - _FAULTS_LISTED} more")
    return "; ".join(dict.fromkeys(shown))


def _own_faults(faults: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Yield the faults that are not there because of another: a list is short of what is wrong in it."""
    paths = [_path_of(fault) for fault in faults]
    above_others = {path[:depth] for path in paths for depth in range(len(path))}
    for fault, path in zip(faults, paths, strict=True):
        if path not in above_others:
            yield fault


def _path_of(fault: ErrorDetails) -> tuple[int | str, ...]:
    """Return where a fault is, without the names that the library gives to what a value may be."""
    return tuple(part for part in fault["loc"] if not str(part).startswith(_OF_THE_LIBRARY))


def _fault_shown(fault: ErrorDetails) -> str:
    path = _path_of(fault)
    where = _printable(".".join(str(part) for part in path) or "layout")
    match fault["type"]:
        case "extra_forbidden":
            text = f"unknown key; there are {', '.join(_keys_beside(path))}"
        case "missing":
            text = "it is missing"
        case "string_type":
            text = "it has to be text; write numbers, yes and no in quotes"
        case "bool_type":
            text = "it has to be true or false"
        case "tuple_type" | "list_type":
            text = "it has to be a list"
        case "dict_type" | "mapping_type" | "model_type":
            text = "it has to be `key: value` lines"
        case "too_short":
            text = "it is empty"
        case _:
            text = _printable(fault["msg"].removeprefix("Value error, "))
    return f"`{where}`: {text}"


@cache
def _schema() -> Mapping[str, Any]:
    return Layout.model_json_schema(by_alias=True)


def _keys_beside(path: Sequence[int | str]) -> Sequence[str]:
    """Return the keys that a layout may have where a path ends."""
    nodes = [_schema()]
    for part in path[:-1]:
        below = [child for node in nodes for child in _children(node, part)]
        nodes = below or nodes
    return sorted({key for node in nodes for key in node.get("properties", ())})


def _children(node: Mapping[str, Any], part: int | str) -> Iterator[Mapping[str, Any]]:
    """Yield what the schema says of a part of a value: of each thing that the value may be."""
    if isinstance(part, int):
        found = node.get("items")
    else:
        found = node.get("properties", {}).get(part) or node.get("additionalProperties")
    if isinstance(found, Mapping):
        yield from _alternatives(found)


def _alternatives(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "$ref" in node:
        yield from _alternatives(_schema()["$defs"][node["$ref"].rpartition("/")[2]])
    elif "anyOf" in node:
        for each in node["anyOf"]:
            yield from _alternatives(each)
    else:
        yield node


def _printable(text: str) -> str:
    """Cut a text that came from the file, and escape what no terminal or database takes."""
    return text[:_REASON_MAX_CHARACTERS].encode("utf-8", "backslashreplace").decode()
