"""Data of one exported file, looked into by keys, with the place of each for whoever cites it.

Belongs here: tolerant access and the cells made of it. Does not: what a setting means (a module for
each subject).
"""

from collections.abc import Iterable, Iterator
from typing import TypeGuard

from jira_pipeline.sources.drupal_config.site import SiteCell


class Settings:
    """Data of one file, looked into by keys: what is absent or of another shape is empty."""

    __slots__ = ("data", "place")

    def __init__(self, data: object, place: str) -> None:
        """Keep data and where they are: `node.type.page.yml`, or with a key behind a colon."""
        self.data = data
        self.place = place

    def at(self, *keys: str) -> "Settings":
        """Return what is below keys."""
        data = self.data
        for key in keys:
            data = data.get(key) if isinstance(data, dict) else None
        return Settings(data, self._below(*keys))

    def _below(self, *keys: str) -> str:
        return f"{self.place}{'.' if ':' in self.place else ':'}{'.'.join(keys)}"

    @property
    def is_there(self) -> bool:
        """Tell whether anything is here."""
        return self.data is not None

    @property
    def text(self) -> str:
        """The text, stripped as cells are."""
        return str(self.data).strip() if is_scalar(self.data) else ""

    @property
    def is_on(self) -> bool:
        """Tell whether a switch is on: Drupal writes `true`, `1` and `'1'`."""
        return self.text.casefold() in {"true", "1"}

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of a list or, since Drupal keeps checked boxes so, the values of a mapping."""
        items = self.data.values() if isinstance(self.data, dict) else self.data
        return tuple(str(i).strip() for i in items if is_scalar(i)) if _is_many(items) else ()

    @property
    def weight(self) -> int:
        """The place in an order; 0 where nothing says it."""
        return self.data if isinstance(self.data, int) else 0

    @property
    def children(self) -> Iterator[tuple[str, "Settings"]]:
        """Each item of a mapping or list by its key or number."""
        if isinstance(self.data, dict):
            pairs = ((str(key), value) for key, value in self.data.items())
        elif isinstance(self.data, list):
            pairs = ((str(number), value) for number, value in enumerate(self.data))
        else:
            return
        for key, value in pairs:
            yield key, Settings(value, self._below(key))

    @property
    def cell(self) -> SiteCell:
        """The text as it is, and where it is."""
        return SiteCell(text=self.text, values=(self.text,) if self.text else (), yaml=self.place)

    @property
    def switch(self) -> SiteCell:
        """The switch as `y` or `n`, and where it is."""
        return yes_or_no(is_yes=self.is_on, yaml=self.place)

    def spelled(self, text: str, *values: str) -> SiteCell:
        """Return what is here as sheets spell it."""
        return SiteCell(text=text, values=values or self.cell.values, yaml=self.place)


def yes_or_no(*, is_yes: bool, yaml: str) -> SiteCell:
    """Return a cell that says `y` or `n`."""
    text = "y" if is_yes else "n"
    return SiteCell(text=text, values=(text,), yaml=yaml)


def is_scalar(value: object) -> TypeGuard[str | int | float | bool]:
    """Tell whether data are one value."""
    return isinstance(value, str | int | float)


def _is_many(value: object) -> TypeGuard[Iterable[object]]:
    return value is not None and not isinstance(value, str | int | float)
