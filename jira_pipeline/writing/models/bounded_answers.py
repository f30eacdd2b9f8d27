"""The bounds of what a server may send: bytes, nesting, numbers, events of a stream.

Every body passes here once, before anything else reads it, so that no other reader has to expect
an answer that fills the memory or takes minutes to parse. What exceeds a bound is an
`UnusableAnswerError`: the answer arrived, and nobody can use it.

Does not belong here: how much text an answer may have, which depends on the question
(`model_calls`), and what its fields mean (`server_answers`).
"""

import json
import zlib
from collections.abc import Iterable
from typing import Any

import httpx2

ANSWER_MAX_BYTES = 10_000_000
"""After unpacking. The longest answer of 16,000 tokens has some 100 kB, as a stream 4 MB."""
STREAM_EVENTS_MAX = 50_000
"""An event has a token or more, so this is three times the longest answer."""
NUMBER_MAX = 10**12
"""No field of an answer has a larger one: the longest are times in milliseconds."""
NESTING_MAX = 100
"""An answer has five levels, and the deepest error of a gateway in front of a gateway some ten."""
READ_ENCODINGS = "gzip, deflate"
"""What is unpacked here, within the bound; the packages would unpack a body whole."""
_PACKED = {
    "gzip": 16 + zlib.MAX_WBITS,
    "x-gzip": 16 + zlib.MAX_WBITS,
    "deflate": zlib.MAX_WBITS,
}

_TOO_DEEP = "The answer is nested too deeply to be read."


class UnusableAnswerError(httpx2.DecodingError):
    """A whole answer arrived that nobody can use; the text says why, as a sentence for people.

    It is an error of httpx, because the packages of the providers pass only those on.
    """


class BrokenAnswerError(httpx2.DecodingError):
    """What arrived is no JSON, or only a part of it; asking again may help. The text is for people."""


class WebPageAnsweredError(BrokenAnswerError):
    """A web page arrived in place of an answer: something between us and the service sent it."""


async def bounded_body(response: httpx2.Response) -> bytes:
    """Read the body of a response that was sent as a stream, unpacked, and close it.

    Raises:
        UnusableAnswerError: It is larger than `ANSWER_MAX_BYTES`, or packed in an unknown way.
    """
    try:
        return await _unpacked(response)
    finally:
        await response.aclose()


async def _unpacked(response: httpx2.Response) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in {"", "identity", *_PACKED}:
        raise UnusableAnswerError(
            f"The answer is packed as {encoding[:40]}, which nobody asked for."
        )
    unpacker = zlib.decompressobj(_PACKED[encoding]) if encoding in _PACKED else None
    body = bytearray()
    async for chunk in response.aiter_raw():
        if unpacker is None:
            body += chunk
        else:
            room = ANSWER_MAX_BYTES - len(body) + 1
            try:
                body += unpacker.decompress(chunk, room)
            except zlib.error:
                raise UnusableAnswerError("The answer cannot be unpacked.") from None
        if len(body) > ANSWER_MAX_BYTES:
            raise UnusableAnswerError(
                f"The answer has more than {ANSWER_MAX_BYTES // 1_000_000} MB, and was not read."
            )
    return bytes(body)


def bounded_json(text: str | bytes) -> Any:
    """Return a text as a JSON value whose numbers are within `NUMBER_MAX`.

    Raises:
        ValueError: It is no JSON.
        UnusableAnswerError: It is nested deeper than `NESTING_MAX`.
    """
    try:
        value = json.loads(
            text, parse_int=_bounded_int, parse_float=_bounded_float, parse_constant=_no_number
        )
    except RecursionError:
        raise UnusableAnswerError(_TOO_DEEP) from None
    level = [value]
    for _ in range(NESTING_MAX):
        level = [inner for outer in level for inner in _values_in(outer)]
        if not level:
            return value
    raise UnusableAnswerError(_TOO_DEEP)


def is_within_bounds(body: bytes) -> bool:
    """Tell whether a body is no JSON, or JSON that is not nested too deeply."""
    try:
        bounded_json(body)
    except UnusableAnswerError:
        return False
    except ValueError:
        pass
    return True


def _values_in(value: Any) -> Iterable[Any]:
    """Return the values right inside a JSON value."""
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _bounded_int(digits: str) -> int:
    if len(digits) > len(str(NUMBER_MAX)):
        return -NUMBER_MAX if digits.startswith("-") else NUMBER_MAX
    return max(-NUMBER_MAX, min(NUMBER_MAX, int(digits)))


def _bounded_float(digits: str) -> float:
    return max(-NUMBER_MAX, min(NUMBER_MAX, float(digits)))


def _no_number(_name: str) -> None:
    """Return None for `NaN` and `Infinity`, which JSON does not know."""
