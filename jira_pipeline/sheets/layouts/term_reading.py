"""Terms of a list of words while its rows are read: which of them is below which.

Belongs here: marks before a term, the terms that are open above a row, how a term is written. Does not:
which columns hold terms (`term_shapes`), other cells of a row (`values`).

A term is written with those that it is below: `Fruit > Apple`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from jira_pipeline.sheets.layouts.layout import Record, TermPart, Value
from jira_pipeline.sheets.layouts.texts import normal
from jira_pipeline.sheets.layouts.values import Piece, RowContext, pieces_of

BELOW = " > "
"""Between a term and the one below it."""
LEVEL_MARKS = frozenset("-–—•·>*→↳")
"""Before a term, such a mark says that it is below the one above without it."""
_SPACES = " \t\xa0\u3000"


@dataclass(frozen=True, slots=True)
class MarkedTerm:
    """A cell with a term: the mark before it, and the term itself."""

    mark: str
    """Blank where there is none; else its characters and spaces, which other terms may have, too."""
    name: str


def marked_term(text: str) -> MarkedTerm:
    """Return the term of a cell without the mark of its level; `-18` and `->` have none."""
    start = 0
    while start < len(text) and (text[start] in LEVEL_MARKS or text[start] in _SPACES):
        start += 1
    name = text[start:].strip()
    mark = text[:start].rstrip(_SPACES) or text[:start]
    is_number = start > 0 and text[start - 1] not in _SPACES and name[:1].isdecimal()
    if not name or is_number:
        return MarkedTerm("", text.strip())
    return MarkedTerm(mark, name)


@dataclass(frozen=True, slots=True)
class _OpenTerm:
    column: int
    """How far right it is, counted in the columns with terms."""
    mark: str
    path: tuple[str, ...]
    """Its name, below those that it is below."""


class TermReading:
    """The terms of one list that a further one may be below."""

    def __init__(self) -> None:
        self._open: list[_OpenTerm] = []
        self._path_by_name: dict[str, tuple[str, ...]] = {}

    def path_of(self, term: MarkedTerm, column: int) -> tuple[str, ...]:
        """Return a term with those that it is below, by its column and its mark; it is open then."""
        while self._open and self._is_beside(self._open[-1], term, column):
            self._open.pop()
        above = self._open[-1].path if self._open else ()
        return self._opened(term, column, above)

    def path_below(self, term: MarkedTerm, parent: str) -> tuple[str, ...]:
        """Return a term with the one that a cell says it is below, and what that is below."""
        above = self._path_by_name.get(normal(parent), (parent,)) if parent else ()
        return self._opened(term, 0, above)

    def _opened(self, term: MarkedTerm, column: int, above: tuple[str, ...]) -> tuple[str, ...]:
        path = (*above, term.name)
        self._open.append(_OpenTerm(column, term.mark, path))
        self._path_by_name.setdefault(normal(term.name), path)
        return path

    def _is_beside(self, opened: _OpenTerm, term: MarkedTerm, column: int) -> bool:
        """Tell whether an open term is not above another one, which ends it."""
        if opened.column != column:
            return opened.column > column
        if not term.mark or opened.mark == term.mark:
            return True
        marks = [other.mark for other in self._open if other.column == column]
        return term.mark in marks


def term_contexts(
    record: Record, context: RowContext, open_terms: TermReading
) -> Iterator[RowContext]:
    """Yield what each term of a row is taken from; a row without one says more of its list."""
    values = _values_of_terms(record)
    terms = [value for value in values if value.term in {TermPart.TERM, TermPart.BELOW}]
    details = [piece for value in values for piece in _detail_pieces(value, context)]
    parents = [piece for value in values for piece in _parent_pieces(value, context)]
    has_term = False
    for column, value in enumerate(terms):
        for piece in pieces_of(value.whole_cell, context):
            term = marked_term(piece.text)
            if parents:
                path = open_terms.path_below(term, parents[0].text)
            else:
                path = open_terms.path_of(term, column)
            # what a row says beside two terms is about the last of them
            is_last = not any(_has_text(other, context) for other in terms[column + 1 :])
            details_of_term = details if is_last else []
            text = _written(path, details_of_term)
            has_term = True
            yield replace(
                context,
                term=Piece(
                    text=text,
                    value=value,
                    cell=piece.cell,
                    span=piece.span,
                    from_pieces=[*parents, *details_of_term],
                ),
            )
    if not has_term:
        yield context


def _values_of_terms(record: Record) -> list[Value]:
    values: list[Value] = []
    for of_column in record.columns.values():
        values += [value for value in of_column if value.term is not None]
    return values


def _detail_pieces(value: Value, context: RowContext) -> Iterator[Piece]:
    if value.term is TermPart.DETAIL:
        yield from pieces_of(value.whole_cell, context)


def _parent_pieces(value: Value, context: RowContext) -> Iterator[Piece]:
    if value.term is TermPart.PARENT:
        yield from pieces_of(value.whole_cell, context)


def _has_text(value: Value, context: RowContext) -> bool:
    return any(piece.text for piece in pieces_of(value.whole_cell, context))


def _written(path: Sequence[str], details: Sequence[Piece]) -> str:
    """Return a term as a note has it, in a line of its own."""
    written = BELOW.join(" ".join(name.split()) for name in path)
    texts = [" ".join(piece.value.worded(piece.text).split()) for piece in details if piece.text]
    return f"{written} ({'; '.join(texts)})" if texts else written
