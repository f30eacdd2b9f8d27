"""A company's proxy before a Jira site: it asks for a password, and reads along.

Belongs here: opening tunnels for two hosts, ending their encryption with a certificate of its own
authority, handing requests to a sandbox. Does not: what a client does through it.

Certificates are made with the `openssl` program.
"""

import ssl
import subprocess
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from typing_extensions import override

from jira_pipeline.jira.sandbox.sandbox import JiraSandbox
from jira_pipeline.jira.sandbox_http.requests import SandboxRequest

CLOUD_SITE = "acme.atlassian.net"
GATEWAY = "api.atlassian.com"
USER, PASSWORD = "clerk", "open sesame"


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
