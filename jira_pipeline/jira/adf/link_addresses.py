"""Which addresses a link in a document may point to.

Belongs here: the policy, and judging an address by it. Does not: the mark of a link (`nodes`).
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_OUTER_SPACE = " \t\n\r\f\x0b"
_AUTHORITY_SCHEMES = frozenset({"http", "https", "ftp", "ftps"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPolicy:
    """Which links survive; the text of the others stays without a link."""

    schemes: frozenset[str] = frozenset({"http", "https", "mailto"})
    is_relative_allowed: bool = False
    """Relative addresses would point into Jira's own site, not where the author meant."""


DEFAULT_LINK_POLICY: Final = LinkPolicy()


def safe_href(value: str, policy: LinkPolicy = DEFAULT_LINK_POLICY) -> str | None:
    """Clean an address; `None` when it may not be linked to.

    Control characters are taken out first, as browsers do, so that they cannot hide a scheme.
    Refused are other schemes, addresses without a scheme (`//host` above all), and those with a
    user name or password, which show another host than they open.
    """
    href = _CONTROL_CHARACTERS.sub("", value).strip(_OUTER_SPACE)
    if not href:
        return None
    try:
        parts = urlsplit(href)
        host = parts.hostname
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if not scheme:
        is_relative = not href.startswith(("//", "\\", "/\\")) and _SCHEME.match(href) is None
        return href if policy.is_relative_allowed and is_relative else None
    if scheme not in policy.schemes:
        return None
    if scheme in _AUTHORITY_SCHEMES:
        return href if host and "@" not in parts.netloc and "\\" not in parts.netloc else None
    return href


def is_safe_href(value: str) -> bool:
    """Tell whether an address may be linked to exactly as it is."""
    return safe_href(value) == value
