"""What the titles, paths and descriptions of a view promise, as people wrote them: quoted, never built.

Belongs here: the words by which a list leaves something out, is sorted, is for somebody, or does
something. Does not: what cells say (`drupal/meaning/view_displays`), the form (`view_forms`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jira_pipeline.drupal.meaning.notes import (
    number_words,
    one_of,
    pattern_of,
    sentences_of,
    singular,
    word_list,
)
from jira_pipeline.drupal.meaning.view_displays import (
    base_table_of,
    has_prose,
    is_shared,
    plugin_facts,
    plugin_name,
)
from jira_pipeline.model.entities import Entity, EntityKind, Specification
from jira_pipeline.model.forms_in_text import OPEN
from jira_pipeline.tickets.questions.question_index import name_of, words_in

_ORDER, _OF_WHICH = map(pattern_of, ("order_in_titles", "of_which"))
_END_OF_THING = pattern_of("after_thing")
_CLAUSE = re.compile(r"(?i)\b(?:with|without|that)\b.+")
_LIMIT = re.compile(
    rf"(?i)\b(?:{one_of('file_extensions')} )?(?:non-\w+|top[- ]level|{one_of('limiting_words')})\b(?=$| (?!by\b|to\b)\w)"
)
_SORTED = re.compile(r"(?i)\w sorted by ")
_OF_USER = re.compile(r"(?i)\b(?:you|me|my)\b")
_OF_CORE = re.compile(r"(?i)(?:un)?published|promoted|sticky|top[- ]level|child")
"""What core stores of an item by itself."""
_NUMBER = re.compile(
    r"(?i)\b(?:(?:most )?recent|latest|newest|next|last|first) "
    rf"(?:\d{{1,3}}|{'|'.join(number_words())})$"
)
_LINKS = re.compile(r"(?i)\bwith (links? to \w+)")
_EDITED = re.compile(r"(?i)\b(?:recent|latest)(?:ly)? (?:edit|sav|chang|updat)\w*")
_ROLE = re.compile(r"(?i)\b(?:role|permission|logged[- ]in|anonymous)\b")
_USED_BY = re.compile(r"(?i)\bused by (?:the )?(?P<who>\w+)")
_FOR = re.compile(r"(?i)\bfor (?:the )?(?P<who>\w+)(?: to \w+)?$")
_ACTION = re.compile(rf"(?i)^(?:bulk \w+|{one_of('action_words')}\b)|\b(?:export|download|import)$")
"""What a list does to its items, in words that begin or end a title."""
_OF_ITSELF = re.compile(r"(?i)\bview (?:that|is)\b|\bwe\b")
"""A sentence on how the view is made, not on what it lists."""
ACCOUNTS = "user accounts"
"""What a table lists of which core knows the status and the roles."""
_FOR_WHOM = "who may open it, and whether it lists only their items"
FROM = "(from the "
"""In a cell of a form: what fills it in that is no cell of its own."""
_EVERY = frozenset({"all", "everything", "any"})
_LISTS = re.compile(r"(?i)^(?:Returns?|Lists?|Shows?|Displays?)(?: of)? (?:all |the )?")
"""How a description begins before it says which items; what is left is still its words."""


class Quotation(NamedTuple):
    """Words with what they are from, as the cell of a form says it."""

    words: str
    source: str
    asks: str = ""
    """What they leave open."""

    @property
    def limits(self) -> list[str]:
        """Words among them that leave items out."""
        return _LIMIT.findall(self.words.casefold())

    @property
    def is_of_user(self) -> bool:
        """Whether a limit leaves other items to each user."""
        return _OF_USER.search(self.words) is not None

    @property
    def is_of_core(self) -> bool:
        """Whether core stores what a limit needs: a state, an author, who revised it."""
        if self.is_of_user and self.source == "description":
            return True
        of_which = _CLAUSE if self.source == "title" else _OF_WHICH
        words = [] if of_which.search(self.words) else self.limits
        return bool(words) and all(map(_OF_CORE.fullmatch, words))

    @property
    def cell(self) -> str:
        """What a cell of a form says of it."""
        opened = f": {self.asks}{OPEN}" if self.asks else ""
        return f"“{self.words}” {FROM}{self.source}){opened}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """What the titles, the path and the description of a display say, where no note says more."""

    limit: Quotation | None = None
    """By what it leaves items out: a sentence of the description, else of its title."""
    shows: Quotation | None = None
    order: Quotation | None = None
    access: Quotation | None = None
    number: Quotation | None = None
    """How many items it shows at a time; whatever a note says."""
    action: str = ""
    """What it does to what it lists."""


def promises_of(
    view: Entity, display: Entity, live: Sequence[Entity], specification: Specification
) -> Promises:
    """Return what the words around a display promise; of one with a note only number and order."""
    counted = _NUMBER.search(display.label)
    number = Quotation(counted[0], "title") if counted else None
    plugin = plugin_facts(display)
    is_its_kind = plugin is not None and display.label.casefold() in plugin.one.casefold()
    own = [] if is_its_kind or display is view else [name_of(display)]
    if has_prose(view) or has_prose(display):
        return Promises(number=number, order=_order(view, own))
    actions = [found for title in (*own, name_of(view)) if (found := _ACTION.search(title))]
    if any(plugin_name(each).endswith("_export") for each in live):  # it does the exporting
        actions = [found for found in actions if "port" not in found[0].casefold()]
    links = _LINKS.search(view.cell("Description"))
    shown = "which other fields"
    is_done = is_shared(display) or plugin_name(display).endswith("_export") or not actions
    return Promises(
        limit=_limit(view, own),
        shows=Quotation(links[1], "description", shown) if links else None,
        order=_order(view, own),
        access=_access(view, own, specification),
        number=number,
        action="" if is_done else actions[0].string,
    )


def _limit(view: Entity, own: Sequence[str]) -> Quotation | None:
    table = base_table_of(view)
    listed = (table.lists if table else view.cell("Base table")).replace("_", " ").casefold()
    patterns = (_OF_WHICH, _LIMIT, _SORTED)
    described = next(filter(None, (_described(view, pattern) for pattern in patterns)), None)
    if described:  # what comes after is shown, or how it is sorted
        found = None if _OF_WHICH.search(described.words) else _LIMIT.search(described.words)
        words = described.words[found.start() if found else 0 :]
        words = re.split(r",? with\b| sorted by\b", words)[0]
        described = described._replace(words=words)
    told = [*map(_titled, own), described or _titled(name_of(view))]
    limits = (q for q in told if q and not any(w[:5] in listed for w in q.limits))
    part = name_of(view).partition(": ")[2]
    part = "" if table or part.casefold() in _EVERY else part
    return next(limits, Quotation(part, "title") if part else None)


def _titled(title: str) -> Quotation | None:
    """Return the words of a title that leave items out; in front of a colon it says where."""
    if clause := _CLAUSE.search(title):
        return Quotation(clause[0].strip(), "title")
    things = ((thing, _LIMIT.search(thing)) for thing in _END_OF_THING.split(title))
    limits = (Quotation(thing[m.start() :].strip(), "title") for thing, m in things if m)
    return next(limits, None)


def _order(view: Entity, own: Sequence[str]) -> Quotation | None:
    titles = (Quotation(title, "title") for title in (*own, name_of(view)))
    for words in filter(None, (*titles, _described(view, _ORDER))):
        found = _ORDER.search(words.words)
        for source, said in (("title", view.label), ("description", view.cell("Description"))):
            if found and found["date"] and (edited := _EDITED.search(said)):
                return Quotation(edited[0], source)
        if found and (words.source == "title" or not found["date"]):
            return words._replace(words=found[0], asks="by which date" * bool(found["date"]))
    return None


def _access(view: Entity, own: Sequence[str], specification: Specification) -> Quotation | None:
    table, roles = base_table_of(view), specification.by_kind[EntityKind.USER_ROLE]
    if sentence := _described(view, _ROLE):
        said = words_in(sentence.words)
        is_named = any(words_in(name_of(role)) <= said for role in roles)
        asks = "who else has access" if is_named else "which role or permission gives access"
        return sentence._replace(asks=asks)
    people = word_list("people") | {singular(name_of(role).split()[-1]) for role in roles}
    for match in _USED_BY.finditer(view.cell("Description")):
        if singular(match["who"]) in people:
            return Quotation(match["who"], "description", "which roles have access")
    is_of_users = table and table.lists == ACCOUNTS
    asks = "which roles may open it" if is_of_users else _FOR_WHOM
    for found in map(_FOR.search, (*own, name_of(view))):
        if found and singular(found["who"]) in people:
            return Quotation(found[0], "title", asks)
    return None


def _described(view: Entity, pattern: re.Pattern[str]) -> Quotation | None:
    for sentence in sentences_of(view.cell("Description")):
        if pattern.search(sentence) and not _OF_ITSELF.search(sentence):
            return Quotation(_LISTS.sub("", sentence.rstrip(". ")), "description")
    return None
