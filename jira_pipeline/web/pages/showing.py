"""How a page is made: a template, with what every page knows.

Belongs here: loading templates, the values of the frame. Does not: what a page shows.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from jira_pipeline.domain.people import Person, Role

ROOM = Path(__file__).parents[1]
TEMPLATES, STATIC = ROOM / "templates", ROOM / "static"


def show(
    request: Request,
    template: str,
    *,
    person: Person | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: object,
) -> HTMLResponse:
    """Answer with a page; it says who is signed in where a person is given."""
    text = (
        templates()
        .get_template(template)
        .render(request=request, person=person, Role=Role, **values)
    )
    return HTMLResponse(text, status_code=status, headers=dict(headers or {}))


@cache
def templates() -> Environment:
    """Return the templates: everything is escaped, and a name that is missing is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
