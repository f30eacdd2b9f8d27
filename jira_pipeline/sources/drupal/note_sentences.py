"""Sentences of a note: what rules and writers read in prose cells.

Belongs here: splitting and comparing free text of cells. Does not: what a sentence means
(`open_questions` and its rules), or how it is worded in a ticket (`writing`).
"""

import html
import re
from collections import Counter
from functools import lru_cache

from jira_pipeline.sources.drupal.lexicon import word_list

_SENTENCE_END = re.compile(
    r"(?<=[.!?])[\"')”]*\s+(?=[A-Z0-9\"'“<+]|\((?![a-z]))"
    r"|(?<=[a-z]\))\s+(?=[A-Z][a-z])"
    r"|(?<=[A-Za-z][a-z]{3}\.)\s+(?=[a-z])"
    r"|(?<!\s)\s*\n+\s*"
)
_LONE_DOUBT = re.compile(
    r"(?:TB[CD]|to be \w+|\w+ to (?:confirm|decide|check)|ask|check|clarify|confirm|decide|discuss)\b"
    r"\W*(?:\n|$|(?-i:(?=[A-Z])))",
    re.IGNORECASE,
)
"""Words that doubt the sentence before them: `TBD`, `Anna to confirm`, `Ask`."""
_QUOTATION_OPEN = re.compile(r"(?:^|[\s(:])\"(?=\S)[^\"]*$|“[^”]*$")
"""What ends inside a quotation: the mark opens one, so an inch (`24"`) does not count."""
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_FORMATTING = frozenset(
    {"a", "b", "i", "u", "s", "em", "strong", "code", "sub", "sup", "span", "font", "p", "div"}
    | {"ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "small"}
    | {"table", "thead", "tbody", "tr", "td", "th", "br", "hr"}
)
_VOID = frozenset({"br", "hr"})
_SPACE_BEFORE_STOP = re.compile(r"(?<!\s)\s+(?=[.,;:!?](?:\s|$))")
PERSON = r"[\w./&-]*(?: [\w./&-]+){0,3}?"
"""What follows the capital letter with which people and offices begin."""
_ASKED_OF = re.compile(
    rf"\s*(?:(?P<who>[A-Z]{PERSON}) (?:decides?|checks?|proposes?|confirms?|clarifies|knows?"
    r"|(?:has |have |is |are )?to (?:decide|check|propose|confirm|clarify|look))"
    r"|(?P<name>(?:[A-Z][a-z]{1,6}\. ?)+|[A-Z]{2,5}))\W*"
)
"""All that may follow a question in the same breath: who is asked."""
_INITIAL = re.compile(r"\b(?:e\.g|i\.e|[A-Z])\.$", re.IGNORECASE)
_LAST_WORD = re.compile(r"(?<![\w])([^\W\d_]+)\.$")


TEXTS_KEPT = 20_000
"""Each rule reads the same cells again; a site of 1,700 rows has fewer different texts."""


@lru_cache(TEXTS_KEPT)
def sentences_of(text: str) -> tuple[str, ...]:
    """Split a cell into its sentences, stripped, in order; nothing is lost but white space."""
    found: list[str] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        piece = text[start : match.start()].strip()
        is_line_end = "\n" in match.group()
        rest = text[match.end() :]
        if not piece or (not is_line_end and _is_shortened(piece, before=rest)):
            continue
        is_in_brackets = (
            0 < piece.count("(") - piece.count(")") <= rest.count(")") - rest.count("(")
        )
        is_in_quotation = _QUOTATION_OPEN.search(text[start : match.end()]) and (
            rest.partition("\n")[0].count('"') % 2 or "”" in rest.partition("\n")[0]
        )
        is_inside = is_in_brackets or is_in_quotation
        is_asked_of = piece.endswith("?") and asked_of(rest.partition("\n")[0])
        if _LONE_DOUBT.match(rest) or ((is_inside or is_asked_of) and not is_line_end):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    rest = text[start:].strip()
    return (*found, rest) if rest else tuple(found)


def _is_shortened(piece: str, *, before: str) -> bool:
    """Tell whether a text ends with an abbreviation; some are one in front of a small letter only."""
    match = _LAST_WORD.search(piece)
    word = match[1].casefold().removesuffix("s") if match else ""
    is_inside = not before[:1].isupper() and word in word_list("abbreviations_inside")
    return bool(_INITIAL.search(piece)) or word in word_list("abbreviations") or is_inside


def asked_of(text: str) -> str:
    """Return whom a question is for, where a text says nothing else: `Legal checks`; else nothing."""
    match = _ASKED_OF.fullmatch(text)
    name = (match["who"] or match["name"]).strip(" .") if match else ""
    return "" if name.casefold() in word_list("file_types") else name


def items_of(cell: str) -> list[str]:
    """Split a list cell at commas, semicolons and lines; what stands in parentheses stays whole."""
    items: list[str] = []
    end, is_inside = len(cell), False
    for mark in reversed([*_ITEM_MARK.finditer(cell)]):
        if mark[0] in "()":
            is_inside = mark[0] == ")"
        elif not is_inside:
            items.append(cell[mark.end() : end].strip())
            end = mark.start()
    items.append(cell[:end].strip())
    return [item for item in reversed(items) if item]


_ITEM_MARK = re.compile(r"[,;\n()]")


@lru_cache(TEXTS_KEPT)
def readable(cell: str) -> str:
    """Return what a reader sees of a cell: without formatting, entities resolved, on one line.

    A tag that the prose names is a word of it: `Use <details>`, or `not <b>`, which nothing closes.
    """
    names = Counter((tag["end"], tag["name"].casefold()) for tag in _TAG.finditer(cell))

    def seen_of(tag: re.Match[str]) -> str:
        name = tag["name"].casefold()
        is_closed = names["", name] == names["/", name]
        return " " if is_closed or (name in _FORMATTING and is_edge(tag)) else tag.group()

    def is_edge(tag: re.Match[str]) -> bool:
        """A sentence of a cell begins or ends inside what is formatted."""
        beside = cell[tag.end() :] if tag["end"] else cell[: tag.start()]
        return tag["name"].casefold() in _VOID or not re.search(r"\w", _TAG.sub("", beside))

    seen = " ".join(html.unescape(_TAG.sub(seen_of, cell)).split())
    return _SPACE_BEFORE_STOP.sub("", seen)
