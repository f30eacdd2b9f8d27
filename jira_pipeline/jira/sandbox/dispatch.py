"""One request inside its transaction: which call it is, who asks, what is answered.

Belongs here: all routes, credentials, Atlassian's gateway and API tokens with scopes, the savepoint
a refusal rolls back to. Does not: the transaction and the journal (`sandbox`), the calls
(`*_calls`).

Source of the gateway's answers: docs/jira_answers.md; of scopes: each operation's `security` in
Atlassian's documents.
"""

import base64
import binascii
import re
from dataclasses import replace
from urllib.parse import unquote

from jira_pipeline.jira.sandbox.call import NOT_SIGNED_IN, Call, answer_refusal, refuse
from jira_pipeline.jira.sandbox.issue_calls import ISSUE_ROUTES
from jira_pipeline.jira.sandbox.issue_part_calls import ISSUE_PART_ROUTES
from jira_pipeline.jira.sandbox.sandbox_site import User, find_users
from jira_pipeline.jira.sandbox.search_calls import SEARCH_ROUTES
from jira_pipeline.jira.sandbox.site_calls import AGILE_ROUTES, SITE_ROUTES
from jira_pipeline.jira.sandbox.site_rules import EVERYBODY, SiteRules
from jira_pipeline.jira.sandbox_http.requests import SandboxRequest, SandboxResponse, answer_json
from jira_pipeline.jira.sandbox_http.sqlite_rows import Rows
from jira_pipeline.model.errors import RefusedError

ROUTES = (*SITE_ROUTES, *SEARCH_ROUTES, *ISSUE_PART_ROUTES, *ISSUE_ROUTES)
APIS = (
    (re.compile(r"/rest/api/3/(?P<call>.+?)/?"), ROUTES),
    (re.compile(r"/rest/agile/(?:1\.0|latest)/(?P<call>.+?)/?"), tuple(AGILE_ROUTES)),
)
TENANT_PATH = "/_edge/tenant_info"

GATEWAY_PATH = re.compile(r"/ex/jira/(?P<cloud_id>[^/]+)(?P<path>/.*)")
ANONYMOUS_CALLS = re.compile(r"/rest/api/[^/]+/serverInfo|/_edge/tenant_info")
_SCOPES: tuple[tuple[str, str, str], ...] = (
    ("GET", r"/rest/agile/[^/]+/board", "read:board-scope:jira-software"),
    ("GET", r"/rest/agile/.*", "read:sprint:jira-software"),
    ("POST", r"/rest/agile/.*", "write:sprint:jira-software"),
    ("GET", r"/rest/api/[^/]+/priority/search", "manage:jira-configuration"),
    ("GET", r"/rest/api/[^/]+/(myself|configuration|user/.*)", "read:jira-user"),
    ("GET", r"/rest/api/.*", "read:jira-work"),
    ("POST", r"/rest/api/[^/]+/(issue/bulkfetch|search/jql)", "read:jira-work"),
    (".*", r".*", "write:jira-work"),
)
"""Method, path and the scope that call needs; the first row that fits decides."""


def answer_call(call: Call) -> SandboxResponse:
    """Answer inside a savepoint: a refused request leaves nothing but its journal entry."""
    call.rows.execute("SAVEPOINT work")
    try:
        response = _dispatch(call)
    except RefusedError as refusal:
        call.rows.execute("ROLLBACK TO work")
        response = answer_refusal(refusal, path=call.request.path)
    call.rows.execute("RELEASE work")
    return response


def _dispatch(call: Call) -> SandboxResponse:
    request, site_id = call.request, call.site["site_id"]
    account = account_of(request)
    stop = turned_away(request, account=account, site_id=site_id, rules=call.rules)
    if stop is not None:
        return stop
    if request.path == TENANT_PATH:
        return answer_json({"cloudId": site_id})
    is_known = False
    for pattern, routes in APIS:
        path = pattern.fullmatch(request.path)
        for route in routes if path else ():
            values = path and route.pattern.fullmatch(path["call"])
            if values and route.method == request.method:
                named = {name: unquote(value) for name, value in values.groupdict().items()}
                return route.response_to(replace(call, path=named))
            is_known = is_known or values is not None
    if is_known:
        raise refuse("Method Not Allowed", status=405)
    body = {"message": f"null for uri: {request.path}", "status-code": 404}
    return answer_json(body, status=404)


def user_of(request: SandboxRequest, rows: Rows) -> User | None:
    """Take any Basic credentials; an e-mail of the site is that person, others the owner."""
    account = account_of(request)
    if account is None:
        return None
    users = find_users(rows)
    return next((user for user in users if user.email == account[0]), users[0])


def account_of(request: SandboxRequest) -> tuple[str, str] | None:
    """Return e-mail and token of Basic credentials; None where there are none."""
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or not credentials.strip():
        return None
    try:
        decoded = base64.b64decode(credentials, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, _, token = decoded.partition(":")
    return name, token


def at_the_site(request: SandboxRequest) -> SandboxRequest:
    """Return a request to the gateway as the site gets it, with the cloud id it was sent to."""
    found = GATEWAY_PATH.fullmatch(request.path)
    if found is None:
        return request
    return replace(request, path=found["path"], cloud_id=found["cloud_id"])


def turned_away(
    request: SandboxRequest, *, account: tuple[str, str] | None, site_id: str, rules: SiteRules
) -> SandboxResponse | None:
    """Return the answer to a request that gets no further than the door; None lets it in.

    The account is e-mail and token; without one it is a stranger, who may ask some things.
    """
    is_gateway = request.cloud_id is not None
    if is_gateway and (request.cloud_id != site_id or request.path.startswith("/_edge/")):
        return answer_json({"code": 404, "message": "Not Found"}, status=404)
    if account is None or ANONYMOUS_CALLS.fullmatch(request.path):
        return None
    email, token = account
    is_scoped = bool({email, EVERYBODY} & set(rules.scoped_tokens_of))
    is_known = rules.known_tokens is None or token in rules.known_tokens
    if not is_known or (is_scoped and not is_gateway):
        return answer_json({"message": NOT_SIGNED_IN, "status-code": 401}, status=401)
    if is_scoped and scope_of(request.method, request.path) not in rules.token_scopes:
        body = {"code": 401, "message": "Unauthorized; scope does not match"}
        return answer_json(body, status=401)
    return None


def scope_of(method: str, path: str) -> str:
    """Return the scope a call needs."""
    return next(
        scope
        for row_method, row_path, scope in _SCOPES
        if re.fullmatch(row_method, method) and re.fullmatch(row_path, path)
    )
