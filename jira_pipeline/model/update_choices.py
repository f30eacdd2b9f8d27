"""Which issues an export updates, as people choose it: none, those that nobody changed, or all.

Belongs here: the choice, and the consent that overwrites what somebody wrote. Does not: updating
(`export/updating`), what a consent is compared with (`export/issue_texts`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from jira_pipeline.model.errors import WrongUseError

CONSENT_CHARACTERS = 8
"""So many digits of the hash of a text are enough for people to name it."""
CONSENT = re.compile(rf"[0-9]{{1,9}}:[0-9a-f]{{{CONSENT_CHARACTERS}}}")
"""How people name the text of an issue that may be overwritten: the number of its ticket, and the
first digits of the hash of that text, such as `12:1a2b3c4d`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateChoice:
    """An update of issues whose tickets changed, with what a person chose for some of them."""

    overwrites: tuple[str, ...] = ()
    """Issues to update although somebody edited them, each as `CONSENT` to the text that was shown."""
    leaves: tuple[int, ...] = ()
    """Numbers of tickets whose issues are neither updated nor commented on."""


def chosen_update(
    *, is_wanted: bool, overwrite: Iterable[str], leave: Iterable[int]
) -> UpdateChoice | None:
    """Return what somebody chose about an update; None: none is wanted.

    Raises:
        WrongUseError: Something was chosen for tickets whose issues are not to be updated, or a
            text to be overwritten is not named as the plan shows it.
    """
    choice = UpdateChoice(overwrites=tuple(overwrite), leaves=tuple(leave))
    for consent in choice.overwrites:
        if CONSENT.fullmatch(consent) is None:
            raise WrongUseError(
                f"It is not clear which text to overwrite: {consent[:40]!r}.",
                recovery_actions=(
                    "Look at the update's plan, which names each edited text (12:1a2b3c4d).",
                ),
            )
    if is_wanted:
        return choice
    if choice != UpdateChoice():
        raise WrongUseError("Choosing what to overwrite or leave requires an update.")
    return None
