"""What brings a thing, of which modules and core have some: a type, a view mode, an image style.

Does not belong here: which things these are (the rules), what a module brings (`modules.toml`).
"""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class FromProvider:
    """It is there as soon as its provider is installed."""

    provider: str
    """What people install, such as `the Media Library module`."""


@dataclass(frozen=True, slots=True)
class AddedByHand:
    """Somebody adds it, or it is there already."""


ProviderFact: TypeAlias = FromProvider | AddedByHand
