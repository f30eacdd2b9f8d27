"""Atlassian's gateway to the site, and API tokens with scopes, which are taken there only.

Belongs here: the gateway's address, which token is taken where, which call needs which scope. Does
not: the calls (`*_calls`), whose token it is (`dispatch`).

Source: docs/jira_answers.md; scopes as each operation's `security` in Atlassian's documents.
"""

import re
from dataclasses import replace

from jira_pipeline.jira_sandbox.exchange import (
    NOT_SIGNED_IN,
    SandboxRequest,
    SandboxResponse,
    answer_json,
)
from jira_pipeline.jira_sandbox.site_rules import EVERYBODY, SiteRules

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
