"""Where each sentence of a ticket comes from: the cells a claim rests on, a model, a person.

Belongs here: finding the source of what a ticket says. Does not: making claims (`tickets/claims`), taking a
change of a model back (`review/revisions`), how a source is shown (`web/pages/ticket_page`).

Claims are not kept: the rows give them again. A sentence that nobody changed is that of its claim,
word for word; one that no claim, model or person wrote has no source here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from jira_pipeline.drupal.claims import Cell, rendered
from jira_pipeline.drupal.ticket_rows import SessionRows
from jira_pipeline.model.grouped import group_by
from jira_pipeline.model.json_values import json_object, select_fields
from jira_pipeline.model.line_numbers import place_text, places_cited
from jira_pipeline.model.ticket_links import GONE, names_tickets, with_link_texts
from jira_pipeline.model.tickets import PART_NAMES, Revision, RevisionOrigin, Ticket, ticket_id_of
from jira_pipeline.review.open_session import OpenSession
from jira_pipeline.review.revisions import ShownChange, shown_changes
from jira_pipeline.tickets.questions.found_questions import ticket_rows
from jira_pipeline.tickets.template import claims_of

_ITEM = re.compile(r"<(?:li|p)\b[^>]*>(.*?)(?=</li>|</p>|<(?:ul|ol|li|p)\b)", re.DOTALL)
_MARKUP = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceSource:
    """What one sentence of a ticket comes from: cells, a change of a model, or a person."""

    text: str
    """The sentence, as a page shows it, its spaces as one."""
    cells: tuple[Cell, ...] = ()
    """What a claim, or a model, rests on; without a column, the row is all."""
    change: ShownChange | None = None
    """Of a model."""
    revision: Revision | None = None
    """The one in which a person wrote it."""

    @property
    def warning(self) -> str:
        """What of a change no cell proves."""
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
    """Return the sources of what a ticket says, each sentence once.

    Raises:
        GateError: The sheets do not hold the ticket any more.
        StoreError: The kept copy is not what was registered.
    """
    sources = (
        *_of_models(session, ticket),
        *_of_claims(session, ticket),
        *_of_people(session, ticket),
    )
    return tuple(same[0] for same in group_by(sources, lambda each: each.text).values())


def _of_models(session: OpenSession, ticket: Ticket) -> Iterator[SentenceSource]:
    """Say what a model wrote, and the row it rests on."""
    group = session.group_of(ticket).as_in_sheet
    by_place = {places_cited([r.source]): r for r in (*group.heads, *group.members)}
    for one in shown_changes(ticket):
        if one.change.after and not one.change.refused:
            row = by_place.get(one.change.place)
            cells = () if row is None else (Cell(source=row.source, column=""),)
            yield SentenceSource(text=_text(session, one.change.after), cells=cells, change=one)


def _of_claims(session: OpenSession, ticket: Ticket) -> Iterator[SentenceSource]:
    """Claim everything of the rows again."""
    contents = session.contents
    stored = session.stored
    facts = session.pipeline.memory.as_of(
        contents,
        "facts of sentences",
        session.key,
        lambda: SessionRows(
            specification=contents.specification,
            groups=contents.groups_by_key,
            site_name=stored.site_name,
            site_description=stored.manifest.site_description,
        ),
    )
    group = contents.groups_by_key[ticket.group_key]
    claims = claims_of(ticket_rows(group, facts))
    for claim in (*claims.story, *claims.analysis, *claims.verification):
        rows = tuple(Cell(source=row.source, column="") for row in claim.rows)
        yield SentenceSource(text=_text(session, rendered(claim)), cells=claim.cells or rows)


def _of_people(session: OpenSession, ticket: Ticket) -> Iterator[SentenceSource]:
    came: dict[str, Revision] = {}
    for revision in session.revisions(ticket):
        parts = (getattr(revision.parts, name) for name in PART_NAMES)
        texts = {_text(session, item) for html in parts for item in _ITEM.findall(html)}
        came = {text: came.get(text, revision) for text in texts if text}
    for text, revision in came.items():
        if revision.origin is not RevisionOrigin.GENERATED:
            yield SentenceSource(text=text, revision=revision)


def _text(session: OpenSession, html: str) -> str:
    """Return what a page shows of a sentence: links by what they lead to now."""

    def name_of(group_key: str) -> str:
        group = session.contents.groups_by_key.get(group_key)
        ticket_id = ticket_id_of(session.key, group_key)
        number = next((t.number for t in session.listed if t.ticket_id == ticket_id), None)
        if group is None:
            return GONE
        return group.title if number is None else f"ticket {number}, {group.title}"

    named = with_link_texts(html, name_of) if names_tickets(html) else html
    return " ".join(unescape(_MARKUP.sub("", named)).split())
