"""Functions whose parameters are declared in a table: verbs, and conditions of a list.

Belongs here: giving a function the parameters that a library is to read in place of its own. Does not:
which parameters those are, and how each is typed or sent (`cli/context`, `cli/verb_commands`,
`web/pages/showing`, `web/agent_server`).

Typer, FastAPI and the library of agents read the signature of a function to offer it. So a function
that takes whatever is named, as `**named`, gets the signature of what may be named:

    def list_tickets(**named: object) -> None: ...

    offer_parameters(list_tickets, [keyword("group", str, default=""), keyword("limit", int)])
    signature(list_tickets)  # (*, group: str = '', limit: int)

It is still called with `group` and `limit` by name.
"""

from collections.abc import Callable, Iterable
from inspect import Parameter, Signature
from typing import Any


def keyword(name: str, annotation: object, *, default: object = Parameter.empty) -> Parameter:
    """Declare a parameter that is given by name; without a default it has to be."""
    return Parameter(name, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def offer_parameters(
    function: Callable[..., Any],
    parameters: Iterable[Parameter],
    *,
    returns: object = Signature.empty,
) -> None:
    """Have libraries read these parameters in place of those that a function has in its text."""
    offered = list(parameters)
    signature = Signature(offered, return_annotation=returns)
    setattr(function, "__signature__", signature)  # noqa: B010 - no attribute that types know
    # Some libraries read the types from here.
    annotations = {parameter.name: parameter.annotation for parameter in offered}
    if returns is not Signature.empty:
        annotations["return"] = returns
    function.__annotations__ = annotations
