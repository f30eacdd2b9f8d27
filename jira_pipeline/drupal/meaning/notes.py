"""What rules and writers read in prose cells: sentences, shapes, and words they know.

Belongs here: splitting and comparing free text, conventions such as `Options: a, b` and `Max length
20`, each by one linear pattern, the words of `lexicon.toml`, one list for every room. Does not:
what a sentence means (`tickets/questions`), what follows from a word, or how it is worded in a
ticket (`drupal/rules`).

Source: docs/sheets.md, "Shapes of notes"; the notes of six specifications, 2026-11.
"""

import html
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from jira_pipeline.model.columns import CHANGED_COLUMNS, STATUS_HEADERS
from jira_pipeline.model.toml_tables import toml_tables

_SENTENCE_END = re.compile(r"(?<=[.!?])[\"')”]*\s+(?=[A-Z0-9\"'“<+(])|(?<!\s)\s*\n\s*")
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)[^<>]*>")
_SPACE_BEFORE_STOP = re.compile(r"(?<!\s)\s+(?=[.,;:!?](?:\s|$))")
TEXTS_KEPT = 20_000
"""Each rule reads the same cells again; a site of 1,700 rows has fewer different texts."""
_BULLET = r"\n *(?:(?:[-*•–·‣]|\d{1,2}[.)]) +)"
_PAIRS = r"[^|\n]+\|[^|\n]+(?:\n(?!(?i:default(?::| is)))[^|\n]+\|[^|\n]+)+"
"""Lines such as `red|Red`, as core's own form takes the values of a list; the default is none."""
_OPTIONS = re.compile(
    r"(?i)(?:^|[.\n] *)(?:options?|allowed values)(?P<mark>:| include| are) *"
    rf"(?P<list>(?:{_BULLET}+[^\n]+)+|\n?{_PAIRS}|[^\n]+)"
)
_ONLY_PAIRS = re.compile(rf"(?:^|\n)(?P<list>{_PAIRS})")
_NEXT_ITEM = re.compile(rf"{_BULLET}+|\n")
_DEFAULT = re.compile(
    r"(?i)\bdefault(?::| is) *(?:“(?P<quoted>(?:[^“”\n]|“[^“”\n]*”)+)”(?=[.\n,;]|$)|(?P<value>[^\n.,;]+))"
)
_QUOTED_ITEM = re.compile(
    r"(?:^|(?<=[,;|])|(?<=[,;|] ))"
    r"(?:“(?P<curly>(?:[^“”\n]|“[^“”\n]*”)+)”|\"(?P<straight>[^\"\n]+)\")"
    r"(?= *(?:[,;|]|\.? *$|\. ))"
)
"""An item of a list in quotation marks, from one mark between items to the next."""
_NEEDS_QUOTES = re.compile(r"[,;|.?:=\"“”'\u2018\u2019()]| / |\bdefault\b", re.IGNORECASE)
_FIRST_PRIVATE_CHARACTER = 0xE000
"""What stands for a quoted item while a list is split: Unicode leaves these to programs."""
_MARKED_DEFAULT = re.compile(r"(?i)(?<! ) *\(default\) *$")
"""What follows the option that new items have."""
_PATH = re.compile(r"(?i)(?:^|[\n.;] *)path(?:: *| +)(?P<path>/[^\s,;]*)")
OF_MODULE = " of a module"
"""What `sheets` writes after a field that a view mode shows and that no configuration has."""
_MODULES = re.compile(r"(?i)(?:^|[\n.;] *)modules?: *(?P<names>\w+(?:, *\w+)*)")
_INSTALLED = re.compile(r"(?i)(?:^|[\n.;] *)installed with: *(?P<name>\w+)")
_CHANGES = re.compile(rf"(?m)^{CHANGED_COLUMNS}(?P<columns>.*)$")
"""What `sheets` writes of a row that differs from an older export."""
NONE_SET = "none"
"""What `sheets` writes for an empty list, such as `Allowed file extensions: none.`"""
_TARGET = re.compile(r"(?i)(?:^|[\n.;] *)refers to +[^\n.;]")
_END_OF_LIST = re.compile(r"\.(?=\s+[A-Z(])|\.\s*$|[;,] *(?=(?i:default)(?::| is))")
_BETWEEN_OPTIONS = re.compile(r"[,;|/]| to |\d ?[-–] ?\d")
_KEY = re.compile(r"[\w.-]+")
_KEY_AND_LABEL = re.compile(r"^([a-z0-9_]+) ?[=:] ?(?=\S)")
"""What people write for `key|label`, where every item has it: `s: Small`, `1 = Gold`."""
_OPEN_END = re.compile(r"(?i)\betc\b|…|\.\.\.")
_QUOTES = "'\"\u2018\u2019“”"
_ITEM_MARK = re.compile(r"[,;\n()]")
_COMMA = re.compile(r"[,()]")


@lru_cache(TEXTS_KEPT)
def sentences_of(text: str) -> tuple[str, ...]:
    """Split a cell into its sentences, stripped, in order; nothing is lost but white space."""
    sentences = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        piece = text[start : match.end()].strip()
        is_line_end = "\n" in match.group()
        if piece and (is_line_end or not _ending_in_abbreviation().search(piece)):
            sentences.append(piece)
            start = match.end()
    rest = text[start:].strip()
    if rest:
        sentences.append(rest)
    return tuple(sentences)


@cache
def _ending_in_abbreviation() -> re.Pattern[str]:
    """Return the pattern of a text whose last stop ends no sentence: `e.g.`, `approx.`, an initial."""
    return re.compile(rf"(?:\b[A-Z]|(?i:\b(?:e\.g|i\.e|{one_of('abbreviations')}s?)))\.$")


def items_of(cell: str) -> list[str]:
    """Split a list cell at commas, semicolons and lines; what stands in parentheses stays whole."""
    return [part for part in _split(cell, _ITEM_MARK) if part]


def _split(cell: str, marks: re.Pattern[str]) -> list[str]:
    """Split a cell at the marks that are outside parentheses, which a pattern matches, too.

    Read from the end, so that a parenthesis which nothing closes keeps nothing together.
    """
    items: list[str] = []
    end = len(cell)
    is_inside = False
    for mark in reversed([*marks.finditer(cell)]):
        if mark[0] in "()":
            is_inside = mark[0] == ")"
        elif not is_inside:
            items.append(cell[mark.end() : end].strip())
            end = mark.start()
    return [cell[:end].strip(), *reversed(items)]


@lru_cache(TEXTS_KEPT)
def readable(cell: str) -> str:
    """Return what a reader sees of a cell: without formatting, entities resolved, on one line.

    A tag that the prose names is a word of it: `Use <details>`, or `not <b>`, which nothing closes.
    """
    opened: Counter[str] = Counter()
    closed: Counter[str] = Counter()
    for tag in _TAG.finditer(cell):
        names = closed if tag["end"] else opened
        names[tag["name"].casefold()] += 1

    def text_for(tag: re.Match[str]) -> str:
        name = tag["name"].casefold()
        if opened[name] == closed[name]:
            return " "
        # Formatting may open or close in another sentence of the same cell.
        is_formatting = name in word_list("formatting_tags") and _is_at_edge(tag, cell)
        return " " if is_formatting else tag.group()

    without_tags = html.unescape(_TAG.sub(text_for, cell))
    on_one_line = " ".join(without_tags.split())
    return _SPACE_BEFORE_STOP.sub("", on_one_line)


def _is_at_edge(tag: re.Match[str], cell: str) -> bool:
    """Tell whether no word is before an opening tag, or after a closing one; a line break counts."""
    if tag["name"].casefold() in {"br", "hr"}:
        return True
    outside = cell[tag.end() :] if tag["end"] else cell[: tag.start()]
    return re.search(r"\w", _TAG.sub("", outside)) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The values of a list as its note gives them."""

    text: str
    """All of them, as in the cell; empty where they hold markup, whose end nobody sees."""
    items: tuple[str, ...]
    """One by one; empty where nobody can tell them apart, or whether a single one is a list."""
    keys: tuple[str, ...] = ()
    """What is stored for each, where the list says it as `key|label`."""

    @property
    def are_several(self) -> bool:
        """One text may say where they are, or what they are like: `See the sheet Colours`."""
        return bool(self.items or not self.text or _BETWEEN_OPTIONS.search(self.text))


def options_in(note: str) -> Options | None:
    """Return the options a note gives; None where it has no such list, or one with an open end."""
    match = _OPTIONS.search(note) or _ONLY_PAIRS.search(note)
    if match is None:
        return None
    unquoted, quoted_items = _replace_quoted_items(match["list"])
    lines = _NEXT_ITEM.sub("; ", unquoted).removeprefix("; ")
    listed = _END_OF_LIST.split(lines, maxsplit=1)[0].strip()
    if not listed or _OPEN_END.search(listed) or LEFT_OPEN.search(listed):
        return None
    if match.groupdict().get("mark", ":") != ":":  # `Options include A and B`
        listed = ", ".join(listed.rsplit(" and ", maxsplit=1))
    if "<" in listed:
        return Options(text="", items=())
    if listed in quoted_items:
        return Options(text=quoted_items[listed], items=(quoted_items[listed],))
    label_by_key = _labels_by_key(listed)
    if label_by_key:
        return Options(text=listed, items=tuple(label_by_key.values()), keys=tuple(label_by_key))
    text = _restore_quoted_items(listed, quoted_items)
    items = [_restore_quoted_items(option, quoted_items) for option in _items_of(listed)]
    return Options(text=text, items=tuple(items))


def _labels_by_key(listed: str) -> Mapping[str, str]:
    """Return the labels of a list of `key|label` by key; empty where not every item is such a pair.

    A list of one pair counts only where key and label are the same word.
    """
    mark = ";" if ";" in listed else ","
    items = [option.strip() for option in listed.split(mark) if option.strip()]
    if len(items) > 1 and all(map(_KEY_AND_LABEL.match, items)):
        items = [_KEY_AND_LABEL.sub(r"\1|", option, count=1) for option in items]
    label_by_key = {}
    for option in items:
        key, _, label = option.partition("|")
        # Bars with spaces separate whole values between commas.
        if not label or "|" in label or (mark == "," and not _KEY.fullmatch(key)):
            return {}
        label_by_key[key.strip()] = label.strip()
    if len(label_by_key) != len(items):
        return {}
    if len(items) == 1:
        ((key, label),) = label_by_key.items()
        return label_by_key if key.casefold() == label.casefold() else {}
    return label_by_key


def options_written(labels: Sequence[str]) -> str:
    """Write options so that they are read as these; one that would not be is in quotation marks."""
    as_they_are = ", ".join(labels)
    if any("<" in label for label in labels):
        return as_they_are
    some_quoted = ", ".join(quoted_name(label) for label in labels)
    all_quoted = ", ".join(f"“{label}”" for label in labels)
    for written in (as_they_are, some_quoted, all_quoted):
        options = options_in(f"Options: {written}")
        if options is not None and options.items == tuple(labels):
            return written
    return as_they_are


def quoted_name(label: str) -> str:
    """Return a label in quotation marks where a mark in it ends or divides what notes list.

    So is one with a word that leaves something open, such as *TBD*: it is a choice here.
    """
    is_read_otherwise = _NEEDS_QUOTES.search(label) or LEFT_OPEN.search(label)
    return f"“{label}”" if is_read_otherwise else label


def _replace_quoted_items(listed: str) -> tuple[str, Mapping[str, str]]:
    """Return a list with one character for each quoted item, and the items by these characters.

    So marks inside quotation marks, such as the comma of “Red, bright”, divide nothing.
    """
    text_by_character: dict[str, str] = {}

    def character_for(quoted: re.Match[str]) -> str:
        character = chr(_FIRST_PRIVATE_CHARACTER + len(text_by_character))
        text_by_character[character] = quoted["curly"] or quoted["straight"]
        return character

    return _QUOTED_ITEM.sub(character_for, listed), text_by_character


def _restore_quoted_items(text: str, text_by_character: Mapping[str, str]) -> str:
    for character, quoted in text_by_character.items():
        text = text.replace(character, quoted)
    return text


def items_in_lines(note: str) -> list[str]:
    """Return what a note lists in lines that begin with hyphens, bullets or numbers, if several."""
    lines = re.split(rf"{_BULLET}+", f"\n{note}")[1:]
    return [line.partition("\n")[0].strip() for line in lines] if lines[1:] else []


def default_in(note: str, default: str = "") -> str:
    """Return the option of a note that new items have; empty where no option is it.

    `default` is its key or label, where a cell of another column says it; else the note says it, after
    `Default:` or by `(default)` behind the option.
    """
    options = options_in(note)
    if options is None:
        return ""
    match = _DEFAULT.search(note)
    if match is not None and not default:
        default = match["quoted"] or match["value"]
    value = default.strip(f" {_QUOTES}").casefold()
    names_and_labels = [
        *zip(options.keys, options.items, strict=False),
        *zip(options.items, options.items, strict=True),
    ]
    for name, label in names_and_labels:
        marked = rf"{re.escape(label)} *\(default\)"
        if name.strip(_QUOTES).casefold() == value or re.search(marked, note, re.IGNORECASE):
            return label
    return ""


def singular(word: str) -> str:
    """Return a word in lower case, without a plural or possessive ending."""
    plain = re.sub(r"['’]s?$", "", word.casefold())
    if plain.endswith("ies") and len(plain) > len("ties"):
        return f"{plain[:-3]}y"
    if plain.endswith(("ses", "xes", "ches", "shes")):
        return plain[:-2]
    return plain[:-1] if plain.endswith("s") and not plain.endswith("ss") else plain


def path_in(note: str) -> str:
    """Return the path that a note gives after `Path:`; empty where it has none."""
    match = _PATH.search(note)
    return match["path"].rstrip(".") if match else ""


def modules_in(note: str) -> tuple[str, ...]:
    """Return the modules that a note gives after `Module:`; nothing where it has none."""
    match = _MODULES.search(note)
    return tuple(name.strip() for name in match["names"].split(",")) if match else ()


def has_all_modules(note: str, *, of: str) -> bool:
    """Tell whether a note names all modules of another one, and the module that installed its view.

    It may name more: Drupal lists with a view whatever module its displays use.
    """
    has_modules = {*modules_in(of)} <= {*modules_in(note)}
    return has_modules and _installing_modules(of) <= _installing_modules(note)


def _installing_modules(note: str) -> set[str]:
    return {match["name"] for match in _INSTALLED.finditer(note)}


def changes_in(note: str) -> str:
    """Return the columns that a note says have changed, with what they were."""
    match = _CHANGES.search(note)
    return match["columns"].partition("; Permissions: ")[0].rstrip(". ") if match else ""


def names_target(note: str) -> bool:
    """Tell whether a note says what a reference refers to: `Refers to what the view crews lists`."""
    return bool(_TARGET.search(note))


def is_shapes_only(note: str) -> bool:
    """Tell whether a note says nothing but shapes: it is blank without them."""
    rest = note
    for shape in (_CHANGES, _PATH, _DEFAULT, _MAX_LENGTH, _MODULES, _INSTALLED):
        rest = shape.sub("", rest)
    match = _OPTIONS.search(rest) or _ONLY_PAIRS.search(rest)
    if match is not None:
        listed, _ = _replace_quoted_items(match["list"])
        # Where markup or lines are in a list nobody sees its end: all of it is the list.
        end = None if re.search("[<\n]", listed) else _END_OF_LIST.search(listed)
        after = listed[end.end() :] if end else ""
        rest = rest[: match.start()] + after + rest[match.end() :]
    return not rest.strip(" .;,\n")


def _items_of(listed: str) -> tuple[str, ...]:
    """Split a list at its semicolons or bars, else at commas outside parentheses.

    Empty where commas may not divide items: one part alone is blank, or begins in another case.
    """
    marks = (";", "|") if "," in listed else (";", "|", " / ")
    for mark in marks:
        if mark in listed:
            options = [unmarked(part).strip(f" {_QUOTES}") for part in listed.split(mark)]
            return tuple(filter(None, options))
    parts: list[str] = []
    for part in _split(listed, _COMMA):
        if parts and part.partition(" ")[0] in word_list("frequent_words"):
            parts[-1] += f", {part}"  # `Show it, with no link` goes on
        else:
            parts.append(part)
    begins_small = {part[:1].islower() for part in parts if part[:1].isalpha()}
    if len(parts) == 1 or len(begins_small) > 1 or not all(parts):
        return ()
    return tuple(unmarked(part).strip(_QUOTES) for part in parts)


def unmarked(option: str) -> str:
    """Return an option without the mark that new items have it."""
    return _MARKED_DEFAULT.sub("", option)


def lexicon() -> Mapping[str, Any]:
    return toml_tables(__package__, "lexicon.toml")


@cache
def word_list(name: str) -> frozenset[str]:
    """Return one plain list of the file."""
    return frozenset(lexicon()[name]["words"].split())


@cache
def pattern_of(name: str) -> re.Pattern[str]:
    """Return the expression of an entry of the file, without regard to case."""
    return re.compile("".join(lexicon()[name]["pattern"]), re.IGNORECASE)


def _any_of(*names: str) -> str:
    return "|".join(f"(?:{pattern_of(name).pattern})" for name in names)


LEFT_OPEN, _MAX_LENGTH = map(pattern_of, ("left_open", "max_length"))
_BUILT_LATER = pattern_of("built_later")
_TITLE_OF_LATER = re.compile(_any_of("built_later", "ended_or_future"), re.IGNORECASE)
_NOT_NOW = re.compile(_any_of("built_later", "ended_or_future", "numbered_release"), re.IGNORECASE)
_BECAUSE = pattern_of("put_off_because").pattern
_PUT_OFF = re.compile(f" *(?:{_NOT_NOW.pattern})(?:{_BECAUSE})", re.IGNORECASE)
_PUT_OFF_PLAINLY = re.compile(f" *(?:{_BUILT_LATER.pattern})(?:{_BECAUSE})", re.IGNORECASE)
_SAYS_NOT_NOW = re.compile(rf"\b(?:{_NOT_NOW.pattern})\b", re.IGNORECASE)
_NOT_NOW_CHARACTERS = 60
_STATUS_WORDS = frozenset(word.casefold() for word in STATUS_HEADERS)


@lru_cache(TEXTS_KEPT)
def is_not_now(text: str, header: str = "") -> bool:
    """Tell whether a status or note says that its row is not built now: `out of scope`, `Release 2`.

    With its header it may say so, too: `2` below *Phase*.
    """
    return any(map(_NOT_NOW.fullmatch, _as_whole(text, header)))


@lru_cache(TEXTS_KEPT)
def is_not_now_beside(text: str, header: str) -> bool:
    """Tell whether a cell of a column that is no status says that its row is not built now.

    Below a header that asks when or whether it is built any such word says so; below others, such
    as *Filter* or *Version*, it has to speak of building, a phase or the scope.
    """
    matches = _NOT_NOW.fullmatch if asks_when_built(header) else _BUILT_LATER.fullmatch
    return any(map(matches, _as_whole(text, header)))


def is_title_of_later(title: str) -> bool:
    """Tell whether a title says that what is below it is not built now.

    `Version 2.1` and `Release 3` are of the document.
    """
    return any(map(_TITLE_OF_LATER.fullmatch, _as_whole(title, "")))


def asks_when_built(header: str) -> bool:
    """Tell whether a header asks how far what is in a row is, or when it is built."""
    words = header.casefold().split()
    is_status = any(word.strip("?:.") in _STATUS_WORDS for word in (*words, header.casefold()))
    return is_status or pattern_of("asks_when_built").search(header) is not None


def _as_whole(text: str, header: str) -> tuple[str, ...]:
    """Return a short text as it says something by itself, and with its header."""
    return (text.strip(" .!"), f"{header} {text}") if len(text) <= _NOT_NOW_CHARACTERS else ()


def says_not_now(text: str) -> bool:
    """Tell whether a text has such words among others: `as the board says, later`."""
    return _SAYS_NOT_NOW.search(text) is not None


@lru_cache(TEXTS_KEPT)
def puts_off(text: str) -> bool:
    """Tell whether a status or note says that its row is not built now, with a reason or without."""
    return _PUT_OFF.match(text) is not None


@lru_cache(TEXTS_KEPT)
def puts_off_beside(text: str, header: str) -> bool:
    """Tell whether a cell of a column that is no status puts its row off, with a reason or without."""
    matches = _PUT_OFF.match if asks_when_built(header) else _PUT_OFF_PLAINLY.match
    return matches(text) is not None


@lru_cache(TEXTS_KEPT)
def is_there_already(text: str) -> bool:
    """Tell whether a cell says by itself that nobody has to build what its row is about."""
    return pattern_of("there_already").fullmatch(text.strip(" .!()")) is not None


def are_options_left_open(note: str) -> bool:
    """Tell whether a sentence says of the options that somebody has yet to decide."""
    return any(_OPTIONS.search(s) and LEFT_OPEN.search(s) for s in sentences_of(readable(note)))


_ELEMENTS = re.compile(r"(?:^|[.\n] *)elements: *(?P<list>[^\n]*)", re.IGNORECASE)
_END_OF_ELEMENT = re.compile(r"\(\w+(?:: [\w:, ]+)?\)(?=;|\.|$)")
_TEXT_ON_FORM = re.compile(
    r"text on the form: “[^”\n]*”|on is called “[^”\n]*”, off “[^”\n]*”", re.IGNORECASE
)


def without_wording(note: str) -> str:
    """Return a note without what it only quotes of a form: titles, texts, options.

    A form may ask `How was it?`; that leaves nothing open. What follows the last element of a list
    is of whoever wrote it.
    """
    rest = _TEXT_ON_FORM.sub("", note)
    default = _DEFAULT.search(rest)
    if default is not None and default["quoted"]:
        rest = rest[: default.start("quoted")] + rest[default.end("quoted") :]
    options = _OPTIONS.search(rest)
    if options is not None:
        listed = _QUOTED_ITEM.sub("", options["list"])
        rest = rest[: options.start("list")] + listed + rest[options.end("list") :]
    elements = _ELEMENTS.search(rest)
    if elements is None:
        return rest
    ends = [end.end() for end in _END_OF_ELEMENT.finditer(elements["list"])]
    start = elements.start("list")
    return rest[:start] + rest[start + ends[-1] :] if ends else rest


def one_of(name: str) -> str:
    """Return what matches each word of a list of the file."""
    return f"(?:{'|'.join(sorted(word_list(name)))})"


def number_words() -> Mapping[str, int]:
    return dict(lexicon()["number_words"]["values"])
