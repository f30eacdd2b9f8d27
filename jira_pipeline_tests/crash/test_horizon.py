"""What a doubt waits for: the horizon of the last one that is looked up with it."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from typing_extensions import override

from jira_pipeline.export.attachments import attach_files
from jira_pipeline.export.creation import create_issues
from jira_pipeline.export.undo import UNCONFIRMED
from jira_pipeline_tests.contracts.stored_values import a_draft
from jira_pipeline_tests.crash.by_hand import BY_A_PERSON
from jira_pipeline_tests.crash.export_faults import DOUBTS, StrikeOnce, is_creation
from jira_pipeline_tests.crash.export_world import ExportWorld, PatientTime
from jira_pipeline_tests.crash.worlds import open_world
from jira_pipeline_tests.export.whole_exports import where

HORIZON_SECONDS = 600.0


def test_nothing_is_sent_again_before_the_horizon_of_the_last_doubt(world: ExportWorld) -> None:
    """Two answers are lost a hundred seconds apart; the site may still work on the second."""

    def losing(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        sent_at.append(world.time.seconds)
        if len(sent_at) in {2, 3}:
            world.time.seconds += 100.0
            sent_at[-1] = world.time.seconds
            raise httpx.ReadTimeout("injected", request=request)
        return site.handle_request(request)

    sent_at: list[float] = []
    """Or when its answer was given up."""
    world.fill(tuple(a_draft(of) for of in (1, 2, 3, 4)))
    world.answering, world.horizon_seconds = where(is_creation, losing), HORIZON_SECONDS
    with world.process() as (tools, order):
        create_issues(tools, order)

    first_lost, last_lost, kept_back, again = sent_at[1:5]
    assert last_lost - first_lost == 100.0
    assert again >= kept_back >= last_lost + HORIZON_SECONDS
    assert len(sent_at) == 6


def test_what_is_sent_again_goes_one_at_a_time_with_a_look_before_each(world: ExportWorld) -> None:
    """The number of one tells how far to look for the next."""
    drafts = tuple(a_draft(number) for number in range(1, 13))
    world.fill(drafts)
    losing = StrikeOnce(DOUBTS["read timeout before commit"], at={3, 5, 9})
    sent: list[str] = []

    def noting(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        sent.append(request.url.path.rpartition("/")[2])
        return losing(request, site)

    world.answering, world.horizon_seconds = noting, HORIZON_SECONDS
    world.export()

    creations = [place for place, kind in enumerate(sent) if kind == "issue"]
    kept_back, *again = creations[-4:]
    assert len(creations) == len(drafts) + 3
    for before, after in zip([kept_back, *again], again, strict=False):
        assert "bulkfetch" in sent[before:after]
    assert world.time.slept
    assert Counter(world.titles()) == Counter(draft.title for draft in drafts)


def test_a_file_that_was_sent_again_waits_for_a_horizon_of_its_own(world: ExportWorld) -> None:
    """The second answer is lost too, and the site attaches the file a minute later.

    Counted from the first doubt the wait was over at once, and people were told to attach a file
    that then came.
    """
    late: list[tuple[float, httpx.Request]] = []
    lost: list[httpx.Request] = []

    def losing(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if late and world.time.seconds >= late[0][0]:
            site.handle_request(late.pop()[1])
        if not request.url.path.endswith("/attachments") or len(lost) == 2:
            return site.handle_request(request)
        lost.append(request)
        if len(lost) == 2:
            late.append((world.time.seconds + 60.0, again(request)))
        raise httpx.ReadTimeout("injected", request=request)

    world.horizon_seconds, world.answering = HORIZON_SECONDS, losing
    world.fill(tuple(a_draft(of) for of in (1, 2)))
    with world.process() as (tools, order):
        create_issues(tools, order)
        report = attach_files(tools, order)

    assert (report.attached, report.failed) == (1, 0)
    assert world.violations() == []


def test_a_file_of_a_process_that_ended_is_not_sent_before_the_horizon(world: ExportWorld) -> None:
    """The site attaches it a minute after the next process looked."""
    sent: list[httpx.Request] = []
    late: list[tuple[float, httpx.Request]] = []

    def ending(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if late and world.time.seconds >= late[0][0]:
            site.handle_request(late.pop()[1])
        if request.url.path.endswith("/attachments"):
            sent.append(request)
            late.append((world.time.seconds + 60.0, again(request)))
            raise SystemExit
        return site.handle_request(request)

    world.horizon_seconds, world.answering = HORIZON_SECONDS, ending
    world.fill(tuple(a_draft(of) for of in (1, 2)))
    with world.process() as (tools, order):
        create_issues(tools, order)
        with pytest.raises(SystemExit):
            attach_files(tools, order)
    with world.process() as (tools, order):
        report = attach_files(tools, order)

    assert (report.attached, report.failed, len(sent)) == (1, 0, 1)
    assert world.violations() == []


def again(request: httpx.Request) -> httpx.Request:
    """Return the same request, to be sent once more."""
    headers = {k: v for k, v in request.headers.items() if k != "content-length"}
    return httpx.Request(request.method, request.url, content=request.read(), headers=headers)


@dataclass
class LateSite(PatientTime):
    """Takes a request, answers nothing, and does it some minutes later."""

    pattern: str = ""
    then: Callable[[], object] = lambda: None
    """What happens once it was sent."""
    late: list[Callable[[], object]] = field(default_factory=list)
    is_struck: bool = False

    def __call__(self, request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        if self.is_struck or not re.search(self.pattern, f"{request.method} {request.url.path}"):
            return site.handle_request(request)
        self.is_struck = True
        sent = again(request)
        self.late.append(lambda: site.handle_request(sent))
        self.then()
        raise httpx.ReadTimeout("injected", request=request)

    @override
    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self.seconds > HORIZON_SECONDS / 2:
            self.finish()

    def finish(self) -> None:
        while self.late:
            self.late.pop()()


@pytest.mark.parametrize("kind", ["update", "comment", "deletion"])
def test_what_jira_does_late_is_waited_for(
    exported_folder: Path, tmp_path: Path, kind: str
) -> None:
    """Else a late update overwrites what was written since, a comment comes twice, what stays is gone."""
    with open_world(exported_folder, tmp_path / "world") as world:
        key = world.key_of("t04")
        if kind == "deletion":
            site = LateSite(pattern="DELETE .*/issue/", then=lambda: world.comment(key))
            site.pattern += f"{world.number_of('t04')}$"
        else:
            world.change_tickets()
            world.edit("t02")
            site = LateSite(pattern="PUT .*/issue/" if kind == "update" else "POST .*/comment")
        world.time, world.answering, world.horizon_seconds = site, site, HORIZON_SECONDS

        done: Any = world.undo() if kind == "deletion" else world.update()
        if kind == "update":
            world.edit("t01")
        site.finish()

        if kind == "update":
            assert world.texts()[world.key_of("t01")].endswith(BY_A_PERSON)
        elif kind == "comment":
            assert len(world.comments()[world.key_of("t02")]) == 1
        else:
            there = key in world.texts()
            known = {i.number for i in done.kept if i.reasons != (UNCONFIRMED,)}
            assert there is (4 in known)
