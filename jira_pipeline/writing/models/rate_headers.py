"""What the headers of an answer say of the limits of a provider.

Belongs here: how long to wait until a request like the last one fits. Does not: waiting
(`request_pace`), what a refusal asks for (`model_calls`).

Both providers say how much of a limit is left and when all of it is; it comes back evenly.
Sources: OpenAI, "Rate limits"; Anthropic, "Rate limits", response headers; both 2026.
"""

import re
from collections.abc import Mapping
from datetime import datetime

LONGEST_WAIT_SECONDS = 60.0
"""The limits of both are per minute."""
_DURATION = re.compile(
    r"(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m(?!s))?(?:(?P<s>\d+(?:\.\d+)?)s)?(?:(?P<ms>\d+(?:\.\d+)?)ms)?"
)
_UNITS = {"h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


def seconds_until_room(
    headers: Mapping[str, str], *, tokens_in: int, tokens_out: int, now: datetime
) -> float:
    """Return how long until one more request of that size fits; 0 where nothing says otherwise."""
    needed = {
        "requests": 1,
        "tokens": tokens_in + tokens_out,
        "input-tokens": tokens_in,
        "output-tokens": tokens_out,
    }
    waits = [0.0]
    for kind, amount in needed.items():
        for form in (f"x-ratelimit-{{}}-{kind}", f"anthropic-ratelimit-{kind}-{{}}"):
            limit = headers.get(form.format("limit"), "")
            left = headers.get(form.format("remaining"), "")
            if not (limit.isdecimal() and left.isdecimal()) or int(left) >= int(limit):
                continue
            missing = (min(amount, int(limit)) - int(left)) / (int(limit) - int(left))
            reset_seconds = _seconds(headers.get(form.format("reset"), ""), now=now)
            waits.append(missing * reset_seconds)
    return min(LONGEST_WAIT_SECONDS, max(waits))


def _seconds(reset: str, *, now: datetime) -> float:
    """Read a duration such as `6m0s` or `12ms`, or a time; 0 where it is neither."""
    found = _DURATION.fullmatch(reset)
    if found is not None:
        return sum(float(found[unit] or 0) * seconds for unit, seconds in _UNITS.items())
    try:
        return max(0.0, (datetime.fromisoformat(reset) - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0
