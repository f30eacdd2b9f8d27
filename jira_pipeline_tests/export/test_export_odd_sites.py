"""Sites that page early, list nothing, or hold more than we put there: the export is the same."""

from itertools import count
from typing import Any

import httpx
import pytest
from typing_extensions import override

from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.pacing import Pacing, PacingClock
from jira_pipeline.model.errors import (
    AccessError,
    GateError,
    PipelineError,
    RateLimitedError,
    UnavailableError,
)
from jira_pipeline.model.manual_fixes import FixType
from jira_pipeline_tests.crash.export_faults import DOUBTS, StrikeOnce, answering, bent
from jira_pipeline_tests.crash.export_world import Answering, ExportWorld, PatientTime
from jira_pipeline_tests.export.whole_exports import refill, where


def without_browse(body: dict[str, Any]) -> dict[str, Any]:
    """Withhold the permission to see issues."""
    body["permissions"]["BROWSE_PROJECTS"]["havePermission"] = False
    return body


STRANGERS = count()
AS_SOMEBODY_ELSE = where(
    "/myself", lambda _request, _site: httpx.Response(200, json={"accountId": str(next(STRANGERS))})
)
WITHOUT_BROWSE = where("/mypermissions", bent(without_browse))


@pytest.mark.parametrize(
    ("loss", "answering", "refusal", "words"),
    [
        ("DELETE FROM issue", None, GateError, "none of the 4 issues .* not even SBX-2, SBX-3, SB"),
        ("UPDATE issue SET security_level = 'nobody'", None, GateError, "may not see them"),
        ("DELETE FROM issue", WITHOUT_BROWSE, AccessError, "lacks BROWSE_PROJECTS"),
        ("DELETE FROM issue", AS_SOMEBODY_ELSE, UnavailableError, "does not recognise"),
    ],
    ids=["deleted", "hidden", "no permission", "credentials are lost"],
)
def test_a_project_that_shows_nothing_of_ours_is_said_to_and_nothing_is_created(
    world: ExportWorld,
    loss: str,
    answering: Answering | None,
    refusal: type[PipelineError],
    words: str,
) -> None:
    """It said “just now” at every resume; nothing else was in the project."""
    world.die(ExportWorld.export, "before receipt of issue t05")
    world.change(loss)
    left = world.titles()
    world.answering = answering

    with pytest.raises(refusal, match=words):
        world.export()

    assert world.titles() == left


def without_priority_names(body: dict[str, Any]) -> dict[str, Any]:
    """Leave the values of the priority out of the create screen, as some sites do."""
    for field in body["fields"]:
        if field["fieldId"] == "priority":
            del field["allowedValues"]
    return body


@pytest.mark.parametrize(
    ("priority", "kinds"), [("High", []), ("Sky-high", [FixType.PRIORITY_UNAVAILABLE])]
)
def test_where_a_screen_lists_no_priorities_jira_itself_is_asked(
    world: ExportWorld, priority: str, kinds: list[FixType]
) -> None:
    refill(world, {4: {"priority": priority}})
    world.answering = where("/issuetypes/10002", bent(without_priority_names))

    world.export()

    assert [fix.fix_type for fix in world.fixes()] == kinds
    assert world.violations() == []


def test_a_file_somebody_else_put_there_is_not_taken_for_ours(world: ExportWorld) -> None:
    """The answer to our upload is lost, and the issue holds another file."""

    def theirs_then_lost(request: httpx.Request, site: httpx.BaseTransport) -> httpx.Response:
        headers = {
            "Authorization": request.headers["Authorization"],
            "X-Atlassian-Token": "no-check",
        }
        files = {"file": ("theirs.md", b"x")}
        site.handle_request(httpx.Request("POST", request.url, files=files, headers=headers))
        return DOUBTS["503 before commit"](request, site)

    world.answering = StrikeOnce(
        theirs_then_lost, at=1, matches=lambda r: r.url.path.endswith("/attachments")
    )

    world.export()

    names = [row["filename"] for row in world.rows("SELECT filename FROM attachment")]
    assert (len(names), names.count("theirs.md")) == (3, 1)
    assert world.fixes() == ()


class LateJiraClient(JiraClient):
    """Waits as much longer than Jira asks as the jitter allows."""

    @override
    def __init__(self, *args: Any, pacing: Pacing, **kwargs: Any) -> None:
        time = PatientTime()
        clock = PacingClock(monotonic=time.monotonic, sleep=time.sleep, random=lambda: 1.0)
        super().__init__(*args, pacing=Pacing(clock), **kwargs)


def test_a_turn_that_is_too_far_off_ends_the_step_before_anything_is_intended(
    world: ExportWorld,
) -> None:
    """29 s are waited within a step; with the jitter the next turn is 38 s away."""
    throttled = httpx.Response(429, json={"errorMessages": ["No."]}, headers={"Retry-After": "29"})
    world.answering = StrikeOnce(answering(throttled, is_committed=False), at=3)
    world.client = LateJiraClient

    with pytest.raises(RateLimitedError) as caught:
        world.export()
    events = [entry.event.value for entry in world.entries()]
    world.client = JiraClient
    world.export()

    assert caught.value.wait_seconds == pytest.approx(37.7)
    assert caught.value.failed_at_ticket_number == 1
    assert events == [*["intent", "receipt"] * 2, "intent", "nothing_done"]
    assert world.violations() == []
