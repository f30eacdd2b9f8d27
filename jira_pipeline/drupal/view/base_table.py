"""The base table of a view: what it lists, such as content, files or the items of a search index.

Somebody chooses it where the view is added; it decides which fields, filters and sorts there are,
and nobody can change it later. A search index has to be there before a view can list it.

Source: Drupal core, `base_table` of `views.view.*` and `base` in `hook_views_data`; Search API,
`search_api_views_data`; `tables` of `modules.toml`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from jira_pipeline.drupal.claims import Claim, claims_about
from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.markup import quoted
from jira_pipeline.drupal.meaning.modules_and_types import Module, bringing
from jira_pipeline.drupal.rule import Rule, StatedFact, facts_by_row
from jira_pipeline.drupal.view.ticket_view import TicketView
from jira_pipeline.model.columns import Column, Holds
from jira_pipeline.model.entities import BundleType, Entity, Specification

COLUMN = Column(
    "Base table",
    ("Base",),
    Holds.BASE_TABLE,
    loss="what views list, and their dependencies on content types",
)
_SEARCH_INDEX = re.compile(r"(?i)(?:Index |search_api_index_)(.+)")
"""What Search API calls the base table of an index."""

# The fact: what a view lists.


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseTable:
    """A table of core or of a known module."""

    name: str
    called: str = ""
    """What the sheets call it, joined by `; `."""
    lists: str
    """In the plural: `content`, `user accounts`."""
    kinds: str = ""
    """What the items are divided into, in the plural; empty where they are not."""
    is_of_revisions: bool = False
    module: Module


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The items of an index of Search API."""

    name: str


@dataclass(frozen=True, slots=True)
class UnknownTable:
    """A table of no module that is known here."""

    name: str


@dataclass(frozen=True, slots=True)
class NoTable:
    """The row does not say what the view lists."""


BaseTableFact: TypeAlias = BaseTable | SearchIndex | UnknownTable | NoTable


def base_table_of(view: Entity) -> BaseTableFact:
    """Read what a view lists from its row, by the name of the table or what sheets call it."""
    cell = view.cell(COLUMN.name)
    if not cell:
        return NoTable()
    table = base_tables().get(cell.casefold())
    if table is not None:
        return table
    index = _SEARCH_INDEX.fullmatch(cell)
    if index is not None:
        return SearchIndex(index[1])
    return UnknownTable(cell)


@cache
def base_tables() -> Mapping[str, BaseTable]:
    """Return what views list, by name, and by what the sheets call it, in lower case."""
    tables_by_name = {}
    tables_by_call = {}
    for name, module in bringing("tables").items():
        table = BaseTable(name=name, module=module, **module.tables[name])
        tables_by_name[name] = table
        for call in filter(None, table.called.split("; ")):
            tables_by_call[call.casefold()] = table
    return tables_by_call | tables_by_name


def type_named_by(view: Entity, specification: Specification) -> Entity | None:
    """Return the content type that a view of content has the machine name of, or the plural of."""
    if view.cell(COLUMN.name).casefold() != "content":
        return None
    for name in (view.machine_name, view.machine_name.removesuffix("s")):
        for bundle in specification.first_of(f"bundle:{BundleType.CONTENT}/{name}"):
            return bundle
    return None


# What follows from it.


def say(view: TicketView) -> tuple[Claim, ...]:
    """Say that a new view of a search index needs the index first.

    `boats is a search index: Search API, its server and this index have to be there first, …`
    """
    match base_table_of(view.head):
        case SearchIndex(name) if not view.is_update:
            return claims_about(
                "analysis.view_search_index", (view.head,), COLUMN.name, index=quoted(name)
            )
        case _:
            return ()


def facts(view: TicketView) -> Iterator[StatedFact]:
    """Yield what the view lists."""
    return facts_by_row(base_table_of, (view.head,))


COUNTERPART = Counterpart(how=Comparison.NAME, where="`base_table`")
RULE = Rule(key="view.base_table", columns=(COLUMN,), facts=facts, say=say, counterpart=COUNTERPART)
