"""Which column has a counterpart in the configuration of a site, and how the two are compared.

Belongs here: the counterparts of all columns, as docs/site.md prints them: those of rules, and the
table `counterparts.toml` of columns whose rule has no module of its own yet. Does not: comparing
(`compared_cells`, the rules), where a configuration keeps a setting (`drupal/site`).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from jira_pipeline.drupal.comparisons import Comparison, Counterpart
from jira_pipeline.drupal.meaning.modules_and_types import NOUNS
from jira_pipeline.drupal.rules import counterparts_of
from jira_pipeline.model.entities import EntityKind
from jira_pipeline.model.toml_tables import toml_tables

UNKNOWN_COLUMN = "no column with a counterpart in a configuration"
NO_KIND = "configurations contain nothing of this kind"
"""Of migrations, custom sheets and packages."""
UNREAD = "its file is not in the export, or cannot be read"


@cache
def counterparts() -> Mapping[EntityKind, Mapping[str, Counterpart]]:
    """Return the compared columns of each kind of sheet; a column that is not there never is."""
    table: dict[EntityKind, dict[str, Counterpart]] = {}
    without_rule = _table()["counterparts"]
    for kind in NOUNS:
        columns = without_rule.get(kind, {})
        of_kind = {name: _counterpart(**column) for name, column in columns.items()}
        table[kind] = of_kind | dict(counterparts_of(kind))
    return table


def _counterpart(*, how: str, **properties: Any) -> Counterpart:
    return Counterpart(how=Comparison[how], **properties)


def columns_never_compared() -> Mapping[str, str]:
    """Return columns without a counterpart, and why they have none."""
    return cast("dict[str, str]", _table()["never"])


@cache
def _table() -> dict[str, Any]:
    return toml_tables(__package__, "counterparts.toml")
