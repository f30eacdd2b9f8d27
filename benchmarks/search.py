"""Searching 10,000 tickets: how long whoever types waits for the first hits.

Measured is the verb behind page and API, over all sessions, with the eight hits that a box shows;
each query as a whole and at the letters before. Beside it stands a trivial query of the same store,
one ticket by its number, asked in turn: the machine cancels out of the ratio. Each ticket has a
name of its own, eight that all share, eighty cells and twenty sentences. PostgreSQL is left out
with a word where no server is installed.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

from sqlalchemy import text

from benchmarks.databases import on_each_database
from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.search_words import NameRole, Passage, PlaceKind
from jira_pipeline.model.ticket_hashes import rendered_hash_of
from jira_pipeline.model.tickets import Ticket
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.sessions.search import search
from jira_pipeline.tickets.documents.kept_documents import rendering_of
from jira_pipeline_tests.contracts.stored_values import START, a_draft, a_validation, an_upload

TICKETS = 10_000
ROUNDS = 15
HITS = 8
GOAL_MILLISECONDS = 100
KEY = "large"
KEPT_AT_ONCE = 500
SHARED = ("title", "intro", "body", "image", "tags", "summary", "related", "weight")
COLUMNS = ("Bundle", "Field label", "Machine name", "X", "Field type", "Req'd", "Vals.", "Widget")
ROWS, SENTENCES, WORDS, VOCABULARY = 10, 20, 12, 5_000
QUERIES = (
    *("f", "fie", "field_in", "field_intro_", f"field_own_{TICKETS // 2}"),
    *(
        "content type",
        "c t 77",
        "museum",
        "word1",
        "word12 word34 word56",
        "zzzz",
        f"{TICKETS // 2}",
    ),
)
"""What nothing, one, some and all tickets have: names, titles, prose, cells, a number."""


def main() -> None:
    """Measure on SQLite, and on PostgreSQL where there is a server."""
    on_each_database("search", _measure, is_smallest=ROUNDS == 1)


def _measure(name: str, url: str, folder: Path) -> None:
    settings = load_settings(folder).model_copy(
        update={"jira_pipeline_home": folder, "jira_pipeline_database_url": url}
    )
    pipeline = open_pipeline(settings)
    with pipeline.store:
        fill(pipeline)
        if pipeline.store.database.engine.dialect.name == "postgresql":
            with pipeline.store.database.writing() as connection:
                connection.execute(text("ANALYZE"))
        print(f"{name}, {TICKETS:,} tickets: fastest and median of {ROUNDS} in ms, and the ratio")
        trivial = partial(pipeline.store.search.by_number, 1, [KEY])
        for query in QUERIES:
            asked, bare = [], []
            for _ in range(ROUNDS):
                bare.append(_timed(trivial))
                asked.append(_timed(partial(search, pipeline, query, most=HITS)))
            found = search(pipeline, query, most=HITS)
            median = statistics.median(asked)
            verdict = "" if median <= GOAL_MILLISECONDS else f"  (over {GOAL_MILLISECONDS} ms)"
            print(
                f"  {query:<20} {min(asked):6.1f} {median:6.1f}  trivial {min(bare):5.2f}"
                f"  ratio {min(asked) / min(bare):5.1f}"
                f"  {len(found.hits)}{'+' if found.has_more else ''} hits{verdict}"
            )


def fill(pipeline: Pipeline) -> None:
    """Put a session into the store whose tickets are all indexed."""
    store, upload = pipeline.store, an_upload(KEY)
    store.sessions.register(upload, at=START, actor="benchmark")
    drafts = [
        a_draft(number, ticket_id=f"t{number:05}", title=f"Configure content type: Museum {number}")
        for number in range(1, TICKETS + 1)
    ]
    store.tickets.save_generated(KEY, drafts, at=START)
    store.sessions.mark_generated(KEY, from_sha256=upload.content_sha256, at=START)
    session = store.sessions.get(KEY)
    rendering = rendering_of(session, body_max_bytes=pipeline.settings.adf_body_max_bytes)
    store.documents.begin(session, (), rendering=rendering)
    tickets = store.tickets.list_all(KEY)
    for begin in range(0, TICKETS, KEPT_AT_ONCE):
        made = list(_made(tickets[begin : begin + KEPT_AT_ONCE]))
        store.documents.keep(KEY, made, rendering=rendering)


def _made(tickets: Sequence[Ticket]) -> Iterator[tuple[RenderedTicket, Sequence[Passage]]]:
    (verdict, _) = a_validation().results
    for ticket in tickets:
        rendered = RenderedTicket(
            ticket=ticket,
            summary=ticket.title,
            kept_text="{}",
            attachment=None,
            rendered_hash=rendered_hash_of(ticket, "{}", attachment=None),
            verdict=replace(verdict, ticket_id=ticket.ticket_id),
        )
        yield rendered, tuple(_passages(ticket))


def _passages(ticket: Ticket) -> Iterator[Passage]:
    chance = Random(ticket.number)  # noqa: S311 - no secret
    own = f"field_own_{ticket.number}"
    yield Passage(kind=PlaceKind.NAME, text=own, role=NameRole.CREATES, file="f.csv", line=2)
    role = NameRole.CREATES if ticket.number == 1 else NameRole.REUSES
    for line, name in enumerate(SHARED, start=3):
        shared = f"field_{name}"
        yield Passage(kind=PlaceKind.NAME, text=shared, role=role, file="f.csv", line=line)
    yield Passage(kind=PlaceKind.TITLE, text=ticket.title)
    for _ in range(SENTENCES):
        words = (f"word{int(chance.paretovariate(0.5)) % VOCABULARY}" for _ in range(WORDS))
        yield Passage(kind=PlaceKind.PROSE, text=" ".join(words), part="analysis")
    for line in range(2, 2 + ROWS):
        for column in COLUMNS:
            text = f"{column} {chance.randrange(VOCABULARY)} of museum {ticket.number}"
            yield Passage(kind=PlaceKind.CELL, text=text, part=column, file="f.csv", line=line)


def _timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
