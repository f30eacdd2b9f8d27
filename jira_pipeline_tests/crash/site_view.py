"""What a site holds of a session, and what must be true of it, read from the sandbox's own tables.

Belongs here: reading, the rules that hold after every export whatever ended or killed it; the one
epic above; what people made before. Does not: what may go wrong in a schedule, and what only a
process or the ledger says (`faults/judging`).

Source: docs/export.md, Invariants.
"""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jira_pipeline.export.ledger_comparison import DOUBLED, TWINS_LOOKED_INTO_MAX
from jira_pipeline.export.lookups import UNWITNESSED_MARGIN
from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.model.manual_fixes import FixType, ManualFix
from jira_pipeline.model.rendered_tickets import RenderedTicket, hashed_file_name
from jira_pipeline_tests.crash.by_hand import HANDMADE, TYPED
from jira_pipeline_tests.crash.other_sites import CopiedThings

BLOCKS, RELATES = "10000", "10003"
NOTHING_COPIED = CopiedThings()
REQUESTS_PER_TICKET_MAX = 12
REQUESTS_BASE_MAX = 150
LINK_TYPES = (BLOCKS, RELATES)
KEY = re.compile(r"[A-Z]+-[0-9]+")
NUMBERS_PER_REQUEST_MIN = 90
"""Of the 100 of a request some are sentinels."""
REQUESTS_PER_START_MAX = 15
"""Source: docs/export.md, Invariants. 13 were needed where a proxy ended 17 processes of 19."""
REQUESTS_PER_PAIR = 8
"""Source: docs/export.md, Invariants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """What a site holds of a session, and what people were told."""

    tickets: tuple[RenderedTicket, ...]
    issue_ids: Mapping[str, tuple[int, ...]]
    """By ticket id, lowest first, without those that people deleted."""
    first_ids: Mapping[str, int]
    """By ticket id: what was created first, deleted or not."""
    other_ids: frozenset[int]
    """Issues that are no ticket's."""
    id_of_key: Mapping[str, int]
    """Former keys included."""
    key_of_id: Mapping[int, str]
    links: Counter[tuple[str, int, int]]
    files: Counter[tuple[int, str]]
    contents: Mapping[tuple[int, str], bytes]
    marked_ids: frozenset[int]
    labelled_ids: frozenset[int]
    created_in_order: tuple[int, ...]
    parent_ids: Mapping[int, int]
    sprint_ids: frozenset[int]
    """Issues that are in a sprint."""
    request_count: int
    number_request_count: int
    """Of these, readings of issues by number."""
    alone_count: int
    """Of these, creations of a single issue, as everything that is sent again is."""
    last_number: int
    """The highest number of the project, whatever became of its issue."""
    double_count: int
    """Issues of tickets that have an earlier one, those included that people deleted."""
    fixes: tuple[ManualFix, ...]

    def reported_ids(self, ticket_id: str) -> frozenset[int]:
        """Return the issues of a ticket that a person was told are too many."""
        keys = (
            key
            for fix in self.fixes
            if fix.fix_type is FixType.ORPHAN_ISSUE and fix.ticket_id == ticket_id
            for key in KEY.findall(f"{fix.jira_key} {fix.original_value}")
        )
        return frozenset(self.id_of_key[key] for key in keys if key in self.id_of_key)

    def is_doubt_reported(self, ticket_id: str) -> bool:
        return any(
            fix.fix_type is FixType.ORPHAN_ISSUE and fix.ticket_id == ticket_id
            for fix in self.fixes
        )

    def is_listed(self, ticket_id: str, fix_type: FixType, subject: str) -> bool:
        return any(
            (fix.ticket_id, fix.fix_type, fix.subject) == (ticket_id, fix_type, subject)
            for fix in self.fixes
        )


def view_site(
    rows: sqlite3.Connection,
    tickets: tuple[RenderedTicket, ...],
    *,
    titles: Mapping[str, str] | None = None,
    adopted: Mapping[str, int] | None = None,
    fixes: tuple[ManualFix, ...] = (),
    copies: CopiedThings = NOTHING_COPIED,
) -> SiteView:
    """Read a site's tables and journal.

    `titles` are those the issues of tickets were created with, where these are others now;
    `adopted` are issues by ticket that people had made.
    """
    created = _created(rows)
    files = rows.execute("SELECT issue_id, filename, content FROM attachment").fetchall()
    there = _ids(rows, "SELECT id AS issue_id FROM issue")
    by_title = titles or {t.summary: t.ticket.ticket_id for t in tickets}
    ids: dict[str, list[int]] = {ticket_id: [] for ticket_id in by_title.values()}
    for ticket_id, issue_id in (adopted or {}).items():
        ids[ticket_id].append(issue_id)
    for issue_id, summary in created:
        if summary in by_title:  # the epic is not ours
            ids[by_title[summary]].append(issue_id)
    return SiteView(
        tickets=tickets,
        issue_ids={
            ticket_id: tuple(sorted(there.intersection(found))) for ticket_id, found in ids.items()
        },
        first_ids={ticket_id: found[0] for ticket_id, found in ids.items() if found},
        other_ids=there - frozenset(i for found in ids.values() for i in found),
        id_of_key=_id_of_key(rows),
        key_of_id={row["id"]: row["key"] for row in rows.execute("SELECT id, key FROM issue")},
        links=_links(rows, copied_ids=copies.issue_ids),
        files=Counter((row["issue_id"], row["filename"]) for row in files) - copies.files,
        contents={(row["issue_id"], row["filename"]): bytes(row["content"]) for row in files},
        marked_ids=_ids(rows, "SELECT issue_id FROM issue_property WHERE key = 'jira_pipeline'"),
        labelled_ids=_ids(rows, "SELECT issue_id FROM issue_label WHERE label = 'jp-site'"),
        created_in_order=tuple(issue_id for issue_id, _summary in created),
        parent_ids={
            row["id"]: row["parent_id"]
            for row in rows.execute("SELECT id, parent_id FROM issue WHERE parent_id NOT NULL")
        },
        sprint_ids=_ids(rows, "SELECT issue_id FROM issue_sprint") - copies.sprint_ids,
        request_count=rows.execute("SELECT count(*) FROM journal_request").fetchone()[0],
        number_request_count=rows.execute(
            "SELECT count(*) FROM journal_request WHERE path LIKE '%/bulkfetch'"
        ).fetchone()[0],
        alone_count=rows.execute(
            "SELECT count(*) FROM journal_request WHERE method = 'POST' AND path LIKE '%/issue'"
        ).fetchone()[0],
        last_number=rows.execute("SELECT max(last_number) FROM project").fetchone()[0],
        double_count=sum(len(found) - 1 for found in ids.values() if found),
        fixes=fixes,
    )


def _created(rows: sqlite3.Connection) -> list[tuple[int, str]]:
    """Return id and summary of every issue a request created, in that order."""
    return [
        (row["issue_id"], row["summary"])
        for row in rows.execute(
            "SELECT issue_id, json_extract(detail, '$.summary') AS summary FROM journal_change"
            " WHERE change = 'issue_created' ORDER BY sequence"
        )
    ]


def _id_of_key(rows: sqlite3.Connection) -> dict[str, int]:
    return {
        row["key"]: row["id"]
        for row in rows.execute(
            "SELECT key, id FROM issue UNION SELECT key, issue_id FROM former_key"
        )
    }


def _links(
    rows: sqlite3.Connection, *, copied_ids: frozenset[int]
) -> Counter[tuple[str, int, int]]:
    """Count links, without those between issues that were copied."""
    found = rows.execute("SELECT type_id, inward_issue_id, outward_issue_id FROM issue_link")
    return Counter(
        _link(row["type_id"], row["inward_issue_id"], row["outward_issue_id"])
        for row in found
        if row["type_id"] in LINK_TYPES
        and not copied_ids.issuperset((row["inward_issue_id"], row["outward_issue_id"]))
    )


def _link(type_id: str, inward_id: int, outward_id: int) -> tuple[str, int, int]:
    """Name a link; one that only relates has no direction."""
    first, second = (
        (inward_id, outward_id) if type_id == BLOCKS else sorted((inward_id, outward_id))
    )
    return (type_id, first, second)


def _ids(rows: sqlite3.Connection, statement: str) -> frozenset[int]:
    return frozenset(row["issue_id"] for row in rows.execute(statement))


def violations_of(view: SiteView, *, is_ordered: bool = True) -> list[str]:
    """Say what is wrong after an export of which nobody was told anything; nothing when all is well."""
    counts = {ticket_id: len(ids) for ticket_id, ids in view.issue_ids.items()}
    wrong = [f"{count} issues for {of}" for of, count in counts.items() if count != 1]
    wrong += [f"unknown issue {view.key_of_id[issue_id]}" for issue_id in view.other_ids]
    return wrong or [
        *(misplaced(view) if is_ordered else ()),
        *unmarked(view),
        *wrong_links(view),
        *wrong_files(view),
        *too_many_requests(view, process_count=2, export_count=1),
    ]


def misplaced(view: SiteView) -> Iterator[str]:
    """Find tickets whose dependencies were not created first."""
    place = {issue_id: place for place, issue_id in enumerate(view.created_in_order)}
    for rendered in view.tickets:
        own = view.first_ids.get(rendered.ticket.ticket_id)
        for dependency in rendered.ticket.depends_on:
            other = view.first_ids.get(dependency)
            if own is not None and other is None:
                yield f"{rendered.ticket.ticket_id} was created without {dependency}"
            elif own is not None and other is not None and place[own] < place[other]:
                yield f"{rendered.ticket.ticket_id} was created before {dependency}"


def unmarked(
    view: SiteView, *, is_marker_kept: bool = True, is_label_kept: bool = True
) -> Iterator[str]:
    """Find issues that do not show whose they are."""
    for ticket_id, ids in view.issue_ids.items():
        if is_marker_kept and set(ids) - view.marked_ids:
            yield f"an issue of {ticket_id} lacks its marker"
        if is_label_kept and set(ids) - view.labelled_ids:
            yield f"an issue of {ticket_id} lacks its label"


def wrong_links(view: SiteView) -> Iterator[str]:
    """Find links that are neither there once nor listed, and links that no ticket asks for."""
    wanted = dict(_wanted_links(view))
    for link, (ticket_id, subject) in wanted.items():
        there = [one for one in _ways(view, link) if view.links[one]]
        count = sum(view.links[one] for one in there)
        reported = view.reported_ids(link[1]) | view.reported_ids(link[2])
        unreported = [one for one in there if reported.isdisjoint(one[1:])]
        if len(unreported) > 1 or count > len(there):  # one to a told double goes with it
            yield f"{link} is there {count} times"
        if count == 0 and not view.is_listed(ticket_id, FixType.DEPENDENCY_LINK, subject):
            yield f"{link} is neither there nor listed"
    known = {one for link in wanted for one in _ways(view, link)}
    yield from (f"link {other} is not wanted" for other in view.links.keys() - known)


def on_others(view: SiteView) -> Iterator[str]:
    """Find what is on issues that are nobody's ticket."""
    for issue_id, name in view.files:
        if issue_id in view.other_ids:
            yield f"{name} is on issue {issue_id}, which is no ticket's"
    for issue_id in view.sprint_ids & view.other_ids:
        yield f"issue {issue_id} is in a sprint and is no ticket's"


def _wanted_links(view: SiteView) -> Iterator[tuple[tuple[str, str, str], tuple[str, str]]]:
    """Return each wanted link with ticket and subject of the fix that may name it."""
    numbers = {r.ticket.ticket_id: r.ticket.number for r in view.tickets}
    for rendered in view.tickets:
        own = rendered.ticket.ticket_id
        for dependency in rendered.ticket.depends_on:
            yield (BLOCKS, dependency, own), (own, f"Blocks {dependency}")
        for other in rendered.ticket.relates_to:
            first, second = sorted((own, other), key=numbers.__getitem__)
            yield (RELATES, first, second), (second, f"Relates {first}")


def _ways(view: SiteView, link: tuple[str, str, str]) -> list[tuple[str, int, int]]:
    """Return the links by which a wanted one may be there: doubled issues have several."""
    kind, inward, outward = link
    return [
        _link(kind, inward_id, outward_id)
        for inward_id in view.issue_ids[inward]
        for outward_id in view.issue_ids[outward]
    ]


def wrong_files(view: SiteView, *, may_repeat: bool = False) -> Iterator[str]:
    """Find files that are not there once; where one may come again, a second one has to be named.

    A gateway may replay, and Jira finish what a restored ledger forgot.
    """
    for rendered in view.tickets:
        ticket_id = rendered.ticket.ticket_id
        if rendered.attachment is None:
            continue
        name, text = hashed_file_name(*rendered.attachment), rendered.attachment[1].encode()
        places = [(issue_id, name) for issue_id in view.issue_ids[ticket_id]]
        if {view.contents.get(place, text) for place in places} - {text}:
            yield f"the file of {ticket_id} has another content"
        count = sum(view.files[place] for place in places)
        is_listed = view.is_listed(ticket_id, FixType.ATTACHMENT_UPLOAD, name)
        is_named = view.is_listed(ticket_id, FixType.ATTACHMENT_UPLOAD, f"{name} {DOUBLED}")
        if count > 1 and not (may_repeat and is_named):
            yield f"the file of {ticket_id} is there {count} times"
        if count == 0 and not is_listed:
            yield f"the file of {ticket_id} is neither there nor listed"


def misparented(view: SiteView) -> Iterator[str]:
    """Find issues that are neither in their place nor listed."""
    for rendered in view.tickets:
        ticket = rendered.ticket
        ids = view.issue_ids[ticket.ticket_id]
        is_under = any(
            view.parent_ids.get(i) == view.id_of_key.get(ticket.parent or "") for i in ids
        )
        if ticket.parent and not is_under:
            is_listed = view.is_listed(ticket.ticket_id, FixType.FIELD_REJECTED, "parent")
            yield from [] if is_listed else [f"{ticket.ticket_id} is not under its parent"]
        if ticket.sprint and view.sprint_ids.isdisjoint(ids):
            is_listed = view.is_listed(ticket.ticket_id, FixType.SPRINT_NOT_FOUND, "sprint")
            yield from [] if is_listed else [f"{ticket.ticket_id} is not in its sprint"]


def too_many_requests(view: SiteView, *, process_count: int, export_count: int) -> Iterator[str]:
    """Bound all requests; a process may read all numbers three times besides, twice far beyond them.

    A process asks who it is and what it may before it writes: many that a proxy ends cost that often.

    Each compares Jira with the ledger, and reads who worked with which issue of a ticket's two.

    What follows a decision is an export of its own. Where nothing of ours closes the window, as
    when every answer names another issue, each ticket that is sent again is looked for far beyond
    once more.
    """
    others = max(REQUESTS_BASE_MAX, REQUESTS_PER_START_MAX * process_count)
    limit = REQUESTS_PER_TICKET_MAX * len(view.tickets) * export_count + others
    pairs = min(view.double_count, TWINS_LOOKED_INTO_MAX) * process_count
    limit += REQUESTS_PER_PAIR * pairs
    numbers = (3 * view.last_number + 2 * UNWITNESSED_MARGIN) * process_count
    read = (numbers + UNWITNESSED_MARGIN * view.alone_count) // NUMBERS_PER_REQUEST_MIN
    if view.request_count > limit + min(read, view.number_request_count):
        yield f"{view.request_count} requests for {len(view.tickets)} tickets"


def take_epic(sandbox: JiraSandbox) -> list[str]:
    """Say what is wrong with the one epic of a session; take it away, for who judges the rest."""
    with sandbox.state.writing() as rows:
        epics = [row["id"] for row in rows.execute("SELECT id FROM issue WHERE type_id = '10000'")]
        apart = rows.execute(
            "SELECT count(*) FROM issue WHERE type_id <> '10000' AND parent_id IS NULL"
        ).fetchone()[0]
        rows.execute("UPDATE issue SET parent_id = NULL")
        for epic in epics:
            rows.execute("DELETE FROM issue WHERE id = ?", (epic,))
    wrong = [] if len(epics) == 1 else [f"{len(epics)} epics"]
    return [*wrong, *([f"{apart} issues below no epic"] if apart else [])]


def lost_of_handmade(sandbox: JiraSandbox) -> list[str]:
    """Say what is lost of the issues that people made."""
    chosen = "SELECT summary, description FROM issue WHERE key = ?"
    wrong = []
    with sandbox.state.reading() as rows:
        for number, key in HANDMADE.items():
            row = rows.execute(chosen, (key,)).fetchone()
            if row is None or row["summary"] != f"Number {number}, as people call it":
                wrong.append(f"{key} lost its title")
            if row is None or f"{TYPED} {number}." not in json.dumps(row["description"]):
                wrong.append(f"{key} lost its text")
    return wrong
