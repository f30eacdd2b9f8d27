"""Changes as they are kept: with rows named by what they are, not by their line.

Belongs here: both directions. Does not: keeping (`store`), or what an answer is kept for
(`prompt`).
"""

from collections.abc import Mapping

from jira_pipeline.sources.questions.question_index import once_per_session
from jira_pipeline.writing.completion.changes import Changes
from jira_pipeline.writing.completion.specification_text import row_ids
from jira_pipeline.writing.completion.ticket_text import TicketToComplete
from jira_pipeline.writing.group_facts import SessionFacts

_WITH_ROWS = ("drop", "fill", "questions", "verification")


def storable_json(changes: Changes, ticket: TicketToComplete) -> str:
    """Return changes to keep: a row that moves in its sheet is the same row."""
    return _with_rows(changes, _lasting_names(ticket.facts.session)).model_dump_json()


def kept_changes(answer_json: str, ticket: TicketToComplete) -> Changes:
    """Return changes that were kept; a row that is gone has a name that no row has.

    Raises:
        ValidationError: It is no answer of this shape.
    """
    names = {lasting: name for name, lasting in _lasting_names(ticket.facts.session).items()}
    return _with_rows(Changes.model_validate_json(answer_json), names)


@once_per_session
def _lasting_names(session: SessionFacts) -> Mapping[str, str]:
    """Return what rows are kept under, by what a model calls them: keys, counted where they repeat."""
    counts: dict[str, int] = {}
    found = {}
    for name, row in row_ids(session).items():
        counts[row.key] = counts.get(row.key, 0) + 1
        found[name] = f"{row.key}#{counts[row.key]}"
    return found


def _with_rows(changes: Changes, names: Mapping[str, str]) -> Changes:
    renamed = {
        part: [
            item
            if isinstance(item, str)
            else item.model_copy(update={"row": names.get(item.row, item.row)})
            for item in getattr(changes, part)
        ]
        for part in _WITH_ROWS
    }
    return changes.model_copy(update=renamed)
