"""ShareDo packages for tests: made, changed, read and grouped, and what their tickets say.

Belongs here: what tests of several rooms make of packages. Does not: what they hold (the tests).
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jira_pipeline.drupal.ticket_rows import TicketRows
from jira_pipeline.jira.adf import AdfNode
from jira_pipeline.model.entities import Entity, Specification
from jira_pipeline.model.entity_groups import EntityGroup
from jira_pipeline.model.findings import Finding
from jira_pipeline.model.open_questions import OpenQuestion
from jira_pipeline.sharedo.comparison import (
    COMPARISON_FILE,
    Comparison,
    Side,
    Sides,
    compare_sides,
)
from jira_pipeline.sharedo.packages import Component, JsonValue, SharedoPackage
from jira_pipeline.sharedo.reading.packages import PackageLimits, read_package_file
from jira_pipeline.sharedo.reading.reading import read_components, read_packages
from jira_pipeline.sharedo.sandbox.sharedo_sandbox import (
    MadeEnvironment,
    build_package,
    made_environments,
)
from jira_pipeline.tickets.grouping.grouping import group_entities
from jira_pipeline.tickets.questions.found_questions import all_open_questions
from jira_pipeline.tickets.template import TemplateWriter
from jira_pipeline_tests.end_to_end.reading_back import JOINED_BY, read_tables
from jira_pipeline_tests.tickets.documents.made_tickets import first_ticket, render_whole_document
from jira_pipeline_tests.writing import sites

DRUPAL_WORDS = re.compile(
    r"\b(?:Drupal|bundle|content type|paragraph|vocabular|node|view mode|site builder|sheet)\b",
    re.IGNORECASE,
)
"""What no ticket of a package says."""

ONE_OF_EACH = made_environments(Path(__file__).with_name("environment.json").read_bytes())["one"]
"""An environment with a component of each kind, the work type Lease among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a folder of packages became."""

    specification: Specification
    groups: tuple[EntityGroup, ...]
    findings: tuple[Finding, ...]

    @property
    def by_title(self) -> Mapping[str, EntityGroup]:
        return {group.title: group for group in self.groups}

    @property
    def questions(self) -> tuple[tuple[EntityGroup, OpenQuestion], ...]:
        return all_open_questions(self.groups, self.specification)


def session_of(folder: Path) -> Session:
    comparison = folder / COMPARISON_FILE
    reading = read_packages(
        sorted(folder.glob("*.zip")),
        comparison=comparison if comparison.exists() else None,
        limits=PackageLimits(),
        secret_key=b"any",
    )
    read = read_components(reading.tables)
    specification = Specification(entities=read.entities)
    grouping = group_entities(specification)
    return Session(
        specification=specification,
        groups=grouping.groups,
        findings=(*reading.findings, *read.findings, *grouping.findings),
    )


def packed(folder: Path, environment: MadeEnvironment, *keys: str, name: str = "one.zip") -> Path:
    folder.mkdir(exist_ok=True)
    wanted = keys or tuple(environment.by_key)
    (folder / name).write_bytes(build_package(environment, wanted))
    return folder


def compare(folder: Path, first: str, second: str) -> None:
    """Have packages of a folder compared; of each side its name and its packages."""
    read = {p.name: read_package_file(p, secret_key=b"any") for p in folder.glob("*.zip")}
    sides = sides_of(read, first.split(), second.split())
    (folder / COMPARISON_FILE).write_text(sides.model_dump_json(), encoding="utf-8")


def sides_of(
    packages: Mapping[str, SharedoPackage], first: Sequence[str], second: Sequence[str]
) -> Sides:
    """Name two sides, and their packages; each lacks what the other has and it does not name."""
    components = {
        name: [c for file in files if file in packages for c in packages[file].components]
        for name, *files in (first, second)
    }
    keys = {component.key for of_side in components.values() for component in of_side}
    return Sides(
        **{
            place: Side(
                name=name,
                packages=tuple(files),
                lacks=tuple(
                    sorted(keys - {d.target_key for c in components[name] for d in c.dependencies})
                ),
            )
            for place, (name, *files) in (("first", first), ("second", second))
        }
    )


def changed_payload(path: Path, part: str, change: Any) -> None:
    """Rewrite one part of a package."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = next(name for name in parts if name.startswith(f"data/{part}"))
    payload = json.loads(parts[name])
    change(payload)
    parts[name] = json.dumps(payload).encode()
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for other, content in parts.items():
            archive.writestr(other, content)
    path.write_bytes(written.getvalue())


def briefs_of(found: Session) -> tuple[TicketRows, ...]:
    return sites.briefs_of(found.specification, found.groups)


def document_of(found: Session, title: str) -> AdfNode:
    (brief,) = [b for b in briefs_of(found) if b.group.title == title]
    groups = {group.key: group for group in found.groups}
    ticket = first_ticket(brief.group, TemplateWriter().write(brief), session_key="any")
    return render_whole_document(ticket, brief.group, groups=groups)


def table_faults_of(found: Session) -> list[str]:
    """Name each cell of a row that its ticket shows in no table, and each that no row has.

    A value is looked for beside the line of its row, or in the settings; a name is a value, too.
    """
    faults = []
    for group in found.groups:
        tables = read_tables(document_of(found, group.title))
        shown = [(lines, {*cells, *t.same_for_all}) for t in tables for lines, cells in t.rows]
        rows = [(row in group.heads, row) for row in (*group.heads, *group.members)]
        for is_head, row in rows:
            beside = set().union(
                *(
                    cells
                    for lines, cells in shown
                    if (row.source.line in lines if lines else is_head)
                )
            )
            faults += [
                f"{group.title} lacks {v!r}"
                for v in filter(None, row.cells.values())
                if v not in beside
            ]
        for lines, cells in shown:
            own = [row for is_head, row in rows if (row.source.line in lines if lines else is_head)]
            known = {part for row in own for part in (*row.cells.values(), *names_of(row))}
            faults += [
                f"{group.title} invents {cell!r} at {lines}"
                for cell in cells
                if cell and cell not in known and not {*cell.split(JOINED_BY)} <= known
            ]
    return faults


def names_of(row: Entity) -> Iterator[str]:
    """Yield what names the values of a row: its list, its columns, items of lists inside it."""
    yield from ("Settings", row.source.file.rpartition("/")[2])
    for column in row.cells:
        yield from (column, *(column[: dot.start()] for dot in re.finditer(r"\.", column)))
        yield column.rpartition("].")[2]


def prose_of(found: Session) -> Mapping[str, str]:
    """What the writer says in each ticket, without markup, by title."""
    writer = TemplateWriter()
    by_title = {}
    for brief in briefs_of(found):
        parts = writer.write(brief).parts
        prose = f"{parts.user_story}\n{parts.analysis}\n{parts.questions}\n{parts.verification}"
        by_title[brief.group.title] = re.sub(r"<[^>]+>", "", prose.replace("</li>", "\n"))
    return by_title


def compared_packages(
    first: Sequence[SharedoPackage], second: Sequence[SharedoPackage], **of_second: Any
) -> Comparison:
    """Compare the packages of `test` with those of `live`."""
    packages = {
        f"{name}-{number}.zip": package
        for name, some in (("test", first), ("live", second))
        for number, package in enumerate(some)
    }
    files = [[n for n in packages if n.startswith(side)] for side in ("test-", "live-")]
    sides = sides_of(packages, ["test", *files[0]], ["live", *files[1]])
    changed = sides.model_copy(update={"second": sides.second.model_copy(update=of_second)})
    return compare_sides(changed, packages)


def package_of(*payloads: JsonValue, title: str = "A") -> SharedoPackage:
    """Return a package of which each payload is a work type."""
    components = []
    for number, payload in enumerate(payloads):
        assert isinstance(payload, dict)
        components.append(
            Component(
                key=f"sharedo-type:t{number}",
                provider="sharedo-type",
                name=f"t{number}",
                title=title,
                payload=payload,
                dependencies=(),
                file="a.zip",
                part="data/a.json",
                content_hash=repr(payload),
            )
        )
    return SharedoPackage(
        file="a.zip",
        sha256="",
        exported_from="",
        platform_version="",
        components=tuple(components),
    )
