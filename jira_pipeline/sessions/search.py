"""Tickets found by what they say: over all sessions, or within one.

Belongs here: which hit comes first, what each shows, what was not looked through. Does not: the
texts of a ticket (`tickets/documents/passages`), how words are compared (`model/search_words`), the
index (`store/search_index`).
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.errors import GateError
from jira_pipeline.model.search_words import (
    Matcher,
    NameRole,
    Passage,
    Place,
    PlaceKind,
    Tier,
    folded,
    terms_of,
    tier_of,
)
from jira_pipeline.model.sessions import UploadSession
from jira_pipeline.review.open_session import open_session
from jira_pipeline.store.search_index import FoundTicket
from jira_pipeline.tickets.documents.kept_documents import rendering_of

QUERY_MAX = 200
HITS_MAX = 50
FEW_ABSENT = 20
"""Tickets that are indexed for whoever searches over all sessions, each in 5 to 10 ms."""
PLACES_SHOWN = 3
"""Of a hit, beside its title."""
_NUMBER = re.compile(r"#?(\d{1,9})")
_ISSUE = re.compile(r"[A-Za-z][A-Za-z0-9_]*-\d{1,9}")
_ROLES: tuple[NameRole | None, ...] = tuple(NameRole)
_KINDS = tuple(PlaceKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A ticket that a search found."""

    ticket: FoundTicket
    title_marks: tuple[tuple[int, int], ...] = ()
    role: NameRole | None = None
    """What it does with the machine name that was searched for; None: no name has all words."""
    places: tuple[Place, ...]
    """Where else it says so, the nearest first; of a name, where its row is."""
    is_meant: bool = False
    """The query is its number, or the key of its issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The result of a search."""

    query: str
    hits: tuple[Hit, ...]
    has_more: bool
    """More tickets match than are here."""
    not_indexed: Mapping[str, int]
    """How many tickets of a session no text was looked through, by its key; of those with some."""
    site_names: Mapping[str, str]
    """By the key of their session."""

    @property
    def exact_match(self) -> Hit | None:
        """The one ticket that the query names by its number, or by the key of its issue."""
        named = [hit for hit in self.hits if hit.is_meant]
        return named[0] if len(named) == 1 else None


def search(
    pipeline: Pipeline,
    query: str,
    *,
    session_key: str | None = None,
    most: int = HITS_MAX,
    is_typing: bool = False,
) -> Found:
    """Find tickets by number, issue, machine names, title, questions, answers, prose and cells.

    A hit has words that begin with every word of the query, in whatever order. The ticket of that
    number or issue comes first, then those with exactly that name, then by tier (`Tier`); alike
    ones in the order of building. Tickets that changed are indexed now, which takes as long as their
    documents do; many are within a session alone: over all, and as long as somebody types, they are
    named.

    Raises:
        StoreError: The kept copy of the session is not what was registered.
    """
    index = _index_state(pipeline, session_key)
    is_whole = session_key is not None and not is_typing
    left = FEW_ABSENT
    is_indexed = False
    for key, count in index.absent_counts.items():
        if is_whole or (key in index.current and count <= left):
            left -= count
            is_indexed |= _index(pipeline, key)
    if is_indexed:
        index = _index_state(pipeline, session_key)

    wanted = query.strip()[:QUERY_MAX]
    terms = terms_of(wanted)
    matcher = Matcher(terms)
    hits = _named(pipeline, wanted, index.site_names)
    named_ids = {hit.ticket.ticket_id for hit in hits}
    tickets = pipeline.store.search.by_words(terms, index.current, most=most + 1)
    further = [_hit(ticket, matcher) for ticket in tickets if ticket.ticket_id not in named_ids]
    hits += sorted(further, key=lambda hit: _order(hit, matcher))
    return Found(
        query=wanted,
        hits=tuple(hits[:most]),
        has_more=len(hits) > most,
        not_indexed=index.absent_counts,
        site_names=index.site_names,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _IndexState:
    """How much of some sessions is indexed, each by its key."""

    absent_counts: Mapping[str, int]
    """How many tickets are not; of sessions with some."""
    current: Collection[str]
    """The sessions whose index is of the sheets there are, by this version of the program."""
    site_names: Mapping[str, str]
    """Of all."""


def _index_state(pipeline: Pipeline, session_key: str | None) -> _IndexState:
    """Return how much of a session is indexed, or of all."""
    store = pipeline.store
    most = pipeline.settings.adf_body_max_bytes
    sessions: Sequence[UploadSession]
    if session_key is None:
        sessions = store.sessions.list_all()
    else:
        sessions = [store.sessions.get(session_key)]
    current = {
        session.session_key
        for session in sessions
        if session.rendering == rendering_of(session, body_max_bytes=most)
    }
    keys = [session.session_key for session in sessions]
    counts = store.search.indexed_counts(keys)
    absent_counts = {}
    for key in keys:
        ticket_count, indexed_count = counts.get(key, (0, 0))
        absent_count = ticket_count
        if key in current:
            absent_count -= indexed_count
        if absent_count > 0:
            absent_counts[key] = absent_count
    return _IndexState(
        absent_counts=absent_counts,
        current=current,
        site_names={session.session_key: session.site_name for session in sessions},
    )


def _index(pipeline: Pipeline, session_key: str) -> bool:
    """Index what is absent; answer False where the sheets hold no rows of a ticket any more."""
    try:
        return bool(open_session(pipeline, session_key).hashed_tickets)
    except GateError:  # an upload came since: the tickets that are written again are found again
        return False


def _named(pipeline: Pipeline, query: str, sites: Collection[str]) -> list[Hit]:
    """Find what has that number, or an issue with that key."""
    index = pipeline.store.search
    if number := _NUMBER.fullmatch(query):
        kind = PlaceKind.NUMBER
        text = str(int(number[1]))
        tickets = index.by_number(int(text), sites)
    elif _ISSUE.fullmatch(query):
        kind = PlaceKind.ISSUE
        text = query.upper()
        tickets = index.by_issue(text, sites)
    else:
        return []
    place = Place(passage=Passage(kind=kind, text=text), excerpt=text, marks=((0, len(text)),))
    return [Hit(ticket=ticket, places=(place,), is_meant=True) for ticket in tickets]


def _hit(ticket: FoundTicket, matcher: Matcher) -> Hit:
    """Make the hit of a ticket: by a machine name that has all words, else by its other texts."""
    title_marks = matcher.marks_in(ticket.title)
    names = [
        passage
        for passage in ticket.passages
        if passage.role is not None and matcher.terms_in(passage.text) == matcher.terms
    ]
    if not names:
        places = [matcher.place_in(passage) for passage in _explaining(ticket, matcher)]
        return Hit(ticket=ticket, title_marks=title_marks, places=tuple(places))

    def by_rank(name: Passage) -> tuple[bool, int]:
        """Put a name that is the query before others; then its role decides."""
        is_part_only = not _is_whole(name, matcher)
        return is_part_only, _ROLES.index(name.role)

    name = min(names, key=by_rank)
    place = matcher.place_in(name)
    return Hit(ticket=ticket, title_marks=title_marks, role=name.role, places=(place,))


def _explaining(ticket: FoundTicket, matcher: Matcher) -> list[Passage]:
    """Return passages that have the words which the title has not, few that have many first."""
    left = matcher.terms - matcher.terms_in(ticket.title)
    matching = []
    for passage in ticket.passages:
        if passage.kind in {PlaceKind.NAME, PlaceKind.TITLE}:
            continue
        terms = matcher.terms_in(passage.text)
        if terms:
            matching.append((terms, passage))
    matching.sort(key=lambda pair: _KINDS.index(pair[1].kind))
    chosen: list[Passage] = []
    while left and matching and len(chosen) < PLACES_SHOWN:
        terms, nearest = max(matching, key=lambda pair: len(pair[0] & left))
        if not terms & left:
            break
        chosen.append(nearest)
        left -= terms
    return chosen


def _is_whole(name: Passage, matcher: Matcher) -> bool:
    return folded(name.text) in matcher.terms


def _order(hit: Hit, matcher: Matcher) -> tuple[bool, int, str, int]:
    """Sort hits whose name is the query first, then by tier, session and number."""
    is_whole = False
    if hit.role is not None:
        is_whole = _is_whole(hit.places[0].passage, matcher)
        tier = tier_of(hit.role)
    elif matcher.terms_in(hit.ticket.title) == matcher.terms:
        tier = Tier.TITLE
    else:
        tier = Tier.ANYWHERE
    return not is_whole, list(Tier).index(tier), hit.ticket.session_key, hit.ticket.number
