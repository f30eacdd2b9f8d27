"""Questions about fields that several bundles have under one machine name.

Belongs here: storage whose users contradict each other, fields that are called reused or new and
are not. Does not: other cells of a field (`field_questions`).
Source: Drupal keeps one storage for a machine name within an entity type.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.doubts import SUBJECTS, Doubt, marked, plain
from jira_pipeline.domain.questions.question_index import (
    REUSED,
    QuestionIndex,
    is_base_field,
    is_machine_name_given,
)

_NAMED_AT_MOST = 2
_NAMESAKES_MAX = 6
_STORAGE_WORDS: Mapping[str, str] = {
    "Field type": "one type",
    "Vals.": "one limit",
}


def storage_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    """Find what the bundles that share a field leave open about it."""
    has_storage = field.bundle_type not in {None, BundleType.WEBFORM}
    is_shared = has_storage and not is_base_field(field)
    if is_machine_name_given(field) and is_shared:
        yield from _reuse_doubts(field, index)
        yield from _contradictions(field, index)


def open_column(field: Entity, index: QuestionIndex) -> str:
    """Return the column in which the users of a field contradict this row, where that is asked."""
    found = next(_contradictions(field, index), None) if is_machine_name_given(field) else None
    return found.column if found is not None else ""


def _reuse_doubts(field: Entity, index: QuestionIndex) -> Iterator[Doubt]:
    is_found = len(index.storage_of(field).users) > 1 or re.search(
        r"\bstorage\b", field.note, re.IGNORECASE
    )
    if field.cell(REUSED).casefold() != "y" or is_found:
        return
    kind = str(field.bundle_type).casefold()
    namesakes = index.namesakes_of(field)
    alike = [row for row in namesakes if row.cell("Field type") == field.cell("Field type")]
    name = marked(field.machine_name)
    if alike:
        places = [f"{name} in {plain(index.owner_name(field))}"]
        places += [f"{marked(row.machine_name)} in {_where([row], index)}" for row in alike]
        more = len(places) - _NAMESAKES_MAX
        places = [*places[:_NAMESAKES_MAX], f"{more} more"] if more > 0 else places
        yield Doubt(
            rank=60,
            topic=f"reused {field.machine_name}",
            entity=field,
            column=REUSED,
            quote=field.cell(REUSED),
            question=f"Reused is y, but {SUBJECTS} is {', '.join(places[:-1])} and {places[-1]}: is it "
            "one shared field, or does each keep its own name?",
        )
        return
    subjects = name if namesakes else SUBJECTS
    yield Doubt(
        rank=60,
        topic=f"reused {field.machine_name}" if namesakes else "reused",
        entity=field,
        column=REUSED,
        quote=field.cell(REUSED),
        question=f"Reused is y, but no other {kind} in these sheets has {subjects}: "
        "where does the field exist already?",
        question_for_many=f"Reused is y, but no other {kind} in these sheets has {subjects}: "
        "where do the fields exist already?",
    )


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
        agreeing = len(storage.by_value.get((column, here), ()))
        if others and agreeing <= max(len(rows) for rows in others.values()):
            stated = [f"“{plain(v)}” in {_where(rows, index)}" for v, rows in others.items()]
            users = (field, *(row for rows in others.values() for row in rows))
            meant = [
                s for r in users for s in sentences_of(r.note) if _COUNTS.search(s) and "?" not in s
            ]
            settled = (s for r in users for s in sentences_of(r.note) if _STORAGE_LIMIT.search(s))
            is_limit = column == "Vals."
            several: list[str] = []
            if is_limit and (not here or any("?" not in s for s in settled)):
                several = [
                    s for r in users for s in sentences_of(r.note) if _MORE_THAN_ONE.search(s)
                ]
                if here or not several:
                    continue  # a note says which limit is where, or the row leaves it to the others
            if several:
                found = f"is empty here and {', '.join(stated)}, and a note says "
                found += (
                    f"“{plain(several[0])}”. Drupal keeps one limit for a shared field: which one?"
                )
                answer = "Unlimited storage, fewer on the form where a row says so"
                because = "its note"
            elif is_limit and meant:
                found = f"is “{plain(here)}” here but {', '.join(stated)}, and a note says "
                found += (
                    f"“{plain(meant[0])}”. Drupal keeps one limit for a shared field: a field of "
                )
                found += "its own, or a limit on the form?"
                answer, because = "", ""
            else:
                new = "Reused is n, but " if field.cell(REUSED).casefold() == "n" else ""
                name = ", or should one get a name of its own" if new else ""
                found = (
                    f"is “{plain(here)}” here but {', '.join(stated)}; {new}they share one field "
                )
                found += f"storage with {words}: which one is right{name}?"
                answer = _majority(others, agreeing=agreeing)
                because = "most users of the field"
            yield Doubt(
                rank=25,
                topic=f"storage {column} {field.machine_name}",
                entity=field,
                column=column,
                quote=here,
                question=f"{column} of {SUBJECTS} {found}",
                suggested_answer=answer,
                suggested_because=because,
                disputes=column,
            )
            return
    others_new = _other_new_rows(field, index)
    if others_new:
        where = _where(others_new, index)
        yield Doubt(
            rank=25,
            topic=f"new as in {where}",
            entity=field,
            column=REUSED,
            quote=field.cell(REUSED),
            question=f"Reused is n, but {SUBJECTS} is called new in {where} too: is it one shared "
            "field, or does each get a name of its own?",
            question_for_many=f"Reused is n, but {SUBJECTS} are called new in {where} too: are "
            "they shared fields, or does each get a name of its own?",
            suggested_answer="Shared" if _are_alike(field, others_new) else "",
            suggested_because="same label, type and number of values",
        )


_COUNTS = re.compile(r"\b(?:\d+|one) only\b|\bonly (?:\d+|one)\b", re.IGNORECASE)
"""A note that means the number of its row: the bundles differ on purpose."""


_STORAGE_LIMIT = re.compile(
    r"\bstorage\b[^.]*(?:\d|\*|\bunlimited\b|\blimit)|\b(?:here|form)\b[^.]*\blimit|\blimit[^.]*\b(?:here|form)\b",
    re.IGNORECASE,
)
"""A note that says how many the storage holds, or that the form takes fewer."""
_MORE_THAN_ONE = re.compile(
    r"\bmore than (?:1|one)\b|\b(?:several|multiple|many)\b|\bboth\b.*\bposs", re.IGNORECASE
)


def _are_alike(field: Entity, others: Sequence[Entity]) -> bool:
    forms = {(r.label, r.cell("Field type"), r.cell("Vals.")) for r in (field, *others)}
    return len(forms) == 1


def _majority(others: Mapping[str, Sequence[Entity]], *, agreeing: int) -> str:
    """Return the value that most users have; empty where two values are as frequent."""
    counts = sorted(((len(rows), value) for value, rows in others.items()), reverse=True)
    second = max([agreeing, *(count for count, _ in counts[1:])])
    return plain(counts[0][1]) if counts[0][0] > second else ""


def _other_new_rows(field: Entity, index: QuestionIndex) -> Sequence[Entity]:
    """Return the other rows that call the field new, where this one does so too."""
    storage = index.storage_of(field)
    if field.cell(REUSED).casefold() != "n" or len(storage.new_users) < 2:  # noqa: PLR2004 - a pair
        return ()
    return [row for row in storage.new_users.values() if row.owner_key != field.owner_key]


def _where(rows: Sequence[Entity], index: QuestionIndex) -> str:
    named = [f"{plain(index.owner_name(r))} (line {r.source.line})" for r in rows[:_NAMED_AT_MOST]]
    rest = len(rows) - len(named)
    return f"{', '.join(named)} and {rest} more" if rest else " and ".join(named)
