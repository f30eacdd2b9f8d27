"""Tickets in outline, before they are written: what sheets would make, and how many of each kind.

Belongs here: the values, counting. Does not: grouping rows into tickets (`tickets/grouping`), what an
upload changes (`upload_preview`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.ticket_hashes import rows_hash_of
from jira_pipeline.sheets.upload_reading import HeadKeys, head_keys_of, shares_no_head


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketOutline:
    """What decides which tickets stay where sheets are read otherwise, without their rows."""

    row_hashes: Mapping[str, str]
    """What the rows of each ticket say, by the key of its group."""
    heads: HeadKeys


def ticket_outline(groups: Iterable[EntityGroup]) -> TicketOutline:
    """Return what decides which of some tickets stay."""
    every = [*groups]
    hashes = {group.key: rows_hash_of(group) for group in every}
    return TicketOutline(row_hashes=hashes, heads=head_keys_of(every))


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketCounts:
    """What becomes of the tickets of a session where its sheets are read otherwise."""

    kept_count: int
    """Those whose rows are still there, changed or not."""
    changed_count: int
    new_count: int
    gone_count: int
    """Those left without rows."""
    are_all_gone: bool
    """Not one is about the same: whoever wants that has to say so."""

    @property
    def sentence(self) -> str:
        """Say it as people are told before they confirm."""
        parts: list[str] = []
        if self.kept_count:
            parts.append(self._words_of_kept())
        if self.new_count:
            parts.append(f"{self.new_count} {_is_or_are(self.new_count)} new")
        if self.gone_count:
            parts.append(f"{self.gone_count} {_is_or_are(self.gone_count)} left without rows")
        return f"{', '.join(parts)}." if parts else ""

    def _words_of_kept(self) -> str:
        if self.kept_count == 1:
            return (
                "1 ticket is kept and changes"
                if self.changed_count
                else "1 ticket is kept as it is"
            )
        if not self.changed_count:
            return f"{self.kept_count} tickets are kept as they are"
        verb = "changes" if self.changed_count == 1 else "change"
        return f"{self.kept_count} tickets are kept, {self.changed_count} of them {verb}"


def _is_or_are(count: int) -> str:
    return "is" if count == 1 else "are"


def ticket_counts(before: TicketOutline, after: TicketOutline) -> TicketCounts:
    """Return what becomes of the tickets there are."""
    common_keys = before.row_hashes.keys() & after.row_hashes.keys()
    changed = [key for key in common_keys if before.row_hashes[key] != after.row_hashes[key]]
    return TicketCounts(
        kept_count=len(common_keys),
        changed_count=len(changed),
        new_count=len(after.row_hashes.keys() - common_keys),
        gone_count=len(before.row_hashes.keys() - common_keys),
        are_all_gone=shares_no_head(before.heads, after.heads),
    )
