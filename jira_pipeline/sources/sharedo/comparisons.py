"""A comparison as a file: what migration tickets are written from.

Belongs here: writing and reading it. Does not: comparing (`domain/sharedo_comparison`), what people
read (`stages/sharedo_comparison`), which tickets come of it.
"""

from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from jira_pipeline.domain.secret_masking import mask_secrets
from jira_pipeline.domain.sharedo_comparison import (
    Comparison,
    ComponentComparison,
    Difference,
    Outcome,
)
from jira_pipeline.domain.sharedo_packages import Component
from jira_pipeline.errors import PackageRefusedError

COMPARISON_SUFFIX = ".comparison.json"
"""A file whose name ends so holds what differs between two ShareDo environments."""
_FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _ComparisonFile:
    sharedo_comparison: int
    """Number of the format."""
    comparison: Comparison


_FILE = TypeAdapter(_ComparisonFile)


def write_comparison(comparison: Comparison) -> bytes:
    """Write a comparison as JSON.

    A component that differs keeps its form on the first side, which is wanted; one that a single side
    has keeps that; of all others the configuration is left out.
    """
    kept = replace(comparison, components=tuple(map(_slim, comparison.components)))
    return _FILE.dump_json(_ComparisonFile(sharedo_comparison=_FORMAT, comparison=kept), indent=1)


def read_comparison(content: bytes, *, file: str, secret_key: bytes) -> Comparison:
    """Read a comparison that was written as a file; secrets that somebody wrote into it are masked.

    Raises:
        PackageRefusedError: It is none, or of a newer format.
    """
    try:
        read = _FILE.validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise PackageRefusedError(
            file=file,
            reason=f"it is no comparison of environments either; {place}: {first['msg'].lower()}",
        ) from error
    if read.sharedo_comparison != _FORMAT:
        raise PackageRefusedError(
            file=file,
            reason=f"it is a comparison of format {read.sharedo_comparison}; known is {_FORMAT}",
        )
    return replace(
        read.comparison,
        components=tuple(_masked(c, secret_key) for c in read.comparison.components),
    )


def _slim(component: ComponentComparison) -> ComponentComparison:
    has_first = component.outcome in {Outcome.ADDED, Outcome.MODIFIED}
    return replace(
        component,
        first=_without_payload(component.first, is_kept=has_first),
        second=_without_payload(component.second, is_kept=component.outcome is Outcome.REMOVED),
    )


def _without_payload(component: Component | None, *, is_kept: bool) -> Component | None:
    return component if is_kept or component is None else replace(component, payload={})


def _masked(component: ComponentComparison, key: bytes) -> ComponentComparison:
    def clean(one: Component | None) -> Component | None:
        if one is None:
            return None
        payload = mask_secrets(one.payload, key=key)
        return replace(one, payload=payload if isinstance(payload, dict) else {})

    def clean_sides(difference: Difference) -> Difference:
        field = difference.path.rpartition(".")[2]
        return replace(
            difference,
            before=mask_secrets(difference.before, key=key, field=field),
            after=mask_secrets(difference.after, key=key, field=field),
        )

    return replace(
        component,
        first=clean(component.first),
        second=clean(component.second),
        differences=tuple(map(clean_sides, component.differences)),
    )
