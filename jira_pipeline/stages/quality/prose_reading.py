"""Fragments of tickets as a reader sees them: text, items, names in code, and broken markup.

Belongs here: taking HTML apart. Does not: judging what it says (`prose_checks`).
"""

import re
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

from typing_extensions import override

from jira_pipeline.domain.line_numbers import LINES_IN_WORDS, LINES_OF_FILE

_BLOCKS = frozenset({"p", "li", "ul", "ol", "br", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "td"})
_WITHOUT_END = frozenset({"br", "hr", "img", "wbr", "col"})
_QUOTE = re.compile(r"“([^\n”]{0,1000})”")
_CITATION = re.compile(f"{LINES_OF_FILE.pattern}|{LINES_IN_WORDS.pattern}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ReadFragment:
    """One prose part, taken apart."""

    text: str
    """All of it, each block on a line of its own."""
    items: tuple[str, ...]
    """The texts of list items, in order."""
    codes: tuple[str, ...]
    """What is marked as code."""
    own_words: str
    """The text without code and without quotations: what the writer says itself."""
    faults: tuple[str, ...]
    """Tags that stay open or close nothing."""

    @cached_property
    def quotations(self) -> tuple[str, ...]:
        """What is between quotation marks."""
        return tuple(_QUOTE.findall(self.text))

    @cached_property
    def uncited(self) -> str:
        """The text without quotations and citations of lines."""
        return _CITATION.sub(" ", _QUOTE.sub(" ", self.text))

    @cached_property
    def citations(self) -> tuple[str, ...]:
        """Places of the sheets that it cites, as they are written."""
        return tuple(match.group() for match in _CITATION.finditer(_QUOTE.sub(" ", self.text)))


def read_fragment(html: str) -> ReadFragment:
    """Take one HTML fragment apart."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    own = _QUOTE.sub("“q”", "".join(reader.own))
    return ReadFragment(
        text="".join(reader.text),
        items=tuple(" ".join(item.split()) for item in reader.items),
        codes=tuple(" ".join(code.split()) for code in reader.codes),
        own_words=own,
        faults=(*reader.faults, *(f"<{tag}> stays open" for tag in reader.open_tags)),
    )


@dataclass
class _Reader(HTMLParser):
    """Collects text as it comes."""

    text: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @override
    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        if tag in _BLOCKS:
            self._write("\n", is_own=True)
        if tag not in _WITHOUT_END:
            self.open_tags.append(tag)
        if tag == "li":
            self.items.append("")
        elif tag == "code":
            self.codes.append("")
            self.own.append("x")

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in self.open_tags:
            while (last := self.open_tags.pop()) != tag:
                self.faults.append(f"<{last}> stays open")
        else:
            self.faults.append(f"</{tag}> closes nothing")
        if tag in _BLOCKS:
            self._write("\n", is_own=True)

    @override
    def handle_data(self, data: str) -> None:
        is_code = "code" in self.open_tags
        if is_code:
            self.codes[-1] += data
        self._write(data, is_own=not is_code)

    def _write(self, data: str, *, is_own: bool) -> None:
        self.text.append(data)
        if is_own:
            self.own.append(data)
        if "li" in self.open_tags:
            self.items[-1] += data
