"""Rendering pages: one environment for everything that makes HTML of ours.

Belongs here: where templates are found, escaping, the filters they share. Does not: templates of
one room, which stay in it.
"""

import re
from collections.abc import Iterator, Sequence
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
    shared = (with_code, as_place, as_shown, format_count, with_changed_words, with_words_of)
    environment.filters.update((each.__name__, each) for each in shared)
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
    for is_change, found in groupby(lines, key=lambda line: line[:1] in {"-", "+"}):
        changed = [*found]
        removed = [line for line in changed if is_change and line[0] == "-"]
        if is_change and 2 * len(removed) == len(changed):
            pairs = [*map(_differing, removed, changed[len(removed) :])]
            yield from (side for sides in zip(*pairs, strict=True) for side in sides)
        else:
            yield from map(escape, changed)


def _differing(old: str, new: str) -> tuple[Markup, Markup]:
    """Mark what differs of two lines; nothing where they have little in common."""
    before = Markup("-")
    after = Markup("+")
    found = _pieces(old[1:], new[1:])
    if found is None:
        return escape(old), escape(new)
    for is_same, text, other in found:
        shape = Markup("{}") if is_same else Markup("<b>{}</b>")
        before += shape.format(text) if text else ""
        after += shape.format(other) if other else ""
    return before, after


def with_words_of(old: str, new: str) -> Markup:
    """Show a text as it became another: words that went and came, or both where little is common."""
    said = Markup()
    for is_same, text, other in _pieces(old, new) or [(False, old, new)]:
        if is_same:
            said += escape(text)
            continue
        gone = Markup("<del>{}</del>").format(text) if text else ""
        came = Markup("<ins>{}</ins>").format(other) if other else ""
        said += Markup("{}{}{}").format(gone, " " if text and other else "", came)
    return said


def _pieces(old: str, new: str) -> list[tuple[bool, str, str]] | None:
    """Return what two texts have in common and what not, in order; None where that is little."""
    words = _WORD.findall(old)
    others = _WORD.findall(new)
    matcher = SequenceMatcher(a=words, b=others, autojunk=False)
    if max(len(words), len(others)) > _WORDS_MAX or matcher.ratio() < _ALIKE:
        return None
    return [
        (kind == "equal", "".join(words[start:end]), "".join(others[other_start:other_end]))
        for kind, start, end, other_start, other_end in matcher.get_opcodes()
    ]


def as_shown(html: str) -> Markup:
    """Make HTML of `adf_to_html` fit for everybody: boxes have names, keys scroll what is wide."""
    for state, name in (("", "To do"), (" checked", "Done")):
        box = f'<input type="checkbox" disabled{state}>'
        html = html.replace(box, f'<input type="checkbox" disabled{state} aria-label="{name}">')
    for tag in ("<pre", '<table class="adf-table"'):
        html = html.replace(f"{tag}>", f'{tag} tabindex="0">')
    return Markup(html)  # noqa: S704 - made of a document, so every text in it is escaped
