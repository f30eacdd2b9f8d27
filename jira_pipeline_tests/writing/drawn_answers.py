"""Answers of a model that use each thing the schema of an answer allows.

Belongs here: what a schema allows, what an answer uses of it, and answers that use all of it in the
words of a request. Does not: the server that says them (`scripted_models`).

Whatever the schema has is drawn: a property, a variant or a value that is new in it, too, with a
plain text where nothing better is written down here. `examples_of` has what makes an answer hold.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from jira_pipeline.writing.completion.prompt import CheckKind
from jira_pipeline_tests.writing.scripted_models import Asked, request_in, text_of

Schema = Mapping[str, Any]
SENTENCE = "The table holds what is to be built."
STORY = "As an editor, I want it built as the table says."


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedTicket:
    """What a request shows of a ticket and of the rows of its site."""

    rows: Mapping[str, Mapping[str, str]]
    """The cells of every row by column, by what a model calls the row."""
    own_rows: Sequence[str]
    sentences: Sequence[str]
    """Names of what the template says and asks, such as `a1` and `q1`."""
    open_cells: Sequence[tuple[str, str]]
    """Names of cells of the form that say “?”, each with the row of its display."""
    hours: str

    @staticmethod
    def of(asked: Asked) -> "RequestedTicket":
        ticket = request_in(asked.body)
        shown = "\n".join(text_of(message) for message in asked.body["messages"])
        specification = shown.partition("<specification>")[2].partition("</specification>")[0]
        hours = re.search(r"^hours (\S+)$", ticket, re.MULTILINE)
        own_rows = re.findall(
            r"\w+\d", "".join(re.findall(r"^Rows new: (.*)", ticket, re.MULTILINE))
        )
        return RequestedTicket(
            rows=dict(_rows_in(specification)),
            own_rows=own_rows,
            sentences=re.findall(r"^([savq]\d+) ", ticket, re.MULTILINE),
            open_cells=[*_open_cells_in(ticket)],
            hours=hours[1] if hours else "",
        )


def _rows_in(specification: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    columns: Sequence[str] = ()
    for line in specification.splitlines():
        heading = re.fullmatch(r"## [^:]+: id\|(.*)", line)
        if heading is not None:
            columns = heading[1].split("|")
            continue
        name, *cells = line.split("|")
        if re.fullmatch(r"\w+\d", name):
            yield name, dict(zip(columns, cells, strict=False))


def _open_cells_in(ticket: str) -> Iterator[tuple[str, str]]:
    for display, cells in re.findall(r"^form of (\w+): (.*)$", ticket, re.MULTILINE):
        for cell, value in json.loads(cells).items():
            if value == "?":
                yield cell, display


def examples_of(definition: str, ticket: RequestedTicket) -> list[dict[str, Any]]:
    """Return values of one definition of the schema that hold for a ticket, as far as it has any."""
    row = ticket.own_rows[0]
    match definition:
        case "Changes":
            return [{"user_story": STORY, "estimated_hours": ticket.hours}]
        case "Drop":
            why = "The table says it already."
            return [{"id": name, "why": why, "row": row} for name in ticket.sentences[-2:]]
        case "WholeAnswer":
            seen = {"text": "What it lists can be seen on the site.", "rows": [row], "covers": []}
            return [{"estimated_hours": ticket.hours, "checks": [seen]}]
        case "WrittenSentence":
            canary = {"text": "`field_canary` is new.", "rows": [row], "covers": []}
            covering = {"text": SENTENCE, "rows": [row], "covers": ["m1"]}
            return [covering, canary]
        case "WrittenQuestion":
            question = {"row": row, "column": "", "question": "Who decides this?", "for": []}
            suggested = {"suggested_answer": "Yes.", "because": "It is usual."}
            worded = [{**question, "for": [name]} for name in _questions_of(ticket)[:1]]
            return [question, {**question, "question": "Is it wanted?", **suggested}, *worded]
        case "AnsweredQuestion":
            return [
                {"question": name, "row": row, "quote": next(iter(ticket.rows[row].values()))}
                for name in _questions_of(ticket)[:1]
            ]
        case "Fill":
            titles = {name: ticket.rows[name]["Title"] for _, name in ticket.open_cells}
            return [
                {"cell": cell, "value": titles[name], "row": name, "quote": titles[name]}
                for cell, name in ticket.open_cells[:2]
            ]
        case "ProposedQuestion":
            questions = _questions_of(ticket)
            answer = {"suggested_answer": "Yes.", "because": "It is usual."}
            return [
                {"row": row, "question": "Who decides this?", "suggested_answer": ""},
                {"row": row, "question": "Is it needed from the first day on?", **answer},
                *({"row": row, "question": name, **answer} for name in questions[:1]),
            ]
        case "CellCheck":
            checks = (next(_checks_of_kind(kind, ticket.rows), None) for kind in CheckKind)
            return [check for check in checks if check is not None]
        case _:
            return []


def _questions_of(ticket: RequestedTicket) -> list[str]:
    """Return the names of what the program asks of a ticket."""
    return [name for name in ticket.sentences if name.startswith("q")]


_CELLS_OF_KIND = {CheckKind.REQUIRED: "y", CheckKind.OPTIONAL: "n", CheckKind.GONE: "d"}


def _checks_of_kind(
    kind: CheckKind, rows: Mapping[str, Mapping[str, str]]
) -> Iterator[dict[str, str]]:
    """Yield checks of the cells that a kind is about."""
    for name, cells in rows.items():
        for column in kind.columns:
            value = cells.get(column, "-")
            if kind is CheckKind.LENGTH:
                value = next(iter(re.findall(r"\d+", value)), "-")
            if value not in {"", "-"} and _CELLS_OF_KIND.get(kind, value) == value:
                yield {"row": name, "column": column, "value": value, "check": kind.value}


def drawn_answers(schema: Schema, ticket: RequestedTicket) -> list[dict[str, Any]]:
    """Return answers about a ticket that together use each thing the schema allows."""
    return _drawn(schema, _Drawing(definitions=schema.get("$defs", {}), ticket=ticket), name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    definitions: Mapping[str, Schema]
    ticket: RequestedTicket

    def features_in(self, value: object, schema: Schema) -> set[str]:
        return features_in(value, {**schema, "$defs": self.definitions})

    def resolved(self, schema: Schema) -> Schema:
        return self.definitions[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _drawn(schema: Schema, drawing: _Drawing, *, name: str) -> list[Any]:
    """Return values that use every variant of a schema at least once."""
    schema = drawing.resolved(schema)
    if "anyOf" in schema:
        return [value for one in schema["anyOf"] for value in _drawn(one, drawing, name=name)]
    if "enum" in schema:
        return [*schema["enum"]]
    match schema["type"]:
        case "object":
            return _drawn_objects(schema, drawing)
        case "array":
            return [_drawn(schema["items"], drawing, name=name)]
        case "string":
            return [drawing.ticket.own_rows[0] if name == "row" else SENTENCE]
        case "null":
            return [None]
        case "boolean":
            return [True, False]
        case "integer" | "number":
            return [1]
        case other:
            message = f"nothing is drawn for the type {other!r}"
            raise AssertionError(message)


def _drawn_objects(schema: Schema, drawing: _Drawing) -> list[Any]:
    """Return the examples of an object, then what uses each further value of its properties."""
    values = {name: _drawn(part, drawing, name=name) for name, part in schema["properties"].items()}
    plain = {name: some[0] for name, some in values.items()}
    examples = examples_of(schema.get("title", ""), drawing.ticket) or [{}]
    drawn = [{**plain, **example} for example in examples]
    used = {feature for value in drawn for feature in drawing.features_in(value, schema)}
    for name, some in values.items():
        for value in some:
            another = {**drawn[0], name: value}
            features = drawing.features_in(another, schema)
            if not features <= used:
                drawn.append(another)
                used |= features
    return drawn


def features_of(schema: Schema) -> set[str]:
    """Return everything that a schema allows: properties, variants and values of enumerations."""
    return set(_features(schema, schema.get("$defs", {}), path=""))


def _features(schema: Schema, definitions: Mapping[str, Schema], *, path: str) -> Iterator[str]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for place, variant in enumerate(schema.get("anyOf", ())):
        yield f"{path}|{place}"
        yield from _features(variant, definitions, path=f"{path}|{place}")
    for value in schema.get("enum", ()):
        yield f"{path}={value}"
    for name, part in schema.get("properties", {}).items():
        yield f"{path}.{name}"
        yield from _features(part, definitions, path=f"{path}.{name}")
    if "items" in schema:
        yield f"{path}[]"
        yield from _features(schema["items"], definitions, path=f"{path}[]")


def features_in(answer: object, schema: Schema) -> set[str]:
    """Return what an answer uses of what a schema allows."""
    return set(_used(answer, schema, schema.get("$defs", {}), path=""))


def _used(
    value: Any, schema: Schema, definitions: Mapping[str, Schema], *, path: str
) -> Iterator[str]:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    for place, variant in enumerate(schema.get("anyOf", ())):
        if jsonschema_rs.is_valid({**variant, "$defs": definitions}, value):
            yield f"{path}|{place}"
            yield from _used(value, variant, definitions, path=f"{path}|{place}")
    if value in schema.get("enum", ()):
        yield f"{path}={value}"
    for name, part in schema.get("properties", {}).items():
        if name in value:
            yield f"{path}.{name}"
            yield from _used(value[name], part, definitions, path=f"{path}.{name}")
    if "items" in schema:
        for item in value:
            yield f"{path}[]"
            yield from _used(item, schema["items"], definitions, path=f"{path}[]")
