"""Sends the creations of tickets, one at a time or in bulk, each at most once.

Belongs here: intents before, one request, outcomes after; what a refusal leads to. A refused
description stops the export: the tables are the product, so no issue is created without them. Does
not: which tickets are sent when (`creation`), how a doubt ends (`unconfirmed`), looking up (`lookups`),
bodies that are too large from the start (`tickets/documents/document_tables`).

Every intent of a batch is committed before it is sent. Jira does not say in which order it lists
what a bulk created, so the markers decide; what neither a marker nor a refusal accounts for is in
doubt. Source: docs/export.md, rules 2, 3, 4 and 7.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.export.create_screen import ADD_DESCRIPTION, NO_DESCRIPTION
from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    ExportRun,
    is_worth_waiting,
    marker_of,
    names_of_tickets,
)
from jira_pipeline.export.issue_fields import IssueFields
from jira_pipeline.export.issue_texts import BLOCKS_PROPERTY, blocks_of, wanted_hash_of
from jira_pipeline.export.ledger_page import unanswered_creations
from jira_pipeline.export.refused_creation import creation_refused, is_about_no_field
from jira_pipeline.export.unconfirmed import UnconfirmedWrites
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.jira.adf.sizes import compact_json_bytes
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.errors import (
    DescriptionRefusedError,
    OutageError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UpstreamError,
)
from jira_pipeline.model.exports import InDoubt, LedgerEvent, NotSent, SentContent
from jira_pipeline.model.issue_tracker import (
    BulkAnswered,
    Created,
    FoundIssue,
    IssueDraft,
    NothingDone,
    Unknown,
    WriteAnswer,
)
from jira_pipeline.model.rendered_tickets import RenderedTicket

logger = logging.getLogger(__name__)

UNANSWERED_MAX = 3  # defence: unanswered-limit
"""So many creations in a row, a bulk counting as one, may have no known outcome."""

FIELD = "description"
DOCUMENT_REFUSALS = ("CONTENT_LIMIT_EXCEEDED", "INVALID_INPUT", "Atlassian Document")
"""What Jira says of a document where it names no field; seen by users of its clients."""
OFF_SCREEN = "not on the appropriate screen"
"""What Jira says of a field that its screen has not; seen by users of its clients."""
_OF_SIZE = re.compile(r"limit|too (long|large|big)|exceed", re.IGNORECASE)
_PLAIN_WORDS = {"doc", "text"}
_BLOCK_DEPTH = 2
"""Slashes in the path of a block: `/content/0`."""
EXCERPT_MAX_CHARS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A ticket that Jira refused as a whole, and its answer."""

    rendered: RenderedTicket
    answer: NothingDone


class Sending:
    """The creations one execution sends, and what came of them."""

    def __init__(
        self, run: ExportRun, *, unconfirmed: UnconfirmedWrites, fields: IssueFields
    ) -> None:
        self._run = run
        self._unconfirmed = unconfirmed
        self._fields = fields
        self._throttled = 0
        self._not_before = 0.0
        self._is_bulk_safe: bool | None = None
        self.sent = 0
        self.created = 0
        self.limited: tuple[RenderedTicket, ...] = ()
        """Tickets of the last batch to whose creation the answer was a request to wait."""
        self._first_refusal: Refusal | None = None
        """It may be of the first ticket or of all: the next ticket shows which."""

    def batch_limit(self) -> int:
        """Return how many tickets may be sent at once.

        The issues of a bulk differ by their markers alone. So the first issue of ours on a target is sent
        by itself, and unless it comes back with its marker, all others are too.
        """
        if self._run.order.batch_size == 1:
            return 1
        if self._is_bulk_safe is None:
            receipts = self._run.page.issue_receipts()
            if receipts:
                last = receipts[-1]
                shown = self._read_markers([last.remote_id or ""]).get(last.identity)
                # defence: bulk-needs-markers
                self._is_bulk_safe = shown is not None and shown.issue_id == last.remote_id
        return self._run.order.batch_size if self._is_bulk_safe else 1

    def send(self, batch: Sequence[RenderedTicket]) -> None:
        """Send a batch once, commit every outcome, and decide what its refusals lead to.

        Raises:
            OutageError: Jira stopped reporting what becomes of creations.
            UpstreamError: Jira refuses a ticket as a whole, or asks to wait for long.
        """
        for rendered in batch:
            self._fields.choice(rendered)  # asks Jira, so before the turn is waited for
        self._await_turn(batch)

        # Where the last creation had no answer, Jira has to answer a harmless request first: else a
        # process that starts again in an outage would risk a ticket, and a resend would be spent.
        is_again = any(self._is_resend(rendered) for rendered in batch)
        # defence: no-risk-in-outage
        if unanswered_creations(self._run.page) and (is_again or not self.sent):
            self._ask_for_nothing(batch)

        drafts = self._run.commit_before_send(
            lambda: [self._intend(rendered) for rendered in batch]
        )
        self.sent += len(batch)
        answers = self._answers(batch, drafts)
        limited = []
        for rendered, answer in zip(batch, answers, strict=True):
            subject = self._run.issue_subject(rendered)
            self._run.page.write_answer(subject, answer)
            self.created += isinstance(answer, Created)
            if isinstance(answer, Unknown):
                self._unconfirmed.note_sent(subject.identity)
            if _limit_in(answer) is not None:
                limited.append(rendered)
        self.limited = tuple(limited)
        self._stop_in_an_outage(batch, answers)
        self._follow_refusals(batch, answers)

    def _await_turn(self, batch: Sequence[RenderedTicket]) -> None:
        """Wait as long as Jira or the settings ask, before any intent is committed."""
        tools = self._run.tools
        delay_seconds = self._run.order.create_delay_seconds if self.sent else 0.0
        due = max(self._not_before, tools.monotonic() + delay_seconds)
        try:
            tools.tracker.await_creation(is_bulk=len(batch) > 1)
            if tools.monotonic() < due:
                self._run.wait_until(due)
                tools.tracker.await_creation(is_bulk=len(batch) > 1)
        except RateLimitedError as error:
            error.failed_at_ticket_number = batch[0].ticket.number
            raise

    def _intend(self, rendered: RenderedTicket) -> IssueDraft:
        """Commit the intent of a creation and return what it will send, marked with it."""
        run = self._run
        fields = self._fields.fields(rendered)
        description = fields.get("description")
        intent = run.page.write(
            run.issue_subject(rendered),
            LedgerEvent.INTENT,
            low_bound=run.page.highest_number(run.target.project_key),  # defence: low-bound
            sent=self._content_to_send(rendered, description),
        )
        marker = run.marker_for(intent)
        properties = {
            MARKER_PROPERTY: marker.to_property(),
            BLOCKS_PROPERTY: blocks_of(rendered.summary, description),
        }
        return IssueDraft(fields=fields, properties=properties)

    def _content_to_send(self, rendered: RenderedTicket, description: object) -> SentContent:
        """Return what the ledger keeps of what a creation sends."""
        document = description if isinstance(description, Mapping) else None
        return SentContent(
            rendered_hash=rendered.rendered_hash,
            revision=rendered.ticket.revision.number,
            content_sha256=self._run.order.content_sha256,
            content=self._run.order.content_of(rendered.ticket),
            created_hash=wanted_hash_of(rendered.summary, document),
        )

    def _answers(
        self, batch: Sequence[RenderedTicket], drafts: Sequence[IssueDraft]
    ) -> list[WriteAnswer]:
        """Send the drafts of a batch, and return what Jira says of each, in their order."""
        if len(drafts) == 1:
            return [self._answer_of_single(drafts[0])]
        bulk = self._run.tools.tracker.create_issues(drafts)
        if not isinstance(bulk, BulkAnswered):
            return [bulk] * len(drafts)
        return self._answers_in_bulk(batch, bulk)

    def _answer_of_single(self, draft: IssueDraft) -> WriteAnswer:
        """Send one creation; an answer that names an issue which was there already is no answer."""
        answer = self._run.tools.tracker.create_issue(draft.fields, draft.properties)
        if isinstance(answer, Created) and answer.remote_id in self._run.page.known_ids:
            name = answer.remote_key or answer.remote_id
            return Unknown(reason=f"Jira's response names {name}, which already existed.")
        return answer

    def _answers_in_bulk(
        self, batch: Sequence[RenderedTicket], bulk: BulkAnswered
    ) -> list[WriteAnswer]:
        """Return which answer of a bulk is of which ticket, in the order of the batch.

        An issue shows by its marker whose it is. Refusals count when they are exactly the others.
        """
        created_by_id = {created.remote_id: created for created in bulk.created}
        issues = self._read_bulk(list(created_by_id))
        created_by_place: dict[int, Created] = {}
        for place, rendered in enumerate(batch):
            issue = issues.get(self._run.identity(rendered.ticket.ticket_id))
            if issue is not None:
                self._run.page.note_read([issue])
                created_by_place[place] = created_by_id[issue.issue_id]
        unseen = set(range(len(batch))) - created_by_place.keys()
        is_consistent = unseen == set(bulk.failed)  # defence: consistent-bulk
        answers: list[WriteAnswer] = []
        for place in range(len(batch)):
            if place in created_by_place:
                answers.append(created_by_place[place])
            elif is_consistent:
                answers.append(bulk.failed[place])
            else:
                answers.append(Unknown(reason="Jira's bulk response does not mention this issue."))
        return answers

    def _read_bulk(self, issue_ids: Sequence[str]) -> Mapping[str, FoundIssue]:
        """Read the issues of a bulk back, by the identity they carry; none where that fails."""
        if not issue_ids:
            return {}
        try:
            return self._read_markers(issue_ids)
        except UpstreamError:
            logger.warning("bulk issues could not be read back; they are looked up later")
            return {}

    def _read_markers(self, issue_ids: Sequence[str]) -> dict[str, FoundIssue]:
        """Read these issues, by the identity they carry; those without a marker are left out."""
        answer = self._run.tools.tracker.bulk_fetch(
            issue_ids, fields=("summary",), properties=(MARKER_PROPERTY,)
        )
        issues = {}
        for issue in answer.issues:
            marker = marker_of(issue)
            if marker is not None and issue.issue_id in issue_ids:
                issues[marker.identity] = issue
        return issues

    def _stop_in_an_outage(
        self, batch: Sequence[RenderedTicket], answers: Sequence[WriteAnswer]
    ) -> None:
        """Stop where creations go unanswered in a row, or one does and nothing else is answered.

        A resend that is lost in an outage is not spent.
        """
        unknown = [answer for answer in answers if isinstance(answer, Unknown)]
        if len(unknown) < len(answers) or any(map(_limit_in, answers)):
            return
        outage = self._outage(batch, reason=unknown[-1].reason)
        try:
            if len(unanswered_creations(self._run.page)) >= UNANSWERED_MAX:
                raise outage
            try:
                self._run.tools.tracker.whoami()
            except UnavailableError as error:
                raise outage from error  # defence: unreadable-is-outage
            if any(self._is_resend(rendered) for rendered in batch):
                self._ask_for_nothing(batch)
        except OutageError:
            for rendered in batch:
                what = self._run.issue_subject(rendered)
                # defence: resend-lost-in-outage
                self._run.page.write(what, LedgerEvent.LOST_IN_OUTAGE)
            raise

    def _is_resend(self, rendered: RenderedTicket) -> bool:
        state = self._run.issue_state(rendered)
        is_lost = isinstance(state, InDoubt) and state.is_resend_spent
        return is_lost or (isinstance(state, NotSent) and state.is_resend)

    def _ask_for_nothing(self, batch: Sequence[RenderedTicket]) -> None:
        """Ask for an issue of no project, which Jira refuses where it works: nothing is created.

        It may be asked twice, then: one request that a proxy loses is no outage. Where Jira asks to
        wait, that is done as before a creation.

        Raises:
            OutageError: It does not answer that either.
            UpstreamError: It does not let us in, or asks to wait for long.
        """
        losses = waits = 0
        while True:
            answer = self._run.tools.tracker.create_issue({}, {})
            match answer:
                case (
                    NothingDone(error=RateLimitedError() as limit)
                    | Unknown(limit=RateLimitedError() as limit)
                ) if is_worth_waiting(limit, throttled=waits + 1):
                    waits += 1
                    self._run.wait_until(self._run.tools.monotonic() + limit.wait_seconds)
                case Unknown() | NothingDone(error=UnavailableError()) if not losses:
                    losses += 1
                case NothingDone(error=RefusedError()):
                    return
                case NothingDone(error=UnavailableError() as error):
                    raise self._outage(batch, reason=error.message)
                case NothingDone(error=error):
                    error.failed_at_ticket_number = batch[0].ticket.number
                    raise error
                case Unknown(reason=reason):
                    raise self._outage(batch, reason=reason)
                case Created(remote_key=key):
                    reason = f"it created {key} empty; delete that in Jira."
                    raise self._outage(batch, reason=reason)

    def _outage(self, batch: Sequence[RenderedTicket], *, reason: str) -> OutageError:
        """Return the error that names the tickets whose creations went unanswered in a row."""
        run = self._run
        unanswered = unanswered_creations(run.page)
        lost = {identity for creation in unanswered for identity in creation}
        tickets = [
            rendered.ticket
            for rendered in run.order.issues
            if run.identity(rendered.ticket.ticket_id) in lost
        ]
        tickets.sort(key=lambda ticket: ticket.number)
        outage = OutageError(
            session_key=run.order.session_key,
            target=run.target.name,
            numbers=names_of_tickets(tickets),
            reason=reason,
        )
        outage.failed_at_ticket_number = batch[0].ticket.number
        return outage

    def _follow_refusals(
        self, batch: Sequence[RenderedTicket], answers: Sequence[WriteAnswer]
    ) -> None:
        """Leave out what Jira refuses; stop at the first ticket it refuses as a whole."""
        refused = [
            (rendered, answer)
            for rendered, answer in zip(batch, answers, strict=True)
            if isinstance(answer, NothingDone)
        ]
        errors = [answer.error for _, answer in refused]
        throttled = [error for error in errors if isinstance(error, RateLimitedError)]
        limits = [limit for limit in map(_limit_in, answers) if limit is not None]
        self._throttled = self._throttled + 1 if throttled or limits else 0
        # All are asked before any stops the export: what one can do without is left out for good.
        stops = [
            Refusal(rendered=rendered, answer=answer)
            for rendered, answer in refused
            if not self._may_go_again(rendered, answer)
        ]
        if stops:
            self._stop_or_compare(stops[0])
        elif len(refused) < len(batch):
            self.stop_at_first_refusal()  # Jira takes another ticket, so it was about that one
        for limit in limits:
            if not is_worth_waiting(limit, throttled=self._throttled):
                limit.failed_at_ticket_number = batch[0].ticket.number
                raise limit
        for error in (*throttled, *limits):
            turn = self._run.tools.monotonic() + error.wait_seconds
            self._not_before = max(self._not_before, turn)

    def _stop_or_compare(self, refusal: Refusal) -> None:
        """Stop at a refused ticket, unless the next one has to show first whether it meets all of them.

        Raises:
            UpstreamError: It is known what the refusal is about.
        """
        first = self._first_refusal
        if first is not None:
            is_same = first.answer.reason == refusal.answer.reason
            raise self._hard_stop(first, is_of_others=is_same)
        error = refusal.answer.error
        if (
            self._run.page.issue_receipts()
            or not isinstance(error, RefusedError)
            or not is_about_no_field(error)
            or is_description_refused(refusal.answer)
        ):
            raise self._hard_stop(refusal)
        self._first_refusal = refusal

    def stop_at_first_refusal(self) -> None:
        """Stop at a refused ticket whose refusal met no other one, if there is such a ticket.

        Raises:
            UpstreamError: There is.
        """
        if self._first_refusal is not None:
            raise self._hard_stop(self._first_refusal)

    def _may_go_again(self, rendered: RenderedTicket, answer: NothingDone) -> bool:
        """Tell whether a refused ticket can be sent once more, with less in it or later."""
        if isinstance(answer.error, RateLimitedError):
            return is_worth_waiting(answer.error, throttled=self._throttled)
        return not is_description_refused(answer) and self._fields.drop_refused(
            rendered, answer.field_errors
        )

    def _hard_stop(self, refusal: Refusal, *, is_of_others: bool = False) -> UpstreamError:
        """Return the error that stops the export at a ticket which Jira refuses as a whole.

        `is_of_others` says that the next ticket was refused by the same words.
        """
        rendered = refusal.rendered
        answer = refusal.answer
        ticket = rendered.ticket
        logger.error("session %s stops at ticket %d", ticket.session_key, ticket.number)
        error = answer.error
        if is_off_screen(answer):
            error = RefusedError(
                f"{self._run.target.name}: {NO_DESCRIPTION} {answer.reason}",
                field_errors=answer.field_errors,
                recovery_actions=(ADD_DESCRIPTION,),
            )
        elif is_description_refused(answer):
            error = description_refused(rendered, answer)
        elif isinstance(error, RefusedError):
            error = creation_refused(
                self._run,
                rendered,
                error,
                screen=self._fields.screen_of(ticket),
                sent_fields=self._fields.fields(rendered).keys(),
                is_of_others=is_of_others,
            )
        error.failed_at_ticket_number = ticket.number
        return error


def _limit_in(answer: WriteAnswer) -> RateLimitedError | None:
    """Return the wait a gateway asked for, where the creation may have been done before that."""
    return answer.limit if isinstance(answer, Unknown) else None


def is_description_refused(answer: NothingDone) -> bool:
    return FIELD in answer.field_errors or any(text in answer.reason for text in DOCUMENT_REFUSALS)


def is_off_screen(answer: NothingDone) -> bool:
    """Tell whether Jira takes no description at all, whatever it says, although its screen has one."""
    return OFF_SCREEN in answer.field_errors.get(FIELD, "")


def description_refused(rendered: RenderedTicket, answer: NothingDone) -> DescriptionRefusedError:
    """Return the error that stops the export at a ticket whose description Jira refused."""
    refusal = answer.field_errors.get(FIELD, answer.reason)
    suspect = suspect_in(rendered.document, refusal=refusal)
    return DescriptionRefusedError(
        session_key=rendered.ticket.session_key,
        number=rendered.ticket.number,
        title=rendered.ticket.title,
        refusal=refusal.removesuffix("."),
        size_bytes=rendered.largest_bytes,
        part=f" It may be the {suspect}." if suspect else "",
        field_errors=dict(answer.field_errors),
    )


def suspect_in(document: Mapping[str, object], *, refusal: str) -> str | None:
    """Name the smallest part that a refusal may be about; None where it does not say.

    That is a node of a kind which it names, or the largest block of a document it finds too large.
    """
    kinds = set(re.findall(r"\w+", refusal)) - _PLAIN_WORDS
    nodes = list(_nodes_in(document, path=""))
    of_named_kind = [node for node in nodes if node.path and node.content.get("type") in kinds]
    if of_named_kind:
        return of_named_kind[-1].excerpt
    blocks = [node for node in nodes if node.path.count("/") == _BLOCK_DEPTH]
    if not blocks or not _OF_SIZE.search(refusal):
        return None
    largest = max(blocks, key=lambda block: block.size_bytes)
    return f"{largest.excerpt}, with {largest.size_bytes} bytes the largest part"


@dataclass(frozen=True, slots=True, kw_only=True)
class _DocumentNode:
    """One node of a document in Jira's format, and where it is: `/content/3/content/0`."""

    path: str
    """Empty for the document itself."""
    content: Mapping[str, object]

    @property
    def size_bytes(self) -> int:
        return compact_json_bytes(dict(self.content))

    @property
    def excerpt(self) -> str:
        """Its kind, its place, and how its text begins."""
        name = f"{self.content.get('type')} at {self.path}"
        text = " ".join(adf_to_text(adf.doc([dict(self.content)])).split())
        if not text:
            return name
        if len(text) > EXCERPT_MAX_CHARS:
            text = f"{text[:EXCERPT_MAX_CHARS]} …"
        return f"{name} (“{text}”)"


def _nodes_in(content: Mapping[str, object], *, path: str) -> Iterator[_DocumentNode]:
    """Yield a node, then all that is below it."""
    yield _DocumentNode(path=path, content=content)
    children = content.get("content")
    if isinstance(children, list):
        for place, child in enumerate(children):
            yield from _nodes_in(child, path=f"{path}/content/{place}")
