"""What is wrong with the prose of a ticket, point by point, each with the words that show it.

Belongs here: one rule for each point that is about prose. Does not: what a point is called and
how they are added up (`rubric`), tables (`shown_tables`).
Source: shared facts on writers, "What good ticket text is"; docs/quality.md says the same.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import COMPONENT_KINDS, EntityGroup, GroupAction, GroupKind
from jira_pipeline.domain.lexicon import lexicon, word_list
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.questions.doubts import Doubt
from jira_pipeline.domain.questions.field_questions import LABEL, family_of
from jira_pipeline.domain.questions.open_questions import row_doubts
from jira_pipeline.domain.questions.structure_questions import group_doubts
from jira_pipeline.domain.tickets import TITLE_MAX_CHARACTERS, Revision
from jira_pipeline.domain.view_displays import (
    is_as_shipped,
    is_for_administrators,
    is_shared,
    plugin_of,
)
from jira_pipeline.stages.quality.prose_reading import ReadFragment, read_fragment
from jira_pipeline.stages.quality.source_words import NAME, NUMBER, SourceWords, folded

STORY_MAX_WORDS = 60
STATEMENTS_MIN = 2
"""Or one more than there are rows to build, where that is less."""
STATEMENTS_MAX = 12
FIELDS_A_STATEMENT = 5
"""A bundle with many fields has more statements rather than denser ones."""
HOURS_MAX = 40
_QUOTED_PIECE_MIN = 2
BULLETS_MAX = 8
BULLET_WORDS_MAX = 60
BULLET_QUOTATIONS_MAX = 3
LIST_NAMES_MIN = 6
"""As many names in a row are a list, which nobody reads twice."""
_STORY = re.compile(
    r"As (?P<role>an? .+?), I (?:want|need) (?P<wish>.+?)(?:, so that (?P<benefit>.+?))?[.…]"
    r"(?: Description: “.*”(?: \(the rest in the table\))?\.)?",
    re.DOTALL,
)
_ABSENCE = re.compile(
    r"\bplain configuration\b|\bnothing (?:is )?(?:unusual|special|to (?:note|mention))\b"
    r"|\bno (?:such )?notes? (?:restricts?|explains?|on)\b|\bwhat their notes (?:allow|say)\b",
    re.IGNORECASE,
)
"""Sentences that say that there is nothing to say."""
_OBJECT = re.compile(
    r"[\d\u203a“`/\[]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|all|none)\b",
    re.IGNORECASE,
)
"""What shows that a statement names something: a count, a path, a quotation, a name in code."""
_MAKERS = re.compile(r"\b(?:developer|programmer|engineer|tester)\b", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(?:works? (?:as expected|correctly|properly|fine|well)|as expected|looks? (?:good|right)|"
    r"is (?:set up|configured) (?:correctly|properly)|is tested|exists and shows content|"
    r"can be seen on the site|questions above are (?:answered|settled)|as (?:the answer|its row) says|of its row says?)\b",
    re.IGNORECASE,
)
_EVERY_FIELD = re.compile(
    r"\b(?:every|each) field is required|\ball fields are required"
    r"|\bwhile any of these fields is empty",
    re.IGNORECASE,
)
_AND_MORE = re.compile(r"\bcannot be saved without .+ and \w+ more\b")
"""Of very many required fields the rest is counted; the table marks each."""
_YES = frozenset({"y", "yes", "required"})
_ADDRESS = re.compile(r"https?://[^\s<>\"”)]+")
_CLUMSY = re.compile(
    r"\bNone\b(?! of)|\s[.,;:](?:\s|$)|[:;,]\s*\.(?:\s|$)|,,|;;|(?<!\.)\.\.(?!\.)|“\s*”|\(\s*\)|\*\*|^#{1,6} |```|</?\w+>"
    r"|\b(?!that|had)([A-Za-z]{2,}) \1\b|\b(?:and|or|covers)\s*[.;](?:\s|$)"
    r"|\bAll (?:one|two) [a-z]|\ba [aeio](?!ne\b|nce\b)|\ban [bcdfgj]|\bone \w+s (?:are|exist)\b",
    re.MULTILINE,
)
_AROUND = 6
"""Characters beside a clumsy place by which it is known whether a cell says it like that."""
_WORD = re.compile(r"[^\W\d_]{4,}")
_HOURS = re.compile(r"(\d{1,3})-(\d{1,3})")
_VERBS = {
    GroupAction.CREATE: frozenset({"Configure", "Create", "Run"}),
    GroupAction.UPDATE: frozenset({"Update", "Review"}),
    GroupAction.REMOVE: frozenset({"Remove"}),
}
_ONE_STATEMENT_EACH = frozenset(
    {EntityKind.VIEW_DISPLAY, EntityKind.USER_ROLE, EntityKind.WORKFLOW_STATE}
)
_BUILT = frozenset({Status.APPROVED, Status.CHANGED})


@dataclass(frozen=True, kw_only=True)
class ReadProse:
    """The parts of a ticket, taken apart, with what they may speak of."""

    group: EntityGroup
    words: SourceWords
    revision: Revision
    ticket_count: int
    """Tickets of the session: the highest number one can have."""
    story: ReadFragment
    analysis: ReadFragment
    questions: ReadFragment
    verification: ReadFragment
    shown: str = ""
    """What a reader sees outside the tables, in lower case on one line."""

    @property
    def group_rows(self) -> tuple[Entity, ...]:
        """All rows of the ticket."""
        return (*self.group.heads, *self.group.members)

    @cached_property
    def row_words(self) -> frozenset[str]:
        """Words of the cells of its rows that mean something on this site only."""
        cells = (cell for row in self.group_rows for cell in row.cells.values())
        return _words_of(" ".join(cells)) - word_list("counted_nouns") - word_list("frequent_words")

    @cached_property
    def doubts(self) -> tuple[Doubt, ...]:
        """What the rows to build leave open."""
        found = (d for row in self.group_rows for d in row_doubts(row, self.words.index))
        return (*group_doubts(self.group, self.words.index), *found)

    @property
    def fragments(self) -> tuple[ReadFragment, ...]:
        """All parts that a writer writes; notes are people's own."""
        return self.story, self.analysis, self.questions, self.verification


def _words_of(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def read_prose(
    group: EntityGroup, revision: Revision, *, words: SourceWords, ticket_count: int, shown: str
) -> ReadProse:
    """Take the parts of a revision apart."""
    parts = revision.parts
    return ReadProse(
        group=group,
        words=words,
        revision=revision,
        ticket_count=ticket_count,
        story=read_fragment(parts.user_story),
        analysis=read_fragment(parts.analysis),
        questions=read_fragment(parts.questions),
        verification=read_fragment(parts.verification),
        shown=shown,
    )


def false_quotations(prose: ReadProse) -> Iterator[str]:
    """Find words in quotation marks that no cell says; `…` marks what was left out."""
    for fragment in prose.fragments:
        for quotation in fragment.quotations:
            pieces = (piece.strip(" .") for piece in quotation.split("…"))
            for piece in pieces:
                is_sheet = any(piece in sheet for sheet in prose.words.lines)
                if (
                    len(piece) >= _QUOTED_PIECE_MIN
                    and not is_sheet
                    and not _is_mentioned(prose, piece)
                ):
                    yield f"“{quotation}” is in no cell"


def _is_mentioned(prose: ReadProse, words: str) -> bool:
    return prose.words.is_written_in(prose.group, words)


def title_faults(group: EntityGroup, title: str) -> Iterator[str]:
    """Find what a title of verb, type and label lacks."""
    if title.split(" ", 1)[0] not in _VERBS[group.action]:
        yield f"the title does not begin with {' or '.join(sorted(_VERBS[group.action]))}"
    if folded(group.label).casefold()[:60] not in folded(title).casefold():
        yield f"the title does not name {group.label}"
    if len(title) > TITLE_MAX_CHARACTERS:
        yield f"the title has {len(title)} characters"


def story_faults(prose: ReadProse) -> Iterator[str]:
    """Find what keeps a story from being one sentence of role, wish and benefit."""
    story = " ".join(prose.story.text.split())
    match = _STORY.fullmatch(story)
    sentence = story.partition(" Description: ")[0]
    if match is None:
        yield "the story is not “As a …, I want ….”, with or without “so that …”"
    elif _MAKERS.search(match["role"]):
        yield f"{match['role']} builds the site; the story is that of people who use it"
    if len(sentence.split()) > STORY_MAX_WORDS:
        yield f"the story has {len(sentence.split())} words"
    if found := lexicon().spliced.search(_without_names(prose, sentence)):
        yield f"free text in a slot: “{found.group()}”"
    yield from _wrong_places(prose, sentence)
    if match is not None and match["benefit"] and prose.group.action is GroupAction.CREATE:
        fields = (r for r in _built(prose.group.members) if r.kind is EntityKind.FIELD)
        labels = {
            r.label for r in fields if len(r.label) > 1 and not prose.words.is_bundle(r.label)
        }
        restated = [label for label in labels if label in match["benefit"]]
        if len(restated) >= _RESTATED_MIN:
            yield f"the benefit restates the fields: {', '.join(sorted(restated))}"


_RESTATED_MIN = 2


def _without_names(prose: ReadProse, sentence: str) -> str:
    """Take names of the specification out of a sentence: they may be any words."""
    names = prose.words.labels_in(sentence)
    for name in sorted(names, key=len, reverse=True):
        sentence = sentence.replace(name, "N")
    return sentence


def _wrong_places(prose: ReadProse, story: str) -> Iterator[str]:
    """Find a view for a visitor who may not see it, or at a place where Drupal shows nothing."""
    if prose.group.kind is not GroupKind.VIEW:
        return
    displays = prose.group.members
    shared = [d for d in displays if is_shared(d)]
    for display in shared:
        if f"“{display.label}”" in story and not any(
            d.label == display.label for d in displays if d not in shared
        ):
            yield f"“{display.label}” is no place: it holds what the other displays inherit"
    pages = [d for d in displays if plugin_of(d) == "page"]
    is_for_staff = prose.group.heads and (
        prose.group.heads[0].machine_name in lexicon().admin_views
        or (
            (len(pages) == len(displays) - len(shared) and pages)
            and all(is_for_administrators(page) for page in pages)
        )
    )
    if is_for_staff and story.startswith("As a visitor"):
        yield "a visitor never meets this view: it is for people who run the site"


def analysis_faults(prose: ReadProse) -> Iterator[str]:
    """Find what keeps the analysis from changing what a developer does."""
    items = prose.analysis.items
    if len(items) > BULLETS_MAX:
        yield f"{len(items)} bullets, more than {BULLETS_MAX}"
    for item in (i for i in items if not i.startswith("Note")):  # which is quoted whole
        if (words := len(_QUOTATION.sub(" ", item).split())) > BULLET_WORDS_MAX:
            yield f"a bullet of {words} words: “{item[:60]}…”"
        if item.count("“") > BULLET_QUOTATIONS_MAX and prose.group.kind is not GroupKind.VIEW_MODES:
            yield f"a heap of quotations: “{item[:60]}…”"
        if _ABSENCE.search(item):
            yield f"it says that there is nothing to say: “{item[:60]}”"


def question_faults(prose: ReadProse) -> Iterator[str]:
    """Find questions that a cell answers, or that are asked twice."""
    questions = prose.revision.questions
    if len({q.question for q in questions}) < len(questions):
        yield "a question is asked twice"
    rows = {(r.source.file, r.source.line): r for r in prose.group_rows}
    for question in questions:
        row = rows.get((question.file, question.line))
        is_called_empty = f"{question.column} is empty" in question.question
        if row is not None and is_called_empty and row.cell(question.column) not in {"", "-"}:
            yield f"{question.column} is not empty: {question.question}"


_QUOTATION = re.compile(r"“[^”]{0,1000}”")
_TICKET = re.compile(r"\bticket (\d+)\b")


def unknown_names(prose: ReadProse) -> Iterator[str]:
    """Find machine names and addresses that no cell holds."""
    files = {sheet.casefold() for sheet in prose.words.lines}
    for fragment in prose.fragments:
        candidates = (*fragment.codes, *NAME.findall(fragment.uncited))
        for name in dict.fromkeys(candidates):
            is_known = folded(name) in prose.words.names or name in files
            if not is_known and not _is_mentioned(prose, name.removeprefix("/")):
                yield f"`{name}` is in no cell"
        for address in _ADDRESS.findall(fragment.text):
            if not _is_mentioned(prose, address.rstrip(".,;:?")):
                yield f"{address} is in no cell"


def unknown_numbers(prose: ReadProse) -> Iterator[str]:
    """Find numbers that no cell holds and that count nothing, and lines that have no row."""
    rows = len(prose.group.heads) + len(prose.group.members)
    largest_count = max(rows, prose.words.largest_count)
    for fragment in prose.fragments:
        uncounted = _TICKET.sub(" ", fragment.uncited)
        for number in dict.fromkeys(NUMBER.findall(uncounted)):
            if number not in prose.words.numbers and int(number) > largest_count:
                yield f"{number} is in no cell and counts nothing"
        for number in _TICKET.findall(fragment.uncited):
            if int(number) > prose.ticket_count:
                yield f"there is no ticket {number}"
        for citation in fragment.citations:
            yield from _lines_without_row(prose, citation)


def _lines_without_row(prose: ReadProse, citation: str) -> Iterator[str]:
    lines = citation.partition(" / ")[0]  # without the rows beside them
    file, colon, numbers = lines.rpartition(":")
    if not colon:
        file, numbers = "", lines
    known = prose.words.lines.get(file)
    if known is None:
        known = {line for lines in prose.words.lines.values() for line in lines}
    for number in NUMBER.findall(numbers):
        if int(number) not in known:
            yield f"{citation}: no row begins in line {number}"


_NAME = r"(?:[\w.-]+|“[^”]+”)"
NOTE_ALONE = re.compile(
    rf"(?:As noted|{_NAME}(?:(?:, | and ){_NAME})*)(?:, subject to its question)?: (?=“)"
)
"""How a statement begins that is what a note says of rows, and nothing else."""


def verification_faults(prose: ReadProse) -> Iterator[str]:
    """Find what keeps the verification from being a list that somebody can tick off."""
    items = prose.verification.items
    least, most = statement_limits(prose.group)
    noted = sum(bool(NOTE_ALONE.match(item)) for item in items)
    if not least <= len(items) <= most + noted:
        yield f"{len(items)} statements to verify, not {least} to {most + noted}"
    yield from (f"“{item}” can be ticked without looking" for item in items if _VAGUE.search(item))
    if len(set(items)) < len(items):
        yield "a statement to verify is there twice"
    checked = folded(prose.verification.text)
    for head in _named_heads(prose.group):
        names = [n for n in (head.machine_name, head.label) if len(n) >= _QUOTED_PIECE_MIN]
        plain_label = head.label.rpartition(" (")[0] or head.label
        if names and not any(folded(name) in checked for name in (*names, plain_label)):
            yield f"no statement to verify names {head.label}"
    if silent := _unnamed_required(prose):
        yield f"no statement to verify names the required {', '.join(silent)}"
    yield from (f"it names no object: “{item}”" for item in items if not _names_object(prose, item))
    yield from _repeated_lists(prose)


def _unnamed_required(prose: ReadProse) -> Sequence[str]:
    """Return the required fields to build that no statement names."""
    is_removal = prose.group.action is GroupAction.REMOVE
    if is_removal or _EVERY_FIELD.search(prose.verification.text):
        return ()
    if _AND_MORE.search(prose.verification.text):
        return ()
    named = set(prose.verification.codes) | set(NAME.findall(prose.verification.text))
    return [
        row.machine_name
        for row in _built(prose.group.members)
        if row.cell("Req'd").casefold() in _YES
        and NAME.fullmatch(row.machine_name)
        and row.machine_name not in named
    ]


def statement_limits(group: EntityGroup) -> tuple[int, int]:
    """Return how many statements a ticket has at least and at most."""
    rows = (*group.heads, *group.members)
    work = sum(
        not is_shared(row) and family_of(row.cell("Field type")) != LABEL
        for row in _built(group.members or group.heads)
    )
    least = min(STATEMENTS_MIN, 2 if group.action is GroupAction.REMOVE else work + 1)
    if group.kind in _OF_ONE_STATEMENT:
        least = 1  # what a role may do, or where a mode is used, is asked where no row says it
    each = sum(
        row.kind in _ONE_STATEMENT_EACH or row.kind is EntityKind.RESPONSIVE_IMAGE_STYLE
        for row in rows
    )
    fields = sum(row.kind is EntityKind.FIELD for row in rows)
    return least, STATEMENTS_MAX + each + fields // FIELDS_A_STATEMENT


_OF_ONE_STATEMENT = frozenset(
    {
        GroupKind.USER_ROLES,
        GroupKind.VIEW_MODES,
        GroupKind.IMAGE_STYLES,
        GroupKind.BUNDLES_WITHOUT_FIELDS,
    }
)


def _named_heads(group: EntityGroup) -> Sequence[Entity]:
    """Return what a verification must name: of very many like things none by itself."""
    heads = group.heads if group.action is GroupAction.REMOVE else _built(group.heads)
    return heads if len(heads) <= STATEMENTS_MAX else ()


def _built(rows: Sequence[Entity]) -> Sequence[Entity]:
    return [row for row in rows if row.status in _BUILT]


def _names_object(prose: ReadProse, item: str) -> bool:
    if _OBJECT.search(item) or NAME.search(item):
        return True
    return bool(_words_of(item) & prose.row_words)


def _repeated_lists(prose: ReadProse) -> Iterator[str]:
    """Find the same long list of names in two items."""
    seen: set[tuple[str, ...]] = set()
    for item in (*prose.analysis.items, *prose.verification.items):
        names = tuple(NAME.findall(_QUOTATION.sub(" ", item)))
        if len(names) >= LIST_NAMES_MIN and names in seen:
            yield f"a list of {len(names)} names is there twice: “{item[:60]}…”"
        seen.add(names)


def format_faults(prose: ReadProse) -> Iterator[str]:
    """Find broken markup, leftovers of other languages, parts of the wrong shape."""
    for fragment in prose.fragments:
        yield from fragment.faults
        yield from _clumsy_places(prose, fragment.own_words)
    if not prose.analysis.items:
        yield "the analysis is not a list"
    if not prose.verification.items:
        yield "the verification is not a list"
    hours = prose.revision.estimated_hours
    match = _HOURS.fullmatch(hours)
    if match is None and not (hours == "" and _has_no_estimate(prose.group)):
        yield f"the estimate “{hours}” is no range of hours"
    elif match is not None and not 0 < int(match[1]) < int(match[2]) <= HOURS_MAX:
        yield f"nobody can plan with an estimate of {hours} hours"


def _clumsy_places(prose: ReadProse, own_words: str) -> Iterator[str]:
    """Find what nobody writes on purpose, unless a cell does."""
    for place in _CLUMSY.finditer(own_words):
        around = own_words[max(place.start() - _AROUND, 0) : place.end() + _AROUND].strip()
        if not _is_mentioned(prose, around):
            yield f"clumsy: “{around}”"


def _has_no_estimate(group: EntityGroup) -> bool:
    """Tell whether there are no hours: a question decides, no rows, no plain configuration."""
    if group.kind is GroupKind.MIGRATION:
        return True
    if group.kind is GroupKind.VIEW and is_as_shipped(group.heads[0], group.members):
        return True
    is_about_members = group.kind in {
        GroupKind.BUNDLE,
        GroupKind.VIEW,
        GroupKind.WORKFLOW,
        *COMPONENT_KINDS,
    }
    built = [row for row in (*group.heads, *group.members) if row.status in _BUILT]
    notes = [s for row in built for s in sentences_of(row.note)]
    if any(map(lexicon().custom_work.search, notes)):
        return True
    rows = group.members if is_about_members else (*group.heads, *group.members)
    return group.is_hollow or not any(
        row.status in _BUILT or row.status is Status.DELETED for row in rows
    )
