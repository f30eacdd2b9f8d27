"""Rendering pages: one environment for everything that makes HTML of ours.

Belongs here: where templates are found, escaping, the filters they share. Does not: templates of
one room, which stay in it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from itertools import groupby

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from jira_pipeline.model.line_numbers import format_count

LOOK = "jira_pipeline.model.look"
_WORD = re.compile(r"\w+|\W")
_ALIKE = 0.4
"""Two sentences that share less are different ones."""
_WORDS_MAX = 1_000
"""Of a line: comparing takes the square of them, 0.1 s here."""


@cache
def templates_of(package: str) -> Environment:
    """Return the templates of a package, which may use those of this one; everything is escaped."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(LOOK)]),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        auto_reload=False,  # a file is looked at for each template of each page
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for shown in (with_code, as_place, as_shown, format_count, with_changed_words, with_words_of):
        environment.filters[shown.__name__] = shown
    return environment


@cache
def style_sheet() -> str:
    """Return the style sheet that all pages share."""
    folder = files(LOOK) / "static"
    return "".join(
        (folder / name).read_text(encoding="utf-8") for name in ("tokens.css", "look.css")
    )


def rendered_page(package: str, template: str, **values: object) -> str:
    """Render a template of a package as a page that needs no server: its style is in it."""
    css = style_sheet() + (files(LOOK) / "static" / "page.css").read_text(encoding="utf-8")
    return templates_of(package).get_template(template).render(css=css, **values)


def with_code(text: str) -> Markup:
    """Show what is between backticks as code; everything else stays literal."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped


def as_place(text: str) -> Markup:
    """Keep a file and its line on one line of a page, wherever the words around them break."""
    named = re.match(r"[^,]+, lines? [^,]+", text)
    if named is None:
        return escape(text)
    end = named.end()
    together = escape(text[:end].replace(" ", "\N{NO-BREAK SPACE}"))
    return Markup('<span class="place-named">{}</span>{}').format(together, text[end:])


def with_changed_words(lines: Sequence[str]) -> Iterator[Markup]:
    """Mark the words that differ in lines of a unified diff that became one another."""
    for is_changed, lines_in_a_row in groupby(lines, key=lambda line: line[:1] in {"-", "+"}):
        block = list(lines_in_a_row)
        removed = [line for line in block if line.startswith("-")]
        added = block[len(removed) :]
        if not is_changed or len(removed) != len(added):
            yield from map(escape, block)
            continue
        marked_lines = list(map(_differing, removed, added))
        yield from (before for before, _ in marked_lines)
        yield from (after for _, after in marked_lines)


def _differing(old: str, new: str) -> tuple[Markup, Markup]:
    """Mark what differs of two lines; nothing where they have little in common."""
    pieces = _pieces(old[1:], new[1:])
    if pieces is None:
        return escape(old), escape(new)
    before = Markup("-")
    after = Markup("+")
    for piece in pieces:
        shape = Markup("{}") if piece.is_same else Markup("<b>{}</b>")
        before += shape.format(piece.old) if piece.old else ""
        after += shape.format(piece.new) if piece.new else ""
    return before, after


def with_words_of(old: str, new: str) -> Markup:
    """Show a text as it became another: words that went and came, or both where little is common."""
    shown = Markup()
    for piece in _pieces(old, new) or [_Piece(is_same=False, old=old, new=new)]:
        if piece.is_same:
            shown += escape(piece.old)
            continue
        gone = Markup("<del>{}</del>").format(piece.old) if piece.old else ""
        came = Markup("<ins>{}</ins>").format(piece.new) if piece.new else ""
        space = " " if piece.old and piece.new else ""
        shown += Markup("{}{}{}").format(gone, space, came)
    return shown


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """Words of a text, and those in their place in the text that it became."""

    is_same: bool
    old: str
    new: str


def _pieces(old: str, new: str) -> list[_Piece] | None:
    """Return what two texts have in common and what not, in order; None where that is little."""
    old_words = _WORD.findall(old)
    new_words = _WORD.findall(new)
    matcher = SequenceMatcher(a=old_words, b=new_words, autojunk=False)
    if max(len(old_words), len(new_words)) > _WORDS_MAX or matcher.ratio() < _ALIKE:
        return None
    pieces: list[_Piece] = []
    for kind, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        old_text = "".join(old_words[old_start:old_end])
        new_text = "".join(new_words[new_start:new_end])
        pieces.append(_Piece(is_same=kind == "equal", old=old_text, new=new_text))
    return pieces


def as_shown(html: str) -> Markup:
    """Make HTML of `adf_to_html` fit for everybody: boxes have names, keys scroll what is wide."""
    for state, name in (("", "To do"), (" checked", "Done")):
        box = f'<input type="checkbox" disabled{state}>'
        html = html.replace(box, f'<input type="checkbox" disabled{state} aria-label="{name}">')
    for tag in ("<pre", '<table class="adf-table"'):
        html = html.replace(f"{tag}>", f'{tag} tabindex="0">')
    return Markup(html)  # noqa: S704 - made of a document, so every text in it is escaped
