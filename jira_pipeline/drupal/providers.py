"""What brings a thing that a sheet lists: core or a module installs it, or somebody adds it.

Who adds by hand what is there already gets an error of Drupal, or a second one beside it.

Belongs here: the fact, and rows sorted by it. Does not: what each provider brings (`provider` of a
kind of thing).

Source: `config/install` of core and of the modules in `modules.toml`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from jira_pipeline.model.entities import Entity


@dataclass(frozen=True, slots=True)
class FromProvider:
    """It is there as soon as its provider is installed."""

    provider: str
    """What people install, such as `the Media Library module`."""


@dataclass(frozen=True, slots=True)
class AddedByHand:
    """Somebody adds it, or it is there already."""


ProviderFact: TypeAlias = FromProvider | AddedByHand
ReadProvider: TypeAlias = Callable[[Entity], ProviderFact]


def rows_by_provider(
    rows: Iterable[Entity], provider_of: ReadProvider
) -> Mapping[str, list[Entity]]:
    """Return the rows of what nobody adds by hand, by what brings it."""
    brought: dict[str, list[Entity]] = {}
    for row in rows:
        match provider_of(row):
            case FromProvider(provider):
                brought.setdefault(provider, []).append(row)
            case AddedByHand():
                pass
    return brought


def added_by_hand(rows: Iterable[Entity], provider_of: ReadProvider) -> list[Entity]:
    """Return the rows of what nothing brings, in their order."""
    return [row for row in rows if provider_of(row) == AddedByHand()]
