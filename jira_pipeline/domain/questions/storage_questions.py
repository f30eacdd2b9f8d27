"""Questions about fields that several bundles have under one machine name.

Belongs here: storage whose users contradict each other. Does not: other cells of a field
(`field_questions`).
Source: Drupal keeps one storage for a machine name within an entity type.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, Status
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, plain
from jira_pipeline.domain.questions.question_index import (
    REUSED,
    QuestionIndex,
    is_base_field,
    is_machine_name_given,
)

_NAMED_AT_MOST = 2
_STORAGE_WORDS: Mapping[str, str] = {
    "Field type": "one type",
    "Vals.": "one limit",
}


def storage_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the bundles that share a field leave open about it."""
    has_storage = field.bundle_type not in {None, BundleType.WEBFORM}
    is_shared = has_storage and not is_base_field(field)
    if is_machine_name_given(field) and is_shared:
        yield from _contradictions(field, index)


def open_column(field: Entity, index: QuestionIndex) -> str:
    """Return the column in which the users of a field contradict this row, where that is asked."""
    found = next(_contradictions(field, index), None) if is_machine_name_given(field) else None
    return found.column if found is not None else ""


def _contradictions(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Ask in the ticket of the odd one out; where there is none, in all of them."""
    storage = index.storage_of(field)
    for column, words in _STORAGE_WORDS.items():
        here = field.cell(column)
        others = {
            value: rows
            for (of, value), rows in storage.by_value.items()
            if of == column and value != here
        }
        agreeing = _weight(storage.by_value.get((column, here), ()))
        if others and agreeing <= max(_weight(rows) for rows in others.values()):
            stated = [f"“{plain(v)}” in {_where(rows, index)}" for v, rows in others.items()]
            users = (field, *(row for rows in others.values() for row in rows))
            is_limit = column == "Vals."
            noted = (s for r in users for s in sentences_of(r.note) if _STORAGE_LIMIT.search(s))
            if is_limit and (not here or any("?" not in sentence for sentence in noted)):
                continue  # a note says which limit is where, or the row leaves it to the others
            reused = {row.cell(REUSED).casefold() for row in users}
            new = "Reused is n, but " if "n" in reused and "y" not in reused else ""
            name = ", or should one get a name of its own" if new else ""
            yield Doubt(
                rank=25,
                topic=f"storage {column} {field.machine_name}",
                entity=field,
                column=column,
                quote=here,
                question=f"{column} of {SUBJECTS} is “{plain(here)}” here but {', '.join(stated)}; "
                f"{new}they share one field storage with {words}: which one is right{name}?",
                suggested_answer="" if is_limit else _majority(others, agreeing=agreeing),
                suggested_because="most users of the field",
                disputes=column,
                compared=tuple(r for rows in others.values() for r in rows[:_NAMED_AT_MOST]),
            )
            return


_STORAGE_LIMIT = re.compile(
    r"\bstorage\b[^.]*(?:\d|\*|\bunlimited\b|\blimit)|\b(?:here|form)\b[^.]*\blimit|\blimit[^.]*\b(?:here|form)\b",
    re.IGNORECASE,
)
"""A note that says how many the storage holds, or that the form takes fewer."""


def _weight(rows: Sequence[Entity]) -> int:
    """Count the users that come: what is on hold outvotes nobody."""
    return max(1, sum(row.status is not Status.WAITING for row in rows))


def _majority(others: Mapping[str, Sequence[Entity]], *, agreeing: int) -> str:
    """Return the value that most users have; empty where two values are as frequent."""
    counts = sorted(((_weight(rows), value) for value, rows in others.items()), reverse=True)
    second = max([agreeing, *(count for count, _ in counts[1:])])
    return plain(counts[0][1]) if counts[0][0] > second else ""


def _where(rows: Sequence[Entity], index: QuestionIndex) -> str:
    named = [plain(index.owner_name(row)) for row in rows[:_NAMED_AT_MOST]]
    rest = len(rows) - len(named)
    return f"{', '.join(named)} and {rest} more" if rest else " and ".join(named)
