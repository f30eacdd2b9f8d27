"""What is wrong with the prose of a ticket, point by point, each with the words that show it.

Belongs here: one rule for each point that is about prose. Does not: what a point is called and
how they are added up (`rubric`), tables (`shown_tables`).
Source: shared facts on writers, "What good ticket text is"; docs/quality.md says the same.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import EntityGroup, GroupAction, GroupKind
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.tickets import TITLE_MAX_CHARACTERS, Revision
from jira_pipeline.stages.quality.prose_reading import ReadFragment, read_fragment
from jira_pipeline.stages.quality.source_words import NAME, NUMBER, SourceWords, folded

STORY_MAX_WORDS = 60
STATEMENTS_MIN = 3
"""Or one more than there are rows to build, where that is less; a removal needs two."""
STATEMENTS_MAX = 12
FIELDS_A_STATEMENT = 5
"""A bundle with many fields has more statements rather than denser ones."""
HOURS_MAX = 40
REFLECTED_SHARE = 0.6
"""Of the telling words of a note: with fewer, a sentence is about something else."""
_QUOTED_PIECE_MIN = 2
_STORY = re.compile(r"As (an? .+?), I (?:want|need) .+, so that .+[.…]", re.DOTALL)
_MAKERS = re.compile(r"\b(?:developer|programmer|engineer|tester)\b", re.IGNORECASE)
_VAGUE = re.compile(
    r"\b(?:works? (?:as expected|correctly|properly|fine|well)|as expected|looks? (?:good|right)|"
    r"is (?:set up|configured) (?:correctly|properly)|is tested)\b",
    re.IGNORECASE,
)
_EVERY_FIELD = re.compile(
    r"\b(?:every|each) field is required|\ball fields are required", re.IGNORECASE
)
_YES = frozenset({"y", "yes", "required"})
_WARNING = re.compile(
    r"\b(?:only|must|hidden|restrict\w*|no-?index|TBD|disabled?|required)\b", re.IGNORECASE
)
_BUILD_VERBS = """
    add allow append apply convert create disable display enable exclude expose filter group hide
    include insert keep limit link make move place relabel remove render replace restrict set show
    sort use
"""
_INSTRUCTION = re.compile(rf"^(?:{'|'.join(_BUILD_VERBS.split())}|options?:)(?!\w)", re.IGNORECASE)
"""A sentence that tells somebody to build something, by its first word."""
_ADDRESS = re.compile(r"https?://[^\s<>\"”)]+")
_WORD = re.compile(r"\w{3,}")
_SMALL_WORDS = "the and for with that this are was has have not its from can will"
_NOTHING_WORDS = frozenset(_SMALL_WORDS.split())
_CLUMSY = re.compile(
    r"\bNone\b(?! of)|\s[.,;:](?:\s|$)|[:;,]\s*\.(?:\s|$)|,,|;;|(?<!\.)\.\.(?!\.)|“\s*”|\(\s*\)|\*\*|^#{1,6} |```|</?\w+>"
    r"|\b(?!that|had)([A-Za-z]{2,}) \1\b|\b(?:and|or|covers)\s*[.;](?:\s|$)"
    r"|\ba [aeio](?!ne\b|nce\b)|\ban [bcdfgj]|\bone \w+s (?:are|exist)\b",
    re.MULTILINE,
)
_AROUND = 6
"""Characters beside a clumsy place by which it is known whether a cell says it like that."""
_HOURS = re.compile(r"(\d{1,3})-(\d{1,3})")
_VERBS = {
    GroupAction.CREATE: frozenset({"Configure", "Create", "Run"}),
    GroupAction.UPDATE: frozenset({"Update"}),
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
    story: ReadFragment
    analysis: ReadFragment
    questions: ReadFragment
    verification: ReadFragment

    @property
    def fragments(self) -> tuple[ReadFragment, ...]:
        """All parts that a writer writes; notes are people's own."""
        return self.story, self.analysis, self.questions, self.verification


def read_prose(group: EntityGroup, revision: Revision, *, words: SourceWords) -> ReadProse:
    """Take the parts of a revision apart."""
    parts = revision.parts
    return ReadProse(
        group=group,
        words=words,
        revision=revision,
        story=read_fragment(parts.user_story),
        analysis=read_fragment(parts.analysis),
        questions=read_fragment(parts.questions),
        verification=read_fragment(parts.verification),
    )


def false_quotations(prose: ReadProse) -> Iterator[str]:
    """Find words in quotation marks that no cell says; `…` stands for what was left out."""
    for fragment in prose.fragments:
        for quotation in fragment.quotations:
            pieces = (piece.strip(" .") for piece in quotation.split("…"))
            for piece in pieces:
                if len(piece) >= _QUOTED_PIECE_MIN and not _is_said(prose, piece):
                    yield f"“{quotation}” is in no cell"


def _is_said(prose: ReadProse, words: str) -> bool:
    return prose.words.is_said_in(prose.group, words)


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
    if match is None:
        yield "the story is not “As a …, I want …, so that ….”"
    elif _MAKERS.search(match[1]):
        yield f"{match[1]} builds the site; the story is that of people who use it"
    if len(story.split()) > STORY_MAX_WORDS:
        yield f"the story has {len(story.split())} words"


def unknown_names(prose: ReadProse) -> Iterator[str]:
    """Find machine names and addresses that no cell holds."""
    files = {sheet.casefold() for sheet in prose.words.lines}
    for fragment in prose.fragments:
        candidates = (*fragment.codes, *NAME.findall(fragment.uncited))
        for name in dict.fromkeys(candidates):
            is_known = folded(name) in prose.words.names or name in files
            if not is_known and not _is_said(prose, name):
                yield f"`{name}` is in no cell"
        for address in _ADDRESS.findall(fragment.text):
            if not _is_said(prose, address.rstrip(".,;:?")):
                yield f"{address} is in no cell"


def unknown_numbers(prose: ReadProse) -> Iterator[str]:
    """Find numbers that no cell holds and that count nothing, and lines that have no row."""
    rows = len(prose.group.heads) + len(prose.group.members)
    largest_count = max(rows, prose.words.largest_count)
    for fragment in prose.fragments:
        for number in dict.fromkeys(NUMBER.findall(fragment.uncited)):
            if number not in prose.words.numbers and int(number) > largest_count:
                yield f"{number} is in no cell and counts nothing"
        for citation in fragment.citations:
            yield from _lines_without_row(prose, citation)


def _lines_without_row(prose: ReadProse, citation: str) -> Iterator[str]:
    file, colon, numbers = citation.rpartition(":")
    if not colon:
        file, numbers = "", citation
    known = prose.words.lines.get(file)
    if known is None:
        known = {line for lines in prose.words.lines.values() for line in lines}
    for number in NUMBER.findall(numbers):
        if int(number) not in known:
            yield f"{citation}: no row begins in line {number}"


def verification_faults(prose: ReadProse) -> Iterator[str]:
    """Find what keeps the verification from being a list that somebody can tick off."""
    items = prose.verification.items
    least, most = statement_limits(prose.group)
    if not least <= len(items) <= most:
        yield f"{len(items)} statements to verify, not {least} to {most}"
    yield from (f"“{item}” can be ticked without looking" for item in items if _VAGUE.search(item))
    if len(set(items)) < len(items):
        yield "a statement to verify is there twice"
    said = folded(prose.verification.text)
    for head in _named_heads(prose.group):
        names = [n for n in (head.machine_name, head.label) if len(n) >= _QUOTED_PIECE_MIN]
        plain_label = head.label.rpartition(" (")[0] or head.label
        if names and not any(folded(name) in said for name in (*names, plain_label)):
            yield f"no statement to verify names {head.label}"
    if silent := _unnamed_required(prose):
        yield f"no statement to verify names the required {', '.join(silent)}"


def _unnamed_required(prose: ReadProse) -> Sequence[str]:
    """Return the required fields to build that no statement names."""
    is_removal = prose.group.action is GroupAction.REMOVE
    if is_removal or _EVERY_FIELD.search(prose.verification.text):
        return ()
    said = set(prose.verification.codes) | set(NAME.findall(prose.verification.text))
    return [
        row.machine_name
        for row in _built(prose.group.members)
        if row.cell("Req'd").casefold() in _YES
        and NAME.fullmatch(row.machine_name)
        and row.machine_name not in said
    ]


def statement_limits(group: EntityGroup) -> tuple[int, int]:
    """Return how many statements a ticket has at least and at most."""
    rows = (*group.heads, *group.members)
    work = len(_built(group.members or group.heads))
    least = min(STATEMENTS_MIN, 2 if group.action is GroupAction.REMOVE else work + 1)
    each = sum(
        row.kind in _ONE_STATEMENT_EACH or row.kind is EntityKind.RESPONSIVE_IMAGE_STYLE
        for row in rows
    )
    fields = sum(row.kind is EntityKind.FIELD for row in rows)
    return least, STATEMENTS_MAX + each + fields // FIELDS_A_STATEMENT


def _named_heads(group: EntityGroup) -> Sequence[Entity]:
    """Return what a verification must name: of very many like things none by itself."""
    heads = group.heads if group.action is GroupAction.REMOVE else _built(group.heads)
    return heads if len(heads) <= STATEMENTS_MAX else ()


def _built(rows: Sequence[Entity]) -> Sequence[Entity]:
    return [row for row in rows if row.status in _BUILT]


def silent_notes(prose: ReadProse) -> Iterator[str]:
    """Find the notes that warn and are told nowhere, if they are more than half of them."""
    if prose.group.action is GroupAction.REMOVE:
        return
    warnings = dict.fromkeys(
        sentence
        for row in _built((*prose.group.heads, *prose.group.members))
        for sentence in sentences_of(row.cell("Settings/notes") or row.cell("Notes"))
        if _WARNING.search(sentence)
    )
    told = (*prose.analysis.items, *prose.questions.items)
    items = [_telling(item) for item in told]
    silent = [s for s in warnings if not _is_reflected(_telling(s), items)]
    if 2 * len(silent) > len(warnings):
        yield f"{len(silent)} of {len(warnings)} warning notes are not told: “{silent[0]}”"


def untold_instructions(prose: ReadProse) -> Iterator[str]:
    """Find sentences of notes that tell what to build and stand in no item of the ticket."""
    if prose.group.action is GroupAction.REMOVE:
        return
    instructions = dict.fromkeys(
        sentence
        for row in _built((*prose.group.heads, *prose.group.members))
        for sentence in sentences_of(row.cell("Settings/notes") or row.cell("Notes"))
        if _INSTRUCTION.search(sentence)
    )
    told = (*prose.analysis.items, *prose.questions.items, *prose.verification.items)
    items = [_telling(item) for item in told]
    for sentence in instructions:
        if not _is_reflected(_telling(_INSTRUCTION.sub(" ", sentence)), items):
            yield f"what is to be built is not told: “{sentence}”"


def _telling(sentence: str) -> frozenset[str]:
    words = (word.casefold() for word in _WORD.findall(sentence))
    return frozenset(word.removesuffix("s") for word in words if word not in _NOTHING_WORDS)


def _is_reflected(note: frozenset[str], items: Sequence[frozenset[str]]) -> bool:
    return any(len(note & item) >= REFLECTED_SHARE * len(note) for item in items)


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
        if not _is_said(prose, around):
            yield f"clumsy: “{around}”"


def _has_no_estimate(group: EntityGroup) -> bool:
    """Tell whether nothing is known to be done: a question decides, or there are no rows."""
    is_about_members = group.kind in {GroupKind.BUNDLE, GroupKind.VIEW, GroupKind.WORKFLOW}
    rows = group.members if is_about_members else (*group.heads, *group.members)
    return group.is_hollow or not any(
        row.status in _BUILT or row.status is Status.DELETED for row in rows
    )
