"""How far people are with the issues, and which changes of the sheets come late."""

from jira_pipeline.export.issue_progress import read_progress
from jira_pipeline.export.settle import compare_where_exported
from jira_pipeline.model.issue_tracker import IssueStage
from jira_pipeline_tests.crash.by_hand import SOMEBODY
from jira_pipeline_tests.crash.export_world import ExportWorld
from jira_pipeline_tests.crash.sessions import changes_of, entries_of


def move(world: ExportWorld, ticket_id: str, status_id: str) -> None:
    path = f"/rest/api/3/issue/{world.key_of(ticket_id)}/transitions"
    assert world.ask("POST", path, {"transition": {"id": status_id}}, account=SOMEBODY) == 204


def test_changes_of_issues_that_are_worked_on_are_late(exported: ExportWorld) -> None:
    move(exported, "t01", "3")
    move(exported, "t02", "10001")
    exported.change("DELETE FROM issue WHERE key = ?", exported.key_of("t05"))
    exported.change_tickets()  # tickets 1, 2 and 4
    sprints = {"t01": ("closed", "active"), "t02": ("future", "active"), "t03": ("closed",)}
    for ticket_id, states in sprints.items():
        for state in states:
            exported.change(
                "INSERT INTO issue_sprint SELECT issue.id, sprint.id FROM issue, sprint"
                " WHERE issue.key = ? AND sprint.state = ?",
                exported.key_of(ticket_id),
                state,
            )
    with exported.process() as (tools, order):
        changes = changes_of(order, entries_of(tools.store))
        found = read_progress(tools, order, changes=changes)
    stages = {t.number: t.stage for t in found.tickets}
    assert stages == {
        1: IssueStage.DOING,
        2: IssueStage.DONE,
        3: IssueStage.TO_DO,
        4: IssueStage.TO_DO,
        5: None,
    }
    assert [t.number for t in found.tickets if t.late] == [1, 2]
    assert {t.number: p.sprint for t in found.tickets if (p := t.progress) and p.sprint} == {
        1: "SBX Sprint 1",
        2: "SBX Sprint 1",
    }
    plan = exported.planned_update()
    assert {one.number: one.worked_on for one in plan.updates} == {
        1: "In Progress",
        2: "Done (Ada Example)",
        4: "",
    }


def test_a_comparison_keeps_how_far_people_are(exported: ExportWorld) -> None:
    move(exported, "t01", "3")
    exported.change("DELETE FROM issue WHERE key = ?", exported.key_of("t05"))
    with exported.process() as (tools, order):
        filed = compare_where_exported(tools, order)
        kept = tools.store.comparisons.latest(order.session_key, target_id=filed.target_id)

    assert kept is not None
    assert kept.states is not None
    assert {s.ticket_id: s.progress and s.progress.status for s in kept.states} == {
        "t01": "In Progress",
        **dict.fromkeys(("t02", "t03", "t04"), "To Do"),
        "t05": None,
    }
