"""What people see of ShareDo packages and of their comparison: JSON, tables, Markdown, one page.

Belongs here: what each of them shows, in which order. Does not: reading packages
(`sources/sharedo/reading`), what differs (`sources/sharedo/comparison`), tickets made from it,
writing files and tables (`cli`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jira_pipeline.jira.adf import adf_to_markdown
from jira_pipeline.jira.adf import nodes as adf
from jira_pipeline.model.json_values import picked
from jira_pipeline.model.line_numbers import counted
from jira_pipeline.model.look.rendering import rendered_page
from jira_pipeline.sources.sharedo.comparison import (
    Comparison,
    ComponentComparison,
    Outcome,
    side_text,
)
from jira_pipeline.sources.sharedo.packages import (
    ComponentGroup,
    JsonValue,
    PackageFile,
    SharedoPackage,
    reached_from,
)

OWN = "the environment's own"
"""Said of a secret or an address that both environments have."""
_SHOWN = (Outcome.MODIFIED, Outcome.ADDED, Outcome.REMOVED, Outcome.NOT_COMPARED, Outcome.UNCHANGED)
"""The order in which a page lists them: what there is to do first."""


def comparison_markdown(comparison: Comparison) -> str:
    """Write a comparison as Markdown: what differs with its fields, the rest by name."""
    blocks = [
        adf.heading(1, title_of(comparison)),
        adf.paragraph(direction_of(comparison)),
        adf.bullet_list(
            adf.list_item(f"{comparison.counts[outcome]} {outcome_text(outcome, comparison)}")
            for outcome in _SHOWN
        ),
    ]
    if comparison.warnings:
        blocks += [
            adf.heading(2, "Warnings"),
            adf.bullet_list(map(adf.list_item, comparison.warnings)),
        ]
    for outcome in _SHOWN:
        found = comparison.with_outcome(outcome)
        if not found or outcome is Outcome.UNCHANGED:
            continue
        blocks.append(adf.heading(2, heading_of(outcome, comparison)))
        if outcome is not Outcome.MODIFIED:
            blocks.append(adf.bullet_list(adf.list_item(_line_of(c)) for c in found))
            continue
        for component in found:
            columns = (
                "Field",
                f"Before ({comparison.second})",
                f"After ({comparison.first})",
                "Severity",
            )
            rows = [adf.table_row(adf.table_header(column) for column in columns)]
            for d in component.differences:
                own = f" ({OWN})" if d.is_environments_own else ""
                texts = (d.path + own, shown_side(d.before), shown_side(d.after), d.severity.value)
                cells = (
                    adf.table_cell([adf.paragraph(adf.text_with_breaks(text))]) for text in texts
                )
                rows.append(adf.table_row(cells))
            blocks += [adf.heading(3, _line_of(component)), adf.table(rows)]
    return adf_to_markdown(adf.doc(blocks))


def comparison_page(comparison: Comparison) -> str:
    """Render a comparison as one self-contained HTML file: counts, warnings, components by outcome."""
    numbers = {component.key: n for n, component in enumerate(comparison.components, start=1)}
    sections = [
        {
            "anchor": outcome.value,
            "heading": heading_of(outcome, comparison),
            "has_differences": outcome is Outcome.MODIFIED,
            "has_reasons": outcome is Outcome.NOT_COMPARED,
            "is_folded": outcome is Outcome.UNCHANGED,
            "components": [_row_of(c, numbers[c.key]) for c in found],
        }
        for outcome in _SHOWN
        if (found := comparison.with_outcome(outcome))
    ]
    return rendered_page(
        "jira_pipeline.sources.sharedo",
        "comparison_page.html",
        listed="Components",
        ticket_groups=[
            (
                group.value,
                [
                    {"number": numbers[c.key], "title": c.title}
                    for c in comparison.components
                    if c.group is group
                ],
            )
            for group in ComponentGroup
            if any(c.group is group for c in comparison.components)
        ],
        title=title_of(comparison),
        direction=direction_of(comparison),
        first=comparison.first,
        second=comparison.second,
        facts=[(comparison.counts[o], outcome_text(o, comparison)) for o in _SHOWN],
        warnings=comparison.warnings,
        sections=sections,
    )


def title_of(comparison: Comparison) -> str:
    """Name a comparison by its sides."""
    return f"{comparison.first} compared with {comparison.second}"


def direction_of(comparison: Comparison) -> str:
    """Say which side is wanted and what is left out."""
    return (
        f"What has to change in {comparison.second} to match {comparison.first}: “before” is the "
        f"value in {comparison.second}, “after” the one in {comparison.first}. List order, "
        "ids, times and versions are not compared."
    )


def outcome_text(outcome: Outcome, comparison: Comparison) -> str:
    """Name an outcome as the reader of this comparison means it."""
    match outcome:
        case Outcome.ADDED:
            return f"only in {comparison.first}"
        case Outcome.REMOVED:
            return f"only in {comparison.second}"
        case Outcome.MODIFIED:
            return "different"
        case Outcome.UNCHANGED:
            return "alike"
        case Outcome.NOT_COMPARED:
            return "not compared"


def heading_of(outcome: Outcome, comparison: Comparison) -> str:
    return outcome_text(outcome, comparison)[:1].upper() + outcome_text(outcome, comparison)[1:]


def shown_side(value: JsonValue) -> str:
    """Write one side of a difference, with a sign for what is not there."""
    return "–" if value is None else side_text(value) or "(empty)"


def _line_of(component: ComponentComparison) -> str:
    named = f"{component.title} ({component.group.value}, {component.key})"
    return f"{named}: {component.reason}" if component.reason else named


def _row_of(component: ComponentComparison, number: int) -> dict[str, object]:
    return {
        "number": number,
        **picked(component, "title key group reason"),
        "severity": component.severity or "",
        "differences": [
            {
                **picked(d, "path severity"),
                "before": shown_side(d.before),
                "after": shown_side(d.after),
                "own": OWN if d.is_environments_own else "",
            }
            for d in component.differences
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsTable:
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    wide: str
    """The column that takes the room that is left."""


def package_facts(package: SharedoPackage) -> Mapping[str, str]:
    return {
        "package": f"{package.name or package.file} ({package.file})",
        "exported from": package.exported_from or "not stated",
        "exported on": package.created_on or "not stated",
        "by": package.created_by or "not stated",
        "platform": package.platform_version or "not stated",
        "content": package.content_hash[:12],
    }


def package_tables(package: SharedoPackage) -> tuple[ContentsTable, ...]:
    """Return what a package holds: components, files, and what it needs and does not include."""
    components = tuple(
        (
            c.group.value,
            c.title,
            c.key,
            str(len(c.dependencies)),
            str(len(reached_from([c.key], package.components)) - 1),
            _filled(c.payload),
        )
        for c in package.components
    )
    files = tuple(
        (file.name, file.distinction, ", ".join(keys) or "no component")
        for file, keys in _files_of(package)
    )
    missing = tuple((d.strength.value, d.description, d.target_key) for d in package.missing)
    tables = (
        ContentsTable(
            title=counted(len(components), "component"),
            columns=("group", "title", "key", "needs", "with theirs", "sections"),
            rows=components,
            wide="key",
        ),
        ContentsTable(
            title=counted(len(files), "file"),
            columns=("file", "content", "named by"),
            rows=files,
            wide="named by",
        ),
        ContentsTable(
            title="Must exist on the target, or come from another package",
            columns=("strength", "title", "key"),
            rows=missing,
            wide="key",
        ),
    )
    return tuple(table for table in tables if table.rows)


def package_json(package: SharedoPackage) -> dict[str, object]:
    """Return the shape that `sharedo inspect --json` answers with."""
    about = "file sha256 content_hash name created_by created_on exported_from platform_version"
    return picked(package, about) | {
        "files": [
            picked(file, "name size_bytes sha256") | {"named_by": keys}
            for file, keys in _files_of(package)
        ],
        "components": [
            picked(c, "key title group part content_hash")
            | {
                "dependencies": [
                    picked(d, "key=target_key title=description strength reasons")
                    | {"is_included": d.target_key in package.by_key}
                    for d in c.dependencies
                ],
                "reaches": [
                    key for key in reached_from([c.key], package.components) if key != c.key
                ],
                "payload": c.payload,
            }
            for c in package.components
        ],
    }


def _files_of(package: SharedoPackage) -> list[tuple[PackageFile, list[str]]]:
    """Return the files of a package by name, each with the components that name it."""
    named: dict[PackageFile, list[str]] = {file: [] for file in package.unnamed_files}
    for component in package.components:
        for file in component.files:
            named.setdefault(file, []).append(component.key)
    return sorted(named.items(), key=lambda pair: pair[0].name)


def _filled(sections: Mapping[str, JsonValue]) -> str:
    filled = sum(value not in (None, [], {}) for value in sections.values())
    return f"{filled} of {len(sections)}"
