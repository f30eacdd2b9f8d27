"""What every question of `make live` needs: verdicts, and two issues to ask about.

Belongs here: values and readers that `facts` and `export_facts` share. Does not: questions.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from jira_pipeline_tests.live.site import CannotAskError

PROPERTY = "jira_pipeline_live"
SUMMARY = "Asked by make live; may be deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether a claim holds here; None where this site cannot tell."""

    claim: str
    holds: bool | None
    seen: str = ""
    is_informative: bool = False
    """What was seen is worth showing although it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What every further question needs."""

    least: Mapping[str, object]
    """Fields without which nothing is created."""
    type_name: str
    issue_types: tuple[Mapping[str, Any], ...]
    """Of the project, as Jira lists them."""
    fields: Mapping[str, Any]
    """Of the create screen, by id."""
    issues: tuple[Mapping[str, str], Mapping[str, str]]
    """Two issues of ours: the blocker, the blocked one."""
    is_english: bool
    """Jira answers our account in English."""


def good(answer: httpx.Response) -> Any:
    """Return the body of a good answer.

    Raises:
        CannotAskError: It is none.
    """
    if not answer.is_success:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise CannotAskError(f"{asked}: {answer.status_code} {answer.text[:300]}")
    return answer.json()


def shape_of(answer: httpx.Response) -> str:
    """Describe an answer without what it says: status, kind, names, headers of a login."""
    kind = answer.headers.get("content-type", "no content type").partition(";")[0]
    login = answer.headers.get("x-seraph-loginreason")
    try:
        body = answer.json()
    except ValueError:
        body = None
    names = f"; {', '.join(sorted(body))}" if isinstance(body, dict) else ""
    seraph = f"; X-Seraph-LoginReason: {login}" if login else ""
    return f"{answer.status_code} {kind}, {len(answer.content)} bytes{names}{seraph}"


def compact(document: object) -> bytes:
    """Write a document as compact JSON with its keys in order."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode(
        "utf-8"
    )
