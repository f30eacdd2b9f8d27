"""The first hour with a real Jira, rehearsed: settings as the documents give them, and no code.

The site speaks German, its projects are managed by their teams, the token has scopes, and a proxy
with a password and certificates of its own lies between, and reads along. The certificates are made
with the `openssl` program.
"""

import base64
import json
import shutil
import ssl
import subprocess
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from typing_extensions import override

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http import SandboxRequest
from jira_pipeline_tests import projects
from jira_pipeline_tests.cli.terminal import run, run_json
from jira_pipeline_tests.jira.rules_of_sites import SiteRules, give_rules
from jira_pipeline_tests.jira.sandbox_faults.faults import FaultPlan
from jira_pipeline_tests.jira.sandbox_faults.faulty_sandbox import FaultySandbox

CLOUD_SITE = "acme.atlassian.net"
GATEWAY = "api.atlassian.com"
USER, PASSWORD = "clerk", "open sesame"
TOKEN = "token-with-scopes-5d1c"
EMAIL = "scoped@sandbox.example"
WORLDS = ("localised", "team_managed", "scoped_token")
pytestmark = [
    pytest.mark.small_site,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="the program openssl is not there"),
]


@dataclass
class Proxy:
    port: int
    ca_path: Path
    asked_hosts: list[str] = field(default_factory=list)
    """Host of every tunnel, in order."""
    outside: list[str] = field(default_factory=list)
    """What could be read without ending the encryption: lines and headers of CONNECT."""

    @property
    def url(self) -> str:
        """Address with user and password, as JIRA_PROXY_URL takes it."""
        return f"http://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}"


@contextmanager
def proxied(sandbox: JiraSandbox, folder: Path) -> Iterator[Proxy]:
    """Run a proxy through which a sandbox is reached as a Jira Cloud site."""
    folder.mkdir()
    ca_path, context = _certificates(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Tunnel)
    proxy = Proxy(port=server.server_address[1], ca_path=ca_path)
    Tunnel.sandbox, Tunnel.proxy, Tunnel.tls = sandbox, proxy, context
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Tunnel(BaseHTTPRequestHandler):
    """One connection of a client: CONNECT first, then the requests inside."""

    protocol_version = "HTTP/1.1"
    sandbox: ClassVar[JiraSandbox]
    proxy: ClassVar[Proxy]
    tls: ClassVar[ssl.SSLContext]
    host = ""

    def do_CONNECT(self) -> None:
        """Open a tunnel for whoever knows the password, and end its encryption here."""
        host = self.path.partition(":")[0]
        self.proxy.asked_hosts.append(host)
        self.proxy.outside.append(f"{self.requestline}\n{self.headers}")
        given = self.headers.get("Proxy-Authorization", "").partition(" ")[2]
        if b64decode(given).decode() != f"{USER}:{PASSWORD}":
            self.send_error(407)
            return
        if host not in {CLOUD_SITE, GATEWAY}:
            self.send_error(403)
            return
        self.send_response(200)
        self.end_headers()
        self.host = host
        self.connection = self.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def answer(self) -> None:
        """Hand a request of the tunnel to the sandbox."""
        length = int(self.headers.get("Content-Length", "0"))
        path, _, query = self.path.partition("?")
        request = SandboxRequest(
            method=self.command,
            path=path,
            query=query,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length),
            origin=f"https://{self.host}",
        )
        response = self.sandbox.receive(request)
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - as http.server calls them

    @override
    def finish(self) -> None:
        """Close the tunnel, which the server knows nothing of."""
        super().finish()
        self.connection.close()

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _certificates(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make an authority and a certificate of both hosts; return the first and what uses the other."""
    ca, ca_key = folder / "company.pem", folder / "company.key"
    leaf, key, request = folder / "leaf.pem", folder / "leaf.key", folder / "leaf.csr"
    names = folder / "names"
    names.write_text(f"subjectAltName=DNS:{CLOUD_SITE},DNS:{GATEWAY}\n", encoding="utf-8")
    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    # fmt: off
    _openssl("req", "-x509", *new_key, "-keyout", ca_key, "-out", ca, "-days", "2",
             "-subj", "/CN=The company", "-addext", "keyUsage=critical,keyCertSign")
    _openssl("req", *new_key, "-keyout", key, "-out", request, "-subj", f"/CN={CLOUD_SITE}")
    _openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-CAcreateserial",
             "-out", leaf, "-days", "2", "-extfile", names)
    # fmt: on
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf, key)
    return ca, context


def _openssl(*arguments: object) -> None:
    command = ["openssl", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FaultySandbox]:
    """A site that calls itself by a name of Atlassian's."""
    path = tmp_path / "site.sqlite"
    with FaultySandbox(
        path,
        clock=lambda: datetime.now(UTC),  # noqa: TID251 - a site has a clock
        faults=FaultPlan(worlds=WORLDS),
    ) as sandbox:
        give_rules(sandbox, SiteRules(known_tokens=(TOKEN,)))
        sandbox.set_base_url(f"https://{CLOUD_SITE}")
        sandbox.ensure_project("UHR")
        yield sandbox


@pytest.fixture
def proxy(site: FaultySandbox, tmp_path: Path) -> Iterator[Proxy]:
    with proxied(site, tmp_path / "proxy") as opened:
        yield opened


def put_settings(project: Path, proxy: Proxy, **changed: object) -> None:
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
