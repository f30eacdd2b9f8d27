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
from http import HTTPStatus
from typing import Any

import httpx

from jira_pipeline.export.issue_texts import BLOCKS_PROPERTY
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent
from jira_pipeline_tests.crash.by_hand import SOMEBODY, ask_site, make_issue
from jira_pipeline_tests.crash.epics_world import TITLE as EPIC_TITLE
from jira_pipeline_tests.crash.export_faults import texts_read
from jira_pipeline_tests.crash.export_world import ACCOUNT
from jira_pipeline_tests.crash.sessions import PROJECT_KEY, document
from jira_pipeline_tests.crash.site_view import BLOCKS, RELATES
from jira_pipeline_tests.faults.schedules import HANDMADE, Act
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
AROUND_OURS = frozenset({Act.BEFORE_US, Act.AFTER_US, Act.AFTER_LOOK, Act.AMONG_OURS})
"""Edits that wait for a request of ours about the text."""
EDITS = frozenset({Act.EDIT, Act.EDIT_AS_US, *AROUND_OURS})
SAYINGS = (Act.COMMENT, Act.EDIT_COMMENT, Act.PASTE_COMMENT, Act.COMMENT_FOR_SOME)
LINKINGS = (Act.ADD_LINK, Act.ADD_FOREIGN_LINK, Act.LINK_AS_US, Act.ADD_WANTED_LINK)
OTHER_PARENT = "SBX-2"
OTHER_SPRINT = 1
LATER = ", later"
"""What titles end with after an update."""
AS_US = frozenset({Act.EDIT_AS_US, Act.SPRINT_AS_US, Act.PARENT_AS_US, Act.LINK_AS_US})
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


@dataclass(frozen=True, slots=True)
class ByPerson:
    """What somebody wants to do with the issue of a ticket, or one made by hand."""

    what: Act
    ticket: int
    is_first: bool = False
    """Before the first process of the step."""


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
    deeds: list[Deed] = field(default_factory=list)
    _due: Sequence[ByPerson] = ()
    """What is not possible yet, in order."""
    _around: list[ByPerson] = field(default_factory=list)
    """Edits that wait for a read or a write of ours."""
    _read_unwritten: frozenset[int] = frozenset()
    """The issues whose texts we read together last and did not write since."""

    def act_before(self, request: httpx.Request) -> None:
        """Do what is possible now, and be quicker than a write of ours."""
        self._due = [act for act in self._due if not self._is_done(act)]
        self._edit_around(request, Act.BEFORE_US)
        self._edit_among(request)

    def act_after(self, request: httpx.Request) -> None:
        """Let an automation answer a write of ours."""
        self._edit_around(request, Act.AFTER_US)
        read_ids = texts_read(request)
        if read_ids:
            self._read_unwritten = read_ids
            self._edit_each(Act.AFTER_LOOK, read_ids)

    def act(self, act: ByPerson) -> None:
        """Do it now, or once it is possible."""
        if not self._is_done(act):
            self._due = [*self._due, act]

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

    def _edit_among(self, request: httpx.Request) -> None:
        """Be quicker than our write, where it is that of another issue of the same read."""
        name = request.url.path.rpartition("/")[2]
        if request.method == "PUT" and name.isdigit() and int(name) in self._read_unwritten:
            self._read_unwritten -= {int(name)}
            self._edit_each(Act.AMONG_OURS, self._read_unwritten)

    def _edit_each(self, what: Act, issue_ids: frozenset[int]) -> None:
        for act in [act for act in self._around if act.what is what]:
            issue_id = self.issue_id(act.ticket)
            if issue_id in issue_ids:
                self._around.remove(act)
                self._do(act, issue_id)

    def _is_done(self, act: ByPerson) -> bool:
        if act.what in AROUND_OURS:
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
        if act.what is Act.ADD_CHILD:
            tickets |= self._tickets_of_epics()
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

    def _tickets_of_epics(self) -> set[str]:
        with self.sandbox().state.reading() as rows:
            chosen = "SELECT id FROM issue WHERE summary = ?"
            epics = [int(row["id"]) for row in rows.execute(chosen, (EPIC_TITLE,)).fetchall()]
        return {ticket_id for epic in epics for ticket_id in self.tickets_of(epic)}

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

Plain = tuple[str, str, Mapping[str, object], Item, str]
SPRINT: Plain = (
    "POST",
    f"/rest/agile/1.0/sprint/{OTHER_SPRINT}/issue",
    {"issues": ["{}"]},
    ("sprint",),
    "SELECT sprint_id FROM issue_sprint WHERE issue_id = ?",
)
PARENT: Plain = (
    "PUT",
    "/rest/api/3/issue/{}",
    {"fields": {"parent": {"key": OTHER_PARENT}}},
    ("parent",),
    "SELECT parent_id FROM issue WHERE id = ?",
)
SUBTASK = {
    "project": {"key": PROJECT_KEY},
    "issuetype": {"id": "10003"},
    "summary": OTHERS_WORDS,
    "parent": {"id": "{}"},
}
PLAIN: Mapping[Act, Plain] = {
    Act.SET_PARENT: PARENT,
    Act.PARENT_AS_US: PARENT,
    Act.MOVE_SPRINT: SPRINT,
    Act.SPRINT_AS_US: SPRINT,
    Act.LOG_WORK: (
        "POST",
        "/rest/api/3/issue/{}/worklog",
        {"timeSpentSeconds": 3_600},
        ("worklog",),
        "SELECT id FROM worklog WHERE issue_id = ?",
    ),
    Act.STRIP_MARKER: (
        "PUT",
        "/rest/api/3/issue/{}/properties/jira_pipeline",
        {"of": "a tool"},
        ("marker",),
        "SELECT value FROM issue_property WHERE issue_id = ? AND key = 'jira_pipeline'",
    ),
    Act.ADD_SUBTASK: (
        "POST",
        "/rest/api/3/issue",
        {"fields": SUBTASK},
        ("subtask",),
        "SELECT id FROM issue WHERE parent_id = ?",
    ),
}
"""Acts of one request: method, path, body, what it is about, how to see it; {} is the issue's id."""
LINKED = (
    "SELECT id FROM issue_link WHERE type_id = ? AND inward_issue_id = ? AND outward_issue_id = ?"
)


@dataclass
class _Hands:
    """Somebody at one issue, about to do one thing."""

    site: FaultySandbox
    titles: Mapping[int, str]
    act: ByPerson
    issue_id: int
    number: int
    """Of the act among all."""

    def __post_init__(self) -> None:
        self.ticket_id = f"t{self.act.ticket:02}"
        self.path = f"/rest/api/3/issue/{self.issue_id}"
        self.words = f"{OTHERS_WORDS}, {self.number}"

    def do(self) -> Done | None:
        """Do it, and say what it touches and how to see it; None: it is not possible."""
        what = self.act.what
        if (hand := HANDS.get(what)) is not None:
            return hand(self)
        method, path, body, about, question = PLAIN[what]
        filled = json.loads(json.dumps(body).replace("{}", str(self.issue_id)))
        path = path.format(self.issue_id)
        return self._ask(method, path, filled, about=about, question=question)

    def _ask(
        self, method: str, path: str, body: object, *, about: Item, question: str
    ) -> Done | None:
        """Ask the site to do it; what it is about has one place on the issue."""
        kind, *more = about
        done = (kind, self.ticket_id, *more), question, (self.issue_id,)
        return done if self._is_answered(method, path, body) else None

    def _is_answered(
        self, method: str, path: str, body: object = None, *, account: str = ""
    ) -> bool:
        own = ACCOUNT[0] if self.act.what in AS_US else SOMEBODY
        response = ask_site(self.site, method, path, body, account=account or own)
        return response.status < httpx.codes.BAD_REQUEST

    def _edit(self) -> Done | None:
        """Write another text; what we say may come below it, its words stay.

        Issues that do not remember what is ours were written by an older version.
        """
        is_by_hand = self.act.ticket in HANDMADE
        if not remembers_blocks(self.act.ticket) and not is_by_hand:
            with self.site.state.writing() as rows:
                rows.execute(
                    "DELETE FROM issue_property WHERE issue_id = ? AND key = ?",
                    (self.issue_id, BLOCKS_PROPERTY),
                )
        written: dict[str, Any] = {**document(self.words)}
        if is_by_hand:  # people write below what they wrote before
            chosen = "SELECT description FROM issue WHERE id = ?"
            before = json.loads(self._rows(chosen, self.issue_id)[0]["description"])
            written = {**before, "content": [*before["content"], *written["content"]]}
        if not self._is_answered("PUT", self.path, {"fields": {"description": written}}):
            return None
        asked = "SELECT instr(description, ?) > 0 FROM issue WHERE id = ?"
        return ("text", self.ticket_id), asked, (self.words, self.issue_id)

    def _say(self) -> Done | None:
        """Comment, with words of one's own or pasted ones, or edit a comment of ours."""
        said = self._rows(
            "SELECT id, body FROM comment WHERE issue_id = ? ORDER BY id", self.issue_id
        )
        ours = next((row for row in said if MARK in adf_to_text(json.loads(row["body"]))), None)
        body, asked = document(self.words), "SELECT body FROM comment WHERE id = ?"
        if self.act.what in {Act.EDIT_COMMENT, Act.PASTE_COMMENT}:
            if ours is None:
                return None
            if self.act.what is Act.EDIT_COMMENT:
                ask_site(self.site, "PUT", f"{self.path}/comment/{ours['id']}", {"body": body})
                return ("comment", self.ticket_id), asked, (ours["id"],)
            body = json.loads(ours["body"])
        response = ask_site(self.site, "POST", f"{self.path}/comment", {"body": body})
        if response.status != HTTPStatus.CREATED:
            return None  # Jira refused it, and told them so
        comment_id = int(json.loads(response.body)["id"])
        if self.act.what is Act.COMMENT_FOR_SOME:
            self.site.restricted_comments.add(comment_id)
        return ("words", self.ticket_id), asked, (comment_id,)

    def _add_child(self) -> Done | None:
        """Make an issue below the epic of the session."""
        epics = self._rows("SELECT id, key FROM issue WHERE summary = ?", EPIC_TITLE)
        if not epics:
            return None
        make_issue(self.site, self.words, parent={"key": epics[0]["key"]})
        asked = "SELECT parent_id FROM issue WHERE summary = ?"
        return ("child", self.ticket_id), asked, (self.words,)

    def _add_file(self) -> Done:
        name = f"notes {self.number}.txt"
        ask_site(self.site, "POST", f"{self.path}/attachments", file=(name, b"Noted."))
        asked = "SELECT content FROM attachment WHERE issue_id = ? AND filename = ?"
        return ("file", self.ticket_id, name), asked, (self.issue_id, name)

    def _delete_file(self) -> Done | None:
        chosen = "SELECT id, filename FROM attachment WHERE issue_id = ? ORDER BY id"
        for row in self._rows(chosen, self.issue_id)[:1]:
            path = f"/rest/api/3/attachment/{row['id']}"
            if self._is_answered("DELETE", path, account=ACCOUNT[0]):
                asked = "SELECT id FROM attachment WHERE issue_id = ? AND filename = ?"
                name = row["filename"]
                return ("file", self.ticket_id, name), asked, (self.issue_id, name)
        return None

    def _rename(self) -> Done | None:
        body = {"fields": {"summary": self.words}}
        asked = "SELECT summary FROM issue WHERE id = ?"
        return self._ask("PUT", self.path, body, about=("text", "title"), question=asked)

    def _move(self) -> Done:
        move(self.site, self.issue_id, account=SOMEBODY)
        return ("key", self.ticket_id), "SELECT key FROM issue WHERE id = ?", (self.issue_id,)

    def _delete(self) -> Done | None:
        asked = "SELECT id FROM issue WHERE summary LIKE ? || '%'"
        done = ("issue", self.ticket_id), asked, (self.titles[self.act.ticket],)
        return done if self._is_answered("DELETE", self.path, account=ACCOUNT[0]) else None

    def _clone(self) -> Done:
        words = {"summary": self.words, "description": json.dumps(document(self.words))}
        clone = clone_with_properties(self.site, self.issue_id, account=SOMEBODY, **words)
        asked = "SELECT summary, description FROM issue WHERE id = ?"
        return ("clone", self.ticket_id), asked, (clone,)

    def _link(self) -> Done | None:
        """Link it to another issue of the session or a foreign one, as no ticket asks for; or as one does."""
        with self.site.state.reading() as rows:
            first = issue_id_of(rows, self.titles[1])
            if self.act.what is Act.ADD_FOREIGN_LINK:
                other = rows.execute("SELECT min(id) AS id FROM issue").fetchone()["id"]
            else:
                other = issue_id_of(rows, self.titles[other_end(self.act, self.titles)])
        if self.act.what is Act.ADD_WANTED_LINK:  # the last ticket waits for the first
            asked = "SELECT id FROM issue_link WHERE inward_issue_id = ? AND outward_issue_id = ?"
            if first is None or self._rows(asked, first, self.issue_id):
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
        self._is_answered("POST", "/rest/api/3/issueLink", body)
        return link_item(kind, inward, outward), LINKED, (kind, inward, outward)

    def _delete_link(self) -> Done | None:
        """Delete the first link of the issue; make the same one again where that is the act."""
        chosen = "SELECT * FROM issue_link WHERE outward_issue_id = ? ORDER BY id"
        for row in self._rows(chosen, self.issue_id)[:1]:
            ask_site(self.site, "DELETE", f"/rest/api/3/issueLink/{row['id']}")
            ends = (row["type_id"], row["inward_issue_id"], row["outward_issue_id"])
            if self.act.what is Act.REMAKE_LINK:
                return self._make_link(*ends)
            return link_item(*ends), LINKED, ends
        return None

    def _rows(self, chosen: str, *parameters: object) -> list[sqlite3.Row]:
        with self.site.state.reading() as rows:
            return rows.execute(chosen, parameters).fetchall()


HANDS: Mapping[Act, Callable[[_Hands], Done | None]] = {
    **dict.fromkeys(EDITS, _Hands._edit),
    Act.RENAME: _Hands._rename,
    **dict.fromkeys(SAYINGS, _Hands._say),
    **dict.fromkeys(LINKINGS, _Hands._link),
    **dict.fromkeys((Act.DELETE_LINK, Act.REMAKE_LINK), _Hands._delete_link),
    Act.ADD_CHILD: _Hands._add_child,
    Act.ADD_FILE: _Hands._add_file,
    Act.DELETE_FILE: _Hands._delete_file,
    Act.MOVE: _Hands._move,
    Act.DELETE: _Hands._delete,
    Act.CLONE: _Hands._clone,
}
"""Acts that take more than a request."""


def remembers_blocks(number: int) -> bool:
    """Tell whether the issue of a ticket knows which of its text is ours, once people edited it."""
    return number % 2 == 0


def _answer(rows: sqlite3.Connection, question: str, parameters: tuple[object, ...]) -> Shown:
    return [tuple(row) for row in rows.execute(question, parameters).fetchall()]
