"""Judges a site after a life: no identity twice unless named, nothing of people's lost or overwritten.

Belongs here: reading the site's own tables and journal, and what people were told. Does not: making
it happen (`running`), exports and single steps (`judging`, `site_judging`).
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence

from jira_pipeline.export.export_run import MARKER_PROPERTY
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.exports import (
    Exists,
    FixType,
    IssueDifference,
    LedgerState,
    identity_of,
    ledger_state_of,
)
from jira_pipeline_tests.crash.sessions import SESSION_KEY
from jira_pipeline_tests.faults.beginnings import INSTALLATION_ID
from jira_pipeline_tests.faults.fault_world import FaultWorld, ProcessReport
from jira_pipeline_tests.faults.judging import is_for_people
from jira_pipeline_tests.faults.people import BLOCKS, MARK, RELATES, Deed, Item, link_item
from jira_pipeline_tests.faults.schedules import HANDMADE, Act, LifeWorld, Verb
from jira_pipeline_tests.faults.site_judging import UNSEEN
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultKind
from jira_pipeline_tests.jira.sandbox_faults.site_acts import account_id_of, changes_that_count

ASKING = frozenset(
    {
        LifeWorld.RESTORED_SITE,
        LifeWorld.HOLLOW_DELETIONS,
        LifeWorld.HIDDEN_ISSUES,
        LifeWorld.PROPERTY_CLONES,
    }
)
"""Worlds in which a step may stop for good: only people can tell what is theirs, or gone."""
TEXT_ACTS = frozenset({Act.EDIT, Act.MAKE, Act.RENAME, Act.EDIT_AS_US, Act.BEFORE_US, Act.AFTER_US})
"""Acts of which people are told where they met a write of ours."""


def wrong_after_life(world: FaultWorld, reports: Sequence[ProcessReport]) -> list[str]:
    """Say what is wrong after a life; nothing where all is well."""
    last, asked = reports[-1], world.open_differences()
    with world.sandbox.state.reading() as rows:
        site = _LivedSite(world, rows, asked, words=_words(world, reports))
        wrong = [*site.doubled(), *site.undone(), *site.false_alarms()]
        wrong += site.wrong_adoptions(is_done=last.error is None)
        if last.error is None and not site.is_disturbed:
            wrong += [*site.wrong_links(), *site.left_over()]
    if (
        last.error is not None
        and world.schedule.life not in ASKING
        and not is_for_people(last.error)
    ):
        wrong.append(f"stopped for good: {last.error.code}: {last.error.message}")
    return wrong


def _words(world: FaultWorld, reports: Sequence[ProcessReport]) -> list[str]:
    """Return all that processes stopped with, and the issues that undos kept."""
    return [*(str(report.error) for report in reports), *(issue.key for issue in world.kept)]


class _LivedSite:
    def __init__(
        self,
        world: FaultWorld,
        rows: sqlite3.Connection,
        asked: Sequence[IssueDifference],
        *,
        words: Sequence[str],
    ) -> None:
        self._world, self._rows = world, rows
        self._titles = {title: f"t{number:02}" for number, title in world.people.titles.items()}
        self._keys = {
            row["id"]: row["key"] for row in rows.execute("SELECT id, key FROM issue").fetchall()
        }
        adoptions = world.adoptions
        self._decided = {} if adoptions is None else adoptions.decided
        self._ids = self._created()
        self._ticket_of = {i: ticket_id for ticket_id, ids in self._ids.items() for i in ids}
        self._ours = {account_id_of(rows, account) for account in world.accounts}
        fixes = world.fixes()
        self._told = " ".join(
            [
                *words,
                *(f"{fix.jira_key} {fix.original_value} {fix.recommended_action}" for fix in fixes),
                *(f"{one.key} {one.other_key}" for one in asked),
            ]
        )
        self._edited_meanwhile = {
            fix.ticket_id for fix in fixes if fix.fix_type is FixType.EDITED_MEANWHILE
        }

    @property
    def is_disturbed(self) -> bool:
        """The site was restored, or shows not all: what is there is not what we left."""
        return self._world.schedule.life in ASKING

    def _created(self) -> dict[str, list[int]]:
        """Return what was created and is there, by ticket: of a restored site what its backup had."""
        chosen = (
            "SELECT issue_id, json_extract(detail, '$.summary') AS summary FROM journal_change"  # noqa: S608 - ours
            f" WHERE change = 'issue_created' AND {changes_that_count(self._rows)} ORDER BY sequence"
        )
        ids: dict[str, list[int]] = {ticket_id: [] for ticket_id in self._titles.values()}
        for row in self._rows.execute(chosen).fetchall():
            ticket_id = self._titles.get(row["summary"].partition(",")[0])
            if ticket_id is not None and row["issue_id"] in self._keys:
                ids[ticket_id].append(row["issue_id"])
        for number, issue_id in self._decided.items():
            ids[f"t{number:02}"] += [issue_id] if issue_id in self._keys else []
        for issue_id, ticket_id in self._marked_by_hand():
            ids[ticket_id] += [issue_id] if issue_id not in ids[ticket_id] else []
        return ids

    def _marked_by_hand(self) -> Iterator[tuple[int, str]]:
        """Yield issues made by hand that carry a ticket's identity, and that ticket."""
        adoptions = self._world.adoptions
        by_hand = set() if adoptions is None else set(adoptions.issues.values())
        tickets = {
            identity_of(
                installation_id=INSTALLATION_ID,
                target_id=target.target_id,
                session_key=SESSION_KEY,
                ticket_id=rendered.ticket.ticket_id,
            ): rendered.ticket.ticket_id
            for target in self._world.store.ledger.targets()
            for rendered in self._world.tickets
        }
        asked = "SELECT issue_id, value FROM issue_property WHERE key = ? ORDER BY issue_id"
        for row in self._rows.execute(asked, (MARKER_PROPERTY,)).fetchall():
            ticket_id = tickets.get(json.loads(row["value"]).get("identity"))
            if row["issue_id"] in by_hand and ticket_id is not None:
                yield row["issue_id"], ticket_id

    def wrong_adoptions(self, *, is_done: bool) -> Iterator[str]:
        """Find decisions that were taken wrongly, or got lost, and adopted issues left behind."""
        world = self._world
        if world.adoptions is None:
            return
        yield from world.adoptions.wrong
        marked = set(self._marked_by_hand())
        stripped = {
            deed.act.ticket for deed in world.people.deeds if deed.act.what is Act.STRIP_MARKER
        }
        numbers = {issue_id: number for number, issue_id in world.adoptions.issues.items()}
        tickets = {r.ticket.number: r for r in world.tickets}
        fixed = {fix.ticket_id for fix in world.fixes()}
        for number, issue_id in self._decided.items():
            own, rendered = f"t{number:02}", tickets[number]
            state = self._state_of(own)
            if not (isinstance(state, Exists) and state.receipt.remote_id == str(issue_id)):
                yield f"that issue {issue_id} is the one of {own} was decided, and is lost: {state}"
            if ours := set(self._ids[own]) - {issue_id, *numbers}:
                yield f"{own} has the adopted issue {issue_id}, and {ours} besides"
            is_there = issue_id in numbers and issue_id in self._keys
            if not is_done or not is_there or world.verb not in {Verb.EXPORT, Verb.UPDATE}:
                continue
            is_named = own in fixed or numbers[issue_id] in stripped
            if (issue_id, own) not in marked and not is_named:
                yield f"the adopted issue of {own} does not carry its identity"
            if world.verb is Verb.UPDATE and number not in world.left and own not in fixed:
                wanted = adf_to_text(dict(rendered.document)).strip().splitlines()
                asked = "SELECT description FROM issue WHERE id = ?"
                row = self._rows.execute(asked, (issue_id,)).fetchone()
                text = adf_to_text(json.loads(row["description"]))
                if missing := [line for line in wanted if line not in text]:
                    yield f"the adopted issue of {own} does not say {missing}"

    def _state_of(self, ticket_id: str) -> LedgerState:
        identities = {
            identity_of(
                installation_id=INSTALLATION_ID,
                target_id=target.target_id,
                session_key=SESSION_KEY,
                ticket_id=ticket_id,
            )
            for target in self._world.store.ledger.targets()
        }
        return ledger_state_of(e for e in self._world.entries() if e.identity in identities)

    def doubled(self) -> Iterator[str]:
        """Find what is there twice: issues nobody was told of, comments, files."""
        for ticket_id, ids in self._ids.items():
            unnamed = [i for i in ids if self._keys[i] not in self._told]
            if len(unnamed) > 1:  # what is made beside what people were told of has no name yet
                keys = ", ".join(self._keys[i] for i in ids)
                yield f"{ticket_id} has the issues {keys} and nobody was told of all"
        for item, count in Counter(self._written_by_us()).items():
            if count > 1:
                yield f"{item} is there {count} times"

    def _written_by_us(self) -> Iterator[Item]:
        for row in self._rows.execute("SELECT * FROM comment").fetchall():
            text = adf_to_text(json.loads(row["body"]))
            if row["author_id"] in self._ours and MARK in text:
                yield ("comment", str(row["issue_id"]), text.rpartition(MARK)[2].strip())
        for row in self._rows.execute("SELECT * FROM attachment").fetchall():
            if row["author_id"] in self._ours:
                yield ("file", str(row["issue_id"]), row["filename"])

    def undone(self) -> Iterator[str]:
        """Find what people did and is not as they left it, where that was not their own doing."""
        for deed in self._world.people.deeds:
            if deed.stands(self._rows) or deed.act.what in UNSEEN:
                continue
            meant = self._tickets_of(deed)
            is_text = deed.touches[0] == "text" and deed.act.what in TEXT_ACTS
            is_told = is_text and not meant.isdisjoint(self._edited_meanwhile)
            if deed.act.what is Act.STRIP_MARKER and deed.act.ticket in HANDMADE:
                continue  # every export marks what is adopted
            is_deleted = not self._rows.execute(deed.question, deed.parameters).fetchall()
            is_met = deed.meets_write and (is_deleted or deed.touches[0] != "text")
            if not is_told and not is_met:
                yield f"{deed.act.what} of ticket {deed.act.ticket}: undone unsaid"

    def _tickets_of(self, deed: Deed) -> set[str]:
        """Return the ticket whose issue somebody did something with; of one made by hand, all it had."""
        adoptions = self._world.adoptions
        if adoptions is None or deed.act.ticket not in adoptions.issues:
            return {deed.ticket_id}
        return self._world.people.tickets_of(adoptions.issues[deed.act.ticket])

    def false_alarms(self) -> Iterator[str]:
        """Find issues of which people are told that somebody changed them, though nobody did."""
        deeds = [deed for deed in self._world.people.deeds if deed.act.what is not Act.MAKE]
        touched = {ticket_id for deed in deeds for ticket_id in self._tickets_of(deed)}
        for ticket_id in sorted(self._edited_meanwhile - touched):
            yield f"somebody is said to have changed the issue of {ticket_id}, and nobody did"

    def wrong_links(self) -> Iterator[str]:
        """Find links that are missing, and links of ours that no ticket asks for any more."""
        if self._world.verb is Verb.UNDO:
            return
        links = {
            link_item(row["type_id"], row["inward_issue_id"], row["outward_issue_id"])
            for row in self._rows.execute("SELECT * FROM issue_link").fetchall()
            if row["type_id"] in {BLOCKS, RELATES}
        }
        wanted = set(self._wanted_links())
        of_people = {deed.touches for deed in self._world.people.deeds}
        fixes = {fix.ticket_id for fix in self._world.fixes()}
        for item in sorted(wanted - links):
            if not fixes & {self._ticket_of[int(end)] for end in item[2:]}:
                yield f"{item} is missing and nobody is told"
        if self._world.verb is not Verb.UPDATE:
            return
        for item in sorted(links - wanted - of_people):
            ends = {self._ticket_of.get(int(end), "") for end in item[2:]}
            # of an issue that was given back the fix is about the ticket that it was of
            ends = ends.union(*(self._world.people.tickets_of(int(end)) for end in item[2:]))
            if not fixes & ends and not self._is_left_to_people(ends):
                yield f"{item} is of ours, and no ticket asks for it"

    def _wanted_links(self) -> Iterator[Item]:
        for rendered in self._world.tickets:
            ticket = rendered.ticket
            for kind, others in ((BLOCKS, ticket.depends_on), (RELATES, ticket.relates_to)):
                for other in others:
                    ends = (*self._ids[other][:1], *self._ids[ticket.ticket_id][:1])
                    if len(ends) == 2:
                        yield link_item(kind, *ends)

    def _is_left_to_people(self, ends: set[str]) -> bool:
        """Tell whether an issue at an end does not say what its ticket says: its links stay."""
        return not ends.isdisjoint(self._world.changed_tickets())

    def left_over(self) -> Iterator[str]:
        """Find issues that an undo left though nobody worked with them.

        One that Jira answered 404 for may be hidden: the undo keeps it and names it.
        """
        if self._world.verb is not Verb.UNDO:
            return
        is_hiding = self._world.schedule.strikes_with(FaultKind.NOT_FOUND)
        named = {issue.key for issue in self._world.kept} if is_hiding else set()
        touched = self._world.people.touched(self._ticket_of)
        by_hand = (
            set() if self._world.adoptions is None else set(self._world.adoptions.issues.values())
        )
        for ticket_id, ids in self._ids.items():
            unnamed = {issue_id for issue_id in ids if self._keys.get(issue_id) not in named}
            if unnamed - by_hand and ticket_id not in touched:
                yield f"the issue of {ticket_id} is still there"
