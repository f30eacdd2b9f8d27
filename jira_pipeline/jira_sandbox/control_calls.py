"""The sandbox's own API: faults, rules and what struck, for whoever tests a client against it.

Belongs here: `/_sandbox/…`, which only the server serves and nothing journals: it is no traffic of
a Jira client. Does not: faults themselves (`faults`, `fault_desk`). The journal can be read here and
changed nowhere.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict

from pydantic import ValidationError

from jira_pipeline.jira_sandbox.exchange import SandboxRequest, SandboxResponse, answer_json
from jira_pipeline.jira_sandbox.faults import FaultPlan
from jira_pipeline.jira_sandbox.sandbox import JiraSandbox
from jira_pipeline.jira_sandbox.site_rules import SiteRules
from jira_pipeline.jira_sandbox.site_worlds import WORLDS

CONTROL_PREFIX = "/_sandbox/"


def answer_control(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    """Answer a call of the sandbox's own API."""
    name = request.path.removeprefix(CONTROL_PREFIX).rstrip("/")
    calls = CONTROLS.get(name)
    if calls is None:
        return answer_json({"message": f"known are {', '.join(CONTROLS)}"}, status=404)
    call = calls.get(request.method)
    if call is None:
        return answer_json({"message": "Method Not Allowed"}, status=405)
    try:
        return call(sandbox, request)
    except ValidationError as error:
        return answer_json({"message": str(error)}, status=400)


def show_faults(sandbox: JiraSandbox, _request: SandboxRequest) -> SandboxResponse:
    """Show the plan in force and what struck so far."""
    return answer_json(
        {
            "plan": sandbox.faults.plan.model_dump(mode="json"),
            "strikes": [asdict(one) for one in sandbox.faults.strikes()],
        }
    )


def put_faults(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    """Put a plan into force; everything is counted anew."""
    sandbox.faults.set_plan(FaultPlan.model_validate_json(request.body))
    return show_faults(sandbox, request)


def delete_faults(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    """Let nothing go wrong any more; held work is still done when it is due."""
    sandbox.faults.set_plan(FaultPlan())
    return show_faults(sandbox, request)


def show_rules(sandbox: JiraSandbox, _request: SandboxRequest) -> SandboxResponse:
    """Show the rules of the site, without what worlds change."""
    return answer_json(sandbox.rules().model_dump(mode="json"))


def put_rules(sandbox: JiraSandbox, request: SandboxRequest) -> SandboxResponse:
    """Give the site other rules; they stay with the file."""
    sandbox.set_rules(SiteRules.model_validate_json(request.body))
    return show_rules(sandbox, request)


def show_worlds(_sandbox: JiraSandbox, _request: SandboxRequest) -> SandboxResponse:
    """Tell which site worlds there are."""
    return answer_json({name: world.summary for name, world in sorted(WORLDS.items())})


def show_journal(sandbox: JiraSandbox, _request: SandboxRequest) -> SandboxResponse:
    """Show every request of clients and what it changed."""
    entries = [asdict(entry) for entry in sandbox.journal()]
    return answer_json([{**one, "at": one["at"].isoformat()} for one in entries])


Control = Callable[[JiraSandbox, SandboxRequest], SandboxResponse]

CONTROLS: Mapping[str, Mapping[str, Control]] = {
    "faults": {"GET": show_faults, "PUT": put_faults, "DELETE": delete_faults},
    "rules": {"GET": show_rules, "PUT": put_rules},
    "worlds": {"GET": show_worlds},
    "journal": {"GET": show_journal},
}
"""Calls by name and method."""
