"""People who work on the site while a schedule runs, and whether what they did stands.

Belongs here: doing one thing at a time with an issue of the session, and looking at it again. Does
not: what people do when (`schedules`), what else must be true of the site (`site_judging`).

Each act leaves a question to the site's tables; the answer right after the act has to be the answer
at the end, unless people themselves did something about it later.
"""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from jira_pipeline.export.text_writes import BLOCKS_PROPERTY
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent
from jira_pipeline_tests.crash.export_world import ACCOUNT, PROJECT_KEY, document
from jira_pipeline_tests.crash.undo_world import SOMEBODY, ask_site
from jira_pipeline_tests.faults.schedules import HANDMADE, Act, ByPerson
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox
from jira_pipeline_tests.jira.sandbox_faults.site_acts import (
    changes_that_count,
    clone_with_properties,
    move,
)

Item = tuple[str, ...]
"""Something on an issue of the session: what, of which ticket, and what more tells it from others."""
Shown = Sequence[tuple[object, ...]]

OTHERS_WORDS = "By a person"
MARK = "jira-pipeline "
EDITS = frozenset({Act.EDIT, Act.EDIT_AS_US, Act.BEFORE_US, Act.AFTER_US})
OTHER_PARENT = "SBX-2"
OTHER_SPRINT = 1
LATER = ", later"
"""What titles end with after an update."""
AS_US = frozenset({Act.EDIT_AS_US, Act.SPRINT_AS_US, Act.PARENT_AS_US, Act.LINK_AS_US})
BLOCKS, RELATES = "10000", "10003"
UNDECIDED = frozenset(
    {
        LedgerEvent.INTENT,
        LedgerEvent.UNKNOWN,
        LedgerEvent.UPDATE_INTENT,
        LedgerEvent.UPDATE_UNKNOWN,
        LedgerEvent.REMOVAL_INTENT,
        LedgerEvent.REMOVAL_UNKNOWN,
        LedgerEvent.DETACH_INTENT,
    }
)
"""While one of these is the last word about a thing, what people do to it meets our write."""


@dataclass
class Deed:
    """What somebody did, and how to see whether it stands."""

    act: ByPerson
    ticket_id: str
    touches: Item
    """What it is about; the begin of an item is all items that begin so."""
    question: str
    parameters: tuple[object, ...]
    shows: Shown
    """The answer right after it, or after the last act of people since."""
    meets_write: bool
    """A write of ours to the same ticket was under way."""
    is_given_up: bool = False
    """Somebody saw it, and asked for it to be overwritten."""
    is_lost: bool = False
    """It did not stand any more before people did something else."""

    def stands(self, rows: sqlite3.Connection) -> bool:
        return not self.is_lost and self.shows == _answer(rows, self.question, self.parameters)


@dataclass
class People:
    """Everybody who works on the site beside the exporter."""

    sandbox: Callable[[], FaultySandbox]
    entries: Callable[[], Sequence[LedgerEntry]]
    """Of the ledger."""
    titles: Mapping[int, str]
    """Of the issues as they are created, by number of the ticket."""
    due: Sequence[ByPerson]
    """In order; what is not possible yet waits."""
    deeds: list[Deed] = field(default_factory=list)
    _around: list[ByPerson] = field(default_factory=list)
    """Edits that wait for a write of ours."""

    def act_before(self, number: int, request: httpx.Request) -> None:
        """Do what is due before a request of ours, and be quicker than a write of ours."""
        self.due = [
            act for act in self.due if act.request_number > number or not self._is_done(act)
        ]
        self._edit_around(request, Act.BEFORE_US)

    def act_after(self, request: httpx.Request) -> None:
        """Let an automation answer a write of ours."""
        self._edit_around(request, Act.AFTER_US)

    def act(self, act: ByPerson) -> None:
        """Do it now, or once it is possible."""
        if not self._is_done(act):
            self.due = [*self.due, act]

    def live_through(self, restoring: Callable[[], object], *, kept: int) -> None:
        """Let the site be restored: of what people did only so much is still there, as it was then."""
        with self.sandbox().state.reading() as rows:
            lost = [deed for deed in self.deeds if not deed.stands(rows)]
        restoring()
        self.deeds = self.deeds[:kept]
        self._look_again(lost)

    def touched(self, ticket_of: Mapping[int, str]) -> set[str]:
        """Return the ids of tickets whose issues people did something with, links at both ends."""
        touched = {deed.ticket_id for deed in self.deeds}
        for deed in self.deeds:
            if deed.touches[0] == "link":
                touched |= {ticket_of.get(int(end), "") for end in deed.touches[2:]}
        return touched

    def of_ticket(self, ticket_id: str) -> list[Deed]:
        return [deed for deed in self.deeds if deed.ticket_id == ticket_id]

    def edits_of(self, ticket_id: str) -> list[Deed]:
        return [deed for deed in self.of_ticket(ticket_id) if deed.act.what in EDITS]

    def deleted(self) -> frozenset[str]:
        return frozenset(d.ticket_id for d in self.deeds if d.act.what is Act.DELETE)

    def _edit_around(self, request: httpx.Request, when: Act) -> None:
        for act in [one for one in self._around if one.what is when]:
            issue_id = self.issue_id(act.ticket)
            if request.method == "PUT" and request.url.path.endswith(f"/{issue_id}"):
                self._around.remove(act)
                self._do(act, issue_id or 0)

    def _is_done(self, act: ByPerson) -> bool:
        if act.what in {Act.BEFORE_US, Act.AFTER_US}:
            self._around.append(act)
            return True
        issue_id = self.issue_id(act.ticket)
        return issue_id is not None and self._do(act, issue_id)

    def _do(self, act: ByPerson, issue_id: int) -> bool:
        site, ticket_id = self.sandbox(), f"t{act.ticket:02}"
        with site.state.reading() as rows:
            lost = [deed for deed in self.deeds if not deed.stands(rows)]
        ends = {act.ticket}
        if act.what is Act.ADD_LINK:
            ends.add(other_end(act, self.titles))
        tickets = {f"t{number:02}" for number in ends} | self.tickets_of(issue_id)
        meets_write = any(map(self._is_undecided, tickets))
        done = _Hands(site, self.titles, act, issue_id, len(self.deeds) + 1).do()
        if done is None:
            return False
        touches, question, parameters = done
        self._look_again(lost)
        with site.state.reading() as rows:
            self.deeds.append(
                Deed(
                    act=act,
                    ticket_id=ticket_id,
                    touches=touches,
                    question=question,
                    parameters=parameters,
                    shows=_answer(rows, question, parameters),
                    meets_write=meets_write,
                )
            )
        return True

    def _look_again(self, lost: Sequence[Deed]) -> None:
        """Take what is there now for what people did, but for what was lost before."""
        with self.sandbox().state.reading() as rows:
            for deed in self.deeds:
                deed.is_lost = deed in lost
                deed.shows = _answer(rows, deed.question, deed.parameters)

    def tickets_of(self, issue_id: int) -> set[str]:
        """Return the tickets whose issue it ever was, as the ledger has it."""
        return {e.ticket_id for e in self.entries() if e.remote_id == str(issue_id)}

    def _is_undecided(self, ticket_id: str) -> bool:
        """Tell whether something of the ticket is about to be written, or may be at work."""
        last: dict[str, LedgerEntry] = {}
        for entry in self.entries():
            if entry.ticket_id == ticket_id:
                last[entry.identity] = entry
        return any(entry.event in UNDECIDED for entry in last.values())

    def issue_id(self, number: int) -> int | None:
        """Return the issue of a ticket; None: there is none, or not any more."""
        with self.sandbox().state.reading() as rows:
            return issue_id_of(rows, self.titles[number])


def other_end(act: ByPerson, titles: Mapping[int, str]) -> int:
    """Return the ticket to whose issue somebody links: a deletion of it takes the link."""
    return act.ticket % len(titles.keys() - set(HANDMADE)) + 1


def issue_id_of(rows: sqlite3.Connection, title: str) -> int | None:
    """Return the first issue that was created with a title, if it is there."""
    chosen = (
        "SELECT issue_id FROM journal_change JOIN issue ON issue.id = issue_id"  # noqa: S608 - ours
        " WHERE change = 'issue_created' AND"
        " (json_extract(detail, '$.summary') = ? OR json_extract(detail, '$.summary') LIKE ?)"
        f" AND {changes_that_count(rows)} ORDER BY sequence"
    )
    row = rows.execute(chosen, (title, f"{title}{LATER}%")).fetchone()
    return None if row is None else int(row["issue_id"])


def link_item(kind: str, inward_id: int, outward_id: int) -> Item:
    """Name a link; one that only relates has no direction."""
    ends = (inward_id, outward_id) if kind == BLOCKS else sorted((inward_id, outward_id))
    return ("link", kind, *map(str, ends))


Done = tuple[Item, str, tuple[object, ...]]
"""What an act touches, and a question about it."""

PLAIN: Mapping[Act, tuple[str, str, Mapping[str, object], str, str]] = {
    Act.SET_PARENT: (
        "PUT",
        "/rest/api/3/issue/{}",
        {"fields": {"parent": {"key": OTHER_PARENT}}},
        "parent",
        "SELECT parent_id FROM issue WHERE id = ?",
    ),
    Act.MOVE_SPRINT: (
        "POST",
        f"/rest/agile/1.0/sprint/{OTHER_SPRINT}/issue",
        {},
        "sprint",
        "SELECT sprint_id FROM issue_sprint WHERE issue_id = ?",
    ),
    Act.SPRINT_AS_US: (
        "POST",
        f"/rest/agile/1.0/sprint/{OTHER_SPRINT}/issue",
        {},
        "sprint",
        "SELECT sprint_id FROM issue_sprint WHERE issue_id = ?",
    ),
    Act.PARENT_AS_US: (
        "PUT",
        "/rest/api/3/issue/{}",
        {"fields": {"parent": {"key": OTHER_PARENT}}},
        "parent",
        "SELECT parent_id FROM issue WHERE id = ?",
    ),
    Act.LOG_WORK: (
        "POST",
        "/rest/api/3/issue/{}/worklog",
        {"timeSpentSeconds": 3_600},
        "worklog",
        "SELECT id FROM worklog WHERE issue_id = ?",
    ),
    Act.STRIP_MARKER: (
        "PUT",
        "/rest/api/3/issue/{}/properties/jira_pipeline",
        {"of": "a tool"},
        "marker",
        "SELECT value FROM issue_property WHERE issue_id = ? AND key = 'jira_pipeline'",
    ),
    Act.ADD_SUBTASK: (
        "POST",
        "/rest/api/3/issue",
        {"project": {"key": PROJECT_KEY}, "issuetype": {"id": "10003"}, "summary": OTHERS_WORDS},
        "subtask",
        "SELECT id FROM issue WHERE parent_id = ?",
    ),
}
"""Acts of one request: method, path, body, what it is about, how to see it."""


@dataclass
class _Hands:
    """Somebody at one issue, about to do one thing."""

    site: FaultySandbox
    titles: Mapping[int, str]
    act: ByPerson
    issue_id: int
    number: int
    """Of the act among all."""

    @property
    def ticket_id(self) -> str:
        return f"t{self.act.ticket:02}"

    @property
    def path(self) -> str:
        return f"/rest/api/3/issue/{self.issue_id}"

    @property
    def account(self) -> str:
        return ACCOUNT[0] if self.act.what in AS_US else SOMEBODY

    @property
    def words(self) -> str:
        return f"{OTHERS_WORDS}, {self.number}"

    def do(self) -> Done | None:
        """Do it, and say what it touches and how to see it; None: it is not possible."""
        match self.act.what:
            case Act.EDIT | Act.EDIT_AS_US | Act.BEFORE_US | Act.AFTER_US:
                return self._edit()
            case Act.RENAME:
                return self._rename()
            case Act.COMMENT | Act.EDIT_COMMENT | Act.PASTE_COMMENT | Act.COMMENT_FOR_SOME:
                return self._say()
            case Act.ADD_LINK | Act.ADD_FOREIGN_LINK | Act.LINK_AS_US | Act.ADD_WANTED_LINK:
                return self._link()
            case Act.DELETE_LINK | Act.REMAKE_LINK:
                return self._delete_link()
            case Act.ADD_FILE | Act.DELETE_FILE:
                return self._add_file() if self.act.what is Act.ADD_FILE else self._delete_file()
            case Act.MOVE | Act.DELETE | Act.CLONE as what:
                of_issues = {Act.MOVE: self._move, Act.DELETE: self._delete}
                return of_issues.get(what, self._clone)()
            case what:
                method, path, body, about, question = PLAIN[what]
                filled = dict(body)
                if what in {Act.MOVE_SPRINT, Act.SPRINT_AS_US}:
                    filled = {"issues": [str(self.issue_id)]}
                elif what is Act.ADD_SUBTASK:
                    filled = {"fields": {**body, "parent": {"id": str(self.issue_id)}}}
                return self._ask(
                    method, path.format(self.issue_id), filled, about=about, question=question
                )

    def _ask(
        self, method: str, path: str, body: object, *, about: str, question: str
    ) -> Done | None:
        """Ask the site to do it; what it is about has one place on the issue."""
        response = ask_site(self.site, method, path, body, account=self.account)
        if response.status >= httpx.codes.BAD_REQUEST:
            return None
        return (about, self.ticket_id), question, (self.issue_id,)

    def _edit(self) -> Done | None:
        """Write another text; what we say may come below it, its words stay.

        Issues that do not remember what is ours were written by an older version.
        """
        if not remembers_blocks(self.act.ticket) and self.act.ticket not in HANDMADE:
            with self.site.state.writing() as rows:
                rows.execute(
                    "DELETE FROM issue_property WHERE issue_id = ? AND key = ?",
                    (self.issue_id, BLOCKS_PROPERTY),
                )
        written: dict[str, Any] = {**document(self.words)}
        if self.act.ticket in HANDMADE:  # people write below what they wrote before
            with self.site.state.reading() as rows:
                chosen = "SELECT description FROM issue WHERE id = ?"
                before = json.loads(rows.execute(chosen, (self.issue_id,)).fetchone()[0])
            written = {**before, "content": [*before["content"], *written["content"]]}
        body = {"fields": {"description": written}}
        response = ask_site(self.site, "PUT", self.path, body, account=self.account)
        if response.status >= httpx.codes.BAD_REQUEST:
            return None
        asked = "SELECT instr(description, ?) > 0 FROM issue WHERE id = ?"
        return ("text", self.ticket_id), asked, (self.words, self.issue_id)

    def _rename(self) -> Done | None:
        body = {"fields": {"summary": self.words}}
        response = ask_site(self.site, "PUT", self.path, body, account=self.account)
        if response.status >= httpx.codes.BAD_REQUEST:
            return None
        asked = "SELECT summary FROM issue WHERE id = ?"
        return ("text", self.ticket_id, "title"), asked, (self.issue_id,)

    def _say(self) -> Done | None:
        """Comment, with words of one's own or pasted ones, or edit a comment of ours."""
        ours, body = self._our_comment(), document(self.words)
        if ours is None and self.act.what in {Act.EDIT_COMMENT, Act.PASTE_COMMENT}:
            return None
        asked = "SELECT body FROM comment WHERE id = ?"
        if ours is not None and self.act.what is Act.EDIT_COMMENT:
            ask_site(self.site, "PUT", f"{self.path}/comment/{ours['id']}", {"body": body})
            return ("comment", self.ticket_id), asked, (ours["id"],)
        if ours is not None and self.act.what is Act.PASTE_COMMENT:
            body = json.loads(ours["body"])
        response = ask_site(self.site, "POST", f"{self.path}/comment", {"body": body})
        comment_id = int(json.loads(response.body)["id"])
        if self.act.what is Act.COMMENT_FOR_SOME:
            self.site.restricted_comments.add(comment_id)
        return ("words", self.ticket_id), asked, (comment_id,)

    def _add_file(self) -> Done:
        name = f"notes {self.number}.txt"
        ask_site(self.site, "POST", f"{self.path}/attachments", file=(name, b"Noted."))
        asked = "SELECT content FROM attachment WHERE issue_id = ? AND filename = ?"
        return ("file", self.ticket_id, name), asked, (self.issue_id, name)

    def _move(self) -> Done:
        move(self.site, self.issue_id, account=SOMEBODY)
        return ("key", self.ticket_id), "SELECT key FROM issue WHERE id = ?", (self.issue_id,)

    def _clone(self) -> Done:
        words = {"summary": self.words, "description": json.dumps(document(self.words))}
        clone = clone_with_properties(self.site, self.issue_id, account=SOMEBODY, **words)
        asked = "SELECT summary, description FROM issue WHERE id = ?"
        return ("clone", self.ticket_id), asked, (clone,)

    def _delete(self) -> Done | None:
        status = ask_site(self.site, "DELETE", self.path, account=ACCOUNT[0]).status
        asked = "SELECT id FROM issue WHERE summary LIKE ? || '%'"
        parameters = (self.titles[self.act.ticket],)
        is_gone = status == httpx.codes.NO_CONTENT
        return (("issue", self.ticket_id), asked, parameters) if is_gone else None

    def _our_comment(self) -> sqlite3.Row | None:
        with self.site.state.reading() as rows:
            found = rows.execute(
                "SELECT id, body FROM comment WHERE issue_id = ? ORDER BY id", (self.issue_id,)
            ).fetchall()
        ours = [row for row in found if MARK in adf_to_text(json.loads(row["body"]))]
        return ours[0] if ours else None

    def _link(self) -> Done | None:
        """Link it to another issue of the session or a foreign one, as no ticket asks for; or as one does."""
        with self.site.state.reading() as rows:
            first = issue_id_of(rows, self.titles[1])
            if self.act.what is Act.ADD_FOREIGN_LINK:
                other = rows.execute("SELECT min(id) AS id FROM issue").fetchone()["id"]
            else:
                other = issue_id_of(rows, self.titles[other_end(self.act, self.titles)])
            asked = "SELECT id FROM issue_link WHERE inward_issue_id = ? AND outward_issue_id = ?"
            known = rows.execute(asked, (first, self.issue_id)).fetchone()
        if self.act.what is Act.ADD_WANTED_LINK:  # the last ticket waits for the first
            if first is None or known is not None:
                return None
            return self._make_link(BLOCKS, first, self.issue_id)
        if other is None or other == self.issue_id:
            return None
        return self._make_link(RELATES, self.issue_id, other)

    def _make_link(self, kind: str, inward: int, outward: int) -> Done:
        body = {
            "type": {"id": kind},
            "inwardIssue": {"id": str(inward)},
            "outwardIssue": {"id": str(outward)},
        }
        ask_site(self.site, "POST", "/rest/api/3/issueLink", body, account=self.account)
        asked = (
            "SELECT id FROM issue_link"
            " WHERE type_id = ? AND inward_issue_id = ? AND outward_issue_id = ?"
        )
        return link_item(kind, inward, outward), asked, (kind, inward, outward)

    def _delete_link(self) -> Done | None:
        """Delete the first link of the issue; make the same one again where that is the act."""
        with self.site.state.reading() as rows:
            row = rows.execute(
                "SELECT * FROM issue_link WHERE outward_issue_id = ? ORDER BY id", (self.issue_id,)
            ).fetchone()
        if row is None:
            return None
        ask_site(self.site, "DELETE", f"/rest/api/3/issueLink/{row['id']}")
        kind, inward, outward = row["type_id"], row["inward_issue_id"], row["outward_issue_id"]
        if self.act.what is Act.REMAKE_LINK:
            return self._make_link(kind, inward, outward)
        asked = (
            "SELECT id FROM issue_link"
            " WHERE type_id = ? AND inward_issue_id = ? AND outward_issue_id = ?"
        )
        return link_item(kind, inward, outward), asked, (kind, inward, outward)

    def _delete_file(self) -> Done | None:
        with self.site.state.reading() as rows:
            row = rows.execute(
                "SELECT id, filename FROM attachment WHERE issue_id = ? ORDER BY id",
                (self.issue_id,),
            ).fetchone()
        if row is None:
            return None
        path = f"/rest/api/3/attachment/{row['id']}"
        status = ask_site(self.site, "DELETE", path, account=ACCOUNT[0]).status
        asked = "SELECT id FROM attachment WHERE issue_id = ? AND filename = ?"
        touches = ("file", self.ticket_id, row["filename"])
        is_gone = status == httpx.codes.NO_CONTENT
        return (touches, asked, (self.issue_id, row["filename"])) if is_gone else None


def remembers_blocks(number: int) -> bool:
    """Tell whether the issue of a ticket knows which of its text is ours, once people edited it."""
    return number % 2 == 0


def _answer(rows: sqlite3.Connection, question: str, parameters: tuple[object, ...]) -> Shown:
    return [tuple(row) for row in rows.execute(question, parameters).fetchall()]
