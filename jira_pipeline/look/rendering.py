"""Rendering pages: one environment for everything that makes HTML of ours.

Belongs here: where templates are found, escaping, the filters they share. Does not: templates of
one room, which stay in it.
"""

import re
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

LOOK = "jira_pipeline.look"


@cache
def templates_of(package: str) -> Environment:
    """Return the templates of a package, which may use those of this one; everything is escaped."""
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(LOOK)]),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["with_code"] = with_code
    environment.filters["as_place"] = as_place
    environment.filters["as_shown"] = as_shown
    environment.filters["counted"] = counted
    return environment


@cache
def style_sheet() -> str:
    """Return the style sheet that all pages share."""
    return (files(LOOK) / "static" / "look.css").read_text(encoding="utf-8")


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


def as_shown(html: str) -> Markup:
    """Make HTML of `adf_to_html` fit for everybody: boxes have names, keys scroll what is wide."""
    for state, name in (("", "To do"), (" checked", "Done")):
        box = f'<input type="checkbox" disabled{state}>'
        html = html.replace(box, f'<input type="checkbox" disabled{state} aria-label="{name}">')
    for tag in ("<pre", '<table class="adf-table"'):
        html = html.replace(f"{tag}>", f'{tag} tabindex="0">')
    return Markup(html)  # noqa: S704 - made of a document, so every text in it is escaped


def counted(count: int, one: str, many: str = "") -> str:
    """Return `1 ticket`, `2 tickets`; thousands are set apart."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
