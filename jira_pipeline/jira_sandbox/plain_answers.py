"""Refusals as Jira Cloud and the gateways before it really put them: seldom in Jira's own form.

Belongs here: the forms, taken in turn. Does not: what is refused (`*_calls`, `faults`).

Source: docs/jira_answers.md.
"""

from collections.abc import Mapping
from dataclasses import replace

from jira_pipeline.jira_sandbox.exchange import NOT_SIGNED_IN, SandboxResponse, compact_json

HTML = {"content-type": "text/html;charset=UTF-8"}
JSON = {"content-type": "application/json;charset=UTF-8"}
TEXT = {"content-type": "text/plain;charset=UTF-8"}
REFUSED_LOGIN = {"x-seraph-loginreason": "AUTHENTICATED_FAILED"}
_KEPT = frozenset({"retry-after"})

Form = tuple[Mapping[str, str], str]
PLAIN_FORMS: Mapping[int, tuple[Form, ...]] = {
    401: (
        (JSON, compact_json({"message": NOT_SIGNED_IN, "status-code": 401})),
        (TEXT | REFUSED_LOGIN, NOT_SIGNED_IN),
        (HTML | REFUSED_LOGIN, "<html><title>Unauthorized (401)</title></html>"),
        ({}, ""),
        (TEXT, "Basic authentication with passwords is deprecated."),
    ),
    403: (
        (HTML, "<html><title>ERROR: The request could not be satisfied</title></html>"),
        (TEXT, "Basic auth with password is not allowed on this instance\n"),
        (HTML | {"x-seraph-loginreason": "AUTHENTICATION_DENIED"}, ""),
    ),
    429: (
        (HTML, "<html><title>Oops - an error has occurred</title></html>"),
        ({"retry-after": "0"}, ""),
        (JSON, compact_json({"errorMessages": ["Rate-limited."], "errors": {}, "status": 429})),
    ),
    503: (({}, ""), (HTML, "<html><title>503 Service Unavailable</title></html>")),
}
"""Headers and body by status."""


def spoken_plainly(response: SandboxResponse, *, turn: int) -> SandboxResponse:
    """Return a refusal in one of the forms of its status; others stay as they are.

    Of its headers only the wait is kept: what Jira says of its limits, a gateway leaves out.
    """
    forms = PLAIN_FORMS.get(response.status)
    if forms is None:
        return response
    headers, body = forms[turn % len(forms)]
    kept = {name: value for name, value in response.headers.items() if name.lower() in _KEPT}
    return replace(response, headers={**kept, **headers}, body=body.encode("utf-8"))
