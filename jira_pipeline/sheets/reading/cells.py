"""What cells of closed sets mean, however a team spells them.

Belongs here: yes and no, numbers, how many values (`0..n`), statuses; the lists of words. Does not: which column holds what
(`drupal/columns`), findings about a cell (`row_findings`, `rows_as_meant`), words of other
languages (`translations`). Contributed modules bring types and widgets of their own: an unknown word is no
fault.

Source: Drupal core 11, labels of its field types and widgets, displays and base tables of views;
Acquia's dst-entity-generate, `supported-entities.rst`; labels of modules that specifications name
often. Read 2026-11.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial

from jira_pipeline.drupal.columns import columns_of
from jira_pipeline.drupal.meaning.modules_and_types import facts_of, types_meant
from jira_pipeline.drupal.meaning.notes import (
    is_there_already,
    lexicon,
    puts_off,
    puts_off_beside,
    says_not_now,
)
from jira_pipeline.model.blank_cells import DASHES, is_blank_cell, undecided_words
from jira_pipeline.model.columns import NOTE_COLUMNS, STATUS_COLUMN, Holds
from jira_pipeline.model.entities import UNLIMITED, CellText, Status
from jira_pipeline.sheets.reading.closed_words import meaning_of_cell, plain_code
from jira_pipeline.sheets.reading.labels import alphanumeric
from jira_pipeline.sheets.reading.sheet_kinds import without_remark
from jira_pipeline.sheets.reading.translations import (
    DITTO,
    FLAGS,
    MONTHS,
    known_languages,
    once_each_text,
    plain_letters,
    words_for,
)

_OPEN = frozenset({"", "tbd", "tba", "tbc", "t.b.d"})
"""Where a name or a word of a closed set belongs."""
_ONLY_DASHES = re.compile(f"['\u2019]?[{DASHES}]+['\u2019]?")
_EXPORTED = re.compile("^['\u2019](?=[-=+@\u2013\u2014\u2212]|[\\d*][\\d.,:*-]*$)")
"""An apostrophe that exports put before what a spreadsheet program would compute or convert."""
_DITTO = frozenset(
    {'"', "''", "“", "”", "„", "〃", "″", "↑", "^", "ditto", "dito", "idem", "same", "as above"}
    | {"dt", "dto", "do"}
    | {"same as above", "see above"}
)
STATUS_SPELLINGS: Mapping[str, Status] = {
    **dict.fromkeys(("a", "approved", "add", "new", "now", "mvp"), Status.APPROVED),
    **dict.fromkeys(("build", "build now", "to build", "to be built"), Status.APPROVED),
    **dict.fromkeys(("phase 1", "phase one", "release 1", "in scope"), Status.APPROVED),
    **dict.fromkeys(("c", "change", "changed", "update"), Status.CHANGED),
    **dict.fromkeys(("x", "implemented", "existing", "exists", "built"), Status.IMPLEMENTED),
    **dict.fromkeys(("there", "in place", "already in place", "live"), Status.IMPLEMENTED),
    **dict.fromkeys(("w", "wait", "waiting", "hold", "on hold", "parked"), Status.WAITING),
    **dict.fromkeys(("later", "not now", "not yet", "postponed", "deferred"), Status.WAITING),
    **dict.fromkeys(("out of scope", "not in scope", "do not build"), Status.WAITING),
    **dict.fromkeys(("don't build", "don\u2019t build", "not to be built"), Status.WAITING),
    **dict.fromkeys(("withdrawn", "rejected", "nothing to build"), Status.WAITING),
    **dict.fromkeys(("deleted from scope", "removed from scope"), Status.WAITING),
    **dict.fromkeys(("info", "information", "for information", "info only"), Status.WAITING),
    **dict.fromkeys(("d", "delete", "deleted", "remove", "removed"), Status.DELETED),
}
_FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("y", "yes", "true", "t", "x", "1", "on", "enabled", "checked"), True),
    **dict.fromkeys(("translatable", "moderated", "searchable", "scheduled", "reused"), True),
    **dict.fromkeys(("not translatable", "untranslatable", "not reused"), False),
    **dict.fromkeys(("required", "mandatory", "[x]", "✓", "✔", "☑", "☒", "✅", "√", "🗸"), True),
    **dict.fromkeys(("n", "no", "false", "f", "0", "off", "disabled", "unchecked"), False),
    **dict.fromkeys(("optional", "not required", "[ ]", "( )", "☐", "✗", "✘", "❌"), False),
}
_UNLIMITED = frozenset(
    {"*", "-1", "∞", "unlimited", "infinite", "infinity", "unbounded", "any number", "no limit"}
    | {"many", "multiple", "several"}
    | {"no maximum", "without limit", "cardinality_unlimited", "one or more", "zero or more"}
)
_ONE = frozenset({"one", "single"})
_POINTS = re.compile(r"[-=]>|[→⇒➔]")
_AFTER_TYPE = re.compile(r"[-=]>|[→⇒➔>:=|/,;(\[\u2013\u2014]|\s-\s|\n|\s(?=\d)")
"""Between a field type and what else its cell says of it."""
_NUMBERS = re.compile(r"[\d\s.,;:/×-]+")
_TYPE_ID = re.compile(r"[a-z][a-z0-9_]*")
_LIMIT = r"(?:max(?:imum|\.)?:? ?|up to |at most |limited to |<= ?|≤ ?)?"
_COUNT = re.compile(rf"{_LIMIT}(?P<number>\d{{1,9}})(?: values?)?")
_RANGE = re.compile(
    r"(?P<least>\d{1,9})(?: ?(?:\.{2,3}|[-–:]|to) ?(?P<most>-?\d{1,9}|[^\d\s]+(?: limit)?)"
    r"| ?\+| or more)|(?:>=|≥|at least|min(?:imum|\.)?:?) ?\d{1,9}"
)
_ONLY_WORDS = re.compile(r"[\w\s.,'’-]+")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"\d{4}-(\d\d)-(\d\d)(?: .*)?|(\d{1,2})[./-] ?(\d{1,2})[./-] ?(?:\d{4}|\d\d)"
    r"|(\d{1,2})[. /-]+([^\W\d_]{3,9})\.?(?:[ /-]+\d{2,4})?|([^\W\d_]{3,9})\.?[ /-]+(\d{1,2})"
)
"""A day and a month, as programs show them that made a date of `1-5`."""

FIELD_TYPES = (
    *("Boolean", "Comments", "Date", "Date range", "Date and time", "Timestamp", "Email", "File"),
    *("Image", "Link", "Entity reference", "Entity reference revisions", "Layout section"),
    *("List (float)", "List (integer)", "List (text)", "Selection list", "Telephone number"),
    *("Number (decimal)", "Number (float)", "Number (integer)", "Plain text", "Formatted text"),
    *("Text (plain)", "Text (plain, long)", "Text (formatted)", "Text (formatted, long)"),
    "Text (formatted, long, with summary)",
    "Entity Reference Revisions (paragraphs)",
    *("Entity label", "Meta tags", "Address", "Geolocation", "Geofield", "Office hours"),
    *("Smart date range", "Webform", "Paragraphs", "Views reference"),
)
WIDGETS = (
    *("Autocomplete", "Autocomplete (Tags style)", "Check boxes/radio buttons", "Checkbox"),
    *("Checkboxes", "Radio buttons", "Single on/off checkbox", "Select list", "Text field"),
    *("Text area", "Text area (multiple rows)", "Text area with a summary", "Number field"),
    *("Email", "Telephone number", "Link", "File", "Image", "Date and time"),
    *("Date and time range", "Datetime timestamp", "Language select", "Media library"),
    *("Paragraphs (stable)", "Paragraphs (classic)", "Layout paragraphs", "Address field"),
    *("Inline entity form - Simple", "Inline entity form - Complex", "Entity browser"),
    *("Image (Focal Point)", "Advanced meta tags form", "Office hours"),
)
DISPLAY_PLUGINS = (
    *("Page", "Block", "Feed", "Attachment", "Embed", "Default", "Master", "REST export"),
    *("Entity reference", "Entity browser", "Data export"),
)
BASE_TABLES = (
    *("Content", "Content revisions", "Users", "Media", "Files", "Taxonomy terms", "Comments"),
    *("Custom blocks", "Content blocks", "Webform submissions", "Log entries"),
)


@once_each_text
def _plain_code(text: str) -> str:
    """Reduce a cell of a closed set to its word: no case, width or quotes, no remark behind it.

    What is in brackets as a whole, such as `(x)`, is perhaps so: it stays another word.
    """
    plain = plain_code(text)
    if plain.endswith(")") and (head := plain.rpartition("(")[0].strip()):
        plain = head
    return plain.strip(" .,;!'\"`") or plain


def as_meant(text: str) -> str:
    """Return a cell with `-` for a dash of any kind, and without the apostrophe of an export."""
    if not text or text[0].isalnum():  # nearly all of them
        return text
    return "-" if _ONLY_DASHES.fullmatch(text) else _EXPORTED.sub("", text)


def says_nothing(text: str) -> bool:
    """Tell whether a cell of a closed set says nothing, whatever remark in brackets is behind it.

    What nobody decided yet, such as `tbc (a or b)`, is nothing, too: it is asked about.
    """
    return is_blank_cell(_plain_code(text)) or bool(undecided_words(text))


def is_open(text: str) -> bool:
    """Tell whether a cell says that what belongs there is not known yet: `TBD`, `?`."""
    return is_blank_cell(text) or _plain_code(text).strip("?.()") in _OPEN


@once_each_text
def status_spelled(text: str) -> Status | None:
    """Return the status that a cell spells, in the words of several teams, or with a reason."""
    return meaning_of_cell(text, _status_of_word)


def _status_of_word(word: str) -> Status | None:
    if word in STATUS_SPELLINGS:
        return STATUS_SPELLINGS[word]
    if stated := status_stated(word):
        return stated
    letters = _letters_of_words(word)
    return next((status for status in Status if letters in words_for(STATUS_COLUMN, status)), None)


def _letters_of_words(text: str) -> str:
    """Return the plain letters of a text that is nothing but words; else nothing."""
    return plain_letters(text) if _ONLY_WORDS.fullmatch(text) else ""


def status_explained(meaning: str) -> Status | None:
    """Return the status that an author says a word of theirs means; None where it says none, or that it goes."""
    if says_not_now(meaning):
        return Status.WAITING
    words = lexicon()["status_explained"]["words"].items()
    named = (status for status, word in words if re.search(word, meaning, re.IGNORECASE))
    status = status_spelled(meaning) or Status(next(named, Status.DELETED))
    return None if status is Status.DELETED else status


def status_stated(text: str) -> Status | None:
    """Return the status that a status or note says in words: it is put off, or there already."""
    if puts_off(text):
        return Status.WAITING
    return Status.IMPLEMENTED if is_there_already(text) else None


def status_beside(text: str, header: str) -> Status | None:
    """Return the status that a cell of a note, or of a column of people's own, gives its row."""
    if header in NOTE_COLUMNS:
        return status_stated(text)
    if puts_off_beside(text, header):
        return Status.WAITING
    return Status.IMPLEMENTED if is_there_already(text) else None


@once_each_text
def display_kind(text: str) -> str | None:
    """Return the kind of display that a cell is: `Block` for `block (home page)`."""
    words = {plain_letters(kind): kind for kind in DISPLAY_PLUGINS}
    kind = words.get(plain_letters(without_remark(text)))
    return kind or meaning_of_cell(text, lambda word: words.get(plain_letters(word)))


def are_statuses(cells: Iterable[str]) -> bool:
    """Tell whether all cells say statuses; marks and flags alone are none."""
    words = {cell for cell in cells if not says_nothing(cell)}
    return all(map(status_spelled, words)) and any(flag_spelled(word) is None for word in words)


def is_ditto(text: str) -> bool:
    """Tell whether a cell says the same as the one above it."""
    plain = text.casefold().strip("-–— .()")
    return plain in _DITTO or plain_letters(plain) in words_for(DITTO, "as above")


@once_each_text
def flag_spelled(text: str) -> bool | None:
    """Return what a cell of yes and no says; None where it says nothing, or nobody knows what."""
    return meaning_of_cell(text, _flag_of_word)


def _flag_of_word(word: str) -> bool | None:
    if word in _FLAGS:
        return _FLAGS[word]
    letters = _letters_of_words(word)
    if letters in words_for(FLAGS, CellText.YES):
        return True
    return False if letters in words_for(FLAGS, CellText.NO) else None


@once_each_text
def count_spelled(text: str) -> int | None:
    """Return how many values a cell allows, or `UNLIMITED`; None where it does not say."""
    return meaning_of_cell(text, _count_of_word)


def _count_of_word(word: str) -> int | None:
    plain = word[1:-1].strip() if word.startswith("[") and word.endswith("]") else word
    if plain in _UNLIMITED or plain_letters(plain) in words_for("Vals.", CellText.UNLIMITED):
        return UNLIMITED
    if plain in _ONE:
        return 1
    if count := _COUNT.fullmatch(plain):
        return int(count["number"]) or None
    if limits := _RANGE.fullmatch(plain):
        most = limits["most"] or "*"
        if most.isdecimal():
            return int(most) if int(most) >= max(int(limits["least"]), 1) else None
        return UNLIMITED if most in {"n", "m"} else _count_of_word(most)
    return None


def range_of_date(text: str) -> str | None:
    """Return the range that a program made a date of: `1-5` for 2026-05-01; None if it is none."""
    found = _DATE.fullmatch(_plain_code(text))
    numbers = [_day_or_month(part) for part in found.groups() if part] if found else [0]
    return "-".join(map(str, sorted(numbers))) if all(numbers) else None


def _day_or_month(text: str) -> int:
    """Return its number; 0 where it is neither."""
    if text.isdecimal():
        return int(text)
    word = plain_letters(text)
    names = ((month, *words_for(MONTHS, month)) for month in _MONTHS)
    return next((at for at, called in enumerate(names, 1) if word.startswith(called)), 0)


def _either(yes: CellText, no: CellText) -> Callable[[str], str | None]:
    return lambda text: {True: yes.value, False: no.value, None: None}[flag_spelled(text)]


def _count_text(text: str) -> str | None:
    number = count_spelled(text)
    return (
        None if number is None else CellText.UNLIMITED.value if number == UNLIMITED else str(number)
    )


def _count_among_numbers(text: str) -> str | None:
    """Read `n`, which is no `no` there, as any number."""
    return CellText.UNLIMITED.value if _plain_code(text) == "n" else _count_text(text)


def _field_type(text: str, *, is_among_ids: bool = False) -> str:
    """Return the label of the field type of core that a cell names; any other cell as it is.

    `text_long` is an id and `Text (long)` anybody's word, but `text` is an id only among others.
    """
    types = facts_of("field_types").items() if is_among_ids or "_" in text else ()
    by_id = tuple(label for label, words in types if text in words)
    if _POINTS.search(text):  # `Link ->` is no Link, but leads to something
        return text
    labels = by_id or types_meant().get(alphanumeric(text), ())
    return labels[0] if len(labels) == 1 else text


def is_type_known(text: str) -> bool:
    """Tell whether a cell names a field type, or one of several, and says nothing else."""
    return alphanumeric(text) in types_meant()


def types_within(text: str) -> Iterator[tuple[str, str]]:
    """Yield field types that a cell may begin with, by their labels, each with what is said after it.

    `Entity reference → Crew`, `Text (plain): 80`, `Number (decimal, 2)`.
    """
    for between in _AFTER_TYPE.finditer(text):
        labels = types_meant().get(alphanumeric(text[: between.start()]), ())
        rest = text[between.end() :].strip().removesuffix("]")
        if rest.count(")") > rest.count("("):
            rest = rest.removesuffix(")")
        if len(labels) == 1 and rest:
            yield labels[0], rest


def types_before_words(text: str) -> Iterator[tuple[str, str]]:
    """Yield field types that a cell begins with, each with what may be its target, the longest first.

    One word may be between both: `Entity reference to Crew`, `Entity reference Crew`. What is a type as
    a whole has none.
    """
    if plain_letters(text) in field_type_letters():
        return
    for blank in reversed([*re.finditer(r"\s+", text)]):
        labels = types_meant().get(alphanumeric(text[: blank.start()]), ())
        if len(labels) != 1:
            continue
        rest = text[blank.end() :]
        yield labels[0], rest
        _, _, after_word = rest.partition(" ")
        if after_word:
            yield labels[0], after_word


def is_setting_of_type(text: str) -> bool:
    """Tell whether what is said after a field type is nothing but numbers, such as its length."""
    return _NUMBERS.fullmatch(text) is not None


def _address_pattern(text: str) -> str:
    """Return a pattern of addresses; a dash for a cell without a path or token, such as `none`."""
    is_pattern = any(
        ("/" in word or "[" in word) and not is_blank_cell(word) for word in text.split()
    )
    return text if is_pattern else "-"


@cache
def field_type_letters() -> frozenset[str]:
    """Return what field types are called, in all languages, as plain letters."""
    abroad = (word for one in known_languages() for word in one.cells.get("Field type", {}))
    return frozenset({*map(plain_letters, (*FIELD_TYPES, *types_meant())), *abroad})


def are_type_ids(cells: Iterable[str]) -> bool:
    """Tell whether field types are written as ids, by some that nobody would write otherwise."""
    ids = [cell for cell in cells if not says_nothing(cell)]
    is_sure = any("_" in cell or cell == "string" for cell in ids)
    return is_sure and all(map(_TYPE_ID.fullmatch, ids))


_READERS: Mapping[Holds, tuple[Callable[[str], str | None], str]] = {
    Holds.FIELD_TYPE: (_field_type, ""),
    Holds.FLAG: (_either(CellText.YES, CellText.NO), "y or n"),
    Holds.SWITCH: (_either(CellText.ENABLED, CellText.DISABLED), "Enabled or Disabled"),
    Holds.COUNT: (_count_text, "a number or *"),
    Holds.ALIAS: (_address_pattern, ""),
}


@cache
def readers_of(
    kind: str, *, has_type_ids: bool, has_numbers: bool
) -> Mapping[str, tuple[Callable[[str], str | None], str]]:
    """Return, by column of a kind of sheet, what reads its cells, and what they should say."""
    readers: dict[Holds, tuple[Callable[[str], str | None], str]] = {
        **_READERS,
        **(
            {Holds.FIELD_TYPE: (partial(_field_type, is_among_ids=True), "")}
            if has_type_ids
            else {}
        ),
        **({Holds.COUNT: (_count_among_numbers, "a number or *")} if has_numbers else {}),
    }
    return {c.name: readers[c.holds] for c in columns_of(kind) if c.holds in readers}
