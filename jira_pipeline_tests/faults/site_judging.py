"""Judges a site after exports, updates and undos at which people were at work.

Belongs here: what has to be on the issues, whether what people did stands, whether the ledger says
what is there, what people decided. Does not: making it happen (`running`), an export on a site that
misbehaves for good (`judging`).

Judged from the sandbox's own tables: nothing is there twice unless it is named, nothing is missing
that neither people nor a manual fix account for, and nothing that people did is undone unsaid.
After a life it is not judged which texts, files and fields are on the issues: much befell these.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.export.export_run import MARKER_PROPERTY
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.errors import PipelineError
from jira_pipeline.model.exports import (
    Exists,
    InDoubt,
    LedgerEntry,
    LedgerEvent,
    LedgerState,
    LedgerSubject,
    LeftToPerson,
    current_entries,
    ledger_state_of,
    open_removal_of,
    open_undo_of,
    open_update_of,
)
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline_tests.crash.site_view import BLOCKS, RELATES
from jira_pipeline_tests.faults.fault_world import FaultWorld, ProcessReport
from jira_pipeline_tests.faults.judging import is_for_people
from jira_pipeline_tests.faults.people import EDITS, MARK, Deed, Item, link_item, remembers_blocks
from jira_pipeline_tests.faults.schedules import HANDMADE, Act, LifeWorld, Verb
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind
from jira_pipeline_tests.jira.sandbox_faults.site_acts import account_id_of, changes_that_count
from jira_pipeline_tests.jira.sandbox_faults.site_worlds import POST_FUNCTION, SITE_WORDS

UNSEEN = frozenset({Act.COMMENT_FOR_SOME})
"""Acts that leave nothing behind that we are shown: an undo cannot know of them."""
ASKING = frozenset(
    {
        LifeWorld.RESTORED_SITE,
        LifeWorld.HOLLOW_DELETIONS,
        LifeWorld.HIDDEN_ISSUES,
        LifeWorld.PROPERTY_CLONES,
    }
)
"""Worlds in which a step may stop for good: only people can tell what is theirs, or gone."""
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


def judge(world: FaultWorld, reports: Sequence[ProcessReport]) -> Judgement:
    """Say what is wrong with the site, and what became of what people did."""
    told: list[str] = []
    met: list[str] = []
    words = _words(world, reports) if world.schedule.life else ""
    with world.sandbox.state.reading() as rows:
        site = _Site(world, rows, error=reports[-1].error, told=words)
        wrong = [*site.undone(told, met), *site.violations()]
    return Judgement(
        violations=tuple(wrong), acts=len(world.people.deeds), told=tuple(told), met=tuple(met)
    )


def _words(world: FaultWorld, reports: Sequence[ProcessReport]) -> str:
    """Return all that processes stopped with, that undos kept, and that people were told and asked."""
    return " ".join(
        [
            *(str(report.error) for report in reports),
            *(issue.key for issue in world.kept),
            *(
                f"{fix.jira_key} {fix.original_value} {fix.recommended_action}"
                for fix in world.fixes()
            ),
            *(f"{one.key} {one.other_key}" for one in world.open_differences()),
        ]
    )


class _Site:
    """The session's issues as the site shows them, beside what they ought to be."""

    def __init__(
        self,
        world: FaultWorld,
        rows: sqlite3.Connection,
        *,
        error: PipelineError | None,
        told: str,
    ) -> None:
        """Read what is there; `told` are words in which keys count as told to people."""
        self._world, self._rows = world, rows
        self._verb = world.verb
        self._error, self._told = error, told
        self._is_stopped = self._error is not None
        self._is_life = world.schedule.life is not None
        self._is_forgetful = bool(world.schedule.rolled_back(1))
        found = rows.execute("SELECT id, key FROM issue").fetchall()
        self._keys: dict[int, str] = {row["id"]: row["key"] for row in found}
        adoptions = world.adoptions
        self._decided = {} if adoptions is None else adoptions.decided
        self._by_hand = {} if adoptions is None else {i: n for n, i in adoptions.issues.items()}
        """Numbers of the issues that people made before, by id."""
        self._marked = set(self._marked_by_hand())
        self._ids = self._issue_ids()
        self._ticket_of = {i: ticket_id for ticket_id, ids in self._ids.items() for i in ids}
        self._ours = {account_id_of(rows, account) for account in world.accounts}
        self._comments = list(self._comments_by_us())
        self._links = Counter(self._links_between())
        self._items = Counter(self._items_in())
        self._fixes = {(fix.ticket_id, fix.fix_type) for fix in world.fixes()}
        self._fixed = {ticket_id for ticket_id, _ in self._fixes}

    def _marked_by_hand(self) -> Iterator[tuple[int, str]]:
        """Yield issues made by hand that carry a ticket's identity, and that ticket."""
        tickets = {
            self._world.identity(target, rendered.ticket.ticket_id): rendered.ticket.ticket_id
            for target in self._world.store.ledger.targets()
            for rendered in self._world.tickets
        }
        asked = "SELECT issue_id, value FROM issue_property WHERE key = ? ORDER BY issue_id"
        for row in self._rows.execute(asked, (MARKER_PROPERTY,)).fetchall():
            ticket_id = tickets.get(json.loads(row["value"]).get("identity"))
            if row["issue_id"] in self._by_hand and ticket_id is not None:
                yield row["issue_id"], ticket_id

    def _issue_ids(self) -> dict[str, list[int]]:
        """Return what was created and is there, by ticket: of a restored site what its backup had."""
        titles = {title: f"t{number:02}" for number, title in self._world.people.titles.items()}
        chosen = (
            "SELECT issue_id, json_extract(detail, '$.summary') AS summary FROM journal_change"  # noqa: S608 - ours
            f" WHERE change = 'issue_created' AND {changes_that_count(self._rows)} ORDER BY sequence"
        )
        ids: dict[str, list[int]] = {ticket_id: [] for ticket_id in titles.values()}
        for row in self._rows.execute(chosen).fetchall():
            ticket_id = titles.get(row["summary"].partition(",")[0])
            if ticket_id is not None and row["issue_id"] in self._keys:
                ids[ticket_id].append(row["issue_id"])
        for number, issue_id in self._decided.items():
            ids[f"t{number:02}"] += [issue_id] if issue_id in self._keys else []
        for issue_id, ticket_id in sorted(self._marked):
            ids[ticket_id] += [issue_id] if issue_id not in ids[ticket_id] else []
        return ids

    def _comments_by_us(self) -> Iterator[Item]:
        for row in self._rows.execute("SELECT * FROM comment").fetchall():
            text = adf_to_text(json.loads(row["body"]))
            if row["author_id"] in self._ours and MARK in text:
                yield ("comment", str(row["issue_id"]), text.rpartition(MARK)[2].strip())

    def _links_between(self) -> Iterator[Item]:
        for row in self._rows.execute("SELECT * FROM issue_link").fetchall():
            if row["type_id"] in {BLOCKS, RELATES}:
                yield link_item(row["type_id"], row["inward_issue_id"], row["outward_issue_id"])

    def _items_in(self) -> Iterator[Item]:
        """Yield what is on the issues of the session, without what only people put there."""
        chosen = (
            "SELECT issue.*, parent.key AS parent_key FROM issue"
            " LEFT JOIN issue AS parent ON parent.id = issue.parent_id"
        )
        for row in self._rows.execute(chosen).fetchall():
            if (ticket_id := self._ticket_of.get(row["id"])) is None:
                continue
            yield ("issue", ticket_id)
            yield ("text", ticket_id, adf_to_text(json.loads(row["description"])).strip())
            if row["parent_key"] is not None:
                yield ("parent", ticket_id, row["parent_key"])
        there = {str(issue_id) for issue_id in self._ticket_of}
        yield from (item for item in self._links if there.issuperset(item[2:]))
        for row in self._rows.execute("SELECT * FROM attachment").fetchall():
            if row["author_id"] in self._ours and row["issue_id"] in self._ticket_of:
                yield ("file", self._ticket_of[row["issue_id"]], row["filename"])
        for row in self._rows.execute(
            "SELECT issue_id, name FROM issue_sprint JOIN sprint ON sprint.id = sprint_id"
        ).fetchall():
            if row["issue_id"] in self._ticket_of:
                yield ("sprint", self._ticket_of[row["issue_id"]], row["name"])

    def is_stated(self, item: Item) -> bool:
        """Tell whether people were told that something is not as it was to be."""
        fix_type = FIX_OF.get(item[0])
        if item[0] != "link":
            return (item[1], fix_type) in self._fixes
        ends = (self._ticket_of.get(int(issue_id), "") for issue_id in item[2:])
        return any((ticket_id, fix_type) in self._fixes for ticket_id in ends)

    def undone(self, told: list[str], met: list[str]) -> Iterator[str]:
        """Find what people did and is not as they left it; take in what else became of it.

        An update tells of texts that it met. What else is lost met a write of ours, or its issue
        was deleted as people worked with it.
        """
        for deed in self._world.people.deeds:
            if deed.is_given_up or deed.stands(self._rows) or deed.act.what in UNSEEN:
                continue
            if deed.act.what is Act.STRIP_MARKER and deed.act.ticket in HANDMADE:
                continue  # every export marks what is adopted
            is_text = deed.touches[0] == "text" and (self._is_life or self._verb is Verb.UPDATE)
            is_gone = (
                self._is_life and not self._rows.execute(deed.question, deed.parameters).fetchall()
            )
            if is_text and any(self.is_stated(("text", own)) for own in self._tickets_of(deed)):
                told.append(deed.act.what)
            elif deed.meets_write and (is_gone or not is_text):
                met.append(deed.act.what)
            else:
                yield f"{deed.act.what} of ticket {deed.act.ticket}: undone unsaid"

    def _tickets_of(self, deed: Deed) -> set[str]:
        """Return the ticket whose issue somebody did something with; of one made by hand, all it had."""
        adoptions = self._world.adoptions
        if adoptions is None or deed.act.ticket not in adoptions.issues:
            return {deed.ticket_id}
        return self._world.people.tickets_of(adoptions.issues[deed.act.ticket])

    def violations(self) -> Iterator[str]:
        yield from self._doubled()
        if self._is_life:
            yield from self._of_life()
        elif self._verb is not Verb.UNDO:
            yield from self._unlike_tickets(is_stopped=self._is_stopped)
        is_disturbed = self._world.schedule.life in ASKING
        """The site was restored, or shows not all: what is there is not what we left."""
        if self._verb is Verb.UNDO and not self._is_stopped and not is_disturbed:
            yield from self._left_over()
        if not self._is_life:
            yield from self._unlike_ledger(is_stopped=self._is_stopped)
        elif self._verb is not Verb.UNDO and not self._is_stopped and not is_disturbed:
            yield from self._wrong_links()

    def _doubled(self) -> Iterator[str]:
        """Find what is there twice; a gateway that repeats requests may repeat comments and files."""
        for ticket_id, ids in self._ids.items():
            unnamed = [i for i in ids if self._keys[i] not in self._told]
            if len(unnamed) > 1:  # what is made beside what people were told of has no name yet
                keys = ", ".join(self._keys[i] for i in ids)
                yield f"{ticket_id} has the issues {keys} and nobody was told of all"
        files = (
            ("file", str(row["issue_id"]), row["filename"])
            for row in self._rows.execute("SELECT * FROM attachment").fetchall()
            if row["author_id"] in self._ours
        )
        is_replaying = self._world.schedule.strikes_with(FaultKind.REPLAYED)
        repeatable = () if is_replaying else (*files, *self._comments)
        for item, count in (Counter(repeatable) + self._links).items():
            if count > 1:
                yield f"{item} is there {count} times"

    def _of_life(self) -> Iterator[str]:
        """Find what is wrong after a life in any case."""
        deeds = [deed for deed in self._world.people.deeds if deed.act.what is not Act.MAKE]
        touched = {ticket_id for deed in deeds for ticket_id in self._tickets_of(deed)}
        for ticket_id, fix_type in sorted(self._fixes):
            if fix_type is FixType.EDITED_MEANWHILE and ticket_id not in touched:
                yield f"somebody is said to have changed the issue of {ticket_id}, and nobody did"
        yield from self._wrong_adoptions()
        yield from self._lost_of_site()
        error = self._error
        if error and self._world.schedule.life not in ASKING and not is_for_people(error):
            yield f"stopped for good: {error.code}: {error.message}"

    def _lost_of_site(self) -> Iterator[str]:
        """Find issues without the text that the site added to them; people may write over it."""
        if POST_FUNCTION not in self._world.schedule.worlds:
            return
        edited = {d.ticket_id for d in self._world.people.deeds if d.act.what in EDITS}
        for ticket_id, ids in self._ids.items():
            for issue_id in ids:
                asked = "SELECT instr(description, ?) AS place FROM issue WHERE id = ?"
                row = self._rows.execute(asked, (SITE_WORDS, issue_id)).fetchone()
                if not row["place"] and ticket_id not in edited:
                    yield f"the issue of {ticket_id} lost the text that the site put there"

    def _wrong_adoptions(self) -> Iterator[str]:
        """Find decisions that were taken wrongly, or got lost, and adopted issues left behind."""
        world = self._world
        if world.adoptions is None:
            return
        yield from world.adoptions.wrong
        deeds = world.people.deeds
        stripped = {deed.act.ticket for deed in deeds if deed.act.what is Act.STRIP_MARKER}
        tickets = {r.ticket.number: r for r in world.tickets}
        for number, issue_id in self._decided.items():
            own = f"t{number:02}"
            state = self._state_of(own)
            if not (isinstance(state, Exists) and state.receipt.remote_id == str(issue_id)):
                yield f"that issue {issue_id} is the one of {own} was decided, and is lost: {state}"
            if ours := set(self._ids[own]) - {issue_id, *self._by_hand}:
                yield f"{own} has the adopted issue {issue_id}, and {ours} besides"
            is_there = issue_id in self._by_hand and issue_id in self._keys
            is_sent = world.verb in {Verb.EXPORT, Verb.UPDATE} and not self._is_stopped
            if not is_sent or not is_there or own in self._fixed:
                continue
            if (issue_id, own) not in self._marked and self._by_hand[issue_id] not in stripped:
                yield f"the adopted issue of {own} does not carry its identity"
            if world.verb is Verb.UPDATE and number not in world.left:
                asked = "SELECT description FROM issue WHERE id = ?"
                row = self._rows.execute(asked, (issue_id,)).fetchone()
                text = adf_to_text(json.loads(row["description"]))
                wanted = adf_to_text(dict(tickets[number].document)).strip().splitlines()
                if missing := [line for line in wanted if line not in text]:
                    yield f"the adopted issue of {own} does not say {missing}"

    def _state_of(self, ticket_id: str) -> LedgerState:
        targets = self._world.store.ledger.targets()
        identities = {self._world.identity(target, ticket_id) for target in targets}
        return ledger_state_of(e for e in self._world.entries() if e.identity in identities)

    def _wrong_links(self) -> Iterator[str]:
        """Find links that are missing, and links of ours that no ticket asks for any more."""
        wanted = {link for r in self._world.tickets for link in self._links_of(r)}
        for item in sorted(wanted - self._links.keys()):
            if not self._fixed & {self._ticket_of[int(end)] for end in item[2:]}:
                yield f"{item} is missing and nobody is told"
        if self._verb is not Verb.UPDATE:
            return
        of_people = {deed.touches for deed in self._world.people.deeds}
        behind = self._world.changed_tickets()
        """Their issues do not say what they say: their links stay."""
        for item in sorted(self._links.keys() - wanted - of_people):
            ends = {self._ticket_of.get(int(end), "") for end in item[2:]}
            # of an issue that was given back the fix is about the ticket that it was of
            ends = ends.union(*(self._world.people.tickets_of(int(end)) for end in item[2:]))
            if not self._fixed & ends and not behind & ends:
                yield f"{item} is of ours, and no ticket asks for it"

    def _links_of(self, rendered: RenderedTicket) -> Iterator[Item]:
        """Yield the links a ticket asks for, between the issues that are there."""
        ticket = rendered.ticket
        for kind, others in ((BLOCKS, ticket.depends_on), (RELATES, ticket.relates_to)):
            for other in others:
                ends = (*self._ids[other][:1], *self._ids[ticket.ticket_id][:1])
                if len(ends) == 2:
                    yield link_item(kind, *ends)

    def _left_over(self) -> Iterator[str]:
        """Find issues that an undo left though nobody worked with them.

        In a life one that Jira answered 404 for may be hidden: the undo keeps it and names it.
        """
        is_hiding = self._is_life and self._world.schedule.strikes_with(FaultKind.NOT_FOUND)
        named = {issue.key for issue in self._world.kept} if is_hiding else set()
        touched = self._world.people.touched(self._ticket_of)
        for ticket_id, ids in self._ids.items():
            unnamed = {issue_id for issue_id in ids if self._keys[issue_id] not in named}
            if unnamed - self._by_hand.keys() and ticket_id not in touched:
                yield f"the issue of {ticket_id} is still there"

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
            if is_mere or self._is_forgotten(item):
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
        yield from self._links_of(rendered)
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
        commented = {self._ticket_of.get(int(issue_id)) for _, issue_id, _ in self._comments} | {
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
            is_told = first.ticket_id in self._fixed
            is_named = is_told or is_stopped or first.ticket_id in deleted
            if isinstance(state, InDoubt) and not is_named and first.subject in _LOOKED_UP:
                yield f"{first.subject} of {first.ticket_id} is in doubt for good"
            is_listed = is_told or first.subject is LedgerSubject.COMMENT  # as what is to be done
            if isinstance(state, LeftToPerson) and not is_listed:
                yield f"{first.subject} of {first.ticket_id} is given up and nobody is told"
            if item is None or is_peoples or self._is_forgetful or first.ticket_id in unconfirmed:
                continue
            if isinstance(state, Exists) and not is_there:
                yield f"the ledger has {item}, the site does not"
            if is_there and not isinstance(state, Exists | LeftToPerson) and not is_stopped:
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
            identities = {own: self._world.identity(target, own) for own in self._ids}
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
