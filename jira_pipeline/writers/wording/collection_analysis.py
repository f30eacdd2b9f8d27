"""What is special in tickets that cover many like things: styles, modes, roles, plain bundles.

Belongs here: the bullets of those collections. Does not: bundles with fields (`bundle_analysis`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from jira_pipeline.domain.entities import Entity
from jira_pipeline.domain.entity_groups import GroupKind
from jira_pipeline.domain.note_sentences import comparable, sentences_of
from jira_pipeline.domain.questions.question_index import name_of
from jira_pipeline.domain.questions.row_questions import is_open
from jira_pipeline.writers.group_facts import (
    GroupFacts,
    bundle_noun,
    notes_of,
)
from jira_pipeline.writers.wording.english import (
    count_of,
    is_or_are,
    listed,
    number,
    plural,
    without_stop,
)
from jira_pipeline.writers.wording.html_fragments import quoted, text
from jira_pipeline.writers.wording.note_themes import Theme, theme_of, told_once
from jira_pipeline.writers.wording.row_wording import (
    SWITCHES,
    codes,
    label_and_name,
    listed_cell,
    scope_bullets,
)

_MODES_NAMED_MAX = 6


def image_style_bullets(facts: GroupFacts) -> Iterator[str]:
    """Tell which styles change and count the effects that the others share."""
    changed = [row for row in facts.to_build if _CHANGE.search(notes_of(row))]
    for told in told_once(changed):
        yield f"{codes(told.rows)} changes: {quoted(without_stop(told.sentence))}."
    yield from _shared_clauses([row for row in facts.to_build if row not in changed])
    yield from scope_bullets(facts, "image style")


_CHANGE = re.compile(r"\b(?:was|formerly|until now)\b.*\b(?:is )?now\b", re.IGNORECASE | re.DOTALL)
"""A note that says what a style was and what it is to be."""
_MEASURE = re.compile(r"\d[\dx×%.]*(?:px)?")


def _shared_clauses(rows: Sequence[Entity]) -> Iterator[str]:
    clauses: Counter[str] = Counter()
    wording: dict[str, str] = {}
    for row in rows:
        for clause in dict.fromkeys(c.strip() for c in notes_of(row).split(",") if c.strip()):
            pattern = _MEASURE.sub("…", without_stop(clause))
            key = comparable(pattern)
            clauses[key] += 1
            wording.setdefault(key, pattern)
    told = [f"{quoted(wording[k])} in {number(n)}" for k, n in clauses.most_common() if n > 1]
    once = [quoted(wording[key]) for key, count in clauses.items() if count == 1]
    if told:
        yield f"Effects of the {count_of(len(rows), 'style')} to build: {listed(told)}."
    if once:
        yield f"Used once only: {listed(once)}."


def responsive_style_bullets(facts: GroupFacts) -> Iterator[str]:
    """Group the styles by their breakpoints."""
    rows = facts.to_build
    breakpoint_groups = list(dict.fromkeys(r.cell("Breakpoint Group") for r in rows))
    if len(breakpoint_groups) == 1 and breakpoint_groups[0]:
        yield f"All use the breakpoint group {quoted(breakpoint_groups[0])}."
    used: dict[str, list[Entity]] = {}
    for row in rows:
        used.setdefault(row.cell("Breakpoints Used"), []).append(row)
    for breakpoints, sharing in used.items():
        if breakpoints:
            yield f"Breakpoints {quoted(breakpoints)}: {codes(sharing)}."
    for told in told_once(rows):
        if theme_of(told.sentence) is not None:
            yield f"Mind the note on {codes(told.rows)}: {quoted(without_stop(told.sentence))}."
    yield from scope_bullets(facts, "responsive image style")


def view_mode_bullets(facts: GroupFacts) -> Iterator[str]:
    """Tell the modes that share a note together."""
    notes: dict[tuple[str, str], list[Entity]] = {}
    for row in facts.to_build:
        key = (comparable(notes_of(row)), row.cell("Entities Used On"))
        notes.setdefault(key, []).append(row)
    for (_, used_on), rows in notes.items():
        where = f" on {listed_cell(used_on)}" if used_on else ""
        names = listed([quoted(row.label) for row in rows], at_most=_MODES_NAMED_MAX)
        said = f": {quoted(without_stop(notes_of(rows[0])))}" if notes_of(rows[0]) else ""
        if where:
            yield f"{names} {is_or_are(len(rows))} used{where}{said}."
        elif said:
            yield f"{names}{said}."
    yield from scope_bullets(facts, "view mode")


def role_bullets(facts: GroupFacts) -> Iterator[str]:
    """Quote what each role may do."""
    for row in facts.to_build:
        said = [quoted(without_stop(s)) for s in sentences_of(notes_of(row))]
        if said:
            yield f"{label_and_name(row)}: {listed(said)}."
    workflows = [g.label for g in facts.dependents if g.kind is GroupKind.WORKFLOW]
    if workflows:
        yield (
            f"Permissions on transitions come with {listed([text(w) for w in workflows])}; this "
            "ticket makes the roles."
        )
    yield from scope_bullets(facts, "role")


def bundles_without_fields_bullets(facts: GroupFacts) -> Iterator[str]:
    """Tell what is said of several bundles once."""
    access: dict[str, list[Entity]] = {}
    for head in facts.group.heads:
        for sentence in sentences_of(notes_of(head)):
            if not is_open(sentence):
                access.setdefault(without_stop(sentence), []).append(head)
    for sentence, heads in access.items():
        introduction = f"{Theme.ACCESS}: " if theme_of(sentence) is Theme.ACCESS else ""
        yield f"{introduction}{quoted(sentence)} on {listed([text(name_of(h)) for h in heads])}."
    quiet = [h for h in facts.group.heads if not notes_of(h)]
    if access and quiet:
        yield f"No such note on {listed([text(name_of(h)) for h in quiet])}."
    yield _extent(facts, access)


def _extent(facts: GroupFacts, said: Iterable[str]) -> str:
    """Say how much there is to configure, as far as the sheets tell."""
    heads = facts.group.heads
    noun = bundle_noun(facts.head.bundle_type)
    is_one = len(heads) == 1
    if not facts.session.index.is_fields_sheet_read:
        which = f"this {noun} has" if is_one else f"these {plural(noun)} have"
        return f"Whether {which} fields is open: no fields sheet was uploaded."
    which = f"this {noun} no field" if is_one else f"none of these {plural(noun)} a field"
    parts = ["label", "machine name"]
    if any(head.cell("Description") for head in heads):
        parts.append("description")
    themes = {theme_of(sentence) for sentence in said}
    if Theme.ACCESS in themes:
        parts.append("access")
    if themes - {Theme.ACCESS}:
        parts.append("what the notes say")
    if any(head.cell(column).casefold() == "y" for head in heads for column in SWITCHES):
        parts.append("the switches tabled")
    return f"The sheets give {which}: {listed(parts)} are all there is to configure."
