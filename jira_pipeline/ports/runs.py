"""The role of what knows whether the process of a run lives."""

from contextlib import AbstractContextManager
from typing import Protocol


class RunLiveness(Protocol):
    """Tells whether the process of a run lives: by a lock, never by a clock."""

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """Show that this process works on a run, until the block or the process ends.

        Raises:
            StoreError: The folder of locks cannot be written.
        """
        ...

    def is_alive(self, run_id: str) -> bool:
        """Tell whether a process on this host works on a run now."""
        ...

    def is_dead(self, run_id: str) -> bool:
        """Tell whether a run was at work on this host and its process ended without a word."""
        ...

    def leave(self, run_id: str) -> None:
        """Have a run look dead when its process lets go: how it ended could not be stored."""
        ...

    def was_left(self, run_id: str) -> bool:
        """Tell whether a run is dead because how it ended could not be stored."""
        ...

    def forget(self, run_id: str) -> None:
        """Forget a dead run."""
        ...
