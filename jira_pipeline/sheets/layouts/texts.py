"""How texts of a layout are compared with those of cells: plainly, never by a pattern of a program.

Belongs here: what counts as the same text, names with `*`, templates such as `{label} ({key})`. Does
not: which rows a rule names (`row_rules`). All of it takes time in proportion to the text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.sheets.reading.translations import once_each_text

ANY = "*"
"""In the name of worksheets: any text."""
NUMBER = "#"
"""In a template: `{#}` is a part of digits alone, such as in `{#}. {name}`."""


@once_each_text
def normal(text: str) -> str:
    """Reduce a text to what is compared: single spaces, no letter case."""
    return " ".join(text.split()).casefold()


@once_each_text
def spelling(text: str) -> str:
    """Reduce a word to what tells it from others: single spaces, its letter case kept."""
    return " ".join(text.split())


def meaning_of_word(meanings: Mapping[str, str], word: str) -> str | None:
    """Return what somebody said of a word, else of it in other letter case; None where nobody did."""
    of_other_case: str | None = None
    for text, means in meanings.items():
        if spelling(text) == spelling(word):
            return means
        if normal(text) == normal(word):
            of_other_case = means
    return of_other_case


def label_key(label: str) -> str:
    """Reduce a label to what is compared: `Machine name:` is `machine name`."""
    return normal(label).rstrip(":").rstrip()


def texts_without(texts: Sequence[str], gone: Sequence[str]) -> tuple[str, ...]:
    """Return texts but for some, as `normal` reduces them."""
    keys = normals(gone)
    return tuple(text for text in texts if normal(text) not in keys)


def normals(texts: Sequence[str]) -> set[str]:
    return {normal(text) for text in texts}


def line_shortened(text: str, *, max_characters: int) -> str:
    """Return a text in one line, its end left out where it is longer than that."""
    line = " ".join(text.split())
    return line if len(line) <= max_characters else f"{line[: max_characters - 1]}…"


def is_called(title: str, name: str) -> bool:
    """Tell whether a worksheet has a name; `*` in it is any text: `Fields (*)`."""
    text = normal(title)
    begin, *middle = normal(name).split(ANY)
    if not middle:
        return text == begin
    end = middle.pop()
    if not text.startswith(begin) or not text.endswith(end) or len(text) < len(begin) + len(end):
        return False
    rest = text[len(begin) : len(text) - len(end)]
    for part in middle:
        before, found, rest = rest.partition(part)
        if part and not found:
            return False
        if not part:
            rest = before
    return True


@dataclass(frozen=True, slots=True)
class Template:
    """Texts with named parts between them: `{label} ({key})`.

    A part without a name, `{}`, is any text; `{#}` is a number.
    """

    names: tuple[str, ...]
    texts: tuple[str, ...]
    """One more than names: before the first, between, after the last."""

    def parts_in(self, text: str) -> Mapping[str, str] | None:
        """Return the named parts of a text; None where it does not look like this.

        A part ends where the text after it first appears, and holds a character at least.
        """
        first, last = self.texts[0], self.texts[-1]
        if not self.names:
            return {} if text == first else None
        if not text.startswith(first) or not text.endswith(last):
            return None
        end = len(text) - len(last)
        at = len(first)
        parts: dict[str, str] = {}
        for name, following in zip(self.names, self.texts[1:], strict=True):
            is_last = following is last and len(parts) == len(self.names) - 1
            stop = end if is_last else text.find(following, at + 1, end)
            if stop <= at:
                return None
            part = text[at:stop].strip()
            if name == NUMBER and not part.isdecimal():
                return None
            parts[name if name.isidentifier() else f"{NUMBER}{len(parts)}"] = part
            at = stop + len(following)
        return {name: part for name, part in parts.items() if name.isidentifier()}


def template_of(text: str) -> Template:
    """Return the template that somebody wrote.

    Raises:
        ValueError: A bracket is open, a name is no plain word, or two parts have nothing between.
    """
    names: list[str] = []
    texts: list[str] = []
    rest = text
    while "{" in rest:
        before, _, after = rest.partition("{")
        name, closed, rest = after.partition("}")
        if not closed or not (name in {"", NUMBER} or name.isidentifier()):
            raise ValueError(
                f"“{text}” needs parts such as {{label}}, each a plain word in brackets"
            )
        if names and not before:
            raise ValueError(f"“{text}” has two parts with no text between them")
        if name.isidentifier() and name in names:
            raise ValueError(f"“{text}” has two parts called {name}")
        names.append(name)
        texts.append(before)
    return Template(tuple(names), (*texts, rest))
