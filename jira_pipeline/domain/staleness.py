"""Whether what was validated is still what would be exported.

Belongs here: the gate that compares. Does not: reading what is stored (`store`), deciding when to
look (`defs/sensors`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jira_pipeline.domain.entities import SourceWord


def source_changed(source_word: SourceWord) -> str:
    """Say that other files were uploaded since."""
    return f"the {source_word} changed after the tickets were generated"


@dataclass(frozen=True, slots=True)
class Fresh:
    """The session may be exported."""


@dataclass(frozen=True, slots=True)
class Stale:
    """The session must be validated, or generated, again."""

    reasons: tuple[str, ...]
    """Sentences for people, in the order they were found."""


def changes_since(
    *,
    last_validated_at: datetime,
    last_invalidated_at: datetime | None,
    generated_from_sha256: str | None,
    content_sha256: str,
    source_word: SourceWord,
) -> tuple[str, ...]:
    """Return what was done to a session since it was validated, from what is remembered of it."""
    reasons = []
    if generated_from_sha256 != content_sha256:
        reasons.append(source_changed(source_word))
    if last_invalidated_at is not None and last_invalidated_at > last_validated_at:
        reasons.append("tickets were edited after the last validation")
    return tuple(reasons)


def staleness_gate(
    *,
    last_validated_at: datetime,
    last_invalidated_at: datetime | None,
    validated_hashes: Mapping[str, str],
    current_hashes: Mapping[str, str],
    generated_from_sha256: str | None,
    content_sha256: str,
    source_word: SourceWord,
) -> Fresh | Stale:
    """Compare what was validated with what is there now.

    Hashes are by ticket id. A ticket on one side only counts as changed.
    """
    reasons = [
        *changes_since(
            last_validated_at=last_validated_at,
            last_invalidated_at=last_invalidated_at,
            generated_from_sha256=generated_from_sha256,
            content_sha256=content_sha256,
            source_word=source_word,
        )
    ]
    changed = sum(
        validated_hashes.get(ticket_id) != current_hashes.get(ticket_id)
        for ticket_id in validated_hashes.keys() | current_hashes.keys()
    )
    if changed:
        noun = "ticket differs" if changed == 1 else "tickets differ"
        reasons.append(f"{changed} {noun} from what was validated")
    return Stale(tuple(reasons)) if reasons else Fresh()
