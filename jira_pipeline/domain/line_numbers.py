"""Line numbers of source files as people say them."""

from collections.abc import Collection


def line_ranges(lines: Collection[int]) -> str:
    """Say line numbers shortly, in order: `2`, `2, 5–9`."""
    ranges: list[list[int]] = []
    for line in sorted(set(lines)):
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in ranges)


def said_lines(lines: Collection[int]) -> str:
    """Say line numbers with their noun: `line 2`, `lines 2, 5–9`; nothing of no lines."""
    if not lines:
        return ""
    is_one = min(lines) == max(lines)
    return f"line{'' if is_one else 's'} {line_ranges(lines)}"
