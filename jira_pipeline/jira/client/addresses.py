"""Where requests may go: the configured site, or Atlassian's gateway to it.

Belongs here: which addresses are usable, what they say of the site. Does not: sending
(`connection`), when the gateway is tried (`exchange`).

An API token with scopes is taken at the gateway only,
`https://api.atlassian.com/ex/jira/{cloudId}`. The host is fixed, so that a token goes to Atlassian
and to nobody else. Source: docs/jira_answers.md.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from jira_pipeline.model.errors import ConfigurationError
from jira_pipeline.model.issue_tracker import GATEWAY_HOST

ATLASSIAN_SITES = ".atlassian.net"
GATEWAY_PATH = "/ex/jira/"
_CLOUD_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SITE_ACTION = "Set JIRA_BASE_URL to the site, such as https://example.atlassian.net."
_GATEWAY_ACTION = (
    f"Or to https://{GATEWAY_HOST}{GATEWAY_PATH} and the cloud id that the site shows at "
    "/_edge/tenant_info."
)


def checked_base_url(base_url: str) -> str:
    """Return the address without a slash at the end, if requests may go there.

    Raises:
        ConfigurationError: It is no address, not https (plain http only to this host), carries a
            user, a query or a fragment, or is the gateway without the cloud id of a site.
    """
    import httpx  # noqa: PLC0415 - slow; commands that send nothing read a cloud id only

    try:
        parts = urlsplit(base_url)
        is_address = bool(httpx.URL(base_url).host) and parts.port != 0
    except (ValueError, httpx.InvalidURL):
        raise _unusable("not an address") from None  # the cause shows the address, user and all
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
    is_bare = "@" not in parts.netloc and not parts.query and not parts.fragment
    if not is_address or not is_safe or not is_bare or any(c.isspace() for c in base_url):
        raise _unusable(f"{parts.scheme or 'no scheme'}://{parts.hostname or 'no host'}")
    address = base_url.rstrip("/")
    if parts.hostname != GATEWAY_HOST:
        return address
    # in the one form it has: ids are compared, and identify
    path = urlsplit(address).path
    url = gateway_url(path.rpartition("/")[2])
    if url is None or parts.port not in {None, 443} or path.lower() != urlsplit(url).path:
        raise ConfigurationError(
            f"JIRA_BASE_URL is not usable: the address of {GATEWAY_HOST} does not name a site.",
            recovery_actions=(_SITE_ACTION, _GATEWAY_ACTION),
        )
    return url


def site_of_page(url: str) -> str:
    """Return the site of an address below *.atlassian.net, which has all of Jira; others as is.

    People copy the address of a board or an issue: /jira/software/projects/WEB/boards/1.
    """
    try:
        parts = urlsplit(url)
        is_site = (parts.hostname or "").endswith(ATLASSIAN_SITES)
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc}" if is_site else url


def gateway_url(cloud_id: str) -> str | None:
    """Return the gateway's address of a site; None where that is no cloud id."""
    lower_id = cloud_id.lower()
    return (
        f"https://{GATEWAY_HOST}{GATEWAY_PATH}{lower_id}" if _CLOUD_ID.fullmatch(lower_id) else None
    )


def cloud_id_of(base_url: str) -> str | None:
    """Return the cloud id in an address of the gateway; None in any other."""
    parts = urlsplit(base_url)
    is_gateway = parts.hostname == GATEWAY_HOST
    return parts.path.rstrip("/").rpartition("/")[2].lower() if is_gateway else None


def is_atlassian_site(base_url: str) -> bool:
    """Tell whether Atlassian itself serves this address, so that its word on the cloud id counts."""
    parts = urlsplit(base_url)
    return (
        parts.scheme == "https"
        and parts.port in {None, 443}
        and (parts.hostname or "").endswith(ATLASSIAN_SITES)
    )


def _unusable(what: str) -> ConfigurationError:
    return ConfigurationError(
        f"JIRA_BASE_URL is not usable: {what}; "
        "it must use https and contain only a host and a path.",
        recovery_actions=(_SITE_ACTION,),
    )


def is_loopback(host: str | None) -> bool:
    """Tell whether a name or address is of this machine."""
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
