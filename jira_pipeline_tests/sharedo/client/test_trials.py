"""What is report of an environment without changing it, on servers that answer in other ways."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import yaml
from typing_extensions import override

from jira_pipeline.kernel.sharedo_jobs import ExportItem, ExportJob
from jira_pipeline.sandbox_http.transport import SandboxTransport
from jira_pipeline.sharedo.client.environments import Environment, read_environments
from jira_pipeline.sharedo.client.exchange import ShareDoExchange
from jira_pipeline.sharedo.client.trials import Shown, TrialReport, try_settings
from jira_pipeline.sharedo.jobs.jobs import carried_out, create_job
from jira_pipeline_tests.sharedo.client.test_client import MATTER, SECRET, always, an_environment
from jira_pipeline_tests.sharedo_faults.export_world import START, ExportWorld, VirtualTime
from jira_pipeline_tests.tables import each

BASE = "/api/modeller/importexport/export"
NOTHING_HERE = httpx.Response(404, json={"errorMessage": "No resource was found."})
Answers = Mapping[tuple[str, str], Callable[[httpx.Request], httpx.Response]]
JOB = ExportJob(
    job_id="a1", parameters=MATTER, created_at=START, estimated_seconds=1.0, remote_id="77"
)


class OtherServer(httpx.BaseTransport):
    """Gives tokens elsewhere and to one grant, and for the rest what a test says."""

    def __init__(self, answers: Answers, *, grant: str = "Impersonate.Fixed") -> None:
        """Keep what is asked."""
        self.asked: list[tuple[str, str]] = []
        self._answers = answers
        self._grant = grant

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer."""
        request.read()
        asked = (request.method, request.url.path)
        self.asked.append(asked)
        if asked == ("POST", "/identity/connect/token"):
            grant = parse_qs(request.content.decode())["grant_type"]
            if grant != [self._grant]:
                return httpx.Response(400, json={"error": "unauthorized_client"})
            return httpx.Response(200, json={"access_token": "t", "expires_in": 600})
        answer = self._answers.get(asked)
        if answer is None:
            is_other_method = any(path == asked[1] for _, path in self._answers)
            return httpx.Response(405) if is_other_method else copied(NOTHING_HERE)
        return answer(request)


def copied(response: httpx.Response) -> httpx.Response:
    """Answer the same again."""
    return httpx.Response(response.status_code, headers=response.headers, content=response.content)


def usual(*, job: str = "00000000-0000-0000-0000-000000000000") -> Answers:
    """What a server answers that has another token path, no configuration export and a login."""
    unknown = always(404, json={"errorMessage": "There is no such job."})
    package = f"{BASE}/package"
    return {
        ("GET", "/.well-known/openid-configuration"): always(
            200,
            json={
                "token_endpoint": "https://identity.example.org/identity/connect/token",
                "scopes_supported": ["openid", "sharedo"],
            },
        ),
        ("GET", "/api/security/userInfo"): always(200, json={"userName": "someone"}),
        ("POST", f"{BASE}/added"): always(
            200, json={"dependencies": {"mandatory": [], "recommended": []}}
        ),
        ("OPTIONS", package): always(405, headers={"Allow": "POST"}),
        ("OPTIONS", f"{package}/{'0' * 8}-0000-0000-0000-{'0' * 12}"): always(
            405, headers={"Allow": "GET, DELETE"}
        ),
        ("GET", f"{package}/{job}/progress/"): unknown,
        ("GET", f"/modeller/__importexport/export/package/{job}/download"): always(
            302, headers={"Location": "/login"}
        ),
        ("GET", f"{package}/{job}/download"): unknown,
    }


def report_on(
    server: httpx.BaseTransport,
    environment: Environment | None = None,
    *,
    item: ExportItem | None = None,
    job: ExportJob | None = None,
) -> TrialReport:
    """What is report of a server."""
    time = VirtualTime()
    return try_settings(
        environment or an_environment(),
        opened=lambda changed: ShareDoExchange(
            changed, secret=SECRET, clock=time, timer=time, transport=server
        ),
        item=item,
        job=job,
    )


def shown_of(report: TrialReport) -> dict[tuple[str, str], Shown]:
    """What each trial showed."""
    return {(trial.setting, trial.value): trial.shown for trial in report.trials}


def test_lines_are_proposed_for_what_a_server_has_elsewhere(tmp_path: Path) -> None:
    server = OtherServer(usual())

    report = report_on(server)

    block = an_environment().model_dump(mode="json", exclude={"name"})
    proposed = yaml.safe_load(report.lines)["environments"]["dev"]
    merged = {**block, **proposed, "paths": {**block["paths"], **proposed["paths"]}}
    (tmp_path / "sharedo.yaml").write_text(yaml.safe_dump({"environments": {"dev": merged}}))
    better = read_environments(tmp_path / "sharedo.yaml", is_named=True)["dev"]
    assert (report.account, report.is_usable) == ("someone", True)
    assert proposed == {
        "grant": "Impersonate.Fixed",
        "paths": {
            "token": "/identity/connect/token",
            "download": [f"{BASE}/package/{{job}}/download"],
            "configuration": None,
        },
    }
    assert report_on(server, better).proposed == {}
    shown = shown_of(report)
    assert shown["grant", "Impersonate.Specified"] is Shown.REFUSED
    assert shown["paths.create", f"{BASE}/package"] is Shown.THERE
    assert shown["paths.progress", f"{BASE}/package/{{job}}/progress/"] is Shown.THERE
    assert shown["paths.download", "/modeller/__importexport/export/package/{job}/download"] is (
        Shown.BROWSER
    )


def test_an_answer_that_every_address_gives_shows_nothing() -> None:
    """Some servers answer OPTIONS with all methods, and 404 without a word, wherever one asks."""
    anything = {path: answer for path, answer in usual().items() if path[0] != "OPTIONS"}

    class Indifferent(OtherServer):
        @override
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "OPTIONS":
                return httpx.Response(200, headers={"Allow": "GET, POST, DELETE"})
            answer = super().handle_request(request)
            return httpx.Response(404) if answer.status_code == 404 else answer

    report = report_on(Indifferent(anything))

    unclear = {"paths.create", "paths.cancel", "paths.configuration", "paths.progress"}
    shown = {t.setting: t.shown for t in report.trials if t.setting in unclear}
    assert shown == dict.fromkeys(unclear, Shown.UNCLEAR)
    assert report.proposed.keys() == {"grant", "paths"}
    assert report.proposed["paths"] == {"token": "/identity/connect/token"}


def test_a_lookup_is_proposed_only_where_a_job_of_ours_was_found_by_its_name() -> None:
    """One that finds nothing by mistake would have lost creations sent again."""

    def finding(request: httpx.Request) -> httpx.Response:
        is_ours = request.url.params["name"] == JOB.config_name
        return httpx.Response(200, json={"items": [{"id": "77"}] if is_ours else []})

    path = ("GET", f"{BASE}/packages")
    good = OtherServer({**usual(job="77"), path: finding})
    all_of_them = always(200, json={"items": [{"id": "77"}]})

    proven = report_on(good, job=JOB).proposed["paths"]
    unproven = report_on(good).proposed["paths"]
    unfiltered = report_on(OtherServer({**usual(job="77"), path: all_of_them}), job=JOB)

    assert isinstance(proven, dict)
    assert isinstance(unproven, dict)
    assert proven["find"] == f"{BASE}/packages"
    assert "find" not in unproven
    assert shown_of(unfiltered)["paths.find", f"{BASE}/packages"] is Shown.UNCLEAR


def test_another_provider_is_found_by_a_thing_that_is_there() -> None:
    def asked(request: httpx.Request) -> httpx.Response:
        is_known = b"work-type" in request.content
        if not is_known:
            return copied(NOTHING_HERE)
        return httpx.Response(200, json={"dependencies": {"mandatory": [], "recommended": []}})

    report = report_on(OtherServer({**usual(), ("POST", f"{BASE}/added"): asked}), item=MATTER.item)

    providers = report.proposed["providers"]
    assert isinstance(providers, dict)
    assert providers["worktype"] == "work-type"
    assert providers.keys() == an_environment().providers.keys()


@each(
    ("grant", "answers"),
    [
        ("client_credentials", usual()),
        ("none", usual()),
        (
            "Impersonate.Fixed",
            {
                key: answer
                for key, answer in usual().items()
                if key != ("OPTIONS", f"{BASE}/package")
            },
        ),
    ],
    ids=["application alone", "no token", "nowhere to create"],
)
def test_an_environment_in_which_no_job_can_be_created_is_not_usable(
    grant: str, answers: Answers
) -> None:
    report = report_on(OtherServer(answers, grant=grant))

    assert not report.is_usable
    assert "grant" not in report.proposed or grant != "none"


def test_nothing_is_created_cancelled_or_exported(tmp_path: Path) -> None:
    world = ExportWorld(tmp_path)
    with world.process() as tools:
        job = carried_out(tools, create_job(tools, replace(MATTER, environment="development")))
    before = len(world.sandbox.journal())

    report = report_on(
        SandboxTransport(world.sandbox), world.environment, item=MATTER.item, job=job
    )

    sent = {(one.method, one.path) for one in world.sandbox.journal()[before:]}
    posted = {path for method, path in sent if method not in {"GET", "OPTIONS"}}
    assert posted == {
        "/development/identity/connect/token",
        f"/development{BASE}/added",
    }
    assert len(world.sandbox.jobs()) == 1
    assert report.proposed == {}
    assert {trial.shown for trial in report.trials} == {Shown.WORKS, Shown.THERE, Shown.UNCLEAR}
