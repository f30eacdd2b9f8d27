"""Whole exports of a world: its tickets changed before, what was sent, what people have to do after.

Belongs here: what tests of several parts of the export do with a world. Does not: the world itself
(`crash/export_world`), parts of the export alone (`small_site`).
"""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from jira_pipeline.export.plan import ExportPlan, plan_export
from jira_pipeline.export.results import ExportResults, export_results
from jira_pipeline.model.export_steps import MeasuredStep
from jira_pipeline_tests.crash.export_faults import Fault
from jira_pipeline_tests.crash.export_world import Answering, Crash, ExportWorld, Tripwire
from jira_pipeline_tests.crash.killing import lose_writes
from jira_pipeline_tests.crash.sessions import DRAFTS, SESSION_KEY, entries_of
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.jira.rules_of_sites import SiteRules, give_rules


def where(
    meant: str | Callable[[httpx.Request], bool], answer: Fault | httpx.Response
) -> Answering:
    """Have what is meant, by the end of its path or otherwise, answered so, the rest by the site."""

    def answering(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        is_meant = request.url.path.endswith(meant) if isinstance(meant, str) else meant(request)
        if not is_meant:
            return site.handle_request(request)
        return answer if isinstance(answer, httpx.Response) else answer(request, site)

    return answering


def refusal(status: int) -> httpx.Response:
    return httpx.Response(status, json={"errorMessages": ["No."], "errors": {}})


def refill(world: ExportWorld, changes: Mapping[int, dict[str, Any]]) -> None:
    """Change tickets of the session by number and make the session ready again."""
    world.fill(tuple(replace(draft, **changes.get(draft.number, {})) for draft in DRAFTS))


def planned(world: ExportWorld, **asked: Any) -> ExportPlan:
    with world.process() as (tools, order):
        return plan_export(tools, order, **asked)


def restore_store(world: ExportWorld) -> None:
    """Set the store back to what it was before anything was exported."""
    with world.process() as (tools, _):
        lose_writes(tools.store, 100)


def wherever_it_dies(
    world: ExportWorld,
    folders: pytest.TempPathFactory,
    act: Callable[[ExportWorld, Tripwire], object],
    *,
    step: int,
    points_min: int,
) -> Iterator[tuple[int, ExportWorld]]:
    """Yield copies of a world in which the process that acts died, one for each so many points."""
    world.sandbox.close()
    number, is_dead = 0, True
    while is_dead:
        number += step
        folder = folders.mktemp("died") / "world"
        with open_world(world.folder, folder) as copy:
            try:
                act(copy, Tripwire(crash_at=number))
                is_dead = False
            except Crash:
                pass
            yield number, copy
        shutil.rmtree(folder)
    assert number > points_min


def results_of(world: ExportWorld, *steps: MeasuredStep) -> ExportResults:
    """The results of the session on its only target."""
    with world.process() as (tools, order):
        return export_results(
            SESSION_KEY,
            target=tools.store.ledger.targets()[0],
            tickets=[rendered.ticket for rendered in order.rendered],
            written=entries_of(tools.store),
            fixes=tools.store.manual_fixes.list_all(SESSION_KEY),
            steps=steps,
        )


def set_rules(world: ExportWorld, **rules: Any) -> None:
    give_rules(world.sandbox, SiteRules(**rules))


def fields_sent(world: ExportWorld) -> list[dict[str, Any]]:
    """Return a list to which the fields of each creation are added from now on."""
    sent: list[dict[str, Any]] = []

    def note(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        sent.append(json.loads(request.read())["fields"])
        return site.handle_request(request)

    world.answering = where("/rest/api/3/issue", note)
    return sent
