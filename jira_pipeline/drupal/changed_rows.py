"""What the story of a ticket says of rows that come, change and go: `the new state “Draft”`.

Does not belong here: which rows these are (the rules), the words (`words`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jira_pipeline.drupal.claims import clause
from jira_pipeline.drupal.markup import codes, labels, listed, plural, quoted
from jira_pipeline.model.entities import Entity


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRows:
    """Rows of one noun with which a ticket does one thing."""

    phrase: str
    """Key of the clause that says what: `new_rows`, `changed_rows`, `removed_rows`."""
    noun: str
    rows: Sequence[Entity]


def changes_in_words(*changes: ChangedRows, is_by_machine_name: bool = False) -> str:
    """Say each change with the names of its rows, or their number where they are many."""
    return listed(_clauses(changes, is_by_machine_name=is_by_machine_name))


def _clauses(changes: Sequence[ChangedRows], *, is_by_machine_name: bool) -> Iterator[str]:
    """Yield the clause of each change that has rows: `the new state “Draft”`."""
    for change in changes:
        if not change.rows:
            continue
        names = codes(change.rows) if is_by_machine_name else labels(change.rows, shown=quoted)
        yield clause(
            change.phrase,
            change.rows,
            noun=change.noun,
            nouns=plural(change.noun),
            quoted=names,
        )
