"""What becomes of files that are there already when tickets are written into them.

Belongs here: which files are written, which are left alone, which hold edits that would be lost.
Does not: what a file says (`exchange`), writing it (`cli`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jira_pipeline.actions import Action, ActionKind
from jira_pipeline.domain.entity_groups import EntityGroup
from jira_pipeline.domain.tickets import Ticket
from jira_pipeline.errors import InputError
from jira_pipeline.stages.review.cells import csv_rows, has_other_columns
from jira_pipeline.stages.review.editable_text import origin_of_text
from jira_pipeline.stages.review.exchange import (
    CSV_COLUMNS,
    RevisionsOf,
    markdown_files,
    read_markdown_files,
    read_tickets_csv,
    tickets_csv,
)
from jira_pipeline.stages.review.loaded_files import LoadedFiles

FILES_LISTED = 10
SavedTexts = Mapping[str, str | None]
"""Files that are there, by name; None: it cannot be read as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSession:
    """What saved files are compared with."""

    tickets: Sequence[Ticket]
    vanished: Sequence[Ticket]
    """Tickets whose rows are gone."""
    groups: Mapping[str, EntityGroup]
    revisions: RevisionsOf
    loaded: LoadedFiles

    @property
    def known(self) -> tuple[Ticket, ...]:
        """Every ticket a file may be of."""
        return (*self.tickets, *self.vanished)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavePlan:
    """What saving would do, by file name."""

    files: Mapping[str, str]
    """All files of the tickets, with what they are to say."""
    written: tuple[str, ...]
    """Those of them that are not there or say something else."""
    removed: tuple[str, ...]
    """Of tickets that are gone, or have another name by now."""
    edited: tuple[str, ...]
    """Those that would be overwritten or removed, and hold what no ticket says."""


def plan_folder(session: SavedSession, existing: SavedTexts) -> SavePlan:
    """Plan to write every ticket as a Markdown file; files of others are left alone."""
    files = markdown_files(session.tickets, session.groups)
    ids = {ticket.ticket_id for ticket in session.known}
    written = tuple(name for name, text in files.items() if existing.get(name) != text)
    removed = tuple(
        name
        for name, text in sorted(existing.items())
        if name not in files and (origin := origin_of_text(text or "")) and origin[0] in ids
    )
    return SavePlan(
        files=files,
        written=written,
        removed=removed,
        edited=tuple(
            name
            for name in sorted({*written, *removed})
            if name in existing and not _is_unedited(name, existing[name], session)
        ),
    )


def plan_csv(session: SavedSession, name: str, existing: bytes | None) -> SavePlan:
    """Plan to write all tickets as one CSV file."""
    text = tickets_csv(session.tickets)
    is_same = existing == text.encode("utf-8")
    is_lost = existing is not None and not is_same and _is_edited_csv(name, existing, session)
    return SavePlan(
        files={name: text},
        written=() if is_same else (name,),
        removed=(),
        edited=(name,) if is_lost else (),
    )


def refuse_to_lose(plan: SavePlan, *, session_key: str, place: str) -> None:
    """Refuse a plan that would lose edits.

    Raises:
        InputError: At least one file holds what no ticket says; they are named.
    """
    if plan.edited:
        load = Action.of(
            ActionKind.LOAD_TICKETS, "Load it first: {}.", session_key=session_key, folder=place
        )
        raise edits_at_stake(plan.edited, place=place, load=load)


def edits_at_stake(names: Sequence[str], *, place: str, load: Action) -> InputError:
    """Say which files hold what would be lost, and the action that reads them."""
    named = ", ".join(names[:FILES_LISTED])
    more = len(names) - FILES_LISTED
    verb = "holds" if len(names) == 1 else "hold"
    return InputError(
        f"Nothing was written to {place}: {named}{f' and {more} more' if more > 0 else ''} {verb} "
        "what people wrote and nobody loaded.",
        recovery_actions=(
            load,
            "Or write to another place.",
            "Or add --force: it is lost then.",
        ),
    )


def _is_unedited(name: str, text: str | None, session: SavedSession) -> bool:
    """Tell whether a file says nothing that its ticket did not say; one of others never does."""
    if text is None:
        return False
    try:
        changes = read_markdown_files(
            {name: text},
            session.known,
            session.groups,
            revisions=session.revisions,
            loaded=session.loaded,
        )
    except InputError:  # it cannot be loaded: then it is not what was saved
        return False
    return all(change.is_empty for change in changes)


def _is_edited_csv(name: str, content: bytes, session: SavedSession) -> bool:
    try:
        changes = read_tickets_csv(
            content,
            name=name,
            tickets=session.known,
            revisions=session.revisions,
            loaded=session.loaded,
        )
        rows = [row for _, row in csv_rows(content, name=name, needed=())]
    except InputError:  # as above
        return True
    return has_other_columns(rows, CSV_COLUMNS) or not all(change.is_empty for change in changes)
