"""Folders of the inbox that were handled, so that none is taken twice.

Belongs here: statements. Does not: when a folder is taken (`sheets/inbox`).
"""

from collections.abc import Mapping

from jira_pipeline.model.sessions import HandledFolder
from jira_pipeline.store import tables
from jira_pipeline.store.changes import StorePart
from jira_pipeline.store.mapping import Rows, delete_rows, insert_rows, update_rows
from jira_pipeline.store.postgres import lock_for_transaction
from jira_pipeline.store.transactions import repeated

_HANDLED = Rows(tables.handled_folders, HandledFolder)
_FOLDERS = tables.handled_folders.c


class InboxStore(StorePart):
    """Remembers the folders of the inbox that were taken or refused, by name."""

    def handled(self) -> Mapping[str, HandledFolder]:
        """Return all of them by name, those that are in the inbox no more too."""
        return {folder.name: folder for folder in self._values(_HANDLED, order_by=[_FOLDERS.name])}

    def awaiting_runs(self) -> tuple[HandledFolder, ...]:
        """Return those for whose session a run is to begin, by name."""
        return self._values(
            _HANDLED, _FOLDERS.awaited_run_key.is_not(None), order_by=[_FOLDERS.name]
        )

    @repeated
    def note(self, folder: HandledFolder) -> None:
        """Remember a folder as it is now, in place of how it was."""
        with self._database.writing() as connection:
            lock_for_transaction(connection, f"inbox {folder.name}")
            delete_rows(connection, tables.handled_folders, name=folder.name)
            insert_rows(connection, tables.handled_folders, [_HANDLED.cells(folder)])

    @repeated
    def forget_run(self, folder: HandledFolder) -> None:
        """Await the run of a folder no more, unless another one is awaited by now."""
        awaited = {"name": folder.name, "awaited_run_key": folder.awaited_run_key}
        with self._database.writing() as connection:
            update_rows(connection, tables.handled_folders, {"awaited_run_key": None}, **awaited)
