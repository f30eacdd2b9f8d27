"""The role of a budget that runs share, whatever machine they are on."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from jira_pipeline.kernel.shared_budgets import Share


class SharedBudget(Protocol):
    """What one run may use of a budget that others use as well."""

    def share(self, used: Mapping[str, float]) -> Share:
        """Ask for a share, which lapses by itself; say what was used since.

        Raises:
            StoreBusyError: It cannot be asked now.
            StoreError: It cannot be asked.
        """
        ...

    def leave(self, used: Mapping[str, float]) -> None:
        """Need no share any more; say what was used since.

        Raises:
            StoreBusyError: It cannot be said now.
            StoreError: It cannot be said.
        """
        ...

    def pause(self, scopes: Iterable[str], *, seconds: float) -> None:
        """Have all runs wait with something.

        Raises:
            StoreBusyError: It cannot be said now.
            StoreError: It cannot be said.
        """
        ...
