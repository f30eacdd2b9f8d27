"""Setting assignee, sprint, priority, labels and parent for one ticket or many.

Belongs here: what may be entered. Does not: which tickets are meant (`ticket_selection`), whether
Jira has such a person, sprint or priority: `check-project` reports it, and the export falls back.
"""

import re
from collections.abc import Mapping

from jira_pipeline.model.errors import WrongUseError
from jira_pipeline.model.issue_tracker import ISSUE_KEY
from jira_pipeline.model.tickets import FieldValue

LABEL_MAX_CHARACTERS = 255
FIELD_MAX_CHARACTERS = 255


def labels_in(text: str) -> tuple[str, ...]:
    """Return the labels that a person listed between commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def checked_fields(fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """Return fields as Jira could take them; an empty text clears a field.

    Raises:
        WrongUseError: A label has a space, a parent is no issue key, or a value is too long.
    """
    return {name: _checked(name, value) for name, value in fields.items()}


def _checked(name: str, value: FieldValue) -> FieldValue:
    if isinstance(value, tuple):
        for label in value:
            if not label or len(label) > LABEL_MAX_CHARACTERS or re.search(r"\s", label):
                limit = f"1 to {LABEL_MAX_CHARACTERS} characters without spaces"
                raise _refused("labels", label, limit)
        return tuple(sorted(set(value)))
    text = (value or "").strip()
    if len(text) > FIELD_MAX_CHARACTERS or len(text.splitlines()) > 1:
        raise _refused(name, text, f"at most {FIELD_MAX_CHARACTERS} characters on one line")
    if name == "parent" and text and not re.fullmatch(ISSUE_KEY, text):
        raise _refused(name, text, "a key such as SITE-12")
    return text or None


def _refused(name: str, value: str, wanted: str) -> WrongUseError:
    return WrongUseError(
        f"{value!r} cannot be used for {name}: Jira accepts {wanted}.",
        recovery_actions=("Enter another value, or an empty one to clear the field.",),
    )
