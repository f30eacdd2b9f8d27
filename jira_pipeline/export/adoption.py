"""Issues that people made for tickets of a session: proposed, adopted once, and given back.

Belongs here: which issues of a project seem to be tickets', what a plan warns of; what is against
adopting one, the entry that makes it the ticket's, the mark that it gets. Does not: what becomes of
its text (`text_writes`), issues that carry a ticket's identity already (`settle`).

A proposal decides nothing: people name the pairs, or take all that are certain.

A decision is one entry of the ledger, a receipt of origin `adopted`, so that it is made or not,
whenever a process ends; from then on nothing is created for the ticket. The mark, identity and
label, follows in one request that twice is the same as once, and every export writes the marks that
are missing.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from operator import itemgetter

from typing_extensions import override

from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportRun,
    ExportTools,
    begin_run,
    marker_in,
    marker_of,
)
from jira_pipeline.export.lookups import PROBE_FIELDS, read_some
from jira_pipeline.export.repeated_writes import (
    Fallback,
    IssueWrites,
    ReadBack,
    RepeatedWrites,
)
from jira_pipeline.export.target import find_target, opened_for_adopting
from jira_pipeline.export.text_writes import BLOCKS_PROPERTY, NOTHING_OURS, last_text
from jira_pipeline.export.unconfirmed import reason_not_to_claim
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.exports import (
    Exists,
    FixType,
    LedgerEntry,
    LedgerEvent,
    LedgerSubject,
    NotSent,
    Origin,
    SentContent,
)
from jira_pipeline.model.grouped import grouped
from jira_pipeline.model.issue_tracker import EPIC_LEVEL, FoundIssue, IssueText, WriteAnswer
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import counted, first_named
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.search_words import folded, words_of
from jira_pipeline.model.tickets import ISSUE_FIELDS

ADOPT_PERMISSIONS = ("BROWSE_PROJECTS", "EDIT_ISSUES")


@json_fields("number title jira_key=key refusal?")
@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptedTicket:
    """What became of one pair that people named."""

    number: int
    title: str
    key: str
    """Of the issue it was about."""
    refusal: str
    """Why it was not done; empty where it was."""

    @property
    def is_done(self) -> bool:
        return not self.refusal


def parse_pairs(texts: Iterable[str]) -> Mapping[int, str]:
    """Read pairs such as `3=ABC-12`: keys of issues by number of the ticket.

    Raises:
        WrongUseError: One is no pair, or a ticket is named twice.
    """
    pairs: dict[int, str] = {}
    for text in texts:
        number, _, key = map(str.strip, text.partition("="))
        if not (re.fullmatch("[0-9]{1,9}", number) and key):
            raise WrongUseError(f"“{text}” is not a ticket and an issue, such as 3=ABC-12.")
        if int(number) in pairs:
            raise WrongUseError(
                f"Ticket {number} is named twice: with {pairs[int(number)]}, {key}."
            )
        pairs[int(number)] = key
    return pairs


def adopt_issues(
    tools: ExportTools,
    order: ExportOrder,
    *,
    pairs: Mapping[int, str],
    by: str,
    on_decided: Callable[[Sequence[AdoptedTicket]], None] = lambda _adopted: None,
) -> tuple[AdoptedTicket, ...]:
    """Make issues the tickets' that they were named for, by number of the ticket.

    `on_decided` gets them before their marks are sent, which may fail: every export sends the rest.

    Raises:
        GateError: The session has issues on another target, or an undo has not ended.
        LeaseBusyError: Another process writes to this target.
        AccessError: The account may not edit issues.
        UpstreamError: Jira cannot be asked.
    """
    with opened_for_adopting(tools, order, permissions=ADOPT_PERMISSIONS) as run:
        adopted = _adopted(run, pairs, by=by)
        on_decided(adopted)
        marking(run).bring_about()
        return adopted


def _adopted(run: ExportRun, pairs: Mapping[int, str], *, by: str) -> tuple[AdoptedTicket, ...]:
    keys = {number: key.strip().upper() for number, key in sorted(pairs.items())}
    named = Counter(keys.values())
    fields = (*PROBE_FIELDS, "issuetype")
    shown, failed = read_some(run, [*named], fields=fields, properties=(MARKER_PROPERTY,))
    issues = {issue.key: issue for issue in shown.values()}
    tickets = {r.ticket.number: r for r in run.order.rendered}
    of_tickets = {*run.tools.store.ledger.last_issues(run.target.target_id, count=None)}
    adopted = []
    for number, key in keys.items():
        rendered = tickets.get(number)
        issue = issues.get(key)
        if rendered is None:
            refusal = "the session has no such ticket"
        elif named[key] > 1:  # defence: adopts-once
            refusal = f"{key} is named for {named[key]} tickets"
        elif issue is None:
            refusal = f"Jira could not read {key}" if failed else f"Jira does not show {key}"
        elif (own := run.issue_receipt(rendered)) is None or own.remote_id != issue.issue_id:
            refusal = _objection(run, rendered, issue, of_tickets=of_tickets)
            if not refusal:
                run.commit_before_send(partial(_write, run, rendered, issue, by=by))
        else:
            refusal = ""
        title = "" if rendered is None else rendered.ticket.title
        adopted.append(AdoptedTicket(number=number, title=title, key=key, refusal=refusal))
    return tuple(adopted)


def _objection(
    run: ExportRun, rendered: RenderedTicket, issue: FoundIssue, *, of_tickets: Collection[str]
) -> str:
    """Say why an issue cannot become the ticket's; empty where it can."""
    marker = marker_of(issue)
    identity = run.identity(rendered.ticket.ticket_id)
    if rendered.is_excluded:
        return "it is skipped, so nothing of it would reach the issue"
    if not issue.key.startswith(f"{run.target.project_key}-"):  # defence: adopts-in-project
        return f"{issue.key} is in another project"
    if (issue.hierarchy_level or 0) >= EPIC_LEVEL:
        return f"{issue.key} is an epic, which `epic_keys` in session.yaml may name"
    if marker is not None and marker.identity != identity:  # defence: adopts-no-other-identity
        return f"{issue.key} is the issue of another ticket, of session {marker.session_key}"
    if issue.issue_id in of_tickets:  # defence: adopts-no-known-issue
        return f"{issue.key} is the issue of another ticket"
    match run.issue_state(rendered):
        case NotSent():
            return ""
        case Exists(receipt=receipt):
            return f"it has an issue: {receipt.remote_key}"  # defence: adopts-one
        case _:
            # defence: adopts-none-in-doubt
            return "an issue of it may exist that Jira did not confirm: settle that first"


def _write(run: ExportRun, rendered: RenderedTicket, issue: FoundIssue, *, by: str) -> object:
    """Commit that an issue is the ticket's; nothing of what the ticket says is in it so far.

    Labels, assignee and the others are people's, as on every issue that is updated.
    """
    parts = run.order.content_of(rendered.ticket) or {}
    content = {name: value if name in ISSUE_FIELDS else "" for name, value in parts.items()}
    return run.page.write(
        run.issue_subject(rendered),
        LedgerEvent.RECEIPT,
        remote_id=issue.issue_id,
        remote_key=issue.key,
        detail=f"adopted by {by}",
        sent=SentContent(rendered_hash="", revision=0, content_sha256="", content=content or None),
        origin=Origin.ADOPTED,
    )


def marking(run: ExportRun) -> RepeatedWrites[RenderedTicket]:
    """Return the marks of all adopted issues, to be written where they are missing."""
    items = [
        rendered
        for rendered in run.order.rendered
        if (receipt := run.issue_receipt(rendered)) is not None and receipt.origin is Origin.ADOPTED
    ]
    return _Marks(run, items)


class _Marks(IssueWrites):
    """The identity of a ticket as a property of an adopted issue, and the session's label."""

    fix_types = (FixType.FIELD_REJECTED,)
    thing = LedgerSubject.MARK
    lost_reason = "Jira accepted the mark but does not show it"

    @override
    def send(self, items: Sequence[RenderedTicket]) -> WriteAnswer:
        [item] = items
        run = self._run
        receipt = self._run.issue_receipt(item)
        assert receipt is not None  # noqa: S101 - only adopted issues are items
        return run.tools.tracker.mark_issue(
            run.issue_id(item),
            add_label=run.order.session_label,
            properties=_mark_of(run, receipt),
        )

    @override
    def read_back(self, items: Sequence[RenderedTicket]) -> ReadBack:
        ids = {self._run.issue_id(item): item for item in items}
        shown, _failed = read_some(
            self._run, [*ids], fields=("summary",), properties=(MARKER_PROPERTY,)
        )
        seen = {}
        for_people = {}
        for issue_id, issue in shown.items():
            marker = marker_of(issue)
            item = ids[issue_id]
            identity = self.subject(item).identity
            if marker is not None and marker.identity == self._run.identity(item.ticket.ticket_id):
                seen[identity] = "read back: it carries its identity"
            elif marker is not None:  # defence: marks-over-none
                reason = f"it is the issue of session {marker.session_key}"
                for_people[identity] = self.fallback(item, reason=reason)
        return ReadBack(seen=seen, for_people=for_people)

    @override
    def fallback(self, item: RenderedTicket, *, reason: str) -> Fallback:
        key = self._run.issue_key(item) or ""
        return Fallback(
            fix_type=FixType.FIELD_REJECTED,
            subject=LedgerSubject.MARK.value,
            title=f"Check the issue of {item.ticket.title}",
            original_value=key,
            recommended_action=(
                f"{key} was adopted, but could not be marked as this ticket's issue ({reason}). "
                "It is not updated until it is marked."
            ),
        )


def as_marked(run: ExportRun, receipt: LedgerEntry, text: IssueText) -> IssueText:
    """Return a text as an export finds it, which writes the marks that are missing first."""
    if receipt.origin is not Origin.ADOPTED or marker_in(text.properties) is not None:
        return text
    is_due = receipt.ticket_id in {item.ticket.ticket_id for item in marking(run).pending()}
    mark = _mark_of(run, receipt) if is_due else {}
    return replace(text, properties={**text.properties, **mark})


def _mark_of(run: ExportRun, receipt: LedgerEntry) -> Mapping[str, object]:
    """Return the properties of an adopted issue: whose it is, and that none of its text is ours.

    What we wrote there before it was given back the issue remembers.
    """
    # defence: nothing-adopted-is-ours
    nothing_ours = {} if last_text(run.page, receipt) else {BLOCKS_PROPERTY: NOTHING_OURS}
    return {MARKER_PROPERTY: run.marker_for(receipt).to_property(), **nothing_ours}


def unmark(run: ExportRun, issue_id: str) -> WriteAnswer:
    """Take the mark of an adopted issue away, before it stops being a ticket's.

    Which of its text is ours it goes on to remember: it may be adopted again.
    """
    return run.tools.tracker.mark_issue(
        issue_id, remove_label=run.order.session_label, properties={MARKER_PROPERTY: {}}
    )


SCANNED_MAX = 5_000
"""So many issues of a project are compared, the newest first."""
WARNED_MAX = 500
"""So many are looked at where a plan only warns: five requests."""
NAMED_MAX = 5
CERTAIN, SIMILAR, MARGIN = 65, 40, 15
"""Points of a match and of a similar issue, and by how many it must be ahead of any other.

Source: `python -m benchmarks adopt`, 27 Nov 2026: of 223 issues made by hand 23 matches, none wrong.
Read blindly, before titles that say more were kept from being matches, it was 1 of 28.
"""
IDENTITY = 200
"""Points of an issue that carries the ticket's identity."""
ITS_IDENTITY = "it carries this ticket's identity"
NEIGHBOURS_MAX = 50
"""So many issues that share a word are compared with a ticket, those with most words first."""
_VERBS = re.compile(
    r"^(configure|create|update|add|build|set up|setup|as an? [^,]{1,60}?,? i (want|need))\b\W*",
    re.IGNORECASE,
)
"""How titles begin that ask for a thing, whoever wants it."""
_NEUTRAL = frozenset({"a", "an", "the", "of", "for", "new", "implement", "make"})
"""Words beside the name of a thing that name no work but building it."""
_KINDS: Mapping[str, str] = {
    "content type": "content type|node type|ct",
    "paragraph type": "paragraph|paragraph type|component",
    "vocabulary": "vocabulary|taxonomy|terms",
    "media type": "media type|media",
    "custom block type": "block|block type",
    "webform": "webform|form",
    "view": "view|listing|list page|search page",
    "workflow": "workflow|moderation",
    "image styles": "image styles|image style",
    "responsive image styles": "responsive image styles|responsive images",
    "user roles": "role|roles|permissions",
}
"""How titles of tickets call a kind, and what people call it."""


class Likeness(StrEnum):
    """How sure it is that an issue is the ticket's."""

    MATCH = "match"
    SIMILAR = "similar"
    UNCERTAIN = "uncertain"
    """Another ticket or issue is about as likely."""


@json_fields("number title jira_key=key summary likeness points reasons")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedPair:
    """An issue that may be a ticket's."""

    number: int
    title: str
    key: str
    summary: str
    likeness: Likeness = Likeness.UNCERTAIN
    points: int
    reasons: tuple[str, ...]
    also: str = ""
    """What else its title says: of work on a thing, or on a part of it, it has name and kind too."""

    @property
    def sides(self) -> frozenset[str]:
        return frozenset({str(self.number), self.key})


@json_fields("scanned pairs unmatched")
@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedAdoption:
    scanned: int
    """How many issues of the project that are no ticket's were compared."""
    pairs: tuple[ProposedPair, ...]
    """By number of the ticket, the likeliest first."""
    unmatched: tuple[int, ...]
    """Numbers of tickets without an issue for which nothing was found."""

    @property
    def matches(self) -> Mapping[int, str]:
        """The certain pairs: keys by number of the ticket."""
        return {p.number: p.key for p in self.pairs if p.likeness is Likeness.MATCH}


def propose_adoption(
    tools: ExportTools, order: ExportOrder, *, groups: Mapping[str, EntityGroup]
) -> ProposedAdoption:
    """Say which issues of the project may be those of tickets that have none; nothing is sent."""
    run = begin_run(tools, order, find_target(tools, order), account=tools.tracker.whoami())
    tickets = [r for r in order.in_build_order if isinstance(run.issue_state(r), NotSent)]
    identities = {run.identity(r.ticket.ticket_id) for r in tickets}
    issues = _free_issues(
        run, limit=SCANNED_MAX, fields=("summary", "labels", "description"), identities=identities
    )
    words = [_IssueWords.of(issue) for issue in issues]
    # by word, else each is compared with each
    places = grouped(
        ((word, place) for place, known in enumerate(words) for word in set(known.all_words)),
        itemgetter(0),
    )
    of_identity = {  # what nothing speaks against an export finds by itself
        m.identity: n
        for n, one in enumerate(issues)
        if (m := marker_of(one)) and reason_not_to_claim(run, one)
    }
    pairs: list[ProposedPair] = []
    for rendered in tickets:
        pair_with = partial(
            ProposedPair, number=rendered.ticket.number, title=rendered.ticket.title
        )
        clues = _Clues.of(rendered, groups.get(rendered.ticket.group_key))
        near: Counter[int] = Counter()
        for word in clues.words:
            near.update(place for _, place in places.get(word, ()))
        marked = of_identity.get(run.identity(rendered.ticket.ticket_id))
        if marked is not None:
            issue = issues[marked]
            reasons = (ITS_IDENTITY,)
            pairs.append(
                pair_with(key=issue.key, summary=issue.summary, points=IDENTITY, reasons=reasons)
            )
        for place, _shared in near.most_common(NEIGHBOURS_MAX):
            issue = issues[place]
            points, seen, also = clues.compare(words[place])
            if points >= SIMILAR and marker_of(issue) is None:
                pairs.append(
                    pair_with(
                        key=issue.key,
                        summary=issue.summary,
                        points=points,
                        reasons=seen,
                        also=also,
                    )
                )
    proposed = _sorted_out(pairs)
    matched = {pair.number for pair in proposed}
    return ProposedAdoption(
        scanned=len(issues),
        pairs=proposed,
        unmatched=tuple(n for r in tickets if (n := r.ticket.number) not in matched),
    )


def titles_already_used(run: ExportRun, tickets: Sequence[RenderedTicket]) -> tuple[str, ...]:
    """Return what a plan warns of: issues that are no ticket's and have titles of these."""
    titles = {folded(rendered.summary.strip()) for rendered in tickets}
    issues = _free_issues(run, limit=WARNED_MAX, fields=("summary",)) if titles else ()
    keys = [issue.key for issue in issues if folded(issue.summary.strip()) in titles]
    if not keys:
        return ()
    has = "issue in the project has the title of a ticket"
    have = "issues in the project have titles of tickets"
    warning = (
        f"{counted(len(keys), has, have)} ({first_named(keys, NAMED_MAX)}): an export creates "
        "these once more. To use them instead, adopt them first."
    )
    return (warning,)


def _free_issues(
    run: ExportRun, *, limit: int, fields: Collection[str], identities: Collection[str] = ()
) -> list[FoundIssue]:
    """Return the issues of the project that are no ticket's, newest first, as the index knows them.

    With those that carry one of these identities: a restored store has forgotten them.
    """
    of_tickets = {*run.tools.store.ledger.last_issues(run.target.target_id, count=None)}
    issues = run.tools.tracker.search(
        f"project = {run.target.project_id} ORDER BY key DESC",
        fields=(*fields, "issuetype"),
        properties=(MARKER_PROPERTY,),
        limit=limit,
    )
    return [
        issue
        for issue in issues
        if issue.issue_id not in of_tickets
        and (issue.hierarchy_level or 0) < EPIC_LEVEL
        and ((marker := marker_of(issue)) is None or marker.identity in identities)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _IssueWords:
    title: str
    title_words: frozenset[str]
    labels: frozenset[str]
    all_words: frozenset[str]

    @classmethod
    def of(cls, issue: FoundIssue) -> "_IssueWords":
        title = _plain(issue.summary)
        body = "" if issue.description is None else adf_to_text(dict(issue.description))
        return cls(
            title=title,
            title_words=frozenset(title.split()),
            labels=frozenset(map(folded, issue.labels)),
            all_words=frozenset(words_of(f"{issue.summary}\n{body}\n{' '.join(issue.labels)}")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clues:
    """What a ticket's issue would say."""

    title: str
    name: str
    kind: str
    machine_name: str
    """Of the one thing that it is about; empty where it is about several."""
    words: frozenset[str]

    @classmethod
    def of(cls, rendered: RenderedTicket, group: EntityGroup | None) -> "_Clues":
        title = rendered.ticket.title
        kind, _, name = _VERBS.sub("", title).rpartition(": ")
        heads = () if group is None else group.heads
        machine_name = folded(heads[0].machine_name) if len(heads) == 1 else ""
        if not re.fullmatch(r"[a-z][a-z0-9_]{2,}", machine_name):
            machine_name = ""
        return cls(
            title=_plain(title),
            name=_plain(name or title),
            kind=folded(kind),
            machine_name=machine_name,
            words=frozenset(filter(None, {*words_of(name or title), machine_name})),
        )

    def compare(self, issue: _IssueWords) -> tuple[int, tuple[str, ...], str]:
        """Return points for what an issue has of the ticket, what that is, and what else it says."""
        if issue.title == self.title:
            return 100, ("the same name",), ""
        name_words = frozenset(self.name.split())
        share = len(name_words & issue.title_words) / max(1, len(name_words))
        points = 45 if share == 1 else round(25 * share)
        reasons = []
        if share == 1:
            reasons.append(f"its title names “{self.name}”")
        elif share:
            reasons.append(f"its title has {round(100 * share)} % of the words")
        if self.machine_name and self.machine_name in issue.all_words:
            # one that is just the name says no more than the name
            is_telling = "_" in self.machine_name or self.machine_name not in name_words
            points += 30 if is_telling or self.machine_name in issue.labels else 10
            reasons.append(f"it has the machine name {self.machine_name}")
        kinds = [k for k, called in _KINDS.items() if re.search(rf"\b({called})s?\b", issue.title)]
        if self.kind in kinds:
            points += 25
            reasons.append(f"it says {self.kind}")
        elif kinds and self.kind in _KINDS:
            points -= 40
            reasons.append(f"it says {kinds[0]}")
        known = _plain(f"{_KINDS.get(self.kind, '')}|{self.machine_name}|{self.title}").split()
        foreign = issue.title_words - {*known, *(f"{word}s" for word in known)} - _NEUTRAL
        also = " ".join(word for word in issue.title.split() if word in foreign)
        return points - min(15, 3 * len(foreign)), tuple(reasons), also


def _plain(text: str) -> str:
    """Return the words of a title without its verb and signs."""
    return " ".join(re.findall(r"[^\W_]+", folded(_VERBS.sub("", text))))


def _sorted_out(pairs: Sequence[ProposedPair]) -> tuple[ProposedPair, ...]:
    """Give each ticket and each issue to at most one: about as likely is for a person."""
    points_of = grouped(
        ((side, pair.points) for pair in pairs for side in pair.sides), itemgetter(0)
    )
    proposed = []
    taken = set[str]()
    for pair in sorted(pairs, key=lambda pair: -pair.points):
        if pair.sides & taken:
            continue
        rivals = [points for side in pair.sides for _, points in points_of[side]]
        for _side in pair.sides:
            rivals.remove(pair.points)  # its own
        likeness = Likeness.UNCERTAIN
        reasons = pair.reasons
        if pair.points - max(rivals, default=0) >= MARGIN:
            is_certain = pair.points >= CERTAIN and not pair.also
            likeness = Likeness.MATCH if is_certain else Likeness.SIMILAR
            reasons += (f"it also says “{pair.also}”",) if pair.also else ()
            taken |= pair.sides
        proposed.append(replace(pair, likeness=likeness, reasons=reasons))
    return tuple(sorted(proposed, key=lambda one: (one.number, -one.points)))
