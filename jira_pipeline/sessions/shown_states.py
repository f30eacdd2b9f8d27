"""States of a ticket in pictures: a shape, a sign and a word for each.

Belongs here: the shapes, in the order in which a picture lists them. Does not: which state a ticket is
in (`pictures`), colours (`model/look`).
"""

from dataclasses import dataclass

from jira_pipeline.model.ticket_decisions import SentBack, Skipped


@dataclass(frozen=True, slots=True)
class ShownState:
    """How a picture shows a state: by a colour of this key, a sign, and a path of 16 by 16 units."""

    key: str
    mark: str
    label: str
    path: str


_DISC = "M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1z"
_DOT = "M8 3.5a4.5 4.5 0 1 0 0 9A4.5 4.5 0 1 0 8 3.5z"
STATES = (
    ShownState("waiting", "○", "to review", "M3.5 3.5h9v9h-9z"),
    ShownState("changed", "◆", "changed", "M8 0l8 8-8 8-8-8z"),
    ShownState("sent_back", "▲", SentBack.state.label, "M8 1l8 14H0z"),
    ShownState("ready", "✓", "approved", "M1 1h14v14H1z"),
    ShownState("left_out", "–", Skipped.state.label, "M2 7h12v2.5H2z"),
    ShownState("issue", "●", "has an issue", f"{_DOT}M8 6a2 2 0 1 1 0 4A2 2 0 1 1 8 6z"),
    ShownState("to_do", "○", "to do", _DOT),
    ShownState("doing", "◐", "doing", f"{_DISC}M8 2.5a5.5 5.5 0 1 1 0 11z"),
    ShownState("done", "✓", "done", _DISC),
    ShownState("doubt", "!", "issue status unknown", "M6 1h4v9H6zM6 12h4v3.5H6z"),
)
"""Squares are in the review, circles in Jira; what is done fills its place, what waits is small.

None is hollow: that would look like a box to tick."""
