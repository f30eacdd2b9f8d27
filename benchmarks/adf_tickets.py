"""Invented ticket bodies of any size: what an editor of tickets sends, over and over.

Belongs here: making them, the same for the same size. Does not: measuring (`adf_speed`).
"""

import random
from collections.abc import Iterator
from itertools import count
from typing import Final

_WORDS: Final = (
    "clock", "pendulum", "exhibit", "field", "image", "view", "editor", "role", "visitor", "archive",
    "summary", "filter", "teaser", "gallery", "language", "permission", "published", "draft", "shows",
    "lists", "stores", "links", "sorts", "hides", "with", "for", "each", "the", "and", "of",
)  # fmt: skip
_ROWS_PER_TABLE = 8
_CELLS_PER_ROW = 5
_CODE: Final = (
    '<pre><code class="language-php">$node = Node::load($id);\n'
    "foreach ($node-&gt;get('field_clock') as $item) {\n  print $item-&gt;value;\n}\n</code></pre>"
)


def ticket_html(byte_count: int) -> str:
    """Make HTML of about that many bytes: headings, prose, lists, tables and code."""
    chooser = random.Random(byte_count)  # noqa: S311 - to be the same each time, not secret
    parts: list[str] = []
    size_bytes = 0
    for number in count(1):
        for part in _ticket(chooser, number):
            parts.append(part)
            size_bytes += len(part)
        if size_bytes >= byte_count:
            return "\n".join(parts)
    raise AssertionError("Counting has no end.")


def _ticket(chooser: random.Random, number: int) -> Iterator[str]:
    yield f"<h2>Configure content type {number}: {_phrase(chooser, 3)}</h2>"
    yield f"<p>As an <strong>editor</strong>, {_phrase(chooser, 14)}.</p>"
    yield f"<p>{_sentence(chooser)} {_sentence(chooser)} {_linked(chooser, number)}</p>"
    yield f"<h3>{_phrase(chooser, 2)}</h3>"
    yield _table(chooser)
    yield f"<ul>{''.join(_item(chooser) for _ in range(5))}</ul>"
    yield f"<ol><li>{_sentence(chooser)}</li><li>{_sentence(chooser)}</li></ol>"
    yield _CODE
    yield f"<blockquote><p>{_sentence(chooser)}</p></blockquote>"
    yield "<hr>"


def _phrase(chooser: random.Random, length: int) -> str:
    return " ".join(chooser.choices(_WORDS, k=length))


def _sentence(chooser: random.Random) -> str:
    machine_name = "_".join(chooser.choices(_WORDS, k=2))
    start, end = _phrase(chooser, 6), _phrase(chooser, 5)
    return f"{start.capitalize()} <code>field_{machine_name}</code> {end} &amp; <em>{start}</em>."


def _linked(chooser: random.Random, number: int) -> str:
    return f'See <a href="https://museum.example/{number}">{_phrase(chooser, 2)}</a>.'


def _item(chooser: random.Random) -> str:
    nested = f"<ul><li>{_sentence(chooser)}</li></ul>" if chooser.random() < 0.3 else ""  # noqa: PLR2004 - some
    return f"<li>{_phrase(chooser, 8)}{nested}</li>"


def _table(chooser: random.Random) -> str:
    head = "".join(f"<th>{_phrase(chooser, 1)}</th>" for _ in range(_CELLS_PER_ROW))
    rows = "".join(
        f"<tr>{''.join(_cell(chooser) for _ in range(_CELLS_PER_ROW))}</tr>"
        for _ in range(_ROWS_PER_TABLE)
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(chooser: random.Random) -> str:
    return f"<td>{_phrase(chooser, chooser.randint(1, 3))}</td>"
