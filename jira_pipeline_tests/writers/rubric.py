"""What is wrong with the prose of a ticket: the rubric as code.

Belongs here: rules any writer's prose must pass, as lists of complaints. Source: shared facts on
writers, "What good ticket text is".
"""

import html
import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

from typing_extensions import override

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.entity_groups import GroupKind, RelationKind
from jira_pipeline.domain.note_sentences import sentences_of
from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline.domain.writing import TicketBrief

ALLOWED_TAGS = frozenset({"p", "ul", "ol", "li", "strong", "code"})
STORY = re.compile(r"<p>As an? [^<]+?, I (?:want|need) [^<]+(?:, so that [^<]+)?\.</p>")
STORY_WORDS_MAX = 60
STATEMENTS_MAX = 12
FIELDS_A_STATEMENT = 6
"""A ticket with many fields may have more statements rather than denser ones."""
_CODE = re.compile(r"<code>(.*?)</code>")
_QUOTE = re.compile(r"“.*?”", re.DOTALL)
_NUMBER = re.compile(r"\d+")
_ADDRESS = re.compile(r"https?://[^\s<>\"”)]+")
_CLUMSY = re.compile(
    r"\bNone\b(?! of)|\s[.,;:](?:\s|$)|,,|;;|\.\.(?!\.)|“\s*”|\(\s*\)|<li></li>|\ba [aeio]|\ban [bcdfgj]"
    r"|\bone \w+s (?:are|exist)|\{|\}"
)
_WARNING = re.compile(
    r"\b(?:only|must|hidden|restrict\w*|noindex|TBD|disabled?|required)\b", re.IGNORECASE
)
_LIST_KINDS = frozenset({EntityKind.VIEW_DISPLAY, EntityKind.USER_ROLE})


class _Shape(HTMLParser):
    """Collects what breaks the shape of a fragment."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    @override
    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.open.append(tag)
        if tag not in ALLOWED_TAGS:
            self.faults.append(f"tag <{tag}> is not one of ours")

    @override
    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


def complaints_about(brief: TicketBrief, prose: TicketProse) -> list[str]:
    """Return everything a director would send back, empty when nothing is wrong."""
    parts = prose.parts
    fragments = [parts.user_story, parts.analysis, parts.questions, parts.verification]
    return [
        *(fault for fragment in fragments for fault in _shape_faults(fragment)),
        *_format_faults(brief, prose),
        *_unknown_names(brief, fragments),
        *_unknown_numbers(brief, fragments),
        *_unknown_addresses(brief, fragments),
        *_silent_notes(brief, parts.analysis + parts.questions),
        *_unnamed_relations(brief, parts.analysis),
        *(f"clumsy: …{m}…" for fragment in fragments for m in _clumsy(fragment)),
    ]


def plain(fragment: str) -> str:
    """Return the text of a fragment, items on lines of their own."""
    return html.unescape(re.sub(r"<[^>]+>", "", fragment.replace("</li>", "\n")))


def items_of(fragment: str) -> list[str]:
    """Return the items of a list as text."""
    return [plain(item) for item in re.findall(r"<li>(.*?)</li>", fragment, re.DOTALL)]


def _shape_faults(fragment: str) -> list[str]:
    shape = _Shape()
    shape.feed(fragment)
    shape.close()
    return [*shape.faults, *(f"<{tag}> stays open" for tag in shape.open)]


def _format_faults(brief: TicketBrief, prose: TicketProse) -> Iterator[str]:
    parts = prose.parts
    statements = len(items_of(parts.verification))
    most = STATEMENTS_MAX + _rows_with_statements(brief)
    rules = {
        f"no sentence of role, wish, benefit: {parts.user_story}": STORY.fullmatch(
            parts.user_story
        ),
        "user story is too long": len(plain(parts.user_story).split()) <= STORY_WORDS_MAX,
        "analysis is not a bullet list": parts.analysis.startswith("<ul><li>"),
        "questions and their part disagree": len(items_of(parts.questions)) == len(prose.questions),
        "verification is not a checklist": parts.verification.startswith(
            '<ul class="checklist"><li>'
        ),
        f"{statements} statements to verify": _least_statements(brief) <= statements <= most,
        f"estimate is no range: {prose.estimated_hours}": re.fullmatch(
            r"" if brief.group.is_hollow else r"\d+-\d+", prose.estimated_hours
        ),
    }
    yield from (complaint for complaint, is_kept in rules.items() if not is_kept)


def _least_statements(brief: TicketBrief) -> int:
    return 2 if brief.group.kind in {GroupKind.REMOVAL, GroupKind.VIEW} else 3


def _rows_with_statements(brief: TicketBrief) -> int:
    rows = (*brief.group.heads, *brief.group.members)
    responsive = brief.group.kind is GroupKind.RESPONSIVE_IMAGE_STYLES
    listed_rows = sum(responsive or row.kind in _LIST_KINDS for row in rows)
    return listed_rows + sum(row.kind is EntityKind.FIELD for row in rows) // FIELDS_A_STATEMENT


def _known_names(brief: TicketBrief) -> set[str]:
    names: set[str] = set()
    for entity in brief.specification.entities:
        names |= {entity.machine_name, entity.cell("URL alias pattern")}
        names.add(entity.cell("URL alias pattern").partition("[")[0])
        names |= set(re.findall(r"\[node:(\w+)", entity.cell("URL alias pattern")))
    return names


def _unknown_names(brief: TicketBrief, fragments: Iterable[str]) -> Iterator[str]:
    known = {" ".join(name.split()) for name in _known_names(brief)}
    for fragment in fragments:
        for name in _CODE.findall(fragment):
            if html.unescape(name).replace("'", "`") not in {k.replace("'", "`") for k in known}:
                yield f"{name} is no machine name of these sheets"


def _unknown_numbers(brief: TicketBrief, fragments: Iterable[str]) -> Iterator[str]:
    """Numbers must stand in cells, be lines of rows, or be counts no larger than the sheets."""
    entities = brief.specification.entities
    known = {number for entity in entities for number in _numbers_in(entity)}
    largest_count = len(brief.group.heads) + len(brief.group.members) + 40
    for fragment in fragments:
        for number in _NUMBER.findall(plain(fragment)):
            if number not in known and int(number) > largest_count:
                yield f"number {number} is not in the sheets"


def _numbers_in(entity: Entity) -> set[str]:
    cells = " ".join((*entity.cells.values(), entity.source.file, entity.label))
    return {*_NUMBER.findall(cells), str(entity.source.line)}


def _unknown_addresses(brief: TicketBrief, fragments: Iterable[str]) -> Iterator[str]:
    cells = " ".join(c for e in brief.specification.entities for c in e.cells.values())
    for fragment in fragments:
        for address in _ADDRESS.findall(plain(fragment)):
            if address.rstrip(".,;:?") not in cells:
                yield f"address {address} is not in the sheets"


def _silent_notes(brief: TicketBrief, told: str) -> Iterator[str]:
    """At least half of the sentences that warn must be told or asked about."""
    if brief.group.kind is GroupKind.REMOVAL:
        return
    rows = (*brief.group.heads, *brief.group.members)
    warnings = [
        sentence
        for row in rows
        if row.status in {Status.APPROVED, Status.CHANGED}
        for sentence in sentences_of(row.cell("Settings/notes") or row.cell("Notes"))
        if _WARNING.search(sentence)
    ]
    said = " ".join(plain(told).split())
    silent = [s for s in warnings if " ".join(s.rstrip(". ").split()) not in said]
    silent = [s for s in silent if not all(p in said for p in s.rstrip(". ").split(", "))]
    if 2 * len(silent) > len(warnings):
        yield f"silent about {silent}"


def _unnamed_relations(brief: TicketBrief, analysis: str) -> Iterator[str]:
    told = {RelationKind.DEFERRED, RelationKind.ON_HOLD, RelationKind.SATISFIED}
    for relation in brief.group.relations:
        if relation.kind in told and relation.label not in plain(analysis):
            yield f"{relation.label} ({relation.kind}) is not named"


def _clumsy(fragment: str) -> list[str]:
    own_words = _QUOTE.sub("“q”", re.sub(r"<code>.*?</code>", "x", fragment))
    return [m.group() for m in _CLUMSY.finditer(plain(own_words))]
