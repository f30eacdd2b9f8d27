"""What a session went through before an export of it is killed, and what must hold afterwards.

Belongs here: one description of each, of whatever process: people's doing before, what the export
does, what is wrong with the site then. Does not: killing (`killing`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jira_pipeline.export.export_run import SessionEpics
from jira_pipeline.model.differences import Decision
from jira_pipeline.store.store import Store
from jira_pipeline_tests.crash.by_hand import HANDMADE, make_by_hand
from jira_pipeline_tests.crash.epics_world import epics_in
from jira_pipeline_tests.crash.export_world import Exporting, ExportWorld, Tripwire
from jira_pipeline_tests.crash.site_view import lost_of_handmade, take_epic, violations_of

EDITED = "t02"
"""The ticket whose issue a person edited, where tickets changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """How a session begins, what its exports do, and what is wrong with the site then."""

    before: Callable[[ExportWorld], None] = lambda _world: None
    export: Callable[[Exporting, Tripwire], None] = Exporting.export
    wrong: Callable[[ExportWorld], list[str]] = ExportWorld.violations
    find_epics: Callable[[Store], SessionEpics] = lambda _store: SessionEpics()


def _all_deleted(world: ExportWorld) -> None:
    world.export()
    world.change("DELETE FROM issue")


def _decide_and_export(session: Exporting, wire: Tripwire) -> None:
    """Decide that all is wanted again: about all at once, then by name about those left.

    Such are those that a restored ledger does not know to have been seen.
    """
    if session.targets():
        decided = session.decide(Decision.CREATE_AGAIN, wire=wire)
        if refused := [str(ticket.number) for ticket in decided.tickets if ticket.refusal]:
            session.decide(Decision.CREATE_AGAIN, names=refused, wire=wire)
    session.export(wire)


def _changed(world: ExportWorld) -> None:
    """Three tickets changed since the export, and a person edited the issue of one."""
    world.export()
    world.edit(EDITED)
    world.change_tickets()


def _update(session: Exporting, wire: Tripwire) -> None:
    session.update(wire)


def _adopt_and_export(session: Exporting, wire: Tripwire) -> None:
    session.adopt(HANDMADE, wire)
    session.export(wire)


def _wrong_with_adopted(world: ExportWorld) -> list[str]:
    found = {row["key"]: row["id"] for row in world.rows("SELECT key, id FROM issue")}
    adopted = {f"t{number:02}": found[key] for number, key in HANDMADE.items() if key in found}
    wrong = violations_of(world.view(adopted=adopted), is_ordered=False)
    return [*lost_of_handmade(world.sandbox), *wrong]


GROUNDS: Mapping[str, Ground] = {
    "": Ground(),
    ", all deleted in Jira": Ground(before=_all_deleted, export=_decide_and_export),
    ", updating": Ground(
        before=_changed,
        export=_update,
        wrong=lambda world: world.violations_of_update(edited=[EDITED]),
    ),
    ", with epics": Ground(
        find_epics=epics_in,
        wrong=lambda world: [*take_epic(world.sandbox), *world.violations()],
    ),
    ", adopting": Ground(
        before=lambda world: make_by_hand(world.sandbox),
        export=_adopt_and_export,
        wrong=_wrong_with_adopted,
    ),
}
"""By what the name of a dialect goes on with."""
