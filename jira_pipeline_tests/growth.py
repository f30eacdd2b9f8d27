"""How often functions of ours are called: what grows with the square of its input shows there.

Seconds say it only on a quiet machine, and no test may ask for them.
"""

import sys
from collections import Counter
from collections.abc import Callable, Mapping
from types import CodeType, FrameType

FEW_CALLS = 3_000
"""Nothing to notice even if it grows."""
ALLOWED = 1.5
"""Times the growth of the input: what happens once for all is less in the larger one."""


def calls_of(work: Callable[[], object]) -> Counter[CodeType]:
    """Count the calls of each function of the package while something is done in this thread."""
    calls = Counter[CodeType]()

    def count(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and "jira_pipeline/" in frame.f_code.co_filename:
            calls[frame.f_code] += 1

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def called_too_often(
    small: Counter[CodeType], large: Counter[CodeType], *, times: float
) -> Mapping[str, tuple[int, int]]:
    """Return the functions that are called far more than `times` as often, with both counts."""
    return {
        f"{code.co_filename}:{code.co_firstlineno} {code.co_name}": (small[code], count)
        for code, count in large.items()
        if count > max(FEW_CALLS, ALLOWED * times * small[code])
    }
