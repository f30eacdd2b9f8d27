"""The token of an environment: asked for, kept until shortly before it ends, renewed once on 401.

Belongs here: which token is used and when another one is needed. Does not: asking (`exchange`).
There are no refresh tokens: another one is asked for. Source: docs/sharedo.md.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from jira_pipeline.ports.clock import Timer

RENEW_BEFORE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What the identity server gave."""

    text: str
    lasts_seconds: float


class TokenKeeper:
    """Keeps one token; threads that need another one wait for the first that asks."""

    def __init__(self, timer: Timer, ask: Callable[[], Token]) -> None:
        """Take how one is asked for; nothing is asked yet."""
        self._timer = timer
        self._ask = ask
        self._turn = threading.Lock()
        self._token: Token | None = None
        self._renew_at = 0.0

    def current(self, *, refused: str | None = None) -> str:
        """Return a token that will last; another one than was refused.

        Raises:
            ShareDoError: The identity server gives none.
        """
        with self._turn:
            token = self._token
            is_due = self._timer.monotonic() >= self._renew_at
            if token is None or is_due or token.text == refused:
                began = self._timer.monotonic()
                token = self._token = self._ask()
                # one that lasts less than the margin is used for half its life
                margin = min(RENEW_BEFORE_SECONDS, token.lasts_seconds / 2)
                self._renew_at = began + token.lasts_seconds - margin
            return token.text
