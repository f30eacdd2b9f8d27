"""Sites that obey an administrator: calls that are answered as the rules of their site say.

Belongs here: screens and fields, permissions, names, limits, lag, API tokens with their scopes.
Does not: the rules (`rules_of_sites`), what happens beyond what was asked (`unkind_sites`).
Source of the scopes: each operation's `security` in Atlassian's documents.
"""

import json
import re
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from typing_extensions import override

from jira_pipeline.jira.sandbox.call import (
    BROWSE,
    NOT_SIGNED_IN,
    Call,
    marks,
    read_choice,
    refuse,
    refuse_fields,
)
from jira_pipeline.jira.sandbox.issue_fields import (
    FIELDS,
    Field as IssueField,
    Read,
    Values,
)
from jira_pipeline.jira.sandbox.sandbox import account_of
from jira_pipeline.jira.sandbox.sandbox_site import NOBODY, IssueType, Priority, User
from jira_pipeline.jira.sandbox_http import (
    SandboxRequest,
    SandboxResponse,
    answer_json,
    compact_json,
)
from jira_pipeline_tests.jira.rules_of_sites import EVERYBODY, CustomField, SiteRules

TEAM_TYPE_OFFSET = 1_000
ANONYMOUS_CALLS = re.compile(r"/rest/api/[^/]+/serverInfo|/_edge/tenant_info")
_SCOPES: tuple[tuple[str, str, str], ...] = (
    ("GET", r"/rest/agile/[^/]+/board", "read:board-scope:jira-software"),
    ("GET", r"/rest/agile/.*", "read:sprint:jira-software"),
    ("POST", r"/rest/agile/.*", "write:sprint:jira-software"),
    ("GET", r"/rest/api/[^/]+/(myself|configuration|user/.*)", "read:jira-user"),
    ("GET", r"/rest/api/.*", "read:jira-work"),
    ("POST", r"/rest/api/[^/]+/(issue/bulkfetch|search/jql)", "read:jira-work"),
    (".*", r".*", "write:jira-work"),
)
"""Method, path and the scope that call needs; the first row that fits decides."""


@dataclass(frozen=True, kw_only=True)
class RuledCall(Call):
    """A call on a site with rules."""

    rules: SiteRules

    @override
    def is_granted(self, permission: str, project_key: str, user: User | None) -> bool:
        project = self.rules.project(project_key)
        if (project.is_archived or project.is_deleted) and permission != BROWSE:
            return False
        withheld = project.withheld_permissions
        if user is None or not withheld:
            return user is not None
        names = {*withheld.get(EVERYBODY, ()), *withheld.get(user.email, ())}
        return not names & {permission, BROWSE}

    @override
    def visible_sql(self) -> tuple[str, tuple[object, ...]]:
        sql, values = super().visible_sql()
        closed = [key for key in self.rules.projects if not self.may(BROWSE, key)]
        indexed_until = (self.now - timedelta(seconds=self.rules.index_lag_seconds)).isoformat()
        sql += f" AND project.key NOT IN ({marks(closed)}) AND issue.created_at <= ?"
        return sql, (*values, *closed, indexed_until)

    @override
    def signed_in(self) -> User:
        user = super().signed_in()
        if "/issueLink" in self.request.path and not self.rules.is_linking_on:
            raise refuse("Issue linking is currently disabled.", status=404)
        return user

    @override
    def issue(self, id_or_key: str | None = None) -> sqlite3.Row:
        """Where nobody logs time a worklog is refused as for an issue that is not there.

        Source: Atlassian, "Get issue worklogs", platform v3, December 2025.
        """
        is_worklog = self.request.path.rstrip("/").endswith("/worklog")
        if is_worklog and not self.rules.is_time_tracking_on:
            raise refuse("Time tracking is currently disabled.", status=404)
        return super().issue(id_or_key)

    @override
    def issue_types(self, project_key: str) -> list[IssueType]:
        names = self.rules.project(project_key).issue_types
        kinds = super().issue_types(project_key)
        return [one for one in kinds if names is None or one.name in names]

    @override
    def issue_type(self, project_key: str, stored_id: str) -> IssueType:
        """Those of a team have ids of their own."""
        kind = super().issue_type(project_key, stored_id)
        is_own = self.is_team_managed(project_key)
        return replace(kind, id=str(int(kind.id) + TEAM_TYPE_OFFSET)) if is_own else kind

    @override
    def priorities(self, project_key: str) -> Sequence[Priority]:
        names = self.rules.project(project_key).priorities
        every = super().priorities(project_key)
        return [one for one in every if names is None or one.name in names]

    @override
    def is_team_managed(self, project_key: str) -> bool:
        return self.rules.is_team_managed(project_key)

    @override
    def project_state(self, project_key: str) -> dict[str, object]:
        project = self.rules.project(project_key)
        states = {"archived": project.is_archived, "deleted": project.is_deleted}
        return {name: True for name, is_so in states.items() if is_so}

    @override
    def name_of(self, english: str) -> str:
        return self.rules.name_of(english)

    @override
    def names_of(self, kind: IssueType) -> dict[str, str]:
        is_translated = self.rules.names and self.rules.tells_untranslated_names
        own = {"untranslatedName": kind.name} if is_translated else {}
        return {**super().names_of(kind), **own}

    @override
    def fields(self, known: Sequence[Any]) -> Sequence[Any]:
        return (*known, *map(custom_field, self.rules.custom_fields))

    @override
    def screen(
        self, fields: Sequence[Any], project_key: str, given: Collection[str] | None = None
    ) -> Sequence[Any]:
        known: Sequence[IssueField] = self.fields(FIELDS)
        demanded = {*self.rules.project(project_key).required_fields}
        if given is not None:
            demanded &= {*given}
            shown = [
                replace(one, is_required=one.id in demanded, has_default=False) for one in known
            ]
        else:
            shown = [
                replace(one, is_required=one.is_required or one.id in demanded)
                for one in known
                if one.id in demanded or self._is_on_create_screen(one, project_key)
            ]
        return [replace(one, read=self._ruled_read(one)) for one in shown]

    def _is_on_create_screen(self, field: IssueField, project_key: str) -> bool:
        project = self.rules.project(project_key)
        off = {*project.off_create_screen, *self.rules.off_every_create_screen}
        if self.is_team_managed(project_key):
            off.add("priority")
        is_on = field.is_on_create_screen or field.id in project.on_create_screen
        return is_on and bool(field.name) and field.id not in off

    def _ruled_read(self, field: IssueField) -> Read | None:
        """Return what reads a field, which may be refused, or taken without a word."""
        read, words = field.read, self.rules.refused_fields.get(field.id)

        def refuse_value(_call: Call, _values: Values, _value: object) -> object:
            raise refuse_fields({field.id: words or ""})

        def ignore(call: Call, values: Values, value: object) -> object:
            if read is not None:
                read(call, values, value)
            return values.get(field.id)

        if words is not None:
            return refuse_value
        return ignore if field.id in self.rules.ignored_fields else read

    @override
    def after_creation(self, issue_id: int) -> None:
        if self.rules.hides_new_issues:
            self.rows.change("issue", issue_id, {"security_level": NOBODY})

    @override
    def record(self, change: str, *, issue_id: int | None, **detail: object) -> None:
        """Where properties are dropped, one that was set is gone, and nothing says so."""
        if change != "property_set" or not self.rules.drops_properties:
            super().record(change, issue_id=issue_id, **detail)
            return
        gone = "DELETE FROM issue_property WHERE issue_id = ? AND key = ?"
        self.rows.execute(gone, (issue_id, detail["key"]))


def turned_away(
    request: SandboxRequest, *, site_id: str, rules: SiteRules
) -> SandboxResponse | None:
    """Return the answer to a token that is not taken; None lets it in, as it does strangers."""
    account, is_gateway = account_of(request), request.cloud_id is not None
    is_elsewhere = request.cloud_id not in {None, site_id}
    if account is None or is_elsewhere or ANONYMOUS_CALLS.fullmatch(request.path):
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


def said_with_rules(
    response: SandboxResponse, request: SandboxRequest, rules: SiteRules
) -> SandboxResponse:
    """Return what a site says of its features, with what the rules make of them."""
    files = rules.attachments
    features: dict[str, dict[str, object]] = {
        "configuration": {
            "attachmentsEnabled": files.is_enabled,
            "issueLinkingEnabled": rules.is_linking_on,
            "timeTrackingEnabled": rules.is_time_tracking_on,
        },
        "attachment/meta": {"enabled": files.is_enabled, "uploadLimit": files.size_limit_bytes},
    }
    own = features.get(request.path.removeprefix("/rest/api/3/"))
    if own is None or response.status != 200:  # a refusal says nothing of them
        return response
    said = json.loads(response.body) | own
    return replace(response, body=compact_json(said).encode())


def options_of(custom: CustomField) -> list[dict[str, Any]]:
    """Return what may be chosen in a field of an administrator."""
    options: list[dict[str, Any]] = []
    for number, name in enumerate(custom.options, start=1):
        option: dict[str, Any] = {"id": str(number), "value": name}
        children = enumerate(custom.children.get(name, ()), start=100 * number)
        if custom.kind == "cascade":
            option["children"] = [{"id": str(place), "value": child} for place, child in children]
        options.append(option)
    return options


def _chosen(options: Sequence[dict[str, Any]], value: object) -> dict[str, Any] | None:
    """Return the option that a value names, with the one of the second list below it; None: none."""
    wanted = read_choice(value, "value", "id")
    for option in options:
        if wanted not in (option["id"], option["value"]):
            continue
        chosen = {"id": option["id"], "value": option["value"]}
        child = value.get("child") if isinstance(value, dict) else None
        if child is None:
            return chosen
        below = _chosen(option.get("children", ()), child)
        return None if below is None else {**chosen, "child": below}
    return None


_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes"
_CUSTOM_TYPES = {
    "text": "textfield",
    "option": "select",
    "cascade": "cascadingselect",
    "team": "atlassian-team",
    "any": "object-of-an-app",
}
_SCHEMA_TYPES = {"text": "string", "cascade": "option-with-child"}
"""What Jira calls the kinds of fields that rules of a site add."""


def custom_field(custom: CustomField) -> IssueField:
    """Make the field that an administrator added."""

    def read(_call: Call, _values: Values, value: object) -> object:
        if value is None:
            return None
        if custom.kind in {"option", "cascade"}:
            option = _chosen(options_of(custom), value)
            if option is None:
                wanted = read_choice(value, "value", "id")
                raise refuse_fields({custom.id: f"Option '{wanted}' is not valid."})
            return option
        if custom.kind == "any":
            if isinstance(value, str):
                raise refuse_fields({custom.id: "Specify an object of the app."})
            return value
        if not isinstance(value, str):
            raise refuse_fields({custom.id: "Operation value must be a string"})
        return value

    def show(call: Call, row: sqlite3.Row) -> object:
        kept = call.rows.having("issue_custom_value", issue_id=row["id"], field_id=custom.id)
        return json.loads(kept[0]["value"]) if kept else None

    return IssueField(
        id=custom.id,
        name=custom.name,
        type=_SCHEMA_TYPES.get(custom.kind, custom.kind),
        custom=f"{_CUSTOM}:{_CUSTOM_TYPES[custom.kind]}",
        is_on_create_screen=False,
        is_id=False,
        options=options_of(custom) if custom.options else (),
        read=read,
        show=show,
        text=lambda _call, kept: None if kept is None else compact_json(kept),
    )
