"""What a schedule begins with: a session, a store and a site, new or after some quiet steps.

Belongs here: the drafts of a session by its size, how they change from one step to the next, stores
and sites that are copied. Does not: what happens then (`fault_world`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.model.rendered_tickets import RenderedTicket
from jira_pipeline.model.tickets import TicketDraft
from jira_pipeline.store.store import Store
from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import a_draft
from jira_pipeline_tests.crash.by_hand import EPIC, make_issue
from jira_pipeline_tests.crash.export_world import ACCOUNT, SteadyClock
from jira_pipeline_tests.crash.sessions import PROJECT_KEY, SESSION_KEY, fill_store, render
from jira_pipeline_tests.faults.people import LATER, Deed
from jira_pipeline_tests.faults.schedules import SMALL_COUNT, Dependencies, Step, Verb

SITE_FILE = "sandbox.sqlite"
INSTALLATION_ID = "6f1c0f1e-8f0e-4b52-9d5c-0f3c5a1b2c3d"
"""Of every store, so that a seed gives the same identities each time."""
PREPARED = (
    f"UPDATE installation SET installation_id = '{INSTALLATION_ID}'",  # noqa: S608 - fixed words
    "DROP TRIGGER ledger_refuses_delete",
    "CREATE TABLE shown (percentage REAL)",
    """
    CREATE TRIGGER shown AFTER UPDATE OF progress_percentage ON sessions
    BEGIN INSERT INTO shown VALUES (NEW.progress_percentage); END
    """,
)
"""The last entries of its ledger can be taken away; every percentage that was shown is kept."""
EPIC_KEY = f"{PROJECT_KEY}-1"
COUNT_WITH_EPIC = 8
EPICS = {COUNT_WITH_EPIC: 1, SMALL_COUNT: 2}
"""How many there are before sessions of a size; the others go into a project without any issue."""
WAITS_FOR: Mapping[Dependencies, Mapping[str, tuple[str, ...]]] = {
    Dependencies.FIRST: {},
    Dependencies.OTHER: {"t02": ("t01",), "t03": ("t02",)},
    Dependencies.TURNED: {"t02": ("t03",), "t03": ("t01",)},
    Dependencies.NONE: {"t03": ()},
}
"""What tickets wait for where that is not as at the beginning: then the third waits for both others."""
OTHER_FILES = {"t02": ("full text.md", "All of it, later.\n")}
"""What tickets have after an update."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """A site and a store in a folder, and what people know of them."""

    folder: Path
    former: tuple[RenderedTicket, ...] = ()
    """What the tickets said before the first step; nothing where none was taken."""
    deeds: tuple[Deed, ...] = ()


def make_new(folder: Path, count: int) -> Beginning:
    """Make a site and a store with a ready session of so many tickets."""
    folder.mkdir(parents=True)
    with JiraSandbox(folder / SITE_FILE, clock=SteadyClock().now) as sandbox:
        for _epic in range(EPICS.get(count, 0)):
            make_issue(sandbox, "The site", kind=EPIC, account=ACCOUNT[0])
    with open_in(folder) as store:
        fill_store(store, tuple(_draft(of, count) for of in range(1, count + 1)))
        with store.database.engine.begin() as connection:
            for statement in PREPARED:
                connection.exec_driver_sql(statement)
    return Beginning(folder=folder)


def change_tickets(store: Store, count: int, steps: Sequence[Step]) -> None:
    """Give the tickets the dependencies of the last step, and other titles for each update."""
    chosen = [step.dependencies for step in steps if step.dependencies]
    waits_for = WAITS_FOR[chosen[-1]] if chosen else {}
    updates = _updates_in(steps)
    drafts = [
        replace(
            draft,
            title=f"{draft.title}{f'{LATER} {updates}' if updates else ''}",
            depends_on=waits_for.get(draft.ticket_id, draft.depends_on),
        )
        for draft in (_draft(of, count) for of in range(1, count + 1))
    ]
    fill_store(store, tuple(drafts))


def rendered_tickets(store: Store, steps: Sequence[Step]) -> tuple[RenderedTicket, ...]:
    """Return the tickets as the last step sends them."""
    files = OTHER_FILES if _updates_in(steps) else {}
    return tuple(
        replace(one, attachment=files.get(one.ticket.ticket_id, one.attachment))
        for one in map(render, store.tickets.list_all(SESSION_KEY))
    )


def _updates_in(steps: Sequence[Step]) -> int:
    return sum(step.verb is Verb.UPDATE for step in steps)


def _draft(of: int, count: int) -> TicketDraft:
    """Return a draft of a session: a chain, a fan and loners, numbered against their order."""
    if count == SMALL_COUNT:  # each kind of write is there once or twice
        return a_draft(
            of,
            depends_on=("t01", "t02") if of == SMALL_COUNT else (),
            sprint="SBX Sprint 2" if of == 1 else None,
            parent=EPIC_KEY if of == 1 else None,
        )
    depends_on = {1: (f"t{count:02}",), 3: ("t01", "t02"), 5: ("t03",), 6: ("t04",), 7: ("t04",)}
    return a_draft(
        of,
        depends_on=depends_on.get(of, ()),
        relates_to={2: ("t05",), 4: ("t03",)}.get(of, ()),
        assignee={2: "ada@sandbox.example"}.get(of),
        sprint={4: "SBX Sprint 2"}.get(of),
        parent=EPIC_KEY if (of, count) == (5, COUNT_WITH_EPIC) else None,
    )
