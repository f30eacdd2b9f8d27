"""ShareDo packages as upload sessions: what they hold, or what differs between two environments.

Belongs here: putting packages into one folder that is uploaded like any other. Does not: export
jobs (`sources/sharedo/export_jobs`), reading packages (`sources/sharedo/reading/packages`),
registering a folder (`upload`).
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

from jira_pipeline.context.pipeline import Pipeline
from jira_pipeline.model.entities import PACKAGE_SUFFIX
from jira_pipeline.model.errors import NotFoundError, NotFoundKind, WrongUseError
from jira_pipeline.model.sessions import session_key_from
from jira_pipeline.model.sharedo_jobs import ExportJob, ExportType
from jira_pipeline.sessions import incoming
from jira_pipeline.sessions.incoming import IncomingUpload
from jira_pipeline.sessions.upload import upload
from jira_pipeline.sources.sharedo.comparison import COMPARISON_FILE, Comparison, SideFailure
from jira_pipeline.sources.sharedo.environment_comparison import (
    ComparisonLook,
    ComparisonState,
    ExportedPackages,
    compare_environments,
    compare_folder,
    exported_packages,
    exports_of,
    look_at_comparison,
    result_of,
    wanted_items,
)
from jira_pipeline.sources.sharedo.export_answers import Listener
from jira_pipeline.sources.sharedo.export_jobs import find_environment, package_of
from jira_pipeline.sources.sharedo.sandbox.environments import sandbox_environments
from jira_pipeline.sources.sheets.manifest import find_manifest
from jira_pipeline.sources.sheets.upload_reading import UploadOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSide:
    name: str
    packages: Mapping[str, Path]
    """Files by the name they get in the session, which tickets cite."""
    lacks: frozenset[str] | None = None
    """Keys of what the environment says it does not have; None: the packages are files."""
    failures: tuple[SideFailure, ...] = ()
    """What is not in them although it may be there: it is not compared."""


def named_side(name: str, paths: Sequence[Path]) -> PackageSide:
    """Name packages as their files are called.

    Raises:
        WrongUseError: One is no `.zip` file, or two have the same name.
    """
    for path in paths:
        if path.suffix.casefold() != PACKAGE_SUFFIX or not path.is_file():
            raise WrongUseError(
                f"{path} is not an export package (.zip).",
                recovery_actions=("Name the files that ShareDo exported.",),
            )
    if len({path.name for path in paths}) < len(paths):
        raise WrongUseError("Two packages have the same file name; rename one of them.")
    return PackageSide(name=name, packages={path.name: path for path in paths})


def upload_packages(
    pipeline: Pipeline,
    wanted: PackageSide,
    *,
    against: PackageSide | None = None,
    session_key: str | None,
    auto_approve: bool,
    actor: str,
    ignored_fields: frozenset[str] = frozenset(),
) -> UploadOutcome:
    """Register a session of packages; with `against`, of what differs from those.

    `ignored_fields` are left out of the comparison. A `session.yaml` beside the first package counts, as it does in a folder.

    Raises:
        WrongUseError: Both sides have a file of the same name.
        SheetsRefusedError: A package is refused.
    """
    twice = sorted(set(wanted.packages) & set(against.packages if against else ()))
    if twice:
        raise WrongUseError(f"Both sides have a package called {twice[0]}; rename one of them.")
    name, first = next(
        package for side in (wanted, against) if side for package in side.packages.items()
    )
    key = session_key or session_key_from(Path(name).stem)
    with tempfile.TemporaryDirectory(prefix="sharedo-upload-") as temporary:
        folder = Path(temporary, key)
        folder.mkdir()
        for side in (wanted, against) if against else (wanted,):
            for name, path in side.packages.items():
                shutil.copyfile(path, folder / name)
        manifest = find_manifest(first.parent)
        if manifest is not None:
            shutil.copyfile(manifest, folder / manifest.name)
        if against is not None:
            text = _comparison_text(wanted, against, ignored_fields=ignored_fields)
            (folder / COMPARISON_FILE).write_text(text, encoding="utf-8")
        return upload(pipeline, folder, session_key=key, auto_approve=auto_approve, actor=actor)


def _comparison_text(
    wanted: PackageSide, against: PackageSide, *, ignored_fields: frozenset[str] = frozenset()
) -> str:
    """Say which packages are of which side, as `comparison.json` does."""
    sides: dict[str, object] = {"ignored_fields": sorted(ignored_fields)}
    for place, side in (("first", wanted), ("second", against)):
        sides[place] = {
            "name": side.name,
            "packages": sorted(side.packages),
            "lacks": None if side.lacks is None else sorted(side.lacks),
            "failures": [
                {"component_key": f.component_key, "reason": f.reason} for f in side.failures
            ],
        }
    return f"{json.dumps(sides, indent=2, ensure_ascii=False, sort_keys=True)}\n"


SentFiles: TypeAlias = Sequence[tuple[str, BinaryIO]]


def receive_comparison(
    pipeline: Pipeline, first: SentFiles, second: SentFiles, *, names: tuple[str, str], by: str
) -> IncomingUpload:
    """Keep the packages of two sides for a look; a file gets the name of its side before its own.

    Raises:
        WrongUseError: A side has no package, a file is none, or both sides are called alike.
        InputError: A file cannot be taken.
        PackageRefusedError: A package cannot be read.
    """
    if session_key_from(names[0]) == session_key_from(names[1]):
        raise WrongUseError("Both sides have the same name: give each its own.")
    sent: list[tuple[str, BinaryIO]] = []
    sides = []
    for name, files in zip(names, (first, second), strict=True):
        packages = {f"{session_key_from(name)}-{file}": Path(file) for file, _ in files}
        if not files or any(p.suffix.casefold() != PACKAGE_SUFFIX for p in packages.values()):
            raise WrongUseError(
                f"{name} needs export packages (.zip), and nothing else.",
                recovery_actions=("Send the files that ShareDo exported, unopened.",),
            )
        sent += zip(packages, (content for _, content in files), strict=False)
        sides.append(PackageSide(name=name, packages=packages))
    text = _comparison_text(*sides)
    received = incoming.receive(pipeline, sent, by=by, beside={COMPARISON_FILE: text})
    compare_folder(received.folder)
    return received


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenComparison:
    """A comparison, of environments or of packages that were sent."""

    comparison_id: str
    first: str
    second: str
    state: ComparisonState
    look: ComparisonLook | None
    """Who asked, and the exports; None: of packages that were sent."""
    result: Comparison | None
    """None: there is none yet, or nothing could be exported."""

    @property
    def mark(self) -> object:
        """What differs wherever how far it is does."""
        return self.state, self.look


def see_comparison(pipeline: Pipeline, comparison_id: str) -> SeenComparison:
    """Return a comparison with what differs, once that is known."""
    if pipeline.store.sharedo_comparisons.get(comparison_id) is not None:
        look = look_at_comparison(pipeline, comparison_id)
        is_done = look.state is ComparisonState.COMPLETED
        return SeenComparison(
            comparison_id=comparison_id,
            first=look.asked.first,
            second=look.asked.second,
            state=look.state,
            look=look,
            result=result_of(pipeline, look) if is_done else None,
        )
    received = _received(pipeline, comparison_id)
    result = compare_folder(received.folder)
    return SeenComparison(
        comparison_id=comparison_id,
        first=result.first,
        second=result.second,
        state=ComparisonState.COMPLETED,
        look=None,
        result=result,
    )


def _received(pipeline: Pipeline, upload_id: str) -> IncomingUpload:
    try:
        received = incoming.find_incoming(pipeline, upload_id)
    except NotFoundError:
        raise NotFoundError(kind=NotFoundKind.COMPARISON, comparison_id=upload_id) from None
    if COMPARISON_FILE not in received.file_names:
        raise NotFoundError(kind=NotFoundKind.COMPARISON, comparison_id=upload_id)
    return received


def exported_side(
    pipeline: Pipeline,
    environment: str,
    items: Sequence[tuple[str, str]],
    *,
    includes_dependencies: bool,
    listener: Listener,
) -> PackageSide:
    """Export things of one environment; packages are named after what was asked for.

    `items` are kinds, or providers, and system names.

    Raises:
        WrongUseError: There is no such environment.
        PipelineError: Nothing could be exported.
    """
    found = find_environment(pipeline.settings, environment)
    wanted = wanted_items(found, items, includes_dependencies=includes_dependencies)
    exported = exported_packages(pipeline, wanted, listener=listener)
    if not exported.paths:
        raise exported.errors[0]
    return side_of_exports(exported)


def side_of_exports(exported: ExportedPackages) -> PackageSide:
    """Name exported packages after environment and component, with the provider where two are alike."""
    packages: dict[str, Path] = {}
    for key, path in exported.paths.items():
        provider, _, component = key.partition(":")
        name = f"{exported.environment}-{session_key_from(component)}{PACKAGE_SUFFIX}"
        if name in packages:
            name = f"{exported.environment}-{session_key_from(f'{provider}-{component}')}{PACKAGE_SUFFIX}"
        packages[name] = path
    return PackageSide(
        name=exported.environment,
        packages=packages,
        lacks=exported.lacks,
        failures=exported.failures,
    )


def name_in_session(job: ExportJob) -> str:
    """Name the package of an export as tickets cite it: after environment and component."""
    what = session_key_from(job.parameters.system_name)
    return f"{job.parameters.environment}-{what}{PACKAGE_SUFFIX}"


def upload_export(
    pipeline: Pipeline, job_id: str, *, session_key: str, actor: str
) -> UploadOutcome:
    """Register the package of a completed export as a session, to be reviewed.

    Raises:
        NotFoundError: There is no such job, or it has no package here.
        SheetsRefusedError: The package is refused.
    """
    job, path = package_of(pipeline, job_id)
    return upload_packages(
        pipeline,
        PackageSide(name=job.parameters.environment, packages={name_in_session(job): path}),
        session_key=session_key,
        auto_approve=False,
        actor=actor,
    )


def upload_comparison(
    pipeline: Pipeline, comparison_id: str, *, session_key: str, actor: str
) -> UploadOutcome:
    """Register what differs of a comparison, of environments or of packages, as a session.

    Raises:
        NotFoundError: There is none of that id, or its packages expired.
        WrongUseError: Its exports are not done, or brought nothing.
        SheetsRefusedError: Nothing differs.
    """
    if pipeline.store.sharedo_comparisons.get(comparison_id) is None:
        received = _received(pipeline, comparison_id)
        return incoming.take(
            pipeline,
            received.upload_id,
            session_key=session_key,
            auto_approve=False,
            as_new=False,
            by=actor,
        )
    look = look_at_comparison(pipeline, comparison_id)
    if look.state is not ComparisonState.COMPLETED:
        raise WrongUseError(
            f"The comparison {comparison_id} is {look.state}: it has no tickets yet.",
            recovery_actions=("Wait until its exports are done, or restart the failed ones.",),
        )
    first, second = exports_of(pipeline, look)
    return upload_packages(
        pipeline,
        side_of_exports(first),
        against=side_of_exports(second),
        session_key=session_key,
        auto_approve=False,
        actor=actor,
        ignored_fields=frozenset(look.asked.ignored_fields),
    )


def sandbox_exports(pipeline: Pipeline, *, listener: Listener) -> tuple[PackageSide, PackageSide]:
    """Export every work type of both sandbox environments, with what it needs."""
    made = sandbox_environments()
    names = sorted(
        {c.name for one in made.values() for c in one.components if c.provider == "sharedo-type"}
    )
    items = [(ExportType.WORKTYPE.value, name) for name in names]
    first, second = made
    exported = compare_environments(
        pipeline, first, second, items, includes_dependencies=True, listener=listener
    )
    return side_of_exports(exported.first), side_of_exports(exported.second)
