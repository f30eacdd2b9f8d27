"""Comparing two ShareDo environments by new exports.

Belongs here: what is exported of each side. Does not: what differs (`sharedo/comparison`),
sessions of packages (`upload`).
"""

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.entities import PACKAGE_SUFFIX
from jira_pipeline.model.errors import PipelineError, WrongUseError
from jira_pipeline.model.sessions import session_key_from
from jira_pipeline.model.sharedo_jobs import ExportJob, ExportParameters
from jira_pipeline.sharedo.comparison import (
    Comparison,
    Side,
    SideFailure,
    Sides,
    compare_sides,
)
from jira_pipeline.sharedo.errors import ComponentMissingError
from jira_pipeline.sharedo.export_answers import Listener
from jira_pipeline.sharedo.export_jobs import (
    opened_environment,
    package_path,
    wanted_export,
)
from jira_pipeline.sharedo.jobs.jobs import export_batch
from jira_pipeline.sharedo.jobs.tools import ExportTools
from jira_pipeline.sharedo.packages import SharedoPackage
from jira_pipeline.sharedo.reading.packages import read_package_file

KEY_BYTES = 32
Exports = Mapping[ExportParameters, ExportJob | PipelineError]
"""What came of each thing that was to be exported of an environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedSide:
    """New packages of one environment."""

    side: Side
    paths: Mapping[str, Path]
    """Packages by the name they get in a session, which tickets cite."""
    errors: tuple[PipelineError, ...]
    """Of exports, in the order of what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedComparison:
    """New exports of two environments, and what differs."""

    comparison: Comparison
    first: ExportedSide
    second: ExportedSide


def export_environment(
    pipeline: Pipeline,
    environment: str,
    items: Sequence[tuple[str, str]],
    *,
    includes_dependencies: bool,
    listener: Listener,
) -> ExportedSide:
    """Export things of one environment; `items` are kinds, or providers, and system names.

    Raises:
        WrongUseError: There is no such environment.
        PipelineError: Nothing could be exported.
    """
    with opened_environment(pipeline, environment, listener=listener) as tools:
        exports = _exports(tools, items, includes_dependencies=includes_dependencies)
    exported = _side_of(pipeline, environment, exports)
    if not exported.paths:
        raise exported.errors[0]
    return exported


def compare_environments(
    pipeline: Pipeline,
    first: str,
    second: str,
    items: Sequence[tuple[str, str]],
    *,
    includes_dependencies: bool,
    listener: Listener,
) -> ExportedComparison:
    """Export the same things of two environments, both at once, and compare them.

    Dependencies reach different things in two environments: what only one side has is then asked
    of the other one by name. What cannot be exported is not compared; what an environment says it
    does not have, the other side alone has.

    Raises:
        WrongUseError: There is no such environment, it is the same twice, or the names of two
            cannot be told apart in those of packages.
        PackageInvalidError: An environment has no provider of such a kind.
        PipelineError: Nothing could be exported of either side.
    """
    if first == second:
        raise WrongUseError(f"Both sides are environment {first}: name two different ones.")
    names = (first, second)
    key = secrets.token_bytes(KEY_BYTES)
    with ExitStack() as stack:
        # one client and one limit of requests for both rounds of an environment
        opened = [
            stack.enter_context(opened_environment(pipeline, name, listener=listener))
            for name in names
        ]
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=len(opened)))
        deep = partial(_exports, items=items, includes_dependencies=includes_dependencies)
        our_exports, their_exports = pool.map(deep, opened)
        ours = _side_of(pipeline, first, our_exports)
        theirs = _side_of(pipeline, second, their_exports)
        if includes_dependencies:
            # what one side did not reach is unknown there, not absent
            held, there = _held(ours, key), _held(theirs, key)
            unasked = (_not_asked(ours, held, there), _not_asked(theirs, there, held))
            by_name = partial(_exports, includes_dependencies=False)
            our_others, their_others = pool.map(by_name, opened, unasked)
            ours = _side_of(pipeline, first, {**our_exports, **our_others})
            theirs = _side_of(pipeline, second, {**their_exports, **their_others})
    if not ours.paths and not theirs.paths:
        raise (*ours.errors, *theirs.errors)[0]
    if twice := sorted({*ours.paths} & {*theirs.paths}):
        raise WrongUseError(
            f"Packages of both environments would be called {twice[0]}: rename an environment."
        )
    comparison = compare_sides(
        Sides(first=ours.side, second=theirs.side), {**_read(ours, key), **_read(theirs, key)}
    )
    return ExportedComparison(comparison=comparison, first=ours, second=theirs)


def _exports(
    tools: ExportTools, items: Sequence[tuple[str, str]], *, includes_dependencies: bool
) -> Exports:
    """Export each thing once."""
    wanted = [
        wanted_export(
            tools.sharedo.environment,
            kind=kind,
            system_name=name,
            includes_dependencies=includes_dependencies,
        )
        for kind, name in dict.fromkeys(items)
    ]
    result = export_batch(tools, wanted)
    errors = {wanted[failure.index]: failure.error for failure in result.errors}
    return {**{job.parameters: job for job in result.jobs}, **errors}


def _side_of(pipeline: Pipeline, environment: str, exports: Exports) -> ExportedSide:
    """Gather what exports brought; that an environment does not have a thing is no failure.

    Packages are named after environment and component, with the provider where two are alike.
    """
    paths: dict[str, Path] = {}
    lacks: list[str] = []
    failures: list[SideFailure] = []
    for asked, outcome in exports.items():
        key = asked.item.key
        if isinstance(outcome, ComponentMissingError) and outcome.details.get("item") == key:
            lacks.append(key)
        elif isinstance(outcome, PipelineError):
            reason = outcome.sentence.rstrip(".")
            failures.append(SideFailure(reason=reason, component_key=key))
        elif outcome.package is not None:
            names = (asked.system_name, f"{asked.provider}-{asked.system_name}")
            files = (f"{environment}-{session_key_from(n)}{PACKAGE_SUFFIX}" for n in names)
            path = package_path(pipeline, outcome.package)
            paths[next(file for file in files if file not in paths)] = path
    return ExportedSide(
        side=Side(
            name=environment,
            packages=tuple(paths),
            lacks=tuple(lacks),
            failures=tuple(failures),
        ),
        paths=paths,
        errors=tuple(o for o in exports.values() if isinstance(o, PipelineError)),
    )


def _not_asked(side: ExportedSide, held: set[str], there: set[str]) -> list[tuple[str, str]]:
    """Return the providers and names of what the other side holds and this one was not asked for.

    What several fields select cannot be asked for by name.
    """
    answered = {*held, *side.side.lacks, *(f.component_key for f in side.side.failures)}
    parts = (key.partition(":") for key in sorted(there - answered))
    return [(provider, name) for provider, _, name in parts if not name.startswith("{")]


def _held(exported: ExportedSide, key: bytes) -> set[str]:
    packages = _read(exported, key).values()
    return {component.key for package in packages for component in package.components}


def _read(exported: ExportedSide, key: bytes) -> Mapping[str, SharedoPackage]:
    return {name: read_package_file(p, secret_key=key) for name, p in exported.paths.items()}
