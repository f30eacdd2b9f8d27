"""What the template's prose keeps beyond the points of docs/quality.md: markup and house style.

Belongs here: rules for prose by rule, as lists of complaints, and reading fragments. Does not: the
ten points (`stages/quality`), which hold for any writer.
"""

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from typing_extensions import override

from jira_pipeline.domain.entity_groups import RelationKind
from jira_pipeline.domain.tickets import TicketProse
from jira_pipeline.ports.writing import TicketBrief

ALLOWED_TAGS = frozenset({"p", "ul", "ol", "li", "strong", "code", "a", "span"})
_QUOTE = re.compile(r"“.*?”", re.DOTALL)
_CLUMSY = re.compile(
    r"\bNone\b(?! of)|\s[.,;:](?:\s|$)|[:;,]\s*\.(?:\s|$)|,,|;;|:\s*$|\.\.(?!\.)|“\s*”|\(\s*\)|<li></li>|\ba [aeio]|\ban [bcdfgj]"
    r"|\bone \w+s (?:are|exist)|\{|\}|\b(?!x\b)(\w+) \1\b|\b(?:and|or|covers) *[.;]|, (?:and|or) *[.,;]",
    re.MULTILINE,
)


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
    """Return what prose by rule must not look like, empty when nothing is wrong."""
    parts = prose.parts
    fragments = [parts.user_story, parts.analysis, parts.questions, parts.verification]
    return [
        *(fault for fragment in fragments for fault in _shape_faults(fragment)),
        *_format_faults(brief, prose),
        *_unnamed_relations(brief, parts.analysis),
        *(f"clumsy: …{m}…" for fragment in fragments for m in _clumsy(fragment)),
    ]


def plain(fragment: str) -> str:
    """Return the text of a fragment, items on lines of their own."""
    return html.unescape(re.sub(r"<[^>]+>", "", fragment.replace("</li>", "\n")))


def items_of(fragment: str) -> list[str]:
    """Return the items of a list as text."""
    return [plain(item) for item in re.findall(r"<li>(.*?)</li>", fragment, re.DOTALL)]


def marked_sentences(fragment: str) -> list[str]:
    """Return the items of a list, or the paragraphs, with code between backticks."""
    marked = re.sub(r"</?code>", "`", fragment)
    return items_of(marked) or [plain(p) for p in re.findall(r"<p>(.*?)</p>", marked, re.DOTALL)]


def _shape_faults(fragment: str) -> list[str]:
    shape = _Shape()
    shape.feed(fragment)
    shape.close()
    return [*shape.faults, *(f"<{tag}> stays open" for tag in shape.open)]


def _format_faults(brief: TicketBrief, prose: TicketProse) -> Iterator[str]:
    parts = prose.parts
    rules = {
        "analysis is not a bullet list": parts.analysis.startswith("<ul><li>"),
        "questions and their part disagree": len(items_of(parts.questions)) == len(prose.questions),
        "verification is not a checklist": parts.verification.startswith(
            '<ul class="checklist"><li>'
        ),
        "a hollow ticket has an estimate": not (brief.group.is_hollow and prose.estimated_hours),
    }
    yield from (complaint for complaint, is_kept in rules.items() if not is_kept)


def _unnamed_relations(brief: TicketBrief, analysis: str) -> Iterator[str]:
    kinds = {RelationKind.DEFERRED, RelationKind.ON_HOLD}
    for relation in brief.group.relations:
        if relation.kind in kinds and relation.label not in plain(analysis):
            yield f"{relation.label} ({relation.kind}) is not named"


def _clumsy(fragment: str) -> list[str]:
    own_words = _QUOTE.sub("“q”", re.sub(r"<code>.*?</code>", "x", fragment))
    return [m.group() for m in _CLUMSY.finditer(plain(own_words))]
