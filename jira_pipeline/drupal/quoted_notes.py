"""Claims that quote the notes of rows, for what no column says and nobody reads by rule.

Does not belong here: what a note means (`meaning/notes`), which rows are quoted (the rules).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.markup import quoted
from jira_pipeline.drupal.meaning.notes import readable
from jira_pipeline.model.columns import NOTE_COLUMNS
from jira_pipeline.model.entities import Entity
from jira_pipeline.model.grouped import group_by


def quoted_notes(
    key: str,
    rows: Iterable[Entity],
    note_of: Callable[[Entity], str],
    columns: Sequence[str] = NOTE_COLUMNS,
    **places: str,
) -> Iterator[Claim]:
    """Quote what the notes of rows say, together where alike; rows without a note are left out."""
    rows_by_note = group_by(rows, lambda row: readable(note_of(row)).rstrip(". "))
    for note, same in rows_by_note.items():
        if note:
            yield from claims_about(key, same, *columns, said=quoted(note), **places)
