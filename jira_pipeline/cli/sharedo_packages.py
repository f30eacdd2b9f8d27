"""Commands about ShareDo packages that are files already: inspect, compare, upload."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jira_pipeline.cli.console import Screen, counted, key_values, plain_table
from jira_pipeline.cli.context import JsonOption, commanded, opened
from jira_pipeline.cli.reviewing import current_person, write_text
from jira_pipeline.errors import PackageRefusedError, WrongUseError

if TYPE_CHECKING:
    from jira_pipeline.domain.sharedo_comparison import ComparedSide, Comparison
    from jira_pipeline.domain.sharedo_packages import JsonValue, SharedoPackage

PackageArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="Export package (.zip) from ShareDo.")
]
FirstArgument = Annotated[
    Path, typer.Argument(metavar="A", help="What is wanted: a package, or a folder of packages.")
]
SecondArgument = Annotated[
    Path, typer.Argument(metavar="B", help="What is to become like it: a package or a folder.")
]


def inspect(file: PackageArgument, *, is_json: JsonOption = False) -> None:
    """Show what an export package holds and what it needs; nothing is stored.

    Passwords, tokens and keys in its configuration are shown as `[masked:…]`.
    """
    from jira_pipeline.sources.sharedo.packages import read_package_file

    with commanded(is_json=is_json) as screen:
        package = read_package_file(file, secret_key=secrets.token_bytes(32))
        screen.answer(_package_object(package))
        screen.show(
            key_values(
                {
                    "package": f"{package.name or package.file} ({package.file})",
                    "exported from": package.exported_from or "not said",
                    "exported on": package.created_on or "not said",
                    "by": package.created_by or "not said",
                    "platform": package.platform_version or "not said",
                    "content": package.content_hash[:12],
                }
            )
        )
        screen.show(
            plain_table(
                counted(len(package.components), "component"),
                ("group", "title", "key", "needs", "sections"),
                [
                    (c.group.value, c.title, c.key, len(c.dependencies), _filled(c.payload))
                    for c in package.components
                ],
                wide="key",
            )
        )
        if package.missing:
            screen.show(
                plain_table(
                    "Must exist on the target, or come from another package",
                    ("", "title", "key"),
                    [(d.strength.value, d.description, d.target_key) for d in package.missing],
                    wide="key",
                )
            )


def compare(
    first: FirstArgument,
    second: SecondArgument,
    *,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="FILE", help="Write it as one HTML page.")
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write it as Markdown.")
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="Leave a field out of the comparison; repeatable."),
    ] = None,
    is_json: JsonOption = False,
) -> None:
    """Compare two environments by their export packages; nothing is stored or changed.

    The order of lists, ids, times and versions are not compared. For example:

    jira-pipeline sharedo compare test.zip live.zip --page differences.html
    """
    from jira_pipeline.domain.sharedo_comparison import compare_sides
    from jira_pipeline.stages.sharedo_comparison import (
        comparison_json,
        comparison_markdown,
        comparison_page,
    )

    with commanded(is_json=is_json) as screen:
        key = secrets.token_bytes(32)
        names = (first.name, second.name)
        if names[0] == names[1]:
            names = (str(first), str(second))
        comparison = compare_sides(
            read_side(first, name=names[0], secret_key=key),
            read_side(second, name=names[1], secret_key=key),
            ignored_fields=frozenset(ignore or ()),
        )
        show_comparison(screen, comparison)
        for path, written in ((page, comparison_page), (markdown, comparison_markdown)):
            if path is not None:
                write_text(path, written(comparison))
                screen.say(f"Written: {path}")
        screen.answer(comparison_json(comparison))


def upload(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Export packages (.zip).")],
    *,
    session: Annotated[
        str | None,
        typer.Option(help="Key of the session; defaults to the name of the first package."),
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A package of what is to become like them; repeatable."),
    ] = None,
    names: Annotated[
        tuple[str, str],
        typer.Option(help="With --against: what the two environments are called in tickets."),
    ] = ("source", "target"),
    auto_approve: Annotated[
        bool, typer.Option("--auto-approve", help="Export valid tickets without a review.")
    ] = False,
    is_json: JsonOption = False,
) -> None:
    """Register export packages as an upload session; with --against, what differs.

    For example:

    jira-pipeline sharedo upload matter.zip
    jira-pipeline sharedo upload test.zip --against live.zip --names test live
    """
    from jira_pipeline.cli.intake import show_upload
    from jira_pipeline.sessions.sharedo_upload import named_side, upload_packages

    with opened(is_json=is_json) as (screen, pipeline):
        show_upload(
            screen,
            pipeline,
            lambda: upload_packages(
                pipeline,
                named_side(names[0], files),
                against=named_side(names[1], against) if against else None,
                session_key=session,
                auto_approve=auto_approve,
                actor=current_person(),
            ),
            session_key=session,
        )


def read_side(path: Path, *, name: str, secret_key: bytes) -> "ComparedSide":
    """Read a package, or every package of a folder; what cannot be read is not compared.

    Raises:
        PackageRefusedError: Nothing of this side can be read.
        WrongUseError: There is no such file, or no package in the folder.
    """
    from jira_pipeline.domain.sharedo_comparison import ComparedSide, SideFailure
    from jira_pipeline.sources.sharedo.packages import read_package_file

    if not path.exists():
        raise WrongUseError(
            f"{path} does not exist.",
            recovery_actions=("Give an export package (.zip), or a folder of them.",),
        )
    files = sorted(path.glob("*.zip")) if path.is_dir() else [path]
    if not files:
        raise WrongUseError(
            f"The folder {path} holds no export package (.zip).",
            recovery_actions=("Give a folder that the packages of one environment are in.",),
        )
    packages, refused = [], []
    for file in files:
        try:
            packages.append(read_package_file(file, secret_key=secret_key))
        except PackageRefusedError as error:
            refused.append(error)
    if not packages:
        raise refused[0]
    return ComparedSide(
        name=name,
        packages=tuple(packages),
        failures=tuple(
            SideFailure(reason=f"{error.file} cannot be read: {error.reason}") for error in refused
        ),
    )


def show_comparison(screen: Screen, comparison: "Comparison") -> None:
    """Show people a comparison: warnings, counts, and each field that differs."""
    from jira_pipeline.domain.sharedo_comparison import Outcome
    from jira_pipeline.stages.sharedo_comparison import (
        direction_of,
        heading_of,
        outcome_said,
        shown_side,
    )

    screen.say(direction_of(comparison))
    for warning in comparison.warnings:
        screen.say(f"Warning: {warning}")
    for component in comparison.with_outcome(Outcome.MODIFIED):
        screen.show(
            plain_table(
                f"{component.title} ({component.key})",
                ("severity", "field", "before", "after"),
                [
                    (d.severity.value, d.path, shown_side(d.before), shown_side(d.after))
                    for d in component.differences
                ],
            )
        )
    for outcome in (Outcome.ADDED, Outcome.REMOVED, Outcome.NOT_COMPARED):
        rows = [(c.group.value, c.title, c.key, c.reason) for c in comparison.with_outcome(outcome)]
        if rows:
            columns = ("group", "title", "key", "why" if outcome is Outcome.NOT_COMPARED else "")
            screen.show(plain_table(heading_of(outcome, comparison), columns, rows))
    said = [f"{count} {outcome_said(o, comparison)}" for o, count in comparison.counts.items()]
    screen.say(", ".join(said) + ".")


def _package_object(package: "SharedoPackage") -> dict[str, object]:
    return {
        "file": package.file,
        "sha256": package.sha256,
        "content_hash": package.content_hash,
        "name": package.name,
        "created_by": package.created_by,
        "created_on": package.created_on,
        "exported_from": package.exported_from,
        "platform_version": package.platform_version,
        "components": [
            {
                "key": c.key,
                "title": c.title,
                "group": c.group.value,
                "part": c.part,
                "content_hash": c.content_hash,
                "dependencies": [
                    {
                        "key": d.target_key,
                        "title": d.description,
                        "strength": d.strength.value,
                        "reasons": list(d.reasons),
                        "is_included": d.target_key in package.by_key,
                    }
                    for d in c.dependencies
                ],
                "payload": c.payload,
            }
            for c in package.components
        ],
    }


def _filled(sections: "Mapping[str, JsonValue]") -> str:
    filled = sum(value not in (None, [], {}) for value in sections.values())
    return f"{filled} of {len(sections)}"
