"""How much an export asks that finds nothing to do, in projects of any size.

A session of 84 tickets begins at number 1,000; then others take numbers up to 30,000, and it is
exported again. The site is the embedded sandbox in this process.
"""

import tempfile
from collections import Counter
from pathlib import Path

from jira_pipeline_tests.contracts.open_stores import open_in
from jira_pipeline_tests.contracts.stored_values import a_draft
from jira_pipeline_tests.crash.export_world import PROJECT_KEY, ExportWorld, SteadyClock, fill_store
from jira_pipeline_tests.crash.undo_world import ask
from jira_pipeline_tests.jira_sandbox_faults.faulty_sandbox import FaultySandbox

TICKETS = 84
BEGINS_AT = 1_000
PROJECT_SIZES = (1_100, 30_000, 300_000)
GOAL = 18
CREATED = 201


def main() -> None:
    """Print the requests of an export that finds everything there, by the size of the project."""
    print(
        f"{TICKETS} tickets with links and two files, from number {BEGINS_AT:,} on; goal <= {GOAL}"
    )
    for size in PROJECT_SIZES:
        counts = requests_of_return(size)
        by_path = ", ".join(f"{name} {count}" for name, count in counts.most_common())
        print(f"  project at {size:>7,}: {counts.total()} requests ({by_path})")


def requests_of_return(project_size: int) -> Counter[str]:
    """Export a session, let the project grow, and count what exporting it again asks."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        drafts = tuple(
            a_draft(of, depends_on=(f"t{of - 1:02}",) if of % 3 == 0 else ())
            for of in range(1, TICKETS + 1)
        )
        with open_in(folder) as store:
            fill_store(store, drafts)
        with FaultySandbox(folder / "sandbox.sqlite", clock=SteadyClock().now) as sandbox:
            world = ExportWorld(folder=folder, sandbox=sandbox, drafts=drafts)
            _grow(world, BEGINS_AT - 1)
            world.export()
            _grow(world, project_size - 1)
            before = len(sandbox.journal())
            world.export()
            sent = sandbox.journal()[before:]
    return Counter(f"{entry.method} {entry.path.rpartition('/')[2]}" for entry in sent)


def _grow(world: ExportWorld, last_number: int) -> None:
    """Take all numbers up to one, and let somebody create the next issue."""
    with world.sandbox.state.writing() as rows:
        rows.execute("UPDATE project SET last_number = ?", (last_number,))
    fields = {"project": {"key": PROJECT_KEY}, "issuetype": {"name": "Task"}, "summary": "Other"}
    if ask(world, "POST", "/rest/api/3/issue", {"fields": fields}) != CREATED:
        raise AssertionError("the sandbox does not take an issue")
