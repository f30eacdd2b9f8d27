"""Field by field, in plain words: what somebody who tries a small form must find.

Belongs here: one statement for each field: what it takes, how much of it, whether it may stay
empty, what its note promises. Does not: forms with many fields, which are checked by what fields
have in common (`bundle_verification`), phrases of notes (`acceptance`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.questions.field_questions import (
    BOOLEAN,
    LABEL,
    LIST,
    REFERENCE,
    REVISIONS,
    family_of,
    hidden_sentence,
    is_optional,
    is_required,
)
from jira_pipeline.domain.questions.question_index import is_machine_name_given, name_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.domain.questions.target_questions import asked_sentences
from jira_pipeline.writers.group_facts import GroupFacts, coming_targets, note_sentences
from jira_pipeline.writers.wording.acceptance import DATE_ONLY, promises_of
from jira_pipeline.writers.wording.english import listed, with_article, without_stop
from jira_pipeline.writers.wording.html_fragments import quoted, text
from jira_pipeline.writers.wording.note_themes import is_about_options
from jira_pipeline.writers.wording.row_wording import label_and_name

Words = tuple[str, str]
"""Singular and plural."""
_THINGS: Mapping[str, Words] = {
    "text (plain)": ("line of plain text", "lines of plain text"),
    "text (plain, long)": ("plain text of several lines", "plain texts of several lines"),
    "text (formatted)": ("line of formatted text", "lines of formatted text"),
    "text (formatted, long)": ("formatted text", "formatted texts"),
    "text (formatted, long, with summary)": ("formatted text", "formatted texts"),
    "link": ("link", "links"),
    "date": ("date", "dates"),
    "date range": ("date range", "date ranges"),
    "smart date range": ("date range", "date ranges"),
    "email": ("e-mail address", "e-mail addresses"),
    "telephone number": ("telephone number", "telephone numbers"),
    "file": ("file", "files"),
    "image": ("image", "images"),
    "number (integer)": ("whole number", "whole numbers"),
    "number (decimal)": ("decimal number", "decimal numbers"),
    "address": ("postal address", "postal addresses"),
    "geolocation": ("place on the map", "places on the map"),
}
"""What people enter into fields of a type; other types are named as the sheet does."""
FIELDS_TOLD_SINGLY = 6
"""With more, a list of statements is longer than people read (twelve, docs/quality.md)."""
_UNCOUNTED = frozenset({"plain text of several lines", "formatted text"})
_OPTIONS = re.compile(r"^options?(?: include)?:? (.+)", re.IGNORECASE)
_DATE = re.compile(r"\b(date(s)?(?: (range)s?)?)\b")
_CLAUSE = re.compile(r"\b(?:will|is|are|be|can)\b", re.IGNORECASE)
"""Words of a sentence about options, not of a list of them."""
_ANY = frozenset({"*", "unlimited"})


def field_statements(facts: GroupFacts) -> Sequence[str]:
    """State what each field to build takes, in sheet order."""
    return [_statement(row, facts) for row in facts.to_build]


def _statement(row: Entity, facts: GroupFacts) -> str:
    who = label_and_name(row) if is_machine_name_given(row) else quoted(name_of(row))
    has_list = bool(options_of(row))
    asked = asked_sentences(row, facts.session.index)
    promises = promises_of(
        s
        for s in note_sentences(row)
        if not is_open(s) and s not in asked and not (has_list and is_about_options(s))
    )
    said = listed(_told_together([*_taking(row, facts), *promises.in_words]))
    quotes = f"; as noted: {listed(promises.in_quotes)}" if promises.in_quotes else ""
    return f"{who} {said}{quotes}"


def _told_together(predicates: Sequence[str]) -> Sequence[str]:
    """Say of a date at once that it has no time."""
    if DATE_ONLY not in predicates:
        return predicates
    taking = _DATE.sub(
        lambda m: f"{m[1]} without {'times' if m[2] or m[3] else 'a time'}", predicates[0]
    )
    return [taking, *(p for p in predicates[1:] if p != DATE_ONLY)]


def _taking(row: Entity, facts: GroupFacts) -> Iterator[str]:
    """Say what a field takes; whether it may stay empty shows only where it is on the form."""
    family = family_of(row.cell("Field type"))
    count = row.cell("Vals.").casefold()
    if family == LABEL:
        yield "names each item"
    elif family == BOOLEAN:
        yield "can be switched on and off"
    elif hidden_sentence(row):
        yield f"keeps {_amount(count, _things(row, facts))}"
    elif is_required(row):
        yield f"must be filled with {_least(count, _things(row, facts))}"
    else:
        yield f"takes {_amount(count, _things(row, facts))}"
        if is_optional(row):
            yield "may stay empty"


def _things(row: Entity, facts: GroupFacts) -> Words:
    type_ = row.cell("Field type")
    targets = coming_targets(row, facts.session.specification)
    if targets:
        names = listed([text(target.text) for target in targets], word="or")
        return f"item of {names}", f"items of {names}"
    if family_of(type_) == LIST:
        options = options_of(row)
        of = f" of {quoted(options)}" if options else ""
        return f"option{of}", f"options{of}"
    if family_of(type_) in {REFERENCE, REVISIONS}:
        return "reference", "references"
    found = _THINGS.get(type_.casefold())
    return found or (f"value of type {text(type_)}", f"values of type {text(type_)}")


def options_of(row: Entity) -> str:
    """Return the list of options a note gives, as it stands there; nothing where it gives none."""
    for sentence in note_sentences(row):
        match = _OPTIONS.search(without_stop(sentence))
        if match is not None and not _CLAUSE.search(match[1]):
            return match[1]
    return ""


def _amount(count: str, things: Words) -> str:
    if count in _ANY:
        return f"any number of {things[1]}"
    return f"up to {text(count)} {things[1]}" if _is_several(count) else _one(count, things)


def _least(count: str, things: Words) -> str:
    if count in _ANY:
        return f"at least one {things[0]}"
    return f"one to {text(count)} {things[1]}" if _is_several(count) else _one(count, things)


def _one(count: str, things: Words) -> str:
    """Say one thing; where the sheet gives no count, it is not said that there is only one."""
    if things[0] in _UNCOUNTED:
        return things[0]
    return f"one {things[0]}" if count == "1" else with_article(things[0])


def _is_several(count: str) -> bool:
    return count.isdecimal() and int(count) > 1
