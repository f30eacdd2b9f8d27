"""A table of like cases is one test: ten thousand tests of their own cost every worker seconds.

Belongs here: running all cases, and naming those that fail. Does not: cases that need a folder, a
store or a mark of their own, which stay parametrised.
"""

import inspect
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import wraps
from typing import Any

import pytest
from _pytest.mark import ParameterSet

Test = Callable[..., None]


def each(
    names: str | Sequence[str],
    cases: Iterable[object],
    *,
    ids: Iterable[object] | Callable[[Any], object] | None = None,
) -> Callable[[Test], Test]:
    """Let a test run all cases, whichever fail; it takes fixtures beside their values.

    Args:
        names: Of the values of a case, as `pytest.mark.parametrize` takes them.
        cases: The values of each.
        ids: What a case is called in a failure, or makes that of a value; else its values.
    """
    named = [one.strip() for one in names.split(",")] if isinstance(names, str) else [*names]
    given = [*cases]
    rows = [_values(case, len(named)) for case in given]
    if isinstance(ids, Iterable):
        labels = [str(one) for one in ids]
    elif ids is not None:
        labels = [" ".join(str(ids(value)) for value in row) for row in rows]
    else:
        labels = [_label(case) for case in given]

    def decorated(test: Test) -> Test:
        @wraps(test)
        def table(**fixtures: object) -> None:
            failed: dict[str, Exception] = {}
            skipped: list[str] = []
            for label, row in zip(labels, rows, strict=True):
                try:
                    test(**dict(zip(named, row, strict=True)), **fixtures)
                except pytest.skip.Exception as reason:
                    skipped.append(str(reason))
                except Exception as error:  # noqa: BLE001 - all are raised below
                    error.add_note(f"in the case {label}")
                    failed[label] = error
            if failed:
                raise ExceptionGroup(f"failed in {', '.join(failed)}", [*failed.values()])
            if len(skipped) == len(rows):  # without cases it would hold nothing, and say nothing
                pytest.skip(next(iter(skipped), "there are no cases"))

        signature = inspect.signature(test)
        others = [p for p in signature.parameters.values() if p.name not in named]
        table.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined] # pytest reads it
        return table

    return decorated


def _label(case: object) -> str:
    return str(case.id) if isinstance(case, ParameterSet) and case.id else repr(case)[:300]


def _values(case: object, count: int) -> Collection[object]:
    if isinstance(case, ParameterSet):
        assert not case.marks, "what has a mark of its own stays parametrised"
        return case.values
    if count == 1:
        return (case,)
    assert isinstance(case, Collection)
    return case
