"""Finding tickets by their texts, over all sessions or within one.

A query such as `field_begin` or `ticket office` gives a `Found` with `Hit`s: a ticket each, with the
places that match. A ticket is indexed when its document is made; some that are not yet are indexed
by the search itself, the others are counted in `not_indexed`.

Belongs here: which hit comes first, what each shows, what was not searched. Does not: the texts of a
ticket (`tickets/documents/passages`), how words are compared (`model/search_words`), the index
(`store/search_index`).
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
"""The most characters of a query; the rest is ignored."""
HITS_MAX = 50
FEW_ABSENT = 20
"""How many tickets a search over all sessions indexes first; each takes 5 to 10 ms."""
PLACES_SHOWN = 3
"""How many places a hit shows besides its title."""
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
    """What the ticket does with the machine name that was searched for; None where none matches."""
    places: tuple[Place, ...]
    """The other places that match, the nearest first; for a machine name, only that of its row."""
    is_meant: bool = False
    """Whether the query is its number, or the key of its issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The result of a search."""

    query: str
    hits: tuple[Hit, ...]
    has_more: bool
    """Whether more tickets match than are returned."""
    not_indexed: Mapping[str, int]
    """How many tickets of a session were not searched, by its key; sessions without any are absent."""
    site_names: Mapping[str, str]
    """The names of the sites by session key."""

    @property
    def exact_match(self) -> Hit | None:
        """The one ticket whose number or issue key the query is; None where none or several are."""
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
    hits = _hits_by_number(pipeline, wanted, index.site_names)
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
    """How many tickets of some sessions are not indexed."""

    absent_counts: Mapping[str, int]
    """By session key, how many tickets are not indexed; sessions without any are absent."""
    current: Collection[str]
    """The keys of sessions whose index was made from the current sheets by this version."""
    site_names: Mapping[str, str]
    """The names of all the sites by session key."""


def _index_state(pipeline: Pipeline, session_key: str | None) -> _IndexState:
    """Return how many tickets of a session, or of all sessions, are not indexed."""
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
    """Index the absent tickets of a session; return False where nothing could be indexed."""
    try:
        return bool(open_session(pipeline, session_key).hashed_tickets)
    except GateError:  # newer sheets lack the rows of a ticket; the next generation indexes again
        return False


def _hits_by_number(pipeline: Pipeline, query: str, sites: Collection[str]) -> list[Hit]:
    """Return hits for the tickets whose number or issue key the query is; none for other queries."""
    index = pipeline.store.search
    number = _NUMBER.fullmatch(query)
    if number:
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
    """Return the hit of a ticket: by a machine name with all words, or else by its other texts."""
    title_marks = matcher.marks_in(ticket.title)
    names = [
        passage
        for passage in ticket.passages
        if passage.role is not None and matcher.terms_in(passage.text) == matcher.terms
    ]
    if not names:
        places = [matcher.place_in(passage) for passage in _explaining_passages(ticket, matcher)]
        return Hit(ticket=ticket, title_marks=title_marks, places=tuple(places))

    def by_rank(name: Passage) -> tuple[bool, int]:
        """Return a sort key: a name that is the whole query comes first, then by role."""
        is_part_only = not _is_whole(name, matcher)
        return is_part_only, _ROLES.index(name.role)

    name = min(names, key=by_rank)
    place = matcher.place_in(name)
    return Hit(ticket=ticket, title_marks=title_marks, role=name.role, places=(place,))


def _explaining_passages(ticket: FoundTicket, matcher: Matcher) -> list[Passage]:
    """Return up to `PLACES_SHOWN` passages with the words that are not in the title.

    Each is the one with most of the words that no earlier one has.
    """
    words_left = matcher.terms - matcher.terms_in(ticket.title)
    matching = []
    for passage in ticket.passages:
        if passage.kind in {PlaceKind.NAME, PlaceKind.TITLE}:
            continue
        terms = matcher.terms_in(passage.text)
        if terms:
            matching.append((terms, passage))
    matching.sort(key=lambda pair: _KINDS.index(pair[1].kind))
    chosen: list[Passage] = []
    while words_left and matching and len(chosen) < PLACES_SHOWN:
        terms, nearest = max(matching, key=lambda pair: len(pair[0] & words_left))
        if not terms & words_left:
            break
        chosen.append(nearest)
        words_left -= terms
    return chosen


def _is_whole(name: Passage, matcher: Matcher) -> bool:
    return folded(name.text) in matcher.terms


def _order(hit: Hit, matcher: Matcher) -> tuple[bool, int, str, int]:
    """Return a sort key: hits whose machine name is the query, then by tier, session and number."""
    is_whole = False
    if hit.role is not None:
        is_whole = _is_whole(hit.places[0].passage, matcher)
        tier = tier_of(hit.role)
    elif matcher.terms_in(hit.ticket.title) == matcher.terms:
        tier = Tier.TITLE
    else:
        tier = Tier.ANYWHERE
    return not is_whole, list(Tier).index(tier), hit.ticket.session_key, hit.ticket.number
