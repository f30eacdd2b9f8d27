"""What people have to decide about the tickets of a session, and what they said of them.

Belongs here: facts that the rules of the review make of tickets. Does not: those rules.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from jira_pipeline.context.facts import read_once
from jira_pipeline.context.memory import TALLIES
from jira_pipeline.model.open_questions import ProposedAnswer
from jira_pipeline.model.records import AuditEntry
from jira_pipeline.model.tickets import TicketTally
from jira_pipeline.review.documents.document_facts import DocumentFacts
from jira_pipeline.review.forms import AskedCell, asked_cells
from jira_pipeline.review.hours import HourTotals, hour_totals
from jira_pipeline.review.lost_marks import MARKED, UNMARKED, ReadyMark, marks_after
from jira_pipeline.review.questions import (
    AskedOnce,
    AskedQuestion,
    AskedQuestions,
    QuestionKey,
    asked_by,
    asked_in,
)
from jira_pipeline.review.remarks import REMARKED, Remark, remarks_in


class ReviewFacts(DocumentFacts):
    """A session with what its review is about."""

    @read_once
    def remarks(self) -> Mapping[str, Remark]:
        """What people want of its tickets, by ticket id."""
        return self._beside_reviewing("remarks", lambda _: remarks_in(self._entries_of({REMARKED})))

    @read_once
    def lost_marks(self) -> Mapping[str, ReadyMark]:
        """The last ready mark of each ticket that waits again, though nobody took it away."""
        now = (self._last_beside_reviewing, self._last_entry)

        def follow(
            before: tuple[tuple[int, int], Mapping[str, ReadyMark]] | None,
        ) -> tuple[tuple[int, int], Mapping[str, ReadyMark]]:
            (beside, last), marks = before or ((0, 0), {})
            if beside != now[0]:  # the key may have been that of a removed session
                last, marks = 0, {}
            entries = self.store.audit.latest(self.key, actions=(MARKED, UNMARKED), after=last)
            return now, marks_after(entries, marks)

        _, marks = self.pipeline.memory.carried(now, "ready marks", self.key, follow)
        return {
            one.ticket_id: marks[one.ticket_id]
            for one in self.listed
            if one.ticket_id in marks and not one.is_ready and one.skipped_reason is None
        }

    def _entries_of(self, actions: Collection[str]) -> Iterator[AuditEntry]:
        """Read entries about it, oldest first: not those of a removed session of the same key."""
        return reversed(self.store.audit.latest(self.key, actions=actions))

    @property
    def hours(self) -> HourTotals:
        """The hours its tickets take."""
        listed = self.listed
        return self.pipeline.memory.as_of(listed, "hours", self.key, lambda: hour_totals(listed))

    @read_once
    def tally(self) -> TicketTally:
        """How many tickets there are, and how many are ready."""
        return self._since_last_entry(TALLIES, self.store.tickets.tally)

    @read_once
    def questions(self) -> tuple[AskedQuestion, ...]:
        """What the sheets leave open, wherever it is asked, by number of the ticket."""
        return tuple(
            asked for ticket in self.tickets for asked in self.asked.of_ticket[ticket.ticket_id]
        )

    @read_once
    def asked(self) -> AskedQuestions:
        """The same, each question once, in the order people gave the tickets."""
        memory = self.pipeline.memory

        def read() -> AskedQuestions:
            tickets = sorted(self.tickets, key=lambda ticket: ticket.place)
            each = memory.each("questions", self.key, tickets, asked_in)
            ids = (ticket.ticket_id for ticket in tickets)
            return asked_by(dict(zip(ids, each, strict=True)))

        return memory.as_of(self.tickets, "asked", self.key, read)

    @read_once
    def proposed_answers(self) -> Mapping[QuestionKey, Sequence[ProposedAnswer]]:
        """What clients proposed, oldest first, also to questions answered since."""
        found: dict[QuestionKey, list[ProposedAnswer]] = {}
        for one in self.store.client_links.proposed(self.key):
            found.setdefault((one.ticket_id, one.question_id), []).append(one)
        return found

    def proposed_to(self, once: AskedOnce) -> Sequence[ProposedAnswer]:
        """Return what clients proposed to a question, wherever it is asked, the newest first."""
        every = (self.proposed_answers.get(q.key, ()) for q in (once.asked, *once.also))
        return sorted(chain.from_iterable(every), key=lambda one: one.at, reverse=True)

    @read_once
    def cells(self) -> tuple[AskedCell, ...]:
        """The cells of forms that the rows leave open, by number of the ticket."""
        memory = self.pipeline.memory

        def read() -> tuple[AskedCell, ...]:
            each = memory.each("cells", self.key, self.tickets, asked_cells)
            return tuple(cell for cells in each for cell in cells)

        return memory.as_of(self.tickets, "cells of forms", self.key, read)
