"""Which tickets would say the same if they were written again, by the facts they were said from.

A ticket is said from its group and from what its rules read of the session. Where the digests of all
of that are as they were, and so is the code, it says the same: it need not be written.

Belongs here: comparing what tickets were said from with what there is now; the bytes of it. Does not:
noting what rules read (`drupal/observed_reads`), whose text is the writer's (`store/ticket_store`).
"""

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jira_pipeline.drupal.observed_reads import Place, Reads, StoredPlace, UnknownValueError
from jira_pipeline.drupal.observed_session import observed, places_now
from jira_pipeline.drupal.ticket_rows import SessionRows
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.written_from import WrittenFrom
from jira_pipeline.tickets.code_version import code_version

ROOMS = ("drupal", "model", "tickets")
"""Everything that the template and its rules import is in them."""
_FASTEST = 1
"""Level of compression: a higher one takes longer than it saves."""


@cache
def writing_code() -> str:
    """Name the code that says tickets: equal only where the same facts are said in the same words."""
    return code_version(ROOMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadsOfTicket:
    """What one ticket was said from."""

    group_digest: str
    places: Sequence[int]
    """Numbers of the places of the session where its rules read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadsOfTickets:
    """What the tickets of a session were said from."""

    places: Sequence[tuple[StoredPlace, str]]
    """Each place where a rule read, with the digest of what was there; numbered from 0."""
    tickets: Mapping[str, ReadsOfTicket]
    """By group key; a ticket that is not here has to be written."""

    @property
    def as_bytes(self) -> bytes:
        tickets = {key: (reads.group_digest, reads.places) for key, reads in self.tickets.items()}
        text = json.dumps({"places": self.places, "tickets": tickets}, separators=(",", ":"))
        return zlib.compress(text.encode(), _FASTEST)


NOTHING_KNOWN = ReadsOfTickets(places=(), tickets={})


def _reads_in(stored: bytes) -> ReadsOfTickets:
    fields = json.loads(zlib.decompress(stored))
    return ReadsOfTickets(
        places=[(tuple(place), digest) for place, digest in fields["places"]],
        tickets={
            key: ReadsOfTicket(group_digest=group_digest, places=places)
            for key, (group_digest, places) in fields["tickets"].items()
        },
    )


class SessionReads:
    """What the tickets of a session are said from now, compared with the last time."""

    def __init__(self, session: SessionRows, before: WrittenFrom | None) -> None:
        """Begin with what was kept before; what other code said counts as not known."""
        self._session = session
        self._now = places_now(session)
        is_of_this_code = before is not None and before.code == writing_code()
        self._before = _reads_in(before.reads) if before and is_of_this_code else NOTHING_KNOWN
        self._observed: dict[str, Reads] = {}
        self._places_read: dict[Place, tuple[StoredPlace, str]] = {}

    def unchanged(self) -> frozenset[str]:
        """Return the keys of the groups whose tickets would say what they said the last time."""
        changed_places: set[int] = set()
        for number, (place, digest) in enumerate(self._before.places):
            if self._digest_at(place) != digest:
                changed_places.add(number)
        unchanged: set[str] = set()
        for group_key, reads in self._before.tickets.items():
            group = self._session.groups.get(group_key)
            if group is None or not changed_places.isdisjoint(reads.places):
                continue
            if self._now.hashes.of(group) == reads.group_digest:
                unchanged.add(group_key)
        return frozenset(unchanged)

    def _digest_at(self, place: StoredPlace) -> str | None:
        try:
            return self._now.digest_at(place)
        except (LookupError, AttributeError, TypeError):  # a value of another class may be there
            return None

    def observed_for(self, group: EntityGroup) -> SessionRows:
        """Return the session for the rules of one ticket: what they read of it is noted."""
        session, self._observed[group.key] = observed(self._session)
        return session

    def kept(self, session_key: str, group_keys: Collection[str]) -> WrittenFrom:
        """Return what to keep of the tickets of these groups, said now or before."""
        numbers: dict[tuple[StoredPlace, str], int] = {}
        tickets: dict[str, ReadsOfTicket] = {}
        for group_key in sorted(group_keys):
            reads = self._reads_of(group_key)
            if reads is not None:
                group_digest, places = reads
                # Two tickets may have been said at different times from what was at one place.
                places_of_ticket = [numbers.setdefault(place, len(numbers)) for place in places]
                tickets[group_key] = ReadsOfTicket(
                    group_digest=group_digest, places=places_of_ticket
                )
        reads_now = ReadsOfTickets(places=[*numbers], tickets=tickets)
        return WrittenFrom(session_key=session_key, code=writing_code(), reads=reads_now.as_bytes)

    def _reads_of(self, group_key: str) -> tuple[str, Sequence[tuple[StoredPlace, str]]] | None:
        """Return the digest of a group, and the places where its rules read, with theirs.

        None where it was not said from what anybody noted, or something has no digest.
        """
        reads = self._observed.get(group_key)
        if reads is not None:
            try:
                group_digest = self._now.hashes.of(self._session.groups[group_key])
                return group_digest, [self._place_read(*read) for read in reads.values.items()]
            except UnknownValueError:
                return None
        reads_before = self._before.tickets.get(group_key)
        if reads_before is None:
            return None
        places = [self._before.places[number] for number in reads_before.places]
        return reads_before.group_digest, places

    def _place_read(self, place: Place, value: object) -> tuple[StoredPlace, str]:
        """Return a place and what was read there, as they are stored."""
        if place not in self._places_read:
            self._places_read[place] = self._now.stored(place), self._now.hashes.of(value)
        return self._places_read[place]
