"""Between this machine and Jira there may be a proxy, and a proxy may read along."""

import ssl
from pathlib import Path

import httpx
import pytest

from jira_pipeline.jira.client.client import JiraClient
from jira_pipeline.jira.client.connection import JiraConnection, Network
from jira_pipeline.model.actions import action_text
from jira_pipeline.model.errors import ConfigurationError, UnavailableError
from jira_pipeline.model.issue_tracker import NothingDone

PROXY = "http://us%65r:p%40ss-word@127.0.0.1:1"
"""Nobody listens there."""


def connection(base_url: str, network: Network) -> JiraConnection:
    """Connections that send nothing yet."""
    return JiraConnection(
        base_url,
        auth=("a@b.example", "made-up-token"),
        transport=None,
        timeout_seconds=5.0,
        connect_timeout_seconds=5.0,
        network=network,
    )


@pytest.mark.parametrize(
    ("base_url", "network", "mounts"),
    [
        ("https://jira.example", Network(proxy_url=PROXY), ["all://"]),
        ("https://jira.example", Network(), []),
        ("https://jira.example", Network(is_environment_trusted=True), ["https://"]),
        ("http://127.0.0.1:8765", Network(proxy_url=PROXY, is_environment_trusted=True), []),
    ],
    ids=["set", "of the environment", "of one that is trusted", "none in the clear"],
)
def test_a_proxy_is_asked_that_settings_name_or_an_environment_they_trust(
    monkeypatch: pytest.MonkeyPatch, base_url: str, network: Network, mounts: list[str]
) -> None:
    """In the clear, as to this machine, it would read the token."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv(f"{base_url.partition(':')[0].upper()}_PROXY", PROXY)

    found = connection(base_url, network)

    assert [pattern.pattern for pattern in found._kept._mounts] == mounts


def test_a_proxy_that_is_not_there_is_named_and_nothing_was_sent() -> None:
    client = JiraClient("https://jira.example", network=Network(proxy_url=PROXY))

    answer = client.create_issue({}, {})

    assert isinstance(answer, NothingDone)
    assert "p@ss-word" not in answer.reason


def test_a_tunnel_the_proxy_refuses_was_never_used() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ProxyError("407 Proxy Authentication Required p@ss-word", request=request)

    client = JiraClient(
        "https://jira.example",
        network=Network(proxy_url=PROXY),
        transport=httpx.MockTransport(refuse),
    )

    with pytest.raises(UnavailableError) as caught:
        client.whoami()

    assert isinstance(client.create_issue({}, {}), NothingDone)
    assert "JIRA_PROXY_URL" in action_text(caught.value.recovery_actions[0])
    assert "[redacted]" in caught.value.message
    assert "p@ss-word" not in caught.value.message


def test_a_certificate_nobody_vouches_for_leads_to_the_setting() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed", request=request)

    client = JiraClient("https://jira.example", transport=httpx.MockTransport(fail))

    with pytest.raises(UnavailableError) as caught:
        client.whoami()

    assert "JIRA_CA_BUNDLE" in action_text(caught.value.recovery_actions[0])


@pytest.mark.parametrize("text", [None, "no certificate"])
def test_a_bundle_without_certificates_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "ca.pem"
    if text is not None:
        path.write_text(text, encoding="utf-8")

    with pytest.raises(ConfigurationError, match="JIRA_CA_BUNDLE"):
        connection("https://jira.example", Network(ca_bundle_path=path))


def test_a_bundle_is_trusted_besides_the_usual_authorities(tmp_path: Path) -> None:
    usual = httpx.create_ssl_context(trust_env=False).get_ca_certs(binary_form=True)
    path = tmp_path / "ca.pem"
    path.write_text(ssl.DER_cert_to_PEM_cert(usual[0]), encoding="utf-8")

    found = connection("https://jira.example", Network(ca_bundle_path=path))

    context = found._options["verify"]
    assert len(context.get_ca_certs()) == len(usual)
