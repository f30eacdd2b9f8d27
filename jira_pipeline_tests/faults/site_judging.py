"""Judges a site after an export, an update or an undo at which people were at work.

Belongs here: what has to be on the issues, whether what people did stands, whether the ledger says
what is there. Does not: making it happen (`running`), an export on a site that misbehaves for
good (`judging`).

Judged from the sandbox's own tables: nothing is there twice, nothing is missing that neither people
nor a manual fix account for, and nothing that people did is undone unsaid.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.exports import (
    Exists,
    FixType,
    GivenUp,
    InDoubt,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    current_entries,
    identity_of,
    ledger_state_of,
    open_removal_of,
    open_undo_of,
    open_update_of,
)
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline_tests.crash.export_world import ACCOUNT
from jira_pipeline_tests.crash.sessions import SESSION_KEY
from jira_pipeline_tests.faults.beginnings import INSTALLATION_ID
from jira_pipeline_tests.faults.fault_world import FaultWorld
from jira_pipeline_tests.faults.people import (
    BLOCKS,
    MARK,
    RELATES,
    Item,
    link_item,
    remembers_blocks,
)
from jira_pipeline_tests.faults.schedules import Act, Verb
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind

UNSEEN = frozenset({Act.COMMENT_FOR_SOME})
"""Acts that leave nothing behind that we are shown: an undo cannot know of them."""
FIX_OF = {
    "link": FixType.DEPENDENCY_LINK,
    "file": FixType.ATTACHMENT_UPLOAD,
    "parent": FixType.FIELD_REJECTED,
    "sprint": FixType.SPRINT_NOT_FOUND,
    "text": FixType.EDITED_MEANWHILE,
    "issue": FixType.ORPHAN_ISSUE,
}
"""What people are told where something is not as it was to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a site shows after a schedule."""

    violations: tuple[str, ...]
    acts: int = 0
    """How many things people did."""
    told: tuple[str, ...] = ()
    """What people did that met a write of ours, and that they were told of."""
    met: tuple[str, ...] = ()
    """As above, where nobody could know: Jira knows no condition on a write."""


def judge(world: FaultWorld, *, is_stopped: bool) -> Judgement:
    """Say what is wrong with the site, and what became of what people did."""
    told: list[str] = []
    met: list[str] = []
    wrong: list[str] = []
    with world.sandbox.state.reading() as rows:
        site = _Site(world, rows)
        for deed in world.people.deeds:
            if deed.is_given_up or deed.stands(rows) or deed.act.what in UNSEEN:
                continue
            name = str(deed.act.what)
            is_text = deed.touches[0] == "text" and world.schedule.verb is Verb.UPDATE
            if is_text and site.is_stated(("text", deed.ticket_id)):
                told.append(name)
            elif deed.meets_write and not is_text:
                met.append(name)
            else:
                wrong.append(f"{deed.act}: undone unsaid")
        wrong += site.violations(is_stopped=is_stopped)
    return Judgement(
        violations=tuple(wrong), acts=len(world.people.deeds), told=tuple(told), met=tuple(met)
    )


class _Site:
    """The session's issues as the site shows them, beside what they ought to be."""

    def __init__(self, world: FaultWorld, rows: sqlite3.Connection) -> None:
        self._world = world
        self._verb = world.verb
        self._ids = _issue_ids(rows, world.former)
        self._ticket_of = {i: ticket_id for ticket_id, ids in self._ids.items() for i in ids}
        self._items = Counter(self._items_in(rows))
        self._fixes = {(fix.ticket_id, fix.fix_type) for fix in world.fixes()}
        self._is_forgetful = bool(world.schedule.rolled_back(1))

    def is_stated(self, item: Item) -> bool:
        """Tell whether people were told that something is not as it was to be."""
        fix_type = FIX_OF.get(item[0])
        if item[0] != "link":
            return (item[1], fix_type) in self._fixes
        ends = (self._ticket_of.get(int(issue_id), "") for issue_id in item[2:])
        return any((ticket_id, fix_type) in self._fixes for ticket_id in ends)

    def violations(self, *, is_stopped: bool) -> Iterator[str]:
        yield from self._doubled()
        if self._verb is Verb.UNDO:
            yield from self._left_over() if not is_stopped else ()
        else:
            yield from self._unlike_tickets(is_stopped=is_stopped)
        yield from self._unlike_ledger(is_stopped=is_stopped)

    def _items_in(self, rows: sqlite3.Connection) -> Iterator[Item]:
        """Yield what is on the issues of the session, without what only people put there."""
        ours = rows.execute(
            "SELECT account_id FROM user WHERE email = ?", (ACCOUNT[0],)
        ).fetchone()["account_id"]
        for row in rows.execute("SELECT * FROM issue").fetchall():
            if (ticket_id := self._ticket_of.get(row["id"])) is None:
                continue
            yield ("issue", ticket_id)
            yield ("text", ticket_id, adf_to_text(json.loads(row["description"])).strip())
            if row["parent_id"] is not None:
                key = rows.execute("SELECT key FROM issue WHERE id = ?", (row["parent_id"],))
                yield ("parent", ticket_id, key.fetchone()["key"])
        for row in rows.execute("SELECT * FROM issue_link").fetchall():
            ends = (row["inward_issue_id"], row["outward_issue_id"])
            if row["type_id"] in {BLOCKS, RELATES} and self._ticket_of.keys() >= set(ends):
                yield link_item(row["type_id"], *ends)
        for row in rows.execute("SELECT * FROM attachment").fetchall():
            if row["author_id"] == ours and row["issue_id"] in self._ticket_of:
                yield ("file", self._ticket_of[row["issue_id"]], row["filename"])
        for row in rows.execute(
            "SELECT issue_id, name FROM issue_sprint JOIN sprint ON sprint.id = sprint_id"
        ).fetchall():
            if row["issue_id"] in self._ticket_of:
                yield ("sprint", self._ticket_of[row["issue_id"]], row["name"])
        yield from self._comments_in(rows, ours=ours)

    def _comments_in(self, rows: sqlite3.Connection, *, ours: str) -> Iterator[Item]:
        for row in rows.execute("SELECT * FROM comment").fetchall():
            text = adf_to_text(json.loads(row["body"]))
            if row["author_id"] == ours and row["issue_id"] in self._ticket_of and MARK in text:
                mark = text.rpartition(MARK)[2].strip()
                yield ("comment", self._ticket_of[row["issue_id"]], mark)

    def _doubled(self) -> Iterator[str]:
        """Find what is there twice; a gateway that repeats requests may repeat comments and files."""
        is_replaying = self._world.schedule.strikes_with(FaultKind.REPLAYED)
        for item, count in self._items.items():
            if count > 1 and not (is_replaying and item[0] in {"comment", "file"}):
                yield f"{item} is there {count} times"

    def _unlike_tickets(self, *, is_stopped: bool) -> Iterator[str]:
        """Find what is missing, and what no ticket asks for."""
        required: set[Item] = set()
        allowed: set[Item] = set()
        for former, rendered in zip(self._world.former, self._world.tickets, strict=True):
            now, before = set(self._asked(rendered)), set(self._asked(former))
            allowed |= now
            if self._is_written_by_people(rendered.ticket.ticket_id):
                allowed |= before
                now = {item for item in now if item[0] not in {"text", "file"}}
            required |= now
        excusing = tuple(self._excusing())
        for item in sorted(required - self._items.keys()):
            is_excused = _begins(item, excusing) or self.is_stated(item) or self._names_gone(item)
            if not is_excused and not is_stopped and not self._is_forgotten(item):
                yield f"{item} is missing and nobody is told"
        for item in sorted(self._items.keys() - allowed):
            is_mere = is_stopped and item[0] != "issue"
            if item[0] == "comment" or is_mere or self._is_forgotten(item):
                continue
            if not _begins(item, excusing) and not self.is_stated(item):
                yield f"{item} is there and no ticket asks for it"
        if not is_stopped and self._verb is Verb.UPDATE:
            yield from self._unsaid()

    def _asked(self, rendered: RenderedTicket) -> Iterator[Item]:
        """Yield what a ticket asks for, by the ids of the issues that are there."""
        ticket = rendered.ticket
        own = ticket.ticket_id
        yield ("issue", own)
        yield ("text", own, adf_to_text(dict(rendered.document)).strip())
        for kind, others in ((BLOCKS, ticket.depends_on), (RELATES, ticket.relates_to)):
            for other in others:
                ends = (*self._ids[other][:1], *self._ids[own][:1])
                if len(ends) == 2:
                    yield link_item(kind, *ends)
        if rendered.attachment is not None:
            yield ("file", own, hashed_file_name(*rendered.attachment))
        if ticket.parent:
            yield ("parent", own, ticket.parent)
        if ticket.sprint:
            yield ("sprint", own, ticket.sprint)

    def _excusing(self) -> Iterator[Item]:
        """Yield what people touched, and what they were told is theirs now."""
        for deed in self._world.people.deeds:
            yield deed.touches
            if not self._ids[deed.ticket_id] and deed.act.what is Act.DELETE:
                for kind in ("issue", "text", "file", "parent", "sprint"):
                    yield (kind, deed.ticket_id)
            if deed.act.what is Act.STRIP_MARKER:  # it counts as none of ours
                for kind in ("text", "file", "parent", "sprint"):
                    yield (kind, deed.ticket_id)
        for ticket_id, entries in self._of_issues().items():
            last = [e.event for e in entries if e.event in _TEXT_ENDS][-1:]
            if last == [LedgerEvent.UPDATE_GIVEN_UP]:
                yield ("text", ticket_id)

    def _is_written_by_people(self, ticket_id: str) -> bool:
        """Tell whether an update leaves the issue of a ticket to people."""
        touched = self._world.people.of_ticket(ticket_id)
        return any(deed.touches[0] in {"text", "marker", "issue"} for deed in touched)

    def _names_gone(self, item: Item) -> bool:
        if item[0] == "link":
            return not self._ticket_of.keys() >= {int(issue_id) for issue_id in item[2:]}
        return item[0] != "issue" and not self._ids[item[1]]

    def _is_forgotten(self, item: Item) -> bool:
        """Tell whether a restored ledger cannot know: what is left there is named as a whole."""
        return self._is_forgetful and item[0] != "issue"

    def _unsaid(self) -> Iterator[str]:
        """Find issues edited before the update began that say nothing of what changed.

        Beside the words of people, or in a comment where it is not known which text is ours.
        """
        if self._is_forgetful or self._world.schedule.overwrites:
            return
        commented = {item[1] for item in self._items if item[0] == "comment"} | {
            entry.ticket_id
            for entry in self._world.entries()
            if (entry.subject, entry.event) == (LedgerSubject.COMMENT, LedgerEvent.GIVEN_UP)
        }
        changed = {r.ticket.ticket_id for r in self._world.tickets} - {
            r.ticket.ticket_id for r in self._world.former if r in self._world.tickets
        }
        wanted = {
            r.ticket.ticket_id: adf_to_text(dict(r.document)).strip() for r in self._world.tickets
        }
        for deed in self._world.people.deeds:
            is_first = deed.act.is_first and deed.act.what is Act.EDIT
            others = [d for d in self._world.people.of_ticket(deed.ticket_id) if d is not deed]
            own = deed.ticket_id
            if not (is_first and own in changed and not others and self._ids[own]):
                continue
            if not remembers_blocks(deed.act.ticket):
                if own not in commented:
                    yield f"the issue of {own} was edited and has no comment"
            elif not any(
                wanted[own] in item[2] for item in self._items if item[:2] == ("text", own)
            ):
                yield f"the issue of {own} was edited and does not say what its ticket says"

    def _left_over(self) -> Iterator[str]:
        """Find issues that an undo left though nobody worked with them."""
        touched = self._world.people.touched(self._ticket_of)
        for ticket_id, ids in self._ids.items():
            if ids and ticket_id not in touched:
                yield f"the issue of {ticket_id} is still there"

    def _of_issues(self) -> dict[str, list[LedgerEntry]]:
        found: dict[str, list[LedgerEntry]] = {}
        for entry in self._world.entries():
            if entry.subject is LedgerSubject.ISSUE:
                found.setdefault(entry.ticket_id, []).append(entry)
        return found

    def _unlike_ledger(self, *, is_stopped: bool) -> Iterator[str]:
        """Compare what the ledger says exists with what is there; name what has no outcome."""
        entries = current_entries(self._world.entries())
        by_identity: dict[str, list[LedgerEntry]] = {}
        for entry in entries:
            by_identity.setdefault(entry.identity, []).append(entry)
        names = self._names_in_ledger()
        deleted = self._world.people.deleted()
        touched = [deed.touches for deed in self._world.people.deeds]
        unconfirmed = self._unconfirmed(entries)
        for identity, known in by_identity.items():
            state, first = ledger_state_of(known), known[0]
            if first.subject is LedgerSubject.UNDO:
                continue
            item = names.get(identity)
            is_there = item is not None and item in self._items
            is_peoples = first.ticket_id in deleted or (item is not None and _begins(item, touched))
            is_told = any(ticket_id == first.ticket_id for ticket_id, _ in self._fixes)
            is_named = is_told or is_stopped or first.ticket_id in deleted
            if isinstance(state, InDoubt) and not is_named and first.subject in _LOOKED_UP:
                yield f"{first.subject} of {first.ticket_id} is in doubt for good"
            is_listed = is_told or first.subject is LedgerSubject.COMMENT  # as what is to be done
            if isinstance(state, GivenUp) and not is_listed:
                yield f"{first.subject} of {first.ticket_id} is given up and nobody is told"
            if item is None or is_peoples or self._is_forgetful or first.ticket_id in unconfirmed:
                continue
            if isinstance(state, Exists) and not is_there:
                yield f"the ledger has {item}, the site does not"
            if is_there and not isinstance(state, Exists | GivenUp) and not is_stopped:
                yield f"the site has {item}, the ledger does not"
        yield from self._open_ends(by_identity, entries) if not is_stopped else ()

    def _unconfirmed(self, entries: Collection[LedgerEntry]) -> set[str]:
        """Return the tickets whose issue an undo named as not shown, though no answer said it is gone."""
        named = {issue.key for issue in self._world.kept}
        return {
            entry.ticket_id
            for entry in entries
            if entry.event is LedgerEvent.REMOVAL_UNCONFIRMED and entry.remote_key in named
        }

    def _names_in_ledger(self) -> Mapping[str, Item]:
        names: dict[str, Item] = {}
        for target in self._world.store.ledger.targets():
            identities = {
                ticket_id: identity_of(
                    installation_id=INSTALLATION_ID,
                    target_id=target.target_id,
                    session_key=SESSION_KEY,
                    ticket_id=ticket_id,
                )
                for ticket_id in self._ids
            }
            for ticket_id, identity in identities.items():
                names[identity] = ("issue", ticket_id)
            for rendered in (*self._world.former, *self._world.tickets):
                own = rendered.ticket.ticket_id
                for item in self._asked(rendered):
                    if item[0] == "file":
                        names[f"{identities[own]}/{item[2]}"] = item
                for other in rendered.ticket.depends_on:
                    ends = (*self._ids[other][:1], *self._ids[own][:1])
                    if len(ends) == 2:
                        word = f"Blocks/{identities[other]}/{identities[own]}"
                        names[word] = link_item(BLOCKS, *ends)
        return names

    def _open_ends(
        self, by_identity: Mapping[str, list[LedgerEntry]], entries: Collection[LedgerEntry]
    ) -> Iterator[str]:
        for known in by_identity.values():
            if open_update_of(known) is not None:
                yield f"the update of {known[0].ticket_id} has no outcome"
            if open_removal_of(known) is not None:
                yield f"the removal of {known[0].ticket_id} has no outcome"
        if open_undo_of(entries) is not None:
            yield "the undo has no end"
        if self._verb is not Verb.UPDATE or self._is_forgetful:
            return
        excusing = list(self._excusing())
        for own in sorted(self._world.changed_tickets()):
            is_peoples = self._is_written_by_people(own) or not self._ids[own]
            if not is_peoples and not _begins(("text", own), excusing):
                yield f"the ledger does not know what {own} says"


_LOOKED_UP = frozenset({LedgerSubject.ISSUE, LedgerSubject.ATTACHMENT, LedgerSubject.COMMENT})
"""What is in doubt until it was looked up; other writes are sent again instead."""
_TEXT_ENDS = frozenset(
    {
        LedgerEvent.UPDATED,
        LedgerEvent.UPDATE_REFUSED,
        LedgerEvent.UPDATE_LEFT,
        LedgerEvent.UPDATE_GIVEN_UP,
    }
)


def _begins(item: Item, prefixes: Collection[Item]) -> bool:
    return any(item[: len(prefix)] == prefix for prefix in prefixes)


def _issue_ids(
    rows: sqlite3.Connection, tickets: Collection[RenderedTicket]
) -> dict[str, list[int]]:
    ticket_of = {rendered.summary: rendered.ticket.ticket_id for rendered in tickets}
    ids: dict[str, list[int]] = {ticket_id: [] for ticket_id in ticket_of.values()}
    for row in rows.execute(
        "SELECT issue_id, json_extract(detail, '$.summary') AS summary FROM journal_change"
        " JOIN issue ON issue.id = issue_id WHERE change = 'issue_created' ORDER BY sequence"
    ).fetchall():
        if row["summary"] in ticket_of:
            ids[ticket_of[row["summary"]]].append(row["issue_id"])
    return ids
