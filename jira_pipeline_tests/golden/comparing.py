"""Lists what differs between what was frozen and what is."""

import difflib
from collections.abc import Iterator

LINES_SHOWN = 30
"""Of each file."""


def difference(frozen: str, now: str, *, name: str, is_all: bool = False) -> str:
    """Return a unified diff in which each hunk names its item; empty where nothing differs."""
    if frozen == now:
        return ""
    before, after = frozen.splitlines(), now.splitlines()
    lines = [*_hunks(before, after)]
    shown = lines if is_all else lines[:LINES_SHOWN]
    left = [f"  … and {len(lines) - len(shown)} more lines"] if len(lines) > len(shown) else []
    return "\n".join((name, *shown, *left))


def _hunks(before: list[str], after: list[str]) -> Iterator[str]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for kind, old, old_end, new, new_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        heads = (line for line in reversed(after[: new + 1]) if line.startswith("== "))
        yield f"  @@ line {new + 1}{' · ' + head[3:] if (head := next(heads, '')) else ''}"
        yield from (f"  - {line}" for line in before[old:old_end])
        yield from (f"  + {line}" for line in after[new:new_end])
