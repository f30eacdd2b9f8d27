"""An open session: all that can be asked about it, each fact read when it is first asked for.

`open_session(pipeline, key)` returns an `OpenSession`, which every verb of the review takes. Its
facts are of one moment; after a change `reload()` returns the session as it is then. A session may
be exported to several targets (Jira projects); the facts are about the one that the settings name,
and `open_for_current_target` hides how an export to another one went.

Belongs here: facts that need the sheets, a document, or the rules of the review and of the gate.
Does not: facts from store, settings and clock (`context/facts`), those rules, what an export does
(`export`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast, final

from typing_extensions import override

from jira_pipeline.context.facts import KnownTargets, SessionFacts, read_once
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.session_memory import TALLIES
from jira_pipeline.model.audit_actions import AuditAction
from jira_pipeline.model.entity_groups import EntityGroup, RowsOfGroup
from jira_pipeline.model.errors import LayoutNeededError, RunDiedError
from jira_pipeline.model.exports import LedgerEntry, LedgerEvent, Target, open_undo_of
from jira_pipeline.model.findings import UNREAD_STATUS
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.kept_reviews import KeptRemark, dependency_text
from jira_pipeline.model.open_questions import ProposedAnswer, QuestionRoute
from jira_pipeline.model.records import AuditEntry, Comment
from jira_pipeline.model.rendered_tickets import RenderedTicket, without_documents
from jira_pipeline.model.resolved_requests import (
    REQUEST_ACTIONS,
    ResolvedRequest,
    find_resolved_requests,
)
from jira_pipeline.model.revisions import Revision
from jira_pipeline.model.sessions import (
    SessionStage,
    SessionStatus,
    UploadSession,
    first_percentage,
)
from jira_pipeline.model.site_verifications import KeptVerification
from jira_pipeline.model.target_shares import (
    NewTarget,
    TargetShare,
    new_target,
    share_of,
    shares_of,
)
from jira_pipeline.model.tickets import (
    ListedTicket,
    Ticket,
    TicketTally,
    ticket_id_of,
    unconfirmed_withdrawals,
)
from jira_pipeline.model.upload_readings import ReadingState
from jira_pipeline.model.words_to_take import TicketWords, find_words_to_take
from jira_pipeline.review.forms import AskedCell, AskedForSite, asked_cells, asked_for_site
from jira_pipeline.review.hours import HourTotals, hour_totals
from jira_pipeline.review.marks import (
    MARKED,
    REMARKED,
    RETURNED,
    UNMARKED,
    ReadyMark,
    Remark,
    marks_after,
    remarks_in,
)
from jira_pipeline.review.offered_answers import RowOffers, RowProposal, offers_of, proposals_to
from jira_pipeline.review.questions import (
    AskedOnce,
    AskedQuestion,
    AskedQuestions,
    QuestionKey,
    merged_questions,
    questions_of,
    with_routes,
)
from jira_pipeline.review.stranded_answers import StrandedAnswer, find_stranded_answers
from jira_pipeline.review.stranded_questions import StrandedQuestion, find_stranded_questions
from jira_pipeline.review.successors import find_successor
from jira_pipeline.review.withdrawals import VanishedTicket, automatic_withdrawals, vanished_ticket
from jira_pipeline.sheets.kept_uploads import contents_of, earlier_groups
from jira_pipeline.sheets.missing_sheets import SHEET_MISSING, missing_sheets
from jira_pipeline.sheets.upload_reading import SpecificationReading, owners_of_rows, upload_path_of
from jira_pipeline.tickets.documents.adf_validation import refuse_without_rows
from jira_pipeline.tickets.documents.kept_documents import (
    group_in,
    kept_rows_of_upload,
    rendered_tickets,
    rendering_of,
    rows_of_groups,
    tables_in,
)
from jira_pipeline.tickets.documents.rendering import (
    WholeDocument,
    WrittenTables,
    tickets_named,
    whole_document,
)

_STAGES_OF_EXPORTS = {SessionStage.REVIEW, SessionStage.JIRA_EXPORT, SessionStage.COMPLETED}
"""Stages in which an export, or its undo, leaves a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _MarksRead:
    """Ready marks as the audit trail had them up to some entry; remembered between requests."""

    last_of_others: int
    """Sequence number of the last entry that no review wrote."""
    last: int
    """Sequence number of the last entry that was read."""
    marks: Mapping[str, ReadyMark]


@final
class OpenSession(SessionFacts):
    """A session and all that can be asked about it.

    What reads the sheets raises a `StoreError` where their stored copy is not what was uploaded, and
    a `GateError` where the group of a ticket is not in them any more.
    """

    @override
    def reload(self) -> "OpenSession":
        return open_session(self.pipeline, self.key)

    # Its sheets, and its tickets as Jira would get them

    @read_once
    def missing_sheets(self) -> tuple[str, ...]:
        """Names of the sheets that are missing although others need them."""
        return missing_sheets(
            self.files, self.store.sessions.findings(self.key, code=SHEET_MISSING)
        )

    @read_once
    def unread_statuses(self) -> tuple[str, ...]:
        """The words in X that nobody can read; what has them is on hold."""
        findings = self.store.sessions.findings(self.key, code=UNREAD_STATUS)
        return tuple(finding.value for finding in findings if finding.value)

    @property
    def contents(self) -> SpecificationReading:
        """The sheets, read and grouped; a process does that once."""
        return contents_of(self.pipeline, self.stored)

    @read_once
    def sheets_need_layout(self) -> bool:
        """Whether the program cannot read the current sheets without a layout, or there are none."""
        if not self.stored.has_sheets:
            return True
        readings = self.store.upload_readings
        state = readings.state_of(self.key, self.stored.content_sha256)
        return state is ReadingState.NEEDS_LAYOUT

    @property
    def needs_layout(self) -> bool:
        """Whether somebody has to declare a layout, for the current sheets or for waiting ones."""
        return self.stored.waiting_sha256 is not None or self.sheets_need_layout

    def refuse_without_layout(self) -> None:
        """Refuse to go on where the sheets need a layout first.

        Raises:
            LayoutNeededError: They need one.
        """
        if self.sheets_need_layout:
            raise LayoutNeededError(session_key=self.key)

    @property
    def groups(self) -> Mapping[str, EntityGroup]:
        """The groups of the sheets by key; those in the store where the sheets need a layout.

        Raises:
            LayoutNeededError: The store has none either.
        """
        try:
            return self.contents.groups_by_key
        except LayoutNeededError:
            return {rows.group_key: group_in(rows.rows) for rows in self._kept_rows}

    @read_once
    def _kept_rows(self) -> Sequence[RowsOfGroup]:
        """The rows that this upload's documents were made from, when its sheets could be read."""
        rows = kept_rows_of_upload(self.stored, self.store.documents, rendering=self._rendering)
        if not rows:
            raise LayoutNeededError(session_key=self.key)
        return rows

    @read_once
    def owners_of_rows(self) -> Mapping[tuple[object, ...], frozenset[str]]:
        """The bundles that have a row with the same texts, by these texts as they are written."""
        try:
            return self.contents.owners_of_rows
        except LayoutNeededError:
            return owners_of_rows(self.groups.values())

    def _read_rows(self) -> Sequence[RowsOfGroup]:
        """Return the rows that documents are made from, group by group."""
        try:
            return rows_of_groups(self.contents.specification, self.contents.groups)
        except LayoutNeededError:
            return self._kept_rows

    def earlier_groups(
        self, content_sha256: str, *, only: Collection[str] | None = None
    ) -> Mapping[str, EntityGroup] | None:
        """Return the groups of an earlier upload of the session; None where its copy is gone.

        They come from the store, and from the sheets only where the store has none. With `only`,
        those of the tickets with these ids are enough.
        """
        rendering = self._rendering_of(content_sha256)
        rows = self.store.documents.rows_by_group(self.key, rendering=rendering, only=only)
        if rows:
            return {key: group_in(text) for key, text in rows.items()}
        return earlier_groups(self.pipeline, self.stored, content_sha256)

    def _rendering_of(self, content_sha256: str) -> str:
        """Return the key under which the store has the documents of an earlier upload."""
        stored = replace(self.stored, upload_path=upload_path_of(self.key, content_sha256))
        return rendering_of(stored, body_max_bytes=self.settings.adf_body_max_bytes)

    @property
    def _rendering(self) -> str:
        return rendering_of(self.stored, body_max_bytes=self.settings.adf_body_max_bytes)

    def find_tables(self, ticket: Ticket) -> WrittenTables | None:
        """Return the group of a ticket with its tables, or None where the sheets no longer hold it.

        They come from the store, and from the sheets only where the store has none.
        """
        rows = self.store.documents.rows_of(self.key, ticket.ticket_id, rendering=self._rendering)
        if rows is not None:
            return tables_in(rows)
        group = self.groups.get(ticket.group_key)
        return None if group is None else WrittenTables(group)

    def full_document(self, rendered: RenderedTicket, tables: WrittenTables) -> WholeDocument:
        """Return the whole document of a ticket, also where its issue gets a part of it as a file."""
        if rendered.attachment is None:
            return WholeDocument(rendered.kept_text)
        ticket = rendered.ticket
        named = {*tickets_named(ticket, tables.group), ticket.ticket_id}
        names = self.store.documents.names(self.key, named, rendering=self._rendering)
        return whole_document(
            ticket,
            tables,
            groups=names or self.groups,
            file_name=rendered.attachment[0],
            body_max_bytes=self.settings.adf_body_max_bytes,
        )

    def whole_text_of(self, rendered: RenderedTicket) -> str:
        """Return the whole document of a ticket as canonical JSON.

        Its tables are read only where a file has a part of it.
        """
        if rendered.attachment is None:
            return rendered.kept_text
        return self.full_document(rendered, WrittenTables(self.group_of(rendered.ticket))).text

    def group_of(self, ticket: Ticket) -> EntityGroup:
        """Return the group of a ticket: from the store, or from the sheets where it has none.

        Raises:
            GateError: The sheets do not hold it any more.
        """
        rows = self.store.documents.rows_of(self.key, ticket.ticket_id, rendering=self._rendering)
        if rows is not None:
            return group_in(rows)
        refuse_without_rows([ticket], self.groups, source_word=self.stored.source_word)
        return self.groups[ticket.group_key]

    @read_once
    def hollow_ids(self) -> frozenset[str]:
        """Ids of the tickets whose rows say nothing to configure."""
        stored = self.store.documents.hollow(self.key, rendering=self._rendering)
        if stored is not None:
            return stored
        hollow = [group for group in self.groups.values() if group.is_hollow]
        return frozenset(ticket_id_of(self.key, group.key) for group in hollow)

    @read_once
    def rendered(self) -> tuple[RenderedTicket, ...]:
        """The tickets as Jira would get them now, by number."""
        return self.rendered_of(self.tickets)

    def rendered_of(self, tickets: Sequence[Ticket]) -> tuple[RenderedTicket, ...]:
        """Return these tickets as Jira would get them; no other one is read."""
        return rendered_tickets(
            self.stored,
            documents=self.store.documents,
            body_max_bytes=self.settings.adf_body_max_bytes,
            read=self._read_rows,
            tickets=tickets,
        )

    @read_once
    def site_verification(self) -> KeptVerification | None:
        """How the built site compared with its sheets the last time; None before the first."""
        return self._unless_only_reviewing(
            "site verification", self.store.site_verifications.latest
        )

    @read_once
    def hashed_tickets(self) -> tuple[RenderedTicket, ...]:
        """The rendered tickets with their hashes but without documents, for staleness and gate."""
        stored = self.store.documents.hashes(self.key, rendering=self._rendering)
        absent = [ticket for ticket in self.tickets if ticket.ticket_id not in stored]
        made = self.rendered_of(absent) if absent else ()
        hashes = {rendered.ticket.ticket_id: rendered.hashes for rendered in made}
        return without_documents(self.tickets, {**stored, **hashes})

    @read_once
    def rendered_for_export(self) -> tuple[RenderedTicket, ...]:
        """The rendered tickets as an export needs them: with documents where a file goes along."""
        # First, since it makes the documents that are absent, of which some come with a file.
        hashed_tickets = self.hashed_tickets
        ids_with_file = self.store.documents.ids_with_file(self.key, rendering=self._rendering)
        with_file = [ticket for ticket in self.tickets if ticket.ticket_id in ids_with_file]
        if not with_file:
            return hashed_tickets
        whole = {rendered.ticket.ticket_id: rendered for rendered in self.rendered_of(with_file)}
        return tuple(whole.get(hashed.ticket.ticket_id, hashed) for hashed in hashed_tickets)

    # What people have to decide, and what they said

    @read_once
    def remarks(self) -> Mapping[str, Remark]:
        """What people want of its tickets, by ticket id."""
        return self._unless_only_reviewing(
            "remarks",
            lambda key: remarks_in(reversed(self.store.audit.latest(key, actions={REMARKED}))),
        )

    @read_once
    def unknown_names(self) -> Mapping[str, Mapping[str, str]]:
        """Why Jira did not know an assignee or sprint when it was last asked, by field and name."""
        looks = {AuditAction.NAMES_LOOKED_UP}
        for entry in self.store.audit.latest(self.key, actions=looks, most=1):
            if entry.details["target"] == self.target_name:
                return cast("Mapping[str, Mapping[str, str]]", entry.details["unknown"])
        return {"assignee": {}, "sprint": {}}

    def unknown_of(self, ticket: Ticket | ListedTicket) -> Mapping[str, str]:
        """Return why Jira does not know what a ticket names, by field."""
        reasons = {}
        for field, reason_by_name in self.unknown_names.items():
            name = getattr(ticket, field)
            if name in reason_by_name:
                reasons[field] = reason_by_name[name]
        return reasons

    @property
    def unknown_count(self) -> int:
        """How many of its tickets name an assignee or sprint that Jira does not know."""
        if not any(self.unknown_names.values()):
            return 0
        return sum(bool(self.unknown_of(ticket)) for ticket in self.listed)

    @read_once
    def lost_marks(self) -> Mapping[str, ReadyMark]:
        """The last ready mark of each ticket that waits again, though nobody took it away."""
        lost = {}
        for ticket in self.listed:
            mark = self.ready_marks.get(ticket.ticket_id)
            if mark is not None and not ticket.is_ready and ticket.exclusion is None:
                lost[ticket.ticket_id] = mark
        return lost

    @read_once
    def ready_marks(self) -> Mapping[str, ReadyMark]:
        """The last ready mark of each ticket that nobody took away, whether it still holds or not."""
        last_of_others = self._last_entry_without_reviewing
        last = self.last_entry

        def follow(before: _MarksRead | None) -> _MarksRead:
            """Read only the entries since the marks that are remembered, where these still count."""
            after = 0
            marks: Mapping[str, ReadyMark] = {}
            # Otherwise the session may have been removed, and this is another one with its key.
            if before is not None and before.last_of_others == last_of_others:
                after = before.last
                marks = before.marks
            entries = self.store.audit.latest(
                self.key, actions=(MARKED, UNMARKED, RETURNED), after=after
            )
            marks = marks_after(entries, marks)
            return _MarksRead(last_of_others=last_of_others, last=last, marks=marks)

        entries_read = (last_of_others, last)
        memory = self.pipeline.memory
        return memory.recompute_if_changed(entries_read, "ready marks", self.key, follow).marks

    @property
    def hours(self) -> HourTotals:
        listed = self.listed
        return self.pipeline.memory.as_of(listed, "hours", self.key, lambda: hour_totals(listed))

    @read_once
    def tally(self) -> TicketTally:
        """How many tickets there are, and how many are ready."""
        return self._since_last_entry(TALLIES, self.store.tickets.tally)

    @read_once
    def questions(self) -> tuple[AskedQuestion, ...]:
        """The open questions of all tickets, in each ticket that asks them, by its number."""
        of_ticket = self.asked.of_ticket
        return tuple(
            question for ticket in self.tickets for question in of_ticket[ticket.ticket_id]
        )

    @read_once
    def asked(self) -> AskedQuestions:
        """The questions of all tickets, each only once, in the order people gave the tickets."""
        memory = self.pipeline.memory

        def read() -> AskedQuestions:
            tickets = sorted(self.tickets, key=lambda ticket: ticket.place)
            of_tickets = memory.map_tickets("questions", self.key, tickets, questions_of)
            ids = (ticket.ticket_id for ticket in tickets)
            return merged_questions(
                dict(zip(ids, with_routes(of_tickets, self.routes), strict=True))
            )

        return memory.as_of((self.tickets, self.routes), "asked", self.key, read)

    @read_once
    def routes(self) -> tuple[QuestionRoute, ...]:
        """Whom people sent questions to, where that is not the audience of their kind."""
        return self.store.reviews.routes(self.key)

    @read_once
    def proposals(self) -> tuple[ProposedAnswer, ...]:
        """What clients proposed, oldest first, also to questions answered since or gone."""
        return self.store.client_links.proposed(self.key)

    @read_once
    def proposed_answers(self) -> Mapping[QuestionKey, Sequence[ProposedAnswer]]:
        """What clients proposed, oldest first, by ticket and row of a question."""
        by_row: dict[QuestionKey, list[ProposedAnswer]] = {}
        for proposal in self.proposals:
            for row_id in proposal.question_id.split():
                by_row.setdefault((proposal.ticket_id, row_id), []).append(proposal)
        return by_row

    def proposed_to(self, once: AskedOnce) -> tuple[RowProposal, ...]:
        """Return what clients proposed to a question, wherever it is asked, the newest first."""
        return proposals_to(once, self.proposed_answers)

    def offers_of(self, once: AskedOnce) -> tuple[RowOffers, ...]:
        """Return the proposals to a question that nobody decided about yet, row by row."""
        return offers_of(once, self.proposed_answers)

    @read_once
    def questions_with_proposals(self) -> tuple[AskedOnce, ...]:
        """Questions and assumptions with a proposal of a client that nobody decided about yet."""
        if not self.proposed_answers:
            return ()
        return tuple(once for once in self.asked.once if self.offers_of(once))

    @read_once
    def stranded_answers(self) -> tuple[StrandedAnswer, ...]:
        """Answers of clients to questions that are no longer asked, until somebody takes them."""
        if not self.proposals:
            return ()
        tickets = (*self.tickets, *self.vanished_tickets)
        return find_stranded_answers(
            self.proposals,
            questions=self.questions,
            tickets={ticket.ticket_id: ticket for ticket in tickets},
            revisions_of=self.store.tickets.revisions,
        )

    @read_once
    def words_without_rows(self) -> tuple[VanishedTicket, ...]:
        """The tickets whose rows are gone and about which people said something, with the words."""
        if not self.vanished_tickets:
            return ()
        comments = group_by(
            self.store.comments.of_session(self.key), lambda comment: comment.ticket_id
        )
        with_words: list[VanishedTicket] = []
        for ticket in self.vanished_tickets:
            of_ticket = comments.get(ticket.ticket_id, ())
            if self._with_words(ticket, of_ticket, revisions=()).words:
                # Revisions are read of those few alone.
                revisions = self.store.tickets.revisions(ticket.ticket_id)
                whole = self._with_words(ticket, of_ticket, revisions=revisions)
                with_words += [whole] if whole.words else []
        return tuple(with_words)

    @read_once
    def dependencies_of_vanished(self) -> Mapping[str, Sequence[str]]:
        """Dependencies that people gave tickets whose rows are gone, as texts, by ticket id."""
        vanished_ids = {ticket.ticket_id for ticket in self.vanished_tickets}
        if not vanished_ids:
            return {}
        names = {ticket.ticket_id: f"ticket {ticket.number}" for ticket in self.vanished_tickets}
        for ticket in self.tickets:
            names[ticket.ticket_id] = f"ticket {ticket.number} “{ticket.title}”"
        texts: dict[str, list[str]] = {}
        for dependency in self.store.kept_reviews.dependencies(self.key):
            for ticket_id in (dependency.ticket_id, dependency.other_ticket_id):
                if ticket_id in vanished_ids:
                    texts.setdefault(ticket_id, []).append(dependency_text(dependency, names))
        return texts

    @read_once
    def acts_of_taking(self) -> Sequence[AuditEntry]:
        """The entries by which tickets took words over or gave them back, oldest first."""
        acts = (AuditAction.WORDS_TAKEN, AuditAction.WORDS_GIVEN_BACK)
        return self.store.audit.latest(self.key, actions=acts)[::-1]

    @read_once
    def resolved_requests(self) -> Mapping[str, Sequence[ResolvedRequest]]:
        """The changes that somebody requested and somebody resolved, by ticket id."""
        entries = self.store.audit.latest(self.key, actions=REQUEST_ACTIONS)
        return find_resolved_requests(reversed(entries))

    def _with_words(
        self, ticket: Ticket, comments: Sequence[Comment], *, revisions: Sequence[Revision]
    ) -> VanishedTicket:
        """Return a ticket whose rows are gone, with what people said of it and its successor.

        Without revisions, which are costly to read, edits of people are seen in the last one alone.
        """
        successor = find_successor(
            ticket,
            self.tickets,
            revisions=revisions,
            revisions_of=self.store.tickets.revisions,
        )
        words = self.words_of(ticket, comments, revisions=revisions or (ticket.revision,))
        return vanished_ticket(
            self.stored,
            ticket,
            routes=words.routes,
            proposals=words.proposals,
            comments=comments,
            revisions=revisions,
            requests=words.requests,
            remark=words.remark,
            dependencies=self.dependencies_of_vanished.get(ticket.ticket_id, ()),
            successor=successor,
            is_own_of_all=successor is not None and not self._takes_anything(words, successor),
        )

    def words_of(
        self, ticket: Ticket, comments: Sequence[Comment], *, revisions: Sequence[Revision]
    ) -> TicketWords:
        """Return a ticket with what people said of it; `revisions` are all it has, oldest first."""
        ticket_id = ticket.ticket_id
        return TicketWords(
            ticket=ticket,
            revisions=revisions,
            routes=[route for route in self.routes if route.ticket_id == ticket_id],
            proposals=[proposal for proposal in self.proposals if proposal.ticket_id == ticket_id],
            comments=comments,
            requests=self.resolved_requests.get(ticket_id, ()),
            remark=self.kept_remarks.get(ticket_id),
        )

    @read_once
    def kept_remarks(self) -> Mapping[str, KeptRemark]:
        """What people want of tickets, also of those whose rows are gone, by ticket id."""
        return {
            ticket_id: KeptRemark(text=remark.text, by=remark.by)
            for ticket_id, remark in self.remarks.items()
        }

    def _takes_anything(self, gone: TicketWords, successor: Ticket) -> bool:
        """Tell whether a ticket would take over any words of one that is gone."""
        ticket_id = successor.ticket_id
        taking = TicketWords(
            ticket=successor,
            revisions=self.store.tickets.revisions(ticket_id),
            routes=[route for route in self.routes if route.ticket_id == ticket_id],
            remark=self.kept_remarks.get(ticket_id),
        )
        words = find_words_to_take(
            gone,
            taking,
            dependencies=self.store.kept_reviews.dependencies(self.key),
            waits_for={ticket.ticket_id: ticket.depends_on for ticket in self.tickets},
            may_exclude=self.places[ticket_id].jira_key is None,
        )
        return words.count > 0

    def vanished_ticket(self, number: int) -> VanishedTicket | None:
        """Return the ticket of a number whose rows are gone, with people's words; None if none has."""
        for ticket in self.vanished_tickets:
            if ticket.number == number:
                comments = self.store.comments.of_ticket(ticket.ticket_id)
                revisions = self.store.tickets.revisions(ticket.ticket_id)
                return self._with_words(ticket, comments, revisions=revisions)
        return None

    @read_once
    def stranded_questions(self) -> tuple[StrandedQuestion, ...]:
        """Questions that people sent to an audience and that no row asks any more."""
        if not self.routes:
            return ()
        tickets = (*self.tickets, *self.vanished_tickets)
        return find_stranded_questions(
            self.routes,
            questions=self.questions,
            tickets={ticket.ticket_id: ticket for ticket in tickets},
            revisions_of=self.store.tickets.revisions,
        )

    @read_once
    def cells(self) -> tuple[AskedCell, ...]:
        """The cells of forms that the rows leave open, by number of the ticket."""
        memory = self.pipeline.memory

        def read() -> tuple[AskedCell, ...]:
            of_tickets = memory.map_tickets("cells", self.key, self.tickets, asked_cells)
            return tuple(cell for cells in of_tickets for cell in cells)

        return memory.as_of(self.tickets, "cells of forms", self.key, read)

    @read_once
    def asked_for_site(self) -> tuple[AskedForSite, ...]:
        """The questions that are asked once for all views of the site."""
        return asked_for_site(self.tickets, self.store.tickets.site_answers(self.key))

    # What its export would do

    @property
    def approves_itself(self) -> bool:
        """Whether the next run approves the session's tickets by itself.

        It does not after an undo, nor where sheets that others need are missing: only half of a
        folder may have been copied, and the issues would be real. Nor does it where nobody can read
        a status: what is on hold for that may be meant to be built first.
        """
        return (
            may_approve_automatically(self.stored, is_sandbox=self.settings.is_sandbox)
            and not self.missing_sheets
            and not self.unread_statuses
            and not self.ledger_marks.is_undone
        )

    @property
    def plan_mark(self) -> object:
        """A value that differs whenever the session changed, or something of it was sent."""
        return self.last_entry, self._ledger_mark

    @read_once
    def agreed_withdrawals(self) -> tuple[Ticket, ...]:
        """The proposed withdrawals that the session agrees to at its next export."""
        proposed = unconfirmed_withdrawals(self.vanished_tickets)
        if not proposed or not self.approves_itself:
            return ()
        return automatic_withdrawals(
            self.stored,
            proposed,
            ticket_count=self.tally.total,
            files=self.files,
            sent={
                entry.ticket_id
                for target in self.store.ledger.targets_of(self.key)
                for entry in self._entries_on(target)
            },
        )

    @read_once
    def shares(self) -> tuple[TargetShare, ...]:
        """How many tickets have issues on the current target, and on each other one."""
        others = self._other_targets
        name = self.target_name
        if self.target is None and not others:
            count = self.tally.exportable
            nothing = share_of(name, (), (), is_current=True)
            return (replace(nothing, ticket_count=count),)
        ids = self._exported_ids
        return (
            share_of(name, ids, self.entries, is_current=True, gone_ids=self.gone_ids),
            *shares_of(ids, targets=others, entries_of=self._entries_on),
        )

    @read_once
    def new_target(self) -> NewTarget | None:
        """The target that an export would begin with, where somebody has to confirm that first.

        None where the session has issues on it, or on no target at all.
        """
        if self.target is not None or not self._other_targets:
            return None
        current = self.coming_target
        return new_target(
            self.target_name,
            current.target_id if current is not None else None,
            session=self.stored,
            ticket_ids=self._exported_ids,
            elsewhere=shares_of(
                self._exported_ids, targets=self._other_targets, entries_of=self._entries_on
            ),
        )

    def _entries_on(self, target: Target) -> tuple[LedgerEntry, ...]:
        return self.store.ledger.entries(target_id=target.target_id, session_key=self.key)


def may_approve_automatically(session: UploadSession, *, is_sandbox: bool) -> bool:
    """Tell whether the manifest asks for auto approval and may: in a real Jira it names the project."""
    manifest = session.manifest
    return manifest.auto_approve and (is_sandbox or manifest.jira_project_key is not None)


def open_session(pipeline: Pipeline, session_key: str) -> OpenSession:
    """Open a session as it is now, for the target that the settings name.

    Raises:
        NotFoundError: No session has that key.
    """
    return open_for_current_target(pipeline, pipeline.store.sessions.get(session_key))


def open_for_current_target(
    pipeline: Pipeline, stored: UploadSession, *, targets: KnownTargets | None = None
) -> OpenSession:
    """Open a stored session for the target that the settings name.

    Where its last export or undo was on another target, the session is shown as waiting in the
    review, and `elsewhere` has it as it is stored. A running session is shown as running, whatever
    its target, and so is a failure before anything was sent.
    """
    session = OpenSession(pipeline=pipeline, stored=stored, known_targets=targets)
    if stored.stage not in _STAGES_OF_EXPORTS or stored.status is SessionStatus.RUNNING:
        return session
    used = session.exported_targets
    if not used:
        return session
    current = session.coming_target
    if current is not None and used[-1].target_id == current.target_id:
        return session
    if stored.stage is SessionStage.REVIEW and not _was_undone_at(used[-1], session):
        return session
    shown = replace(
        stored,
        stage=SessionStage.REVIEW,
        progress_percentage=first_percentage(SessionStage.REVIEW, SessionStatus.WAITING),
        progress_text="",
        progress_details=None,
        wait=None,
        failed_at_ticket_number=None,
    )
    if _was_last_run_at(used[-1], session):
        shown = replace(shown, status=SessionStatus.WAITING, run_id=None)
    return OpenSession(pipeline=pipeline, stored=shown, elsewhere=stored, known_targets=targets)


def _was_undone_at(target: Target, session: OpenSession) -> bool:
    """Tell whether an undo, ended or not, is the last that was done on a target."""
    entries = session.store.ledger.entries(target_id=target.target_id, session_key=session.key)
    is_idle = session.stored.status is SessionStatus.IDLE
    is_ended = is_idle and entries[-1].event is LedgerEvent.UNDO_ENDED
    return is_ended or open_undo_of(entries) is not None


def _was_last_run_at(target: Target, session: OpenSession) -> bool:
    """Tell whether the last run was at work on a target.

    A run that failed has measured a step there. One that was killed may have measured none, so it
    counts as having been at work there.
    """
    stored = session.stored
    errors = session.errors
    failed = stored.status in {SessionStatus.FAILED, SessionStatus.WAITING}
    error = errors[-1] if failed and errors and errors[-1].run_id == stored.run_id else None
    if error is None or error.code == RunDiedError.code:
        return True
    steps = session.store.export_runs.steps(session.key, target_id=target.target_id)
    return any(step.run_id == stored.run_id for step in steps)
