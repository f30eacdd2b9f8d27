"""Issues of a project that people may have made for tickets of a session: proposed, never adopted.

Belongs here: which issues seem to be tickets', how sure that is, what a plan warns of. Does not:
what is against adopting one, and adopting it (`adoption`).

A proposal decides nothing: people name the pairs, or take all that are certain.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from jira_pipeline.export.export_run import (
    MARKER_PROPERTY,
    ExportOrder,
    ExportRun,
    ExportTools,
    begin_run,
    marker_of,
)
from jira_pipeline.export.target import find_target
from jira_pipeline.export.unconfirmed import reason_not_to_claim
from jira_pipeline.jira.adf.to_text import adf_to_text
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.exports import NotSent
from jira_pipeline.model.issue_tracker import EPIC_LEVEL, FoundIssue
from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import first_named, format_count
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.search_words import folded, words_of

SCANNED_MAX = 5_000
"""So many issues of a project are compared, the newest first."""
WARNED_MAX = 500
"""So many are looked at where a plan only warns: five requests."""
NAMED_MAX = 5
CERTAIN = 65
"""Points of a match.

Source: `python -m benchmarks adopt`, 27 Nov 2026: of 223 issues made by hand 23 matches, none wrong.
Read blindly, before titles that say more were kept from being matches, it was 1 of 28.
"""
SIMILAR = 40
"""Points of a similar issue."""
MARGIN = 15
"""By how many points a match or a similar issue must be ahead of any other."""
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
        return {pair.number: pair.key for pair in self.pairs if pair.likeness is Likeness.MATCH}


def propose_adoption(
    tools: ExportTools, order: ExportOrder, *, groups: Mapping[str, EntityGroup]
) -> ProposedAdoption:
    """Say which issues of the project may be those of tickets that have none; nothing is sent."""
    run = begin_run(tools, order, find_target(tools, order), account=tools.tracker.whoami())
    tickets = [
        rendered
        for rendered in order.in_build_order
        if isinstance(run.issue_state(rendered), NotSent)
    ]
    issues = _free_issues(
        run,
        limit=SCANNED_MAX,
        fields=("summary", "labels", "description"),
        identities={run.identity(rendered.ticket.ticket_id) for rendered in tickets},
    )
    index = _WordIndex(issues)
    marked_issues = _marked_issues(run, issues)
    pairs: list[ProposedPair] = []
    for rendered in tickets:
        marked = marked_issues.get(run.identity(rendered.ticket.ticket_id))
        if marked is not None:
            by_identity = _Comparison(points=IDENTITY, reasons=(ITS_IDENTITY,))
            pairs.append(_proposed_pair(rendered, marked, by_identity))
        clues = _Clues.of(rendered, groups.get(rendered.ticket.group_key))
        for issue, words in index.neighbours(clues):
            comparison = clues.compare(words)
            if comparison.points >= SIMILAR and marker_of(issue) is None:
                pairs.append(_proposed_pair(rendered, issue, comparison))
    proposed = _unrivalled(pairs)
    matched = {pair.number for pair in proposed}
    unmatched = [
        rendered.ticket.number for rendered in tickets if rendered.ticket.number not in matched
    ]
    return ProposedAdoption(scanned=len(issues), pairs=proposed, unmatched=tuple(unmatched))


def _marked_issues(run: ExportRun, issues: Iterable[FoundIssue]) -> Mapping[str, FoundIssue]:
    """Return issues that carry an identity of the session, by it, and that people have to decide about.

    Those that nothing speaks against an export finds by itself.
    """
    marked = {}
    for issue in issues:
        marker = marker_of(issue)
        if marker is not None and reason_not_to_claim(run, issue):
            marked[marker.identity] = issue
    return marked


def _proposed_pair(
    rendered: RenderedTicket, issue: FoundIssue, comparison: "_Comparison"
) -> ProposedPair:
    """Return a ticket and an issue that people may have made for it, with how much they agree."""
    return ProposedPair(
        number=rendered.ticket.number,
        title=rendered.ticket.title,
        key=issue.key,
        summary=issue.summary,
        points=comparison.points,
        reasons=comparison.reasons,
        also=comparison.also,
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
        f"{format_count(len(keys), has, have)} ({first_named(keys, NAMED_MAX)}): an export creates "
        "these once more. To use them instead, adopt them first."
    )
    return (warning,)


def _free_issues(
    run: ExportRun, *, limit: int, fields: Collection[str], identities: Collection[str] = ()
) -> list[FoundIssue]:
    """Return the issues of the project that are no ticket's, newest first, as the index knows them.

    With those that carry one of these identities: a restored store has forgotten them.
    """
    of_tickets = set(run.tools.store.ledger.last_issues(run.target.target_id, count=None))
    issues = run.tools.tracker.search(
        f"project = {run.target.project_id} ORDER BY key DESC",
        fields=(*fields, "issuetype"),
        properties=(MARKER_PROPERTY,),
        limit=limit,
    )
    free = []
    for issue in issues:
        is_epic = (issue.hierarchy_level or 0) >= EPIC_LEVEL
        if is_epic or issue.issue_id in of_tickets:
            continue
        marker = marker_of(issue)
        if marker is None or marker.identity in identities:
            free.append(issue)
    return free


@dataclass(frozen=True, slots=True, kw_only=True)
class _IssueWords:
    title: str
    title_words: frozenset[str]
    labels: frozenset[str]
    all_words: frozenset[str]

    @classmethod
    def of(cls, issue: FoundIssue) -> "_IssueWords":
        """Read the words of an issue: its title, its labels, and all with its description."""
        title = _plain(issue.summary)
        body = "" if issue.description is None else adf_to_text(dict(issue.description))
        labels = " ".join(issue.labels)
        return cls(
            title=title,
            title_words=frozenset(title.split()),
            labels=frozenset(map(folded, issue.labels)),
            all_words=frozenset(words_of(f"{issue.summary}\n{body}\n{labels}")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Comparison:
    """How much an issue has of a ticket."""

    points: int
    reasons: tuple[str, ...]
    """What it has, for people."""
    also: str = ""
    """What else its title says (`ProposedPair.also`)."""


class _WordIndex:
    """Issues by the words they have, else each would be compared with each ticket."""

    def __init__(self, issues: Sequence[FoundIssue]) -> None:
        self._issues = issues
        self._words = [_IssueWords.of(issue) for issue in issues]
        self._places_by_word: dict[str, list[int]] = defaultdict(list)
        for place, words in enumerate(self._words):
            for word in words.all_words:
                self._places_by_word[word].append(place)

    def neighbours(self, clues: "_Clues") -> Iterator[tuple[FoundIssue, _IssueWords]]:
        """Yield the issues that share words with a ticket, those with most words first."""
        shared_counts: Counter[int] = Counter()
        for word in clues.words:
            shared_counts.update(self._places_by_word.get(word, ()))
        for place, _count in shared_counts.most_common(NEIGHBOURS_MAX):
            yield self._issues[place], self._words[place]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clues:
    """What a ticket's issue would say."""

    title: str
    name: str
    kind: str
    machine_name: str
    """Machine name of the one thing that the ticket is about; empty where it is about several."""
    words: frozenset[str]

    @classmethod
    def of(cls, rendered: RenderedTicket, group: EntityGroup | None) -> "_Clues":
        """Read the clues from a title such as "Create content type: Page", and from its one row."""
        title = rendered.ticket.title
        kind, _, name = _VERBS.sub("", title).rpartition(": ")
        heads = () if group is None else group.heads
        machine_name = folded(heads[0].machine_name) if len(heads) == 1 else ""
        if not re.fullmatch(r"[a-z][a-z0-9_]{2,}", machine_name):
            machine_name = ""
        words = {*words_of(name or title), machine_name} - {""}
        return cls(
            title=_plain(title),
            name=_plain(name or title),
            kind=folded(kind),
            machine_name=machine_name,
            words=frozenset(words),
        )

    def compare(self, issue: _IssueWords) -> _Comparison:
        """Give points for what an issue has of the ticket, fewer where it says something else too."""
        if issue.title == self.title:
            return _Comparison(points=100, reasons=("the same name",))
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
        kinds = [
            kind
            for kind, pattern in _KINDS.items()
            if re.search(rf"\b({pattern})s?\b", issue.title)
        ]
        if self.kind in kinds:
            points += 25
            reasons.append(f"it says {self.kind}")
        elif kinds and self.kind in _KINDS:
            points -= 40
            reasons.append(f"it says {kinds[0]}")
        foreign = self._foreign_words(issue)
        points -= min(15, 3 * len(foreign))
        also = " ".join(word for word in issue.title.split() if word in foreign)
        return _Comparison(points=points, reasons=tuple(reasons), also=also)

    def _foreign_words(self, issue: _IssueWords) -> frozenset[str]:
        """Return the words of an issue's title that neither name the ticket's thing nor its kind."""
        kind_words = _KINDS.get(self.kind, "")
        own_words = _plain(f"{kind_words}|{self.machine_name}|{self.title}").split()
        plurals = {f"{word}s" for word in own_words}
        return issue.title_words - set(own_words) - plurals - _NEUTRAL


def _plain(text: str) -> str:
    """Return the words of a title without its verb and signs."""
    return " ".join(re.findall(r"[^\W_]+", folded(_VERBS.sub("", text))))


def _unrivalled(pairs: Sequence[ProposedPair]) -> tuple[ProposedPair, ...]:
    """Give each ticket and each issue to at most one: about as likely is for a person."""
    points_by_side: dict[str, list[int]] = defaultdict(list)
    for pair in pairs:
        for side in pair.sides:
            points_by_side[side].append(pair.points)
    proposed = []
    taken: set[str] = set()
    for pair in sorted(pairs, key=lambda pair: -pair.points):
        if pair.sides & taken:
            continue
        rival_points = []
        for side in pair.sides:
            rival_points += points_by_side[side]
            rival_points.remove(pair.points)  # its own
        if pair.points - max(rival_points, default=0) < MARGIN:
            proposed.append(replace(pair, likeness=Likeness.UNCERTAIN))
            continue
        taken |= pair.sides
        if pair.also:
            reasons = (*pair.reasons, f"it also says “{pair.also}”")
            proposed.append(replace(pair, likeness=Likeness.SIMILAR, reasons=reasons))
        else:
            is_certain = pair.points >= CERTAIN
            likeness = Likeness.MATCH if is_certain else Likeness.SIMILAR
            proposed.append(replace(pair, likeness=likeness))
    return tuple(sorted(proposed, key=lambda pair: (pair.number, -pair.points)))
