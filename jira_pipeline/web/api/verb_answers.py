"""What the verbs of a session answer, as types for the document of the API.

A verb answers the JSON that a class declares (`@json_fields`), or what it returns (`Outcome`). Here
that becomes the schema of a response, so that a generated client knows its fields. The answer itself
is made by the tool; the tests compare it with its schema.

Belongs here: the type of each verb's answer, made of declarations. Does not: what a verb answers
(`agent_tools`), answers that are read from values (`shapes`).
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import cache, reduce
from inspect import signature
from operator import or_
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Field, create_model

from jira_pipeline.export.issue_decisions import DecidedTicket, DecisionReport
from jira_pipeline.export.issue_progress import SessionProgress
from jira_pipeline.export.plan import ExportPlan
from jira_pipeline.export.todo import Todo
from jira_pipeline.export.undo import UndoPlan
from jira_pipeline.model.actions import Action
from jira_pipeline.model.json_values import DECLARED, FieldKind, fields_in
from jira_pipeline.model.manual_fixes import ManualFix
from jira_pipeline.review.questions import AskedQuestion
from jira_pipeline.review.stranded_answers import StrandedAnswer
from jira_pipeline.review.stranded_questions import StrandedQuestion
from jira_pipeline.review.ticket_reading import PlacedTicket
from jira_pipeline.sessions.cancelling import Cancelled
from jira_pipeline.sessions.listing import ListedSession
from jira_pipeline.sessions.status import SessionReport
from jira_pipeline.web.agent_tools import Tool
from jira_pipeline.web.program_steps import ProgramStep

_AS_THEY_ARE = (str, int, float, bool, NoneType)
_Time = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


def answer_type(name: str, tool: Tool) -> type[BaseModel]:
    """Return the type of what a tool answers."""
    if tool.verb is not None:
        outcome = signature(tool.verb.take).return_annotation
        return _model(name, base=outcome, said=list[str])
    return ANSWERS[name](name)


def _model(name: str, *, base: type[BaseModel] = BaseModel, **fields: Any) -> type[BaseModel]:
    """Return a model with these fields, each of which is always there."""
    words = name.replace("_", " ").title().replace(" ", "")
    required: dict[str, Any] = {field: (hint, ...) for field, hint in fields.items()}
    about = f"What `{name.replace('_', '-')}` answers."
    return create_model(f"{words}Answer", __base__=base, __doc__=about, **required)


def _of(kind: type, **more: Any) -> Callable[[str], type[BaseModel]]:
    """Return what makes the type of an answer that has the fields of a class, and `more`."""
    return lambda name: _model(name, base=declared_shape(kind), **more)


def _list_of(field: str, kind: type, **more: Any) -> Callable[[str], type[BaseModel]]:
    """Return what makes the type of an answer that has a list of values, and `more`."""

    def answer(name: str) -> type[BaseModel]:
        fields: dict[str, Any] = {field: _listed(kind), **more}
        return _model(name, **fields)

    return answer


def _listed(kind: type) -> Any:
    return list[declared_shape(kind)]  # type: ignore[misc] # made here


def _questions(name: str) -> type[BaseModel]:
    question = create_model(
        "QuestionWithProposals",
        __base__=declared_shape(AskedQuestion),
        proposed_answers=(list[dict[str, Any]], ...),
    )
    fields: dict[str, Any] = {
        "questions": list[question],
        "stranded_answers": _listed(StrandedAnswer),
        "stranded_questions": _listed(StrandedQuestion),
    }
    return _model(name, **fields)


_STATUS = _of(SessionReport, next_step=str, actions=list[ProgramStep])
ANSWERS: Mapping[str, Callable[[str], type[BaseModel]]] = {
    "sessions": _list_of("sessions", ListedSession),
    "status": _STATUS,
    "tickets": _list_of("tickets", PlacedTicket),
    "questions": _questions,
    "todo": _of(Todo),
    "plan": _of(ExportPlan, plan_hash=str),
    "progress": _of(SessionProgress),
    "plan_undo": _of(UndoPlan, plan_hash=str),
    "plan_decision": _list_of("tickets", DecidedTicket, decision=str, plan_hash=str),
    "validate": _STATUS,
    "undo": _STATUS,
    "cancel": _of(Cancelled),
    "settle": _STATUS,
    "decide_differences": _of(DecisionReport),
    "finish_fixes": _list_of("fixes", ManualFix),
}
"""What makes the type of the answer of each tool that is no decision, by its name."""


@cache
def declared_shape(kind: type) -> type[BaseModel]:
    """Return a model of the fields that a class declares for programs."""
    fields: dict[str, Any] = {}
    for field in fields_in(DECLARED[kind]):
        hint = _hint_at(kind, field.path)
        if field.kind is FieldKind.SPREAD:
            for name, part in declared_shape(hint).model_fields.items():
                fields[name] = (part.annotation, ...)
        else:
            fields[field.name] = (_type_of_field(field.kind, hint), ...)
    return create_model(f"{kind.__name__}Shown", __doc__=kind.__doc__, **fields)


def _type_of_field(kind: FieldKind, hint: Any) -> Any:
    if kind is FieldKind.COUNT:
        return int | None if NoneType in get_args(hint) else int
    if kind is FieldKind.OR_NULL:
        return json_type(hint) | None
    return json_type(hint)


def _hint_at(kind: type, path: Collection[str]) -> Any:
    """Return the type of an attribute of an attribute … of a class; with None where one may be that."""
    hint: Any = kind
    may_be_none = False
    for attribute in path:
        holder = hint
        if get_origin(hint) in {UnionType, Union}:
            may_be_none = may_be_none or NoneType in get_args(hint)
            holder = next(part for part in get_args(hint) if part is not NoneType)
        hints_of_holder = get_type_hints(holder)
        if attribute in hints_of_holder:
            hint = hints_of_holder[attribute]
        else:  # a property, or one that is read once
            stated = getattr(holder, attribute)
            function = getattr(stated, "fget", None) or stated.func
            hint = get_type_hints(function)["return"]
    return hint | None if may_be_none else hint


def json_type(hint: Any) -> Any:  # noqa: C901, PLR0911 - one line a kind of type
    """Return the type by which JSON has a value, as `json_of` makes it."""
    arguments = get_args(hint)
    origin = get_origin(hint)
    if origin is Annotated:
        return json_type(arguments[0])
    if origin in {UnionType, Union}:
        return reduce(or_, map(json_type, arguments))
    if origin is Literal:
        return hint
    if origin is not None and issubclass(origin, Mapping):
        return dict[str, json_type(arguments[1])]  # type: ignore[misc] # made here
    if origin is tuple and len(arguments) > 1 and arguments[1] is not Ellipsis:
        return list[Any]
    if origin is not None and issubclass(origin, Collection):
        return list[json_type(arguments[0])]  # type: ignore[misc] # made here
    if not isinstance(hint, type):
        return Any
    if issubclass(hint, Enum) or hint in _AS_THEY_ARE:
        return hint
    if issubclass(hint, Action | Path):
        return str
    if issubclass(hint, datetime):
        return _Time
    if issubclass(hint, Decimal):
        return float
    if hint in DECLARED:
        return declared_shape(hint)  # type: ignore[arg-type] # a class is hashable
    return dict[str, Any] if hasattr(hint, "to_json") else Any
