"""The notes of rows as bullets: shared sentences by theme, what one row says in one place.

Belongs here: sorting sentences to rows and themes, and joining them. Does not: what a sentence is
about (`note_themes`), the other bullets of a ticket (`bundle_analysis`, `view_analysis`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.questions.target_questions import target_sentence
from jira_pipeline.writers.wording.english import capitalised, listed, number, without_stop
from jira_pipeline.writers.wording.html_fragments import packed, quoted
from jira_pipeline.writers.wording.note_themes import (
    ROW_CUES,
    ThemeCues,
    ToldOnce,
    is_about_options,
    theme_of,
    told_apart,
    told_once,
)
from jira_pipeline.writers.wording.row_wording import codes, label_and_name

_NAMED_ROWS_MAX = 8
_Place = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """One sentence, with what it is about and whose it is."""

    theme: StrEnum
    told: ToldOnce
    place: _Place | None
    """File and line of its row; None where rows share it."""


def themed_bullets(
    rows: Sequence[Entity], *, skip: frozenset[StrEnum] = frozenset(), cues: ThemeCues = ROW_CUES
) -> Iterator[str]:
    """Tell the notes of rows theme by theme, each sentence once with all rows that share it.

    What only one row says is told by row, where it says several things or is alone in its theme.
    """
    notes = [n for n in _notes_of(rows, cues) if n.theme not in skip]
    is_of_row = _told_by_row(notes)
    for theme in dict.fromkeys(member for cue, _ in cues for member in type(cue)):
        for place in dict.fromkeys(n.place for n in notes if is_of_row(n) and n.theme is theme):
            said = [n for n in notes if n.place == place and is_of_row(n)]
            if said[0].theme is theme:
                yield f"{_of_row([n.told for n in said])}."
        told = [n.told for n in notes if n.theme is theme and not is_of_row(n)]
        yield from _of_theme(theme, told, among=len(rows))


def unthemed_bullets(rows: Sequence[Entity]) -> Iterator[str]:
    """Tell what rows say beside all themes.

    Lists of options are left to the verification, what may name targets to the questions.
    """
    told = [
        one
        for one in told_once(rows)
        if theme_of(one.sentence) is None
        and not is_about_options(one.sentence)
        and not any(one.sentence == target_sentence(row) for row in one.rows)
    ]
    said = _by_rows(told, len(rows))
    for run in packed(said):
        yield f"Also noted: {'; '.join(said[run.start : run.stop])}."


def statements(told: Sequence[ToldOnce], *, among: int) -> str:
    """Join what notes say, the sentences of one row after its name."""
    return "; ".join(_by_rows(told, among))


def _by_rows(told: Sequence[ToldOnce], among: int) -> list[str]:
    by_rows: dict[str, list[str]] = {}
    for one in told:
        said = by_rows.setdefault(_whose(one.rows, among=among), [])
        said.append(quoted(without_stop(one.sentence)))
    return [
        f"{who}{':' if who.endswith('”') else ''} {listed(said)}" for who, said in by_rows.items()
    ]


def _notes_of(rows: Sequence[Entity], cues: ThemeCues) -> Iterator[_Note]:
    for told in told_once(rows):
        theme = theme_of(told.sentence, cues)
        if theme is not None:
            source = told.rows[0].source
            is_own = len(told.rows) == 1
            yield _Note(
                theme=theme, told=told, place=(source.file, source.line) if is_own else None
            )


def _told_by_row(notes: Sequence[_Note]) -> Callable[[_Note], bool]:
    """Return which notes are told by row."""
    said_by = Counter(note.place for note in notes)
    left = Counter(note.theme for note in notes if note.place is None or said_by[note.place] == 1)

    def is_of_row(note: _Note) -> bool:
        return note.place is not None and (said_by[note.place] > 1 or left[note.theme] == 1)

    return is_of_row


def _of_row(told: Sequence[ToldOnce]) -> str:
    said = listed([quoted(without_stop(one.sentence)) for one in told])
    return f"{label_and_name(told[0].rows[0])}: {said}"


def _of_theme(theme: StrEnum, told: Sequence[ToldOnce], *, among: int) -> Iterator[str]:
    """Tell what is left of a theme; one sentence needs no heading."""
    match told:
        case []:
            return
        case [only]:
            who = capitalised(_whose(only.rows, among=among))
            yield f"{who}: {quoted(without_stop(only.sentence))}."
        case _:
            said = told_apart(theme, told, lambda part: statements(part, among=among))
            yield from (f"{one}." for one in said)


def _whose(rows: Sequence[Entity], *, among: int) -> str:
    return f"all {number(among)}" if len(rows) == among > _NAMED_ROWS_MAX else codes(rows)
