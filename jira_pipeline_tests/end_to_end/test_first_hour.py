"""The first hour with a real Jira, rehearsed: settings as the documents give them, and no code.

The site speaks German, its projects are managed by their teams, the token has scopes, and a proxy
with a password and certificates of its own lies between.
"""

import base64
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from jira_pipeline.jira.sandbox.site_rules import SiteRules
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.end_to_end.tunnel_proxy import (
    CLOUD_SITE,
    GATEWAY,
    PASSWORD,
    Proxy,
    proxied,
)
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultPlan
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

TOKEN = "token-with-scopes-5d1c"
EMAIL = "scoped@sandbox.example"
WORLDS = ("localised", "team_managed", "scoped_token")

pytestmark = [
    pytest.mark.small_site,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="the program openssl is not there"),
]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FaultySandbox]:
    """A site that calls itself by a name of Atlassian's."""
    path = tmp_path / "site.sqlite"
    with FaultySandbox(
        path,
        clock=lambda: datetime.now(UTC),  # noqa: TID251 - a site has a clock
        faults=FaultPlan(worlds=WORLDS),
    ) as sandbox:
        sandbox.set_rules(SiteRules(known_tokens=(TOKEN,)))
        sandbox.set_base_url(f"https://{CLOUD_SITE}")
        sandbox.ensure_project("UHR")
        yield sandbox


@pytest.fixture
def proxy(site: FaultySandbox, tmp_path: Path) -> Iterator[Proxy]:
    """The only way to that site."""
    with proxied(site, tmp_path / "proxy") as opened:
        yield opened


def put_settings(project: Path, proxy: Proxy, **changed: object) -> None:
    """Write `.env` as a person does."""
    settings = {
        "JIRA_BASE_URL": f"https://{CLOUD_SITE}",
        "JIRA_EMAIL": EMAIL,
        "JIRA_API_TOKEN": TOKEN,
        "JIRA_PROJECT_KEY": "UHR",
        "JIRA_PROXY_URL": proxy.url,
        "JIRA_CA_BUNDLE": proxy.ca_path,
        **changed,
    }
    lines = [f"{name}={value}" for name, value in settings.items()]
    (project / ".env").write_text("\n".join(lines), encoding="utf-8")


def test_the_first_hour_with_a_real_site_takes_documented_settings_only(
    reviewed: Path, site: FaultySandbox, proxy: Proxy
) -> None:
    put_settings(reviewed, proxy)

    checked = run("check-project", "--session", "museum", "--json")
    report = json.loads(checked.out)
    assert run("tickets", "ready", "museum", "--all").exit_code == 0
    exported = run("export", "museum", "--yes")
    results = run_json("results", "museum")
    cloud_id = report["site_id"]
    put_settings(reviewed, proxy, JIRA_BASE_URL=f"https://{GATEWAY}/ex/jira/{cloud_id}/")
    through_it = run_json("results", "museum")
    again = run("export", "museum", "--yes")

    assert checked.exit_code == 0, report
    assert report["issue_type"]["name"] == "Aufgabe"
    assert [one["name"] for one in report["link_types"]] == ["Blockiert", "Bezug"]
    assert report["is_team_managed"]
    assert "write:jira-work" in report["needed_scopes"]
    assert report["target"] == f"https://{CLOUD_SITE}"
    assert exported.exit_code == 0, exported.out + exported.err
    assert again.exit_code == 0, again.out + again.err
    assert results["total_tickets_created"] == projects.SMALL_TICKETS
    assert through_it["jira_tickets"] == results["jira_tickets"]
    assert {one["fix_type"] for one in results["manual_fixes"]} == {"priority_unavailable"}
    assert any("priority is not on the create screen" in text for text in report["warnings"])
    assert all(
        one["jira_url"].startswith(f"https://{CLOUD_SITE}/browse/")
        for one in results["jira_tickets"]
    )
    with site.state.reading() as rows:
        assert rows.execute("SELECT count(*) FROM issue").fetchone()[0] == projects.SMALL_TICKETS
    assert set(proxy.asked_hosts) == {CLOUD_SITE, GATEWAY}
    header = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
    assert not [text for text in proxy.outside if TOKEN in text or header in text]


def test_what_is_missing_is_named_by_its_setting(reviewed: Path, proxy: Proxy) -> None:
    """No password, no certificates, a wrong token."""
    for name, value in {
        "JIRA_PROXY_URL": f"http://127.0.0.1:{proxy.port}",
        "JIRA_CA_BUNDLE": "",
        "JIRA_API_TOKEN": "another",
    }.items():
        put_settings(reviewed, proxy, **{name: value})

        checked = run("check-project")

        shown = " ".join((checked.out + checked.err).split())
        assert checked.exit_code != 0, name
        assert name in shown
        assert PASSWORD not in shown
        assert TOKEN not in shown
