"""Sites where more happens than was asked: issues are cloned, moved and hidden, documents rewritten.

Belongs here: the rules of such a site, which are kept in its file, and what they do to a creation
and a document, in the transaction of the request, journalled under names of their own. Does not:
which worlds have which rules (`site_worlds`), what nobody's request does (`site_acts`).
"""

import json
import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt
from typing_extensions import override

from jira_pipeline.jira.sandbox.sandbox_projects import create_project, next_key
from jira_pipeline.jira.sandbox.sandbox_site import NOBODY
from jira_pipeline_tests.jira.rules_of_sites import SiteRules
from jira_pipeline_tests.jira.sandbox_faults.ruled_calls import RuledCall

MOVED_TO = "MOVED"
"""The project issues are moved to."""
CLONERS = "10001"
FOREIGN_KEPT_MAX = 200
"""Of a longer run the rest was deleted: only the numbers are gone."""
WITH_LOCAL_ID = frozenset({"paragraph", "heading", "table", "tableRow", "tableCell", "tableHeader"})
"""Blocks that get an id when they are stored."""


class UnkindRules(SiteRules):
    """Rules of a site where more happens than was asked."""

    rewrites_documents: bool = False
    """Documents are stored with ids of their own, without empty paragraphs, texts joined."""
    clones_every: NonNegativeInt = 0
    """Every so many creations somebody clones the new issue; 0 is never."""
    moves_every: NonNegativeInt = 0
    """Every so many creations the new issue is moved to another project; 0 is never."""
    hidden_run_every: NonNegativeInt = 0
    """Every so many creations a run of foreign issues takes the next numbers; 0 is never."""
    hidden_run_length: PositiveInt = 130
    hidden_run_varies: bool = False
    """Each run has a length of its own, from 1 to that."""
    adds_at_creation: str = ""
    """A paragraph that a workflow adds to each new issue, of which its history says nothing."""
    parent_lag_seconds: NonNegativeFloat = 0.0
    """How long a new issue stays out of searches by parent."""


@dataclass(frozen=True, kw_only=True)
class UnkindCall(RuledCall):
    """A call on a site with such rules."""

    rules: UnkindRules

    @override
    def kept_document(self, document: Mapping[str, object]) -> Mapping[str, object]:
        if not self.rules.rewrites_documents:
            return document
        return rewritten(document, seed=self.sequence)

    @override
    def visible_sql(self) -> tuple[str, tuple[object, ...]]:
        """Leave out of a search by parent what its index does not have yet."""
        sql, values = super().visible_sql()
        lag_seconds = self.rules.parent_lag_seconds
        if not lag_seconds or b"parent = " not in self.request.body:
            return sql, values
        indexed_until = (self.now - timedelta(seconds=lag_seconds)).isoformat()
        return f"{sql} AND issue.created_at <= ?", (*values, indexed_until)

    @override
    def after_creation(self, issue_id: int) -> None:
        """Let happen what is due after this creation, counted over the life of the site."""
        super().after_creation(issue_id)
        rules = self.rules
        if rules.adds_at_creation:
            self._add_paragraph(issue_id, rules.adds_at_creation)
        if not (rules.clones_every or rules.moves_every or rules.hidden_run_every):
            return
        chosen = "SELECT count(*) FROM journal_change WHERE change = 'issue_created'"
        created = self.rows.one(chosen)[0]
        if rules.clones_every and created % rules.clones_every == 0:
            self._clone(issue_id)
        if rules.moves_every and created % rules.moves_every == 0:
            self._move(issue_id)
        if rules.hidden_run_every and created % rules.hidden_run_every == 0:
            length = rules.hidden_run_length
            if rules.hidden_run_varies:
                length = random.Random(issue_id).randint(1, length)  # noqa: S311 - a length, no secret
            self._add_foreign_run(issue_id, length=length)

    def _add_paragraph(self, issue_id: int, text: str) -> None:
        """Add a paragraph as a post function does: neither time nor history of the issue show it."""
        kept = self.rows.one("SELECT description FROM issue WHERE id = ?", issue_id)["description"]
        before = json.loads(kept)["content"] if kept else []
        paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
        longer = {"type": "doc", "version": 1, "content": [*before, paragraph]}
        self.rows.change("issue", issue_id, {"description": json.dumps(longer)})
        self.record("post_function_ran", issue_id=issue_id)

    def _clone(self, issue_id: int) -> None:
        """Clone an issue as people do in Jira: labels go along, properties do not."""
        clone, key = self._copy(issue_id, summary="CLONE - {}")
        self.rows.execute(
            "INSERT INTO issue_label SELECT ?, label FROM issue_label WHERE issue_id = ?",
            (clone, issue_id),
        )
        ends = {"inward_issue_id": clone, "outward_issue_id": issue_id}
        self.rows.add("issue_link", type_id=CLONERS, **ends)
        self.record("issue_cloned", issue_id=clone, key=key, source=str(issue_id))

    def _move(self, issue_id: int) -> None:
        """Move an issue to another project: a new key, the same id."""
        former_key = self.rows.one("SELECT key FROM issue WHERE id = ?", issue_id)["key"]
        place = create_project(self.rows, key=MOVED_TO, name="Moved here")
        number, key = next_key(self.rows, place)
        self.rows.change("issue", issue_id, {"project_id": place, "number": number, "key": key})
        self.rows.add("former_key", key=former_key, issue_id=issue_id)
        self.record("issue_moved", issue_id=issue_id, key=key, former_key=former_key)

    def _add_foreign_run(self, issue_id: int, *, length: int) -> None:
        """Take the next numbers: in turns a hidden issue, a deleted one, one that was moved away."""
        project_id = self.rows.one("SELECT project_id FROM issue WHERE id = ?", issue_id)[0]
        for position in range(min(length, FOREIGN_KEPT_MAX)):
            if position % 3 == 1:  # deleted: only the number is gone
                next_key(self.rows, project_id)
                continue
            blank = dict.fromkeys(("description", "assignee_id", "parent_id", "due_on"))
            foreign, key = self._copy(
                issue_id, summary="Foreign {1}", security_level=NOBODY, **blank
            )
            self.record("foreign_issue_created", issue_id=foreign, key=key)
            if position % 3 == 2:  # the third of three kinds
                self._move(foreign)
        self.rows.execute(
            "UPDATE project SET last_number = last_number + ? WHERE id = ?",
            (max(0, length - FOREIGN_KEPT_MAX), project_id),
        )

    def _copy(self, issue_id: int, *, summary: str, **changed: object) -> tuple[int, str]:
        """Copy the row of an issue under the next key; return id and key of the copy."""
        issue = dict(self.rows.one("SELECT * FROM issue WHERE id = ?", issue_id))
        number, key = next_key(self.rows, issue["project_id"])
        own = {"number": number, "key": key, "summary": summary.format(issue["summary"], key)}
        del issue["id"]
        return int(self.rows.add("issue", **{**issue, **own, **changed})["id"]), key


def rewritten(document: Mapping[str, object], *, seed: int) -> dict[str, object]:
    """Return a document as Jira stores it; the seed gives its local ids, which are new each time.

    Source: clients that compared what they had sent with what came back; nothing of it is stated.
    """
    numbers = count(1)

    def stored(node: Mapping[str, object]) -> dict[str, object]:
        copy = dict(node)
        children = node.get("content")
        if isinstance(children, list):
            copy["content"] = _joined([stored(child) for child in children])
        if node.get("type") in WITH_LOCAL_ID:
            attributes = node.get("attrs")
            own = dict(attributes) if isinstance(attributes, Mapping) else {}
            if node["type"] == "table":
                own.setdefault("layout", "default")
            copy["attrs"] = {**own, "localId": str(uuid.UUID(int=seed * 2**64 + next(numbers)))}
        return copy

    copy = stored(document)
    blocks = copy["content"]
    kept = [b for b in blocks if b["type"] != "paragraph" or b.get("content")]  # type: ignore[attr-defined] # a document has a list of nodes
    return {**copy, "content": kept}


def _joined(nodes: list[dict[str, object]]) -> list[dict[str, object]]:
    """Join texts that are next to each other and have the same marks."""
    joined: list[dict[str, object]] = []
    for node in nodes:
        before = joined[-1] if joined else {}
        is_text = node.get("type") == "text" == before.get("type")
        if is_text and node.get("marks") == before.get("marks"):
            joined[-1] = {**before, "text": f"{before['text']}{node['text']}"}
        else:
            joined.append(node)
    return joined
