"""What a reader who must sign a ticket edits first: what it asks, asserts, repeats or leaves out.

Belongs here: rules that hold the prose against what the rows leave open, and empty sentences.
Does not: form and length (`prose_checks`), the points (`rubric`). Which reasons readers gave is
kept in `benchmarks/readings.jsonl`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from jira_pipeline.domain.entities import BundleType, Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupAction, GroupKind
from jira_pipeline.domain.lexicon import lexicon
from jira_pipeline.domain.note_sentences import (
    readable,
    sentences_of,
)
from jira_pipeline.domain.questions.doubts import Doubt
from jira_pipeline.domain.questions.row_questions import (
    HELP_TEXT,
    PROSE_COLUMNS,
    is_open,
)
from jira_pipeline.domain.role_notes import roles_named_in
from jira_pipeline.domain.tickets import RevisionOrigin
from jira_pipeline.domain.view_displays import (
    is_of_core,
    setting_of,
)
from jira_pipeline.stages.quality.prose_checks import NOTE_ALONE, ReadProse
from jira_pipeline.stages.quality.source_words import folded

_COMPARED_CHARACTERS = 40
"""Of a quotation: tickets leave out the end of long ones."""
_QUOTATION = re.compile(r"“([^”]{0,1000})”")
_PLACE = re.compile(
    r"^(?P<file>.+?\.(?:csv|xlsx|zip)(?::[^\s:]+)?):(?P<lines>\d+(?:, \d+)*)", re.IGNORECASE
)


def unasked_doubts(prose: ReadProse) -> Iterator[str]:
    """Find what the rows leave open and no question asks: by its quotation, else by its line."""
    if prose.revision.origin is not RevisionOrigin.GENERATED:
        return  # people take out what they have settled
    asked = folded(prose.questions.text).casefold()
    topics = tuple(_topics(prose))
    quoted = [beginning(topic[0].quote) for topic in topics if _is_quoting(topic[0])]
    cited: Counter[tuple[str, int]] = Counter()
    for item in prose.questions.items:
        if not any(quote in bare(item) for quote in quoted):
            cited.update(_cited_places(item))
    for topic in topics:
        first = topic[0]
        if _is_quoting(first):
            is_asked = all(beginning(s) in asked for s in sentences_of(first.quote))
        else:
            places = {(d.entity.source.file, d.entity.source.line) for d in topic}
            is_asked = any(cited[place] > 0 for place in places)
            cited.subtract(places)
        if not is_asked:
            yield f"nobody asks about {_doubt_text(first)}"


def _is_quoting(doubt: Doubt) -> bool:
    return bool(doubt.quote) and doubt.column in (*PROSE_COLUMNS, HELP_TEXT)


def _topics(prose: ReadProse) -> Iterator[Sequence[Doubt]]:
    """Return what the rows leave open, as it is joined into questions.

    Of a field that goes readers do not miss the question on its content; of a bundle they do.
    """
    found: dict[tuple[str, str], list[Doubt]] = {}
    for doubt in prose.doubts:
        if doubt.topic != "existing content" or doubt.entity.kind is EntityKind.BUNDLE:
            found.setdefault((doubt.topic, doubt.entity.source.file), []).append(doubt)
    yield from found.values()


def _cited_places(item: str) -> set[tuple[str, int]]:
    place = _PLACE.match(item)
    if place is None:
        return set()
    return {(place["file"], int(number)) for number in re.findall(r"\d+", place["lines"])}


def _doubt_text(doubt: Doubt) -> str:
    if _is_quoting(doubt):
        return f"“{readable(doubt.quote)}”"
    return f"{doubt.column} of {doubt.entity.label} ({doubt.entity.source.in_words})"


def answered_questions(prose: ReadProse) -> Iterator[str]:
    """Find questions about rows that leave nothing open, and about what Drupal brings."""
    doubted = {(d.entity.source.file, d.entity.source.line) for d in prose.doubts}
    rows = {(r.source.file, r.source.line) for r in prose.group_rows}
    suggested = [q.question for q in prose.revision.questions if q.suggested_answer]  # take a nod
    for item in prose.questions.items:
        place = _PLACE.match(item)
        where = (place["file"], int(place["lines"].partition(",")[0])) if place else None
        is_of_rules = "(proposed)" not in item and "machine name" not in item
        is_of_rules &= not any(readable(asked) in item for asked in suggested)
        if where in rows and where not in doubted and is_of_rules:
            yield f"the sheets answer it: {item[:100]}"
        core = [
            v.label for v in prose.words.specification.by_kind[EntityKind.VIEW] if is_of_core(v)
        ]
        if any(f" {label}: " in item for label in core):
            yield f"it asks about a view that Drupal brings: {item[:100]}"


def unsettled_names(prose: ReadProse) -> Iterator[str]:
    """Find machine names that the sheet lacks or Drupal refuses, and no word on them."""
    names = [prose.words.index.settled_name(head) for head in prose.group.heads[:_NAMED_HEADS]]
    named = {*prose.verification.codes, *prose.analysis.codes}
    yield from (f"no machine name is given, such as {n}" for n in names if n and n not in named)


_NAMED_HEADS = 4
_ASSERTED: Mapping[str, re.Pattern[str]] = {
    "Vals.": re.compile(r"\b(?:takes?|holds?|keeps?) (?:at least )?(?:one|up to|any number of)\b"),
    "Req'd": re.compile(r"\bmust hold\b|\bcannot be saved without\b"),
    "Layout": re.compile(r"\bLayout Builder\b.*\bswitched on\b"),
    "Mod.": re.compile(r"\bmoderation\b.*\bswitched on\b"),
    "Trns.": re.compile(r"\btranslation\b.*\bswitched on\b"),
    "Sched.": re.compile(r"\bscheduled\b.*\bswitched on\b"),
    "Field type": re.compile(r"\b(?:whole|decimal) number|\bplain text|\bformatted text"),
}
"""How a statement gives the value of a column as a fact."""
_PENDING = re.compile(r"\b(?:its|their|the) questions?\b")
"""How a statement says that it waits for an answer."""


def asserted_doubts(prose: ReadProse) -> Iterator[str]:
    """Find what analysis and verification state although a question of the ticket doubts it."""
    if not prose.questions.items:
        return
    asked = {bare(quote) for quote in prose.questions.quotations}
    beside = " ".join(asked)  # a note is quoted whole, with what it leaves open
    notes = {
        bare(sentence)
        for row in prose.group_rows
        for column in PROSE_COLUMNS
        for sentence in sentences_of(row.cell(column))
    }
    items = [without_note(i) for i in (*prose.analysis.items, *prose.verification.items)]
    for item in items:
        for quote in map(bare, _QUOTATION.findall(item)):
            if quote in notes and (quote in asked or (quote in beside and is_open(quote))):
                yield f"stated and asked at once: “{quote}”"
    for doubt in prose.doubts:
        if doubt.topic.startswith("dangling"):
            sure = (i for i in items if not _PENDING.search(i))
            stating = (i for i in sure if doubt.quote in _QUOTATION.sub(" ", i))
            yield from (f"{doubt.quote} is asked about, and stated: “{i[:60]}”" for i in stating)
        is_of_note = doubt.column in (*PROSE_COLUMNS, HELP_TEXT)
        pattern = _ASSERTED.get(doubt.disputes) if is_of_note else None
        name = doubt.entity.machine_name
        for item in map(without_note, prose.verification.items) if pattern and name else ():
            is_pending = _PENDING.search(item) is not None
            is_named = re.search(rf"\b{re.escape(name)}\b", item) is not None
            if is_named and pattern and pattern.search(item) and not is_pending:
                yield f"{doubt.disputes} of {name} is a fact here and a question above"


def without_note(item: str) -> str:
    """Return what a bullet or check says itself: a note beside it is quoted whole, whatever it says."""
    return re.split(r"(?:^|\. )Note(?: on [^:]*)?: “", item, maxsplit=1)[0]


_ONE_QUOTATION = re.compile(r"^[^:“]+: “([^”]*)”\.?$")
_EMPTY = re.compile(r"^Scope: One (?:row|view, \S+)\.$", re.IGNORECASE)


def empty_bullets(prose: ReadProse) -> Iterator[str]:
    """Find bullets that say nothing."""
    for item in map(without_note, prose.analysis.items):
        alone = _ONE_QUOTATION.match(item)
        if _EMPTY.search(item):
            yield f"it says nothing: “{item[:60]}”"
        elif alone and (len(alone[1].split()) == 1 or is_open(alone[1])):
            yield f"a word is no statement: “{item[:60]}”"


def empty_checks(prose: ReadProse) -> Iterator[str]:
    """Find checks that nothing can fail: who did the work, or what a note leaves open."""
    for item in prose.verification.items:
        if _OF_THE_WORK.search(item):
            yield f"nobody finds it on the site: “{item[:80]}”"
        said = "" if NOTE_ALONE.match(item) else without_note(item)
        for quote in _QUOTATION.findall(said):
            if _is_note(quote, prose) and is_open(quote):
                yield f"it is open and cannot be checked: “{item[:80]}”"


_OF_THE_WORK = re.compile(r"\b(?:has|and) (?:Resp\w*\.?|Owner|Dev|QA|Workshop) “")
"""A check of a column on people."""


def unchecked_demands(prose: ReadProse) -> Iterator[str]:
    """Find moderation and scheduling where no check or question says so."""
    if prose.group.is_hollow or prose.group.action is GroupAction.REMOVE:
        return  # what is not built can keep no demand
    checked = f"{prose.verification.text} {prose.questions.text}"
    for head in prose.group.heads:
        is_new = head.status is Status.APPROVED
        is_moderated = head.cell("Mod.").casefold() == "y" and is_new
        if is_moderated and "moderat" not in f"{checked} {prose.analysis.text}".casefold():
            yield f"{head.label} is moderated, and nothing says so"
        is_scheduled = head.cell("Sched.").casefold() == "y" and is_new
        is_noted = any("sched" in s.casefold() for s in _note_sentences(head))
        if is_scheduled and is_noted and "schedul" not in checked.casefold():
            yield f"{head.label} is published on schedule, and no check says so"


def _note_sentences(row: Entity) -> Sequence[str]:
    return sentences_of(row.note)


def unread_stories(prose: ReadProse) -> Iterator[str]:
    """Find stories a reader rewrites: empty, of the wrong person, or hard to read."""
    story = " ".join(prose.story.text.split())
    head = prose.group.heads[0] if prose.group.heads else None
    if found := lexicon().filler_benefits.search(story):
        yield f"the benefit fits every ticket: “{found.group()}”"
    if (
        head is not None
        and head.bundle_type is BundleType.WEBFORM
        and story.startswith("As an editor")
    ):
        yield "visitors fill in the form, not editors"
    if head is not None and "to create and maintain" in story:
        sentences = (s for c in (head.cell("Description"), head.note) for s in sentences_of(c))
        if any(lexicon().not_by_hand.search(s) and not is_open(s) for s in sentences):
            yield "somebody creates what its note says nobody creates"
    if prose.group.kind is GroupKind.VIEW:
        yield from _view_story(prose, story)


def _view_story(prose: ReadProse, story: str) -> Iterator[str]:
    roles = prose.words.specification.by_kind[EntityKind.USER_ROLE]
    for display in prose.group.members:
        named = roles_named_in(setting_of(display, "access"), roles)
        if named and not any(role.label in story for role in named):
            yield f"{display.machine_name} is for {named[0].label}, the story is not theirs"


def _is_note(quote: str, prose: ReadProse) -> bool:
    return any(
        bare(quote) in bare(row.cell(column))
        for row in prose.group_rows
        for column in PROSE_COLUMNS
    )


def beginning(sentence: str) -> str:
    """Return the part of a sentence by which it is found again where its end is left out."""
    return bare(sentence)[:_COMPARED_CHARACTERS]


def bare(text: str) -> str:
    """Return a text as it is compared: without formatting, in lower case, on one line."""
    return folded(readable(text)).casefold().strip(" .;,:")
