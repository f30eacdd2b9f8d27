"""Where each sentence of a ticket comes from: the cells a claim rests on, a model, a person.

A claim is a sentence that the template makes of rows, and knows their cells. Claims are not stored:
the rows give them again, word for word. So the sources are every sentence that a model's changes,
the claims and the edits of people could have brought into the ticket; a page looks up its sentences
among them, and one that is not there has no known source.

Belongs here: finding the source of what a ticket says. Does not: making claims (`drupal/rules`),
taking a change of a model back (`review/revisions`), how a source is shown
(`web/pages/ticket_page`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from jira_pipeline.drupal.claims import Cell, rendered
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_object, select_fields
from jira_pipeline.model.line_numbers import place_text, places_cited
from jira_pipeline.model.revisions import PART_NAMES, Revision, RevisionOrigin
from jira_pipeline.model.ticket_links import GONE, names_tickets, with_link_texts
from jira_pipeline.model.tickets import Ticket, ticket_id_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import ShownChange, shown_changes
from jira_pipeline.review.session_rows import rows_of_session
from jira_pipeline.tickets.questions.found_questions import ticket_rows
from jira_pipeline.tickets.template import claims_of

_ITEM = re.compile(r"<(?:li|p)\b[^>]*>(.*?)(?=</li>|</p>|<(?:ul|ol|li|p)\b)", re.DOTALL)
"""A list item or paragraph, up to its end or to a list inside it."""
_MARKUP = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceSource:
    """What one sentence of a ticket comes from: cells, a change of a model, or a person."""

    text: str
    """The sentence as a page shows it, without markup, with single spaces."""
    cells: tuple[Cell, ...] = ()
    """The cells that a claim or a model rests on; one without a column means the whole row."""
    change: ShownChange | None = None
    """The change of a model that brought it, where a model did."""
    revision: Revision | None = None
    """The revision in which a person wrote it, where a person did."""

    @property
    def warning(self) -> str:
        """What no cell proves of a model's change; empty otherwise."""
        return "" if self.change is None else self.change.change.warning

    def to_json(self) -> dict[str, object]:
        cells = [
            json_object(cell.source) | {"place": place_text(cell.source), "column": cell.column}
            for cell in self.cells
        ]
        return {"text": self.text, "cells": cells} | select_fields(
            self, "change=change.number warning by=revision.author at=revision.created_at"
        )


def sentence_sources(session: OpenSession, ticket: Ticket) -> tuple[SentenceSource, ...]:
    """Return what each sentence of a ticket may come from, each sentence once.

    Where several wrote the same sentence, a model's change counts before a claim, and a claim
    before a person.

    Raises:
        GateError: The sheets do not hold the ticket any more.
        StoreError: The kept copy is not what was registered.
    """
    sources = (
        *_model_sentences(session, ticket),
        *_claim_sentences(session, ticket),
        *_person_sentences(session, ticket),
    )
    by_text = group_by(sources, lambda source: source.text)
    return tuple(same_sources[0] for same_sources in by_text.values())


def _model_sentences(session: OpenSession, ticket: Ticket) -> Iterator[SentenceSource]:
    """Yield what a model wrote, with the row it rests on; refused changes are not in the ticket."""
    group = session.group_of(ticket).as_in_sheet
    rows_by_place = {places_cited([row.source]): row for row in (*group.heads, *group.members)}
    for shown in shown_changes(ticket):
        change = shown.change
        if not change.after or change.refused:
            continue
        cells: tuple[Cell, ...] = ()
        row = rows_by_place.get(change.place)
        if row is not None:
            cells = (Cell(source=row.source, column=""),)
        yield SentenceSource(text=_text(session, change.after), cells=cells, change=shown)


def _claim_sentences(session: OpenSession, ticket: Ticket) -> Iterator[SentenceSource]:
    """Yield the claims of the ticket's rows, made again, each with its cells or whole rows."""
    group = session.contents.groups_by_key[ticket.group_key]
    claims = claims_of(ticket_rows(group, rows_of_session(session)))
    for claim in (*claims.story, *claims.analysis, *claims.verification):
        cells = claim.cells
        if not cells:
            cells = tuple(Cell(source=row.source, column="") for row in claim.rows)
        yield SentenceSource(text=_text(session, rendered(claim)), cells=cells)


def _person_sentences(session: OpenSession, ticket: Ticket) -> Iterator[SentenceSource]:
    """Yield what people wrote, with the first revision since which each sentence is there.

    A sentence that a revision leaves out begins anew where a later one has it again.
    """
    first_revisions: dict[str, Revision] = {}
    for revision in session.revisions(ticket):
        texts: set[str] = set()
        for name in PART_NAMES:
            html = getattr(revision.parts, name)
            texts.update(_text(session, sentence) for sentence in _ITEM.findall(html))
        first_revisions = {text: first_revisions.get(text, revision) for text in texts if text}
    for text, revision in first_revisions.items():
        if revision.origin is not RevisionOrigin.GENERATED:
            yield SentenceSource(text=text, revision=revision)


def _text(session: OpenSession, html: str) -> str:
    """Return a sentence as a page shows it, without markup; links have the names of their targets."""

    def name_of(group_key: str) -> str:
        group = session.contents.groups_by_key.get(group_key)
        ticket_id = ticket_id_of(session.key, group_key)
        number = next((t.number for t in session.listed if t.ticket_id == ticket_id), None)
        if group is None:
            return GONE
        return group.title if number is None else f"ticket {number}, {group.title}"

    named = with_link_texts(html, name_of) if names_tickets(html) else html
    return " ".join(unescape(_MARKUP.sub("", named)).split())
