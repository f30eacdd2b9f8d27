"""Free sentences of a model against the rows: what is wrong, and what nobody can prove.

Belongs here: form, names, paths, contradictions to cells, what the ticket says already; and, beside
them, what rests on no cell. Does not: structured items, or what becomes of a sentence
(`checking`).

Only what is exact refuses a sentence: a name is in a row or not, a value is in the cell or not. All
else is a warning that the reader sees beside it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jira_pipeline.domain.entities import Entity, EntityKind, Status
from jira_pipeline.domain.lexicon import number_words, word_list
from jira_pipeline.domain.questions.question_index import name_of, once_per_session
from jira_pipeline.writers.claims.phrases import phrases
from jira_pipeline.writers.completion.prompt import prompt_instructions
from jira_pipeline.writers.completion.ticket_text import TicketToComplete, plain_of
from jira_pipeline.writers.group_facts import SessionFacts
from jira_pipeline.writers.passages import ADDRESS, LITERAL, MARKED, QUOTED, Passage, parts_of_quote
from jira_pipeline.writers.plain_words import WORD, normalised, singular

REPEATED_WORDS_MIN = 6
"""True prose of all tickets of two sites repeats at most four words of the instructions in a row."""
ALIKE_SHARE = 0.8
"""Of the words of a sentence that a claim about the same rows and values says too."""
DRUPAL_PATHS = ("/admin", "/node", "/user", "/taxonomy/term", "/media", "/batch", "/search")
"""Where core's own pages are. Source: the routing files of Drupal 11."""
EXAMPLE_HOSTS = re.compile(r"(?:https?://)?(?:www\.)?example\.(?:com|org|net)(?:/|$)")
"""Reserved for examples. Source: RFC 2606."""
_MARKUP = re.compile(
    r"<[a-zA-Z/!?][^>]*>?|\*\*|__|\]\(|```|^#{1,6} |^[-*+] |^\d+[.)] |^\||\n|\{\{|\{%|\$\{|&(?:#\w+|[a-z]+);"
)
_PLAIN_SIGNS = frozenset("…½¼¾²³×")
_LONG_TOKEN = re.compile(r"[^\s`]{41,}")
_IDENTIFIER = re.compile(r"\w+")
_DOTTED = re.compile(r"(?<![\w.-])[\w-]+(?:\.[\w-]+)+")
_ABBREVIATIONS = frozenset({"e.g", "i.e"})
_SENTENCE_START = re.compile(r"(?:^|[.;:?!\u203a(]\s?|- )\s*")
_OF_DRUPAL = re.compile(
    r"\b(?:modules?|core|Drupal(?:’s|'s)?|library|libraries|plugins?|services?|contributed|custom code|themes?)\b",
    re.IGNORECASE,
)
_SAMPLE = re.compile(r"\b(?:such as|for example|like|e\.g\.)\s*$", re.IGNORECASE)
_ALL = re.compile(
    r"\b(?:every(?:body|one|thing)?|all|each|none|nobody|never|always|no other|any other)\b",
    re.IGNORECASE,
)
_ABLE = re.compile(
    r"\b(?:can|cannot|may|must not|is allowed|are allowed|has access)\b", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.:×/-])\d+(?![\w×/:-])")
_WORD_CHARACTER = r"[\w-]"


def form_faults(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say what in a text is no plain sentence."""
    whole = spoken(ticket.facts.session).whole
    for character in dict.fromkeys(text):
        if not (_is_plain(character) or character in whole.text):
            yield f"the character {unicodedata.name(character, f'U+{ord(character):04X}')}"
    for markup in _MARKUP.findall(_without_known(text, whole)):
        yield f"the markup {markup.strip() or 'line break'}"
    if text.count("`") % 2:
        yield "a backtick that is not closed"
    for token in _LONG_TOKEN.findall(text):
        if not whole.has(token.strip(".,;:!?()“”\"'")):
            yield f"{token[:20]}… is no word"
    if run := leaked_instructions(text, ticket):
        yield f"it repeats the instructions: {run}"


def leaked_instructions(text: str, ticket: TicketToComplete) -> str:
    """Return words in a row that the instructions have and no row has; empty if there are none."""
    whole = spoken(ticket.facts.session).whole
    words = [word.casefold() for word in WORD.findall(text)]
    runs = (tuple(words[i : i + REPEATED_WORDS_MIN]) for i in range(len(words)))
    repeated = (" ".join(run) for run in runs if run in _runs_of_instructions())
    return next((run for run in repeated if not whole.has(run)), "")


def name_faults(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say which names and paths of a text no row has."""
    known = spoken(ticket.facts.session)
    for name in MARKED.findall(text):
        if not (known.whole.has_exactly(name) or _is_path_known(name, known.whole)):
            yield f"`{name}` is in no row"
    words = _without_known(text, known.whole)
    for address in ADDRESS.findall(words):
        if not _is_path_known(address, known.whole):
            yield f"{address} is in no row"
    rest = ADDRESS.sub(" ", words)
    for name in _IDENTIFIER.findall(rest):
        if "_" in name.strip("_") and not known.whole.has_exactly(name):
            yield f"{name} is in no row"
        elif name in ticket.rows and not known.whole.has_exactly(name):
            yield f"{name} is a name of these rows for you alone: use its label or machine name"
    for dotted in _DOTTED.findall(rest):
        is_word = any(c.isalpha() for c in dotted) and dotted.casefold() not in _ABBREVIATIONS
        if is_word and not known.whole.has(dotted):
            yield f"{dotted} is in no row"
    for match in QUOTED.finditer(MARKED.sub(" ", text)):
        is_sample = _SAMPLE.search(text[: match.start()])
        for part in parts_of_quote(match):
            is_ours = all(singular(word) in known.words for word in WORD.findall(part))
            if not (known.whole.has(part) or is_ours or is_sample):
                yield f"“{part}” is in no row"
    if not _OF_DRUPAL.search(text):
        yield from (f"{name} is in no row" for name in _unknown_capitals(rest, known))


def _unknown_capitals(words: str, known: "Spoken") -> Iterator[str]:
    """Names are known by their capital letter; the first word of a sentence has one anyway."""
    for start in _SENTENCE_START.split(words):
        for place, word in enumerate(WORD.findall(start)):
            is_inside = place > 0 or any(map(str.isupper, word[1:]))
            if word[0].isupper() and is_inside and singular(word) not in known.words:
                yield word


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """What sentences about a session may name."""

    whole: Passage
    words: frozenset[str]
    """With the words of Drupal's administration, of our phrases and of the instructions."""
    by_name: Mapping[str, Sequence[Entity]]
    """Rows by machine name."""
    by_label: Mapping[str, Sequence[Entity]]
    """Rows by label with its type and without, in lower case."""
    values: Mapping[str, frozenset[str]]
    """What the cells of some columns say, in lower case."""


_VALUE_COLUMNS = ("Field type", "Form widget", "Display plugin")


@once_per_session
def spoken(session: SessionFacts) -> Spoken:
    """Index what the rows of a session say."""
    rows = session.specification.entities
    cells = [cell for row in rows for cell in (row.label, *row.cells.values()) if cell]
    titles = [group.title for group in session.groups.values()]
    text = normalised("\n".join(dict.fromkeys([*cells, *titles, session.site_name])))
    whole = Passage(text=f"{text}\n{normalised(session.site_description)}")
    ours = " ".join(form for forms in phrases().values() for form in forms.values())
    named: dict[str, list[Entity]] = {}
    labelled: dict[str, list[Entity]] = {}
    for row in rows:
        named.setdefault(row.machine_name, []).append(row)
        for label in {row.label.casefold(), name_of(row).casefold()}:
            labelled.setdefault(label, []).append(row)
    return Spoken(
        whole=whole,
        words=whole.words
        | Passage(text=plain_of(ours)).words
        | Passage(text=prompt_instructions()).words
        | word_list("capitalised_words"),
        by_name=named,
        by_label=labelled,
        values={
            column: frozenset(row.cell(column).casefold() for row in rows) - {"", "-"}
            for column in _VALUE_COLUMNS
        },
    )


def _is_path_known(path: str, whole: Passage) -> bool:
    """Tell a path of the rows, or of Drupal itself, from an invented one."""
    if EXAMPLE_HOSTS.match(path) or whole.has(path):
        return True
    return any(path == start or path.startswith(f"{start}/") for start in DRUPAL_PATHS)


def rows_meant(name: str, ticket: TicketToComplete, text: str) -> Sequence[Entity]:
    """Return the rows that a machine name may mean in a text: of the ticket and of what it names."""
    known = spoken(ticket.facts.session)
    rows = known.by_name.get(name, ())
    own = {row.key for row in ticket.facts.group.heads}
    folded = text.casefold()
    near = [
        row
        for row in rows
        if row.owner_key in own or row.key in own or _owner_name(row, ticket) in folded
    ]
    return near or rows


def _owner_name(row: Entity, ticket: TicketToComplete) -> str:
    owners = ticket.facts.session.specification.by_key.get(row.owner_key or "", ())
    return name_of(owners[0]).casefold() if owners else "\n"


def contradictions(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say which cells a text contradicts; it speaks of a cell beside the name of its row only."""
    for match in _STATED.finditer(text):
        rows = rows_meant(match["name"], ticket, text)
        after = match["said"]
        if rows:
            yield from (
                fault for rule in _CELL_RULES for fault in rule(match["name"], after, rows, ticket)
            )
    for match in _LABELLED.finditer(text):
        rows = rows_meant(match["name"], ticket, text)
        label = match["label"].casefold()
        if rows and not any(label in _names_of(row) for row in rows):
            is_label = label in spoken(ticket.facts.session).by_label
            if is_label:
                yield f"`{match['name']}` is not labelled “{match['label']}”"


_STATED = re.compile(r"`(?P<name>[\w-]+)`(?: “[^”]*”)?(?P<said>[^`]{0,200})")
_LABELLED = re.compile(r"“(?P<label>[^”]+)” \(?`(?P<name>[\w-]+)`")
_CELL_CONTRADICTS = "its {column} is {cell}"


def _names_of(row: Entity) -> set[str]:
    return {row.label.casefold(), name_of(row).casefold(), row.cell("Title").casefold()}


def _value_rule(
    name: str, after: str, rows: Sequence[Entity], ticket: TicketToComplete
) -> Iterator[str]:
    """`name` (Type), `name` is a Type field, `name` has the widget Widget."""
    values = spoken(ticket.facts.session).values
    said = re.match(
        r" (?:\((?P<in>[^()]*(?:\([^()]*\))?[^()]*)\)|(?:is|has|uses) (?:an? |the )?(?:type |widget )?“?(?P<is>[^”.;,]*(?:\([^)]*\))?)”?)",
        after,
    )
    value = normalised((said["in"] or said["is"] or "").casefold()) if said else ""
    for column in _VALUE_COLUMNS:
        known = values[column]
        found = value if value in known else value.removesuffix(" field").removesuffix(" widget")
        cells = {row.cell(column).casefold() for row in rows} - {""}
        if found in known and cells and found not in cells and not _is_other_column(found, rows):
            yield f"`{name}`: {column} is {', '.join(sorted(cells))}"
            return


def _is_other_column(value: str, rows: Sequence[Entity]) -> bool:
    """Tell whether another column of the rows says a value: types and widgets share names."""
    return any(row.cell(column).casefold() == value for row in rows for column in _VALUE_COLUMNS)


_VALUES_SAID = re.compile(
    r" (?:takes|accepts|allows|holds|has) (?:(?P<any>any number of)|(?:up to |no more than |at most |only )?(?P<n>\w+)) (?:values?|items?)\b"
)


def _cardinality_rule(
    name: str, after: str, rows: Sequence[Entity], ticket: TicketToComplete
) -> Iterator[str]:
    del ticket
    said = _VALUES_SAID.match(after)
    cells = {row.cell("Vals.") for row in rows} - {"", "-"}
    if said is None or not cells:
        return
    number = "*" if said["any"] else str(number_words().get(said["n"].casefold(), said["n"]))
    unlimited = {"*", "unlimited"}
    is_said = bool(cells & unlimited) if number == "*" else number in cells
    if not is_said and (number == "*" or number.isdigit()):
        yield f"`{name}`: Vals. is {', '.join(sorted(cells))}"


_REQUIRED_SAID = re.compile(
    r" (?:is|are) (?P<no>not |no longer )?(?P<what>required|optional)(?=[.;,]|$)"
)
_REFUSED = re.compile(
    r"^Saving (?:[^`]{0,60} )?is refused while (?P<names>[^.;]*?) (?:is|are) empty\.?$"
)


def _required_rule(
    name: str, after: str, rows: Sequence[Entity], ticket: TicketToComplete
) -> Iterator[str]:
    del ticket
    said = _REQUIRED_SAID.match(after)
    cells = {row.cell("Req'd").casefold() for row in rows} - {"", "-"}
    if said is not None and cells:
        wanted = "y" if (said["what"] == "required") is not bool(said["no"]) else "n"
        if wanted not in {cell[:1] for cell in cells}:
            yield f"`{name}`: Req'd is {', '.join(sorted(cells))}"


_TARGET_SAID = re.compile(
    r" (?:offers|refers to|references|points to|allows)(?: only)? “?(?P<label>[^“”`.;,]+?(?: \([^)]*\))?)”?(?=[.;,]|$)"
)


def _target_rule(
    name: str, after: str, rows: Sequence[Entity], ticket: TicketToComplete
) -> Iterator[str]:
    known = spoken(ticket.facts.session)
    said = _TARGET_SAID.match(after)
    targets = known.by_label.get(said["label"].casefold(), ()) if said else ()
    bundles = [row for row in targets if row.kind is EntityKind.BUNDLE]
    cells = [row.cell("Ref. bundle") for row in rows if row.cell("Ref. bundle")]
    if bundles and cells:
        labels = {bundle.key for bundle in bundles}
        is_referred = any(
            reference.target_key in labels or reference.target_key is None
            for row in rows
            for reference in row.references
        )
        if not is_referred:
            yield f"`{name}`: Ref. bundle is {'; '.join(dict.fromkeys(cells))}"


_STATUS_SAID: Mapping[str, frozenset[Status]] = {
    r"(?:is|are) (?:already there|there already)|(?:already exists?|exists? already)": frozenset(
        {Status.IMPLEMENTED, Status.CHANGED}
    ),
    r"(?:is|are) on hold": frozenset({Status.WAITING}),
    r"(?:is|are) (?:to be )?removed|goes(?= away|[.,;]|$)": frozenset({Status.DELETED}),
    r"(?:is|are) (?:new|created|to be (?:built|created))\b": frozenset({Status.APPROVED}),
}


def _status_rule(
    name: str, after: str, rows: Sequence[Entity], ticket: TicketToComplete
) -> Iterator[str]:
    specification = ticket.facts.session.specification
    for pattern, right in _STATUS_SAID.items():
        if re.match(rf" {pattern}", after):
            storage = [r for row in rows for r in specification.by_key[row.key]]
            if not any(row.status in right for row in storage):
                yield f"`{name}`: X is {', '.join(sorted({row.status.value for row in rows}))}"


_OF_BUNDLE = re.compile(
    r" (?:of|on) (?:the )?“?(?P<owner>[^“”`.;,:]{2,80}?(?: \([^)]*\))?)”?(?=[.;,:]| (?:is|has|takes|and|but|offers)\b|$)"
)


def _owner_rule(
    name: str, after: str, rows: Sequence[Entity], ticket: TicketToComplete
) -> Iterator[str]:
    """`name` of Bundle: the bundle has such a field."""
    known = spoken(ticket.facts.session)
    said = _OF_BUNDLE.match(after)
    owners = known.by_label.get(said["owner"].casefold(), ()) if said else ()
    keys = {row.key for row in owners if row.kind in {EntityKind.BUNDLE, EntityKind.VIEW}}
    with_name = {row.owner_key for row in known.by_name.get(name, ())}
    if keys and rows[0].owner_key is not None and not keys & with_name and said is not None:
        yield f"{said['owner']} has no `{name}`"


_CELL_RULES: Sequence[Callable[[str, str, Sequence[Entity], TicketToComplete], Iterator[str]]] = (
    _value_rule,
    _cardinality_rule,
    _required_rule,
    _target_rule,
    _status_rule,
    _owner_rule,
)


def repeated_claim(text: str, ticket: TicketToComplete) -> str:
    """Return the name of the sentence that says the same of the same things; empty if none.

    It cites nothing that the sentence does not, and most of its other words are there too.
    """
    literals = _literals_of(text)
    words = _content_words(text)
    for name, sentence in ticket.sentences.items():
        same = literals <= _literals_of(sentence)
        shared = len(words & _content_words(sentence))
        if same and words and shared >= ALIKE_SHARE * len(words):
            return name
    return ""


def _literals_of(text: str) -> frozenset[str]:
    quoted = (part for match in QUOTED.finditer(text) for part in parts_of_quote(match))
    numbers = _NUMBER.findall(LITERAL.sub(" ", text))
    return frozenset(normalised(t).casefold() for t in (*MARKED.findall(text), *quoted, *numbers))


def _content_words(text: str) -> frozenset[str]:
    words = (singular(word) for word in WORD.findall(LITERAL.sub(" ", text)))
    return frozenset(words) - word_list("frequent_words")


def warnings_of(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Say what in a sentence no cell proves."""
    session = ticket.facts.session
    known = spoken(session)
    words = LITERAL.sub(" ", text)
    for match in QUOTED.finditer(MARKED.sub(" ", text)):
        for part in parts_of_quote(match):
            if not known.whole.has(part):
                yield f"“{part}” is in no row"
    for number in _numbers_in(words):
        if not any(_has_number(cell, number) for cell in _cells_near(text, ticket)):
            yield f"nobody counted the {number}"
    roles = session.specification.by_kind[EntityKind.USER_ROLE]
    named = [name_of(r) for r in roles if _is_named(name_of(r), text)]
    if named and _ABLE.search(words):
        yield f"what {named[0]} may do rests on notes"
    if found := _ALL.search(words):
        yield f"“{found.group().casefold()}” was not counted out"
    if found := _OF_DRUPAL.search(words):
        yield f"what it says of “{found.group()}” is in no row"
    if not _literals_of(text) and not any(_is_named(name, text) for name in _labels_near(ticket)):
        yield "it names no row"


def _labels_near(ticket: TicketToComplete) -> list[str]:
    return [name for row in ticket.facts.own_rows for name in (name_of(row),) if name]


def _is_named(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?:s|es)?(?!\w)", text, re.IGNORECASE) is not None


def _numbers_in(words: str) -> Iterator[str]:
    yield from _NUMBER.findall(ADDRESS.sub(" ", words))
    for word in WORD.findall(words):
        number = number_words().get(word.casefold())
        if number is not None and number > 1:
            yield word


def _has_number(cell: str, word: str) -> bool:
    number = str(number_words().get(word.casefold(), word))
    return number in re.findall(r"\d+", cell) or _is_named(word, cell)


def _cells_near(text: str, ticket: TicketToComplete) -> Iterator[str]:
    """Return the cells of the rows a sentence names; of those of the ticket where it names none."""
    known = spoken(ticket.facts.session)
    named = [row for name in MARKED.findall(text) for row in known.by_name.get(name, ())]
    for match in QUOTED.finditer(text):
        for part in parts_of_quote(match):
            named += known.by_label.get(part.casefold(), ())
    for row in named or ticket.facts.own_rows:
        yield from row.cells.values()


def is_english(texts: Sequence[str]) -> bool:
    """Tell whether enough of some texts are words that English has in every sentence."""
    words = [word.casefold() for text in texts for word in WORD.findall(LITERAL.sub(" ", text))]
    if len(words) < _JUDGED_WORDS_MIN:
        return True
    frequent = sum(word in word_list("frequent_words") for word in words)
    return frequent >= _ENGLISH_SHARE_MIN * len(words)


_ENGLISH_SHARE_MIN = 0.12
"""Of frequent words: true prose has 0.15 and more, mostly 0.25; German and French have 0.07."""
_JUDGED_WORDS_MIN = 15
"""Fewer words, mostly names, say nothing about the language."""


def _without_known(text: str, whole: Passage) -> str:
    """Return a sentence without marked names and quotations that the rows have."""

    def unless_unknown(match: re.Match[str]) -> str:
        is_known = match.group().startswith("`") or all(map(whole.has, parts_of_quote(match)))
        if is_known:
            return " `. " if match.group()[-2:-1] in {".", "!", "?"} else " ` "
        return MARKED.sub(" ` ", match.group())

    return LITERAL.sub(unless_unknown, text)


def _is_plain(character: str) -> bool:
    """Tell letters of the Latin alphabet, digits and usual signs from everything else."""
    if character.isascii():
        return character.isprintable()
    if character in _PLAIN_SIGNS:
        return True
    category = unicodedata.category(character)
    if category[0] == "L":
        return unicodedata.name(character, "").startswith("LATIN ") and unicodedata.is_normalized(
            "NFKC", character
        )
    return category[0] in "PS" and unicodedata.is_normalized("NFKC", character)


@cache
def _runs_of_instructions() -> frozenset[tuple[str, ...]]:
    """Return the runs of what comes before the examples: those are there to be followed."""
    rules = prompt_instructions().partition("\n## Examples")[0]
    words = [word.casefold() for word in WORD.findall(rules)]
    last = len(words) - REPEATED_WORDS_MIN + 1
    return frozenset(tuple(words[i : i + REPEATED_WORDS_MIN]) for i in range(max(last, 0)))
