"""When the clock removes a session, and why it stays until then.

Belongs here: the one rule, decided of facts that were gathered, and its words; how long answers of
models are kept. Does not: gathering these facts, announcing and removing (`sessions/retention`),
which acts are people's (`model/records`).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeAlias, assert_never

from jira_pipeline.model.json_values import json_fields
from jira_pipeline.model.line_numbers import format_count

NOTICE = timedelta(days=7)
"""How long before its removal a session says so."""
RETENTION_EXPLAINED = (
    "RETENTION_DAYS counts from the last act of a person or a client: a session is removed only "
    "when nothing in it is open, and says so a week before. What people decided about its tickets "
    "is kept. Without RETENTION_DAYS no session is removed; the list of sessions shows what becomes "
    "of each one."
)
"""What the setting means now, for those who set it when every old session was removed."""
ANSWERS_KEPT_DAYS = 90.0
"""At least: a site is specified in weeks, and its sheets come again for corrections for months."""


class OpenMatter(StrEnum):
    """What of a session is open, so that it stays however old it is."""

    NOT_COMPLETED = "not_completed"
    ELSEWHERE = "elsewhere"
    """It was exported to another target than the one the settings name."""
    WAITING_UPLOAD = "waiting_upload"
    """Newer files wait for their layout."""
    UNREAD_ANSWERS = "unread_answers"
    CLIENT_LINKS = "client_links"
    REQUESTED_CHANGES = "requested_changes"
    DOUBTS = "doubts"
    """Issues that may or may not exist, are gone or are there twice, or an undo that did not end."""
    MANUAL_FIXES = "manual_fixes"
    ISSUES_NOT_DONE = "issues_not_done"
    """As Jira showed them last; so are issues that nobody has looked at since they were created."""


@json_fields("matter count text")
@dataclass(frozen=True, slots=True, kw_only=True)
class StayReason:
    """One open matter, and how many of it there are."""

    matter: OpenMatter
    count: int = 1

    @property
    def text(self) -> str:
        """What is open, as people say it."""
        match self.matter:
            case OpenMatter.NOT_COMPLETED:
                return "its export is not completed"
            case OpenMatter.ELSEWHERE:
                return "it was exported to another Jira site or project than the current one"
            case OpenMatter.WAITING_UPLOAD:
                return "a newer upload waits for its layout"
            case OpenMatter.UNREAD_ANSWERS:
                return f"{format_count(self.count, 'answer')} from the client not decided about"
            case OpenMatter.CLIENT_LINKS:
                return f"{format_count(self.count, 'client link')} still valid"
            case OpenMatter.REQUESTED_CHANGES:
                return f"changes requested of {format_count(self.count, 'ticket')}"
            case OpenMatter.DOUBTS:
                return f"{format_count(self.count, 'issue')} unconfirmed or to be decided about"
            case OpenMatter.MANUAL_FIXES:
                return f"{format_count(self.count, 'manual fix', 'manual fixes')} to do"
            case OpenMatter.ISSUES_NOT_DONE:
                return f"{format_count(self.count, 'issue')} not done in Jira when last seen"
            case _:
                assert_never(self.matter)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """That a session was said to be removed."""

    at: datetime
    keep_days: float
    """RETENTION_DAYS at that time: with another one it has to be announced anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionFacts:
    """What decides about the removal of one session."""

    open: tuple[StayReason, ...]
    last_act_at: datetime
    """When a person or a client acted last; where nobody did, when the session was registered."""
    announcement: Announcement | None
    """The last one that was not called off."""


@dataclass(frozen=True, slots=True)
class KeptForGood:
    """RETENTION_DAYS is not set."""


@dataclass(frozen=True, slots=True)
class Stays:
    """Something is open."""

    reasons: tuple[StayReason, ...]


@dataclass(frozen=True, slots=True)
class Rests:
    """Nothing is open, and somebody acted not long ago."""

    announced_from: datetime


@dataclass(frozen=True, slots=True)
class ToBeAnnounced:
    """The next look announces its removal."""


@dataclass(frozen=True, slots=True)
class Announced:
    """It is removed on a day, unless someone acts before or something opens."""

    removed_on: date


@dataclass(frozen=True, slots=True)
class Due:
    """The next look removes it."""


KEPT_FOR_GOOD = KeptForGood()
Removal: TypeAlias = KeptForGood | Stays | Rests | ToBeAnnounced | Announced | Due


def decide_removal(facts: RetentionFacts, *, keep_days: float | None, now: datetime) -> Removal:
    """Say what the clock does with a session: nothing, announce its removal, or remove it.

    `keep_days` is RETENTION_DAYS; None: it is not set.
    """
    if keep_days is None:
        return KEPT_FOR_GOOD
    if facts.open:
        return Stays(facts.open)
    removable_at = facts.last_act_at + timedelta(days=keep_days)
    announced = facts.announcement
    is_announced = (
        announced is not None
        and announced.keep_days == keep_days
        and announced.at > facts.last_act_at  # else somebody acted since
    )
    if announced is None or not is_announced:
        announced_from = max(facts.last_act_at, removable_at - NOTICE)
        return ToBeAnnounced() if now >= announced_from else Rests(announced_from)
    # By the day: the look of the night comes some seconds earlier or later than a week before.
    removed_on = (announced.at + NOTICE).date()
    if now.date() >= removed_on and now >= removable_at:
        return Due()
    return Announced(max(removed_on, removable_at.date()))


def removal_text(removal: Removal) -> str:
    """Say what becomes of a session, and why it stays; empty where it is kept for good."""
    match removal:
        case KeptForGood():
            return ""
        case Stays():
            return f"stays: {'; '.join(reason.text for reason in removal.reasons)}"
        case Rests():
            return (
                f"stays: used lately; its removal is announced after "
                f"{removal.announced_from:%Y-%m-%d}, unless someone acts"
            )
        case ToBeAnnounced():
            return "its removal is announced tonight, unless someone acts"
        case Announced():
            return f"will be removed on {removal.removed_on:%Y-%m-%d}, unless someone acts"
        case Due():
            return "will be removed tonight, unless someone acts"
        case _:
            assert_never(removal)


class RemovalState(StrEnum):
    """What programs are told of a `Removal`."""

    KEPT = "kept"
    STAYS = "stays"
    RESTS = "rests"
    TO_BE_ANNOUNCED = "to_be_announced"
    ANNOUNCED = "announced"
    DUE = "due"


_STATES: dict[type, RemovalState] = {
    KeptForGood: RemovalState.KEPT,
    Stays: RemovalState.STAYS,
    Rests: RemovalState.RESTS,
    ToBeAnnounced: RemovalState.TO_BE_ANNOUNCED,
    Announced: RemovalState.ANNOUNCED,
    Due: RemovalState.DUE,
}


def removal_json(removal: Removal) -> dict[str, object]:
    """Say to programs what becomes of a session."""
    return {
        "state": _STATES[type(removal)].value,
        "removed_on": removal.removed_on.isoformat() if isinstance(removal, Announced) else None,
        "reasons": removal.reasons if isinstance(removal, Stays) else (),
        "text": removal_text(removal),
    }


def answers_used_since(now: datetime, *, keep_days: float | None) -> datetime:
    """Return the time answers of models must have been used after to be kept.

    `keep_days` is how long sessions are kept at least, None where none is removed.
    """
    return now - timedelta(days=max(ANSWERS_KEPT_DAYS, keep_days or 0.0))
