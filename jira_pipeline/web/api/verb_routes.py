"""The verbs of a session as addresses: read, decide and export by a plan, as agents do with tools.

Every tool of `agent_tools` is an address below `/api/sessions`, with the same parameters, the same
role and the same answer. A tool that reads is asked by GET, its parameters in the query; any other
one by POST, its parameters as JSON. No handler is written here by hand.

Belongs here: making routes of the table of tools. Does not: what a tool does (`agent_tools`), the
addresses of the source documents (`work`), which some tools have as theirs (`ADDRESSES`).
"""

from collections.abc import Callable, Iterator, Mapping
from inspect import Parameter
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import create_model

from jira_pipeline.model.people import Person
from jira_pipeline.model.signatures import keyword, offer_parameters
from jira_pipeline.web.agent_tools import TOOLS, AgentWork, PlanChangedError, Tool
from jira_pipeline.web.api.repeatable_route import RepeatableRoute
from jira_pipeline.web.api.shapes import Shape, bounded_type, strict_type
from jira_pipeline.web.api.verb_answers import answer_type
from jira_pipeline.web.context import Needs, SessionKey, TheWeb, Web
from jira_pipeline.web.problems import DetailedProblemError

SESSIONS_ADDRESS = "/api/sessions"
ADDRESSES: Mapping[str, tuple[str, str]] = {
    "sessions": ("GET", SESSIONS_ADDRESS),
    "status": ("GET", f"{SESSIONS_ADDRESS}/{{key}}"),
    "results": ("GET", "/api/jira/export-results/{key}"),
    "adoption": ("GET", f"{SESSIONS_ADDRESS}/{{key}}/adoption"),
    "generate": ("POST", f"{SESSIONS_ADDRESS}/{{key}}/generate"),
    "export": ("POST", "/api/jira/export-session/{key}"),
}
"""Tools whose address is not made of their name."""
WRITTEN_BY_HAND = frozenset({"results", "adoption", "generate", "export"})
"""Tools whose address answers in the shape of the source documents (`work`)."""


def address_of(name: str, tool: Tool) -> tuple[str, str]:
    """Return the method and the address of a tool."""
    method = "GET" if tool.is_reading else "POST"
    usual = (method, f"{SESSIONS_ADDRESS}/{{key}}/{name.replace('_', '-')}")
    return ADDRESSES.get(name, usual)


def tools_of_programs() -> Iterator[tuple[str, Tool]]:
    """Return the tools that programs may ask for by an address: not those of files on this machine."""
    for name, tool in TOOLS.items():
        if not tool.is_of_this_machine:
            yield name, tool


def verb_router() -> APIRouter:
    """Return the routes of all tools that have no handler of their own."""
    router = APIRouter(route_class=RepeatableRoute)
    for name, tool in tools_of_programs():
        if name not in WRITTEN_BY_HAND:
            method, address = address_of(name, tool)
            router.add_api_route(
                address,
                _handler(name, tool),
                methods=[method],
                name=f"{name}_of_session" if name in {"status", "validate"} else name,
                description=tool.text,
                tags=["sessions"],
                response_model=None,
                responses={200: {"model": answer_type(name, tool)}},
            )
    return router


def _handler(name: str, tool: Tool) -> Callable[..., dict[str, Any]]:
    """Return what answers a request for a tool, with the parameters that the framework reads."""
    of_tool = [parameter for parameter in tool.parameters if parameter.name != "session_key"]
    names = [parameter.name for parameter in of_tool]
    is_of_session = len(of_tool) < len(tool.parameters)

    def answer(person: Person, web: Web, **given: Any) -> dict[str, Any]:
        wanted = given
        if "wanted" in given:
            wanted = _values_of(given["wanted"])
        named = {"session_key": given["key"]} if is_of_session else {}
        work = AgentWork(
            pipeline=web.pipeline,
            person=person,
            by=person.name,
            runs=lambda: web.runs,
            report_upload=web.report_to_dagster,
        )
        named |= {name: wanted[name] for name in names if name in wanted}
        try:
            return tool.call(work, named)
        except PlanChangedError as error:
            raise DetailedProblemError(error, plan=error.plan) from error

    parameters = [
        keyword("person", Annotated[Person, Depends(Needs(tool.role))]),
        keyword("web", TheWeb),
    ]
    if is_of_session:
        parameters.append(keyword("key", SessionKey))
    if tool.is_reading:
        parameters += [_in_query(parameter) for parameter in of_tool]
    else:
        parameters.append(_as_body(name, of_tool))
    offer_parameters(answer, parameters, returns=dict[str, Any])
    return answer


def _in_query(parameter: Parameter) -> Parameter:
    default = ... if parameter.default is Parameter.empty else parameter.default
    annotation = bounded_type(parameter.annotation)
    return parameter.replace(
        kind=Parameter.KEYWORD_ONLY, annotation=annotation, default=Query(default)
    )


def _values_of(body: Shape) -> dict[str, Any]:
    """Return what a body says by name; what it leaves out is as the decision has it by default."""
    return {name: getattr(body, name) for name in body.model_fields_set}


def _as_body(name: str, parameters: list[Parameter]) -> Parameter:
    """Return the body of a request: a model of its parameters; it may be left out where all of it may."""
    fields: dict[str, Any] = {}
    for parameter in parameters:
        default = ... if parameter.default is Parameter.empty else parameter.default
        fields[parameter.name] = (strict_type(parameter.annotation), default)
    words = name.replace("_", " ").title().replace(" ", "")
    about = f"What `{name.replace('_', '-')}` takes."
    model = create_model(f"{words}Wanted", __base__=Shape, __doc__=about, **fields)
    if all(default is not ... for _, default in fields.values()):
        return keyword("wanted", model, default=model())
    return keyword("wanted", model)
