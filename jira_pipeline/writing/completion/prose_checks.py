"""Free sentences of a model against the rows: what is wrong, and what nobody can prove.

Belongs here: form, names, paths, what the ticket says already, and what rests on no cell. Does not:
structured items, what becomes of a sentence (`checking`), what it says of cells (`contradictions`).

Only what is exact refuses a sentence: a name is in a row or not, a value is in the cell or not. All
else is a warning that the reader sees beside it.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from jira_pipeline.drupal.meaning.notes import number_words, pattern_of, singular, word_list
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.hidden_characters import hidden_in
from jira_pipeline.tickets.passages import (
    ADDRESS,
    LITERAL,
    MARKED,
    QUOTED,
    WORD,
    Passage,
    normalised,
    parts_of_quote,
)
from jira_pipeline.tickets.questions.question_index import name_of
from jira_pipeline.writing.completion.prompt import prompt_instructions
from jira_pipeline.writing.completion.spoken import Spoken, is_path_known, spoken
from jira_pipeline.writing.completion.ticket_text import TicketToComplete

REPEATED_WORDS_MIN = 6
"""True prose of all tickets of two sites repeats at most four words of the instructions in a row."""
ALIKE_SHARE = 0.8
"""Of the words of a sentence that a claim about the same rows and values says too."""
_ENGLISH_SHARE_MIN = 0.12
"""Of frequent words: true prose has 0.15 and more, mostly 0.25; German and French have 0.07."""
_JUDGED_WORDS_MIN = 15
"""Fewer words, mostly names, say nothing about the language."""
_ACRONYM_LETTERS_MAX = 5
_WAITS = re.compile(r"\b(?:waits?|first|before|until|depends? on|must exist)\b", re.IGNORECASE)
_IF = re.compile(r"\b(?:if|unless|whether|should)\b", re.IGNORECASE)
_MARKUP = re.compile(
    r"<[a-zA-Z/!?][^>]*>?|\*\*|__|\]\(|```|^#{1,6} |^[-*+] |^\d+[.)] |^\||\n|\{\{|\{%|\$\{|&(?:#\w+|[a-z]+);"
)
_LONG_TOKEN = re.compile(r"[^\s`]{41,}")
_DOTTED = re.compile(r"(?<![\w.-])[\w-]+(?:\.[\w-]+)+")
_SENTENCE_START = re.compile(r"(?:^|[.;:?!\u203a(]\s?|- )\s*")
_OF_DRUPAL, _ABLE = map(pattern_of, ("of_drupal", "able"))
_YES_OR_NO, _LIMIT = map(pattern_of, ("yes_or_no", "limited_by"))
_ONLY_WAY = re.compile(r"(?i)(?<!may )\b(?:need|take|require)s? custom code\b(?!,? \(?or\b)")
_SAMPLE = re.compile(r"\b(?:such as|for example|like|e\.g\.)\s*$", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|no|never|cannot|except|without|only)\b|n[’']t\b", re.IGNORECASE)
_COMPOUND = re.compile(
    r"\b[A-Z]\w*(?=-[a-z])|(?:^|[.:;] )[A-Z][a-z]+(?:(?:ing|ed)\b|(?= (?:an?|the|in|on|off) ))"
)
"""`Per-field`, `Grouping`, `Used` or `Turn on` begins a sentence and is no name."""
_MODULE_NAME = re.compile(r"((?:[A-Z][\w-]* )+)modules?\b")
_NUMBER = re.compile(r"(?<![\w.:×/-])\d+(?![\w×/:-])")
_SIZE = re.compile(r"(?<![\w.])\d+[x×:]\d+(?!\w)")


def form_faults(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say what in a text is no plain sentence."""
    whole = spoken(ticket.facts.session).whole
    odd = [c for c in dict.fromkeys(text) if not (_is_plain(c) or c in whole.text)]
    for character in dict.fromkeys([*odd, *hidden_in(text)]):
        yield f"the character {unicodedata.name(character, f'U+{ord(character):04X}')}"
    for markup in _MARKUP.findall(MARKED.sub(" ` ", text)):
        yield f"the markup {markup.strip() or 'line break'}"
    if text.count("`") % 2:
        yield "a backtick that is not closed"
    for token in _LONG_TOKEN.findall(text):
        if not whole.has(token.strip(".,;:!?()“”\"'")):
            yield f"{token[:20]}… is no word"
    if _ONLY_WAY.search(said := QUOTED.sub(" ", text)) and not _DENIED.search(said):
        yield "custom code is hardly the only way: say “a module or custom code”"
    if run := leaked_instructions(text, ticket):
        yield f"it repeats the instructions: {run}"


def leaked_instructions(text: str, ticket: TicketToComplete) -> str:
    """Return words in a row that the instructions have, too; empty if there are none."""
    words = [word.casefold() for word in WORD.findall(text)]
    runs = (tuple(words[i : i + REPEATED_WORDS_MIN]) for i in range(len(words)))
    known = _runs_of(prompt_instructions(ticket.facts.session.source_word))
    return next((" ".join(run) for run in runs if run in known), "")


def name_faults(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say which names, paths and quotations no row has; words of rows and samples may be quoted."""
    known = spoken(ticket.facts.session)
    for name in MARKED.findall(text):
        is_beginning = name.endswith("_") and any(each.startswith(name) for each in known.by_name)
        is_tag = name.startswith("views_") and name.removeprefix("views_") in known.by_name
        is_known = known.whole.has_exactly(name) or is_path_known(name, known)
        if not (is_known or is_beginning or is_tag):  # Views tags the query of a view so
            yield f"`{name}` is in no row"
    words = MARKED.sub(" ` ", text)
    rest = ADDRESS.sub(" ", words)
    unknown = [address for address in ADDRESS.findall(words) if not is_path_known(address, known)]
    names = [name for name in re.findall(r"\w+", rest) if not known.whole.has_exactly(name)]
    named = [name for name in names if "_" in name.strip("_")]
    unknown += [n for n in named if not any(each.endswith(f"_{n}") for each in known.by_name)]
    dotted = [n for n in _DOTTED.findall(rest) if n.casefold() not in {"e.g", "i.e"}]
    unknown += [n for n in dotted if any(map(str.isalpha, n)) and not known.whole.has(n)]
    yield from (f"{name} is in no row" for name in unknown)
    for name in (name for name in names if name in ticket.rows):
        yield f"{name} is a name of these rows for you alone: use its label or machine name"
    for match in QUOTED.finditer(plain := MARKED.sub(" ", text)):
        is_sample = _SAMPLE.search(plain[: match.start()])
        for part in parts_of_quote(match):
            is_ours = all(singular(word) in known.words for word in WORD.findall(part))
            if not (known.whole.has(part) or is_ours or is_sample):
                yield f"“{part}” is in no row"
    if not _OF_DRUPAL.search(text):
        yield from (f"{name} is in no row" for name in _unknown_capitals(rest, known))


def _unknown_capitals(words: str, known: Spoken) -> Iterator[str]:
    """Names are known by their capital letter; the first word of a sentence has one anyway."""
    for start in _SENTENCE_START.split(words):
        for place, word in enumerate(WORD.findall(start)):
            is_inside = place > 0 or any(map(str.isupper, word[1:]))
            is_name = word[0].isupper() and is_inside and not _is_acronym(word)
            if is_name and singular(word) not in known.words:
                yield word


def _is_acronym(word: str) -> bool:
    """Tell JSON or HTTPS, names of the web, from names of a site."""
    return (letters := word.removesuffix("’s")).isupper() and len(letters) <= _ACRONYM_LETTERS_MAX


def repeated_claim(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say which sentence cites all that a text cites, and has most of its other words."""
    literals, words = _literals_of(text), _content_words(text)
    for name, sentence in ticket.sentences.items():
        same = literals <= _literals_of(sentence)
        shared = len(words & _content_words(sentence))
        is_story = name.startswith("s")  # what is said of the need there can be tried, too
        if same and words and shared >= ALIKE_SHARE * len(words) and not is_story:
            yield f"{name} says it already"


def open_wait(text: str, asked: Sequence[str], ticket: TicketToComplete) -> str:
    """Say which question decides whether the wait of a sentence holds; empty where none does."""
    if not _WAITS.search(text) or _IF.search(text):
        return ""
    session, known = ticket.facts.session, spoken(ticket.facts.session)
    for name in sorted(_literals_of(text)):
        rows = (*known.by_name.get(name, ()), *known.by_label.get(name, ()))
        making = {session.making[row.key].key for row in rows if row.key in session.making}
        if making - {ticket.facts.group.key}:
            found = (one for one in asked if _YES_OR_NO.match(one) and _is_named(name, one))
            if question := next(found, ""):
                return f"it holds only if “{question}” is answered yes: say “if”"
    return ""


def _literals_of(text: str) -> frozenset[str]:
    quoted = (part for match in QUOTED.finditer(text) for part in parts_of_quote(match))
    numbers = _NUMBER.findall(LITERAL.sub(" ", text))
    return frozenset(normalised(t).casefold() for t in (*MARKED.findall(text), *quoted, *numbers))


def _content_words(text: str) -> frozenset[str]:
    words = (singular(word) for word in WORD.findall(LITERAL.sub(" ", text)))
    return frozenset(words) - word_list("frequent_words")


def warnings_of(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say what in a sentence no cell proves.

    Each kind is beside false sentences more often: `python -m benchmarks model_sentences` counts.
    """
    known = spoken(ticket.facts.session)
    words = LITERAL.sub(" ", text)
    unknown = [size for size in _SIZE.findall(words) if not known.whole.has(size)]
    plain = known.words | word_list("frequent_words") | number_words().keys()
    names = (word for word in WORD.findall(_COMPOUND.sub(" ", words)) if word[0].isupper())
    unknown += [n for n in names if not _is_acronym(n) and singular(n) not in plain]
    yield from (f"{name} is in no row" for name in unknown)
    for limit in _LIMIT.finditer(ADDRESS.sub(" ", words)):
        number, cells = limit["number"], _cells_near(text, ticket)
        is_number = number.isdecimal() or number.casefold() in number_words()
        if is_number and not any(_has_number(cell, number) for cell in cells):
            yield f"no row gives the {limit.group()}"
    if role := _unproven_role(text, ticket):
        yield f"what {role} may do rests on notes"
    for name in (match[1].strip().removeprefix("The ") for match in _MODULE_NAME.finditer(words)):
        if name and name != "The" and not known.whole.has(name):
            yield f"what it says of “{name} module” is in no row"


def _unproven_role(text: str, ticket: TicketToComplete) -> str:
    """Return a role that a sentence says may do what no cell of a row that names it grants."""
    specification, able = ticket.facts.session.specification, _ABLE.search(LITERAL.sub(" ", text))
    deed = able["deed"].casefold() if able else ""
    for role in specification.by_kind[EntityKind.USER_ROLE] if deed else ():
        name = name_of(role)
        rows = (tuple(row.cells.values()) for row in specification.entities)
        near = (cell for cells in rows if any(_is_named(name, c) for c in cells) for cell in cells)
        granting = (Passage(text=cell).words for cell in near if not _DENIED.search(cell))
        is_meant = re.search(rf"(?<!\w){re.escape(name)}s?(?!\w)", MARKED.sub(" ", text))
        if is_meant and not any(deed in words for words in granting):
            return name
    return ""


def _is_named(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?:s|es)?(?!\w)", text, re.IGNORECASE) is not None


def _has_number(cell: str, word: str) -> bool:
    number = int(number_words().get(word.casefold(), word))
    near = {number - 1, number, number + 1}  # a limit is tried on both sides
    spelt = {number_words().get(word.casefold()) for word in WORD.findall(cell)}
    given = {*map(int, re.findall(r"\d+", cell)), *spelt}
    return not near.isdisjoint(given) or _is_named(word, cell)


def _cells_near(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Return the cells of the rows a sentence names; of those of the ticket where it names none."""
    known = spoken(ticket.facts.session)
    by_any = ((known.by_name.get(n, ()), known.by_label.get(n, ())) for n in _literals_of(text))
    named = [row for both in by_any for rows in both for row in rows]
    return (cell for row in named or ticket.facts.own_rows for cell in row.cells.values())


def is_english(texts: Sequence[str]) -> bool:
    """Tell whether enough of some texts are words that English has in every sentence."""
    found = (word for text in texts for word in WORD.findall(LITERAL.sub(" ", text)))
    words = [word.casefold() for word in found if not word.isdigit()]
    if len(words) < _JUDGED_WORDS_MIN:
        return True
    frequent = sum(word in word_list("frequent_words") for word in words)
    return frequent >= _ENGLISH_SHARE_MIN * len(words)


def _is_plain(character: str) -> bool:
    """Tell letters of the Latin alphabet, digits and usual signs from everything else."""
    is_latin = not character.isalpha() or "LATIN" in unicodedata.name(character, "")
    is_sign = character.isascii() or unicodedata.category(character)[0] in "LPS"
    is_usual = is_sign and unicodedata.is_normalized("NFKC", character)
    return character.isprintable() and is_latin and (is_usual or character in "…½¼¾²³")


@cache
def _runs_of(instructions: str) -> frozenset[tuple[str, ...]]:
    """Return the runs of what comes before the examples: those are there to be followed."""
    rules = instructions.partition("\n## Examples")[0]
    words = [word.casefold() for word in WORD.findall(rules)]
    last = len(words) - REPEATED_WORDS_MIN + 1
    return frozenset(tuple(words[i : i + REPEATED_WORDS_MIN]) for i in range(max(last, 0)))
