"""How prose and documents name another ticket: a link `ticket:GROUP_KEY`, written out where shown.

Belongs here: the link in HTML, what becomes of it in a document. Does not: which tickets prose
names (`drupal/rules`), who asks for which form (`tickets/documents`, `web`, `cli`).

Numbers are ours and move, and an issue has no key before it exists. So what is kept and hashed
names the group; whoever shows it says the number, Jira gets the title, or a card of the issue where
one exists.
"""

import html
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import quote, unquote

from jira_pipeline.model.entity_groups import EntityGroup, NamedGroup
from jira_pipeline.model.tickets import canonical_json

SCHEME = "ticket"
GONE = "a ticket that no longer exists"
"""Names a ticket whose rows left the sheets, in prose that people wrote."""
_BEGUN = f"{SCHEME}:"
_LINK = re.compile(rf'<a href="({_BEGUN}[^"]*)"[^>]*>.*?</a>', re.DOTALL)

Node: TypeAlias = dict[str, Any]
"""A node of a document."""
Naming: TypeAlias = Callable[[str, Node], Node]
"""Returns what is in the place of a text that links to the group of a key."""


def link_html(group: EntityGroup) -> str:
    """Return a link to the ticket of a group, with the number it has now as its words."""
    return f'<a href="{href_of(group.key)}">ticket {group.number}</a>'


def href_of(group_key: str) -> str:
    """Return the address that stands for the ticket of a group."""
    return _BEGUN + quote(group_key, safe="/:")


def with_titles(fragment: str, groups: Mapping[str, EntityGroup | NamedGroup]) -> str:
    """Return HTML with the titles of tickets as the words of the links to them."""

    def link_with_title(link: re.Match[str]) -> str:
        href = link[1]
        group = groups.get(_key_in(href))
        return GONE if group is None else f'<a href="{href}">{html.escape(group.title)}</a>'

    return _LINK.sub(link_with_title, fragment) if names_tickets(fragment) else fragment


def groups_linked(fragment: str) -> frozenset[str]:
    """Return the keys of the groups whose tickets HTML links to."""
    return frozenset(_key_in(link[1]) for link in _LINK.finditer(fragment))


def with_link_texts(fragment: str, text_of: Callable[[str], str]) -> str:
    """Return HTML with links to tickets replaced by texts, which `text_of` makes of a group key."""
    return _LINK.sub(lambda link: html.escape(text_of(_key_in(link[1]))), fragment)


def without_numbers(fragment: str) -> str:
    """Return HTML with links to tickets replaced by their addresses, which have no numbers."""
    return _LINK.sub(r"\1", fragment)


def names_tickets(text: str) -> bool:
    """Return whether HTML, or a document as JSON, may link to tickets: False is certain."""
    return _BEGUN in text


def written_out(document: Mapping[str, Any], naming: Naming) -> Node:
    """Return a document, or a node of one, with `naming` applied to every text that links to a ticket."""
    content = document.get("content")
    if content is None:
        link = next(filter(_is_ticket_link, document.get("marks") or ()), None)
        node = dict(document)
        return node if link is None else naming(_key_in(link["attrs"]["href"]), node)
    return {**document, "content": [written_out(child, naming) for child in content]}


def by_title(_group_key: str, text: Node) -> Node:
    """Name a ticket by its title, which the text is."""
    marks = [mark for mark in text["marks"] if not _is_ticket_link(mark)]
    return {"type": "text", "text": text["text"]} | ({"marks": marks} if marks else {})


def as_cards(address_of: Callable[[str], str | None]) -> Naming:
    """Return the naming by the card of an issue; a ticket without an address is named by its title.

    So is one whose card is longer than the text: a document that was found small enough stays so.
    """

    def naming(group_key: str, text: Node) -> Node:
        address = address_of(group_key)
        card = {"type": "inlineCard", "attrs": {"url": address}}
        is_fitting = len(canonical_json(card).encode()) <= len(canonical_json(text).encode())
        return card if address is not None and is_fitting else by_title(group_key, text)

    return naming


def as_numbers(
    number_of: Callable[[str], int | None], address_of: Callable[[int], str] | None = None
) -> Naming:
    """Return the naming by number and title, with a link to the ticket's page where it has one.

    A ticket without a number is named by its title.
    """

    def naming(group_key: str, text: Node) -> Node:
        titled_text = by_title(group_key, text)
        number = number_of(group_key)
        if number is None:
            return titled_text
        marks = list(titled_text.get("marks", ()))
        if address_of is not None:
            marks.append({"type": "link", "attrs": {"href": address_of(number)}})
        words = f"ticket {number}, {text['text']}"
        return {"type": "text", "text": words} | ({"marks": marks} if marks else {})

    return naming


def _is_ticket_link(mark: Mapping[str, Any]) -> bool:
    return mark["type"] == "link" and str(mark["attrs"]["href"]).startswith(_BEGUN)


def _key_in(href: str) -> str:
    return unquote(html.unescape(href).removeprefix(_BEGUN))
