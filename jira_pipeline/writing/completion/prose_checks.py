"""Free sentences of a model against the rows: what is wrong, and what nobody can prove.

Belongs here: what sentences about a session may name, looking names and quotations up, whole word by
whole word; form, names, paths, what the ticket says already, what rests on no cell, and what a
sentence says of a cell right beside the name of its row. Does not: lists of words, structured items,
what becomes of a sentence (`checking`), what needs reading to be found.

Only what is exact refuses a sentence: a name is in a row or not, a value is in the cell or not. All
else is a warning that the reader sees beside it.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import NamedTuple, TypeAlias

from jira_pipeline.drupal.columns import columns_holding
from jira_pipeline.drupal.field.required import is_required
from jira_pipeline.drupal.meaning.modules_and_types import (
    listed_in,
    modules,
    names_of,
    paths_of_core,
    types_meant,
)
from jira_pipeline.drupal.meaning.notes import number_words, pattern_of, singular, word_list
from jira_pipeline.drupal.row_names import name_of
from jira_pipeline.drupal.specification_index import once_per_session
from jira_pipeline.drupal.ticket_rows import SessionRows
from jira_pipeline.drupal.view.access import COLUMN as ACCESS
from jira_pipeline.drupal.view.path import path_text
from jira_pipeline.drupal.words import phrases
from jira_pipeline.drupal.workflow.transition import FROM, TO
from jira_pipeline.model.columns import BLANK, Holds
from jira_pipeline.model.entities import Entity, EntityKind, Status
from jira_pipeline.model.grouped import group_pairs
from jira_pipeline.model.hidden_characters import hidden_in, without_hidden
from jira_pipeline.model.sheet_names import containing_file, sheet_title
from jira_pipeline.model.source_tables import SourceWord
from jira_pipeline.tickets.grouping.component_rows import PACKAGE_KINDS, values_of
from jira_pipeline.writing.completion.prompt import (
    TicketToComplete,
    plain_of,
    prompt_instructions,
)

MARKED = re.compile(r"`([^`]*)`")
QUOTED = re.compile(
    r"“([^“”]*)”|„([^„“”\"]*)[“”\"]|«([^«»]*)»|»([^«»]*)«|\"([^\"]*)\""
    r"|(?<![\w’'])['\u2018]([^'\u2019\u2018]*)['\u2019](?!\w)"
)
"""As English has them, and as languages of labels do."""
LITERAL = re.compile(rf"`[^`]*`|{QUOTED.pattern}")
"""Whichever begins first: a quotation may hold marks, and a mark quotation marks."""
ADDRESS = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*://|www\.|(?<![\w./])//?(?=\w))[^\s`“”\"<>()]*[\w/]"
    r"|(?<![\w.+-])[\w.+-]+@[\w-]+[\w.-]*\w",
    re.IGNORECASE,
)
HOST_OR_MAIL = re.compile(
    r"(?:(?<![a-z0-9+.-])[a-z][a-z0-9+.-]*:)?//[\w-]+(?:\.[\w-]+)*[^\s`“”\"<>()]*[\w/]"
    r"|(?<![\w.-])(?:mailto:)?[\w.+-]+@[\w-]+[\w.-]*\w"
    r"|(?<![\w./@-])(?:www\.)?(?:[a-z0-9-]+\.)+[a-z]{2,24}(?::\d+)?/[^\s`“”\"<>()]*"
    r"|(?<![\w./@-])www\.[\w.-]+\w",
    re.IGNORECASE,
)
"""An address that leads somewhere else: a URL with a host, a host with a path, or an e-mail."""
_JOINT = r"(?:\s?[\[({]\s?(?:\.|dot|@|at)\s?[\])}]\s?|[\u3002\uff0e\uff61])"
"""What people read as a dot or @ of an address, and programs do not: `evil[.]host`, `me (at) host`.

Source of the dots: RFC 3490, section 3.1.
"""
_DISGUISED = re.compile(
    rf"(?<![\w.@-])[\w.@-]*\w(?:{_JOINT}\w[\w.@-]*)+(?:/[^\s“”\"<>]*)?", re.IGNORECASE
)
_WITH_SCHEME = re.compile(
    r"(?<![\w.+:/-])[a-z][a-z0-9+.-]*:(?=[\w+%])[^\s`“”\"<>()]+", re.IGNORECASE
)
"""What a click opens without a host: `tel:+49…`, `skype:anna`; text has a space after a colon."""
_ELLIPSIS = re.compile(r"…|\.\.\.")
_AROUND_QUOTE = " .,;:!?"

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_STRAIGHT = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0xA0: " "}


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """What sentences about a session may name."""

    text: str
    """All of its cells and titles, normalised."""
    words: frozenset[str]
    """With the words of Drupal's administration, of our phrases and of the instructions."""
    by_name: Mapping[str, Sequence[Entity]]
    by_label: Mapping[str, Sequence[Entity]]
    """Rows by label with its type and without, in lower case."""
    values: Mapping[str, frozenset[str]]
    """What the cells of some columns say, in lower case."""
    is_of_drupal: bool
    """Whether core's own pages are known, whatever the rows say."""

    @cached_property
    def folded(self) -> str:
        """In lower case."""
        return self.text.casefold()

    def has(self, text: str) -> bool:
        """Tell whether it has a text as whole words, whatever its case."""
        return has_words(normalised(text).casefold(), self.folded)

    def has_exactly(self, text: str) -> bool:
        """Tell whether it has a text as whole words, letter by letter."""
        return has_words(normalised(text), self.text)


def parts_of_quote(match: re.Match[str]) -> list[str]:
    """Return what is between quotation marks, in parts where an ellipsis leaves words out."""
    quote = next(group for group in match.groups() if group is not None)
    parts = [part.strip(_AROUND_QUOTE) for part in _ELLIPSIS.split(quote)]
    return [part for part in parts if part]


def has_words(text: str, passage: str) -> bool:
    """Tell whether a passage has a text as whole words; both are normalised."""
    start = passage.find(text) if text else -1
    while start >= 0:
        end = start + len(text)
        is_begun = not (_is_word(text[0]) and _is_word(passage[start - 1 : start]))
        is_ended = not (_is_word(text[-1]) and _is_word(passage[end : end + 1]))
        if is_begun and is_ended:
            return True
        start = passage.find(text, start + 1)
    return False


def _is_word(character: str) -> bool:
    """Tell whether a character goes on a word; there is none before the first one."""
    return character.isalnum() or character == "_"


def normalised(text: str) -> str:
    """Return a text on one line, with straight quotes, without characters that nobody sees."""
    return " ".join(without_hidden(text).translate(_STRAIGHT).split())


EXAMPLE_HOSTS = re.compile(r"(?:https?://)?(?:www\.)?example\.(?:com|org|net)(?:/|$)")
"""Reserved for examples. Source: RFC 2606."""
VALUE_COLUMNS = ("Field type", "Form widget", "Display plugin")


@once_per_session
def spoken(session: SessionRows) -> Spoken:
    rows = session.specification.entities
    cells = [cell for row in rows for cell in (row.label, *row.cells.values()) if cell]
    titles = [
        *(group.title for group in session.groups.values()),
        *(name for row in rows for name in _names_in_package(row)),
    ]
    is_of_drupal = session.source_word is SourceWord.SHEETS
    if is_of_drupal:
        titles += [
            *listed_in("words_of_core", "labels"),
            *(module.label for module in modules().values()),
        ]
    text = normalised("\n".join(dict.fromkeys([*cells, *titles, session.site_name])))
    text = f"{text}\n{normalised(session.site_description)}"
    ours = " ".join(form for forms in phrases().values() for form in forms.values())
    columns = " ".join(dict.fromkeys(column for row in rows for column in row.cells))
    more = f"{plain_of(f'{ours} {columns}')} {prompt_instructions(session.source_word)}"
    words = frozenset(map(singular, WORD.findall(f"{text} {more}")))
    kinds = ("list_types", "reference_types", "types_without_value", "types_never_empty")
    values = {c: frozenset(r.cell(c).casefold() for r in rows) - BLANK for c in VALUE_COLUMNS}
    values["Field type"] |= frozenset(types_meant()).union(*map(names_of, kinds))
    values["Form widget"] |= names_of("widgets_of_core")
    values["Form widget"] |= names_of("media_sources", "widgets")
    return Spoken(
        text=text,
        words=words | word_list("capitalised_words"),
        by_name=group_pairs(
            (name, row)
            for row in rows
            for name in {row.machine_name, *_paths_of(row), *_names_in_package(row)}
        ),
        by_label=group_pairs(
            (label.casefold(), row)
            for row in rows
            for label in dict.fromkeys((row.label, name_of(row)))
        ),
        values=values,
        is_of_drupal=is_of_drupal,
    )


def _paths_of(row: Entity) -> tuple[str, ...]:
    """Return the path of a display, by which sentences name it, too."""
    path = path_text(row) if row.kind is EntityKind.VIEW_DISPLAY else ""
    return (path,) if path else ()


def _names_in_package(row: Entity) -> tuple[str, ...]:
    """Return what a row of a package names beside its values: its place, and its settings."""
    if row.kind not in PACKAGE_KINDS:
        return ()
    place = sheet_title(row.source.file)
    settings = (*row.cells, *(column.rpartition(".")[2] for column in row.cells))
    return (containing_file(row.source.file), place, place.replace("/", ":", 1), *settings)


def addresses_elsewhere(text: str) -> list[str]:
    """Return the URLs with a host and the e-mail addresses of a text, in its order."""
    plain = html.unescape(text)
    matches = HOST_OR_MAIL.findall(plain)
    matches += [match.group() for match in _DISGUISED.finditer(HOST_OR_MAIL.sub(" ", plain))]
    addresses = [match.rstrip(_AROUND_QUOTE) for match in matches]
    return [address for address in addresses if not EXAMPLE_HOSTS.match(address)]


def _opened_by_scheme(text: str) -> list[str]:
    """Return what begins with a scheme and has no host, such as `tel:+49…`; not what is marked."""
    plain = HOST_OR_MAIL.sub(" ", MARKED.sub(" ", html.unescape(text)))
    return [match.rstrip(_AROUND_QUOTE) for match in _WITH_SCHEME.findall(plain)]


def _without_disguise(address: str) -> str:
    return re.sub(_JOINT, _joint_meant, address, flags=re.IGNORECASE)


def _joint_meant(joint: re.Match[str]) -> str:
    is_at = joint[0].strip(" [](){}").casefold() in {"@", "at"}
    return "@" if is_at else "."


def address_faults(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say which URLs with a host and e-mail addresses no row of this ticket has.

    An order in a cell of one ticket would else put its address into all others. What people of the
    team wrote of the site or of this ticket counts, too.
    """
    facts = ticket.facts
    cells = [cell for row in facts.own_rows for cell in row.cells.values()]
    own_words = "\n".join([*cells, facts.remark, facts.session.site_description])
    folded = normalised(html.unescape(html.unescape(own_words))).casefold()
    for address in addresses_elsewhere(text):
        forms = {normalised(form).casefold() for form in (address, _without_disguise(address))}
        if not any(has_words(form, folded) for form in forms):
            yield f"{address} is in no row of this ticket"
    site = spoken(facts.session)
    for address in _opened_by_scheme(text):
        if not site.has(address):
            yield f"{address} is in no row"


def address_warnings(text: str) -> Iterator[str]:
    """Say which addresses a text leads to: where they lead, no row says."""
    for address in addresses_elsewhere(text):
        yield f"it leads to {address}"


def is_path_known(path: str, known: Spoken) -> bool:
    """Tell a path of the rows, or of Drupal itself, from an invented one."""
    is_of_core = known.is_of_drupal and paths_of_core().fullmatch(path.rstrip("/"))
    return bool(EXAMPLE_HOSTS.match(path) or known.has(path) or is_of_core)


def rows_meant(name: str, ticket: TicketToComplete, text: str) -> Sequence[Entity]:
    """Return the rows that a machine name may mean in a text: of the ticket and of what it names."""
    rows = spoken(ticket.facts.session).by_name.get(name, ())
    head_keys = {row.key for row in ticket.facts.group.heads}
    folded = text.casefold()
    by_key = ticket.facts.session.specification.by_key
    keys = {row.owner_key for row in rows}
    owners = ((key, owner) for key in keys for owner in by_key.get(key or "", ()))
    named_keys = {key for key, owner in owners if name_of(owner).casefold() in folded}
    near = [
        r
        for r in rows
        if r.owner_key in named_keys or not head_keys.isdisjoint({r.key, r.owner_key})
    ]
    return near or rows


REPEATED_WORDS_MIN = 6
"""True prose of all tickets of two sites repeats at most four words of the instructions in a row."""
ALIKE_SHARE = 0.8
"""Of the words of a sentence that a claim about the same rows and values says too."""
_ENGLISH_SHARE_MIN = 0.12
"""Of frequent words: true prose has 0.15 and more, mostly 0.25; German and French have 0.07."""
_JUDGED_WORDS_MIN = 15
"""Fewer words, mostly names, say nothing about the language."""
_ACRONYM_LETTERS_MAX = 5
_MARKUP = re.compile(
    r"<[a-zA-Z/!?][^>]*>?|\*\*|__|\]\(|```|^#{1,6} |^[-*+] |^\d+[.)] |^\||\n|\{\{|\{%|\$\{|&(?:#\w+|[a-z]+);"
)
_LONG_TOKEN = re.compile(r"[^\s`]{41,}")
_DOTTED = re.compile(r"(?<![\w.-])[\w-]+(?:\.[\w-]+)+")
_SENTENCE_START = re.compile(r"(?:^|[.;:?!\u203a(]\s?|- )\s*")
_OF_DRUPAL, _LIMIT = map(pattern_of, ("of_drupal", "limited_by"))
_ONLY_WAY = re.compile(r"(?i)(?<!may )\b(?:need|take|require)s? custom code\b(?!,? \(?or\b)")
_SAMPLE = re.compile(r"\b(?:such as|for example|like|e\.g\.)\s*$", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|no|never|cannot|except|without|only)\b|n[’']t\b", re.IGNORECASE)
_COMPOUND = re.compile(
    r"\b[A-Z]\w*(?=-[a-z])|(?:^|[.:;] )[A-Z][a-z]+(?:(?:ing|ed)\b|(?= (?:an?|the|in|on|off) ))"
)
"""`Per-field`, `Grouping`, `Used` or `Turn on` begins a sentence and is no name."""
_NUMBER = re.compile(r"(?<![\w.:×/-])\d+(?![\w×/:-])")
_SIZE = re.compile(r"(?<![\w.])\d+[x×:]\d+(?!\w)")
_STATED = re.compile(
    r"`(?P<code>[^`]+)`(?: “[^“”]*”| \(“[^“”]*”\))?|(?<! of )“(?P<label>[^“”]+)”(?! \(?`)"
)
_CONDITION = re.compile(r"\b(?:if|neither)\b[^.]*$", re.IGNORECASE)
"""In the same sentence, before the name."""
_LABELLED = re.compile(r"“(?P<label>[^“”]+)” \(?`(?P<name>[\w-]+)`")
_NAME_CHARACTERS_MAX = 100
_OWNERS = frozenset({EntityKind.BUNDLE, EntityKind.VIEW, EntityKind.WORKFLOW})


def form_faults(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say what in a text is no plain sentence."""
    site = spoken(ticket.facts.session)
    odd = [c for c in dict.fromkeys(text) if not (_is_plain(c) or c in site.text)]
    for character in dict.fromkeys([*odd, *hidden_in(text)]):
        yield f"the character {unicodedata.name(character, f'U+{ord(character):04X}')}"
    for markup in _MARKUP.findall(MARKED.sub(" ` ", text)):
        yield f"the markup {markup.strip() or 'line break'}"
    if text.count("`") % 2:
        yield "a backtick that is not closed"
    for token in _LONG_TOKEN.findall(text):
        if not site.has(token.strip(".,;:!?()“”\"'")):
            yield f"{token[:20]}… is no word"
    if _ONLY_WAY.search(said := QUOTED.sub(" ", text)) and not _DENIED.search(said):
        yield "custom code is hardly the only way: say “a module or custom code”"
    if run := leaked_instructions(text, ticket):
        yield f"it repeats the instructions: {run}"


def leaked_instructions(text: str, ticket: TicketToComplete) -> str:
    """Return words in a row that the instructions have, too; empty if there are none."""
    known = _runs_of_rules(ticket.facts.session.source_word)
    return next((" ".join(run) for run in _runs_in(text) if run in known), "")


def name_faults(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say which names, paths and quotations no row has; words of rows and samples may be quoted."""
    known = spoken(ticket.facts.session)
    for name in MARKED.findall(text):
        is_beginning = name.endswith("_") and any(each.startswith(name) for each in known.by_name)
        is_tag = name.startswith("views_") and name.removeprefix("views_") in known.by_name
        is_known = known.has_exactly(name) or is_path_known(name, known)
        if not (is_known or is_beginning or is_tag):  # Views tags the query of a view so
            yield f"`{name}` is in no row"
    words = MARKED.sub(" ` ", text)
    rest = ADDRESS.sub(" ", words)
    unknown = [address for address in ADDRESS.findall(words) if not is_path_known(address, known)]
    names = [name for name in re.findall(r"\w+", rest) if not known.has_exactly(name)]
    named = [name for name in names if "_" in name.strip("_")]
    unknown += [n for n in named if not any(each.endswith(f"_{n}") for each in known.by_name)]
    dotted = [n for n in _DOTTED.findall(rest) if n.casefold() not in {"e.g", "i.e"}]
    unknown += [n for n in dotted if any(map(str.isalpha, n)) and not known.has(n)]
    yield from (f"{name} is in no row" for name in unknown)
    for name in (name for name in names if name in ticket.rows):
        yield f"{name} is a name of these rows for you alone: use its label or machine name"
    for match in QUOTED.finditer(plain := MARKED.sub(" ", text)):
        is_sample = _SAMPLE.search(plain[: match.start()])
        for part in parts_of_quote(match):
            is_ours = all(singular(word) in known.words for word in WORD.findall(part))
            if not (known.has(part) or is_ours or is_sample):
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
    """Say which sentence of the template cites all that a text cites, and has most of its words."""
    for name, sentence in ticket.sentences.items():
        is_story = name.startswith("s")  # what is said of the need there can be tried, too
        if not is_story and is_repeated(text, sentence):
            yield f"{name} says it already"


def is_repeated(text: str, sentence: str) -> bool:
    """Tell whether a sentence cites all that a text cites, and has most of its other words."""
    words = _content_words(text)
    if not (words and _literals_of(text) <= _literals_of(sentence)):
        return False
    return len(words & _content_words(sentence)) >= ALIKE_SHARE * len(words)


def _literals_of(text: str) -> frozenset[str]:
    quoted = (part for match in QUOTED.finditer(text) for part in parts_of_quote(match))
    numbers = _NUMBER.findall(LITERAL.sub(" ", text))
    return frozenset(normalised(t).casefold() for t in (*MARKED.findall(text), *quoted, *numbers))


def _content_words(text: str) -> frozenset[str]:
    words = (singular(word) for word in WORD.findall(LITERAL.sub(" ", text)))
    return frozenset(words) - word_list("frequent_words")


NAMES_NO_ROW = "it names no row of this ticket"


def no_row_warning(text: str, ticket: TicketToComplete) -> str:
    """Say that a sentence names no row of the ticket, and quotes none; empty where it does.

    “Nothing has to be tested” can be put into any ticket: a person has to look at it.
    """
    words_of_sentence = _words_of(text)
    rows = ticket.facts.own_rows
    names = {name for row in rows for name in (row.machine_name, row.label, name_of(row))}
    if any(_is_named(name, words_of_sentence) for name in names):
        return ""
    cells = normalised("\n".join(cell for row in rows for cell in row.cells.values())).casefold()
    quoted = [MARKED.findall(text), *map(parts_of_quote, QUOTED.finditer(MARKED.sub(" ", text)))]
    literals = [normalised(literal).casefold() for some in quoted for literal in some]
    is_quoting = any(has_words(literal, cells) for literal in literals)
    return "" if is_quoting else NAMES_NO_ROW


STORY = "s1"
"""The name of a ticket's story among its sentences."""
_STORY_WORDS_MIN = 4
"""Beside names and frequent words. Of 29 stories that models wrote for readers, the shortest has so
many; “As an editor, I want Boat.” has three."""


def story_warning(story: str, ticket: TicketToComplete) -> str:
    """Say what a story loses of the one before: to replace it by an empty phrase would be to drop it.

    Empty where it loses nothing.
    """
    names = {
        name for row in ticket.facts.own_rows for name in (row.label, row.machine_name) if name
    }
    before = ticket.sentences.get(STORY, "")
    if _names_any(before, names) and not _names_any(story, names):
        return "it names nothing of what the ticket builds, and the story before did"
    words_of_names = frozenset[str]().union(*map(_words_of, names))
    words = _words_of(story) - words_of_names
    words_before = _words_of(before) - words_of_names
    is_empty = len(words) < _STORY_WORDS_MIN <= len(words_before)
    if is_empty or words < words_before:
        return "it says less of what the ticket builds than the story before"
    return ""


def _names_any(story: str, names: Iterable[str]) -> bool:
    words = normalised(story).casefold()
    return any(normalised(name).casefold() in words for name in names)


def _words_of(text: str) -> frozenset[str]:
    """Return the words of a text, each in the singular, without those that are in any text."""
    words = frozenset(singular(word) for word in re.findall(r"\w+", normalised(text).casefold()))
    return words - word_list("frequent_words")


def _is_named(name: str, words_of_sentence: frozenset[str]) -> bool:
    """Tell whether all words of a name are said."""
    words = _words_of(name)
    return bool(words) and words <= words_of_sentence


def warnings_of(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say what in a sentence no cell proves.

    Each kind is beside false sentences more often: `python -m benchmarks model_sentences` counts.
    """
    known = spoken(ticket.facts.session)
    words = LITERAL.sub(" ", text)
    unknown = [size for size in _SIZE.findall(words) if not known.has(size)]
    plain = known.words | word_list("frequent_words") | number_words().keys()
    names = (word for word in WORD.findall(_COMPOUND.sub(" ", words)) if word[0].isupper())
    unknown += [n for n in names if not _is_acronym(n) and singular(n) not in plain]
    yield from (f"{name} is in no row" for name in unknown)
    for limit in _LIMIT.finditer(ADDRESS.sub(" ", words)):
        number = limit["number"]
        cells = _cells_near(text, ticket)
        is_number = number.isdecimal() or number.casefold() in number_words()
        if is_number and not any(_has_number(cell, number) for cell in cells):
            yield f"no row gives the {limit.group()}"


def _has_number(cell: str, word: str) -> bool:
    number = int(number_words().get(word.casefold(), word))
    near = {number - 1, number, number + 1}  # a limit is tried on both sides
    spelt = {number_words().get(word.casefold()) for word in WORD.findall(cell)}
    given = {*map(int, re.findall(r"\d+", cell)), *spelt}
    is_named = re.search(rf"(?<!\w){re.escape(word)}(?:s|es)?(?!\w)", cell, re.IGNORECASE)
    return not near.isdisjoint(given) or is_named is not None


def _cells_near(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Return the cells of the rows a sentence names; of those of the ticket where it names none."""
    known = spoken(ticket.facts.session)
    by_any = ((known.by_name.get(n, ()), known.by_label.get(n, ())) for n in _literals_of(text))
    named = [row for both in by_any for rows in both for row in rows]
    return (cell for row in named or ticket.facts.own_rows for cell in row.cells.values())


def is_english(texts: Sequence[str]) -> bool:
    """Tell whether enough of some texts are words that English has in every sentence."""
    every_word = (word for text in texts for word in WORD.findall(LITERAL.sub(" ", text)))
    words = [word.casefold() for word in every_word if not word.isdigit()]
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
def _runs_of_rules(source: SourceWord) -> frozenset[tuple[str, ...]]:
    """Return the runs of what comes before the examples: those are there to be followed."""
    return frozenset(_runs_in(prompt_instructions(source).partition("\n## Examples")[0]))


def _runs_in(text: str) -> Iterator[tuple[str, ...]]:
    words = [word.casefold() for word in WORD.findall(text)]
    starts = range(len(words) - REPEATED_WORDS_MIN + 1)
    return (tuple(words[start : start + REPEATED_WORDS_MIN]) for start in starts)


def contradictions(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say which cells a text contradicts; it speaks of a cell beside the name of its row only."""
    known = spoken(ticket.facts.session)
    for match in _STATED.finditer(text):
        label = match["label"]
        name = match["code"] or match["label"]
        rows = known.by_label.get(label.casefold(), ()) if label else rows_meant(name, ticket, text)
        after = text[match.end() :].removeprefix(")")  # of a label with its machine name
        is_under_condition = _CONDITION.search(text[: match.start()]) is not None
        for pattern, cells_of in _CELL_RULES if rows else ():
            if begin := re.match(pattern, after):
                statement = _Statement(name, begin, after[begin.end() :], is_under_condition)
                told = [*cells_of(statement, rows, known)]
                if told and not any(is_so for _, _, is_so in told):
                    cells = sorted({cell or "blank" for _, cell, _ in told})
                    yield f"`{name}`{told[0][0]} is {', '.join(cells)}"
    for match in _LABELLED.finditer(text):
        rows = rows_meant(match["name"], ticket, text)
        label = match["label"].casefold()
        labels = {n.casefold() for r in rows for n in (r.label, name_of(r), r.cell("Title"))}
        if rows and label in known.by_label and label not in labels:
            yield f"`{match['name']}` is not labelled “{match['label']}”"


def _known_start(text: str, known: Container[str]) -> str:
    """Return the longest known name that a text begins with, in lower case; empty if none does."""
    folded = text.lstrip('“"').casefold()[:_NAME_CHARACTERS_MAX]
    ends = [m.end() for m in re.finditer(r"[\w)](?!\w)", folded)]
    return next((folded[:end] for end in reversed(ends) if folded[:end] in known), "")


class _Statement(NamedTuple):
    """What a sentence says of a row: how it begins beside the name, and how it goes on."""

    name: str
    match: re.Match[str]
    rest: str
    is_under_condition: bool


_CellRule: TypeAlias = Callable[
    [_Statement, Sequence[Entity], Spoken], Iterable[tuple[str, str, bool]]
]
"""Returns what a statement is of, with the cell that each row has there and whether that is so.

Nothing where it says nothing that can be told. One row that is so is enough.
"""


def _values(
    column: str, statement: _Statement, rows: Sequence[Entity], known: Spoken
) -> Iterator[tuple[str, str, bool]]:
    """`name` (Type), `name` is a Type field, `name` has the widget Widget."""
    label, value = (
        _known_start(statement.rest, of) for of in (known.by_label, known.values[column])
    )
    is_whole = not statement.match[0].endswith("“") or statement.rest[len(value) :][:1] == "”"
    others = (row.cell(c).casefold() for row in rows for c in VALUE_COLUMNS)
    is_so = any(cell.endswith(value) for cell in others)
    is_word = statement.rest[:1].islower() and _GOES_ON.match(statement.rest[len(value) :])
    is_told = value and is_whole and len(label) <= len(value) and not is_word
    cells = (row.cell(column).casefold() for row in rows if is_told)
    return ((f": {column}", cell, is_so) for cell in cells if cell)


def _cardinalities(
    statement: _Statement, rows: Sequence[Entity], _: Spoken
) -> Iterator[tuple[str, str, bool]]:
    word = "*" if statement.match["any"] else statement.match["n"].casefold()
    number = "1" if word == "one" else str(number_words().get(word, word))
    told = rows if number == "*" or number.isdigit() else ()
    cells = (row.cell("Vals.") for row in told if row.count("Vals.") is not None)
    return ((": Vals.", cell, cell == number) for cell in cells)


def _requirements(
    statement: _Statement, rows: Sequence[Entity], _: Spoken
) -> Iterator[tuple[str, str, bool]]:
    is_wanted = (statement.match["what"] == "required") is not bool(statement.match["no"])
    told = (r for r in rows if r.flag("Req'd") is not None and not statement.is_under_condition)
    return ((": Req'd", row.cell("Req'd"), is_required(row) is is_wanted) for row in told)


def _flags(
    statement: _Statement, rows: Sequence[Entity], _: Spoken
) -> Iterator[tuple[str, str, bool]]:
    """“Name” has Mod. y."""
    column = statement.match["column"]
    value = statement.match["value"].casefold()
    cells = (row.cell(column).casefold() for row in rows)
    return ((f": {column}", cell, cell == value) for cell in cells if cell)


def _targets(
    statement: _Statement, rows: Sequence[Entity], known: Spoken
) -> Iterator[tuple[str, str, bool]]:
    label = _known_start(statement.rest, known.by_label)
    bundles = {r.key for r in known.by_label.get(label, ()) if r.kind is EntityKind.BUNDLE}
    for row in rows:
        keys = {reference.target_key for reference in row.references}
        if bundles and row.cell("Ref. bundle"):
            yield ": Ref. bundle", row.cell("Ref. bundle"), bool(keys & {*bundles, None})


def _statuses(
    right: Sequence[Status], statement: _Statement, rows: Sequence[Entity], _: Spoken
) -> Iterator[tuple[str, str, bool]]:
    stated = (r for r in rows if r.has_column("X") and not statement.is_under_condition)
    return ((": X", row.status.value, row.status in right) for row in stated)


def _owners(
    statement: _Statement, rows: Sequence[Entity], site: Spoken
) -> Iterator[tuple[str, str, bool]]:
    """`name` of Bundle: the bundle has such a row."""
    label = _known_start(statement.rest, site.by_label)
    owners = {r.key for r in site.by_label.get(label, ()) if r.kind in _OWNERS}
    having = {row.owner_key for row in (*site.by_name.get(statement.name, ()), *rows)}
    is_name = statement.rest.lstrip('“"')[:1].isupper()  # `the form` is no type called Form
    if owners and is_name and rows[0].owner_key is not None:
        yield f" of {label}", "in no row", bool(owners & having)


def _accesses(
    statement: _Statement, rows: Sequence[Entity], site: Spoken
) -> Iterator[tuple[str, str, bool]]:
    """`/path` opens for Role: the row lists that role, where it lists roles."""
    who = statement.match["who"].casefold()
    roles = []
    for label, labelled in site.by_label.items():
        is_named = label and has_words(label, who)
        roles += [row for row in labelled if is_named and row.kind is EntityKind.USER_ROLE]
    for row in rows:
        cell = row.cell(ACCESS.name)
        listed = _LISTED_ROLES.fullmatch(cell)
        if listed is not None and roles:
            names = set(re.split(r"[\s,]+", listed["names"]))
            yield ": Access", cell, all(role.machine_name in names for role in roles)


def _package_settings(
    statement: _Statement, rows: Sequence[Entity], _: Spoken
) -> Iterator[tuple[str, str, bool]]:
    """`Setting` of “Entry” is `value`, of a package."""
    entries = re.findall(r"[“`]([^“”`]+)[”`]", statement.match["of"] or "")
    meant = [row for row in rows if row.machine_name in entries or name_of(row) in entries]
    values = (value for row in meant or rows for value in values_of(statement.name, row))
    return (("", value, value == statement.match["value"].casefold()) for value in values)


def _states(
    column: str, statement: _Statement, rows: Sequence[Entity], known: Spoken
) -> Iterator[tuple[str, str, bool]]:
    """`name` leads from State to State."""
    start = _known_start(statement.rest, known.by_label)
    between, _, rest = statement.rest.lstrip("“")[len(start) :].partition(" to ")
    end = _known_start(rest, known.by_label) if between in {"", "”", '"'} else ""
    is_from = column == FROM
    state = start if column == FROM else end
    for row in rows:
        cell = row.cell(column).casefold()
        if state and row.kind is EntityKind.WORKFLOW_TRANSITION:
            yield f": {column}", cell, cell == state or (is_from and state in cell)


_GOES_ON = re.compile(r" on\b")
"""After a word that may be a type: “is a text on the form” states none."""
_LISTED_ROLES = re.compile(r"roles (?P<names>\w+(?:,\s*\w+)*)")
"""As `sheets` writes who may see a display."""
_COUNT = r"(?:(?P<any>any number of)|(?:up to |no more than |at most |only )?(?P<n>\w+))"
_NEED = r"(?P<no>not |no longer )?(?P<what>required|optional)"
_FLAGS = "|".join(map(re.escape, columns_holding(Holds.FLAG)))
_OF = r"(?P<of>[^.;:]{1,100}?)"
_CELL_RULES: Sequence[tuple[str, _CellRule]] = (
    *(
        (r" \(| (?:is|has|uses) (?:an? |the )?(?:type |widget )?“?", partial(_values, column))
        for column in VALUE_COLUMNS
    ),
    (rf" has “?(?P<column>{_FLAGS})”?(?: is)? “?(?P<value>[ynf])\b", _flags),
    (rf" (?:takes|accepts|allows|holds|has) {_COUNT} (?:values?|items?)\b", _cardinalities),
    (rf" (?:is|are) {_NEED}(?=[.;,]|$| (?:on|of|here|in)\b)", _requirements),
    (r" (?:offers|refers to|references|points to|allows)(?: only)? (?:the )?", _targets),
    (
        r" (?:(?:is|are) (?:already there|there already)|already exists?|exists? already)",
        partial(_statuses, [Status.IMPLEMENTED, Status.CHANGED]),
    ),
    (r" (?:is|are) on hold", partial(_statuses, [Status.WAITING])),
    (
        r" (?:(?:is|are) (?:to be )?removed|goes(?= away|[.,;]|$))",
        partial(_statuses, [Status.DELETED]),
    ),
    (r" (?:is|are) (?:new|to be (?:built|created))\b", partial(_statuses, [Status.APPROVED])),
    (
        r" (?:is|are) (?:not|no longer) (?:needed|wanted)(?=[.;,]|$)",
        partial(_statuses, [Status.DELETED, Status.WAITING]),
    ),
    (
        r" (?:is|are) not (?:to be )?(?:built|created)(?=[.;,]|$)",
        partial(_statuses, [Status.DELETED, Status.WAITING, Status.IMPLEMENTED]),
    ),
    (r" (?:of|on) (?:the )?", _owners),
    (r" opens for (?P<who>[^.;]+?)(?=,? (?:and|but) (?:is|are)\b|[.;]|$)", _accesses),
    *((r" leads from ", partial(_states, column)) for column in (FROM, TO)),
    (rf" (?:of {_OF} )?is (?:set to |now |still )?[“`](?P<value>[^“”`]+)[”`]", _package_settings),
)
"""What a sentence says of a cell right beside a name, and what compares it."""
