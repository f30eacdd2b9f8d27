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

from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    ExportRun,
    is_epic,
    is_worth_waiting,
    marker_of,
    names_of_tickets,
)
from jira_pipeline.export.fields import NO_EPICS, IssueFields
from jira_pipeline.export.ledger_page import unanswered_creations
from jira_pipeline.export.lookups import NOT_FOUND
from jira_pipeline.export.text_writes import BLOCKS_PROPERTY, blocks_of, wanted_hash_of
from jira_pipeline.export.unconfirmed import UnconfirmedWrites
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.jira.adf.nodes import compact_json_bytes
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.actions import Action, ActionKind
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

_OF_PROJECT = {"project", "issuetype"}
"""What Jira names when these are gone, as another way than 404."""

UNANSWERED_MAX = 3  # defence: unanswered-limit
"""So many creations in a row, a bulk counting as one, may have no known outcome."""

FIELD = "description"
DOCUMENT_REFUSALS = ("CONTENT_LIMIT_EXCEEDED", "INVALID_INPUT", "Atlassian Document")
"""What Jira says of a document where it names no field; seen by users of its clients."""
_OF_SIZE = re.compile(r"limit|too (long|large|big)|exceed", re.IGNORECASE)
_PLAIN_WORDS = {"doc", "text"}
EXCERPT_MAX_CHARS = 80


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
        """Of the last batch those whose creation a gateway limited, or the answer to it."""

    def batch_limit(self) -> int:
        """Return how many tickets may be sent at once.

        The issues of a bulk differ by their markers alone. So the first issue of ours on a target is sent
        by itself, and unless it comes back with its marker, all others are too.
        """
        if self._run.order.batch_size == 1:
            return 1
        if self._is_bulk_safe is None and (receipts := self._run.page.issue_receipts()):
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
        # as long as Jira or the settings ask, before any intent is committed
        tools = self._run.tools
        fixed = self._run.order.create_delay_seconds if self.sent else 0.0
        due = max(self._not_before, tools.monotonic() + fixed)
        try:
            tools.tracker.await_creation(is_bulk=len(batch) > 1)
            if tools.monotonic() < due:
                self._run.wait_until(due)
                tools.tracker.await_creation(is_bulk=len(batch) > 1)
        except RateLimitedError as error:
            error.failed_at_ticket_number = batch[0].ticket.number
            raise

        # where the last creation went unanswered Jira has to answer before more is risked: neither
        # does a process that starts again in an outage send a ticket, nor is a resend spent in one
        is_again = any(self._is_resend(rendered) for rendered in batch)
        # defence: no-risk-in-outage
        if unanswered_creations(self._run.page) and (is_again or not self.sent):
            self._ask_for_nothing(batch)

        drafts = self._run.commit_before_send(lambda: [self._intend(r) for r in batch])
        self.sent += len(batch)
        answers = self._answers(batch, drafts)
        for rendered, answer in zip(batch, answers, strict=True):
            subject = self._run.issue_subject(rendered)
            self._run.page.write_answer(subject, answer)
            self.created += isinstance(answer, Created)
            if isinstance(answer, Unknown):
                self._unconfirmed.note_sent(subject.identity)
        answered = tuple(zip(batch, answers, strict=True))
        self.limited = tuple(rendered for rendered, answer in answered if _limit_in(answer))
        self._stop_in_an_outage(batch, answers)
        self._follow_refusals(batch, answers)

    def _intend(self, rendered: RenderedTicket) -> IssueDraft:
        """Commit the intent of a creation and return what it will send, marked with it."""
        run = self._run
        what = self._run.issue_subject(rendered)
        fields = self._fields.fields(rendered)
        description = fields.get("description")
        document = description if isinstance(description, Mapping) else None
        intent = run.page.write(
            what,
            LedgerEvent.INTENT,
            low_bound=run.page.highest_number(run.target.project_key),  # defence: low-bound
            sent=SentContent(
                rendered_hash=rendered.rendered_hash,
                revision=rendered.ticket.revision.number,
                content_sha256=run.order.content_sha256,
                content=run.order.content_of(rendered.ticket),
                created_hash=wanted_hash_of(rendered.summary, document),
            ),
        )
        return IssueDraft(
            fields=fields,
            properties={
                MARKER_PROPERTY: run.marker_for(intent).to_property(),
                BLOCKS_PROPERTY: blocks_of(rendered.summary, description),
            },
        )

    def _answers(
        self, batch: Sequence[RenderedTicket], drafts: Sequence[IssueDraft]
    ) -> list[WriteAnswer]:
        if len(drafts) == 1:
            [draft] = drafts
            single = self._run.tools.tracker.create_issue(draft.fields, draft.properties)
            if isinstance(single, Created) and single.remote_id in self._run.page.known_ids:
                named = single.remote_key or single.remote_id
                return [Unknown(reason=f"Jira's response names {named}, which already existed.")]
            return [single]
        answer = self._run.tools.tracker.create_issues(drafts)
        if not isinstance(answer, BulkAnswered):
            return [answer] * len(drafts)

        # which element is which: refusals count when they are exactly the others
        identities = [self._run.identity(rendered.ticket.ticket_id) for rendered in batch]
        by_id = {created.remote_id: created for created in answer.created}
        try:
            seen = self._read_markers(list(by_id)) if by_id else {}
        except UpstreamError:
            logger.warning("bulk issues could not be read back; they are looked up later")
            seen = {}
        read = {identity: seen[identity] for identity in identities if identity in seen}
        self._run.page.note_read(read.values())
        found = {identity: by_id[issue.issue_id] for identity, issue in read.items()}
        unseen = {place for place, identity in enumerate(identities) if identity not in found}
        is_consistent = unseen == set(answer.failed)  # defence: consistent-bulk
        lost = Unknown(reason="Jira's bulk response does not mention this issue.")
        return [
            found.get(identity) or (answer.failed[place] if is_consistent else lost)
            for place, identity in enumerate(identities)
        ]

    def _read_markers(self, issue_ids: Sequence[str]) -> dict[str, FoundIssue]:
        answer = self._run.tools.tracker.bulk_fetch(
            issue_ids, fields=("summary",), properties=(MARKER_PROPERTY,)
        )
        wanted = set(issue_ids)
        return {
            marker.identity: issue
            for issue in answer.issues
            if (marker := marker_of(issue)) is not None and issue.issue_id in wanted
        }

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
                    NothingDone(error=RateLimitedError() as asked)
                    | Unknown(limit=RateLimitedError() as asked)
                ) if is_worth_waiting(asked, throttled=waits + 1):
                    waits += 1
                    self._run.wait_until(self._run.tools.monotonic() + asked.wait_seconds)
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
        unanswered = unanswered_creations(self._run.page)
        lost = {identity for creation in unanswered for identity in creation}
        outage = OutageError(
            session_key=self._run.order.session_key,
            target=self._run.target.name,
            numbers=names_of_tickets(
                sorted(
                    (
                        rendered.ticket
                        for rendered in self._run.order.issues
                        if self._run.identity(rendered.ticket.ticket_id) in lost
                    ),
                    key=lambda ticket: ticket.number,
                )
            ),
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
        throttled = [a.error for _, a in refused if isinstance(a.error, RateLimitedError)]
        limits = [limit for answer in answers if (limit := _limit_in(answer)) is not None]
        self._throttled = self._throttled + 1 if throttled or limits else 0
        stops = [pair for pair in refused if not self._may_go_again(*pair)]
        if stops:
            raise self._hard_stop(*stops[0])
        for limit in limits:
            if not is_worth_waiting(limit, throttled=self._throttled):
                limit.failed_at_ticket_number = batch[0].ticket.number
                raise limit
        for error in (*throttled, *limits):
            turn = self._run.tools.monotonic() + error.wait_seconds
            self._not_before = max(self._not_before, turn)

    def _may_go_again(self, rendered: RenderedTicket, answer: NothingDone) -> bool:
        """Tell whether a refused ticket can be sent once more, with less in it or later."""
        if isinstance(answer.error, RateLimitedError):
            return is_worth_waiting(answer.error, throttled=self._throttled)
        return not is_description_refused(answer) and self._fields.drop_refused(
            rendered, answer.field_errors
        )

    def _hard_stop(self, rendered: RenderedTicket, answer: NothingDone) -> UpstreamError:
        ticket = rendered.ticket
        name = f"Ticket {ticket.number} ({ticket.title})"
        if is_epic(ticket):
            name = f"The epic “{ticket.title}”"
        logger.error("session %s stops at ticket %d", ticket.session_key, ticket.number)
        error = answer.error
        if is_description_refused(answer):
            error = description_refused(rendered, answer)
        elif isinstance(error, RefusedError):
            is_project = error.status_code == NOT_FOUND or _OF_PROJECT & error.field_errors.keys()
            ways_out: tuple[Action | str, ...] = (
                "Correct what the message names, then validate again.",
                Action.of(
                    ActionKind.SKIP_TICKET,
                    "Or, if a workflow rule refuses it, leave it out: {}.",
                    session_key=ticket.session_key,
                    number=ticket.number,
                ),
            )
            if is_project:
                look = "{} shows whether the project and its issue type still exist."
                key = ticket.session_key
                ways_out = (Action.of(ActionKind.CHECK_PROJECT, look, session=key),)
            elif is_epic(ticket):
                ways_out = (NO_EPICS,)
            error = RefusedError(
                f"{name} was refused. {answer.reason}",
                field_errors=error.field_errors,
                status_code=error.status_code,
                recovery_actions=(
                    *ways_out,
                    "Export again; existing issues are not created again.",
                ),
            )
        error.failed_at_ticket_number = ticket.number
        return error


def _limit_in(answer: WriteAnswer) -> RateLimitedError | None:
    """Return the wait a gateway asked for, where the creation may have been done before that."""
    return answer.limit if isinstance(answer, Unknown) else None


def is_description_refused(answer: NothingDone) -> bool:
    return FIELD in answer.field_errors or any(text in answer.reason for text in DOCUMENT_REFUSALS)


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

    A node of a kind that it names, or of a document it finds too large the largest block.
    """
    words = set(re.findall(r"\w+", refusal))
    nodes = list(_nodes_in(document, path=""))
    named = [
        (path, node) for path, node in nodes if path and node.get("type") in words - _PLAIN_WORDS
    ]
    if named:
        path, node = named[-1]
        return _excerpt_of(path, node)
    blocks = [(path, node) for path, node in nodes if path.count("/") == len(("content", "0"))]
    if not blocks or not _OF_SIZE.search(refusal):
        return None
    path, node = max(blocks, key=lambda block: compact_json_bytes(dict(block[1])))
    return (
        f"{_excerpt_of(path, node)}, with {compact_json_bytes(dict(node))} bytes the largest part"
    )


def _nodes_in(
    node: Mapping[str, object], *, path: str
) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield path, node
    children = node.get("content")
    for place, child in enumerate(children if isinstance(children, list) else ()):
        yield from _nodes_in(child, path=f"{path}/content/{place}")


def _excerpt_of(path: str, node: Mapping[str, object]) -> str:
    text = " ".join(adf_to_text(adf.doc([dict(node)])).split())
    excerpt = text if len(text) <= EXCERPT_MAX_CHARS else f"{text[:EXCERPT_MAX_CHARS]} …"
    return f"{node.get('type')} at {path}" + (f" (“{excerpt}”)" if excerpt else "")
