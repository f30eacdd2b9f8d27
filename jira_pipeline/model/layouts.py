"""Layouts that people work on, and those that they confirmed, as the store keeps them.

Belongs here: these values. Does not: what a layout says (`sheets/layouts`), keeping them
(`store/layout_store`), working on one (`sessions/layouts`).
"""

from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.model.json_values import json_fields

CHANGES_KEPT_MAX = 30
"""Changes of a draft that can be undone, one after the other; each keeps 3 to 10 kB."""
NO_DRAFT = 0
"""The revision of what nobody saved yet."""


@json_fields("session_key revision saved_by saved_at")
@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutDraft:
    """A layout that people work on; it changes nothing until somebody confirms it."""

    session_key: str
    revision: int
    """Of its key, from 1 on; it is counted on when a draft was confirmed or discarded."""
    layout: str
    """As `layout.yaml` has it; empty where the last draft was confirmed or discarded."""
    saved_by: str
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutChange:
    """One change of a draft, kept so that it can be undone."""

    session_key: str
    revision: int
    """Of the draft that it made."""
    description: str
    """What somebody chose, in words; empty where a whole layout was saved."""
    layout_before: str
    """The draft that it was made to; empty where there was none."""
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneChange:
    """A change of a draft that was taken back."""

    description: str
    """What somebody had chosen, in words; empty where a whole layout was saved."""
    revision: int
    """Of the draft that there is now."""


@json_fields("session_key layout_sha256 site_name confirmed_by confirmed_at")
@dataclass(frozen=True, slots=True, kw_only=True)
class UsedLayout:
    """A layout that somebody confirmed, kept for the next upload of its session and for other sites."""

    session_key: str
    layout_sha256: str
    """Of what it says of worksheets, without who confirmed it and what was left out."""
    layout: str
    """As `layout.yaml` has it."""
    site_name: str
    confirmed_by: str
    confirmed_at: datetime
