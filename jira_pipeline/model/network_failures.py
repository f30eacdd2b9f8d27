"""What people read of a request that got no answer: in words, never by the name of an exception.

In: an error of the HTTP client, of whichever version. Out: what happened, such as “no connection:
Connection refused”. Two packages of clients share the names of their errors, and a subclass means what
its base means, so the names of an error and its bases are looked up.

Does not belong here: whether a write took effect (`jira/client/answers`), which errors are tried again.
"""

import re
from collections.abc import Mapping

_WORDS: Mapping[str, str] = {
    "ConnectTimeout": "no connection was made in time",
    "ReadTimeout": "no answer came in time",
    "WriteTimeout": "it took no request in time",
    "PoolTimeout": "no connection was free in time",
    "TimeoutException": "it took too long",
    "ConnectError": "no connection",
    "ReadError": "the connection broke",
    "WriteError": "the connection broke",
    "CloseError": "the connection broke",
    "NetworkError": "the connection broke",
    "ProxyError": "the proxy refused",
    "UnsupportedProtocol": "the address is neither http nor https",
    "RemoteProtocolError": "the answer broke off",
    "LocalProtocolError": "the request is not allowed in HTTP",
    "ProtocolError": "the answer is not HTTP",
    "DecodingError": "the answer cannot be unpacked",
    "TooManyRedirects": "it redirects again and again",
    "TransportError": "the connection failed",
    "HTTPStatusError": "the answer is an error",
    "RequestError": "the request failed",
    "HTTPError": "the request failed",
}
"""By the name of httpx's error or the nearest of its bases.
Source: https://www.python-httpx.org/exceptions/, read 1 December 2026."""
_TECHNICAL = re.compile(r"\[Errno -?\d+\] |\[[A-Z]+: [A-Z_]+\] | ?\(_ssl\.c:\d+\)")
"""What Python puts around the words of the system and of OpenSSL."""
_TIMEOUT = "TimeoutException"


def failure_words(error: Exception) -> str:
    """Return what happened to a request in our words alone, which repeat nothing of its address."""
    names = _names_of(error)
    return next((_WORDS[name] for name in names if name in _WORDS), "the request failed")


def failure_text(error: Exception) -> str:
    """Return what happened to a request, with the words of the system where they say more."""
    words = failure_words(error)
    detail = plain_words(str(error))
    if not detail or _TIMEOUT in _names_of(error):  # theirs are “timed out” and no more
        return words
    return f"{words}: {detail}"


def _names_of(error: Exception) -> list[str]:
    return [cls.__name__ for cls in type(error).__mro__]


def plain_words(text: str) -> str:
    """Return the words of a system's error without their numbers and places in C; one line."""
    return _TECHNICAL.sub("", " ".join(text.split())).rstrip(".")
