"""The role of a budget that runs share, whatever machine they are on."""

from collections.abc import Iterable
from typing import Protocol

from jira_pipeline.kernel.shared_budgets import Share


class SharedBudget(Protocol):
    """What one run may use of a budget that others use as well."""

    def share(self) -> Share:
        """Ask for a share; it lapses by itself.

        Raises:
            StoreBusyError: It cannot be asked now.
            StoreError: It cannot be asked.
        """
        ...

    def pause(self, scopes: Iterable[str], *, seconds: float) -> None:
        """Have all runs wait with something.

        Raises:
            StoreBusyError: It cannot be said now.
            StoreError: It cannot be said.
        """
        ...
