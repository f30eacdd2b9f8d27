"""What a process keeps of a session equals what one that knows nothing reads, whatever happened.

One process only looks, after every step of the other; nothing tells it what the other did.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.context.session_memory import SessionMemory
from jira_pipeline.context.settings import load_settings
from jira_pipeline.model.errors import DependencyCycleError
from jira_pipeline.model.exports import LedgerEvent
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.search_words import Passage
from jira_pipeline.model.site_answers import SITE, SITE_QUESTIONS
from jira_pipeline.model.ticket_decisions import Skipped
from jira_pipeline.model.tickets import Ticket, as_listed, question_id_of, questions_left
from jira_pipeline.review import approvals
from jira_pipeline.review.open_session import OpenSession, open_session
from jira_pipeline.review.questions import merge_same_questions, questions_of
from jira_pipeline.sessions import upload
from jira_pipeline.sessions.composition import open_pipeline
from jira_pipeline.sessions.status import status
from jira_pipeline.tickets.documents.adf_validation import check_ticket
from jira_pipeline.tickets.documents.passages import created_names, passages_of
from jira_pipeline.tickets.documents.rendering import WrittenTables, render_ticket
from jira_pipeline.writing import generation
from jira_pipeline_tests.contracts.stored_values import a_target, an_entry
from jira_pipeline_tests.long_form import IS_LONG
from jira_pipeline_tests.sheets.made_specifications import (
    bundle,
    display,
    field as field_row,
    put_into,
    view,
)

KEY = "site"
FIELDS = [
    field_row("Page (Content type)", "field_a", ref="News (Content type)"),
    field_row("News (Content type)", "field_b"),
    field_row("Hero (Paragraph type)", "field_c") | {"Settings/notes": "tbd"},
]
BUNDLES = [
    bundle("Page", "page") | {"Settings/notes": "to be discussed"},
    bundle("News", "news"),
    bundle("Hero", "hero", "Paragraph type"),
]
DISPLAYS = [display("News", "page_1", Filters="none"), display("News", "block_1", "Block")]
UPLOADS = (
    {"bundles": BUNDLES, "fields": FIELDS, "views": [view("News", "news")], "displays": DISPLAYS},
    {"bundles": BUNDLES, "fields": [FIELDS[0] | {"Help text": "Another"}, *FIELDS[1:]]},
    {"bundles": BUNDLES[:2], "fields": FIELDS[:2]},
)
CHANGED_TABLES = ("tickets", "revisions", "answers", "site_answers", "dependencies")
STEPS_TAKEN = 40
UNDONE_SHARE = 0.4


class _Acting:
    """Does in one process what people and runs do; another one follows."""

    def __init__(self, folder: Path, chance: Random) -> None:
        """Open a home twice; its store is in the folder."""
        self.folder, self.chance = folder, chance
        of_home = load_settings(folder).model_copy(
            update={
                "jira_pipeline_home": folder,
                "jira_pipeline_database_url": f"sqlite:///{folder}/store.sqlite",
            }
        )
        self.acting, self.following = open_pipeline(of_home), open_pipeline(of_home)
        self.sent = 0
        refuse_unrecorded_changes(self.acting)

    def upload(self) -> None:
        sheets = self.folder / "sheets"
        shutil.rmtree(sheets, ignore_errors=True)
        put_into(sheets, self.chance.choice(UPLOADS))
        upload.upload(self.acting, sheets, session_key=KEY, auto_approve=False, actor="ab")
        upload.read_files(self.opened())
        generation.generate(self.opened(), run_id=None)

    def edit(self) -> None:
        ticket, text = self.ticket(), self.chance.choice(["one", "two", "three"])
        self.acting.store.reviews.edit(
            KEY,
            ticket.ticket_id,
            expected_revision=ticket.revision.number,
            title=f"Title {text}",
            parts=replace(ticket.revision.parts, notes=f"<p>{text}</p>"),
            by="ab",
            at=self.now(),
        )

    def roll_back(self) -> None:
        ticket = self.ticket()
        self.acting.store.reviews.roll_back(
            KEY,
            ticket.ticket_id,
            to_revision=1,
            expected_revision=ticket.revision.number,
            by="ab",
            at=self.now(),
        )

    def answer(self) -> None:
        asking = [t for t in self.opened().tickets if t.revision.questions]
        if not asking:
            return
        ticket = self.chance.choice(asking)
        question = self.chance.choice(ticket.revision.questions)
        given = {question_id_of(question): self.chance.choice(["", "Yes.", "No."])}
        self.acting.store.reviews.answer(KEY, {ticket.ticket_id: given}, by="ab", at=self.now())

    def answer_cell(self) -> None:
        for cell in self.chance.sample(self.opened().cells, min(3, len(self.opened().cells))):
            ticket_id, cell_id = cell.key
            given = {cell_id: self.chance.choice(["", "/news", "/admin/news"])}
            self.acting.store.reviews.answer(KEY, {ticket_id: given}, by="ab", at=self.now())

    def answer_for_site(self) -> None:
        chosen = self.chance.sample(SITE_QUESTIONS, 3)
        given = {one.place: self.chance.choice(["", "Yes.", "No."]) for one in chosen}
        self.acting.store.reviews.answer(KEY, {SITE: given}, by="ab", at=self.now())

    def assign(self) -> None:
        ids = {self.ticket().ticket_id for _ in range(self.chance.randint(1, 3))}
        fields = {"sprint": self.chance.choice([None, "One", "Two"])}
        self.acting.store.reviews.assign(KEY, sorted(ids), fields=fields, by="ab", at=self.now())

    def skip(self) -> None:
        ids = [self.ticket().ticket_id]
        self.acting.store.tickets.exclude(
            KEY, ids, Skipped, reason="Later.", by="ab", at=self.now()
        )

    def unskip(self) -> None:
        ids = [ticket.ticket_id for ticket in self.opened().tickets]
        self.acting.store.tickets.exclude(KEY, ids, Skipped, reason=None, by="ab", at=self.now())

    def reorder(self) -> None:
        ids = [ticket.ticket_id for ticket in self.opened().tickets]
        chosen = self.chance.sample(ids, 2)
        self.acting.store.reviews.reorder(KEY, chosen, by="ab", at=self.now())

    def add_dependency(self) -> None:
        pair = (self.ticket().ticket_id, self.ticket().ticket_id)
        with suppress(DependencyCycleError):
            self.acting.store.reviews.set_dependency(KEY, *pair, waits=True, by="ab", at=self.now())

    def remove_dependency(self) -> None:
        for ticket in self.opened().tickets:
            for other in ticket.depends_on:
                pair = (ticket.ticket_id, other)
                self.acting.store.reviews.set_dependency(
                    KEY, *pair, waits=False, by="ab", at=self.now()
                )
                return

    def validate(self) -> None:
        approvals.validate(self.opened(), run_id=None)

    def validate_and_mark_ready(self) -> None:
        self.validate()
        approvals.mark_ready(self.opened(), None, by="ab")

    def unmark_ready(self) -> None:
        ids = [self.ticket().ticket_id]
        self.acting.store.tickets.unmark_ready(KEY, ids, by="ab", at=self.now())

    def export(self) -> None:
        """Put into the ledger what the export of a ticket does, and at times an undo."""
        ledger, ticket_id = self.acting.store.ledger, self.ticket().ticket_id
        ledger.record_target(a_target(), at=self.now())
        events = [LedgerEvent.INTENT, LedgerEvent.RECEIPT]
        if self.chance.random() < UNDONE_SHARE:
            events += [LedgerEvent.REMOVAL_INTENT, LedgerEvent.REMOVED]
        self.sent += 1
        for one in events:
            entry = an_entry(one, identity=f"i{self.sent}", session_key=KEY)
            ledger.append(replace(entry, ticket_id=ticket_id))

    def rename_project(self) -> None:
        key = self.chance.choice(["SITE", "NEW"])
        self.acting.store.ledger.record_target(a_target(project_key=key), at=self.now())

    def now(self) -> datetime:
        return self.acting.clock.now()

    def opened(self) -> OpenSession:
        return open_session(self.acting, KEY)

    def ticket(self) -> Ticket:
        return self.chance.choice(self.opened().tickets)

    def known_before(self) -> OpenSession:
        """The session as the process sees it that knows what was before."""
        return open_session(self.following, KEY)

    def read_again(self) -> OpenSession:
        """The session as a process sees it that knows nothing."""
        return open_session(replace(self.following, memory=SessionMemory()), KEY)

    def made_anew(self) -> Iterator[RenderedTicket]:
        """Each ticket rendered from the sheets, whatever the store has of it."""
        session, limit = self.opened(), self.acting.settings.adf_body_max_bytes
        for ticket in session.tickets:
            tables = WrittenTables(session.groups[ticket.group_key])
            rendered = render_ticket(ticket, tables, groups=session.groups, body_max_bytes=limit)
            yield replace(rendered, verdict=check_ticket(rendered, body_max_bytes=limit))

    def indexed(self) -> list[tuple[Passage, ...]]:
        index, tickets = self.acting.store.search, self.opened().tickets
        return [one.passages for t in tickets for one in index.by_number(t.number, [KEY])]

    def indexed_anew(self) -> Iterator[tuple[Passage, ...]]:
        """The same from the sheets, whatever the store has of it."""
        session = self.opened()
        creates = created_names(session.contents.specification, session.contents.groups)
        for ticket in session.tickets:
            group = session.groups[ticket.group_key]
            yield passages_of(ticket, group, creates=creates[group.key])


STEPS = (
    *(
        _Acting.upload,
        _Acting.edit,
        _Acting.roll_back,
        _Acting.answer,
        _Acting.answer_cell,
        _Acting.answer_for_site,
        _Acting.assign,
        _Acting.skip,
    ),
    *(_Acting.unskip, _Acting.reorder, _Acting.add_dependency, _Acting.remove_dependency),
    *(_Acting.validate, _Acting.validate_and_mark_ready, _Acting.unmark_ready, _Acting.export),
    _Acting.rename_project,
)


def seen(session: OpenSession) -> dict[str, object]:
    tickets = session.tickets
    places = sorted(tickets, key=lambda ticket: ticket.place)
    assert list(session.listed) == [as_listed(ticket) for ticket in places]
    assert session.tally.questions == session.asked.left == questions_left(tickets)
    assert [session.group_of(t) for t in tickets] == [session.groups[t.group_key] for t in tickets]
    asked = [question for ticket in places for question in questions_of(ticket)]
    assert session.asked.once == merge_same_questions(asked)
    return {
        "tickets": tickets,
        "by number": [session.ticket(ticket.number) for ticket in tickets],
        "groups": [session.group_of(ticket) for ticket in tickets],
        "hollow": session.hollow_ids,
        "listed": session.listed,
        "tally": session.tally,
        "rendered": session.rendered,
        "judged": [one.rendered_hash for one in session.hashed_tickets],
        "entries": session.entries,
        "places": session.places,
        "asked": session.asked.once,
        "status": status(session),
        "vanished": session.vanished_tickets,
        "exported groups": session.exported_groups,
        "recorded": session.work_entries,
        "lost marks": session.lost_marks,
        "checked": session.last_validation,
    }


def refuse_unrecorded_changes(pipeline: Pipeline) -> None:
    """Fail where a transaction changes tickets without an entry in the audit trail."""
    engine = pipeline.store.database.engine
    written: dict[Any, list[str]] = {}

    @event.listens_for(engine, "before_cursor_execute")
    def note(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        verb, *words = statement.split(maxsplit=3)
        if verb in {"INSERT", "UPDATE", "DELETE"}:
            names = [word for word in words[:2] if word not in {"INTO", "FROM"}]
            written.setdefault(connection.connection.dbapi_connection, []).append(names[0])

    @event.listens_for(engine, "commit")
    def check(connection: Any) -> None:
        names = written.pop(connection.connection.dbapi_connection, [])
        changed = [name for name in names if name in CHANGED_TABLES]
        assert not changed or "audit" in names, f"{changed} changed without an entry"


@pytest.mark.parametrize("seed", range(4 if IS_LONG else 1))
def test_what_is_kept_is_what_a_new_process_reads(
    seed: int, initialised_path: Path, tmp_path: Path
) -> None:
    shutil.copy(initialised_path, tmp_path / "store.sqlite")
    chance = Random(seed)  # noqa: S311 - the same steps every time
    acting = _Acting(tmp_path, chance)
    steps = [_Acting.upload, *chance.choices(STEPS, k=STEPS_TAKEN)]
    with acting.acting.store, acting.following.store:
        for number, step in enumerate(steps):
            step(acting)

            taken = [one.__name__ for one in steps[: number + 1]]
            known, read = seen(acting.known_before()), seen(acting.read_again())

            assert known == read, taken
            assert tuple(acting.made_anew()) == read["rendered"], taken
            assert acting.indexed() == list(acting.indexed_anew()), taken
