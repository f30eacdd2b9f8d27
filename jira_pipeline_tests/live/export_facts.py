"""What a first export rests on, asked of a real site: each would spoil or stop it.

Belongs here: questions whose answer decides whether tickets arrive whole, once and in their place.
Does not: the words of refusals (`facts`), sending (`site`).
"""

from collections.abc import Iterator
from typing import Any

import httpx

from jira_pipeline.export.jira_names import (
    LinkKind,
    Unresolved,
    choose_issue_type,
    choose_link_type,
)
from jira_pipeline.jira.adf import html_to_adf, validate_adf
from jira_pipeline.jira.client.addresses import cloud_id_of
from jira_pipeline.jira.client.responses import IssueTypesBody, LinkTypesBody
from jira_pipeline.model.issue_tracker import IssueType
from jira_pipeline_tests.live.ground import (
    PROPERTY,
    SUMMARY,
    Ground,
    Verdict,
    compact,
    good,
    shape_of,
)
from jira_pipeline_tests.live.site import API, LiveSite

BODY_MAX_BYTES = 32_767
UNKNOWN_KEYS = 99
PERMISSIONS = (
    "BROWSE_PROJECTS",
    "CREATE_ISSUES",
    "ASSIGN_ISSUES",
    "LINK_ISSUES",
    "CREATE_ATTACHMENTS",
    "SCHEDULE_ISSUES",
    "DELETE_ISSUES",
)
FILE_NAME, FILE = "make-live.md", b"# Asked by make live\n"


def check_door(site: LiveSite) -> Iterator[Verdict]:
    """Ask who the site is, and what it says to strangers."""
    server = site.ask("GET", f"{API}/serverInfo")
    yield Verdict(
        claim="serverInfo names the address people browse",
        holds=server.is_success and str(server.json().get("baseUrl", "")).startswith("http"),
        seen=shape_of(server),
    )
    yield _cloud_id(site)
    for name, is_anonymous in (("no token", True), ("a wrong token", False)):
        answer = site.ask_as_stranger(f"{API}/myself", is_anonymous=is_anonymous)
        yield Verdict(
            claim=f"{name} is answered 401, whatever the body",
            holds=answer.status_code == httpx.codes.UNAUTHORIZED,
            seen=shape_of(answer),
            is_informative=True,
        )
    query: dict[str, str | int] = {
        "projectKey": site.project_key,
        "permissions": ",".join(PERMISSIONS),
    }
    granted = good(site.ask("GET", f"{API}/mypermissions", query=query))["permissions"]
    lacking = [name for name in PERMISSIONS if not granted[name]["havePermission"]]
    yield Verdict(
        claim="the account has the permissions an export makes use of",
        holds=not lacking,
        seen=f"lacks {', '.join(lacking)}",
    )


def _cloud_id(site: LiveSite) -> Verdict:
    claim = "anybody gets the cloud id of the site"
    if cloud_id_of(site.connection.base_url) is not None:
        return Verdict(claim=claim, holds=None, seen="requests go through the gateway")
    answer = site.ask_as_stranger("/_edge/tenant_info", is_anonymous=True)
    is_named = answer.is_success and "cloudId" in answer.text
    return Verdict(claim=claim, holds=is_named, seen=shape_of(answer))


def check_export(site: LiveSite, ground: Ground) -> Iterator[Verdict]:
    """Ask everything else a first export rests on."""
    yield _issue_type(ground)
    yield _issue_type_by_name(site, ground)
    yield from _link_types(site)
    yield _priorities(ground)
    yield Verdict(
        claim="labels are on the create screen",
        holds="labels" in ground.fields,
        seen="without them issues are found by their property alone",
    )
    yield _long_description(site, ground)
    yield _unknown_keys(site, ground)
    yield _bulk(site, ground)
    yield _newest_first(site)
    yield _attachment(site, ground)
    yield _parent(site, ground)
    yield Verdict(
        claim="answers name rate limits",
        holds=True if site.rate_headers else None,
        seen=", ".join(f"{k}: {v}" for k, v in sorted(site.rate_headers.items())) or "no header",
        is_informative=True,
    )


def _issue_type(ground: Ground) -> Verdict:
    body = IssueTypesBody.model_validate({"issueTypes": list(ground.issue_types)})
    found = choose_issue_type([one.to(IssueType) for one in body.issue_types], name=None)
    return Verdict(
        claim="which issue type to create is clear without JIRA_ISSUE_TYPE",
        holds=not isinstance(found, Unresolved),
        seen=found.reason if isinstance(found, Unresolved) else found.name,
        is_informative=True,
    )


def _issue_type_by_name(site: LiveSite, ground: Ground) -> Verdict:
    fields = {**ground.least, "issuetype": {"name": ground.type_name}, "summary": SUMMARY}
    answer = site.create(fields)
    return Verdict(
        claim="an issue type is taken by its name as by its id",
        holds=answer.status_code == httpx.codes.CREATED,
        seen=f"{answer.status_code} {answer.text[:300]}",
    )


def _link_types(site: LiveSite) -> Iterator[Verdict]:
    body = LinkTypesBody.model_validate(good(site.ask("GET", f"{API}/issueLinkType")))
    link_types = body.issue_link_types
    for kind in LinkKind:
        found = choose_link_type(kind, link_types, name=None)
        is_open = isinstance(found, Unresolved)
        yield Verdict(
            claim=f"which link type is {kind.value} is clear without a setting",
            holds=not is_open,
            seen=found.reason
            if isinstance(found, Unresolved)
            else f"{found.name}: {found.outward}",
            is_informative=True,
        )


def _priorities(ground: Ground) -> Verdict:
    claim = "the create screen lists priorities with their ids"
    if "priority" not in ground.fields:
        return Verdict(claim=claim, holds=None, seen="not on the create screen")
    values = ground.fields["priority"].get("allowedValues") or []
    names = ", ".join(str(one.get("name")) for one in values)
    return Verdict(
        claim=claim,
        holds=bool(values) and all(one.get("id") for one in values),
        seen=names,
        is_informative=True,
    )


def _long_description(site: LiveSite, ground: Ground) -> Verdict:
    """Create an issue with a table as long as is ever sent, and read it back."""
    document = long_document()
    answer = site.create({**ground.least, "summary": SUMMARY, "description": document})
    size = len(compact(document))
    claim = f"a description of {size:,} bytes is taken and comes back as it was sent"
    if answer.status_code != httpx.codes.CREATED:
        return Verdict(claim=claim, holds=False, seen=f"{answer.status_code} {answer.text[:300]}")
    path = f"{API}/issue/{answer.json()['id']}"
    read = good(site.ask("GET", path, query={"fields": "description"}))["fields"]["description"]
    back = compact(read).decode()
    sent = compact(document).decode()
    at = next((n for n, (a, b) in enumerate(zip(sent, back, strict=False)) if a != b), len(sent))
    return Verdict(
        claim=claim, holds=back == sent, seen=f"{len(back)} bytes; from {at}: {back[at : at + 120]}"
    )


def long_document() -> dict[str, Any]:
    """Return a valid document as close below the limit as whole rows allow."""
    rows = 1
    found: dict[str, Any] = {}
    while True:
        cells = "".join(
            f"<tr><td>field_{n}</td><td>Text (plain), “required”</td><td>{n}</td></tr>"
            for n in range(rows)
        )
        table = f"<table><tr><th>Field</th><th>Type</th><th>No.</th></tr>{cells}</table>"
        document = dict(html_to_adf(f"<p>As a <strong>visitor</strong>, I see it.</p>{table}"))
        if len(compact(document)) > BODY_MAX_BYTES:
            assert not validate_adf(found)
            return found
        found, rows = document, rows + 1


def _unknown_keys(site: LiveSite, ground: Ground) -> Verdict:
    """Ask for one issue among keys nobody has: what is in doubt is looked for so."""
    own = ground.issues[0]["id"]
    unknown = [f"{site.project_key}-{90_000_000 + n}" for n in range(UNKNOWN_KEYS)]
    body = {"issueIdsOrKeys": [own, *unknown], "fields": ["summary"]}
    answer = site.ask("POST", f"{API}/issue/bulkfetch", json=body)
    found = answer.json() if answer.is_success else {}
    ids = [one["id"] for one in found.get("issues", ())]
    errors = found.get("issueErrors") or []
    return Verdict(
        claim=f"bulkfetch leaves {UNKNOWN_KEYS} unknown keys out without a word",
        holds=(ids, errors) == ([own], []),
        seen=f"{answer.status_code}, issues {len(ids)}, issueErrors {str(errors)[:200]}",
    )


def _bulk(site: LiveSite, ground: Ground) -> Verdict:
    """Create two issues at once and tell them apart by their properties."""
    names = ("first of a bulk", "second of a bulk")
    drafts: list[dict[str, object]] = [
        {
            "fields": {**ground.least, "summary": f"{SUMMARY} ({name})"},
            "properties": [{"key": PROPERTY, "value": {"identity": name}}],
        }
        for name in names
    ]
    answer = site.ask("POST", f"{API}/issue/bulk", json={"issueUpdates": drafts}, creating=2)
    created = answer.json().get("issues", []) if answer.is_success else []
    ids = [one["id"] for one in created]
    site.created.extend(ids)
    claim = "a bulk creates issues together with their properties"
    if len(ids) != len(names):
        return Verdict(claim=claim, holds=False, seen=f"{answer.status_code} {answer.text[:300]}")
    body = {"issueIdsOrKeys": ids, "fields": ["summary"], "properties": [PROPERTY]}
    read = good(site.ask("POST", f"{API}/issue/bulkfetch", json=body))["issues"]
    marks = sorted(str(one.get("properties", {}).get(PROPERTY)) for one in read)
    return Verdict(
        claim=claim,
        holds=marks == sorted(str({"identity": name}) for name in names),
        seen=str(marks),
    )


def _newest_first(site: LiveSite) -> Verdict:
    body = {
        "jql": f'project = "{site.project_key}" ORDER BY key DESC',
        "fields": ["summary"],
        "maxResults": 5,
    }
    answer = site.ask("POST", f"{API}/search/jql", json=body)
    issues = answer.json().get("issues", []) if answer.is_success else []
    numbers = [int(one["key"].rpartition("-")[2]) for one in issues]
    return Verdict(
        claim="ORDER BY key DESC gives the highest numbers first",
        holds=answer.is_success and numbers == sorted(numbers, reverse=True),
        seen=f"{answer.status_code}, numbers {numbers}",
    )


def _attachment(site: LiveSite, ground: Ground) -> Verdict:
    path = f"{API}/issue/{ground.issues[0]['id']}"
    answer = site.ask(
        "POST",
        f"{path}/attachments",
        files={"file": (FILE_NAME, FILE, "application/octet-stream")},
        headers={"X-Atlassian-Token": "no-check"},
    )
    shown = good(site.ask("GET", path, query={"fields": "attachment"}))["fields"]["attachment"]
    files = [(one["filename"], one["size"]) for one in shown]
    return Verdict(
        claim="a file is attached with 200, and shows name and size",
        holds=answer.status_code == httpx.codes.OK and files == [(FILE_NAME, len(FILE))],
        seen=f"{answer.status_code} {shape_of(answer)}; {files}",
    )


def _parent(site: LiveSite, ground: Ground) -> Verdict:
    claim = "an issue is created under an epic by `parent`"
    epics = [one for one in ground.issue_types if one.get("hierarchyLevel") == 1]
    if not epics:
        return Verdict(claim=claim, holds=None, seen="the project has no type of that level")
    epic = site.create({**ground.least, "issuetype": {"id": epics[0]["id"]}, "summary": SUMMARY})
    if epic.status_code != httpx.codes.CREATED:
        return Verdict(claim=claim, holds=None, seen=f"no epic: {epic.text[:300]}")
    key = epic.json()["key"]
    child = site.create({**ground.least, "summary": SUMMARY, "parent": {"key": key}})
    if child.status_code != httpx.codes.CREATED:
        return Verdict(claim=claim, holds=False, seen=f"{child.status_code} {child.text[:300]}")
    path = f"{API}/issue/{child.json()['id']}"
    shown = good(site.ask("GET", path, query={"fields": "parent"}))["fields"].get("parent")
    return Verdict(claim=claim, holds=bool(shown) and shown["key"] == key, seen=str(shown)[:200])
