"""What a page offers about lines that say something of the rows below them, with what each would say.

Belongs here: how such a line may be made up. Does not: what a layout becomes by it (`line_choices`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.sheets.layouts.line_choices import PARTS, LinePart
from jira_pipeline.sheets.layouts.texts import template_of

LINES_OFFERED_MAX = 12
_BETWEEN = (": ", " – ", " — ", " - ", " / ", " | ")
"""Between a kind and a name."""
_DIGITS = "0123456789"
_AFTER_NUMBERS = ".):"
_REST_IN_BRACKETS = (LinePart.MACHINE_NAME, LinePart.KIND, LinePart.STATUS)


@dataclass(frozen=True, slots=True)
class LineOffer:
    """How a line may be made up, and what it would say."""

    line: str
    example: str
    reads: Mapping[LinePart, str]
    """What each of its parts is in the example."""
    count: int
    """How many lines look like it."""

    @property
    def label(self) -> str:
        """Say what the parts of the example are: `P1 Home page: the name is “Home page”`."""
        parts = " and ".join(f"{PARTS[part]} is “{text}”" for part, text in self.reads.items())
        return f"In “{self.example}” {parts}"


def line_offers(texts: Sequence[str], *, parts: Sequence[LinePart]) -> list[LineOffer]:
    """Return how lines with some texts may be made up, those that most of them look like first.

    `parts` are what such a line can say of the rows below it.
    """
    offers: dict[str, LineOffer] = {}
    for text in texts:
        for line in _lines_like(text):
            template = template_of(line)
            says = {name for name in template.names if name.isidentifier()}
            if line in offers or not says <= {*parts}:
                continue
            reads = template.parts_in(text)
            if reads:
                count = sum(template.parts_in(other) is not None for other in texts)
                parts_read = {LinePart(name): part for name, part in reads.items()}
                offers[line] = LineOffer(line, text, parts_read, count)
    by_count = sorted(offers.values(), key=lambda offer: -offer.count)
    return by_count[:LINES_OFFERED_MAX]


def numbered_lines(text: str) -> Iterator[str]:
    """Yield lines that a text looks like which begins with a number: `P{#} {name}`, `{#}. {name}`."""
    code, space, name = text.partition(" ")
    before = code.rstrip(f"{_DIGITS}{_AFTER_NUMBERS}").rstrip(_DIGITS)
    number = code.removeprefix(before).rstrip(_AFTER_NUMBERS)
    after = code.removeprefix(before + number)
    if "{" in text or "}" in text or not space or not name:
        return
    if number.isdecimal():
        yield f"{before}{{#}}{after} {{name}}"
    elif number:  # 1.2 and the like
        yield f"{before}{{}}{after} {{name}}"


def lines_with_words_before(text: str) -> Iterator[str]:
    """Yield the line that a text looks like which has words and a colon before a name: `N:{name}`."""
    before, colon, name = text.partition(":")
    if colon and before and name.strip() and "{" not in text and "}" not in text:
        between = " " if name.startswith(" ") else ""
        yield f"{before}:{between}{{name}}"


def _lines_like(text: str) -> Iterator[str]:
    """Yield lines that a text looks like, the plainest first."""
    if "{" in text or "}" in text:
        return
    yield from _with_rest("{name}", text)
    yield "{kind}"
    for line in numbered_lines(text):
        yield from _with_rest(line, text)
    if ": " not in text:  # which is one of those below
        for line in lines_with_words_before(text):
            yield from _with_rest(line, text)
    for between in _BETWEEN:
        before, found, after = text.partition(between)
        if found and before and after:
            yield from _with_rest(f"{before}{between}{{name}}", text)
            yield from _with_rest(f"{{kind}}{between}{{name}}", text)
            yield f"{{kind}}{between}{{}}"
            yield f"{{name}}{between}{{kind}}"


def _with_rest(line: str, text: str) -> Iterator[str]:
    """Yield a line, and the same with what the text has in brackets at its end."""
    yield line
    before, found, _ = text.rpartition(" (")
    if found and before and text.endswith(")"):
        for part in _REST_IN_BRACKETS:
            if f"{{{part}}}" not in line:
                yield f"{line} ({{{part}}})"
