"""What we take Jira for without Atlassian saying so, asked one by one.

Belongs here: every claim that is seen in clients or inferred and can be asked of a site; and the
few stated ones on which no duplicate and no wrong link depends. Does not: what a first export needs
besides (`export_facts`), sending (`site`).
"""

from collections.abc import Iterator

import httpx

from jira_pipeline.export.jira_names import (
    LinkKind,
    Unresolved,
    choose_issue_type,
    choose_link_type,
)
from jira_pipeline.jira.client.responses import IssueTypesBody, LinkTypesBody
from jira_pipeline.model.issue_tracker import IssueType
from jira_pipeline_tests.live.export_facts import check_door, check_export
from jira_pipeline_tests.live.ground import PROPERTY, SUMMARY, Ground, Verdict, good
from jira_pipeline_tests.live.site import API, LiveSite

NO_SUCH_KEY = "QQNOSUCHQQ"
NO_SUCH_FIELD = "customfield_99999999"
NOT_ON_SCREEN = (
    f"Field '{NO_SUCH_FIELD}' cannot be set. It is not on the appropriate screen, or unknown."
)
SPRINT_SCHEMA = "com.pyxis.greenhopper.jira:gh-sprint"


def check_facts(site: LiveSite) -> Iterator[Verdict]:
    """Ask everything; the issues that takes are the site's to clean up."""
    site.sign_in()
    yield from check_door(site)
    ground = _prepare(site)
    yield _read_back(site, ground)
    yield from check_export(site, ground)
    yield from _links(site, ground)
    for verdict in _words(site, ground):
        is_ours = ground.is_english or verdict.holds is not False
        other = "Jira answers this account in another language"
        yield verdict if is_ours else Verdict(claim=verdict.claim, holds=None, seen=other)


def _words(site: LiveSite, ground: Ground) -> Iterator[Verdict]:
    """Ask for the words of refusals: the sandbox copies them, and no decision rests on them."""
    yield _worded(
        "404 for an unknown project names its key",
        site.ask("GET", f"{API}/project/{NO_SUCH_KEY}"),
        status=404,
        text=f"No project could be found with key '{NO_SUCH_KEY}'.",
    )
    yield from _refusals(site, ground)
    yield _sprint_refusal(site, ground)
    yield _worded(
        "words for an issue that does not exist",
        site.ask("GET", f"{API}/issue/{site.project_key}-99999999"),
        status=404,
        text="Issue does not exist or you do not have permission to see it.",
    )
    yield _worded(
        "words for a link type that does not exist",
        _link(site, ground, {"name": "No such type"}),
        status=404,
        text="No issue link type with name 'No such type' found.",
    )


def _prepare(site: LiveSite) -> Ground:
    """Learn the project and create two issues with a property."""
    locale = str(good(site.ask("GET", f"{API}/myself")).get("locale", "en"))
    project = good(site.ask("GET", f"{API}/project/{site.project_key}"))
    path = f"{API}/issue/createmeta/{project['id']}/issuetypes"
    types = good(site.ask("GET", path))["issueTypes"]
    plain = [one for one in types if not one["subtask"] and one.get("hierarchyLevel", 0) == 0]
    known = IssueTypesBody.model_validate({"issueTypes": plain}).issue_types
    found = choose_issue_type([one.to(IssueType) for one in known], name=None)
    chosen_id = plain[0]["id"] if isinstance(found, Unresolved) else found.issue_type_id
    fields = good(site.ask("GET", f"{path}/{chosen_id}", query={"maxResults": 200}))["fields"]
    least = {"project": {"id": project["id"]}, "issuetype": {"id": chosen_id}}
    issues = tuple(
        good(
            site.create(
                {**least, "summary": f"{SUMMARY} ({n})"},
                properties=[{"key": PROPERTY, "value": {"identity": n}}],
            )
        )
        for n in ("blocker", "blocked")
    )
    return Ground(
        least=least,
        type_name=next(one["name"] for one in plain if one["id"] == chosen_id),
        issue_types=tuple(types),
        is_english=locale.lower().startswith("en"),
        fields={one["fieldId"]: one for one in fields},
        issues=(issues[0], issues[1]),
    )


def _read_back(site: LiveSite, ground: Ground) -> Verdict:
    body = {
        "issueIdsOrKeys": [issue["id"] for issue in ground.issues],
        "fields": ["summary"],
        "properties": [PROPERTY],
    }
    answer = site.ask("POST", f"{API}/issue/bulkfetch", json=body)
    found = answer.json().get("issues", []) if answer.is_success else []
    marks = {one["id"]: one.get("properties", {}).get(PROPERTY) for one in found}
    expected = {
        issue["id"]: {"identity": name}
        for issue, name in zip(ground.issues, ("blocker", "blocked"), strict=True)
    }
    return Verdict(
        claim="bulkfetch shows new issues and their properties at once",
        holds=marks == expected,
        seen=str(marks),
    )


def _refusals(site: LiveSite, ground: Ground) -> Iterator[Verdict]:
    """Ask for issues that are refused, each for one reason."""
    good = {**ground.least, "summary": SUMMARY}
    nobody = "qq:no-such-account"
    questions: tuple[tuple[str, dict[str, object], str], ...] = (
        ("summary", dict(ground.least), "You must specify a summary of the issue."),
        ("project", {**good, "project": {"id": "999999999"}}, "Specify a valid project ID or key"),
        ("issuetype", {**good, "issuetype": {"id": "999999999"}}, "Specify a valid issue type"),
        (
            "priority",
            {**good, "priority": {"name": "No such priority"}},
            "The priority selected is invalid.",
        ),
        (
            "assignee",
            {**good, "assignee": {"accountId": nobody}},
            f"User '{nobody}' cannot be assigned issues.",
        ),
        (
            "labels",
            {**good, "labels": ["x y"]},
            "The label 'x y' contains spaces which is invalid.",
        ),
        (
            "description",
            {**good, "description": "plain"},
            "Operation value must be an Atlassian Document (see the Atlassian Document Format)",
        ),
        (NO_SUCH_FIELD, {**good, NO_SUCH_FIELD: "x"}, NOT_ON_SCREEN),
    )
    for name, fields, text in questions:
        claim = f"words of the refusal of {name}"
        if name not in ground.fields and name not in {"project", "issuetype", NO_SUCH_FIELD}:
            yield Verdict(claim=claim, holds=None, seen="not on the create screen")
            continue
        yield _worded(claim, site.create(fields), status=400, text=text, field=name)


def _sprint_refusal(site: LiveSite, ground: Ground) -> Verdict:
    claim = "words of the refusal of a sprint that is no number"
    sprint = next(
        (k for k, f in ground.fields.items() if f["schema"].get("custom") == SPRINT_SCHEMA), None
    )
    if sprint is None:
        return Verdict(claim=claim, holds=None, seen="the sprint is not on the create screen")
    answer = site.create({**ground.least, "summary": SUMMARY, sprint: "Sprint 1"})
    return _worded(claim, answer, status=400, text="Number value expected as the Sprint id.")


def _links(site: LiveSite, ground: Ground) -> Iterator[Verdict]:
    """Link twice and look from both ends; stated by Atlassian, and too dear to be wrong about."""
    body = LinkTypesBody.model_validate(good(site.ask("GET", f"{API}/issueLinkType")))
    known = body.issue_link_types
    chosen = choose_link_type(LinkKind.BLOCKS, known, name=None)
    if isinstance(chosen, Unresolved):
        yield Verdict(claim="the inward issue is the blocker", holds=None, seen=chosen.reason)
        return
    kind = {"id": chosen.link_type_id}
    statuses = [_link(site, ground, kind).status_code for _ in range(2)]
    yield Verdict(
        claim="a link that exists already answers 201 again",
        holds=statuses == [201, 201],
        seen=str(statuses),
    )
    blocker, blocked = ground.issues
    ends = {}
    for issue in ground.issues:
        path = f"{API}/issue/{issue['id']}"
        answer = good(site.ask("GET", path, query={"fields": "issuelinks"}))
        ends[issue["id"]] = [
            (end, link[end]["id"])
            for link in answer["fields"]["issuelinks"]
            for end in ("inwardIssue", "outwardIssue")
            if end in link
        ]
    yield Verdict(
        claim="the inward issue is the blocker, and there is one link",
        holds=ends
        == {
            blocker["id"]: [("outwardIssue", blocked["id"])],
            blocked["id"]: [("inwardIssue", blocker["id"])],
        },
        seen=str(ends),
    )


def _link(site: LiveSite, ground: Ground, kind: dict[str, str]) -> httpx.Response:
    blocker, blocked = ground.issues
    body = {
        "type": kind,
        "inwardIssue": {"id": blocker["id"]},
        "outwardIssue": {"id": blocked["id"]},
    }
    return site.ask("POST", f"{API}/issueLink", json=body)


def _worded(
    claim: str, answer: httpx.Response, *, status: int, text: str, field: str | None = None
) -> Verdict:
    """Compare status and words; a refusal of one field must name that field."""
    is_json = answer.headers.get("content-type", "").startswith("application/json")
    body = answer.json() if is_json else {}
    messages = [*body.get("errorMessages", ()), *body.get("errors", {}).values()]
    if field is not None:
        messages = [body.get("errors", {}).get(field)]
    return Verdict(
        claim=f"{claim}: {text}",
        holds=answer.status_code == status and messages == [text],
        seen=f"{answer.status_code} {answer.text[:300]}",
    )
