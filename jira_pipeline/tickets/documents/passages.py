"""The texts of a ticket that a search finds it by, each with where it is.

Belongs here: which texts those are, what a ticket does with a machine name. Does not: how they are
compared (`model/search_words`), kept (`store/search_index`) and searched (`sessions/search`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from jira_pipeline.jira.adf import adf_to_text, html_to_blocks, nodes as adf
from jira_pipeline.model.entities import TO_BUILD, BundleType, Entity, EntityKind, Specification
from jira_pipeline.model.entity_groups import EntityGroup, GroupAction
from jira_pipeline.model.revisions import PART_NAMES
from jira_pipeline.model.search_words import NameRole, Passage, PlaceKind
from jira_pipeline.model.tickets import Ticket, row_ids_of
from jira_pipeline.tickets.documents.rendering import PROSE_LINKS

PARTS_KEPT = 2_000
"""Parts of the tickets that were read last; an edit changes one of five."""
_WITHOUT_STORAGE = frozenset({None, BundleType.WEBFORM})
_NAME_IN_TEXT = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
"""As machine names are written; one without an underscore is a word like others."""


def created_names(
    specification: Specification, groups: Sequence[EntityGroup]
) -> Mapping[str, tuple[str, ...]]:
    """Return the machine names of fields whose storage each ticket creates, by key of its group."""
    from jira_pipeline.drupal.specification_index import SpecificationIndex  # noqa: PLC0415 - slow

    origins = SpecificationIndex(specification=specification, groups=groups).storage_origins
    created: dict[str, tuple[str, ...]] = {}
    for group in groups:
        names = []
        for row in (*group.heads, *group.members):
            if origins.get((row.bundle_type, row.machine_name)) == group.number:
                names.append(row.machine_name)
        created[group.key] = tuple(names)
    return created


def passages_of(
    ticket: Ticket, group: EntityGroup, *, creates: Collection[str]
) -> tuple[Passage, ...]:
    """Return the texts of a ticket: names by role, title, questions with answers, prose, cells.

    `creates` are the fields among its rows whose storage it creates.
    """
    group = group.as_in_sheet
    texts = [Passage(kind=PlaceKind.TITLE, text=ticket.title)]
    texts += _questions(ticket)
    texts += _prose(ticket)
    texts += _cells(group)
    names = {(name.text, name.role): name for name in _names(group, creates)}
    mentions = _mentions(texts, but_not={name for name, _ in names})
    return (*names.values(), *mentions, *texts)


def _mentions(texts: Iterable[Passage], *, but_not: Collection[str]) -> Iterable[Passage]:
    """Return the machine names that texts mention, each where it is first."""
    mentions: dict[str, Passage] = {}
    for passage in texts:
        for name in _NAME_IN_TEXT.findall(passage.text):
            if name not in but_not and name not in mentions:
                mentions[name] = passage._replace(
                    kind=PlaceKind.NAME, text=name, role=NameRole.MENTIONS
                )
    return mentions.values()


def _prose(ticket: Ticket) -> Iterator[Passage]:
    for name in PART_NAMES:
        for line in _lines_of(getattr(ticket.revision.parts, name)):
            yield Passage(kind=PlaceKind.PROSE, text=line, part=name)


def _cells(group: EntityGroup) -> Iterator[Passage]:
    for row in group.sources:
        for column, text in row.cells.items():
            if text:
                yield _of_row(row, PlaceKind.CELL, text, part=column)


def _names(group: EntityGroup, creates: Collection[str]) -> Iterator[Passage]:
    """Yield the names that rows have, then those they refer to, then those of related groups."""
    rows = (*group.heads, *group.members)
    for row in rows:
        if row.has_machine_name:
            role = _role_of(row, group, creates)
            yield _of_row(row, PlaceKind.NAME, row.machine_name, role=role)
    for row in rows:
        for reference in row.references:
            if reference.target_key is not None:  # else it is a cell like others
                name = _name_in(reference.target_key)
                yield _of_row(row, PlaceKind.NAME, name, role=NameRole.REFERS_TO)
    for relation in group.relations:
        if relation.group_key is not None and ":" in relation.group_key:
            name = _name_in(relation.group_key)
            yield Passage(kind=PlaceKind.NAME, text=name, role=NameRole.MENTIONS)


def _role_of(row: Entity, group: EntityGroup, creates: Collection[str]) -> NameRole:
    """Return what a ticket does with the name of one of its rows: creates, re-uses or only lists it."""
    if group.action is GroupAction.REMOVE or row.status not in TO_BUILD:
        return NameRole.LISTS
    has_storage = row.kind is EntityKind.FIELD and row.bundle_type not in _WITHOUT_STORAGE
    if has_storage and row.machine_name not in creates:
        return NameRole.REUSES
    return NameRole.CREATES


def _of_row(
    row: Entity, kind: PlaceKind, text: str, *, part: str = "", role: NameRole | None = None
) -> Passage:
    """Return a text of a row with the place of the row."""
    return Passage(
        kind=kind,
        text=text,
        part=part,
        role=role,
        file=row.source.file,
        line=row.source.line,
        record=row.source.record,
    )


def _name_in(key: str) -> str:
    return key.partition(":")[2].rpartition("/")[2]


def _questions(ticket: Ticket) -> Iterator[Passage]:
    """Yield the questions that a ticket leaves open, then its answers."""
    for question in ticket.left_open:
        yield Passage(
            kind=PlaceKind.QUESTION,
            text=question.question,
            part=question.column,
            file=question.file,
            line=question.line,
            record=question.record,
        )
    yield from _answers(ticket)


def _answers(ticket: Ticket) -> Iterator[Passage]:
    """Yield each answer once, however many rows it is of, with the place of its question."""
    question_by_row = {}
    for question in ticket.revision.left_open:
        for row_id in row_ids_of(question):
            question_by_row[row_id] = question
    answers_once = {answer.as_given: answer for answer in ticket.answers}
    for answer in answers_once.values():
        passage = Passage(kind=PlaceKind.ANSWER, text=answer.answer, part=answer.question)
        open_question = question_by_row.get(answer.question_id)
        if open_question is None:  # it is asked no longer, or is of a form
            yield passage
        else:
            yield passage._replace(
                file=open_question.file, line=open_question.line, record=open_question.record
            )


@lru_cache(PARTS_KEPT)
def _lines_of(html: str) -> tuple[str, ...]:
    if not html:
        return ()
    text = adf_to_text(adf.doc(html_to_blocks(html, links=PROSE_LINKS)))
    return tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())
